//! The table of rules that `ach validate` checks, and of the dialects under which they weigh
//! otherwise.

use formats::nacha::{self, DIALECTS, Dialect, RULES, Severity};
use serde::Serialize;
use std::collections::BTreeMap;

/// One rule, for programs.
#[derive(Serialize)]
pub struct Rule {
    id: &'static str,
    severity: &'static str,
    record: &'static str,
    field: &'static str,
    reason: &'static str,
    return_code: Option<&'static str>,
    source: &'static str,
    /// What it weighs under arms of a bank's dialect.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    dialects: BTreeMap<&'static str, &'static str>,
}

/// The document of `tieout ach rules --json`.
#[derive(Serialize)]
pub struct Rules {
    /// The table, in its order.
    pub rules: Vec<Rule>,
}

/// The table of rules, as a bank of that dialect weighs them.
pub fn all(dialect: &Dialect) -> Rules {
    let rule = |(row, weight): (&nacha::RuleRow, &Severity)| Rule {
        id: row.id,
        severity: weight.as_str(),
        record: row.record,
        field: row.field,
        reason: row.reason,
        return_code: row.return_code,
        source: row.source,
        dialects: changes()
            .filter(|(_, id, _)| *id == row.id)
            .map(|(arm, _, severity)| (arm, severity))
            .collect(),
    };
    Rules {
        rules: RULES.iter().zip(dialect.weights()).map(rule).collect(),
    }
}

/// Each arm, each rule it changes, and the rule's weight under it.
fn changes() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    DIALECTS.iter().flat_map(|row| {
        let change =
            |(id, severity): &(&'static str, Severity)| (row.arm.as_str(), *id, severity.as_str());
        row.rules.iter().map(change)
    })
}

/// The table of rules and that of the dialects, for people.
pub fn text(dialect: &Dialect) -> String {
    use comfy_table::{Table, presets};
    let table = |head: &[&str], rows: Vec<Vec<&'static str>>| {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(head).add_rows(rows);
        table.trim_fmt()
    };
    let rule = |(row, weight): (&'static nacha::RuleRow, &Severity)| {
        let code = row.return_code.unwrap_or("");
        let (id, weight) = (row.id, weight.as_str());
        vec![
            id, weight, row.record, row.field, code, row.source, row.reason,
        ]
    };
    let rules = RULES.iter().zip(dialect.weights()).map(rule).collect();
    let mut arms = Vec::new();
    for row in DIALECTS {
        let (mut name, mut why) = (row.arm.as_str(), row.reason);
        for (id, severity) in row.rules {
            arms.push(vec![name, *id, severity.as_str(), why]);
            (name, why) = ("", "");
        }
    }
    let head = [
        "rule",
        "severity",
        "record",
        "field",
        "returns as",
        "source",
        "why",
    ];
    let rules = table(&head, rules);
    let arms = table(&["dialect", "rule", "becomes", "why"], arms);
    let key = "record and field: * is any, blank is the whole record; source: pages of the \
               Nacha Rules 2013 (OR62-OR190) where no other is named";
    format!("{rules}\n\n{key}\n\n{arms}")
}
