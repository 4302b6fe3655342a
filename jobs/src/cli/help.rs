//! What `--help` says beside the arguments: examples that can be typed, and what each exit status
//! means for this command.

use clap::Command;

/// What stands at the end of a command's help.
struct Row {
    /// The command's words, without `tieout`.
    path: &'static str,
    /// What exit status 1 means here; empty where it cannot be.
    findings: &'static str,
    examples: &'static [&'static str],
}

const fn row(path: &'static str, findings: &'static str, examples: &'static [&'static str]) -> Row {
    Row {
        path,
        findings,
        examples,
    }
}

/// One row a command, those with commands below them too; a test walks the command line and
/// holds it against this table.
const ROWS: &[Row] = &[
    row(
        "",
        "an invalid file, breaks that somebody must look at, a proof that fails",
        &[
            "tieout demo",
            "tieout day --date 2026-12-02",
            "tieout ach validate sent.ach",
        ],
    ),
    row(
        "demo",
        "it does not tie out",
        &[
            "tieout demo",
            "tieout demo --payments 100 --days 1 --dir small --json",
            "tieout demo --leave-open --quiet",
        ],
    ),
    row(
        "init",
        "what was restored does not agree with itself",
        &[
            "tieout init",
            "tieout init --config tieout.toml --json",
            "tieout init --restored",
        ],
    ),
    row(
        "day",
        "breaks first seen on this date, or files put into quarantine",
        &[
            "tieout day --date 2026-12-02",
            "tieout day --date 2026-12-02 --json > day.json",
        ],
    ),
    row(
        "cut",
        "a tally that does not add up",
        &[
            "tieout cut --date 2026-12-02",
            "tieout cut --date 2026-12-02 --window sd1 --dry-run",
        ],
    ),
    row(
        "deliver",
        "something else stands at the bank under a file's name",
        &[
            "tieout deliver --date 2026-12-02",
            "tieout deliver --date 2026-12-02 --set-aside 07640125-20261202-standard-D.ach",
        ],
    ),
    row(
        "ingest",
        "files put into quarantine, or at the bank and not as they should be",
        &[
            "tieout ingest --date 2026-12-02",
            "tieout ingest --date 2026-12-02 statement.bai returns.ach",
        ],
    ),
    row(
        "allocate",
        "a tally that does not add up",
        &["tieout allocate --date 2026-12-02"],
    ),
    row(
        "post",
        "what was read cannot be posted",
        &["tieout post --date 2026-12-02"],
    ),
    row(
        "reconcile",
        "breaks first seen on this date that nothing cleared",
        &["tieout reconcile --date 2026-12-02"],
    ),
    row(
        "savings",
        "figures that do not add up",
        &["tieout savings --date 2026-12-02"],
    ),
    row(
        "archive",
        "a record of the day is gone or not as it was written",
        &["tieout archive --date 2026-12-02"],
    ),
    row(
        "retrieve",
        "the day is not as it was sealed",
        &["tieout retrieve --date 2026-12-02 --to back"],
    ),
    row(
        "verify",
        "the day is not as it was sealed",
        &["tieout verify back", "tieout verify --date 2026-12-02"],
    ),
    row(
        "check",
        "something is missing, changed or foreign, named",
        &["tieout check", "tieout check --date 2026-12-02 --json"],
    ),
    row(
        "upgrade",
        "something is missing or changed, named",
        &["tieout upgrade --dry-run", "tieout upgrade"],
    ),
    row(
        "funding",
        "what was said before is gone or not as it was written",
        &["tieout funding list"],
    ),
    row(
        "funding announce",
        "what was said before is gone or not as it was written",
        &[
            "tieout funding announce --originator payroll --amount 25000 --on 2026-12-02 \
             --reference PAY-1",
            "tieout funding announce --own --amount -500.00 --on 2026-12-02 --reference OWN-7",
        ],
    ),
    row(
        "funding list",
        "what was said before is gone or not as it was written",
        &[
            "tieout funding list",
            "tieout funding list --date 2026-12-02 --json",
        ],
    ),
    row(
        "funding withdraw",
        "what was said before is gone or not as it was written",
        &["tieout funding withdraw 12"],
    ),
    row(
        "merchants",
        "a merchant or a key is not as it was written",
        &["tieout merchants list"],
    ),
    row(
        "merchants list",
        "a merchant is not as it was written",
        &["tieout merchants list", "tieout merchants list --json"],
    ),
    row(
        "merchants add",
        "a merchant is not as it was written",
        &[
            "tieout merchants add shop --originator market",
            "tieout merchants add shop --originator market --class WEB --payment-limit 2500",
        ],
    ),
    row(
        "merchants approve",
        "the merchant is not as it was written",
        &["tieout merchants approve shop --by first.name --note contract-17"],
    ),
    row(
        "merchants suspend",
        "the merchant is not as it was written",
        &["tieout merchants suspend shop --by first.name --note asked-by-risk"],
    ),
    row(
        "merchants key",
        "the merchant is not as it was written",
        &[
            "tieout merchants key shop --name web --scope payments:write --scope payments:read",
            "tieout merchants key --operator --name desk --scope merchants --json",
        ],
    ),
    row(
        "merchants keys",
        "a key is not as it was written",
        &["tieout merchants keys", "tieout merchants keys shop --json"],
    ),
    row(
        "merchants revoke",
        "the key is not as it was written",
        &["tieout merchants revoke 0a1b2c3d4e5f6071"],
    ),
    row(
        "vault",
        "a token does not open, named",
        &["tieout vault rewrap"],
    ),
    row(
        "vault rotate",
        "a token does not open, named",
        &["tieout vault rotate"],
    ),
    row(
        "vault rewrap",
        "a token does not open, named",
        &["tieout vault rewrap --json"],
    ),
    row(
        "sandbox",
        "as the command below",
        &["tieout sandbox day --date 2026-12-02"],
    ),
    row(
        "sandbox day",
        "as tieout day",
        &["tieout sandbox day --date 2026-12-02"],
    ),
    row(
        "sandbox answer",
        "what the payment was made of is not as it was written",
        &["tieout sandbox answer 0CNGE8NHR5R80 --code R01"],
    ),
    row(
        "forget",
        "a part of names is not as it was written",
        &[
            "tieout forget --originator billing --token 0a1b2c3d4e5f60718293a4b5 --dry-run",
            "tieout forget --originator billing --token 0a1b2c3d4e5f60718293a4b5",
        ],
    ),
    row(
        "export-customer",
        "a part of a table is not as it was written",
        &[
            "tieout export-customer --originator billing --token 0a1b2c3d4e5f60718293a4b5",
            "tieout export-customer --originator billing --token 0a1b2c3d4e5f60718293a4b5 \
             --out customer.json",
        ],
    ),
    row(
        "query",
        "a record or a part is not as it was written, named",
        &[
            "tieout query --list",
            "tieout query trial_balance --as-of 2026-11-30",
            "tieout query originator_statement --param originator=billing --csv",
        ],
    ),
    row(
        "tables",
        "a record is not as it was written, named",
        &["tieout tables list"],
    ),
    row(
        "tables list",
        "a record is not as it was written, named",
        &[
            "tieout tables list",
            "tieout tables list --as-of 2026-11-30 --json",
        ],
    ),
    row(
        "tables ddl",
        "a record is not as it was written, named",
        &[
            "tieout tables ddl --engine athena --location s3://bucket/tieout",
            "tieout tables ddl --engine duckdb > tables.sql",
        ],
    ),
    row(
        "tables parts",
        "a record is not as it was written, or something stands in a list's place",
        &["tieout tables parts"],
    ),
    row(
        "ach",
        "a file has errors, or differs",
        &[
            "tieout ach validate sent.ach",
            "tieout ach describe --mask sent.ach",
        ],
    ),
    row(
        "ach validate",
        "a file has errors",
        &[
            "tieout ach validate sent.ach",
            "tieout ach validate --bank bank.toml --json one.ach two.ach",
            "tieout ach validate - < sent.ach",
        ],
    ),
    row(
        "ach describe",
        "a file has errors",
        &[
            "tieout ach describe sent.ach",
            "tieout ach describe --mask --json sent.ach",
        ],
    ),
    row(
        "ach json",
        "the file has errors; its JSON is whole",
        &["tieout ach json sent.ach > sent.json"],
    ),
    row(
        "ach from-json",
        "the file has errors, or the text is not the JSON of a file",
        &[
            "tieout ach from-json sent.json --out sent.ach",
            "tieout ach from-json - < sent.json > sent.ach",
        ],
    ),
    row(
        "ach rules",
        "",
        &[
            "tieout ach rules",
            "tieout ach rules --dialect open-block --json",
        ],
    ),
    row(
        "ach generate",
        "",
        &[
            "tieout ach generate --out ppd.ach",
            "tieout ach generate --sec CTX --entries 50 --seed 9 --out ctx.ach --json",
            "tieout ach generate --defect entry.amount > bad.ach",
        ],
    ),
    row(
        "ach mask",
        "the file has errors; it is masked with them",
        &[
            "tieout ach mask sent.ach --out masked.ach",
            "tieout ach mask sent.ach --key key.txt > masked.ach",
        ],
    ),
    row(
        "ach reverse",
        "nothing to reverse, an entry that cannot be, or one that was a reversal itself",
        &["tieout ach reverse sent.ach --date 2026-12-03 --out reversal.ach"],
    ),
    row(
        "ach diff",
        "the files differ, or one has errors",
        &[
            "tieout ach diff ours.ach theirs.ach",
            "tieout ach diff ours.ach theirs.ach --most 5 --json",
        ],
    ),
    row(
        "ach merge",
        "a file was put aside, or a trace stands twice",
        &["tieout ach merge one.ach two.ach --date 2026-12-03 --out merged"],
    ),
    row(
        "ach split",
        "the file has errors; nothing is written",
        &["tieout ach split sent.ach --by sec --out parts"],
    ),
    row(
        "ach return",
        "an entry that is not in the file or cannot be answered so",
        &[
            "tieout ach return sent.ach --date 2026-12-03 --entry 076401250000001:R01 --out r.ach",
            "tieout ach return sent.ach --date 2026-12-03 --list returns.txt > r.ach",
        ],
    ),
    row(
        "ach noc",
        "an entry that is not in the file or cannot be answered so",
        &["tieout ach noc sent.ach --date 2026-12-03 --list changes.txt --out n.ach"],
    ),
    row(
        "statement",
        "a statement has errors, or a file is none",
        &["tieout statement describe statement.bai"],
    ),
    row(
        "statement describe",
        "a statement has errors, or a file is none",
        &[
            "tieout statement describe statement.bai",
            "tieout statement describe --json camt.xml",
        ],
    ),
    row(
        "statement json",
        "a statement has errors, or a file is none",
        &["tieout statement json statement.bai camt.xml"],
    ),
    row(
        "risk",
        "scores that have moved, or rules that are refused",
        &["tieout risk train --sandbox --out model.toml"],
    ),
    row(
        "risk train",
        "",
        &[
            "tieout risk train --sandbox --seed 7 --out model.toml --scores training.csv",
            "tieout risk train --history features.parquet --out model.toml --json",
        ],
    ),
    row(
        "risk features",
        "",
        &["tieout risk features --sandbox --seed 8 --out features.parquet --scores period.csv"],
    ),
    row(
        "risk score",
        "",
        &[
            "tieout risk score request.json",
            "tieout risk score - --rules rules.toml --json < request.json",
        ],
    ),
    row(
        "risk drift",
        "an index of 0.25 or more: scores have moved",
        &["tieout risk drift --training training.csv --period period.csv"],
    ),
    row(
        "risk rules",
        "the file is refused, with the line",
        &["tieout risk rules", "tieout risk rules rules.toml --json"],
    ),
    row(
        "completions",
        "",
        &[
            "tieout completions bash > tieout.bash",
            "tieout completions fish > tieout.fish",
        ],
    ),
    row(
        "man",
        "",
        &["tieout man | man -l -", "tieout man --out man1"],
    ),
];

/// The command line with the end of each help in its place.
pub fn explained(command: Command) -> Command {
    below(command, "")
}

fn below(mut command: Command, path: &str) -> Command {
    let names: Vec<String> = command
        .get_subcommands()
        .map(|sub| sub.get_name().to_owned())
        .collect();
    for name in names {
        let words = format!("{path} {name}").trim().to_owned();
        command = command.mut_subcommand(&name, |sub| below(sub, &words));
    }
    match ROWS.iter().find(|row| row.path == path) {
        Some(row) => command.after_help(row.text()),
        None => command,
    }
}

impl Row {
    fn text(&self) -> String {
        let mut text = "Examples:\n".to_owned();
        for example in self.examples {
            text.push_str(&format!("  {example}\n"));
        }
        text.push_str("\nExit status:\n  0  done");
        if !self.findings.is_empty() {
            text.push_str(&format!(
                ", and nothing found\n  1  findings: {}",
                self.findings
            ));
        }
        text.push_str("\n  2  usage: an argument or a file that is not what it must be");
        text.push_str("\n  3  could not be done; the message says what to do next");
        text
    }
}

#[cfg(test)]
mod tests;
