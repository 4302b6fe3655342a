//! Adding the demo up: the contract's JSON, and everything a report shows.

use crate::demo::options::Options;
use crate::demo::scene::Scene;
use crate::parts;
use crate::records;
use crate::records::allocated::Allocated;
use crate::records::posted::PostedDay;
use crate::records::reconciled::Reconciled;
use crate::report::data::{Conservation, Recounted, ReportData, Tally as Total};
use connectors::Index;
use connectors_warehouse::Warehouse;
use desk::failure::{Failure, Result};
use desk::names;
use desk::{CHUNK, Desk};
use formats::tables::Balances;
use sandbox::bank::Planted;
use settlement::allocate::Finding;
use settlement::journal::Account;
use settlement::money::{Cents, SignedCents};
use settlement::payment::State;
use settlement::reconcile::legs::BreakKind;
use settlement::reconcile::residue::Residue;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

mod document;
mod input;
mod overdrawn;
mod recount;
mod report;

pub use document::Summary;
use document::{AllBreaks, FoundAndPlanted, Named, NotZero};

/// The summary and what is shown of it.
pub struct Verdict {
    /// The contract's document.
    pub summary: Summary,
    /// Everything a report shows.
    pub report: ReportData,
    /// Where the HTML report is; the claims' page lies beside it.
    pub html: PathBuf,
    /// Why it does not tie out; empty where it does.
    pub reasons: Vec<String>,
    /// Those of the other banks; nothing is summed over two.
    pub others: Vec<Verdict>,
}

impl Verdict {
    /// The verdict on all banks, the home bank's first: it ties out where each does.
    pub fn of_all(verdicts: Vec<Verdict>) -> Result<Verdict> {
        let mut all = verdicts.into_iter();
        let mut home = all
            .next()
            .ok_or_else(|| Failure::impossible("a demo without a bank"))?;
        home.others = all.collect();
        Ok(home)
    }

    /// Whether every bank ties out.
    pub fn tied_out(&self) -> bool {
        self.summary.tied_out && self.others.iter().all(Verdict::tied_out)
    }
}

/// Adds everything up.
pub async fn of(
    desk: &Desk,
    warehouse: &dyn Warehouse,
    options: &Options,
    scene: Scene,
) -> Result<Verdict> {
    let places = places(desk, &scene).await?;
    let records = records(desk).await?;
    let breaks = all_breaks(&records);
    let found: BTreeSet<Named> = breaks.values().map(|(named, _)| named.clone()).collect();
    let mut planted = planted(&scene, &undecided(desk, warehouse).await?);
    planted.extend(overdrawn::planted(desk, &scene).await?);
    let clearing = clearing(desk, &breaks).await?;
    let mut reasons = reasons(&places, &planted, &found, &clearing);
    let mut elapsed_ms = scene.elapsed_ms.clone();
    elapsed_ms.remove("intake");
    let by = |part: fn(&Total) -> u64| {
        let mut all = BTreeMap::from([("in", part(&places.taken_in))]);
        let names = ["settled", "returned", "failed", "canceled", "waiting"];
        all.extend(
            names
                .into_iter()
                .zip(places.places())
                .map(|(n, (_, total))| (n, part(&total))),
        );
        all
    };
    let mut summary = Summary {
        seed: options.seed,
        days: options.days,
        payments: by(|total| total.count),
        cents: by(|total| total.cents.get()),
        files: BTreeMap::from([("outbound", scene.files.0), ("inbound", scene.files.1)]),
        breaks: FoundAndPlanted {
            planted: planted.into_iter().collect(),
            found: found.into_iter().collect(),
        },
        clearing_not_zero: clearing,
        tied_out: reasons.is_empty(),
        elapsed_ms,
        dir: options.dir.display().to_string(),
        bank: (!desk.place.is_empty()).then(|| desk.place.clone()),
    };
    let (asked, differ) = recount::differences(desk, warehouse, &summary).await?;
    let recounted = Recounted {
        figures: asked as u64,
        differ: differ.len() as u64,
    };
    reasons.extend(differ);
    summary.tied_out = reasons.is_empty();
    let input = input::Input {
        desk,
        options,
        scene: &scene,
        records: &records,
        breaks: &breaks,
        recounted,
    };
    let report = report::build(&input, &summary, places, &reasons).await?;
    let html = crate::report::write(&report, &options.dir)?;
    Ok(Verdict {
        summary,
        report,
        html,
        reasons,
        others: Vec::new(),
    })
}

/// The faults that the bank was told to make.
fn planted(scene: &Scene, undecided: &BTreeMap<String, Named>) -> BTreeSet<Named> {
    let named = |planted: Planted| Named {
        kind: planted.kind.as_str().to_owned(),
        key: planted.key,
        cents: planted.cents,
    };
    let planted = scene.bank.planted().into_iter().map(named);
    // A lost entry that others look like has a second right name: the break that lists it.
    let right = |one: Named| match undecided.get(&one.key) {
        Some(listed) if one.kind == "MISSING_AT_BANK" && listed.cents == one.cents => {
            listed.clone()
        }
        _ => one,
    };
    planted.map(right).collect()
}

/// The entries that ambiguous breaks list as what may be missing, each with its break; where there
/// are two causes indeed, by a count of its own.
async fn undecided(desk: &Desk, tables: &dyn Warehouse) -> Result<BTreeMap<String, Named>> {
    let objects = &*desk.ports.objects;
    let mut all = BTreeMap::new();
    for day in records::all::<Allocated>(objects, names::ALLOCATED_PREFIX).await? {
        let ambiguous = |found: &&Finding| found.kind == BreakKind::Ambiguous;
        for found in day.findings.iter().filter(ambiguous) {
            let Some(side) = found.expectations.first() else {
                continue;
            };
            let (fees, off) = (&desk.bank.netted_fees, found.cents.get());
            if recount::causes::of(tables, fees, side, off).await? < 2 {
                continue;
            }
            for trace in &found.candidates {
                let named = Named {
                    kind: found.kind.to_string(),
                    key: side.clone(),
                    cents: off,
                };
                all.entry(trace.to_string()).or_insert(named);
            }
        }
    }
    Ok(all)
}

/// Where each payment is.
async fn places(desk: &Desk, scene: &Scene) -> Result<Conservation> {
    let mut places = Conservation {
        taken_in: Total::new(scene.taken.payments, Cents::new(scene.taken.cents)),
        ..Conservation::default()
    };
    let mut after = None;
    loop {
        let page = desk.ports.payments.page(Index::All, after, CHUNK).await?;
        let Some(last) = page.last() else {
            return Ok(places);
        };
        after = Some(last.id);
        for payment in page.iter().filter(|one| one.bank == desk.place) {
            let place = match payment.state {
                State::Success | State::Final | State::Dishonored => &mut places.settled,
                State::ReversalPending | State::ReversalReturned => &mut places.settled,
                State::Returned | State::Contested | State::Reversed => &mut places.returned,
                State::Failed if payment.returned.is_some() => &mut places.returned,
                State::Failed => &mut places.failed,
                State::Canceled => &mut places.canceled,
                State::Init | State::Review | State::Batched | State::Unknown => {
                    &mut places.waiting
                }
                State::SentToBank | State::Pending => &mut places.waiting,
            };
            add(place, 1, payment.order.amount.get())?;
        }
    }
}

fn add(place: &mut Total, count: u64, cents: u64) -> Result<()> {
    place.count += count;
    let sum = place.cents.checked_add(Cents::new(cents));
    place.cents = sum.ok_or_else(|| desk::failure::too_large("payments"))?;
    Ok(())
}

async fn records(desk: &Desk) -> Result<Vec<Reconciled>> {
    let all = records::all(&*desk.ports.objects, names::RECONCILED_PREFIX).await?;
    Ok(all.into_iter().map(|read| read.record).collect())
}

fn all_breaks(records: &[Reconciled]) -> AllBreaks {
    let mut all = AllBreaks::new();
    for found in records.iter().flat_map(|record| &record.breaks) {
        let named = Named {
            kind: found.kind.to_string(),
            key: found.key.clone(),
            cents: found.cents.get(),
        };
        let name = (found.kind.to_string(), found.key.clone());
        let entry = all.entry(name).or_insert_with(|| (named, found.clone()));
        entry.1 = found.clone();
    }
    all
}

/// The clearing accounts at the end of the last day, each key with the break that explains it.
async fn clearing(desk: &Desk, breaks: &AllBreaks) -> Result<Vec<NotZero>> {
    let objects = &*desk.ports.objects;
    let days = records::all::<PostedDay>(objects, names::POSTED_PREFIX).await?;
    let Some(last) = days.last() else {
        return Ok(Vec::new());
    };
    let Some(part) = &last.balances else {
        return Ok(Vec::new());
    };
    let mut open = Vec::new();
    for row in parts::rows_of::<Balances>(objects, part).await? {
        let account = Account::from_number(&row.account).filter(|a| a.is_clearing());
        if let Some(account) = account {
            let residue = Residue {
                account,
                key: row.key.to_string(),
                cents: row.balance,
            };
            open.push(NotZero {
                why: why(&residue, breaks),
                account: row.account.to_string(),
                cents: row.balance.get(),
                key: residue.key,
            });
        }
    }
    Ok(open)
}

fn why(residue: &Residue, breaks: &AllBreaks) -> String {
    let mut breaks = breaks.values().map(|(_, found)| found);
    let explains = breaks.find(|b| residue.is_explained(&b.key, b.left.as_deref(), b.cents));
    explains.map_or(String::new(), |found| {
        format!("{} {}", found.kind, found.key)
    })
}

fn reasons(
    places: &Conservation,
    planted: &BTreeSet<Named>,
    found: &BTreeSet<Named>,
    clearing: &[NotZero],
) -> Vec<String> {
    let mut reasons = Vec::new();
    if !places.holds() {
        reasons.push("payments in are not the sum of where they are".to_owned());
    }
    for named in planted.difference(found) {
        let Named { kind, key, cents } = named;
        reasons.push(format!(
            "planted and not found: {kind} {key} {}",
            SignedCents::new(*cents)
        ));
    }
    for named in found.difference(planted) {
        let Named { kind, key, cents } = named;
        reasons.push(format!(
            "found and not planted: {kind} {key} {}",
            SignedCents::new(*cents)
        ));
    }
    for open in clearing.iter().filter(|open| open.why.is_empty()) {
        let NotZero {
            account,
            key,
            cents,
            ..
        } = open;
        let cents = SignedCents::new(*cents);
        reasons.push(format!(
            "account {account} key {key} is at {cents} and no break says why"
        ));
    }
    reasons
}
