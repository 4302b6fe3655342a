//! The chain of statements: an account's banking days, each going on where the one before ended.
//!
//! Money is booked from a statement once. So before any line of one is looked at, it is given its
//! place: it follows the account's last day in balance *and* in days, or it is a page more of a day
//! that is known, or a new version of one. What has no place yet waits: the statement or page that
//! is missing before it may still come, and then both are booked. One that is of a day that cannot
//! be, or that proves nothing of itself, is refused.
//!
//! A statement between two that are booked is only ever put in, or changed, where both its ends
//! meet theirs: a bank that corrects a day and its balance must correct the days after it too, and
//! until it has done so nothing of it is booked.

use super::legs::BreakKind;
use crate::calendar::next_banking_day;
use crate::exact::Exact;
use crate::money::SignedCents;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Days after its statement at which a line may still count: banks hold deposits for a week or
/// two, never for longer than a month.
const VALUE_DAYS: i32 = 31;

/// What no amount, no balance and no day's turnover of an account reaches, in cents: ten trillion
/// dollars. A figure of sixteen digits and more is garbled, and whatever it is added to is.
pub const MOST_CENTS: i128 = 1_000_000_000_000_000;

/// What a statement says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatementSummary {
    /// The day it is of.
    pub as_of: Option<Date>,
    /// Opening ledger balance.
    pub opening: Option<SignedCents>,
    /// Closing ledger balance.
    pub closing: Option<SignedCents>,
    /// The sum of its lines; none where it does not fit.
    pub movement: Option<SignedCents>,
    /// The latest day on which one of its lines counts.
    pub latest: Option<Date>,
}

/// A statement, or a page of one, that proves what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole {
    /// The day it is of.
    pub as_of: Date,
    /// Balance before its lines.
    pub opening: SignedCents,
    /// Balance after its lines.
    pub closing: SignedCents,
    /// Whether one of the two was not told and follows from the lines.
    pub derived: bool,
}

/// A day of the chain, as it is booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Booked {
    /// Balance before it; none where only its end is remembered.
    pub opening: Option<SignedCents>,
    /// Balance after what is booked of it.
    pub closing: SignedCents,
    /// Whether the bank has said that more of it comes.
    pub more: bool,
}

/// How the lines of a statement compare with those that are booked of its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shared {
    /// It has some of them.
    Some,
    /// It has none of them.
    None,
}

/// A statement that asks for its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asking {
    /// What it says of itself.
    pub whole: Whole,
    /// Whether it says that it is a page after the first.
    pub page: bool,
    /// Whether it says that it corrects.
    pub corrects: bool,
    /// Whether it has the number of what is booked of its day: then it is another version of that.
    pub renumbers: bool,
    /// How its lines compare with those of its day.
    pub shared: Shared,
}

/// The place of a statement in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A day of its own.
    Day,
    /// One more page of a day.
    Page,
    /// A new version of a day.
    Version,
    /// None yet, and why.
    Waits(String),
}

/// Why a statement is not booked: the break it is, and what to say.
pub type Refused = (BreakKind, String);

/// Where a statement belongs among the `days` of its account, given the `others` that ask too.
///
/// # Errors
/// Where it can have no place, whatever comes.
pub fn place(
    days: &BTreeMap<Date, Booked>,
    asking: &Asking,
    others: &[Whole],
) -> Result<Place, Refused> {
    let day = asking.whole.as_of;
    let Some((first, _)) = days.first_key_value() else {
        return Ok(match asking.page {
            true => Place::Waits(format!("the page before it of {day} is missing: it waits")),
            false => Place::Day,
        });
    };
    if day < *first {
        let why = format!(
            "it is of {day}, and the account's statements from {first} on are booked: not booked, \
             ask the bank why it came"
        );
        return Err((BreakKind::DupStatement, why));
    }
    match days.get(&day) {
        Some(booked) => again(days, booked, asking, others),
        None => Ok(a_day_more(days, &asking.whole, asking.page)),
    }
}

/// A statement of a day of which something is booked: the next page, or another version.
fn again(
    days: &BTreeMap<Date, Booked>,
    booked: &Booked,
    asking: &Asking,
    others: &[Whole],
) -> Result<Place, Refused> {
    let Whole {
        as_of: day,
        opening,
        closing,
        ..
    } = asking.whole;
    let Some(opened) = booked.opening else {
        let why = format!(
            "it is of {day}, which is booked, and its lines are not remembered any more: not \
             booked again, ask the bank why it came"
        );
        return Err((BreakKind::DupStatement, why));
    };
    let before = days.range(..day).next_back();
    let expected = before.map_or(opened, |(_, before)| before.closing);
    let version = asking.corrects || asking.renumbers && !booked.more;
    let goes_on = opening == booked.closing && !version;
    let page = goes_on && (asking.page || asking.shared == Shared::None);
    let ends_well = leads_on(days, day, closing, others);
    Ok(match (page, opening == expected && !asking.page) {
        (true, _) if ends_well => Place::Page,
        (false, true) if ends_well => Place::Version,
        (true, _) | (_, true) => Place::Waits(format!(
            "it closes {day} with {closing}, and the day after it is booked and opens otherwise: \
             it waits for the bank to correct that one too"
        )),
        (false, false) => Place::Waits(format!(
            "it opens with {opening}, and of {day} is booked what goes from {opened} to {}: what \
             is between is missing; it waits for it",
            booked.closing
        )),
    })
}

/// A statement of a day of which nothing is booked.
fn a_day_more(days: &BTreeMap<Date, Booked>, whole: &Whole, page: bool) -> Place {
    let Whole {
        as_of: day,
        opening,
        closing,
        ..
    } = *whole;
    let Some((before, last)) = days.range(..day).next_back() else {
        return Place::Waits(format!("no day before {day} is booked"));
    };
    let waits = |why: String| Place::Waits(format!("{why}; ask the bank for it, this one waits"));
    if last.more {
        return waits(format!("the last page of {before} is missing"));
    }
    let expected = next_banking_day(*before);
    if expected < day {
        return waits(format!(
            "the statement of {expected} is missing before {day}"
        ));
    }
    if last.closing != opening {
        let at = last.closing;
        return waits(format!(
            "it opens with {opening} where {before} closed with {at}: what is between is missing"
        ));
    }
    if page {
        return waits(format!("the page before it of {day} is missing"));
    }
    match leads_on(days, day, closing, &[]) {
        true => Place::Day,
        false => waits(format!(
            "it closes {day} with {closing}, and the next opens otherwise"
        )),
    }
}

/// Whether what is booked after `day` opens with `closing`, or those of `others` that replace it
/// do.
fn leads_on(
    days: &BTreeMap<Date, Booked>,
    day: Date,
    closing: SignedCents,
    others: &[Whole],
) -> bool {
    let (mut day, mut closing) = (day, closing);
    // Each turn goes a day on.
    loop {
        let after = days.range(day..).find(|(later, _)| **later > day);
        let Some((next, booked)) = after else {
            return true;
        };
        if booked.opening.is_none_or(|opening| opening == closing) {
            return true;
        }
        let replaces = |other: &&Whole| other.as_of == *next && other.opening == closing;
        let Some(other) = others.iter().find(replaces) else {
            return false;
        };
        (day, closing) = (*next, other.closing);
    }
}

/// What a statement that is read on `today` proves of itself.
///
/// # Errors
/// The break it is where it is of no day that it can be of, or proves nothing.
pub fn whole(statement: &StatementSummary, today: Date) -> Result<Whole, Refused> {
    balanced(dated(statement, today)?, statement)
}

/// Whether figures are such as accounts have: no amount, balance or turnover beyond
/// [`MOST_CENTS`].
pub fn plausible(
    balances: impl IntoIterator<Item = SignedCents>,
    amounts: impl IntoIterator<Item = SignedCents>,
) -> bool {
    let size = |cents: SignedCents| i128::from(cents.magnitude().get());
    // Lines of a file in memory, each of 63 bits: far from 127.
    let turnover = amounts.into_iter().map(size).fold(0, i128::plus);
    turnover < MOST_CENTS && balances.into_iter().all(|one| size(one) < MOST_CENTS)
}

/// The day it is of: one there is, that has come, and that its lines are near to.
///
/// # Errors
/// The break it is where there is none.
pub fn dated(statement: &StatementSummary, today: Date) -> Result<Date, Refused> {
    let wrong = |why: String| Err((BreakKind::ControlTotal, why));
    let Some(as_of) = statement.as_of else {
        return wrong("it does not say which day it is of; ask the bank for one that does".into());
    };
    if as_of > today {
        return wrong(format!(
            "it is of {as_of}, and it is {today}: no day that is not over can be booked; ask the \
             bank, or ingest it on its day"
        ));
    }
    // Days that cannot be counted are too far.
    let far = |latest: Date| as_of.until(latest).map_or(i32::MAX, |span| span.get_days());
    match statement.latest.filter(|latest| far(*latest) > VALUE_DAYS) {
        None => Ok(as_of),
        Some(latest) => wrong(format!(
            "it is of {as_of} and has a line that counts on {latest}: more than {VALUE_DAYS} \
             days later is a mistake; ask the bank"
        )),
    }
}

/// Both balances: one that is not told follows from the other and the lines.
fn balanced(as_of: Date, statement: &StatementSummary) -> Result<Whole, Refused> {
    let movement = statement.movement;
    let (opening, closing) = match (statement.opening, statement.closing) {
        (Some(opening), Some(closing)) => (Some(opening), Some(closing)),
        (Some(opening), None) => {
            let closing = movement.and_then(|movement| opening.checked_add(movement));
            (Some(opening), closing)
        }
        (None, Some(closing)) => {
            let opening = movement.and_then(|movement| closing.checked_sub(movement));
            (opening, Some(closing))
        }
        (None, None) => (None, None),
    };
    let (Some(opening), Some(closing)) = (opening, closing) else {
        let why = "it has no opening and no closing ledger balance (010, 015; OPBD, CLBD), so \
                   nothing proves that it is whole and follows; have the bank add them";
        return Err((BreakKind::BalanceAssertion, why.to_owned()));
    };
    if movement.and_then(|movement| opening.checked_add(movement)) != Some(closing) {
        let why = format!(
            "it opens with {opening}, closes with {closing}, and its lines do not add up to \
             that; ask the bank for every line"
        );
        return Err((BreakKind::BalanceAssertion, why));
    }
    let derived = statement.opening.is_none() || statement.closing.is_none();
    Ok(Whole {
        as_of,
        opening,
        closing,
        derived,
    })
}

#[cfg(test)]
mod tests;
