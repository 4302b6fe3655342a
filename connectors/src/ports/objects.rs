//! Named bytes, written once.

use super::strangers::Strangers;
use crate::error::Result;
use crate::name::Name;
use async_trait::async_trait;
use bytes::Bytes;
use std::{fs::File, ops::Range, path::Path};

/// The largest object that is read for nothing but its name: a record of a day on which a hundred
/// thousand payments differ. Whatever is larger is read for what it must be, after its hash.
pub const BELIEVED_BYTES: u64 = 96 << 20;

/// What a write under a new name found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// The name was free and now has these bytes.
    Written,
    /// The name already had these bytes: somebody, perhaps a run that crashed, did this work.
    Same,
}

/// An object and the tag that changes whenever its bytes do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// The bytes.
    pub body: Bytes,
    /// The tag to hand back to [`ObjectStore::put_if_match`].
    pub etag: String,
    /// SHA-256 of the bytes as they were read, for whoever holds them against what a record says.
    pub sha256: [u8; 32],
}

/// What is known of an object without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// Bytes.
    pub size: u64,
    /// The tag of the bytes.
    pub etag: String,
    /// SHA-256 of the bytes, streamed, where the adapter reads them; as they were stored, where
    /// the store vouches for that.
    pub sha256: [u8; 32],
}

/// Files by name: `outbound/2026-11-25/A.ach`. Names say what is in them, so most are written
/// once and never again; only heads change, and only from what the writer has seen.
#[async_trait]
pub trait ObjectStore: Send + Sync {
    /// Writes under a name that must be free or hold the same bytes.
    ///
    /// # Errors
    /// [`crate::Error::Conflict`] where other bytes have the name; they stay.
    async fn put_new(&self, name: &Name, body: Bytes) -> Result<Put>;

    /// As [`ObjectStore::put_new`], from a local file of any size that is not held in memory: all
    /// of its bytes, wherever it was read or written last. It needs no name, so that whoever is
    /// killed leaves none.
    async fn put_file_new(&self, name: &Name, file: File) -> Result<Put>;

    /// Writes a head: replaces the object whose tag is `expected`, or with `None` a free name.
    /// Answers the new tag.
    ///
    /// # Errors
    /// [`crate::Error::Conflict`] where the object has another tag or exists unexpectedly.
    async fn put_if_match(
        &self,
        name: &Name,
        expected: Option<&str>,
        body: Bytes,
    ) -> Result<String>;

    /// The whole of an object of at most [`BELIEVED_BYTES`].
    ///
    /// # Errors
    /// [`crate::Error::Corrupt`] where it is larger, or something else than an object: whatever
    /// has its name is not read.
    async fn get(&self, name: &Name) -> Result<Object>;

    /// The whole of an object of any size that memory has room for. Who asks has proved by
    /// [`ObjectStore::head`] that it is the one that is meant, or made it.
    async fn get_large(&self, name: &Name) -> Result<Object>;

    /// How large an object is, without reading it; `None` where there is none.
    async fn size(&self, name: &Name) -> Result<Option<u64>>;

    /// The bytes of `range`; [`crate::Error::Invalid`] where the object ends before it does.
    async fn get_range(&self, name: &Name, range: Range<u64>) -> Result<Bytes>;

    /// Streams the object into a new local file and answers its size.
    async fn download(&self, name: &Name, to: &Path) -> Result<u64>;

    /// Size and tag, `None` where there is no such object.
    async fn head(&self, name: &Name) -> Result<Option<Meta>>;

    /// Every name that starts with `prefix`, sorted.
    async fn list(&self, prefix: &str) -> Result<Vec<Name>>;

    /// What stands among the objects and is none, whatever its name. It is not opened.
    async fn strangers(&self) -> Result<Strangers>;
}
