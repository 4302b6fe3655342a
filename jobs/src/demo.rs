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
use desk::config::{Config, NORTH_BANK, PRICES};
use desk::failure::{Failure, Result};
use jiff::civil::Date;
use options::Settles;
use sandbox::bank::{Bank, FaultPlan, Ways};
use sandbox::customers::{self, Request};
use scene::Scene;
use settlement::calendar;
use settlement::money::{Currency, SignedCents};
use settlement::savings::PriceList;
use settlement::windows::Window;
use std::time::Instant;

/// Days run at most: a year and a half of banking days.
const MAX_DAYS: u32 = 400;

/// Banking days after the last payment until the bank has answered everything.
const QUIET_DAYS: u32 = 5;

/// The same of a bank that puts right what it did wrong.
const CURED_DAYS: u32 = 9;

/// How far the seed of another bank is from that of the home bank.
const NEXT_SEED: u64 = 1_000_003;

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
    desk::config::folder(&options.dir)?;
    // Nobody else clears the folder or works in it before we are done.
    let _held = scene::clear(&options.dir)?;
    let config = Config {
        addresses: Addresses::in_dir(&options.dir),
        others: Vec::new(),
        ..config
    };
    let (north, prices) = second(options.second_currency, &config)?;
    let others = match options.banks {
        0 | 1 => Vec::new(),
        _ => vec![(north.as_str(), prices)],
    };
    let link = |name: &str| format!("file:{}", options.dir.join(name).join("bank").display());
    let config = config.with(&others, link)?;
    let addresses = [&config].into_iter().chain(&config.others);
    let warehouses = addresses.map(|one| FolderWarehouse::open(&one.addresses));
    let warehouses = warehouses.collect::<connectors::Result<Vec<_>>>()?;
    let (house, _) = init::run(config, Some(options.seed), false).await?;
    let mut plays = Vec::new();
    for desk in [house.home].into_iter().chain(house.others) {
        plays.push(Play::begin(desk, options, ways)?);
    }
    let date = days(&mut plays, options, quiet).await?;
    let mut verdicts = Vec::new();
    for (play, warehouse) in plays.into_iter().zip(&warehouses) {
        let bank = play.scene.bank.clone();
        let verdict = summary::of(&play.desk, warehouse, &play.options, play.scene).await?;
        verdicts.push(verdict);
        if options.leave_open {
            let waits = one_more_day(&play.desk, &play.options, bank, date).await?;
            if !quiet && play.desk.place.is_empty() {
                say(waits);
            }
        }
    }
    Verdict::of_all(verdicts)
}

/// The profile of the second bank and its prices, in a currency.
fn second(currency: Currency, config: &Config) -> Result<(String, PriceList)> {
    if currency == config.prices.currency() {
        return Ok((NORTH_BANK.to_owned(), config.prices.clone()));
    }
    let stated = |text: &str| format!("currency = \"{currency}\"\n{text}");
    let prices = PriceList::parse(&stated(PRICES));
    let prices = prices.map_err(|e| Failure::impossible(format!("the demo's prices: {e}")))?;
    Ok((stated(NORTH_BANK), prices))
}

/// One bank of a demo: its desk, and the world around it.
struct Play {
    desk: Desk,
    scene: Scene,
    ways: Ways,
    options: Options,
}

impl Play {
    /// The home bank is as the options say. Another has customers and mistakes of its own, and
    /// settles in another way.
    fn begin(mut desk: Desk, options: &Options, ways: &Ways) -> Result<Play> {
        let (mut options, mut ways) = (options.clone(), *ways);
        if !desk.place.is_empty() {
            options.dir = options.dir.join(&desk.place);
            options.seed = options.seed.wrapping_add(NEXT_SEED);
            options.settles = Settles::Day;
            ways = options.settles.ways(options.seed);
        }
        ways.tell(&mut desk.bank);
        let scene = Scene::new(&options.dir, bank(&desk, &options, &ways))?;
        Ok(Play {
            desk,
            scene,
            ways,
            options,
        })
    }

    /// A business date at one bank, from the bank's morning to its evening.
    async fn day(&mut self, date: Date, busy: bool) -> Result<()> {
        let Play {
            desk,
            scene,
            ways,
            options,
        } = self;
        let started = Instant::now();
        scene.morning(date)?;
        let asked = if busy { options.payments } else { 0 };
        let requests = customers::payments(options.seed, &desk.bank, date, asked);
        let taken = intake::run(desk, requests.map(|one| asked_by(ways, one))).await?;
        scene.took_in(&taken, started);
        let wires = funding::announced(desk, date).await?;
        scene.bank.wire(date, wires);
        if ways.habits.answers_at_once {
            answered_at_once(desk, scene, date).await?;
        }
        let day = day::run(desk, date).await?;
        scene.evening(date, day)
    }
}

/// Plays the days at every bank; answers the one after the last.
async fn days(plays: &mut [Play], options: &Options, quiet: bool) -> Result<Date> {
    let mut date = calendar::on_or_after(options.start);
    let cures = plays.iter().any(|play| play.ways.habits.cures);
    let quiet_days = if cures { CURED_DAYS } else { QUIET_DAYS };
    let total = options.days + quiet_days;
    let shown = match Shown::on_stderr(quiet) {
        Shown::Lines => Shown::Nothing, // each day says a line anyway
        shown => shown,
    };
    let progress = Progress::begin(shown, "demo", Unit::Days, Some(total.into()));
    for number in 0..total {
        let busy = number < options.days;
        for play in plays.iter_mut() {
            play.day(date, busy).await?;
            if !quiet {
                let line = play.scene.line(date, busy);
                match play.desk.place.as_str() {
                    "" => say(line),
                    place => say(format_args!("{place}: {line}")),
                }
            }
        }
        progress.add(1);
        date = calendar::next_banking_day(date);
    }
    Ok(date)
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
