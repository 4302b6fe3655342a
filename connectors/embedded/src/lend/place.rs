//! The socket of a store: where it is, who may come, and who is there.
//!
//! The name of a socket has at most 107 bytes, and that of a folder may have more, so the socket is
//! named through the folder's open descriptor (`/proc/self/fd`), whatever the folder is called.

use crate::database::SOCKET;
use connectors::regular::oddity;
use connectors::{Error, Result};
use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};
use tokio::net::{UnixListener, UnixStream};

/// The place of a store's socket.
#[derive(Clone)]
pub struct Place {
    store: PathBuf,
}

/// Who is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    user: u32,
    /// The number of the process, where the system says it.
    pub process: Option<i32>,
}

impl Place {
    /// The place in the folder `store`.
    pub fn of(store: &Path) -> Place {
        let store = store.to_path_buf();
        Place { store }
    }

    /// Opens the socket for its owner alone, in the place of one that a lender left when it was
    /// killed. Whoever calls has the seat: nobody else is lending.
    ///
    /// # Errors
    /// [`Error::Invalid`] where something else than a socket has its name.
    pub fn open(&self) -> Result<UnixListener> {
        self.remove()?;
        let folder = self.folder()?;
        let name = within(&folder);
        let listener = UnixListener::bind(&name).map_err(|e| self.failed(e))?;
        let ours = Permissions::from_mode(0o600);
        fs::set_permissions(&name, ours).map_err(|e| self.failed(e))?;
        Ok(listener)
    }

    /// Takes the socket away, where there is one.
    ///
    /// # Errors
    /// As [`Place::open`].
    pub fn remove(&self) -> Result<()> {
        match self.is_there()? {
            true => fs::remove_file(self.path()).map_err(|e| self.failed(e)),
            false => Ok(()),
        }
    }

    /// Goes to the lender; nothing where there is none.
    ///
    /// # Errors
    /// As [`Place::open`]; [`Error::Denied`] where another user is at the other end.
    pub async fn go(&self) -> Result<Option<(UnixStream, Peer)>> {
        if !self.is_there()? {
            return Ok(None);
        }
        let folder = self.folder()?;
        match UnixStream::connect(within(&folder)).await {
            Ok(stream) => {
                let peer = self.peer(&stream)?;
                Ok(Some((stream, peer)))
            }
            // Nobody listens any more, or so many come that they have to wait.
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
                Ok(None)
            }
            Err(e) if e.kind() == ErrorKind::WouldBlock => Ok(None),
            Err(e) => Err(self.failed(e)),
        }
    }

    /// Who is at the other end, where that is the user who runs this.
    ///
    /// # Errors
    /// [`Error::Denied`] where it is another.
    pub fn peer(&self, stream: &UnixStream) -> Result<Peer> {
        let peer = peer_of(stream).map_err(|e| self.failed(e))?;
        let us = ourselves().map_err(|e| self.failed(e))?;
        match peer.user == us {
            true => Ok(peer),
            false => Err(Error::Denied {
                what: self.path().display().to_string(),
                why: format!(
                    "the store is open to user {} and this runs as {us}; run it as the user whose \
                     installation it is",
                    peer.user
                ),
            }),
        }
    }

    /// The store, as errors call it.
    pub fn what(&self) -> String {
        format!("store {}", self.store.display())
    }

    fn path(&self) -> PathBuf {
        self.store.join(SOCKET)
    }

    fn folder(&self) -> Result<File> {
        File::open(&self.store).map_err(|e| Error::io(&self.store, e))
    }

    fn is_there(&self) -> Result<bool> {
        let path = self.path();
        match fs::symlink_metadata(&path) {
            Ok(found) if found.file_type().is_socket() => Ok(true),
            Ok(found) => {
                let what = oddity(found.file_type()).unwrap_or("a file");
                let why = format!(
                    "{what}, where the socket of the store must be: find out who put it there, \
                     and move it away"
                );
                Err(Error::invalid(path.display().to_string(), why))
            }
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(false),
            Err(e) => Err(Error::io(&path, e)),
        }
    }

    fn failed(&self, error: io::Error) -> Error {
        Error::io(&self.path(), error)
    }
}

/// The socket in an open folder, by a short name.
fn within(folder: &File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}/{SOCKET}", folder.as_raw_fd()))
}

fn peer_of(stream: &UnixStream) -> io::Result<Peer> {
    let told = stream.peer_cred()?;
    Ok(Peer {
        user: told.uid(),
        process: told.pid(),
    })
}

/// The user that runs this, as whoever is at the other end of a socket sees it.
fn ourselves() -> io::Result<u32> {
    let (one, _other) = UnixStream::pair()?;
    Ok(one.peer_cred()?.uid())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[tokio::test]
    async fn a_folder_of_any_name_has_a_socket_for_its_owner() {
        let dir = tempfile::tempdir().unwrap();
        let long = "n".repeat(200);
        for name in ["short", "with a space and ü", "a\nline", &long] {
            let store = dir.path().join(name).join(name);
            fs::create_dir_all(&store).unwrap();
            let place = Place::of(&store);
            assert!(place.go().await.unwrap().is_none(), "{name}");
            let listener = place.open().unwrap();
            let found = fs::symlink_metadata(store.join(SOCKET)).unwrap();
            assert_eq!(found.permissions().mode() & 0o777, 0o600);
            let (_there, peer) = place.go().await.unwrap().expect("a lender");
            assert_eq!(peer.process, i32::try_from(std::process::id()).ok());
            drop(listener);
            assert!(place.go().await.unwrap().is_none(), "killed");
            drop(place.open().unwrap());
            place.remove().unwrap();
            assert_eq!(fs::read_dir(&store).unwrap().count(), 0);
        }
    }

    #[tokio::test]
    async fn what_is_no_socket_is_refused_in_words_and_stays() {
        let dir = tempfile::tempdir().unwrap();
        let (place, path) = (Place::of(dir.path()), dir.path().join(SOCKET));
        type Put = fn(&Path);
        let all: [(&str, Put); 3] = [
            ("a file", |at| fs::write(at, "theirs").unwrap()),
            ("a link", |at| symlink("elsewhere", at).unwrap()),
            ("a folder", |at| fs::create_dir(at).unwrap()),
        ];
        for (what, put) in all {
            put(&path);
            let came = place.go().await.map(drop);
            for refused in [place.open().map(drop), place.remove(), came] {
                let refused = refused.unwrap_err().to_string();
                assert!(refused.contains(what), "{refused}");
                assert!(refused.contains("move it away"), "{refused}");
            }
            assert!(fs::symlink_metadata(&path).is_ok(), "{what} stays");
            match path.is_dir() {
                true => fs::remove_dir(&path).unwrap(),
                false => fs::remove_file(&path).unwrap(),
            }
        }
    }
}
