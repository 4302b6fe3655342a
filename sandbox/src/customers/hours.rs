//! When customers ask: the hours of a business date and how busy each of them is.

use jiff::{
    Timestamp,
    civil::{Date, Time},
};
use settlement::{calendar, windows};

/// Weight of each hour of a banking day, Eastern time.
const HOURS: [u64; 24] = [
    2, 1, 1, 1, 1, 2, 4, 7, 10, 12, 13, 13, 12, 12, 13, 13, 12, 11, 9, 8, 7, 6, 5, 3,
];

const HOUR_MS: i64 = 3_600_000;

/// A part of the opening hours: where it starts, how long it is, and its weight a millisecond.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    pub(super) from: i64,
    pub(super) length: i64,
    pub(super) weight: u64,
}

/// The hours since the cutoff of the banking day before, each with its weight. A moment on the
/// cutoff belongs to the day that ends there.
pub(super) fn opening_hours(date: Date, cutoff: Time) -> Vec<Stretch> {
    let moment = |day: Date, at: Time| windows::cutoff_at(day, at).as_millisecond();
    let from = moment(calendar::previous_banking_day(date), cutoff) + 1;
    let until = moment(date, cutoff);
    let mut stretches = Vec::new();
    let mut at = from;
    // A window spans at most five days (a long weekend), so the loop ends.
    while at < until {
        let length = (HOUR_MS - at.rem_euclid(HOUR_MS)).min(until - at);
        let day = windows::eastern_date(Timestamp::from_millisecond(at).unwrap_or_default());
        let since_midnight = at - moment(day, Time::midnight());
        let hour = usize::try_from(since_midnight / HOUR_MS)
            .unwrap_or(0)
            .min(23);
        let open = if calendar::is_banking_day(day) { 3 } else { 1 };
        stretches.push(Stretch {
            from: at,
            length,
            weight: HOURS[hour] * open,
        });
        at += length;
    }
    if stretches.is_empty() {
        stretches.push(Stretch {
            from,
            length: 1,
            weight: 1,
        });
    }
    stretches
}
