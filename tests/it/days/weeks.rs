//! Random weeks of random banks: each seed draws a bank's ways, its customers and its faults.
//!
//! The laws: every payment is in one place, each cent of either side is allocated, waits or is in
//! a break, the books have what the bank has, every planted fault is found under one of its right
//! names and nothing else is, and once the bank has put right what it can, nothing is open but
//! what a person has to look at. A seed that fails is printed with the bank's ways; run it alone
//! with `TIEOUT_WEEKS=SEED..END cargo test --workspace --test it random_weeks -- --ignored`.

use crate::days::whole::play;
use crate::tree::scratch;
use jobs::demo::options::Settles;
use jobs::report::breaks::Break;
use sandbox::bank::Ways;
use std::sync::Mutex;

/// Weeks in an ordinary run of the tests.
const FEW: std::ops::Range<u64> = 1..7;

/// Weeks that run beside each other.
const AT_ONCE: u32 = 2;

/// Weeks in a long run, where nobody says which.
const MANY: std::ops::Range<u64> = 1..301;

/// Kinds of break that no cure of a bank closes: somebody has to look.
const FOR_PEOPLE: [&str; 5] = [
    "RETURN_LATE",
    "RETURN_UNMATCHED",
    "DUP_ENTRY",
    "CONTROL_TOTAL",
    "STATUS",
];

/// Whether a break is of a wire: those that never came are for people too.
fn is_of_a_wire(one: &Break) -> bool {
    const UNANNOUNCED: i64 = 4_217_730;
    match one.kind.as_str() {
        "FUNDING_MISSING" | "OVERDRAWN" => true,
        "AMOUNT" => one.key.contains("/FUNDING-"),
        "UNEXPECTED_AT_BANK" => one.amount.get() == UNANNOUNCED,
        _ => false,
    }
}

/// What is wrong with a week; nothing where all laws hold.
fn week(seed: u64) -> Vec<String> {
    let dir = scratch();
    // To look at what a seed left.
    let kept = std::env::var_os("TIEOUT_WEEKS_IN");
    let path = kept.map_or(dir.path().to_owned(), |kept| kept.into());
    let verdict = play(&path, |options| {
        (options.payments, options.days, options.seed) = (40, 3, seed);
        options.settles = Settles::Drawn;
    });
    let mut wrong = verdict.reasons;
    let all = [&verdict.report.breaks.open, &verdict.report.breaks.cleared];
    let all = all.iter().flat_map(|kinds| &kinds.kinds);
    let found = all.flat_map(|kind| &kind.breaks);
    let told: Vec<String> = found
        .filter(|one| wrong.iter().any(|why| why.contains(&one.key)))
        .map(|one| format!("{} {} {}: {}", one.date, one.kind, one.key, one.explanation))
        .collect();
    wrong.extend(told);
    let open = verdict
        .report
        .breaks
        .open
        .kinds
        .iter()
        .flat_map(|kind| &kind.breaks);
    let open = open.filter(|one| !FOR_PEOPLE.contains(&one.kind.as_str()) && !is_of_a_wire(one));
    wrong.extend(
        open.map(|one| format!("still open: {} {}: {}", one.kind, one.key, one.explanation)),
    );
    wrong
}

fn weeks(seeds: std::ops::Range<u64>) {
    let (seeds, failed) = (Mutex::new(seeds), Mutex::new(Vec::new()));
    let work = || {
        // One after the other, each by whoever is free.
        while let Some(seed) = { seeds.lock().expect("seeds").next() } {
            let wrong = week(seed);
            if !wrong.is_empty() {
                println!("seed {seed}: {:#?}\n{wrong:#?}", Ways::drawn(seed));
                failed.lock().expect("seeds").push(seed);
            }
        }
    };
    std::thread::scope(|scope| {
        (0..AT_ONCE).for_each(|_| drop(scope.spawn(work)));
    });
    let failed = failed.into_inner().expect("seeds");
    assert!(failed.is_empty(), "these seeds fail: {failed:?}");
}

#[test]
fn a_random_week_of_a_random_bank_ties_out() {
    weeks(FEW);
}

#[test]
#[ignore = "minutes: hundreds of weeks, or those that TIEOUT_WEEKS names"]
fn hundreds_of_random_weeks_of_random_banks_tie_out() {
    let said = std::env::var("TIEOUT_WEEKS").ok();
    let range = said.as_deref().and_then(|said| said.split_once(".."));
    let ends = range.and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
    weeks(ends.map_or(MANY, |(from, to): (u64, u64)| from..to));
}
