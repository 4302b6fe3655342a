//! Files that are either whole and durable or not there.
//!
//! A file is written beside its place, fsynced, and then linked to its name. A link fails where
//! the name is taken, so two writers of one name cannot both believe they wrote it, and nobody
//! ever sees half a file. The folder is fsynced last; after that a power cut changes nothing.

use aws_lc_rs::digest;
use bytes::Bytes;
use connectors::regular::{self, Regular};
use connectors::{BANKS, Error, Name, Put, Result};
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Bytes read at once when streaming.
const CHUNK_BYTES: usize = 1 << 20;

/// Where files are before they have their names.
pub(crate) const UNFINISHED: &str = ".unfinished";

/// Back to the start of a file that somebody has written.
pub(super) fn rewind(file: &mut File) -> Result<()> {
    file.rewind()
        .map_err(|e| Error::io(Path::new("a temporary file"), e))
}

/// Throws away what runs that were killed have left unfinished in `root`. Callers are alone in the
/// installation (`store/users`): nobody is writing.
pub(crate) fn discard_unfinished(root: &Path) -> Result<()> {
    let unfinished = root.join(UNFINISHED);
    if !is_real_folder(&unfinished)? {
        return Ok(()); // nothing was ever written here
    }
    for entry in fs::read_dir(&unfinished).map_err(|e| Error::io(&unfinished, e))? {
        let path = entry.map_err(|e| Error::io(&unfinished, e))?.path();
        fs::remove_file(&path).map_err(|e| Error::io(&path, e))?;
    }
    Ok(())
}

/// Makes a folder and those above it that are missing, for their owner alone: files to the bank
/// carry account numbers. A folder that is there keeps the rights that somebody gave it.
pub(super) fn make_folder(at: &Path) -> Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(at)
        .map_err(|e| in_the_way(at).unwrap_or_else(|| Error::io(at, e)))
}

/// What stands where a folder must be, or one above it: it is named as what it is.
fn in_the_way(at: &Path) -> Option<Error> {
    let found = |at: &Path| Some((at.to_path_buf(), fs::metadata(at).ok()?));
    let (path, found) = at.ancestors().find_map(found)?;
    if found.is_dir() {
        return None;
    }
    let what = regular::oddity(found.file_type()).unwrap_or("a file");
    let why = format!("{what}, where a folder must be: move it away, and run the same again");
    Some(Error::invalid(path.display().to_string(), why))
}

/// Whether there is a folder at `path`. Whoever may write beside it might have put a link there,
/// which would lead what we write, move or throw away to a place of somebody else's.
///
/// # Errors
/// [`Error::Invalid`] where something else stands there; it is not followed.
pub(super) fn is_real_folder(path: &Path) -> Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => Ok(true),
        Ok(found) => {
            let what = match found.file_type() {
                kind if kind.is_symlink() => "a link, which is not followed",
                kind if kind.is_file() => "a file",
                kind => connectors::regular::oddity(kind).unwrap_or("no folder"),
            };
            let why = format!("{what}: must be a folder of ours; move what has its name");
            Err(Error::invalid(path.display().to_string(), why))
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(Error::io(path, e)),
    }
}

/// What nobody but the owner may have.
const OTHERS: u32 = 0o077;

/// Takes from others what they may do with `path`; a link is left to what it leads to.
pub(super) fn make_private(path: &Path) -> Result<()> {
    let failed = |e| Error::io(path, e);
    let found = fs::symlink_metadata(path).map_err(failed)?;
    let mode = found.permissions().mode();
    if found.is_symlink() || mode & OTHERS == 0 {
        return Ok(());
    }
    fs::set_permissions(path, Permissions::from_mode(mode & !OTHERS)).map_err(failed)
}

/// As [`make_private`], with everything below `root`.
pub(super) fn make_all_private(root: &Path) -> Result<()> {
    let mut waiting = vec![root.to_path_buf()];
    while let Some(path) = waiting.pop() {
        make_private(&path)?;
        let kind = fs::symlink_metadata(&path).map_err(|e| Error::io(&path, e))?;
        if kind.is_dir() {
            for entry in fs::read_dir(&path).map_err(|e| Error::io(&path, e))? {
                waiting.push(entry.map_err(|e| Error::io(&path, e))?.path());
            }
        }
    }
    Ok(())
}

/// Options that make a file which only its owner reads.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// A folder of named files with a side folder for unfinished ones.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    root: PathBuf,
    unfinished: PathBuf,
}

impl Folder {
    /// The folder `root` with unfinished files in `root/.unfinished`; both are made.
    pub fn open(root: &Path) -> Result<Folder> {
        let unfinished = root.join(UNFINISHED);
        is_real_folder(&unfinished)?;
        make_folder(&unfinished)?;
        Ok(Folder {
            root: root.to_path_buf(),
            unfinished,
        })
    }

    /// The folder `root` as it stands: nothing is made before something is written.
    pub fn over(root: &Path) -> Folder {
        Folder {
            root: root.to_path_buf(),
            unfinished: root.join(UNFINISHED),
        }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether there is anything, `except`, hidden files and what is other banks' apart.
    pub fn holds_more_than(&self, except: &str) -> Result<bool> {
        let entries = match fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(e) => return Err(Error::io(&self.root, e)),
        };
        for entry in entries {
            let name = entry.map_err(|e| Error::io(&self.root, e))?.file_name();
            let is_own = name != except && name != BANKS;
            if is_own && !name.as_encoded_bytes().starts_with(b".") {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The path of `name`.
    pub fn path(&self, name: &Name) -> PathBuf {
        self.root.join(name.as_str())
    }

    /// As [`Folder::path`], to be read: no link leads there.
    pub fn way_to(&self, name: &Name) -> Result<PathBuf> {
        let path = self.path(name);
        self.follows_no_link(path.parent().unwrap_or(&path))?;
        Ok(path)
    }

    /// Refuses a name below which other banks keep what is theirs.
    fn is_own(&self, name: &Name) -> Result<()> {
        match name.split('/').next() {
            Some(BANKS) => Err(Error::invalid(
                name.as_str(),
                "names below banks/ are other banks'",
            )),
            _ => Ok(()),
        }
    }

    /// Writes `body` under a name that is free or has the same bytes.
    pub fn put_new(&self, name: &Name, body: &[u8]) -> Result<Put> {
        self.put_new_from(name, &mut &body[..])
    }

    /// Writes what `source` reads under a name that is free or has the same bytes.
    pub fn put_new_from(&self, name: &Name, source: &mut dyn Read) -> Result<Put> {
        self.is_own(name)?;
        let path = self.path(name);
        let temporary = self.write_temporary(source)?;
        let parent = self.make_parent(&path)?;
        match fs::hard_link(temporary.path(), &path) {
            Ok(()) => sync_folder(parent).map(|()| Put::Written),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                if !same_bytes(temporary.path(), &path)? {
                    return Err(Error::conflict(
                        name.as_str(),
                        "other bytes already have this name",
                    ));
                }
                // A run that crashed may have linked it without getting here.
                sync_folder(parent).map(|()| Put::Same)
            }
            Err(e) => Err(Error::io(&path, e)),
        }
    }

    /// Writes `body` in the place of whatever has the name. Callers hold their own lock.
    pub fn replace(&self, name: &Name, body: &[u8]) -> Result<()> {
        self.is_own(name)?;
        let path = self.path(name);
        let temporary = self.write_temporary(&mut &body[..])?;
        let parent = self.make_parent(&path)?;
        temporary
            .persist(&path)
            .map_err(|e| Error::io(&path, e.error))?;
        sync_folder(parent)
    }

    fn write_temporary(&self, source: &mut dyn Read) -> Result<tempfile::NamedTempFile> {
        let failed = |e| Error::io(&self.unfinished, e);
        if !is_real_folder(&self.unfinished)? {
            make_folder(&self.unfinished)?;
        }
        let mut temporary = tempfile::NamedTempFile::new_in(&self.unfinished).map_err(failed)?;
        io::copy(source, temporary.as_file_mut()).map_err(failed)?;
        temporary.as_file().sync_all().map_err(failed)?;
        Ok(temporary)
    }

    /// Refuses a way to `folder` on which a link stands, from the root on: where the root itself
    /// lies is for whoever named its address to say.
    fn follows_no_link(&self, folder: &Path) -> Result<()> {
        let below = |folder: &&Path| folder.starts_with(&self.root) && *folder != self.root;
        for folder in folder.ancestors().take_while(below) {
            is_real_folder(folder)?;
        }
        Ok(())
    }

    /// Makes the folder of `path`, durably.
    fn make_parent<'a>(&self, path: &'a Path) -> Result<&'a Path> {
        let parent = path.parent().unwrap_or(path);
        self.follows_no_link(parent)?;
        if !parent.is_dir() {
            make_folder(parent)?;
            for folder in parent.ancestors().take_while(|f| f.starts_with(&self.root)) {
                sync_folder(folder)?;
            }
        }
        Ok(parent)
    }

    /// The names of objects that start with `prefix`, sorted. What no name fits was not written
    /// through the port and is none of ours.
    pub fn list(&self, prefix: &str) -> Result<Vec<Name>> {
        let within = prefix.rsplit_once('/').map_or("", |(folder, _)| folder);
        let start = if within.is_empty() {
            self.root.clone()
        } else {
            self.path(&Name::parse(within)?)
        };
        self.follows_no_link(&start)?;
        let mut names = Vec::new();
        let mut folders = vec![start];
        while let Some(folder) = folders.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
                Err(e) => return Err(Error::io(&folder, e)),
            };
            for entry in entries {
                let entry = entry.map_err(|e| Error::io(&folder, e))?;
                let kind = entry.file_type().map_err(|e| Error::io(&folder, e))?;
                let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
                match (hidden, kind.is_dir()) {
                    (true, _) => {}
                    // Another bank's: it has a folder of its own there.
                    (false, true) if entry.path() == self.root.join(BANKS) => {}
                    (false, true) => folders.push(entry.path()),
                    (false, false) => names.extend(self.name(&entry.path())),
                }
            }
        }
        names.retain(|name| name.starts_with(prefix));
        names.sort_unstable();
        Ok(names)
    }

    fn name(&self, path: &Path) -> Option<Name> {
        let name = path.strip_prefix(&self.root).ok()?.to_str()?;
        Name::parse(name).ok()
    }
}

/// Fsyncs a folder, so that the names in it are durable.
pub(super) fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder)
        .and_then(|f| f.sync_all())
        .map_err(|e| Error::io(folder, e))
}

/// The largest file of the store that is read whole: a journal, which ends with the batch after
/// 64 MiB.
const STORE_BYTES: u64 = 192 << 20;

/// The whole of a file of the store.
pub(super) fn read(path: &Path) -> Result<Bytes> {
    read_at_most(path, STORE_BYTES)
}

/// The whole file, which is regular and has at most `most` bytes: whatever else stands there is
/// neither followed, waited for nor read.
pub(super) fn read_at_most(path: &Path, most: u64) -> Result<Bytes> {
    let open = Regular::open(path)?;
    if open.size() > most {
        let size = open.size();
        let why = format!("{size} bytes, and what belongs there has at most {most}");
        return Err(Error::corrupt(path.display().to_string(), why));
    }
    let whole = open.read(most)?;
    whole.ok_or_else(|| Error::corrupt(path.display().to_string(), "it changed while it was read"))
}

/// Copies a file into a new one, durably, and answers its size.
pub(super) fn copy_to_new(from: &Path, to: &Path) -> Result<u64> {
    let source = Regular::open(from)?;
    let mut target = match private().write(true).create_new(true).open(to) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            return Err(Error::conflict(
                to.display().to_string(),
                "the file is already there",
            ));
        }
        opened => opened.map_err(|e| Error::io(to, e))?,
    };
    let copied = io::copy(&mut source.stream(), &mut target).and_then(|size| {
        target.flush()?;
        target.sync_all()?;
        Ok(size)
    });
    copied.map_err(|e| {
        let _ = fs::remove_file(to);
        Error::io(to, e)
    })
}

/// Size and SHA-256 of a file, streamed.
pub(super) fn sha256(path: &Path) -> Result<(u64, [u8; 32])> {
    sha256_of_open(&mut Regular::open(path)?.stream(), path)
}

/// Size and SHA-256 of what an open file still holds; `path` is for the message.
pub(super) fn sha256_of_open(file: &mut dyn Read, path: &Path) -> Result<(u64, [u8; 32])> {
    let failed = |e| Error::io(path, e);
    let mut context = digest::Context::new(&digest::SHA256);
    let (mut chunk, mut size) = (vec![0; CHUNK_BYTES], 0);
    loop {
        let read = file.read(&mut chunk).map_err(failed)?;
        let Some(bytes) = chunk.get(..read).filter(|b| !b.is_empty()) else {
            break;
        };
        context.update(bytes);
        size += read as u64;
    }
    Ok((size, as_hash(context.finish())))
}

/// SHA-256 of bytes in memory.
pub(super) fn sha256_of(bytes: &[u8]) -> [u8; 32] {
    as_hash(digest::digest(&digest::SHA256, bytes))
}

fn as_hash(digest: digest::Digest) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest.as_ref());
    hash
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    bytes
        .iter()
        .flat_map(|b| [digit(b >> 4), digit(*b)])
        .collect()
}

/// The bytes of hexadecimal digits.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect();
    let digits = digits.filter(|d| d.len().is_multiple_of(2))?;
    Some(
        digits
            .chunks_exact(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect(),
    )
}

/// Whether a file of ours has the bytes of what has its name already, whatever that is.
fn same_bytes(ours: &Path, there: &Path) -> Result<bool> {
    let size = fs::metadata(ours).map_err(|e| Error::io(ours, e))?.len();
    let open = match Regular::open(there) {
        Ok(open) => open,
        Err(Error::Invalid { .. }) => return Ok(false), // no file at all
        Err(e) => return Err(e),
    };
    Ok(size == open.size() && sha256(ours)?.1 == sha256_of_open(&mut open.stream(), there)?.1)
}

/// Runs file work off the async threads.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|e| Error::unavailable("file work", e))?
}
