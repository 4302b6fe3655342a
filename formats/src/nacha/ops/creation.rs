//! When a file that is made of others is made, and what is new in it.

use jiff::civil::{Date, Time};

/// What tells a file from the others that its parties exchange: its header's date, time and file
/// id modifier. They are arguments and never asked of a clock, so the same call gives the same
/// bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Creation {
    /// When it is made.
    pub date: Date,
    /// At what time.
    pub time: Time,
    /// Which of the day's files it is: A to Z, 0 to 9.
    pub modifier: u8,
}

/// How answers are numbered and dated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbering {
    /// The sequence of the first answer's trace, seven digits; the next ones go up by one.
    pub first_sequence: u32,
    /// The day of the year on which the answers settle, 1 to 366.
    pub settlement_day: u16,
}
