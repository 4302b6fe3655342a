//! Objects as files in a folder; the name is the path.
//!
//! Heads are replaced under the lock of the folder itself, which excludes other processes as well
//! as other tasks. Everything else is written once and needs no lock.

use crate::files::{self, Folder};
use crate::locked;
use crate::strangers::{self, Ours};
use async_trait::async_trait;
use bytes::Bytes;
use connectors::regular::Regular;
use connectors::{
    BANKS, BELIEVED_BYTES, Error, Meta, Name, Object, ObjectStore, Put, Result, Strangers,
};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

/// An [`ObjectStore`] in a folder.
#[derive(Clone)]
pub struct FolderObjects {
    folder: Folder,
}

impl FolderObjects {
    /// Objects in `root`, which is made where it is missing.
    ///
    /// # Errors
    /// What stands in the way of the folder.
    pub fn open(root: &Path) -> Result<FolderObjects> {
        Ok(FolderObjects {
            folder: Folder::open(root)?,
        })
    }

    /// Objects in `root` as it stands: nothing is made before something is written.
    pub fn over(root: &Path) -> FolderObjects {
        FolderObjects {
            folder: Folder::over(root),
        }
    }

    /// The folder of the objects.
    pub fn root(&self) -> &Path {
        self.folder.root()
    }
}

/// Any name may be an object's.
fn ours(parts: &[&str], is_folder: bool) -> Ours {
    match (Name::parse(parts.join("/")), is_folder) {
        _ if strangers::unfinished(parts) => Ours::Closed,
        // Each bank looks through its own place, and nothing else is beside those.
        (Ok(_), true) if matches!(parts, [BANKS, _]) => Ours::Closed,
        (_, false) if matches!(parts, [BANKS, ..]) => Ours::Nothing,
        (Err(_), _) => Ours::Nothing,
        (Ok(_), true) => Ours::Folder,
        (Ok(_), false) => Ours::File,
    }
}

fn etag(hash: &[u8; 32]) -> String {
    files::hex(hash)
}

/// The largest object that is read whole: a day's file to the bank, and room.
const WHOLE_BYTES: u64 = 1 << 30;

/// What stands in the way of an object, by the object's name.
fn named(name: &Name) -> impl Fn(Error) -> Error {
    let what = format!("object {name}");
    move |error| match error {
        Error::NotFound { .. } => Error::not_found(what.clone()),
        // Something else than a file, or one that is too large to be it.
        Error::Invalid { why, .. } | Error::Corrupt { why, .. } => {
            Error::corrupt(what.clone(), why)
        }
        other => other,
    }
}

fn whole(folder: &Folder, name: &Name, most: u64) -> Result<Object> {
    let body = files::read_at_most(&folder.way_to(name)?, most).map_err(named(name))?;
    let sha256 = files::sha256_of(&body);
    let etag = etag(&sha256);
    Ok(Object { body, etag, sha256 })
}

#[async_trait]
impl ObjectStore for FolderObjects {
    async fn put_new(&self, name: &Name, body: Bytes) -> Result<Put> {
        let (folder, name) = (self.folder.clone(), name.clone());
        files::blocking(move || folder.put_new(&name, &body)).await
    }

    async fn put_file_new(&self, name: &Name, mut file: File) -> Result<Put> {
        let (folder, name) = (self.folder.clone(), name.clone());
        files::blocking(move || {
            files::rewind(&mut file)?;
            folder.put_new_from(&name, &mut file)
        })
        .await
    }

    async fn put_if_match(
        &self,
        name: &Name,
        expected: Option<&str>,
        body: Bytes,
    ) -> Result<String> {
        let (this, name, expected) = (self.clone(), name.clone(), expected.map(str::to_owned));
        files::blocking(move || {
            let path = this.folder.way_to(&name)?;
            files::make_folder(this.folder.root())?;
            let _held = locked::folder(this.folder.root())?;
            let found = match files::sha256(&path).map_err(named(&name)) {
                Ok((_, hash)) => Some(etag(&hash)),
                Err(Error::NotFound { .. }) => None,
                Err(e) => return Err(e),
            };
            if found != expected {
                let why = match found {
                    Some(tag) => format!("it has changed and now has tag {tag}"),
                    None => "it is not there any more".to_owned(),
                };
                return Err(Error::conflict(name.as_str(), why));
            }
            this.folder.replace(&name, &body)?;
            Ok(etag(&files::sha256_of(&body)))
        })
        .await
    }

    async fn get(&self, name: &Name) -> Result<Object> {
        let (folder, name) = (self.folder.clone(), name.clone());
        files::blocking(move || whole(&folder, &name, BELIEVED_BYTES)).await
    }

    async fn get_large(&self, name: &Name) -> Result<Object> {
        let (folder, name) = (self.folder.clone(), name.clone());
        files::blocking(move || whole(&folder, &name, WHOLE_BYTES)).await
    }

    async fn size(&self, name: &Name) -> Result<Option<u64>> {
        let (folder, name) = (self.folder.clone(), name.clone());
        files::blocking(
            move || match Regular::open(&folder.way_to(&name)?).map_err(named(&name)) {
                Ok(open) => Ok(Some(open.size())),
                Err(Error::NotFound { .. }) => Ok(None),
                Err(e) => Err(e),
            },
        )
        .await
    }

    async fn get_range(&self, name: &Name, range: Range<u64>) -> Result<Bytes> {
        let (folder, name) = (self.folder.clone(), name.clone());
        files::blocking(move || {
            let path = folder.way_to(&name)?;
            let failed = |e| named(&name)(Error::io(&path, e));
            let opened = Regular::open(&path).map_err(named(&name))?;
            let size = opened.size();
            let mut file = opened.into_file();
            if range.start > range.end || range.end > size {
                let why = format!("bytes {range:?} asked for, the object has {size}");
                return Err(Error::invalid(format!("object {name}"), why));
            }
            file.seek(SeekFrom::Start(range.start)).map_err(failed)?;
            let mut body = Vec::new();
            file.take(range.end - range.start)
                .read_to_end(&mut body)
                .map_err(failed)?;
            Ok(Bytes::from(body))
        })
        .await
    }

    async fn download(&self, name: &Name, to: &Path) -> Result<u64> {
        let (folder, name, to) = (self.folder.clone(), name.clone(), to.to_path_buf());
        files::blocking(move || {
            let path = folder.way_to(&name)?;
            Regular::open(&path).map_err(named(&name))?;
            files::copy_to_new(&path, &to)
        })
        .await
    }

    async fn head(&self, name: &Name) -> Result<Option<Meta>> {
        let (folder, name) = (self.folder.clone(), name.clone());
        files::blocking(
            move || match files::sha256(&folder.way_to(&name)?).map_err(named(&name)) {
                Ok((size, hash)) => Ok(Some(Meta {
                    size,
                    etag: etag(&hash),
                    sha256: hash,
                })),
                Err(Error::NotFound { .. }) => Ok(None),
                Err(e) => Err(e),
            },
        )
        .await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<Name>> {
        let (folder, prefix) = (self.folder.clone(), prefix.to_owned());
        files::blocking(move || folder.list(&prefix)).await
    }

    async fn strangers(&self) -> Result<Strangers> {
        let root = self.folder.root().to_path_buf();
        files::blocking(move || strangers::below(&root, &ours)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use connectors_conformance as conformance;
    use std::fs;

    #[tokio::test]
    async fn it_is_an_object_store() {
        let dir = tempfile::tempdir().unwrap();
        let store = FolderObjects::open(dir.path()).unwrap();
        conformance::objects_are_written_once(&store).await;
        conformance::heads_change_only_from_what_was_seen(&store).await;
        conformance::objects_are_read_whole_and_in_part(&store).await;
        conformance::hostile_names_stay_what_they_are(&store).await;
    }

    #[tokio::test]
    async fn nothing_unfinished_stays_or_shows() {
        let dir = tempfile::tempdir().unwrap();
        let store = FolderObjects::open(dir.path()).unwrap();
        store
            .put_new(&Name::parse("a/b").unwrap(), Bytes::from_static(b"x"))
            .await
            .unwrap();
        store
            .put_new(&Name::parse("a/b").unwrap(), Bytes::from_static(b"y"))
            .await
            .unwrap_err();
        assert_eq!(
            fs::read_dir(dir.path().join(".unfinished"))
                .unwrap()
                .count(),
            0
        );
        assert_eq!(store.list("").await.unwrap(), ["a/b"]);
    }

    #[tokio::test]
    async fn what_is_made_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("new/objects");
        let store = FolderObjects::open(&root).unwrap();
        store
            .put_new(&Name::parse("a/b").unwrap(), Bytes::from_static(b"x"))
            .await
            .unwrap();
        for made in ["new", "new/objects", "new/objects/a", "new/objects/a/b"] {
            let mode = fs::metadata(dir.path().join(made)).unwrap().permissions();
            assert_eq!(mode.mode() & 0o077, 0, "{made}");
        }
    }

    #[tokio::test]
    async fn a_link_on_the_way_leads_nowhere() {
        let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let store = FolderObjects::open(dir.path()).unwrap();
        fs::write(elsewhere.path().join("b"), "theirs").unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), dir.path().join("a")).unwrap();
        let (there, free) = (Name::parse("a/b").unwrap(), Name::parse("a/c").unwrap());
        let refused = |error: Error| assert!(matches!(error, Error::Invalid { .. }), "{error}");
        refused(store.get(&there).await.unwrap_err());
        refused(store.head(&there).await.unwrap_err());
        refused(store.list("a/").await.unwrap_err());
        refused(store.put_new(&free, Bytes::new()).await.unwrap_err());
        refused(
            store
                .put_if_match(&free, None, Bytes::new())
                .await
                .unwrap_err(),
        );
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 1);
        let strangers = store.strangers().await.unwrap().odd;
        assert_eq!(strangers.len(), 1, "{strangers:?}");
    }

    #[tokio::test]
    async fn a_file_in_the_way_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let store = FolderObjects::open(dir.path()).unwrap();
        store
            .put_new(&Name::parse("a").unwrap(), Bytes::from_static(b"x"))
            .await
            .unwrap();
        let error = store
            .put_new(&Name::parse("a/b").unwrap(), Bytes::from_static(b"x"))
            .await
            .unwrap_err();
        assert!(
            matches!(error, Error::Invalid { .. } | Error::Unavailable { .. }),
            "{error:?}"
        );
    }

    #[tokio::test]
    async fn what_stands_in_the_place_of_an_object_is_said_and_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let store = FolderObjects::open(dir.path()).unwrap();
        let name = |text: &str| Name::parse(text).unwrap();
        fs::create_dir_all(dir.path().join("a/folder")).unwrap();
        let pipe = std::process::Command::new("mkfifo")
            .arg(dir.path().join("a/pipe"))
            .status();
        assert!(pipe.unwrap().success());
        std::os::unix::fs::symlink("/dev/zero", dir.path().join("a/link")).unwrap();
        let large = File::create(dir.path().join("a/large")).unwrap();
        large.set_len(BELIEVED_BYTES + 1).unwrap();
        for (text, why) in [
            ("a/folder", "a folder"),
            ("a/pipe", "a pipe"),
            ("a/link", "a link"),
            ("a/large", "at most"),
        ] {
            let name = name(text);
            let mut refused = vec![store.get(&name).await.map(drop)];
            if text != "a/large" {
                refused.push(store.get_large(&name).await.map(drop));
                refused.push(store.size(&name).await.map(drop));
                refused.push(store.head(&name).await.map(drop));
                refused.push(store.get_range(&name, 0..1).await.map(drop));
                refused.push(
                    store
                        .download(&name, &dir.path().join("to"))
                        .await
                        .map(drop),
                );
                let put = store.put_if_match(&name, None, Bytes::new()).await;
                refused.push(put.map(drop));
            }
            for refused in refused {
                let refused = refused.unwrap_err();
                assert!(matches!(refused, Error::Corrupt { .. }), "{refused:?}");
                let said = refused.to_string();
                assert!(said.starts_with(&format!("object {text}: ")), "{said}");
                assert!(said.contains(why) && said.contains("restore it"), "{said}");
            }
        }
    }
}
