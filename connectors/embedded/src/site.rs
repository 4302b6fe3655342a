//! The folders of an installation, as its addresses name them.

use crate::mark::{FolderMark, Kept};
use crate::{database, files, vault};
use connectors::{Addresses, Error, Place, Result};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where everything is.
pub(crate) struct Site {
    pub data: String,
    pub store: PathBuf,
    pub objects: PathBuf,
    pub bank: PathBuf,
    pub vault: PathBuf,
    pub archive: PathBuf,
    pub alerts: PathBuf,
    /// Whether the drop box has an address of its own: then its rights are its owner's affair.
    pub bank_apart: bool,
}

impl Site {
    /// Every address is read before anything is done with one.
    pub fn of(at: &Addresses) -> Result<Site> {
        Ok(Site {
            data: at.data.clone(),
            store: at.folder("payments", at.payments.as_ref(), "store")?,
            objects: at.folder("objects", at.objects.as_ref(), "objects")?,
            bank: at.folder("bank", at.bank.as_ref(), "bank")?,
            vault: at.folder("vault", at.vault.as_ref(), "vault")?,
            archive: at.folder("archive", at.archive.as_ref(), "archive")?,
            alerts: at.folder("notifier", at.notifier.as_ref(), "alerts")?,
            bank_apart: at.bank.is_some(),
        })
    }

    /// The folders that are an installation's own.
    pub fn own(&self) -> Vec<&Path> {
        let mut own = vec![&*self.store, &self.objects, &self.vault, &self.archive];
        own.push(&self.alerts);
        if !self.bank_apart {
            own.push(&self.bank);
        }
        own
    }

    /// The places that say whose they are.
    pub fn places(&self) -> Vec<Place> {
        let place = |name, root: &Path, kept| Place {
            name,
            at: root.display().to_string(),
            mark: Arc::new(FolderMark::new(root, kept)),
        };
        vec![
            place("store", &self.store, Kept::Store),
            place("archive", &self.archive, Kept::Archive),
            place("vault", &self.vault, Kept::Vault),
        ]
    }

    /// Refuses a folder in which there is no installation, and one of which a part is missing:
    /// nothing is made in its place.
    pub fn is_there(&self) -> Result<()> {
        if self.store.is_dir() {
            database::regular_only(&self.store)?; // before anything in it is asked for
        }
        let objects = files::Folder::over(&self.objects);
        let parts = [
            ("store", &self.store, database::is_made(&self.store)),
            ("objects", &self.objects, objects.holds_more_than("")?),
            ("vault", &self.vault, vault::has_keys(&self.vault)),
        ];
        if parts.iter().all(|(_, _, there)| !there) {
            return Err(self.none());
        }
        let folders = [("archive", &self.archive), ("bank", &self.bank)];
        let folders = folders.map(|(name, path)| (name, path, path.is_dir()));
        let missing = parts.iter().chain(&folders).find(|(_, _, there)| !there);
        match missing {
            None => Ok(()),
            Some(("vault", path, _)) => Err(vault::missing(path)),
            Some((name, path, _)) => Err(Error::invalid(
                format!("{name} {}", path.display()),
                "nothing is there, while other parts of the installation are: mount it, restore \
                 it, or name the right folder in [addresses]; where tieout init was interrupted, \
                 run it again",
            )),
        }
    }

    fn none(&self) -> Error {
        let data = self.data.strip_prefix("file:").unwrap_or(&self.data);
        Error::invalid(
            format!("there is no installation at {data}"),
            "run tieout init to make one, or name its folder with --config FILE or with \
             TIEOUT_DATA=file:DIR",
        )
    }
}
