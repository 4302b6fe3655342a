//! A real process that is ended under load, well or badly: what it answered is there afterwards.

use crate::process::{SECRET, installation, opened, served};
use connectors::Index;
use desk::config::Config;
use desk::installation::{Installation, Step};
use desk::{Desk, identity};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;

/// Clients at a time.
const CLIENTS: usize = 16;

/// How often a process is killed.
const KILLS: usize = 5;

/// For how long a process is under load before it is ended.
const UNDER_LOAD: Duration = Duration::from_millis(700);

/// What one client got: of each key the id that it was answered.
type Answered = BTreeMap<String, String>;

/// Asks for payments on one connection until it ends; each key twice in a row.
async fn client(at: SocketAddr, next: Arc<AtomicU64>) -> (Answered, usize) {
    let (mut answered, mut cut_off) = (Answered::new(), 0);
    let Ok(stream) = TcpStream::connect(at).await else {
        return (answered, cut_off);
    };
    let mut stream = BufReader::new(stream);
    loop {
        let number = next.fetch_add(1, Ordering::SeqCst);
        for _ in 0..2 {
            let key = format!("key-{number}");
            match ask(&mut stream, &key).await {
                None => {
                    cut_off += 1;
                    return (answered, cut_off);
                }
                Some((201, body)) => {
                    let id = body["id"].as_str().unwrap().to_owned();
                    let before = answered.insert(key, id.clone());
                    assert!(before.is_none_or(|before| before == id));
                }
                Some((status, body)) => assert_eq!(status, 503, "{body}"),
            }
        }
    }
}

/// Status and body; none where the connection ended before the whole answer.
async fn ask(stream: &mut BufReader<TcpStream>, key: &str) -> Option<(u16, Value)> {
    let body = format!(
        "{{\"direction\":\"credit\",\"amount_cents\":1250,\"sec\":\"PPD\",\
         \"description\":\"PAYOUT\",\
         \"account\":{{\"routing\":\"091000019\",\"number\":\"123456789\",\"kind\":\"checking\"}},\
         \"name\":\"RECEIVER ONE\",\"reference\":\"{key}\"}}"
    );
    let request = format!(
        "POST /v1/payments HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {SECRET}\r\n\
         content-type: application/json\r\nidempotency-key: {key}\r\ncontent-length: {}\r\n\r\n\
         {body}",
        body.len()
    );
    stream.get_mut().write_all(request.as_bytes()).await.ok()?;
    let (mut line, mut status, mut length) = (String::new(), 0, 0);
    loop {
        line.clear();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        if let Some(rest) = line.strip_prefix("HTTP/1.1 ") {
            status = rest[..3].parse().unwrap();
        } else if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        } else if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some((status, serde_json::from_slice(&body).unwrap()))
}

/// Loads a server, ends it by `signal` meanwhile, and answers what was answered by then.
async fn ended(dir: &Path, next: &Arc<AtomicU64>, signal: &str) -> Answered {
    let (mut child, at) = served(dir, &[]).await;
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| tokio::spawn(client(at, Arc::clone(next))))
        .collect();
    tokio::time::sleep(UNDER_LOAD).await;
    let id = child.id().unwrap().to_string();
    let told = Command::new("kill").args([signal, &id]).status().await;
    assert!(told.unwrap().success());
    let status = child.wait().await.unwrap();
    assert_eq!(status.success(), signal == "-TERM", "{status}");
    let mut answered = Answered::new();
    for client in clients {
        answered.extend(client.await.unwrap().0);
    }
    assert!(!answered.is_empty(), "it was under load");
    answered
}

/// Everything that was answered is there once, and nothing is there twice.
async fn all_are_there(dir: &Path, answered: &Answered) {
    let (home, _) = opened(dir, false);
    let page = home
        .payments
        .page(Index::All, None, 1_000_000)
        .await
        .unwrap();
    let mut kept = BTreeMap::new();
    for payment in page {
        let key = payment.reference.clone().unwrap();
        let twice = kept.insert(key, payment.id.to_string());
        assert_eq!(twice, None, "a key made two payments");
    }
    for (key, id) in answered {
        assert_eq!(kept.get(key), Some(id), "{key}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_before_a_kill_is_there_after_it_every_time() {
    let dir = tempfile::tempdir().unwrap();
    installation(dir.path()).await;
    let next = Arc::new(AtomicU64::new(0));
    let mut answered = Answered::new();
    for _ in 0..KILLS {
        answered.extend(ended(dir.path(), &next, "-KILL").await);
        all_are_there(dir.path(), &answered).await;
        // The next clients begin with keys whose answers may have been lost.
        let again = next
            .load(Ordering::SeqCst)
            .saturating_sub(2 * CLIENTS as u64);
        next.store(again, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_told_to_end_answers_what_it_took() {
    let dir = tempfile::tempdir().unwrap();
    installation(dir.path()).await;
    let next = Arc::new(AtomicU64::new(0));
    let answered = ended(dir.path(), &next, "-TERM").await;
    all_are_there(dir.path(), &answered).await;
    // Whatever it made, it answered: no client was left with a payment that it does not know.
    let (home, _) = opened(dir.path(), false);
    let page = home
        .payments
        .page(Index::All, None, 1_000_000)
        .await
        .unwrap();
    let made: BTreeSet<String> = page.iter().map(|payment| payment.id.to_string()).collect();
    let known: BTreeSet<String> = answered.into_values().collect();
    assert_eq!(made, known);
}

/// Serves an installation, which is refused; answers the exit status and what was said.
async fn refused(dir: &Path) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tieout-online"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--dir"]);
    let ended = tokio::time::timeout(Duration::from_secs(20), command.arg(dir).output());
    let ended = ended.await.expect("it ends").unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    (ended.status.code(), said)
}

#[tokio::test]
async fn an_installation_that_is_not_this_programs_is_not_served() {
    let dir = tempfile::tempdir().unwrap();
    installation(dir.path()).await;
    let record = dir.path().join("objects/installation.json");
    let name = desk::names::installation();
    let kept = std::fs::read(&record).unwrap();
    let (was, _) = desk::records::from_bytes::<Installation>(&name, &kept).unwrap();
    for (form, word) in [(2, "tieout upgrade"), (4, "newer tieout")] {
        let other = Installation {
            form,
            ..was.clone()
        };
        let body = desk::records::to_bytes(&name, &other).unwrap();
        std::fs::write(&record, body).unwrap();
        let (status, said) = refused(dir.path()).await;
        assert_eq!(status, Some(2), "{said}");
        assert!(said.contains(word), "{said}");
    }
    std::fs::write(&record, &kept).unwrap();
    // A store that was emptied: what was paid would be paid again.
    let sent = dir.path().join("objects/deliveries/date=2026-11-24");
    std::fs::create_dir_all(&sent).unwrap();
    std::fs::write(sent.join("A.ach.json"), "{}").unwrap();
    let (status, said) = refused(dir.path()).await;
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("no payment at all"), "{said}");
    std::fs::remove_file(sent.join("A.ach.json")).unwrap();
    // The vault of another installation.
    let other = tempfile::tempdir().unwrap();
    let (home, _) = opened(other.path(), true);
    let theirs = Desk::over(home, Config::read(None).unwrap());
    identity::begin(&theirs, Step::Made, "1".repeat(32))
        .await
        .unwrap();
    drop(theirs);
    let (ours, their) = (dir.path().join("vault"), other.path().join("vault"));
    std::fs::remove_dir_all(&ours).unwrap();
    std::fs::rename(their, ours).unwrap();
    let (status, said) = refused(dir.path()).await;
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("two installations are mixed"), "{said}");
}
