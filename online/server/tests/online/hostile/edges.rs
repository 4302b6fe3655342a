//! The edges of HTTP: slow clients, floods, pipelines, and requests of which two readers would
//! see two.

use super::world::{Answer, KEY, With, World, all};
use online::limits::Limits;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const LIVE: &str = "GET /health/live HTTP/1.1\r\nhost: test\r\n";

fn statuses(bytes: &[u8]) -> Vec<u16> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let parts = text.split("HTTP/1.1 ").skip(1);
    parts
        .filter_map(|part| part.get(..3)?.parse().ok())
        .collect()
}

/// Connects, sends a beginning, and answers after how long the server ended the connection.
async fn ended(world: &World, beginning: &str) -> Duration {
    let mut stream = TcpStream::connect(world.at).await.unwrap();
    stream.write_all(beginning.as_bytes()).await.unwrap();
    let started = Instant::now();
    all(&mut stream).await;
    started.elapsed()
}

#[tokio::test]
async fn who_says_nothing_or_too_slowly_is_not_waited_for() {
    let world = World::new().await;
    let whole = format!("{LIVE}\r\n");
    let dripping = async {
        let mut stream = TcpStream::connect(world.at).await.unwrap();
        let started = Instant::now();
        for byte in format!("{LIVE}x-slow: {}", "a".repeat(200)).bytes() {
            tokio::time::sleep(Duration::from_millis(200)).await;
            if stream.write_all(&[byte]).await.is_err() {
                break;
            }
        }
        started.elapsed()
    };
    let (silent, some, version, head, kept, dripping) = tokio::join!(
        ended(&world, ""),
        ended(&world, "G"),
        ended(&world, "PRI * HTTP/2.0"),
        ended(&world, LIVE),
        ended(&world, &whole),
        dripping,
    );
    for (what, time) in [
        ("nothing", silent),
        ("a byte", some),
        ("half of a preface", version),
        ("half of a head", head),
        ("a request, and then nothing", kept),
        ("a byte at a time", dripping),
    ] {
        let (least, most) = (Duration::from_secs(5), Duration::from_secs(25));
        assert!((least..most).contains(&time), "{what}: {time:?}");
    }
}

#[tokio::test]
async fn a_slow_body_holds_nothing_longer_than_a_request_may_take() {
    let limits = Limits {
        at_a_time: 1,
        request: Duration::from_secs(2),
        ..Limits::default()
    };
    let world = World::with(With {
        limits,
        ..With::default()
    })
    .await;
    let mut slow = TcpStream::connect(world.at).await.unwrap();
    let head = format!(
        "POST /v1/validate HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {KEY}\r\n\
         content-type: application/json\r\ncontent-length: 100\r\n\r\n{{"
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let path = "/v1/payments";
    let busy = world.ask("GET", path, KEY, None).await;
    assert_eq!(
        (busy.status, busy.code().as_str()),
        (503, "overloaded"),
        "one at a time"
    );
    let answer = Answer::of(&all(&mut slow).await);
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(
        world.ask("GET", path, KEY, None).await.status,
        200,
        "the turn is free again"
    );
}

#[tokio::test]
async fn heads_are_bounded() {
    let world = World::new().await;
    let many: String = (0..200).map(|n| format!("x-{n}: a\r\n")).collect();
    let long = format!("x-long: {}\r\n", "a".repeat(100_000));
    let path = format!(
        "GET /{} HTTP/1.1\r\nhost: test\r\n\r\n",
        "a".repeat(100_000)
    );
    for request in [
        format!("{LIVE}{many}\r\n"),
        format!("{LIVE}{long}\r\n"),
        path,
    ] {
        let answer = world.raw(request.as_bytes()).await;
        let found = statuses(&answer);
        assert!(matches!(found[..], [400 | 414 | 431] | []), "{found:?}");
    }
    assert_eq!(
        statuses(
            &world
                .raw(b"\0\x01\x02\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n")
                .await
        ),
        [400]
    );
}

#[tokio::test]
async fn requests_one_behind_the_other_are_each_answered() {
    let world = World::new().await;
    let one = format!("{LIVE}\r\n");
    let last = format!("{LIVE}connection: close\r\n\r\n");
    let all = world
        .raw(format!("{}{last}", one.repeat(50)).as_bytes())
        .await;
    assert_eq!(statuses(&all), [200; 51]);
}

/// What a gateway before us takes for a body is not a request to us, whichever length it believes.
#[tokio::test]
async fn no_request_is_smuggled_in_another() {
    let world = World::new().await;
    let hidden =
        format!("GET /v1/payments HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {KEY}\r\n\r\n");
    let head = "POST /v1/validate HTTP/1.1\r\nhost: test\r\nauthorization: Bearer tk_live_x\r\n";
    let length = hidden.len() + 5;
    for framing in [
        format!("content-length: {length}\r\ntransfer-encoding: chunked\r\n"),
        format!("transfer-encoding: chunked\r\ncontent-length: {length}\r\n"),
        format!("content-length: 5\r\ncontent-length: {length}\r\n"),
        "content-length: 5, 6\r\n".to_owned(),
        "content-length: +5\r\n".to_owned(),
        "content-length: 0x5\r\n".to_owned(),
        "transfer-encoding: chunked, identity\r\n".to_owned(),
        "transfer-encoding: xchunked\r\n".to_owned(),
        "transfer-encoding : chunked\r\n".to_owned(),
        "transfer-encoding:\x0bchunked\r\n".to_owned(),
        "x: y\r\n transfer-encoding: chunked\r\n".to_owned(),
    ] {
        let request = format!("{head}{framing}\r\n0\r\n\r\n{hidden}");
        let found = statuses(&world.raw(request.as_bytes()).await);
        assert!(found.len() <= 1, "{framing:?}: {found:?}");
        assert!(!found.contains(&200), "{framing:?}: {found:?}");
    }
    // With one framing that everybody reads alike, the second one is a request of its own.
    let honest = format!("{head}content-length: 5\r\n\r\n0\r\n\r\n{hidden}");
    let mut stream = TcpStream::connect(world.at).await.unwrap();
    stream.write_all(honest.as_bytes()).await.unwrap();
    let mut read = vec![0; 64 << 10];
    let mut found = Vec::new();
    while statuses(&found).len() < 2 {
        let count = stream.read(&mut read).await.unwrap();
        assert!(count > 0, "{:?}", statuses(&found));
        found.extend_from_slice(&read[..count]);
    }
    assert_eq!(statuses(&found), [401, 200]);
}
