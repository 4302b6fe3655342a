//! What a reconciliation leaves for the next one, and for reports.

use crate::records::breaks::BreakRecord;
use crate::records::ingested::{StatementHead, Waiting};
use crate::records::part::Part;
use crate::records::sum::Sum;
use desk::records::{Record, Source, list};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use settlement::ids::{BatchKey, Direction};
use settlement::money::SignedCents;
use settlement::payment::Side;
use settlement::posting::Fact;
use settlement::reconcile::legs::{Leg, l3};
use settlement::returns::Told;
use std::collections::BTreeMap;

/// The record of a day's reconciliation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciled {
    /// The business date.
    pub date: Date,
    /// The run before it.
    pub previous: Option<Date>,
    /// Matches, breaks and the day's payment events, as table parts.
    pub parts: Vec<Part>,
    /// Each leg's conservation.
    pub legs: Vec<LegReport>,
    /// Every break that is not resolved, and those that resolved themselves today.
    pub breaks: Vec<BreakRecord>,
    /// Differences that explain themselves: the next posting takes them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// Lines found to be a batch's though they name none: the next posting takes their money out
    /// of suspense.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub applied: Vec<Applied>,
    /// Batches sent whose money has not come.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<OpenBatch>,
    /// Returns received whose money has not come.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open_returns: Vec<l3::Returned>,
    /// Batches settled whose windows are not all over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settled: Vec<SettledBatch>,
    /// Lines of the last days, against which a line told twice is seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<l3::Line>,
    /// Sides of batches of which an entry has not settled; none in a record of before version 5,
    /// for which every payment is looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_the_way: Option<Vec<Side>>,
    /// The last date that a version reconciled which allocated nothing: its breaks stay until
    /// somebody has resolved them.
    #[serde(default)]
    pub legacy_until: Option<Date>,
    /// Answers taken: a later one is held against them.
    pub answered: Vec<Told>,
    /// The closing balance of each account's last statement.
    pub closing: BTreeMap<String, Closing>,
    /// The statements of the last days, against which what comes again is known; none in a record
    /// of before version 4.
    #[serde(default)]
    pub statements: Vec<StatementHead>,
    /// Statements that wait for what is missing before them; none in a record of before version 4.
    #[serde(default)]
    pub waiting: Vec<Waiting>,
    /// What it started from; nothing in a record of before version 3.
    #[serde(default)]
    pub started_from: Vec<Source>,
}

/// One leg's conservation: both sides together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegReport {
    /// Which leg.
    pub leg: Leg,
    /// Came in.
    pub taken: Sum,
    /// Matched.
    pub matched: Sum,
    /// In breaks.
    pub broken: Sum,
    /// Open, inside the SLA.
    pub open: Sum,
    /// Nothing to match.
    pub idle: Sum,
    /// Both sides apart, as a line to read.
    pub text: String,
}

/// A difference on a batch that the rules explain by themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The break that found it.
    pub found_by: String,
    /// The batch.
    pub batch: BatchKey,
    /// Its side.
    pub direction: Direction,
    /// What remains on the clearing account: positive where debits are more.
    pub residue: SignedCents,
    /// Whether it is a netted fee; otherwise rounding.
    pub fee: bool,
}

impl Difference {
    /// What the books must know of it.
    pub fn fact(&self) -> Fact {
        Fact::Difference {
            found_by: self.found_by.clone(),
            batch: self.batch,
            direction: self.direction,
            residue: self.residue,
            fee: self.fee,
        }
    }
}

/// A line that named no batch, and the batch that it settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// The line.
    pub line: l3::Line,
    /// The batch.
    pub batch: BatchKey,
    /// Its side.
    pub direction: Direction,
}

impl Applied {
    /// What the books must know of it.
    pub fn fact(&self) -> Fact {
        Fact::Applied {
            line: self.line.clone(),
            batch: self.batch,
            direction: self.direction,
        }
    }
}

/// A batch whose money has not come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenBatch {
    /// Its name.
    pub key: BatchKey,
    /// Its side.
    pub direction: Direction,
    /// What it should move on our account.
    pub cents: SignedCents,
    /// When it should settle.
    pub settles_on: Date,
    /// Its entries.
    pub entries: u32,
    /// The file it went out in.
    pub file: String,
    /// The date of its cut.
    pub cut_date: Date,
}

/// A batch that settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettledBatch {
    /// Its name.
    pub key: BatchKey,
    /// The value date of its line.
    pub on: Date,
    /// The side that settled.
    pub direction: Direction,
    /// The day on which the holds on its pulls end.
    pub hold_ends: Date,
    /// Whether they have ended.
    pub hold_ended: bool,
    /// The day on which its payments become final.
    pub closes: Date,
}

/// A closing balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// Of which day.
    pub date: Date,
    /// How much.
    pub cents: SignedCents,
    /// The opening balance of the first statement there was.
    pub opened: SignedCents,
    /// What the books have posted to cash since then.
    pub posted: SignedCents,
}

impl Reconciled {
    /// The state before the first run.
    pub fn first(date: Date) -> Reconciled {
        Reconciled {
            date,
            previous: None,
            parts: Vec::new(),
            legs: Vec::new(),
            breaks: Vec::new(),
            differences: Vec::new(),
            applied: Vec::new(),
            open: Vec::new(),
            open_returns: Vec::new(),
            settled: Vec::new(),
            seen: Vec::new(),
            on_the_way: None,
            legacy_until: None,
            answered: Vec::new(),
            closing: BTreeMap::new(),
            statements: Vec::new(),
            waiting: Vec::new(),
            started_from: Vec::new(),
        }
    }
}

impl OpenBatch {
    /// The batch as breaks name it.
    pub fn name(&self) -> String {
        format!("{}/{}", self.key, self.direction.as_str())
    }
}

impl Record for Reconciled {
    const VERSION: u32 = 5;
    const CHECKED_FROM: u32 = 3;

    /// From 1 to 2 parts say their table and answers have names; from 3 to 4 an answer says what it
    /// is and not only whether it is a change.
    fn forward(from: u32, document: &mut Value) {
        if from == 1 {
            list(document, "parts").for_each(Part::forward);
        }
        for answer in list(document, "answered") {
            match from {
                1 => {
                    *answer =
                        json!({ "trace": answer[0], "change": answer[1], "received": answer[2] });
                }
                3 => {
                    let kind = if answer["change"] == true {
                        "noc"
                    } else {
                        "return"
                    };
                    let (trace, received) = (&answer["trace"], &answer["received"]);
                    *answer = json!({ "trace": trace, "kind": kind, "received": received });
                }
                _ => {}
            }
        }
    }
}
