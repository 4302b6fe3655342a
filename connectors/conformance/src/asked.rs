//! The suites of [`PaymentStore`] for what was asked for online: whose it is, the feed, requests.

use crate::payments::{change, record};
use connectors::{Applied, Happened, Index, NewRecord, PaymentStore};
use settlement::ids::PaymentId;
use settlement::payment::{Accepted, CameFrom, Event, State};
use settlement::risk::key::{Key, Kind};
use std::collections::BTreeSet;

/// The `number`-th sample, asked for online by a merchant.
fn asked_by(merchant: &str, number: u32) -> NewRecord {
    let mut new = record(number);
    let accepted = Accepted {
        merchant: merchant.to_owned(),
        customer: Some(format!("customer {number}")),
        from: CameFrom {
            device: Some(Key::of(Kind::Device, merchant)),
            ..CameFrom::default()
        },
        ..Accepted::default()
    };
    new.payment.accepted = Some(Box::new(accepted));
    new
}

/// What was asked for online is found by who asked, newest first, and by nobody else; what is held
/// for a review is not ready until it is approved.
pub async fn a_merchant_finds_its_own(store: &dyn PaymentStore) {
    let mut held = asked_by("ours", 71_004);
    held.payment.state = State::Review;
    let new = vec![
        asked_by("ours", 71_001),
        asked_by("our", 71_002),
        asked_by("ours", 71_003),
        held,
    ];
    let ids: Vec<PaymentId> = new.iter().map(|one| one.payment.id).collect();
    let accepted = new[0].payment.accepted.clone();
    store.create(new).await.expect("created");
    let recent = async |merchant: &str, before, limit| {
        let page = store.recent(merchant, before, limit).await.expect("a page");
        page.iter().map(|one| one.id).collect::<Vec<_>>()
    };
    assert_eq!(recent("ours", None, 9).await, [ids[3], ids[2], ids[0]]);
    assert_eq!(recent("ours", None, 2).await, [ids[3], ids[2]]);
    assert_eq!(recent("ours", Some(ids[2]), 9).await, [ids[0]]);
    assert_eq!(recent("our", None, 9).await, [ids[1]]);
    assert!(recent("nobody", None, 9).await.is_empty());
    let first = store.get(&ids[..1]).await.expect("read");
    assert_eq!(first[0].as_ref().expect("there").accepted, accepted);
    let ready = async || {
        let index = Index::Ready {
            speed: None,
            until: None,
        };
        let page = store.page(index, None, 100_000).await.expect("a page");
        page.iter().any(|one| one.id == ids[3])
    };
    assert!(!ready().await, "it is held");
    let approved = Event::Approved {
        by: "key 1".to_owned(),
        note: "known".to_owned(),
    };
    let done = store.apply(vec![change(ids[3], Some(1), approved)]).await;
    assert_eq!(done.expect("applied"), [Applied::Done { version: 2 }]);
    assert!(ready().await);
}

/// The feed tells events and facts in the order in which they became durable, from any place, the
/// same each time.
pub async fn the_feed_tells_everything_once(store: &dyn PaymentStore) {
    let start = store.feed(0, 1_000).await.expect("the feed");
    let start = start.last().map_or(0, |(place, _)| *place);
    let new = vec![record(72_001), record(72_002)];
    let ids: Vec<PaymentId> = new.iter().map(|one| one.payment.id).collect();
    store.create(new.clone()).await.expect("created");
    store.create(new).await.expect("told again");
    let cancelled = vec![change(ids[1], Some(1), Event::Cancelled)];
    store.apply(cancelled.clone()).await.expect("applied");
    store.apply(cancelled).await.expect("told again");
    let all = store.feed(start, 1_000).await.expect("the feed");
    let told: Vec<(PaymentId, u32)> = all
        .iter()
        .map(|(_, happened)| match happened {
            Happened::Event(event) => (event.payment, event.version),
            Happened::Fact { .. } => panic!("no fact was told"),
        })
        .collect();
    let created: BTreeSet<_> = told.iter().take(2).copied().collect();
    assert_eq!(created, BTreeSet::from([(ids[0], 1), (ids[1], 1)]));
    assert_eq!(told[2..], [(ids[1], 2)]);
    assert!(all.windows(2).all(|two| two[0].0 < two[1].0));
    let mut piecewise = Vec::new();
    while let Some(next) = {
        let after = piecewise.last().map_or(start, |(place, _)| *place);
        store.feed(after, 1).await.expect("the feed").pop()
    } {
        piecewise.push(next);
    }
    assert_eq!(piecewise, all);
}

/// A request is found by the hash of its key.
pub async fn a_request_is_found_by_its_key(store: &dyn PaymentStore) {
    store.create(vec![record(73_001)]).await.expect("created");
    let all = store.requests(None, 9).await.expect("the requests");
    let found = store.request(all[0].key).await.expect("looked up");
    assert_eq!(found, Some(all[0]));
    assert_eq!(store.request([1; 32]).await.expect("looked up"), None);
}
