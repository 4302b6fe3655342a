//! Documents as values: read, written from the version that was seen, listed.

use crate::wire::problem::{Problem, Result};
use bytes::Bytes;
use connectors::{Document, Documents, Error};
use serde::{Serialize, de::DeserializeOwned};

/// A value, where it is kept, and the version to write it back from.
#[derive(Clone, Debug)]
pub struct Seen<T> {
    /// Its name in its collection.
    pub name: String,
    /// Its version.
    pub version: u64,
    /// It.
    pub value: T,
}

fn read<T: DeserializeOwned>(document: Document) -> Result<Seen<T>> {
    let value = serde_json::from_slice(&document.body).map_err(|error| {
        tracing::error!(document = document.name, %error, "a document is damaged");
        Problem::new("internal", "what was kept cannot be read")
    })?;
    Ok(Seen {
        name: document.name,
        version: document.version,
        value,
    })
}

/// The value of a name.
///
/// # Errors
/// Where the store does not answer, or what it has is damaged.
pub async fn get<T: DeserializeOwned>(
    documents: &dyn Documents,
    collection: &str,
    name: &str,
) -> Result<Option<Seen<T>>> {
    let found = documents.get(collection, name).await?;
    found.map(read).transpose()
}

/// At most `limit` values, by name, after the name `after`.
///
/// # Errors
/// As [`get`].
pub async fn list<T: DeserializeOwned>(
    documents: &dyn Documents,
    collection: &str,
    prefix: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Seen<T>>> {
    let found = documents.list(collection, prefix, after, limit).await?;
    found.into_iter().map(read).collect()
}

/// Writes a value from the version `seen`, 0 where there must be none; answers the new version.
///
/// # Errors
/// `changed-meanwhile` where it has another version.
pub async fn put<T: Serialize>(
    documents: &dyn Documents,
    collection: &str,
    name: &str,
    seen: u64,
    value: &T,
) -> Result<u64> {
    let body = serde_json::to_vec(value)
        .map_err(|_| Problem::new("internal", "a document has no form in JSON"))?;
    match documents
        .put(collection, name, seen, Bytes::from(body))
        .await
    {
        Err(Error::Conflict { .. }) => Err(changed()),
        other => Ok(other?),
    }
}

/// Removes what has the version `seen`; that it is gone already is the same.
///
/// # Errors
/// Where the store does not answer.
pub async fn remove(
    documents: &dyn Documents,
    collection: &str,
    name: &str,
    seen: u64,
) -> Result<()> {
    match documents.remove(collection, name, seen).await {
        Ok(()) | Err(Error::Conflict { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn changed() -> Problem {
    Problem::new("changed-meanwhile", "somebody else has changed it")
}
