//! The one process of an installation that sends: it holds a lease, and runs a task for each
//! endpoint.
//!
//! Two servers over one store would each send everything. A lease that is renewed keeps it at one;
//! where its holder was stopped in the middle, both may send for a moment, and what they then keep
//! is kept once, because each write names the version it has seen.

use super::endpoints::{self, Endpoint, Standing};
use super::pump::Pump;
use super::sender::Sender;
use super::sweep;
use crate::app::App;
use crate::events::expand::Whose;
use crate::kept::{self, Seen};
use crate::wire::problem::{Problem, Result};
use aws_lc_rs::rand;
use desk::merchants::{self, Merchant};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// Where the lease is.
const RUNNER: &str = "webhook-runner";
const LEASE: &str = "lease";

/// For how long a lease is good: after a kill, nothing is sent for as long.
const GOOD: SignedDuration = SignedDuration::from_secs(6);

/// How long before its end a lease is renewed: a store that does not answer for a while costs none.
const RENEWED: SignedDuration = SignedDuration::from_secs(4);

/// How often endpoints are looked at where nobody here has changed one.
const PAUSE: Duration = Duration::from_secs(1);

/// Who sends, and until when nobody else does.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lease {
    owner: String,
    until: Timestamp,
}

/// A task, and the version of the endpoint that it knows.
struct Running {
    version: u64,
    task: JoinHandle<Result<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What runs here.
struct Runner {
    app: Arc<App>,
    sender: Arc<dyn Sender>,
    owner: String,
    /// The version of the lease, and until when it is ours.
    lease: Option<(u64, Timestamp)>,
    running: BTreeMap<String, Running>,
}

/// Sends the events of an installation to its endpoints until the server is about to end.
pub async fn run(app: Arc<App>, sender: Arc<dyn Sender>) {
    let mut runner = Runner {
        owner: drawn(),
        lease: None,
        running: BTreeMap::new(),
        app: Arc::clone(&app),
        sender,
    };
    while !app.hooks.is_ending() {
        let now = app.wall();
        if let Err(problem) = runner.turn(now).await {
            tracing::warn!(code = problem.code, "webhooks wait for the store");
            // A lease that could not be renewed is somebody else's from its end on.
            if runner.lease.is_none_or(|(_, until)| until <= app.wall()) {
                runner.lose();
            }
        }
        let changed = app.hooks.changed.notified();
        let _ = tokio::time::timeout(PAUSE, changed).await;
    }
    runner.give_back().await;
}

/// A name for this process.
fn drawn() -> String {
    let mut chance = [0; 16];
    // Two that have none are told apart by the version of the lease.
    let _ = rand::fill(&mut chance);
    chance.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Runner {
    async fn turn(&mut self, now: Timestamp) -> Result<()> {
        let documents = &*self.app.ports().documents;
        let mut all = endpoints::all(documents, "", true).await?;
        // Where there is no endpoint nobody keeps a lease, which costs a write now and then.
        if all.is_empty() || !self.holds(now).await? {
            self.lose();
            return Ok(());
        }
        all.truncate(endpoints::MOST);
        let names: BTreeSet<String> = all.iter().map(|one| one.name.clone()).collect();
        self.running.retain(|name, _| names.contains(name));
        for endpoint in all {
            let id = endpoint.value.id.clone();
            // One that cannot be begun delays nobody else; the next turn tries again.
            if let Err(problem) = self.one(endpoint, now).await {
                let code = problem.code;
                tracing::warn!(code, webhook = id, "a webhook cannot be begun");
            }
        }
        Ok(())
    }

    /// Sees to it that an endpoint has the task that it should have.
    async fn one(&mut self, endpoint: Seen<Endpoint>, now: Timestamp) -> Result<()> {
        let name = endpoint.name.clone();
        let known = self.running.get(&name);
        if known.is_some_and(|one| one.version == endpoint.version && !one.task.is_finished()) {
            return Ok(());
        }
        // The task before is over before another begins: both would write the same.
        if let Some(mut before) = self.running.remove(&name) {
            before.task.abort();
            if let Ok(Err(problem)) = (&mut before.task).await {
                let code = problem.code;
                tracing::warn!(code, webhook = name, "a webhook's task begins anew");
            }
        }
        match endpoint.value.standing {
            Standing::Disabled => return Ok(()),
            Standing::Removed => return sweep::removed(&self.app, &endpoint, now).await,
            Standing::Enabled => {}
        }
        let Some(whose) = self.whose(&endpoint.value).await? else {
            return Ok(());
        };
        let version = endpoint.version;
        let (app, sender) = (Arc::clone(&self.app), Arc::clone(&self.sender));
        let pump = Pump::open(app, endpoint, whose, sender).await?;
        let task = tokio::spawn(pump.run());
        self.running.insert(name, Running { version, task });
        Ok(())
    }

    /// Whose events an endpoint gets: its merchant's, and all where it is the operator's.
    async fn whose(&self, endpoint: &Endpoint) -> Result<Option<Whose>> {
        let types = endpoint.types.clone();
        let Some(name) = &endpoint.merchant else {
            return Ok(Some(Whose::of(None, types)));
        };
        let found = merchants::merchant(&*self.app.ports().documents, name).await?;
        let merchant: Option<Merchant> = found.map(|seen| seen.value);
        Ok(merchant.map(|merchant| Whose::of(Some(&merchant), types)))
    }

    /// Whether it is this process that sends: takes the lease where nobody has it, renews its own.
    async fn holds(&mut self, now: Timestamp) -> Result<bool> {
        let soon = now.checked_add(RENEWED).unwrap_or(now);
        if self.lease.is_some_and(|(_, until)| until > soon) {
            return Ok(true);
        }
        let documents = &*self.app.ports().documents;
        let seen: Option<Seen<Lease>> = kept::get(documents, RUNNER, LEASE).await?;
        let is_free = |lease: &Lease| lease.owner == self.owner || lease.until <= now;
        if seen.as_ref().is_some_and(|seen| !is_free(&seen.value)) {
            return Ok(false);
        }
        let lease = Lease {
            owner: self.owner.clone(),
            until: now.checked_add(GOOD).unwrap_or(now),
        };
        let version = seen.map_or(0, |seen| seen.version);
        match kept::put(documents, RUNNER, LEASE, version, &lease).await {
            Ok(version) => {
                self.lease = Some((version, lease.until));
                Ok(true)
            }
            Err(Problem {
                code: "changed-meanwhile",
                ..
            }) => Ok(false),
            Err(problem) => Err(problem),
        }
    }

    fn lose(&mut self) {
        self.lease = None;
        self.running.clear();
    }

    /// Lets the next process send at once.
    async fn give_back(&mut self) {
        self.running.clear();
        let Some((version, _)) = self.lease.take() else {
            return;
        };
        let lease = Lease {
            owner: self.owner.clone(),
            until: Timestamp::MIN,
        };
        let documents = &*self.app.ports().documents;
        // Where this fails the lease ends by itself.
        let _ = kept::put(documents, RUNNER, LEASE, version, &lease).await;
    }
}
