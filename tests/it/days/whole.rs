//! Whole business days: they tie out, and the same seed gives the same bytes.

use crate::days::world::{self, World, block, config, desk, requests};
use crate::tree::{self, assert_same, bytes, scratch};
use jiff::civil::{Date, date};
use jobs::demo::options::Settles;
use jobs::demo::{self, Options, Verdict, intake};
use sandbox::bank::{FaultPlan, Ways};
use sandbox::customers::Request;
use settlement::calendar;
use settlement::money::Currency;
use std::collections::BTreeMap;
use std::path::Path;

/// What a run must reproduce byte for byte.
const PRODUCTS: &[&str] = &["objects", "archive"];
/// The pages for people, which a run reproduces as well, wherever it lies and however long it took.
const PAGES: &[&str] = &["report.html", "claims.html"];

fn pages(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let read = |name: &&str| std::fs::read(dir.join(name)).expect("a page");
    PAGES
        .iter()
        .map(|name| ((*name).to_owned(), read(name)))
        .collect()
}

/// Plays the demo, which `change` may make another one, below `dir`.
pub fn play(dir: &Path, change: impl FnOnce(&mut Options)) -> Verdict {
    let options = options(dir, change);
    block(demo::play(config(dir), &options, true)).expect("the demo runs")
}

/// The same with a bank of such ways.
pub fn by(dir: &Path, ways: &Ways, change: impl FnOnce(&mut Options)) -> Verdict {
    let options = options(dir, change);
    block(demo::play_by(config(dir), &options, ways, true)).expect("the demo runs")
}

fn options(dir: &Path, change: impl FnOnce(&mut Options)) -> Options {
    let mut options = Options {
        banks: 1,
        second_currency: Currency::Usd,
        payments: 300,
        days: 4,
        seed: 7,
        // A Tuesday, then the day before Thanksgiving, the Friday after, and past a weekend.
        start: date(2026, 11, 24),
        dir: dir.to_path_buf(),
        no_faults: false,
        settles: Settles::Batch,
        second_thoughts: false,
        leave_open: false,
    };
    change(&mut options);
    options
}

fn dates_with(dir: &Path, prefix: &str) -> Vec<Date> {
    let names = bytes(dir, &["objects"]).into_keys();
    let mine = names.filter(|name| name.starts_with(&format!("objects/{prefix}")));
    let date = |name: String| {
        let (_, rest) = name.split_once("date=").expect("a date");
        rest.get(..10).expect("a date").parse().expect("a date")
    };
    let mut dates: Vec<Date> = mine.map(date).collect();
    dates.sort();
    dates.dedup();
    dates
}

#[test]
fn days_over_a_holiday_and_a_weekend_tie_out_and_each_planted_break_is_found() {
    let dir = scratch();
    let verdict = play(dir.path(), |_| {});
    assert!(verdict.summary.tied_out, "{:#?}", verdict.reasons);
    let breaks = &verdict.summary.breaks;
    assert_eq!(breaks.planted, breaks.found);
    let mut kinds: Vec<&str> = breaks.found.iter().map(|b| b.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert!(kinds.len() >= 9, "too few kinds were planted: {kinds:?}");
    let (count, rest): (Vec<_>, Vec<_>) = verdict
        .summary
        .payments
        .iter()
        .partition(|(k, _)| **k == "in");
    assert_eq!(*count[0].1, 1_200);
    assert_eq!(rest.iter().map(|(_, n)| **n).sum::<u64>(), 1_200);
    let cut = dates_with(dir.path(), "outbound/");
    let days = [24, 25, 27, 30].map(|day| date(2026, 11, day));
    assert!(cut.starts_with(&days), "{cut:?}");
    // What has a later effective date follows on a later banking day.
    assert!(
        cut.iter().all(|day| calendar::is_banking_day(*day)),
        "no bank works on Thanksgiving or a weekend: {cut:?}"
    );
    assert!(verdict.html.is_file());
}

/// A bank that changes its mind: what it takes back, names later and rejects is found by name, and
/// nothing else is.
#[test]
fn days_tie_out_with_a_bank_that_changes_its_mind() {
    for seed in 1..=3 {
        let dir = scratch();
        let verdict = play(dir.path(), |options| {
            (options.seed, options.second_thoughts) = (seed, true);
        });
        let reasons = &verdict.reasons;
        assert!(verdict.summary.tied_out, "seed {seed}: {reasons:#?}");
        let found = &verdict.summary.breaks.found;
        let of = |kind: &str| found.iter().filter(|one| one.kind == kind).count();
        assert!(of("SETTLEMENT_UNDONE") >= 2, "seed {seed}: {found:#?}");
        assert!(
            of("STATUS") >= 1 && of("UNEXPECTED_AT_BANK") >= 2,
            "seed {seed}"
        );
    }
}

/// A bank that lumps, nets or splits leaves nothing open that a bank with a line for each batch
/// would not, and every payment ends where it would have.
#[test]
fn days_tie_out_whatever_the_shape_in_which_the_bank_settles() {
    let places = |settles: Settles, no_faults: bool| {
        let dir = scratch();
        let verdict = play(dir.path(), |options| {
            (options.payments, options.days) = (150, 3);
            (options.settles, options.no_faults) = (settles, no_faults);
        });
        assert!(
            verdict.summary.tied_out,
            "{settles:?}: {:#?}",
            verdict.reasons
        );
        verdict.summary.payments
    };
    let plain = places(Settles::Batch, true);
    assert_eq!(plain["waiting"], 0);
    for settles in [
        Settles::Split,
        Settles::File,
        Settles::Company,
        Settles::CompanyDay,
        Settles::Day,
        Settles::Net,
        Settles::Prefunded,
    ] {
        assert_eq!(places(settles, true), plain, "{settles:?}");
        places(settles, false);
    }
}

#[test]
fn a_fee_larger_than_the_batch_it_is_netted_from_ties_out() {
    let dir = scratch();
    let verdict = play(dir.path(), |options| {
        (options.payments, options.days, options.seed) = (250, 6, 88);
        options.start = date(2027, 12, 22);
    });
    assert!(verdict.summary.tied_out, "{:#?}", verdict.reasons);
}

#[test]
fn a_bank_without_faults_leaves_no_break_and_every_clearing_account_at_zero() {
    let dir = scratch();
    let verdict = play(dir.path(), |options| options.no_faults = true);
    assert!(verdict.summary.tied_out, "{:#?}", verdict.reasons);
    assert_eq!(verdict.summary.breaks.found, []);
    assert_eq!(verdict.summary.clearing_not_zero, []);
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_gives_others() {
    let [one, again, other] = [scratch(), scratch(), scratch()];
    let few = |seed| {
        move |options: &mut Options| {
            options.payments = 60;
            options.seed = seed;
        }
    };
    play(one.path(), few(7));
    play(again.path(), few(7));
    play(other.path(), few(8));
    let first = bytes(one.path(), PRODUCTS);
    assert!(first.keys().any(|name| name.ends_with(".tar")));
    assert_same("the same seed", &first, &bytes(again.path(), PRODUCTS));
    assert!(first != bytes(other.path(), PRODUCTS), "seeds matter");
    assert_same("the pages", &pages(one.path()), &pages(again.path()));
}

#[test]
fn a_demo_in_its_own_folder_starts_afresh_with_the_same_bytes() {
    let dir = scratch();
    let one_day = |options: &mut Options| {
        options.payments = 30;
        options.days = 1;
    };
    play(dir.path(), one_day);
    let first = bytes(dir.path(), PRODUCTS);
    play(dir.path(), one_day);
    assert_same("run twice", &first, &bytes(dir.path(), PRODUCTS));
}

/// Two full days of which the payments come in the order that `shuffled` gives them.
fn days_with_arrivals(dir: &Path, shuffled: impl Fn(&mut Vec<Request>)) -> Outcome {
    let mut world = World::new(FaultPlan::standard(3));
    for day in [date(2026, 11, 24), date(2026, 11, 25)] {
        let desk = desk(dir);
        let mut asked = requests(&desk, day, 200);
        shuffled(&mut asked);
        block(async {
            world::begin(&desk).await;
            intake::run(&desk, asked.into_iter()).await.expect("intake");
            world.morning(dir, &desk, day, 0).await;
            for job in jobs::JOBS {
                world::job(&desk, day, job.name).await.expect(job.name);
            }
        });
        drop(desk);
        world.evening(dir, day);
    }
    bytes(dir, &["objects"])
}

type Outcome = BTreeMap<String, Vec<u8>>;

#[test]
fn order_of_arrival_does_not_matter() {
    let dirs = [scratch(), scratch(), scratch()];
    let in_order = days_with_arrivals(dirs[0].path(), |_| {});
    let backwards = days_with_arrivals(dirs[1].path(), |asked| asked.reverse());
    let scattered = days_with_arrivals(dirs[2].path(), |asked| {
        // By a hash of their keys: an order that has nothing to do with time.
        asked
            .sort_by_key(|r| settlement::archive::sha256(r.idempotency_key.as_bytes()).to_string());
    });
    for prefix in ["objects/cuts/", "objects/outbound/"] {
        assert!(
            in_order.keys().any(|name| name.starts_with(prefix)),
            "{prefix}"
        );
    }
    assert_same("backwards", &in_order, &backwards);
    assert_same("scattered", &in_order, &scattered);
}

#[test]
fn a_copied_installation_goes_on_where_the_original_was() {
    let (dir, copied) = (scratch(), scratch());
    let day = date(2026, 11, 24);
    let mut world = World::new(FaultPlan::none());
    let first = desk(dir.path());
    block(world.morning(dir.path(), &first, day, 20));
    drop(first);
    let copy = copied.path().join("copy");
    tree::copy(dir.path(), &copy);
    for dir in [dir.path(), copy.as_path()] {
        let desk = desk(dir);
        block(jobs::day::run(&desk, day)).expect("a day");
    }
    let first = bytes(dir.path(), PRODUCTS);
    assert_same("a copy", &first, &bytes(&copy, PRODUCTS));
}
