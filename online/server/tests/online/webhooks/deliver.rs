//! Deliveries: signed, kept, repeated, given up, and made once more.

use super::receiver::{Receiver, answer};
use super::world::{PATIENCE, World, config, pay, ports};
use online::webhooks::schedule::DELAYS;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_delivered_as_the_feed_tells_it_and_to_its_merchant_alone() {
    let world = World::new().await;
    world.sends();
    let (ours, theirs) = (Receiver::willing().await, Receiver::willing().await);
    pay(&world.app, "demo", 1).await; // before there was a webhook
    let hook = world.hook("demo", &ours.url()).await;
    world.hook("other", &theirs.url()).await;
    let id = pay(&world.app, "demo", 2).await;
    let came = ours.at_least(1).await;
    let feed = world
        .must(200, "demo", "GET", "/v1/events", &Value::Null)
        .await;
    let mut told = feed["data"][1].clone();
    assert_eq!(told["data"]["payment"], json!(id.to_string()));
    assert_eq!(
        told.as_object_mut().unwrap().remove("id"),
        Some(json!(came[0].id))
    );
    assert_eq!(came[0].json(), told);
    assert!(came[0].body.len() < 20 << 10);
    assert!(!came[0].id.contains('.'));
    let done = world
        .delivery("demo", &hook, |one| one["outcome"] == "delivered")
        .await;
    assert_eq!(done["event"], json!(came[0].id));
    assert_eq!(done["attempts"][0]["status"], json!(204));
    // The other merchant sees neither hook nor event.
    let path = format!("/v1/webhooks/{}", hook["id"].as_str().unwrap());
    for end in ["", "/deliveries"] {
        world
            .must(404, "other", "GET", &format!("{path}{end}"), &Value::Null)
            .await;
    }
    world
        .must(
            404,
            "other",
            "POST",
            &format!("{path}/rotate"),
            &Value::Null,
        )
        .await;
    assert_eq!((ours.came().len(), theirs.came().len()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_attempts_then_it_is_a_dead_letter_that_can_be_replayed() {
    let world = World::new().await;
    let status = Arc::new(AtomicU16::new(500));
    let says = Arc::clone(&status);
    let receiver = Receiver::answering(move |_, _| answer(says.load(Ordering::SeqCst), "")).await;
    world.sends();
    let hook = world.hook("demo", &receiver.url()).await;
    pay(&world.app, "demo", 1).await;
    for (tried, delay) in DELAYS.iter().enumerate() {
        world.clock.on(delay + delay / 10);
        receiver.at_least(tried + 1).await;
        let many = |one: &Value| one["attempts"].as_array().unwrap().len() == tried + 1;
        world.delivery("demo", &hook, many).await;
    }
    let dead = world
        .delivery("demo", &hook, |one| one["outcome"] == "failed")
        .await;
    assert_eq!(dead["next_attempt"], Value::Null);
    world.clock.on(7 * 24 * 3_600);
    let path = format!("/v1/webhooks/{}", hook["id"].as_str().unwrap());
    let list = format!("{path}/deliveries?failed=true");
    let failed = world.must(200, "demo", "GET", &list, &Value::Null).await;
    assert_eq!(failed["data"].as_array().unwrap().len(), 1, "{failed}");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(receiver.came().len(), DELAYS.len(), "nothing more is sent");
    status.store(200, Ordering::SeqCst);
    let body = json!({ "from": "2026-01-01T00:00:00Z" });
    world
        .must(202, "demo", "POST", &format!("{path}/replay"), &body)
        .await;
    let came = receiver.at_least(DELAYS.len() + 1).await;
    let ids: BTreeSet<&String> = came.iter().map(|one| &one.id).collect();
    assert_eq!(ids.len(), 1, "the same id on every attempt");
    let times: BTreeSet<&String> = came.iter().map(|one| &one.timestamp).collect();
    assert_eq!(times.len(), came.len(), "the moment of each attempt");
    world
        .delivery("demo", &hook, |one| one["outcome"] == "delivered")
        .await;
    let wrong = json!({ "from": "yesterday", "to": "x" });
    let problem = world
        .must(422, "demo", "POST", &format!("{path}/replay"), &wrong)
        .await;
    assert_eq!(problem["errors"].as_array().unwrap().len(), 2, "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn gone_disables_until_it_is_enabled_and_nothing_is_lost() {
    let world = World::new().await;
    let receiver = Receiver::answering(|n, _| answer(if n == 1 { 410 } else { 200 }, "")).await;
    world.sends();
    let hook = world.hook("demo", &receiver.url()).await;
    pay(&world.app, "demo", 1).await;
    receiver.at_least(1).await;
    let path = format!("/v1/webhooks/{}", hook["id"].as_str().unwrap());
    let mut shown = world.must(200, "demo", "GET", &path, &Value::Null).await;
    while shown["enabled"] == json!(true) {
        tokio::time::sleep(Duration::from_millis(20)).await;
        shown = world.must(200, "demo", "GET", &path, &Value::Null).await;
    }
    assert!(shown["disabled_because"].as_str().unwrap().contains("410"));
    pay(&world.app, "demo", 2).await;
    world.clock.on(60);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(receiver.came().len(), 1);
    world
        .must(200, "demo", "PATCH", &path, &json!({ "enabled": true }))
        .await;
    let came = receiver.at_least(3).await;
    let ids: BTreeSet<&String> = came.iter().map(|one| &one.id).collect();
    assert_eq!(ids.len(), 2);
    world.must(204, "demo", "DELETE", &path, &Value::Null).await;
    world.must(404, "demo", "GET", &path, &Value::Null).await;
    // What was kept of it goes too.
    let documents = &*world.app.ports().documents;
    let left = async || {
        let mut left = 0;
        for collection in [
            "webhooks",
            "webhook-waiting",
            "webhook-deliveries",
            "webhook-places",
        ] {
            left += documents.list(collection, "", None, 9).await.unwrap().len();
        }
        left
    };
    let mut tries = 0;
    while left().await > 0 {
        tries += 1;
        assert!(tries < 200, "something is left");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_requests_is_honoured_and_a_redirect_is_a_failure() {
    let world = World::new().await;
    let elsewhere = Receiver::willing().await;
    let to = elsewhere.url();
    let receiver = Receiver::answering(move |n, _| match n {
        1 => answer(429, "retry-after: 120\r\n"),
        2 => answer(302, &format!("location: {to}\r\n")),
        _ => answer(200, ""),
    })
    .await;
    world.sends();
    let hook = world.hook("demo", &receiver.url()).await;
    pay(&world.app, "demo", 1).await;
    receiver.at_least(1).await;
    world
        .delivery("demo", &hook, |one| {
            one["attempts"][0]["status"] == json!(429)
        })
        .await;
    pay(&world.app, "demo", 2).await;
    world.clock.on(110);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(receiver.came().len(), 1, "it is left alone");
    world.clock.on(15);
    receiver.at_least(2).await;
    world.clock.on(400);
    receiver.at_least(3).await;
    assert!(elsewhere.came().is_empty(), "no redirect is followed");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_over_one_store_send_each_event_once() {
    let dir = tempfile::tempdir().unwrap();
    let ports = ports(dir.path());
    let config = config(dir.path());
    let first = World::over(ports.clone(), &config).await;
    let second = World::over(ports, &config).await;
    first.people().await;
    let receiver = Receiver::willing().await;
    first.sends();
    second.sends();
    first.hook("demo", &receiver.url()).await;
    for number in 0..40 {
        let world = if number % 2 == 0 { &first } else { &second };
        pay(&world.app, "demo", number).await;
    }
    receiver.at_least(40).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(receiver.came().len(), 40);
    // The one that held the lease ends, and the other goes on.
    first.app.hooks.end();
    second.app.hooks.end();
    let third = World::over(first.app.ports().clone(), &config).await;
    third.sends();
    pay(&third.app, "demo", 99).await;
    receiver.at_least(41).await;
}

/// Distinct payments of an odd amount that came.
fn odd(receiver: &Receiver) -> usize {
    let came = receiver.came();
    let amounts = came
        .iter()
        .map(|one| one.json()["data"]["amount_cents"].as_u64().unwrap());
    let odd: BTreeSet<u64> = amounts.filter(|amount| amount % 2 == 1).collect();
    odd.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_endpoint_never_takes_holds_back_nothing_else() {
    let world = World::new().await;
    // Every other event is never taken: more than an endpoint that is down may leave.
    let receiver = Receiver::answering(|_, came| {
        let even = came.json()["data"]["amount_cents"].as_u64().unwrap() % 2 == 0;
        answer(if even { 500 } else { 200 }, "")
    })
    .await;
    world.sends();
    world.hook("demo", &receiver.url()).await;
    let come = async |most: Duration, many: usize| {
        let started = Instant::now();
        while odd(&receiver) < many {
            assert!(started.elapsed() < most, "{} of {many}", odd(&receiver));
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    for number in 0..1_500 {
        pay(&world.app, "demo", number).await;
    }
    come(PATIENCE, 750).await;
    // Those that were not taken are attempted again, together and alone: none of them arrives.
    let tried = receiver.came().len();
    world.clock.on(6);
    receiver.at_least(tried + 100).await;
    for number in 1_500..1_540 {
        pay(&world.app, "demo", number).await;
    }
    come(PATIENCE / 3, 770).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_webhook_is_named() {
    let world = World::new().await;
    let body = json!({ "url": "http://10.0.0.1/", "types": ["payment.created", "x"], "more": 1 });
    let problem = world.must(422, "demo", "POST", "/v1/webhooks", &body).await;
    assert_eq!(problem["errors"][0]["pointer"], "/more");
    let body = json!({ "url": "http://10.0.0.1/", "types": ["payment.created", "x"] });
    let problem = world.must(422, "demo", "POST", "/v1/webhooks", &body).await;
    let at = |n: usize| problem["errors"][n]["pointer"].clone();
    assert_eq!((at(0), at(1)), (json!("/url"), json!("/types/1")));
    // Without the flag nothing goes to this machine.
    let body = json!({ "url": "http://127.0.0.1:1/" });
    world.must(422, "demo", "POST", "/v1/webhooks", &body).await;
    for number in 0..16 {
        let body = json!({ "url": format!("https://example.com/{number}") });
        world.must(201, "demo", "POST", "/v1/webhooks", &body).await;
    }
    let body = json!({ "url": "https://example.com/17" });
    let problem = world.must(409, "demo", "POST", "/v1/webhooks", &body).await;
    assert_eq!(problem["code"], "too-many");
    let all = world
        .must(200, "demo", "GET", "/v1/webhooks", &Value::Null)
        .await;
    assert_eq!(all["data"].as_array().unwrap().len(), 16);
    assert!(
        !all.to_string().contains("whsec_"),
        "a secret is shown once"
    );
}
