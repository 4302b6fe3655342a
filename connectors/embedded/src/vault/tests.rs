//! The vault opens what it sealed, and nothing else.

use super::*;
use connectors_conformance as conformance;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

#[tokio::test]
async fn it_is_a_key_vault() {
    let dir = tempfile::tempdir().unwrap();
    let drawn = FileVault::create(dir.path()).unwrap();
    conformance::secrets_open_only_in_their_context(&drawn).await;
    let seeded = FileVault::create_seeded(&dir.path().join("demo"), 7).unwrap();
    conformance::secrets_open_only_in_their_context(&seeded).await;
}

#[tokio::test]
async fn keys_survive_and_only_their_owner_reads_them() {
    let dir = tempfile::tempdir().unwrap();
    let none = FileVault::open(dir.path()).map(drop).unwrap_err();
    assert!(matches!(none, Error::Invalid { .. }), "{none:?}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    let vault = FileVault::create(dir.path()).unwrap();
    let told = fingerprint(dir.path()).unwrap();
    let sealed = vault.seal("a", b"123456789").await.unwrap();
    vault.rotate().await.unwrap();
    let newer = vault.seal("a", b"123456789").await.unwrap();
    assert_ne!(
        sealed.wrapped_key[..4],
        newer.wrapped_key[..4],
        "another master key"
    );
    assert_eq!(
        told,
        fingerprint(dir.path()).unwrap(),
        "rotated, and the same"
    );
    let again = FileVault::open(dir.path()).unwrap();
    assert_eq!(
        again.open("a", &sealed).await.unwrap().as_slice(),
        b"123456789"
    );
    assert_eq!(
        again.open("a", &newer).await.unwrap().as_slice(),
        b"123456789"
    );
    let file = dir.path().join(FILE);
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(
        FileVault::open(dir.path()),
        Err(Error::Denied { .. })
    ));
}

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes_in_any_order() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let one = FileVault::create_seeded(a.path(), 7).unwrap();
    let two = FileVault::create_seeded(b.path(), 7).unwrap();
    let first = one.seal("x", b"1").await.unwrap();
    two.seal("y", b"2").await.unwrap();
    assert_eq!(first, two.seal("x", b"1").await.unwrap());
}

#[tokio::test]
async fn data_keys_are_bounded_by_age_and_uses() {
    let dir = tempfile::tempdir().unwrap();
    let vault = FileVault::create(dir.path()).unwrap();
    let sealed = vault.seal("a", b"123456789").await.unwrap();
    let mut keys = vault.keys();
    let now = Instant::now();
    let drawn = |keys: &mut Keys, now| keys.data_key(now).unwrap().wrapped.clone();
    let first = drawn(&mut keys, now);
    assert_eq!(first, drawn(&mut keys, now), "the same while it is young");
    let later = now + DATA_KEY_AGE + Duration::from_secs(1);
    let second = drawn(&mut keys, later);
    assert_ne!(first, second, "an old one seals no more");
    keys.data_key(later).unwrap().uses = DATA_KEY_USES;
    assert_ne!(
        second,
        drawn(&mut keys, later),
        "nor one that was used so often"
    );
    let wrapped = &sealed.wrapped_key;
    keys.unwrap(wrapped, now).unwrap();
    keys.unwrap(wrapped, now).unwrap();
    assert_eq!(keys.opened[wrapped].uses, 2);
    keys.unwrap(wrapped, later).unwrap();
    assert_eq!((keys.opened.len(), keys.opened[wrapped].uses), (1, 1));
    keys.opened.get_mut(wrapped).unwrap().uses = OPENED_USES;
    keys.unwrap(wrapped, later).unwrap();
    assert_eq!(keys.opened[wrapped].uses, 1, "unwrapped once more");
}

#[tokio::test]
async fn what_another_process_has_rotated_opens_and_is_wrapped_by_its_key() {
    let dir = tempfile::tempdir().unwrap();
    let here = FileVault::create(dir.path()).unwrap();
    let old = here.seal("a", b"123456789").await.unwrap();
    let there = FileVault::open(dir.path()).unwrap();
    there.rotate().await.unwrap();
    let new = there.seal("a", b"123456789").await.unwrap();
    assert_eq!(here.open("a", &new).await.unwrap().as_slice(), b"123456789");
    let third = FileVault::open(dir.path()).unwrap();
    there.rotate().await.unwrap();
    let again = third.rewrap(&old).await.unwrap();
    assert_eq!(third.key_id(&again), "local/2");
    assert_eq!(
        here.open("a", &again).await.unwrap().as_slice(),
        b"123456789"
    );
}
