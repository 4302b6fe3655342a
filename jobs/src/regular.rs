//! Files that somebody else may have put there.
//!
//! Where a file is expected, a link may stand that leads elsewhere, a pipe that nobody ever writes
//! to, a device without an end, or a file that is too large for any memory. So a name is looked at
//! before it is opened, opened without following or waiting, and looked at again: only a file is
//! read, and only as far as whoever asks has room for.

use connectors::Error;
use connectors::regular::Regular;
use desk::failure::{Failure, Result};
use settlement::foreign;
use std::fs::{File, FileType, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

/// What is left where something cannot be read to its end.
const NOTHING_CHANGED: &str = "nothing was proved and nothing changed; run the same again";

/// What is no file, in a word.
pub fn kind(of: FileType) -> &'static str {
    match of {
        of if of.is_symlink() => "a link",
        of if of.is_dir() => "a folder",
        of if of.is_fifo() => "a pipe",
        of if of.is_socket() => "a socket",
        of if of.is_file() => "a file",
        _ => "a device",
    }
}

/// What stands where only a file may.
fn odd(path: &Path, what: &str) -> Failure {
    let path = foreign::path(path);
    let what = format!("{path}: {what}: nothing of it was read");
    Failure::findings(what).remedy("put the file itself there, or retrieve the day again")
}

/// Opens the file at `path` and says how long it is; `None` where nothing has that name.
///
/// # Errors
/// Where it is no file, or cannot be opened.
pub fn open(path: &Path) -> Result<Option<(File, u64)>> {
    match Regular::open(path) {
        Ok(file) => {
            let size = file.size();
            Ok(Some((file.into_file(), size)))
        }
        Err(Error::NotFound { .. }) => Ok(None),
        Err(Error::Invalid { why, .. }) => Err(odd(path, &why)),
        Err(error) => Err(error.into()),
    }
}

/// Opens a folder itself, not what a link of its name leads to: to lock it.
///
/// # Errors
/// What the system says.
pub fn open_folder(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_DIRECTORY;
    options.read(true).custom_flags(flags).open(path)
}

/// The whole of a file of at most `most` bytes; `None` where nothing has that name.
///
/// # Errors
/// As [`open`], and where it is larger.
pub fn small(path: &Path, most: u64) -> Result<Option<Vec<u8>>> {
    let Some((file, size)) = open(path)? else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    if size <= most {
        // One more than may be: it may have grown.
        let read = file.take(most + 1).read_to_end(&mut bytes);
        read.map_err(Failure::of_file(path, NOTHING_CHANGED))?;
    }
    if size > most || bytes.len() as u64 > most {
        let path = foreign::path(path);
        let what = format!("{path}: {size} bytes, and what is expected there has at most {most}");
        return Err(Failure::findings(what).remedy("retrieve the day again"));
    }
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    #[test]
    fn only_a_file_is_opened_and_the_rest_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("file"), "12345").unwrap();
        symlink(at("file"), at("link")).unwrap();
        symlink("/dev/zero", at("zero")).unwrap();
        fs::create_dir(at("folder")).unwrap();
        let _listening = UnixListener::bind(at("socket")).unwrap();
        assert_eq!(small(&at("file"), 5).unwrap().unwrap(), b"12345");
        assert!(
            small(&at("file"), 4)
                .unwrap_err()
                .message
                .contains("at most 4")
        );
        assert!(open(&at("gone")).unwrap().is_none());
        for (name, what) in [
            ("link", "a link"),
            ("zero", "a link"),
            ("folder", "a folder"),
            ("socket", "a socket"),
        ] {
            let refused = open(&at(name)).unwrap_err().message;
            assert!(
                refused.contains(name) && refused.contains(what),
                "{refused}"
            );
        }
        let device = open(Path::new("/dev/zero")).unwrap_err();
        assert!(device.message.contains("a device"), "{device}");
    }
}
