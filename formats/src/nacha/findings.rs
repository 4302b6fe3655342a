//! What is wrong with a file, and where: line, column, byte, record, field, rule.
//!
//! A file can be wrong in every line, and a flood of one finding must neither fill the memory
//! nor hide the others: of each rule the first [`KEPT_PER_RULE`] findings are kept, of the rest
//! only the count.

use crate::finding::{Finding, Severity};
use crate::nacha::dialect::Dialect;
use crate::nacha::rules::{RULES, Rule};
use settlement::exact::Exact;

/// Where a record begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The line, from 1; in a file without line ends each 94 characters are a line.
    pub line: u64,
    /// The offset of its first byte.
    pub byte: u64,
}

/// How many findings of one rule are kept in full.
pub const KEPT_PER_RULE: u64 = 50;
/// How many findings are kept in full altogether.
pub const KEPT: usize = 1_000;

/// The findings of a file: the first of each rule in full, all of them counted.
#[derive(Clone, Debug)]
pub struct Findings {
    kept: Vec<Finding>,
    dialect: Dialect,
    counts: Vec<u64>,
    errors: u64,
    warnings: u64,
}

impl Default for Findings {
    fn default() -> Findings {
        Findings::under(&Dialect::default())
    }
}

impl Findings {
    /// No findings yet; what is found weighs as the dialect says.
    pub(crate) fn under(dialect: &Dialect) -> Findings {
        Findings {
            kept: Vec::new(),
            dialect: dialect.clone(),
            counts: vec![0; RULES.len()],
            errors: 0,
            warnings: 0,
        }
    }

    /// The findings kept in full, in the order of the file.
    pub fn kept(&self) -> &[Finding] {
        &self.kept
    }

    /// How many errors there are, kept or not.
    pub const fn errors(&self) -> u64 {
        self.errors
    }

    /// How many warnings there are, kept or not.
    pub const fn warnings(&self) -> u64 {
        self.warnings
    }

    /// Whether there is no error.
    pub const fn ok(&self) -> bool {
        self.errors == 0
    }

    /// How often the rule of that id was broken.
    pub fn count(&self, id: &str) -> u64 {
        RULES
            .iter()
            .zip(&self.counts)
            .find(|(row, _)| row.id == id)
            .map_or(0, |(_, count)| *count)
    }

    /// Whether the rule was broken.
    pub(crate) fn broke(&self, rule: Rule) -> bool {
        self.counts
            .get(rule as usize)
            .is_some_and(|count| *count > 0)
    }

    /// How many findings were counted but not kept, rule by rule.
    pub fn left_out(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        RULES.iter().zip(&self.counts).filter_map(|(row, count)| {
            let kept = self.kept.iter().filter(|f| f.rule == row.id).count() as u64;
            let rest = count.less(kept);
            (rest > 0).then_some((row.id, rest))
        })
    }

    /// Counts a broken rule; the message is only made where the finding is kept.
    pub(crate) fn add(&mut self, at: At, message: impl FnOnce() -> String) {
        let row = at.rule.row();
        let weight = self.dialect.weights().get(at.rule as usize);
        let severity = weight.copied().unwrap_or(row.severity);
        match severity {
            Severity::Error => self.errors = self.errors.plus(1),
            Severity::Warning => self.warnings = self.warnings.plus(1),
            Severity::Info => {}
        }
        // A record breaks a rule a few times at most: 64 bits count more than any source has.
        let Some(count) = self.counts.get_mut(at.rule as usize) else {
            return;
        };
        *count = count.plus(1);
        if *count > KEPT_PER_RULE || self.kept.len() >= KEPT {
            return;
        }
        self.kept.push(Finding {
            rule: row.id,
            severity,
            line: at.place.line,
            column: u64::from(at.column),
            byte: at
                .place
                .byte
                // saturates: a finding without a column is at its record
                .saturating_add(u64::from(at.column.saturating_sub(1))),
            record: at.record,
            field: at.field,
            message: message(),
            return_code: row.return_code,
        });
    }
}

/// What [`Findings::add`] must know of a finding.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At {
    pub rule: Rule,
    pub place: Place,
    pub column: u32,
    pub record: &'static str,
    pub field: &'static str,
}
