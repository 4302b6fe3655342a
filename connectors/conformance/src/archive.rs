//! The suite of [`Archive`].

use connectors::{Archive, ArchiveId, Error, Restore};
use jiff::civil::Date;
use std::fs::File;
use std::io::Write;

fn holding(text: &str) -> File {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(text.as_bytes()).expect("written");
    file
}

/// A package comes back as it was stored and does not leave before its time.
pub async fn packages_stay_as_they_were_stored(archive: &dyn Archive) {
    let dir = tempfile::tempdir().expect("a folder");
    let (until, day_before) = (Date::constant(2033, 11, 25), Date::constant(2033, 11, 24));
    let id = archive
        .store("2026/2026-11-25.tar", holding("a sealed day"), until)
        .await
        .expect("store");
    let again = archive
        .store("2026/2026-11-25.tar", holding("a sealed day"), until)
        .await;
    assert_eq!(again.expect("the same package again"), id);
    let conflict = archive
        .store("2026/2026-11-25.tar", holding("another day"), until)
        .await;
    assert!(
        matches!(conflict, Err(Error::Conflict { .. })),
        "{conflict:?}"
    );
    assert_eq!(
        archive.list().await.expect("list"),
        std::slice::from_ref(&id)
    );
    let meta = archive.head(&id).await.expect("head").expect("the package");
    assert_eq!((meta.size, meta.retain_until), (12, until));
    assert_eq!(archive.verify(&id).await.expect("verify"), meta);
    assert_eq!(
        archive.request_restore(&id).await.expect("restore"),
        Restore::Ready
    );
    let to = dir.path().join("fetched");
    assert_eq!(archive.fetch(&id, &to).await.expect("fetch"), 12);
    assert_eq!(std::fs::read(&to).expect("the package"), b"a sealed day");
    let early = archive.delete(&id, day_before).await;
    assert!(matches!(early, Err(Error::Denied { .. })), "{early:?}");
    archive.delete(&id, until).await.expect("delete");
    assert_eq!(archive.head(&id).await.expect("head"), None);
    assert_eq!(archive.list().await.expect("list"), []);
    let missing = archive.verify(&ArchiveId("2026/none.tar".to_owned())).await;
    assert!(
        matches!(missing, Err(Error::NotFound { .. })),
        "{missing:?}"
    );
}
