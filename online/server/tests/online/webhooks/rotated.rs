//! Rotation: the old secret and the old key pair sign for a day beside the new ones.

use super::receiver::{Came, Receiver};
use super::world::{World, pay};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

fn signed(came: &Came) -> Vec<u8> {
    format!("{}.{}.{}", came.id, came.timestamp, came.body).into_bytes()
}

fn parts(came: &Came, kind: &str) -> Vec<Vec<u8>> {
    let all = came
        .signature
        .split(' ')
        .filter_map(|one| one.split_once(','));
    all.filter(|(found, _)| *found == kind)
        .map(|(_, text)| STANDARD.decode(text).unwrap())
        .collect()
}

/// Whether a shared secret verifies a delivery, and how many signatures of its kind there are.
fn shared(came: &Came, hook: &Value) -> (bool, usize) {
    let secret = hook["secret"]
        .as_str()
        .unwrap()
        .strip_prefix("whsec_")
        .unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(secret).unwrap());
    let found = parts(came, "v1");
    let verifies = |one: &Vec<u8>| hmac::verify(&key, &signed(came), one).is_ok();
    (found.iter().any(verifies), found.len())
}

/// The same for a public key.
fn public(came: &Came, key: &Value) -> (bool, usize) {
    let key = key.as_str().unwrap().strip_prefix("whpk_").unwrap();
    let key = UnparsedPublicKey::new(&ED25519, STANDARD.decode(key).unwrap());
    let found = parts(came, "v1a");
    let verifies = |one: &Vec<u8>| key.verify(&signed(came), one).is_ok();
    (found.iter().any(verifies), found.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn both_secrets_sign_for_a_day_and_then_the_new_one_alone() {
    let world = World::new().await;
    world.sends();
    let receiver = Receiver::willing().await;
    let old = world.hook("demo", &receiver.url()).await;
    let id = old["id"].as_str().unwrap();
    pay(&world.app, "demo", 1).await;
    let came = receiver.at_least(1).await.remove(0);
    assert_eq!(shared(&came, &old), (true, 1));
    assert_eq!(public(&came, &old["keys"][0]["public_key"]), (true, 1));
    let path = format!("/v1/webhooks/{id}/rotate");
    let new = world.must(200, "demo", "POST", &path, &Value::Null).await;
    assert_ne!(new["secret"], old["secret"]);
    // Anybody finds both keys.
    let path = format!("/.well-known/webhook-keys?webhook={id}");
    let keys = world.must(200, "nobody", "GET", &path, &Value::Null).await;
    let keys = keys["data"][0]["keys"].clone();
    assert_eq!(keys[0]["key"], new["keys"][0]["public_key"]);
    assert_eq!(keys[1]["key"], old["keys"][0]["public_key"]);
    // What was on its way when it was rotated may be signed by the old one alone.
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    pay(&world.app, "demo", 2).await;
    let came = receiver.at_least(2).await.remove(1);
    for hook in [&old, &new] {
        assert_eq!(shared(&came, hook), (true, 2));
        assert_eq!(public(&came, &hook["keys"][0]["public_key"]), (true, 2));
    }
    world.clock.on(24 * 3_600 + 1);
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    pay(&world.app, "demo", 3).await;
    let came = receiver.at_least(3).await.remove(2);
    assert_eq!(shared(&came, &new), (true, 1));
    assert_eq!(shared(&came, &old), (false, 1));
    assert_eq!(public(&came, &old["keys"][0]["public_key"]), (false, 1));
    let keys = world.must(200, "nobody", "GET", &path, &Value::Null).await;
    assert_eq!(keys["data"][0]["keys"].as_array().unwrap().len(), 1);
    // A try is signed the same way, and says what became of it.
    let path = format!("/v1/webhooks/{id}/test");
    let said = world.must(200, "demo", "POST", &path, &Value::Null).await;
    assert_eq!(said["delivered"], Value::from(true), "{said}");
    let came = receiver.at_least(4).await.remove(3);
    assert_eq!(came.json()["type"], "webhook.test");
    assert_eq!(shared(&came, &new), (true, 1));
}
