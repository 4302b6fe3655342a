//! Whether a return came in time.
//!
//! A code has its window for the entries that it is for, and for no others: by class, by the way
//! the money went, by who returns. R10 is what a consumer says of a debit; of a company's debit,
//! or of a credit, it is no reason at all, however soon it comes. Such a return is money like any
//! other and is booked, but it is no timely return, and our bank may refuse it.
//!
//! The window runs from the day on which the entry settled to the day on which the return settled
//! ([`crate::dates`]).

use crate::codes::returns::{Bucket, ReturnCode};
use crate::codes::sec::SecCode;
use crate::ids::Direction;
use crate::windows::ordinary_return_deadline;
use jiff::civil::Date;

/// The last day on which a return with `code` of an entry settled on `settlement` is timely;
/// `None` where the code's window does not start there.
///
/// A code the table does not know has the ordinary window: what is not said to be longer is not.
pub fn deadline(code: ReturnCode, settlement: Date) -> Option<Date> {
    match code.reason_on(settlement) {
        Some(reason) => reason.window.deadline(settlement),
        None => Some(ordinary_return_deadline(settlement)),
    }
}

/// Whether a return with `code`, received on `received_on`, of an entry settled on
/// `settlement_date` came after its window. A late return is posted like any other, and goes to
/// the dishonor queue.
///
/// ```
/// use jiff::civil::date;
/// use settlement::returns::is_late;
///
/// let settled = date(2026, 11, 25);
/// assert!(!is_late("R01".parse().unwrap(), settled, date(2026, 11, 30)));
/// assert!(is_late("R01".parse().unwrap(), settled, date(2026, 12, 1)));
/// assert!(!is_late("R10".parse().unwrap(), settled, date(2027, 1, 25)));
/// ```
pub fn is_late(code: ReturnCode, settlement_date: Date, received_on: Date) -> bool {
    deadline(code, settlement_date).is_some_and(|last| received_on > last)
}

/// An entry, as far as the time for its return depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Returnable {
    /// Its class, where it is one of the table.
    pub sec: Option<SecCode>,
    /// Which way its money went.
    pub direction: Direction,
    /// The day on which it settled.
    pub settled: Date,
}

/// Whether a return came in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timely {
    /// It did, or nothing says until when it had to.
    InTime,
    /// It settled after this day, the last one of its window.
    After(Date),
    /// Its code is none for such an entry.
    Unfit,
}

/// Whether a return with `code` that settled on `on` came in time.
///
/// ```
/// use jiff::civil::date;
/// use settlement::codes::sec::SecCode;
/// use settlement::ids::Direction;
/// use settlement::returns::{Returnable, Timely, timely};
///
/// let entry = Returnable {
///     sec: Some(SecCode::Ppd),
///     direction: Direction::Debit,
///     settled: date(2026, 11, 30),
/// };
/// let r10 = |entry: &Returnable, on| timely("R10".parse().unwrap(), on, entry);
/// assert_eq!(r10(&entry, date(2027, 2, 1)), Timely::InTime);
/// assert_eq!(r10(&entry, date(2027, 2, 2)), Timely::After(date(2027, 2, 1)));
/// let company = Returnable { sec: Some(SecCode::Ccd), ..entry };
/// assert_eq!(r10(&company, date(2026, 12, 1)), Timely::Unfit);
/// ```
pub fn timely(code: ReturnCode, on: Date, entry: &Returnable) -> Timely {
    if !is_for(code, entry) {
        return Timely::Unfit;
    }
    match deadline(code, entry.settled) {
        Some(last) if on > last => Timely::After(last),
        _ => Timely::InTime,
    }
}

/// Whether an entry can come back with a code at all. A code that the table does not know can be
/// for any; one by which a return is disputed returns nothing.
fn is_for(code: ReturnCode, entry: &Returnable) -> bool {
    let Some(reason) = code.reason_on(entry.settled) else {
        return true;
    };
    let disputes = matches!(reason.bucket, Bucket::Dishonor | Bucket::Contest);
    let fits = match entry.sec {
        Some(sec) => reason.fits(sec, entry.direction),
        None => reason.applies_to(entry.direction),
    };
    fits && !disputes
}

impl Timely {
    /// Whether it may be dishonored as untimely (R68).
    pub const fn is_late(self) -> bool {
        !matches!(self, Timely::InTime)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn entry(sec: SecCode, direction: Direction, settled: Date) -> Returnable {
        Returnable {
            sec: Some(sec),
            direction,
            settled,
        }
    }

    fn judged(code: &str, of: &Returnable, on: Date) -> Timely {
        timely(code.parse().unwrap(), on, of)
    }

    #[test]
    fn sixty_days_after_an_ordinary_friday_s_cut_is_in_time() {
        // Cut on Friday 2026-11-20 for Monday; the sixtieth day is Friday 2027-01-22.
        let of = entry(SecCode::Ppd, Direction::Debit, date(2026, 11, 23));
        assert_eq!(judged("R10", &of, date(2027, 1, 25)), Timely::InTime);
        let last = date(2027, 1, 25);
        assert_eq!(judged("R10", &of, date(2027, 1, 26)), Timely::After(last));
        assert_eq!(judged("R01", &of, date(2026, 11, 25)), Timely::InTime);
        assert!(judged("R01", &of, date(2026, 11, 27)).is_late());
    }

    #[test]
    fn a_code_that_is_for_other_entries_is_no_timely_return() {
        let settled = date(2026, 11, 23);
        let next = date(2026, 11, 24);
        let of = |sec, direction| entry(sec, direction, settled);
        for (code, sec, direction) in [
            ("R10", SecCode::Ccd, Direction::Debit),
            ("R10", SecCode::Ppd, Direction::Credit),
            ("R29", SecCode::Ppd, Direction::Debit),
            ("R23", SecCode::Ppd, Direction::Debit),
            ("R68", SecCode::Ppd, Direction::Debit),
            ("R73", SecCode::Ppd, Direction::Debit),
        ] {
            let found = judged(code, &of(sec, direction), next);
            assert_eq!(found, Timely::Unfit, "{code} {sec} {direction:?}");
        }
        let unknown = of(SecCode::Ppd, Direction::Debit);
        assert_eq!(judged("R99", &unknown, next), Timely::InTime);
        let no_class = Returnable {
            sec: None,
            ..unknown
        };
        assert_eq!(judged("R10", &no_class, next), Timely::InTime);
    }
}
