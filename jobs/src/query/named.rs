//! The named questions: the files of `data/sql`, which are in the program.
//!
//! A file begins with three lines: what it answers, its parameters with their defaults, and what
//! its words mean. docs/finance.md repeats them for people, with the columns.

use desk::failure::{Failure, Result};
use settlement::foreign;

/// A question with a name.
#[derive(Clone, Copy, Debug)]
pub struct Named {
    /// Its name: the file's.
    pub name: &'static str,
    /// The file.
    pub text: &'static str,
}

/// A parameter of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it is where nobody gives it.
    pub default: Option<&'static str>,
}

impl Parameter {
    /// Whether it stands in the SQL as a number: what it is by default is one.
    pub fn is_number(&self) -> bool {
        self.default.is_some_and(is_digits)
    }
}

/// Whether text is digits alone.
pub fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

macro_rules! questions {
    ($($name:literal),* $(,)?) => {
        &[$(Named {
            name: $name,
            text: include_str!(concat!("../../../data/sql/", $name, ".sql")),
        }),*]
    };
}

/// Every one of them, by name.
pub const NAMED: &[Named] = questions![
    "annual_totals",
    "bank_vs_books",
    "breaks_by_age",
    "breaks_lifecycle",
    "cash_forecast",
    "clearing_balances",
    "completeness",
    "daily_controls",
    "fee_audit",
    "originator_statement",
    "parts_guard",
    "payment_history",
    "return_exposure",
    "return_rates",
    "returns_by_code",
    "savings_by_month",
    "settlement_by_day",
    "trial_balance",
    "unmatched_returns",
];

/// The question called `name`.
///
/// # Errors
/// Where there is none.
pub fn named(name: &str) -> Result<&'static Named> {
    NAMED.iter().find(|one| one.name == name).ok_or_else(|| {
        let name = foreign::line(name);
        Failure::usage(format!(
            "{name}: no question has this name, and it is no SQL"
        ))
        .remedy("tieout query --list shows their names; SQL is one argument, in quotes")
    })
}

impl Named {
    /// What it answers.
    pub fn question(&self) -> &'static str {
        self.header("-- question: ")
    }

    /// What its words mean.
    pub fn definition(&self) -> &'static str {
        self.header("-- definition: ")
    }

    /// What it takes.
    pub fn parameters(&self) -> Vec<Parameter> {
        let all = self.header("-- parameters: ").split(", ");
        let all = all.map(|one| match one.split_once(" = ") {
            Some((name, default)) => Parameter {
                name,
                default: Some(default),
            },
            None => Parameter {
                name: one,
                default: None,
            },
        });
        all.collect()
    }

    fn header(&self, begins: &str) -> &'static str {
        let mut lines = self.text.lines();
        lines
            .find_map(|line| line.strip_prefix(begins))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{Asked, lint, parameters};
    use jiff::civil::date;
    use std::collections::BTreeMap;
    use std::path::Path;

    #[test]
    fn every_file_is_a_question_that_is_taken() {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../data/sql"));
        let files = std::fs::read_dir(folder).unwrap();
        let mut files: Vec<String> = files
            .map(|file| {
                file.unwrap()
                    .path()
                    .file_stem()
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        files.sort();
        let names: Vec<&str> = NAMED.iter().map(|named| named.name).collect();
        assert_eq!(files, names);
        for named in NAMED {
            assert!(named.question().ends_with('?'), "{}", named.name);
            assert!(named.definition().ends_with('.'), "{}", named.name);
            let asked = Asked {
                parameters: BTreeMap::from(
                    [("payment", "0CNGE8NHR5R80"), ("originator", "billing")]
                        .map(|(name, value)| (name.to_owned(), value.to_owned())),
                ),
                ..Asked::default()
            };
            let known = named.parameters();
            let given = asked.parameters.into_iter();
            let given = given.filter(|(name, _)| known.iter().any(|one| one.name == name));
            let asked = Asked {
                parameters: given.collect(),
                ..Asked::default()
            };
            let filled = parameters::filled(named.text, Some(named), &asked, date(2026, 12, 8));
            let (sql, _) = filled.unwrap_or_else(|e| panic!("{}: {e}", named.name));
            lint(&sql).unwrap_or_else(|e| panic!("{}: {e}", named.name));
        }
    }
}
