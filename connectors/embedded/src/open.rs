//! From addresses to open ports.

use crate::archive::FolderArchive;
use crate::bank::DropBox;
use crate::clock::SystemClock;
use crate::notifier::AlertLog;
use crate::objects::FolderObjects;
use crate::payments::EmbeddedPayments;
use crate::queue::EmbeddedQueue;
use crate::vault::FileVault;
use crate::{database, files};
use connectors::{Addresses, Clock, Ports, Result};
use std::path::Path;
use std::sync::Arc;

/// Opens every port; folders that are missing are made.
///
/// # Errors
/// [`connectors::Error::Invalid`] where an address is not one this build opens; otherwise what
/// stands in the way of the folder.
pub fn open(addresses: &Addresses) -> Result<Ports> {
    open_with(addresses, FileVault::open)
}

/// As [`open`], with a vault whose every byte comes from `seed`: for demonstrations.
///
/// # Errors
/// As [`open`].
pub fn open_seeded(addresses: &Addresses, seed: u64) -> Result<Ports> {
    open_with(addresses, |dir| FileVault::create_seeded(dir, seed))
}

fn open_with(at: &Addresses, vault: impl FnOnce(&Path) -> Result<FileVault>) -> Result<Ports> {
    // Every address is read before the first folder is made.
    let store = at.folder("payments", at.payments.as_ref(), "store")?;
    let objects = at.folder("objects", at.objects.as_ref(), "objects")?;
    let bank = at.folder("bank", at.bank.as_ref(), "bank")?;
    let keys = at.folder("vault", at.vault.as_ref(), "vault")?;
    let archive = at.folder("archive", at.archive.as_ref(), "archive")?;
    let alerts = at.folder("notifier", at.notifier.as_ref(), "alerts")?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    // The store's lock is the installation's: from here on nobody else writes.
    let db = database::open(&store)?;
    let parts = ["to-bank", "from-bank", "receipts"].map(|part| bank.join(part));
    for folder in parts.iter().chain([&objects, &keys, &archive]) {
        files::discard_unfinished(folder)?;
    }
    Ok(Ports {
        payments: Arc::new(EmbeddedPayments::new(db.clone())?),
        objects: Arc::new(FolderObjects::open(&objects)?),
        bank: Arc::new(DropBox::open(&bank)?),
        vault: Arc::new(vault(&keys)?),
        queue: Arc::new(EmbeddedQueue::new(db, Arc::clone(&clock))?),
        archive: Arc::new(FolderArchive::open(&archive)?),
        notifier: Arc::new(AlertLog::open(&alerts)?),
        clock,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_folder_opens_everything_again_and_again() {
        let dir = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            let ports = open(&Addresses::in_dir(dir.path())).unwrap();
            assert!(ports.payments.counts().await.unwrap().is_empty());
        }
    }

    #[test]
    fn what_this_build_cannot_open_is_said_before_anything_is_made() {
        let dir = tempfile::tempdir().unwrap();
        let mut addresses = Addresses::in_dir(dir.path());
        addresses.objects = Some("s3://bucket/prefix".to_owned());
        let error = open(&addresses).map(drop).unwrap_err().to_string();
        assert!(
            error.contains("s3://bucket/prefix") && error.contains("file:DIR"),
            "{error}"
        );
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
