//! L3: every batch we sent and every return we received is a line of the bank's statement.
//!
//! What belongs together is decided by [`crate::allocate`], before the books are posted. This leg
//! changes nothing: it holds what was expected and what was received against the allocations, and
//! proves that each cent of either side is allocated, waits inside its time, or is in a break, by
//! count and by cents, debits and credits in one sum each. A row with a part of its money
//! allocated counts with that part as matched, and with the rest where the rest is.

mod rows;

pub use rows::{Line, Returned};

use super::conservation::{Conservation, SideTotals};
use super::{Break, BreakKind, Leg, Match, Outcome, breaks};
use crate::allocate::{Allocation, Expectation, Finding, Kind, Name, Receipt};
use crate::bank::LineRole;
use crate::exact::Exact;
use crate::money::SignedCents;
use std::collections::{BTreeMap, BTreeSet};

/// Something with what was left of it before the day's allocation, and what is left now.
#[derive(Clone, Copy, Debug)]
pub struct Looked<'a, T> {
    /// As it is now.
    pub now: &'a T,
    /// What was left of it before.
    pub before: SignedCents,
}

/// Everything L3 looks at. Left rows are the expectations, right rows the receipts.
pub struct Input<'a> {
    /// What was expected.
    pub expectations: &'a [Looked<'a, Expectation>],
    /// What was received.
    pub receipts: &'a [Looked<'a, Receipt>],
    /// What belongs together.
    pub allocations: &'a [Allocation],
    /// What does not agree.
    pub findings: &'a [Finding],
    /// Fee lines that the prices explain, by their ids: posting has found what they bill.
    pub billed: &'a BTreeSet<String>,
    /// Traces of returns that answer no entry of ours: another leg tells of them.
    pub strangers: &'a BTreeSet<String>,
}

/// Proves a day's allocation.
pub fn reconcile(input: &Input<'_>) -> Outcome {
    let left: BTreeMap<&str, usize> = at(input.expectations.iter().map(|one| &one.now.id));
    let right: BTreeMap<&str, usize> = at(input.receipts.iter().map(|one| &one.now.id));
    let mut timing: BTreeSet<&str> = BTreeSet::new();
    let mut broken: BTreeSet<&str> = BTreeSet::new();
    let (mut found, mut open) = (Vec::new(), Vec::new());
    for finding in input.findings {
        let about = finding
            .expectations
            .iter()
            .chain(&finding.receipts)
            .map(String::as_str);
        if finding.kind == BreakKind::Timing {
            timing.extend(about);
            open.push(told(input, finding));
        } else {
            broken.extend(about);
            if !is_told_elsewhere(input, finding) {
                found.push(told(input, finding));
            }
        }
    }
    let mut totals = [SideTotals::default(), SideTotals::default()];
    for one in input.expectations {
        count(
            &mut totals[0],
            one.before,
            one.now.remainder,
            place(&one.now.id, &timing, &broken),
        );
    }
    for one in input.receipts {
        let fee = one.now.role == LineRole::Fee;
        let idle = one.before.is_zero() && one.now.remainder.is_zero()
            || fee && input.billed.contains(&one.now.id);
        if fee && !idle && !one.now.remainder.is_zero() {
            found.push(unbilled(one.now));
            broken.insert(&one.now.id);
        }
        let place = if idle {
            Place::Idle
        } else {
            place(&one.now.id, &timing, &broken)
        };
        count(&mut totals[1], one.before, one.now.remainder, place);
    }
    found.extend(other_days(input, &left, &right));
    breaks::seal(&mut found);
    breaks::seal(&mut open);
    let [ours, theirs] = totals;
    Outcome {
        matches: pairs(input, &left, &right),
        breaks: found,
        open,
        conservation: Conservation {
            leg: Leg::L3,
            left: ours,
            right: theirs,
            counted_twice: 0,
        },
    }
}

fn at<'a>(ids: impl Iterator<Item = &'a String>) -> BTreeMap<&'a str, usize> {
    ids.map(String::as_str).zip(0..).collect()
}

/// Where what is left of a row is.
#[derive(Clone, Copy)]
enum Place {
    Open,
    Broken,
    Idle,
    /// Nowhere: the rules have lost it, and the leg does not tie out.
    Lost,
}

fn place(id: &str, timing: &BTreeSet<&str>, broken: &BTreeSet<&str>) -> Place {
    match (broken.contains(id), timing.contains(id)) {
        (true, _) => Place::Broken,
        (false, true) => Place::Open,
        (false, false) => Place::Lost,
    }
}

/// Counts a row where it is, and its cents with what was allocated of it apart.
fn count(side: &mut SideTotals, before: SignedCents, now: SignedCents, place: Place) {
    let (was, is) = (i128::from(before.get()), i128::from(now.get()));
    add(&mut side.taken, 1, was);
    if let Place::Idle = place {
        return add(&mut side.idle, 1, was);
    }
    let whole = u64::from(is == 0);
    add(&mut side.matched, whole, was.less(is));
    match place {
        Place::Open => add(&mut side.open, 1u64.less(whole), is),
        Place::Broken => add(&mut side.broken, 1u64.less(whole), is),
        Place::Idle | Place::Lost => {}
    }
}

fn add(sum: &mut (u64, i128), rows: u64, cents: i128) {
    sum.0 = sum.0.plus(rows);
    sum.1 = sum.1.plus(cents);
}

/// The pairs of each allocation: every expectation with its first receipt, and every further
/// receipt with its first expectation.
fn pairs(
    input: &Input<'_>,
    left: &BTreeMap<&str, usize>,
    right: &BTreeMap<&str, usize>,
) -> Vec<Match> {
    let mut pairs = BTreeSet::new();
    for made in input.allocations {
        let expected: Vec<usize> = made
            .expectations()
            .filter_map(|(id, _)| left.get(id).copied())
            .collect();
        let received: Vec<usize> = made
            .receipts()
            .filter_map(|(id, _)| right.get(id).copied())
            .collect();
        let (Some(first), Some(line)) = (expected.first(), received.first()) else {
            continue;
        };
        pairs.extend(expected.iter().map(|one| Match {
            left: *one,
            right: *line,
        }));
        pairs.extend(received.iter().map(|line| Match {
            left: *first,
            right: *line,
        }));
    }
    pairs.into_iter().collect()
}

/// A finding as a break.
fn told(input: &Input<'_>, finding: &Finding) -> Break {
    let line = finding.receipts.first();
    let named = finding.expectations.first().map(|id| Kind::name_of(id));
    let line_of = |id: &String| input.receipts.iter().find(|one| one.now.id == *id);
    let of_line = || line.and_then(line_of).map(|one| name_of_line(one.now));
    let missing = match (finding.kind, finding.candidates.as_slice()) {
        (BreakKind::MissingAtBank, [trace]) => Some(trace.to_string()),
        _ => None,
    };
    let shape = (finding.kind == BreakKind::Status).then(|| "settlement shape".to_owned());
    let named = finding.about.clone().or(named);
    let shape = shape.filter(|_| finding.about.is_none());
    let key = shape.or(missing).or_else(|| named.clone()).or_else(of_line);
    let mut why = finding.why.clone();
    if finding.kind == BreakKind::SettlementUndone {
        why.push_str(&exposed(input, finding));
    }
    if finding.candidates.len() > 1 {
        let some: Vec<String> = finding
            .candidates
            .iter()
            .take(5)
            .map(ToString::to_string)
            .collect();
        let more = if finding.candidates.len() > 5 {
            ", ..."
        } else {
            ""
        };
        let many = finding.candidates.len();
        why.push_str(&format!("; {many} entries wait: {}{more}", some.join(", ")));
    }
    Break {
        kind: finding.kind,
        leg: Leg::L3,
        key: key.unwrap_or_default(),
        cents: finding.cents,
        left: named,
        right: line.cloned(),
        explanation: why,
        note: matches!(finding.kind, BreakKind::FeeNetted | BreakKind::Rounding),
        nth: 0,
    }
}

/// Since when a settlement counts no more, and what its originators could spend by then.
fn exposed(input: &Input<'_>, finding: &Finding) -> String {
    let about = |one: &&Looked<'_, Expectation>| finding.expectations.contains(&one.now.id);
    let undone = input.expectations.iter().find(about);
    let Some(undone) = undone.and_then(|one| one.now.undone.as_ref()) else {
        return String::new();
    };
    let mut words = format!(
        "; allocation {} counts no more since {}",
        undone.by, undone.on
    );
    if !undone.available.is_zero() {
        let available = undone.available;
        words.push_str(&format!(
            "; {available} of it had become available and stays so"
        ));
    }
    words
}

/// What breaks call a line: what it names of ours, or else the line itself.
fn name_of_line(line: &Receipt) -> String {
    let named = line.names.iter().find_map(|name| match name {
        Name::Batch(key) => Some(
            line.role
                .side()
                .map_or(key.to_string(), |side| Kind::side_id(*key, side)),
        ),
        Name::Trace(trace) => Some(trace.to_string()),
        Name::Funding(id) => Some(Kind::name_of(id)),
        _ => None,
    });
    named.unwrap_or_else(|| line.id.clone())
}

/// A return that answers no entry of ours is told once, where the return is.
fn is_told_elsewhere(input: &Input<'_>, finding: &Finding) -> bool {
    let named = |id: &String| {
        let line = input.receipts.iter().find(|one| one.now.id == *id);
        line.is_some_and(|line| input.strangers.contains(&name_of_line(line.now)))
    };
    finding.kind == BreakKind::ReturnUnmatched && finding.receipts.iter().all(named)
}

/// A fee line that no days make.
fn unbilled(line: &Receipt) -> Break {
    Break {
        kind: BreakKind::UnexpectedAtBank,
        leg: Leg::L3,
        key: line.id.clone(),
        cents: line.remainder,
        left: None,
        right: Some(line.id.clone()),
        explanation: "no days make this at the prices of the profile".to_owned(),
        note: false,
        nth: 0,
    }
}

/// Batches whose money came on another day than it should: a remark on what agrees.
fn other_days<'a>(
    input: &'a Input<'_>,
    left: &'a BTreeMap<&str, usize>,
    right: &'a BTreeMap<&str, usize>,
) -> impl Iterator<Item = Break> + 'a {
    let of = |made: &'a Allocation| {
        let (receipt, _) = made.receipts().next()?;
        let line = input.receipts.get(*right.get(receipt)?)?.now;
        Some((made, line))
    };
    let allocations = input
        .allocations
        .iter()
        .filter(|made| made.reverses.is_none());
    allocations.filter_map(of).flat_map(move |(made, line)| {
        made.expectations().filter_map(move |(id, _)| {
            let one = input.expectations.get(*left.get(id)?)?.now;
            // What this bank settles in several lines comes on several days.
            if !one.is_side() || one.due == line.value || one.shape.several {
                return None;
            }
            Some(Break {
                kind: BreakKind::Date,
                leg: Leg::L3,
                key: one.id.clone(),
                cents: one.cents,
                left: Some(one.id.clone()),
                right: Some(line.id.clone()),
                explanation: format!("expected on {}, settled on {}", one.due, line.value),
                note: true,
                nth: 0,
            })
        })
    })
}

#[cfg(test)]
mod tests;
