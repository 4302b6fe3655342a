//! The command line. DESIGN's contract: results on stdout, progress on stderr, `--json` prints
//! one document, and the exit status says what happened.

mod ach;
mod output;
pub mod print;

use crate::order::banking_day;
use crate::{
    archive, cut, day, deliver, demo, ingest, open, post, reconcile, retrieve, savings, upgrade,
    verify,
};
use clap::{Args, Parser, Subcommand};
use desk::Desk;
use desk::config::Config;
use desk::failure::{Failure, Result, Status};
use desk::terminal::{is_read, say};
use jiff::civil::Date;
use output::Output;
use settlement::windows::Window;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

/// Batch settlement and reconciliation for ACH payments.
#[derive(Parser)]
#[command(
    name = "tieout",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(flatten)]
    everywhere: Everywhere,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args)]
struct Everywhere {
    /// Print one machine-readable document on stdout
    #[arg(long, global = true)]
    json: bool,
    /// The configuration; by default ./tieout.toml where there is one
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Say nothing on stderr but errors
    #[arg(long, global = true)]
    quiet: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Whole business days in a fresh sandbox, then the reports
    Demo(demo::Options),
    /// Every job of one business date
    Day(OnDate),
    /// Claim waiting payments, freeze them, and render NACHA files
    Cut {
        /// The business date
        #[arg(long)]
        date: Date,
        /// One window; by default all four
        #[arg(long)]
        window: Option<Window>,
        /// Say what would go when and what it would cost, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Upload the day's files and read them back
    Deliver(OnDate),
    /// Copy, register and read what the bank has put out
    Ingest {
        /// The business date it is received on
        #[arg(long)]
        date: Date,
        /// Local files instead of the bank's
        files: Vec<PathBuf>,
    },
    /// Write the journal and the balances
    Post(OnDate),
    /// Match the four legs, name every break
    Reconcile(OnDate),
    /// Compute what each payment cost against the baselines
    Savings(OnDate),
    /// Pack the day with a proof chained to the day before
    Archive(OnDate),
    /// Bring an archived day back, prove it, and unpack it
    Retrieve {
        /// The business date
        #[arg(long)]
        date: Date,
        /// A new or empty folder
        #[arg(long)]
        to: PathBuf,
    },
    /// Prove that an archived day is as it was sealed
    Verify {
        /// A folder that retrieve made
        #[arg(required_unless_present = "date", conflicts_with = "date")]
        dir: Option<PathBuf>,
        /// The SHA-256 that the folder's manifest must have, from a place of its own
        #[arg(long, value_name = "SHA256", requires = "dir")]
        manifest: Option<String>,
        /// A day in the archive
        #[arg(long)]
        date: Option<Date>,
    },
    /// Bring an installation of an older version forward
    Upgrade {
        /// Prove that every record can be read, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// ACH files
    #[command(subcommand)]
    Ach(ach::Command),
    /// Bank statements
    #[command(subcommand)]
    Statement(StatementCommand),
}

#[derive(Args)]
struct OnDate {
    /// The business date
    #[arg(long)]
    date: Date,
}

#[derive(Subcommand)]
enum StatementCommand {
    /// A statement for people: accounts, balances, lines, findings
    Describe {
        /// BAI2 or camt.053 files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// A statement for programs
    Json {
        /// BAI2 or camt.053 files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// Runs the command that this process was started with.
pub fn main() -> ExitCode {
    ExitCode::from(answer(std::env::args_os()))
}

/// Parses the arguments, the program's name first, runs the command, and answers with its exit
/// status.
pub fn answer(args: impl IntoIterator<Item = OsString>) -> u8 {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() {
                Status::Usage as u8
            } else {
                0
            };
        }
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            say(format_args!("tieout: cannot start: {error}"));
            return Status::CouldNot as u8;
        }
    };
    match runtime.block_on(run(cli)) {
        Ok(status) => status.map_or(0, |status| status as u8),
        // Whoever read our results has gone: there is nobody to fail.
        Err(_) if !is_read() => 0,
        Err(failure) => {
            say(format_args!("tieout: {failure}"));
            failure.status as u8
        }
    }
}

async fn run(cli: Cli) -> Result<Option<Status>> {
    let out = Output {
        json: cli.everywhere.json,
    };
    let Everywhere { config, quiet, .. } = cli.everywhere;
    // A date that no bank works on is refused before anything is opened or made.
    let desk = async |date: Date| -> Result<Desk> {
        banking_day(date)?;
        let desk = open::desk(Config::read(config.as_deref())?, quiet)?;
        upgrade::current(&desk, false).await?;
        Ok(desk)
    };
    match cli.command {
        Command::Demo(options) => {
            let config = Config::read(config.as_deref())?;
            return demo::run(config, options, quiet, out.json).await;
        }
        Command::Day(on) => return out.day(&day::run(&desk(on.date).await?, on.date).await?),
        Command::Cut {
            date,
            window,
            dry_run,
        } => {
            return cut_windows(&desk(date).await?, date, window, dry_run, &out).await;
        }
        Command::Deliver(on) => {
            return out.tally(&deliver::run(&desk(on.date).await?, on.date).await?);
        }
        Command::Ingest { date, files } if files.is_empty() => {
            return out.tally(&ingest::run(&desk(date).await?, date).await?);
        }
        Command::Ingest { date, files } => {
            return out.tally(&ingest::files(&desk(date).await?, date, &files).await?);
        }
        Command::Post(on) => return out.tally(&post::run(&desk(on.date).await?, on.date).await?),
        Command::Reconcile(on) => {
            return out.tally(&reconcile::run(&desk(on.date).await?, on.date).await?);
        }
        Command::Savings(on) => {
            return out.tally(&savings::run(&desk(on.date).await?, on.date).await?);
        }
        Command::Archive(on) => {
            return out.tally(&archive::run(&desk(on.date).await?, on.date).await?);
        }
        Command::Retrieve { date, to } => {
            out.proof(&retrieve::run(&desk(date).await?, date, &to).await?)?;
        }
        Command::Verify {
            dir: Some(dir),
            manifest,
            ..
        } => out.proof(&verify::folder(&dir, manifest.as_deref())?)?,
        Command::Verify {
            date: Some(date), ..
        } => {
            out.proof(&verify::archived(&desk(date).await?, date).await?)?;
        }
        Command::Verify { .. } => return Err(Failure::usage("name a folder or a --date")),
        Command::Upgrade { dry_run } => {
            let desk = open::desk(Config::read(config.as_deref())?, quiet)?;
            let upgrade = upgrade::run(&desk, dry_run).await?;
            match out.json {
                true => out.json(&upgrade)?,
                false => out.text(&upgrade.to_string())?,
            }
        }
        Command::Ach(command) => return ach::run(command, &out),
        Command::Statement(command) => return statements(command, &out),
    }
    Ok(None)
}

async fn cut_windows(
    desk: &Desk,
    date: Date,
    window: Option<Window>,
    dry_run: bool,
    out: &Output,
) -> Result<Option<Status>> {
    let windows = window.map_or(Window::ALL.to_vec(), |one| vec![one]);
    if dry_run {
        let mut previews = Vec::new();
        for window in windows {
            previews.push(cut::preview(desk, date, window).await?);
        }
        out.previews(&previews)?;
        return Ok(None);
    }
    let mut tallies = Vec::new();
    for window in windows {
        tallies.push(cut::run(desk, date, window).await?);
    }
    out.tallies(&tallies)
}

fn statements(command: StatementCommand, out: &Output) -> Result<Option<Status>> {
    let (files, json) = match command {
        StatementCommand::Describe { files } => (files, out.json),
        StatementCommand::Json { files } => (files, true),
    };
    let mut status = None;
    let mut documents = Vec::new();
    for path in &files {
        match crate::statement::read(path) {
            Ok(document) => {
                if !document.is_ok() {
                    status = Some(Status::Findings);
                }
                if json {
                    documents.push(document);
                } else {
                    out.text(&document.describe())?;
                }
            }
            Err(failure) => {
                say(format_args!("tieout: {failure}"));
                status = Some(failure.status);
            }
        }
    }
    match documents.as_slice() {
        _ if !json => {}
        [one] if files.len() == 1 => out.json(one)?,
        all => out.json(&all)?,
    }
    Ok(status)
}
