//! One thing that is wrong with a file, and how much it weighs: the same for every format.
//!
//! What is kept of many findings is each format's own affair: an ACH file's are bounded rule by
//! rule ([`nacha::Findings`](crate::nacha::Findings)), a statement's by severity
//! ([`statement::Findings`](crate::statement::Findings)).

use serde::Serialize;
use settlement::exact::Exact;
use settlement::foreign;
use std::fmt;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Would be returned, or is odd.
    Warning,
    /// An originating bank or the operator would reject it.
    Error,
}

impl Severity {
    /// `error`, `warning` or `info`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// One thing that is wrong or odd. Never repeats an account number, a name or free text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The id of the rule, which never changes: a row of [`nacha::RULES`](crate::nacha::RULES),
    /// or of a statement `CONTROL_TOTAL` and the like.
    pub rule: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// The line, from 1; 0 where the whole file is meant.
    pub line: u64,
    /// The column, from 1; 0 where the whole line is meant.
    pub column: u64,
    /// The offset of the column's byte in the file.
    pub byte: u64,
    /// The record, as its layout is called: `6.PPD`; empty where it is the whole file, and of
    /// statements.
    pub record: &'static str,
    /// The field; empty where it is the whole record.
    pub field: &'static str,
    /// What is wrong and what was expected.
    pub message: String,
    /// The code with which the entry would come back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_code: Option<&'static str>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = self.severity.as_str();
        write!(
            f,
            "line {}, column {} (byte {}), ",
            self.line, self.column, self.byte
        )?;
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        let message = foreign::line(&self.message);
        write!(f, "{message} [{severity} {}]", self.rule)?;
        match self.return_code {
            Some(code) => write!(f, " (would come back as {code})"),
            None => Ok(()),
        }
    }
}

/// Where in a statement's file something stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The line, counted from 1.
    pub line: u64,
    /// The column in the line, counted from 1.
    pub column: u64,
    /// The byte in the file, counted from 0.
    pub byte: u64,
}

impl Place {
    /// The place so many bytes further in the same line.
    pub fn after(self, bytes: usize) -> Place {
        let bytes = bytes as u64;
        Place {
            line: self.line,
            column: self.column.plus(bytes),
            byte: self.byte.plus(bytes),
        }
    }

    /// What is wrong here.
    pub fn finding(
        self,
        rule: &'static str,
        severity: Severity,
        field: &'static str,
        message: impl Into<String>,
    ) -> Finding {
        Finding {
            rule,
            severity,
            line: self.line,
            column: self.column,
            byte: self.byte,
            record: "",
            field,
            message: message.into(),
            return_code: None,
        }
    }
}
