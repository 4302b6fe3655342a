//! What days cost.

use crate::records::part::Part;
use desk::records::{Record, Source};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use settlement::savings::{Books, Totals};

/// What a date cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// The business date.
    pub date: Date,
    /// The rows; none on a day without payments or returns.
    pub part: Option<Part>,
    /// The day's costs and baselines.
    pub day: Totals,
    /// The month so far, this day included.
    pub month: Totals,
    /// The year so far, this day included.
    pub year: Totals,
    /// Every day of the year so far: month and year are their sums.
    pub books: Books,
    /// What the bank will bill for the date, as the payments bear it and as the books accrued it;
    /// none in a record of before version 4.
    #[serde(default)]
    pub agrees: Option<Costs>,
    /// What it started from; nothing in a record of before version 3.
    #[serde(default)]
    pub started_from: Vec<Source>,
}

/// The bank's price of a date, counted twice, in millionths of a dollar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Costs {
    /// What the payments bear.
    pub payments: i64,
    /// What answers cost that are about no payment of ours: nobody bears it.
    pub nobody: i64,
    /// What the books accrued as an expense.
    pub books: i64,
}

impl Costs {
    /// Whether both come to the same.
    pub fn hold(&self) -> bool {
        self.payments.checked_add(self.nobody) == Some(self.books)
    }
}

impl Record for Saved {
    const VERSION: u32 = 4;
    const CHECKED_FROM: u32 = 3;

    fn forward(from: u32, document: &mut Value) {
        if from > 1 {
            return;
        }
        document.get_mut("part").into_iter().for_each(Part::forward);
    }
}
