//! Endpoints that mean no good.

use super::receiver::Receiver;
use super::world::{World, pay};
use async_trait::async_trait;
use bytes::Bytes;
use online::webhooks::sender::{KEPT_BYTES, Outgoing, PATIENCE, Sender, Unsent};
use serde_json::{Value, json};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tieout_online::outbound::{Outbound, Resolver};
use tokio_rustls::rustls::RootCertStore;

/// A resolver that says another thing each time it is asked.
pub struct Rebinding {
    answers: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

#[async_trait]
impl Resolver for Rebinding {
    async fn resolve(&self, _: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = &self.answers[asked % self.answers.len()];
        Ok(answer.iter().map(|ip| SocketAddr::new(*ip, port)).collect())
    }
}

impl Rebinding {
    /// One that gives these answers in turn.
    pub fn new(answers: &[&[&str]]) -> Rebinding {
        let ip = |text: &&str| text.parse().unwrap();
        let answers = answers.iter().map(|all| all.iter().map(ip).collect());
        Rebinding {
            answers: answers.collect(),
            asked: AtomicUsize::new(0),
        }
    }
}

fn outbound(answers: &[&[&str]], local: bool) -> (Arc<Rebinding>, Outbound) {
    let resolver = Arc::new(Rebinding::new(answers));
    let given: Arc<dyn Resolver> = resolver.clone();
    (
        resolver,
        Outbound::with(given, RootCertStore::empty(), local),
    )
}

/// A request to this place.
pub fn to(url: &str) -> Outgoing {
    Outgoing {
        url: url.parse().unwrap(),
        headers: [
            ("content-type", "application/json".to_owned()),
            ("webhook-id", "a".to_owned()),
            ("webhook-timestamp", "1".to_owned()),
            ("webhook-signature", "v1,a".to_owned()),
        ],
        body: Bytes::from_static(b"{}"),
    }
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_before_anything_is_sent() {
    for inside in [
        "127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "::1",
        "::ffff:169.254.169.254",
        "fd00:ec2::254",
        "fe80::1",
    ] {
        let (_, outbound) = outbound(&[&[inside]], false);
        let sent = outbound.send(to("https://hooks.example.com/in")).await;
        assert_eq!(sent, Err(Unsent::Refused), "{inside}");
    }
    // One good address does not make the other good.
    let (_, outbound) = outbound(&[&["93.184.215.14", "10.0.0.1"]], false);
    let sent = outbound.send(to("https://hooks.example.com/in")).await;
    assert_eq!(sent, Err(Unsent::Refused));
}

#[tokio::test]
async fn without_the_flag_nothing_goes_out_unencrypted() {
    let (resolver, outbound) = outbound(&[&["93.184.215.14"]], false);
    let sent = outbound.send(to("http://hooks.example.com/in")).await;
    assert_eq!(sent, Err(Unsent::Refused));
    assert_eq!(resolver.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_address_that_was_looked_at_is_the_one_that_is_connected_to() {
    let receiver = Receiver::willing().await;
    let url = format!(
        "http://hooks.example.com:{}/hooks?from=tieout",
        receiver.at.port()
    );
    let (resolver, outbound) = outbound(&[&["127.0.0.1"], &["169.254.169.254"]], true);
    let sent = outbound.send(to(&url)).await.unwrap();
    assert_eq!(sent.status, 204);
    // A second look would have led elsewhere: there was none, and none for a kept connection.
    assert_eq!(resolver.asked.load(Ordering::SeqCst), 1);
    assert_eq!(outbound.send(to(&url)).await.unwrap().status, 204);
    assert_eq!(resolver.asked.load(Ordering::SeqCst), 1);
    // A new connection looks anew, and finds that the name has moved inside.
    let other = url.replace("hooks.example.com", "other.example.com");
    assert_eq!(outbound.send(to(&other)).await, Err(Unsent::Refused));
    assert_eq!(receiver.came().len(), 2);
}

#[tokio::test]
async fn a_redirect_to_the_metadata_of_a_cloud_is_an_answer_and_no_more() {
    let receiver = Receiver::answering(|_, _| {
        let head = "HTTP/1.1 307 X\r\nlocation: http://169.254.169.254/latest\r\n";
        Some(format!("{head}content-length: 0\r\n\r\n").into_bytes())
    })
    .await;
    let (resolver, outbound) = outbound(&[&["127.0.0.1"]], true);
    let sent = outbound.send(to(&receiver.url())).await.unwrap();
    assert_eq!(sent.status, 307);
    assert_eq!(
        (receiver.came().len(), resolver.asked.load(Ordering::SeqCst)),
        (1, 1)
    );
}

#[tokio::test]
async fn an_answer_without_end_is_read_no_further_than_it_is_kept() {
    let receiver = Receiver::answering(|_, _| {
        let mut answer = b"HTTP/1.1 500 X\r\ncontent-length: 9999999999\r\n\r\n".to_vec();
        answer.extend(vec![b'x'; 4 << 20]);
        Some(answer)
    })
    .await;
    let (_, outbound) = outbound(&[&["127.0.0.1"]], true);
    let started = Instant::now();
    let sent = outbound.send(to(&receiver.url())).await.unwrap();
    assert_eq!((sent.status, sent.beginning.len()), (500, KEPT_BYTES));
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn what_is_no_answer_is_none() {
    for bytes in [
        &b"SSH-2.0-OpenSSH\r\n"[..],
        b"HTTP/1.1 999999 X\r\n\r\n",
        b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\r\n\r\n",
    ] {
        let receiver = Receiver::answering(move |_, _| Some(bytes.to_vec())).await;
        let (_, outbound) = outbound(&[&["127.0.0.1"]], true);
        let sent = outbound.send(to(&receiver.url())).await;
        assert_eq!(sent, Err(Unsent::Broken));
    }
    // A head without end.
    let receiver = Receiver::answering(|_, _| {
        let line = format!("x: {}\r\n", "y".repeat(100)).repeat(10_000);
        Some(format!("HTTP/1.1 200 X\r\n{line}").into_bytes())
    })
    .await;
    let (_, outbound) = outbound(&[&["127.0.0.1"]], true);
    assert_eq!(
        outbound.send(to(&receiver.url())).await,
        Err(Unsent::Broken)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_never_answers_delays_nobody_else() {
    let world = World::new().await;
    world.sends();
    let (never, good) = (
        Receiver::answering(|_, _| None).await,
        Receiver::willing().await,
    );
    let slow = world.hook("demo", &never.url()).await;
    world.hook("demo", &good.url()).await;
    let started = Instant::now();
    for number in 0..50 {
        pay(&world.app, "demo", number).await;
    }
    good.at_least(50).await;
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    assert!(never.came().len() <= 8, "no more than its own connections");
    let fault = |one: &Value| one["attempts"][0]["fault"] == json!("too_slow");
    let found = world.delivery("demo", &slow, fault).await;
    let took = found["attempts"][0]["ms"].as_u64().unwrap();
    assert!((15_000..17_000).contains(&took), "{took}");
}
