//! A drop box in the bank's place: `to-bank` for what we send, `from-bank` for what waits for us.
//!
//! The bank (or the sandbox) takes files out of `to-bank` as it likes. A receipt of each upload
//! stays in `receipts`, written after the file itself, so that a read-back still answers when the
//! file has been taken. Between file and receipt an upload is not yet known to have arrived: the
//! read-back looks at the file, and writes the receipt that is missing.

use crate::files::{self, Folder};
use async_trait::async_trait;
use bytes::Bytes;
use connectors::{BankLink, Error, Name, ReadBack, Remote, Result};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The largest file that is fetched: a million entries with addenda, and room.
const FETCH_BYTES: u64 = 1 << 30;

/// A [`BankLink`] over three folders.
#[derive(Clone)]
pub struct DropBox {
    to_bank: Folder,
    from_bank: Folder,
    receipts: Folder,
}

impl DropBox {
    /// The drop box in `root`, which is made where it is missing.
    ///
    /// # Errors
    /// What stands in the way of the folder.
    pub fn open(root: &Path) -> Result<DropBox> {
        Ok(DropBox {
            to_bank: Folder::open(&root.join("to-bank"))?,
            from_bank: Folder::open(&root.join("from-bank"))?,
            receipts: Folder::open(&root.join("receipts"))?,
        })
    }

    /// The folder of what we send.
    pub fn to_bank(&self) -> PathBuf {
        self.to_bank.root().to_path_buf()
    }

    /// The folder of what waits for us.
    pub fn from_bank(&self) -> PathBuf {
        self.from_bank.root().to_path_buf()
    }

    fn upload_now(&self, name: &Name, body: &[u8]) -> Result<()> {
        let arrived = ReadBack {
            size: body.len() as u64,
            sha256: files::sha256_of(body),
        };
        match self.receipt(name)? {
            Some(known) if known == arrived => return Ok(()),
            Some(_) => {
                let why = "another file was already sent under this name";
                return Err(Error::conflict(format!("upload {name}"), why));
            }
            None => {}
        }
        self.to_bank.put_new(name, body)?;
        self.confirm(name, &arrived)
    }

    fn confirm(&self, name: &Name, arrived: &ReadBack) -> Result<()> {
        let receipt = format!("{} {}\n", arrived.size, files::hex(&arrived.sha256));
        self.receipts.put_new(name, receipt.as_bytes()).map(|_| ())
    }

    fn read_back_now(&self, name: &Name) -> Result<Option<ReadBack>> {
        if let Some(known) = self.receipt(name)? {
            return Ok(Some(known));
        }
        match files::sha256(&self.to_bank.path(name)) {
            Ok((size, sha256)) => {
                // Whoever uploaded it was killed before the receipt; the bank may take the file
                // at any time, and then only the receipt can say that it was there.
                let arrived = ReadBack { size, sha256 };
                self.confirm(name, &arrived)?;
                Ok(Some(arrived))
            }
            Err(Error::NotFound { .. }) => Ok(None),
            Err(e) => Err(e),
        }
    }

    fn receipt(&self, name: &Name) -> Result<Option<ReadBack>> {
        let path = self.receipts.path(name);
        let text = match files::read(&path) {
            Ok(text) => text,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(e) => return Err(e),
        };
        let parse = || {
            let (size, hash) = std::str::from_utf8(&text)
                .ok()?
                .trim_end()
                .split_once(' ')?;
            let sha256 = files::unhex(hash)?.try_into().ok()?;
            Some(ReadBack {
                size: size.parse().ok()?,
                sha256,
            })
        };
        let damaged = || Error::corrupt(path.display().to_string(), "not a size and a SHA-256");
        parse().map(Some).ok_or_else(damaged)
    }
}

#[async_trait]
impl BankLink for DropBox {
    async fn list(&self) -> Result<Vec<Remote>> {
        let from = self.from_bank.clone();
        files::blocking(move || {
            let mut waiting = Vec::new();
            for name in from.found_names("")? {
                let path = from.found(&name)?;
                match fs::metadata(&path) {
                    Ok(found) => waiting.push(Remote {
                        name,
                        size: found.len(),
                    }),
                    Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                    Err(e) => return Err(Error::io(&path, e)),
                }
            }
            Ok(waiting)
        })
        .await
    }

    async fn fetch(&self, name: &str) -> Result<Bytes> {
        let (from, name) = (self.from_bank.clone(), name.to_owned());
        files::blocking(move || {
            let path = from.found(&name)?;
            let size = fs::metadata(&path).map_err(|e| Error::io(&path, e))?.len();
            if size > FETCH_BYTES {
                let why = format!("{size} bytes; files above {FETCH_BYTES} must be split");
                return Err(Error::invalid(format!("inbound file {name}"), why));
            }
            files::read(&path)
        })
        .await
    }

    async fn upload(&self, name: &str, body: Bytes) -> Result<()> {
        let (this, name) = (self.clone(), Name::parse(name)?);
        files::blocking(move || this.upload_now(&name, &body)).await
    }

    async fn read_back(&self, name: &str) -> Result<Option<ReadBack>> {
        let (this, name) = (self.clone(), Name::parse(name)?);
        files::blocking(move || this.read_back_now(&name)).await
    }

    async fn remove(&self, name: &str) -> Result<()> {
        let (from, name) = (self.from_bank.clone(), name.to_owned());
        files::blocking(move || {
            let path = from.found(&name)?;
            match fs::remove_file(&path) {
                Ok(()) => files::sync_folder(path.parent().unwrap_or(&path)),
                Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
                Err(e) => Err(Error::io(&path, e)),
            }
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use connectors::conformance;

    #[tokio::test]
    async fn it_is_a_bank_link() {
        let dir = tempfile::tempdir().unwrap();
        let link = DropBox::open(dir.path()).unwrap();
        let take = || fs::remove_file(link.to_bank().join("A.ach")).unwrap();
        conformance::uploads_are_sent_once_and_read_back(&link, take).await;
        let put = |name: &str, body: &[u8]| fs::write(link.from_bank().join(name), body).unwrap();
        conformance::inbound_files_stay_until_removed(&link, put).await;
    }

    #[tokio::test]
    async fn what_was_read_back_without_a_receipt_is_known_when_the_bank_has_taken_it() {
        let dir = tempfile::tempdir().unwrap();
        let link = DropBox::open(dir.path()).unwrap();
        fs::write(link.to_bank().join("A.ach"), b"101").unwrap(); // killed before the receipt
        let there = link.read_back("A.ach").await.unwrap();
        assert!(there.is_some());
        fs::remove_file(link.to_bank().join("A.ach")).unwrap();
        assert_eq!(link.read_back("A.ach").await.unwrap(), there);
    }

    #[tokio::test]
    async fn an_upload_that_was_cut_short_before_its_receipt_is_completed() {
        let dir = tempfile::tempdir().unwrap();
        let link = DropBox::open(dir.path()).unwrap();
        fs::write(link.to_bank().join("A.ach"), b"101").unwrap();
        assert_eq!(
            link.read_back("A.ach").await.unwrap().map(|r| r.size),
            Some(3)
        );
        link.upload("A.ach", Bytes::from_static(b"101"))
            .await
            .unwrap();
        fs::remove_file(link.to_bank().join("A.ach")).unwrap();
        assert_eq!(
            link.read_back("A.ach").await.unwrap().map(|r| r.size),
            Some(3)
        );
    }
}
