//! The one place where account numbers are in clear.

use crate::error::Result;
use async_trait::async_trait;
use settlement::ids::{AccountToken, RoutingNumber};
use settlement::payment::Sealed;
use zeroize::Zeroizing;

/// Envelope encryption: AES-256-GCM under a data key, the data key under a master key.
#[async_trait]
pub trait KeyVault: Send + Sync {
    /// Encrypts `secret` so that it opens only with the same `context` (the payment id).
    async fn seal(&self, context: &str, secret: &[u8]) -> Result<Sealed>;

    /// Decrypts; the bytes are wiped when dropped.
    ///
    /// # Errors
    /// [`crate::Error::Corrupt`] where the context is another or a bit has changed.
    async fn open(&self, context: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>>;

    /// The same sealed thing with its data key wrapped by the newest master key; what was sealed
    /// under the data key stays as it is, and opens as before. The same bytes where it is wrapped
    /// so already.
    ///
    /// # Errors
    /// [`crate::Error::Corrupt`] where the data key does not open.
    async fn rewrap(&self, sealed: &Sealed) -> Result<Sealed>;

    /// The name of the master key that wraps the data key of something sealed: it tells one key
    /// from another and gives nothing of them away.
    fn key_id(&self, sealed: &Sealed) -> String;

    /// What stands for an account in tables: the same account always has the same token.
    async fn token(&self, routing: RoutingNumber, account: &str) -> Result<AccountToken>;

    /// A keyed hash of `secret`, as it is used for `about`: the same always has the same, and
    /// without the vault's key nobody can tell by it whether a guess is right. A rotation changes
    /// none.
    async fn fingerprint(&self, about: &str, secret: &[u8]) -> Result<[u8; 32]>;

    /// Makes a new master key for what is sealed from now on; what was sealed before still opens.
    async fn rotate(&self) -> Result<()>;
}
