//! Pass 1: what the bank takes back of its own.
//!
//! A line of exactly the opposite amount takes an earlier one back where the bank says so: by its
//! own reference, by the name that both have, or, where it has none, by a word, if only one line
//! can be meant. The two then clear each other. Whatever the earlier line had answered, alone or
//! with others, one thing or a whole day, gives way first: its allocation is taken back, so all of
//! its sides wait again, a fee that the bank kept from it comes back with it, and lines that had
//! come with it answer anew. What is left is as if the two had never come.
//!
//! Where no one line is of that amount, a line that names a thing may still take back all that
//! came of it: a part of a lump, or several lines in one.

use super::again::free;
use super::allocation::{Allocation, Pass};
use super::funding;
use super::item::{Earlier, Expectation, Name, Receipt};
use super::named::{Index, index, may_be, named_by};
use super::work::{Work, names_itself};
use crate::bank::LineRole;
use crate::exact::Exact;
use crate::money::SignedCents;
use crate::reconcile::receipt::reference;

/// How the bank says which line it takes back, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    /// It says that it does, and repeats its own reference.
    Reference,
    /// Both name the same.
    Name,
    /// It says that it does, and no other line can be meant.
    Word,
}

/// Clears what the bank takes back.
pub(super) fn reversals(work: &mut Work<'_>) {
    for says in [Says::Reference, Says::Name, Says::Word] {
        let index = index(work);
        for id in lines(work) {
            let Some(at) = place(work, &id) else {
                continue;
            };
            // What waits for just this money by its name is no earlier line.
            let expected = || is_expected(work, &index, at) || funding::is_expected(work, at);
            if says != Says::Reference && expected() {
                continue;
            }
            if let Some(other) = taken_back(work, at, says) {
                clear(work, &id, &other);
            }
        }
    }
    let index = index(work);
    for id in lines(work) {
        let Some(at) = place(work, &id) else {
            continue;
        };
        if is_expected(work, &index, at) || funding::is_expected(work, at) {
            continue;
        }
        if let Some(expected) = settled_before(work, at) {
            work.undo(at, expected);
        }
    }
}

/// The lines that answer nothing yet.
fn lines(work: &Work<'_>) -> Vec<String> {
    work.free().map(|(_, line)| line.id.clone()).collect()
}

/// Where a line stands of which something is left.
fn place(work: &Work<'_>, id: &str) -> Option<usize> {
    let mut free = work.free().filter(|(_, line)| line.id == id);
    free.next().map(|(at, _)| at)
}

/// Whether something waits for just this money by its name: then it takes nothing back.
fn is_expected(work: &Work<'_>, index: &Index, at: usize) -> bool {
    let Some(line) = work.received.get(at) else {
        return false;
    };
    let all = named_by(work, index, line);
    all.iter().any(|e| {
        let one = work.expected.get(*e);
        one.is_some_and(|one| may_be(line, one.kind)) && work.expects(*e) == work.has(at)
    })
}

/// The one earlier line that a line takes back, in this way of saying it.
fn taken_back(work: &Work<'_>, at: usize, says: Says) -> Option<String> {
    let line = work.received.get(at)?;
    if line.remainder.is_zero() || line.remainder != line.cents {
        return None;
    }
    let meant = |one: &Receipt, free: bool| {
        one.account == line.account
            && one.value <= line.value
            && one.id != line.id
            && Some(one.cents) == line.cents.checked_neg()
            && is_meant(line, one, says, free)
    };
    let free = work.free().map(|(_, one)| one);
    let free = free.filter(|one| one.remainder == one.cents && meant(one, true));
    let free: Vec<String> = free.map(|one| one.id.clone()).collect();
    let mut earlier: Vec<String> = Vec::new();
    for one in work.input.earlier.iter().flat_map(|made| &made.receipts) {
        if meant(one, false) && !earlier.contains(&one.id) && is_whole(work, one) {
            earlier.push(one.id.clone());
        }
    }
    earlier.sort();
    match (says, free.as_slice(), earlier.as_slice()) {
        // Of several that say the same it is all one which is meant.
        (Says::Name, [first, ..], _) | (Says::Name, [], [first, ..]) => Some(first.clone()),
        (Says::Reference, [only], _) | (_, [only], []) | (_, [], [only]) => Some(only.clone()),
        _ => None,
    }
}

/// Whether a line says that it takes back this one, which answers nothing or is answered for.
fn is_meant(line: &Receipt, one: &Receipt, says: Says, free: bool) -> bool {
    let same = !line.names.is_empty() && line.names == one.names;
    let silent = line.names.is_empty() || one.names.is_empty();
    let of_bank = reference(&line.reference);
    if !free && one.role == LineRole::Funding {
        return false; // a wire is one announcement, by its name: see below, and `funding`
    }
    match says {
        Says::Reference => {
            let repeats = !of_bank.is_empty() && of_bank == reference(&one.reference);
            line.reverses && repeats && (same || silent)
        }
        // Two that answer nothing may name anything; what is answered for, a thing of its own.
        Says::Name if free => same && !one.reverses,
        Says::Name => same && !one.reverses && is_of_a_kind(line, one),
        Says::Word => line.reverses && !one.reverses && (same || line.names.is_empty()),
    }
}

/// Whether lines that say no more than their names may be of one thing. An entry that comes late
/// and its return have one name: they are told by their codes.
fn is_of_a_kind(line: &Receipt, one: &Receipt) -> bool {
    let returned = |line: &Receipt| match line.role {
        LineRole::CreditReturned | LineRole::DebitReturned => Some(true),
        LineRole::CreditSettlement | LineRole::DebitSettlement => Some(false),
        LineRole::Fee | LineRole::Funding | LineRole::Other => None,
    };
    let both = returned(line).zip(returned(one));
    both.is_none_or(|(line, one)| line == one) && line.names.iter().any(is_of_one)
}

/// Whether a name is of one thing: a company has money both ways on many days.
const fn is_of_one(name: &Name) -> bool {
    !matches!(name, Name::Company(_) | Name::Else(_))
}

/// The allocations of days before that a line is in and that stand.
fn standing<'a>(work: &Work<'a>, id: &str) -> Vec<&'a Earlier> {
    let of = |made: &Allocation| made.receipts().any(|(one, _)| one == id);
    let all = work.input.earlier.iter();
    let all = all.filter(|made| of(&made.allocation) && made.allocation.reverses.is_none());
    all.filter(|made| work.stands(&made.allocation.id))
        .collect()
}

/// Whether all of a line is in allocations that are known, or free: then it can be taken back.
fn is_whole(work: &Work<'_>, line: &Receipt) -> bool {
    let standing = standing(work, &line.id);
    let pairs = |made: &&Earlier| made.allocation.expectations().next().is_none();
    if standing.is_empty() || standing.iter().any(pairs) {
        return false; // it is free, or was taken back before
    }
    let shares = standing.iter().flat_map(|made| made.allocation.receipts());
    let shares = shares.filter(|(id, _)| *id == line.id);
    let cents = shares.map(|(_, cents)| i128::from(cents.get()));
    let known = work.received.iter().filter(|one| one.id == line.id);
    let left = known.map(|one| i128::from(one.remainder.get()));
    cents.chain(left).fold(0i128, Exact::plus) == i128::from(line.cents.get())
}

/// What a line had answered gives way, and it clears with the one that takes it back.
fn clear(work: &mut Work<'_>, line: &str, other: &str) {
    for made in standing(work, other) {
        free(work, made);
        let evidence = "the bank takes back a line of it".to_owned();
        work.reverse(&made.allocation, Pass::Displaced, evidence);
    }
    if let (Some(at), Some(other)) = (place(work, line), place(work, other)) {
        let evidence = "the bank takes back a line of its own".to_owned();
        work.meet(Pass::Reversal, evidence, &[at, other], &[]);
    }
}

/// What came of something before, all of it or a part, and this line takes back.
fn settled_before(work: &Work<'_>, at: usize) -> Option<usize> {
    let line = work.received.get(at)?;
    let undoes = |at: usize, one: &Expectation| {
        let came: Option<SignedCents> = one.cents.checked_sub(one.remainder);
        let begun = work.answered.contains_key(&at) || one.last.is_some();
        begun
            && one.account == line.account
            && one.remainder != one.cents
            && came == line.remainder.checked_neg()
            && names_itself(line, one)
    };
    let mut all = work.expected.iter().enumerate();
    all.find(|(at, one)| undoes(*at, one)).map(|(at, _)| at)
}
