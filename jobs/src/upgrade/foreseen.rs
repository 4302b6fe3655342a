//! The objects of an installation as they will be once an upgrade has taken the hashes of what
//! carries none: so that all of it is proved before any is taken.

use async_trait::async_trait;
use bytes::Bytes;
use connectors::{Error, Meta, Name, Object, ObjectStore, Put, Result, Strangers};
use desk::names;
use desk::records::witness;
use settlement::archive::Hash256;
use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// A store in which each record that has no witness has the one that an upgrade would leave.
pub struct Foreseen(Arc<dyn ObjectStore>);

impl Foreseen {
    /// The store as it will be.
    pub fn over(objects: Arc<dyn ObjectStore>) -> Foreseen {
        Foreseen(objects)
    }

    /// The witness of a record that is there.
    async fn witness(&self, record: &str) -> Result<Option<Object>> {
        let Ok(record) = Name::parse(record) else {
            return Ok(None);
        };
        let there = match self.0.get(&record).await {
            Err(Error::NotFound { .. }) => return Ok(None),
            there => there?,
        };
        let sha256 = Hash256::from_bytes(there.sha256);
        let wrong = |e: desk::failure::Failure| Error::invalid(record.as_str(), e.message);
        let body = Bytes::from(witness::of(&record, sha256).map_err(wrong)?);
        let sha256 = settlement::archive::sha256(&body);
        Ok(Some(Object {
            etag: sha256.to_string(),
            sha256: *sha256.as_bytes(),
            body,
        }))
    }
}

#[async_trait]
impl ObjectStore for Foreseen {
    async fn put_new(&self, name: &Name, body: Bytes) -> Result<Put> {
        self.0.put_new(name, body).await
    }

    async fn put_file_new(&self, name: &Name, file: File) -> Result<Put> {
        self.0.put_file_new(name, file).await
    }

    async fn put_if_match(&self, name: &Name, tag: Option<&str>, body: Bytes) -> Result<String> {
        self.0.put_if_match(name, tag, body).await
    }

    async fn get(&self, name: &Name) -> Result<Object> {
        let found = self.0.get(name).await;
        let record = name.strip_prefix(names::WITNESS_PREFIX);
        match (found, record) {
            (Err(error @ Error::NotFound { .. }), Some(record)) => {
                self.witness(record).await?.ok_or(error)
            }
            (found, _) => found,
        }
    }

    async fn get_large(&self, name: &Name) -> Result<Object> {
        self.0.get_large(name).await
    }

    async fn size(&self, name: &Name) -> Result<Option<u64>> {
        self.0.size(name).await
    }

    async fn get_range(&self, name: &Name, range: Range<u64>) -> Result<Bytes> {
        self.0.get_range(name, range).await
    }

    async fn download(&self, name: &Name, to: &Path) -> Result<u64> {
        self.0.download(name, to).await
    }

    async fn head(&self, name: &Name) -> Result<Option<Meta>> {
        self.0.head(name).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<Name>> {
        self.0.list(prefix).await
    }

    async fn strangers(&self) -> Result<Strangers> {
        self.0.strangers().await
    }
}
