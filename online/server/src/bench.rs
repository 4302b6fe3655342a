//! `tieout-online bench`: a server of its own under load, and how fast it answered.
//!
//! The server is a process of its own; the load comes from this one, on the same machine. Every
//! payment is durable before its answer. With a rate, requests are due whether or not those before
//! are answered, and are timed from when they were due: a server that falls behind is seen.

use crate::arguments::Bench;
use crate::load::{Connection, Sent};
use desk::failure::{Failure, Result};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Runs the bench and prints what it found.
///
/// # Errors
/// Where the server cannot be started, or does not answer.
pub async fn bench(asked: Bench) -> Result<()> {
    let own = tempfile::tempdir().map_err(|e| could_not("a temporary folder", &e))?;
    let dir = asked
        .dir
        .clone()
        .unwrap_or_else(|| own.path().join("bench"));
    let started = Instant::now();
    let mut server = server(&dir).await?;
    let first = first_answer(server.at, started).await?;
    let load = load(&asked, server.at, &server.key).await;
    let used = Used::of(&server.child);
    stop(&mut server.child).await;
    let found = found(&load, &used, first);
    match asked.json {
        true => println!("{found}"),
        false => println!("{}", text(&found)),
    }
    Ok(())
}

fn could_not(what: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::could_not(format!("{what}: {error}")).remedy("see what stands in the way")
}

struct Server {
    child: Child,
    at: SocketAddr,
    key: String,
}

/// Starts a server on a folder of its own.
async fn server(dir: &Path) -> Result<Server> {
    let own = std::env::current_exe().map_err(|e| could_not("this program", &e))?;
    let mut child = Command::new(own)
        .args(["serve", "--dev", "--listen", "127.0.0.1:0"])
        .args(["--per-second", "1000000", "--dir"])
        .arg(dir)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|e| could_not("the server", &e))?;
    let out = child.stdout.take();
    let out = out.ok_or_else(|| Failure::impossible("the server has a stdout"))?;
    let line = BufReader::new(out).lines().next_line().await;
    let line = line
        .map_err(|e| could_not("the server", &e))?
        .unwrap_or_default();
    let said: Value = serde_json::from_str(&line).unwrap_or_default();
    let at = said["listening"]
        .as_str()
        .and_then(|url| url.strip_prefix("http://"));
    let (at, key) = (at.and_then(|at| at.parse().ok()), said["api_key"].as_str());
    match (at, key) {
        (Some(at), Some(key)) => Ok(Server {
            child,
            at,
            key: key.to_owned(),
        }),
        _ => Err(Failure::could_not("the server did not start")
            .remedy("run tieout-online serve --dev to see why")),
    }
}

/// How long after its start the server first answered; what makes an installation is in it.
async fn first_answer(at: SocketAddr, started: Instant) -> Result<Duration> {
    let request = b"GET /health/live HTTP/1.1\r\nhost: bench\r\n\r\n";
    let mut connection = Connection::open(at)
        .await
        .map_err(|e| could_not("the server", &e))?;
    match connection.send(request, Instant::now()).await.status {
        200 => Ok(started.elapsed()),
        status => Err(could_not("the server", &format!("answered {status}"))),
    }
}

/// The load: what became of each request, and how long it all took.
struct Load {
    sent: Vec<Sent>,
    took: Duration,
    rate: Option<u32>,
}

async fn load(asked: &Bench, at: SocketAddr, key: &str) -> Load {
    let next = Arc::new(AtomicU64::new(0));
    let length = Duration::from_secs(asked.seconds.into());
    let start = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..asked.connections.max(1) {
        let (next, key, rate) = (Arc::clone(&next), key.to_owned(), asked.rate);
        tasks.push(tokio::spawn(async move {
            one(at, &key, rate, &next, start, length).await
        }));
    }
    let mut sent = Vec::new();
    for task in tasks {
        sent.extend(task.await.unwrap_or_default());
    }
    Load {
        sent,
        took: start.elapsed(),
        rate: asked.rate,
    }
}

/// Sends what is due on one connection until the time is over.
async fn one(
    at: SocketAddr,
    key: &str,
    rate: Option<u32>,
    next: &AtomicU64,
    start: Instant,
    length: Duration,
) -> Vec<Sent> {
    let mut sent = Vec::new();
    let Ok(mut connection) = Connection::open(at).await else {
        return sent;
    };
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let due = match rate {
            Some(rate) => {
                let micros = number.saturating_mul(1_000_000) / u64::from(rate.max(1));
                start + Duration::from_micros(micros)
            }
            None => Instant::now(),
        };
        if due.saturating_duration_since(start) >= length {
            return sent;
        }
        tokio::time::sleep_until(due.into()).await;
        let one = connection.send(&request(key, number), due).await;
        sent.push(one);
        if one.status == 0 {
            match Connection::open(at).await {
                Ok(again) => connection = again,
                Err(_) => return sent,
            }
        }
    }
}

/// A request for the `number`-th payment, of a receiver of its own.
fn request(key: &str, number: u64) -> Vec<u8> {
    let cents = 100 + number % 90_000;
    let body = format!(
        "{{\"direction\":\"credit\",\"amount_cents\":{cents},\"sec\":\"PPD\",\
         \"description\":\"PAYOUT\",\"account\":{{\"routing\":\"091000019\",\
         \"number\":\"{:09}\",\"kind\":\"checking\"}},\"name\":\"RECEIVER {number}\",\
         \"reference\":\"bench-{number}\"}}",
        number % 1_000_000
    );
    format!(
        "POST /v1/payments HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\nidempotency-key: bench-{number}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

async fn stop(child: &mut Child) {
    if let Some(id) = child.id() {
        // What was accepted is finished; the wait is bounded by the server's own end.
        let mut kill = Command::new("kill");
        let _ = kill.arg(id.to_string()).status().await;
    }
    let _ = child.wait().await;
}

/// What the server used.
struct Used {
    /// The most memory it had at a time, in kilobytes.
    peak_kib: Option<u64>,
    /// User and system time, in ticks of a hundredth of a second.
    ticks: Option<u64>,
}

impl Used {
    fn of(child: &Child) -> Used {
        let read = |what: &str| {
            let id = child.id()?;
            std::fs::read_to_string(format!("/proc/{id}/{what}")).ok()
        };
        let peak = read("status").and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
            line.split_whitespace().nth(1)?.parse().ok()
        });
        let ticks = read("stat").and_then(|text| {
            let (_, rest) = text.rsplit_once(") ")?;
            let mut parts = rest.split(' ').skip(11);
            let user: u64 = parts.next()?.parse().ok()?;
            let system: u64 = parts.next()?.parse().ok()?;
            Some(user + system)
        });
        Used {
            peak_kib: peak,
            ticks,
        }
    }
}

fn found(load: &Load, used: &Used, first: Duration) -> Value {
    let of = |wanted: fn(u16) -> bool| {
        let mut all: Vec<u64> = load
            .sent
            .iter()
            .filter(|one| wanted(one.status))
            .map(|one| u64::try_from(one.took.as_micros()).unwrap_or(u64::MAX))
            .collect();
        all.sort_unstable();
        all
    };
    let accepted = of(|status| status == 201);
    let refused = of(|status| matches!(status, 429 | 503)).len();
    let errors = load.sent.len() - accepted.len() - refused;
    let part = |thousandths: usize| {
        let at = (accepted.len() * thousandths / 1_000).min(accepted.len().saturating_sub(1));
        accepted.get(at).copied()
    };
    let seconds = load.took.as_secs_f64();
    let cpu = used
        .ticks
        .map(|ticks| ticks as f64 * 10_000.0 / accepted.len().max(1) as f64);
    json!({
        "asked_per_second": load.rate,
        "accepted": accepted.len(),
        "accepted_per_second": (accepted.len() as f64 / seconds).round(),
        "refused": refused,
        "errors": errors,
        "seconds": seconds,
        "p50_micros": part(500),
        "p95_micros": part(950),
        "p99_micros": part(990),
        "p999_micros": part(999),
        "max_micros": accepted.last(),
        "server_cpu_micros_per_payment": cpu.map(f64::round),
        "server_peak_mib": used.peak_kib.map(|kib| kib / 1_024),
        "first_answer_ms": u64::try_from(first.as_millis()).unwrap_or(u64::MAX),
    })
}

fn text(found: &Value) -> String {
    let lines = found.as_object().into_iter().flatten();
    let lines = lines.map(|(name, value)| format!("{name:32} {value}"));
    lines.collect::<Vec<_>>().join("\n")
}
