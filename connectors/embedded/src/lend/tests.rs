use super::ask::{self, Ask, Hello, PROTOCOL, Question, RECORDS, Welcome};
use super::frames::{self, Kind};
use super::place::Place;
use super::*;
use crate::database;
use connectors::{Applied, Change, Created, Error, Identity, Index, PaymentStore};
use connectors_conformance as conformance;
use connectors_conformance::HandClock;
use proptest::prelude::*;
use settlement::ids::{CutId, PaymentId};
use settlement::payment::Event;
use std::path::Path;
use std::sync::Arc;
use tokio::io::AsyncWriteExt;

/// What a process has of the store in `dir`, with a clock of its own.
fn start(dir: &Path, role: Role, clock: &Arc<HandClock>) -> connectors::Result<Node> {
    let (store, clock) = (dir.to_path_buf(), Arc::clone(clock));
    Node::start(Plan {
        store: dir.to_path_buf(),
        role,
        open: Arc::new(move || Store::new(database::make(&store)?, clock.clone(), None)),
        whose: Arc::new(|| Ok(None)),
    })
}

fn node(dir: &Path) -> Arc<Node> {
    Arc::new(start(dir, Role::Works, &Arc::default()).unwrap())
}

fn payments(node: &Arc<Node>) -> LentPayments {
    LentPayments::seen_from(Arc::clone(node), "").unwrap()
}

fn claim(id: PaymentId) -> Change {
    Change {
        payment: id,
        expected_version: Some(1),
        event: Event::Claimed {
            cut: CutId("2026-11-25/standard/09100001".to_owned()),
        },
        date: jiff::civil::date(2026, 11, 25),
        at: jiff::Timestamp::UNIX_EPOCH,
    }
}

const READY: Index = Index::Ready {
    speed: None,
    until: None,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_borrowed_is_a_payment_store() {
    let dir = tempfile::tempdir().unwrap();
    let (lends, borrows) = (node(dir.path()), node(dir.path()));
    assert!(lends.own().is_some() && borrows.own().is_none());
    let store = payments(&borrows);
    conformance::keys_make_one_payment(&store).await;
    conformance::payments_change_only_by_listed_steps(&store).await;
    conformance::a_claim_has_one_winner(&store).await;
    conformance::pages_follow_the_state(&store).await;
    conformance::events_are_paged_in_order(&store).await;
    conformance::many_creators_make_one_payment(&store).await;
    conformance::cancel_against_claim_has_one_winner(&store).await;
    conformance::facts_are_numbered_and_kept_once(&store).await;
    conformance::facts_and_events_make_one_history(&store).await;
    conformance::whoever_is_not_like_the_others_is_found(&store).await;
    conformance::names_are_forgotten_and_nothing_else(&store).await;
    conformance::unusual_events_are_those_that_happen_to_few(&store).await;
    conformance::a_merchant_finds_its_own(&store).await;
    conformance::the_feed_tells_everything_once(&store).await;
    conformance::a_request_is_found_by_its_key(&store).await;
    let other = LentPayments::seen_from(Arc::clone(&borrows), "north").unwrap();
    conformance::banks_do_not_see_each_other(&store, &other, "north").await;
    assert!(borrows.own().is_none());
}

#[tokio::test]
async fn another_bank_is_seen_through_it_and_a_bad_name_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (_lends, borrows) = (node(dir.path()), node(dir.path()));
    let seen = |bank: &str| LentPayments::seen_from(Arc::clone(&borrows), bank);
    conformance::facts_are_numbered_and_kept_once(&seen("north").unwrap()).await;
    assert!(matches!(seen("a/b").map(drop), Err(Error::Invalid { .. })));
    let question = ask::bytes(&Question {
        bank: "a/b".to_owned(),
        ask: Ask::History(conformance::record(1).payment.id),
    });
    let node::Access::Link(link) = borrows.access().await.unwrap() else {
        panic!("it borrows");
    };
    let answer = link.ask(&question.unwrap()).await.unwrap();
    let answer: ask::Answer = ask::read(&answer).unwrap();
    let ask::Answer::Failed(refused) = answer else {
        panic!("it is refused");
    };
    assert!(matches!(refused.read(), Error::Invalid { .. }));
}

#[tokio::test]
async fn what_is_borrowed_is_documents() {
    let dir = tempfile::tempdir().unwrap();
    let (_lends, borrows) = (node(dir.path()), node(dir.path()));
    let documents = LentDocuments::over(Arc::clone(&borrows));
    conformance::documents_change_only_from_what_was_seen(&documents).await;
    conformance::a_document_has_one_winner(&documents).await;
    assert!(borrows.own().is_none());
}

#[tokio::test]
async fn what_is_borrowed_is_a_queue() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(HandClock::default());
    let _lends = start(dir.path(), Role::Works, &clock).unwrap();
    let borrows = Arc::new(start(dir.path(), Role::Works, &clock).unwrap());
    let queue = LentQueue::over(Arc::clone(&borrows));
    conformance::messages_are_delivered_until_acknowledged(&queue, &clock).await;
    conformance::hopeless_messages_are_set_aside(&queue, &clock).await;
    assert!(borrows.own().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_larger_than_a_message_comes_in_several() {
    let dir = tempfile::tempdir().unwrap();
    let (lends, borrows) = (node(dir.path()), node(dir.path()));
    let (own, lent) = (payments(&lends), payments(&borrows));
    let count = 2 * RECORDS + 5;
    let mut new: Vec<_> = (0..).map(conformance::record).take(count).collect();
    for new in new.iter_mut().take(300) {
        // Together more than one question, and more than one answer, holds.
        let notes = "n".repeat(40_000);
        new.payment.metadata = [("notes".to_owned(), notes)].into();
    }
    let ids: Vec<PaymentId> = new.iter().map(|new| new.payment.id).collect();
    let created = lent.create(new.clone()).await.unwrap();
    assert!(created.iter().all(|created| *created == Created::New));
    let changes: Vec<Change> = ids.iter().copied().map(claim).collect();
    let applied = lent.apply(changes).await.unwrap();
    assert_eq!(applied, vec![Applied::Done { version: 2 }; count]);
    let all = own.get(&ids).await.unwrap();
    assert_eq!(lent.get(&ids).await.unwrap(), all);
    for limit in [0, 1, RECORDS, RECORDS + 1, count, usize::MAX] {
        let page = own.page(Index::All, None, limit).await.unwrap();
        assert_eq!(lent.page(Index::All, None, limit).await.unwrap(), page);
        let date = jiff::civil::date(2026, 11, 25);
        let events = own.events(date, None, limit).await.unwrap();
        assert_eq!(lent.events(date, None, limit).await.unwrap(), events);
        let requests = own.requests(None, limit).await.unwrap();
        assert_eq!(lent.requests(None, limit).await.unwrap(), requests);
    }
    let mut huge = conformance::record(9_999_999);
    let notes = "n".repeat(ask::ASKED_BYTES);
    huge.payment.metadata = [("notes".to_owned(), notes)].into();
    let refused = lent.create(vec![huge]).await.unwrap_err();
    assert!(matches!(refused, Error::Invalid { .. }), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_leaves_hands_over_without_a_refused_call() {
    let dir = tempfile::tempdir().unwrap();
    let mut lends = node(dir.path());
    let mut made = 0;
    for _ in 0..5 {
        let borrows = node(dir.path());
        assert!(borrows.own().is_none());
        let callers = (0..8).map(|caller| {
            let store = payments(&borrows);
            tokio::spawn(async move {
                for call in 0..25 {
                    let new = conformance::record(made + 25 * caller + call);
                    let created = store.create(vec![new]).await.unwrap();
                    assert_eq!(created, [Created::New]);
                }
            })
        });
        let callers: Vec<_> = callers.collect();
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        drop(lends);
        for caller in callers {
            caller.await.unwrap();
        }
        made += 200;
        let page = payments(&borrows).page(READY, None, 10_000).await.unwrap();
        assert_eq!(page.len(), made as usize);
        lends = borrows;
        assert!(lends.own().is_some(), "whoever called last has it");
    }
    drop(lends);
    let left = std::fs::symlink_metadata(dir.path().join(database::SOCKET));
    assert!(left.is_err(), "the socket is gone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_those_who_would_take_over_one_does_and_the_others_borrow() {
    let dir = tempfile::tempdir().unwrap();
    let lends = node(dir.path());
    let mut waiting: Vec<Arc<Node>> = (0..6).map(|_| node(dir.path())).collect();
    drop(lends);
    while !waiting.is_empty() {
        let first = waiting.len() as u32 * 100;
        let calls = waiting.iter().zip(first..).map(|(node, number)| {
            let store = payments(node);
            tokio::spawn(async move { store.create(vec![conformance::record(number)]).await })
        });
        for call in calls.collect::<Vec<_>>() {
            assert_eq!(call.await.unwrap().unwrap(), [Created::New]);
        }
        let own = waiting.iter().filter(|node| node.own().is_some());
        assert_eq!(own.count(), 1);
        waiting.retain(|node| node.own().is_none());
    }
}

/// An installation with an object.
fn made(at: &connectors::Addresses) -> connectors::Ports {
    let made = crate::make(at, crate::Keys::Drawn).unwrap();
    let folder = at.folder("objects", None, "objects").unwrap();
    std::fs::write(folder.join("x"), "x").unwrap();
    made
}

#[tokio::test]
async fn who_looks_borrows_and_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let at = connectors::Addresses::in_dir(dir.path());
    let made = made(&at);
    let new = || vec![conformance::record(1)];
    made.payments.create(new()).await.unwrap();
    let looks = crate::look(&at).unwrap();
    assert_eq!(looks.payments.page(READY, None, 9).await.unwrap().len(), 1);
    made.payments
        .create(vec![conformance::record(2)])
        .await
        .unwrap();
    assert_eq!(looks.payments.page(READY, None, 9).await.unwrap().len(), 2);
    let refused = looks.payments.create(new()).await.unwrap_err();
    assert!(matches!(refused, Error::Denied { .. }), "{refused}");
    let refused = looks.queue.send("q", "x".into()).await.unwrap_err();
    assert!(matches!(refused, Error::Denied { .. }), "{refused}");
    let refused = looks.queue.receive("q", 1, std::time::Duration::MAX).await;
    assert!(matches!(refused, Err(Error::Denied { .. })));
    drop(made);
    assert_eq!(looks.payments.page(READY, None, 9).await.unwrap().len(), 2);
    let lock = dir.path().join("store/lender");
    let seat = crate::locked::try_file(&lock).unwrap();
    assert!(seat.is_some(), "who looks has no seat");
}

#[tokio::test]
async fn what_another_process_has_not_finished_stays() {
    let dir = tempfile::tempdir().unwrap();
    let at = connectors::Addresses::in_dir(dir.path());
    drop(made(&at));
    let first = crate::open(&at).unwrap();
    let unfinished = dir.path().join("objects/.unfinished");
    std::fs::create_dir_all(&unfinished).unwrap();
    std::fs::write(unfinished.join("half"), "a").unwrap();
    let second = crate::open(&at).unwrap();
    assert!(unfinished.join("half").exists());
    drop(first);
    drop(crate::open(&at).unwrap());
    assert!(
        unfinished.join("half").exists(),
        "the second is still there"
    );
    drop(second);
    drop(crate::open(&at).unwrap());
    assert!(!unfinished.join("half").exists(), "nobody was there");
}

#[tokio::test]
async fn one_command_works_and_whoever_serves_is_in_no_ones_way() {
    let dir = tempfile::tempdir().unwrap();
    let at = connectors::Addresses::in_dir(dir.path());
    drop(made(&at));
    let serves = crate::open(&at).unwrap();
    let works = crate::work_all(&at, &[]).unwrap();
    let refused = crate::work_all(&at, &[]).map(drop).unwrap_err();
    assert!(matches!(refused, Error::Conflict { .. }), "{refused}");
    assert!(refused.to_string().contains("another command works on it"));
    let also = crate::open(&at).unwrap();
    drop(works);
    drop(crate::work_all(&at, &[]).unwrap());
    drop((serves, also));
}

/// What a lender says to somebody whose first words are `words`.
async fn said(place: &Place, words: &[u8]) -> Option<Welcome> {
    let (mut stream, _) = place.go().await.unwrap()?;
    stream.write_all(words).await.ok()?;
    let message = frames::next(&mut stream, frames::FRAME_BYTES)
        .await
        .ok()??;
    ask::read(&message.body).ok()
}

#[tokio::test]
async fn who_speaks_another_protocol_or_is_of_another_installation_is_told_so() {
    let dir = tempfile::tempdir().unwrap();
    let identity = |epoch| Identity {
        id: "ab".repeat(16),
        epoch,
    };
    let (store, ours) = (dir.path().to_path_buf(), identity(2));
    let _lends = Node::start(Plan {
        store: store.clone(),
        role: Role::Works,
        open: Arc::new(move || {
            Store::new(database::make(&store)?, Arc::<HandClock>::default(), None)
        }),
        whose: Arc::new(move || Ok(Some(ours.clone()))),
    });
    let hello = |protocol, installation| {
        let hello = Hello {
            protocol,
            installation,
        };
        frames::frames(0, &ask::bytes(&hello).unwrap())
    };
    let place = Place::of(dir.path());
    for (words, why) in [
        (hello(PROTOCOL + 1, None), "another release"),
        (frames::frames(0, &[]), "another release"),
        (frames::frames(0, &[1, 9]), "what was said first"),
        (
            hello(PROTOCOL, Some(identity(3))),
            "the folder was replaced",
        ),
    ] {
        let Some(Welcome::Go(said)) = said(&place, &words).await else {
            panic!("{why}: not refused");
        };
        assert!(said.contains(why), "{said}");
    }
    for whose in [None, Some(identity(2))] {
        let welcome = said(&place, &hello(PROTOCOL, whose)).await;
        assert!(matches!(welcome, Some(Welcome::Come { epoch: 1 })));
    }
}

/// Bytes that somebody may send: anything, or questions of which a byte is another.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let question = |number| {
        let question = Question {
            bank: String::new(),
            ask: Ask::Page(READY, None, usize::MAX),
        };
        frames::frames(number, &ask::bytes(&question).unwrap())
    };
    let turned = (any::<prop::sample::Index>(), any::<u8>()).prop_map(move |(at, with)| {
        let mut bytes = [question(1), question(2), frames::bare(Kind::Leaving)].concat();
        let at = at.index(bytes.len());
        bytes[at] ^= with;
        bytes
    });
    prop_oneof![prop::collection::vec(any::<u8>(), 0..400), turned]
}

#[test]
fn whatever_a_peer_sends_ends_its_connection_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (_lends, borrows) = (node(dir.path()), node(dir.path()));
    let turns = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (place, store) = (Place::of(dir.path()), payments(&borrows));
    let hello = Hello {
        protocol: PROTOCOL,
        installation: None,
    };
    let hello = frames::frames(0, &ask::bytes(&hello).unwrap());
    turns
        .block_on(store.create(vec![conformance::record(1)]))
        .unwrap();
    let node::Access::Link(before) = turns.block_on(borrows.access()).unwrap() else {
        panic!("it borrows");
    };
    proptest!(ProptestConfig::with_cases(300), |(bytes in hostile(), greets in any::<bool>())| {
        turns.block_on(async {
            let (mut stream, _) = place.go().await.unwrap().expect("a lender");
            if greets {
                stream.write_all(&hello).await.unwrap();
            }
            // It may be shown out in the middle of it.
            let _ = stream.write_all(&bytes).await;
        });
        let page = turns.block_on(store.page(READY, None, 10)).unwrap();
        prop_assert_eq!(page.len(), 1);
    });
    assert!(
        before.is_open(),
        "the other's connection stands all the time"
    );
}

#[test]
fn what_was_asked_again_is_answered_as_if_it_was_asked_once() {
    let new = [1, 2, 1, 3].map(conformance::record);
    let [first, second, _, third] = [0, 1, 2, 3].map(|at: usize| new[at].payment.id);
    let answers = vec![
        Created::Existing(first),
        Created::Existing(third),
        Created::Existing(first),
        Created::KeyReused(second),
    ];
    let expected = [
        Created::New,
        Created::Existing(third),
        Created::Existing(first),
        Created::KeyReused(second),
    ];
    assert_eq!(again::created(&new, answers), expected);

    let mut payment = new[0].payment.clone();
    let ours = claim(first);
    let mut history = vec![payment.created(ours.date)];
    history.push(
        payment
            .apply(ours.event.clone(), ours.date, ours.at)
            .unwrap(),
    );
    let later = Applied::Stale { version: 5 };
    for answer in [Applied::Exists, later.clone()] {
        assert!(again::is_open(&ours, &answer));
        let done = again::applied(&ours, answer, &history);
        assert_eq!(done, Applied::Done { version: 2 });
    }
    let theirs = Change {
        at: jiff::Timestamp::MAX,
        ..ours.clone()
    };
    assert_eq!(again::applied(&theirs, later.clone(), &history), later);
    let any = Change {
        expected_version: None,
        ..ours
    };
    assert!(!again::is_open(&any, &Applied::Exists));
}
