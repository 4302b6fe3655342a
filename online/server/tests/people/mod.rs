//! Who calls in tests: a merchant that two have approved, and keys for everything.

// Each test uses its own part of it.
#![allow(dead_code)]

use connectors::Documents;
use desk::merchants::{self, Decided, Key, Merchant, Standing};
use jiff::Timestamp;
use std::path::Path;

/// Submits a merchant, which so many people approve.
pub async fn merchant(documents: &dyn Documents, merchant: Merchant, approvals: usize) {
    merchants::submit(documents, &merchant).await.unwrap();
    for by in ["one", "two"].iter().take(approvals) {
        let (name, at) = (&merchant.name, merchant.created_at);
        decide(documents, name, Standing::Approved, by, at).await;
    }
}

/// Somebody decides about it.
pub async fn decide(documents: &dyn Documents, name: &str, to: Standing, by: &str, at: Timestamp) {
    let decided = Decided {
        to,
        by: by.to_owned(),
        at,
        note: String::new(),
    };
    merchants::decide(documents, name, decided).await.unwrap();
}

/// An installation in `dir` with the merchant `shop` and its key.
pub async fn shop(documents: &dyn Documents, secret: &str, dir: &Path) {
    let at = "2026-11-25T15:00:00Z".parse().unwrap();
    merchant(documents, Merchant::submitted("shop", "market", at), 2).await;
    let key = Key::for_all("key", Some("shop"), at);
    merchants::keep(documents, secret, &key).await.unwrap();
    // An installation whose objects hold nothing is taken for one that lost them; what init puts
    // there says whose they are, which a server does not ask.
    std::fs::create_dir_all(dir.join("objects")).unwrap();
    std::fs::write(dir.join("objects/installation.json"), "{}").unwrap();
}
