//! The marks of the places: `installation.json` in the folder of the store, the archive, the vault.
//!
//! The vault's also holds what tells its keys from others, so that a key file of another
//! installation does not pass for ours. The objects have a record of that name, which says more.

use crate::files::{self, Folder};
use crate::locked;
use crate::strangers::{self, Ours};
use crate::{archive, database, vault};
use async_trait::async_trait;
use connectors::{Error, Identity, Mark, Name, Result, Strangers};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The name of the mark in its folder.
pub(crate) const FILE: &str = "installation.json";

/// The longest mark: an id, an epoch, a fingerprint.
const MARK_BYTES: u64 = 4 << 10;

/// What is kept in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    Store,
    Archive,
    Vault,
}

/// What stands in the file.
#[derive(Serialize, Deserialize)]
struct Marked {
    #[serde(flatten)]
    identity: Identity,
    /// What tells the keys beside it from others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keys: Option<String>,
}

/// A [`Mark`] in a folder.
#[derive(Clone)]
pub(crate) struct FolderMark {
    folder: Folder,
    kept: Kept,
}

impl FolderMark {
    pub fn new(root: &Path, kept: Kept) -> FolderMark {
        let folder = Folder::over(root);
        FolderMark { folder, kept }
    }

    /// What stands there now.
    pub fn read_now(&self) -> Result<Option<Identity>> {
        let path = self.folder.root().join(FILE);
        let body = match files::read_at_most(&path, MARK_BYTES) {
            Ok(body) => body,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(e) => return Err(e),
        };
        let what = || path.display().to_string();
        let marked: Marked = serde_json::from_slice(&body)
            .map_err(|e| Error::corrupt(what(), format!("not a mark: {e}")))?;
        let keys = self.keys()?;
        if marked.keys.is_some() && keys.is_some() && marked.keys != keys {
            let why = "the key file beside it is not the one of this installation";
            return Err(Error::corrupt(what(), why));
        }
        Ok(Some(marked.identity))
    }

    fn write_now(&self, expected: Option<&Identity>, identity: &Identity) -> Result<()> {
        files::make_folder(self.folder.root())?;
        let _held = locked::folder(self.folder.root())?;
        let there = self.read_now()?;
        if there.as_ref() != expected {
            let found = there.map_or("no identity".to_owned(), |found| found.to_string());
            let what = self.folder.root().display().to_string();
            return Err(Error::conflict(what, format!("it has {found} by now")));
        }
        let marked = Marked {
            identity: identity.clone(),
            keys: self.keys()?,
        };
        let body = serde_json::to_vec_pretty(&marked).map_err(|e| Error::unavailable("mark", e))?;
        self.folder.replace(&Name::parse(FILE)?, &body)
    }

    fn keys(&self) -> Result<Option<String>> {
        match self.kept {
            Kept::Vault => vault::fingerprint(self.folder.root()),
            Kept::Store | Kept::Archive => Ok(None),
        }
    }

    /// Empty folders are the database's own affair, and the vault has none.
    fn strangers_now(&self) -> Result<Strangers> {
        let root = self.folder.root();
        let marks = |parts: &[&str], is_folder| match self.kept {
            _ if strangers::unfinished(parts) => Ours::Closed,
            _ if parts == [FILE] => Ours::File,
            Kept::Store => database::ours(parts, is_folder),
            Kept::Archive => archive::ours(root, parts, is_folder),
            Kept::Vault => vault::ours(parts),
        };
        let mut found = strangers::below(root, &marks)?;
        if self.kept == Kept::Store {
            found.empty.clear();
        }
        Ok(found)
    }

    pub fn holds_now(&self) -> Result<bool> {
        match self.kept {
            Kept::Store => {
                let root = self.folder.root();
                if root.is_dir() {
                    database::nothing_is_lost(root)?; // what lost its mark is not nothing
                }
                Ok(database::is_made(root))
            }
            Kept::Archive => self.folder.holds_more_than(FILE),
            Kept::Vault => Ok(vault::has_keys(self.folder.root())),
        }
    }
}

#[async_trait]
impl Mark for FolderMark {
    async fn read(&self) -> Result<Option<Identity>> {
        let this = self.clone();
        files::blocking(move || this.read_now()).await
    }

    async fn write(&self, expected: Option<&Identity>, identity: &Identity) -> Result<()> {
        let (this, expected, identity) = (self.clone(), expected.cloned(), identity.clone());
        files::blocking(move || this.write_now(expected.as_ref(), &identity)).await
    }

    async fn holds(&self) -> Result<bool> {
        let this = self.clone();
        files::blocking(move || this.holds_now()).await
    }

    async fn strangers(&self) -> Result<Strangers> {
        let this = self.clone();
        files::blocking(move || this.strangers_now()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::FileVault;
    use connectors_conformance as conformance;
    use std::fs;

    #[tokio::test]
    async fn every_folder_has_a_mark() {
        for kept in [Kept::Store, Kept::Archive, Kept::Vault] {
            let dir = tempfile::tempdir().unwrap();
            let mark = FolderMark::new(dir.path(), kept);
            conformance::identities_change_only_from_what_was_seen(&mark).await;
            fs::write(dir.path().join(FILE), "{}").unwrap();
            assert!(matches!(mark.read().await, Err(Error::Corrupt { .. })));
        }
    }

    #[tokio::test]
    async fn keys_of_another_installation_are_known() {
        let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        FileVault::create(ours.path()).unwrap();
        FileVault::create(theirs.path()).unwrap();
        let mark = FolderMark::new(ours.path(), Kept::Vault);
        let identity = Identity {
            id: "ab".to_owned(),
            epoch: 1,
        };
        mark.write(None, &identity).await.unwrap();
        assert_eq!(mark.read().await.unwrap(), Some(identity));
        fs::remove_file(ours.path().join("keys.json")).unwrap();
        fs::copy(
            theirs.path().join("keys.json"),
            ours.path().join("keys.json"),
        )
        .unwrap();
        let refused = mark.read().await.unwrap_err().to_string();
        assert!(refused.contains("not the one"), "{refused}");
    }
}
