//! A token opens for its merchant, as itself, until it is deleted.

use super::*;
use connectors::{Addresses, Ports};
use connectors_embedded::Keys;

const ONE: &str = "tok_0123456789abcdef0123456789abcdef";
const OTHER: &str = "tok_ffffffffffffffffffffffffffffffff";

fn ports(dir: &std::path::Path) -> Ports {
    connectors_embedded::make(&Addresses::in_dir(dir), Keys::Drawn).unwrap()
}

fn account() -> Of {
    Of::BankAccount {
        routing: RoutingNumber::new(91_000_019).unwrap(),
        kind: AccountKind::Savings,
    }
}

async fn kept(ports: &Ports, merchant: &str, token: &str) -> Token {
    let (documents, vault) = (&*ports.documents, &*ports.vault);
    let new = (merchant, token, account());
    let at = Timestamp::UNIX_EPOCH;
    keep(documents, vault, new, "000123456789", at)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_token_is_its_merchants_and_gone_once_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let ports = ports(dir.path());
    let (documents, vault) = (&*ports.documents, &*ports.vault);
    let made = kept(&ports, "shop", ONE).await;
    assert_eq!(made.last4, "6789");
    let found = get(documents, "shop", ONE).await.unwrap().unwrap().value;
    assert_eq!(found, made);
    assert_eq!(*number(vault, &found).await.unwrap(), "000123456789");
    for (merchant, token) in [
        ("other", ONE),
        ("shop", OTHER),
        ("shop/x", ONE),
        ("shop", "../shop"),
        ("", ONE),
        ("shop", &ONE.to_uppercase()),
    ] {
        let none = get(documents, merchant, token).await.unwrap();
        assert!(none.is_none(), "{merchant} {token}");
        assert!(!delete(documents, merchant, token).await.unwrap());
    }
    assert!(delete(documents, "shop", ONE).await.unwrap());
    assert!(get(documents, "shop", ONE).await.unwrap().is_none());
    assert!(!delete(documents, "shop", ONE).await.unwrap(), "once");
}

#[tokio::test]
async fn what_was_sealed_opens_under_no_other_name() {
    let dir = tempfile::tempdir().unwrap();
    let ports = ports(dir.path());
    let made = kept(&ports, "shop", ONE).await;
    for (merchant, token) in [("shop", OTHER), ("other", ONE)] {
        let moved = Token {
            merchant: merchant.to_owned(),
            token: token.to_owned(),
            ..made.clone()
        };
        let refused = number(&*ports.vault, &moved).await.map(drop);
        assert!(refused.is_err(), "{merchant} {token}");
    }
}

#[tokio::test]
async fn all_are_wrapped_anew_once_for_each_master_key() {
    let dir = tempfile::tempdir().unwrap();
    let ports = ports(dir.path());
    let (documents, vault) = (&*ports.documents, &*ports.vault);
    let before = kept(&ports, "shop", ONE).await;
    kept(&ports, "other", OTHER).await;
    let counts = |tokens, rewrapped| Rewrapped { tokens, rewrapped };
    assert_eq!(rewrap_all(documents, vault).await.unwrap(), counts(2, 0));
    vault.rotate().await.unwrap();
    assert_eq!(rewrap_all(documents, vault).await.unwrap(), counts(2, 2));
    assert_eq!(rewrap_all(documents, vault).await.unwrap(), counts(2, 0));
    let after = get(documents, "shop", ONE).await.unwrap().unwrap().value;
    assert_ne!(after.sealed.wrapped_key, before.sealed.wrapped_key);
    assert_eq!(*number(vault, &after).await.unwrap(), "000123456789");
}
