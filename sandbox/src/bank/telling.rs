//! Ways in which banks tell their days: nothing in them is a fault, and all of it is hard on
//! whoever reads one file as one day.
//!
//! Each is a habit that a test switches on; on which days it shows is drawn from the seed. Whatever
//! a bank tells, and how often, what moved on the account is the same.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// How the bank tells its days; all false where each day is one file that stays as it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telling {
    /// A day comes in two pages, each a file; the second of some days a morning later.
    pub pages: bool,
    /// Some days are told wrong at first and corrected a morning later: with a credit of somebody
    /// else's, and without the day's last line.
    pub corrections: bool,
    /// Some days' statements come a morning after the next day's.
    pub late: bool,
    /// Each file repeats the day before.
    pub overlaps: bool,
    /// The bank's references all say `NONREF`, and somebody deposits the same twice each day.
    pub no_references: bool,
    /// A file has no line ends.
    pub one_line: bool,
    /// Each day comes as BAI2 and as camt.053.
    pub both_formats: bool,
}

/// What was told, and what is kept for another morning.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Told {
    /// The day before as it is right, as a file.
    pub(super) before: Option<Vec<u8>>,
    /// Files that come on a later morning: since when they are held, name, content.
    pub(super) held: Vec<(Date, String, Vec<u8>)>,
}

/// What somebody deposits twice each day where references say nothing.
pub(super) const TWIN: (&str, i64, &str) = ("142", 5_000, "BRANCH DEPOSIT");
