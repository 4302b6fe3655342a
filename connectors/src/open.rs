//! From addresses to open ports.

use crate::embedded::archive::FolderArchive;
use crate::embedded::bank::DropBox;
use crate::embedded::clock::SystemClock;
use crate::embedded::notifier::AlertLog;
use crate::embedded::objects::FolderObjects;
use crate::embedded::payments::EmbeddedPayments;
use crate::embedded::queue::EmbeddedQueue;
use crate::embedded::vault::FileVault;
use crate::embedded::warehouse::FolderWarehouse;
use crate::embedded::{database, files};
use crate::{
    Archive, BankLink, Clock, Error, KeyVault, Notifier, ObjectStore, PaymentStore, Queue, Result,
    Warehouse,
};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// All ports of one installation. Fields are public so that a test can wrap or replace any.
#[derive(Clone)]
#[allow(missing_docs)]
pub struct Ports {
    pub payments: Arc<dyn PaymentStore>,
    pub objects: Arc<dyn ObjectStore>,
    pub bank: Arc<dyn BankLink>,
    pub vault: Arc<dyn KeyVault>,
    pub queue: Arc<dyn Queue>,
    pub warehouse: Arc<dyn Warehouse>,
    pub archive: Arc<dyn Archive>,
    pub notifier: Arc<dyn Notifier>,
    pub clock: Arc<dyn Clock>,
}

/// Where an installation keeps each thing: the `[addresses]` of tieout.toml.
///
/// `data` is the root; whatever else is not set lives in a folder of its own below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Addresses {
    /// The root of everything that has no address of its own. `file:./tieout-data`.
    pub data: String,
    /// Payments, events, idempotency keys and queues.
    pub payments: Option<String>,
    /// Files and tables.
    pub objects: Option<String>,
    /// The drop box that stands for the bank's.
    pub bank: Option<String>,
    /// The key file's folder.
    pub vault: Option<String>,
    /// Sealed days.
    pub archive: Option<String>,
    /// The folder of the alert log.
    pub notifier: Option<String>,
}

impl Default for Addresses {
    fn default() -> Addresses {
        Addresses {
            data: "file:./tieout-data".to_owned(),
            payments: None,
            objects: None,
            bank: None,
            vault: None,
            archive: None,
            notifier: None,
        }
    }
}

/// The part of tieout.toml that is read here; the rest belongs to others.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Config {
    addresses: Addresses,
}

impl Addresses {
    /// Everything below one folder.
    pub fn in_dir(dir: &Path) -> Addresses {
        Addresses {
            data: format!("file:{}", dir.display()),
            ..Addresses::default()
        }
    }

    /// The `[addresses]` of a tieout.toml's text.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the place where the text is not what it should be.
    pub fn from_toml(text: &str) -> Result<Addresses> {
        let config: Config =
            toml::from_str(text).map_err(|e| Error::invalid("tieout.toml", e.to_string()))?;
        Ok(config.addresses)
    }

    /// Overrides addresses by `TIEOUT_DATA`, `TIEOUT_PAYMENTS`, `TIEOUT_OBJECTS`, `TIEOUT_BANK`,
    /// `TIEOUT_VAULT`, `TIEOUT_ARCHIVE`, `TIEOUT_NOTIFIER`; other variables are ignored.
    pub fn overridden_by(
        mut self,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Addresses {
        for (name, value) in variables {
            match name.as_str() {
                "TIEOUT_DATA" => self.data = value,
                "TIEOUT_PAYMENTS" => self.payments = Some(value),
                "TIEOUT_OBJECTS" => self.objects = Some(value),
                "TIEOUT_BANK" => self.bank = Some(value),
                "TIEOUT_VAULT" => self.vault = Some(value),
                "TIEOUT_ARCHIVE" => self.archive = Some(value),
                "TIEOUT_NOTIFIER" => self.notifier = Some(value),
                _ => {}
            }
        }
        self
    }

    /// The folder of a `file:` address, or why this build cannot open the address.
    fn folder(&self, what: &str, own: Option<&String>, below: &str) -> Result<PathBuf> {
        let address = own.unwrap_or(&self.data);
        let Some(path) = address.strip_prefix("file:") else {
            let why = format!(
                "this build cannot open {address:?}; it opens file:DIR, for example \
                 file:./tieout-data"
            );
            return Err(Error::invalid(format!("address of {what}"), why));
        };
        if path.is_empty() {
            return Err(Error::invalid(
                format!("address of {what}"),
                "names no folder; write file:DIR, for example file:./tieout-data",
            ));
        }
        let folder = PathBuf::from(path);
        Ok(if own.is_some() {
            folder
        } else {
            folder.join(below)
        })
    }
}

impl Ports {
    /// Opens every port; folders that are missing are made.
    ///
    /// # Errors
    /// [`Error::Invalid`] where an address is not one this build opens; otherwise what stands in
    /// the way of the folder.
    pub fn open(addresses: &Addresses) -> Result<Ports> {
        Ports::open_with(addresses, FileVault::open)
    }

    /// As [`Ports::open`], with a vault whose every byte comes from `seed`: for demonstrations.
    ///
    /// # Errors
    /// As [`Ports::open`].
    pub fn open_seeded(addresses: &Addresses, seed: u64) -> Result<Ports> {
        Ports::open_with(addresses, |dir| FileVault::create_seeded(dir, seed))
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
            warehouse: Arc::new(FolderWarehouse::new(&objects)),
            archive: Arc::new(FolderArchive::open(&archive)?),
            notifier: Arc::new(AlertLog::open(&alerts)?),
            clock,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_folder_opens_everything_again_and_again() {
        let dir = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            let ports = Ports::open(&Addresses::in_dir(dir.path())).unwrap();
            assert!(ports.payments.counts().await.unwrap().is_empty());
            assert_eq!(
                ports.warehouse.tables().await.unwrap(),
                Vec::<String>::new()
            );
        }
    }

    #[test]
    fn addresses_come_from_the_file_and_the_environment() {
        let text = "[addresses]\nbank = 'file:/drop'\n[other]\nx = 1\n";
        let variables = [("TIEOUT_DATA", "file:/d"), ("HOME", "/x")];
        let variables = variables.map(|(n, v)| (n.to_owned(), v.to_owned()));
        let addresses = Addresses::from_toml(text).unwrap().overridden_by(variables);
        let folder = |own: Option<&String>| addresses.folder("it", own, "below").unwrap();
        assert_eq!(folder(addresses.bank.as_ref()), Path::new("/drop"));
        assert_eq!(folder(addresses.objects.as_ref()), Path::new("/d/below"));
        let wrong = Addresses::from_toml("[addresses]\nbanc = 'x'\n")
            .unwrap_err()
            .to_string();
        assert!(wrong.contains("banc"), "{wrong}");
    }

    #[test]
    fn what_this_build_cannot_open_is_said_before_anything_is_made() {
        let dir = tempfile::tempdir().unwrap();
        let mut addresses = Addresses::in_dir(dir.path());
        addresses.objects = Some("s3://bucket/prefix".to_owned());
        let error = Ports::open(&addresses).map(drop).unwrap_err().to_string();
        assert!(
            error.contains("s3://bucket/prefix") && error.contains("file:DIR"),
            "{error}"
        );
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
