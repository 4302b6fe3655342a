//! The suite of [`Documents`].

use bytes::Bytes;
use connectors::{DOCUMENT_BYTES, Documents, Error};

/// Documents are found, listed in order and changed only from what was seen; names stay apart
/// whatever is in them.
pub async fn documents_change_only_from_what_was_seen(documents: &dyn Documents) {
    let body = |text: &'static str| Bytes::from_static(text.as_bytes());
    let put = async |name: &str, seen, text| documents.put("things", name, seen, body(text)).await;
    let conflict = |answer: Result<u64, Error>| matches!(answer, Err(Error::Conflict { .. }));
    assert_eq!(put("a/1", 0, "one").await.expect("new"), 1);
    assert!(conflict(put("a/1", 0, "two").await), "it is there");
    assert!(
        conflict(put("a/1", 7, "two").await),
        "it has another version"
    );
    assert!(conflict(put("a/2", 1, "two").await), "it is not there");
    assert_eq!(put("a/1", 1, "two").await.expect("seen"), 2);
    for name in ["a/10", "a/2", "b", "a", "a/1/x"] {
        put(name, 0, "more").await.expect("new");
    }
    documents
        .put("thing", "s", 0, body("other"))
        .await
        .expect("another collection");
    let names = async |prefix: &str, after, limit| {
        let listed = documents.list("things", prefix, after, limit).await;
        let listed = listed.expect("listed");
        listed.into_iter().map(|one| one.name).collect::<Vec<_>>()
    };
    assert_eq!(names("a/", None, 9).await, ["a/1", "a/1/x", "a/10", "a/2"]);
    assert_eq!(names("a/", Some("a/1/x"), 1).await, ["a/10"]);
    assert_eq!(
        names("", None, 99).await,
        ["a", "a/1", "a/1/x", "a/10", "a/2", "b"]
    );
    let found = documents
        .get("things", "a/1")
        .await
        .expect("read")
        .expect("there");
    assert_eq!((found.version, &found.body[..]), (2, &b"two"[..]));
    assert!(matches!(
        documents.remove("things", "a/1", 1).await,
        Err(Error::Conflict { .. })
    ));
    documents.remove("things", "a/1", 2).await.expect("seen");
    assert_eq!(documents.get("things", "a/1").await.expect("read"), None);
    assert_eq!(names("a/1", None, 9).await, ["a/1/x", "a/10"]);
    let anew = put("a/1", 0, "anew").await.expect("new again");
    assert!(
        anew > 2,
        "nobody takes it for the one that was removed: {anew}"
    );
    for (collection, name) in [("", "x"), ("x", ""), ("x", "a\0b"), ("x\n", "a")] {
        let refused = documents.put(collection, name, 0, body("x")).await;
        assert!(
            matches!(refused, Err(Error::Invalid { .. })),
            "{collection:?} {name:?}"
        );
    }
    let long = "n".repeat(300);
    assert!(matches!(
        put(&long, 0, "x").await,
        Err(Error::Invalid { .. })
    ));
    let large = Bytes::from(vec![b'x'; DOCUMENT_BYTES + 1]);
    let refused = documents.put("things", "large", 0, large).await;
    assert!(matches!(refused, Err(Error::Invalid { .. })));
}

/// Of many that write from the same version, one wins.
pub async fn a_document_has_one_winner(documents: &dyn Documents) {
    let bodies: Vec<Bytes> = (0..16u8).map(|n| Bytes::from(vec![n])).collect();
    let all = bodies
        .iter()
        .map(|body| documents.put("races", "one", 0, body.clone()));
    let mut won = 0;
    let mut waiting: Vec<_> = all.map(Box::pin).collect();
    // Each is begun before any is waited for to its end.
    let first = std::future::poll_fn(|cx| {
        let polled = waiting
            .iter_mut()
            .map(|one| one.as_mut().poll(cx))
            .collect::<Vec<_>>();
        std::task::Poll::Ready(polled)
    })
    .await;
    for (one, polled) in waiting.iter_mut().zip(first) {
        let answer = match polled {
            std::task::Poll::Ready(answer) => answer,
            std::task::Poll::Pending => one.await,
        };
        match answer {
            Ok(version) => won += version,
            Err(Error::Conflict { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(won, 1);
}
