//! The suite of [`ObjectStore`].

use crate::{Error, ObjectStore, Put};
use bytes::Bytes;
use std::io::Write;

fn bytes(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

/// A name has one content for ever; of many writers at once, all with the same bytes agree.
pub async fn objects_are_written_once(store: &dyn ObjectStore) {
    let name = "once/2026-11-25/A.ach";
    assert_eq!(
        store.put_new(name, bytes("101")).await.expect("put"),
        Put::Written
    );
    assert_eq!(
        store.put_new(name, bytes("101")).await.expect("put"),
        Put::Same
    );
    let other = store.put_new(name, bytes("102")).await;
    assert!(matches!(other, Err(Error::Conflict { .. })), "{other:?}");
    assert_eq!(store.get(name).await.expect("get").body, bytes("101"));
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(b"101").expect("written");
    let again = file.try_clone().expect("a file");
    assert_eq!(
        store.put_file_new(name, again).await.expect("put"),
        Put::Same
    );
    assert_eq!(
        store.put_file_new("once/B", file).await.expect("put"),
        Put::Written
    );
    assert_eq!(store.get("once/B").await.expect("get").body, bytes("101"));
    let puts = ["1", "1", "2", "2"].map(|body| store.put_new("once/race", bytes(body)));
    let [a, b, c, d] = puts;
    let (a, b, c, d) = tokio::join!(a, b, c, d);
    let all = [a, b, c, d];
    let count = |want: fn(&Result<Put, Error>) -> bool| all.iter().filter(|p| want(p)).count();
    assert_eq!(count(|p| matches!(p, Ok(Put::Written))), 1);
    assert_eq!(count(|p| matches!(p, Ok(Put::Same))), 1);
    assert_eq!(count(|p| matches!(p, Err(Error::Conflict { .. }))), 2);
}

/// A head is replaced only by a writer that has seen what is there.
pub async fn heads_change_only_from_what_was_seen(store: &dyn ObjectStore) {
    let name = "heads/chain";
    let missing = store.put_if_match(name, Some("0"), bytes("x")).await;
    assert!(
        matches!(missing, Err(Error::Conflict { .. })),
        "{missing:?}"
    );
    let first = store
        .put_if_match(name, None, bytes("1"))
        .await
        .expect("put");
    let again = store.put_if_match(name, None, bytes("2")).await;
    assert!(matches!(again, Err(Error::Conflict { .. })), "{again:?}");
    let second = store
        .put_if_match(name, Some(&first), bytes("2"))
        .await
        .expect("put");
    assert_ne!(first, second);
    let stale = store.put_if_match(name, Some(&first), bytes("3")).await;
    assert!(matches!(stale, Err(Error::Conflict { .. })), "{stale:?}");
    let object = store.get(name).await.expect("get");
    assert_eq!((object.body, object.etag), (bytes("2"), second));
}

/// What was written is read, whole, in part, streamed and by name.
pub async fn objects_are_read_whole_and_in_part(store: &dyn ObjectStore) {
    for name in ["read/b/2", "read/a", "read/b/10", "reader"] {
        store.put_new(name, bytes("0123456789")).await.expect("put");
    }
    let names = |prefix| async move { store.list(prefix).await.expect("list") };
    assert_eq!(names("read/").await, ["read/a", "read/b/10", "read/b/2"]);
    assert_eq!(names("read/b/1").await, ["read/b/10"]);
    assert_eq!(names("nowhere/").await, Vec::<String>::new());
    let meta = store
        .head("read/a")
        .await
        .expect("head")
        .expect("the object");
    assert_eq!(meta.etag, store.get("read/a").await.expect("get").etag);
    assert_eq!(meta.size, 10);
    assert_eq!(
        store.get_range("read/a", 2..5).await.expect("range"),
        bytes("234")
    );
    assert_eq!(
        store.get_range("read/a", 10..10).await.expect("range"),
        bytes("")
    );
    let beyond = store.get_range("read/a", 5..11).await;
    assert!(matches!(beyond, Err(Error::Invalid { .. })), "{beyond:?}");
    let dir = tempfile::tempdir().expect("a folder");
    let to = dir.path().join("copy");
    assert_eq!(store.download("read/a", &to).await.expect("download"), 10);
    assert_eq!(std::fs::read(&to).expect("the copy"), b"0123456789");
    let missing = store.get("read/c").await;
    assert!(
        matches!(missing, Err(Error::NotFound { .. })),
        "{missing:?}"
    );
    let missing = store.download("read/c", &dir.path().join("c")).await;
    assert!(
        matches!(missing, Err(Error::NotFound { .. })),
        "{missing:?}"
    );
    assert_eq!(store.head("read/c").await.expect("head"), None);
}

/// No name reaches outside.
pub async fn names_stay_inside(store: &dyn ObjectStore) {
    let long = "x".repeat(2_000);
    for name in [
        "",
        "/etc/x",
        "../x",
        "a/../../x",
        "a//b",
        "a/.",
        ".hidden",
        "a\0b",
        &long,
    ] {
        let put = store.put_new(name, bytes("x")).await;
        assert!(
            matches!(put, Err(Error::Invalid { .. })),
            "{name:?}: {put:?}"
        );
    }
}
