//! What is known later displaces what was known before: batches that the bank rejected, and settles
//! all the same, and lines that name what a line without a name had been taken for.

use super::allocation::{Allocation, Item, Pass};
use super::item::{Earlier, Expectation, Kind, Receipt};
use super::named::{may_be, part_of};
use super::work::{Work, names_itself, signed};
use crate::exact::Exact;
use crate::money::SignedCents;
use crate::reconcile::legs::BreakKind;
use std::collections::BTreeSet;

/// Expects nothing more of what the bank rejected. What has come of a side stays with it, and its
/// payments where their money is; a return goes with its side, and what had answered it is
/// nobody's.
pub(super) fn withdraw(work: &mut Work<'_>) {
    let rejected = |one: &&Expectation| one.rejected && !one.is_return();
    let mut gone: BTreeSet<String> = BTreeSet::new();
    let mut parts: Vec<String> = Vec::new();
    for one in work.expected.iter().filter(rejected) {
        let begun = one.remainder != one.cents;
        if !begun {
            gone.insert(one.id.clone());
        } else if !one.remainder.is_zero() && one.settled_but().is_none() {
            parts.extend(one.last.clone()); // a part alone settles nobody
            gone.insert(one.id.clone());
        }
    }
    let with_it = |one: &Expectation| {
        let side = one.batch.map(|key| Kind::side_id(key, one.direction()));
        one.is_return() && side.is_some_and(|side| gone.contains(&side))
    };
    let answered = work.expected.iter().enumerate();
    let answered = answered.filter(|(_, one)| with_it(one) && one.remainder.is_zero());
    parts.extend(answered.filter_map(|(at, _)| work.answered.get(&at).cloned()));
    let returns = work.expected.iter().filter(|one| with_it(one));
    let returns: Vec<String> = returns.map(|one| one.id.clone()).collect();
    gone.extend(returns);
    for earlier in work.input.earlier {
        let all_go = |made: &Allocation| made.expectations().all(|(id, _)| gone.contains(id));
        let stands = work.stands(&earlier.allocation.id);
        if stands && parts.contains(&earlier.allocation.id) && all_go(&earlier.allocation) {
            let evidence = "the bank rejected what it had answered".to_owned();
            free(work, earlier);
            work.reverse(&earlier.allocation, Pass::Displaced, evidence);
        }
    }
    for one in work
        .expected
        .iter_mut()
        .filter(|one| gone.contains(&one.id))
    {
        if one.remainder == one.cents {
            one.remainder = SignedCents::ZERO;
            (one.last, one.found, one.rejected) = (None, None, true);
            one.waits.clear();
        }
    }
    waiting_entries(work);
}

/// Entries of a rejected side that wait though the rest has settled: they were rejected with it, so
/// nothing is expected of them. Where they are more than what is missing, some of their money is
/// here, nobody knows whose: it is no settlement of theirs, and answers nothing.
fn waiting_entries(work: &mut Work<'_>) {
    let waits = |one: &Expectation| one.rejected && one.found.is_some() && !one.waits.is_empty();
    let sides = work.expected.iter().enumerate();
    let sides = sides.filter(|(_, one)| waits(one));
    for at in sides.map(|(at, _)| at).collect::<Vec<_>>() {
        let Some(one) = work.expected.get(at).cloned() else {
            continue;
        };
        let unpaid = work.waiting_cents(&one);
        if one.waits.len() > 1 && unpaid != work.expects(at) && !give_back(work, at, unpaid) {
            continue; // what they come to is not told: they wait on
        }
        if let Some(left) = work.expected.get_mut(at) {
            (left.remainder, left.found) = (SignedCents::ZERO, None);
            left.waits.clone_from(&one.waits);
        }
    }
}

/// Takes from what answered a side so much that `unpaid` of it is left; whether that can be done.
fn give_back(work: &mut Work<'_>, at: usize, unpaid: i128) -> bool {
    let Some(one) = work.expected.get(at).cloned() else {
        return false;
    };
    let input = work.input;
    let answered = |made: &&Earlier| Some(&made.allocation.id) == one.last.as_ref();
    let Some(made) = input.earlier.iter().find(answered) else {
        return false;
    };
    let alone = made.allocation.expectations().count() == 1;
    let more = part_of(work.expects(at), unpaid) && part_of(unpaid, whole(&one));
    if !alone || !more || !work.stands(&made.allocation.id) {
        return false;
    }
    free(work, made);
    let evidence = "the bank rejected entries of it, and which of them were paid nobody knows";
    work.reverse(&made.allocation, Pass::Displaced, evidence.to_owned());
    let mut left = work.expects(at).less(unpaid);
    let came: BTreeSet<&str> = made.allocation.receipts().map(|(id, _)| id).collect();
    let lines = work.received.iter().enumerate();
    let lines = lines.filter(|(_, line)| came.contains(line.id.as_str()));
    let mut shares: Vec<(usize, i128)> = Vec::new();
    for line in lines.map(|(at, _)| at).collect::<Vec<_>>() {
        let has = work.has(line);
        let share = if part_of(left, has) { left } else { has };
        let share = if left == 0 { 0 } else { share };
        left = left.less(share);
        shares.push((line, share));
    }
    let settles = work.expects(at).less(unpaid).less(left);
    let evidence = "what is of the entries that have settled".to_owned();
    work.allocate(Pass::Cause, evidence, &shares, &[(at, settles)], Vec::new());
    for (line, _) in shares {
        let rest = work.received.get_mut(line);
        if let Some(rest) = rest.filter(|line| !line.remainder.is_zero()) {
            rest.found = Some((BreakKind::Amount, one.id.clone()));
        }
    }
    true
}

/// Expects again what the bank had rejected, where lines name it and are its amount.
pub(super) fn reopen(work: &mut Work<'_>) {
    let sides = work.expected.iter().enumerate();
    let sides = sides.filter(|(_, one)| one.is_withdrawn() && !one.is_return());
    let named = sides.filter(|(_, one)| sum_named(work, one) == Some(whole(one)));
    let named: Vec<usize> = named.map(|(at, _)| at).collect();
    for at in named {
        let Some(kind) = work.expected.get(at).map(|one| one.kind) else {
            continue;
        };
        let with_it = |one: &Expectation| match (kind, one.batch) {
            (Kind::Side(key, side), Some(of)) => key == of && one.direction() == side,
            _ => false,
        };
        for one in &mut work.expected {
            if one.is_withdrawn() && (one.kind == kind || one.is_return() && with_it(one)) {
                one.remainder = one.cents;
                work.reopened.push(one.id.clone());
            }
        }
    }
}

/// What lines that name just this come to; `None` where there is none.
fn sum_named(work: &Work<'_>, one: &Expectation) -> Option<i128> {
    let of = |line: &&Receipt| {
        line.account == one.account && may_be(line, one.kind) && names_itself(line, one)
    };
    let lines = work.free().map(|(_, line)| line).filter(of);
    let cents = lines.map(|line| i128::from(line.remainder.get()));
    cents.reduce(Exact::plus)
}

fn whole(one: &Expectation) -> i128 {
    i128::from(one.cents.get())
}

/// A line without a name had been taken for what others now name, each with its amount: it gives
/// way, and its money is nobody's. Where only some of what it was taken for is named, it stays.
pub(super) fn displace(work: &mut Work<'_>) {
    for earlier in work.input.earlier {
        let made = &earlier.allocation;
        if !is_supposed(earlier) || !is_named(work, made) {
            continue;
        }
        let about = made.expectations().map(|(id, _)| id.to_owned()).next();
        free(work, earlier);
        let evidence = "lines name what a line without a name had been taken for".to_owned();
        work.reverse(made, Pass::Displaced, evidence);
        let given_way: BTreeSet<&str> = made.receipts().map(|(id, _)| id).collect();
        for line in &mut work.received {
            if given_way.contains(line.id.as_str()) {
                line.found = about.clone().map(|id| (BreakKind::UnexpectedAtBank, id));
            }
        }
    }
}

/// A return of another batch had been taken for what a batch was short of, since nothing else was
/// that amount; now its own line comes. The batch is short of something else, and is judged anew.
pub(super) fn unexplain(work: &mut Work<'_>) {
    for earlier in work.input.earlier {
        let made = &earlier.allocation;
        let plain = made.pass == Pass::Cause && made.reverses.is_none();
        if plain && work.stands(&made.id) && strange_returns(work, made).any(|one| comes(work, one))
        {
            free(work, earlier);
            let evidence = "the return that explained it comes by a line of its own".to_owned();
            work.reverse(made, Pass::Displaced, evidence);
        }
    }
}

/// The returns that an allocation had answered and that are of none of its batches.
fn strange_returns<'w>(
    work: &'w Work<'_>,
    made: &'w Allocation,
) -> impl Iterator<Item = &'w Expectation> {
    let all = move || {
        let all = work.expected.iter().enumerate();
        all.filter(move |(at, one)| {
            let answered = work.answered.get(at) == Some(&made.id);
            answered || one.last.as_ref() == Some(&made.id)
        })
    };
    let sides = all().filter_map(|(_, one)| match one.kind {
        Kind::Side(key, _) => Some(key),
        _ => None,
    });
    let sides: BTreeSet<_> = sides.collect();
    let returns = all().filter(|(_, one)| one.is_return());
    let strange = returns.filter(move |(_, one)| one.batch.is_none_or(|of| !sides.contains(&of)));
    strange.map(|(_, one)| one)
}

/// Whether lines name just this, with its amount.
fn comes(work: &Work<'_>, one: &Expectation) -> bool {
    one.remainder.is_zero() && sum_named(work, one) == Some(whole(one))
}

/// Whether an allocation rests on amounts alone.
fn is_supposed(earlier: &Earlier) -> bool {
    let made = &earlier.allocation;
    let supposed = matches!(made.pass, Pass::Group | Pass::Nameless) && made.reverses.is_none();
    let plain = |item: &Item| matches!(item, Item::Receipt(_) | Item::Expectation(_));
    let nameless = |id: &str| {
        let mut line = earlier.receipts.iter().filter(|line| line.id == id);
        line.next().is_some_and(Receipt::is_nameless)
    };
    supposed
        && made.shares.iter().all(|share| plain(&share.item))
        && made.receipts().next().is_some()
        && made.receipts().all(|(id, _)| nameless(id))
}

/// Whether each thing that an allocation had answered is named by lines of its amount.
fn is_named(work: &Work<'_>, made: &Allocation) -> bool {
    let mut all = made.expectations().map(|(id, share)| {
        let at = work.expected.iter().position(|one| one.id == id)?;
        let one = work.expected.get(at)?;
        let answered = work.answered.get(&at) == Some(&made.id);
        let all_of_it = Some(one.cents) == share.checked_neg();
        (answered && all_of_it).then_some(one)
    });
    let one_each = |one: &Expectation| sum_named(work, one) == Some(whole(one));
    let each = all.all(|one| one.is_some_and(one_each));
    let names_two = |line: &Receipt| {
        let of = made.expectations().filter(|(id, _)| {
            let one = work.expected.iter().find(|one| one.id == *id);
            one.is_some_and(|one| names_itself(line, one))
        });
        of.count() > 1
    };
    each && !work.free().any(|(_, line)| names_two(line))
}

/// Brings back the receipts of an allocation that is taken back.
pub(super) fn free(work: &mut Work<'_>, earlier: &Earlier) {
    for (id, _) in earlier.allocation.receipts() {
        if work.received.iter().any(|line| line.id == id) {
            continue;
        }
        let known = earlier.receipts.iter().find(|line| line.id == id);
        work.received.extend(known.cloned().map(|line| Receipt {
            remainder: signed(0),
            ..line
        }));
    }
    work.received.sort_by(|a, b| a.id.cmp(&b.id));
}
