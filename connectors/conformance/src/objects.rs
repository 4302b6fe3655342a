//! The suite of [`ObjectStore`].

use bytes::Bytes;
use connectors::{Error, Name, ObjectStore, Put, Strangers};
use std::io::Write;

fn name(text: &str) -> Name {
    Name::parse(text).expect(text)
}

fn bytes(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

/// A name has one content for ever; of many writers at once, all with the same bytes agree.
pub async fn objects_are_written_once(store: &dyn ObjectStore) {
    let name = &name("once/2026-11-25/A.ach");
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
    let strangers = store.strangers().await.expect("strangers");
    assert_eq!(strangers, Strangers::default(), "what was put is none");
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(b"101").expect("written");
    let again = file.try_clone().expect("a file");
    assert_eq!(
        store.put_file_new(name, again).await.expect("put"),
        Put::Same
    );
    assert_eq!(
        store
            .put_file_new(&self::name("once/B"), file)
            .await
            .expect("put"),
        Put::Written
    );
    assert_eq!(
        store.get(&self::name("once/B")).await.expect("get").body,
        bytes("101")
    );
    let race = self::name("once/race");
    let puts = ["1", "1", "2", "2"].map(|body| store.put_new(&race, bytes(body)));
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
    let name = &name("heads/chain");
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
    for text in ["read/b/2", "read/a", "read/b/10", "reader"] {
        let put = store.put_new(&name(text), bytes("0123456789")).await;
        put.expect("put");
    }
    let (a, c) = (&name("read/a"), &name("read/c"));
    let names = |prefix| async move { store.list(prefix).await.expect("list") };
    assert_eq!(names("read/").await, ["read/a", "read/b/10", "read/b/2"]);
    assert_eq!(names("read/b/1").await, ["read/b/10"]);
    assert_eq!(names("nowhere/").await, Vec::<Name>::new());
    let meta = store.head(a).await.expect("head").expect("the object");
    assert_eq!(meta.etag, store.get(a).await.expect("get").etag);
    assert_eq!(meta.size, 10);
    assert_eq!(store.size(a).await.expect("size"), Some(10));
    assert_eq!(store.size(c).await.expect("size"), None);
    let large = store.get_large(a).await.expect("get");
    assert_eq!(large, store.get(a).await.expect("get"));
    assert_eq!(store.get_range(a, 2..5).await.expect("range"), bytes("234"));
    assert_eq!(store.get_range(a, 10..10).await.expect("range"), bytes(""));
    let beyond = store.get_range(a, 5..11).await;
    assert!(matches!(beyond, Err(Error::Invalid { .. })), "{beyond:?}");
    let dir = tempfile::tempdir().expect("a folder");
    let to = dir.path().join("copy");
    assert_eq!(store.download(a, &to).await.expect("download"), 10);
    assert_eq!(std::fs::read(&to).expect("the copy"), b"0123456789");
    let missing = store.get(c).await;
    assert!(
        matches!(missing, Err(Error::NotFound { .. })),
        "{missing:?}"
    );
    let missing = store.download(c, &dir.path().join("c")).await;
    assert!(
        matches!(missing, Err(Error::NotFound { .. })),
        "{missing:?}"
    );
    assert_eq!(store.head(c).await.expect("head"), None);
}

/// Every name that is one is kept as it is, however odd, and no other stands for it.
pub async fn hostile_names_stay_what_they_are(store: &dyn ObjectStore) {
    let long = format!("odd/{}", "n".repeat(255));
    let odd = [
        "odd/a",
        "odd/A",
        "odd/a ",
        "odd/a%2Fb",
        "odd/a=1/b=2",
        "odd/ü",
        "odd/u\u{308}",
        "odd/'; DROP TABLE x; --",
        "odd/$(id)`id`",
        "odd/*?[a]",
        "odd/-rf",
        "odd/CON",
        "odd/a.json.",
        "odd/\u{202e}gpj.exe",
        &long,
    ];
    let names = odd.map(|name| Name::parse(name).expect(name));
    for (at, name) in names.iter().enumerate() {
        let put = store.put_new(name, Bytes::from(at.to_string())).await;
        assert_eq!(put.expect(name), Put::Written, "{name:?}");
    }
    for (at, name) in names.iter().enumerate() {
        let object = store.get(name).await.expect(name);
        assert_eq!(object.body, Bytes::from(at.to_string()), "{name:?}");
    }
    let mut listed = names.to_vec();
    listed.sort();
    assert_eq!(store.list("odd/").await.expect("list"), listed);
    assert_eq!(store.list("odd/a=1/").await.expect("list"), ["odd/a=1/b=2"]);
    for prefix in ["/", "../", "odd/../", "odd//"] {
        let found = store.list(prefix).await.unwrap_or_default();
        assert_eq!(found, Vec::<Name>::new(), "{prefix:?} leads nowhere");
    }
}
