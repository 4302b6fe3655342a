//! Documents in the embedded database: one keyspace, each change one batch and one fsync.
//!
//! A document that was removed leaves its version behind, without a body, so that one of its name
//! that is written later has a higher one.

use crate::database;
use async_trait::async_trait;
use bytes::Bytes;
use connectors::{DOCUMENT_BYTES, DOCUMENT_NAME_BYTES, Document, Documents, Error, Result};
use fjall::{Database, Keyspace, PersistMode, Readable};
use std::ops::Bound;
use std::sync::{Arc, Mutex, PoisonError};

/// What errors call the place.
const PLACE: &str = "documents";

/// A [`Documents`] in an embedded database.
#[derive(Clone)]
pub struct EmbeddedDocuments(Arc<Shared>);

struct Shared {
    db: Database,
    keyspace: Keyspace,
    /// Held from reading a version to writing the next.
    writing: Mutex<()>,
}

/// A version and a body, if it is there.
type Stored = (u64, Option<Bytes>);

impl EmbeddedDocuments {
    /// Documents in `db`.
    ///
    /// # Errors
    /// What stands in the way of the database.
    pub fn new(db: Database) -> Result<EmbeddedDocuments> {
        let keyspace = database::keyspace(&db, PLACE)?;
        let writing = Mutex::new(());
        Ok(EmbeddedDocuments(Arc::new(Shared {
            db,
            keyspace,
            writing,
        })))
    }

    /// Runs `work` off the async threads.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let shared = Arc::clone(&self.0);
        let guarded = move || database::guarded(PLACE, || work(&shared));
        tokio::task::spawn_blocking(guarded)
            .await
            .map_err(|e| Error::unavailable(PLACE, e))?
    }
}

impl Shared {
    fn stored(&self, key: &[u8]) -> Result<Option<Stored>> {
        let found = self.keyspace.get(key);
        let found = found.map_err(|e| database::error(PLACE, &e))?;
        found.map(|bytes| stored(&bytes)).transpose()
    }

    /// Writes what `next` makes of the version that is there, which must be `seen`.
    fn change(&self, key: &[u8], name: &str, seen: u64, body: Option<&Bytes>) -> Result<u64> {
        let _held = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let found = self.stored(key)?;
        let there = match &found {
            Some((version, Some(_))) => *version,
            _ => 0,
        };
        if there != seen || (body.is_none() && there == 0) {
            let why = format!("it has version {there}, and {seen} was seen");
            return Err(Error::conflict(format!("document {name}"), why));
        }
        let last = found.map_or(0, |(version, _)| version);
        let next = last.checked_add(1).ok_or_else(|| {
            Error::invalid(format!("document {name}"), "it was changed too often")
        })?;
        let mut record = next.to_be_bytes().to_vec();
        if let Some(body) = body {
            record.push(1);
            record.extend_from_slice(body);
        }
        let mut batch = self.db.batch().durability(Some(PersistMode::SyncAll));
        batch.insert(&self.keyspace, key, record);
        batch.commit().map_err(|e| database::unwritten(PLACE, &e))?;
        Ok(next)
    }
}

/// Eight bytes of version; then a one and the body, or nothing.
fn stored(bytes: &[u8]) -> Result<Stored> {
    let damaged = || Error::corrupt(PLACE, "a document cannot be read");
    let (version, rest) = bytes.split_first_chunk::<8>().ok_or_else(damaged)?;
    let body = match rest.split_first() {
        None => None,
        Some((1, body)) => Some(Bytes::copy_from_slice(body)),
        Some(_) => return Err(damaged()),
    };
    Ok((u64::from_be_bytes(*version), body))
}

/// Collection, zero, name: no name holds a zero.
fn key(collection: &str, name: &str) -> Vec<u8> {
    [collection.as_bytes(), &[0], name.as_bytes()].concat()
}

/// Refuses what no document and no collection is called.
fn may_be(what: &str, name: &str) -> Result<()> {
    let fits = (1..=DOCUMENT_NAME_BYTES).contains(&name.len());
    match fits && !name.chars().any(char::is_control) {
        true => Ok(()),
        false => Err(Error::invalid(
            what.to_owned(),
            format!(
                "a name has 1 to {DOCUMENT_NAME_BYTES} bytes, none of them a control character"
            ),
        )),
    }
}

#[async_trait]
impl Documents for EmbeddedDocuments {
    async fn put(&self, collection: &str, name: &str, seen: u64, body: Bytes) -> Result<u64> {
        may_be("collection", collection)?;
        may_be("document", name)?;
        if body.len() > DOCUMENT_BYTES {
            let why = format!("it has more than {DOCUMENT_BYTES} bytes");
            return Err(Error::invalid(format!("document {name}"), why));
        }
        let (key, name) = (key(collection, name), name.to_owned());
        self.run(move |all| all.change(&key, &name, seen, Some(&body)))
            .await
    }

    async fn get(&self, collection: &str, name: &str) -> Result<Option<Document>> {
        let (key, name) = (key(collection, name), name.to_owned());
        self.run(move |all| {
            let found = all.stored(&key)?;
            Ok(found.and_then(|(version, body)| {
                body.map(|body| Document {
                    name,
                    version,
                    body,
                })
            }))
        })
        .await
    }

    async fn list(
        &self,
        collection: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>> {
        let skipped = key(collection, "").len();
        let prefix = key(collection, prefix);
        let from = match after {
            Some(after) => Bound::Excluded(key(collection, after).max(prefix.clone())),
            None => Bound::Included(prefix.clone()),
        };
        self.run(move |all| {
            let rows = all
                .db
                .snapshot()
                .range(&all.keyspace, (from, Bound::Unbounded));
            let mut listed = Vec::new();
            for row in rows {
                let row = row.into_inner();
                let (key, value) = row.map_err(|e| database::error(PLACE, &e))?;
                if listed.len() == limit || !key.starts_with(&prefix) {
                    break;
                }
                let name = String::from_utf8(key[skipped..].to_vec());
                let name = name.map_err(|_| Error::corrupt(PLACE, "a name is no text"))?;
                if let (version, Some(body)) = stored(&value)? {
                    listed.push(Document {
                        name,
                        version,
                        body,
                    });
                }
            }
            Ok(listed)
        })
        .await
    }

    async fn remove(&self, collection: &str, name: &str, seen: u64) -> Result<()> {
        let (key, name) = (key(collection, name), name.to_owned());
        self.run(move |all| all.change(&key, &name, seen, None).map(drop))
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use connectors_conformance as conformance;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn they_are_documents() {
        let dir = tempfile::tempdir().unwrap();
        let documents = EmbeddedDocuments::new(database::make(dir.path()).unwrap()).unwrap();
        conformance::documents_change_only_from_what_was_seen(&documents).await;
        conformance::a_document_has_one_winner(&documents).await;
        drop(documents);
        let documents = EmbeddedDocuments::new(database::open(dir.path()).unwrap()).unwrap();
        let found = documents.get("things", "a/2").await.unwrap();
        assert_eq!(&found.unwrap().body[..], b"more");
    }
}
