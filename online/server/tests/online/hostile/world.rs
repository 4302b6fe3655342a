//! A server on an installation of its own, and a client that sends what it is told to.

use crate::people;
use connectors::{Addresses, Documents};
use connectors_embedded::Keys;
use desk::House;
use desk::config::Config;
use desk::merchants::{self, Key, Merchant, Standing};
use jiff::Timestamp;
use jiff::civil::Date;
use online::App;
use online::jwt::Issuers;
use online::limits;
use online::sandbox::{Sandbox, Undone};
use serde_json::Value;
use settlement::ids::PaymentId;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tieout_online::listen;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// The key of the merchant `shop`, for everything.
pub const KEY: &str = "tk_test_shop";
/// The key of the merchant `other`.
pub const OTHER: &str = "tk_test_other";
/// The key of the merchant `shop` that decides what is held: it asks for no payments.
pub const REVIEWER: &str = "tk_test_reviewer";
/// The operator's key.
pub const OPERATOR: &str = "tk_test_operator";

/// The longest that a test waits for an answer: more than any limit of the server.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server and its installation.
pub struct World {
    pub app: Arc<App>,
    pub at: SocketAddr,
    _dir: TempDir,
}

/// What a world has other than the usual.
#[derive(Default)]
pub struct With {
    pub limits: limits::Limits,
    pub issuers: Issuers,
    pub tls: Option<TlsAcceptor>,
}

/// A sandbox in which nothing moves.
struct Still;

#[async_trait::async_trait]
impl Sandbox for Still {
    async fn day(&self, _: Date) -> Result<Value, Undone> {
        Err(Undone::Refused("nothing moves here".to_owned()))
    }

    async fn answer(&self, _: PaymentId, _: &str) -> Result<Value, Undone> {
        Err(Undone::Refused("nothing moves here".to_owned()))
    }

    fn forward(&self, _: Timestamp) -> Result<(), Undone> {
        Err(Undone::Refused("nothing moves here".to_owned()))
    }
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: String,
}

impl Answer {
    pub fn of(bytes: &[u8]) -> Answer {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.get(9..12).and_then(|status| status.parse().ok());
        Answer {
            status: status.unwrap_or(0),
            body: body.to_owned(),
        }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl World {
    pub async fn new() -> World {
        World::with(With::default()).await
    }

    pub async fn with(with: With) -> World {
        let dir = tempfile::tempdir().unwrap();
        let addresses = Addresses::in_dir(dir.path());
        let (home, others) = connectors_embedded::make_all(&addresses, &[], Keys::Drawn).unwrap();
        let none = dir.path().join("none.toml");
        std::fs::write(&none, "").unwrap();
        let config = Config::read(Some(&none)).unwrap();
        let house = House::over(home, others, config);
        let documents = Arc::clone(&house.home.ports.documents);
        merchant(&*documents, "shop", "market", 2).await;
        merchant(&*documents, "other", "billing", 2).await;
        key(&*documents, KEY, Some("shop")).await;
        key(&*documents, OTHER, Some("other")).await;
        let reviewer = Key {
            scopes: ["review", "payments:read"].map(str::to_owned).into(),
            ..Key::for_all("review", Some("shop"), Timestamp::UNIX_EPOCH)
        };
        merchants::keep(&*documents, REVIEWER, &reviewer)
            .await
            .unwrap();
        key(&*documents, OPERATOR, None).await;
        let app = App::with(house, with.limits, Some(Arc::new(Still)), with.issuers);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let never = std::future::pending();
        tokio::spawn(listen::listen(Arc::clone(&app), listener, with.tls, never));
        World { app, at, _dir: dir }
    }

    pub fn documents(&self) -> &dyn Documents {
        &*self.app.ports().documents
    }

    /// Sends bytes and answers all that comes until the server ends the connection.
    pub async fn raw(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.at).await.unwrap();
        let _ = stream.write_all(bytes).await;
        all(&mut stream).await
    }

    /// Sends a request with a body of JSON, or none.
    pub async fn ask(&self, method: &str, path: &str, key: &str, body: Option<&str>) -> Answer {
        self.ask_with(method, path, key, "", body).await
    }

    /// The same with more headers, each ended by a line end.
    pub async fn ask_with(
        &self,
        method: &str,
        path: &str,
        key: &str,
        headers: &str,
        body: Option<&str>,
    ) -> Answer {
        let sent = body.unwrap_or_default();
        let kind = match body {
            Some(_) if !headers.contains("content-type") => "content-type: application/json\r\n",
            _ => "",
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\
             authorization: Bearer {key}\r\n{kind}{headers}content-length: {}\r\n\r\n{sent}",
            sent.len()
        );
        Answer::of(&self.raw(request.as_bytes()).await)
    }
}

/// All that comes until the other side ends the connection.
pub async fn all(stream: &mut TcpStream) -> Vec<u8> {
    let mut read = Vec::new();
    let ended = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut read)).await;
    assert!(ended.is_ok(), "the server waits for ever");
    read
}

/// A merchant that so many people have approved.
pub async fn merchant(documents: &dyn Documents, name: &str, originator: &str, approvals: usize) {
    let new = Merchant::submitted(name, originator, Timestamp::UNIX_EPOCH);
    people::merchant(documents, new, approvals).await;
}

pub async fn decide(documents: &dyn Documents, name: &str, to: Standing, by: &str) {
    people::decide(documents, name, to, by, Timestamp::UNIX_EPOCH).await;
}

pub async fn key(documents: &dyn Documents, secret: &str, merchant: Option<&str>) {
    let key = Key::for_all("test", merchant, Timestamp::UNIX_EPOCH);
    merchants::keep(documents, secret, &key).await.unwrap();
}

/// A request for a payment to this account.
pub fn payment(account: &str) -> String {
    format!(
        "{{\"direction\":\"credit\",\"amount_cents\":12345,\"sec\":\"PPD\",\
         \"description\":\"PAYOUT\",\"account\":{account},\"name\":\"RECEIVER\"}}"
    )
}
