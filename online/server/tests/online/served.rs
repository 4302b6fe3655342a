//! An installation of its own, served on a free port, and a client that says what it got.

use crate::people;
use connectors::{Addresses, Clock, Index, Ports};
use connectors_embedded::Keys;
use desk::House;
use desk::config::Config;
use desk::merchants::{self, Key, Limits, Merchant, SCOPES};
use jiff::{SignedDuration, Timestamp};
use online::App;
use serde_json::{Value, json};
use settlement::payment::Payment;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tieout_online::listen::listen;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Wednesday 2026-11-25, ten in the morning, Eastern time.
const START: &str = "2026-11-25T15:00:00Z";

/// A clock that a test moves.
struct TestClock(AtomicI64);

#[async_trait::async_trait]
impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let start: Timestamp = START.parse().unwrap();
        start + SignedDuration::from_secs(self.0.load(Ordering::SeqCst))
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// A server, and a key to it.
#[derive(Clone)]
pub struct Served {
    pub app: Arc<App>,
    pub at: SocketAddr,
    pub key: String,
    clock: Arc<TestClock>,
    keys: Arc<AtomicU64>,
    _dir: Arc<TempDir>,
}

/// A request for a payment that nothing is wrong with.
pub fn payment() -> Value {
    json!({
        "direction": "credit", "amount_cents": 1250, "sec": "PPD", "description": "PAYOUT",
        "account": {"routing": "091000019", "number": "123456789", "kind": "checking"},
        "name": "RECEIVER ONE", "reference": "order-1",
    })
}

impl Served {
    pub async fn begin() -> Served {
        let dir = tempfile::tempdir().unwrap();
        let config = Config::read(Some(&configured(dir.path()))).unwrap();
        let (mut home, others) =
            connectors_embedded::make_all(&config.addresses, &[], Keys::Seeded(7)).unwrap();
        let clock = Arc::new(TestClock(AtomicI64::new(0)));
        home.clock = Arc::<TestClock>::clone(&clock);
        let house = House::over(home, others, config);
        let app = App::new(house, online::limits::Limits::default(), None);
        let at = listening(&app).await;
        let served = Served {
            app,
            at,
            key: String::new(),
            clock,
            keys: Arc::default(),
            _dir: Arc::new(dir),
        };
        // Who asks for payments decides none.
        let all = SCOPES.iter().map(|(scope, _)| *scope);
        let all: Vec<&str> = all.filter(|scope| *scope != "review").collect();
        served.as_merchant("shop", "market", &all).await
    }

    /// Another router over the same store, on a port of its own.
    pub async fn another(&self) -> Served {
        self.over(self.app.house.home.ports.clone()).await
    }

    /// Another router over these ports.
    pub async fn over(&self, ports: Ports) -> Served {
        let config = Config::read(Some(&configured(self._dir.path()))).unwrap();
        let house = House::over(ports, Vec::new(), config);
        let app = App::new(house, online::limits::Limits::default(), None);
        let at = listening(&app).await;
        Served {
            app,
            at,
            ..self.clone()
        }
    }

    /// Seconds pass.
    pub fn passes(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }

    pub async fn payments(&self) -> Vec<Payment> {
        let store = &self.app.ports().payments;
        store.page(Index::All, None, 10_000).await.unwrap()
    }

    /// The same server as another merchant sees it, approved.
    pub async fn as_merchant(&self, name: &str, originator: &str, scopes: &[&str]) -> Served {
        self.merchant(name, originator, Limits::default()).await;
        self.with_key(Some(name), scopes).await
    }

    /// As a merchant with so many requests a second.
    pub async fn limited(&self, name: &str, per_second: u32) -> Served {
        let limits = Limits {
            requests_per_second: Some(per_second),
            ..Limits::default()
        };
        self.merchant(name, "payroll", limits).await;
        self.with_key(Some(name), &["payments:read"]).await
    }

    /// As the first merchant, with another key.
    pub async fn as_key(&self, scopes: &[&str]) -> Served {
        self.with_key(Some("shop"), scopes).await
    }

    async fn merchant(&self, name: &str, originator: &str, limits: Limits) {
        let documents = &*self.app.ports().documents;
        let at = self.clock.now();
        let new = Merchant {
            limits,
            ..Merchant::submitted(name, originator, at)
        };
        people::merchant(documents, new, 2).await;
    }

    async fn with_key(&self, merchant: Option<&str>, scopes: &[&str]) -> Served {
        let number = self.keys.fetch_add(1, Ordering::SeqCst);
        let secret = format!("{}{number:032x}", merchants::TEST);
        let key = Key {
            name: format!("key {number}"),
            merchant: merchant.map(str::to_owned),
            scopes: scopes.iter().map(|one| (*one).to_owned()).collect(),
            created_at: self.clock.now(),
            revoked: false,
        };
        let documents = &*self.app.ports().documents;
        merchants::keep(documents, &secret, &key).await.unwrap();
        Served {
            key: secret,
            ..self.clone()
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "").await
    }

    pub async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        self.send(method, path, headers, &body.to_string()).await
    }

    /// Sends a request; a header of the client's own is not set once more.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n");
        let bearer = format!("Bearer {}", self.key);
        let usual = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        for (name, value) in usual {
            if !headers.iter().any(|(own, _)| *own == name) {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        let mut stream = TcpStream::connect(self.at).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        // A server that has heard enough may have closed by now.
        let _ = stream.write_all(body.as_bytes()).await;
        let mut read = Vec::new();
        let _ = stream.read_to_end(&mut read).await;
        Answer::of(&String::from_utf8(read).unwrap())
    }
}

/// Serves on a free port.
async fn listening(app: &Arc<App>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let stop = std::future::pending();
    tokio::spawn(listen(Arc::clone(app), listener, None, stop));
    at
}

fn configured(dir: &std::path::Path) -> std::path::PathBuf {
    let file = dir.join("tieout.toml");
    let at = Addresses::in_dir(&dir.join("data"));
    std::fs::write(&file, format!("[addresses]\ndata = \"{}\"\n", at.data)).unwrap();
    file
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    fn of(text: &str) -> Answer {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let status = lines.next().unwrap_or_default();
        let headers = lines.filter_map(|line| line.split_once(": "));
        Answer {
            status: status
                .get(9..12)
                .and_then(|code| code.parse().ok())
                .unwrap_or(0),
            headers: headers.map(|(n, v)| (n.to_owned(), v.to_owned())).collect(),
            body: body.to_owned(),
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    pub fn is(&self, status: u16) {
        assert_eq!(self.status, status, "{self:?}");
    }

    /// The code of a problem of this status.
    pub fn problem(&self, status: u16) -> String {
        self.is(status);
        let json = self.json();
        assert_eq!(json["status"], status);
        json["code"].as_str().unwrap().to_owned()
    }

    /// The places of what is wrong.
    pub fn places(&self) -> Vec<String> {
        let errors = self.json()["errors"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let place = |one: &Value| one["pointer"].as_str().unwrap().to_owned();
        errors.iter().map(place).collect()
    }
}
