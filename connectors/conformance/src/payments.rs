//! The suite of [`PaymentStore`].

use connectors::{Applied, Change, Created, Index, NewRecord, PaymentStore, Request};
use jiff::{Timestamp, civil::Date};
use settlement::codes::sec::SecCode;
use settlement::ids::{
    AccountToken, BatchKey, CutId, DfiId, Direction, PaymentId, RoutingNumber, TraceNumber,
};
use settlement::money::Cents;
use settlement::payment::{
    AccountKind, EntryRef, Event, Order, Payment, Receiver, Sealed, Speed, State,
};
use std::task::Poll;

pub(super) const DAY: Date = Date::constant(2026, 11, 25);

/// Monday 2026-11-23, 14:00 UTC, and `ms` milliseconds.
pub(super) fn moment(ms: u32) -> Timestamp {
    let start = Timestamp::constant(1_795_442_400, 0);
    start
        .checked_add(std::time::Duration::from_millis(u64::from(ms)))
        .expect("a near moment")
}

/// The `number`-th of a row of distinct payments of a dollar and `number` cents, in state INIT.
pub fn sample_payment(number: u32) -> Payment {
    let at = moment(number);
    let token = AccountToken {
        token: format!("{number:024x}"),
        last4: "6789".to_owned(),
    };
    let sealed = Sealed {
        wrapped_key: vec![7; 64],
        nonce: vec![1; 12],
        ciphertext: vec![9; 33],
    };
    let routing = RoutingNumber::new(76_401_251).expect("a good check digit");
    let name = format!("RECEIVER {number}");
    let order = Order {
        direction: Direction::Credit,
        amount: Cents::new(100 + u64::from(number)),
        originator: "acme".to_owned(),
        sec: SecCode::Ppd,
        description: "PAYROLL".to_owned(),
        speed: if number.is_multiple_of(2) {
            Speed::Standard
        } else {
            Speed::SameDay
        },
        effective: None,
    };
    let receiver = Receiver {
        routing,
        account: AccountKind::Checking,
        token,
        sealed,
        name,
    };
    let id = PaymentId::new(at, number).expect("an id of this decade");
    Payment::new(id, order, receiver, None, at)
}

/// The `number`-th sample under a key of its own.
pub fn record(number: u32) -> NewRecord {
    NewRecord {
        payment: sample_payment(number),
        idempotency_key: format!("request {number}"),
        request_hash: [u8::try_from(number % 251).expect("under 251"); 32],
        date: DAY,
    }
}

pub(super) fn change(payment: PaymentId, expected_version: Option<u32>, event: Event) -> Change {
    Change {
        payment,
        expected_version,
        event,
        date: DAY,
        at: moment(500),
    }
}

pub(super) fn claim(cut: &str) -> Event {
    Event::Claimed {
        cut: CutId(cut.to_owned()),
    }
}

pub(super) fn sent(batch: BatchKey, sequence: u32) -> Event {
    let odfi = DfiId::new(9_100_001).expect("eight digits");
    let trace = TraceNumber::new(odfi, sequence).expect("seven digits");
    Event::Sent {
        entry: EntryRef {
            trace,
            batch,
            settles_on: DAY,
        },
    }
}

/// The same request again is the same payment; the key for another request is refused.
pub async fn keys_make_one_payment(store: &dyn PaymentStore) {
    let first = record(1);
    let id = first.payment.id;
    let mut other_request = first.clone();
    other_request.request_hash = [255; 32];
    let mut same_id = record(2);
    same_id.payment.id = id;
    let asked = vec![
        first.clone(),
        first.clone(),
        other_request.clone(),
        same_id.clone(),
    ];
    let expected = [
        Created::New,
        Created::Existing(id),
        Created::KeyReused(id),
        Created::IdTaken,
    ];
    assert_eq!(
        store.create(asked).await.expect("create"),
        expected,
        "within one call"
    );
    let again = store
        .create(vec![first.clone(), other_request, same_id])
        .await;
    assert_eq!(again.expect("create"), expected[1..], "in a later call");
    let found = store.get(&[id, sample_payment(3).id]).await.expect("get");
    assert_eq!(found, [Some(first.payment), None]);
    let history = store.history(id).await.expect("history");
    assert_eq!(history.len(), 1);
    assert_eq!(
        (history[0].event.clone(), history[0].date),
        (Event::Created, DAY)
    );
    let (mut all, mut after) = (Vec::new(), None);
    while let [request] = store.requests(after, 1).await.expect("requests")[..] {
        assert!(after.is_none_or(|after| after < request.key), "in order");
        after = Some(request.key);
        all.push(request);
    }
    all.retain(|request| request.payment == id);
    let made = Request {
        key: *settlement::archive::sha256(first.idempotency_key.as_bytes()).as_bytes(),
        payment: id,
        request_hash: first.request_hash,
    };
    assert_eq!(all, [made], "one key, of the request that made it");
}

/// Versions are held against what is there; unlisted steps and repeated events change nothing.
pub async fn payments_change_only_by_listed_steps(store: &dyn PaymentStore) {
    let first = record(11);
    let (id, v) = (first.payment.id, first.payment.version);
    store.create(vec![first]).await.expect("create");
    let one = |change| async { store.apply(vec![change]).await.expect("apply").remove(0) };
    let nobody = change(sample_payment(12).id, None, claim("x"));
    assert_eq!(one(nobody).await, Applied::NotFound);
    assert_eq!(
        one(change(id, Some(v + 1), claim("x"))).await,
        Applied::Stale { version: v }
    );
    assert!(matches!(
        one(change(id, None, Event::Closed)).await,
        Applied::Refused(_)
    ));
    assert_eq!(
        one(change(id, Some(v), claim("x"))).await,
        Applied::Done { version: v + 1 }
    );
    assert_eq!(
        one(change(id, Some(v), claim("x"))).await,
        Applied::Exists,
        "told twice"
    );
    assert_eq!(
        one(change(id, Some(v), claim("y"))).await,
        Applied::Stale { version: v + 1 }
    );
    let batch = BatchKey::new(DAY, b'A', 1).expect("a batch");
    let two = vec![
        change(id, None, sent(batch, 1)),
        change(
            id,
            None,
            Event::Acknowledged {
                file: "A.ach".to_owned(),
            },
        ),
    ];
    let done = [
        Applied::Done { version: v + 2 },
        Applied::Done { version: v + 3 },
    ];
    assert_eq!(
        store.apply(two).await.expect("apply"),
        done,
        "two steps in one call"
    );
    let history = store.history(id).await.expect("history");
    let states: Vec<State> = history.iter().map(|e| e.to).collect();
    assert_eq!(
        states,
        [
            State::Init,
            State::Batched,
            State::SentToBank,
            State::Pending
        ]
    );
    let payment = store
        .get(&[id])
        .await
        .expect("get")
        .remove(0)
        .expect("the payment");
    assert_eq!((payment.version, payment.state), (v + 3, State::Pending));
    what_the_bank_says_is_kept(store, payment).await;
}

/// What the bank takes back, says again and rejects is in the payment and in its history as it is
/// in memory.
async fn what_the_bank_says_is_kept(store: &dyn PaymentStore, mut payment: Payment) {
    let events = [
        Event::Settled {
            bank_reference: "SB1".to_owned(),
            on: DAY,
        },
        Event::Rejected {
            file: "A.ach".to_owned(),
            reason: String::new(),
        },
        Event::SettlementUndone {
            allocation: "2026-11-25-00".to_owned(),
            times: 1,
        },
        Event::SettledAgain {
            bank_reference: "SB2".to_owned(),
            on: DAY,
            times: 1,
        },
    ];
    let mut history = store.history(payment.id).await.expect("history");
    for event in events {
        let made = payment.apply(event.clone(), DAY, moment(500));
        history.push(made.expect("a step"));
        let asked = vec![change(payment.id, None, event)];
        store.apply(asked).await.expect("apply");
        let found = store.get(&[payment.id]).await.expect("get");
        assert_eq!(found, [Some(payment.clone())]);
    }
    let kept = store.history(payment.id).await.expect("history");
    assert_eq!(kept, history);
    assert_eq!(payment.heard.undone, 1, "what was to be kept");
}

/// Of many writers that claim one payment at the version they all read, one wins.
pub async fn a_claim_has_one_winner(store: &dyn PaymentStore) {
    let first = record(21);
    let (id, v) = (first.payment.id, first.payment.version);
    store.create(vec![first]).await.expect("create");
    let claims = [claim("a"), claim("b"), claim("c"), claim("d")];
    let [a, b, c, d] = claims.map(|event| store.apply(vec![change(id, Some(v), event)]));
    let (a, b, c, d) = tokio::join!(a, b, c, d);
    let answers: Vec<Applied> = [a, b, c, d]
        .into_iter()
        .map(|answer| answer.expect("apply").remove(0))
        .collect();
    let won = answers
        .iter()
        .filter(|a| matches!(a, Applied::Done { .. }))
        .count();
    let lost = answers
        .iter()
        .filter(|a| matches!(a, Applied::Stale { version } if *version == v + 1));
    assert_eq!((won, lost.count()), (1, 3), "{answers:?}");
    assert_eq!(store.history(id).await.expect("history").len(), 2);
}

/// Of sixteen callers that ask for the same payment at once, one makes it and all are told so; of
/// sixteen that want the same id, one gets it.
pub async fn many_creators_make_one_payment(store: &dyn PaymentStore) {
    let id = sample_payment(31).id;
    let create =
        |record: NewRecord| async { store.create(vec![record]).await.expect("create").remove(0) };
    let of_one_key = futures_of(|_| create(record(31))).await;
    let new = |all: &[Created]| all.iter().filter(|one| **one == Created::New).count();
    assert_eq!(new(&of_one_key), 1, "{of_one_key:?}");
    let existing = of_one_key
        .iter()
        .filter(|one| **one == Created::Existing(id));
    assert_eq!(existing.count(), 15, "{of_one_key:?}");
    let of_one_id = futures_of(|n| {
        let mut record = record(32);
        record.idempotency_key = format!("racing {n}");
        create(record)
    });
    let of_one_id = of_one_id.await;
    let taken = of_one_id.iter().filter(|one| **one == Created::IdTaken);
    assert_eq!((new(&of_one_id), taken.count()), (1, 15), "{of_one_id:?}");
    assert_eq!(store.history(id).await.expect("history").len(), 1);
}

/// Sixteen calls at once.
async fn futures_of<F: Future<Output = Created>>(call: impl Fn(u32) -> F) -> Vec<Created> {
    let mut calls: Vec<_> = (0..16).map(|n| Some(Box::pin(call(n)))).collect();
    let mut answers = Vec::new();
    std::future::poll_fn(|context| {
        for waiting in &mut calls {
            let answer = waiting.as_mut().map(|call| call.as_mut().poll(context));
            if let Some(Poll::Ready(answer)) = answer {
                answers.push(answer);
                *waiting = None;
            }
        }
        match calls.iter().all(Option::is_none) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
    answers
}

/// What is cancelled while it is being claimed is one of both, and the index says which.
pub async fn cancel_against_claim_has_one_winner(store: &dyn PaymentStore) {
    for number in 41..49 {
        let first = record(number);
        let (id, v) = (first.payment.id, first.payment.version);
        store.create(vec![first]).await.expect("create");
        let claimed = change(id, Some(v), claim("race"));
        let cancelled = change(id, Some(v), Event::Cancelled);
        let (claimed, cancelled) = match number % 2 {
            0 => tokio::join!(store.apply(vec![claimed]), store.apply(vec![cancelled])),
            _ => {
                let (b, a) = tokio::join!(store.apply(vec![cancelled]), store.apply(vec![claimed]));
                (a, b)
            }
        };
        let won = |answer: connectors::Result<Vec<Applied>>| {
            matches!(answer.expect("apply")[0], Applied::Done { .. })
        };
        let (claimed, cancelled) = (won(claimed), won(cancelled));
        assert!(claimed != cancelled, "payment {number}: both or none");
        let page = pages(
            store,
            Index::Claimed(Some(CutId("race".to_owned()))),
            id,
            id,
        )
        .await;
        assert_eq!(!page.is_empty(), claimed);
        let ready = Index::Ready {
            speed: None,
            until: None,
        };
        assert_eq!(pages(store, ready, id, id).await, []);
    }
}

/// Each index names exactly the payments whose state says so, page by page in order of id.
pub async fn pages_follow_the_state(store: &dyn PaymentStore) {
    let ids: Vec<PaymentId> = (100..107).map(|n| sample_payment(n).id).collect();
    // Order of arrival is not the order of pages.
    store
        .create((100..107).rev().map(record).collect())
        .await
        .expect("create");
    let cut = CutId("2026-11-25/standard/09100001".to_owned());
    let claims = ids[..5]
        .iter()
        .map(|id| change(*id, None, Event::Claimed { cut: cut.clone() }));
    store.apply(claims.collect()).await.expect("apply");
    let (one, two) = (BatchKey::new(DAY, b'B', 1), BatchKey::new(DAY, b'B', 2));
    let (one, two) = (one.expect("a batch"), two.expect("a batch"));
    let file = || "B.ach".to_owned();
    let outcome = vec![
        change(ids[0], None, sent(one, 10)),
        change(ids[1], None, sent(two, 11)),
        change(ids[2], None, Event::UploadFailed { file: file() }),
        change(ids[3], None, Event::UploadUnknown { file: file() }),
    ];
    store.apply(outcome).await.expect("apply");
    let page = |index: Index| pages(store, index, ids[0], ids[6]);
    let ready = |speed, until| page(Index::Ready { speed, until });
    assert_eq!(ready(None, None).await, [ids[2], ids[5], ids[6]]);
    let standard = Some(Speed::Standard);
    assert_eq!(ready(standard, None).await, [ids[2], ids[6]]);
    assert_eq!(ready(Some(Speed::SameDay), None).await, [ids[5]]);
    assert_eq!(ready(None, Some(ids[5])).await, [ids[2], ids[5]]);
    assert_eq!(ready(standard, Some(ids[5])).await, [ids[2]]);
    assert_eq!(page(Index::Claimed(Some(cut))).await, [ids[3], ids[4]]);
    assert_eq!(page(Index::Claimed(None)).await, [ids[3], ids[4]]);
    let of_longer = CutId("2026-11-25/standard".to_owned());
    assert_eq!(page(Index::Claimed(Some(of_longer))).await, []);
    assert_eq!(page(Index::All).await, ids);
}

/// The ids of an index between two ids, gathered in pages of two.
pub(super) async fn pages(
    store: &dyn PaymentStore,
    index: Index,
    first: PaymentId,
    last: PaymentId,
) -> Vec<PaymentId> {
    let (mut ids, mut after) = (Vec::new(), None);
    loop {
        let page = store.page(index.clone(), after, 2).await.expect("page");
        assert!(page.len() <= 2);
        let Some(end) = page.last() else { break };
        after = Some(end.id);
        ids.extend(
            page.iter()
                .map(|p| p.id)
                .filter(|id| (first..=last).contains(id)),
        );
    }
    assert!(ids.is_sorted());
    ids
}
