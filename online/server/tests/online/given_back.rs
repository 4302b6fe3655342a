//! What is given back: by refunds, in parts, or by a reversal that a second person approves.
//! Never both, never more than there was, whoever asks at once and whatever is lost on the way.

use crate::served::{Answer, Served, payment};
use connectors::faulty::{Faults, When};
use connectors::{Applied, Change};
use jiff::civil::{Date, date};
use serde_json::{Value, json};
use settlement::ids::{BatchKey, CutId, DfiId, PaymentId, TraceNumber};
use settlement::payment::{EntryRef, Event, Payment, ReturnRef, State};

/// The day on which the pulls of these tests settle.
const DAY: Date = date(2026, 11, 25);

/// Requests at once.
const AT_ONCE: usize = 16;

fn trace() -> TraceNumber {
    TraceNumber::new(DfiId::new(9_100_001).unwrap(), 7).unwrap()
}

/// Lets events happen to a payment, as the jobs would.
async fn happen(served: &Served, id: &str, events: Vec<Event>) {
    let payment: PaymentId = id.parse().unwrap();
    let change = |event| Change {
        payment,
        expected_version: None,
        event,
        date: DAY,
        at: served.app.now(),
    };
    let changes = events.into_iter().map(change).collect();
    let applied = served.app.ports().payments.apply(changes).await.unwrap();
    let done = |one: &Applied| matches!(one, Applied::Done { .. });
    assert!(applied.iter().all(done), "{applied:?}");
}

async fn settle(served: &Served, id: &str) {
    let entry = EntryRef {
        trace: trace(),
        batch: BatchKey::new(DAY, b'A', 1).unwrap(),
        settles_on: DAY,
    };
    let events = vec![
        Event::Claimed {
            cut: CutId("cut".to_owned()),
        },
        Event::Sent { entry },
        Event::Settled {
            bank_reference: "B1".to_owned(),
            on: DAY,
        },
    ];
    happen(served, id, events).await;
}

async fn comes_back(served: &Served, id: &str) {
    let of = ReturnRef {
        code: "R10".parse().unwrap(),
        trace: trace(),
        received_on: DAY,
        late: false,
    };
    happen(served, id, vec![Event::Returned { of }]).await;
}

/// A payment of 12.50 that has settled, under a key of its own.
async fn settled(served: &Served, direction: &str, key: &str) -> String {
    let mut asked = payment();
    asked["direction"] = json!(direction);
    let headers = [("idempotency-key", key)];
    let made = served.ask("POST", "/v1/payments", &headers, &asked).await;
    let id = made.json()["id"].as_str().unwrap().to_owned();
    settle(served, &id).await;
    id
}

async fn give(served: &Served, what: &str, id: &str, key: &str, body: &Value) -> Answer {
    let place = format!("/v1/payments/{id}/{what}");
    let headers = [("idempotency-key", key)];
    served.ask("POST", &place, &headers, body).await
}

async fn reverse(served: &Served, id: &str, key: &str) -> Answer {
    give(served, "reverse", id, key, &json!({"reason": "duplicate"})).await
}

async fn refund(served: &Served, id: &str, key: &str, cents: Option<u64>) -> Answer {
    let body = cents.map_or(json!({}), |cents| json!({ "amount_cents": cents }));
    give(served, "refund", id, key, &body).await
}

async fn decide(served: &Served, id: &str, decision: &str) -> Answer {
    let place = format!("/v1/payments/{id}/review");
    let body = json!({"decision": decision, "note": "looked at"});
    served.ask("POST", &place, &[], &body).await
}

fn id_of(answer: &Answer) -> String {
    answer.json()["id"].as_str().unwrap().to_owned()
}

/// What gives a payment back and was not ended.
async fn giving(served: &Served, id: &str) -> Vec<Payment> {
    let of: PaymentId = id.parse().unwrap();
    let mut all = served.payments().await;
    all.retain(|one| one.gives_back() == Some(of) && one.state != State::Canceled);
    all
}

async fn shown(served: &Served, id: &str) -> Value {
    served.get(&format!("/v1/payments/{id}")).await.json()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reversal_goes_the_other_way_once_and_another_person_approves_it() {
    let served = Served::begin().await;
    for (direction, opposite) in [("debit", "credit"), ("credit", "debit")] {
        let id = settled(&served, direction, direction).await;
        let asked = reverse(&served, &id, "k").await;
        asked.is(202);
        let (reversal, made) = (id_of(&asked), asked.json());
        for (name, expected) in [
            ("direction", json!(opposite)),
            ("description", json!("REVERSAL")),
            ("amount_cents", json!(1250)),
            ("sec", json!("PPD")),
            ("state", json!("REVIEW")),
            ("reverses", json!(id)),
            ("metadata", json!({"reversal_reason": "duplicate"})),
        ] {
            assert_eq!(made[name], expected, "{name}");
        }
        assert_eq!(made.get("refunds"), None);
        assert_eq!(shown(&served, &id).await["reversed_by"], reversal.as_str());
        let again = reverse(&served, &id, "k").await;
        assert_eq!((again.status, &again.body), (202, &asked.body));
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        let other = json!({"reason": "wrong_date"});
        let other = give(&served, "reverse", &id, "k", &other).await;
        assert_eq!(other.problem(422), "idempotency-key-reused");
        let second = reverse(&served, &id, "l").await;
        assert_eq!(second.problem(409), "not-now");
        assert_eq!(second.json()["reversed_by"], reversal.as_str());
        assert_eq!(
            refund(&served, &id, "m", None).await.problem(409),
            "not-now"
        );
        // The key that asked has a scope that excludes it; without that it is still the same.
        assert_eq!(
            decide(&served, &reversal, "approve").await.problem(403),
            "forbidden"
        );
        let desk = served.as_key(&["review", "payments:read"]).await;
        let approved = decide(&desk, &reversal, "approve").await;
        assert_eq!(
            (approved.status, &approved.json()["state"]),
            (200, &json!("INIT"))
        );
        assert_eq!(giving(&served, &id).await.len(), 1);
        // It is no payment to be reversed again.
        settle(&served, &reversal).await;
        let back = reverse(&served, &reversal, "n").await;
        assert_eq!(back.problem(409), "not-now");
    }
    let wrong = json!({"reason": "no_funds"});
    let id = settled(&served, "debit", "z").await;
    let wrong = give(&served, "reverse", &id, "o", &wrong).await;
    assert_eq!(
        (wrong.problem(422), wrong.places()),
        ("invalid".to_owned(), vec!["/reason".to_owned()])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asked_does_not_approve_by_the_same_key_that_was_given_other_scopes() {
    let served = Served::begin().await;
    let id = settled(&served, "debit", "a").await;
    let reversal = id_of(&reverse(&served, &id, "k").await);
    let documents = &*served.app.ports().documents;
    let kept = desk::merchants::kept_as(&served.key);
    let stood = documents.get("keys", &kept).await.unwrap().unwrap();
    let mut key: Value = serde_json::from_slice(&stood.body).unwrap();
    key["scopes"] = json!(["review", "payments:read"]);
    let body = key.to_string().into_bytes().into();
    documents
        .put("keys", &kept, stood.version, body)
        .await
        .unwrap();
    // Another router has not yet believed what stood there before.
    let later = served.another().await;
    let refused = decide(&later, &reversal, "approve").await;
    assert_eq!(refused.problem(403), "forbidden");
    assert_eq!(decide(&later, &reversal, "deny").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_denied_or_canceled_was_no_reversal() {
    let served = Served::begin().await;
    let id = settled(&served, "debit", "a").await;
    let desk = served.as_key(&["review", "payments:read"]).await;
    let first = id_of(&reverse(&served, &id, "1").await);
    assert_eq!(
        decide(&desk, &first, "deny").await.json()["state"],
        "CANCELED"
    );
    assert_eq!(shown(&served, &id).await.get("reversed_by"), None);
    let second = id_of(&reverse(&served, &id, "2").await);
    let place = format!("/v1/payments/{second}/cancel");
    served.ask("POST", &place, &[], &json!({})).await.is(200);
    // The first request, repeated, is answered as it was.
    assert_eq!(id_of(&reverse(&served, &id, "1").await), first);
    refund(&served, &id, "r", Some(1)).await.is(201);
    assert_eq!(reverse(&served, &id, "3").await.problem(409), "not-now");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_banking_days_are_over_for_who_asks_and_for_who_approves() {
    let served = Served::begin().await;
    let (one, other) = (
        settled(&served, "debit", "a").await,
        settled(&served, "debit", "b").await,
    );
    let reversal = id_of(&reverse(&served, &one, "k").await);
    // From Wednesday, 25 November, ten in the morning to Thursday, 3 December, nine in the evening.
    served.passes((8 * 24 + 11) * 3600);
    let late = reverse(&served, &other, "l").await;
    assert_eq!(late.problem(409), "not-now");
    assert_eq!(late.json()["reversible_until"], "2026-12-03");
    let desk = served.as_key(&["review", "payments:read"]).await;
    assert_eq!(
        decide(&desk, &reversal, "approve").await.problem(409),
        "not-now"
    );
    assert_eq!(decide(&desk, &reversal, "deny").await.status, 200);
}

/// Nobody approved it in its five days: it promises no cut, and stands in nobody's way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reversal_that_has_lapsed_is_told_and_denied() {
    let served = Served::begin().await;
    let id = settled(&served, "debit", "a").await;
    let reversal = id_of(&reverse(&served, &id, "k").await);
    assert!(shown(&served, &reversal).await["expected"]["cut_at"].is_string());
    served.passes((8 * 24 + 11) * 3600);
    let lapsed = shown(&served, &reversal).await;
    assert_eq!(
        (&lapsed["state"], &lapsed["expected"]["cut_at"]),
        (&json!("REVIEW"), &Value::Null)
    );
    let why = lapsed["expected"]["lapsed"].as_str().unwrap().to_owned();
    assert!(why.contains("2026-12-03 at the latest"), "{why}");
    refund(&served, &id, "r", Some(100)).await.is(201);
    assert_eq!(shown(&served, &reversal).await["state"], "CANCELED");
    let path = format!("/v1/payments/{reversal}/events");
    let events = served.get(&path).await.json();
    assert_eq!(events["data"][1]["event"]["reason"], why, "{events}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_says_what_has_changed_and_a_refund_why() {
    let served = Served::begin().await;
    let id = settled(&served, "debit", "a").await;
    assert_eq!(shown(&served, &id).await.get("change"), None);
    let notice = Event::NoticeOfChange {
        change: "C02".to_owned(),
        trace: trace(),
    };
    happen(&served, &id, vec![notice]).await;
    let of = shown(&served, &id).await;
    let change = json!({"code": "C02", "meaning": "routing number", "date": DAY});
    assert_eq!(of["change"], change);
    let found = of["entry"]["trace"].as_str().unwrap();
    let list = served.get(&format!("/v1/payments?trace={found}")).await;
    assert_eq!(list.json()["data"][0]["id"], id.as_str());
    let none = served.get("/v1/payments?trace=091000010000099").await;
    assert_eq!(none.json()["data"], json!([]));
    assert_eq!(
        served.get("/v1/payments?trace=1").await.problem(400),
        "bad-query"
    );
    let body = json!({"reason": "the goods came back"});
    let made = give(&served, "refund", &id, "r", &body).await;
    made.is(201);
    assert_eq!(made.json()["metadata"]["refund_reason"], body["reason"]);
    let canceled = id_of(
        &served
            .ask(
                "POST",
                "/v1/payments",
                &[("idempotency-key", "c")],
                &payment(),
            )
            .await,
    );
    let path = format!("/v1/payments/{canceled}/cancel");
    served.ask("POST", &path, &[], &json!({})).await.is(200);
    let nothing = json!({"l1": "none", "l3": "none"});
    assert_eq!(shown(&served, &canceled).await["tied_out"], nothing);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_back_is_neither_reversed_nor_approved_to_be() {
    let served = Served::begin().await;
    let id = settled(&served, "debit", "a").await;
    let reversal = id_of(&reverse(&served, &id, "k").await);
    comes_back(&served, &id).await;
    let desk = served.as_key(&["review", "payments:read"]).await;
    let refused = decide(&desk, &reversal, "approve").await;
    assert_eq!(refused.problem(409), "not-now");
    assert_eq!(refused.json()["state"], "RETURNED");
    let mut asked = payment();
    asked["direction"] = json!("debit");
    let headers = [("idempotency-key", "b")];
    let waits = served.ask("POST", "/v1/payments", &headers, &asked).await;
    let refused = reverse(&served, &id_of(&waits), "l").await;
    assert_eq!(
        (refused.problem(409), &refused.json()["state"]),
        ("not-now".into(), &json!("INIT"))
    );
    let stranger = served
        .as_merchant("other", "billing", &["payments:write"])
        .await;
    assert_eq!(reverse(&stranger, &id, "k").await.problem(404), "not-found");
}

/// Sends `AT_ONCE` requests at once, at two routers; each until it is not told to come again.
async fn at_once<F>(served: &Served, ask: impl Fn(Served, usize) -> F) -> Vec<Answer>
where
    F: Future<Output = Answer> + Send + 'static,
{
    let other = served.another().await;
    let mut tasks = Vec::new();
    for n in 0..AT_ONCE {
        let served = if n % 2 == 0 { served } else { &other };
        tasks.push(tokio::spawn(ask(served.clone(), n)));
    }
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

/// A request until it is not told that another is at it.
async fn until_told<F: Future<Output = Answer>>(ask: impl Fn() -> F) -> Answer {
    loop {
        let answer = ask().await;
        if answer.status != 409 || answer.problem(409) != "in-progress" {
            return answer;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_refunds_at_once_give_back_what_was_pulled_and_no_cent_more() {
    let served = Served::begin().await;
    let id = settled(&served, "debit", "a").await;
    let of = id.clone();
    let answers = at_once(&served, move |served, n| {
        let (id, key) = (of.clone(), format!("r{n}"));
        async move { until_told(|| refund(&served, &id, &key, Some(200))).await }
    })
    .await;
    let made = answers.iter().filter(|one| one.status == 201).count();
    assert_eq!(made, 6, "six times two dollars of twelve and a half");
    refund(&served, &id, "rest", None).await.is(201);
    let cents: u64 = giving(&served, &id)
        .await
        .iter()
        .map(|one| one.order.amount.get())
        .sum();
    assert_eq!(cents, 1_250);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_reversals_at_once_make_one_whatever_their_keys() {
    let served = Served::begin().await;
    let id = settled(&served, "credit", "a").await;
    let of = id.clone();
    let answers = at_once(&served, move |served, n| {
        let (id, key) = (of.clone(), format!("k{}", n % 4));
        async move { until_told(|| reverse(&served, &id, &key)).await }
    })
    .await;
    let made: Vec<_> = answers.iter().filter(|one| one.status == 202).collect();
    assert_eq!(made.len(), 4, "one key, four times");
    assert!(made.iter().all(|one| one.body == made[0].body));
    assert_eq!(giving(&served, &id).await.len(), 1);
}

async fn one_or_the_other(served: &Served, id: &str, key: &str, n: usize) -> Answer {
    match n % 2 {
        0 => reverse(served, id, key).await,
        _ => refund(served, id, key, Some(1_250)).await,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refunds_and_reversals_at_once_are_one_or_the_other() {
    let served = Served::begin().await;
    for round in 0..4 {
        let id = settled(&served, "debit", &format!("a{round}")).await;
        let of = id.clone();
        let answers = at_once(&served, move |served, n| {
            let (id, key) = (of.clone(), format!("k{n}"));
            async move { until_told(|| one_or_the_other(&served, &id, &key, n)).await }
        })
        .await;
        let made = answers.iter().filter(|one| one.status < 300).count();
        assert_eq!((made, giving(&served, &id).await.len()), (1, 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_died_on_its_way_is_completed_or_given_up_and_never_made_twice() {
    let served = Served::begin().await;
    for (what, when) in [
        ("reverse", When::Before),
        ("reverse", When::After),
        ("refund", When::Before),
        ("refund", When::After),
    ] {
        let key = format!("{what} {when:?}");
        let id = settled(&served, "debit", &key.replace(' ', "-")).await;
        let body = if what == "reverse" {
            json!({"reason": "duplicate"})
        } else {
            json!({})
        };
        let broken = served
            .over(Faults::at(1, when).around(served.app.ports()))
            .await;
        give(&broken, what, &id, "first", &body).await.is(503);
        // What stands in the document is given back, though nobody has seen its payment.
        let other = give(&served, what, &id, "other", &body).await;
        assert!(other.status >= 400, "{key}: {other:?}");
        served.passes(30 * 60);
        let first = give(&served, what, &id, "first", &body).await;
        assert!(first.status < 300, "{key}: {first:?}");
        assert_eq!(giving(&served, &id).await.len(), 1, "{key}");
    }
    // One that nobody asks for again is given up, and another may take its place.
    let id = settled(&served, "debit", "given-up").await;
    let broken = served
        .over(Faults::at(1, When::Before).around(served.app.ports()))
        .await;
    reverse(&broken, &id, "first").await.is(503);
    served.passes(3_601);
    reverse(&served, &id, "other").await.is(202);
    assert_eq!(reverse(&served, &id, "first").await.problem(409), "not-now");
    assert_eq!(giving(&served, &id).await.len(), 1);
}
