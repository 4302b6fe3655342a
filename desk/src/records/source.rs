//! What a record started from.

use crate::failure::{Failure, RESTORE, Result};
use connectors::{Name, ObjectStore};
use serde::{Deserialize, Serialize};
use settlement::archive::Hash256;

/// An object by name and hash, as the record that started from it names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Source {
    /// The object.
    pub name: Name,
    /// SHA-256 of its bytes.
    pub sha256: Hash256,
}

/// A record, and the hash of the bytes that it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read<T> {
    /// What it says.
    pub record: T,
    /// What it was read from.
    pub source: Source,
}

impl<T> std::ops::Deref for Read<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.record
    }
}

impl Source {
    /// Holds an object's bytes, by their hash, against this.
    ///
    /// # Errors
    /// Where they are others; `by` is the record that names it.
    pub fn hold(&self, found: Hash256, by: &str) -> Result<()> {
        if found == self.sha256 {
            return Ok(());
        }
        let Source { name, sha256 } = self;
        Err(Failure::findings(format!(
            "{name}: its SHA-256 is {found}, and {by} started from {sha256}: one of both was \
             changed or put back from another moment"
        ))
        .remedy(RESTORE))
    }
}

/// Holds every object that `sources` names against its hash.
///
/// # Errors
/// Where one is missing or another than it was.
pub async fn prove(objects: &dyn ObjectStore, by: &str, sources: &[Source]) -> Result<()> {
    for source in sources {
        let found = objects.head(&source.name).await?;
        let found = found.ok_or_else(|| gone(&source.name, by))?;
        source.hold(Hash256::from_bytes(found.sha256), by)?;
    }
    Ok(())
}

fn gone(name: &Name, by: &str) -> Failure {
    Failure::findings(format!("{name}: gone, and {by} started from it")).remedy(RESTORE)
}
