//! How risk is judged: by files of rules, a model, a blocklist and a database of addresses, which
//! are read anew when they change.
//!
//! They are looked at every few seconds. What has changed and then rested for one look is read; all
//! of it together takes the place of what was before, or, where one of them is wrong, none does, an
//! error says so, and what was right goes on judging. Which versions judged stands with each
//! payment. Write beside a file and rename: a file that is half written and rests is read as it is.

use connectors::{GeoReader, given};
use connectors_geo::Mmdb;
use desk::failure::{Failure, Result};
use online::App;
use online::events::known::end_of;
use online::risk::{Judging, Risk};
use settlement::archive::sha256;
use settlement::foreign;
use settlement::risk::blocklist::Blocklist;
use settlement::risk::judge::Judge;
use settlement::risk::model::Model;
use settlement::risk::rules::RuleSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The largest file of rules or of a model.
const FILE_BYTES: u64 = 4 << 20;

/// The largest blocklist: as many names as one may have.
const BLOCKLIST_BYTES: u64 = 64 << 20;

/// How often the files are looked at, and the feed for what came back.
pub const LOOK: Duration = Duration::from_secs(2);

/// Letters of a hash by which a blocklist is told from others, as of rules and models.
const HASH_LETTERS: usize = 12;

/// The files by which risk is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// The rules.
    pub rules: PathBuf,
    /// The model beside them.
    pub model: Option<PathBuf>,
    /// Who is on the blocklist.
    pub blocklist: Option<PathBuf>,
    /// Where addresses are.
    pub geo: Option<PathBuf>,
}

/// How a file stands: another one, or another content, stands otherwise.
type Stand = Option<(u64, u64, i64, i64)>;

impl Files {
    /// What judges by these files.
    ///
    /// # Errors
    /// Exit status 2 where one is none of them.
    pub fn read(&self) -> Result<Judging> {
        let wrong = |path: &Path, why: &dyn std::fmt::Display| {
            let path = foreign::path(path);
            let remedy = "tieout risk rules checks a file of rules";
            Failure::usage(format!("{path}: {why}")).remedy(remedy)
        };
        let read = |path: &Path, most| given::text(path, most).map_err(|e| wrong(path, &e));
        let rules = read(&self.rules, FILE_BYTES)?;
        let rules = RuleSet::parse(&rules).map_err(|e| wrong(&self.rules, &e))?;
        let model = self.model.as_deref().map(|path| {
            let text = read(path, FILE_BYTES)?;
            Model::parse(&text).map_err(|e| wrong(path, &e))
        });
        let blocked = self.blocklist.as_deref().map(|path| {
            let text = read(path, BLOCKLIST_BYTES)?;
            let list = Blocklist::parse(&text).map_err(|e| wrong(path, &e))?;
            let mut hash = sha256(text.as_bytes()).to_string();
            hash.truncate(HASH_LETTERS);
            Result::Ok((list, hash))
        });
        let geo = self.geo.as_deref().map(|path| {
            let opened = Mmdb::open(path).map_err(|e| wrong(path, &e))?;
            Result::Ok(Arc::new(opened) as Arc<dyn GeoReader>)
        });
        Ok(Judging {
            scorer: Arc::new(Judge::new(rules, model.transpose()?)),
            blocked: blocked.transpose()?.unwrap_or_default(),
            geo: geo.transpose()?,
        })
    }

    /// How the files stand now; a file that cannot be looked at stands nowhere.
    fn stand(&self) -> Vec<Stand> {
        let others = [&self.model, &self.blocklist, &self.geo];
        let all = [Some(&self.rules)].into_iter();
        let all = all.chain(others.into_iter().map(Option::as_ref)).flatten();
        all.map(|path| {
            let meta = std::fs::metadata(path).ok()?;
            Some((meta.ino(), meta.len(), meta.mtime(), meta.mtime_nsec()))
        })
        .collect()
    }
}

/// Judges by these files from now on, and remembers what was asked for before.
///
/// # Errors
/// Where a file is wrong, or the store does not answer.
pub async fn begin(app: &Arc<App>, files: Files) -> Result<()> {
    let stands = files.stand();
    let risk = Risk::with(files.read()?);
    let store = &*app.ports().payments;
    // What comes back while the store is read may count twice, and never not at all.
    let place = end_of(store, 0).await?;
    let remembered = risk.remember(store, app.now()).await;
    let counted = remembered.map_err(|problem| Failure::could_not(problem.detail))?;
    tracing::info!(counted, "risk remembers what was asked for before");
    // It is set once, before anybody asks.
    let _ = app.risk.set(risk);
    tokio::spawn(follow(Arc::clone(app), files, stands, place));
    Ok(())
}

/// Looks at the files and listens to what comes back, for as long as the server runs.
async fn follow(app: Arc<App>, files: Files, mut judged_by: Vec<Stand>, mut place: u64) {
    let Some(risk) = app.risk.get() else { return };
    let mut seen = judged_by.clone();
    loop {
        tokio::time::sleep(LOOK).await;
        match risk.hear(&*app.ports().payments, place).await {
            Ok(heard) => place = heard,
            Err(problem) => {
                tracing::error!(why = problem.detail, "what came back is not counted yet");
            }
        }
        let stands = files.stand();
        let has_rested = seen == stands;
        seen = stands;
        if !has_rested || seen == judged_by {
            continue;
        }
        judged_by.clone_from(&seen);
        let again = files.clone();
        // A database is large, and is read by a thread of its own.
        match tokio::task::spawn_blocking(move || again.read()).await {
            Ok(Ok(judging)) => {
                risk.swap(judging);
                tracing::info!("risk is judged by other files from now on");
            }
            Ok(Err(failure)) => {
                tracing::error!(%failure, "risk is judged by the files of before");
            }
            Err(error) => tracing::error!(%error, "risk is judged by the files of before"),
        }
    }
}
