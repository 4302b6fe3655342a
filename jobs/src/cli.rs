//! The command line. DESIGN's contract: results on stdout, progress on stderr, `--json` prints
//! one document, and the exit status says what happened.
//!
//! Nothing below knows this module: jobs answer with tallies and failures, and how those are
//! shown is decided here alone.

mod ach;
mod arguments;
mod banks;
mod customers;
mod days;
mod documents;
mod failed;
mod fundings;
mod help;
mod log;
mod manual;
mod merchants;
mod output;
mod preview;
mod queries;
mod risks;
mod sandbox;
pub mod schema;
mod statements;

pub use arguments::command;

use crate::progress::Shown;
use crate::terminal::is_read;
use crate::{init, stage, verify};
use arguments::{Cli, Command, Everywhere, Init, Log};
use clap::FromArgMatches;
use desk::config::Config;
use desk::failure::{Failure, Result, Status};
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
        parts: None,
    }
}

/// Makes an installation, or adopts one that is there.
async fn made(out: &Output, config: Config, how: Init) -> Result<Option<Status>> {
    let config = match how.dir {
        Some(dir) => config.moved(&dir)?,
        None => config,
    };
    let (_, init) = init::run(config, None, how.restored).await?;
    out.show(schema::INIT, &init, true)?;
    Ok(None)
}

/// What an installation is made of is for its owner alone, whoever makes it; what is made without
/// one has the rights that people are used to.
fn keep_private(command: &Command) {
    let alone = matches!(
        command,
        Command::Ach(_)
            | Command::Statement(_)
            | Command::Risk(_)
            | Command::Completions { .. }
            | Command::Man { .. }
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
    keep_private(&cli.command);
    match cli.command {
        Command::Init(how) => made(&out, Config::read(config)?, how).await,
        Command::Demo(options) => days::demo(&out, Config::read(config)?, &options).await,
        Command::Ach(command) => ach::run(command, &out),
        Command::Statement(command) => statements::run(command, &out),
        Command::Risk(command) => risks::run(command, &out),
        Command::Completions { shell } => manual::completions(&out, shell),
        Command::Man { out: folder } => manual::manual(&out, folder.as_deref()),
        Command::Merchants(command) => merchants::run(command, Config::read(config)?, &out).await,
        Command::Vault(command) => merchants::vault(command, Config::read(config)?, &out).await,
        Command::Query(asked) if asked.list => queries::list(&out),
        Command::Verify {
            dir,
            manifest,
            date: None,
        } => verified(&out, dir, manifest.as_deref()),
        command => {
            let bank = cli.everywhere.bank.as_deref().map(Path::to_string_lossy);
            banks::each(&out, &command, bank.as_deref(), Config::read(config)?).await
        }
    }
}

fn verified(out: &Output, dir: Option<PathBuf>, manifest: Option<&str>) -> Result<Option<Status>> {
    let dir = dir.ok_or_else(|| {
        Failure::usage("there is nothing to verify").remedy("name a folder or a --date")
    })?;
    let manifest = manifest.map(|text| days::hash("--manifest", text));
    days::proof(out, &verify::folder(&dir, manifest.transpose()?)?)
}
