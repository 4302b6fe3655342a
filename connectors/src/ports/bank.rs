//! The line to the bank.

use crate::error::Result;
use async_trait::async_trait;
use bytes::Bytes;

/// A file the bank has put out for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// The bank's name for it.
    pub name: String,
    /// Bytes.
    pub size: u64,
}

/// What stands at the bank under a name we uploaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadBack {
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
}

/// Files to and from one bank.
#[async_trait]
pub trait BankLink: Send + Sync {
    /// The files waiting for us, by name.
    async fn list(&self) -> Result<Vec<Remote>>;

    /// One file waiting for us.
    async fn fetch(&self, name: &str) -> Result<Bytes>;

    /// Sends a file. The same bytes under the same name a second time change nothing.
    ///
    /// # Errors
    /// [`crate::Error::Conflict`] where another file has the name; it is never overwritten.
    async fn upload(&self, name: &str, body: Bytes) -> Result<()>;

    /// What arrived under a name we uploaded; `None` where nothing did. Still answers after the
    /// bank has taken the file away.
    async fn read_back(&self, name: &str) -> Result<Option<ReadBack>>;

    /// Removes a file that was waiting for us, once its events are durable. Removing what is
    /// gone changes nothing.
    async fn remove(&self, name: &str) -> Result<()>;
}
