//! Where the keys of issuers come from: a file, or an address.

use crate::fetch::Fetch;
use async_trait::async_trait;
use connectors::given;
use desk::failure::{Failure, Result};
use desk::issuers::{Issuer, Jwks};
use online::jwt::{Issuers, Source};
use std::path::PathBuf;

/// Bytes of a file of keys at most.
const BYTES: u64 = 64 << 10;

/// Keys in a file, read anew whenever they are needed.
struct File(PathBuf);

#[async_trait]
impl Source for File {
    async fn keys(&self) -> std::result::Result<Vec<u8>, String> {
        let path = self.0.clone();
        let read = tokio::task::spawn_blocking(move || given::text(&path, BYTES)).await;
        let text = read.map_err(|e| e.to_string())?;
        text.map(String::into_bytes).map_err(|e| e.to_string())
    }
}

/// Keys at an address.
struct Address(Fetch, String);

#[async_trait]
impl Source for Address {
    async fn keys(&self) -> std::result::Result<Vec<u8>, String> {
        self.0.get(&self.1).await
    }
}

/// The issuers of a configuration. Nothing is fetched yet: an issuer that is away does not keep
/// the server from its work.
///
/// # Errors
/// Exit status 2 where one is wrong, 3 where the system has nobody to trust.
pub fn issuers(all: Vec<Issuer>) -> Result<Issuers> {
    let mut sources = Vec::new();
    for issuer in all {
        let source: Box<dyn Source> = match issuer.keys()? {
            Jwks::File(path) => Box::new(File(path)),
            Jwks::Address(at) => Box::new(Address(fetch()?, at)),
        };
        sources.push((issuer, source));
    }
    Ok(Issuers::new(sources))
}

fn fetch() -> Result<Fetch> {
    Fetch::by_system().map_err(|why| {
        Failure::could_not(format!("issuers: {why}"))
            .remedy("install the system's certificates, or name a file as jwks")
    })
}
