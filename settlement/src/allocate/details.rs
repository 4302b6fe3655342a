//! Pass 2: the parts of a line, where the bank lists them and they add up to it.
//!
//! A part answers the open thing that it names with its amount: a batch, a return. Or it names one
//! *entry* of a batch: then the side is met by its entries, in one line or in several. Where all
//! entries but some are named, exactly those wait: the bank's own list is the evidence, and nothing
//! is searched for. What a part names and nothing waits for stays on the line, with the parts that
//! are left; from then on the line goes by its parts, and never as a whole.

use super::allocation::Pass;
use super::day::Finding;
use super::item::{Detail, Expectation, Member, Name, Receipt};
use super::named::{Index, index, part_of};
use super::work::Work;
use crate::bank::LineRole;
use crate::exact::Exact;
use crate::ids::TraceNumber;
use crate::reconcile::legs::BreakKind;
use std::collections::{BTreeMap, BTreeSet};

/// Entries of open sides that parts name: a trace, the side by its place, and its cents.
type Entries = BTreeMap<TraceNumber, Vec<(usize, i128)>>;

/// Entries that parts have named, by the side's place, with the lines that did.
type Told = BTreeMap<usize, (BTreeSet<TraceNumber>, BTreeSet<usize>)>;

pub(super) fn details(work: &mut Work<'_>) {
    let index = index(work);
    let lines: Vec<(usize, Vec<Detail>)> = work
        .left()
        .filter_map(|(at, line)| Some((at, parts_of(line)?)))
        .collect();
    let entries = entries(work, &index, &lines);
    let mut told = Told::new();
    for (at, parts) in &lines {
        meet(work, &index, &entries, (*at, parts), &mut told);
    }
    for (side, (traces, lines)) in told {
        unnamed(work, side, &traces, &lines);
    }
    overdue(work);
}

/// Entries that might have come in another line, and whose time is over.
fn overdue(work: &mut Work<'_>) {
    let late =
        |one: &Expectation| one.found.is_none() && !one.waits.is_empty() && !work.in_time(one.due);
    let late = work.open().filter(|(_, one)| late(one));
    for at in late.map(|(at, _)| at).collect::<Vec<_>>() {
        let off = work.expects(at).times(-1);
        let why = "the bank lists the other entries of the batch; these are overdue".to_owned();
        let mut finding = Finding::new(BreakKind::MissingAtBank, off, why);
        finding.expectations = work.ids_expected(&[at]);
        if let Some(one) = work.expected.get_mut(at) {
            one.found = Some(BreakKind::MissingAtBank);
            finding.candidates.clone_from(&one.waits);
        }
        work.find(finding);
    }
}

/// The parts of a line. One that names nothing but an entry is one part of its own.
fn parts_of(line: &Receipt) -> Option<Vec<Detail>> {
    if line.details.is_empty() {
        let [name @ Name::Trace(_)] = line.names.as_slice() else {
            return None;
        };
        let settles = matches!(
            line.role,
            LineRole::CreditSettlement | LineRole::DebitSettlement
        );
        let (cents, names) = (line.remainder, vec![name.clone()]);
        return settles.then(|| vec![Detail { cents, names }]);
    }
    let parts = line.details.iter().map(|part| i128::from(part.cents.get()));
    let adds_up = parts.fold(0i128, Exact::plus) == i128::from(line.remainder.get());
    adds_up.then(|| line.details.clone())
}

/// The entries that parts name and that belong to what waits. The entries of the sides are asked
/// for only where a part names a trace, and nothing of that name waits with its amount.
fn entries(work: &Work<'_>, index: &Index, lines: &[(usize, Vec<Detail>)]) -> Entries {
    let mut wanted: BTreeSet<TraceNumber> = BTreeSet::new();
    for (at, parts) in lines {
        let Some(line) = work.received.get(*at) else {
            continue;
        };
        let none = BTreeMap::new();
        let of_entries = parts
            .iter()
            .filter(|part| open_thing(work, index, line, part, &none).is_none());
        wanted.extend(of_entries.flat_map(traces));
    }
    let mut entries = Entries::new();
    if wanted.is_empty() {
        return entries;
    }
    for (at, side) in work.open().filter(|(_, one)| !one.is_return()) {
        let waiting = waiting(work, side);
        let sum = waiting
            .iter()
            .fold(0i128, |sum, member| sum.plus(cents(member)));
        let rest = work.expects(at);
        for member in waiting.iter().filter(|one| wanted.contains(&one.trace)) {
            // What waits for an open break may be some of several: what comes by name is told.
            let told = is_short(side) && part_of(cents(member), rest);
            if sum == rest || cents(member) == rest || told {
                let of = entries.entry(member.trace).or_default();
                of.push((at, cents(member)));
            }
        }
    }
    entries
}

/// Whether a part of a side has come, and a break is open about the rest.
fn is_short(side: &Expectation) -> bool {
    side.found.is_some() && side.remainder != side.cents
}

fn cents(member: &Member) -> i128 {
    i128::from(member.cents.get())
}

fn traces(part: &Detail) -> impl Iterator<Item = TraceNumber> + '_ {
    part.names.iter().filter_map(|name| match name {
        Name::Trace(trace) => Some(*trace),
        _ => None,
    })
}

/// The entries of a side that have not come.
fn waiting(work: &Work<'_>, side: &Expectation) -> Vec<Member> {
    let waits: BTreeSet<TraceNumber> = side.waits.iter().copied().collect();
    let mut all = (work.input.members)(side);
    all.retain(|member| waits.is_empty() || waits.contains(&member.trace));
    all
}

/// Allocates the parts of a line that name what waits.
fn meet(
    work: &mut Work<'_>,
    index: &Index,
    entries: &Entries,
    (at, parts): (usize, &[Detail]),
    told: &mut Told,
) {
    let Some(line) = work.received.get(at) else {
        return;
    };
    let mut met: BTreeMap<usize, i128> = BTreeMap::new();
    let mut named: Vec<(usize, TraceNumber)> = Vec::new();
    let mut taken: BTreeSet<(usize, TraceNumber)> = BTreeSet::new();
    let mut left: Vec<Detail> = Vec::new();
    for part in parts {
        let amount = i128::from(part.cents.get());
        if let Some(thing) = open_thing(work, index, line, part, &met) {
            met.insert(thing, amount);
        } else if let Some((side, trace)) = entry(work, entries, line, part, |one| {
            taken.contains(one) || told.get(&one.0).is_some_and(|t| t.0.contains(&one.1))
        }) {
            let sum = met.entry(side).or_default();
            *sum = sum.plus(amount);
            taken.insert((side, trace));
            named.push((side, trace));
        } else {
            left.push(part.clone());
        }
    }
    let (sum, has) = (
        met.values().fold(0i128, |sum, one| sum.plus(*one)),
        work.has(at),
    );
    let fits = |(side, cents): (&usize, &i128)| {
        let whole = work.expects(*side);
        *cents == whole || part_of(*cents, whole)
    };
    if met.is_empty() || (sum != has && !part_of(sum, has)) || !met.iter().all(fits) {
        return;
    }
    let evidence = format!(
        "{} of {} parts name what they are",
        parts.len().less(left.len()),
        parts.len()
    );
    let met: Vec<(usize, i128)> = met.into_iter().collect();
    work.allocate(Pass::Details, evidence, &[(at, sum)], &met, Vec::new());
    if let Some(line) = work.received.get_mut(at) {
        line.details = left;
    }
    for (side, trace) in named {
        let (traces, lines) = told.entry(side).or_default();
        traces.insert(trace);
        lines.insert(at);
    }
}

/// The open thing that a part names, of its amount, and not met by another part.
fn open_thing(
    work: &Work<'_>,
    index: &Index,
    line: &Receipt,
    part: &Detail,
    met: &BTreeMap<usize, i128>,
) -> Option<usize> {
    let of = part
        .names
        .iter()
        .filter_map(|name| index.get(&(line.account.clone(), name.clone())));
    let equal = |at: &&usize| work.expects(**at) == i128::from(part.cents.get());
    let free = |at: &&usize| !met.contains_key(*at);
    of.flatten().find(|at| free(at) && equal(at)).copied()
}

/// The entry that a part names, of its amount: the only one, or of several with one trace that of
/// a batch which is named too, or else the only one whose money may come on that day.
fn entry(
    work: &Work<'_>,
    entries: &Entries,
    line: &Receipt,
    part: &Detail,
    taken: impl Fn(&(usize, TraceNumber)) -> bool,
) -> Option<(usize, TraceNumber)> {
    let of_account = |at: usize| {
        let side = work.expected.get(at)?;
        (side.account == line.account).then_some(side)
    };
    let mut found: Vec<(usize, TraceNumber)> = Vec::new();
    for trace in traces(part) {
        let all = entries.get(&trace).into_iter().flatten();
        let equal = all.filter(|(_, cents)| *cents == i128::from(part.cents.get()));
        found.extend(equal.map(|(side, _)| (*side, trace)));
    }
    found.retain(|one| of_account(one.0).is_some() && !taken(one));
    if line.details.is_empty() {
        // A line that lists nothing may be of an entry that was missing, and of no other.
        let missing = |side: &Expectation| !side.waits.is_empty() || is_short(side);
        found.retain(|one| of_account(one.0).is_some_and(missing));
    }
    let own = |side: &Expectation| side.names().into_iter().next();
    let names = |one: &&(usize, TraceNumber)| {
        let own = of_account(one.0).and_then(own);
        own.is_some_and(|own| part.names.contains(&own) || line.names.contains(&own))
    };
    let in_time = |one: &&(usize, TraceNumber)| {
        of_account(one.0).is_some_and(|side| work.within(side, line.value))
    };
    only(found.iter().collect())
        .or_else(|| only(found.iter().filter(names).collect()))
        .or_else(|| only(found.iter().filter(in_time).collect()))
}

fn only(found: Vec<&(usize, TraceNumber)>) -> Option<(usize, TraceNumber)> {
    match found[..] {
        [one] => Some(*one),
        _ => None,
    }
}

/// Of a side whose entries were named, those that were not wait.
fn unnamed(work: &mut Work<'_>, at: usize, told: &BTreeSet<TraceNumber>, lines: &BTreeSet<usize>) {
    let Some(side) = work.expected.get(at) else {
        return;
    };
    if side.remainder.is_zero() {
        return;
    }
    let all = waiting(work, side);
    let (many, several) = (all.len(), side.shape.several && work.in_time(side.due));
    let mut left = all;
    left.retain(|member| !told.contains(&member.trace));
    let mut waits: Vec<TraceNumber> = left.iter().map(|member| member.trace).collect();
    waits.sort_unstable();
    let sum = left.iter().map(cents).fold(0i128, Exact::plus);
    // Where they are more than what is missing, the break that was open stays, with less.
    let open = side.found.filter(|_| sum != work.expects(at));
    let kind = open.unwrap_or(BreakKind::MissingAtBank);
    let off = work.expects(at).times(-1);
    let why = match open {
        Some(_) => {
            "what has come since is named; which of the others were paid nobody knows".into()
        }
        None if by_name(work, lines) => {
            let missing = waits.len();
            format!("the bank names what has come since: {missing} of {many} entries have not")
        }
        None => {
            let missing = waits.len();
            format!("camt detail: the bank lists all but {missing} of {many} entries")
        }
    };
    let mut finding = Finding::new(kind, off, why);
    finding.expectations = work.ids_expected(&[at]);
    // A line of which parts are left has a finding of its own.
    let whole = lines.iter().filter(|line| work.has(**line) == 0);
    finding.receipts = work.ids_received(&whole.copied().collect::<Vec<_>>());
    finding.candidates.clone_from(&waits);
    if let Some(side) = work.expected.get_mut(at) {
        side.waits = waits;
        // Where the rest may come in another line, nothing of it is missing yet.
        side.found = (!several).then_some(kind);
    }
    if !several {
        work.find(finding);
    }
}

/// Whether each of these lines is of one entry, which it names.
fn by_name(work: &Work<'_>, lines: &BTreeSet<usize>) -> bool {
    lines.iter().all(|at| {
        let names = work.received.get(*at).map(|line| line.names.as_slice());
        matches!(names, Some([Name::Trace(_)]))
    })
}
