//! What a server does with clients that mean it ill, or are many: it stays bounded, and answers the
//! others.

use crate::served::{Served, payment};
use bytes::Bytes;
use connectors::{Document, Documents, Error, Ports, Result};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long a server may take for anything here, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Everything that comes until the server closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
    let _ = read.expect("it closes");
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn lives(served: &Served) {
    let answer = tokio::time::timeout(PATIENCE, served.get("/health/live")).await;
    assert_eq!(answer.expect("it answers").status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_comes_slowly_is_not_waited_for() {
    let served = Served::begin().await;
    let mut slow = TcpStream::connect(served.at).await.unwrap();
    slow.write_all(b"GET /health/live HTTP/1.1\r\nhost: x\r\n")
        .await
        .unwrap();
    let started = Instant::now();
    rest(&mut slow).await;
    assert!(
        started.elapsed() > Duration::from_secs(5),
        "it waited a while"
    );
    // One that connects and says nothing is closed as well.
    let mut silent = TcpStream::connect(served.at).await.unwrap();
    assert_eq!(rest(&mut silent).await, "");
    lives(&served).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_never_comes_ends_and_makes_nothing() {
    let served = Served::begin().await;
    let mut half = TcpStream::connect(served.at).await.unwrap();
    let head = format!(
        "POST /v1/payments HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\nidempotency-key: half\r\ncontent-length: 300\r\n\r\n{{",
        served.key
    );
    half.write_all(head.as_bytes()).await.unwrap();
    let answer = rest(&mut half).await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("retry-after: 1"), "{answer}");
    // A client that goes away in the middle of its body makes nothing either.
    let mut gone = TcpStream::connect(served.at).await.unwrap();
    gone.write_all(head.as_bytes()).await.unwrap();
    drop(gone);
    lives(&served).await;
    assert!(served.payments().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heads_and_bodies_are_bounded() {
    let served = Served::begin().await;
    for (what, status) in [
        (format!("x-long: {}\r\n", "a".repeat(100_000)), "431"),
        ("x-many: a\r\n".repeat(1_000), "431"),
        (format!("cookie: {}\r\n", "a".repeat(20_000)), "200"),
    ] {
        let mut stream = TcpStream::connect(served.at).await.unwrap();
        let request =
            format!("GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{what}\r\n");
        // It may close while the rest of the head is still on its way.
        let _ = stream.write_all(request.as_bytes()).await;
        let answer = rest(&mut stream).await;
        let shown: String = answer.chars().take(60).collect();
        let refused = answer.is_empty() && status != "200";
        assert!(
            refused || answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{shown}"
        );
    }
    // A chunked body says no length before: it is counted as it comes.
    let mut stream = TcpStream::connect(served.at).await.unwrap();
    let head = format!(
        "POST /v1/payments HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\nidempotency-key: big\r\nconnection: close\r\n\
         transfer-encoding: chunked\r\n\r\n",
        served.key
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("{:x}\r\n{}\r\n", 60_000, "a".repeat(60_000));
    for _ in 0..4 {
        let _ = stream.write_all(chunk.as_bytes()).await;
    }
    let answer = rest(&mut stream).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 413"),
        "{answer}"
    );
    lives(&served).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_idle_connections_leave_room_for_those_that_ask() {
    let served = Served::begin().await;
    let mut idle = Vec::new();
    for _ in 0..idle_connections() {
        match TcpStream::connect(served.at).await {
            Ok(stream) => idle.push(stream),
            Err(_) => break,
        }
    }
    assert!(idle.len() >= 400, "{} connections", idle.len());
    let headers = [("idempotency-key", "among-many")];
    let made = served
        .ask("POST", "/v1/payments", &headers, &payment())
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    drop(idle);
    lives(&served).await;
}

/// As many as this process may open, both ends being its own, up to nearly ten thousand.
fn idle_connections() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let files = line.and_then(|line| line.split_whitespace().nth(3)?.parse::<usize>().ok());
    (files.unwrap_or(1_024) / 2).saturating_sub(100).min(9_900)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pipeline_is_answered_in_its_order_and_one_at_a_time() {
    let served = Served::begin().await;
    let mut stream = TcpStream::connect(served.at).await.unwrap();
    let many = 2_000;
    let all: String = (0..many)
        .map(|n| {
            let end = if n + 1 == many {
                "connection: close\r\n"
            } else {
                ""
            };
            format!("GET /health/live HTTP/1.1\r\nhost: x\r\nx-request-id: n{n}\r\n{end}\r\n")
        })
        .collect();
    let (mut read, mut write) = stream.split();
    let mut bytes = Vec::new();
    let (sent, got) = tokio::join!(
        write.write_all(all.as_bytes()),
        tokio::time::timeout(PATIENCE, read.read_to_end(&mut bytes))
    );
    sent.unwrap();
    got.expect("it answers all").unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let ids = text
        .lines()
        .filter_map(|line| line.strip_prefix("x-request-id: n"));
    let ids: Vec<usize> = ids.map(|id| id.parse().unwrap()).collect();
    assert_eq!(ids, (0..many).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_routers_over_one_store_make_one_payment_of_a_key() {
    let served = Served::begin().await;
    let other = served.another().await;
    for round in 0..20 {
        let key = format!("race {round}").replace(' ', "-");
        let headers = [("idempotency-key", key.as_str())];
        let request = payment();
        let ask = |server: Served| {
            let (headers, request) = (headers, request.clone());
            async move { server.ask("POST", "/v1/payments", &headers, &request).await }
        };
        let (a, b, c, d) = tokio::join!(
            ask(served.clone()),
            ask(other.clone()),
            ask(served.clone()),
            ask(other.clone())
        );
        for answer in [&a, &b, &c, &d] {
            assert_eq!((answer.status, &answer.body), (201, &a.body));
        }
        let replayed = [&a, &b, &c, &d].map(|one| one.header("idempotent-replayed"));
        assert_eq!(replayed.iter().filter(|one| one.is_none()).count(), 1);
    }
    assert_eq!(served.payments().await.len(), 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_refused_at_the_door_is_told_when_to_come_again() {
    let served = Served::begin().await;
    let taken: Vec<_> = std::iter::from_fn(|| served.app.door.enter()).collect();
    let headers = [("idempotency-key", "late")];
    let refused = served
        .ask("POST", "/v1/payments", &headers, &payment())
        .await;
    assert_eq!(refused.problem(503), "overloaded");
    assert_eq!(refused.header("retry-after"), Some("1"));
    lives(&served).await;
    drop(taken);
    let made = served
        .ask("POST", "/v1/payments", &headers, &payment())
        .await;
    assert_eq!(made.status, 201);
    assert_eq!(json!(served.payments().await.len()), 1);
}

/// Documents of a store that answers reads, and takes no writes while it is told so.
struct Unwritten {
    documents: Arc<dyn Documents>,
    full: Arc<AtomicBool>,
}

#[async_trait::async_trait]
impl Documents for Unwritten {
    async fn put(&self, collection: &str, name: &str, seen: u64, body: Bytes) -> Result<u64> {
        match self.full.load(Ordering::SeqCst) {
            true => Err(Error::unavailable("documents", "an earlier write failed")),
            false => self.documents.put(collection, name, seen, body).await,
        }
    }

    async fn get(&self, collection: &str, name: &str) -> Result<Option<Document>> {
        self.documents.get(collection, name).await
    }

    async fn list(
        &self,
        collection: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>> {
        self.documents.list(collection, prefix, after, limit).await
    }

    async fn remove(&self, collection: &str, name: &str, seen: u64) -> Result<()> {
        self.documents.remove(collection, name, seen).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_takes_no_writes_is_not_ready_until_it_takes_them_again() {
    let served = Served::begin().await;
    let full = Arc::new(AtomicBool::new(false));
    let ports = served.app.ports().clone();
    let documents = Arc::new(Unwritten {
        documents: Arc::clone(&ports.documents),
        full: Arc::clone(&full),
    });
    let served = served.over(Ports { documents, ..ports }).await;
    let ready = async || served.get("/health/ready").await.status;
    let number = json!({"routing": "091000019", "number": "1234", "kind": "savings"});
    let token = json!({ "bank_account": number });
    assert_eq!(ready().await, 200);
    full.store(true, Ordering::SeqCst);
    let refused = served.ask("POST", "/v1/tokens", &[], &token).await;
    assert_eq!(refused.problem(503), "unavailable");
    let asked = served.get("/health/ready").await;
    assert_eq!(asked.problem(503), "unavailable");
    assert_eq!(ready().await, 503, "and it stays so");
    full.store(false, Ordering::SeqCst);
    assert_eq!(ready().await, 200);
    served.ask("POST", "/v1/tokens", &[], &token).await.is(201);
}

/// Those that wait take no place from whoever asks how we are, nor from payments.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_that_wait_than_may_are_answered_at_once() {
    let served = Served::begin().await;
    let mut all = Vec::new();
    for _ in 0..300 {
        let served = served.clone();
        let ask = async move { served.get("/v1/events?after=latest&wait=30").await.status };
        all.push(tokio::spawn(ask));
    }
    let started = Instant::now();
    // 256 wait.
    while all.iter().filter(|one| one.is_finished()).count() < 44 {
        assert!(
            started.elapsed() < Duration::from_secs(25),
            "nobody is answered at once"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    lives(&served).await;
    let headers = [("idempotency-key", "meanwhile")];
    served
        .ask("POST", "/v1/payments", &headers, &payment())
        .await
        .is(201);
    for one in all {
        assert_eq!(one.await.unwrap(), 200);
    }
}
