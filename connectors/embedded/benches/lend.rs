//! A store that is lent: creations at a steady rate by whoever has it open, beside a borrower in
//! another process that claims 100,000 payments.
//!
//! `cargo bench -p connectors-embedded --profile dev --bench lend` prints how long creations take
//! from the moment at which each was due (so that what queues up counts), alone and beside the
//! borrower, and the CPU seconds of both processes.

use connectors::{Addresses, Change, Ports};
use connectors_conformance as conformance;
use connectors_embedded::{Keys, make, open};
use settlement::ids::CutId;
use settlement::payment::Event;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// Where the borrower finds the store.
const AT: &str = "TIEOUT_LEND_AT";

/// Payments that the borrower claims, and in one call.
const CLAIMS: u32 = 100_000;
const CALL: usize = 2_500;

/// Creations a second, and how many are measured alone.
const RATE: u32 = 500;
const ALONE: u32 = 2_000;

/// How often all of it is done.
const ROUNDS: u32 = 3;

/// Clock ticks a second in `/proc`, on every Linux.
const TICKS: f64 = 100.0;

fn main() {
    if let Some(at) = std::env::var_os(AT) {
        return claim_all(&PathBuf::from(at));
    }
    let turns = Runtime::new().expect("a runtime");
    for _ in 0..ROUNDS {
        let dir = tempfile::tempdir().expect("a folder");
        let ports = make(&Addresses::in_dir(dir.path()), Keys::Drawn).expect("made");
        fs::write(dir.path().join("objects/x"), "x").expect("an object");
        turns.block_on(async {
            let new: Vec<_> = (0..CLAIMS).map(conformance::record).collect();
            for call in new.chunks(CALL) {
                ports.payments.create(call.to_vec()).await.expect("created");
            }
            let before = cpu("self");
            let alone = create(&ports, CLAIMS, None).await;
            told("alone", alone, cpu("self") - before);
            let mut command = Command::new(std::env::current_exe().expect("this program"));
            let borrower = command.env(AT, dir.path()).spawn().expect("a borrower");
            let before = cpu("self");
            let beside = create(&ports, CLAIMS + ALONE, Some(borrower)).await;
            told("beside the borrower", beside, cpu("self") - before);
        });
    }
}

/// The borrower.
fn claim_all(at: &Path) {
    let ports = open(&Addresses::in_dir(at)).expect("borrowed");
    let begun = Instant::now();
    let claim = |number| Change {
        payment: conformance::record(number).payment.id,
        expected_version: Some(1),
        event: Event::Claimed {
            cut: CutId("2026-11-25/standard/09100001".to_owned()),
        },
        date: jiff::civil::date(2026, 11, 25),
        at: jiff::Timestamp::UNIX_EPOCH,
    };
    let claims: Vec<Change> = (0..CLAIMS).map(claim).collect();
    Runtime::new().expect("a runtime").block_on(async {
        for call in claims.chunks(CALL) {
            let done = ports.payments.apply(call.to_vec()).await;
            done.expect("claimed");
        }
    });
    let (took, cpu) = (begun.elapsed().as_secs_f64(), cpu("self"));
    println!("  borrower: {CLAIMS} claims in {took:.2} s, {cpu:.2} CPU s");
}

/// Creates payments when they are due, until the borrower ends, or so many as are measured alone.
async fn create(ports: &Ports, first: u32, mut borrower: Option<Child>) -> Vec<Duration> {
    let begun = Instant::now();
    let mut under_way = Vec::new();
    for number in 0.. {
        let ends = match &mut borrower {
            Some(child) => child.try_wait().expect("asked").is_some(),
            None => number == ALONE,
        };
        if ends {
            break;
        }
        let due = begun + Duration::from_secs(1) * number / RATE;
        tokio::time::sleep_until(due.into()).await;
        let (payments, new) = (ports.payments.clone(), conformance::record(first + number));
        under_way.push(tokio::spawn(async move {
            payments.create(vec![new]).await.expect("created");
            due.elapsed()
        }));
    }
    let mut all = Vec::new();
    for creation in under_way {
        all.push(creation.await.expect("answered"));
    }
    all
}

fn told(what: &str, mut all: Vec<Duration>, cpu: f64) {
    all.sort_unstable();
    let of = |part: usize| {
        let at = all.get(all.len() * part / 1_000).or(all.last());
        at.map_or(0.0, |it| it.as_secs_f64() * 1_000.0)
    };
    println!(
        "{what}: {} creations, p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, most {:.1} ms; {cpu:.2} \
         CPU s",
        all.len(),
        of(500),
        of(950),
        of(990),
        of(1_000),
    );
}

/// User and system time of a process.
fn cpu(process: &str) -> f64 {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).expect("a process");
    let (_, after) = text.rsplit_once(')').expect("a name");
    let ticks = after.split_whitespace().skip(11).take(2);
    ticks
        .map(|it| it.parse::<f64>().expect("ticks"))
        .sum::<f64>()
        / TICKS
}
