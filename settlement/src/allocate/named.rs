//! Pass 1: what the bank names, where the amounts agree.

use super::allocation::Pass;
use super::item::{Earlier, Expectation, Kind, Name, Receipt};
use super::work::Work;
use crate::bank::LineRole;
use std::collections::BTreeMap;

/// What names one thing, in the amount of what is left of it; or several, in the amount of all.
pub(super) fn named(work: &mut Work<'_>) {
    let index = index(work);
    one_by_one(work, &index);
    parts_of_one(work, &index, lists_entries);
    several_named(work, &index);
}

/// The same of parts of one thing whose lists of entries have told nothing.
pub(super) fn parts(work: &mut Work<'_>) {
    let index = index(work);
    parts_of_one(work, &index, |_| false);
}

/// Whether a line lists entries: they say more of a part than its amount.
fn lists_entries(line: &Receipt) -> bool {
    let named = line.details.iter().flat_map(|part| &part.names);
    named.into_iter().any(|name| matches!(name, Name::Trace(_)))
}

pub(super) type Index = BTreeMap<(String, Name), Vec<usize>>;

/// What is open, by account and the name that is its own.
pub(super) fn index(work: &Work<'_>) -> Index {
    let mut index = Index::new();
    for (at, one) in work.open() {
        if let Some(own) = one.names().into_iter().next() {
            index
                .entry((one.account.clone(), own))
                .or_default()
                .push(at);
        }
    }
    index
}

/// Whether a line that names a thing may be its money: by its role, or where it has none.
pub(super) fn may_be(line: &Receipt, kind: Kind) -> bool {
    line.fits(kind) || line.role == LineRole::Other
}

/// The open things that a line names, each once.
pub(super) fn named_by(work: &Work<'_>, index: &Index, line: &Receipt) -> Vec<usize> {
    let mut all: Vec<usize> = Vec::new();
    for name in &line.names {
        let of = index.get(&(line.account.clone(), name.clone()));
        all.extend(of.into_iter().flatten().copied());
    }
    all.retain(|at| work.expects(*at) != 0);
    all.sort_unstable();
    all.dedup();
    all
}

fn one_by_one(work: &mut Work<'_>, index: &Index) {
    let lines: Vec<usize> = work.free().map(|(at, _)| at).collect();
    for at in lines {
        let Some(line) = work.received.get(at) else {
            continue;
        };
        let fits = |e: &usize| {
            work.expected
                .get(*e)
                .is_some_and(|one| may_be(line, one.kind))
                && work.expects(*e) == work.has(at)
        };
        let named = named_by(work, index, line);
        let mut equal = named.iter().filter(|e| fits(e)).copied();
        // Two returns of one trace and amount are taken in the order of their names.
        if let Some(expected) = equal.next() {
            let evidence = "name and amount agree".to_owned();
            work.meet(Pass::Named, evidence, &[at], &[expected]);
        }
    }
}

/// One thing in several lines: all of them together, or a part where the bank settles so.
fn parts_of_one(work: &mut Work<'_>, index: &Index, told: impl Fn(&Receipt) -> bool) {
    let mut lines: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, line) in work.free() {
        if let [only] = named_by(work, index, line)
            .into_iter()
            .filter(|e| {
                work.expected
                    .get(*e)
                    .is_some_and(|one| may_be(line, one.kind))
            })
            .collect::<Vec<_>>()[..]
        {
            lines.entry(only).or_default().push(at);
        }
    }
    for (expected, lines) in lines {
        let (sum, whole) = (work.has_all(&lines), work.expects(expected));
        let Some(one) = work.expected.get(expected) else {
            continue;
        };
        let (several, due) = (one.shape.several, one.due);
        if lines.len() > 1 && sum == whole {
            let evidence = format!("{} lines name it, and are its amount together", lines.len());
            work.meet(Pass::Named, evidence, &lines, &[expected]);
            continue;
        }
        let known = lines.iter().filter_map(|at| work.received.get(*at));
        if known.into_iter().any(&told) {
            continue; // its list is looked at first
        }
        if several && part_of(sum, whole) && work.in_time(due) {
            let evidence = "a part, as this bank settles; the rest is inside its time".to_owned();
            let lines: Vec<_> = lines.iter().map(|at| (*at, work.has(*at))).collect();
            work.allocate(
                Pass::Named,
                evidence,
                &lines,
                &[(expected, sum)],
                Vec::new(),
            );
        }
    }
}

/// Whether `sum` is a part of `whole`: of its sign, and less.
pub(super) fn part_of(sum: i128, whole: i128) -> bool {
    sum != 0 && (sum > 0) == (whole > 0) && sum.unsigned_abs() < whole.unsigned_abs()
}

/// Whether a part of a side has come and a line is more than the rest. As a rule no rest is, so it
/// may tell again what has come. Where a bank settles in parts the last may be more than it should,
/// if it repeats none of those before, nor all of them.
pub(super) fn tells_again(work: &Work<'_>, line: &Receipt, one: &Expectation) -> bool {
    if one.remainder == one.cents || line.remainder.magnitude() <= one.remainder.magnitude() {
        return false;
    }
    let of_it = |made: &&Earlier| made.allocation.expectations().any(|(id, _)| id == one.id);
    let parts = work.input.earlier.iter().filter(of_it);
    let mut parts = parts.flat_map(|made| &made.receipts);
    let came = one.cents.checked_sub(one.remainder);
    let repeats = parts.any(|part| part.cents == line.remainder)
        || came == Some(line.remainder)
        || line.remainder == one.cents;
    repeats || !one.shape.several || one.found.is_some()
}

/// One line that names several things, or a batch of two sides, and is all of them together.
fn several_named(work: &mut Work<'_>, index: &Index) {
    let lines: Vec<usize> = work.free().map(|(at, _)| at).collect();
    for at in lines {
        let Some(line) = work.received.get(at) else {
            continue;
        };
        let named = named_by(work, index, line);
        if named.len() > 1 && work.expects_all(&named) == work.has(at) {
            let evidence = format!("it names {}, and is their amount together", named.len());
            work.meet(Pass::Named, evidence, &[at], &named);
        }
    }
}
