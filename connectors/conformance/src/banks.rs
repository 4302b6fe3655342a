//! The suite of [`PaymentStore`] about several banks in one store.

use crate::payments::{DAY, change, claim, moment, pages, record, sample_payment, sent};
use connectors::{Applied, Created, Index, NewRecord, PaymentStore, Telling, Told};
use settlement::ids::{BatchKey, CutId, Direction, PaymentId};
use settlement::payment::{Event, Payment, Side, SideFact, State};

/// The `number`-th sample, at the bank `bank`.
fn at(bank: &str, number: u32) -> NewRecord {
    let mut new = record(number);
    new.payment.bank = bank.to_owned();
    new.payment.reference = Some(format!("INV {number}"));
    new.payment
        .metadata
        .insert("of".to_owned(), bank.to_owned());
    new
}

async fn one(store: &dyn PaymentStore, id: PaymentId) -> Payment {
    let found = store.get(&[id]).await.expect("get").remove(0);
    found.expect("a payment is found from every bank")
}

/// Two banks with the same cut id, batch key, trace and date do not see each other's payments,
/// events and facts; a payment, a request and an id are everybody's. `home` is the store seen from
/// the home bank, `other` from the bank `name`.
pub async fn banks_do_not_see_each_other(
    home: &dyn PaymentStore,
    other: &dyn PaymentStore,
    name: &str,
) {
    let ids = [600, 601, 602, 603].map(|number| sample_payment(number).id);
    let new = vec![at("", 600), at(name, 601), at("", 602), at(name, 603)];
    let created = home.create(new.clone()).await.expect("create");
    assert_eq!(created, [Created::New; 4], "whoever asks");
    let again = other.create(new[..1].to_vec()).await.expect("create");
    assert_eq!(again, [Created::Existing(ids[0])], "keys are everybody's");
    for (store, own) in [(home, [ids[0], ids[2]]), (other, [ids[1], ids[3]])] {
        let ready = Index::Ready {
            speed: None,
            until: None,
        };
        assert_eq!(pages(store, ready, ids[0], ids[3]).await, own);
        let events = store.events(DAY, None, usize::MAX).await.expect("events");
        let created = events.iter().map(|event| event.payment);
        let ours: Vec<PaymentId> = created.filter(|id| ids.contains(id)).collect();
        assert_eq!(ours, own);
        assert_eq!(pages(store, Index::All, ids[0], ids[3]).await, ids);
    }
    for (new, id) in new.iter().zip(ids) {
        assert_eq!(one(home, id).await, new.payment, "kept as it was given");
        assert_eq!(one(other, id).await, new.payment);
    }
    claims_and_batches_are_of_a_bank(home, other, ids).await;
    facts_are_of_a_bank(home, other, ids).await;
}

async fn claims_and_batches_are_of_a_bank(
    home: &dyn PaymentStore,
    other: &dyn PaymentStore,
    ids: [PaymentId; 4],
) {
    let of_cut = || Index::Claimed(Some(CutId("banks".to_owned())));
    let claims = ids.map(|id| change(id, Some(1), claim("banks"))).to_vec();
    let done = home.apply(claims).await.expect("apply");
    assert!(done == vec![Applied::Done { version: 2 }; 4], "{done:?}");
    for (store, own) in [(home, [ids[0], ids[2]]), (other, [ids[1], ids[3]])] {
        assert_eq!(pages(store, of_cut(), ids[0], ids[3]).await, own);
        let any = Index::Claimed(None);
        assert_eq!(pages(store, any, ids[0], ids[3]).await, own);
    }
    let batch = BatchKey::new(DAY, b'K', 1).expect("a batch");
    let unknown = |id| {
        let file = "K.ach".to_owned();
        change(id, None, Event::UploadUnknown { file })
    };
    // The same traces at both banks; the later ones at the second try.
    let steps = vec![
        change(ids[0], None, sent(batch, 1)),
        change(ids[1], None, sent(batch, 1)),
        unknown(ids[2]),
        unknown(ids[3]),
        change(ids[2], None, sent(batch, 2)),
        change(ids[3], None, sent(batch, 2)),
    ];
    let done = other.apply(steps).await.expect("apply");
    assert!(done.iter().all(|one| matches!(one, Applied::Done { .. })));
    for (store, own) in [(home, ids[2]), (other, ids[3])] {
        let apart = Index::Apart(batch);
        assert_eq!(pages(store, apart, ids[0], ids[3]).await, [own]);
        assert_eq!(pages(store, of_cut(), ids[0], ids[3]).await, []);
    }
}

async fn facts_are_of_a_bank(
    home: &dyn PaymentStore,
    other: &dyn PaymentStore,
    ids: [PaymentId; 4],
) {
    let side = Side {
        batch: BatchKey::new(DAY, b'K', 1).expect("a batch"),
        direction: Direction::Credit,
    };
    let on = jiff::civil::Date::constant(2027, 5, 3);
    let telling = |event| {
        let fact = SideFact::new(event, on, moment(700), Vec::new()).expect("a fact of a side");
        vec![Telling { side, fact }]
    };
    let file = "K.ach".to_owned();
    let told = other.tell(telling(Event::Acknowledged { file })).await;
    assert_eq!(told.expect("tell"), [Told::New(1)]);
    assert_eq!(home.facts(side).await.expect("facts"), []);
    assert_eq!(home.facts_of(on).await.expect("facts"), []);
    assert_eq!(other.facts(side).await.expect("facts").len(), 1);
    assert_eq!(other.facts_of(on).await.expect("facts").len(), 1);
    let (file, reason) = ("K.ach".to_owned(), "no".to_owned());
    let told = home.tell(telling(Event::Rejected { file, reason })).await;
    assert_eq!(told.expect("tell"), [Told::New(1)], "numbered by itself");
    for store in [home, other] {
        let states = [State::Failed, State::Pending, State::Failed, State::Pending];
        for (id, state) in ids.into_iter().zip(states) {
            assert_eq!(one(store, id).await.state, state, "its own bank's facts");
            let history = store.history(id).await.expect("history");
            assert_eq!(history.last().map(|event| event.to), Some(state));
            let reference = history.iter().map(|event| event.reference.is_some());
            assert!(reference.into_iter().all(|named| named));
        }
    }
}
