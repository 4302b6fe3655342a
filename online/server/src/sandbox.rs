//! The sandbox of a development server: `tieout sandbox` over the same folder, and a clock that
//! is moved.

use crate::own;
use async_trait::async_trait;
use connectors::Clock;
use jiff::{SignedDuration, Timestamp, civil::Date};
use online::sandbox::{Sandbox, Undone};
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

    fn forward(&self, to: Timestamp) -> Result<(), Undone> {
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let real = self.real.now();
        let wanted = to.duration_since(real);
        if wanted < *ahead {
            let why = "must be still to come: the clock goes forward only";
            return Err(Undone::Refused(why.to_owned()));
        }
        let seconds = SignedDuration::from_secs(wanted.as_secs().saturating_add(1));
        let fits = real.checked_add(seconds).is_ok();
        if !fits {
            return Err(Undone::Refused("is beyond the calendar".to_owned()));
        }
        own::keep(&self.file, &seconds.as_secs().to_string()).map_err(|error| {
            tracing::error!(%error, "the sandbox's clock could not be kept");
            Undone::Unable
        })?;
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
    async fn run(&self, args: &[&str]) -> Result<Value, Undone> {
        let mut command = Command::new(&self.tieout);
        command
            .args(args)
            .arg("--json")
            .env("TIEOUT_DATA", format!("file:{}", self.dir.display()))
            .kill_on_drop(true);
        let output = command.output().await.map_err(|error| {
            tracing::error!(%error, "tieout could not be started");
            Undone::Unable
        })?;
        let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        match (trouble(&said), output.status.code()) {
            (None, Some(0 | 1)) if !said.is_null() => Ok(said),
            (trouble, status) => Err(self.undone(trouble, status)),
        }
    }

    /// Why it was not done, in words that name no place of this machine; the log has all of them.
    fn undone(&self, trouble: Option<&Value>, status: Option<i32>) -> Undone {
        let text = |name: &str| trouble.and_then(|it| it[name].as_str()).unwrap_or_default();
        let (message, remedy) = (text("message"), text("what_to_do"));
        tracing::error!(status, message, remedy, "the sandbox did not do it");
        let own = trouble.and_then(|it| it["status"].as_i64());
        let why = told(message, &self.dir);
        match own.or(status.map(i64::from)) {
            Some(1) => Undone::Stopped(why),
            Some(2) => Undone::Refused(why),
            _ => Undone::Unable,
        }
    }
}

/// What a document says that went wrong: of the command, or at one of several banks.
fn trouble(said: &Value) -> Option<&Value> {
    let of_banks = said["banks"].as_array().into_iter().flatten();
    let all = std::iter::once(said).chain(of_banks);
    all.map(|one| &one["error"]).find(|error| error.is_object())
}

/// A message of the command, without the server's own folder; where another place is named, no
/// message at all.
fn told(message: &str, dir: &Path) -> String {
    let own = |dir: &Path| format!("{}/", dir.display());
    let whole = std::fs::canonicalize(dir).unwrap_or_default();
    let text = message.replace(&own(&whole), "").replace(&own(dir), "");
    let names_a_place = |word: &str| {
        word.trim_start_matches(['"', '\'', '(', '`'])
            .starts_with('/')
    };
    match text.is_empty() || text.split_whitespace().any(names_a_place) {
        true => "it could not be done; the server's log says why".to_owned(),
        false => text,
    }
}

#[async_trait]
impl Sandbox for ChildSandbox {
    async fn day(&self, date: Date) -> Result<Value, Undone> {
        let date = date.to_string();
        self.run(&["sandbox", "day", "--date", &date]).await
    }

    async fn answer(&self, id: PaymentId, code: &str) -> Result<Value, Undone> {
        let id = id.to_string();
        self.run(&["sandbox", "answer", &id, "--code", code]).await
    }

    fn forward(&self, to: Timestamp) -> Result<(), Undone> {
        self.clock.forward(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use connectors_embedded::clock::SystemClock;
    use serde_json::json;
    use std::os::unix::fs::PermissionsExt;

    fn over(dir: &Path, says: &str, status: u8) -> ChildSandbox {
        let tieout = dir.join("tieout");
        std::fs::write(
            &tieout,
            format!("#!/bin/sh\ncat <<'END'\n{says}\nEND\nexit {status}\n"),
        )
        .unwrap();
        std::fs::set_permissions(&tieout, std::fs::Permissions::from_mode(0o700)).unwrap();
        let clock = Arc::new(AheadClock::new(Arc::new(SystemClock), dir));
        ChildSandbox {
            tieout,
            dir: dir.to_path_buf(),
            clock,
        }
    }

    #[tokio::test]
    async fn a_day_that_failed_is_no_day_and_names_no_place_of_the_machine() {
        let dir = tempfile::tempdir().unwrap();
        let date = jiff::civil::date(2026, 11, 27);
        let at = dir.path().display();
        let error = |status, message: String| {
            let error = json!({"status": status, "message": message});
            json!({ "error": error })
        };
        let stopped = |why: &str| Undone::Stopped(why.to_owned());
        let hidden = "it could not be done; the server's log says why";
        let full = error(3, format!("{at}/bank: no space left on device"));
        let banks = json!({"banks": [{"bank": "a", "document": {}},
            {"bank": "b", "status": 1, "error": {"status": 1, "message": "the file stays"}}]});
        for (says, status, undone) in [
            (
                error(1, format!("{at}/out/a.ach: it stays")),
                1,
                stopped("out/a.ach: it stays"),
            ),
            (error(1, "/etc/x: it stays".to_owned()), 1, stopped(hidden)),
            (
                error(2, "no".to_owned()),
                2,
                Undone::Refused("no".to_owned()),
            ),
            (full, 3, Undone::Unable),
            (banks, 1, stopped("the file stays")),
            (Value::Null, 0, Undone::Unable),
        ] {
            let sandbox = over(dir.path(), &says.to_string(), status);
            assert_eq!(sandbox.day(date).await.unwrap_err(), undone, "{says}");
        }
        let found = json!({"date": "2026-11-27", "tallies": []});
        let sandbox = over(dir.path(), &found.to_string(), 1);
        assert_eq!(sandbox.day(date).await.unwrap(), found, "findings are told");
    }

    #[test]
    fn the_clock_is_for_its_owner_alone_and_stays_where_it_cannot_be_kept() {
        let dir = tempfile::tempdir().unwrap();
        let sandbox = over(dir.path(), "", 0);
        let on = |hours| sandbox.clock.now() + SignedDuration::from_hours(hours);
        sandbox.forward(on(24)).unwrap();
        let file = dir.path().join(FILE);
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let kept = std::fs::read(&file).unwrap();
        std::fs::create_dir(dir.path().join("sandbox-clock.new")).unwrap();
        let before = sandbox.clock.now();
        assert_eq!(sandbox.forward(on(48)), Err(Undone::Unable));
        assert!(sandbox.clock.now() < before + SignedDuration::from_mins(1));
        assert_eq!(std::fs::read(&file).unwrap(), kept);
        let again = AheadClock::new(Arc::new(SystemClock), dir.path());
        assert!(again.now() > before - SignedDuration::from_mins(1));
    }
}
