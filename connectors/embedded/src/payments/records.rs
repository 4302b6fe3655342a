//! Records: a version byte, then postcard.
//!
//! The byte lets a later release read what this one wrote. [`EventForm`] repeats the shape of
//! [`Event`] because a compact format needs the variant's number where the readable ones carry
//! its name; the compiler refuses to build it when the two drift apart.

use super::keyspaces::{STORE, damaged};
use connectors::{Error, Result};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use settlement::codes::returns::ReturnCode;
use settlement::ids::{CutId, Direction, PaymentId, TraceNumber};
use settlement::money::Cents;
use settlement::payment::{EntryRef, Event, Heard, Payment, PaymentEvent, ReturnRef, State};

/// The form of most records.
const FORM: u8 = 1;

/// The form of records with something behind them.
const LATER: u8 = 2;

/// A payment and the dates of its events, oldest first: the way from a payment to its history,
/// without an index of its own.
#[derive(Debug, Serialize, Deserialize)]
pub struct PaymentRecord {
    /// Where it stands.
    pub payment: Payment,
    /// Year, month and day of each event's business date; the last is of `payment.version`.
    pub dates: Vec<(i16, i8, i8)>,
}

impl PaymentRecord {
    /// The record of bytes.
    pub fn read(bytes: &[u8]) -> Result<PaymentRecord> {
        let (mut record, heard) = decode::<PaymentRecord, Heard>("a payment", bytes)?;
        record.payment.heard = heard;
        Ok(record)
    }

    /// The bytes of the record.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        encode("a payment", self, &self.payment.heard, 384)
    }

    /// Notes that an event of `date` happened.
    pub fn happened(&mut self, date: Date) {
        self.dates.push((date.year(), date.month(), date.day()));
    }

    /// Date and version of each event, oldest first.
    pub fn steps(&self) -> Result<Vec<(Date, u32)>> {
        let count = u32::try_from(self.dates.len()).map_err(|_| damaged("a payment's dates"))?;
        let first = self
            .payment
            .version
            .checked_add(1)
            .and_then(|v| v.checked_sub(count));
        let first = first.ok_or_else(|| damaged("a payment has more dates than versions"))?;
        let date = |(year, month, day): &(i16, i8, i8)| {
            Date::new(*year, *month, *day).map_err(|_| damaged("a payment's dates"))
        };
        self.dates
            .iter()
            .zip(first..)
            .map(|(d, version)| Ok((date(d)?, version)))
            .collect()
    }
}

/// The event under its key's parts.
pub fn event(date: Date, payment: PaymentId, version: u32, bytes: &[u8]) -> Result<PaymentEvent> {
    let (record, was_rejected) = decode::<EventRecord, bool>("an event", bytes)?;
    Ok(PaymentEvent {
        payment,
        version,
        date,
        at: record.at,
        event: record.event,
        from: record.from,
        to: record.to,
        amount: record.amount,
        direction: record.direction,
        originator: record.originator,
        entry: record.entry,
        was_settled: record.was_settled,
        hold_had_ended: record.hold_had_ended,
        was_rejected,
    })
}

/// The record of an event, without what its key says.
pub fn of_event(event: PaymentEvent) -> Result<Vec<u8>> {
    let was_rejected = event.was_rejected;
    let record = EventRecord {
        at: event.at,
        event: event.event,
        from: event.from,
        to: event.to,
        amount: event.amount,
        direction: event.direction,
        originator: event.originator,
        entry: event.entry,
        was_settled: event.was_settled,
        hold_had_ended: event.hold_had_ended,
    };
    encode("an event", &record, &was_rejected, 128)
}

/// Payments and cents of one state.
pub fn count(key: &[u8], value: &[u8]) -> Result<(State, (u64, u64))> {
    let place = key.first().copied().map(usize::from);
    let state = place.and_then(|place| State::ALL.get(place)).copied();
    Ok((
        state.ok_or_else(|| damaged("a state it does not know"))?,
        decode::<_, ()>("a count", value)?.0,
    ))
}

/// The record of payments and cents of one state.
pub fn of_count(count: (u64, u64)) -> Result<Vec<u8>> {
    encode("a count", &count, &(), 24)
}

/// The payment and the request's hash behind an idempotency key.
pub fn request(bytes: &[u8]) -> Result<(PaymentId, [u8; 32])> {
    let (id, hash) = bytes
        .split_first_chunk::<8>()
        .ok_or_else(|| damaged("a request"))?;
    let id = PaymentId::from_key(i64::from_be_bytes(*id)).map_err(|_| damaged("a request"))?;
    Ok((id, hash.try_into().map_err(|_| damaged("a request"))?))
}

/// The record of a request.
pub fn of_request(id: PaymentId, hash: &[u8; 32]) -> Vec<u8> {
    [&id.key().to_be_bytes()[..], &hash[..]].concat()
}

/// The bytes of a value, and of what is behind it unless that is nothing.
fn encode<T, L>(what: &str, value: &T, later: &L, expected: usize) -> Result<Vec<u8>>
where
    T: Serialize,
    L: Serialize + Default + PartialEq,
{
    let more = *later != L::default();
    let mut bytes = Vec::with_capacity(expected);
    bytes.push(if more { LATER } else { FORM });
    let wrong = |e| Error::invalid(STORE, format!("{what} cannot be written: {e}"));
    let bytes = postcard::to_extend(value, bytes).map_err(wrong)?;
    match more {
        true => postcard::to_extend(later, bytes).map_err(wrong),
        false => Ok(bytes),
    }
}

/// The value of bytes, and what is behind it.
fn decode<T: DeserializeOwned, L: DeserializeOwned + Default>(
    what: &str,
    bytes: &[u8],
) -> Result<(T, L)> {
    let wrong = |e| damaged(&format!("{what} cannot be read: {e}"));
    match bytes.split_first() {
        Some((&FORM, record)) => {
            let value = postcard::from_bytes(record).map_err(wrong)?;
            Ok((value, L::default()))
        }
        Some((&LATER, record)) => {
            let (value, behind) = postcard::take_from_bytes(record).map_err(wrong)?;
            Ok((value, postcard::from_bytes(behind).map_err(wrong)?))
        }
        Some((form, _)) => Err(damaged(&format!(
            "{what} has form {form}, this release reads forms {FORM} and {LATER}; use the release \
             that wrote it"
        ))),
        None => Err(damaged(&format!("{what} is empty"))),
    }
}

/// An event without what its key says.
#[derive(Serialize, Deserialize)]
struct EventRecord {
    #[serde(with = "jiff::fmt::serde::timestamp::nanosecond::required")]
    at: Timestamp,
    #[serde(with = "EventForm")]
    event: Event,
    from: State,
    to: State,
    amount: Cents,
    direction: Direction,
    originator: String,
    entry: Option<EntryRef>,
    was_settled: bool,
    hold_had_ended: bool,
}

/// The shape of [`Event`], variants in the order in which they were first written: new ones go
/// to the end.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Event")]
enum EventForm {
    Created,
    Denied {
        reason: String,
    },
    Cancelled,
    Expired,
    Claimed {
        cut: CutId,
    },
    UploadFailed {
        file: String,
    },
    Sent {
        entry: EntryRef,
    },
    UploadUnknown {
        file: String,
    },
    Acknowledged {
        file: String,
    },
    Rejected {
        file: String,
        reason: String,
    },
    Settled {
        bank_reference: String,
        on: Date,
    },
    Returned {
        of: ReturnRef,
    },
    HoldEnded,
    Closed,
    Dishonored {
        code: ReturnCode,
        trace: TraceNumber,
    },
    Contested {
        code: ReturnCode,
        trace: TraceNumber,
    },
    ReversalSent,
    ReversalSettled,
    ReversalReturned {
        code: ReturnCode,
    },
    NoticeOfChange {
        change: String,
        trace: TraceNumber,
    },
    SettlementUndone {
        allocation: String,
        times: u32,
    },
    SettledAgain {
        bank_reference: String,
        on: Date,
        times: u32,
    },
}
