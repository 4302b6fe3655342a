//! The way out: one request to one endpoint, by whoever has a network.

use async_trait::async_trait;
use bytes::Bytes;
use http::Uri;
use std::time::Duration;

/// For how long an endpoint may take to answer, name and handshake included: the least that the
/// standard recommends.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// Bytes of an answer that are kept for whoever looks at a delivery.
pub const KEPT_BYTES: usize = 200;

/// A request that is to be posted.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Where to.
    pub url: Uri,
    /// Its headers.
    pub headers: [(&'static str, String); 4],
    /// Its body, as it was signed.
    pub body: Bytes,
}

/// What an endpoint answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The HTTP status.
    pub status: u16,
    /// After which time it wants to be asked again, as the header `Retry-After` says it.
    pub retry_after: Option<String>,
    /// The first [`KEPT_BYTES`] of the body.
    pub beginning: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsent {
    /// Nothing is ever sent to this address.
    Refused,
    /// The name leads nowhere.
    NoSuchName,
    /// Nobody takes the connection.
    NoConnection,
    /// The server cannot prove who it is, or speaks no TLS.
    NoTls,
    /// It took longer than [`PATIENCE`].
    TooSlow,
    /// The connection ended without an answer.
    Broken,
}

impl Unsent {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Unsent::Refused => "address_refused",
            Unsent::NoSuchName => "no_such_name",
            Unsent::NoConnection => "no_connection",
            Unsent::NoTls => "no_tls",
            Unsent::TooSlow => "too_slow",
            Unsent::Broken => "connection_broken",
        }
    }
}

/// Posts requests, each once; follows no redirect.
#[async_trait]
pub trait Sender: Send + Sync {
    /// Posts a request.
    ///
    /// # Errors
    /// Why there is no answer.
    async fn send(&self, request: Outgoing) -> Result<Answered, Unsent>;

    /// Whether things may be sent to this machine, and without TLS: for trying out.
    fn is_local(&self) -> bool;
}
