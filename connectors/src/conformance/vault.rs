//! The suite of [`KeyVault`].

use crate::{Error, KeyVault};
use settlement::ids::RoutingNumber;

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
}
