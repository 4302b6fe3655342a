//! The file of a model.

use super::error::FORMAT;
use super::{Knot, Table, Trained};
use crate::risk::feature::FEATURES_VERSION;
use aws_lc_rs::digest::{SHA256, digest};
use std::fmt::{Display, Write};

/// The SHA-256 of a text in hexadecimal.
pub fn hash(text: &str) -> String {
    let hash = digest(&SHA256, text.as_bytes());
    hash.as_ref().iter().map(|b| format!("{b:02x}")).collect()
}

impl Trained {
    /// The whole file: its hash in the first line, over all that follows.
    pub(super) fn file(&self, base: i32, tables: &[Table], curve: &[Knot]) -> String {
        let body = body(base, tables, curve, self);
        format!("sha256 = \"{}\"\n{body}", hash(&body))
    }
}

fn list<T: Display>(values: impl Iterator<Item = T>) -> String {
    let values: Vec<String> = values.map(|value| value.to_string()).collect();
    format!("[{}]", values.join(", "))
}

fn body(base: i32, tables: &[Table], curve: &[Knot], trained: &Trained) -> String {
    let mut out = String::new();
    let source: String = trained.source.chars().filter(|c| !c.is_control()).collect();
    let source = source.replace(['"', '\\'], "'");
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "# Made by `tieout risk train`; docs/risk.md says what it means. \
         Any change makes it void.\n\
         format = {FORMAT}\nfeatures = {FEATURES_VERSION}\nbase = {base}\n\n[trained]\n\
         source = \"{source}\"\nrows = {}\nfrauds = {}\nheld_out_rows = {}\n\
         held_out_frauds = {}\nauc_millionths = {}\nbrier_millionths = {}\n\n[curve]\n\
         log_odds = {}\nscore = {}\n",
        trained.rows,
        trained.frauds,
        trained.held_out_rows,
        trained.held_out_frauds,
        trained.auc_millionths,
        trained.brier_millionths,
        list(curve.iter().map(|knot| knot.log_odds)),
        list(curve.iter().map(|knot| knot.score)),
    );
    for table in tables {
        let _ = write!(
            out,
            "\n[[table]]\nfeature = \"{}\"\ncuts = {}\nadds = {}\nunknown = {}\n",
            table.feature,
            list(table.cuts.iter()),
            list(table.adds.iter()),
            table.unknown,
        );
    }
    out
}
