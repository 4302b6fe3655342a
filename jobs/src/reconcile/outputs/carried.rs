//! What a reconciliation carries to the next: what waits, what the next posting takes, and what is
//! remembered against things told twice.

use crate::reconcile::inputs::Inputs;
use crate::reconcile::legs::{Legs, settled_on};
use crate::records::reconciled::{Applied, Closing, Difference, OpenBatch, SettledBatch};
use desk::failure::{Result, too_large};
use jiff::civil::Date;
use settlement::bank::LineRole;
use settlement::calendar::sub_banking_days;
use settlement::ids::{BatchKey, Direction};
use settlement::money::SignedCents;
use settlement::reconcile::legs::{Break, BreakKind, l3};
use settlement::returns::{Told, oldest_original};
use settlement::windows::{extended_return_deadline, ordinary_return_deadline};
use std::collections::{BTreeMap, BTreeSet};

/// Banking days for which a line is remembered: a bank that tells a line twice does so soon.
const REMEMBER_DAYS: u16 = 10;

/// What a day leaves for the next: what still waits, and what the next posting takes.
pub struct Carried {
    pub open: Vec<OpenBatch>,
    pub open_returns: Vec<l3::Returned>,
    pub differences: Vec<Difference>,
    pub applied: Vec<Applied>,
}

impl Carried {
    /// What waits after a day, but for what met its line (by the names that breaks give).
    pub fn of(inputs: &Inputs, day: &Legs, met: &BTreeSet<String>) -> Carried {
        Carried {
            open: open_batches(inputs, met),
            open_returns: open_returns(inputs, day, met),
            differences: differences(inputs, day),
            applied: applied(inputs, day),
        }
    }
}

fn open_batches(inputs: &Inputs, met: &BTreeSet<String>) -> Vec<OpenBatch> {
    let waits = |batch: &&OpenBatch| !met.contains(&batch.name());
    inputs.l3.open.iter().filter(waits).cloned().collect()
}

/// Netted fees and rounding: the residue they leave on the batch's clearing account.
fn differences(inputs: &Inputs, day: &Legs) -> Vec<Difference> {
    let explained = |b: &&Break| matches!(b.kind, BreakKind::FeeNetted | BreakKind::Rounding);
    let mut all = Vec::new();
    for found in day.l3.breaks.iter().filter(explained) {
        let line = inputs
            .l3
            .lines
            .iter()
            .find(|l| Some(&l.id) == found.right.as_ref());
        // The leg finds these only where a line met its batch by key and side.
        let batch = line.and_then(|line| line.batch.zip(line.role.side()));
        let Some((batch, direction)) = batch else {
            continue;
        };
        // The line took more, or brought less, than the batch: what is missing on our account
        // remains as a debit on the clearing account.
        let Some(residue) = found.cents.checked_neg() else {
            continue; // neither a fee of the schedule nor rounding is so large
        };
        let fee = found.kind == BreakKind::FeeNetted;
        all.push(Difference {
            found_by: found.id(),
            batch,
            direction,
            residue,
            fee,
        });
    }
    all
}

/// Lines that name no batch and were found to be one's.
fn applied(inputs: &Inputs, day: &Legs) -> Vec<Applied> {
    let pairs = day.l3.matches.iter().filter_map(|pair| {
        let line = inputs
            .l3
            .lines
            .get(pair.right)
            .filter(|l| l.batch.is_none())?;
        let batch = inputs.l3.batches.get(pair.left)?;
        Some(Applied {
            line: line.clone(),
            batch: batch.key,
            direction: batch.direction,
        })
    });
    pairs.collect()
}

fn open_returns(inputs: &Inputs, day: &Legs, met: &BTreeSet<String>) -> Vec<l3::Returned> {
    let all = inputs.returns_for_money();
    let base = inputs.l3.batches.len();
    let matched: BTreeSet<usize> = day
        .l3
        .matches
        .iter()
        .filter_map(|pair| pair.left.checked_sub(base))
        .collect();
    let waits = |(at, returned): &(usize, &l3::Returned)| {
        !matched.contains(at) && !met.contains(&returned.trace.to_string())
    };
    all.iter()
        .enumerate()
        .filter(waits)
        .map(|(_, returned)| *returned)
        .collect()
}

/// The batches settled until now whose windows are not all over.
pub fn settled_batches(
    inputs: &Inputs,
    settled: &[(BatchKey, Direction, usize)],
) -> Vec<SettledBatch> {
    let kept = inputs
        .before
        .settled
        .iter()
        .filter(|batch| batch.closes > inputs.date);
    // The posting of this date has ended what was due by then.
    let kept = kept.cloned().map(|mut batch| {
        batch.hold_ended |= batch.hold_ends <= inputs.date;
        batch
    });
    let new = settled.iter().map(|(key, direction, line)| {
        let (key, direction) = (*key, *direction);
        let on = settled_on(inputs, (key, direction, *line)).on;
        let (hold_ends, closes) = deadlines(on);
        SettledBatch {
            key,
            on,
            direction,
            hold_ends,
            hold_ended: false,
            closes,
        }
    });
    kept.chain(new).collect()
}

/// The answers that are remembered: as long as their entries can be answered in time.
pub fn answered(inputs: &Inputs) -> Vec<Told> {
    let oldest = oldest_original(inputs.date);
    let kept = inputs
        .before
        .answered
        .iter()
        .filter(|answer| answer.received >= oldest)
        .cloned();
    let mut all: Vec<_> = kept.chain(inputs.l2.told()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The lines that are remembered.
pub fn seen(inputs: &Inputs) -> Vec<l3::Line> {
    let oldest = sub_banking_days(inputs.date, REMEMBER_DAYS);
    let kept = inputs
        .before
        .seen
        .iter()
        .filter(|line| line.value_date >= oldest);
    let new = inputs
        .l3
        .lines
        .iter()
        .filter(|line| worth_remembering(line.role));
    kept.chain(new).cloned().collect()
}

/// The closing balance of each account's last statement, and what was posted since the first.
///
/// # Errors
/// Where what was posted does not fit.
pub fn closing(inputs: &Inputs) -> Result<BTreeMap<String, Closing>> {
    let mut closing = inputs.before.closing.clone();
    let cash = || too_large("cash posted");
    let posted = SignedCents::sum(inputs.l4.ledger.iter().map(|line| line.cents));
    let posted = posted.ok_or_else(cash)?;
    for head in inputs.files.iter().flat_map(|file| &file.statements) {
        let (Some(opening), Some(cents)) = (head.opening, head.closing) else {
            continue;
        };
        let fresh = Closing {
            date: head.as_of,
            cents,
            opened: opening,
            posted: SignedCents::ZERO,
        };
        let last = closing.entry(head.account_last4.clone()).or_insert(fresh);
        if last.date <= head.as_of {
            (last.date, last.cents) = (head.as_of, cents);
        }
    }
    for last in closing.values_mut() {
        last.posted = last.posted.checked_add(posted).ok_or_else(cash)?;
    }
    Ok(closing)
}

/// The days on which the holds of a batch end and its payments become final.
fn deadlines(settled_on: Date) -> (Date, Date) {
    (
        ordinary_return_deadline(settled_on),
        extended_return_deadline(settled_on),
    )
}

/// Lines that are looked at again for duplicates: what names a batch or has a reference.
fn worth_remembering(role: LineRole) -> bool {
    role != LineRole::Other
}
