//! Files that a person names, on the command line or in a configuration.
//!
//! What is named is meant, so a link is followed. But a pipe that nobody writes to, a device
//! without an end or a folder can be named by mistake or by a stranger's script, and no command
//! may wait for them. So what a name leads to is asked before it is opened and again of what was
//! opened: a regular file is read, and a pipe that whoever started us holds open already
//! (`/dev/fd/63`, as shells write `<(...)`, or `/dev/stdin`); nothing else is opened. And whatever
//! is read, stdin too, is read no further than what is expected there can be long.

use crate::regular;
use settlement::exact::Exact;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

/// The folders in which a system shows the files that a process was started with.
const HANDED_DOWN: [&str; 2] = ["/dev/fd", "/proc/self/fd"];

/// Opens what was named, to be read once from its beginning: at most `most` bytes.
///
/// # Errors
/// [`io::ErrorKind::InvalidInput`] where it is neither a regular file nor a pipe that was handed
/// down, or is larger; it is not opened, or not read. Otherwise what the system says.
pub fn open(path: &Path, most: u64) -> io::Result<Bounded<File>> {
    if is_handed_down(path) && fs::metadata(path)?.file_type().is_fifo() {
        return Ok(Bounded::new(File::open(path)?, most));
    }
    Ok(Bounded::new(open_file(path, most)?, most))
}

/// Opens the regular file that was named, to be read in any order: one of at most `most` bytes.
///
/// # Errors
/// As [`open`], of every pipe.
pub fn open_file(path: &Path, most: u64) -> io::Result<File> {
    readable(&fs::metadata(path)?, most)?;
    let mut options = OpenOptions::new();
    // Should it have been exchanged meanwhile: nobody is waited for.
    options.read(true).custom_flags(libc::O_NONBLOCK);
    let file = options.open(path)?;
    readable(&file.metadata()?, most)?;
    Ok(file)
}

/// The whole text that was named, of at most `most` bytes.
///
/// # Errors
/// As [`open`], and where it is no UTF-8.
pub fn text(path: &Path, most: u64) -> io::Result<String> {
    let mut text = String::new();
    open(path, most)?.read_to_string(&mut text)?;
    Ok(text)
}

fn is_handed_down(path: &Path) -> bool {
    let folder = path.parent();
    let among = HANDED_DOWN.iter().any(|at| folder == Some(Path::new(at)));
    among || path == Path::new("/dev/stdin")
}

fn readable(metadata: &fs::Metadata, most: u64) -> io::Result<()> {
    if let Some(what) = regular::oddity(metadata.file_type()) {
        return Err(refused(format!("{what}: it is not read")));
    }
    match metadata.len() <= most {
        true => Ok(()),
        false => Err(too_long(most)),
    }
}

fn too_long(most: u64) -> io::Error {
    refused(format!(
        "more than {most} bytes, which nothing that is expected here has"
    ))
}

fn refused(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

/// Zero bytes in a row that no text has: they come from a device, or from a hole in a file, which
/// may be of any size.
const ZEROS: u64 = 4 << 20;

/// A source that is read no further than it may be long: what goes on after that is no file of
/// the kind that was expected, and ends with an error.
#[derive(Debug)]
pub struct Bounded<R> {
    source: R,
    most: u64,
    left: u64,
    /// Zero bytes at the end of what was read.
    zeros: u64,
}

impl<R> Bounded<R> {
    /// At most `most` bytes of `source`.
    pub const fn new(source: R, most: u64) -> Bounded<R> {
        Bounded {
            source,
            most,
            left: most,
            zeros: 0,
        }
    }

    /// Counts the zero bytes with which `bytes` end.
    fn look_at(&mut self, bytes: &[u8]) -> io::Result<()> {
        let zeros = bytes.iter().rev().take_while(|byte| **byte == 0).count() as u64;
        self.zeros = match zeros == bytes.len() as u64 {
            true => self.zeros.plus(zeros),
            false => zeros,
        };
        match self.zeros > ZEROS {
            true => Err(refused(format!(
                "more than {ZEROS} zero bytes in a row: a device, or a hole, and no text"
            ))),
            false => Ok(()),
        }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => self.left = left,
            None => return Err(too_long(self.most)),
        }
        self.look_at(buffer.get(..read).unwrap_or(&[]))?;
        Ok(read)
    }
}

impl<R: Seek> Seek for Bounded<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        (self.left, self.zeros) = (self.most, 0);
        self.source.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    #[test]
    fn what_was_named_is_a_file_or_is_not_opened() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("file"), "12345").unwrap();
        symlink(at("file"), at("link")).unwrap();
        symlink("/dev/zero", at("zero")).unwrap();
        fs::create_dir(at("folder")).unwrap();
        let _listening = UnixListener::bind(at("socket")).unwrap();
        let pipe = std::process::Command::new("mkfifo")
            .arg(at("pipe"))
            .status();
        assert!(pipe.unwrap().success());
        for name in ["file", "link"] {
            assert_eq!(text(&at(name), 5).unwrap(), "12345");
            let long = text(&at(name), 4).unwrap_err().to_string();
            assert!(long.contains("more than 4 bytes"), "{long}");
        }
        for (name, what) in [
            ("zero", "a device"),
            ("folder", "a folder"),
            ("socket", "a socket"),
            ("pipe", "a pipe"),
        ] {
            for refused in [open(&at(name), 5).err(), open_file(&at(name), 5).err()] {
                let refused = refused.unwrap().to_string();
                assert!(refused.starts_with(what), "{name}: {refused}");
            }
        }
        let gone = open(&at("gone"), 5).unwrap_err();
        assert_eq!(gone.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_pipe_that_was_handed_down_is_read_as_far_as_a_file_may_be_long() {
        for (most, read) in [(5, Some("12345")), (4, None)] {
            let (ours, mut theirs) = io::pipe().unwrap();
            io::Write::write_all(&mut theirs, b"12345").unwrap();
            drop(theirs);
            for folder in HANDED_DOWN {
                open(&Path::new(folder).join(ours.as_raw_fd().to_string()), most).unwrap();
            }
            let path = format!("/dev/fd/{}", ours.as_raw_fd());
            let text = text(Path::new(&path), most);
            assert_eq!(text.ok().as_deref(), read);
        }
    }

    #[test]
    fn what_has_no_end_is_given_up() {
        for (byte, most, why) in [
            (b'6', 1_000_000, "more than 1000000 bytes"),
            (0, 1_000_000_000, "zero bytes in a row"),
        ] {
            let mut endless = Bounded::new(io::repeat(byte), most);
            let error = io::copy(&mut endless, &mut io::sink()).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
            assert!(error.to_string().contains(why), "{error}");
        }
        let mut whole = Vec::new();
        Bounded::new(&b"12345"[..], 5)
            .read_to_end(&mut whole)
            .unwrap();
        assert_eq!(whole, b"12345");
    }
}
