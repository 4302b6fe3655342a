//! Day: every job of one business date, in the order of [`crate::JOBS`].
//!
//! Stopped anywhere and run again, it goes on where it was: each job knows by the names of its
//! outputs what is done.

use crate::order::{banking_day, in_order, over};
use crate::progress::elapsed_ms;
use crate::tally::Tally;
use crate::watch::watched;
use crate::{allocate, archive, cut, deliver, ingest, post, reconcile, savings};
use desk::Desk;
use desk::failure::Result;
use jiff::civil::Date;
use serde::Serialize;
use settlement::windows::Window;
use std::collections::BTreeMap;
use std::future::Future;
use std::time::Instant;

/// What a day's jobs reported.
#[derive(Debug, Serialize)]
pub struct Day {
    /// The business date.
    pub date: Date,
    /// Each job's tally, in order.
    pub tallies: Vec<Tally>,
    /// Milliseconds each job took; never part of an output.
    pub elapsed_ms: BTreeMap<&'static str, u64>,
}

/// Runs every job of `date`.
///
/// # Errors
/// The first job's failure; those after it do not run.
pub async fn run(desk: &Desk, date: Date) -> Result<Day> {
    telling(desk, date, &mut |_| Ok(())).await
}

/// Refuses a date that cannot be run now: asked before anything is moved for it.
///
/// # Errors
/// Exit status 2, naming the date to run.
pub async fn may_run(desk: &Desk, date: Date) -> Result<()> {
    banking_day(date)?;
    in_order(desk, date).await
}

/// Who is told each job's tally as soon as it is there.
pub type Tell<'a> = &'a mut dyn FnMut(&Tally) -> Result<()>;

/// The same, and tells each tally while the jobs after it still run.
///
/// # Errors
/// The first job's failure, or that of telling; the jobs after it do not run.
pub async fn telling(desk: &Desk, date: Date, tell: Tell<'_>) -> Result<Day> {
    may_run(desk, date).await?;
    // Asked before anything is cut: what a lost record would let in is the next day's.
    let over = over(desk, date).await?;
    let mut day = Day {
        date,
        tallies: Vec::new(),
        elapsed_ms: BTreeMap::new(),
    };
    for window in Window::ALL.iter().copied() {
        day.ran("cut", cut::run(desk, date, window), tell).await?;
    }
    day.ran("deliver", deliver::run(desk, date), tell).await?;
    match over {
        None => day.ran("ingest", ingest::run(desk, date), tell).await?,
        Some(over) if over.closed => {}
        // What came before is in its books; what waits is for the later date.
        Some(over) => {
            let none = ingest::nothing_more(desk, date, &over);
            day.ran("ingest", none, tell).await?;
        }
    }
    day.ran("allocate", allocate::run(desk, date), tell).await?;
    day.ran("post", post::run(desk, date), tell).await?;
    day.ran("reconcile", reconcile::run(desk, date), tell)
        .await?;
    day.ran("savings", savings::run(desk, date), tell).await?;
    day.ran("archive", archive::run(desk, date), tell).await?;
    Ok(day)
}

impl Day {
    async fn ran(
        &mut self,
        job: &'static str,
        work: impl Future<Output = Result<Tally>>,
        tell: Tell<'_>,
    ) -> Result<()> {
        let started = Instant::now();
        let tally = watched(job, self.date, work).await?;
        *self.elapsed_ms.entry(job).or_default() += elapsed_ms(started);
        tell(&tally)?;
        self.tallies.push(tally);
        Ok(())
    }
}
