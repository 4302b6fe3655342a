//! The suite of [`KeyVault`].

use connectors::{Error, KeyVault};
use settlement::ids::RoutingNumber;
use settlement::payment::Sealed;

/// Sealed values open in their own context only, before and after a rotation; tokens are stable
/// and show at most four digits.
pub async fn secrets_open_only_in_their_context(vault: &dyn KeyVault) {
    let secret = b"000123456789";
    let sealed = vault.seal("payment-1", secret).await.expect("seal");
    let contains = sealed
        .ciphertext
        .windows(secret.len())
        .any(|window| window == secret);
    assert!(!contains, "the ciphertext shows the secret");
    vault.rotate().await.expect("rotate");
    let opened = vault.open("payment-1", &sealed).await.expect("open");
    assert_eq!(opened.as_slice(), secret);
    let newer = vault.seal("payment-1", secret).await.expect("seal");
    assert_ne!(
        newer.wrapped_key, sealed.wrapped_key,
        "a rotation draws another key"
    );
    assert_eq!(
        vault
            .open("payment-1", &newer)
            .await
            .expect("open")
            .as_slice(),
        secret
    );
    rewrapped_things_open_as_before(vault, &sealed, &newer, secret).await;
    let refused = |result: Result<_, Error>| matches!(result, Err(Error::Corrupt { .. }));
    assert!(
        refused(vault.open("payment-2", &sealed).await.map(drop)),
        "another context"
    );
    for part in 0..3 {
        let mut changed = sealed.clone();
        let parts = [
            &mut changed.wrapped_key,
            &mut changed.nonce,
            &mut changed.ciphertext,
        ];
        for (at, bytes) in parts.into_iter().enumerate() {
            if at == part {
                bytes[0] ^= 1;
            }
        }
        assert!(
            refused(vault.open("payment-1", &changed).await.map(drop)),
            "part {part}"
        );
        changed.nonce.clear();
        assert!(
            refused(vault.open("payment-1", &changed).await.map(drop)),
            "no nonce"
        );
    }
    let routing = RoutingNumber::new(76_401_251).expect("a good check digit");
    let token = vault.token(routing, "000123456789").await.expect("token");
    assert_eq!(
        token,
        vault.token(routing, "000123456789").await.expect("token")
    );
    assert_ne!(
        token,
        vault.token(routing, "000123456780").await.expect("token")
    );
    assert_eq!((token.token.len(), token.last4.as_str()), (24, "6789"));
    let short = vault.token(routing, "12345").await.expect("token");
    assert_eq!(short.last4, "45", "of a short number less is shown");
    assert_eq!(vault.token(routing, "").await.expect("token").last4, "");
    fingerprints_are_keyed(vault).await;
}

/// Alike things asked for alike have one, and nobody can make it without the vault.
async fn fingerprints_are_keyed(vault: &dyn KeyVault) {
    let mark = async |about, secret: &str| {
        let hash = vault.fingerprint(about, secret.as_bytes()).await;
        hash.expect("a keyed hash")
    };
    let marks = [
        mark("a", "bc").await,
        mark("ab", "c").await,
        mark("a", "bd").await,
    ];
    assert_eq!(marks[0], mark("a", "bc").await);
    assert!(marks[0] != marks[1] && marks[0] != marks[2] && marks[1] != marks[2]);
    let plain = settlement::archive::sha256(b"bc");
    assert_ne!(&marks[0], plain.as_bytes(), "it is keyed");
}

/// What is wrapped anew is under the newest master key, opens in its own context only, and is the
/// same however often it is asked for.
async fn rewrapped_things_open_as_before(
    vault: &dyn KeyVault,
    old: &Sealed,
    new: &Sealed,
    secret: &[u8],
) {
    let again = vault.rewrap(old).await.expect("wrapped anew");
    assert_ne!(
        again.wrapped_key, old.wrapped_key,
        "the wrapping is another"
    );
    assert_eq!(
        again.ciphertext, old.ciphertext,
        "the secret was not touched"
    );
    assert_ne!(vault.key_id(old), vault.key_id(new), "two master keys");
    assert_eq!(vault.key_id(&again), vault.key_id(new), "the newest one");
    let opened = vault.open("payment-1", &again).await.expect("open");
    assert_eq!(opened.as_slice(), secret);
    let other = vault.open("payment-2", &again).await.map(drop);
    assert!(
        matches!(other, Err(Error::Corrupt { .. })),
        "another context"
    );
    let once = vault.rewrap(&again).await.expect("wrapped anew");
    assert_eq!(once, again, "there was nothing to do");
    let mut damaged = old.clone();
    damaged.wrapped_key.truncate(3);
    let refused = vault.rewrap(&damaged).await.map(drop);
    assert!(matches!(refused, Err(Error::Corrupt { .. })), "{refused:?}");
    let none = vault.key_id(&damaged);
    assert_ne!(none, vault.key_id(new), "no key has this name");
}
