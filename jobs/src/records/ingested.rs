//! What became of inbound files.

use crate::records::part::Part;
use crate::records::sum::Sum;
use connectors::Name;
use desk::failure::{Result, too_large};
use desk::records::{Record, Source, list};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use settlement::ids::BatchKey;
use settlement::money::SignedCents;
use settlement::reconcile::legs::BreakKind;
use settlement::reconcile::numbers::Numbers;

/// What became of an inbound file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ingested {
    /// The bank's name for it.
    pub name: String,
    /// Our copy.
    pub object: Name,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// What it is.
    pub kind: String,
    /// What was done with it.
    pub outcome: Outcome,
    /// Table parts made from it.
    pub parts: Vec<Part>,
    /// Records in it, and their cents.
    pub records: Sum,
    /// Records of it that were quarantined, and their cents.
    pub quarantined: Sum,
    /// Records of it that are not for these books: other accounts, intraday reports.
    pub left_out: Sum,
    /// Statements that it brought to be booked: its own, and those that had waited for it.
    pub statements: Vec<StatementHead>,
    /// Statements of it that have no place yet: what is missing before them may still come.
    #[serde(default)]
    pub waiting: Vec<Waiting>,
    /// Statements that had waited and wait no more.
    #[serde(default)]
    pub healed: Vec<Kept>,
    /// Files of ours that it rejects.
    pub rejected: Vec<String>,
    /// Batches of ours that it rejects alone.
    #[serde(default)]
    pub rejected_batches: Vec<BatchKey>,
    /// What it says of files of ours that came too late for some of their payments.
    #[serde(default)]
    pub held: Vec<Held>,
    /// Events of it that a payment's list of steps refused: payment, trace, event, state.
    pub refused: Vec<Refused>,
    /// Entries of it that were put aside.
    pub aside: Vec<Aside>,
    /// The kind of break that a quarantined file is.
    pub break_kind: Option<BreakKind>,
    /// Why it is in quarantine.
    pub reason: Option<String>,
    /// What is wrong with it: rule, line, column, field, reason.
    pub findings: Vec<String>,
    /// What it is about, by which a whole file is known that comes in place of a torn one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<String>,
    /// What it started from; nothing in a record of before version 3.
    #[serde(default)]
    pub started_from: Vec<Source>,
}

/// An entry that was put aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aside {
    /// The line of the file, from 1.
    pub line: u64,
    /// What it moves on our account.
    pub cents: SignedCents,
    /// Why it was not taken.
    pub why: String,
}

/// An answer to a file of ours, or to a batch of it, that some of its payments cannot take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The file, or file and batch.
    pub file: String,
    /// How many of its payments.
    pub payments: u64,
    /// What they move on our account.
    pub cents: SignedCents,
    /// What is wrong and what to do.
    pub why: String,
}

/// An event that could not happen to its payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The payment.
    pub payment: String,
    /// What names the event: an original trace, a file.
    pub about: String,
    /// The event.
    pub event: String,
    /// The state that refused it.
    pub state: String,
    /// What is at stake on our account.
    pub cents: SignedCents,
}

/// What was done with a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Its events are durable and its rows are written.
    Taken,
    /// The same content came before under the name given: nothing was changed.
    Duplicate {
        /// The first file with this content.
        of: String,
    },
    /// It cannot be trusted: nothing of it was taken.
    Quarantined,
}

/// A statement as it was booked: a day of an account, a page of one, or a later version. A record
/// of before version 4 has the figures alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementHead {
    /// The file it came in.
    pub file: String,
    /// The last four characters of the account's number.
    pub account_last4: String,
    /// The day it is of.
    pub as_of: Date,
    /// Opening ledger balance.
    pub opening: Option<SignedCents>,
    /// Closing ledger balance.
    pub closing: Option<SignedCents>,
    /// Its lines.
    pub lines: u64,
    /// The sum of its lines.
    pub movement: SignedCents,
    /// Which it is of those of its day, from 0.
    #[serde(default)]
    pub nth: u32,
    /// Whether it takes the place of all of its day before it.
    #[serde(default)]
    pub corrects: bool,
    /// Whether the bank says that more of its day comes.
    #[serde(default)]
    pub more: bool,
    /// What it booked and took back.
    #[serde(default)]
    pub rows: Option<Part>,
    /// What the bank told, to know it again.
    #[serde(default)]
    pub told: Option<Told>,
}

/// What tells a statement that comes again from one that says something else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// What it was written in.
    pub format: String,
    /// Its balances and lines, hashed in an order of their own.
    pub lines: String,
    /// Its balances and amounts, which another format repeats.
    pub amounts: String,
    /// The day on which its file says that it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Date>,
    /// The bank's numbers of it; of pages that are one together, those of the last.
    #[serde(default, skip_serializing_if = "Numbers::is_none")]
    pub numbers: Numbers,
}

/// Where a statement is kept: which one of which copy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Kept {
    /// Our copy of the file.
    pub object: Name,
    /// Which of its statements, from 0.
    pub at: u64,
}

/// A statement that is kept until what is missing before it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The bank's name for the file it came in.
    pub file: String,
    /// Where it is.
    pub kept: Kept,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// The last four characters of the account's number.
    pub account_last4: String,
    /// The day it is of.
    pub as_of: Date,
    /// Its lines.
    pub lines: u64,
    /// What it waits for.
    pub why: String,
}

/// Where a content was first seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// The bank's name for the file.
    pub name: String,
    /// The business date it was received on.
    pub received: Date,
    /// Its bytes.
    pub size: u64,
}

/// Findings recorded of one file, at most; a file with more says so. The same for what is put
/// aside of it.
pub const MAX_FINDINGS: usize = 100;

impl Ingested {
    /// Takes nothing of the file. Its records are counted; its figures are not believed, so nobody
    /// adds them to anything.
    pub fn quarantine(&mut self, why: &str) {
        self.outcome = Outcome::Quarantined;
        self.records.cents = SignedCents::ZERO;
        self.aside.clear(); // the whole file is
        self.reason = Some(why.to_owned());
        self.findings.push(why.to_owned());
    }

    /// Counts a record of the file.
    ///
    /// # Errors
    /// Where the sum of its records does not fit.
    pub fn count(&mut self, cents: SignedCents) -> Result<()> {
        let sum = self.records.with(1, cents);
        self.records = sum.ok_or_else(|| too_large(&self.name))?;
        Ok(())
    }

    /// Takes the file without one record of it, which becomes a break with its line.
    ///
    /// # Errors
    /// Where the sum of what is put aside does not fit.
    pub fn put_aside(&mut self, line: u64, cents: SignedCents, why: String) -> Result<()> {
        let sum = self.quarantined.with(1, cents);
        self.quarantined = sum.ok_or_else(|| too_large(&self.name))?;
        self.findings.push(why.clone());
        if self.aside.len() < MAX_FINDINGS {
            self.aside.push(Aside { line, cents, why });
        }
        Ok(())
    }

    /// As [`Ingested::quarantine`], as a break of another kind than a wrong total.
    pub fn quarantine_as(&mut self, kind: BreakKind, why: &str) {
        self.break_kind = Some(kind);
        self.quarantine(why);
    }

    /// What a file is about that is a statement of an account and day.
    pub fn statement(account_last4: &str, as_of: Date) -> String {
        format!("statement of ...{account_last4} of {as_of}")
    }

    /// Whether the file was read and believed.
    pub fn taken(&self) -> bool {
        self.outcome == Outcome::Taken
    }
}

impl Record for Ingested {
    const VERSION: u32 = 4;
    const CHECKED_FROM: u32 = 3;

    /// Version 4 adds what batches and files hold, which an older record has none of.
    fn forward(from: u32, document: &mut Value) {
        if from > 1 {
            return;
        }
        list(document, "parts").for_each(Part::forward);
        for aside in list(document, "aside") {
            *aside = json!({ "line": aside[0], "cents": aside[1], "why": aside[2] });
        }
    }
}

impl Record for Registered {
    const VERSION: u32 = 2;
    const CHECKED_FROM: u32 = 2;
}
