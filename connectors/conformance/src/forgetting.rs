//! The suite of [`PaymentStore`] about names that are forgotten.

use crate::payments::{change, claim, record, sample_payment};
use connectors::{Applied, PaymentStore};

/// A payment that is forgotten has no name, no remittance, no metadata and no account number, and
/// all else of it stays; what happens to it later still does.
pub async fn names_are_forgotten_and_nothing_else(store: &dyn PaymentStore) {
    let numbers = 9_800..9_803;
    let new = numbers.clone().map(|number| {
        let mut new = record(number);
        new.payment.remittance = Some("INV 4711".to_owned());
        new.payment.metadata = [("who".to_owned(), "somebody".to_owned())].into();
        new
    });
    store.create(new.collect()).await.expect("created");
    let ids: Vec<_> = numbers.map(|number| sample_payment(number).id).collect();
    let before = store.get(&ids).await.expect("read");
    let history = store.history(ids[0]).await.expect("a history");
    let nobody = sample_payment(9_899).id;
    let gone = store.forget(vec![ids[0], ids[2], nobody]).await;
    assert_eq!(gone.expect("forgotten"), 2);
    let again = store.forget(vec![ids[0]]).await;
    assert_eq!(again.expect("forgotten before"), 0);
    let after = store.get(&ids).await.expect("read");
    assert_eq!(after[1], before[1], "the others are as they were");
    for at in [0, 2] {
        let mut expected = before[at].clone().expect("a payment");
        expected.forget();
        let found = after[at].clone().expect("a payment");
        assert_eq!(found, expected);
        assert!(found.is_forgotten() && found.metadata.is_empty());
    }
    assert_eq!(store.history(ids[0]).await.expect("a history"), history);
    let claimed = change(ids[0], Some(1), claim("forgotten"));
    let applied = store.apply(vec![claimed]).await.expect("applied");
    assert_eq!(applied, [Applied::Done { version: 2 }]);
    let found = store.get(&ids[..1]).await.expect("read");
    assert!(found[0].as_ref().is_some_and(|found| found.is_forgotten()));
}
