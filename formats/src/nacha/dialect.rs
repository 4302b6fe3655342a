//! Bank dialects: what a bank weighs in another way than the rules do.
//!
//! A bank profile names [arms](Arm), each with its reason; [`DIALECTS`] says what an arm does to
//! which rule. An arm changes only how much a finding weighs: every check is made, every finding
//! counted. Nothing that says how much money moves to whom is in the table, so no dialect makes
//! a file pass whose sums are wrong.

use crate::finding::Severity;
use crate::nacha::rules::RULES;
use settlement::bank::dialect::Arm;

/// What an arm does to the rules.
#[derive(Clone, Copy, Debug)]
pub struct DialectRow {
    /// The arm.
    pub arm: Arm,
    /// What is known of banks that have it.
    pub reason: &'static str,
    /// Rules by their ids, and what they weigh under the arm.
    pub rules: &'static [(&'static str, Severity)],
}

use Severity::{Error, Info, Warning};

macro_rules! row {
    ($arm:ident $reason:literal $($id:literal $severity:ident),+) => {
        DialectRow { arm: Arm::$arm, reason: $reason, rules: &[$(($id, $severity)),+] }
    };
}

/// Every arm. Grounds: what real files and the switches of other readers show that banks and
/// processors do.
#[rustfmt::skip]
pub const DIALECTS: &[DialectRow] = &[
    row!(OpenBlock
        "many senders end a file with its control; receivers that count records do not mind"
        "file.filler" Info),
    row!(FullBlock
        "operators read blocks of ten records; some banks hand files on as they are"
        "file.filler" Error, "file.filler-width" Error),
    row!(TrimmedRecords
        "editors and transfers that trim lines cut blanks off; the columns are known all the same"
        "line.short" Info),
    row!(LatinText
        "banks with systems in windows-1252 take accented names and print them"
        "chars.not-ascii" Info),
    row!(AsciiText
        "invalid characters are an edit of the operators: the whole batch may be rejected"
        "chars.not-ascii" Error, "chars.utf8" Error),
    row!(EmptyFile
        "return and acknowledgement files are sent each day, with or without anything in them"
        "file.no-batch" Info),
    row!(OwnNumbers
        "the parties to a file agree on ten characters, often a tax id or a customer number"
        "file.routing" Info),
    row!(BatchesOfSeveral
        "a bureau puts batches together as they come; zero or the same number stands in each"
        "batch.number-order" Warning),
    row!(TracesOfProcessor
        "a processor between bank and sender numbers entries in its own way and order"
        "entry.trace-odfi" Warning, "entry.trace-order" Warning, "entry.trace-zero" Info),
    row!(ReturnControls
        "returns are repackaged: the control keeps what stood in the forward batch"
        "control.service-class" Warning, "control.company" Info),
    row!(OwnReasons
        "processors between bank and operator answer with reasons of their own"
        "return.code-unknown" Info, "noc.code-unknown" Info),
    row!(DatedBatches
        "without a date to come the operator takes the next banking day: not what was meant"
        "batch.effective-date-blank" Error, "batch.effective-date-past" Error),
    row!(NothingTwice
        "banks hold files that look like one sent before, and return what came twice as R24"
        "entry.trace-again" Error, "entry.again" Error),
];

/// What each rule weighs with one bank.
///
/// ```
/// use formats::nacha::{Arm, Dialect, RULES, Severity};
///
/// let weight = |dialect: &Dialect, id: &str| {
///     let at = RULES.iter().position(|row| row.id == id)?;
///     dialect.weights().get(at).copied()
/// };
/// let strict = Dialect::of([Arm::FullBlock]);
/// assert_eq!(weight(&strict, "file.filler"), Some(Severity::Error));
/// assert_ne!(strict, Dialect::default());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialect(Vec<Severity>);

impl Default for Dialect {
    /// The rules as they stand.
    fn default() -> Dialect {
        Dialect(RULES.iter().map(|row| row.severity).collect())
    }
}

impl Dialect {
    /// The rules under these arms; where two change the same rule, the later one holds.
    pub fn of(arms: impl IntoIterator<Item = Arm>) -> Dialect {
        let mut dialect = Dialect::default();
        for arm in arms {
            let changes = DIALECTS.iter().filter(|row| row.arm == arm);
            for (id, severity) in changes.flat_map(|row| row.rules) {
                let at = RULES.iter().position(|row| row.id == *id);
                if let Some(weight) = at.and_then(|at| dialect.0.get_mut(at)) {
                    *weight = *severity;
                }
            }
        }
        dialect
    }

    /// What each rule weighs, in the order of [`RULES`].
    pub fn weights(&self) -> &[Severity] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nacha::generate::{Defect, Plan, Planter, generate};
    use crate::nacha::{LineEnd, validate, validate_under};
    use settlement::codes::sec::SecCode;

    #[test]
    fn every_arm_has_a_row_and_changes_rules_that_are_there() {
        let arms: Vec<_> = DIALECTS.iter().map(|row| row.arm).collect();
        assert_eq!(arms, Arm::ALL);
        for (id, severity) in DIALECTS.iter().flat_map(|row| row.rules) {
            let rule = RULES.iter().find(|row| row.id == *id);
            assert!(rule.is_some_and(|rule| rule.severity != *severity), "{id}");
        }
    }

    #[test]
    fn no_arm_touches_what_money_moves() {
        let sums = [
            "total.",
            "control.count",
            "control.hash",
            "control.debit",
            "control.credit",
        ];
        let entry = [
            "entry.amount",
            "entry.transaction-code",
            "entry.routing",
            "record.",
        ];
        for (id, _) in DIALECTS.iter().flat_map(|row| row.rules) {
            let touches = sums.iter().chain(&entry).any(|start| id.starts_with(start));
            assert!(!touches, "{id}");
        }
    }

    #[test]
    fn under_an_arm_the_same_findings_weigh_otherwise() {
        for row in DIALECTS {
            for (id, severity) in row.rules {
                let defect = Defect::of_rule(id);
                let (sec, returns) = defect.map_or((SecCode::Ppd, false), |d| (d.sec, d.returns));
                let plan = Plan {
                    batch: 3,
                    returns,
                    ..Plan::of(sec, 5)
                };
                let bytes = match defect {
                    Some(defect) => {
                        let planter = Planter::new(Vec::new(), defect, LineEnd::Lf);
                        generate(planter, &plan).unwrap().0.into_inner().unwrap()
                    }
                    None => generate(Vec::new(), &Plan::of(sec, 0)).unwrap().0,
                };
                let plain = validate(&bytes[..]).unwrap().findings;
                let dialect = Dialect::of([row.arm]);
                let under = validate_under(&bytes[..], &dialect).unwrap().findings;
                assert_eq!(plain.kept().len(), under.kept().len(), "{id}");
                let mut found = under.kept().iter().filter(|f| f.rule == *id);
                assert!(
                    found.next().is_some_and(|f| f.severity == *severity),
                    "{id}"
                );
            }
        }
    }
}
