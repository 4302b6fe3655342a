//! The suites of [`PaymentStore`] about the events of a date.

use crate::payments::{change, claim, record};
use connectors::{Change, NewRecord, PaymentStore};
use jiff::civil::Date;
use settlement::ids::PaymentId;
use settlement::payment::Event;

/// A date's events come by payment and version, whole, and only that date's.
pub async fn events_are_paged_in_order(store: &dyn PaymentStore) {
    let (day, next) = (Date::constant(2027, 3, 8), Date::constant(2027, 3, 9));
    let mut new = vec![record(302), record(301)];
    new.iter_mut().for_each(|n| n.date = day);
    let ids = [new[1].payment.id, new[0].payment.id];
    store.create(new).await.expect("create");
    let mut changes: Vec<Change> = ids
        .iter()
        .rev()
        .map(|id| change(*id, None, claim("events")))
        .collect();
    changes[0].date = next;
    changes[1].date = day;
    store.apply(changes).await.expect("apply");
    let (mut got, mut after) = (Vec::new(), None);
    loop {
        let page = store.events(day, after, 2).await.expect("events");
        let Some(last) = page.last() else { break };
        after = Some((last.payment, last.version));
        got.extend(
            page.iter()
                .map(|e| (e.payment, e.version, e.event.kind().as_str())),
        );
    }
    let expected = [
        (ids[0], 1, "created"),
        (ids[0], 2, "claimed"),
        (ids[1], 1, "created"),
    ];
    assert_eq!(got, expected);
    let tomorrow = store.events(next, None, 10).await.expect("events");
    assert_eq!(tomorrow.len(), 1);
    assert_eq!(tomorrow[0].payment, ids[1]);
    let unusual = store.unusual_events(day, None, 10).await;
    assert_eq!(unusual.expect("events"), [], "created and claimed");
}

/// What happens to few payments is found without the rest, page by page; and where payments stand
/// is what it is, however it is asked.
pub async fn unusual_events_are_those_that_happen_to_few(store: &dyn PaymentStore) {
    let day = Date::constant(2027, 3, 10);
    let mut new: Vec<NewRecord> = (310..340).map(record).collect();
    new.iter_mut().for_each(|n| n.date = day);
    let ids: Vec<PaymentId> = new.iter().map(|n| n.payment.id).collect();
    store.create(new).await.expect("create");
    let some = ids.iter().copied().step_by(4);
    let changes = some.clone().map(|id| change(id, None, denied()));
    let mut changes: Vec<Change> = changes.collect();
    changes.iter_mut().for_each(|one| one.date = day);
    store.apply(changes).await.expect("apply");
    let (mut got, mut after) = (Vec::new(), None);
    loop {
        let page = store.unusual_events(day, after, 3).await.expect("events");
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 3, "a page has its limit");
        after = Some((last.payment, last.version));
        got.extend(page);
    }
    let of: Vec<_> = got.iter().map(|one| (one.payment, one.version)).collect();
    assert_eq!(of, some.map(|id| (id, 2)).collect::<Vec<_>>());
    let all = store.events(day, None, 100).await.expect("events");
    let unusual = all.into_iter().filter(|one| !one.event.is_usual());
    assert_eq!(got, unusual.collect::<Vec<_>>());
    let asked: Vec<PaymentId> = ids.iter().rev().copied().chain([nobody()]).collect();
    let states = store.standings(&asked).await.expect("standings");
    let whole = store.get(&asked).await.expect("get").into_iter();
    let whole: Vec<_> = whole.map(|one| one.map(|one| one.state)).collect();
    assert_eq!(states, whole);
    let (in_a_row, again) = (store.standings(&ids).await, store.get(&ids).await);
    let again = again
        .expect("get")
        .into_iter()
        .map(|one| one.map(|one| one.state));
    assert_eq!(in_a_row.expect("standings"), again.collect::<Vec<_>>());
}

fn denied() -> Event {
    Event::Denied {
        reason: "a rule".to_owned(),
    }
}

fn nobody() -> PaymentId {
    PaymentId::from_key(1).expect("an id")
}
