//! Dates: each means one thing, and where a record leaves one open a rule says what stands for it.
//!
//! | date | is | decides |
//! |---|---|---|
//! | *planned* | the banking day on which an entry should settle | what is expected when |
//! | *settled* | the day on which the operator settled it; of a return, its own | windows, holds |
//! | *value* | from when a statement line counts at the bank | the journal's effective date |
//! | *received* | the business date on which we took a file | whose day's books it is in |
//! | *booked* | the date in whose books a journal stands | balances, closes |
//!
//! A day is never taken for another because it is at hand. What came after the cut settled after
//! it: a value date before the file was sent is wrong, and moves no hold ([`settled`]). A return's
//! window runs from the day on which the entry settled to the day on which the return settled,
//! not to the day on which somebody found its file ([`return_settled`]).

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use serde::{Deserialize, Serialize};

/// Days ahead of the day it was received that a return may settle: a file that comes in the
/// evening settles on the next banking day, which may lie behind a long weekend.
const SETTLES_AHEAD: i64 = 7;

/// What says when a return settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SaidBy {
    /// The settlement date in its batch header, which the operator puts there.
    Settlement,
    /// The effective entry date of its batch header.
    Effective,
    /// Nothing of it: the day on which we received it.
    Received,
}

/// When a return settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ReturnSettled {
    /// The day.
    pub on: Date,
    /// What says so.
    pub by: SaidBy,
}

/// When a batch or an entry settled, as far as the bank says a day that can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The day.
    pub on: Date,
    /// The day that the bank says and that cannot be.
    pub impossible: Option<Date>,
}

impl SaidBy {
    /// The word for it in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            SaidBy::Settlement => "settlement",
            SaidBy::Effective => "effective",
            SaidBy::Received => "received",
        }
    }

    /// What a finding says of a date that stands for the operator's; nothing of that itself.
    pub const fn finding(self) -> Option<&'static str> {
        match self {
            SaidBy::Settlement => None,
            SaidBy::Effective => Some("no settlement date: its effective entry date stands for it"),
            SaidBy::Received => {
                Some("no settlement date that can be: the day it came stands for it")
            }
        }
    }
}

/// The newest date with this number in its year that is not after `latest`, nor a year before it;
/// `None` where no such day is: there is no day 0, and a day 366 only in a leap year.
///
/// ```
/// use jiff::civil::date;
/// use settlement::dates::day_of_year;
///
/// assert_eq!(day_of_year(365, date(2027, 1, 4)), Some(date(2026, 12, 31)));
/// assert_eq!(day_of_year(4, date(2027, 1, 4)), Some(date(2027, 1, 4)));
/// assert_eq!(day_of_year(0, date(2027, 1, 4)), None);
/// assert_eq!(day_of_year(366, date(2027, 1, 4)), None);
/// ```
pub fn day_of_year(number: u16, latest: Date) -> Option<Date> {
    let number = i64::from(number.checked_sub(1)?);
    let of = |year: i16| {
        let first = Date::new(year, 1, 1).ok()?;
        let day = first.checked_add(Span::new().days(number)).ok()?;
        (day.year() == year && day <= latest).then_some(day)
    };
    of(latest.year()).or_else(|| of(latest.year().checked_sub(1)?))
}

/// When a return settled: on the day of the year in its batch header; where that is missing, zero
/// or none that can be, on the header's effective entry date; and where that is none either, on
/// the day on which it was received.
///
/// No return settles before its entry did (`original`, where that is known), nor later than a few
/// days after we have it. A return repeats the effective entry date of the entry that it returns:
/// only a later day than that is one of its own, and without this no return whose header is blank
/// would ever be late.
pub fn return_settled(
    number: Option<u16>,
    effective: Option<Date>,
    original: Option<Date>,
    received: Date,
) -> ReturnSettled {
    let ahead = received.checked_add(SETTLES_AHEAD.days());
    // saturates: at the end of the calendar nothing lies ahead
    let latest = ahead.unwrap_or(Date::MAX);
    let stated = number.and_then(|number| day_of_year(number, latest));
    if let Some(on) = stated.filter(|on| original.is_none_or(|settled| *on >= settled)) {
        let by = SaidBy::Settlement;
        return ReturnSettled { on, by };
    }
    let own = |day: &Date| original.is_some_and(|settled| *day > settled) && *day <= latest;
    match effective.filter(own) {
        Some(on) => ReturnSettled {
            on,
            by: SaidBy::Effective,
        },
        None => ReturnSettled {
            on: received,
            by: SaidBy::Received,
        },
    }
}

/// When what was sent on `sent` settled: on the value date that the bank states, and as planned
/// where it states none, or one on which the bank did not have the file yet.
pub fn settled(planned: Date, value: Option<Date>, sent: Date) -> Settled {
    match value {
        Some(value) if value >= sent => Settled {
            on: value,
            impossible: None,
        },
        impossible => Settled {
            on: planned,
            impossible,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    const SETTLED: Date = date(2026, 12, 28);

    fn on(number: Option<u16>, effective: Option<Date>, received: Date) -> (Date, SaidBy) {
        let settled = return_settled(number, effective, Some(SETTLED), received);
        (settled.on, settled.by)
    }

    #[test]
    fn a_day_of_the_year_is_in_the_right_year_around_new_year() {
        let received = date(2027, 1, 4);
        assert_eq!(
            on(Some(364), None, received),
            (date(2026, 12, 30), SaidBy::Settlement)
        );
        assert_eq!(on(Some(4), None, received), (received, SaidBy::Settlement));
        let evening = on(Some(4), None, date(2026, 12, 31));
        assert_eq!(evening, (date(2027, 1, 4), SaidBy::Settlement));
        let leap = return_settled(Some(366), None, None, date(2029, 1, 2));
        assert_eq!((leap.on, leap.by), (date(2028, 12, 31), SaidBy::Settlement));
    }

    #[test]
    fn what_stands_for_a_missing_date_is_said() {
        let received = date(2027, 1, 4);
        for number in [None, Some(0), Some(366), Some(361), Some(999)] {
            let (day, by) = on(number, None, received);
            assert_eq!((day, by), (received, SaidBy::Received), "{number:?}");
            assert!(by.finding().is_some());
        }
        let own = date(2026, 12, 30);
        assert_eq!(on(None, Some(own), received), (own, SaidBy::Effective));
        // It repeats the original's: nothing of its own.
        let (day, by) = on(Some(0), Some(SETTLED), received);
        assert_eq!((day, by), (received, SaidBy::Received));
        assert_eq!(SaidBy::Settlement.finding(), None);
    }

    #[test]
    fn nothing_settles_before_it_was_sent() {
        let (sent, planned) = (date(2026, 11, 24), date(2026, 11, 25));
        let stated = |value| settled(planned, value, sent);
        assert_eq!((stated(None).on, stated(None).impossible), (planned, None));
        let late = date(2026, 11, 27);
        assert_eq!(stated(Some(late)).on, late);
        assert_eq!(stated(Some(sent)).on, sent, "the same day");
        let before = Some(date(2026, 11, 23));
        assert_eq!(
            (stated(before).on, stated(before).impossible),
            (planned, before)
        );
    }

    proptest! {
        #[test]
        fn a_day_of_the_year_reads_back(days in 0i64..20_000, back in 0i64..350) {
            let latest = date(2000, 1, 1).saturating_add(days.days());
            let day = latest.saturating_sub(back.days());
            let number = u16::try_from(day.day_of_year()).unwrap();
            prop_assert_eq!(day_of_year(number, latest), Some(day));
        }
    }
}
