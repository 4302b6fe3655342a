//! Two people approve a merchant, anybody suspends it, and a key is known by its hash alone.

use super::*;
use connectors::{Addresses, Ports};
use connectors_embedded::Keys;

fn ports(dir: &std::path::Path) -> Ports {
    connectors_embedded::make(&Addresses::in_dir(dir), Keys::Drawn).unwrap()
}

fn merchant(name: &str, originator: &str) -> Merchant {
    Merchant::submitted(name, originator, Timestamp::UNIX_EPOCH)
}

fn said(to: Standing, by: &str) -> Decided {
    Decided {
        to,
        by: by.to_owned(),
        at: Timestamp::UNIX_EPOCH,
        note: String::new(),
    }
}

#[tokio::test]
async fn two_different_people_approve_and_one_suspends() {
    let dir = tempfile::tempdir().unwrap();
    let documents = &*ports(dir.path()).documents;
    submit(documents, &merchant("shop", "market"))
        .await
        .unwrap();
    let standing = async |to, by: &str| {
        let decided = decide(documents, "shop", said(to, by)).await;
        decided
            .map(|one| one.standing)
            .map_err(|failure| failure.status as u8)
    };
    use Standing::{Approved, Submitted, Suspended};
    assert_eq!(standing(Approved, "Ann Lee").await, Ok(Submitted));
    for same in ["Ann Lee", "ann lee", "ANN-LEE", "ann.lee ", "  annlee"] {
        assert_eq!(standing(Approved, same).await, Err(2), "{same:?}");
    }
    // A Cyrillic letter, a zero-width one, nothing, a line.
    for none in [
        "\u{410}nn Lee",
        "Ann\u{200b} Lee",
        "",
        "--",
        "a\nb",
        &"a".repeat(65),
    ] {
        assert_eq!(standing(Approved, none).await, Err(2), "{none:?}");
    }
    assert_eq!(standing(Approved, "Bo").await, Ok(Approved));
    assert_eq!(standing(Suspended, "Ann Lee").await, Ok(Suspended));
    assert_eq!(standing(Approved, "Bo").await, Ok(Suspended), "two again");
    assert_eq!(standing(Approved, "Ann Lee").await, Ok(Approved));
    for turn in 0..200 {
        let to = if turn % 2 == 0 { Suspended } else { Approved };
        standing(to, "Ann Lee").await.unwrap();
    }
    assert_eq!(
        standing(Suspended, "Ann Lee").await,
        Ok(Suspended),
        "whatever came before"
    );
}

#[tokio::test]
async fn no_two_share_a_name_or_an_originator() {
    let dir = tempfile::tempdir().unwrap();
    let documents = &*ports(dir.path()).documents;
    submit(documents, &merchant("shop", "market"))
        .await
        .unwrap();
    for (name, originator) in [("shop", "other"), ("second", "market")] {
        let refused = submit(documents, &merchant(name, originator)).await;
        assert_eq!(refused.unwrap_err().status as u8, 2, "{name}");
    }
    let long = "a".repeat(33);
    let hostile = [
        "",
        "Shop",
        "a b",
        "../shop",
        "a\0",
        "1shop",
        "sh\u{f6}p",
        "-a",
        &long,
    ];
    for name in hostile {
        let refused = submit(documents, &merchant(name, "new")).await;
        assert_eq!(refused.unwrap_err().status as u8, 2, "{name:?}");
        assert!(merchant_of(documents, name).await, "{name:?}");
    }
}

/// Whether there is no merchant of a name, and asking for it is no error.
async fn merchant_of(documents: &dyn Documents, name: &str) -> bool {
    super::merchant(documents, name).await.unwrap().is_none()
}

#[tokio::test]
async fn a_key_is_kept_by_its_hash_and_ends_once_revoked() {
    let dir = tempfile::tempdir().unwrap();
    let documents = &*ports(dir.path()).documents;
    let new = Key {
        name: "web".to_owned(),
        merchant: Some("shop".to_owned()),
        scopes: ["tokens".to_owned()].into(),
        created_at: Timestamp::UNIX_EPOCH,
        revoked: false,
    };
    let secret = "tk_live_0123456789abcdef";
    keep(documents, secret, &new).await.unwrap();
    assert_eq!(key(documents, secret).await.unwrap(), Some(new.clone()));
    assert_eq!(
        key(documents, "tk_live_0123456789abcdee").await.unwrap(),
        None
    );
    let stored = documents.list(KEYS, "", None, 9).await.unwrap();
    assert_eq!(stored.len(), 1);
    let text = format!("{} {:?}", stored[0].name, stored[0].body);
    assert!(
        !text.contains("0123456789abcdef"),
        "the secret stands nowhere"
    );
    let odd = Key {
        scopes: ["everything".to_owned()].into(),
        ..new
    };
    assert!(keep(documents, "tk_live_other", &odd).await.is_err());
    for none in ["", "zz", "\u{0}", "../"] {
        assert!(revoke(documents, none).await.is_err(), "{none:?}");
    }
    let (kept, _) = revoke(documents, &kept_as(secret)[..12]).await.unwrap();
    assert_eq!(kept, kept_as(secret));
    assert_eq!(key(documents, secret).await.unwrap(), None);
    let all = keys(documents).await.unwrap();
    assert!(all[0].1.revoked);
}
