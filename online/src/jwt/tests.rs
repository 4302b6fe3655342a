//! Tokens are taken that an issuer's key proves and that say what ours must say; no others.

use super::keys::KeySet;
use super::*;
use crate::wire::json::Json;
use async_trait::async_trait;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use desk::config::Issuer;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "https://issuer.example/pool";

static RSA: LazyLock<RsaKeyPair> =
    LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());
static EC: LazyLock<EcdsaKeyPair> =
    LazyLock::new(|| EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap());

fn base64(value: &Value) -> String {
    BASE64.encode(value.to_string())
}

fn rsa_jwk() -> Value {
    let public = RSA.public_key();
    json!({
        "kty": "RSA", "kid": "r", "use": "sig", "alg": "RS256",
        "n": BASE64.encode(public.modulus().big_endian_without_leading_zero()),
        "e": BASE64.encode(public.exponent().big_endian_without_leading_zero()),
    })
}

fn ec_jwk() -> Value {
    let point = EC.public_key().as_ref();
    json!({
        "kty": "EC", "crv": "P-256", "kid": "e",
        "x": BASE64.encode(&point[1..33]),
        "y": BASE64.encode(&point[33..]),
    })
}

fn signed(header: &Value, claims: &str) -> String {
    let message = format!("{}.{}", base64(header), BASE64.encode(claims));
    let signature = match header["alg"].as_str() {
        Some("ES256") => EC
            .sign(&SystemRandom::new(), message.as_bytes())
            .unwrap()
            .as_ref()
            .to_vec(),
        _ => {
            let mut signature = vec![0; RSA.public_modulus_len()];
            let random = SystemRandom::new();
            RSA.sign(
                &RSA_PKCS1_SHA256,
                &random,
                message.as_bytes(),
                &mut signature,
            )
            .unwrap();
            signature
        }
    };
    format!("{message}.{}", BASE64.encode(signature))
}

fn rs256() -> Value {
    json!({ "alg": "RS256", "kid": "r", "typ": "JWT" })
}

/// An access token as Cognito makes it.
fn access() -> Value {
    json!({
        "iss": ISSUER, "token_use": "access", "client_id": "web", "sub": "somebody",
        "scope": "openid tieout/payments:read tieout/tokens tieout/none other/review",
        "custom:merchant": "shop", "exp": NOW + 300, "iat": NOW - 5, "nbf": NOW - 5,
    })
}

fn issuer() -> Issuer {
    Issuer {
        issuer: ISSUER.to_owned(),
        jwks: "keys.json".to_owned(),
        audience: vec!["tieout".to_owned()],
        clients: [
            ("web".to_owned(), String::new()),
            ("machine".to_owned(), "shop".to_owned()),
        ]
        .into(),
        scope_prefix: "tieout/".to_owned(),
    }
}

/// Keys that a test changes, and how often they were asked for.
#[derive(Clone)]
struct Given {
    set: Arc<Mutex<Result<Value, String>>>,
    asked: Arc<AtomicUsize>,
}

impl Given {
    fn new(set: Value) -> Given {
        Given {
            set: Arc::new(Mutex::new(Ok(set))),
            asked: Arc::default(),
        }
    }
}

#[async_trait]
impl Source for Given {
    async fn keys(&self) -> Result<Vec<u8>, String> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let set = self.set.lock().unwrap().clone();
        set.map(|set| set.to_string().into_bytes())
    }
}

fn issuers() -> Issuers {
    let keys = Given::new(json!({ "keys": [rsa_jwk(), ec_jwk()] }));
    Issuers::new(vec![(issuer(), Box::new(keys))])
}

async fn of(token: &str) -> Result<Claims, String> {
    let claims = issuers().claims(token, NOW).await;
    claims.map_err(|problem| format!("{}: {}", problem.code, problem.detail))
}

async fn with(change: impl FnOnce(&mut Value)) -> Result<Claims, String> {
    let mut claims = access();
    change(&mut claims);
    of(&signed(&rs256(), &claims.to_string())).await
}

#[tokio::test]
async fn an_access_token_is_good_for_its_merchant_and_scopes() {
    let scopes = ["payments:read", "tokens"].map(str::to_owned);
    let expected = Claims {
        name: "jwt:web".to_owned(),
        merchant: "shop".to_owned(),
        scopes: scopes.into(),
        ends: NOW + 300,
    };
    let token = signed(&rs256(), &access().to_string());
    assert_eq!(of(&token).await, Ok(expected.clone()));
    let header = json!({ "alg": "ES256", "kid": "e" });
    assert_eq!(
        of(&signed(&header, &access().to_string())).await,
        Ok(expected)
    );
    let machine = with(|claims| {
        claims["client_id"] = json!("machine");
        claims.as_object_mut().unwrap().remove("custom:merchant");
    });
    assert_eq!(
        machine.await.unwrap().merchant,
        "shop",
        "the client's merchant"
    );
    let audience = with(|claims| {
        claims["aud"] = json!(["other", "tieout"]);
        claims["client_id"] = json!("unknown");
    });
    assert!(audience.await.is_ok());
    assert!(
        with(|claims| claims["exp"] = json!(NOW - 29)).await.is_ok(),
        "clocks differ"
    );
}

#[tokio::test]
async fn what_a_token_does_not_say_rightly_is_refused() {
    let set = |name: &'static str, value: Value| move |claims: &mut Value| claims[name] = value;
    let without = |name: &'static str| {
        move |claims: &mut Value| {
            claims.as_object_mut().unwrap().remove(name);
        }
    };
    type Change = Box<dyn FnOnce(&mut Value)>;
    let cases: Vec<(&str, Change)> = vec![
        ("has ended", Box::new(set("exp", json!(NOW - 30)))),
        ("has no end", Box::new(without("exp"))),
        ("no whole second", Box::new(set("exp", json!("2099")))),
        ("no whole second", Box::new(set("exp", json!(1.8e9)))),
        ("no whole second", Box::new(set("nbf", json!("0")))),
        ("has not begun", Box::new(set("nbf", json!(NOW + 31)))),
        ("has not begun", Box::new(set("iat", json!(NOW + 31)))),
        (
            "not configured",
            Box::new(set("iss", json!("https://issuer.example/pool2"))),
        ),
        ("not configured", Box::new(set("iss", json!([ISSUER])))),
        ("not configured", Box::new(without("iss"))),
        ("no access token", Box::new(set("token_use", json!("id")))),
        ("no access token", Box::new(set("token_use", json!(1)))),
        (
            "not for this API",
            Box::new(set("client_id", json!("unknown"))),
        ),
        ("not for this API", Box::new(set("aud", json!("other")))),
        ("not for this API", Box::new(set("aud", json!([])))),
        ("not for this API", Box::new(set("aud", Value::Null))),
        ("not for this API", Box::new(without("client_id"))),
        ("names no merchant", Box::new(without("custom:merchant"))),
        (
            "names no merchant",
            Box::new(set("custom:merchant", json!("../shop"))),
        ),
        (
            "names no merchant",
            Box::new(set("custom:merchant", json!(["shop"]))),
        ),
        (
            "another merchant",
            Box::new(|claims: &mut Value| {
                claims["client_id"] = json!("machine");
                claims["custom:merchant"] = json!("other");
            }),
        ),
        (
            "scopes",
            Box::new(set("scope", json!(["tieout/payments:read"]))),
        ),
    ];
    for (why, change) in cases {
        let refused = with(change).await.unwrap_err();
        assert!(refused.starts_with("unauthenticated: "), "{refused}");
        assert!(refused.contains(why), "{why}: {refused}");
    }
}

#[tokio::test]
async fn no_token_chooses_how_it_is_proved() {
    let claims = access().to_string();
    let good = signed(&rs256(), &claims);
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (_, body) = message.split_once('.').unwrap();
    let head = |value: Value| format!("{}.{body}", base64(&value));
    let mut forged = vec![
        format!("{}.", head(json!({ "alg": "none", "kid": "r" }))),
        format!("{}.{signature}", head(json!({ "alg": "none", "kid": "r" }))),
        format!("{}.{signature}", head(json!({ "alg": "None", "kid": "r" }))),
        // The public key as the secret of a MAC.
        format!(
            "{}.{signature}",
            head(json!({ "alg": "HS256", "kid": "r" }))
        ),
        format!(
            "{}.{signature}",
            head(json!({ "alg": "ES256", "kid": "r" }))
        ),
        format!(
            "{}.{signature}",
            head(json!({ "alg": "RS256", "kid": "e" }))
        ),
        format!("{message}."),
        message.to_owned(),
        format!("{good}.{signature}"),
        format!("{good}="),
        format!("{message}.{}", BASE64.encode([0; 64])),
        format!("{message}.{}", BASE64.encode([0; 256])),
        String::new(),
        "..".to_owned(),
    ];
    for header in [
        json!({ "alg": "RS256", "kid": "x", "jwk": rsa_jwk() }),
        json!({ "alg": "RS256", "kid": "r", "jwk": rsa_jwk() }),
        json!({ "alg": "RS256", "kid": "r", "jwk": null }),
        json!({ "alg": "RS256", "kid": "r", "jku": "https://elsewhere.example/keys" }),
        json!({ "alg": "RS256", "kid": "r", "x5c": [] }),
        json!({ "alg": "RS256", "kid": "r", "x5u": "https://elsewhere.example/keys" }),
        json!({ "alg": "RS256", "kid": "r", "crit": ["exp"] }),
        json!({ "alg": "RS256", "kid": "r", "crit": [] }),
        json!({ "alg": "RS256", "kid": "r", "zip": "DEF" }),
        json!({ "alg": "RS256", "kid": "r", "typ": "logout+jwt" }),
        json!({ "alg": "RS256", "kid": ["r"] }),
        json!({ "alg": "RS256" }),
        json!({ "alg": "rs256", "kid": "r" }),
        json!({ "kid": "r" }),
    ] {
        forged.push(signed(&header, &claims));
    }
    // A name that two readers would read as two things.
    let twice = claims.replacen('{', "{\"custom:merchant\":\"other\",", 1);
    forged.push(signed(&rs256(), &twice));
    for token in forged {
        let refused = of(&token).await.unwrap_err();
        assert!(
            refused.starts_with("unauthenticated: "),
            "{token}: {refused}"
        );
        assert!(!refused.contains("shop"), "nothing is repeated: {refused}");
    }
}

#[tokio::test]
async fn keys_are_fetched_when_one_is_not_known_and_not_for_every_stranger() {
    let given = Given::new(json!({ "keys": [ec_jwk()] }));
    let issuers = Issuers::new(vec![(issuer(), Box::new(given.clone()))]);
    let ec = signed(
        &json!({ "alg": "ES256", "kid": "e" }),
        &access().to_string(),
    );
    let rsa = signed(&rs256(), &access().to_string());
    for _ in 0..10 {
        issuers.claims(&ec, NOW).await.unwrap();
    }
    assert_eq!(given.asked.load(Ordering::SeqCst), 1);
    *given.set.lock().unwrap() = Ok(json!({ "keys": [rsa_jwk()] }));
    for _ in 0..10 {
        let refused = issuers.claims(&rsa, NOW).await.unwrap_err();
        assert_eq!(refused.code, "unauthenticated", "within the pause");
    }
    assert_eq!(given.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn without_keys_nobody_is_called_unknown() {
    let given = Given::new(json!({}));
    *given.set.lock().unwrap() = Err("nobody answers".to_owned());
    let issuers = Issuers::new(vec![(issuer(), Box::new(given.clone()))]);
    let token = signed(&rs256(), &access().to_string());
    for _ in 0..10 {
        let problem = issuers.claims(&token, NOW).await.unwrap_err();
        assert_eq!(problem.code, "unavailable");
        assert!(problem.retry_after.is_some());
    }
    assert_eq!(
        given.asked.load(Ordering::SeqCst),
        1,
        "one in thirty seconds"
    );
}

#[test]
fn a_set_is_read_as_far_as_it_is_of_use() {
    let read = |set: Value| KeySet::read(set.to_string().as_bytes()).map(drop);
    let changed = |mut key: Value, name: &str, value: Value| {
        key[name] = value;
        json!({ "keys": [key] })
    };
    assert!(
        read(json!({ "keys": [rsa_jwk(), { "kty": "oct", "k": "AAAA", "kid": "o" }] })).is_ok()
    );
    for set in [
        json!({}),
        json!([]),
        json!({ "keys": {} }),
        json!({ "keys": [] }),
        json!({ "keys": vec![ec_jwk(); 65] }),
        json!({ "keys": [{ "kty": "oct", "k": "AAAA", "kid": "o", "alg": "HS256" }] }),
        changed(rsa_jwk(), "use", json!("enc")),
        changed(rsa_jwk(), "alg", json!("RS512")),
        changed(rsa_jwk(), "kid", json!(7)),
        changed(rsa_jwk(), "n", json!("A".repeat(8_000))),
        changed(rsa_jwk(), "n", json!("+/==")),
        changed(ec_jwk(), "crv", json!("P-384")),
        changed(ec_jwk(), "x", json!("AAAA")),
    ] {
        assert!(read(set.clone()).is_err(), "{set}");
    }
    // A point that is not on the curve is a key that proves nothing.
    let off = changed(ec_jwk(), "x", json!(BASE64.encode([1; 32])));
    let set = KeySet::read(off.to_string().as_bytes()).unwrap();
    assert!(!set.signed("e", super::keys::Algorithm::Es256, b"a", &[1; 64]));
}

/// An issuer that has made a mistake with one name has not made it with the others.
#[test]
fn a_name_that_two_keys_have_proves_nothing_and_the_others_do() {
    let set = |keys: Value| KeySet::read(json!({ "keys": keys }).to_string().as_bytes()).unwrap();
    let proves = |keys: &KeySet, header: &Value| {
        let token = signed(header, "{}");
        let read = super::token::Unproved::read(&token).unwrap();
        read.proved_by(keys).is_some()
    };
    let (rsa, ec) = (rs256(), json!({ "alg": "ES256", "kid": "e" }));
    let mut other = ec_jwk();
    other["x"] = json!(BASE64.encode([1; 32]));
    let ambiguous = set(json!([rsa_jwk(), ec_jwk(), other]));
    assert!(proves(&ambiguous, &rsa));
    assert!(!proves(&ambiguous, &ec));
    assert!(proves(&set(json!([ec_jwk(), ec_jwk()])), &ec));
    // A key of another kind is not meant by the token's algorithm.
    let mut named = rsa_jwk();
    named["kid"] = json!("e");
    assert!(proves(&set(json!([named, ec_jwk()])), &ec));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".{0,200}", header in ".{0,60}", claims in ".{0,60}") {
        let _ = super::token::Unproved::read(&text);
        let parts = [header, claims, text].map(|part| BASE64.encode(part));
        let _ = super::token::Unproved::read(&parts.join("."));
        let _ = KeySet::read(parts[0].as_bytes());
    }

    #[test]
    fn no_claims_make_it_panic(exp in any::<i128>(), nbf in any::<i128>()) {
        let json = format!("{{\"iss\":\"{ISSUER}\",\"exp\":{exp},\"nbf\":{nbf}}}");
        if let Ok(json) = Json::read(json.as_bytes()) {
            let _ = Claims::read(&json, &issuer(), NOW);
        }
    }

    #[test]
    fn a_bit_that_turns_is_seen(at in 0usize..400, bit in 0u8..6) {
        let token = signed(&rs256(), &access().to_string());
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut bytes = token.into_bytes();
        let place = at % bytes.len();
        if let Some(value) = alphabet.iter().position(|one| *one == bytes[place]) {
            bytes[place] = alphabet[value ^ (1 << bit)];
            let changed = String::from_utf8(bytes).unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            prop_assert!(runtime.block_on(of(&changed)).is_err());
        }
    }
}
