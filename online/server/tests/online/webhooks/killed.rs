//! A server that is killed while it sends: everything arrives.

use super::receiver::{Receiver, answer};
use super::world::{asked, call, people, ports, raw, secret};
use desk::config::Config;
use desk::installation::Step;
use desk::{Desk, identity};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Kills, and how long each server lives.
const KILLS: u32 = 4;
const LIVES: Duration = Duration::from_millis(1_500);

/// Between two payments of one who asks for them: as many on any machine, so that they can be sent.
const EVERY: Duration = Duration::from_millis(10);

/// After the last start: the lease of the one before ends, and everything is sent.
const REST: Duration = Duration::from_secs(120);

struct Server {
    child: Child,
    at: SocketAddr,
    key: String,
}

async fn start(dir: &Path) -> Server {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tieout-online"))
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--webhooks-to-localhost",
            "--dir",
        ])
        .arg(dir)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let line = out.lines().next_line().await.unwrap().unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    let at = said["listening"]
        .as_str()
        .unwrap()
        .strip_prefix("http://")
        .unwrap();
    Server {
        child,
        at: at.parse().unwrap(),
        key: secret("demo"),
    }
}

/// Asks for payments until nobody answers; adds those that were made.
async fn load(at: SocketAddr, key: String, from: u64, made: Arc<Mutex<BTreeSet<String>>>) {
    let mut turns = tokio::time::interval(EVERY);
    for number in from.. {
        turns.tick().await;
        let headers = [
            ("authorization", format!("Bearer {key}")),
            ("idempotency-key", number.to_string()),
        ];
        let body = asked(number % 1_000).to_string();
        match raw(at, "POST", "/v1/payments", &headers, &body).await {
            Ok((201, payment)) => {
                let id = payment["id"].as_str().unwrap().to_owned();
                made.lock().unwrap().insert(id);
            }
            Ok((status, problem)) => panic!("{status}: {problem}"),
            Err(_) => return,
        }
    }
}

/// An installation, as `tieout init` makes one.
async fn begin(dir: &Path) {
    let ports = ports(dir);
    people(&*ports.documents).await;
    let desk = Desk::over(ports, Config::read(None).unwrap());
    identity::begin(&desk, Step::Made, "0".repeat(32))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_to_a_server_that_is_killed_again_and_again() {
    let dir = tempfile::tempdir().unwrap();
    begin(dir.path()).await;
    // Every fifth answer is a failure, so that some wait when the server is killed.
    let receiver = Receiver::answering(|n, _| answer(if n % 5 == 0 { 500 } else { 204 }, "")).await;
    let made: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    for round in 0..KILLS {
        let mut server = start(dir.path()).await;
        if round == 0 {
            let body = json!({ "url": receiver.url(), "types": ["payment.created"] });
            let (status, hook) = call(server.at, &server.key, "POST", "/v1/webhooks", &body).await;
            assert_eq!(status, 201, "{hook}");
        }
        let loads: Vec<_> = (0..4)
            .map(|n| {
                let from = u64::from(round * 4 + n) * 1_000_000;
                let made = Arc::clone(&made);
                tokio::spawn(load(server.at, server.key.clone(), from, made))
            })
            .collect();
        tokio::time::sleep(LIVES).await;
        server.child.kill().await.unwrap();
        for load in loads {
            load.await.unwrap();
        }
    }
    let _server = start(dir.path()).await;
    let made = made.lock().unwrap().clone();
    assert!(made.len() > 20, "{} payments are no load", made.len());
    let (started, mut missing) = (Instant::now(), made.len());
    while missing > 0 && started.elapsed() < REST {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let arrived: BTreeSet<String> = receiver
            .came()
            .iter()
            .map(|one| one.json()["data"]["payment"].as_str().unwrap().to_owned())
            .collect();
        missing = made.difference(&arrived).count();
    }
    assert_eq!(missing, 0, "of {}", made.len());
    println!(
        "{} payments, {} deliveries",
        made.len(),
        receiver.came().len()
    );
}
