//! The suite of [`BankLink`]. What the bank does is handed in by the adapter's test.

use crate::{BankLink, Error, ReadBack};
use aws_lc_rs::digest;
use bytes::Bytes;

/// An upload arrives once and can be read back, even after the bank (`take`) took `A.ach` away.
pub async fn uploads_are_sent_once_and_read_back(link: &dyn BankLink, take: impl FnOnce()) {
    assert_eq!(link.read_back("A.ach").await.expect("read back"), None);
    let body = Bytes::from_static(b"101 091000019");
    link.upload("A.ach", body.clone()).await.expect("upload");
    link.upload("A.ach", body.clone())
        .await
        .expect("the same file again");
    let other = link.upload("A.ach", Bytes::from_static(b"other")).await;
    assert!(matches!(other, Err(Error::Conflict { .. })), "{other:?}");
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(digest::digest(&digest::SHA256, &body).as_ref());
    let arrived = Some(ReadBack {
        size: body.len() as u64,
        sha256,
    });
    assert_eq!(link.read_back("A.ach").await.expect("read back"), arrived);
    take();
    assert_eq!(
        link.read_back("A.ach").await.expect("read back"),
        arrived,
        "after it was taken"
    );
    link.upload("A.ach", body)
        .await
        .expect("the same file again");
    assert_eq!(
        link.list().await.expect("list"),
        [],
        "what we sent does not wait for us"
    );
}

/// Files the bank put out (`put`) are listed, fetched, and gone only when removed, whatever the
/// bank calls them.
pub async fn inbound_files_stay_until_removed(link: &dyn BankLink, put: impl Fn(&str, &[u8])) {
    put("returns-2.ach", b"22");
    put("returns-1.ach", b"1");
    let names = || async {
        let list = link.list().await.expect("list");
        list.into_iter()
            .map(|r| (r.name, r.size))
            .collect::<Vec<_>>()
    };
    let both = [
        ("returns-1.ach".to_owned(), 1),
        ("returns-2.ach".to_owned(), 2),
    ];
    assert_eq!(names().await, both);
    for odd in ["a\\b.bai", &"n".repeat(249), " z\t.bai"] {
        put(odd, b"odd");
        let listed = names().await;
        assert!(listed.contains(&(odd.to_owned(), 3)), "{listed:?}");
        assert_eq!(link.fetch(odd).await.expect("fetch").as_ref(), b"odd");
        link.remove(odd).await.expect("remove");
    }
    assert_eq!(names().await, both);
    assert_eq!(
        link.fetch("returns-2.ach").await.expect("fetch").as_ref(),
        b"22"
    );
    link.remove("returns-1.ach").await.expect("remove");
    link.remove("returns-1.ach")
        .await
        .expect("remove what is gone");
    assert_eq!(names().await, both[1..]);
    let missing = link.fetch("returns-1.ach").await;
    assert!(
        matches!(missing, Err(Error::NotFound { .. })),
        "{missing:?}"
    );
}
