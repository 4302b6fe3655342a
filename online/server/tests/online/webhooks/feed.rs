//! The feed and the payments' own histories say the same, and a receiver that gets deliveries in
//! any order, twice or not at all, rebuilds every payment from `version` and the feed.

use super::cut::{self, DATE, change};
use super::world::{MERCHANTS, World, caller, pay};
use connectors::Telling;
use online::App;
use online::events::list;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use settlement::ids::{Direction, PaymentId, TraceNumber};
use settlement::payment::{Event, ReturnRef, Side, SideFact};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What happens, drawn: a number for what, and one for whom.
type Steps = Vec<(u8, u8)>;

fn steps() -> impl Strategy<Value = (Steps, Vec<usize>, Vec<u8>)> {
    (
        prop::collection::vec((0_u8..9, any::<u8>()), 0..24),
        prop::collection::vec(1_usize..7, 1..6),
        prop::collection::vec(any::<u8>(), 64),
    )
}

fn fact(what: u8, whom: u8, traces: &[TraceNumber]) -> Option<SideFact> {
    let file = || format!("file-{}", whom % 2);
    let event = match what {
        0 => Event::Acknowledged { file: file() },
        1 => Event::Settled {
            bank_reference: "line".to_owned(),
            on: DATE,
        },
        2 => Event::HoldEnded,
        3 => Event::Rejected {
            file: file(),
            reason: "R".to_owned(),
        },
        _ => return None,
    };
    let left_out = traces
        .iter()
        .filter(|trace| u64::from(**trace) % 7 == u64::from(whom % 9));
    let at = "2026-11-26T01:00:00Z".parse().unwrap();
    SideFact::new(event, DATE, at, left_out.copied().collect()).ok()
}

fn own(what: u8, whom: u8, trace: TraceNumber) -> Option<Event> {
    match what {
        5 => Some(Event::Returned {
            of: ReturnRef {
                code: "R01".parse().unwrap(),
                trace,
                received_on: DATE,
                late: false,
            },
        }),
        6 => Some(Event::NoticeOfChange {
            change: "C01".to_owned(),
            trace,
        }),
        7 => Some(Event::Acknowledged {
            file: format!("own-{}", whom % 2),
        }),
        _ => None,
    }
}

/// Everything that happens in a case; answers every payment there is.
async fn happen(app: &App, steps: &Steps) -> Vec<PaymentId> {
    let (mut all, mut batches) = (Vec::new(), Vec::new());
    for (at, (name, originator)) in MERCHANTS.iter().enumerate() {
        let way = [Direction::Credit, Direction::Debit][at];
        let mut own = Vec::new();
        for number in 0..9 {
            own.push(pay(app, name, number).await);
        }
        let seq = u32::try_from(at).unwrap() + 1;
        // The last two are never sent.
        batches.push((
            own[..7].to_vec(),
            cut::freeze(app, seq, way, originator, &own[..7]).await,
        ));
        all.extend(own);
    }
    let store = &app.ports().payments;
    for (what, whom) in steps {
        let (payments, (side, traces)) = &batches[usize::from(whom % 2)];
        let one = usize::from(*whom) % payments.len();
        if let Some(fact) = fact(*what, *whom, traces) {
            store
                .tell(vec![Telling { side: *side, fact }])
                .await
                .unwrap();
        } else if let Some(event) = own(*what, *whom, traces[one]) {
            store
                .apply(vec![change(payments[one], event)])
                .await
                .unwrap();
        } else {
            let id = all[usize::from(*whom) % all.len()];
            store
                .apply(vec![change(id, Event::Cancelled)])
                .await
                .unwrap();
        }
    }
    all
}

/// The whole feed of somebody, read in pages of these sizes, each from the cursor before.
pub async fn walk(app: &App, who: &str, sizes: &[usize]) -> Vec<Value> {
    let (mut all, mut query) = (Vec::new(), BTreeMap::new());
    for size in sizes.iter().cycle() {
        query.insert("limit".to_owned(), size.to_string());
        let page = list::list(app, &caller(who), &query).await.unwrap();
        let data = page["data"].as_array().unwrap();
        assert!(data.len() <= *size);
        all.extend(data.iter().cloned());
        query.insert(
            "after".to_owned(),
            page["cursor"].as_str().unwrap().to_owned(),
        );
        if page["more"] == json!(false) {
            return all;
        }
    }
    all
}

/// The id of an event of the feed.
pub fn name(event: &Value) -> String {
    event["id"].as_str().unwrap().to_owned()
}

/// What the payments' own histories say, by event.
pub async fn histories(app: &App, all: &[PaymentId]) -> BTreeMap<String, Value> {
    let mut said = BTreeMap::new();
    for id in all {
        for event in app.ports().payments.history(*id).await.unwrap() {
            let name = format!("{id}-{}", event.version);
            let kind = format!("payment.{}", event.event.kind().as_str());
            said.insert(name, json!([kind, event.from, event.to, event.amount]));
        }
    }
    said
}

/// What an event of the feed says, as [`histories`] has it.
pub fn said(event: &Value) -> Value {
    let data = &event["data"];
    let before = match data["version"] == json!(1) {
        true => &data["state"],
        false => &data["previous_state"],
    };
    json!([event["type"], before, data["state"], data["amount_cents"]])
}

/// A receiver that got some of the events, some twice, in any order: what it makes of each payment
/// once it has asked for what is missing.
async fn rebuilt(app: &App, events: &[Value], chance: &[u8]) -> BTreeMap<String, (u64, Value)> {
    let mut came: Vec<(u8, &Value)> = Vec::new();
    for (at, event) in events.iter().enumerate() {
        let drawn = chance[at % chance.len()].wrapping_add(u8::try_from(at % 256).unwrap());
        for _ in 0..drawn % 3 {
            came.push((drawn.wrapping_mul(37), event));
        }
    }
    came.sort_by_key(|(place, _)| *place);
    let mut known: BTreeMap<String, BTreeMap<u64, Value>> = BTreeMap::new();
    let mut take = |event: &Value| {
        let data = &event["data"];
        let versions = known
            .entry(data["payment"].as_str().unwrap().to_owned())
            .or_default();
        versions.insert(data["version"].as_u64().unwrap(), data.clone());
    };
    came.iter().for_each(|(_, event)| take(event));
    // What was lost it finds in the feed.
    walk(app, "operator", &[200])
        .await
        .iter()
        .for_each(&mut take);
    let newest = known.into_iter().map(|(payment, versions)| {
        let (last, data) = versions.iter().next_back().unwrap();
        assert_eq!(versions.len() as u64, *last, "no gap");
        (payment, (*last, data["state"].clone()))
    });
    newest.collect()
}

async fn holds(steps: Steps, sizes: Vec<usize>, chance: Vec<u8>) {
    let world = World::new().await;
    let app = &*world.app;
    let all = happen(app, &steps).await;
    let histories = histories(app, &all).await;
    let events = walk(app, "operator", &sizes).await;
    let found: BTreeMap<String, Value> = events.iter().map(|one| (name(one), said(one))).collect();
    assert_eq!(events.len(), found.len(), "each once");
    assert_eq!(found, histories);
    // Versions of a payment come in their order.
    let mut last: BTreeMap<&str, u64> = BTreeMap::new();
    for event in &events {
        let data = &event["data"];
        let before = last.entry(data["payment"].as_str().unwrap()).or_default();
        *before += 1;
        assert_eq!(data["version"], json!(*before), "{event}");
    }
    // A merchant sees its own, in the same order, and both together see everything.
    let mut sum = 0;
    for (who, _) in MERCHANTS {
        let own = walk(app, who, &sizes).await;
        let of = |event: &&Value| event["data"]["merchant"] == json!(who);
        let wanted: Vec<Value> = events.iter().filter(of).cloned().collect();
        assert_eq!(own, wanted, "{who}");
        sum += own.len();
    }
    assert_eq!(sum, events.len());
    let rebuilt = rebuilt(app, &events, &chance).await;
    for payment in app
        .ports()
        .payments
        .get(&all)
        .await
        .unwrap()
        .into_iter()
        .flatten()
    {
        let wanted = (u64::from(payment.version), json!(payment.state));
        assert_eq!(rebuilt.get(&payment.id.to_string()), Some(&wanted));
    }
}

/// Installations cost a second each; every case has two merchants, two batches and 18 payments.
const CASES: u32 = 12;

#[test]
fn the_feed_is_the_union_of_the_histories_and_rebuilds_every_payment() {
    let mut runner = TestRunner::new(Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runner
        .run(&steps(), |(steps, sizes, chance)| {
            runtime.block_on(holds(steps, sizes, chance));
            Ok(())
        })
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_waits_for_an_event_and_no_longer() {
    let world = World::new().await;
    let path = "/v1/events?after=latest&wait=20";
    let started = Instant::now();
    let app = std::sync::Arc::clone(&world.app);
    let soon = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(500)).await;
        pay(&app, "other", 1).await;
        pay(&app, "demo", 2).await;
    });
    let page = world.must(200, "demo", "GET", path, &Value::Null).await;
    soon.await.unwrap();
    assert!((Duration::from_millis(400)..Duration::from_secs(15)).contains(&started.elapsed()));
    assert_eq!(page["data"].as_array().unwrap().len(), 1, "{page}");
    assert_eq!(page["data"][0]["data"]["merchant"], "demo");
    // Behind it is nothing, and the wait ends.
    let next = format!(
        "{}&wait=1",
        page["next"].as_str().unwrap().replace("wait=20&", "")
    );
    let started = Instant::now();
    let page = world.must(200, "demo", "GET", &next, &Value::Null).await;
    assert_eq!(page["data"], json!([]));
    assert!(started.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn what_is_wrong_with_a_query_is_named() {
    let world = World::new().await;
    for query in [
        "after=x",
        "after=c1-0",
        "types=payment.x",
        "limit=0",
        "limit=201",
        "wait=31",
    ] {
        let path = format!("/v1/events?{query}");
        let problem = world.must(400, "demo", "GET", &path, &Value::Null).await;
        let name = query.split('=').next().unwrap();
        assert_eq!(problem["errors"][0]["pointer"], name, "{query}");
    }
    // A cursor behind everything is one: what comes there is what comes next.
    let path = "/v1/events?after=c1-ffffffffffffffff-ffffffff";
    let page = world.must(200, "demo", "GET", path, &Value::Null).await;
    assert_eq!(page["more"], json!(false));
}

/// A side whose list is gone stops the feed; nothing is passed over.
#[tokio::test]
async fn a_list_that_is_gone_stops_the_feed_before_it() {
    let world = World::new().await;
    let app = &*world.app;
    let id = pay(app, "demo", 1).await;
    let (side, traces) = cut::freeze(app, 1, Direction::Credit, "market", &[id]).await;
    let other = Side {
        batch: settlement::ids::BatchKey::new(DATE, b'A', 77).unwrap(),
        ..side
    };
    for side in [side, other] {
        let fact = fact(0, 8, &traces).unwrap();
        app.ports()
            .payments
            .tell(vec![Telling { side, fact }])
            .await
            .unwrap();
    }
    let page = world
        .must(200, "demo", "GET", "/v1/events?limit=4", &Value::Null)
        .await;
    assert_eq!(page["data"].as_array().unwrap().len(), 4);
    let next = page["next"].as_str().unwrap();
    let problem = world.must(500, "demo", "GET", next, &Value::Null).await;
    assert_eq!(problem["code"], "internal");
}
