//! The suites of [`PaymentStore`] about facts of sides.

use crate::payments::{DAY, change, claim, moment, pages, record, sample_payment, sent};
use connectors::{Applied, Index, PaymentStore, Telling, Told};
use jiff::civil::Date;
use settlement::codes::returns::ReturnCode;
use settlement::ids::{BatchKey, DfiId, Direction, PaymentId, TraceNumber};
use settlement::payment::{
    Event, Numbered, Payment, PaymentEvent, ReturnRef, Side, SideFact, State,
};

fn side(number: u32) -> Side {
    Side {
        batch: BatchKey::new(DAY, b'S', number).expect("a batch"),
        direction: Direction::Credit,
    }
}

fn trace(sequence: u32) -> TraceNumber {
    let odfi = DfiId::new(9_100_001).expect("eight digits");
    TraceNumber::new(odfi, sequence).expect("seven digits")
}

fn telling(side: Side, event: Event, date: Date, except: &[u32]) -> Telling {
    let except = except.iter().map(|sequence| trace(*sequence)).collect();
    let fact = SideFact::new(event, date, moment(700), except).expect("a fact of a side");
    Telling { side, fact }
}

fn acknowledged() -> Event {
    Event::Acknowledged {
        file: "S.ach".to_owned(),
    }
}

fn settled() -> Event {
    Event::Settled {
        bank_reference: "SB1".to_owned(),
        on: DAY,
    }
}

fn returned(trace_of_return: u32) -> Event {
    let code: ReturnCode = "R01".parse().expect("a code");
    Event::Returned {
        of: ReturnRef {
            code,
            trace: trace(trace_of_return),
            received_on: DAY,
            late: false,
        },
    }
}

/// Creates, claims and sends the samples `numbers` in a batch, their traces being their numbers.
async fn send(store: &dyn PaymentStore, batch: BatchKey, numbers: std::ops::Range<u32>) {
    let new = numbers.clone().map(record).collect();
    store.create(new).await.expect("create");
    let steps = numbers.flat_map(|number| {
        let id = sample_payment(number).id;
        let both = [claim("sides"), sent(batch, number)];
        both.map(|event| change(id, None, event))
    });
    let done = store.apply(steps.collect()).await.expect("apply");
    assert!(done.iter().all(|one| matches!(one, Applied::Done { .. })));
}

async fn one(store: &dyn PaymentStore, number: u32) -> Payment {
    let found = store.get(&[sample_payment(number).id]).await.expect("get");
    let [Some(payment)] = &found[..] else {
        panic!("payment {number} is not there")
    };
    payment.clone()
}

async fn history(store: &dyn PaymentStore, number: u32) -> Vec<PaymentEvent> {
    let id = sample_payment(number).id;
    store.history(id).await.expect("history")
}

/// Facts of a side are numbered from 1 without a gap, in the order in which they were told,
/// whatever else is told at the same time; one told twice is there once; those of a date are found.
pub async fn facts_are_numbered_and_kept_once(store: &dyn PaymentStore) {
    let (one, two) = (side(1), side(2));
    let (day, next) = (Date::constant(2027, 4, 5), Date::constant(2027, 4, 6));
    let first = telling(one, acknowledged(), day, &[]);
    let all = vec![
        first.clone(),
        telling(two, acknowledged(), day, &[3]),
        first.clone(),
        telling(one, settled(), next, &[7, 5]),
        telling(one, Event::HoldEnded, day, &[]),
        telling(one, Event::HoldEnded, next, &[]),
    ];
    let expected = [
        Told::New(1),
        Told::New(1),
        Told::Exists(1),
        Told::New(2),
        Told::New(3),
        Told::New(4),
    ];
    assert_eq!(store.tell(all.clone()).await.expect("tell"), expected);
    let again = store.tell(all.clone()).await.expect("tell");
    let numbers = [1, 1, 1, 2, 3, 4].map(Told::Exists);
    assert_eq!(again, numbers, "in a later call");
    let of_one = store.facts(one).await.expect("facts");
    let numbered = |places: &[usize]| -> Vec<Numbered> {
        let facts = places.iter().zip(1..).map(|(at, number)| Numbered {
            number,
            fact: all[*at].fact.clone(),
        });
        facts.collect()
    };
    assert_eq!(of_one, numbered(&[0, 3, 4, 5]));
    assert_eq!(store.facts(two).await.expect("facts"), numbered(&[1]));
    assert_eq!(store.facts(side(3)).await.expect("facts"), []);
    let told = store.facts_of(day).await.expect("facts");
    let places: Vec<_> = told
        .iter()
        .map(|(side, fact)| (*side, fact.number))
        .collect();
    assert_eq!(places, [(one, 1), (one, 3), (two, 1)]);
    assert_eq!(told[1].1.fact, all[4].fact);
    told_again_of_other_entries(store, two, day).await;
    // Of many that tell at once each gets a number of its own.
    let four = side(4);
    let tell = |n: u32| {
        let file = format!("{n}.ach");
        store.tell(vec![telling(four, Event::Acknowledged { file }, day, &[])])
    };
    let (a, b, c, d) = tokio::join!(tell(1), tell(2), tell(3), tell(4));
    let mut numbers: Vec<u32> = [a, b, c, d]
        .into_iter()
        .map(|told| match told.expect("tell")[0] {
            Told::New(number) => number,
            other => panic!("{other:?} is another fact"),
        })
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4]);
}

/// A fact that is told again and leaves out others is no fact told twice, in one call or two: it
/// is answered so, and what was told first stays.
async fn told_again_of_other_entries(store: &dyn PaymentStore, side: Side, day: Date) {
    let tell = |all: &[&[u32]]| {
        let all = all.iter();
        let all = all.map(|except| telling(side, settled(), day, except));
        store.tell(all.collect())
    };
    let told = tell(&[&[3, 4], &[4, 3], &[3], &[]]).await.expect("tell");
    let [new, again, fewer, none] = told[..] else {
        panic!("an answer for each: {told:?}")
    };
    assert_eq!((new, again), (Told::New(2), Told::Exists(2)));
    assert_eq!((fewer, none), (Told::Differs(2), Told::Differs(2)));
    let told = tell(&[&[3, 4, 5], &[3, 4]]).await.expect("tell");
    assert_eq!(told, [Told::Differs(2), Told::Exists(2)], "in a later call");
    let facts = store.facts(side).await.expect("facts");
    let first = telling(side, settled(), day, &[3, 4]).fact;
    assert_eq!((facts.len(), &facts[1].fact), (2, &first));
}

/// A payment is what its own events and the facts of its side make of it, in the order in which
/// they became durable; its history grows at its end alone; facts that it is left out of, and
/// those of another side, do nothing to it.
pub async fn facts_and_events_make_one_history(store: &dyn PaymentStore) {
    let side = side(10);
    send(store, side.batch, 400..404).await;
    let tell = |event, except: &'static [u32]| async move {
        let told = store.tell(vec![telling(side, event, DAY, except)]).await;
        assert!(matches!(told.expect("tell")[..], [Told::New(_)]));
    };
    let mut in_memory = one(store, 400).await;
    let mut expected = history(store, 400).await;
    let mut happens = |event: Event, fact: Option<u32>| {
        let at = if fact.is_some() {
            moment(700)
        } else {
            moment(500)
        };
        let made = in_memory.apply(event, DAY, at).expect("a step");
        expected.push(PaymentEvent { fact, ..made });
        (in_memory.clone(), expected.clone())
    };
    tell(acknowledged(), &[]).await;
    happens(acknowledged(), Some(1));
    tell(settled(), &[402]).await;
    let (is, was) = happens(settled(), Some(2));
    assert_eq!(
        (one(store, 400).await, history(store, 400).await),
        (is, was)
    );
    // Its own event is held against the facts before it.
    let id = sample_payment(400).id;
    let stale = change(id, Some(3), returned(900));
    let stale = store.apply(vec![stale]).await.expect("apply");
    assert_eq!(stale, [Applied::Stale { version: 5 }]);
    let done = store.apply(vec![change(id, Some(5), returned(900))]).await;
    assert_eq!(done.expect("apply"), [Applied::Done { version: 6 }]);
    happens(returned(900), None);
    let undone = Event::SettlementUndone {
        allocation: "2026-11-25-00".to_owned(),
        times: 1,
    };
    tell(undone.clone(), &[402]).await;
    let (is, was) = happens(undone, Some(3));
    assert_eq!(
        (one(store, 400).await, history(store, 400).await),
        (is, was)
    );
    assert_eq!(one(store, 400).await.state, State::Failed);
    left_out_waits_for_its_own(store).await;
    // The other direction of the batch is another side.
    let debits = Side {
        direction: Direction::Debit,
        ..side
    };
    let told = telling(debits, Event::Closed, DAY, &[]);
    store.tell(vec![told]).await.expect("tell");
    assert_eq!(one(store, 402).await.state, State::Success);
    // The events of a day are those of single payments.
    let events = store.events(DAY, None, 10_000).await.expect("events");
    assert!(events.iter().all(|event| event.fact.is_none()));
    let page = store.page(Index::All, None, 10_000).await.expect("page");
    let paged = page.into_iter().find(|payment| payment.id == id);
    assert_eq!(paged, Some(one(store, 400).await), "a page says the same");
}

/// Left out of the settlement, a payment waits for an event of its own.
async fn left_out_waits_for_its_own(store: &dyn PaymentStore) {
    let left_out = one(store, 402).await;
    assert_eq!((left_out.state, left_out.version), (State::Pending, 4));
    let own = change(left_out.id, Some(4), settled());
    let own = store.apply(vec![own]).await.expect("apply");
    assert_eq!(own, [Applied::Done { version: 5 }]);
    assert_eq!(one(store, 402).await.state, State::Success);
    let kinds = history(store, 402).await;
    let kinds: Vec<_> = kinds.iter().map(|e| (e.version, e.fact)).collect();
    let own = [(1, None), (2, None), (3, None), (4, Some(1)), (5, None)];
    assert_eq!(kinds, own);
}

/// Of a batch, those to whom something happened alone are found under it; the history of all
/// others is *created*, *claimed*, *sent*, and what was said of their side.
pub async fn whoever_is_not_like_the_others_is_found(store: &dyn PaymentStore) {
    let side = side(20);
    send(store, side.batch, 500..506).await;
    let ids: Vec<PaymentId> = (500..506).map(|number| sample_payment(number).id).collect();
    let apart = || pages(store, Index::Apart(side.batch), ids[0], ids[5]);
    assert_eq!(apart().await, []);
    let told = telling(side, acknowledged(), DAY, &[]);
    store.tell(vec![told]).await.expect("tell");
    assert_eq!(apart().await, [], "what is said of all sets nobody apart");
    let own = vec![change(ids[3], None, returned(901))];
    store.apply(own).await.expect("apply");
    assert_eq!(apart().await, [ids[3]]);
    for (id, number) in ids.iter().zip(500..) {
        let kinds: Vec<_> = history(store, number).await;
        let kinds: Vec<_> = kinds
            .iter()
            .map(|e| (e.event.kind().as_str(), e.version))
            .collect();
        let like = [
            ("created", 1),
            ("claimed", 2),
            ("sent", 3),
            ("acknowledged", 4),
        ];
        assert_eq!(kinds == like, *id != ids[3], "{kinds:?}");
    }
    // Sent at the second try: more versions than the others.
    let unknown = sample_payment(506).id;
    store.create(vec![record(506)]).await.expect("create");
    let file = "S.ach".to_owned();
    let steps = [
        claim("sides"),
        Event::UploadUnknown { file },
        sent(side.batch, 506),
    ];
    let steps = steps.map(|event| change(unknown, None, event));
    store.apply(steps.to_vec()).await.expect("apply");
    let found = pages(store, Index::Apart(side.batch), ids[0], unknown).await;
    assert_eq!(found, [ids[3], unknown]);
}
