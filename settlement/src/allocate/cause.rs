//! Pass 4: a name agrees, the amount does not, and there is one cause or none.
//!
//! An equality of amounts is not a cause: among 2,500 amounts there are often dozens of pairs with
//! a given sum. What may explain a difference is a closed list, and each needs evidence of its
//! own:
//!
//! | hypothesis | its evidence |
//! |---|---|
//! | a contracted fee was kept back | the bank's text has the contract's word, within its counts |
//! | one entry is missing | the line names its trace |
//! | two entries are missing | the line names both traces |
//! | a return was netted | the only one of that amount is of the batch, or nothing else fits |
//! | another batch came with it | the line names it |
//! | rounding, within the tolerance | the profile says why |
//!
//! The only one that has evidence is the cause, and is booked. Otherwise nothing is guessed: what
//! came is allocated all the same, the entries that a hypothesis names wait, the others have
//! settled, and the difference stays on clearing under the batch. Where one entry is the only
//! candidate of all hypotheses the break says which one is missing; where there is no hypothesis
//! at all, or none that names an entry, nobody knows which were paid, and the whole side waits.

use super::allocation::{Item, Pass, Share};
use super::day::Finding;
use super::group::{eligible, groups};
use super::hypotheses::{Hypotheses, Shown, hypotheses, in_words};
use super::item::{Kind, Member, Name, Receipt};
use super::named::{may_be, part_of, tells_again};
use super::work::{Work, names_itself, signed};
use crate::bank::netted::NettedFee;
use crate::bank::shape::By;
use crate::exact::Exact;
use crate::ids::TraceNumber;
use crate::reconcile::legs::BreakKind;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// Entries among which missing ones are looked for. More are not searched, and the break says so.
pub const MOST_MEMBERS: usize = 250_000;

/// Lines, and what they are the money of but for a difference.
struct Case {
    lines: Vec<usize>,
    expected: Vec<usize>,
}

/// The one that has evidence.
enum Cause {
    Fee,
    Missing(BTreeSet<TraceNumber>),
    Item(usize),
    Rounding,
}

pub(super) fn causes(work: &mut Work<'_>) {
    for case in cases(work) {
        settle(work, &case);
    }
}

/// Lines that name one open thing, and lines that can only be of one group.
fn cases(work: &Work<'_>) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    for (at, one) in work.open().filter(|(_, one)| !one.is_return()) {
        let of = |line: &Receipt| {
            line.account == one.account
                && may_be(line, one.kind)
                && names_itself(line, one)
                && !tells_again(work, line, one)
                && Some(one.cents) != line.remainder.checked_neg()
        };
        let lines: Vec<usize> = work
            .free()
            .filter(|(_, l)| of(l))
            .map(|(at, _)| at)
            .collect();
        if !lines.is_empty() {
            taken.extend(&lines);
            cases.push(Case {
                lines,
                expected: vec![at],
            });
        }
    }
    let groups = groups(work, |one| one.shape);
    let shape = |at: usize| {
        work.expected
            .get(at)
            .map(|one| one.shape)
            .unwrap_or_default()
    };
    for (at, line) in work
        .free()
        .filter(|(at, line)| !taken.contains(at) && line.is_ach())
    {
        let mut fits = groups.iter().filter(|group| {
            let by = group
                .members
                .first()
                .map_or(By::Batch, |first| shape(*first).by);
            by != By::Batch && line.value == group.key.due() && eligible(work, group, line)
        });
        if let (Some(group), None) = (fits.next(), fits.next()) {
            let expected = group.members.clone();
            match cases.iter_mut().find(|case| case.expected == expected) {
                Some(case) => case.lines.push(at),
                None => cases.push(Case {
                    lines: vec![at],
                    expected,
                }),
            }
        }
    }
    cases
}

fn settle(work: &mut Work<'_>, case: &Case) {
    let case = Case {
        lines: case
            .lines
            .iter()
            .copied()
            .filter(|at| work.has(*at) != 0)
            .collect(),
        expected: case
            .expected
            .iter()
            .copied()
            .filter(|at| work.expects(*at) != 0)
            .collect(),
    };
    let (came, whole) = (work.has_all(&case.lines), work.expects_all(&case.expected));
    if case.lines.is_empty() || case.expected.is_empty() || came == whole {
        return;
    }
    let off = came.less(whole);
    if part_of(came, whole) && case.expected.iter().all(|at| may_still_come(work, *at)) {
        return;
    }
    let members = members(work, &case);
    let all = hypotheses(work, &case.expected, &members, off);
    match the_cause(work, &case, &all, off) {
        Some(cause) => booked(work, &case, &all, (cause, off)),
        None => undecided(work, &case, &all, off),
    }
}

/// Books a cause.
fn booked(work: &mut Work<'_>, case: &Case, all: &Hypotheses, (cause, off): (Cause, i128)) {
    match cause {
        Cause::Fee => {
            let word = all.fee.as_ref().map(|fee| fee.word.clone());
            let word = word.unwrap_or_default();
            let evidence = format!("the bank kept {} and says {word}", Shown(off));
            apply(
                work,
                case,
                off,
                Item::NettedFee,
                evidence,
                BreakKind::FeeNetted,
            );
        }
        Cause::Rounding => {
            let off_by = Shown(off);
            let evidence = format!("off by {off_by}, within the tolerance of the profile");
            apply(
                work,
                case,
                off,
                Item::Rounding,
                evidence,
                BreakKind::Rounding,
            );
        }
        Cause::Item(at) => {
            let mut expected = case.expected.clone();
            expected.push(at);
            let id = work.ids_expected(&[at]).concat();
            let evidence = format!("{id} came with it, and is the difference");
            work.meet(Pass::Cause, evidence, &case.lines, &expected);
        }
        Cause::Missing(traces) => {
            let why = format!("the bank names what is missing: {} of it", traces.len());
            part(
                work,
                case,
                off,
                Some(&traces),
                (BreakKind::MissingAtBank, why),
            );
        }
    }
}

/// Whether the rest may come in another line, as this bank settles.
fn may_still_come(work: &Work<'_>, at: usize) -> bool {
    let one = work.expected.get(at);
    one.is_some_and(|one| one.shape.several && work.in_time(one.due))
}

/// The entries of a case, where there are few enough to be looked at.
fn members(work: &Work<'_>, case: &Case) -> Option<Vec<(usize, Member)>> {
    let mut members = Vec::new();
    for at in &case.expected {
        let one = work.expected.get(*at)?;
        let waits: BTreeSet<TraceNumber> = one.waits.iter().copied().collect();
        let of = (work.input.members)(one).into_iter();
        let left = of.filter(|member| waits.is_empty() || waits.contains(&member.trace));
        members.extend(left.map(|member| (*at, member)));
        if members.len() > MOST_MEMBERS {
            return None;
        }
    }
    members.sort_by_key(|(_, member)| *member);
    Some(members)
}

/// The only hypothesis that has evidence of its own.
fn the_cause(work: &Work<'_>, case: &Case, all: &Hypotheses, off: i128) -> Option<Cause> {
    let lines = || case.lines.iter().filter_map(|at| work.received.get(*at));
    let names = |name: &Name| lines().any(|line| line.names.contains(name));
    let mut causes = Vec::new();
    if let Some(fee) = &all.fee {
        let says = lines().any(|line| says(&line.text, &fee.word));
        if says && within_counts(work, fee) {
            causes.push(Cause::Fee);
        }
    }
    let told = |trace: &TraceNumber| names(&Name::Trace(*trace));
    causes.extend(
        all.one
            .iter()
            .filter(|m| told(&m.trace))
            .map(|m| Cause::Missing([m.trace].into())),
    );
    let two: BTreeSet<TraceNumber> = all.two.0.iter().filter(|t| told(t)).copied().collect();
    if two.len() == 2 {
        causes.push(Cause::Missing(two));
    }
    causes.extend(netted(work, case, all).map(Cause::Item));
    let named_too = |at: &&usize| {
        let one = work.expected.get(**at);
        one.is_some_and(|one| lines().any(|line| names_itself(line, one)))
    };
    causes.extend(
        all.others
            .iter()
            .filter(named_too)
            .map(|at| Cause::Item(*at)),
    );
    if all.rounding && off != 0 {
        causes.push(Cause::Rounding);
    }
    let only = causes.pop()?;
    causes.is_empty().then_some(only)
}

/// The return that the bank kept from a figure. That one came back which is in it is evidence; that
/// one of another batch has the amount is none, for on a day of thousands some return has any
/// amount: it is believed where nothing else fits, until its own line comes (`again`).
fn netted(work: &Work<'_>, case: &Case, all: &Hypotheses) -> Option<usize> {
    let of = |at: usize| work.expected.get(at).and_then(|one| one.batch);
    let sides = case.expected.iter().filter_map(|at| work.expected.get(*at));
    let ours = |at: usize| {
        let of = of(at);
        let mut sides = sides.clone();
        sides.any(|side| matches!(side.kind, Kind::Side(key, _) if Some(key) == of))
    };
    let own: Vec<usize> = all.returns.iter().copied().filter(|at| ours(*at)).collect();
    match (own.as_slice(), all.returns.as_slice()) {
        ([only], _) => Some(*only),
        ([], [only]) if all.is_nothing_else() => Some(*only),
        _ => None,
    }
}

/// Whether a text says a word, whole and without regard to case, and does not deny it.
fn says(text: &str, word: &str) -> bool {
    const NO: [&str; 5] = ["NO", "NOT", "NON", "WITHOUT", "ZERO"];
    let text = text.to_ascii_uppercase();
    let mut before = "";
    for found in text.split(|c: char| !c.is_ascii_alphanumeric()) {
        if found.eq_ignore_ascii_case(word) && !NO.contains(&before) {
            return !word.is_empty();
        }
        before = found;
    }
    false
}

/// Whether the contract lets the bank keep a fee once more on this day.
fn within_counts(work: &Work<'_>, fee: &NettedFee) -> bool {
    let today = work.input.today;
    // What gives a fee back takes one away from the month.
    let todays = |back: bool| {
        let made = work.allocations.iter();
        let made = made.filter(|one| one.reverses.is_some() == back);
        let kept = made.flat_map(|one| &one.shares);
        let kept = kept.filter(|share| matches!(share.item, Item::NettedFee(_)));
        kept.filter(|share| share.cents.magnitude() == fee.cents)
            .count()
    };
    let (now, back) = (todays(false), todays(true));
    let before = |of: &dyn Fn(Date) -> bool| {
        let kept = work.input.netted_before.iter();
        kept.filter(|(day, cents)| of(*day) && *cents == fee.cents)
            .count()
    };
    let month = |day: Date| (day.year(), day.month()) == (today.year(), today.month());
    let (day, month) = (
        before(&|day| day == today).plus(now),
        before(&month).plus(now).saturating_sub(back), // saturates: it was of another month
    );
    (day as u64) < u64::from(fee.per_day) && (month as u64) < u64::from(fee.per_month)
}

/// Books a cause that makes up the difference.
fn apply(
    work: &mut Work<'_>,
    case: &Case,
    off: i128,
    item: fn(String) -> Item,
    evidence: String,
    kind: BreakKind,
) {
    let id = case.expected.first().and_then(|at| work.expected.get(*at));
    let id = id.map(|one| one.id.clone()).unwrap_or_default();
    let lines: Vec<_> = case.lines.iter().map(|at| (*at, work.has(*at))).collect();
    let expected: Vec<_> = case
        .expected
        .iter()
        .map(|at| (*at, work.expects(*at)))
        .collect();
    let share = Share {
        item: item(id),
        cents: signed(off.times(-1)),
    };
    let mut finding = Finding::new(kind, off, evidence.clone());
    finding.expectations = work.ids_expected(&case.expected);
    finding.receipts = work.ids_received(&case.lines);
    work.allocate(Pass::Cause, evidence, &lines, &expected, vec![share]);
    work.find(finding);
}

/// No cause: what came is allocated, what a hypothesis names waits, and nothing is guessed.
fn undecided(work: &mut Work<'_>, case: &Case, all: &Hypotheses, off: i128) {
    let named: BTreeSet<TraceNumber> = all
        .one
        .iter()
        .map(|m| m.trace)
        .chain(all.two.0.iter().copied())
        .collect();
    let (fees, rounding) = (u64::from(all.fee.is_some()), u64::from(all.rounding));
    let items = (all.returns.len() as u64).plus(all.others.len() as u64);
    let others = fees.plus(rounding).plus(items).plus(all.two.1);
    let count = (all.one.len() as u64).plus(others);
    let whole = Shown(work.expects_all(&case.expected));
    if let ([only], 0) = (all.one.as_slice(), others) {
        let why = format!("one entry of {} is absent", only.cents.magnitude());
        part(
            work,
            case,
            off,
            Some(&named),
            (BreakKind::MissingAtBank, why),
        );
    } else if count > 0 {
        let why = format!("off by {}: {}", Shown(off), in_words(work, all));
        part(work, case, off, Some(&named), (BreakKind::Ambiguous, why));
    } else {
        let came = Shown(work.has_all(&case.lines));
        let looked = if all.searched {
            ""
        } else {
            "; too many entries to look for one"
        };
        let why =
            format!("expected {whole}, the bank says {came}, and nothing explains it{looked}");
        part(work, case, off, None, (BreakKind::Amount, why));
    }
}

/// Allocates what came; the difference stays with the one that can carry it. `waits` are the
/// entries that must wait; with none at all the whole side does.
fn part(
    work: &mut Work<'_>,
    case: &Case,
    off: i128,
    waits: Option<&BTreeSet<TraceNumber>>,
    (kind, why): (BreakKind, String),
) {
    let mut finding = Finding::new(kind, off, why);
    finding.expectations = work.ids_expected(&case.expected);
    finding.receipts = work.ids_received(&case.lines);
    finding.candidates = waits.into_iter().flatten().copied().collect();
    if let Some(at) = carrier(work, case, off, waits) {
        let lines: Vec<_> = case.lines.iter().map(|at| (*at, work.has(*at))).collect();
        let expected = case.expected.iter().map(|one| {
            let whole = work.expects(*one);
            (*one, if *one == at { whole.plus(off) } else { whole })
        });
        let expected: Vec<_> = expected.collect();
        let evidence = "what came of it; the difference is a break".to_owned();
        work.allocate(Pass::Cause, evidence, &lines, &expected, Vec::new());
        finding.expectations = work.ids_expected(&[at]); // the same tomorrow
        if let Some(one) = work.expected.get_mut(at) {
            one.waits = waits.into_iter().flatten().copied().collect();
            one.found = Some(kind);
        }
    } else if case.expected.len() == 1 {
        // More came than was expected: what was expected is there, the rest answers nothing.
        surplus(work, case, off, kind);
    }
    // Of several things together nobody knows which one is short: all of them wait.
    work.find(finding);
}

/// The expectation that the difference can stay with: the only one, or of several the only one
/// that has entries which wait.
fn carrier(
    work: &Work<'_>,
    case: &Case,
    off: i128,
    waits: Option<&BTreeSet<TraceNumber>>,
) -> Option<usize> {
    let missing = off.times(-1);
    let has = |at: &usize| {
        let one = work.expected.get(*at);
        let of = one.map(|one| (work.input.members)(one)).unwrap_or_default();
        let mut of = of.into_iter();
        of.any(|member| waits.is_some_and(|waits| waits.contains(&member.trace)))
    };
    let at = match case.expected[..] {
        [only] => only,
        _ => {
            let mut with = case.expected.iter().copied().filter(has);
            match (with.next(), with.next()) {
                (Some(only), None) => only,
                _ => return None,
            }
        }
    };
    let whole = work.expects(at);
    (part_of(missing, whole) || missing == whole).then_some(at)
}

/// Allocates all that was expected, and leaves the rest on the lines, the last ones first.
fn surplus(work: &mut Work<'_>, case: &Case, off: i128, kind: BreakKind) {
    let mut rest = off;
    let mut lines: Vec<(usize, i128)> = Vec::new();
    for at in case.lines.iter().rev() {
        let has = work.has(*at);
        let same = (has > 0) == (rest > 0);
        let leaves = if rest == 0 || !same {
            0
        } else if has.unsigned_abs() < rest.unsigned_abs() {
            has
        } else {
            rest
        };
        rest = rest.less(leaves);
        lines.push((*at, has.less(leaves)));
    }
    if rest == 0 {
        let expected: Vec<_> = case
            .expected
            .iter()
            .map(|at| (*at, work.expects(*at)))
            .collect();
        let evidence = "all that was expected came, and more".to_owned();
        work.allocate(Pass::Cause, evidence, &lines, &expected, Vec::new());
        let about = work
            .ids_expected(&case.expected)
            .into_iter()
            .next()
            .unwrap_or_default();
        for (at, _) in lines {
            let line = work
                .received
                .get_mut(at)
                .filter(|line| !line.remainder.is_zero());
            if let Some(line) = line {
                line.found = Some((kind, about.clone()));
            }
        }
    }
}
