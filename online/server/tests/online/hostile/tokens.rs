//! A token stands for a number that is never seen again.

use super::world::{KEY, OPERATOR, OTHER, World, payment};
use serde_json::Value;

const ACCOUNT: &str =
    r#"{"bank_account":{"routing":"091000019","number":"000998877665","kind":"savings"}}"#;
const CARD: &str = r#"{"card":{"number":"4111111111111111","exp_month":12,"exp_year":2040}}"#;

async fn token(world: &World, key: &str, body: &str) -> Value {
    let made = world.ask("POST", "/v1/tokens", key, Some(body)).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.json()
}

fn path(token: &Value) -> String {
    format!("/v1/tokens/{}", token["token"].as_str().unwrap())
}

#[tokio::test]
async fn a_number_goes_in_and_four_of_its_characters_come_out() {
    let world = World::new().await;
    let account = token(&world, KEY, ACCOUNT).await;
    assert_eq!(account["last4"], "7665");
    assert_eq!(account["bank_account"]["routing"], "091000019");
    assert_eq!(account["kms_key_id"], "local/0");
    let card = token(&world, KEY, CARD).await;
    assert_eq!(
        (&card["last4"], &card["card"]["network"]),
        (&"1111".into(), &"visa".into())
    );
    for (token, number) in [(&account, "99887766"), (&card, "41111111")] {
        let shown = world.ask("GET", &path(token), KEY, None).await;
        assert_eq!(shown.json(), *token);
        assert!(!shown.body.contains(number), "{shown:?}");
    }
    let again = token_of(&world, KEY).await;
    assert_ne!(again, account["token"], "asked again it is another one");
}

#[tokio::test]
async fn the_same_request_under_a_key_is_one_token() {
    let world = World::new().await;
    let ask = async |who: &str, key: &str, body: &str| {
        let header = format!("idempotency-key: {key}\r\n");
        world
            .ask_with("POST", "/v1/tokens", who, &header, Some(body))
            .await
    };
    let made = ask(KEY, "a", CARD).await;
    assert_eq!(made.status, 201);
    let spaced = CARD.replace(':', " : ");
    let again = ask(KEY, "a", &spaced).await;
    assert_eq!((again.status, &again.body), (201, &made.body));
    let other = ask(KEY, "a", ACCOUNT).await;
    assert_eq!(
        (other.status, other.code().as_str()),
        (422, "idempotency-key-reused")
    );
    assert!(!other.body.contains("99887766"), "{other:?}");
    let theirs = ask(OTHER, "a", CARD).await;
    assert_ne!(theirs.json()["token"], made.json()["token"]);
    let gone = world.ask("DELETE", &path(&made.json()), KEY, None).await;
    assert_eq!(gone.status, 204);
    let late = ask(KEY, "a", CARD).await;
    assert_eq!((late.status, late.code().as_str()), (404, "not-found"));
}

async fn token_of(world: &World, key: &str) -> Value {
    token(world, key, ACCOUNT).await["token"].clone()
}

#[tokio::test]
async fn a_token_is_nobody_elses() {
    let world = World::new().await;
    let made = token(&world, KEY, ACCOUNT).await;
    for (method, key, status) in [
        ("GET", OTHER, 404),
        ("DELETE", OTHER, 404),
        ("GET", OPERATOR, 403),
        ("DELETE", OPERATOR, 403),
        ("GET", "tk_test_unknown", 401),
    ] {
        let refused = world.ask(method, &path(&made), key, None).await;
        assert_eq!(refused.status, status, "{method} {key}");
    }
    let body = payment(&format!("{{\"token\":{}}}", made["token"]));
    let asked = "idempotency-key: a\r\n";
    let refused = world
        .ask_with("POST", "/v1/payments", OTHER, asked, Some(&body))
        .await;
    assert_eq!(refused.status, 422);
    let error = &refused.json()["errors"][0];
    assert_eq!(
        (&error["pointer"], &error["code"]),
        (&"/account/token".into(), &"not-found".into())
    );
    assert_eq!(world.ask("GET", &path(&made), KEY, None).await.status, 200);
}

#[tokio::test]
async fn a_payment_by_token_is_the_one_by_number_and_outlives_the_token() {
    let world = World::new().await;
    let made = token(&world, KEY, ACCOUNT).await;
    let by_token = payment(&format!("{{\"token\":{}}}", made["token"]));
    let by_number = payment(r#"{"routing":"091000019","number":"000998877665","kind":"savings"}"#);
    let ask = async |key: &str, body: &str| {
        let header = format!("idempotency-key: {key}\r\n");
        let path = "/v1/payments";
        world.ask_with("POST", path, KEY, &header, Some(body)).await
    };
    let (one, two) = (ask("a", &by_token).await, ask("b", &by_number).await);
    assert_eq!((one.status, two.status), (201, 201), "{one:?} {two:?}");
    let (one, two) = (one.json(), two.json());
    assert_eq!(one["account"], two["account"]);
    assert_ne!(one["id"], two["id"]);
    let gone = world.ask("DELETE", &path(&made), KEY, None).await;
    assert_eq!((gone.status, gone.body.as_str()), (204, ""));
    assert_eq!(world.ask("GET", &path(&made), KEY, None).await.status, 404);
    assert_eq!(
        world.ask("DELETE", &path(&made), KEY, None).await.status,
        404
    );
    assert_eq!(
        ask("a", &by_token).await.json(),
        one,
        "the same answer as before"
    );
    assert_eq!(ask("c", &by_token).await.status, 422, "no new one");
    let id = one["id"].as_str().unwrap();
    let shown = world
        .ask("GET", &format!("/v1/payments/{id}"), KEY, None)
        .await;
    assert_eq!(shown.status, 200);
    let payment = world
        .app
        .ports()
        .payments
        .get(&[id.parse().unwrap()])
        .await
        .unwrap();
    let payment = payment[0].clone().unwrap();
    let opened = world
        .app
        .ports()
        .vault
        .open(id, &payment.receiver.sealed)
        .await
        .unwrap();
    assert_eq!(opened.as_slice(), b"000998877665", "its own seal opens");
}

#[tokio::test]
async fn a_cards_token_pays_nobody() {
    let world = World::new().await;
    let card = token(&world, KEY, CARD).await;
    let body = payment(&format!("{{\"token\":{}}}", card["token"]));
    let refused = world
        .ask("POST", "/v1/payments?dry_run=true", KEY, Some(&body))
        .await;
    assert_eq!(refused.status, 422, "{refused:?}");
    assert_eq!(refused.json()["errors"][0]["code"], "not-an-account");
}

/// Every field of the architecture's two records is where docs/data-model.md says it is.
#[tokio::test]
async fn every_field_of_the_data_model_is_in_a_view() {
    let world = World::new().await;
    let body = payment(r#"{"routing":"091000019","number":"000998877665","kind":"savings"}"#);
    let body = body.replacen('{', "{\"customer\":\"c-1\",", 1);
    let header = "idempotency-key: a\r\n";
    let made = world
        .ask_with("POST", "/v1/payments", KEY, header, Some(&body))
        .await;
    let path = format!(
        "/v1/payments/{}?include=events",
        made.json()["id"].as_str().unwrap()
    );
    let shown = world.ask("GET", &path, KEY, None).await.json();
    let page = include_str!("../../../../../docs/data-model.md");
    let mut named = 0;
    for line in page.lines().filter(|line| line.starts_with("| `")) {
        let mut cells = line.split('|').map(str::trim).skip(1);
        let (theirs, ours) = (cells.next().unwrap(), cells.next().unwrap());
        let Some(pointer) = ours
            .strip_prefix("`/")
            .and_then(|rest| rest.split('`').next())
        else {
            panic!("{theirs}: no place in the view");
        };
        let there = shown.pointer(&format!("/{pointer}"));
        // What comes later in a payment's life is told from the start where it will stand.
        let later = line.contains("(later:");
        assert!(
            there.is_some_and(|value| !value.is_null()) || later,
            "{theirs}: /{pointer}"
        );
        named += 1;
    }
    let fields = "id customerId providerId amountCents status encryptedCardToken kmsKeyId \
                  fraudScore processingCostCents stripeSavedCostCents savingsPercentage createdAt \
                  completedAt bankAccountId transferType batchId nachaCompliance fraudCheckResult";
    for field in fields.split_whitespace() {
        assert!(page.contains(&format!("| `{field}` |")), "{field}");
    }
    assert_eq!(named, 13 + 10, "a row for each field of both records");
    let cost = &shown["cost"];
    let cents = |name: &str| cost[name].as_i64().unwrap();
    assert_eq!(
        cents("saved_micros"),
        cents("card_cost_micros") - cents("processing_cost_micros")
    );
    // 2.9 percent and 30 cents of 123.45 dollars.
    assert_eq!(cents("card_cost_micros"), 3_880_050);
}
