//! Fundings: wires that were announced.
//!
//! A wire answers an announcement whose reference it says, in whatever field, and whose amount it
//! has. One of another amount answers nothing: nobody knows whether it is that wire less a charge,
//! or another one. Where a wire names nothing at all, day and amount tell only where it is the only
//! one of both, and so is the announcement: two originators who wire the same on one day get
//! nothing by a guess. A wire that names something else is about that.
//!
//! What a wire is about nothing else is: no group, cause or chain looks at a funding.

use super::allocation::Pass;
use super::item::{Expectation, Name, Receipt};
use super::work::Work;
use crate::bank::LineRole;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Whether a line may be a wire, by its role, or where it has none.
fn may_be(line: &Receipt, one: &Expectation) -> bool {
    line.account == one.account && (line.fits(one.kind) || line.role == LineRole::Other)
}

/// Whether a line says the reference of a funding, and no company's but its own.
fn says(line: &Receipt, one: &Expectation) -> bool {
    let company = |name: &Name| match name {
        Name::Company(company) => one.company.is_empty() || *company == one.company,
        _ => true,
    };
    let own = one.names().into_iter().next();
    own.is_some_and(|own| line.names.contains(&own)) && line.names.iter().all(company)
}

/// The fundings that wait and that a line names.
fn named(work: &Work<'_>, line: &Receipt) -> Vec<usize> {
    let all = work.fundings();
    let named = all.filter(|(_, one)| may_be(line, one) && says(line, one));
    named.map(|(at, _)| at).collect()
}

/// Whether a funding waits for just this money by its reference: then it takes nothing back.
pub(super) fn is_expected(work: &Work<'_>, at: usize) -> bool {
    let Some(line) = work.received.get(at) else {
        return false;
    };
    let named = named(work, line);
    !named.is_empty() && work.expects_all(&named) == work.has(at)
}

/// Gives wires to what was announced, and takes back what the bank does.
pub(super) fn funded(work: &mut Work<'_>) {
    taken_back(work);
    by_reference(work);
    by_day(work);
}

/// Wires that name what they are, in its amount; or several things, in the amount of all.
fn by_reference(work: &mut Work<'_>) {
    let lines: Vec<usize> = work.free().map(|(at, _)| at).collect();
    for at in lines {
        if !is_expected(work, at) {
            continue;
        }
        let named = work.received.get(at).map(|line| named(work, line));
        let named = named.unwrap_or_default();
        let evidence = match named.len() {
            1 => "reference and amount agree".to_owned(),
            many => format!("it says {many} references, and is their amount together"),
        };
        work.meet(Pass::Named, evidence, &[at], &named);
    }
}

/// What tells wires that say nothing from each other: account, day and cents.
type Seen = (String, Date, i128);

/// Wires that name nothing: each the only one of its day and amount, as is the announcement.
fn by_day(work: &mut Work<'_>) {
    let (mut lines, mut waits) = (BTreeMap::new(), BTreeMap::new());
    for (at, line) in work.free().filter(|(_, line)| is_silent(line)) {
        let seen: Seen = (line.account.clone(), line.value, work.has(at));
        let of: &mut Vec<usize> = lines.entry(seen).or_default();
        of.push(at);
    }
    for (at, one) in work.fundings() {
        let seen: Seen = (one.account.clone(), one.due, work.expects(at));
        let of: &mut Vec<usize> = waits.entry(seen).or_default();
        of.push(at);
    }
    for (seen, of) in lines {
        if let ([line], Some([one])) = (of.as_slice(), waits.get(&seen).map(Vec::as_slice)) {
            let evidence = "the only wire of its day and amount, as it was announced".to_owned();
            work.meet(Pass::Nameless, evidence, &[*line], &[*one]);
        }
    }
}

/// Whether a line is a wire that says nothing.
fn is_silent(line: &Receipt) -> bool {
    line.role == LineRole::Funding && line.is_nameless() && !line.reverses
}

/// A wire that the bank takes back without its reference, where only one that came can be meant.
/// What it takes back by name was found before.
fn taken_back(work: &mut Work<'_>) {
    let lines = work
        .free()
        .filter(|(_, line)| line.role == LineRole::Funding && line.is_nameless() && line.reverses);
    let lines: Vec<usize> = lines.map(|(at, _)| at).collect();
    for at in lines {
        let Some(line) = work.received.get(at) else {
            continue;
        };
        let came = |(at, one): &(usize, &Expectation)| {
            work.answered.contains_key(at)
                && one.is_funding()
                && one.account == line.account
                && one.remainder.is_zero()
                && one.cents.checked_neg() == Some(line.remainder)
        };
        let mut all = work.expected.iter().enumerate().filter(came);
        if let (Some((one, _)), None) = (all.next(), all.next()) {
            work.undo(at, one);
        }
    }
}

/// How many fundings a wire that says nothing could be: of its amount, inside their time.
pub(super) fn candidates(work: &Work<'_>, line: &Receipt) -> usize {
    let could = |one: &Expectation| {
        may_be(line, one) && one.remainder == line.remainder && work.within(one, line.value)
    };
    let silent = is_silent(line);
    work.fundings()
        .filter(|(_, one)| silent && could(one))
        .count()
}
