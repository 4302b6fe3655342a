//! What a bank statement says, whatever it was written in.
//!
//! BAI2 and camt.053 differ in everything but meaning: an account, a day, two balances and the
//! movements between them. The readers of both give a [`Document`], so that nothing after them
//! asks which it was. Amounts are the account's: positive raises it. The one law of a statement,
//! opening balance plus movements is the closing balance, is checked here for both.

pub use crate::finding::{Finding, Severity};

use jiff::civil::Date;
use serde::{Serialize, Serializer};
use settlement::exact::Exact;
use settlement::foreign;
use settlement::money::SignedCents;
use settlement::reconcile::numbers::Numbers;
use std::fmt::{self, Write};

/// Findings of each severity kept of one file: enough to see what is wrong, little enough for a
/// hostile file.
pub const MAX_FINDINGS: usize = 10_000;

/// The findings of one file, in its order. What is kept is bounded, each severity by itself so
/// that no flood of warnings hides an error; what is counted is not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Findings {
    kept: Vec<Finding>,
    #[serde(skip)]
    errors: u64,
    #[serde(skip)]
    warnings: u64,
}

impl Findings {
    /// Counts a finding, and keeps it unless there are [`MAX_FINDINGS`] of its severity already.
    pub fn add(&mut self, finding: Finding) {
        let count = match finding.severity {
            Severity::Error => &mut self.errors,
            Severity::Warning | Severity::Info => &mut self.warnings,
        };
        if *count < MAX_FINDINGS as u64 {
            self.kept.push(finding);
        }
        *count = count.plus(1);
    }

    /// How many findings are errors, kept or not.
    pub fn errors(&self) -> u64 {
        self.errors
    }

    /// Whether any finding is an error, kept or not.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// The first error.
    pub fn first_error(&self) -> Option<&Finding> {
        self.kept.iter().find(|f| f.severity == Severity::Error)
    }

    /// Findings that were counted and not kept.
    pub fn left_out(&self) -> u64 {
        let all = self.errors.plus(self.warnings);
        all.less(self.kept.len() as u64)
    }
}

impl std::ops::Deref for Findings {
    type Target = [Finding];
    fn deref(&self) -> &[Finding] {
        &self.kept
    }
}

/// An account number. Shown, printed and serialized as its last four characters only.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountNumber(String);

impl AccountNumber {
    /// `number` as it stands in the file.
    pub fn new(number: impl Into<String>) -> AccountNumber {
        AccountNumber(number.into())
    }

    /// The whole number: for finding the account, never for a message, a log or a table.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The last four characters; fewer of a number shorter than eight, never more than half.
    pub fn last4(&self) -> &str {
        let shown = self.0.chars().count().wrapping_div(2).min(4);
        match self.0.char_indices().rev().take(shown).last() {
            Some((from, _)) => self.0.get(from..).unwrap_or(""),
            None => "",
        }
    }
}

impl fmt::Debug for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "...{}", self.last4())
    }
}

impl fmt::Display for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "...{}", self.last4())
    }
}

impl Serialize for AccountNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// When the money of a line can be used. BAI2 funds type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Funds {
    /// The bank does not say: `Z` or nothing.
    #[default]
    Unknown,
    /// At once: `0`.
    Immediate,
    /// The next day: `1`.
    OneDay,
    /// In two days or more: `2`.
    TwoDays,
    /// In parts: at once, in one day, in more: `S`.
    Split([SignedCents; 3]),
    /// On a date: `V`.
    Dated(Date),
    /// In parts after so many days each: `D`.
    Spread(Vec<(u32, SignedCents)>),
}

/// A sum or status the bank gives for the account: BAI2 status and summary codes, camt balances.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The code: `010`, `100`, `CLBD`.
    pub code: String,
    /// The amount as written; none where the field is empty.
    pub amount: Option<SignedCents>,
    /// The number of items, where it is given.
    pub count: Option<u64>,
    /// When the money can be used.
    pub funds: Funds,
}

/// One movement inside a line that stands for several: camt `TxDtls`, or `Btch` where no movement
/// of it is listed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Detail {
    /// The amount, where it is given; positive raises the account.
    pub amount: Option<SignedCents>,
    /// Our reference: trace number, end to end id.
    pub reference: String,
    /// Everything that it is called by, each once, that reference too.
    pub references: Vec<String>,
    /// Why it came back: a return reason code.
    pub return_reason: String,
    /// What it says.
    pub text: String,
}

/// One line of a statement: a movement on the account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The line in the file, counted from 1.
    pub line: u64,
    /// The bank's code: a BAI2 type code, or a camt transaction code joined by dashes.
    pub type_code: String,
    /// Positive raises the account.
    pub amount: SignedCents,
    /// When the money can be used.
    pub funds: Funds,
    /// The day on which it counts, where the line says it.
    pub value_date: Option<Date>,
    /// The day on which it was booked, where the line says it.
    pub booked: Option<Date>,
    /// The bank's reference.
    pub bank_reference: String,
    /// Our reference as the bank repeats it.
    pub customer_reference: String,
    /// The bank's text.
    pub text: String,
    /// The movements inside, where the bank lists them.
    pub details: Vec<Detail>,
}

/// What the sender means a statement to be: BAI2 group status and as-of date modifier, the camt
/// message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// What the account did on its day.
    #[default]
    Final,
    /// A report while the day goes on: the final one repeats its lines.
    Intraday,
    /// The day's statement once more, corrected.
    Correction,
    /// Earlier data are to be forgotten.
    Deletion,
    /// A test: none of its money ever moved.
    Test,
    /// A status that the format does not know.
    Unknown,
}

/// Which page of its day's statement a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Page {
    /// Counted from 1.
    pub number: u32,
    /// Whether it is the last one.
    pub last: bool,
}

/// One account's statement, or a page of one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// The line in the file on which it starts, counted from 1.
    pub line: u64,
    /// What the sender means it to be.
    pub purpose: Purpose,
    /// The account.
    pub account: AccountNumber,
    /// ISO code; amounts are in its hundredths.
    pub currency: String,
    /// The day it is of.
    pub as_of: Option<Date>,
    /// Opening ledger balance.
    pub opening: Option<SignedCents>,
    /// Closing ledger balance.
    pub closing: Option<SignedCents>,
    /// What else the bank says of the account.
    pub summaries: Vec<Summary>,
    /// The movements in the file's order.
    pub lines: Vec<Line>,
    /// Which page it is, where the file numbers more than one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<Page>,
    /// The numbers that the bank gives it, where it does.
    #[serde(skip_serializing_if = "Numbers::is_none")]
    pub numbers: Numbers,
    /// Whether more of its day comes after it: its closing balance is an interim one, or its page
    /// is not the last.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
    /// The findings that are errors and are about this statement alone.
    #[serde(skip)]
    pub errors: u64,
}

/// One statement file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Document {
    /// What it is written in: `bai2`, `camt.053.001.08`.
    pub format: String,
    /// Who sent it, where the file says it.
    pub sender: String,
    /// Whom it was sent to, where the file says it.
    pub receiver: String,
    /// The file's own name or number.
    pub file_id: String,
    /// The day it was made.
    pub created: Option<Date>,
    /// The accounts in the file's order.
    pub statements: Vec<Statement>,
    /// What is not as it should be.
    pub findings: Findings,
    /// The findings that are errors and only repeat, of all of the file, what one of its statements
    /// says wrong of itself.
    #[serde(skip)]
    pub repeated: u64,
}

impl Statement {
    /// The sum of the lines; `None` where it does not fit.
    pub fn movement(&self) -> Option<SignedCents> {
        self.lines
            .iter()
            .try_fold(SignedCents::ZERO, |sum, line| sum.checked_add(line.amount))
    }

    /// The amount of the first summary with `code`.
    pub fn summary(&self, code: &str) -> Option<SignedCents> {
        self.summaries
            .iter()
            .find(|summary| summary.code == code)?
            .amount
    }

    /// Adds the totals that banks give before the lines: all credits (100), all debits (400).
    /// `None` where a sum does not fit.
    pub fn with_totals(mut self) -> Option<Statement> {
        for (code, raises) in [("100", true), ("400", false)] {
            let lines = || {
                self.lines
                    .iter()
                    .filter(|line| (line.amount.get() > 0) == raises)
            };
            let sum = lines().try_fold(SignedCents::ZERO, |sum, line| {
                sum.checked_add(line.amount.magnitude().signed()?)
            });
            let count = Some(lines().filter(|line| !line.amount.is_zero()).count() as u64);
            let (code, funds) = (code.to_owned(), Funds::Unknown);
            self.summaries.push(Summary {
                code,
                amount: Some(sum?),
                count,
                funds,
            });
        }
        Some(self)
    }

    /// The balance that can be used at the end of the day: BAI2 045, camt CLAV.
    pub fn available(&self) -> Option<SignedCents> {
        self.summary("045").or_else(|| self.summary("CLAV"))
    }

    /// Whether opening balance plus lines is the closing balance; `Err` says what it is instead.
    /// A statement without both balances, or with totals instead of lines, is asked for what it
    /// has.
    ///
    /// # Errors
    /// The text of the finding.
    pub fn check_balance(&self) -> Result<(), String> {
        let (Some(opening), Some(closing)) = (self.opening, self.closing) else {
            return Ok(());
        };
        let totals = || self.summary("100")?.checked_sub(self.summary("400")?);
        let movement = match totals() {
            Some(net) if self.lines.is_empty() => Some(net),
            _ => self.movement(),
        };
        let expected = movement.and_then(|movement| opening.checked_add(movement));
        if expected == Some(closing) {
            return Ok(());
        }
        let shown = |cents: Option<SignedCents>| match cents {
            Some(cents) => cents.to_string(),
            None => "more than fits".to_owned(),
        };
        Err(format!(
            "opening {opening} and movements {} make {}, but the closing balance is {closing}: \
             a line is missing, doubled or changed; ask the bank for the statement again",
            shown(movement),
            shown(expected)
        ))
    }
}

impl Document {
    /// Whether nothing in the file is an error.
    pub fn is_ok(&self) -> bool {
        !self.findings.has_errors()
    }

    /// Whether no error is about more than one statement: those that have none of their own can
    /// be believed.
    pub fn holds_together(&self) -> bool {
        let own = self.statements.iter().map(|statement| statement.errors);
        own.fold(self.repeated, Exact::plus) == self.findings.errors()
    }

    /// The file for people: accounts, balances, lines, findings.
    pub fn describe(&self) -> String {
        let mut out = String::new();
        // Writing to a String cannot fail.
        let _ = self.write_description(&mut out);
        out
    }

    fn write_description(&self, out: &mut String) -> fmt::Result {
        write!(out, "{} file", self.format)?;
        if !self.file_id.is_empty() {
            write!(out, " {}", foreign::line(&self.file_id))?;
        }
        if !self.sender.is_empty() {
            write!(out, " from {}", foreign::line(&self.sender))?;
        }
        if let Some(created) = self.created {
            write!(out, ", made {created}")?;
        }
        writeln!(out, ": {} accounts", self.statements.len())?;
        for statement in &self.statements {
            statement.write_description(out)?;
        }
        for finding in self.findings.iter() {
            writeln!(out, "{finding}")?;
        }
        match self.findings.left_out() {
            0 => Ok(()),
            more => writeln!(out, "and {more} more findings"),
        }
    }
}

impl Statement {
    fn write_description(&self, out: &mut String) -> fmt::Result {
        let account = self.account.to_string();
        let (account, currency) = (foreign::line(&account), foreign::line(&self.currency));
        write!(out, "\naccount {account} {currency}")?;
        if let Some(as_of) = self.as_of {
            write!(out, " as of {as_of}")?;
        }
        if self.purpose != Purpose::Final {
            write!(out, ", {:?}", self.purpose)?;
        }
        if let Some(Page { number, last }) = self.page {
            let more = if last { "the last" } else { "more follow" };
            write!(out, ", page {number}, {more}")?;
        }
        writeln!(out, ", {} lines", self.lines.len())?;
        let mut balance = |name: &str, amount: Option<SignedCents>| match amount {
            Some(amount) => writeln!(out, "  {name:<50} {amount:>20}"),
            None => Ok(()),
        };
        balance("opening ledger balance", self.opening)?;
        balance("closing ledger balance", self.closing)?;
        for summary in &self.summaries {
            let name = crate::bai2::codes::name(&summary.code);
            let code = foreign::line(&summary.code);
            balance(&format!("{code} {name}"), summary.amount)?;
        }
        for line in &self.lines {
            let name = crate::bai2::codes::name(&line.type_code);
            writeln!(
                out,
                "  {:<50} {:>20}  {} {} {}",
                format!("{} {name}", foreign::line(&line.type_code)),
                line.amount,
                foreign::line(&line.bank_reference),
                foreign::line(&line.customer_reference),
                foreign::line(&line.text)
            )?;
        }
        Ok(())
    }
}
