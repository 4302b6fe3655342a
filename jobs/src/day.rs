//! Day: every job of one business date, in the order of [`crate::JOBS`].
//!
//! Stopped anywhere and run again, it goes on where it was: each job knows by the names of its
//! outputs what is done.

use crate::order::{banking_day, in_order};
use crate::records::posted::PostedDay;
use crate::tally::Tally;
use crate::{archive, cut, deliver, ingest, post, reconcile, records, savings};
use desk::Desk;
use desk::failure::Result;
use desk::names;
use jiff::civil::Date;
use serde::Serialize;
use settlement::windows::Window;
use std::collections::BTreeMap;
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
    banking_day(date)?;
    in_order(desk, date).await?;
    let mut day = Day {
        date,
        tallies: Vec::new(),
        elapsed_ms: BTreeMap::new(),
    };
    for window in Window::ALL.iter().copied() {
        let started = Instant::now();
        let tally = cut::run(desk, date, window).await;
        day.took(desk, "cut", started, tally)?;
    }
    let started = Instant::now();
    let tally = deliver::run(desk, date).await;
    day.took(desk, "deliver", started, tally)?;
    let started = Instant::now();
    let closed = records::get::<PostedDay>(&*desk.ports.objects, &names::posted(date)).await?;
    if closed.is_none() {
        let tally = ingest::run(desk, date).await;
        day.took(desk, "ingest", started, tally)?;
    }
    let started = Instant::now();
    let tally = post::run(desk, date).await;
    day.took(desk, "post", started, tally)?;
    let started = Instant::now();
    let tally = reconcile::run(desk, date).await;
    day.took(desk, "reconcile", started, tally)?;
    let started = Instant::now();
    let tally = savings::run(desk, date).await;
    day.took(desk, "savings", started, tally)?;
    let started = Instant::now();
    let tally = archive::run(desk, date).await;
    day.took(desk, "archive", started, tally)?;
    Ok(day)
}

impl Day {
    fn took(
        &mut self,
        desk: &Desk,
        job: &'static str,
        started: Instant,
        tally: Result<Tally>,
    ) -> Result<()> {
        let tally = tally?;
        desk.say(&tally);
        let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let total = self.elapsed_ms.entry(job).or_default();
        *total = total.saturating_add(ms);
        self.tallies.push(tally);
        Ok(())
    }
}
