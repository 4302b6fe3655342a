//! The command line. DESIGN's contract: results on stdout, progress on stderr, `--json` prints
//! one document, and the exit status says what happened.
//!
//! Nothing below knows this module: jobs answer with tallies and failures, and how those are
//! shown is decided here alone.

mod ach;
mod arguments;
mod customers;
mod days;
mod documents;
mod failed;
mod fundings;
mod help;
mod log;
mod manual;
mod output;
mod preview;
mod queries;
pub mod schema;
mod statements;

pub use arguments::command;

use crate::check::{self, Scope};
use crate::order::banking_day;
use crate::progress::Shown;
use crate::terminal::is_read;
use crate::{
    allocate, archive, deliver, ingest, init, open, post, reconcile, savings, stage, upgrade,
    verify,
};
use arguments::{
    Cli, Command, CustomerCommand, Everywhere, FundingCommand, Init, Log, Query, TablesCommand,
};
use clap::FromArgMatches;
use desk::Desk;
use desk::config::Config;
use desk::failure::{Failure, Result, Status};
use jiff::civil::Date;
use nix::sys::stat::{Mode, umask};
use output::Output;
use settlement::foreign;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Runs the command that this process was started with.
pub fn main() -> ExitCode {
    ExitCode::from(answer(std::env::args_os()))
}

/// Parses the arguments, the program's name first, runs the command, and answers with its exit
/// status.
pub fn answer(args: impl IntoIterator<Item = OsString>) -> u8 {
    let args: Vec<OsString> = args.into_iter().collect();
    let json = failed::wants_json(&args);
    let cli = match parsed(&args) {
        Ok(cli) => cli,
        Err(error) => return failed::misread(&plain(&args, error), json),
    };
    if let Err(failure) = log::begin(cli.everywhere.log) {
        return failed::report(&failure, json);
    }
    let runtime = tokio::runtime::Runtime::new().map_err(|error| {
        Failure::could_not(format!("cannot start: {error}"))
            .remedy("free some memory or processes, and run the same again")
    });
    let ended = runtime.and_then(|runtime| runtime.block_on(run(cli)));
    match ended {
        Ok(status) => status.map_or(0, |status| status as u8),
        // Whoever read our results has gone: there is nobody to fail.
        Err(_) if !is_read() => 0,
        Err(failure) => failed::report(&failure, json),
    }
}

fn parsed(args: &[OsString]) -> std::result::Result<Cli, clap::Error> {
    let matches = command().try_get_matches_from(args)?;
    Cli::from_arg_matches(&matches)
}

/// What is wrong with a command line, said of it as foreign text is shown: an argument with a
/// line end in it must not look like a line of ours.
fn plain(args: &[OsString], error: clap::Error) -> clap::Error {
    let seen = args.iter().map(|arg| arg.to_string_lossy());
    let seen: Vec<OsString> = seen
        .map(|arg| foreign::line(&arg).into_owned().into())
        .collect();
    match seen == args {
        true => error,
        false => parsed(&seen).err().unwrap_or(error),
    }
}

/// Where results and progress go.
fn output(everywhere: &Everywhere) -> Output {
    let silent = everywhere.quiet || everywhere.json;
    let progress = match Shown::on_stderr(silent) {
        // A bar among log lines would be drawn over by them.
        Shown::Bar if everywhere.log != Log::Off => Shown::Lines,
        shown => shown,
    };
    Output {
        json: everywhere.json,
        quiet: everywhere.quiet,
        progress,
    }
}

/// The desk for a date. One that no bank works on is refused before anything is opened; with
/// `dry_run` nothing is written where it lies.
async fn desk(config: Option<&Path>, date: Date, dry_run: bool) -> Result<Desk> {
    banking_day(date)?;
    let desk = opened(Config::read(config)?, dry_run)?;
    upgrade::current(&desk).await?;
    Ok(desk)
}

fn opened(config: Config, dry_run: bool) -> Result<Desk> {
    match dry_run {
        true => open::look(config),
        false => open::desk(config),
    }
}

/// Makes an installation, or adopts one that is there.
async fn made(out: &Output, config: Config, how: Init) -> Result<Option<Status>> {
    let mut config = config;
    if let Some(dir) = how.dir {
        config.addresses.data = format!("file:{}", dir.display());
    }
    let (_, init) = init::run(config, None, how.restored).await?;
    out.show(schema::INIT, &init, true)?;
    Ok(None)
}

/// What an installation is made of is for its owner alone, whoever makes it; what is made without
/// one has the rights that people are used to.
fn keep_private(command: &Command) {
    let alone = matches!(
        command,
        Command::Ach(_) | Command::Statement(_) | Command::Completions { .. } | Command::Man { .. }
    );
    if !alone {
        umask(Mode::S_IRWXG | Mode::S_IRWXO);
    }
}

async fn run(cli: Cli) -> Result<Option<Status>> {
    let out = output(&cli.everywhere);
    stage::told(out.progress, Box::pin(obey(cli, out))).await
}

async fn obey(cli: Cli, out: Output) -> Result<Option<Status>> {
    let config = cli.everywhere.config.as_deref();
    let desk = |date: Date| self::desk(config, date, false);
    keep_private(&cli.command);
    match cli.command {
        Command::Init(how) => made(&out, Config::read(config)?, how).await,
        Command::Demo(options) => days::demo(&out, Config::read(config)?, &options).await,
        Command::Day(on) => days::day(&out, &desk(on.date).await?, on.date).await,
        Command::Cut {
            on,
            window,
            dry_run,
        } => {
            let desk = self::desk(config, on.date, dry_run).await?;
            days::cut(&out, &desk, on.date, window, dry_run).await
        }
        Command::Ingest { on, files } => {
            ingested(&out, &desk(on.date).await?, on.date, files).await
        }
        Command::Retrieve { on, to } => {
            days::retrieve(&out, &desk(on.date).await?, on.date, &to).await
        }
        Command::Verify {
            dir,
            manifest,
            date,
        } => match date {
            Some(date) => days::proof(&out, &verify::archived(&desk(date).await?, date).await?),
            None => verified(&out, dir, manifest.as_deref()),
        },
        Command::Check { date, known, .. } => {
            checked(&out, Config::read(config)?, date, known).await
        }
        Command::Upgrade { dry_run } => {
            let desk = opened(Config::read(config)?, dry_run)?;
            days::upgrade(&out, &upgrade::run(&desk, dry_run).await?)
        }
        Command::Ach(command) => ach::run(command, &out),
        Command::Query(asked) => answered(&out, Config::read(config)?, asked).await,
        Command::Tables(command) => tables(&out, Config::read(config)?, command).await,
        Command::Funding(command) => funded(&out, Config::read(config)?, command).await,
        Command::Customers(asked) => customers(&out, Config::read(config)?, asked).await,
        Command::Statement(command) => statements::run(command, &out),
        Command::Completions { shell } => manual::completions(&out, shell),
        Command::Man { out: folder } => manual::manual(&out, folder.as_deref()),
        Command::Deliver { on, set_aside } => {
            delivered(&out, &desk(on.date).await?, on.date, &set_aside).await
        }
        Command::Allocate(on) => {
            let desk = desk(on.date).await?;
            days::job(&out, "allocate", on.date, allocate::run(&desk, on.date)).await
        }
        Command::Post(on) => {
            let desk = desk(on.date).await?;
            days::job(&out, "post", on.date, post::run(&desk, on.date)).await
        }
        Command::Reconcile(on) => {
            let desk = desk(on.date).await?;
            days::job(&out, "reconcile", on.date, reconcile::run(&desk, on.date)).await
        }
        Command::Savings(on) => {
            let desk = desk(on.date).await?;
            days::job(&out, "savings", on.date, savings::run(&desk, on.date)).await
        }
        Command::Archive(on) => {
            let desk = desk(on.date).await?;
            days::job(&out, "archive", on.date, archive::run(&desk, on.date)).await
        }
    }
}

/// What is asked of a customer; only to forget them writes anything.
async fn customers(out: &Output, config: Config, asked: CustomerCommand) -> Result<Option<Status>> {
    let asked = customers::Asked::of(asked)?;
    let desk = opened(config, asked.looks())?;
    upgrade::current(&desk).await?;
    customers::run(asked, &desk, out).await
}

async fn checked(
    out: &Output,
    config: Config,
    date: Option<Date>,
    known: Option<String>,
) -> Result<Option<Status>> {
    let known = known.as_deref().map(days::hash).transpose()?;
    let desk = opened(config, true)?;
    upgrade::current(&desk).await?;
    days::check(out, &check::run(&desk, scope(date)?, known).await?)
}

/// What is asked of the tables, which are only looked at; a list of questions needs none.
async fn answered(out: &Output, config: Config, asked: Query) -> Result<Option<Status>> {
    if asked.list {
        return queries::list(out);
    }
    let addresses = config.addresses.clone();
    let desk = opened(config, true)?;
    upgrade::current(&desk).await?;
    queries::run(asked, &desk, &addresses, out).await
}

/// What is done with the tables; only to list their parts writes anything.
async fn tables(out: &Output, config: Config, command: TablesCommand) -> Result<Option<Status>> {
    let look = !matches!(command, TablesCommand::Parts);
    let addresses = config.addresses.clone();
    let desk = opened(config, look)?;
    upgrade::current(&desk).await?;
    queries::tables(command, &desk, &addresses, out).await
}

/// What is said of fundings; a list is only looked at.
async fn funded(out: &Output, config: Config, command: FundingCommand) -> Result<Option<Status>> {
    let look = matches!(command, FundingCommand::List { .. });
    let desk = opened(config, look)?;
    upgrade::current(&desk).await?;
    fundings::run(command, &desk, out).await
}

async fn delivered(
    out: &Output,
    desk: &Desk,
    date: Date,
    set_aside: &[String],
) -> Result<Option<Status>> {
    if set_aside.is_empty() {
        return days::job(out, "deliver", date, deliver::run(desk, date)).await;
    }
    let work = deliver::setting_aside(desk, date, set_aside);
    days::job(out, "deliver", date, work).await
}

fn verified(out: &Output, dir: Option<PathBuf>, manifest: Option<&str>) -> Result<Option<Status>> {
    let dir = dir.ok_or_else(|| {
        Failure::usage("there is nothing to verify").remedy("name a folder or a --date")
    })?;
    days::proof(out, &verify::folder(&dir, manifest)?)
}

/// What a check covers.
fn scope(date: Option<Date>) -> Result<Scope> {
    match date {
        Some(date) => Ok(Scope::Date(banking_day(date)?)),
        None => Ok(Scope::All),
    }
}

async fn ingested(
    out: &Output,
    desk: &Desk,
    date: Date,
    files: Vec<PathBuf>,
) -> Result<Option<Status>> {
    if files.is_empty() {
        return days::job(out, "ingest", date, ingest::run(desk, date)).await;
    }
    days::job(out, "ingest", date, ingest::files(desk, date, &files)).await
}
