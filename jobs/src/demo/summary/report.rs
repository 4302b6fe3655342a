//! What the demo's report shows, gathered from the records of its days.

mod figures;

use crate::answer_rows::kind_of;
use crate::chain;
use crate::demo::summary::document::Summary;
use crate::demo::summary::input::Input;
use crate::events::AllEvents;
use crate::parts;
use crate::records::breaks::BreakRecord;
use crate::records::ingested::Ingested;
use crate::records::saved::Saved;
use crate::report::breaks::{Break, Breaks};
use crate::report::data::{
    Clearing, Conservation, Day, Files, ReportData, ReturnRate, Returned, Savings, SealedDay,
    Tally as Total, Timing,
};
use crate::tally::Tally;
use crate::{records, verify};
use desk::Desk;
use desk::failure::{Failure, Result, Status, too_large};
use desk::names;
use formats::tables::AchReturns;
use settlement::archive::Manifest;
use settlement::codes::returns::ReturnCode;
use settlement::ids::Direction;
use settlement::journal::Account;
use settlement::money::{Cents, SignedCents};
use settlement::returns::AnswerKind;
use settlement::savings::{BankPrices, CardInputs, claims};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::Path;

/// Gathers the report.
pub async fn build(
    input: &Input<'_>,
    summary: &Summary,
    conservation: Conservation,
    reasons: &[String],
) -> Result<ReportData> {
    let dates: Vec<_> = input.scene.days.iter().map(|day| day.date).collect();
    let (Some(from), Some(to)) = (dates.first(), dates.last()) else {
        return Err(Failure::usage("no business day was run").remedy("give --days of 1 or more"));
    };
    let returns = returns(input).await?;
    Ok(ReportData {
        source: format!("{} bank, seed {}", input.desk.bank.name, input.options.seed),
        from: *from,
        to: *to,
        tied_out: summary.tied_out,
        reasons: reasons.to_vec(),
        conservation,
        days: days(input, &returns).await?,
        breaks: breaks(input)?,
        clearing: clearing(summary)?,
        returns: by_code(&returns)?,
        rates: rates(input, &returns).await?,
        savings: savings(input).await?,
        recounted: input.recounted,
        timings: timings(input),
        figures: figures::measure(input).await?,
        dir: input.options.dir.display().to_string(),
        files: files(input),
        archive: sealed(input).await?,
    })
}

fn breaks(input: &Input<'_>) -> Result<Breaks> {
    let all = input.breaks.values().map(|(_, found)| shown(found));
    Breaks::of(all.collect()).ok_or_else(|| too_large("breaks"))
}

fn shown(found: &BreakRecord) -> Break {
    Break {
        kind: found.kind.to_string(),
        key: found.key.clone(),
        date: found.first_seen,
        amount: found.cents,
        explanation: found.explanation.clone(),
        status: found.status.as_str().to_lowercase().replace('_', " "),
    }
}

/// A return that was matched to a payment.
struct Back {
    received: jiff::civil::Date,
    code: String,
    direction: Direction,
    cents: u64,
}

async fn returns(input: &Input<'_>) -> Result<Vec<Back>> {
    let objects = &*input.desk.ports.objects;
    let mut all = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for file in records::all::<Ingested>(objects, "ingested/").await? {
        for part in file
            .parts
            .iter()
            .filter(|part| part.name.starts_with("ach_returns/"))
        {
            for row in parts::rows_of::<AchReturns>(objects, part).await? {
                let first = row.payment_key.is_some_and(|payment| seen.insert(payment));
                if kind_of(&row)? == AnswerKind::Return && first {
                    all.push(Back {
                        received: row.received_date,
                        code: row.code.to_string(),
                        direction: row.direction.parse()?,
                        cents: row.amount.get().unsigned_abs(),
                    });
                }
            }
        }
    }
    Ok(all)
}

async fn days(input: &Input<'_>, returns: &[Back]) -> Result<Vec<Day>> {
    let mut days = Vec::new();
    for day in &input.scene.days {
        let found = input.records.iter().find(|record| record.date == day.date);
        let (mut cut, mut settled) = (Total::default(), Total::default());
        let cuts = parts::frozen_on(input.desk, day.date).await?;
        for part in cuts.iter().filter_map(|cut| cut.entries.as_ref()) {
            grow(&mut cut, part.rows, part.cents.get().unsigned_abs())?;
        }
        settled_on(input.desk, day.date, &mut settled).await?;
        let mut returned = Total::default();
        for back in returns.iter().filter(|back| back.received == day.date) {
            grow(&mut returned, 1, back.cents)?;
        }
        let new = found.map_or(0, |r| {
            r.breaks.iter().filter(|b| b.first_seen == day.date).count()
        });
        days.push(Day {
            date: day.date,
            cut,
            files: cuts.iter().map(|cut| cut.files.len() as u64).sum(),
            settled,
            returned,
            breaks: new as u64,
            tied_out: day.tallies.iter().all(Tally::ties_out),
        });
    }
    Ok(days)
}

async fn settled_on(desk: &Desk, date: jiff::civil::Date, total: &mut Total) -> Result<()> {
    let mut pages = AllEvents::new(desk, date);
    while let Some(page) = pages.next().await? {
        for event in &page {
            if matches!(event.event, settlement::payment::Event::Settled { .. }) {
                grow(total, 1, event.amount.get())?;
            }
        }
    }
    Ok(())
}

fn grow(total: &mut Total, count: u64, cents: u64) -> Result<()> {
    total.count += count;
    let sum = total.cents.checked_add(Cents::new(cents));
    total.cents = sum.ok_or_else(|| too_large("payments of a day"))?;
    Ok(())
}

fn clearing(summary: &Summary) -> Result<Vec<Clearing>> {
    let accounts = Account::all().filter(|account| account.is_clearing());
    accounts
        .map(|account| {
            let number = account.number().to_string();
            let keys = summary.clearing_not_zero.iter();
            let open: Vec<_> = keys.filter(|key| key.account == number).collect();
            let mut cents = open.iter().map(|key| SignedCents::new(key.cents));
            let balance = cents.try_fold(SignedCents::ZERO, |sum, key| sum.checked_add(key));
            let reasons = open.iter().map(|key| key.why.as_str());
            let reasons: Vec<&str> = reasons.filter(|why| !why.is_empty()).collect();
            Ok(Clearing {
                open_keys: open.len() as u64,
                balance: balance.ok_or_else(|| too_large(account.name()))?,
                why: reasons.join("; "),
                unexplained: (open.len() - reasons.len()) as u64,
                account: number,
                name: account.name().to_owned(),
            })
        })
        .collect()
}

fn by_code(returns: &[Back]) -> Result<Vec<Returned>> {
    let mut codes: BTreeMap<&str, Total> = BTreeMap::new();
    for back in returns {
        grow(codes.entry(&back.code).or_default(), 1, back.cents)?;
    }
    let meaning = |code: &str| {
        let known = code
            .parse::<ReturnCode>()
            .ok()
            .and_then(|code| code.reason());
        known.map_or(String::new(), |reason| reason.title.to_owned())
    };
    let returned = |(code, tally): (&str, Total)| Returned {
        code: code.to_owned(),
        meaning: meaning(code),
        tally,
    };
    let mut all: Vec<Returned> = codes.into_iter().map(returned).collect();
    // Stable: codes of the same sum stay in their order.
    all.sort_by_key(|of| Reverse(of.tally.cents));
    Ok(all)
}

async fn rates(input: &Input<'_>, returns: &[Back]) -> Result<Vec<ReturnRate>> {
    let mut originated = 0u64;
    for day in &input.scene.days {
        for cut in parts::frozen_on(input.desk, day.date).await? {
            let batches = cut.files.iter().flat_map(|file| &file.batches);
            let debits = batches.filter(|batch| batch.side == Some(Direction::Debit));
            originated += debits.map(|batch| batch.entries).sum::<u64>();
        }
    }
    let debits = || {
        returns
            .iter()
            .filter(|back| back.direction == Direction::Debit)
    };
    let code = |back: &&Back| back.code.parse::<ReturnCode>().ok();
    let count = |counts: &dyn Fn(ReturnCode) -> bool| {
        debits()
            .filter(|back| code(back).is_some_and(counts))
            .count() as u64
    };
    let rate = |name: &str, codes: &str, returned, limit| ReturnRate {
        name: name.to_owned(),
        codes: codes.to_owned(),
        returned,
        originated,
        limit,
    };
    Ok(vec![
        rate(
            "Unauthorized",
            "R05 R07 R10 R11 R29 R51",
            count(&|c| c.is_unauthorized()),
            50,
        ),
        rate(
            "Administrative",
            "R02 R03 R04",
            count(&|c| c.is_administrative()),
            300,
        ),
        rate("Overall", "every debit return", count(&|_| true), 1500),
    ])
}

async fn savings(input: &Input<'_>) -> Result<Option<Savings>> {
    let objects = &*input.desk.ports.objects;
    let Some(last) = records::all::<Saved>(objects, "saved/").await?.pop() else {
        return Ok(None);
    };
    let wrong = |e: settlement::savings::PriceError| {
        Failure::advised(Status::Usage, e, "correct the price list")
    };
    let claims = claims(&input.desk.prices, last.date).map_err(wrong)?;
    let bank = BankPrices::from_profile(&input.desk.bank.prices).unwrap_or_default();
    let cards = CardInputs::default();
    Ok(Savings::of(
        &last.books,
        bank.monthly_minimum,
        &cards,
        None,
        claims,
    ))
}

fn timings(input: &Input<'_>) -> Vec<Timing> {
    let taken = input.scene.taken.payments;
    let order = std::iter::once("intake").chain(crate::JOBS.iter().map(|job| job.name));
    order
        .filter_map(|job| {
            let elapsed_ms = *input.scene.elapsed_ms.get(job)?;
            let of_job = |tally: &&Tally| tally.job.split('-').next() == Some(job);
            let tallies = input
                .scene
                .days
                .iter()
                .flat_map(|day| &day.tallies)
                .filter(of_job);
            let records: u64 = tallies.map(|tally| tally.taken.records).sum();
            let items = if job == "intake" { taken } else { records };
            Some(Timing {
                job: job.to_owned(),
                elapsed_ms,
                items,
            })
        })
        .collect()
}

fn files(input: &Input<'_>) -> Vec<Files> {
    [
        ("Files sent to the bank", "objects/outbound"),
        ("Files received from the bank", "objects/inbound"),
        ("Payment events", "objects/payment_events"),
        ("Entries", "objects/ach_entries"),
        ("Returns", "objects/ach_returns"),
        ("Statement lines", "objects/bank_lines"),
        ("Journal", "objects/journal"),
        ("Balances", "objects/balances"),
        ("Matches", "objects/matches"),
        ("Breaks", "objects/breaks"),
        ("Savings", "objects/savings"),
        ("Sealed days", "archive"),
    ]
    .into_iter()
    .map(|(what, folder)| measured(what, &input.options.dir, &of_bank(input.desk, folder)))
    .collect()
}

/// A folder of a bank, seen from the folder of its report.
fn of_bank(desk: &Desk, folder: &str) -> String {
    let (root, below) = folder.split_once('/').unwrap_or((folder, ""));
    match desk.place.as_str() {
        "" => folder.to_owned(),
        place => format!("../{root}/banks/{place}/{below}"),
    }
}

/// The files below `dir/folder`. Of the archive only the packages: the seal beside each says what
/// its package must be, and is no day of its own.
fn measured(what: &str, dir: &Path, folder: &str) -> Files {
    let (mut count, mut bytes) = (0u64, 0u64);
    let mut folders = vec![dir.join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let Ok(meta) = entry.metadata() else { continue };
            if meta.is_dir() {
                folders.push(entry.path());
            } else if !is_seal(&entry.path()) {
                count += 1;
                bytes += meta.len();
            }
        }
    }
    Files {
        what: what.to_owned(),
        place: folder.to_owned(),
        count,
        bytes,
    }
}

fn is_seal(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "seal")
}

async fn sealed(input: &Input<'_>) -> Result<Vec<SealedDay>> {
    let objects = &*input.desk.ports.objects;
    let mut days = Vec::new();
    let Some(chain::At { head, .. }) = chain::head(objects).await? else {
        return Ok(days);
    };
    let mut next = Some(head.newest);
    while let Some(link) = next {
        let name = names::manifest(link.date);
        let Some(manifest) = records::get::<Manifest>(objects, &name).await? else {
            break;
        };
        let proved = verify::archived(input.desk, link.date).await.is_ok();
        let hex = |link: &Option<settlement::archive::Link>| {
            link.as_ref()
                .map_or(String::new(), |link| link.manifest_sha256.to_string())
        };
        days.push(SealedDay {
            date: link.date,
            bytes: manifest.package.size,
            members: manifest.members.len() as u64,
            tree_hash: manifest.package.tree_hash.to_string(),
            manifest: link.manifest_sha256.to_string(),
            previous: hex(&manifest.previous),
            retention_until: manifest.retention_until,
            proved,
        });
        next = manifest.previous;
    }
    days.reverse();
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_sealed_day_is_counted_once_although_its_seal_lies_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let archive = dir.path().join("archive");
        fs::create_dir_all(archive.join(".unfinished")).unwrap();
        for day in ["2026-11-24", "2026-11-25"] {
            fs::write(archive.join(format!("tieout-{day}.tar")), [0; 512]).unwrap();
            fs::write(archive.join(format!("tieout-{day}.tar.seal")), "{}").unwrap();
        }
        let days = measured("Sealed days", dir.path(), "archive");
        assert_eq!((days.count, days.bytes), (2, 1_024));
        assert_eq!(days.place, "archive");
    }
}
