//! The chain of statements: each account's goes on where the last one ended.
//!
//! Money is booked from a statement once. So before any line of one is looked at, it must be of
//! a day that has come and is later than the last one taken, and open with that one's closing
//! balance. A statement told twice under another file number, one before its predecessor and one
//! from a wrong century all stop here, and what is booked can never be booked again.

use super::legs::BreakKind;
use crate::money::SignedCents;
use jiff::civil::Date;

/// Days after its statement at which a line may still count: banks hold deposits for a week or
/// two, never for longer than a month.
const VALUE_DAYS: i32 = 31;

/// The end of the chain: the last statement taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// The day it is of.
    pub date: Date,
    /// Its closing balance.
    pub closing: SignedCents,
}

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

/// A statement that follows, whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Follows {
    /// The day it is of.
    pub as_of: Date,
    /// Opening ledger balance.
    pub opening: SignedCents,
    /// Closing ledger balance.
    pub closing: SignedCents,
    /// Whether one of the two was not told and follows from the lines.
    pub derived: bool,
}

/// Why a statement is not booked: the break it is, and what to say.
pub type Refused = (BreakKind, String);

/// Whether a statement that is read on `today` follows the last one taken.
///
/// # Errors
/// The break it is where it does not.
pub fn follows(
    last: Option<End>,
    statement: &StatementSummary,
    today: Date,
) -> Result<Follows, Refused> {
    let as_of = dated(statement, today)?;
    if let Some(last) = last.filter(|last| last.date >= as_of) {
        let why = format!(
            "it is of {as_of}, and the account's statements up to {} are booked: not booked \
             again, ask the bank why it came",
            last.date
        );
        return Err((BreakKind::DupStatement, why));
    }
    let whole = whole(as_of, statement)?;
    match last.filter(|last| last.closing != whole.opening) {
        None => Ok(whole),
        Some(End { date, closing }) => {
            let why = format!(
                "it opens with {} where the statement of {date} closed with {closing}: one \
                 between is missing; ask the bank for it, take it, then ingest this one again",
                whole.opening
            );
            Err((BreakKind::SequenceGap, why))
        }
    }
}

/// The day it is of: one there is, that has come, and that its lines are near to.
fn dated(statement: &StatementSummary, today: Date) -> Result<Date, Refused> {
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
fn whole(as_of: Date, statement: &StatementSummary) -> Result<Follows, Refused> {
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
    Ok(Follows {
        as_of,
        opening,
        closing,
        derived,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 11, 27);

    fn cents(cents: i64) -> Option<SignedCents> {
        Some(SignedCents::new(cents))
    }

    /// A statement of the 25th that goes from 100 to 150.
    fn summary() -> StatementSummary {
        let as_of = Some(date(2026, 11, 25));
        StatementSummary {
            as_of,
            opening: cents(100),
            closing: cents(150),
            movement: cents(50),
            latest: as_of,
        }
    }

    fn last(day: i8, closing: i64) -> Option<End> {
        Some(End {
            date: date(2026, 11, day),
            closing: SignedCents::new(closing),
        })
    }

    fn kind(last: Option<End>, summary: StatementSummary) -> Result<(i64, i64, bool), BreakKind> {
        let follows = follows(last, &summary, TODAY);
        follows
            .map(|f| (f.opening.get(), f.closing.get(), f.derived))
            .map_err(|(kind, _)| kind)
    }

    #[test]
    fn a_statement_goes_on_where_the_last_one_ended() {
        assert_eq!(kind(None, summary()), Ok((100, 150, false)));
        assert_eq!(kind(last(24, 100), summary()), Ok((100, 150, false)));
        assert_eq!(kind(last(24, 99), summary()), Err(BreakKind::SequenceGap));
    }

    #[test]
    fn a_day_that_was_taken_is_not_taken_again() {
        for closing in [100, 150] {
            let twice = kind(last(25, closing), summary());
            assert_eq!(twice, Err(BreakKind::DupStatement));
            let older = kind(last(26, closing), summary());
            assert_eq!(older, Err(BreakKind::DupStatement));
        }
    }

    #[test]
    fn dates_that_cannot_be_are_refused() {
        let as_of = |as_of| kind(None, StatementSummary { as_of, ..summary() });
        assert!(as_of(Some(TODAY)).is_ok(), "a final statement of the day");
        let never = [None, Some(date(2026, 11, 28)), Some(date(2031, 11, 24))];
        for day in never {
            assert_eq!(as_of(day), Err(BreakKind::ControlTotal), "{day:?}");
        }
        let latest = |latest| {
            kind(
                None,
                StatementSummary {
                    latest,
                    ..summary()
                },
            )
        };
        assert!(latest(Some(date(2026, 12, 4))).is_ok(), "a deposit on hold");
        let far = latest(Some(date(2031, 11, 26)));
        assert_eq!(far, Err(BreakKind::ControlTotal));
    }

    #[test]
    fn one_balance_is_enough_and_none_is_not() {
        let (opening, closing) = (None, None);
        let with = |one: StatementSummary| kind(last(24, 100), one);
        assert_eq!(
            with(StatementSummary {
                opening,
                ..summary()
            }),
            Ok((100, 150, true))
        );
        assert_eq!(
            with(StatementSummary {
                closing,
                ..summary()
            }),
            Ok((100, 150, true))
        );
        let none = StatementSummary {
            opening,
            closing,
            ..summary()
        };
        assert_eq!(with(none), Err(BreakKind::BalanceAssertion));
        let movement = cents(49);
        let torn = StatementSummary {
            movement,
            ..summary()
        };
        assert_eq!(with(torn), Err(BreakKind::BalanceAssertion));
        let late = StatementSummary {
            opening,
            movement,
            ..summary()
        };
        assert_eq!(with(late), Err(BreakKind::SequenceGap));
    }
}
