//! The commands of a business date: the jobs, all of them in a row, and the proof afterwards.

use super::documents::{Cuts, DayTallies, JobTally};
use super::output::Output;
use super::{preview, schema};
use crate::check::Check;
use crate::tally::Tally;
use crate::upgrade::Upgrade;
use crate::verify::Proof;
use crate::watch::watched;
use crate::{cut, day, demo};
use desk::Desk;
use desk::config::Config;
use desk::failure::{Failure, Result, Status};
use jiff::civil::Date;
use serde::Serialize;
use settlement::archive::Hash256;
use settlement::foreign;
use settlement::windows::Window;
use std::future::Future;

/// Plays whole days in a sandbox, and says whether they tie out.
pub async fn demo(out: &Output, config: Config, options: &demo::Options) -> Result<Option<Status>> {
    let verdict = demo::play(config, options, out.quiet || out.json).await?;
    let tied_out = verdict.tied_out();
    if out.json {
        let others = verdict.others.iter().map(|one| &one.summary).collect();
        let summary = &verdict.summary;
        out.document(schema::DEMO, &Demo { summary, others })?;
        return Ok((!tied_out).then_some(Status::Findings));
    }
    for verdict in [&verdict].into_iter().chain(&verdict.others) {
        let report = crate::report::terminal::render(&verdict.report);
        let html = foreign::path(&verdict.html);
        let mut text = format!("{}\nThe report is {html}", report.trim_end());
        if let Some(bank) = &verdict.summary.bank {
            text.insert_str(0, &format!("\nBank {bank}\n"));
        }
        match verdict.summary.tied_out {
            true => out.remark(text)?,
            false => out.text(text)?,
        }
    }
    Ok((!tied_out).then_some(Status::Findings))
}

/// What a demo comes to at the home bank, and what at the others.
#[derive(Serialize)]
struct Demo<'a> {
    #[serde(flatten)]
    summary: &'a demo::Summary,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    others: Vec<&'a demo::Summary>,
}

/// Runs every job of a date. Each tally is printed once, as soon as it is there.
pub async fn day(out: &Output, desk: &Desk, date: Date) -> Result<Option<Status>> {
    // What cannot be printed keeps no job from being done.
    let mut printed = Ok(());
    let mut tell = |tally: &Tally| {
        if !out.json && printed.is_ok() {
            printed = text(out, tally);
        }
        Ok(())
    };
    let day = day::telling(desk, date, &mut tell).await?;
    if out.json {
        printed = out.document(schema::DAY, &DayTallies::of(&day));
    }
    printed.map_err(|failure| {
        let Failure { message, .. } = &failure;
        let why = format!("{date} is done, and its tallies are recorded; {message}");
        Failure {
            message: why,
            ..failure
        }
        .remedy("nothing is left to do; the same again prints the tallies")
    })?;
    Ok(status(&day.tallies))
}

/// Cuts one window or all, or says what would be cut.
pub async fn cut(
    out: &Output,
    desk: &Desk,
    date: Date,
    window: Option<Window>,
    dry_run: bool,
) -> Result<Option<Status>> {
    let windows = window.map_or(Window::ALL.to_vec(), |one| vec![one]);
    if dry_run {
        return would_cut(out, desk, date, &windows).await;
    }
    let mut tallies = Vec::new();
    for window in windows {
        let job = format!("cut-{window}");
        let tally = watched(&job, date, cut::run(desk, date, window)).await?;
        if !out.json {
            text(out, &tally)?;
        }
        tallies.push((window, tally));
    }
    if out.json {
        out.document(schema::CUT, &Cuts::done(date, &tallies))?;
    }
    let mut tallies = tallies.iter().map(|(_, tally)| tally);
    Ok(tallies
        .any(|tally| tally.findings > 0)
        .then_some(Status::Findings))
}

async fn would_cut(
    out: &Output,
    desk: &Desk,
    date: Date,
    windows: &[Window],
) -> Result<Option<Status>> {
    let mut previews = Vec::new();
    for window in windows {
        previews.push(cut::preview(desk, date, *window).await?);
    }
    if out.json {
        out.document(schema::CUT, &Cuts::previewed(date, &previews))?;
        return Ok(None);
    }
    previews
        .iter()
        .try_for_each(|preview| out.text(preview::text(preview)))?;
    Ok(None)
}

/// Runs one job, and prints its tally.
pub async fn job(
    out: &Output,
    name: &str,
    date: Date,
    work: impl Future<Output = Result<Tally>>,
) -> Result<Option<Status>> {
    let tally = watched(name, date, work).await?;
    if out.json {
        out.document(schema::TALLY, &JobTally::of(&tally))?;
    } else {
        text(out, &tally)?;
    }
    Ok(status(std::slice::from_ref(&tally)))
}

/// Prints what a check found.
pub fn check(out: &Output, check: &Check) -> Result<Option<Status>> {
    out.show(schema::CHECK, check, check.ok())?;
    Ok((!check.ok()).then_some(Status::Findings))
}

/// The hash behind what was typed.
pub fn hash(option: &str, text: &str) -> Result<Hash256> {
    text.trim().to_ascii_lowercase().parse().map_err(|e| {
        Failure::usage(format!("{option} {}: {e}", foreign::line(text)))
            .remedy("give the hash that archive printed as \"manifest\"")
    })
}

/// Prints what an upgrade found.
pub fn upgrade(out: &Output, upgrade: &Upgrade) -> Result<Option<Status>> {
    let all_well = upgrade.findings.is_empty();
    out.show(schema::UPGRADE, upgrade, all_well)?;
    Ok((!all_well).then_some(Status::Findings))
}

/// Prints what was proved.
pub fn proof(out: &Output, proof: &Proof) -> Result<Option<Status>> {
    out.show(schema::PROOF, proof, true)?;
    Ok(None)
}

/// A tally without findings only says that all is well.
fn text(out: &Output, tally: &Tally) -> Result<()> {
    match tally.findings {
        0 => out.remark(tally),
        _ => out.text(tally),
    }
}

fn status(tallies: &[Tally]) -> Option<Status> {
    tallies
        .iter()
        .any(|tally| tally.findings > 0)
        .then_some(Status::Findings)
}
