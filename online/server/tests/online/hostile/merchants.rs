//! Merchants: nobody asks before two people have said so, and nobody once one has said no.

use super::world::{KEY, OPERATOR, OTHER, World, decide, key, merchant, payment};
use desk::merchants::Standing;
use std::time::Duration;

const ACCOUNT: &str = r#"{"routing":"091000019","number":"000998877665","kind":"savings"}"#;

async fn asked(world: &World, key: &str) -> (u16, String) {
    let path = "/v1/payments?dry_run=true";
    let answer = world.ask("POST", path, key, Some(&payment(ACCOUNT))).await;
    let code = match answer.status {
        200 => String::new(),
        _ => answer.code(),
    };
    (answer.status, code)
}

#[tokio::test]
async fn payments_are_refused_until_two_have_approved_and_once_one_suspends() {
    let world = World::new().await;
    let documents = world.documents();
    merchant(documents, "new", "payroll", 0).await;
    let refused = (403, "merchant-not-approved".to_owned());
    for (turn, by) in ["ann", "bo"].into_iter().enumerate() {
        // A key for each turn: what is known of one is believed for five seconds.
        let own = format!("tk_test_new_{turn}");
        key(documents, &own, Some("new")).await;
        assert_eq!(asked(&world, &own).await, refused, "before {by}");
        decide(documents, "new", Standing::Approved, by).await;
    }
    key(documents, "tk_test_new", Some("new")).await;
    assert_eq!(asked(&world, "tk_test_new").await.0, 200);
    decide(documents, "new", Standing::Suspended, "ann").await;
    tokio::time::sleep(Duration::from_millis(5_100)).await;
    assert_eq!(
        asked(&world, "tk_test_new").await,
        refused,
        "within five seconds"
    );
}

#[tokio::test]
async fn a_merchant_sees_itself_and_the_operator_sees_all() {
    let world = World::new().await;
    let names = async |key: &str, path: &str| {
        let list = world.ask("GET", path, key, None).await.json();
        let name = |one: &serde_json::Value| one["name"].as_str().unwrap().to_owned();
        let names: Vec<String> = list["data"].as_array().unwrap().iter().map(name).collect();
        (names, list["next"].as_str().map(str::to_owned))
    };
    let path = "/v1/merchants";
    assert_eq!(names(KEY, path).await, (vec!["shop".to_owned()], None));
    assert_eq!(names(OPERATOR, path).await.0, ["other", "shop"]);
    let (first, next) = names(OPERATOR, "/v1/merchants?limit=1").await;
    assert_eq!(first, ["other"]);
    assert_eq!(
        names(OPERATOR, &next.unwrap()).await,
        (vec!["shop".to_owned()], None)
    );
    for (key, name, status) in [
        (KEY, "shop", 200),
        (OTHER, "shop", 404),
        (OPERATOR, "shop", 200),
        (OPERATOR, "none", 404),
        (OPERATOR, "..%2fkeys", 404),
    ] {
        let shown = world.ask("GET", &format!("{path}/{name}"), key, None).await;
        assert_eq!(shown.status, status, "{key} {name}");
    }
    let shown = world
        .ask("GET", "/v1/merchants/shop", KEY, None)
        .await
        .json();
    assert_eq!(
        (&shown["standing"], &shown["approvals"]),
        (&"approved".into(), &2.into())
    );
    assert!(shown.get("decided").is_none(), "who decided is not shown");
}
