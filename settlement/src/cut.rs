//! Cutting: from payments that wait to files, batches and entries.
//!
//! [`Intake::plan`] is a function of the waiting payments, the bank's profile and where the
//! last cut ended. It sorts before it decides, so the order in which payments arrived cannot be
//! seen in the files. Everything that must be kept apart is a field of [`Lane`]; every limit is a
//! number of the profile.

mod entries;

use crate::bank::{BankProfile, MAX_TOTAL};
use crate::codes::sec::SecCode;
use crate::codes::transactions::TransactionCode;
use crate::exact::Exact;
use crate::ids::{
    BatchKey, Direction, FILE_ID_MODIFIERS, PaymentId, TRACE_SEQUENCE_MAX, TraceNumber,
};
use crate::money::Cents;
use crate::payment::{AccountKind, Order, Speed};
use crate::windows::{self, Window};
use entries::Member;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

pub use entries::{Entries, PlannedEntry};

/// A payment that waits to be cut: what the decision needs, and nothing that must be kept secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its name; also the order of entries within a batch.
    pub id: PaymentId,
    /// What was ordered.
    pub order: Order,
    /// The kind of account at the receiver's bank.
    pub account: AccountKind,
}

/// Which cut this is, and where the one before it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The business date; also the file creation date.
    pub date: Date,
    /// The window the files are for.
    pub window: Window,
    /// The last trace sequence handed out; the next cut goes on after it.
    pub last_sequence: u32,
    /// Files of this creation date cut so far: the next takes the next file id modifier.
    pub files_so_far: u32,
}

/// What entries of one batch have in common: every value of a batch header that can differ.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lane {
    /// Key of the originator in the profile: company name, id and discretionary data follow.
    pub originator: String,
    /// The entry class.
    pub sec: SecCode,
    /// Company entry description.
    pub description: String,
    /// Credits and debits apart, unless the bank wants them mixed.
    pub side: Option<Direction>,
    /// Effective entry date.
    pub effective: Date,
}

/// The entry that balances a batch against our own account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedOffset {
    /// Its trace, the last of the batch.
    pub trace: TraceNumber,
    /// Its transaction code.
    pub code: TransactionCode,
    /// How much.
    pub amount: Cents,
}

/// One batch of a planned file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedBatch {
    /// Its name in our books and on the bank's statement.
    pub key: BatchKey,
    /// What its entries have in common.
    pub lane: Lane,
    /// The banking day on which it should settle.
    pub settles_on: Date,
    /// Its entries, traces ascending.
    pub entries: Entries,
    /// The balancing entry, where the bank asks for one and the batch is one-sided.
    pub offset: Option<PlannedOffset>,
    /// Sum of its debit entries, offset included.
    pub debits: Cents,
    /// Sum of its credit entries, offset included.
    pub credits: Cents,
}

impl PlannedBatch {
    /// What every batch of every plan is, whatever was asked for: asserted where it is made, for a
    /// file that breaks one of these is rejected whole by the bank.
    fn must_hold(&self, profile: &BankProfile) {
        let key = self.key;
        let traces = self.entries.iter().map(|entry| entry.trace);
        let traces = traces.chain(self.offset.map(|offset| offset.trace));
        assert!(
            traces.is_sorted_by(|a, b| a < b),
            "batch {key}: traces do not ascend"
        );
        let places = self.entries.len().plus(usize::from(self.offset.is_some()));
        let most = profile.batch.max_entries as usize;
        assert!(
            (1..=most).contains(&places),
            "batch {key}: {places} entries"
        );
        let total = self.debits.max(self.credits);
        assert!(total <= MAX_TOTAL, "batch {key}: {total} in twelve digits");
        assert!(
            self.offset.is_none() || self.debits == self.credits,
            "batch {key}: not balanced by its offset"
        );
    }
}

/// One planned file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedFile {
    /// File id modifier, as its ASCII byte.
    pub modifier: u8,
    /// Its batches, numbered from 1.
    pub batches: Vec<PlannedBatch>,
}

/// Why a waiting payment is not in this cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Held {
    /// It belongs to another window of the same day.
    OtherWindow,
    /// The wished date is further away than the operator takes entries; it waits until then.
    TooEarly(Date),
    /// Larger than the bank's limit for one entry.
    OverEntryLimit,
    /// The profile has no such originator or does not let it use the class.
    NotAgreed,
}

/// A plan: files, and what is left for another time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The files, in the order of their modifiers.
    pub files: Vec<PlannedFile>,
    /// Who was not cut, and why, by payment id.
    pub held: Vec<(PaymentId, Held)>,
    /// The last trace sequence handed out by now.
    pub last_sequence: u32,
}

/// Why nothing can be planned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CutError {
    /// The day is not a banking day.
    #[error("{0} is not a banking day; cut on the banking day before or after it")]
    NotABankingDay(Date),
    /// 36 files a day is what the file id modifier can name.
    #[error("more than 36 files for {0}; raise the bank profile's file.max_entries")]
    TooManyFiles(Date),
    /// A name of the plan does not fit its record.
    #[error(transparent)]
    BadId(#[from] crate::ids::BadId),
    /// More money or entries than a record can state.
    #[error("the batch of {0} would exceed the field widths of its control record")]
    TooLarge(Date),
}

/// Whether a payment waits for this window, and from which banking day it counts.
///
/// A same-day request goes with the first same-day window whose cutoff it met; over the same-day
/// limit, or of a class that same-day does not take, it goes with the standard window.
pub fn lane_of(
    waiting: &Waiting,
    profile: &BankProfile,
    slot: &Slot,
) -> Result<(Lane, Date), Held> {
    let agreed = profile.originators.get(&waiting.order.originator);
    if agreed.is_none_or(|originator| !originator.classes.contains_key(&waiting.order.sec)) {
        return Err(Held::NotAgreed);
    }
    if waiting.order.amount > profile.max_entry_cents {
        return Err(Held::OverEntryLimit);
    }
    let same_day = same_day_fits(waiting, slot.date);
    if same_day != (slot.window != Window::Standard) {
        return Err(Held::OtherWindow);
    }
    let speed = if same_day {
        Speed::SameDay
    } else {
        Speed::Standard
    };
    let effective = windows::effective_entry_date(
        slot.date,
        slot.window,
        speed,
        waiting.order.effective,
        waiting.order.direction,
    )
    .map_err(|early| Held::TooEarly(early.hold_until))?;
    let side = (!profile.batch.mixed).then_some(waiting.order.direction);
    let lane = Lane {
        originator: waiting.order.originator.clone(),
        sec: waiting.order.sec,
        description: waiting.order.description.clone(),
        side,
        effective,
    };
    Ok((lane, windows::settlement_date(effective)))
}

fn same_day_fits(waiting: &Waiting, on: Date) -> bool {
    waiting.order.speed == Speed::SameDay
        && windows::same_day_eligible(waiting.order.sec, waiting.order.amount, on)
        && waiting.order.effective.is_none_or(|wished| wished <= on)
}

/// Payments on their way into a plan. Of each it keeps what its entry needs, sixteen bytes: a cut
/// of millions fits a small machine.
#[derive(Clone, Debug)]
pub struct Intake<'a> {
    profile: &'a BankProfile,
    slot: Slot,
    lanes: BTreeMap<(Lane, Date), Vec<Member>>,
    held: Vec<(PaymentId, Held)>,
}

impl<'a> Intake<'a> {
    /// Nobody yet.
    pub const fn new(profile: &'a BankProfile, slot: Slot) -> Intake<'a> {
        Intake {
            profile,
            slot,
            lanes: BTreeMap::new(),
            held: Vec::new(),
        }
    }

    /// Takes a payment into its lane; the order in which they come cannot be seen in the plan.
    pub fn take(&mut self, payment: &Waiting) {
        match lane_of(payment, self.profile, &self.slot) {
            Ok(lane) => {
                let (order, account) = (&payment.order, payment.account);
                match Member::of(payment.id, order.amount, order.direction, account) {
                    Some(member) => self.lanes.entry(lane).or_default().push(member),
                    None => self.held.push((payment.id, Held::OverEntryLimit)),
                }
            }
            Err(why) => self.held.push((payment.id, why)),
        }
    }

    /// The files of the cut.
    ///
    /// # Errors
    /// Where the date is not a banking day, or the day's files or a batch's totals exceed what
    /// their records can state.
    pub fn plan(mut self) -> Result<Plan, CutError> {
        if !crate::calendar::is_banking_day(self.slot.date) {
            return Err(CutError::NotABankingDay(self.slot.date));
        }
        let mut planner = Planner::new(self.profile, self.slot);
        for ((lane, settles_on), mut members) in self.lanes {
            members.sort_unstable_by_key(|payment| payment.id);
            members.dedup_by_key(|payment| payment.id);
            let members = Arc::new(members);
            for range in batches_of(&members, self.profile) {
                planner.batch(&lane, settles_on, &members, range)?;
            }
        }
        self.held.sort_unstable();
        self.held.dedup_by_key(|(payment, _)| *payment);
        Ok(Plan {
            files: planner.files,
            held: self.held,
            last_sequence: planner.sequence,
        })
    }
}

/// Splits a lane's members where a batch is full, by entries or by dollars of either side.
fn batches_of(members: &[Member], profile: &BankProfile) -> Vec<Range<usize>> {
    let room = entries_in_a_batch(profile);
    let most = profile.file.max_cents.min(MAX_TOTAL);
    let (mut batches, mut from, mut sides) = (Vec::new(), 0usize, [Cents::ZERO; 2]);
    for (at, member) in members.iter().enumerate() {
        let side = usize::from(member.direction == Direction::Credit);
        let within = |sum: Option<Cents>| sum.filter(|sum| *sum <= most);
        let total = within(sides[side].checked_add(member.amount()));
        if at.less(from) >= room || (total.is_none() && at > from) {
            batches.push(from..at);
            (from, sides) = (at, [Cents::ZERO; 2]);
        }
        // One member alone that is beyond the limit: its batch is refused when it is totalled.
        let total = within(sides[side].checked_add(member.amount()));
        sides[side] = total.unwrap_or(most);
    }
    if from < members.len() {
        batches.push(from..members.len());
    }
    batches
}

/// The offset entry is an entry too: it takes one of the places.
fn entries_in_a_batch(profile: &BankProfile) -> usize {
    let offset = u32::from(profile.batch.balanced);
    // A profile has room for two at least; for a batch there is always one.
    let room = profile.batch.max_entries.checked_sub(offset);
    room.map_or(1, |room| room.max(1) as usize)
}

/// Assigns modifiers, batch numbers and traces in the order the batches come.
struct Planner<'a> {
    profile: &'a BankProfile,
    slot: Slot,
    sequence: u32,
    entries_in_file: u32,
    /// Debits and credits of the file that is open.
    cents_in_file: [Cents; 2],
    files: Vec<PlannedFile>,
}

impl<'a> Planner<'a> {
    fn new(profile: &'a BankProfile, slot: Slot) -> Planner<'a> {
        let sequence = slot.last_sequence;
        Planner {
            profile,
            slot,
            sequence,
            entries_in_file: 0,
            cents_in_file: [Cents::ZERO; 2],
            files: Vec::new(),
        }
    }

    fn batch(
        &mut self,
        lane: &Lane,
        settles_on: Date,
        members: &Arc<Vec<Member>>,
        range: Range<usize>,
    ) -> Result<(), CutError> {
        let date = self.slot.date;
        let too_large = || CutError::TooLarge(date);
        let count = u32::try_from(range.len()).map_err(|_| too_large())?;
        let balanced = u32::from(self.profile.batch.balanced);
        let places = count.checked_add(balanced).ok_or_else(too_large)?;
        // Traces must ascend within a batch, so the sequence starts again before one.
        let last = self.sequence.checked_add(places);
        if last.is_none_or(|last| last > TRACE_SEQUENCE_MAX) {
            self.sequence = 0;
        }
        let first = self.next_trace()?;
        self.sequence = self.sequence.plus(count.less(1));
        let entries = Entries::of(Arc::clone(members), range, first);
        let sum = |side: Direction| {
            let of_side = entries
                .members()
                .iter()
                .filter(|member| member.direction == side)
                .map(Member::amount);
            Cents::sum(of_side)
                .filter(|total| *total <= MAX_TOTAL)
                .ok_or_else(too_large)
        };
        let (mut debits, mut credits) = (sum(Direction::Debit)?, sum(Direction::Credit)?);
        let offset = self.offset(debits, credits)?;
        if let Some(offset) = &offset {
            let side = if credits > debits {
                &mut debits
            } else {
                &mut credits
            };
            *side = side.checked_add(offset.amount).ok_or_else(too_large)?;
        }
        self.room_for(places, debits, credits)?;
        let file = self.files.last_mut().ok_or_else(too_large)?;
        let before = u32::try_from(file.batches.len()).map_err(|_| too_large())?;
        let number = before.checked_add(1).ok_or_else(too_large)?;
        let key = BatchKey::new(self.slot.date, file.modifier, number)?;
        let lane = lane.clone();
        let batch = PlannedBatch {
            key,
            lane,
            settles_on,
            entries,
            offset,
            debits,
            credits,
        };
        batch.must_hold(self.profile);
        file.batches.push(batch);
        Ok(())
    }

    fn offset(&mut self, debits: Cents, credits: Cents) -> Result<Option<PlannedOffset>, CutError> {
        let amount = debits.abs_diff(credits);
        if !self.profile.batch.balanced || amount.is_zero() {
            return Ok(None);
        }
        let side = if credits > debits {
            Direction::Debit
        } else {
            Direction::Credit
        };
        let code = TransactionCode::live(self.profile.account.kind, side);
        Ok(Some(PlannedOffset {
            trace: self.next_trace()?,
            code,
            amount,
        }))
    }

    fn next_trace(&mut self) -> Result<TraceNumber, CutError> {
        let next = self.sequence.checked_add(1);
        self.sequence = next.ok_or(CutError::TooLarge(self.slot.date))?;
        Ok(TraceNumber::new(self.profile.odfi, self.sequence)?)
    }

    /// Opens a new file where the batch does not fit the last one.
    fn room_for(&mut self, places: u32, debits: Cents, credits: Cents) -> Result<(), CutError> {
        let (entries, sides) = self.with(places, [debits, credits])?;
        let limits = self.profile.file;
        let most = limits.max_cents.min(MAX_TOTAL);
        let full = entries > limits.max_entries || sides.iter().any(|side| *side > most);
        if self.files.is_empty() || full {
            self.open_file()?;
        }
        (self.entries_in_file, self.cents_in_file) = self.with(places, [debits, credits])?;
        Ok(())
    }

    /// Entries and sides of the open file together with those of one more batch.
    fn with(&self, places: u32, batch: [Cents; 2]) -> Result<(u32, [Cents; 2]), CutError> {
        let too_large = || CutError::TooLarge(self.slot.date);
        let entries = self.entries_in_file.checked_add(places);
        let [debits, credits] = self.cents_in_file;
        let debits = debits.checked_add(batch[0]).ok_or_else(too_large)?;
        let credits = credits.checked_add(batch[1]).ok_or_else(too_large)?;
        Ok((entries.ok_or_else(too_large)?, [debits, credits]))
    }

    fn open_file(&mut self) -> Result<(), CutError> {
        // Far beyond 36 there is no modifier either.
        let place = self.files.len().plus(self.slot.files_so_far as usize);
        let modifier = FILE_ID_MODIFIERS.get(place).copied();
        let modifier = modifier.ok_or(CutError::TooManyFiles(self.slot.date))?;
        self.files.push(PlannedFile {
            modifier,
            batches: Vec::new(),
        });
        (self.entries_in_file, self.cents_in_file) = (0, [Cents::ZERO; 2]);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
