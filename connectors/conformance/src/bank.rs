//! The suite of [`BankLink`]. What the bank does is handed in by the adapter's test.

use aws_lc_rs::digest;
use bytes::Bytes;
use connectors::{BankLink, Error, Fetched, Listing, ReadBack, Remote, Removed, Standing};

fn of(body: &[u8]) -> ReadBack {
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(digest::digest(&digest::SHA256, body).as_ref());
    ReadBack {
        size: body.len() as u64,
        sha256,
    }
}

async fn standing(link: &dyn BankLink, name: &str, sent: &[u8]) -> Standing {
    link.read_back(name, &of(sent)).await.expect("read back")
}

async fn listed(link: &dyn BankLink) -> Vec<Remote> {
    link.list().await.expect("list").files
}

async fn fetched(link: &dyn BankLink, name: &str) -> Bytes {
    let mut files = listed(link).await.into_iter();
    let file = files.find(|file| file.name == name);
    match link.fetch(&file.expect("it is listed")).await {
        Ok(Fetched::Whole(body)) => body,
        other => panic!("{name}: {other:?}"),
    }
}

/// An upload arrives once and can be read back, even after the bank (`take`) took `A.ach` away.
pub async fn uploads_are_sent_once_and_read_back(link: &dyn BankLink, take: impl FnOnce()) {
    let body = Bytes::from_static(b"101 091000019");
    assert_eq!(standing(link, "A.ach", &body).await, Standing::Nothing);
    for _ in 0..2 {
        let sent = link.upload("A.ach", body.clone()).await;
        sent.expect("upload, and the same file again");
    }
    let other = link.upload("A.ach", Bytes::from_static(b"other")).await;
    assert!(matches!(other, Err(Error::Conflict { .. })), "{other:?}");
    let arrived = Standing::File(of(&body));
    assert_eq!(standing(link, "A.ach", &body).await, arrived);
    take();
    let taken = standing(link, "A.ach", &body).await;
    assert_eq!(taken, arrived, "after it was taken");
    let sent = link.sent().await.expect("sent");
    assert_eq!(sent, [("A.ach".to_owned(), Some(of(&body)))]);
    let again = link.upload("A.ach", body).await;
    again.expect("the same file again");
    let says = link.taken("B.ach", &of(b"102")).await;
    says.expect("the bank says that it has taken one that we do not know of");
    let taken = standing(link, "B.ach", b"102").await;
    assert_eq!(taken, Standing::File(of(b"102")));
    let nothing = Listing::default();
    let list = link.list().await.expect("list");
    assert_eq!(list, nothing, "what we sent does not wait for us");
}

/// What a stranger puts (`stand`) under a name of ours is read as what it is, never overwritten,
/// and moved aside where that is asked for.
pub async fn a_stranger_under_our_name_is_never_overwritten(
    link: &dyn BankLink,
    stand: impl Fn(&str, &[u8]),
) {
    for (name, stranger) in [("S.ach", &b"102"[..]), ("T.ach", b"a letter")] {
        stand(name, stranger);
        let there = standing(link, name, b"101").await;
        let same_size = stranger.len() == 3;
        match there {
            Standing::File(there) => assert!(same_size && there == of(stranger)),
            Standing::Other(_) => assert!(!same_size),
            Standing::Nothing | Standing::Unknown(_) => panic!("{name} stands there"),
        }
        let upload = || link.upload(name, Bytes::from_static(b"101"));
        let refused = upload().await;
        assert!(
            matches!(refused, Err(Error::Conflict { .. })),
            "{refused:?}"
        );
        assert!(standing(link, name, b"101").await != Standing::File(of(b"101")));
        let ours = of(b"101");
        let moved = link.set_aside(name, &ours).await.expect("set aside");
        assert!(moved.is_some(), "it says where");
        assert_eq!(standing(link, name, b"101").await, Standing::Nothing);
        upload().await.expect("the name is free");
        let moved = link.set_aside(name, &ours).await.expect("set aside");
        assert_eq!(moved, None, "ours stays");
        let there = standing(link, name, b"101").await;
        assert_eq!(there, Standing::File(ours));
    }
}

/// Files the bank put out (`put`) are listed, fetched, and gone only when removed, whatever the
/// bank calls them.
pub async fn inbound_files_stay_until_removed(link: &dyn BankLink, put: impl Fn(&str, &[u8])) {
    put("returns-2.ach", b"22");
    put("returns-1.ach", b"1");
    let names = || async {
        let list = listed(link).await.into_iter();
        list.map(|r| (r.name, r.size)).collect::<Vec<_>>()
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
        assert_eq!(fetched(link, odd).await.as_ref(), b"odd");
        let removed = link.remove(odd, &of(b"odd")).await.expect("remove");
        assert_eq!(removed, Removed::Removed);
    }
    assert_eq!(names().await, both);
    assert_eq!(fetched(link, "returns-2.ach").await.as_ref(), b"22");
    let first = listed(link).await.remove(0);
    for expected in [Removed::Removed, Removed::Gone] {
        let removed = link.remove("returns-1.ach", &of(b"1")).await;
        assert_eq!(removed.expect("remove"), expected);
    }
    assert_eq!(names().await, both[1..]);
    let missing = link.fetch(&first).await;
    assert!(
        matches!(missing, Err(Error::NotFound { .. })),
        "{missing:?}"
    );
    let removed = link.remove("returns-2.ach", &of(b"22")).await;
    assert_eq!(removed.expect("remove"), Removed::Removed);
}

/// A file that the bank has written (`put`) anew since it was taken, or since it was listed, is
/// neither removed nor read as what it was.
pub async fn what_changed_since_it_was_taken_stays(link: &dyn BankLink, put: impl Fn(&str, &[u8])) {
    put("growing.ach", b"101");
    let seen = listed(link).await.remove(0);
    put("growing.ach", b"101 076");
    let fetch = link.fetch(&seen).await.expect("fetch");
    assert_eq!(fetch, Fetched::Changed);
    for other in [&b"101"[..], b"101 077"] {
        let kept = link.remove("growing.ach", &of(other)).await;
        assert_eq!(kept.expect("remove"), Removed::Changed);
    }
    assert_eq!(fetched(link, "growing.ach").await.as_ref(), b"101 076");
    let removed = link.remove("growing.ach", &of(b"101 076")).await;
    assert_eq!(removed.expect("remove"), Removed::Removed);
}
