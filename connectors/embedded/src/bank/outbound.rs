//! What we send, in `to-bank`.
//!
//! What arrived is what stands there, byte by byte. The bank takes it away sooner or later; then
//! only a note of ours, in `receipts`, can say that it was there. So a receipt is written when the
//! file itself was read back and agreed, and asked only when there is no file any more: a receipt
//! that is torn or says something else blocks no file that stands.
//!
//! Between the moment in which a file gets its name there and its receipt a process may die, and
//! the bank may take the file. So a file is whole in `.sending` first, then a note in `.begun`
//! says that it is about to go, and then it moves, in one step: a note without the file beside it
//! is one that went, or may have gone, and is never sent again by itself.

use crate::files::{self, Folder, is_real_folder, make_folder, sync_folder};
use connectors::regular::Regular;
use connectors::{Error, Name, ReadBack, Result, Standing};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use tempfile::TempPath;

/// Where things of strangers are put that had a name of ours.
const ASIDE: &str = ".aside";

/// Where a file is whole before it gets its name at the bank: beside it, to move in one step.
pub(super) const SENDING: &str = ".sending";

/// Where it is noted that a file is about to go.
pub(super) const BEGUN: &str = ".begun";

/// Things put aside under one name, at most.
const MOST_ASIDE: u32 = 1_000;

/// The longest receipt: two numbers.
const RECEIPT_BYTES: u64 = 128;

/// The folders of what we send and of what we know of it.
#[derive(Clone)]
pub(super) struct Outbound {
    to_bank: Folder,
    receipts: Folder,
    sending: Folder,
    begun: Folder,
}

impl Outbound {
    /// The two folders, which are made where they are missing.
    pub fn open(to_bank: &Path, receipts: &Path) -> Result<Outbound> {
        is_real_folder(to_bank)?;
        is_real_folder(receipts)?;
        Ok(Outbound {
            to_bank: Folder::open(to_bank)?,
            receipts: Folder::open(receipts)?,
            sending: Folder::over(&to_bank.join(SENDING)),
            begun: Folder::over(&receipts.join(BEGUN)),
        })
    }

    pub fn to_bank(&self) -> &Path {
        self.to_bank.root()
    }

    pub fn receipts(&self) -> &Path {
        self.receipts.root()
    }

    /// Whoever may write to the drop box may have exchanged a folder for a link since.
    fn is_ours(&self) -> Result<()> {
        for folder in [&self.to_bank, &self.receipts, &self.sending, &self.begun] {
            is_real_folder(folder.root())?;
        }
        Ok(())
    }

    pub fn upload(&self, name: &Name, body: &[u8]) -> Result<()> {
        self.is_ours()?;
        let sent = ReadBack {
            size: body.len() as u64,
            sha256: files::sha256_of(body),
        };
        if self.read_back(name, &sent)? == Standing::Nothing {
            self.send(name, body, &sent)?;
            // The bank may have taken it already: it was whole when it got its name.
            if self.there(name, &sent)? == Standing::Nothing {
                return self.confirm(name, &sent);
            }
        }
        match self.read_back(name, &sent)? {
            Standing::File(there) if there == sent => Ok(()),
            _ => {
                let why = "something else has this name at the bank";
                Err(Error::conflict(format!("upload {name}"), why))
            }
        }
    }

    /// Gives a file its name at the bank, unless something has it: then nothing of ours has gone.
    fn send(&self, name: &Name, body: &[u8], sent: &ReadBack) -> Result<()> {
        let path = self.to_bank.path(name);
        self.sending.replace(name, body)?;
        self.begun.replace(name, receipt_of(sent).as_bytes())?;
        let whole = self.sending.path(name);
        let whole = TempPath::try_from_path(&whole).map_err(|e| Error::io(&whole, e))?;
        // One step, but where the file system has no such: then a file that went may be there
        // still, and is sent again.
        let Err(refused) = whole.persist_noclobber(&path) else {
            sync_folder(self.to_bank())?;
            return sync_folder(self.sending.root());
        };
        // Before the whole file goes: a note alone would say that it went.
        self.forget_begun(name)?;
        drop(refused.path);
        match refused.error.kind() {
            ErrorKind::AlreadyExists => Ok(()),
            _ => Err(Error::io(&path, refused.error)),
        }
    }

    fn forget_begun(&self, name: &Name) -> Result<()> {
        let note = self.begun.path(name);
        match fs::remove_file(&note) {
            Ok(()) => sync_folder(self.begun.root()),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
            Err(e) => Err(Error::io(&note, e)),
        }
    }

    pub fn said_to_be_taken(&self, name: &Name, sent: &ReadBack) -> Result<()> {
        self.is_ours()?;
        match self.there(name, sent)? {
            Standing::Nothing => self.confirm(name, sent),
            _ => Err(Error::conflict(
                format!("upload {name}"),
                "something stands at the bank under this name: it was not taken",
            )),
        }
    }

    pub fn read_back(&self, name: &Name, sent: &ReadBack) -> Result<Standing> {
        self.is_ours()?;
        match self.there(name, sent)? {
            Standing::Nothing => self.taken(name),
            Standing::File(there) if there == *sent => {
                self.confirm(name, sent)?;
                Ok(Standing::File(there))
            }
            other => Ok(other),
        }
    }

    pub fn set_aside(&self, name: &Name, sent: &ReadBack) -> Result<Option<String>> {
        self.is_ours()?;
        let stranger = |standing: &Standing| match standing {
            Standing::Nothing => false,
            Standing::File(there) => there != sent,
            Standing::Other(_) | Standing::Unknown(_) => true,
        };
        let mut moved = None;
        if stranger(&self.there(name, sent)?) {
            moved = Some(move_aside(&self.to_bank, name)?);
        }
        if stranger(&self.taken(name)?) {
            let noted = match exists(&self.receipts.path(name))? {
                true => move_aside(&self.receipts, name)?,
                false => move_aside(&self.begun, name)?,
            };
            moved.get_or_insert(noted);
        }
        Ok(moved)
    }

    /// What stands there now.
    fn there(&self, name: &Name, sent: &ReadBack) -> Result<Standing> {
        let path = self.to_bank.path(name);
        let open = match Regular::open(&path) {
            Ok(open) => open,
            Err(Error::NotFound { .. }) => return Ok(Standing::Nothing),
            Err(Error::Invalid { why, .. }) => return Ok(Standing::Other(why)),
            // What we send we can read.
            Err(Error::Denied { why, .. }) => return Ok(Standing::Other(why)),
            Err(e) => return Err(e),
        };
        if open.size() != sent.size {
            let why = format!("{} bytes where {} are ours", open.size(), sent.size);
            return Ok(Standing::Other(why));
        }
        let (size, sha256) = files::sha256_of_open(&mut open.stream(), &path)?;
        Ok(Standing::File(ReadBack { size, sha256 }))
    }

    /// What stood there when the bank took it.
    fn taken(&self, name: &Name) -> Result<Standing> {
        let unknown = || {
            let why = "nothing stands there, and our receipt cannot be read: it is not known \
                       whether the bank has taken the file";
            Standing::Unknown(why.to_owned())
        };
        let text =
            match Regular::open(&self.receipts.path(name)).map(|open| open.read(RECEIPT_BYTES)) {
                Ok(Ok(Some(text))) => text,
                Err(Error::NotFound { .. }) => return self.unread(name),
                Ok(Ok(None) | Err(Error::Invalid { .. })) | Err(Error::Invalid { .. }) => {
                    return Ok(unknown());
                }
                Ok(Err(e)) | Err(e) => return Err(e),
            };
        Ok(receipt(&text).map_or_else(unknown, Standing::File))
    }

    /// What is known where nothing stands there and nothing was read back.
    fn unread(&self, name: &Name) -> Result<Standing> {
        if !exists(&self.begun.path(name))? || exists(&self.sending.path(name))? {
            return Ok(Standing::Nothing);
        }
        let why = "nothing stands there, and its upload had begun: it is not known whether the \
                   bank has taken the file";
        Ok(Standing::Unknown(why.to_owned()))
    }

    fn confirm(&self, name: &Name, arrived: &ReadBack) -> Result<()> {
        let text = receipt_of(arrived);
        match self.receipts.put_new(name, text.as_bytes()) {
            // A torn one, or one of something else that stood there before.
            Err(Error::Conflict { .. }) => self.receipts.replace(name, text.as_bytes()),
            written => written.map(|_| ()),
        }?;
        self.forget_begun(name)
    }
}

/// What the receipts in a folder say, by name.
pub(crate) fn receipts_in(folder: &Path) -> Result<Vec<(String, Option<ReadBack>)>> {
    if !is_real_folder(folder)? {
        return Ok(Vec::new());
    }
    let folder = Folder::over(folder);
    let mut all = Vec::new();
    for name in folder.list("")? {
        let text = match Regular::open(&folder.path(&name)) {
            Ok(open) => open.read(RECEIPT_BYTES).ok().flatten(),
            Err(Error::Invalid { .. } | Error::Denied { .. }) => None,
            Err(Error::NotFound { .. }) => continue,
            Err(other) => return Err(other),
        };
        all.push((name.into(), text.and_then(|text| receipt(&text))));
    }
    Ok(all)
}

/// Whether anything has this path; a link is not followed.
fn exists(path: &Path) -> Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(false),
        Err(e) => Err(Error::io(path, e)),
    }
}

fn receipt_of(arrived: &ReadBack) -> String {
    format!("{} {}\n", arrived.size, files::hex(&arrived.sha256))
}

fn receipt(text: &[u8]) -> Option<ReadBack> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('\n')?;
    let (size, hash) = text.split_once(' ')?;
    Some(ReadBack {
        size: size.parse().ok()?,
        sha256: files::unhex(hash)?.try_into().ok()?,
    })
}

/// Moves whatever has the name to a hidden place beside it; says where.
fn move_aside(folder: &Folder, name: &Name) -> Result<String> {
    let (from, aside) = (folder.path(name), folder.root().join(ASIDE));
    is_real_folder(&aside)?;
    make_folder(&aside)?;
    let names = (1..=MOST_ASIDE).map(|nth| aside.join(format!("{name}.{nth}")));
    let mut free = names.filter(|path| fs::symlink_metadata(path).is_err());
    let Some(to) = free.next() else {
        let why = format!("{MOST_ASIDE} were put aside already; look at them and remove them");
        return Err(Error::conflict(name.as_str(), why));
    };
    fs::rename(&from, &to).map_err(|e| Error::io(&from, e))?;
    sync_folder(&aside)?;
    sync_folder(folder.root())?;
    Ok(to.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbound(dir: &Path) -> Outbound {
        Outbound::open(&dir.join("to-bank"), &dir.join("receipts")).unwrap()
    }

    fn of(body: &[u8]) -> ReadBack {
        ReadBack {
            size: body.len() as u64,
            sha256: files::sha256_of(body),
        }
    }

    #[test]
    fn what_was_read_back_without_a_receipt_is_known_when_the_bank_has_taken_it() {
        let dir = tempfile::tempdir().unwrap();
        let (link, name) = (outbound(dir.path()), Name::parse("A.ach").unwrap());
        let (path, sent) = (link.to_bank.path(&name), of(b"101"));
        for torn in [None, Some(""), Some("3 ab"), Some("3 abcd\n")] {
            fs::write(&path, b"101").unwrap(); // killed before the receipt
            if let Some(torn) = torn {
                fs::write(link.receipts.path(&name), torn).unwrap();
            }
            let whole = Standing::File(sent);
            assert_eq!(link.read_back(&name, &sent).unwrap(), whole, "{torn:?}");
            fs::remove_file(&path).unwrap();
            assert_eq!(link.read_back(&name, &sent).unwrap(), whole, "{torn:?}");
            link.upload(&name, b"101").unwrap();
            assert!(!path.exists(), "{torn:?}: it is not sent twice");
        }
    }

    #[test]
    fn the_file_that_stands_is_read_whatever_the_receipt_says() {
        let dir = tempfile::tempdir().unwrap();
        let (link, name) = (outbound(dir.path()), Name::parse("A.ach").unwrap());
        link.upload(&name, b"101").unwrap();
        fs::write(link.to_bank.path(&name), b"999").unwrap();
        let there = link.read_back(&name, &of(b"101")).unwrap();
        assert_eq!(there, Standing::File(of(b"999")));
    }

    #[test]
    fn a_torn_receipt_of_a_file_that_is_gone_is_not_taken_for_none() {
        let dir = tempfile::tempdir().unwrap();
        let (link, name) = (outbound(dir.path()), Name::parse("A.ach").unwrap());
        fs::write(link.receipts.path(&name), "torn").unwrap();
        let standing = link.read_back(&name, &of(b"101")).unwrap();
        assert!(matches!(standing, Standing::Unknown(_)), "{standing:?}");
        assert!(link.upload(&name, b"101").is_err());
        assert!(link.set_aside(&name, &of(b"101")).unwrap().is_some());
        link.upload(&name, b"101").unwrap();
    }

    /// Who is killed between its steps, by what it has left.
    #[test]
    fn what_may_have_gone_is_never_sent_again_by_itself() {
        let dir = tempfile::tempdir().unwrap();
        let (link, name) = (outbound(dir.path()), Name::parse("A.ach").unwrap());
        let (path, sent) = (link.to_bank.path(&name), of(b"101"));
        let note = || link.begun.replace(&name, b"").unwrap();
        link.sending.replace(&name, b"10").unwrap(); // killed before the note, or with it
        for noted in [false, true] {
            if noted {
                note();
            }
            assert_eq!(link.read_back(&name, &sent).unwrap(), Standing::Nothing);
        }
        link.upload(&name, b"101").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"101");
        assert!(!exists(&link.begun.path(&name)).unwrap());
        assert!(!exists(&link.sending.path(&name)).unwrap());
        // Killed after the step and before the receipt; and the bank takes the file.
        for said in [true, false] {
            fs::remove_file(link.receipts.path(&name)).unwrap();
            fs::remove_file(&path).unwrap();
            note();
            let standing = link.read_back(&name, &sent).unwrap();
            assert!(matches!(standing, Standing::Unknown(_)), "{standing:?}");
            assert!(link.upload(&name, b"101").is_err(), "it is not sent twice");
            assert!(!path.exists());
            if said {
                link.said_to_be_taken(&name, &sent).unwrap();
                let whole = Standing::File(sent);
                assert_eq!(link.read_back(&name, &sent).unwrap(), whole);
            } else {
                assert!(link.set_aside(&name, &sent).unwrap().is_some());
            }
            link.upload(&name, b"101").unwrap();
            assert_ne!(path.exists(), said, "the bank says that it has it");
            fs::write(&path, b"101").unwrap();
        }
        assert!(
            link.said_to_be_taken(&name, &sent).is_err(),
            "it stands there"
        );
        assert_eq!(
            receipts_in(link.receipts()).unwrap(),
            [("A.ach".to_owned(), Some(sent))]
        );
    }

    #[test]
    fn what_is_no_file_under_our_name_is_neither_followed_nor_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let (link, name) = (outbound(dir.path()), Name::parse("A.ach").unwrap());
        let (path, elsewhere) = (link.to_bank.path(&name), dir.path().join("elsewhere"));
        fs::write(&elsewhere, b"101").unwrap();
        let make: [&dyn Fn(); 3] = [
            &|| std::os::unix::fs::symlink(&elsewhere, &path).unwrap(),
            &|| fs::create_dir(&path).unwrap(),
            &|| drop(std::os::unix::net::UnixListener::bind(&path).unwrap()),
        ];
        for make in make {
            make();
            let standing = link.read_back(&name, &of(b"101")).unwrap();
            assert!(matches!(standing, Standing::Other(_)), "{standing:?}");
            let refused = link.upload(&name, b"101");
            assert!(
                matches!(refused, Err(Error::Conflict { .. })),
                "{refused:?}"
            );
            let moved = link.set_aside(&name, &of(b"101")).unwrap().unwrap();
            assert!(fs::symlink_metadata(moved).is_ok());
            link.upload(&name, b"101").unwrap();
            fs::remove_file(&path).unwrap();
            fs::remove_file(link.receipts.path(&name)).unwrap();
        }
        assert_eq!(link.set_aside(&name, &of(b"101")).unwrap(), None);
    }
}
