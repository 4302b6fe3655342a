//! Ways in which banks tell their days: nothing in them is a fault, and all of it is hard on
//! whoever reads one file as one day.
//!
//! Each is a habit that a test switches on; on which days it shows is drawn from the seed. Whatever
//! a bank tells, and how often, what moved on the account is the same.

use super::money::Movement;
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
    /// Some days are told at first with a line that takes back a settlement of the day before,
    /// which nothing has taken back: a morning later the day is corrected, and the line is gone.
    #[serde(default)]
    pub wrong_reversals: bool,
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
    /// Each file has the account of a stranger too, in another currency.
    #[serde(default)]
    pub strangers: bool,
    /// Statements are numbered, where the format has a place for that.
    #[serde(default)]
    pub numbered: bool,
}

/// What was told, and what is kept for another morning.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Told {
    /// The day before as it is right, as a file.
    pub(super) before: Option<Vec<u8>>,
    /// The number of the last statement.
    #[serde(default)]
    pub(super) number: u64,
    /// Files that come on a later morning: since when they are held, name, content.
    pub(super) held: Vec<(Date, String, Vec<u8>)>,
    /// What the last statement had with nothing wrong with it, each with the bank's reference; and
    /// the same of the one before.
    #[serde(default)]
    pub(super) lines: Vec<(String, Movement)>,
    #[serde(default)]
    pub(super) lines_before: Vec<(String, Movement)>,
}

/// A stranger's account, and what moves on it each day.
pub(super) const STRANGER: (&str, &str, i64) = ("0098765432", "EUR", 31_415);

/// What somebody deposits twice each day where references say nothing.
pub(super) const TWIN: (&str, i64, &str) = ("142", 5_000, "BRANCH DEPOSIT");
