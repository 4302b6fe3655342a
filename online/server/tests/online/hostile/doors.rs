//! What comes in by any door is held against one rule, and what is refused says so as every other
//! refusal does.

use super::world::{Answer, KEY, World};
use axum::body::Body;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use online::router;
use serde_json::{Value, json};
use std::sync::Arc;

async fn post(world: &World, path: &str, body: &Value) -> Answer {
    let body = body.to_string();
    let key = format!("idempotency-key: {}\r\n", body.len());
    world.ask_with("POST", path, KEY, &key, Some(&body)).await
}

fn pointers(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let errors = json["errors"].as_array().cloned().unwrap_or_default();
    let text = |one: &Value| one["pointer"].as_str().unwrap().to_owned();
    errors.iter().map(text).collect()
}

fn payment() -> Value {
    json!({"direction": "credit", "amount_cents": 12345, "sec": "PPD", "description": "PAYOUT",
        "account": {"routing": "091000019", "number": "123456789", "kind": "checking"},
        "name": "RECEIVER"})
}

#[tokio::test]
async fn where_a_request_comes_from_is_named_as_anything_else() {
    let world = World::new().await;
    let bad = [" ", "a\0b", "a\r\nX", "\u{202e}a", "a ", "=1+1", "é"];
    for text in bad {
        let mut asked = payment();
        asked["customer"] = json!(text);
        asked["context"] = json!({ "device": text });
        let refused = post(&world, "/v1/payments", &asked).await;
        assert_eq!(refused.status, 422, "{text:?}: {refused:?}");
        assert_eq!(
            pointers(&refused),
            ["/customer", "/context/device"],
            "{text:?}"
        );
    }
    for (n, (ip, status)) in [
        ("::1", 201),
        ("203.0.113.9", 201),
        ("999.1.1.1", 422),
        ("NaN", 422),
        ("1.2.3.4\n", 422),
        ("fe80::1%eth0", 422),
    ]
    .into_iter()
    .enumerate()
    {
        let mut asked = payment();
        asked["context"] = json!({ "ip": ip });
        let key = format!("idempotency-key: ip-{n}\r\n");
        let answer = world
            .ask_with("POST", "/v1/payments", KEY, &key, Some(&asked.to_string()))
            .await;
        assert_eq!(answer.status, status, "{ip:?}: {answer:?}");
        if status == 422 {
            assert_eq!(pointers(&answer), ["/context/ip"], "{ip:?}");
        }
    }
    for text in ["  ", "a\0", "a\nb", "\u{202e}a"] {
        let hook = json!({"url": "https://hooks.example/", "description": text});
        let refused = post(&world, "/v1/webhooks", &hook).await;
        assert_eq!(
            (refused.status, pointers(&refused)),
            (422, vec!["/description".to_owned()])
        );
    }
}

#[tokio::test]
async fn a_webhook_has_a_port_that_can_be_and_secrets_for_a_whole_day_each() {
    let world = World::new().await;
    for port in [":0", ":65536", ":99999", ":"] {
        let hook = json!({ "url": format!("https://hooks.example{port}/in") });
        let refused = post(&world, "/v1/webhooks", &hook).await;
        assert_eq!(
            (refused.status, pointers(&refused)),
            (422, vec!["/url".to_owned()]),
            "{port}"
        );
    }
    let hook = json!({"url": "https://hooks.example:8443/in"});
    let made = post(&world, "/v1/webhooks", &hook).await;
    let path = format!("/v1/webhooks/{}", made.json()["id"].as_str().unwrap());
    let rotate = format!("{path}/rotate");
    for _ in 0..2 {
        assert_eq!(world.ask("POST", &rotate, KEY, None).await.status, 200);
    }
    let before = world.ask("GET", &path, KEY, None).await.json();
    assert_eq!(before["keys"].as_array().unwrap().len(), 3);
    let third = world.ask("POST", &rotate, KEY, None).await;
    assert_eq!(
        (third.status, third.code().as_str()),
        (409, "too-many"),
        "{third:?}"
    );
    assert_eq!(
        third.json()["from"],
        before["keys"][2]["until"],
        "when it may"
    );
    assert_eq!(world.ask("GET", &path, KEY, None).await.json(), before);
}

#[tokio::test]
async fn the_sandbox_says_of_a_code_that_it_is_none_of_the_route() {
    let world = World::new().await;
    let made = post(&world, "/v1/payments", &payment()).await.json();
    let path = |what: &str| {
        format!(
            "/v1/sandbox/payments/{}/{what}",
            made["id"].as_str().unwrap()
        )
    };
    for (what, code, status) in [
        ("return", "R01", 409),
        ("return", "R99", 422),
        ("return", "R61", 422),
        ("return", "C01", 422),
        ("change", "C01", 409),
        ("change", "R01", 422),
        ("change", "C15", 422),
    ] {
        let answer = post(&world, &path(what), &json!({ "code": code })).await;
        assert_eq!(answer.status, status, "{what} {code}: {answer:?}");
        if status == 422 {
            assert_eq!(pointers(&answer), ["/code"], "{what} {code}");
        }
    }
    let refused = post(&world, "/v1/sandbox/day", &json!({"date": "2026-11-27"})).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (409, "date-refused")
    );
    assert!(!refused.body.contains("The payment"), "{refused:?}");
}

#[tokio::test]
async fn whatever_is_refused_is_a_problem_that_says_what() {
    let world = World::new().await;
    let head = "GET /v1/payments/%ff HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n";
    let raw = world.raw(head.as_bytes()).await;
    let text = String::from_utf8_lossy(&raw).to_lowercase();
    assert!(text.contains("application/problem+json"), "{text}");
    assert_eq!(Answer::of(&raw).code(), "not-found");
    let head = "GET /v1/payments HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n";
    let unknown = String::from_utf8_lossy(&world.raw(head.as_bytes()).await).to_lowercase();
    assert!(unknown.starts_with("http/1.1 401"), "{unknown}");
    assert!(
        unknown.contains("www-authenticate: bearer\r\n"),
        "{unknown}"
    );
    let twice = world
        .ask("GET", "/v1/payments?limit=1&limit=2", KEY, None)
        .await;
    assert_eq!(
        (twice.status, pointers(&twice)),
        (400, vec!["limit".to_owned()])
    );
    let validate = async |headers: &str, body: &str| {
        world
            .ask_with("POST", "/v1/validate", KEY, headers, Some(body))
            .await
    };
    for encoding in ["gzip", "identity, gzip", "br"] {
        let refused = validate(&format!("content-encoding: {encoding}\r\n"), "{}").await;
        assert_eq!(refused.status, 415, "{encoding}: {refused:?}");
    }
    assert_eq!(
        validate("content-encoding: Identity\r\n", "{}")
            .await
            .status,
        200
    );
    let many = format!("[{}0]", "0,".repeat(2_000));
    let refused = validate("", &many).await;
    assert!(
        refused.json()["detail"]
            .as_str()
            .unwrap()
            .contains("more than 2000 values")
    );
    let refused = validate("", "{\"direction\": \"credit\",\n \"amount_cents\": 1e400}").await;
    assert_eq!(refused.status, 400);
    assert!(
        refused.json()["detail"]
            .as_str()
            .unwrap()
            .contains("amount_cents"),
        "{refused:?}"
    );
}

/// HTTP/2 has no such limit of its own.
#[tokio::test]
async fn more_headers_than_are_taken_are_refused_whatever_brings_them() {
    let world = World::new().await;
    let routes = TowerToHyperService::new(router(Arc::clone(&world.app)));
    for (count, status) in [(64, 200), (65, 431)] {
        let mut request = http::Request::get("/health/live");
        for n in 0..count {
            request = request.header(format!("x-{n}"), "a");
        }
        let answer = routes
            .call(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), status, "{count}");
    }
}
