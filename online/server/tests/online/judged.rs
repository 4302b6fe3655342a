//! Requests that are judged by their risk, and the routes that say what may be asked.

use crate::served::{Served, payment};
use connectors::{Change, GeoReader, PaymentStore};
use jiff::civil::date;
use online::risk::{Judging, Risk, lately};
use serde_json::{Value, json};
use settlement::ids::{BatchKey, DfiId, TraceNumber};
use settlement::payment::{EntryRef, Event, ReturnRef};
use settlement::risk::blocklist::Blocklist;
use settlement::risk::judge::Judge;
use settlement::risk::place::Place;
use settlement::risk::rules::RuleSet;
use settlement::risk::velocity::Velocity;
use std::net::IpAddr;
use std::sync::Arc;

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

/// A rule for each feature: of a count 200 points for two and 400 for four, of others 100 for one.
fn rules_of(features: &[&str]) -> RuleSet {
    let mut text = "format = 1\n[combine]\nmethod = \"rules\"\n[thresholds]\n\
        debit = { review = 990, deny = 1000 }\ncredit = { review = 990, deny = 1000 }\n"
        .to_owned();
    // What is never asked for here makes the thresholds ones that can be come to.
    for feature in features.iter().chain(&["amount_cents"]) {
        let (steps, weight) = match *feature {
            "amount_cents" => ("[[90000000, 100]]", 1_000),
            count if count.contains("_count_") => ("[[2, 50], [4, 100]]", 400),
            _ => ("[[1, 100]]", 100),
        };
        text += &format!(
            "[[rule]]\nid = \"{}\"\nversion = 1\nvalid_from = \"2026-01-01\"\n\
             applies_to = [\"credit\", \"debit\"]\nfeature = \"{feature}\"\n\
             at_least = {steps}\nweight = {weight}\nwords = \"{feature}\"\n",
            feature.replace('_', "-")
        );
    }
    RuleSet::parse(&text).unwrap()
}

fn judging(features: &[&str]) -> Judging {
    Judging {
        scorer: Arc::new(Judge::new(rules_of(features), None)),
        blocked: Default::default(),
        geo: None,
    }
}

/// Of whom the reasons are, heaviest first.
async fn reasons(served: &Served, asked: &Value) -> Vec<(String, i64)> {
    let judged = served.ask("POST", "/v1/fraud-check", &[], asked).await;
    judged.is(200);
    let reasons = judged.json()["reasons"].as_array().cloned().unwrap();
    let of = |one: &Value| {
        let id = one["id"].as_str().unwrap().to_owned();
        (id, one["points"].as_i64().unwrap())
    };
    let mut all: Vec<_> = reasons.iter().map(of).collect();
    all.sort();
    all
}

fn from(customer: &str, device: &str, ip: &str) -> Value {
    let mut asked = payment();
    asked["customer"] = json!(customer);
    asked["context"] = json!({ "device": device, "ip": ip });
    asked
}

/// Addresses that begin with 203 are in Germany, all others nowhere.
struct Germany;

impl GeoReader for Germany {
    fn place(&self, address: IpAddr) -> connectors::Result<Place> {
        let country = address
            .to_string()
            .starts_with("203")
            .then(|| "DE".parse().unwrap());
        Ok(Place {
            country,
            point: None,
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_on_the_blocklist_and_where_an_address_is_are_told() {
    let served = Served::begin().await;
    let risk = Risk::with(judging(&[]));
    assert!(served.app.risk.set(risk).is_ok());
    let headers = [("idempotency-key", "a")];
    let made = served
        .ask("POST", "/v1/payments", &headers, &payment())
        .await;
    let token = made.json()["account"]["token"].as_str().unwrap().to_owned();
    let list = format!(
        "account {token}\ncustomer shop/c-1\ndevice shop/d-1\nip 192.0.2.7\nip 2001:db8::1\n"
    );
    let all = [
        "blocked_account",
        "blocked_customer",
        "blocked_device",
        "blocked_ip",
        "country_mismatch",
    ];
    served.app.risk.get().unwrap().swap(Judging {
        blocked: (Blocklist::parse(&list).unwrap(), "0123456789ab".to_owned()),
        geo: Some(Arc::new(Germany)),
        ..judging(&all)
    });
    let named = async |asked: Value| {
        let found = reasons(&served, &asked).await;
        found.into_iter().map(|(id, _)| id).collect::<Vec<_>>()
    };
    let mut other = from("c-2", "d-2", "192.0.2.8");
    other["account"]["number"] = json!("987654321");
    assert!(named(other.clone()).await.is_empty());
    let everything = [
        "blocked-account",
        "blocked-customer",
        "blocked-device",
        "blocked-ip",
    ];
    assert_eq!(named(from("c-1", "d-1", "192.0.2.7")).await, everything);
    // An address is one, however it is written.
    other["context"]["ip"] = json!("2001:DB8:0:0::1");
    assert_eq!(named(other.clone()).await, ["blocked-ip"]);
    other["context"]["ip"] = json!("::ffff:203.0.113.9");
    assert_eq!(named(other.clone()).await, ["country-mismatch"]);
    let judged = served
        .ask("POST", "/v1/fraud-check", &[], &other)
        .await
        .json();
    let by = judged["by"].as_str().unwrap();
    assert!(by.ends_with(", blocklist 0123456789ab"), "{by}");
    // A merchant's own names are nobody else's.
    let stranger = served
        .as_merchant("other", "billing", &["payments:write"])
        .await;
    let mut theirs = from("c-1", "d-1", "192.0.2.8");
    theirs["account"]["number"] = json!("987654321");
    let judged = stranger
        .ask("POST", "/v1/fraud-check", &[], &theirs)
        .await
        .json();
    assert_eq!(judged["reasons"], json!([]));
}

const COUNTED: [&str; 6] = [
    "customer_count_1h",
    "account_count_1h",
    "device_count_1h",
    "ip_count_1h",
    "country_changed",
    "customer_returned_unauthorized_90d",
];

async fn comes_back(served: &Served, id: &str) {
    let trace = TraceNumber::new(DfiId::new(9_100_001).unwrap(), 7).unwrap();
    let day = date(2026, 11, 25);
    let events = [
        Event::Claimed {
            cut: settlement::ids::CutId("cut".to_owned()),
        },
        Event::Sent {
            entry: EntryRef {
                trace,
                batch: BatchKey::new(day, b'A', 1).unwrap(),
                settles_on: day,
            },
        },
        Event::Returned {
            of: ReturnRef {
                code: "R10".parse().unwrap(),
                trace,
                received_on: day,
                late: false,
            },
        },
    ];
    let change = |event| Change {
        payment: id.parse().unwrap(),
        expected_version: None,
        event,
        date: day,
        at: served.app.now(),
    };
    let changes = events.into_iter().map(change).collect();
    served.app.ports().payments.apply(changes).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_starts_has_forgotten_nothing_that_rules_look_at() {
    let served = Served::begin().await;
    let with_geo = || Judging {
        geo: Some(Arc::new(Germany)),
        ..judging(&COUNTED)
    };
    let (store, before) = (
        Arc::clone(&served.app.ports().payments),
        Risk::with(with_geo()),
    );
    assert!(served.app.risk.set(before).is_ok());
    let mut ids = Vec::new();
    for n in 0..3 {
        served.passes(60);
        let key = n.to_string();
        let asked = from("c-1", "d-1", "203.0.113.9");
        let headers = [("idempotency-key", key.as_str())];
        let made = served.ask("POST", "/v1/payments", &headers, &asked).await;
        ids.push(made.json()["id"].as_str().unwrap().to_owned());
    }
    comes_back(&served, &ids[0]).await;
    let place = served
        .app
        .risk
        .get()
        .unwrap()
        .hear(&*store, 0)
        .await
        .unwrap();
    assert_eq!(
        place,
        online::events::known::end_of(&*store, 0).await.unwrap()
    );
    let asked = from("c-1", "d-1", "198.51.100.1");
    let before = reasons(&served, &asked).await;
    let ids_of: Vec<&str> = before.iter().map(|(id, _)| id.as_str()).collect();
    let expected = [
        "account-count-1h",
        "cap",
        "customer-count-1h",
        "customer-returned-unauthorized-90d",
        "device-count-1h",
    ];
    assert_eq!(ids_of, expected);
    // Another process over the same store, which was asked for nothing yet.
    let later = served.another().await;
    let risk = Risk::with(with_geo());
    assert_eq!(risk.remember(&*store, later.app.now()).await.unwrap(), 3);
    assert!(later.app.risk.set(risk).is_ok());
    assert_eq!(reasons(&later, &asked).await, before);
    // Nothing was heard twice, and what is heard is counted.
    let risk = later.app.risk.get().unwrap();
    assert_eq!(risk.hear(&*store, place).await.unwrap(), place);
    what_is_looked_at_is_bounded(&served, &*store).await;
}

/// A year later it is over, and of too many the newest are looked at.
async fn what_is_looked_at_is_bounded(served: &Served, store: &dyn PaymentStore) {
    let year = jiff::SignedDuration::from_hours(365 * 24);
    let mut velocity = Velocity::default();
    let now = served.app.now();
    let much = lately::rebuilt(store, &mut velocity, now + year, 10)
        .await
        .unwrap();
    assert_eq!(much, 0);
    let few = lately::rebuilt(store, &mut velocity, now, 1).await.unwrap();
    assert_eq!(few, 3, "those of the same hour");
    served.passes(2 * 3_600);
    let headers = [("idempotency-key", "late")];
    served
        .ask("POST", "/v1/payments", &headers, &payment())
        .await
        .is(201);
    let few = lately::rebuilt(store, &mut velocity, served.app.now(), 1)
        .await
        .unwrap();
    assert_eq!(few, 1, "the newest");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_change_judge_at_once_and_wrong_ones_never() {
    use tieout_online::risk::{Files, LOOK, begin};
    let served = Served::begin().await;
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let write = |name: &str, text: &str| {
        std::fs::write(at("new"), text).unwrap();
        std::fs::rename(at("new"), at(name)).unwrap();
    };
    write("rules.toml", RULES);
    write("blocklist", "# nobody\n");
    let files = Files {
        rules: at("rules.toml"),
        model: None,
        blocklist: Some(at("blocklist")),
        geo: None,
    };
    let missing = Files {
        geo: Some(at("nowhere.mmdb")),
        ..files.clone()
    };
    assert!(begin(&served.app, missing).await.is_err());
    begin(&served.app, files).await.unwrap();
    let by = async || {
        let judged = served.ask("POST", "/v1/fraud-check", &[], &payment()).await;
        let judged = judged.json();
        (
            judged["by"].as_str().unwrap().to_owned(),
            judged["score"].clone(),
        )
    };
    let first = by().await;
    assert_eq!(first.1, 500);
    write("rules.toml", "format = 1\nnonsense\n");
    tokio::time::sleep(LOOK * 3).await;
    assert_eq!(by().await, first, "the rules of before");
    write("rules.toml", &RULES.replace("[1000, 50]", "[1000, 60]"));
    tokio::time::sleep(LOOK * 3).await;
    let second = by().await;
    assert_eq!(second.1, 600);
    assert_ne!(second.0, first.0, "which rules judged is told");
    write("blocklist", "customer shop/c-1\n");
    tokio::time::sleep(LOOK * 3).await;
    let third = by().await;
    assert_ne!(third.0, second.0, "and which list");
    std::fs::remove_file(at("blocklist")).unwrap();
    tokio::time::sleep(LOOK * 3).await;
    assert_eq!(by().await, third);
}
