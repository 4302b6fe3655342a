use super::*;
use connectors_conformance as conformance;
use proptest::prelude::*;
use settlement::ids::CutId;

fn open(dir: &std::path::Path) -> EmbeddedPayments {
    EmbeddedPayments::new(database::make(dir).unwrap()).unwrap()
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
    conformance::unusual_events_are_those_that_happen_to_few(&store).await;
    conformance::many_creators_make_one_payment(&store).await;
    conformance::cancel_against_claim_has_one_winner(&store).await;
    conformance::facts_are_numbered_and_kept_once(&store).await;
    conformance::facts_and_events_make_one_history(&store).await;
    conformance::whoever_is_not_like_the_others_is_found(&store).await;
    conformance::names_are_forgotten_and_nothing_else(&store).await;
    conformance::a_merchant_finds_its_own(&store).await;
    conformance::the_feed_tells_everything_once(&store).await;
    conformance::a_request_is_found_by_its_key(&store).await;
    let other = store.seen_from("north").unwrap();
    conformance::banks_do_not_see_each_other(&store, &other, "north").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_that_is_merged_holds_what_it_held_and_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let new: Vec<NewRecord> = (1..=200).map(conformance::record).collect();
    let mut ids: Vec<PaymentId> = new.iter().map(|new| new.payment.id).collect();
    ids.sort_unstable();
    let (date, at) = (new[0].date, new[0].payment.created_at);
    store.create(new).await.unwrap();
    let cut = CutId("2026-11-25/standard/09100001".to_owned());
    let claim = |id: &PaymentId| Change {
        payment: *id,
        expected_version: None,
        event: Event::Claimed { cut: cut.clone() },
        date,
        at,
    };
    store
        .apply(ids[..190].iter().map(claim).collect())
        .await
        .unwrap();
    // Marks go only once something was written after them.
    let last = conformance::record(201);
    ids.push(last.payment.id);
    ids.sort_unstable();
    store.create(vec![last]).await.unwrap();
    let ready = || Index::Ready {
        speed: None,
        until: None,
    };
    let before = store.page(ready(), None, 1_000).await.unwrap();
    let waiting = &store.shared.keyspaces.waiting;
    assert!(
        waiting.approximate_len() > 200,
        "what was taken out is there as well"
    );
    store.shared.worn.merge(waiting.clone());
    store.shared.worn.end();
    assert!(waiting.approximate_len() < 100);
    assert_eq!(store.page(ready(), None, 1_000).await.unwrap(), before);
    let still: Vec<PaymentId> = before.iter().map(|one| one.id).collect();
    assert_eq!(still, ids[190..]);
}

/// Whether any file below `dir` has these bytes in it.
fn holds(dir: &std::path::Path, bytes: &[u8]) -> bool {
    let entries = std::fs::read_dir(dir).unwrap();
    entries.map(|entry| entry.unwrap().path()).any(|path| {
        let inside = |body: Vec<u8>| body.windows(bytes.len()).any(|some| some == bytes);
        match path.is_dir() {
            true => holds(&path, bytes),
            false => inside(std::fs::read(&path).unwrap()),
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_forgotten_is_in_no_file_of_the_store() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let named = |number: u32, name: &str| {
        let mut new = conformance::record(number);
        new.payment.receiver.name = name.to_owned();
        new
    };
    // Random bytes are not packed, so that a name is found as it is.
    let (theirs, other) = ("Xq7 Gonzalez Wv9", "Zk3 Petersen Jf5");
    let new = vec![named(1, theirs), named(2, other), named(3, theirs)];
    let ids: Vec<PaymentId> = new.iter().map(|new| new.payment.id).collect();
    store.create(new).await.unwrap();
    assert!(holds(dir.path(), theirs.as_bytes()) && holds(dir.path(), other.as_bytes()));
    let sealed = store.get(&ids).await.unwrap()[0].clone().unwrap();
    let sealed = sealed.receiver.sealed.ciphertext;
    assert!(holds(dir.path(), &sealed));
    assert_eq!(store.forget(vec![ids[0], ids[2]]).await.unwrap(), 2);
    assert!(!holds(dir.path(), theirs.as_bytes()));
    drop(store);
    assert!(!holds(dir.path(), theirs.as_bytes()));
    let store = open(dir.path());
    assert_eq!(
        store.get(&ids).await.unwrap()[1]
            .as_ref()
            .unwrap()
            .receiver
            .name,
        other
    );
    // Again, after a kill before the files were cleared.
    assert_eq!(store.forget(vec![ids[0], ids[2]]).await.unwrap(), 0);
    drop(store);
    assert!(!holds(dir.path(), theirs.as_bytes()));
    assert!(database::prove(dir.path()).unwrap().is_none());
}

const READY: Index = Index::Ready {
    speed: None,
    until: None,
};

#[tokio::test]
async fn another_bank_passes_the_same_suites() {
    let dir = tempfile::tempdir().unwrap();
    let home = open(dir.path());
    for bad in ["North", "a/b", "a b", "7", &"n".repeat(33)] {
        let refused = home.seen_from(bad).map(drop).unwrap_err();
        assert!(matches!(refused, Error::Invalid { .. }), "{bad}");
        let mut new = conformance::record(1);
        new.payment.bank = bad.to_owned();
        assert!(home.create(vec![new]).await.is_err(), "{bad}");
    }
    let north = home.seen_from("north").unwrap();
    conformance::facts_are_numbered_and_kept_once(&north).await;
    let south = home.seen_from("south").unwrap();
    conformance::banks_do_not_see_each_other(&home, &south, "south").await;
    conformance::facts_are_numbered_and_kept_once(&home).await;
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store
        .create((0..50).map(conformance::record).collect())
        .await
        .unwrap();
    let locked = EmbeddedPayments::new(store.shared.db.clone()).map(|_| ());
    assert!(locked.is_ok());
    assert!(
        matches!(database::open(dir.path()), Err(Error::Conflict { .. })),
        "locked"
    );
    drop(store);
    let store = open(dir.path());
    assert_eq!(store.page(READY, None, 100).await.unwrap().len(), 50);
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

/// The bytes of a payment as the first version stored it.
fn first_form() -> Vec<u8> {
    let stored: [&[u8]; 13] = [
        b"\x01",                                                  // form
        b"\x81\x80\x80\x81\xe6\xb7\xd2\xaa\x06\x01\x00",          // id, version, state
        b"\x00\x65\x04acme\x0f\x07PAYROLL\x01\x00",               // the order
        b"\x09076401251\x00\x18000000000000000000000001\x046789", // receiver and token
        b"\x40",
        &[7; 64], // the wrapped key
        b"\x0c",
        &[1; 12], // the nonce
        b"\x21",
        &[9; 33], // the sealed account number
        b"\x0aRECEIVER 1\x00\x182026-11-23T14:00:00.001Z",
        &[0; 6], // cut, entry, settled_on, hold_ended, returned, seen
        b"\x01\xd4\x1f\x0b\x19",
    ];
    stored.concat()
}

/// What an installation has stored is read by every later version.
#[test]
fn a_payment_in_the_bytes_of_the_first_version_is_read() {
    let read = records::PaymentRecord::read(&first_form(), || Ok(None::<Vec<u8>>)).unwrap();
    assert_eq!(read.payment, conformance::sample_payment(1));
    let created = (jiff::civil::date(2026, 11, 25), 1, 0);
    assert_eq!(read.steps().unwrap(), [created]);
}

/// Fields follow each other, whichever of our types holds them.
#[test]
fn a_payment_is_stored_in_two_records_of_the_fourth_form() {
    let mut payment = conformance::sample_payment(1);
    (payment.bank, payment.reference) = ("north".to_owned(), Some("INV 7".to_owned()));
    payment.metadata.insert("k".to_owned(), "v".to_owned());
    let mut record = records::PaymentRecord::new(payment.clone());
    record.happened(jiff::civil::date(2026, 11, 25), 0);
    let id = b"\x81\x80\x80\x81\xe6\xb7\xd2\xaa\x06";
    let old = first_form();
    let order: [&[u8]; 4] = [
        b"\x01",
        id,
        &old[12..old.len() - 11],
        b"\x05north\x01\x05INV 7\x01\x01k\x01v",
    ];
    let order = order.concat();
    assert_eq!(record.order_bytes().unwrap(), Some(order.clone()));
    let changing: [&[u8]; 4] = [
        b"\x04",
        id,
        b"\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
        b"\x01\xd4\x1f\x0b\x19\x00",
    ];
    let changing = changing.concat();
    assert_eq!(record.bytes().unwrap(), changing);
    let read = records::PaymentRecord::read(&changing, || Ok(Some(&order))).unwrap();
    assert_eq!(read.payment, payment);
    assert_eq!(read.order_bytes().unwrap(), None, "written once");
    let alone = records::PaymentRecord::read(&changing, || Ok(None::<Vec<u8>>));
    let why = alone.unwrap_err().to_string();
    assert!(why.contains("its order is not there"), "{why}");
}

/// A store of a version before goes on: what is touched becomes of the fourth form.
#[tokio::test]
async fn a_payment_of_an_earlier_form_becomes_one_of_the_fourth() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let new = conformance::record(1);
    let (id, all) = (new.payment.id, Arc::clone(&store.shared.keyspaces));
    store.create(vec![new]).await.unwrap();
    all.orders.remove(keys::id(id)).unwrap();
    all.payments.insert(keys::id(id), first_form()).unwrap();
    let before = store.get(&[id]).await.unwrap();
    assert_eq!(before, [Some(conformance::sample_payment(1))]);
    let cut = CutId("2026-11-25/standard/09100001".to_owned());
    let claim = Change {
        payment: id,
        expected_version: Some(1),
        event: Event::Claimed { cut },
        date: jiff::civil::date(2026, 11, 25),
        at: jiff::Timestamp::UNIX_EPOCH,
    };
    store.apply(vec![claim]).await.unwrap();
    let changing = all.payments.get(keys::id(id)).unwrap().unwrap();
    assert!(changing[0] == 4 && changing.len() < 100, "{changing:?}");
    assert!(all.orders.get(keys::id(id)).unwrap().is_some());
    let after = store.get(&[id]).await.unwrap().remove(0).unwrap();
    assert_eq!((after.state, after.version), (State::Batched, 2));
    assert_eq!(store.history(id).await.unwrap().len(), 2);
    assert_eq!(store.page(Index::All, None, 9).await.unwrap(), [after]);
}

#[test]
fn damage_is_named() {
    for bytes in [&[][..], &[9, 1, 2], &[1, 255, 255]] {
        assert!(matches!(
            records::PaymentRecord::read(bytes, || Ok(None::<Vec<u8>>)),
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
        let key = keys::indexed(keys::cut(&CutId("x".into())), a);
        prop_assert_eq!(keys::trailing_id(&key), Some(a));
    }

    /// No bytes make a reader panic.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = records::PaymentRecord::read(&bytes, || Ok(Some(&bytes))).map(|r| r.steps());
        let _ = keys::event_parts(&bytes).map(|(d, p, v)| records::event(d, p, v, &bytes));
        let _ = requests::request(&bytes);
        let _ = records::fact(&bytes);
        let _ = keys::trailing_fact(&bytes);
    }
}

/// Not a test by itself: the process that the test below kills while it writes.
#[tokio::test]
#[ignore = "started by a_killed_writer_leaves_everything_consistent"]
async fn writes_until_it_is_killed() {
    let Ok(dir) = std::env::var("TIEOUT_KILLED_STORE") else {
        return;
    };
    let store = open(std::path::Path::new(&dir));
    let cut = CutId("killed".to_owned());
    for call in 0_u32.. {
        let numbers = call * 500..(call + 1) * 500;
        store
            .create(numbers.clone().map(conformance::record).collect())
            .await
            .unwrap();
        let claims = numbers.map(|n| Change {
            payment: conformance::sample_payment(n).id,
            expected_version: Some(1),
            event: Event::Claimed { cut: cut.clone() },
            date: jiff::civil::date(2026, 11, 25),
            at: jiff::Timestamp::UNIX_EPOCH,
        });
        store.apply(claims.collect()).await.unwrap();
        // Says how far it was answered; the test reads it after the kill.
        println!("answered {}", call + 1);
    }
}

#[tokio::test]
async fn a_killed_writer_leaves_everything_consistent() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};
    for calls in [1, 4] {
        let dir = tempfile::tempdir().unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture"])
            .arg("payments::tests::writes_until_it_is_killed")
            .env("TIEOUT_KILLED_STORE", dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut answered = lines.map(|l| l.unwrap()).filter(|l| l.contains("answered"));
        assert!(
            answered.nth(calls - 1).is_some(),
            "the child ended by itself"
        );
        child.kill().unwrap();
        child.wait().unwrap();
        check_consistency(&open(dir.path()), calls * 500).await;
    }
}

/// Payments, indexes and events tell the same, and nothing answered is missing.
async fn check_consistency(store: &EmbeddedPayments, answered: usize) {
    let page = |index| store.page(index, None, usize::MAX);
    let ready = page(READY).await.unwrap();
    let claimed = page(Index::Claimed(Some(CutId("killed".to_owned()))))
        .await
        .unwrap();
    let mut batched = page(Index::All).await.unwrap();
    let count = batched.len();
    batched.retain(|payment| payment.state == State::Batched);
    assert_eq!(claimed, batched);
    assert!(claimed.len() >= answered, "an answered claim is missing");
    assert_eq!(count, ready.len() + claimed.len());
    let all = store
        .events(jiff::civil::date(2026, 11, 25), None, usize::MAX)
        .await
        .unwrap();
    assert_eq!(all.len(), ready.len() + 2 * claimed.len());
    for payment in ready.iter().chain(claimed.iter().step_by(97)) {
        let history = store.history(payment.id).await.unwrap();
        assert_eq!(history.last().unwrap().version, payment.version);
        assert_eq!(history.last().unwrap().to, payment.state);
    }
}
