//! Who calls in tests: a merchant that two have approved, and keys for everything.

use connectors::{Documents, Ports};
use desk::Desk;
use desk::config::Config;
use desk::identity;
use desk::installation::Step;
use desk::merchants::{self, Decided, Key, Merchant, Standing};
use jiff::Timestamp;

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

/// The merchant `shop` and its key.
pub async fn shop(documents: &dyn Documents, secret: &str) {
    let at = "2026-11-25T15:00:00Z".parse().unwrap();
    merchant(documents, Merchant::submitted("shop", "market", at), 2).await;
    let key = Key::for_all("key", Some("shop"), at);
    merchants::keep(documents, secret, &key).await.unwrap();
}

/// Says whose the places of a new installation are, as `tieout init` does.
pub async fn init(ports: Ports) {
    let desk = Desk::over(ports, Config::read(None).unwrap());
    identity::begin(&desk, Step::Made, "0".repeat(32))
        .await
        .unwrap();
}
