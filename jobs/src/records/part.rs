//! A part of a table, as records name it.
//!
//! In version 1 of the records that have parts the table was to be read off the part's name; from
//! version 2 on it is said.

use connectors::Name;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use settlement::money::SignedCents;

/// A part of a table as a record names it: readers trust the record, not a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The table that it is a part of.
    pub table: String,
    /// The object.
    pub name: Name,
    /// Its rows.
    pub rows: u64,
    /// The sum of its first money column.
    pub cents: SignedCents,
}

impl Part {
    /// Gives a part in a document of a version that did not say its table what its name begins
    /// with.
    pub(super) fn forward(part: &mut Value) {
        let name = part.get("name").and_then(Value::as_str);
        let table = name
            .and_then(|name| name.split('/').next())
            .map(Value::from);
        if let (Some(table), Some(part)) = (table, part.as_object_mut()) {
            part.insert("table".to_owned(), table);
        }
    }
}
