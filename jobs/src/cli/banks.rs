//! Commands of an installation, for each of its banks: one after the other in the order of the
//! configuration. What goes wrong at one does not keep the others from their work, and the exit
//! status is the worst.

use super::arguments::{
    Command, CustomerCommand, FundingCommand, OnDate, SandboxCommand, TablesCommand,
};
use super::customers::Filed;
use super::output::Output;
use super::queries::Among;
use super::{customers, days, failed, fundings, queries, sandbox, schema};
use crate::check::{self, Scope};
use crate::order::banking_day;
use crate::{
    allocate, archive, deliver, ingest, open, post, reconcile, retrieve, savings, upgrade, verify,
};
use connectors::Addresses;
use desk::config::Config;
use desk::failure::{Failure, Result, Status};
use desk::{Desk, House, installation};
use failed::Trouble;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tracing::Instrument;

/// The document of a command that was for several banks.
#[derive(Serialize)]
struct Banks {
    banks: Vec<OfBank>,
}

/// What it did at one of them: its document, or why there is none.
#[derive(Serialize)]
struct OfBank {
    bank: String,
    status: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Trouble>,
}

/// One bank that a command is for.
struct At<'a> {
    desk: &'a Desk,
    addresses: &'a Addresses,
    among: Among,
}

/// Runs a command for every bank, or for the one that is named; what is to go into a file does.
///
/// # Errors
/// Where the installation cannot be opened; of one bank alone, as the command itself.
pub async fn each(
    out: &Output,
    command: &Command,
    bank: Option<&str>,
    config: Config,
) -> Result<Option<Status>> {
    let Command::Customers(CustomerCommand::ExportCustomer { whose, out: file }) = command else {
        return shown(out, command, bank, config).await;
    };
    let Some(file) = file else {
        // Of several banks too it is one document, whether or not one was asked for.
        let mut out = out.clone();
        out.json = true;
        return shown(&out, command, bank, config).await;
    };
    let filed = Filed::begin(whose, file)?;
    let ended = shown(&filed.output(out), command, bank, config).await?;
    filed.end(ended, out)
}

async fn shown(
    out: &Output,
    command: &Command,
    bank: Option<&str>,
    config: Config,
) -> Result<Option<Status>> {
    if let Some(date) = date_of(command) {
        banking_day(date)?;
    }
    let addresses: Vec<Addresses> = [&config]
        .into_iter()
        .chain(&config.others)
        .map(|config| config.addresses.clone())
        .collect();
    upgrade::before_opening(&config, whom(command)).await?;
    let house = opened(config, needs(command))?;
    let desks = house.of(bank)?;
    if let (Some(what), true) = (one_alone(command), desks.len() > 1) {
        return Err(
            Failure::usage(format!("{what} is for one bank, and there are several"))
                .remedy("name it with --bank NAME"),
        );
    }
    if let Command::Customers(command) = command {
        customers::before(command, &house, &desks).await?;
    }
    let (of, mut first) = (desks.len(), true);
    let (mut all, mut worst) = (Vec::new(), None);
    for (desk, addresses) in house.desks().zip(&addresses) {
        if !desks.iter().any(|chosen| chosen.place == desk.place) {
            continue;
        }
        let among = Among { of, first };
        first = false;
        let at = At {
            desk,
            addresses,
            among,
        };
        if of == 1 {
            return told(out, command, &at).await;
        }
        let (ended, document) = one(out, command, &at).await?;
        worst = worst.max(ended.status().map(|status| status as u8));
        all.push(OfBank {
            bank: desk.bank.name.clone(),
            status: ended.status().map_or(0, |status| status as u8),
            document,
            error: ended.trouble(),
        });
    }
    if out.json {
        out.document(schema::BANKS, &Banks { banks: all })?;
    }
    Ok(worst.and_then(Status::of))
}

/// How a command ended at one bank.
struct Ended(Result<Option<Status>>);

impl Ended {
    fn status(&self) -> Option<Status> {
        match &self.0 {
            Ok(status) => *status,
            Err(failure) => Some(failure.status),
        }
    }

    fn trouble(&self) -> Option<Trouble> {
        self.0.as_ref().err().map(Trouble::of)
    }
}

/// Runs a command at one of several banks; a failure is told and ends nothing but this.
async fn one(out: &Output, command: &Command, at: &At<'_>) -> Result<(Ended, Option<Value>)> {
    let name = &at.desk.bank.name;
    let parts = Arc::new(Mutex::new(Vec::new()));
    let mut its = out.clone();
    its.parts = out.json.then(|| Arc::clone(&parts));
    if !out.json && !is_sheet(command) {
        out.remark(format!("bank {name}:"))?;
    }
    let ended = told(&its, command, at).await;
    if let Err(failure) = &ended {
        failed::of_bank(name, failure);
    }
    let document = parts.lock().unwrap_or_else(PoisonError::into_inner).pop();
    Ok((Ended(ended), document))
}

async fn told(out: &Output, command: &Command, at: &At<'_>) -> Result<Option<Status>> {
    let span = tracing::info_span!("bank", name = %at.desk.bank.name);
    let work = async {
        if is_proof(command) {
            if matches!(command, Command::Check { .. }) {
                at.desk.ports.bank.ready().await?;
            }
            let desk = &upgrade::to_prove(at.desk).await?;
            return obey(out, command, &At { desk, ..*at }).await;
        }
        if !matches!(command, Command::Upgrade { .. }) {
            installation::current(at.desk).await?;
        }
        if works_for_bank(command) {
            at.desk.ports.bank.ready().await?;
            installation::has_its_payments(at.desk).await?;
        }
        obey(out, command, at).await
    };
    Box::pin(work.instrument(span)).await
}

/// Whether a command is a bank's work, which stands still where the line to it is away: a day
/// without answers would look the same.
const fn works_for_bank(command: &Command) -> bool {
    matches!(
        command,
        Command::Day(_)
            | Command::Cut { dry_run: false, .. }
            | Command::Deliver { .. }
            | Command::Ingest { .. }
            | Command::Allocate(_)
            | Command::Post(_)
            | Command::Reconcile(_)
            | Command::Savings(_)
            | Command::Archive(_)
            | Command::Sandbox(_)
    )
}

/// Whom an installation is opened for.
const fn whom(command: &Command) -> upgrade::For {
    match is_proof(command) || matches!(command, Command::Upgrade { .. }) {
        true => upgrade::For::Proof,
        false => upgrade::For::Work,
    }
}

/// Whether a command proves what is there or brings back what was, which an older form needs
/// before it is brought forward.
const fn is_proof(command: &Command) -> bool {
    matches!(
        command,
        Command::Check { .. } | Command::Verify { .. } | Command::Retrieve { .. }
    )
}

/// The business date of a command.
const fn date_of(command: &Command) -> Option<Date> {
    match command {
        Command::Day(on)
        | Command::Allocate(on)
        | Command::Post(on)
        | Command::Reconcile(on)
        | Command::Savings(on)
        | Command::Archive(on)
        | Command::Cut { on, .. }
        | Command::Ingest { on, .. }
        | Command::Retrieve { on, .. }
        | Command::Deliver { on, .. }
        | Command::Sandbox(SandboxCommand::Day { on, .. }) => Some(on.date),
        Command::Verify { date, .. } | Command::Check { date, .. } => *date,
        _ => None,
    }
}

/// What a command needs of an installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    /// All of it, to write.
    All,
    /// All of it, to look at: it writes nothing where the installation lies.
    Look,
    /// All of it, to look at, while no command works on it.
    LookAlone,
    /// Tables and records, to read; no payment.
    Tables,
}

const fn needs(command: &Command) -> Needs {
    match command {
        Command::Cut { dry_run: true, .. } | Command::Upgrade { dry_run: true, .. } => Needs::Look,
        Command::Check { .. } => Needs::Look,
        // What it writes are objects and marks; the store stays as it is.
        Command::Upgrade { .. } => Needs::LookAlone,
        Command::Verify { .. } | Command::Retrieve { .. } => Needs::Tables,
        Command::Customers(CustomerCommand::Forget { dry_run: false, .. }) => Needs::All,
        Command::Customers(_) => Needs::Look,
        Command::Tables(TablesCommand::Parts) => Needs::All,
        Command::Query(_) | Command::Tables(_) => Needs::Tables,
        Command::Funding(FundingCommand::List { .. }) => Needs::Tables,
        _ => Needs::All,
    }
}

fn is_sheet(command: &Command) -> bool {
    matches!(command, Command::Query(asked) if asked.csv)
}

/// What makes sense at one bank alone: what names a thing of one.
fn one_alone(command: &Command) -> Option<&'static str> {
    match command {
        Command::Ingest { files, .. } if !files.is_empty() => Some("ingest FILE"),
        Command::Deliver { set_aside, .. } if !set_aside.is_empty() => Some("deliver --set-aside"),
        Command::Deliver { taken, .. } if !taken.is_empty() => Some("deliver --taken"),
        Command::Check { known: Some(_), .. } => Some("check --known"),
        Command::Retrieve { .. } => Some("retrieve --to"),
        Command::Tables(TablesCommand::Ddl { .. }) => Some("tables ddl"),
        Command::Funding(FundingCommand::Announce { .. }) => Some("funding announce"),
        Command::Funding(FundingCommand::Withdraw { .. }) => Some("funding withdraw"),
        Command::Sandbox(SandboxCommand::Answer { .. }) => Some("sandbox answer"),
        _ => None,
    }
}

fn opened(config: Config, needs: Needs) -> Result<House> {
    match needs {
        Needs::All => open::house(config),
        Needs::Look => open::look_at_all(config),
        Needs::LookAlone => open::look_alone(config),
        Needs::Tables => open::look_at_tables(config),
    }
}

/// What a command does at one bank.
async fn obey(out: &Output, command: &Command, at: &At<'_>) -> Result<Option<Status>> {
    let desk = at.desk;
    match command {
        Command::Day(on) => days::day(out, desk, on.date).await,
        Command::Cut {
            on,
            window,
            dry_run,
        } => days::cut(out, desk, on.date, *window, *dry_run).await,
        Command::Ingest { on, files } => ingested(out, desk, on.date, files).await,
        Command::Deliver {
            on,
            set_aside,
            taken,
        } => {
            let asked = deliver::Asked { set_aside, taken };
            days::job(
                out,
                "deliver",
                on.date,
                deliver::as_told(desk, on.date, asked),
            )
            .await
        }
        Command::Retrieve { on, to } => {
            retrieve::outside(to, at.addresses)?;
            days::proof(out, &retrieve::run(desk, on.date, to).await?)
        }
        Command::Verify {
            date: Some(date), ..
        } => days::proof(out, &verify::archived(desk, *date).await?),
        Command::Check { date, known, .. } => {
            let known = known.as_deref().map(|text| days::hash("--known", text));
            let known = known.transpose()?;
            let scope = date.map_or(Scope::All, Scope::Date);
            days::check(out, &check::run(desk, scope, known).await?)
        }
        Command::Upgrade {
            dry_run,
            despite_findings,
        } => {
            let how = upgrade::How {
                dry_run: *dry_run,
                despite_findings: *despite_findings,
            };
            days::upgrade(out, &upgrade::run(desk, how).await?)
        }
        Command::Query(asked) => {
            queries::run(asked.clone(), desk, at.addresses, at.among, out).await
        }
        Command::Tables(command) => queries::tables(command.clone(), desk, at.addresses, out).await,
        Command::Funding(command) => fundings::run(command.clone(), desk, out).await,
        Command::Sandbox(command) => sandbox::run(command, desk, at.addresses, out).await,
        Command::Customers(command) => {
            customers::run(command.clone(), desk, at.among.of, out).await
        }
        _ => job(out, desk, command).await,
    }
}

/// The jobs of a date that take nothing but it.
async fn job(out: &Output, desk: &Desk, command: &Command) -> Result<Option<Status>> {
    match command {
        Command::Allocate(OnDate { date }) => {
            days::job(out, "allocate", *date, allocate::run(desk, *date)).await
        }
        Command::Post(OnDate { date }) => {
            days::job(out, "post", *date, post::run(desk, *date)).await
        }
        Command::Reconcile(OnDate { date }) => {
            days::job(out, "reconcile", *date, reconcile::run(desk, *date)).await
        }
        Command::Savings(OnDate { date }) => {
            days::job(out, "savings", *date, savings::run(desk, *date)).await
        }
        Command::Archive(OnDate { date }) => {
            days::job(out, "archive", *date, archive::run(desk, *date)).await
        }
        _ => Err(Failure::impossible("a command that is of no bank")),
    }
}

async fn ingested(
    out: &Output,
    desk: &Desk,
    date: Date,
    files: &[PathBuf],
) -> Result<Option<Status>> {
    if files.is_empty() {
        return days::job(out, "ingest", date, ingest::run(desk, date)).await;
    }
    days::job(out, "ingest", date, ingest::files(desk, date, files)).await
}
