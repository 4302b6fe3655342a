//! Callbacks in: signed, lately, each once, in any order.

use super::world::{World, raw};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use connectors::Clock;
use serde_json::{Value, json};

struct Bank {
    secret: String,
}

impl Bank {
    fn signature(&self, id: &str, seconds: i64, body: &str) -> String {
        let secret = self.secret.strip_prefix("whsec_").unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(secret).unwrap());
        let tag = hmac::sign(&key, format!("{id}.{seconds}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(tag))
    }

    /// Posts a callback that was sent so many seconds ago.
    async fn post(&self, world: &World, id: &str, ago: i64, body: &str) -> u16 {
        let seconds = world.clock.now().as_second() - ago;
        let signature = self.signature(id, seconds, body);
        post(world, id, seconds, &signature, body).await
    }
}

async fn post(world: &World, id: &str, seconds: i64, signature: &str, body: &str) -> u16 {
    let headers = [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", signature.to_owned()),
    ];
    let sent = raw(world.at, "POST", "/v1/callbacks/first-bank", &headers, body).await;
    sent.unwrap().0
}

async fn inbox(world: &World) -> Vec<Value> {
    let path = "/v1/callbacks?source=first-bank";
    let list = world.must(200, "operator", "GET", path, &Value::Null).await;
    list["data"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_is_kept_once_however_often_and_in_whatever_order_it_comes() {
    let world = World::new().await;
    let body = json!({ "name": "first-bank" });
    let made = world
        .must(201, "operator", "POST", "/v1/sources", &body)
        .await;
    let bank = Bank {
        secret: made["secret"].as_str().unwrap().to_owned(),
    };
    // Disordered: the later one first; and each more than once, at once.
    for (id, ago) in [("evt-2", 0), ("evt-1", 200), ("evt-2", 10), ("evt-1", 0)] {
        let body = format!("{{\"about\": \"{id}\"}}");
        assert_eq!(bank.post(&world, id, ago, &body).await, 204, "{id}");
    }
    let again = (0..8).map(|_| bank.post(&world, "evt-3", 0, "{}"));
    let mut tasks = Vec::new();
    for one in again {
        tasks.push(one.await);
    }
    assert_eq!(tasks, [204; 8]);
    // Another body under a known id: the first counts.
    assert_eq!(
        bank.post(&world, "evt-1", 0, "{\"about\": \"forged\"}")
            .await,
        204
    );
    let kept = inbox(&world).await;
    let ids: Vec<&str> = kept.iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["evt-2", "evt-1", "evt-3"]);
    assert_eq!(kept[1]["body"], "{\"about\": \"evt-1\"}");
    let problem = world
        .must(403, "demo", "GET", "/v1/callbacks", &Value::Null)
        .await;
    assert_eq!(problem["code"], "forbidden");
    let page = world
        .must(
            200,
            "operator",
            "GET",
            "/v1/callbacks?limit=2",
            &Value::Null,
        )
        .await;
    let next = page["next"].as_str().unwrap();
    let page = world.must(200, "operator", "GET", next, &Value::Null).await;
    assert_eq!(page["data"][0]["id"], "evt-3");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_signed_lately_by_its_source_is_refused_and_not_kept() {
    let world = World::new().await;
    let body = json!({ "name": "first-bank" });
    let made = world
        .must(201, "operator", "POST", "/v1/sources", &body)
        .await;
    world
        .must(422, "operator", "POST", "/v1/sources", &body)
        .await;
    let secret = made["secret"].as_str().unwrap().to_owned();
    let bank = Bank { secret };
    let now = world.clock.now().as_second();
    let good = bank.signature("a", now, "{}");
    assert_eq!(bank.post(&world, "late", 302, "{}").await, 401);
    assert_eq!(bank.post(&world, "early", -302, "{}").await, 401);
    assert_eq!(post(&world, "b", now, &good, "{}").await, 401);
    assert_eq!(post(&world, "a", now - 1, &good, "{}").await, 401);
    assert_eq!(post(&world, "a", now, &good, "{ }").await, 401);
    assert_eq!(post(&world, "a", now, "", "{}").await, 401);
    assert_eq!(
        post(&world, "a", now, &good.replace("v1,", "v1a,"), "{}").await,
        401
    );
    assert_eq!(bank.post(&world, "a.b", 0, "{}").await, 401);
    assert_eq!(bank.post(&world, "text", 0, "no JSON").await, 400);
    let large = format!("\"{}\"", "x".repeat(30 << 10));
    assert_eq!(bank.post(&world, "large", 0, &large).await, 413);
    let none = raw(world.at, "POST", "/v1/callbacks/first-bank", &[], "{}")
        .await
        .unwrap();
    assert_eq!(none.0, 401);
    // Nobody learns which sources there are.
    let other = raw(world.at, "POST", "/v1/callbacks/other", &[], "{}")
        .await
        .unwrap();
    assert_eq!(other.1["detail"], none.1["detail"]);
    assert!(inbox(&world).await.is_empty());
    // The old secret is taken for a day after a rotation.
    let path = "/v1/sources/first-bank/rotate";
    let new = world
        .must(200, "operator", "POST", path, &Value::Null)
        .await;
    let renewed = Bank {
        secret: new["secret"].as_str().unwrap().to_owned(),
    };
    assert_eq!(bank.post(&world, "old", 0, "{}").await, 204);
    assert_eq!(renewed.post(&world, "new", 0, "{}").await, 204);
    world.clock.on(24 * 3_600 + 1);
    assert_eq!(bank.post(&world, "older", 0, "{}").await, 401);
    assert_eq!(renewed.post(&world, "newer", 0, "{}").await, 204);
    world
        .must(
            204,
            "operator",
            "DELETE",
            "/v1/sources/first-bank",
            &Value::Null,
        )
        .await;
    assert_eq!(renewed.post(&world, "newest", 0, "{}").await, 401);
    assert_eq!(inbox(&world).await.len(), 3, "what it said stays");
}
