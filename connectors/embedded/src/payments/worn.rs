//! Indexes that are merged once they are worn.
//!
//! What waits is put into an index and taken out of it again: a cut of a million takes out a
//! million. In the files that is a million marks more, until they are merged with what they take
//! out, and who asks whether anything waits passes over both. So an index in which that took long
//! is merged, on a thread of its own and once: the next question is short, in this process and in
//! those after it. What is answered is the same before, while and after.

use super::keyspaces::STORE;
use crate::database;
use fjall::Keyspace;
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long a question may take to find the first row: some ten thousand were taken out before it.
/// On a busy machine it may be so for another reason, and an index is merged that is not worn.
const LONG: Duration = Duration::from_millis(10);

/// Merges of a store rest for so many times of what the last one took: where one is in vain,
/// because somebody still reads what was, the store does not merge all day.
const REST: u32 = 20;

/// How long an index may take to write what it has gathered in memory; on a full disk it never
/// does, and is not merged.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(10);

/// When a question began to look for its first row.
pub struct Asked(Instant);

impl Asked {
    /// It begins now.
    pub fn now() -> Asked {
        Asked(Instant::now())
    }

    /// Whether it took long, where it has just found its first row, or that there is none.
    pub fn was_long(&self) -> bool {
        self.0.elapsed() > LONG
    }
}

/// What merges worn indexes, one at a time.
#[derive(Default)]
pub struct Worn(Mutex<Merging>);

#[derive(Default)]
struct Merging {
    now: Option<JoinHandle<Duration>>,
    not_before: Option<Instant>,
}

impl Worn {
    /// Begins to merge an index, unless one is being merged or has just been.
    pub fn merge(&self, index: Keyspace) {
        let mut merging = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = merging.now.take_if(|one| one.is_finished()) {
            let took = before.join().unwrap_or_default();
            let rest = took.checked_mul(REST);
            merging.not_before = rest.and_then(|rest| Instant::now().checked_add(rest));
        }
        let rests = merging.not_before.is_some_and(|at| Instant::now() < at);
        if merging.now.is_some() || rests {
            return;
        }
        let work = std::thread::Builder::new().name("index-merger".to_owned());
        // Where it cannot be merged the next question is as long as this one was.
        merging.now = work.spawn(move || merged(&index)).ok();
    }

    /// Waits for what is being merged.
    pub fn end(&self) {
        let mut merging = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(now) = merging.now.take() {
            let _ = now.join();
        }
    }
}

/// Merges an index with what was taken out of it; how long that took.
fn merged(index: &Keyspace) -> Duration {
    let begun = Instant::now();
    let _ = database::guarded(STORE, || {
        let failed = |e: fjall::Error| database::error(STORE, &e);
        index.rotate_memtable().map_err(failed)?;
        while index.sealed_memtable_count() > 0 {
            if begun.elapsed() > PATIENCE {
                return Ok(());
            }
            std::thread::sleep(PAUSE);
        }
        index.major_compact().map_err(failed)
    });
    begun.elapsed()
}
