//! Where sealed days go.

use crate::error::Result;
use async_trait::async_trait;
use jiff::civil::Date;
use std::fs::File;
use std::path::Path;

/// The archive's name for what it stored.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ArchiveId(pub String);

/// What the archive knows of a package without bringing it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveMeta {
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the bytes as they were stored.
    pub sha256: [u8; 32],
    /// The first day on which the package may be deleted.
    pub retain_until: Date,
}

/// Whether a package can be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restore {
    /// Fetch it.
    Ready,
    /// It is on its way; ask again later.
    Underway,
}

/// Packages that nobody may change or delete for years.
#[async_trait]
pub trait Archive: Send + Sync {
    /// Stores all bytes of an open file until at least `retain_until`. The same bytes under the
    /// same name a second time change nothing.
    ///
    /// # Errors
    /// [`crate::Error::Conflict`] where another package has the name.
    async fn store(&self, name: &str, file: File, retain_until: Date) -> Result<ArchiveId>;

    /// All that was stored here or begun to be, sorted.
    async fn list(&self) -> Result<Vec<ArchiveId>>;

    /// What was stored; `None` where nothing was.
    async fn head(&self, id: &ArchiveId) -> Result<Option<ArchiveMeta>>;

    /// Holds the stored bytes against their hash.
    ///
    /// # Errors
    /// [`crate::Error::Corrupt`] where they differ.
    async fn verify(&self, id: &ArchiveId) -> Result<ArchiveMeta>;

    /// Asks for a package to be made fetchable; asking again changes nothing.
    async fn request_restore(&self, id: &ArchiveId) -> Result<Restore>;

    /// Streams a package into a new local file and answers its size.
    async fn fetch(&self, id: &ArchiveId, to: &Path) -> Result<u64>;

    /// Deletes a package whose retention is over on `today`.
    ///
    /// # Errors
    /// [`crate::Error::Denied`] where it is not.
    async fn delete(&self, id: &ArchiveId, today: Date) -> Result<()>;
}
