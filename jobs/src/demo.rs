//! Demo: whole business days in a fresh sandbox.
//!
//! Customers ask for payments, the day's jobs run, a bank takes the files and answers, and some
//! of what it answers is wrong on purpose. After the days with payments, quiet days follow until
//! every answer has come. Then everything is added up: each payment in one place, each planted
//! fault found by name, nothing found that was not planted, each clearing account at zero or
//! explained. The same seed gives the same bytes.

pub mod intake;
mod scene;
mod summary;

pub use summary::{Summary, Verdict};

use crate::config::Config;
use crate::day;
use crate::desk::Desk;
use crate::failure::{Failure, Result};
use crate::progress::{Progress, Shown, Unit};
use clap::Args;
use connectors::{Addresses, Ports};
use jiff::civil::Date;
use sandbox::bank::{Bank, FaultPlan};
use sandbox::customers;
use scene::Scene;
use settlement::calendar;
use settlement::money::SignedCents;
use std::path::PathBuf;
use std::time::Instant;

/// What the demo is made of.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Payments asked for on each business day
    #[arg(long, default_value_t = 10_000)]
    pub payments: u64,
    /// Business days with payments; quiet days follow until the bank has answered
    #[arg(long, default_value_t = 5)]
    pub days: u32,
    /// The same seed gives the same bytes
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// The first business day
    #[arg(long, default_value = "2026-11-24")]
    pub start: Date,
    /// A new folder, or one that a demo made before
    #[arg(long, default_value = "tieout-demo")]
    pub dir: PathBuf,
    /// A bank that makes no mistakes
    #[arg(long)]
    pub no_faults: bool,
    /// After the report, take in the payments of one more day and leave them waiting: for trying
    /// the jobs one by one
    #[arg(long)]
    pub leave_open: bool,
}

/// Days run at most: a year and a half of banking days.
const MAX_DAYS: u32 = 400;

/// Banking days after the last payment until the bank has answered everything.
const QUIET_DAYS: u32 = 5;

/// What the bank account holds before the first day: ten million dollars.
const OPENING: SignedCents = SignedCents::new(1_000_000_000);

/// Runs the demo.
///
/// # Errors
/// Where a job fails.
pub async fn play(config: Config, options: &Options, quiet: bool) -> Result<Verdict> {
    if options.days == 0 || options.days > MAX_DAYS {
        return Err(Failure::usage(format!(
            "--days must be from 1 to {MAX_DAYS}"
        )));
    }
    crate::calendar::banking_day(calendar::on_or_after(options.start))?;
    scene::clear(&options.dir)?;
    let addresses = Addresses::in_dir(&options.dir);
    let ports = Ports::open_seeded(&addresses, options.seed)?;
    let desk = Desk {
        ports,
        bank: config.bank,
        prices: config.prices,
        quiet,
    };
    let plan = if options.no_faults {
        FaultPlan::none()
    } else {
        FaultPlan::standard(options.days)
    };
    let bank = Bank::new(options.seed, &desk.bank, plan).with_opening_balance(OPENING);
    let mut scene = Scene::new(&options.dir, bank)?;
    let silent = Desk {
        quiet: true,
        ..copy(&desk)
    };
    let mut date = calendar::on_or_after(options.start);
    let total = options.days.saturating_add(QUIET_DAYS);
    let shown = match Shown::on_stderr(quiet) {
        Shown::Lines => Shown::Nothing, // each day says a line anyway
        shown => shown,
    };
    let progress = Progress::begin(shown, "demo", Unit::Days, Some(total.into()));
    for number in 0..total {
        let started = Instant::now();
        scene.morning(date)?;
        let asked = if number < options.days {
            options.payments
        } else {
            0
        };
        let requests = customers::payments(options.seed, &desk.bank, date, asked);
        let taken = intake::run(&desk, requests).await?;
        scene.took_in(&taken, started);
        let day = day::run(&silent, date).await?;
        scene.evening(date, day)?;
        desk.say(scene.line(date, number < options.days));
        progress.add(1);
        date = calendar::next_banking_day(date);
    }
    let bank = scene.bank.clone();
    let verdict = summary::of(&desk, options, scene).await?;
    if options.leave_open {
        one_more_day(&desk, options, bank, date).await?;
    }
    Ok(verdict)
}

/// A morning like those before it, after which nothing has run yet.
async fn one_more_day(desk: &Desk, options: &Options, bank: Bank, date: Date) -> Result<()> {
    Scene::new(&options.dir, bank)?.morning(date)?;
    let requests = customers::payments(options.seed, &desk.bank, date, options.payments);
    intake::run(desk, requests).await?;
    let (payments, dir) = (options.payments, options.dir.display());
    desk.say(format_args!(
        "{date}: {payments} payments wait to be cut; with TIEOUT_DATA=file:{dir} try \
         tieout cut --date {date} --dry-run"
    ));
    Ok(())
}

fn copy(desk: &Desk) -> Desk {
    Desk {
        ports: desk.ports.clone(),
        bank: desk.bank.clone(),
        prices: desk.prices.clone(),
        quiet: desk.quiet,
    }
}
