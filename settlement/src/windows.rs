//! Windows and dates: when a file must be at the operator, and on which day its entries settle.
//!
//! The operator takes files in nine slots a processing day ([`SLOTS`]). Three of them settle on
//! the same day, for entries that may ([`same_day_eligible`]); the others settle on the next
//! banking day or on the effective entry date. For the cutter that makes four [`Window`]s: the
//! three same-day ones and *standard*, everything else. A bank's own cutoffs are earlier than the
//! operator's and are data of its profile; [`cutoff_at`] turns either into a moment.
//!
//! All clock times are **Eastern time**, with its daylight saving time: the same 16:45 is 21:45 in
//! Greenwich in winter and 20:45 in summer.
//!
//! ```
//! use jiff::civil::date;
//! use settlement::windows::{Window, cutoff_at, deadline, ordinary_return_deadline};
//!
//! assert_eq!(deadline(date(2026, 1, 15), Window::SameDay3).to_string(), "2026-01-15T21:45:00Z");
//! assert_eq!(deadline(date(2026, 7, 15), Window::SameDay3).to_string(), "2026-07-15T20:45:00Z");
//! // Settled on the Wednesday before Thanksgiving: an ordinary return may come until Monday.
//! assert_eq!(ordinary_return_deadline(date(2026, 11, 25)), date(2026, 11, 30));
//! ```
//!
//! The numbers are data with the day from which they hold, because Nacha changes them.
//! Source: the Reserve Banks' FedACH processing schedule; Nacha Rules 2013 2.8, 2.9, OR108.

use crate::calendar::{add_banking_days, next_banking_day, on_or_after, sub_banking_days};
use crate::codes::sec::SecCode;
use crate::ids::Direction;
use crate::money::Cents;
use crate::payment::Speed;
use jiff::civil::{Date, Time, date, time};
use jiff::tz::{TimeZone, offset};
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, sync::LazyLock};

// ---------------------------------------------------------------------------------- windows

/// What the cutter cuts for: one of the same-day windows, or everything that settles later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Window {
    /// In by 10:30, settles at 13:00.
    #[serde(rename = "sd1")]
    SameDay1,
    /// In by 14:45, settles at 17:00.
    #[serde(rename = "sd2")]
    SameDay2,
    /// In by 16:45, settles at 18:00.
    #[serde(rename = "sd3")]
    SameDay3,
    /// Settles on the next banking day or on the effective entry date, at 08:30.
    #[serde(rename = "standard")]
    Standard,
}

impl Window {
    /// Every window, in the order of the day.
    pub const ALL: &[Window] = &[
        Window::SameDay1,
        Window::SameDay2,
        Window::SameDay3,
        Window::Standard,
    ];

    /// The window's name on the command line, in paths and in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Window::SameDay1 => "sd1",
            Window::SameDay2 => "sd2",
            Window::SameDay3 => "sd3",
            Window::Standard => "standard",
        }
    }

    /// Whether entries of the window settle on the day of the cut.
    pub const fn is_same_day(self) -> bool {
        !matches!(self, Window::Standard)
    }

    /// The operator's last slot for this window on a processing day.
    ///
    /// For standard this is the one at 22:45: a later one, at 02:15 of the next calendar day, is
    /// not published by the operator itself, and no cutoff should lean on it.
    pub const fn slot(self) -> &'static Slot {
        match self {
            Window::SameDay1 => &SLOTS[0],
            Window::SameDay2 => &SLOTS[1],
            Window::SameDay3 => &SLOTS[2],
            Window::Standard => &SLOTS[7],
        }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text is not a window.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("window: must be sd1, sd2, sd3 or standard")]
pub struct UnknownWindow;

impl FromStr for Window {
    type Err = UnknownWindow;
    fn from_str(text: &str) -> Result<Window, UnknownWindow> {
        Window::ALL
            .iter()
            .copied()
            .find(|w| w.as_str() == text)
            .ok_or(UnknownWindow)
    }
}

/// One of the operator's slots of a processing day. Times are Eastern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// `SD1` to `SD3` settle on the same day, `F1` to `F6` later.
    pub name: &'static str,
    /// Files are in by then.
    pub deadline: Time,
    /// Whether the deadline lies on the calendar day after the processing day.
    pub past_midnight: bool,
    /// Receiving banks have their files by then.
    pub distribution: Time,
    /// Money moves then, on the settlement date.
    pub settlement: Time,
    /// The first processing day with this slot; `None` where it is older than our sources.
    pub since: Option<Date>,
}

const fn slot(
    name: &'static str,
    deadline: (i8, i8),
    distribution: (i8, i8),
    settlement: (i8, i8),
    since: Option<Date>,
) -> Slot {
    Slot {
        name,
        deadline: time(deadline.0, deadline.1, 0, 0),
        past_midnight: deadline.0 < 8,
        distribution: time(distribution.0, distribution.1, 0, 0),
        settlement: time(settlement.0, settlement.1, 0, 0),
        since,
    }
}

/// The operator's slots: deadline, distribution, settlement. FedACH processing schedule.
#[rustfmt::skip]
pub const SLOTS: &[Slot] = &[
    slot("SD1", (10, 30), (12,  0), (13,  0), Some(date(2016, 9, 23))),
    slot("SD2", (14, 45), (16,  0), (17,  0), Some(date(2016, 9, 23))),
    slot("SD3", (16, 45), (17, 30), (18,  0), Some(date(2021, 3, 19))),
    slot("F1",  (10, 30), (12,  0), ( 8, 30), None),
    slot("F2",  (14, 45), (16,  0), ( 8, 30), None),
    slot("F3",  (16, 45), (17, 30), ( 8, 30), None),
    slot("F4",  (20,  0), (22,  0), ( 8, 30), None),
    slot("F5",  (22, 45), (23, 30), ( 8, 30), Some(date(2022, 9, 12))),
    slot("F6",  ( 2, 15), ( 6,  0), ( 8, 30), None),
];

// ---------------------------------------------------------------------------------- moments

/// Eastern time. The zone table is compiled in; should a build leave it out, the rule that has
/// held since 2007 stands in for it.
static EASTERN: LazyLock<TimeZone> = LazyLock::new(|| {
    TimeZone::get("America/New_York")
        .or_else(|_| TimeZone::posix("EST5EDT,M3.2.0,M11.1.0"))
        .unwrap_or_else(|_| TimeZone::fixed(offset(-5)))
});

/// The moment of the clock time `at` in Eastern time on `date`.
///
/// An hour that the clocks leave out counts from before the change, an hour they repeat is its
/// first one.
pub fn cutoff_at(date: Date, at: Time) -> Timestamp {
    let there = date.to_datetime(at).to_zoned(EASTERN.clone());
    // Only the last day of the year 9999 has clock times beyond the last moment there is.
    there.map_or(Timestamp::MAX, |moment| moment.timestamp())
}

/// The calendar date in Eastern time at the moment `at`.
pub fn eastern_date(at: Timestamp) -> Date {
    at.to_zoned(EASTERN.clone()).date()
}

/// The time of day in Eastern time at the moment `at`.
pub fn eastern_time(at: Timestamp) -> Time {
    at.to_zoned(EASTERN.clone()).time()
}

/// The moment until which the operator takes files for `window` on the processing day `date`.
pub fn deadline(date: Date, window: Window) -> Timestamp {
    cutoff_at(date, window.slot().deadline)
}

/// The business date of a payment created at `created_at`: the banking day whose standard cutoff
/// is the first at or after that moment.
pub fn business_date(created_at: Timestamp, standard_cutoff: Time) -> Date {
    let day = on_or_after(eastern_date(created_at));
    if created_at <= cutoff_at(day, standard_cutoff) {
        day
    } else {
        next_banking_day(day)
    }
}

// ------------------------------------------------------------------------------- entry dates

/// The wished date is further ahead than the operator accepts; it would come back as R18.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("effective entry date {wished} is too far ahead: hold the payment until {hold_until}")]
pub struct TooEarly {
    /// The banking day on which the entry should settle.
    pub wished: Date,
    /// The first processing day whose cut may carry it.
    pub hold_until: Date,
}

/// How many banking days after the processing day an entry may be dated.
pub const fn days_ahead(direction: Direction) -> u16 {
    match direction {
        Direction::Credit => 2,
        Direction::Debit => 1,
    }
}

/// The effective entry date of an entry that `window` of the processing day `cut_date` carries.
///
/// A same-day entry in a same-day window is dated on the day itself. Every other entry is dated
/// on the next banking day, or on the wished date if that is later, rolled forward to a banking
/// day: an entry dated on a day without settlement would be moved by the operator anyway.
///
/// # Errors
/// Where the wished date is more than [`days_ahead`] banking days ahead.
pub fn effective_entry_date(
    cut_date: Date,
    window: Window,
    speed: Speed,
    wished: Option<Date>,
    direction: Direction,
) -> Result<Date, TooEarly> {
    let processing = on_or_after(cut_date);
    let same_day = window.is_same_day() && speed == Speed::SameDay;
    let (earliest, ahead) = if same_day {
        (processing, 0)
    } else {
        (next_banking_day(processing), days_ahead(direction))
    };
    let wished = wished.map_or(earliest, on_or_after).max(earliest);
    if wished > add_banking_days(processing, ahead) {
        return Err(TooEarly {
            wished,
            hold_until: sub_banking_days(wished, ahead),
        });
    }
    Ok(wished)
}

/// The banking day on which the operator settles an entry dated `effective`.
pub fn settlement_date(effective: Date) -> Date {
    on_or_after(effective)
}

// ---------------------------------------------------------------------------------- same day

/// The largest amount of a same-day entry, each with the first day it holds. Nacha's
/// same-day rules.
pub const SAME_DAY_LIMITS: &[(Date, Cents)] = &[
    (date(2016, 9, 23), Cents::new(2_500_000)),
    (date(2020, 3, 20), Cents::new(10_000_000)),
    (date(2022, 3, 18), Cents::new(100_000_000)),
];

/// The largest amount of a same-day entry on `on`; `None` before there were any.
pub fn same_day_limit(on: Date) -> Option<Cents> {
    SAME_DAY_LIMITS
        .iter()
        .rev()
        .find(|(since, _)| *since <= on)
        .map(|row| row.1)
}

/// Whether an entry of this class and amount may settle on the same day. A class of which no
/// source says so may not: the cost of being wrong is a day, and a day is what standard takes.
pub fn same_day_eligible(sec: SecCode, amount: Cents, on: Date) -> bool {
    sec.rule().same_day == Some(true) && same_day_limit(on).is_some_and(|limit| amount <= limit)
}

// ------------------------------------------------------------------------- deadlines of others

/// The last day on which an ordinary return of an entry settled on `settlement` is timely: it
/// reaches us by the opening of business on the second banking day after. Nacha Rules 2013
/// Appendix Four.
pub fn ordinary_return_deadline(settlement: Date) -> Date {
    add_banking_days(settlement, 2)
}

/// The last day on which a return with the extended window is timely: the banking day after the
/// sixtieth calendar day. Nacha Rules 2013 Appendix Four.
pub fn extended_return_deadline(settlement: Date) -> Date {
    let sixtieth = settlement.checked_add(Span::new().days(60));
    // saturates: the last day on which anything can come is the calendar's
    next_banking_day(sixtieth.unwrap_or(Date::MAX))
}

/// Until when we may dishonor a return settled on `returned`: five banking days. Nacha
/// Rules 2013 2.12.5.
pub fn dishonor_deadline(returned: Date) -> Date {
    add_banking_days(returned, 5)
}

/// Until when a receiving bank may contest a dishonored return settled on `dishonored`: two
/// banking days. Nacha Rules 2013 3.8.5.
pub fn contest_deadline(dishonored: Date) -> Date {
    add_banking_days(dishonored, 2)
}

/// Until when a reversing entry may reach the receiving bank: five banking days after the
/// erroneous entry settled. Nacha Rules 2013 2.8, 2.9.
pub fn reversal_deadline(settlement: Date) -> Date {
    add_banking_days(settlement, 5)
}

/// Until when a notification of change received on `received` must be applied, unless the next
/// entry to the account comes later: six banking days. Nacha Rules 2013 2.11.
pub fn change_deadline(received: Date) -> Date {
    add_banking_days(received, 6)
}

/// The first day a live entry may follow a prenote settled on `settlement`. Nacha Rules
/// 2.6.3, three days since 2014-09-19.
pub fn live_after_prenote(settlement: Date) -> Date {
    add_banking_days(settlement, 3)
}

#[cfg(test)]
mod tests;
