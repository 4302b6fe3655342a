//! Postings: which books of a date are closed, and with what.

use crate::records::part::Part;
use desk::records::{Record, Source};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use settlement::fees::{Day, Fees};
use settlement::ids::TraceNumber;
use settlement::money::{Cents, SignedCents};
use settlement::payment::Side;

/// What a posting read and wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostedDay {
    /// The business date.
    pub date: Date,
    /// The posting before it, whose balances it went on from.
    pub previous: Option<Date>,
    /// The day's journal; none on a day without facts.
    pub journal: Option<Part>,
    /// Every balance that is not zero at the day's end.
    pub balances: Option<Part>,
    /// Facts posted.
    pub facts: u64,
    /// The sum of the journal's debits.
    pub debits: SignedCents,
    /// The sum of the journal's credits.
    pub credits: SignedCents,
    /// The bank's fees accrued and not billed.
    #[serde(default)]
    pub fees: Fees,
    /// The fee lines of the date that the prices explain, by their ids.
    #[serde(default)]
    pub billed: Vec<String>,
    /// What each of them billed; nothing in a record of a version that put no bill back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bills: Vec<BilledLine>,
    /// The accounts at the bank whose opening balance is booked, by their last four characters.
    #[serde(default)]
    pub opened: Vec<String>,
    /// What the date made at the bank's prices, in millionths of a dollar; none in a record of
    /// before version 4.
    #[serde(default)]
    pub accrued_micros: Option<i64>,
    /// The holds that ended with it, to be brought into the payments; nothing in a record of
    /// before version 5, which had ended them one by one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<EndedHold>,
    /// What it started from; nothing in a record of before version 3.
    #[serde(default)]
    pub started_from: Vec<Source>,
}

/// A fee line and the days that it billed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BilledLine {
    /// The line, by its id.
    pub line: String,
    /// The days.
    pub days: Vec<Day>,
}

/// A side of a batch whose pulls became available.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedHold {
    /// The side.
    pub side: Side,
    /// Whose funds they are.
    pub originator: String,
    /// The entries that came back before, or have not settled.
    pub except: Vec<TraceNumber>,
    /// How much became available.
    pub cents: Cents,
}

impl Record for PostedDay {
    const VERSION: u32 = 5;
    const CHECKED_FROM: u32 = 3;

    fn forward(from: u32, document: &mut Value) {
        if from > 1 {
            return;
        }
        for part in ["journal", "balances"] {
            document.get_mut(part).into_iter().for_each(Part::forward);
        }
    }
}
