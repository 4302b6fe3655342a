//! Records: a version byte, then postcard.
//!
//! The byte lets a later release read what this one wrote. [`EventForm`] repeats the shape of
//! [`Event`] because a compact format needs the variant's number where the readable ones carry
//! its name; the compiler refuses to build it when the two drift apart.

use super::came_from;
use super::keyspaces::{STORE, damaged};
use connectors::{Error, Result};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use settlement::codes::returns::ReturnCode;
use settlement::ids::{CutId, Direction, PaymentId, TraceNumber};
use settlement::money::Cents;
use settlement::payment::{
    EntryRef, Event, Heard, Order, Payment, PaymentEvent, Receiver, ReturnRef, SideFact, State,
};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The form of most records.
pub(super) const FORM: u8 = 1;

/// The form of records with something behind them.
pub(super) const LATER: u8 = 2;

/// The form of payments that have had events of their own after facts of their side.
const SIDED: u8 = 3;

/// The form of payments whose order stands apart: only what changes is written again.
pub(super) const APART: u8 = 4;

/// The form of events of payments with a reference.
pub(super) const REFERRED: u8 = 3;

/// A version, and how many facts of its side the event with it follows.
type After = (u32, u32);

/// A payment as its own events made it, and their dates, oldest first: the way from a payment to
/// its history, without an index of its own.
#[derive(Clone, Debug, Deserialize)]
pub struct PaymentRecord {
    /// Where it stood after its last own event.
    pub payment: Payment,
    /// Year, month and day of each own event's business date; the last is of `payment.version`.
    pub dates: Vec<(i16, i8, i8)>,
    /// Of the last own events, those that follow a fact of their side: their versions, and how
    /// many facts each follows. The versions of the others have no gap.
    #[serde(skip)]
    after: Vec<After>,
    /// Whether its order stands in a record of its own.
    #[serde(skip)]
    ordered: bool,
}

/// What never changes of a payment.
#[derive(Serialize, Deserialize)]
struct OrderRecord<'a> {
    id: PaymentId,
    order: Cow<'a, Order>,
    receiver: Cow<'a, Receiver>,
    remittance: Option<Cow<'a, str>>,
    created_at: Timestamp,
    bank: Cow<'a, str>,
    reference: Option<Cow<'a, str>>,
    metadata: Cow<'a, BTreeMap<String, String>>,
}

/// What changes of a payment.
#[derive(Serialize, Deserialize)]
struct Changing<'a> {
    id: PaymentId,
    version: u32,
    state: State,
    cut: Option<Cow<'a, CutId>>,
    entry: Option<EntryRef>,
    settled_on: Option<Date>,
    hold_ended: bool,
    returned: Option<ReturnRef>,
    seen: Cow<'a, [u64]>,
    heard: Heard,
    dates: Cow<'a, [(i16, i8, i8)]>,
    after: Cow<'a, [After]>,
}

impl PaymentRecord {
    /// The record of a payment that nothing has happened to.
    pub const fn new(payment: Payment) -> PaymentRecord {
        PaymentRecord {
            payment,
            dates: Vec::new(),
            after: Vec::new(),
            ordered: false,
        }
    }

    /// The record of bytes; `order` gives those of its order, where that stands apart.
    pub fn read<B: AsRef<[u8]>>(
        bytes: &[u8],
        order: impl FnOnce() -> Result<Option<B>>,
    ) -> Result<PaymentRecord> {
        let wrong = |e| damaged(&format!("a payment cannot be read: {e}"));
        match bytes.split_first() {
            Some((&APART, changing)) => {
                let changing = postcard::from_bytes(changing).map_err(wrong)?;
                let order = order()?.ok_or_else(|| damaged("its order is not there"))?;
                PaymentRecord::of_parts(changing, order.as_ref())
            }
            Some((&SIDED, sided)) => {
                let (mut record, behind): (PaymentRecord, _) =
                    postcard::take_from_bytes(sided).map_err(wrong)?;
                let behind = postcard::from_bytes(behind).map_err(wrong)?;
                (record.payment.heard, record.after) = behind;
                Ok(record)
            }
            _ => {
                let (mut record, heard) = decode::<PaymentRecord, Heard>("a payment", bytes)?;
                record.payment.heard = heard;
                Ok(record)
            }
        }
    }

    fn of_parts(changing: Changing<'_>, order: &[u8]) -> Result<PaymentRecord> {
        let wrong = |e| damaged(&format!("its order cannot be read: {e}"));
        let (order, accepted): (OrderRecord<'_>, _) = match order.split_first() {
            Some((&LATER, record)) => {
                let (order, behind) = postcard::take_from_bytes(record).map_err(wrong)?;
                (order, came_from::read(behind)?)
            }
            _ => decode("its order", order)?,
        };
        if order.id != changing.id {
            return Err(damaged("the order of another payment stands in its place"));
        }
        let text = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
        let payment = Payment {
            id: changing.id,
            version: changing.version,
            state: changing.state,
            order: order.order.into_owned(),
            receiver: order.receiver.into_owned(),
            remittance: text(order.remittance),
            created_at: order.created_at,
            bank: order.bank.into_owned(),
            reference: text(order.reference),
            metadata: order.metadata.into_owned(),
            accepted,
            cut: changing.cut.map(Cow::into_owned),
            entry: changing.entry,
            settled_on: changing.settled_on,
            hold_ended: changing.hold_ended,
            returned: changing.returned,
            seen: changing.seen.into_owned(),
            heard: changing.heard,
        };
        Ok(PaymentRecord {
            payment,
            dates: changing.dates.into_owned(),
            after: changing.after.into_owned(),
            ordered: true,
        })
    }

    /// The bytes of what changes.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        let payment = &self.payment;
        let changing = Changing {
            id: payment.id,
            version: payment.version,
            state: payment.state,
            cut: payment.cut.as_ref().map(Cow::Borrowed),
            entry: payment.entry,
            settled_on: payment.settled_on,
            hold_ended: payment.hold_ended,
            returned: payment.returned,
            seen: Cow::Borrowed(&payment.seen),
            heard: payment.heard,
            dates: Cow::Borrowed(&self.dates),
            after: Cow::Borrowed(&self.after),
        };
        alone("a payment", APART, &changing, 128)
    }

    /// The bytes of what never changes; `None` where they stand there already.
    pub fn order_bytes(&self) -> Result<Option<Vec<u8>>> {
        if self.ordered {
            return Ok(None);
        }
        let payment = &self.payment;
        let order = OrderRecord {
            id: payment.id,
            order: Cow::Borrowed(&payment.order),
            receiver: Cow::Borrowed(&payment.receiver),
            remittance: payment.remittance.as_deref().map(Cow::Borrowed),
            created_at: payment.created_at,
            bank: Cow::Borrowed(&payment.bank),
            reference: payment.reference.as_deref().map(Cow::Borrowed),
            metadata: Cow::Borrowed(&payment.metadata),
        };
        let bytes = encode("an order", &order, &payment.accepted, 384)?;
        came_from::append(bytes, payment.accepted.as_deref()).map(Some)
    }

    /// Forgets who received it; what stands apart of it is written again.
    pub fn forget(&mut self) {
        self.payment.forget();
        self.ordered = false;
    }

    /// Notes that an event of its own happened on `date`, after `follows` facts of its side.
    pub fn happened(&mut self, date: Date, follows: u32) {
        self.dates.push((date.year(), date.month(), date.day()));
        if follows > 0 || !self.after.is_empty() {
            self.after.push((self.payment.version, follows));
        }
    }

    /// How many facts of its side are in `payment`.
    pub fn follows(&self) -> u32 {
        self.after.last().map_or(0, |(_, follows)| *follows)
    }

    /// Whether its history is not *created*, *claimed*, *sent* and what was said of its side.
    pub const fn is_apart(&self) -> bool {
        self.payment.entry.is_some() && self.dates.len() != 3
    }

    /// Date, version and number of facts before it, of each own event, oldest first.
    pub fn steps(&self) -> Result<Vec<(Date, u32, u32)>> {
        let wrong = || damaged("a payment has more dates than versions");
        let count = |len: usize| u32::try_from(len).map_err(|_| damaged("a payment's dates"));
        let plain = count(self.dates.len())?.checked_sub(count(self.after.len())?);
        let plain = plain.ok_or_else(wrong)?;
        let first = match self.after.is_empty() {
            true => self.payment.version.checked_add(1),
            false => plain.checked_add(1), // the first is 1
        };
        let first = first
            .and_then(|end| end.checked_sub(plain))
            .ok_or_else(wrong)?;
        let versions = (first..).map(|version| (version, 0)).take(plain as usize);
        let date = |(year, month, day): &(i16, i8, i8)| {
            Date::new(*year, *month, *day).map_err(|_| damaged("a payment's dates"))
        };
        let all = self
            .dates
            .iter()
            .zip(versions.chain(self.after.iter().copied()));
        all.map(|(d, (version, follows))| Ok((date(d)?, version, follows)))
            .collect()
    }
}

/// A fact of a side, without what its key says.
#[derive(Serialize, Deserialize)]
struct FactRecord {
    date: (i16, i8, i8),
    #[serde(with = "jiff::fmt::serde::timestamp::nanosecond::required")]
    at: Timestamp,
    #[serde(with = "EventForm")]
    event: Event,
    except: Vec<TraceNumber>,
}

/// The fact in bytes.
pub fn fact(bytes: &[u8]) -> Result<SideFact> {
    let (record, ()) = decode::<FactRecord, ()>("a fact", bytes)?;
    let (year, month, day) = record.date;
    Ok(SideFact {
        event: record.event,
        date: Date::new(year, month, day).map_err(|_| damaged("a fact's date"))?,
        at: record.at,
        except: record.except,
    })
}

/// The bytes of a fact.
pub fn of_fact(fact: &SideFact) -> Result<Vec<u8>> {
    let record = FactRecord {
        date: (fact.date.year(), fact.date.month(), fact.date.day()),
        at: fact.at,
        event: fact.event.clone(),
        except: fact.except.clone(),
    };
    encode("a fact", &record, &(), 64)
}

/// The event under its key's parts.
pub fn event(date: Date, payment: PaymentId, version: u32, bytes: &[u8]) -> Result<PaymentEvent> {
    let (record, was_rejected, reference) = match bytes.split_first() {
        Some((&REFERRED, referred)) => {
            let wrong = |e| damaged(&format!("an event cannot be read: {e}"));
            let (record, behind) = postcard::take_from_bytes(referred).map_err(wrong)?;
            let (rejected, reference): (bool, String) =
                postcard::from_bytes(behind).map_err(wrong)?;
            (record, rejected, Some(reference))
        }
        _ => {
            let (record, rejected) = decode::<EventRecord, bool>("an event", bytes)?;
            (record, rejected, None)
        }
    };
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
        reference,
        entry: record.entry,
        was_settled: record.was_settled,
        hold_had_ended: record.hold_had_ended,
        was_rejected,
        fact: None,
    })
}

/// The record of an event, without what its key says.
pub fn of_event(event: PaymentEvent) -> Result<Vec<u8>> {
    let (was_rejected, reference) = (event.was_rejected, event.reference);
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
    match reference {
        Some(reference) => behind(
            "an event",
            REFERRED,
            &record,
            &(was_rejected, reference),
            160,
        ),
        None => encode("an event", &record, &was_rejected, 128),
    }
}

/// The bytes of a value, and of what is behind it unless that is nothing.
fn encode<T, L>(what: &str, value: &T, later: &L, expected: usize) -> Result<Vec<u8>>
where
    T: Serialize,
    L: Serialize + Default + PartialEq,
{
    if *later != L::default() {
        return behind(what, LATER, value, later, expected);
    }
    alone(what, FORM, value, expected)
}

/// The bytes of a value.
fn alone<T: Serialize>(what: &str, form: u8, value: &T, expected: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(expected);
    bytes.push(form);
    let wrong = |e| Error::invalid(STORE, format!("{what} cannot be written: {e}"));
    postcard::to_extend(value, bytes).map_err(wrong)
}

/// The bytes of a value and of what is behind it.
fn behind<T: Serialize, L: Serialize>(
    what: &str,
    form: u8,
    value: &T,
    later: &L,
    expected: usize,
) -> Result<Vec<u8>> {
    let wrong = |e| Error::invalid(STORE, format!("{what} cannot be written: {e}"));
    let bytes = alone(what, form, value, expected)?;
    postcard::to_extend(later, bytes).map_err(wrong)
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
            "{what} has form {form}, this release reads forms {FORM} to {APART}; use the release \
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
pub enum EventForm {
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
    Released {
        cut: CutId,
    },
    Approved {
        by: String,
        note: String,
    },
}
