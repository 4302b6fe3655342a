//! A token opens for its merchant, as itself, until it is deleted.

use super::once::{Once, Request, keep_once};
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

/// A request of `shop` under a key, that would make `token`.
async fn once(ports: &Ports, key: &str, text: &str, token: &str) -> Once {
    let request = Request {
        merchant: "shop",
        key,
        text: text.as_bytes(),
        token,
        of: account(),
        number: "000123456789",
        at: Timestamp::UNIX_EPOCH,
    };
    keep_once(&*ports.documents, &*ports.vault, request)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_request_under_a_key_makes_one_token_and_a_deleted_one_stays_away() {
    let dir = tempfile::tempdir().unwrap();
    let ports = ports(dir.path());
    let documents = &*ports.documents;
    let Once::Made(made) = once(&ports, "k", "a", ONE).await else {
        panic!("a new one");
    };
    assert_eq!(made.token, ONE);
    let before = Once::Before(made.clone());
    assert_eq!(once(&ports, "k", "a", OTHER).await, before);
    assert_eq!(once(&ports, "k", "b", OTHER).await, Once::Reused);
    assert!(matches!(once(&ports, "l", "a", OTHER).await, Once::Made(_)));
    // Nothing that is kept of the request is the number, or a hash that anybody could make of it.
    for asked in documents.list(REQUESTS, "", None, 9).await.unwrap() {
        let text = String::from_utf8(asked.body.to_vec()).unwrap();
        for number in ["000123456789", "a"] {
            let guess = settlement::archive::sha256(number.as_bytes()).to_string();
            assert!(
                !text.contains(&guess) && !text.contains("000123456789"),
                "{text}"
            );
        }
    }
    assert!(delete(documents, "shop", ONE).await.unwrap());
    assert_eq!(once(&ports, "k", "a", OTHER).await, Once::Gone);
    assert!(get(documents, "shop", ONE).await.unwrap().is_none());
    assert_eq!(once(&ports, "k", "a", OTHER).await, Once::Gone);
}

#[tokio::test]
async fn a_request_that_died_before_its_token_was_made_is_completed() {
    let dir = tempfile::tempdir().unwrap();
    let ports = ports(dir.path());
    let Once::Made(made) = once(&ports, "k", "a", ONE).await else {
        panic!("a new one");
    };
    // As if it had died between: the request stands, and its token never did.
    let documents = &*ports.documents;
    let stood = documents
        .list(REQUESTS, "", None, 9)
        .await
        .unwrap()
        .remove(0);
    let never = "tok_00000000000000000000000000000000";
    let text = String::from_utf8(stood.body.to_vec()).unwrap();
    let body = text.replace(ONE, never).into_bytes().into();
    documents
        .put(REQUESTS, &stood.name, stood.version, body)
        .await
        .unwrap();
    let Once::Before(completed) = once(&ports, "k", "a", OTHER).await else {
        panic!("completed");
    };
    assert_eq!(
        (completed.token.as_str(), completed.created_at),
        (never, made.created_at)
    );
    let all = (0..16).map(|n| {
        let token = format!("tok_{n:032x}");
        let ports = ports.clone();
        tokio::spawn(async move { once(&ports, "race", "a", &token).await })
    });
    let mut tokens = std::collections::BTreeSet::new();
    for task in all.collect::<Vec<_>>() {
        let (Once::Made(one) | Once::Before(one)) = task.await.unwrap() else {
            panic!("one of both");
        };
        tokens.insert(one.token);
    }
    assert_eq!(tokens.len(), 1);
}

#[tokio::test]
async fn the_tokens_of_an_account_are_forgotten_and_no_others() {
    let dir = tempfile::tempdir().unwrap();
    let ports = ports(dir.path());
    let (documents, vault) = (&*ports.documents, &*ports.vault);
    kept(&ports, "shop", ONE).await;
    kept(&ports, "other", ONE).await;
    let new = ("shop", OTHER, account());
    let at = Timestamp::UNIX_EPOCH;
    keep(documents, vault, new, "987654321", at).await.unwrap();
    let routing = RoutingNumber::new(91_000_019).unwrap();
    let token = vault.token(routing, "000123456789").await.unwrap().token;
    let forgets = async |dry_run| {
        let found = forget(documents, vault, "shop", &token, dry_run).await;
        found.unwrap()
    };
    assert_eq!(
        [
            forgets(true).await,
            forgets(false).await,
            forgets(false).await
        ],
        [1, 1, 0]
    );
    assert!(get(documents, "shop", ONE).await.unwrap().is_none());
    for (merchant, token) in [("shop", OTHER), ("other", ONE)] {
        assert!(get(documents, merchant, token).await.unwrap().is_some());
    }
}
