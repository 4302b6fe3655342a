//! What waits for us in `from-bank`.
//!
//! Files that were taken are not unlinked at once. Each goes to a hidden place beside the others,
//! is hashed there once more, and rests for a day: whoever still has it open writes to that file
//! and to no other, so what was added after it was taken comes back and is listed again.

use crate::files::{self, is_real_folder, make_folder, sync_folder};
use connectors::regular::{self, Regular};
use connectors::{Error, Fetched, Listing, Odd, ReadBack, Remote, Removed, Result};
use jiff::{SignedDuration, Timestamp};
use settlement::foreign;
use std::ffi::OsStr;
use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

/// The largest file that is fetched: a million entries with an addenda each, and room. A file
/// stands in memory while it is read.
const FETCH_BYTES: u64 = 250_000_000;

/// The longest name that is taken: what file systems take.
const NAME_BYTES: usize = 255;

/// Entries looked at in one listing; a bank puts out some dozens a day.
const MOST_ENTRIES: usize = 100_000;

/// Where files are held after they were taken.
const HELD: &str = ".held";

/// How long they are held: whoever has written to a file has closed it by the next day.
const HELD_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Times that a bank puts out the same bytes under the same name within [`HELD_FOR`].
const MOST_HELD: u32 = 1_000;

/// The folder of what waits.
#[derive(Clone)]
pub(super) struct Inbound {
    folder: PathBuf,
}

impl Inbound {
    /// The folder, which is made where it is missing.
    pub fn open(folder: &Path) -> Result<Inbound> {
        is_real_folder(folder)?;
        make_folder(folder)?;
        let folder = folder.to_path_buf();
        Ok(Inbound { folder })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What waits; what hides behind a dot is still being written, or ours.
    pub fn list(&self, now: Timestamp) -> Result<Listing> {
        is_real_folder(&self.folder)?;
        let failed = |e| Error::io(&self.folder, e);
        let mut listing = Listing {
            odd: self.look_at_held(now)?,
            ..Listing::default()
        };
        for (seen, entry) in fs::read_dir(&self.folder).map_err(failed)?.enumerate() {
            if seen >= MOST_ENTRIES {
                let why = format!("more than {MOST_ENTRIES} entries: the others come after these");
                listing.odd.push(odd(self.folder.as_os_str(), why));
                break;
            }
            match look_at(&entry.map_err(failed)?) {
                None => {}
                Some(Ok(file)) => listing.files.push(file),
                Some(Err(odd)) => listing.odd.push(odd),
            }
        }
        listing.files.sort_by(|a, b| a.name.cmp(&b.name));
        listing.odd.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(listing)
    }

    pub fn fetch(&self, file: &Remote) -> Result<Fetched> {
        let open = Regular::open(&self.place(&file.name)?)?;
        if (open.size(), open.changed()) != (file.size, file.changed) {
            return Ok(Fetched::Changed);
        }
        let body = open.read(FETCH_BYTES)?;
        Ok(body.map_or(Fetched::Changed, Fetched::Whole))
    }

    pub fn remove(&self, name: &str, taken: &ReadBack) -> Result<Removed> {
        let path = self.place(name)?;
        match has(&path, taken)? {
            None => return Ok(Removed::Gone),
            Some(false) => return Ok(Removed::Changed),
            Some(true) => {}
        }
        let held = self.hold(&path, name, taken)?;
        if has(&held, taken)? == Some(true) {
            return Ok(Removed::Removed);
        }
        put_back(&held, &path)?;
        Ok(Removed::Changed)
    }

    /// The path of a file that somebody called as they liked, as long as it stays in the folder
    /// and does not hide.
    fn place(&self, name: &str) -> Result<PathBuf> {
        is_real_folder(&self.folder)?;
        let leads_away = name.contains(['/', '\0']);
        if name.is_empty() || name.starts_with('.') || leads_away || name.len() > NAME_BYTES {
            let why = "must be a file inside the folder that does not start with a dot";
            return Err(Error::invalid(format!("file name {name:?}"), why));
        }
        Ok(self.folder.join(name))
    }

    /// Moves a file to where those are that were taken, under what it must still be there.
    fn hold(&self, path: &Path, name: &str, taken: &ReadBack) -> Result<PathBuf> {
        let all = self.folder.join(HELD);
        let content = format!("{}-{}", taken.size, files::hex(&taken.sha256));
        let slots = (0..MOST_HELD).map(|nth| all.join(format!("{content}-{nth}")));
        let mut free = slots.filter(|slot| fs::symlink_metadata(slot.join(name)).is_err());
        let Some(slot) = free.next() else {
            let why = format!("came {MOST_HELD} times within a day with the same bytes");
            return Err(Error::conflict(name, why));
        };
        self.held_is_ours()?;
        is_real_folder(&slot)?;
        make_folder(&slot)?;
        let held = slot.join(name);
        fs::rename(path, &held).map_err(|e| Error::io(path, e))?;
        for folder in [&slot, &all, &self.folder] {
            sync_folder(folder)?;
        }
        Ok(held)
    }

    /// Whether there is a place where files are held.
    fn held_is_ours(&self) -> Result<bool> {
        is_real_folder(&self.folder.join(HELD))
    }

    /// Puts back what has changed since it was taken, and lets go of what has rested long enough.
    fn look_at_held(&self, now: Timestamp) -> Result<Vec<Odd>> {
        let all = self.folder.join(HELD);
        let mut troubles = Vec::new();
        if !self.held_is_ours()? {
            return Ok(troubles);
        }
        for slot in entries(&all)? {
            for held in entries(&slot.path())? {
                if let Err(why) = self.settle(&slot, &held, now) {
                    troubles.push(odd(&held.file_name(), why.to_string()));
                }
            }
            // One that is not empty stays.
            let _ = fs::remove_dir(slot.path());
        }
        Ok(troubles)
    }

    fn settle(&self, slot: &DirEntry, held: &DirEntry, now: Timestamp) -> Result<()> {
        let path = held.path();
        let taken = slot.file_name().to_str().and_then(content);
        let same = taken.map_or(Ok(Some(false)), |taken| has(&path, &taken))?;
        match same {
            None => Ok(()),
            Some(false) => put_back(&path, &self.folder.join(held.file_name())),
            Some(true) => {
                let failed = |e| Error::io(&path, e);
                let since = regular::changed(&held.metadata().map_err(failed)?);
                if now.duration_since(since) < HELD_FOR {
                    return Ok(());
                }
                fs::remove_file(&path).map_err(failed)?;
                sync_folder(&slot.path())
            }
        }
    }
}

/// What an entry is; nothing where it hides or has gone meanwhile.
fn look_at(entry: &DirEntry) -> Option<std::result::Result<Remote, Odd>> {
    let name = entry.file_name();
    if name.as_encoded_bytes().starts_with(b".") {
        return None;
    }
    let metadata = match entry.metadata() {
        Ok(metadata) => metadata,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return None,
        Err(e) => return Some(Err(odd(&name, e.to_string()))),
    };
    if let Some(why) = regular::oddity(metadata.file_type()) {
        return Some(Err(odd(&name, why.to_owned())));
    }
    let Some(text) = name.to_str() else {
        return Some(Err(odd(&name, "its name is not UTF-8".to_owned())));
    };
    if text.len() > NAME_BYTES {
        let why = format!("its name has more than {NAME_BYTES} bytes");
        return Some(Err(odd(&name, why)));
    }
    Some(Ok(Remote {
        name: text.to_owned(),
        size: metadata.len(),
        changed: regular::changed(&metadata),
    }))
}

fn odd(name: &OsStr, why: String) -> Odd {
    let name = foreign::name(name);
    Odd { name, why }
}

fn entries(folder: &Path) -> Result<Vec<DirEntry>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        // Not a folder: nobody but us has anything there.
        Err(e) if e.kind() == io::ErrorKind::NotADirectory => return Ok(Vec::new()),
        Err(e) => return Err(Error::io(folder, e)),
    };
    let entries = entries.take(MOST_ENTRIES).collect::<io::Result<_>>();
    entries.map_err(|e| Error::io(folder, e))
}

/// What the name of a held file's folder says of its bytes.
fn content(slot: &str) -> Option<ReadBack> {
    let mut words = slot.split('-');
    let size = words.next()?.parse().ok()?;
    let sha256 = files::unhex(words.next()?)?.try_into().ok()?;
    Some(ReadBack { size, sha256 })
}

/// Whether the file at `path` has the bytes `taken`; `None` where nothing is there.
fn has(path: &Path, taken: &ReadBack) -> Result<Option<bool>> {
    let open = match Regular::open(path) {
        Ok(open) => open,
        Err(Error::NotFound { .. }) => return Ok(None),
        Err(Error::Invalid { .. }) => return Ok(Some(false)), // something else than a file
        Err(e) => return Err(e),
    };
    if open.size() != taken.size {
        return Ok(Some(false));
    }
    let (_, sha256) = files::sha256_of_open(&mut open.stream(), path)?;
    Ok(Some(sha256 == taken.sha256 && open.is_unchanged()?))
}

/// Gives a held file its name again, which must be free: a file that came since keeps it.
fn put_back(held: &Path, path: &Path) -> Result<()> {
    match fs::hard_link(held, path) {
        Ok(()) => {}
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            if !same_file(held, path)? {
                let why = "has changed since it was taken, and comes back once its name is free";
                return Err(Error::conflict(path.display().to_string(), why));
            }
        }
        Err(e) => return Err(Error::io(path, e)),
    }
    let parent = path.parent().unwrap_or(path);
    sync_folder(parent)?;
    fs::remove_file(held).map_err(|e| Error::io(held, e))
}

/// Whether both names are of one file: a run that was killed has put it back already.
fn same_file(one: &Path, other: &Path) -> Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let id = |path: &Path| {
        let found = fs::symlink_metadata(path).map_err(|e| Error::io(path, e))?;
        Ok((found.dev(), found.ino()))
    };
    Ok(id(one)? == id(other)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::OpenOptions;
    use std::io::Write;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    fn inbound() -> (tempfile::TempDir, Inbound) {
        let dir = tempfile::tempdir().unwrap();
        let inbound = Inbound::open(&dir.path().join("from-bank")).unwrap();
        (dir, inbound)
    }

    fn of(body: &[u8]) -> ReadBack {
        ReadBack {
            size: body.len() as u64,
            sha256: files::sha256_of(body),
        }
    }

    fn names(inbound: &Inbound, now: Timestamp) -> Vec<String> {
        let listed = inbound.list(now).unwrap().files.into_iter();
        listed.map(|file| file.name).collect()
    }

    #[test]
    fn what_is_no_file_is_named_and_stays_and_hides_no_other() {
        let (dir, inbound) = inbound();
        let at = |name: &str| inbound.folder().join(name);
        let secret = dir.path().join("secret");
        fs::write(&secret, "key").unwrap();
        symlink(&secret, at("link")).unwrap();
        symlink("nowhere", at("dangling")).unwrap();
        fs::create_dir(at("folder")).unwrap();
        fs::write(at("folder/inside.ach"), "101").unwrap();
        let _socket = UnixListener::bind(at("socket")).unwrap();
        let raw = OsStr::from_bytes(b"re\xffturns.ach");
        fs::write(inbound.folder().join(raw), "101").unwrap();
        fs::write(at(&"n".repeat(255)), "101").unwrap();
        fs::write(at("good.ach"), "101").unwrap();
        let listing = inbound.list(Timestamp::UNIX_EPOCH).unwrap();
        let odd: Vec<&str> = listing.odd.iter().map(|odd| odd.name.as_str()).collect();
        let expected = ["dangling", "folder", "link", "re\\xffturns.ach", "socket"];
        assert_eq!(odd, expected);
        let files: Vec<&str> = listing.files.iter().map(|f| f.name.as_str()).collect();
        assert_eq!(files, ["good.ach", &"n".repeat(255)]);
        let of_link = Remote {
            name: "link".to_owned(),
            ..listing.files[0].clone()
        };
        assert!(matches!(
            inbound.fetch(&of_link),
            Err(Error::Invalid { .. })
        ));
        let removed = inbound.remove("link", &of(b"key")).unwrap();
        assert!(removed == Removed::Changed && secret.exists() && at("link").is_symlink());
    }

    #[test]
    fn a_writer_that_still_has_the_file_open_loses_nothing() {
        let (_dir, inbound) = inbound();
        let path = inbound.folder().join("half.ach");
        fs::write(&path, "101").unwrap();
        let mut writer = OpenOptions::new().append(true).open(&path).unwrap();
        let removed = inbound.remove("half.ach", &of(b"101")).unwrap();
        assert_eq!(removed, Removed::Removed);
        assert_eq!(names(&inbound, Timestamp::UNIX_EPOCH), [""; 0]);
        writer.write_all(b" 076").unwrap();
        // Its name is taken: what came since is taken first.
        fs::write(&path, "other").unwrap();
        let listing = inbound.list(Timestamp::UNIX_EPOCH).unwrap();
        assert!(listing.odd[0].why.contains("once its name is free"));
        let removed = inbound.remove("half.ach", &of(b"other")).unwrap();
        assert_eq!(removed, Removed::Removed);
        assert_eq!(names(&inbound, Timestamp::UNIX_EPOCH), ["half.ach"]);
        assert_eq!(fs::read(&path).unwrap(), b"101 076");
    }

    #[test]
    fn what_was_taken_rests_for_a_day_and_is_let_go() {
        let (_dir, inbound) = inbound();
        let path = inbound.folder().join("a.ach");
        for _ in 0..2 {
            fs::write(&path, "101").unwrap();
            let removed = inbound.remove("a.ach", &of(b"101")).unwrap();
            assert_eq!(removed, Removed::Removed);
        }
        let held = || entries(&inbound.folder().join(HELD)).unwrap().len();
        names(&inbound, Timestamp::UNIX_EPOCH);
        assert_eq!(held(), 2, "the same bytes came twice");
        names(&inbound, Timestamp::MAX);
        assert_eq!(held(), 0);
        assert_eq!(inbound.remove("a.ach", &of(b"101")).unwrap(), Removed::Gone);
    }

    #[test]
    fn a_link_in_the_place_where_files_are_held_leads_nothing_away() {
        let (dir, inbound) = inbound();
        fs::write(inbound.folder().join("a.ach"), "101").unwrap();
        fs::create_dir(dir.path().join("elsewhere")).unwrap();
        symlink(dir.path().join("elsewhere"), inbound.folder().join(HELD)).unwrap();
        let refused = inbound.remove("a.ach", &of(b"101"));
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        assert!(inbound.folder().join("a.ach").exists());
    }

    #[test]
    fn a_file_that_is_not_as_it_was_listed_is_not_read() {
        let (_dir, inbound) = inbound();
        let path = inbound.folder().join("a.ach");
        fs::write(&path, "101").unwrap();
        let listed = inbound.list(Timestamp::UNIX_EPOCH).unwrap().files.remove(0);
        let whole = inbound.fetch(&listed).unwrap();
        assert_eq!(whole, Fetched::Whole("101".into()));
        fs::write(&path, "101 076").unwrap();
        assert_eq!(inbound.fetch(&listed).unwrap(), Fetched::Changed);
        let file = fs::File::create(&path).unwrap();
        file.set_len(FETCH_BYTES + 1).unwrap();
        let listed = inbound.list(Timestamp::UNIX_EPOCH).unwrap().files.remove(0);
        let large = inbound.fetch(&listed);
        assert!(matches!(large, Err(Error::Invalid { .. })), "{large:?}");
    }
}
