//! The API over real HTTP, on an installation of its own: what a client meets.

use crate::served::{Served, payment};
use jiff::civil::date;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_makes_one_payment_however_often_it_is_repeated() {
    let served = Served::begin().await;
    let first = served
        .ask(
            "POST",
            "/v1/payments",
            &[("idempotency-key", "a")],
            &payment(),
        )
        .await;
    assert_eq!(first.status, 201, "{first:?}");
    assert_eq!(first.header("idempotent-replayed"), None);
    let id = first.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(
        first.header("location").unwrap(),
        format!("/v1/payments/{id}")
    );
    // Quoted, with other blanks and another order: the same request.
    let mut other = payment();
    let reference = other.as_object_mut().unwrap().remove("reference").unwrap();
    other["reference"] = reference;
    let text = serde_json::to_string_pretty(&other).unwrap();
    let headers = [("idempotency-key", "\"a\"")];
    let again = served.send("POST", "/v1/payments", &headers, &text).await;
    assert_eq!(
        (again.status, &again.body),
        (201, &first.body),
        "the same bytes"
    );
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    served
        .ask(
            "POST",
            &format!("/v1/payments/{id}/cancel"),
            &[],
            &json!({}),
        )
        .await
        .is(200);
    let later = served
        .ask("POST", "/v1/payments", &headers, &payment())
        .await;
    assert_eq!(later.body, first.body, "as it was when it was made");
    let mut changed = payment();
    changed["amount_cents"] = json!(1);
    let reused = served.ask("POST", "/v1/payments", &headers, &changed).await;
    assert_eq!(reused.problem(422), "idempotency-key-reused");
    assert_eq!(reused.json()["payment"], id.as_str());
    let list = served.get("/v1/payments").await;
    assert_eq!(list.json()["data"].as_array().unwrap().len(), 1);
    let found = served.get("/v1/payments?idempotency_key=a").await;
    assert_eq!(found.json()["data"][0]["id"], id.as_str());
    assert_eq!(found.json()["data"][0]["state"], "CANCELED");
    let none = served.get("/v1/payments?idempotency_key=b").await;
    assert_eq!(none.json()["data"], json!([]));
}

/// The bank's whole file would be refused for one such entry.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn zeros_are_no_bank_at_any_door() {
    let served = Served::begin().await;
    let account = json!({"routing": "000000000", "number": "123456789", "kind": "checking"});
    let mut asked = payment();
    asked["account"] = account.clone();
    let headers = [("idempotency-key", "zeros")];
    let refused = served.ask("POST", "/v1/payments", &headers, &asked).await;
    assert_eq!(
        (refused.problem(422), refused.places()),
        ("invalid".to_owned(), vec!["/account/routing".to_owned()])
    );
    let told = served.ask("POST", "/v1/validate", &[], &asked).await;
    assert_eq!(told.json()["ok"], false, "{told:?}");
    let token = json!({ "bank_account": account });
    let refused = served.ask("POST", "/v1/tokens", &[], &token).await;
    assert_eq!(refused.places(), ["/bank_account/routing"]);
    assert!(served.payments().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_many_use_at_once_makes_one_payment() {
    let served = Served::begin().await;
    let mut tasks = Vec::new();
    for n in 0..32u64 {
        let served = served.clone();
        tasks.push(tokio::spawn(async move {
            let mut asked = payment();
            asked["amount_cents"] = json!(100 + n % 2);
            let headers = [("idempotency-key", "race")];
            served.ask("POST", "/v1/payments", &headers, &asked).await
        }));
    }
    let (mut made, mut ids) = (0, std::collections::BTreeSet::new());
    for task in tasks {
        let answer = task.await.unwrap();
        match answer.status {
            201 => {
                made += usize::from(answer.header("idempotent-replayed").is_none());
                ids.insert(answer.json()["id"].as_str().unwrap().to_owned());
            }
            other => assert_eq!(
                (other, answer.problem(422)),
                (422, "idempotency-key-reused".into())
            ),
        }
    }
    assert_eq!((made, ids.len()), (1, 1));
    assert_eq!(served.payments().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_that_is_wrong_is_named_and_nothing_is_written() {
    let served = Served::begin().await;
    let asked = json!({
        "direction": "up", "amount_cents": 1.5, "sec": "XXX", "description": "",
        "account": {"routing": "091000018", "number": "", "kind": "purse"},
        "name": 7, "speed": null, "metadata": {"a": 1}, "amount": 5,
    });
    let headers = [("idempotency-key", "wrong")];
    let answer = served.ask("POST", "/v1/payments", &headers, &asked).await;
    assert_eq!(answer.problem(422), "invalid");
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json")
    );
    let places = answer.places();
    let expected = [
        "/direction",
        "/amount_cents",
        "/sec",
        "/description",
        "/account/number",
        "/account/kind",
        "/name",
        "/metadata/a",
        "/amount",
    ];
    assert_eq!(places, expected);
    let mut rules = payment();
    rules["account"]["routing"] = json!("091000018");
    assert_eq!(
        served
            .ask("POST", "/v1/payments", &headers, &rules)
            .await
            .places(),
        ["/account/routing"]
    );
    let mut rules = payment();
    rules["speed"] = json!("same_day");
    rules["effective"] = json!("2020-01-02");
    rules["description"] = json!("REVERSAL");
    rules["account"]["number"] = json!("000");
    let places = served
        .ask("POST", "/v1/payments", &headers, &rules)
        .await
        .places();
    assert!(places.contains(&"/effective".to_owned()), "{places:?}");
    assert!(places.contains(&"/description".to_owned()), "{places:?}");
    assert!(places.contains(&"/account/number".to_owned()), "{places:?}");
    assert!(served.payments().await.is_empty());
    // What was refused did not use up the key.
    served
        .ask("POST", "/v1/payments", &headers, &payment())
        .await
        .is(201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_and_headers_that_are_none_are_refused_in_words() {
    let served = Served::begin().await;
    let key = ("idempotency-key", "k");
    let send = async |headers: &[(&str, &str)], body: &str| {
        served.send("POST", "/v1/payments", headers, body).await
    };
    assert_eq!(send(&[key], "{\"a\":").await.problem(400), "not-json");
    assert_eq!(send(&[key], "{} {}").await.problem(400), "not-json");
    assert_eq!(send(&[key], "[]").await.problem(422), "invalid");
    assert_eq!(
        send(&[], &payment().to_string()).await.problem(400),
        "idempotency-key-missing"
    );
    let kinds = [
        "text/plain",
        "application/json; charset=latin1",
        "application/jsonx",
    ];
    for kind in kinds {
        let headers = [key, ("content-type", kind)];
        assert_eq!(
            send(&headers, "{}").await.problem(415),
            "unsupported-media-type",
            "{kind}"
        );
    }
    let large = format!("{{\"name\":\"{}\"}}", "x".repeat(70_000));
    assert_eq!(send(&[key], &large).await.problem(413), "too-large");
    let twice = payment().to_string().replacen('{', "{\"name\":\"ONE\",", 1);
    assert_eq!(send(&[key], &twice).await.places(), ["/name"]);
    let query = served.get("/v1/payments?limit=0&color=red&state=X").await;
    assert_eq!(query.problem(400), "bad-query");
    assert_eq!(served.get("/v1/nothing").await.problem(404), "not-found");
    let not_so = served.send("DELETE", "/v1/payments", &[], "").await;
    assert_eq!(not_so.problem(405), "method-not-allowed");
    assert!(not_so.header("allow").is_some());
    assert!(served.payments().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_not_known_may_nothing_and_others_see_nothing() {
    let served = Served::begin().await;
    let made = served
        .ask(
            "POST",
            "/v1/payments",
            &[("idempotency-key", "a")],
            &payment(),
        )
        .await;
    let id = made.json()["id"].as_str().unwrap().to_owned();
    for authorization in [
        "",
        "Bearer",
        "Bearer tk_test_00",
        "Basic dXNlcjpwdw==",
        "Bearer tk_live_ x",
    ] {
        let headers = [("authorization", authorization)];
        let answer = served.send("GET", "/v1/payments", &headers, "").await;
        assert_eq!(answer.problem(401), "unauthenticated", "{authorization}");
    }
    let other = served
        .as_merchant("other", "billing", &["payments:read", "payments:write"])
        .await;
    for path in ["", "/events"] {
        let answer = other.get(&format!("/v1/payments/{id}{path}")).await;
        assert_eq!(answer.problem(404), "not-found", "{path}");
    }
    let cancel = other
        .ask(
            "POST",
            &format!("/v1/payments/{id}/cancel"),
            &[],
            &json!({}),
        )
        .await;
    assert_eq!(cancel.problem(404), "not-found");
    assert_eq!(other.get("/v1/payments").await.json()["data"], json!([]));
    assert_eq!(
        other.get("/v1/payments?merchant=shop").await.problem(400),
        "bad-query"
    );
    // The same key is another request for another merchant.
    let mut asked = payment();
    asked["direction"] = json!("debit");
    other
        .ask("POST", "/v1/payments", &[("idempotency-key", "a")], &asked)
        .await
        .is(201);
    let reader = served.as_key(&["payments:read"]).await;
    let refused = reader
        .ask(
            "POST",
            "/v1/payments",
            &[("idempotency-key", "b")],
            &payment(),
        )
        .await;
    assert_eq!(refused.problem(403), "forbidden");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_tells_its_future_and_its_events() {
    let served = Served::begin().await;
    let made = served
        .ask(
            "POST",
            "/v1/payments",
            &[("idempotency-key", "a")],
            &payment(),
        )
        .await;
    let made = made.json();
    // Wednesday before Thanksgiving, ten in the morning.
    let expected = &made["expected"];
    assert_eq!(expected["cut_date"], "2026-11-25");
    assert_eq!(expected["cancel_until"], "2026-11-26T01:00:00Z");
    assert_eq!(expected["settles_on"], date(2026, 11, 27).to_string());
    assert_eq!(
        (&made["state"], &made["status"]),
        (&json!("INIT"), &json!("INIT"))
    );
    assert_eq!(made["account"]["last4"], "6789");
    let id = made["id"].as_str().unwrap();
    let place = format!("/v1/payments/{id}");
    served
        .ask(
            "POST",
            &format!("{place}/cancel"),
            &[],
            &json!({"reason": "no"}),
        )
        .await
        .is(200);
    let again = served
        .ask("POST", &format!("{place}/cancel"), &[], &json!({}))
        .await;
    assert_eq!(
        (again.status, again.json()["version"].as_u64()),
        (200, Some(2))
    );
    let shown = served.get(&format!("{place}?include=events")).await.json();
    let versions: Vec<u64> = shown["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["version"].as_u64().unwrap())
        .collect();
    assert_eq!((versions, &shown["expected"]), (vec![1, 2], &json!({})));
    let review = served.as_key(&["review", "payments:read"]).await;
    let decision = json!({"decision": "approve", "note": "known"});
    let not_now = review
        .ask("POST", &format!("{place}/review"), &[], &decision)
        .await;
    assert_eq!(not_now.problem(409), "not-now");
    let refund = served
        .ask(
            "POST",
            &format!("{place}/refund"),
            &[("idempotency-key", "r")],
            &json!({}),
        )
        .await;
    assert_eq!(refund.problem(409), "not-now");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_are_paged_newest_first_and_filtered() {
    let served = Served::begin().await;
    let mut ids = Vec::new();
    for n in 0..7 {
        let mut asked = payment();
        asked["reference"] = json!(format!("order-{}", n % 2));
        served.passes(1);
        let key = n.to_string();
        let made = served
            .ask("POST", "/v1/payments", &[("idempotency-key", &key)], &asked)
            .await;
        ids.insert(0, made.json()["id"].clone());
    }
    let (mut next, mut seen) = (json!("/v1/payments?limit=3"), Vec::new());
    while let Some(path) = next.as_str() {
        let page = served.get(path).await.json();
        let data = page["data"].as_array().unwrap();
        assert!(data.len() <= 3);
        seen.extend(data.iter().map(|one| one["id"].clone()));
        next = page["next"].clone();
    }
    assert_eq!(seen, ids);
    let odd = served.get("/v1/payments?reference=order-1").await.json();
    assert_eq!(odd["data"].as_array().unwrap().len(), 3);
    let later = served
        .get("/v1/payments?created_from=2030-01-01")
        .await
        .json();
    assert_eq!((&later["data"], &later["next"]), (&json!([]), &Value::Null));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_description_says_what_there_is() {
    let served = Served::begin().await;
    let told = served.get("/openapi.json").await.json();
    for route in online::routes::ROUTES {
        let method = route.method.as_str().to_lowercase();
        let operation = &told["paths"][route.path][&method];
        assert_eq!(operation["operationId"], route.name, "{}", route.path);
        for code in route.problems {
            let known = online::wire::problem::PROBLEMS
                .iter()
                .any(|row| row.code == *code);
            assert!(known, "{}: {code}", route.path);
        }
    }
    let names: std::collections::BTreeSet<_> = online::routes::ROUTES
        .iter()
        .map(|route| route.name)
        .collect();
    assert_eq!(names.len(), online::routes::ROUTES.len(), "each name once");
    for row in online::wire::problem::PROBLEMS {
        let page = served.get(&format!("/problems/{}", row.code)).await.json();
        assert_eq!(page["status"], row.status);
    }
    let page = served.get("/docs").await;
    assert!(page.body.contains("/docs/page.js"), "{page:?}");
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("script-src 'self'"));
    assert!(!page.body.contains("http://") && !page.body.contains("https://"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_and_a_validation_make_nothing() {
    let served = Served::begin().await;
    let dry = served
        .ask("POST", "/v1/payments?dry_run=true", &[], &payment())
        .await;
    assert_eq!(
        (dry.status, &dry.json()["expected"]["cut_date"]),
        (200, &json!("2026-11-25"))
    );
    assert_eq!(dry.json().get("id"), None);
    let fine = served
        .ask("POST", "/v1/validate", &[], &payment())
        .await
        .json();
    assert_eq!(
        (&fine["ok"], &fine["expected"]["cut_date"]),
        (&json!(true), &json!("2026-11-25"))
    );
    let bad = served
        .ask("POST", "/v1/validate", &[], &json!({}))
        .await
        .json();
    assert_eq!(
        (&bad["ok"], bad["faults"].as_array().unwrap().len()),
        (&json!(false), 6)
    );
    assert!(served.payments().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_are_held_to_what_was_agreed_and_ids_are_echoed() {
    let served = Served::begin().await;
    let slow = served.limited("slow", 2).await;
    let mut statuses = Vec::new();
    for _ in 0..12 {
        let answer = slow.get("/v1/payments").await;
        if answer.status == 429 {
            assert_eq!(answer.problem(429), "too-many-requests");
            assert_eq!(answer.header("retry-after"), Some("1"));
        }
        assert!(answer.header("ratelimit").is_some());
        statuses.push(answer.status);
    }
    assert!(
        statuses.contains(&429) && statuses.contains(&200),
        "{statuses:?}"
    );
    let own = [("x-request-id", "mine-1")];
    let answer = served.send("GET", "/health/ready", &own, "").await;
    assert_eq!(
        (answer.status, answer.header("x-request-id")),
        (200, Some("mine-1"))
    );
    let bad = [("x-request-id", "no such id")];
    let answer = served.send("GET", "/nowhere", &bad, "").await;
    let drawn = answer.header("x-request-id").unwrap().to_owned();
    assert_eq!(drawn.len(), 32);
    assert_eq!(answer.json()["instance"], format!("/requests/{drawn}"));
    let metrics = served.get("/metrics").await;
    assert!(
        metrics.body.contains("tieout_request_seconds_count"),
        "{metrics:?}"
    );
}
