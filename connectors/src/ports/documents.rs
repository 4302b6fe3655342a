//! Small records that people and programs change: merchants, keys, webhooks, tokens.

use crate::error::Result;
use async_trait::async_trait;
use bytes::Bytes;

/// The largest document: what one screen of a person's, or one answer of an API, can hold.
pub const DOCUMENT_BYTES: usize = 64 << 10;

/// The longest name of a document, and of a collection, in bytes.
pub const DOCUMENT_NAME_BYTES: usize = 200;

/// A document as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its name in its collection.
    pub name: String,
    /// Raised by one with every change; a writer names the one it read.
    pub version: u64,
    /// What stands in it.
    pub body: Bytes,
}

/// Documents by collection and name. A change is made only from what its writer has seen, and is
/// durable when it is answered.
#[async_trait]
pub trait Documents: Send + Sync {
    /// Writes a document that has the version `seen`; 0 where there must be none. Answers the new
    /// version.
    ///
    /// # Errors
    /// [`crate::Error::Conflict`] where it has another version, [`crate::Error::Invalid`] where a
    /// name or the body is too long, or a name is empty or holds a control character.
    async fn put(&self, collection: &str, name: &str, seen: u64, body: Bytes) -> Result<u64>;

    /// A document, `None` where there is none.
    async fn get(&self, collection: &str, name: &str) -> Result<Option<Document>>;

    /// At most `limit` documents whose names begin with `prefix`, by name, after the name `after`.
    async fn list(
        &self,
        collection: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>>;

    /// Removes a document that has the version `seen`. One of that name that is written later has
    /// a higher version than any before it, so that nobody takes it for the one that was removed.
    ///
    /// # Errors
    /// [`crate::Error::Conflict`] where it has another version or is not there.
    async fn remove(&self, collection: &str, name: &str, seen: u64) -> Result<()>;
}
