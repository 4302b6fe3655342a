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
    /// What it started from; nothing in a record of before version 3.
    #[serde(default)]
    pub started_from: Vec<Source>,
}

impl Record for Saved {
    const VERSION: u32 = 3;
    const CHECKED_FROM: u32 = 3;

    fn forward(from: u32, document: &mut Value) {
        if from > 1 {
            return;
        }
        document.get_mut("part").into_iter().for_each(Part::forward);
    }
}
