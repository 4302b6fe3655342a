//! A part of a table, as records name it.
//!
//! In version 1 of the records that have parts the table was to be read off the part's name; from
//! version 2 on it is said. From version 3 on the whole hash of its bytes is said too; before,
//! only its first digits are known, in the part's name.

use crate::failure::{Failure, Result};
use crate::records::RESTORE;
use connectors::Name;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use settlement::archive::Hash256;
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
    /// SHA-256 of its bytes; none where a record of before version 3 names it.
    #[serde(default)]
    pub sha256: Option<Hash256>,
}

impl Part {
    /// Holds the bytes of the part, by their hash, against what the record says of them.
    ///
    /// # Errors
    /// Where they are others.
    pub fn hold(&self, found: Hash256) -> Result<()> {
        let whole = self.sha256.map(|sha256| sha256 == found);
        if whole.unwrap_or_else(|| self.ends_with_digits_of(found)) {
            return Ok(());
        }
        let name = &self.name;
        Err(Failure::findings(format!(
            "{name}: its SHA-256 is {found}: it is not the part that was written"
        ))
        .remedy(RESTORE))
    }

    fn ends_with_digits_of(&self, found: Hash256) -> bool {
        let stem = self.name.strip_suffix(".parquet");
        let digits = stem.and_then(|stem| stem.rsplit('-').next());
        digits.is_some_and(|digits| digits.len() >= 16 && found.to_string().starts_with(digits))
    }

    /// Gives a part in a document of a version that did not say its table what its name begins
    /// with.
    pub fn forward(part: &mut Value) {
        let name = part.get("name").and_then(Value::as_str);
        let table = name
            .and_then(|name| name.split('/').next())
            .map(Value::from);
        if let (Some(table), Some(part)) = (table, part.as_object_mut()) {
            part.insert("table".to_owned(), table);
        }
    }
}
