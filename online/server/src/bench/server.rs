//! A server of the bench's own: started, measured and ended.

use crate::load::Connection;
use desk::failure::{Failure, Result};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A program that serves as this one does.
#[derive(Clone, Debug)]
pub struct Program {
    /// Where it is.
    pub path: PathBuf,
    /// More arguments for it.
    pub more: Vec<String>,
    /// The process of a database that works for it: what it and its children use counts as well.
    pub beside: Option<u32>,
}

impl Program {
    /// A program that works alone.
    pub const fn new(path: PathBuf) -> Program {
        Program {
            path,
            more: Vec::new(),
            beside: None,
        }
    }
}

/// A server at work.
pub struct Server {
    child: Child,
    beside: Option<u32>,
    /// Where it listens.
    pub at: SocketAddr,
    /// A key to it; empty where it was started without.
    pub key: String,
    /// Milliseconds from its start to its first answer.
    pub first_ms: f64,
    /// The number of the next payment that it is asked for.
    pub next: Arc<AtomicU64>,
}

impl Server {
    /// Starts a server on a folder; `dev` makes the installation and a key.
    pub async fn start(program: &Program, dir: &Path, dev: bool) -> Result<Server> {
        let started = Instant::now();
        let mut command = Command::new(&program.path);
        command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(["--per-second", "1000000"])
            .args(&program.more)
            .args(dev.then_some("--dev"))
            .arg("--dir")
            .arg(dir)
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn().map_err(|e| could_not("the server", &e))?;
        let out = child.stdout.take();
        let out = out.ok_or_else(|| Failure::impossible("the server has a stdout"))?;
        let line = BufReader::new(out).lines().next_line().await;
        let line = line.map_err(|e| could_not("the server", &e))?;
        let said: Value = serde_json::from_str(&line.unwrap_or_default()).unwrap_or_default();
        let at = said["listening"].as_str();
        let at = at.and_then(|url| url.strip_prefix("http://")?.parse().ok());
        let at = at.ok_or_else(|| {
            Failure::could_not("the server did not start")
                .remedy("run tieout-online serve --dev to see why")
        })?;
        answers(at).await?;
        Ok(Server {
            child,
            beside: program.beside,
            at,
            key: said["api_key"].as_str().unwrap_or_default().to_owned(),
            first_ms: (started.elapsed().as_secs_f64() * 10_000.0).round() / 10.0,
            next: Arc::new(AtomicU64::new(1)),
        })
    }

    /// User and system time by now, in ticks of a hundredth of a second.
    pub fn ticks(&self) -> u64 {
        let own = self.child.id().map_or(0, |id| ticks(id, false));
        own + self.beside.map_or(0, |id| {
            let children = children(id).into_iter();
            ticks(id, true) + children.map(|child| ticks(child, false)).sum::<u64>()
        })
    }

    /// The most memory it had at a time.
    pub fn peak_mib(&self) -> Option<u64> {
        self.status("VmHWM:")
    }

    /// The memory it has: of its own, and of files that are mapped.
    pub fn memory(&self) -> Value {
        json!({ "anonymous": self.status("RssAnon:"), "all": self.status("VmRSS:") })
    }

    fn status(&self, name: &str) -> Option<u64> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()?)).ok()?;
        let line = text.lines().find(|line| line.starts_with(name))?;
        let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kib / 1_024)
    }

    /// Tells it to end, and waits until it has.
    pub async fn stop(&mut self) {
        if let Some(id) = self.child.id() {
            // What was accepted is finished; the wait is bounded by the server's own end.
            let mut kill = Command::new("kill");
            let _ = kill.arg(id.to_string()).status().await;
        }
        let _ = self.child.wait().await;
    }
}

async fn answers(at: SocketAddr) -> Result<()> {
    let request = b"GET /health/live HTTP/1.1\r\nhost: bench\r\n\r\n";
    let connection = Connection::open(at).await;
    let mut connection = connection.map_err(|e| could_not("the server", &e))?;
    match connection.send(request, Instant::now()).await.status {
        200 => Ok(()),
        status => Err(could_not("the server", &format!("answered {status}"))),
    }
}

/// The ticks that a process used, with those of the children that it has waited for.
fn ticks(process: u32, with_ended: bool) -> u64 {
    let fields = if with_ended { 4 } else { 2 };
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let rest = text.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let parts = rest.split(' ').skip(11).take(fields);
    parts.filter_map(|part| part.parse::<u64>().ok()).sum()
}

/// The processes whose parent a process is.
fn children(process: u32) -> Vec<u32> {
    let path = format!("/proc/{process}/task/{process}/children");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace()
        .filter_map(|id| id.parse().ok())
        .collect()
}

/// What stands in the way of the bench.
pub(crate) fn could_not(what: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::could_not(format!("{what}: {error}")).remedy("see what stands in the way")
}
