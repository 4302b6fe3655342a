//! Fundings: wires that were announced.
//!
//! A wire answers an announcement whose reference it says, in whatever field, and whose amount it
//! has. One of another amount answers nothing: nobody knows whether it is that wire less a charge,
//! or another one. Where a wire names nothing at all, day and amount tell only where it is the only
//! one of both, and so is the announcement: two originators who wire the same on one day get
//! nothing by a guess. A wire that names something else is about that (`crate::funding`), and one
//! that says only a company of ours is of that company.
//!
//! What a wire is about nothing else is: no group, cause or chain looks at a funding.

use super::allocation::Pass;
use super::item::{Expectation, Kind, Name, Receipt};
use super::work::Work;
use crate::bank::LineRole;
use crate::reconcile::legs::BreakKind;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Announcements that a finding names, at most.
const SHOWN: usize = 5;

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
        let ([line], Some([one])) = (of.as_slice(), waits.get(&seen).map(Vec::as_slice)) else {
            continue;
        };
        let line_of = work.received.get(*line);
        if line_of
            .zip(work.expected.get(*one))
            .is_some_and(|(line, one)| is_of(line, one))
        {
            let evidence = "the only wire of its day and amount, as it was announced".to_owned();
            work.meet(Pass::Nameless, evidence, &[*line], &[*one]);
        }
    }
}

/// Whether a line is a wire that says nothing, but perhaps a company of ours.
fn is_silent(line: &Receipt) -> bool {
    !line.reverses && says_nothing(line)
}

fn says_nothing(line: &Receipt) -> bool {
    let company = |name: &Name| matches!(name, Name::Company(_));
    line.role == LineRole::Funding && line.names.iter().all(company)
}

/// Whether a line says no company but the one that announced.
fn is_of(line: &Receipt, one: &Expectation) -> bool {
    let company = |name: &Name| match name {
        Name::Company(company) => *company == one.company,
        _ => true,
    };
    line.names.iter().all(company)
}

/// A wire that the bank takes back without its reference, where only one that came can be meant.
/// What it takes back by name was found before.
fn taken_back(work: &mut Work<'_>) {
    let lines = work
        .free()
        .filter(|(_, line)| line.reverses && says_nothing(line));
    let lines: Vec<usize> = lines.map(|(at, _)| at).collect();
    for at in lines {
        let Some(line) = work.received.get(at) else {
            continue;
        };
        let came = |(at, one): &(usize, &Expectation)| {
            work.answered.contains_key(at)
                && one.is_funding()
                && one.account == line.account
                && is_of(line, one)
                && one.remainder.is_zero()
                && one.cents.checked_neg() == Some(line.remainder)
        };
        let mut all = work.expected.iter().enumerate().filter(came);
        if let (Some((one, _)), None) = (all.next(), all.next()) {
            work.undo(at, one);
        }
    }
}

/// What a wire is that answers nothing and names no announcement, where some of its amount wait
/// inside their time.
pub(super) fn of_unnamed(work: &Work<'_>, line: &Receipt) -> Option<(BreakKind, String)> {
    let could = |one: &Expectation| {
        let equal = one.remainder == line.remainder && work.within(one, line.value);
        equal && line.fits(one.kind) && is_of(line, one)
    };
    let all = work.fundings().map(|(_, one)| one);
    let all: Vec<&Expectation> = all.filter(|one| could(one)).collect();
    if all.is_empty() || line.reverses {
        return None;
    }
    let many = all.len();
    let names = all.iter().take(SHOWN).map(|one| Kind::name_of(&one.id));
    let mut names = names.collect::<Vec<_>>().join(", ");
    if many > SHOWN {
        names.push_str(", ...");
    }
    Some(match is_silent(line) {
        true => {
            let why = format!("a wire that says nothing, and {many} of its amount were announced");
            (BreakKind::Ambiguous, format!("{why}: {names}"))
        }
        false => {
            let why = "it names something that nobody announced; of its amount was announced";
            (BreakKind::UnexpectedAtBank, format!("{why}: {names}"))
        }
    })
}

/// What a wire is that answers nothing and names only what was announced.
pub(super) fn of_named(work: &Work<'_>, line: &Receipt) -> Option<(BreakKind, String)> {
    let other = |name: &Name| matches!(name, Name::Batch(_) | Name::Trace(_) | Name::File(_));
    if line.names.iter().any(other) {
        return None;
    }
    let own = |one: &Expectation| one.names().into_iter().next();
    let named = work.expected.iter().filter(|one| {
        one.is_funding() && may_be(line, one) && own(one).is_some_and(|n| line.names.contains(&n))
    });
    let named: Vec<&Expectation> = named.collect();
    let name = named.first().map(|one| Kind::name_of(&one.id))?;
    let say = |kind, why: &str| Some((kind, why.to_owned()));
    if named
        .iter()
        .any(|one| one.remainder.is_zero() && one.cents == line.remainder)
    {
        let why = "the wire that was announced has come, and comes again";
        return say(BreakKind::DupStatement, why);
    }
    let other_way = line.remainder.checked_neg();
    if named.iter().any(|one| Some(one.cents) == other_way) {
        let why = "the amount of what it names, the other way";
        return say(BreakKind::Direction, why);
    }
    let waits = named.iter().filter(|one| !one.remainder.is_zero());
    let equal = waits.clone().filter(|one| one.remainder == line.remainder);
    match (equal.count(), waits.count()) {
        (0, 0) => {
            let why = format!(
                "{name} has come, and this is another amount under its reference: the rest of it \
                 may be announced under the same"
            );
            Some((BreakKind::Amount, why))
        }
        (1, _) if named.len() == 1 => {
            let why = format!("it says the reference of {name}, and another company of ours");
            Some((BreakKind::UnexpectedAtBank, why))
        }
        (0 | 1, _) => say(BreakKind::Amount, "another amount was announced"),
        (many, _) => {
            let why = format!("it says {many} references, each announced of its amount");
            Some((BreakKind::Ambiguous, why))
        }
    }
}
