//! Banking days: the days on which ACH entries settle.
//!
//! Entries settle through the Reserve Banks, so a banking day is a weekday that is none of their
//! eleven holidays. The holidays follow from rules, not from a list that somebody must extend every
//! year. One trap has caught many calendars: a holiday on a **Saturday closes nothing**, because
//! the Reserve Banks are open on the Friday before it (federal employees are not at work that
//! Friday, and calendars made for them are wrong here). A holiday on a Sunday closes the Monday.
//!
//! ```
//! use jiff::civil::date;
//! use settlement::calendar::{add_banking_days, holiday, is_banking_day, next_banking_day};
//!
//! // The day before Thanksgiving, and the Friday that follows it.
//! assert_eq!(next_banking_day(date(2026, 11, 25)), date(2026, 11, 27));
//! assert_eq!(add_banking_days(date(2026, 11, 25), 2), date(2026, 11, 30));
//! // Independence Day 2026 is a Saturday: banks work on the Friday.
//! assert!(is_banking_day(date(2026, 7, 3)));
//! // In 2027 it is a Sunday: banks are closed on the Monday.
//! assert_eq!(holiday(date(2027, 7, 5)).unwrap().name(), "Independence Day");
//! ```

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A holiday of the Reserve Banks. Source: the Reserve Banks' holiday schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Holiday {
    NewYear,
    MartinLutherKing,
    Washington,
    Memorial,
    Juneteenth,
    Independence,
    Labor,
    Columbus,
    Veterans,
    Thanksgiving,
    Christmas,
}

/// On which day of a year a holiday falls.
#[derive(Clone, Copy)]
enum Falls {
    /// On this day of the month, whatever the weekday.
    On(i8),
    /// On the first, second, third ... of these weekdays of the month.
    Nth(i8, Weekday),
    /// On the last of these weekdays of the month.
    Last(Weekday),
}

/// A holiday, its month, its day, and the first year the Reserve Banks closed for it.
type Rule = (Holiday, i8, Falls, i16);

/// The eleven holidays in the order of the year. The Reserve Banks opened in 1914; the two later
/// first years are those of the holidays added since.
const RULES: &[Rule] = {
    use Falls::{Last, Nth, On};
    use Weekday::{Monday, Thursday};
    &[
        (Holiday::NewYear, 1, On(1), 1914),
        (Holiday::MartinLutherKing, 1, Nth(3, Monday), 1986),
        (Holiday::Washington, 2, Nth(3, Monday), 1971),
        (Holiday::Memorial, 5, Last(Monday), 1971),
        (Holiday::Juneteenth, 6, On(19), 2022),
        (Holiday::Independence, 7, On(4), 1914),
        (Holiday::Labor, 9, Nth(1, Monday), 1914),
        (Holiday::Columbus, 10, Nth(2, Monday), 1971),
        (Holiday::Veterans, 11, On(11), 1978),
        (Holiday::Thanksgiving, 11, Nth(4, Thursday), 1942),
        (Holiday::Christmas, 12, On(25), 1914),
    ]
};

/// No more than three days in a row are closed (a weekend and the Monday or Friday beside it), so
/// a search for an open day that has looked at this many days has found one.
const SEARCH_DAYS: u8 = 7;

impl Holiday {
    /// Every holiday, in the order of the year.
    pub fn all() -> impl Iterator<Item = Holiday> {
        RULES.iter().map(|rule| rule.0)
    }

    /// The holiday's name.
    pub const fn name(self) -> &'static str {
        match self {
            Holiday::NewYear => "New Year's Day",
            Holiday::MartinLutherKing => "Birthday of Martin Luther King Jr.",
            Holiday::Washington => "Washington's Birthday",
            Holiday::Memorial => "Memorial Day",
            Holiday::Juneteenth => "Juneteenth National Independence Day",
            Holiday::Independence => "Independence Day",
            Holiday::Labor => "Labor Day",
            Holiday::Columbus => "Columbus Day",
            Holiday::Veterans => "Veterans Day",
            Holiday::Thanksgiving => "Thanksgiving Day",
            Holiday::Christmas => "Christmas Day",
        }
    }

    /// The day of `year` the holiday falls on; `None` before it was one.
    pub fn nominal(self, year: i16) -> Option<Date> {
        let (_, month, falls, since) = *RULES.iter().find(|rule| rule.0 == self)?;
        if year < since {
            return None;
        }
        let (day, nth) = match falls {
            Falls::On(day) => (day, None),
            Falls::Nth(nth, weekday) => (1, Some((nth, weekday))),
            Falls::Last(weekday) => (1, Some((-1, weekday))),
        };
        let date = Date::new(year, month, day).ok()?;
        match nth {
            None => Some(date),
            Some((nth, weekday)) => date.nth_weekday_of_month(nth, weekday).ok(),
        }
    }

    /// The day of `year` on which banks are closed for the holiday; `None` where it falls on a
    /// Saturday (the Friday before is a banking day), or before it was a holiday.
    pub fn closed_on(self, year: i16) -> Option<Date> {
        let nominal = self.nominal(year)?;
        match nominal.weekday() {
            Weekday::Saturday => None,
            Weekday::Sunday => nominal.tomorrow().ok(),
            _ => Some(nominal),
        }
    }
}

impl fmt::Display for Holiday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The holiday for which banks are closed on `date`.
pub fn holiday(date: Date) -> Option<Holiday> {
    // No closure leaves its holiday's month: the fixed days are 1, 4, 11, 19 and 25.
    let of_the_month = RULES.iter().filter(|rule| rule.1 == date.month());
    of_the_month
        .map(|rule| rule.0)
        .find(|it| it.closed_on(date.year()) == Some(date))
}

/// Whether entries settle on `date`: a weekday that is no holiday.
pub fn is_banking_day(date: Date) -> bool {
    let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
    !weekend && holiday(date).is_none()
}

/// The first banking day after `date`, which itself is never the answer.
///
/// At the end of the calendar (the year 9999) the answer is its last day.
pub fn next_banking_day(date: Date) -> Date {
    // saturates: documented above
    on_or_after(date.tomorrow().unwrap_or(Date::MAX))
}

/// The last banking day before `date`, which itself is never the answer.
///
/// At the beginning of the calendar the answer is its first day.
pub fn previous_banking_day(date: Date) -> Date {
    // saturates: documented above
    on_or_before(date.yesterday().unwrap_or(Date::MIN))
}

/// `date` where it is a banking day, else the next one.
pub fn on_or_after(date: Date) -> Date {
    let mut day = date;
    for _ in 0..SEARCH_DAYS {
        if is_banking_day(day) {
            return day;
        }
        day = day.tomorrow().unwrap_or(Date::MAX); // saturates: asserted below
    }
    assert!(day == Date::MAX, "no banking day in the week after {date}");
    day
}

/// `date` where it is a banking day, else the one before.
pub fn on_or_before(date: Date) -> Date {
    let mut day = date;
    for _ in 0..SEARCH_DAYS {
        if is_banking_day(day) {
            return day;
        }
        day = day.yesterday().unwrap_or(Date::MIN); // saturates: asserted below
    }
    assert!(day == Date::MIN, "no banking day in the week before {date}");
    day
}

/// The `n`th banking day after `date`; `date` itself, banking day or not, where `n` is 0.
pub fn add_banking_days(date: Date, n: u16) -> Date {
    (0..n).fold(date, |day, _| next_banking_day(day))
}

/// The `n`th banking day before `date`; `date` itself, banking day or not, where `n` is 0.
pub fn sub_banking_days(date: Date, n: u16) -> Date {
    (0..n).fold(date, |day, _| previous_banking_day(day))
}

/// How many banking days lie after `from` and not after `to`; 0 where `to` is not after `from`.
///
/// The opposite of [`add_banking_days`]: between a date and its `n`th banking day lie `n`.
pub fn banking_days_between(from: Date, to: Date) -> u32 {
    let days = from
        .series(jiff::Span::new().days(1))
        .skip(1)
        .take_while(|day| *day <= to);
    let open = days.filter(|day| is_banking_day(*day)).count();
    u32::try_from(open).expect("from the first day of the calendar to its last are five million")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    /// Reserve Bank closures, copied by hand from the published list of 2025 to 2027.
    const CLOSED: &[(i16, &[(i8, i8)])] = &[
        (
            2025,
            &[
                (1, 1),
                (1, 20),
                (2, 17),
                (5, 26),
                (6, 19),
                (7, 4),
                (9, 1),
                (10, 13),
                (11, 11),
                (11, 27),
                (12, 25),
            ],
        ),
        (
            2026,
            &[
                (1, 1),
                (1, 19),
                (2, 16),
                (5, 25),
                (6, 19),
                (9, 7),
                (10, 12),
                (11, 11),
                (11, 26),
                (12, 25),
            ],
        ),
        (
            2027,
            &[
                (1, 1),
                (1, 18),
                (2, 15),
                (5, 31),
                (7, 5),
                (9, 6),
                (10, 11),
                (11, 11),
                (11, 25),
            ],
        ),
    ];

    fn days_of(year: i16) -> impl Iterator<Item = Date> {
        let first = date(year, 1, 1);
        first
            .series(jiff::Span::new().days(1))
            .take_while(move |day| day.year() == year)
    }

    #[test]
    fn the_closures_of_three_years_are_the_published_ones() {
        for (year, expected) in CLOSED {
            let closed: Vec<_> = days_of(*year)
                .filter(|day| holiday(*day).is_some())
                .map(|day| (day.month(), day.day()))
                .collect();
            assert_eq!(&closed, expected, "{year}");
        }
    }

    #[test]
    fn each_year_has_its_number_of_banking_days() {
        let expected = [251, 250, 251, 252, 251, 250, 250, 250, 253, 250, 250, 250];
        for (year, expected) in (2024..).zip(expected) {
            assert_eq!(
                days_of(year).filter(|d| is_banking_day(*d)).count(),
                expected,
                "{year}"
            );
        }
    }

    #[test]
    fn a_saturday_holiday_closes_nothing_and_a_sunday_one_closes_monday() {
        assert!(is_banking_day(date(2027, 12, 24)) && is_banking_day(date(2027, 12, 31)));
        assert!(is_banking_day(date(2027, 6, 18)) && is_banking_day(date(2028, 11, 10)));
        assert_eq!(holiday(date(2033, 12, 26)), Some(Holiday::Christmas));
        assert_eq!(holiday(date(2034, 1, 2)), Some(Holiday::NewYear));
        assert_eq!(
            holiday(date(2021, 6, 18)),
            None,
            "before Juneteenth was a holiday"
        );
    }

    #[test]
    fn the_reference_table_of_closures_agrees() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../shared/reference/tables/fed_holidays_2024_2035.tsv"
        );
        let Ok(table) = std::fs::read_to_string(path) else {
            return;
        };
        let mut rows = 0;
        for row in table.lines().skip(1) {
            let column: Vec<&str> = row.split('\t').collect();
            let year: i16 = column[0].parse().unwrap();
            let it = Holiday::all()
                .find(|h| h.name() == column[1])
                .expect(column[1]);
            assert_eq!(it.nominal(year), column[2].parse().ok(), "{row}");
            assert_eq!(it.closed_on(year), column[4].parse().ok(), "{row}");
            rows += 1;
        }
        assert_eq!(rows, 132);
    }

    #[test]
    fn the_ends_of_the_calendar_are_ends() {
        assert_eq!(next_banking_day(Date::MAX), Date::MAX);
        let _ = (
            previous_banking_day(Date::MIN),
            add_banking_days(Date::MAX, 3),
        );
        assert_eq!(banking_days_between(Date::MAX, Date::MAX), 0);
    }

    fn any_day() -> impl Strategy<Value = Date> {
        (0i64..40_000).prop_map(|n| {
            date(1990, 1, 1)
                .checked_add(jiff::Span::new().days(n))
                .unwrap()
        })
    }

    proptest! {
        #[test]
        fn next_and_previous_are_banking_days_with_none_between(day in any_day()) {
            let (next, previous) = (next_banking_day(day), previous_banking_day(day));
            prop_assert!(is_banking_day(next) && is_banking_day(previous));
            prop_assert!(previous < day && day < next);
            prop_assert_eq!(banking_days_between(day, next), 1);
            let between = if is_banking_day(day) { 2 } else { 1 };
            prop_assert_eq!(banking_days_between(previous, next), between);
            prop_assert_eq!(on_or_after(day) == day, is_banking_day(day));
            prop_assert_eq!(on_or_before(day) == day, is_banking_day(day));
        }

        #[test]
        fn counting_is_the_opposite_of_adding(day in any_day(), n in 0u16..300) {
            let then = add_banking_days(day, n);
            prop_assert_eq!(banking_days_between(day, then), u32::from(n));
            if is_banking_day(day) {
                prop_assert_eq!(sub_banking_days(then, n), day);
            }
        }
    }
}
