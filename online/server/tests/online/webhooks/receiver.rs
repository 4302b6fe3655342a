//! Somebody who receives webhooks, and answers as it is told.

use super::world::PATIENCE;
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A delivery that came.
#[derive(Clone, Debug)]
pub struct Came {
    pub id: String,
    pub timestamp: String,
    pub signature: String,
    pub body: String,
}

impl Came {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// What is written to whoever sent something: a whole answer of HTTP. Nothing is never answering.
type Answer = Arc<dyn Fn(usize, &Came) -> Option<Vec<u8>> + Send + Sync>;

/// Receives.
#[derive(Clone)]
pub struct Receiver {
    pub at: SocketAddr,
    came: Arc<Mutex<Vec<Came>>>,
}

/// An answer without a body.
pub fn answer(status: u16, headers: &str) -> Option<Vec<u8>> {
    let head = format!("HTTP/1.1 {status} X\r\n{headers}content-length: 0\r\n\r\n");
    Some(head.into_bytes())
}

impl Receiver {
    /// One that takes everything.
    pub async fn willing() -> Receiver {
        Receiver::answering(|_, _| answer(204, "")).await
    }

    /// One that answers the `n`th delivery so.
    pub async fn answering(
        how: impl Fn(usize, &Came) -> Option<Vec<u8>> + Send + Sync + 'static,
    ) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Receiver {
            at: listener.local_addr().unwrap(),
            came: Arc::default(),
        };
        let (came, how): (_, Answer) = (Arc::clone(&receiver.came), Arc::new(how));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (came, how) = (Arc::clone(&came), Arc::clone(&how));
                tokio::spawn(async move { serve(stream, &came, &how).await });
            }
        });
        receiver
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}/hooks?from=tieout", self.at)
    }

    /// What came.
    pub fn came(&self) -> Vec<Came> {
        self.came.lock().unwrap().clone()
    }

    /// What came, once it is as many.
    pub async fn at_least(&self, many: usize) -> Vec<Came> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            let came = self.came();
            if came.len() >= many {
                return came;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{} of {many} came", self.came().len());
    }
}

async fn serve(mut stream: TcpStream, came: &Mutex<Vec<Came>>, how: &Answer) {
    let mut read = Vec::new();
    while let Some(one) = request(&mut stream, &mut read).await {
        let number = {
            let mut came = came.lock().unwrap();
            came.push(one.clone());
            came.len()
        };
        match how(number, &one) {
            Some(bytes) => {
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            None => std::future::pending().await,
        }
    }
}

async fn request(stream: &mut TcpStream, read: &mut Vec<u8>) -> Option<Came> {
    loop {
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8(read[..end].to_vec()).unwrap();
            let header = |name: &str| {
                let mut lines = head.lines().filter_map(|line| line.split_once(": "));
                let found = lines.find(|(known, _)| known.eq_ignore_ascii_case(name));
                found.map(|(_, value)| value.to_owned()).unwrap_or_default()
            };
            assert!(
                head.starts_with("POST /hooks?from=tieout HTTP/1.1"),
                "{head}"
            );
            assert_eq!(header("content-type"), "application/json");
            let length: usize = header("content-length").parse().unwrap();
            if read.len() >= end + 4 + length {
                let body = read[end + 4..end + 4 + length].to_vec();
                read.drain(..end + 4 + length);
                return Some(Came {
                    id: header("webhook-id"),
                    timestamp: header("webhook-timestamp"),
                    signature: header("webhook-signature"),
                    body: String::from_utf8(body).unwrap(),
                });
            }
        }
        if stream.read_buf(read).await.ok()? == 0 {
            return None;
        }
    }
}
