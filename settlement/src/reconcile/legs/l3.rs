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
mod naming;
mod rows;

pub use fates::{Fate, Waiting, fates};
pub use rows::{Batch, EntriesOf, Input, Line, Returned};

use super::{BreakKind, Details, Finding, Leg, Outcome, difference};
use crate::bank::LineRole;
use crate::calendar::banking_days_between;
use crate::exact::Exact;
use crate::reconcile::kernel::{KernelError, Kind, Side};
use jiff::civil::Date;
use naming::{about_batch, about_line, about_return};
use std::collections::BTreeMap;

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
        let details = about_line(line, "a line like one already seen");
        found.breaks(BreakKind::DupStatement, None, Some(r), details);
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
        found.breaks(
            BreakKind::UnexpectedAtBank,
            None,
            Some(r),
            about_line(line, why),
        );
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
            let (kind, details) = explain::explain(input, batch, line);
            found.breaks(kind, l, r, details);
        }
        (Kind::DuplicateLeft, Some(batch), _) => {
            found.breaks(
                BreakKind::DupEntry,
                l,
                None,
                about_batch(batch, "in our books twice"),
            );
        }
        (Kind::DuplicateRight, _, Some(line)) => {
            let details = about_line(line, "the batch has settled, and settles again");
            found.breaks(BreakKind::DupStatement, None, r, details);
        }
        (Kind::Ambiguous, Some(batch), _) => {
            let details = about_batch(batch, "several lines of this batch, none of its amount");
            found.breaks(BreakKind::Ambiguous, l, None, details);
        }
        (Kind::Ambiguous, _, Some(line)) => {
            let details = about_line(line, "several lines of one batch, none of its amount");
            found.breaks(BreakKind::Ambiguous, None, r, details);
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
        let details = Details {
            right: Some(line.id.clone()),
            ..about_batch(batch, &why)
        };
        found.notes(BreakKind::Date, details);
    }
}

/// Settlement lines that name no batch: one batch and one line of a direction, day and amount.
fn settle_nameless(input: &Input<'_>, fresh: &[usize], found: &mut Finding) {
    let mut groups: BTreeMap<_, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (r, line) in lines_at(input, fresh).filter(|(_, line)| line.batch.is_none()) {
        if let Some(direction) = line.role.side() {
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
                    let details =
                        about_line(line, "names no batch, and several fit or are claimed");
                    found.breaks(BreakKind::Ambiguous, None, Some(r), details);
                }
            }
        }
    }
}

fn settle_returns(input: &Input<'_>, met: fates::Met, found: &mut Finding) {
    // Places in memory: their sum is one too.
    let row = |l: usize| input.batches.len().plus(l);
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
        let details = match (returned, line) {
            (Some(a), Some(b)) => {
                let left = Some(a.trace.to_string());
                Details {
                    left,
                    cents: difference(a.cents, b.cents),
                    ..about_line(b, why)
                }
            }
            (_, Some(line)) => about_line(line, why),
            (Some(returned), None) => about_return(returned, why),
            (None, None) => continue,
        };
        found.breaks(kind, l.map(row), r, details);
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
            found.breaks(kind, Some(l), None, about_batch(batch, why));
        }
    }
    for (i, returned) in input.returns.iter().enumerate() {
        let l = input.batches.len().plus(i);
        if !found.tie.is_settled(Side::Left, l) {
            let (kind, why) = state(returned.received);
            found.breaks(kind, Some(l), None, about_return(returned, why));
        }
    }
}

#[cfg(test)]
mod tests;
