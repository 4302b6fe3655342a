//! The line to the bank.

use crate::error::Result;
use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;

/// What waits for us at the bank.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Regular files, by name.
    pub files: Vec<Remote>,
    /// What is no file that could be taken, by name. It is left where it is.
    pub odd: Vec<Odd>,
}

/// A file the bank has put out for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// The bank's name for it.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// When it last changed, by the clock of the place where it lies.
    pub changed: Timestamp,
}

/// Something that waits and cannot be taken: a link, a pipe, a folder, a name that is no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Odd {
    /// Its name; what is no text of it, as numbers.
    pub name: String,
    /// Why it is not taken.
    pub why: String,
}

/// What came of fetching a file that was listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// All its bytes, as it was listed.
    Whole(Bytes),
    /// It is not as it was listed, or changed while it was read: somebody still writes.
    Changed,
}

/// What came of removing a file that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removed {
    /// It is gone from where it waited.
    Removed,
    /// It was gone already.
    Gone,
    /// Other bytes have the name now; they stay, and are listed again.
    Changed,
}

/// Bytes that were sent, or taken, or found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadBack {
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
}

/// What stands at the bank under a name that we send to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing, and nothing that we sent was taken from there.
    Nothing,
    /// A file of the size that was sent; or none any more, and this is what stood there when the
    /// bank took it.
    File(ReadBack),
    /// What cannot be the file that was sent: why.
    Other(String),
    /// Nothing any more; and whether the bank has taken what was sent is not known: why.
    Unknown(String),
}

/// Files to and from one bank.
#[async_trait]
pub trait BankLink: Send + Sync {
    /// Whether there is a line at all: one that is away, a mount above all, must not look like a
    /// bank that has nothing to say.
    ///
    /// # Errors
    /// What is not there.
    async fn ready(&self) -> Result<()>;

    /// What waits for us. One odd entry never hides the others.
    async fn list(&self) -> Result<Listing>;

    /// One file that was listed: never more bytes of it than the listing said.
    async fn fetch(&self, file: &Remote) -> Result<Fetched>;

    /// Sends a file. The same bytes under the same name a second time change nothing. One that
    /// has begun, and of which nothing is known any more, is not begun again.
    ///
    /// # Errors
    /// [`crate::Error::Conflict`] where something else has the name; it is never overwritten.
    async fn upload(&self, name: &str, body: Bytes) -> Result<()>;

    /// What arrived under a name of ours, by the bytes that stand there and by no note of our
    /// own. Where they are the ones `sent`, the link remembers it, and still answers after the
    /// bank has taken the file away.
    async fn read_back(&self, name: &str, sent: &ReadBack) -> Result<Standing>;

    /// The bank says that it has taken what was `sent`: the link remembers it, as if it had read
    /// it back.
    ///
    /// # Errors
    /// [`crate::Error::Conflict`] where something stands there.
    async fn taken(&self, name: &str, sent: &ReadBack) -> Result<()>;

    /// What the link remembers to have read back, by name; nothing where it cannot read its note.
    async fn sent(&self) -> Result<Vec<(String, Option<ReadBack>)>>;

    /// Moves what stands under a name of ours, and is not what is `sent`, to where it is in
    /// nobody's way, and says where. `None` where there is nothing to move.
    async fn set_aside(&self, name: &str, sent: &ReadBack) -> Result<Option<String>>;

    /// Removes a file that was waiting for us, once its events are durable, where its bytes are
    /// still the ones `taken`. They are compared again as late as can be, and what somebody
    /// writes to the file afterwards is listed again where the link can tell.
    async fn remove(&self, name: &str, taken: &ReadBack) -> Result<Removed>;
}
