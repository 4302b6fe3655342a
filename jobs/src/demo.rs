//! Demo: whole business days in a fresh sandbox.
//!
//! Customers ask for payments, the day's jobs run, a bank takes the files and answers, and some
//! of what it answers is wrong on purpose. After the days with payments, quiet days follow until
//! every answer has come. Then everything is added up: each payment in one place, each planted
//! fault found by name, nothing found that was not planted, each clearing account at zero or
//! explained. The same seed gives the same bytes.

pub mod funding;
pub mod intake;
pub mod options;
mod scene;
mod summary;

pub use options::Options;
pub use summary::{Summary, Verdict};

use crate::progress::{Progress, Shown, Unit};
use crate::terminal::say;
use crate::{cut, day, deliver, init};
use connectors::Addresses;
use connectors_warehouse::FolderWarehouse;
use desk::Desk;
use desk::config::Config;
use desk::failure::{Failure, Result};
use jiff::civil::Date;
use sandbox::bank::{Bank, FaultPlan, Ways};
use sandbox::customers::{self, Request};
use scene::Scene;
use settlement::calendar;
use settlement::money::SignedCents;
use settlement::windows::Window;
use std::time::Instant;

/// Days run at most: a year and a half of banking days.
const MAX_DAYS: u32 = 400;

/// Banking days after the last payment until the bank has answered everything.
const QUIET_DAYS: u32 = 5;

/// The same of a bank that puts right what it did wrong.
const CURED_DAYS: u32 = 9;

/// What the bank account holds before the first day: ten million dollars.
const OPENING: SignedCents = SignedCents::new(1_000_000_000);

/// Runs the demo.
///
/// # Errors
/// Where a job fails.
pub async fn play(config: Config, options: &Options, quiet: bool) -> Result<Verdict> {
    let ways = options.settles.ways(options.seed);
    play_by(config, options, &ways, quiet).await
}

/// Runs the demo with a bank of such ways.
///
/// # Errors
/// Where a job fails.
pub async fn play_by(
    config: Config,
    options: &Options,
    ways: &Ways,
    quiet: bool,
) -> Result<Verdict> {
    if options.days == 0 || options.days > MAX_DAYS {
        return Err(
            Failure::usage(format!("--days {} is out of range", options.days))
                .remedy(format!("--days must be from 1 to {MAX_DAYS}")),
        );
    }
    crate::order::banking_day(calendar::on_or_after(options.start))?;
    // Nobody else clears the folder or works in it before we are done.
    let _held = scene::clear(&options.dir)?;
    let addresses = Addresses::in_dir(&options.dir);
    let warehouse = FolderWarehouse::open(&addresses)?;
    let config = Config {
        addresses,
        ..config
    };
    let (house, _) = init::run(config, Some(options.seed), false).await?;
    let mut desk = house.home;
    ways.tell(&mut desk.bank);
    let mut scene = Scene::new(&options.dir, bank(&desk, options, ways))?;
    let mut date = calendar::on_or_after(options.start);
    let quiet_days = match ways.habits.cures {
        true => CURED_DAYS,
        false => QUIET_DAYS,
    };
    let total = options.days + quiet_days;
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
        let taken = intake::run(&desk, requests.map(|one| asked_by(ways, one))).await?;
        scene.took_in(&taken, started);
        let wires = funding::announced(&desk, date).await?;
        scene.bank.wire(date, wires);
        if ways.habits.answers_at_once {
            answered_at_once(&desk, &mut scene, date).await?;
        }
        let day = day::run(&desk, date).await?;
        scene.evening(date, day)?;
        if !quiet {
            say(scene.line(date, number < options.days));
        }
        progress.add(1);
        date = calendar::next_banking_day(date);
    }
    let bank = scene.bank.clone();
    let verdict = summary::of(&desk, &warehouse, options, scene).await?;
    if options.leave_open {
        let waits = one_more_day(&desk, options, bank, date).await?;
        if !quiet {
            say(waits);
        }
    }
    Ok(verdict)
}

/// Runs the first of a day's jobs, and the bank answers what they sent: the day runs them again,
/// finds all of it done, and takes the answers.
async fn answered_at_once(desk: &Desk, scene: &mut Scene, date: Date) -> Result<()> {
    for window in Window::ALL.iter().copied() {
        cut::run(desk, date, window).await?;
    }
    deliver::run(desk, date).await?;
    scene.midday(date)
}

/// The bank of a demo.
fn bank(desk: &Desk, options: &Options, ways: &Ways) -> Bank {
    let plan = if options.no_faults {
        FaultPlan::none()
    } else if options.second_thoughts || ways.second_thoughts {
        FaultPlan::with_second_thoughts(options.days)
    } else {
        FaultPlan::standard(options.days)
    };
    let bank = Bank::new(options.seed, &desk.bank, plan).with_opening_balance(OPENING);
    bank.with_habits(ways.habits).telling(ways.telling)
}

fn asked_by(ways: &Ways, mut request: Request) -> Request {
    let order = &mut request.payment.order;
    order.amount = ways.amount(order.amount, request.chance);
    request
}

/// A morning like those before it, after which nothing has run yet; answers what waits.
async fn one_more_day(desk: &Desk, options: &Options, bank: Bank, date: Date) -> Result<String> {
    Scene::new(&options.dir, bank)?.morning(date)?;
    let requests = customers::payments(options.seed, &desk.bank, date, options.payments);
    intake::run(desk, requests).await?;
    funding::announced(desk, date).await?;
    let (payments, dir) = (options.payments, options.dir.display());
    Ok(format!(
        "{date}: {payments} payments wait to be cut; with TIEOUT_DATA=file:{dir} try \
         tieout cut --date {date} --dry-run"
    ))
}
