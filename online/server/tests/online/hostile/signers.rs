//! Callers that an issuer has signed in, its keys from a file and from an address.

use super::world::{Answer, KEY, With, World, payment};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use desk::issuers::Issuer;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::LazyLock;
use tieout_online::signers;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

static SIGNER: LazyLock<EcdsaKeyPair> =
    LazyLock::new(|| EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap());

fn keys() -> String {
    let point = SIGNER.public_key().as_ref();
    let (x, y) = (BASE64.encode(&point[1..33]), BASE64.encode(&point[33..]));
    json!({ "keys": [{ "kty": "EC", "crv": "P-256", "kid": "e", "x": x, "y": y }] }).to_string()
}

fn token(change: impl FnOnce(&mut Value)) -> String {
    let mut claims = json!({
        "iss": "https://issuer.example", "token_use": "access", "client_id": "web",
        "scope": "tieout/payments:read tieout/payments:write", "custom:merchant": "shop",
        "exp": 4_000_000_000u64,
    });
    change(&mut claims);
    let parts = [json!({ "alg": "ES256", "kid": "e" }), claims];
    let message = parts.map(|part| BASE64.encode(part.to_string())).join(".");
    let signature = SIGNER
        .sign(&SystemRandom::new(), message.as_bytes())
        .unwrap();
    format!("{message}.{}", BASE64.encode(signature))
}

async fn world(jwks: &str) -> World {
    let issuer = Issuer {
        issuer: "https://issuer.example".to_owned(),
        jwks: jwks.to_owned(),
        clients: [("web".to_owned(), String::new())].into(),
        scope_prefix: "tieout/".to_owned(),
        ..Issuer::default()
    };
    let issuers = signers::issuers(vec![issuer]).unwrap();
    World::with(With {
        issuers,
        ..With::default()
    })
    .await
}

async fn of_file(dir: &Path) -> World {
    let path = dir.join("keys.json");
    std::fs::write(&path, keys()).unwrap();
    world(path.to_str().unwrap()).await
}

async fn listed(world: &World, token: &str) -> Answer {
    world.ask("GET", "/v1/payments", token, None).await
}

#[tokio::test]
async fn a_signed_caller_is_its_merchant_and_has_its_scopes() {
    let dir = tempfile::tempdir().unwrap();
    let world = of_file(dir.path()).await;
    let good = token(|_| {});
    assert_eq!(listed(&world, &good).await.status, 200);
    let body = payment(r#"{"routing":"091000019","number":"000998877665","kind":"savings"}"#);
    let header = "idempotency-key: a\r\n";
    let made = world
        .ask_with("POST", "/v1/payments", &good, header, Some(&body))
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    let again = world
        .ask_with("POST", "/v1/payments", KEY, header, Some(&body))
        .await;
    assert_eq!(
        again.json(),
        made.json(),
        "the merchant's key names the same request"
    );
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let other = token(|claims| claims["custom:merchant"] = json!("other"));
    let refused = world
        .ask("GET", &format!("/v1/payments/{id}"), &other, None)
        .await;
    assert_eq!(refused.status, 404, "another merchant's");
    let refused = world.ask("GET", "/v1/merchants", &good, None).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (403, "forbidden"),
        "no such scope"
    );
    for (claim, value) in [
        ("exp", json!(1)),
        ("nbf", json!(3_999_999_999u64)),
        ("token_use", json!("id")),
        ("client_id", json!("unknown")),
        ("iss", json!("https://other.example")),
        ("custom:merchant", json!("nobody")),
    ] {
        let bad = token(|claims| claims[claim] = value);
        let refused = listed(&world, &bad).await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (401, "unauthenticated"),
            "{claim}"
        );
    }
    let none = good.replacen(
        good.split('.').next().unwrap(),
        &BASE64.encode(r#"{"alg":"none","kid":"e"}"#),
        1,
    );
    assert_eq!(listed(&world, &none).await.status, 401);
}

/// Answers every connection with this, and ends it.
async fn speaker(answer: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut read = [0; 2_048];
            let _ = stream.read(&mut read).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    format!("http://{at}/keys")
}

fn ok(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn keys_come_from_an_address_within_bounds() {
    let good = token(|_| {});
    let taken = world(&speaker(ok(&keys())).await).await;
    assert_eq!(listed(&taken, &good).await.status, 200);
    let large = format!("{}{}", keys(), " ".repeat(100_000));
    let elsewhere =
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n";
    for answer in [
        ok("{}"),
        ok("<html>"),
        ok(&large),
        elsewhere.to_owned(),
        "HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{".to_owned(),
        "nonsense".to_owned(),
        String::new(),
    ] {
        let world = world(&speaker(answer.clone()).await).await;
        let refused = listed(&world, &good).await;
        let found = (refused.status, refused.code());
        assert_eq!(found, (503, "unavailable".to_owned()), "{answer:.40}");
        assert_eq!(
            world.ask("GET", "/v1/payments", KEY, None).await.status,
            200,
            "keys work"
        );
    }
    let nobody = world("http://127.0.0.1:1/keys").await;
    assert_eq!(listed(&nobody, &good).await.status, 503);
}
