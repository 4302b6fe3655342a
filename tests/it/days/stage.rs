//! The desk stood up on a busy day: before and after each job of it, to be copied and broken.
//!
//! It is the third of three days, which has returns, notices, acknowledgements and a statement to
//! read, prepared once for all tests that run at a time.

use crate::child::configuration;
use crate::days::world::{self, World, block};
use crate::tree::{self, scratch};
use jiff::civil::{Date, date};
use jobs::JOBS;
use sandbox::bank::FaultPlan;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tempfile::TempDir;

/// Payments a day: enough that every lane has some, few enough to run hundreds of times.
const PAYMENTS: u64 = 40;

/// The busy day, before and after each of its jobs.
pub struct Stage {
    folders: TempDir,
    /// The business date that is staged.
    pub date: Date,
}

/// The stage, made when the first test asks and removed when the last one has it no more.
pub fn stage() -> Arc<Stage> {
    static STAGE: Mutex<Weak<Stage>> = Mutex::new(Weak::new());
    let mut known = STAGE.lock().unwrap_or_else(PoisonError::into_inner);
    known.upgrade().unwrap_or_else(|| {
        let stage = Arc::new(Stage::build());
        *known = Arc::downgrade(&stage);
        stage
    })
}

/// A copy of the staged installation at the end of its day, with a configuration.
pub fn closed() -> (TempDir, PathBuf) {
    let dir = scratch();
    let at = dir.path().join("copy");
    tree::copy(&stage().after("archive"), &at);
    configuration(&at);
    (dir, at)
}

impl Stage {
    fn build() -> Stage {
        let (folders, live) = (scratch(), scratch());
        let mut world = World::new(FaultPlan::standard(3));
        for day in [date(2026, 11, 24), date(2026, 11, 25)] {
            let desk = world::desk(live.path());
            block(world.morning(live.path(), &desk, day, PAYMENTS));
            block(jobs::day::run(&desk, day)).expect("an ordinary day");
            drop(desk);
            world.evening(live.path(), day);
        }
        let stage = Stage {
            folders,
            date: date(2026, 11, 27),
        };
        let desk = world::desk(live.path());
        block(world.morning(live.path(), &desk, stage.date, PAYMENTS));
        drop(desk);
        for job in JOBS {
            tree::copy(live.path(), &stage.before(job.name));
            let desk = world::desk(live.path());
            block(world::job(&desk, stage.date, job.name)).expect(job.name);
            drop(desk);
            tree::copy(live.path(), &stage.after(job.name));
        }
        stage
    }

    /// The installation just before `job`.
    pub fn before(&self, job: &str) -> PathBuf {
        self.folders.path().join(format!("before-{job}"))
    }

    /// The installation just after `job`.
    pub fn after(&self, job: &str) -> PathBuf {
        self.folders.path().join(format!("after-{job}"))
    }
}
