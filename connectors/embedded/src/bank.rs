//! A drop box in the bank's place: `to-bank` for what we send, `from-bank` for what waits for us.
//!
//! The bank (or the sandbox) puts files into `from-bank` and takes files out of `to-bank` as it
//! likes, and so may anybody else who has rights there. Nothing in either folder is followed,
//! waited for or believed by its name: what is taken in is in `inbound.rs`, what is sent and read
//! back in `outbound.rs`.

mod inbound;
mod outbound;

use crate::clock::SystemClock;
use crate::files;
use crate::site::is_folder;
use async_trait::async_trait;
use bytes::Bytes;
use connectors::{
    BankLink, Clock, Fetched, Listing, Name, ReadBack, Remote, Removed, Result, Standing,
};
use inbound::Inbound;
use outbound::Outbound;
pub(crate) use outbound::receipts_in;
use std::path::{Path, PathBuf};

/// The folders of a drop box.
const TO_BANK: &str = "to-bank";
const FROM_BANK: &str = "from-bank";
pub(crate) const RECEIPTS: &str = "receipts";

/// The folders of a drop box in which files are written.
pub(crate) fn written(bank: &Path) -> [PathBuf; 5] {
    let [to_bank, receipts] = [TO_BANK, RECEIPTS].map(|name| bank.join(name));
    let (sending, begun) = (
        to_bank.join(outbound::SENDING),
        receipts.join(outbound::BEGUN),
    );
    [bank.join(FROM_BANK), to_bank, sending, receipts, begun]
}

/// Refuses a drop box without its folders, which init makes: without them the bank's answers, or
/// what it took, are out of sight, and a day looks like one without any.
pub(crate) fn is_open(bank: &Path) -> Result<()> {
    is_folder("bank", bank)?;
    [FROM_BANK, TO_BANK, RECEIPTS]
        .iter()
        .try_for_each(|name| is_folder("drop box", &bank.join(name)))
}

/// A [`BankLink`] over three folders.
#[derive(Clone)]
pub struct DropBox {
    root: PathBuf,
    outbound: Outbound,
    inbound: Inbound,
}

impl DropBox {
    /// The drop box in `root`, which is made where it is missing.
    ///
    /// # Errors
    /// What stands in the way of the folder.
    pub fn open(root: &Path) -> Result<DropBox> {
        Ok(DropBox {
            root: root.to_path_buf(),
            outbound: Outbound::open(&root.join(TO_BANK), &root.join(RECEIPTS))?,
            inbound: Inbound::open(&root.join(FROM_BANK))?,
        })
    }

    /// The folder of what we send.
    pub fn to_bank(&self) -> PathBuf {
        self.outbound.to_bank().to_path_buf()
    }

    /// The folder of what waits for us.
    pub fn from_bank(&self) -> PathBuf {
        self.inbound.folder().to_path_buf()
    }
}

#[async_trait]
impl BankLink for DropBox {
    async fn ready(&self) -> Result<()> {
        let root = self.root.clone();
        files::blocking(move || is_open(&root)).await
    }

    async fn list(&self) -> Result<Listing> {
        let inbound = self.inbound.clone();
        files::blocking(move || inbound.list(SystemClock.now())).await
    }

    async fn fetch(&self, file: &Remote) -> Result<Fetched> {
        let (inbound, file) = (self.inbound.clone(), file.clone());
        files::blocking(move || inbound.fetch(&file)).await
    }

    async fn upload(&self, name: &str, body: Bytes) -> Result<()> {
        let (outbound, name) = (self.outbound.clone(), Name::parse(name)?);
        files::blocking(move || outbound.upload(&name, &body)).await
    }

    async fn read_back(&self, name: &str, sent: &ReadBack) -> Result<Standing> {
        let (outbound, name, sent) = (self.outbound.clone(), Name::parse(name)?, *sent);
        files::blocking(move || outbound.read_back(&name, &sent)).await
    }

    async fn taken(&self, name: &str, sent: &ReadBack) -> Result<()> {
        let (outbound, name, sent) = (self.outbound.clone(), Name::parse(name)?, *sent);
        files::blocking(move || outbound.said_to_be_taken(&name, &sent)).await
    }

    async fn sent(&self) -> Result<Vec<(String, Option<ReadBack>)>> {
        let outbound = self.outbound.clone();
        files::blocking(move || receipts_in(outbound.receipts())).await
    }

    async fn set_aside(&self, name: &str, sent: &ReadBack) -> Result<Option<String>> {
        let (outbound, name, sent) = (self.outbound.clone(), Name::parse(name)?, *sent);
        files::blocking(move || outbound.set_aside(&name, &sent)).await
    }

    async fn remove(&self, name: &str, taken: &ReadBack) -> Result<Removed> {
        let (inbound, name, taken) = (self.inbound.clone(), name.to_owned(), *taken);
        files::blocking(move || inbound.remove(&name, &taken)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use connectors_conformance as conformance;
    use std::fs;

    #[tokio::test]
    async fn it_is_a_bank_link() {
        let dir = tempfile::tempdir().unwrap();
        let link = DropBox::open(dir.path()).unwrap();
        let take = || fs::remove_file(link.to_bank().join("A.ach")).unwrap();
        conformance::uploads_are_sent_once_and_read_back(&link, take).await;
        let stand = |name: &str, body: &[u8]| fs::write(link.to_bank().join(name), body).unwrap();
        conformance::a_stranger_under_our_name_is_never_overwritten(&link, stand).await;
        let put = |name: &str, body: &[u8]| fs::write(link.from_bank().join(name), body).unwrap();
        conformance::inbound_files_stay_until_removed(&link, put).await;
        conformance::what_changed_since_it_was_taken_stays(&link, put).await;
    }
}
