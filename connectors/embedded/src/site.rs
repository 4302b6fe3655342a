//! The folders of an installation, as its addresses name them.

use crate::mark::{FolderMark, Kept};
use crate::{database, files, vault};
use connectors::{Addresses, Error, Place, Result, regular};
use settlement::foreign;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

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
        let needed = [("store", &self.store), ("objects", &self.objects)];
        for (name, path) in needed.into_iter().chain([("vault", &self.vault)]) {
            stands(name, path)?;
        }
        if self.store.is_dir() {
            database::regular_only(&self.store)?; // before anything in it is asked for
            database::nothing_is_lost(&self.store)?;
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
        let missing = parts.iter().find(|(_, _, there)| !there);
        if let Some((name, path, _)) = missing {
            return Err(match *name {
                "vault" => vault::missing(path),
                name => gone(name, path),
            });
        }
        is_folder("archive", &self.archive)
    }

    /// The same of a bank beside the home bank: store and vault are the home bank's.
    pub fn is_beside(&self) -> Result<()> {
        is_folder("objects", &self.objects)?;
        is_folder("archive", &self.archive)
    }

    /// Refuses to make a drop box in a folder that is not there: it may be a mount that is away.
    pub fn has_bank(&self) -> Result<()> {
        is_folder("bank", &self.bank)
    }

    /// Refuses a place for a new installation that is a link, or that holds anything which no
    /// installation has: it is somebody's, and would become ours.
    pub fn is_free(&self) -> Result<()> {
        let Some(root) = self.root()? else {
            return Ok(());
        };
        for entry in fs::read_dir(&root).map_err(|e| Error::io(&root, e))? {
            let path = entry.map_err(|e| Error::io(&root, e))?.path();
            if !self.may_stand(&path) {
                let why = format!(
                    "holds {}, which is no part of an installation: name a new or an empty \
                     folder, or move it away",
                    foreign::name(path.file_name().unwrap_or_default())
                );
                return Err(Error::invalid(foreign::path(&root), why));
            }
        }
        Ok(())
    }

    /// The folder of everything, `None` where nothing has its name; refused is what is none.
    fn root(&self) -> Result<Option<PathBuf>> {
        let Some(root) = self.data.strip_prefix("file:") else {
            return Ok(None);
        };
        // Without the slash at its end, which would lead through a link.
        let root: PathBuf = Path::new(root).components().collect();
        match fs::symlink_metadata(&root) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Ok(found) if found.is_dir() => Ok(Some(root)),
            Ok(found) => {
                let what = regular::oddity(found.file_type()).unwrap_or("a file");
                let why = format!("{what}: name a new or an empty folder itself");
                Err(Error::invalid(foreign::path(&root), why))
            }
            Err(e) => Err(Error::io(&root, e)),
        }
    }

    /// Refuses a place at which no installation can be, since it is no folder and leads to none.
    pub fn is_place(&self) -> Result<()> {
        match self.root() {
            Err(_) if Path::new(self.data.trim_start_matches("file:")).is_dir() => Ok(()),
            other => other.map(drop),
        }
    }

    /// What may lie beside a new installation: its own parts, which a killed run may have left,
    /// its configuration, and what a file system makes for itself.
    fn may_stand(&self, path: &Path) -> bool {
        let parts = [&self.store, &self.objects, &self.bank, &self.vault];
        let mut parts = parts.into_iter().chain([&self.archive, &self.alerts]);
        let settings = path.extension() == Some(OsStr::new("toml"));
        settings || path.ends_with("lost+found") || parts.any(|part| part == path)
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

/// Whether a folder of an installation is there; what is none in its place is refused.
fn stands(name: &str, path: &Path) -> Result<bool> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Ok(true),
        Ok(found) => {
            let what = regular::oddity(found.file_type()).unwrap_or("a file");
            let why = format!("{what} stands where a folder must be: move it away");
            Err(Error::invalid(
                format!("{name} {}", foreign::path(path)),
                why,
            ))
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(Error::io(path, e)),
    }
}

/// Refuses a folder that is not there, too.
pub fn is_folder(name: &str, path: &Path) -> Result<()> {
    match stands(name, path)? {
        true => Ok(()),
        false => Err(gone(name, path)),
    }
}

fn gone(name: &str, path: &Path) -> Error {
    Error::invalid(
        format!("{name} {}", foreign::path(path)),
        "nothing is there, while other parts of the installation are: mount it, restore it, or \
         name the right folder in [addresses]; where tieout init was interrupted, or the folder of \
         a drop box is to be made anew, run tieout init",
    )
}
