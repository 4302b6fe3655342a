use super::*;
use crate::conformance;
use proptest::prelude::*;
use settlement::ids::CutId;

fn open(dir: &std::path::Path) -> EmbeddedPayments {
    EmbeddedPayments::new(database::open(dir).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_a_payment_store() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    conformance::keys_make_one_payment(&store).await;
    conformance::payments_change_only_by_listed_steps(&store).await;
    conformance::a_claim_has_one_winner(&store).await;
    conformance::pages_follow_the_state(&store).await;
    conformance::events_are_paged_in_order(&store).await;
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store
        .create((0..50).map(conformance::record).collect())
        .await
        .unwrap();
    let locked = EmbeddedPayments::new(store.db.clone()).map(|_| ());
    assert!(locked.is_ok());
    assert!(
        matches!(database::open(dir.path()), Err(Error::Conflict { .. })),
        "locked"
    );
    drop(store);
    let store = open(dir.path());
    assert_eq!(store.page(Index::Ready, None, 100).await.unwrap().len(), 50);
    assert_eq!(store.counts().await.unwrap()[&State::Init].0, 50);
}

#[tokio::test]
async fn long_calls_are_answered_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let new: Vec<NewRecord> = (0..10_000).map(conformance::record).collect();
    let ids: Vec<PaymentId> = new.iter().map(|n| n.payment.id).collect();
    assert!(
        store
            .create(new)
            .await
            .unwrap()
            .iter()
            .all(|c| *c == Created::New)
    );
    let again: Vec<NewRecord> = (0..10_000).map(conformance::record).collect();
    let existing: Vec<Created> = ids.iter().map(|id| Created::Existing(*id)).collect();
    assert_eq!(store.create(again).await.unwrap(), existing);
}

#[test]
fn damage_is_named() {
    for bytes in [&[][..], &[9, 1, 2], &[1, 255, 255]] {
        assert!(matches!(
            records::payment(bytes),
            Err(Error::Corrupt { .. })
        ));
    }
    assert!(keys::event_parts(&[0; 5]).is_none());
}

proptest! {
    /// Keys sort as what they stand for.
    #[test]
    fn keys_keep_order(a in 0..i64::MAX, b in 0..i64::MAX, v in 0u32.., w in 0u32..) {
        let (a, b) = (PaymentId::from_key(a).unwrap(), PaymentId::from_key(b).unwrap());
        prop_assert_eq!((a, v).cmp(&(b, w)), keys::step(a, v).cmp(&keys::step(b, w)));
        prop_assert_eq!(keys::trailing_id(&keys::indexed(keys::cut(&CutId("x".into())), a)), Some(a));
    }

    /// No bytes make a reader panic.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = records::payment(&bytes);
        let _ = keys::event_parts(&bytes).map(|(d, p, v)| records::event(d, p, v, &bytes));
        let _ = records::request(&bytes);
        let _ = records::count(&bytes, &bytes);
    }
}
