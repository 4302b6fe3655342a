//! L3: every batch we sent and every return we received is a line of the bank's statement.
//!
//! The order is: lines of no amount move nothing; lines seen before are duplicates; settlement
//! lines meet their batch by the batch key the bank repeats, return lines their return by trace;
//! lines without a batch key meet the only batch of that direction, day and amount; fees that the
//! prices make are expected; what is left has no origin of ours. Where a batch and its line
//! differ, `l3/explain.rs` looks for the one reason that fits.
//!
//! Which line answers what waits for it is decided in one place, [`fates`], because the books ask
//! the same: posting books a line where this leg will find it.

mod explain;
mod fates;

pub use fates::{Fate, Waiting, fates};

use super::super::kernel::{KernelError, Kind, Side};
use super::{BreakKind, Finding, Leg, Outcome, Says, difference};
use crate::bank::{LineRole, settlement_role};
use crate::calendar::banking_days_between;
use crate::ids::{BatchKey, Direction, TraceNumber};
use crate::money::{Cents, SignedCents};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// One direction of a batch we sent and have not seen on a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its key; the bank repeats it as customer reference.
    pub key: BatchKey,
    /// Credits or debits.
    pub direction: Direction,
    /// What it should move on our bank account.
    pub cents: SignedCents,
    /// The day it should settle.
    pub settles_on: Date,
    /// Entries of this direction.
    pub entries: u32,
}

/// A return we received and have not seen on a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Returned {
    /// The trace of the original entry.
    pub trace: TraceNumber,
    /// What its line should move on our bank account.
    pub cents: SignedCents,
    /// When we received it.
    pub received: Date,
}

/// One line of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its id in our tables.
    pub id: String,
    /// What it is to us.
    pub role: LineRole,
    /// The batch it names, if any.
    pub batch: Option<BatchKey>,
    /// The original trace it names, if any.
    pub trace: Option<TraceNumber>,
    /// What it moved.
    pub cents: SignedCents,
    /// When it counts.
    pub value_date: Date,
    /// The bank's own reference; may be empty.
    pub reference: String,
}

/// The entries of a batch and direction, fetched only where a batch's amount does not agree.
pub type EntriesOf<'a> = &'a dyn Fn(BatchKey, Direction) -> Vec<(TraceNumber, SignedCents)>;

/// Everything L3 looks at. Left rows are the batches and after them the returns; right rows are
/// the lines.
pub struct Input<'a> {
    /// The business date of the run.
    pub today: Date,
    /// Banking days a line may be late before it is missing.
    pub sla_days: u32,
    /// A difference up to this is rounding.
    pub tolerance: Cents,
    /// Amounts the bank may net out of a settlement.
    pub fees: &'a [Cents],
    /// Open batches.
    pub batches: &'a [Batch],
    /// Open returns.
    pub returns: &'a [Returned],
    /// New lines.
    pub lines: &'a [Line],
    /// Lines matched on days before: a line like one of these is a duplicate.
    pub earlier: &'a [Line],
    /// Fee lines that the prices explain, by their ids: posting has found what they bill.
    pub billed: &'a BTreeSet<String>,
    /// The entries of a batch.
    pub entries: EntriesOf<'a>,
}

/// Matches batches and returns with statement lines.
///
/// # Errors
/// Where there are more than four billion rows.
pub fn reconcile(input: &Input<'_>) -> Result<Outcome, KernelError> {
    let batches = input.batches.iter().map(|b| b.cents);
    let left: Vec<_> = batches
        .chain(input.returns.iter().map(|r| r.cents))
        .collect();
    let right: Vec<_> = input.lines.iter().map(|l| l.cents).collect();
    let mut found = Finding::new(Leg::L3, &left, &right);
    let waiting = Waiting {
        batches: input.batches,
        returns: input.returns,
    };
    let sorted = fates::sort(waiting, input.lines, input.earlier)?;
    for &r in &sorted.nothing {
        found.idle(Side::Right, r);
    }
    for (r, line) in lines_at(input, &sorted.again) {
        let says = about(line, "a line like one already seen");
        found.breaks(BreakKind::DupStatement, None, Some(r), says);
    }
    settle_batches(input, sorted.batches, &mut found);
    settle_nameless(input, &sorted.fresh, &mut found);
    settle_returns(input, sorted.returns, &mut found);
    for (r, line) in lines_at(input, &sorted.fresh) {
        if found.tie.is_settled(Side::Right, r) {
            continue;
        }
        if input.billed.contains(&line.id) {
            found.idle(Side::Right, r);
            continue;
        }
        let why = match line.role {
            LineRole::Fee => "no days make this at the prices of the profile",
            _ => "nothing of ours explains this line",
        };
        found.breaks(BreakKind::UnexpectedAtBank, None, Some(r), about(line, why));
    }
    wait_for_the_rest(input, &mut found);
    Ok(found.finish())
}

/// The lines of these places.
fn lines_at<'a>(
    input: &'a Input<'_>,
    places: &'a [usize],
) -> impl Iterator<Item = (usize, &'a Line)> {
    places
        .iter()
        .filter_map(|r| Some((*r, input.lines.get(*r)?)))
}

fn direction(role: LineRole) -> Option<Direction> {
    [Direction::Credit, Direction::Debit]
        .into_iter()
        .find(|d| settlement_role(*d) == role)
}

fn settle_batches(input: &Input<'_>, met: fates::Met, found: &mut Finding) {
    for (l, r) in met.pairs {
        if let (Some(batch), Some(line)) = (input.batches.get(l), input.lines.get(r)) {
            settle(batch, line, (l, r), found);
        }
    }
    for (kind, l, r) in met.odd {
        unsettled(input, kind, (l, r), found);
    }
}

/// Names why a batch and a line of its key did not meet.
fn unsettled(
    input: &Input<'_>,
    kind: Kind,
    (l, r): (Option<usize>, Option<usize>),
    found: &mut Finding,
) {
    let batch = l.and_then(|l| input.batches.get(l));
    let line = r.and_then(|r| input.lines.get(r));
    match (kind, batch, line) {
        (Kind::AmountDiffers, Some(batch), Some(line)) => {
            let (kind, says) = explain::explain(input, batch, line);
            found.breaks(kind, l, r, says);
        }
        (Kind::DuplicateLeft, Some(batch), _) => {
            found.breaks(
                BreakKind::DupEntry,
                l,
                None,
                ours(batch, "in our books twice"),
            );
        }
        (Kind::DuplicateRight, _, Some(line)) => {
            let says = about(line, "the batch has settled, and settles again");
            found.breaks(BreakKind::DupStatement, None, r, says);
        }
        (Kind::Ambiguous, Some(batch), _) => {
            let says = ours(batch, "several lines of this batch, none of its amount");
            found.breaks(BreakKind::Ambiguous, l, None, says);
        }
        (Kind::Ambiguous, _, Some(line)) => {
            let says = about(line, "several lines of one batch, none of its amount");
            found.breaks(BreakKind::Ambiguous, None, r, says);
        }
        // One-sided rows go on to the steps after this one.
        _ => {}
    }
}

fn settle(batch: &Batch, line: &Line, (l, r): (usize, usize), found: &mut Finding) {
    found.matched(l, r);
    if batch.settles_on != line.value_date {
        let why = format!(
            "expected on {}, settled on {}",
            batch.settles_on, line.value_date
        );
        let says = Says {
            right: Some(line.id.clone()),
            ..ours(batch, &why)
        };
        found.notes(BreakKind::Date, says);
    }
}

/// Settlement lines that name no batch: one batch and one line of a direction, day and amount.
fn settle_nameless(input: &Input<'_>, fresh: &[usize], found: &mut Finding) {
    let mut groups: BTreeMap<_, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (r, line) in lines_at(input, fresh).filter(|(_, line)| line.batch.is_none()) {
        if let Some(direction) = direction(line.role) {
            let key = (direction, line.value_date, line.cents);
            groups.entry(key).or_default().1.push(r);
        }
    }
    for (l, batch) in input.batches.iter().enumerate() {
        let group = groups.get_mut(&(batch.direction, batch.settles_on, batch.cents));
        if let (Some(group), false) = (group, found.tie.is_settled(Side::Left, l)) {
            group.0.push(l);
        }
    }
    for (batches, lines) in groups.into_values() {
        match (batches.as_slice(), lines.as_slice()) {
            ([], _) => {}
            ([l], [r]) => found.matched(*l, *r),
            _ => {
                for (r, line) in lines_at(input, &lines) {
                    let says = about(line, "names no batch, and several fit or are claimed");
                    found.breaks(BreakKind::Ambiguous, None, Some(r), says);
                }
            }
        }
    }
}

fn settle_returns(input: &Input<'_>, met: fates::Met, found: &mut Finding) {
    let row = |l: usize| input.batches.len().saturating_add(l);
    for (l, r) in met.pairs {
        found.matched(row(l), r);
    }
    for (kind, l, r) in met.odd {
        let line = r.and_then(|r| input.lines.get(r));
        let returned = l.and_then(|l| input.returns.get(l));
        let (kind, why) = match kind {
            // The rest of the left waits, below.
            Kind::LeftOnly | Kind::DuplicateLeft => continue,
            Kind::RightOnly => (BreakKind::ReturnUnmatched, "we received no such return"),
            Kind::AmountDiffers => (BreakKind::ReturnAmount, "the return was of another amount"),
            Kind::DuplicateRight => (BreakKind::DupStatement, "the return settled before"),
            Kind::Ambiguous => (
                BreakKind::Ambiguous,
                "several returns and lines of this trace",
            ),
        };
        let says = match (returned, line) {
            (Some(a), Some(b)) => {
                let left = Some(a.trace.to_string());
                Says {
                    left,
                    cents: difference(a.cents, b.cents),
                    ..about(b, why)
                }
            }
            (_, Some(line)) => about(line, why),
            (Some(returned), None) => waiting(returned, why),
            (None, None) => continue,
        };
        found.breaks(kind, l.map(row), r, says);
    }
}

/// Batches and returns no line has met: early, or missing.
fn wait_for_the_rest(input: &Input<'_>, found: &mut Finding) {
    let overdue = |since: Date| {
        since < input.today && banking_days_between(since, input.today) > input.sla_days
    };
    let state = |since| match overdue(since) {
        true => (BreakKind::MissingAtBank, "past its SLA and on no statement"),
        false => (
            BreakKind::Timing,
            "not on a statement yet, and inside its SLA",
        ),
    };
    for (l, batch) in input.batches.iter().enumerate() {
        if !found.tie.is_settled(Side::Left, l) {
            let (kind, why) = state(batch.settles_on);
            found.breaks(kind, Some(l), None, ours(batch, why));
        }
    }
    for (i, returned) in input.returns.iter().enumerate() {
        let l = input.batches.len().saturating_add(i);
        if !found.tie.is_settled(Side::Left, l) {
            let (kind, why) = state(returned.received);
            found.breaks(kind, Some(l), None, waiting(returned, why));
        }
    }
}

fn ours(batch: &Batch, why: &str) -> Says {
    let name = format!("{}/{}", batch.key, batch.direction.as_str());
    let (cents, explanation) = (batch.cents, why.to_owned());
    Says {
        key: name.clone(),
        cents,
        left: Some(name),
        right: None,
        explanation,
    }
}

fn waiting(returned: &Returned, why: &str) -> Says {
    let (key, cents) = (returned.trace.to_string(), returned.cents);
    Says {
        left: Some(key.clone()),
        key,
        cents,
        right: None,
        explanation: why.to_owned(),
    }
}

/// A break about a line is keyed by what the line names, or else by the line itself.
fn about(line: &Line, why: &str) -> Says {
    let batch = line.batch.zip(direction(line.role));
    let batch = batch.map(|(key, direction)| format!("{key}/{}", direction.as_str()));
    let key = batch
        .or(line.trace.map(|t| t.to_string()))
        .unwrap_or_else(|| line.id.clone());
    let right = Some(line.id.clone());
    Says {
        key,
        cents: line.cents,
        left: None,
        right,
        explanation: why.to_owned(),
    }
}

#[cfg(test)]
mod tests;
