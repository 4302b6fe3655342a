//! Sealed days in a folder: each package read-only, beside it what it must be.
//!
//! `<name>` is the package, `<name>.seal` says its size, its SHA-256 and how long it must stay.
//! The seal is written first: a package without one was never answered for, a seal without its
//! package is finished by storing the same package again.

use crate::files::{self, Folder};
use crate::strangers::{self, Ours};
use async_trait::async_trait;
use connectors::regular::{self, Regular};
use connectors::{Archive, ArchiveId, ArchiveMeta, BANKS, Error, Name, Restore, Result};
use jiff::civil::Date;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

const SEAL: &str = ".seal";

/// The mark of the archive, beside the packages.
const MARK: &str = "installation.json";

/// The longest seal: a size, a hash, a date.
const MAX_SEAL_BYTES: u64 = 4 << 10;

/// An [`Archive`] in a folder.
#[derive(Clone)]
pub struct FolderArchive {
    folder: Folder,
}

impl FolderArchive {
    /// The archive in `root`, which is made where it is missing.
    ///
    /// # Errors
    /// What stands in the way of the folder.
    pub fn open(root: &Path) -> Result<FolderArchive> {
        Ok(FolderArchive {
            folder: Folder::open(root)?,
        })
    }

    /// The archive in `root` as it stands: nothing is made before something is written.
    pub fn over(root: &Path) -> FolderArchive {
        FolderArchive {
            folder: Folder::over(root),
        }
    }

    fn store_now(&self, name: &str, mut file: File, retain_until: Date) -> Result<ArchiveId> {
        if name.ends_with(SEAL) || name == MARK {
            let why = "must not end in .seal, and is not the archive's own mark";
            return Err(Error::invalid(format!("archive name {name}"), why));
        }
        files::rewind(&mut file)?;
        let (size, sha256) = files::sha256_of_open(&mut file, Path::new(name))?;
        let seal = written(&ArchiveMeta {
            size,
            sha256,
            retain_until,
        });
        let package = Name::parse(name)?;
        self.folder
            .put_new(&Name::parse(format!("{name}{SEAL}"))?, seal.as_bytes())?;
        files::rewind(&mut file)?;
        self.folder.put_new_from(&package, &mut file)?;
        let stored = self.folder.path(&package);
        self.read_only(&stored, true)?;
        Ok(ArchiveId(name.to_owned()))
    }

    fn read_only(&self, path: &Path, read_only: bool) -> Result<()> {
        let mut permissions = fs::metadata(path)
            .map_err(|e| Error::io(path, e))?
            .permissions();
        permissions.set_readonly(read_only);
        fs::set_permissions(path, permissions).map_err(|e| Error::io(path, e))
    }

    fn path(&self, name: &str) -> Result<PathBuf> {
        Ok(self.folder.path(&Name::parse(name)?))
    }

    fn seal(&self, id: &ArchiveId) -> Result<Option<ArchiveMeta>> {
        let package = self.path(&id.0)?;
        match fs::symlink_metadata(&package) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Ok(found) => is_file(&format!("archive {}", id.0), &found)?,
            Err(e) => return Err(Error::io(&package, e)),
        }
        let path = self.path(&format!("{}{SEAL}", id.0))?;
        let text = files::read_at_most(&path, MAX_SEAL_BYTES).map_err(|error| match error {
            Error::Invalid { what, why } => Error::corrupt(what, why),
            other => other,
        })?;
        let damaged = || Error::corrupt(path.display().to_string(), "not a seal");
        let meta = parse(&text).ok_or_else(damaged)?;
        match written(&meta).as_bytes() == text {
            true => Ok(Some(meta)),
            false => Err(damaged()), // a byte more, or another form
        }
    }

    fn sealed(&self, id: &ArchiveId) -> Result<ArchiveMeta> {
        self.seal(id)?
            .ok_or_else(|| Error::not_found(format!("archive {}", id.0)))
    }

    fn verify_now(&self, id: &ArchiveId) -> Result<ArchiveMeta> {
        let meta = self.sealed(id)?;
        let path = self.path(&id.0)?;
        let found = Regular::open(&path)?.size();
        if found != meta.size {
            let why = format!("sealed with {} bytes, found {found} bytes", meta.size);
            return Err(Error::corrupt(format!("archive {}", id.0), why));
        }
        let (size, sha256) = files::sha256(&path)?;
        if (size, sha256) != (meta.size, meta.sha256) {
            let why = format!(
                "sealed with {} bytes and SHA-256 {}, found {size} bytes and {}",
                meta.size,
                files::hex(&meta.sha256),
                files::hex(&sha256),
            );
            return Err(Error::corrupt(format!("archive {}", id.0), why));
        }
        Ok(meta)
    }

    fn delete_now(&self, id: &ArchiveId, today: Date) -> Result<()> {
        let Some(meta) = self.seal(id)? else {
            return Ok(());
        };
        if today < meta.retain_until {
            let what = format!("archive {}", id.0);
            let why = format!("must be kept until {}; delete it then", meta.retain_until);
            return Err(Error::Denied { what, why });
        }
        for name in [id.0.clone(), format!("{}{SEAL}", id.0)] {
            let path = self.path(&name)?;
            fs::remove_file(&path).map_err(|e| Error::io(&path, e))?;
        }
        Ok(())
    }
}

/// Refuses what stands in the place of a package and is no file.
fn is_file(what: &str, found: &fs::Metadata) -> Result<()> {
    match regular::oddity(found.file_type()) {
        None => Ok(()),
        Some(why) => Err(Error::corrupt(what, why)),
    }
}

/// A seal as it is written.
fn written(meta: &ArchiveMeta) -> String {
    let ArchiveMeta {
        size, retain_until, ..
    } = meta;
    format!("{size} {} {retain_until}\n", files::hex(&meta.sha256))
}

/// What a seal says.
fn parse(text: &[u8]) -> Option<ArchiveMeta> {
    let mut words = std::str::from_utf8(text).ok()?.split_ascii_whitespace();
    let size = words.next()?.parse().ok()?;
    let sha256 = files::unhex(words.next()?)?.try_into().ok()?;
    Some(ArchiveMeta {
        size,
        sha256,
        retain_until: words.next()?.parse().ok()?,
    })
}

/// The parts of a name below the archive of the bank that it is in.
fn of_bank<'p, 'n>(parts: &'p [&'n str]) -> &'p [&'n str] {
    match parts {
        [BANKS, _, own @ ..] => own,
        own => own,
    }
}

/// What an archive in `root` makes: packages, each beside its seal.
pub(crate) fn ours(root: &Path, parts: &[&str], is_folder: bool) -> Ours {
    let name = parts.join("/");
    let sealed = || root.join(format!("{name}{SEAL}")).is_file();
    match Name::parse(name.as_str()) {
        _ if strangers::unfinished(of_bank(parts)) => Ours::Closed,
        Err(_) => Ours::Nothing,
        Ok(_) if is_folder => Ours::Folder,
        Ok(_) if name == MARK || name.ends_with(SEAL) || sealed() => Ours::File,
        Ok(_) => Ours::Nothing,
    }
}

#[async_trait]
impl Archive for FolderArchive {
    async fn store(&self, name: &str, file: File, retain_until: Date) -> Result<ArchiveId> {
        let (this, name) = (self.clone(), name.to_owned());
        files::blocking(move || this.store_now(&name, file, retain_until)).await
    }

    async fn list(&self) -> Result<Vec<ArchiveId>> {
        let folder = self.folder.clone();
        files::blocking(move || {
            let mut names = folder.list("")?;
            names.retain(|name| name.ends_with(SEAL));
            let stem = |name: &Name| name.strip_suffix(SEAL).map(str::to_owned);
            Ok(names.iter().filter_map(stem).map(ArchiveId).collect())
        })
        .await
    }

    async fn head(&self, id: &ArchiveId) -> Result<Option<ArchiveMeta>> {
        let (this, id) = (self.clone(), id.clone());
        files::blocking(move || this.seal(&id)).await
    }

    async fn verify(&self, id: &ArchiveId) -> Result<ArchiveMeta> {
        let (this, id) = (self.clone(), id.clone());
        files::blocking(move || this.verify_now(&id)).await
    }

    async fn request_restore(&self, id: &ArchiveId) -> Result<Restore> {
        let (this, id) = (self.clone(), id.clone());
        files::blocking(move || this.sealed(&id).map(|_| Restore::Ready)).await
    }

    async fn fetch(&self, id: &ArchiveId, to: &Path) -> Result<u64> {
        let (this, id, to) = (self.clone(), id.clone(), to.to_path_buf());
        files::blocking(move || {
            let sealed = this.sealed(&id)?.size;
            let path = this.path(&id.0)?;
            let found = fs::metadata(&path).map_err(|e| Error::io(&path, e))?.len();
            if found != sealed {
                // Not copied: it may be larger than any disk.
                let why = format!("sealed with {sealed} bytes, found {found}");
                return Err(Error::corrupt(format!("archive {}", id.0), why));
            }
            files::copy_to_new(&path, &to)
        })
        .await
    }

    async fn delete(&self, id: &ArchiveId, today: Date) -> Result<()> {
        let (this, id) = (self.clone(), id.clone());
        files::blocking(move || this.delete_now(&id, today)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use connectors_conformance as conformance;
    use std::io::Write;

    #[tokio::test]
    async fn it_is_an_archive() {
        let dir = tempfile::tempdir().unwrap();
        let archive = FolderArchive::open(dir.path()).unwrap();
        conformance::packages_stay_as_they_were_stored(&archive).await;
    }

    #[tokio::test]
    async fn tampering_is_found_and_writing_is_refused_by_the_file_system() {
        let dir = tempfile::tempdir().unwrap();
        let archive = FolderArchive::open(dir.path()).unwrap();
        let mut package = tempfile::tempfile().unwrap();
        package.write_all(b"whole").unwrap();
        let until = Date::constant(2033, 11, 25);
        let id = archive
            .store("2026/11-25.tar", package, until)
            .await
            .unwrap();
        let stored = dir.path().join("2026/11-25.tar");
        assert!(fs::metadata(&stored).unwrap().permissions().readonly());
        archive.read_only(&stored, false).unwrap();
        fs::write(&stored, b"whale").unwrap();
        assert!(matches!(
            archive.verify(&id).await,
            Err(Error::Corrupt { .. })
        ));
    }

    #[tokio::test]
    async fn what_stands_in_the_place_of_a_package_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let archive = FolderArchive::open(dir.path()).unwrap();
        let until = Date::constant(2033, 11, 25);
        let package = tempfile::tempfile().unwrap();
        let id = archive.store("a.tar", package, until).await.unwrap();
        let (stored, seal) = (dir.path().join("a.tar"), dir.path().join("a.tar.seal"));
        type Put = fn(&Path);
        let folder: Put = |path| fs::create_dir(path).unwrap();
        let link: Put = |path| std::os::unix::fs::symlink("/dev/zero", path).unwrap();
        let pipe: Put = |path| {
            let made = std::process::Command::new("mkfifo").arg(path).status();
            assert!(made.unwrap().success());
        };
        for at in [&stored, &seal] {
            let away = dir.path().join("away");
            fs::rename(at, &away).unwrap();
            for (what, put) in [("a folder", folder), ("a link", link), ("a pipe", pipe)] {
                put(at);
                for refused in [
                    archive.head(&id).await.map(drop),
                    archive.verify(&id).await.map(drop),
                    archive.fetch(&id, &dir.path().join("to")).await.map(drop),
                    archive.request_restore(&id).await.map(drop),
                ] {
                    let refused = refused.unwrap_err();
                    let said = refused.to_string();
                    assert!(matches!(refused, Error::Corrupt { .. }), "{said}");
                    assert!(said.contains("a.tar") && said.contains(what), "{said}");
                }
                match at.is_dir() {
                    true => fs::remove_dir(at).unwrap(),
                    false => fs::remove_file(at).unwrap(),
                }
            }
            fs::rename(&away, at).unwrap();
        }
        archive.verify(&id).await.unwrap();
    }
}
