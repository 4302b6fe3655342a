//! What the passes left: inside its time, missing, a second time, or of nobody.

use super::day::Finding;
use super::funding;
use super::group::better_shape;
use super::item::{Expectation, Kind, Name, Receipt};
use super::named::may_be;
use super::work::Work;
use crate::bank::LineRole;
use crate::exact::Exact;
use crate::reconcile::legs::BreakKind;
use std::collections::BTreeMap;

/// Lines that are left before anybody asks whether another shape would fit.
const MANY_LINES: usize = 1;

pub(super) fn say(work: &mut Work<'_>) {
    let own = own_names(work);
    let lines: Vec<Finding> = work
        .left()
        .filter_map(|(_, line)| of_line(work, &own, line))
        .collect();
    let open: Vec<Finding> = work
        .open()
        .chain(work.fundings())
        .filter_map(|(_, one)| of_expected(work, one))
        .collect();
    let shape = of_shape(work);
    let rejected = rejected_and_settled(work);
    lines
        .into_iter()
        .chain(open)
        .chain(rejected)
        .chain(shape)
        .for_each(|finding| work.find(finding));
}

/// All things by account and the name that is their own.
type Own = BTreeMap<(String, Name), Vec<usize>>;

fn own_names(work: &Work<'_>) -> Own {
    let mut own = Own::new();
    for (at, one) in work.expected.iter().enumerate() {
        if let Some(name) = one.names().into_iter().next() {
            own.entry((one.account.clone(), name)).or_default().push(at);
        }
    }
    own
}

/// What a line is that answers nothing.
fn of_line(work: &Work<'_>, own: &Own, line: &Receipt) -> Option<Finding> {
    if work.told.contains(&line.id) {
        return None;
    }
    if let Some((kind, about)) = &line.found {
        let why = match kind {
            BreakKind::UnexpectedAtBank => {
                "it names nothing and had been taken for this, which another line names"
            }
            _ => "more came than was expected; the rest of the line answers nothing",
        };
        let cents = i128::from(line.remainder.get());
        let mut finding = Finding::new(*kind, cents, why.to_owned());
        finding.expectations = vec![about.clone()];
        finding.receipts = vec![line.id.clone()];
        return Some(finding);
    }
    let (kind, why) = what_is_left(work, own, line)?;
    let mut finding = Finding::new(kind, i128::from(line.remainder.get()), why);
    finding.receipts = vec![line.id.clone()];
    Some(finding)
}

fn what_is_left(work: &Work<'_>, own: &Own, line: &Receipt) -> Option<(BreakKind, String)> {
    let say = |kind, why: &str| Some((kind, why.to_owned()));
    let of_name = |name: &Name| own.get(&(line.account.clone(), name.clone()));
    let named = || {
        let places = line.names.iter().filter_map(of_name).flatten();
        let named = places.filter_map(|at| work.expected.get(*at));
        named.filter(|one| may_be(line, one.kind))
    };
    if line.role == LineRole::Fee {
        return None; // posting holds it against what was accrued
    }
    if line.is_in_parts() {
        return Some(in_parts(work, line));
    }
    if let Some(found) = funding::of_named(work, line) {
        return Some(found);
    }
    if let Some(one) = named().find(|one| one.is_withdrawn()) {
        let (kind, why) = of_rejected(one.kind);
        return say(kind, why);
    }
    if let Some(one) = named().find(|one| one.remainder.is_zero()) {
        let why = match one.kind {
            Kind::Side(..) => "the batch has settled, and settles again",
            Kind::Return(..) => "the return settled before",
            Kind::Funding(_) => "the wire that was announced has come, and comes again",
        };
        return say(BreakKind::DupStatement, why);
    }
    let other_way = line.remainder.checked_neg();
    let mut names = line.names.iter().filter_map(of_name).flatten();
    if names.any(|at| {
        work.expected
            .get(*at)
            .is_some_and(|one| Some(one.cents) == other_way)
    }) {
        return say(
            BreakKind::Direction,
            "the amount of what it names, the other way",
        );
    }
    let came = |one: &Expectation| one.cents.checked_sub(one.remainder);
    if named().any(|one| came(one) == Some(line.remainder) && one.remainder != one.cents) {
        return say(
            BreakKind::DupStatement,
            "so much of the batch has come, and comes again",
        );
    }
    if let Some(one) = named().next() {
        return match one.kind {
            Kind::Return(..) => say(BreakKind::ReturnAmount, "the return was of another amount"),
            Kind::Side(..) => say(BreakKind::Amount, "the batch is of another amount"),
            Kind::Funding(_) => say(BreakKind::Amount, "another amount was announced"),
        };
    }
    Some(unnamed(work, line))
}

/// What a line is that is about nothing we know.
fn unnamed(work: &Work<'_>, line: &Receipt) -> (BreakKind, String) {
    let say = |kind, why: &str| (kind, why.to_owned());
    let (returned, ach) = (is_return(line), line.is_ach());
    if returned && work.in_time(line.value) {
        return say(
            BreakKind::Timing,
            "nothing of ours explains it yet, and it is inside its time",
        );
    }
    if let Some(found) = funding::of_unnamed(work, line) {
        return found;
    }
    let candidates = work.open().filter(|(_, one)| line.fits(one.kind)).count();
    match (line.is_nameless(), returned) {
        (true, _) if ach && candidates > 0 => {
            let why = format!("it names nothing, and no set among {candidates} is the only one");
            (BreakKind::Ambiguous, why)
        }
        (_, true) => say(BreakKind::ReturnUnmatched, "we received no such return"),
        _ => say(
            BreakKind::UnexpectedAtBank,
            "nothing of ours explains this line",
        ),
    }
}

/// The parts of a line that answer nothing, where others do.
fn in_parts(work: &Work<'_>, line: &Receipt) -> (BreakKind, String) {
    let parts = line.details.len();
    let named = line.details.iter().any(|part| !part.names.is_empty());
    let kind = if named && work.in_time(line.value) {
        BreakKind::Timing
    } else if is_return(line) {
        BreakKind::ReturnUnmatched
    } else {
        BreakKind::UnexpectedAtBank
    };
    (
        kind,
        format!("{parts} of its parts name nothing that waits"),
    )
}

/// What a line is that names what the bank rejected.
const fn of_rejected(kind: Kind) -> (BreakKind, &'static str) {
    match kind {
        Kind::Side(..) => (
            BreakKind::Amount,
            "the bank rejected the batch, and this is not its amount",
        ),
        Kind::Return(..) => (
            BreakKind::ReturnUnmatched,
            "the bank rejected the entry that came back",
        ),
        Kind::Funding(_) => (BreakKind::Amount, "nobody rejects a wire"),
    }
}

fn is_return(line: &Receipt) -> bool {
    matches!(
        line.role,
        LineRole::CreditReturned | LineRole::DebitReturned
    ) || line.role == LineRole::Other && line.names.iter().any(|n| matches!(n, Name::Trace(_)))
}

/// What waits, and whether it is missing.
fn of_expected(work: &Work<'_>, one: &Expectation) -> Option<Finding> {
    if work.told.contains(&one.id) {
        return None;
    }
    let begun = one.remainder != one.cents;
    let funding = one.is_funding();
    let (kind, why) = match one.found {
        Some(kind) => (
            kind,
            "the rest of it has settled; these entries wait for this",
        ),
        None if funding && !work.in_time(one.due) => (
            BreakKind::FundingMissing,
            "announced, past its time, and on no statement",
        ),
        None if one.undone.is_some() && one.is_return() => (
            BreakKind::SettlementUndone,
            "what had come for the return was taken back, and it waits again",
        ),
        None if one.undone.is_some() => (
            BreakKind::SettlementUndone,
            "what had settled was taken back, and its payments wait again",
        ),
        None if work.in_time(one.due) && begun => (
            BreakKind::Timing,
            "a part has come, and the rest is inside its time",
        ),
        None if work.in_time(one.due) => (
            BreakKind::Timing,
            "not on a statement yet, and inside its time",
        ),
        None if begun => (
            BreakKind::SplitIncomplete,
            "a part has come, and the rest is overdue",
        ),
        None => (
            BreakKind::MissingAtBank,
            "past its time and on no statement",
        ),
    };
    // As on the day it was found: what the line had more than the batch.
    let sign = if one.found.is_some() { -1 } else { 1 };
    let cents = i128::from(one.remainder.get()).times(sign);
    let mut finding = Finding::new(kind, cents, why.to_owned());
    finding.expectations = vec![one.id.clone()];
    finding.candidates = one.waits.clone();
    Some(finding)
}

/// Files that the bank rejected and of which its money is here all the same: one finding for each.
fn rejected_and_settled(work: &Work<'_>) -> Vec<Finding> {
    let mut files: BTreeMap<&str, Vec<&Expectation>> = BTreeMap::new();
    let here = |one: &&Expectation| {
        let settled = one.remainder.is_zero() || one.remainder != one.cents;
        one.rejected && !one.is_return() && !one.is_withdrawn() && settled
    };
    for one in work.expected.iter().filter(here) {
        files.entry(&one.file).or_default().push(one);
    }
    let found = files.into_iter().map(|(file, all)| {
        let came = |one: &&Expectation| i128::from(one.cents.get()).less(work.unpaid(one));
        let cents = all.iter().map(came).fold(0i128, Exact::plus);
        let many = all.len();
        let why = format!(
            "the bank rejected it, and {many} of its batches have settled all the same: their \
             payments stay where their money is, until it takes that back; ask the bank"
        );
        let mut finding = Finding::new(BreakKind::Status, cents, why);
        finding.expectations = all.iter().map(|one| one.id.clone()).collect();
        finding.about = Some(file.to_owned());
        finding
    });
    found.collect()
}

/// A shape that does not fit what the bank sends is noticed, with the one that would.
fn of_shape(work: &Work<'_>) -> Option<Finding> {
    let ach = |line: &&Receipt| line.is_ach();
    let left: Vec<&Receipt> = work.free().map(|(_, line)| line).filter(ach).collect();
    let all = work.received.iter().filter(ach).count();
    if left.len() < MANY_LINES || left.len().checked_mul(2)? < all {
        return None;
    }
    let (shape, lines) = better_shape(work)?;
    if lines.checked_mul(2)? < left.len() {
        return None;
    }
    let why = format!(
        "{} of {all} settlement lines answer nothing under the shape of the profile; {lines} would \
         under this one: [[settlement]] {}",
        left.len(),
        shape.in_words()
    );
    let mut finding = Finding::new(BreakKind::Status, 0, why);
    finding.receipts = left.iter().map(|line| line.id.clone()).collect();
    Some(finding)
}
