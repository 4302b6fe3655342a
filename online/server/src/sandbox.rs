//! The sandbox of a development server: `tieout sandbox` over the same folder, and a clock that
//! is moved.

use async_trait::async_trait;
use connectors::Clock;
use jiff::{SignedDuration, Timestamp, civil::Date};
use online::sandbox::Sandbox;
use serde_json::Value;
use settlement::ids::PaymentId;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::process::Command;

/// Where the clock's distance from the real one is kept, in seconds.
const FILE: &str = "sandbox-clock";

/// A clock that goes ahead of the real one.
pub struct AheadClock {
    real: Arc<dyn Clock>,
    file: PathBuf,
    ahead: Mutex<SignedDuration>,
}

impl AheadClock {
    /// A clock over the real one, as far ahead as it was before.
    pub fn new(real: Arc<dyn Clock>, dir: &Path) -> AheadClock {
        let file = dir.join(FILE);
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let seconds = text.trim().parse().unwrap_or(0).max(0);
        AheadClock {
            real,
            file,
            ahead: Mutex::new(SignedDuration::from_secs(seconds)),
        }
    }

    fn forward(&self, to: Timestamp) -> Result<(), String> {
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let real = self.real.now();
        let wanted = to.duration_since(real);
        if wanted < *ahead {
            return Err("must be still to come: the clock goes forward only".to_owned());
        }
        let seconds = SignedDuration::from_secs(wanted.as_secs().saturating_add(1));
        let fits = real.checked_add(seconds).is_ok();
        if !fits {
            return Err("is beyond the calendar".to_owned());
        }
        let kept = std::fs::write(&self.file, seconds.as_secs().to_string());
        kept.map_err(|e| format!("the clock could not be kept: {e}"))?;
        *ahead = seconds;
        Ok(())
    }
}

#[async_trait]
impl Clock for AheadClock {
    fn now(&self) -> Timestamp {
        let ahead = *self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let real = self.real.now();
        real.checked_add(ahead).unwrap_or(real) // it was asked before whether it fits
    }

    async fn sleep(&self, duration: Duration) {
        self.real.sleep(duration).await;
    }
}

/// The sandbox over the folder of an installation.
pub struct ChildSandbox {
    /// The command `tieout`.
    pub tieout: PathBuf,
    /// The installation.
    pub dir: PathBuf,
    /// The clock that it moves.
    pub clock: Arc<AheadClock>,
}

impl ChildSandbox {
    /// Runs `tieout` and answers its document; findings of a day are no failure of it.
    async fn run(&self, args: &[&str]) -> Result<Value, String> {
        let mut command = Command::new(&self.tieout);
        command
            .args(args)
            .arg("--json")
            .env("TIEOUT_DATA", format!("file:{}", self.dir.display()))
            .kill_on_drop(true);
        let output = command.output().await;
        let output = output.map_err(|e| format!("tieout could not be started: {e}"))?;
        let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        match output.status.code() {
            Some(0 | 1) => Ok(said),
            _ => {
                let told = &said["error"];
                let what = told["message"].as_str().or(said["message"].as_str());
                Err(what.unwrap_or("tieout could not do it").to_owned())
            }
        }
    }
}

#[async_trait]
impl Sandbox for ChildSandbox {
    async fn day(&self, date: Date) -> Result<Value, String> {
        let date = date.to_string();
        self.run(&["sandbox", "day", "--date", &date]).await
    }

    async fn answer(&self, id: PaymentId, code: &str) -> Result<Value, String> {
        let id = id.to_string();
        self.run(&["sandbox", "answer", &id, "--code", code]).await
    }

    fn forward(&self, to: Timestamp) -> Result<(), String> {
        self.clock.forward(to)
    }
}
