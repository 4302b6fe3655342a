//! An installation in a temporary folder, its online path, and somebody who calls it.

use connectors::{Addresses, Clock, Documents, Ports};
use connectors_embedded::{Keys, clock::SystemClock};
use desk::House;
use desk::config::{Config, PRICES, SANDBOX_BANK};
use desk::merchants::{self, Key, Merchant, Standing};
use jiff::{SignedDuration, Timestamp};
use online::App;
use online::callers::Caller;
use online::webhooks::runner;
use online::webhooks::sender::Sender;
use online::wire::json::Json;
use serde_json::{Value, json};
use settlement::bank::BankProfile;
use settlement::ids::PaymentId;
use settlement::savings::PriceList;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};
use tieout_online::listen;
use tieout_online::outbound::Outbound;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The merchants: name and originator.
pub const MERCHANTS: [(&str, &str); 2] = [("demo", "market"), ("other", "billing")];

/// How long anything is waited for.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The configuration of an installation below `dir`.
pub fn config(dir: &Path) -> Config {
    Config {
        place: String::new(),
        others: Vec::new(),
        issuers: Vec::new(),
        routes: Default::default(),
        addresses: Addresses::in_dir(dir),
        bank: BankProfile::parse(SANDBOX_BANK).unwrap(),
        prices: PriceList::parse(PRICES).unwrap(),
    }
}

/// The ports of a new installation below `dir`.
pub fn ports(dir: &Path) -> Ports {
    let addresses = config(dir).addresses;
    connectors_embedded::make_all(&addresses, &[], Keys::Seeded(7))
        .unwrap()
        .0
}

/// The system's clock, moved.
#[derive(Default)]
pub struct Moved(AtomicI64);

impl Moved {
    /// Moves it on.
    pub fn on(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

#[async_trait::async_trait]
impl Clock for Moved {
    fn now(&self) -> Timestamp {
        let by = SignedDuration::from_secs(self.0.load(Ordering::SeqCst));
        SystemClock.now() + by
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// An online path that listens.
pub struct World {
    pub app: Arc<App>,
    pub at: SocketAddr,
    pub clock: Arc<Moved>,
    _dir: Option<tempfile::TempDir>,
}

impl World {
    /// One on an installation of its own.
    pub async fn new() -> World {
        let dir = tempfile::tempdir().unwrap();
        let ports = ports(dir.path());
        let mut world = World::over(ports, &config(dir.path())).await;
        world._dir = Some(dir);
        world.people().await;
        world
    }

    /// One over ports that are open.
    pub async fn over(ports: Ports, config: &Config) -> World {
        let bank = config.bank.clone();
        let config = Config {
            place: String::new(),
            others: Vec::new(),
            issuers: Vec::new(),
            routes: Default::default(),
            addresses: config.addresses.clone(),
            bank,
            prices: PriceList::parse(PRICES).unwrap(),
        };
        let house = House::over(ports, Vec::new(), config);
        let app = App::new(house, Default::default(), None);
        let clock = Arc::new(Moved::default());
        let outside: Arc<dyn Clock> = clock.clone();
        assert!(app.hooks.clock.set(outside).is_ok());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let served = Arc::clone(&app);
        tokio::spawn(listen::listen(
            served,
            listener,
            None,
            std::future::pending(),
        ));
        World {
            app,
            at,
            clock,
            _dir: None,
        }
    }

    /// See [`people`].
    pub async fn people(&self) {
        people(&*self.app.ports().documents).await;
    }

    /// Begins to send webhooks, also to this machine.
    pub fn sends(&self) {
        let sender: Arc<dyn Sender> = Arc::new(Outbound::of_this_machine(true));
        self.sends_by(sender);
    }

    /// Begins to send webhooks in this way.
    pub fn sends_by(&self, sender: Arc<dyn Sender>) {
        assert!(self.app.hooks.sender.set(Arc::clone(&sender)).is_ok());
        tokio::spawn(runner::run(Arc::clone(&self.app), sender));
    }

    /// Calls the API in somebody's name.
    pub async fn call(&self, who: &str, method: &str, path: &str, body: &Value) -> (u16, Value) {
        call(self.at, &secret(who), method, path, body).await
    }

    /// As [`World::call`], which must answer with this status.
    pub async fn must(
        &self,
        status: u16,
        who: &str,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Value {
        let (found, value) = self.call(who, method, path, body).await;
        assert_eq!(found, status, "{method} {path}: {value}");
        value
    }

    /// A webhook of somebody's to this place.
    pub async fn hook(&self, who: &str, url: &str) -> Value {
        let body = json!({ "url": url });
        self.must(201, who, "POST", "/v1/webhooks", &body).await
    }

    /// Waits until an endpoint has a delivery like this.
    pub async fn delivery(&self, who: &str, hook: &Value, like: impl Fn(&Value) -> bool) -> Value {
        let path = format!("/v1/webhooks/{}/deliveries", hook["id"].as_str().unwrap());
        let (started, mut last) = (Instant::now(), Value::Null);
        while started.elapsed() < PATIENCE {
            last = self.must(200, who, "GET", &path, &Value::Null).await;
            let found = last["data"]
                .as_array()
                .unwrap()
                .iter()
                .find(|one| like(one));
            if let Some(found) = found {
                return found.clone();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no such delivery: {last:#}");
    }
}

/// Merchants, a key of each, and the operator's.
pub async fn people(documents: &dyn Documents) {
    for (name, originator) in MERCHANTS {
        let merchant = merchant(name, originator);
        merchants::submit(documents, &merchant).await.unwrap();
        let key = key(Some(name));
        merchants::keep(documents, &secret(name), &key)
            .await
            .unwrap();
    }
    let operator = secret("operator");
    merchants::keep(documents, &operator, &key(None))
        .await
        .unwrap();
}

/// A merchant that is approved.
pub fn merchant(name: &str, originator: &str) -> Merchant {
    Merchant {
        standing: Standing::Approved,
        ..Merchant::submitted(name, originator, SystemClock.now())
    }
}

fn key(merchant: Option<&str>) -> Key {
    Key::for_all("test", merchant, SystemClock.now())
}

/// Somebody's key.
pub fn secret(who: &str) -> String {
    format!("tk_test_{who}")
}

/// Somebody who calls, without HTTP; the operator where it is nobody of [`MERCHANTS`].
pub fn caller(who: &str) -> Caller {
    let found = MERCHANTS.iter().find(|(name, _)| *name == who);
    let merchant = found.map(|(name, originator)| merchant(name, originator));
    Caller {
        id: who.to_owned(),
        key: key(merchant.as_ref().map(|one| one.name.as_str())),
        merchant,
    }
}

/// A request for a payment.
pub fn asked(number: u64) -> Value {
    json!({
        "direction": "credit", "amount_cents": 100 + number, "sec": "PPD",
        "description": "PAYOUT", "name": "RECEIVER", "reference": format!("ref-{number}"),
        "account": { "routing": "091000019", "number": "000123456", "kind": "checking" },
    })
}

/// Makes a payment for a merchant.
pub async fn pay(app: &App, who: &str, number: u64) -> PaymentId {
    let mut body = asked(number);
    if who == "other" {
        (body["direction"], body["description"]) = (json!("debit"), json!("BILL PAY"));
    }
    let json = Json::read(body.to_string().as_bytes()).unwrap();
    let (who, key) = (caller(who), number.to_string());
    let made = online::payments::create::create(app, &who, &key, &json).await;
    match made.unwrap_or_else(|problem| panic!("{problem:?}")) {
        online::payments::create::Answer::Made(payment, _) => payment.id,
        online::payments::create::Answer::WouldMake(_) => panic!("it was no dry run"),
    }
}

/// One request, on a connection of its own.
pub async fn call(
    at: SocketAddr,
    key: &str,
    method: &str,
    path: &str,
    body: &Value,
) -> (u16, Value) {
    let body = match body {
        Value::Null => String::new(),
        body => body.to_string(),
    };
    let headers = [
        ("authorization", format!("Bearer {key}")),
        ("idempotency-key", body.len().to_string()),
    ];
    raw(at, method, path, &headers, &body).await.unwrap()
}

/// One request with these headers.
pub async fn raw(
    at: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, String)],
    body: &str,
) -> std::io::Result<(u16, Value)> {
    let mut stream = TcpStream::connect(at).await?;
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let length = body.len();
    head.push_str("content-type: application/json\r\n");
    head.push_str(&format!("content-length: {length}\r\n\r\n{body}"));
    stream.write_all(head.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let text = String::from_utf8_lossy(&answer);
    let gone = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    let (head, body) = text.split_once("\r\n\r\n").ok_or_else(gone)?;
    let status = head.get(9..12).and_then(|status| status.parse().ok());
    Ok((
        status.ok_or_else(gone)?,
        serde_json::from_str(body).unwrap_or_default(),
    ))
}
