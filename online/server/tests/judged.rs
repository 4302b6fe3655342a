//! Requests that are judged by their risk, and the routes that say what may be asked.

mod served;

use serde_json::json;
use served::{Served, payment};

/// Five hundred points for ten dollars and more, a thousand for a thousand dollars.
const RULES: &str = "format = 1\n[combine]\nmethod = \"rules\"\n[thresholds]\n\
    debit = { review = 400, deny = 800 }\ncredit = { review = 400, deny = 800 }\n\
    [[rule]]\nid = \"much\"\nversion = 1\nvalid_from = \"2026-01-01\"\n\
    applies_to = [\"credit\", \"debit\"]\nfeature = \"amount_cents\"\n\
    at_least = [[1000, 50], [100000, 100]]\nweight = 1000\nwords = \"much money\"\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn risk_refuses_holds_or_lets_through_and_says_why() {
    let served = Served::begin().await;
    let none = served.ask("POST", "/v1/fraud-check", &[], &payment()).await;
    assert_eq!(none.problem(404), "not-found");
    let rules = settlement::risk::rules::RuleSet::parse(RULES).unwrap();
    let judge = settlement::risk::judge::Judge::new(rules, None);
    let risk = online::risk::Risk::new(std::sync::Arc::new(judge));
    assert!(served.app.risk.set(risk).is_ok());
    let with = |cents: u64| {
        let mut asked = payment();
        asked["amount_cents"] = json!(cents);
        asked
    };
    let ask = async |key: &str, cents: u64| {
        let headers = [("idempotency-key", key)];
        served
            .ask("POST", "/v1/payments", &headers, &with(cents))
            .await
    };
    let fine = ask("a", 500).await;
    assert_eq!((fine.status, &fine.json()["state"]), (201, &json!("INIT")));
    let held = ask("b", 5_000).await;
    assert_eq!(
        (held.status, &held.json()["state"]),
        (202, &json!("REVIEW"))
    );
    assert_eq!(held.json()["risk"]["reasons"][0]["id"], "much");
    let again = ask("b", 5_000).await;
    assert_eq!((again.status, &again.body), (202, &held.body));
    let denied = ask("c", 500_000).await;
    assert_eq!(denied.problem(422), "denied");
    assert_eq!(denied.json()["risk"]["score"], 1_000);
    assert_eq!(served.payments().await.len(), 2);
    let checked = served
        .ask("POST", "/fraud-check", &[], &with(5_000))
        .await
        .json();
    assert_eq!(
        (&checked["score"], &checked["decision"]),
        (&json!(500), &json!("review"))
    );
    // Who asks does not decide; another does, and what is approved goes on.
    let place = format!(
        "/v1/payments/{}/review",
        held.json()["id"].as_str().unwrap()
    );
    let decision = json!({"decision": "approve", "note": "known"});
    assert_eq!(
        served
            .ask("POST", &place, &[], &decision)
            .await
            .problem(403),
        "forbidden"
    );
    let desk = served.as_key(&["review", "payments:read"]).await;
    let approved = desk.ask("POST", &place, &[], &decision).await;
    assert_eq!(
        (approved.status, &approved.json()["state"]),
        (200, &json!("INIT"))
    );
    assert_eq!(
        desk.ask("POST", &place, &[], &decision).await.problem(409),
        "not-now"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_calendar_and_the_routes_of_a_gateway_are_there() {
    let served = Served::begin().await;
    let days = served.get("/v1/calendar").await.json();
    let days = days["data"].as_array().unwrap();
    assert_eq!(days.len(), 14);
    assert_eq!(days[0]["windows"][3]["cutoff"], "2026-11-26T01:00:00Z");
    assert_eq!(
        (&days[1]["date"], &days[1]["banking_day"]),
        (&json!("2026-11-26"), &json!(false))
    );
    let many = served
        .get("/v1/calendar?from=2026-01-01&to=2026-12-31")
        .await;
    assert_eq!(many.problem(400), "bad-query");
    assert_eq!(
        served.get("/v1/calendar?from=x").await.problem(400),
        "bad-query"
    );
    assert_eq!(
        served
            .get("/v1/calendar?from=9999-12-30")
            .await
            .problem(400),
        "bad-query"
    );
    for path in ["/process", "/v1/process", "/v1/payments"] {
        let headers = [("idempotency-key", "one")];
        let made = served.ask("POST", path, &headers, &payment()).await;
        assert_eq!(made.status, 201, "{path}");
    }
    assert_eq!(
        served.payments().await.len(),
        1,
        "one request by three ways"
    );
    let fine = served
        .ask("POST", "/validate", &[], &payment())
        .await
        .json();
    assert_eq!(fine["ok"], true);
}
