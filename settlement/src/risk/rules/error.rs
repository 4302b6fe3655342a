//! What is wrong with a file of rules, and how large one may be.

/// Rules that a file may have, all versions counted: more than a person can oversee.
pub const MOST_RULES: usize = 500;

/// Bytes that such a file may have.
pub const RULES_BYTES: u64 = 1_000_000;

/// What is wrong with a file of rules.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct RulesError {
    /// Where, from 1.
    pub line: usize,
    /// What, and what would be right.
    pub what: String,
}

/// An error at a line.
pub fn at(line: usize, what: impl Into<String>) -> RulesError {
    let what = what.into();
    RulesError { line, what }
}
