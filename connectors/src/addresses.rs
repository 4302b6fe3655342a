//! Where an installation keeps each thing.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use settlement::foreign::fault;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What stands before the names of objects and packages that are another bank's than the home
/// bank's; none of its own begins so.
pub const BANKS: &str = "banks";

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
    /// The drop boxes of the banks that are not the home bank, by the names of their profiles.
    pub links: BTreeMap<String, String>,
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
            links: BTreeMap::new(),
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

    /// The `[addresses]` in the text of a configuration that is called `file`.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the place where the text is not what it should be.
    pub fn from_toml(file: &str, text: &str) -> Result<Addresses> {
        let config: Config = toml::from_str(text).map_err(|e| Error::invalid(file, fault(e)))?;
        Ok(config.addresses)
    }

    /// Overrides addresses by `TIEOUT_DATA`, `TIEOUT_PAYMENTS`, `TIEOUT_OBJECTS`, `TIEOUT_BANK`,
    /// `TIEOUT_VAULT`, `TIEOUT_ARCHIVE`, `TIEOUT_NOTIFIER`; other variables are ignored, whatever
    /// is in them.
    ///
    /// # Errors
    /// [`Error::Invalid`] where one of these is no text.
    pub fn overridden_by(
        mut self,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Addresses> {
        for (name, value) in variables {
            let Some(name) = name.to_str() else { continue };
            let address = match name {
                "TIEOUT_DATA" => &mut self.data,
                "TIEOUT_PAYMENTS" => self.payments.get_or_insert_default(),
                "TIEOUT_OBJECTS" => self.objects.get_or_insert_default(),
                "TIEOUT_BANK" => self.bank.get_or_insert_default(),
                "TIEOUT_VAULT" => self.vault.get_or_insert_default(),
                "TIEOUT_ARCHIVE" => self.archive.get_or_insert_default(),
                "TIEOUT_NOTIFIER" => self.notifier.get_or_insert_default(),
                _ => continue,
            };
            let not_text = |_| Error::invalid(name, "an address is text in UTF-8");
            *address = value.into_string().map_err(not_text)?;
        }
        Ok(self)
    }

    /// Where the things of another bank than the home bank are: objects and archive below
    /// `banks/NAME/` of the home bank's, its drop box at an address of its own; all else is shared.
    /// `None` where it has no such address.
    pub fn of_bank(&self, name: &str) -> Option<Addresses> {
        let link = self.links.get(name)?.clone();
        let below = |own: Option<&String>, folder: &str| {
            let root = own
                .cloned()
                .unwrap_or_else(|| format!("{}/{folder}", self.data));
            format!("{root}/{BANKS}/{name}")
        };
        Some(Addresses {
            objects: Some(below(self.objects.as_ref(), "objects")),
            archive: Some(below(self.archive.as_ref(), "archive")),
            bank: Some(link),
            links: BTreeMap::new(),
            ..self.clone()
        })
    }

    /// The folder behind the address of `what`: its `own` where it has one, otherwise the folder
    /// `below` that of everything.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the address is not `file:DIR`, which is what the embedded
    /// adapters open.
    pub fn folder(&self, what: &str, own: Option<&String>, below: &str) -> Result<PathBuf> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStringExt;

    #[test]
    fn another_bank_is_below_the_home_bank_but_for_its_drop_box() {
        let text = "[addresses]\ndata = 'file:/d'\narchive = 'file:/a'\n\
                    [addresses.links]\nnorth = 'file:/n'\n";
        let home = Addresses::from_toml("a.toml", text).unwrap();
        assert_eq!(home.of_bank("south"), None);
        let north = home.of_bank("north").unwrap();
        let folder = |own: &Option<String>| north.folder("it", own.as_ref(), "below").unwrap();
        assert_eq!(folder(&north.objects), Path::new("/d/objects/banks/north"));
        assert_eq!(folder(&north.archive), Path::new("/a/banks/north"));
        assert_eq!(folder(&north.bank), Path::new("/n"));
        assert_eq!(folder(&north.payments), Path::new("/d/below"), "shared");
    }

    #[cfg(unix)]
    #[test]
    fn addresses_come_from_the_file_and_the_environment() {
        let text = "[addresses]\nbank = 'file:/drop'\n[other]\nx = 1\n";
        let variables = |pairs: &[(&[u8], &[u8])]| -> Vec<(OsString, OsString)> {
            let text = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
            pairs.iter().map(|(n, v)| (text(n), text(v))).collect()
        };
        // What others put into theirs is not ours to read.
        let pairs: &[(&[u8], &[u8])] = &[
            (b"TIEOUT_DATA", b"file:/d"),
            (b"HOME", b"/x"),
            (b"PWD", b"/caf\xe9"),
            (b"\xff", b"y"),
        ];
        let read = Addresses::from_toml("a.toml", text).unwrap();
        let addresses = read.clone().overridden_by(variables(pairs)).unwrap();
        let wrong = read.overridden_by(variables(&[(b"TIEOUT_BANK", b"file:\xff")]));
        assert!(wrong.unwrap_err().to_string().contains("TIEOUT_BANK"));
        let folder = |own: Option<&String>| addresses.folder("it", own, "below").unwrap();
        assert_eq!(folder(addresses.bank.as_ref()), Path::new("/drop"));
        assert_eq!(folder(addresses.objects.as_ref()), Path::new("/d/below"));
        let wrong = Addresses::from_toml("a.toml", "[addresses]\nbanc = 'x'\n")
            .unwrap_err()
            .to_string();
        assert!(
            wrong.contains("a.toml: ") && wrong.contains("banc"),
            "{wrong}"
        );
    }
}
