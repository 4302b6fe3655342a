//! From the command line to an exit status.

use crate::arguments::{Arguments, Command, Log};
use crate::{bench, serve};
use clap::Parser;
use desk::failure::{Failure, Result};
use std::process::ExitCode;
use tracing::subscriber::set_global_default;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::Subscriber;

/// Which log lines are wanted, as for `tieout`.
const VARIABLE: &str = "TIEOUT_LOG";

/// Runs the command line.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = log(arguments.log).and_then(|()| run(arguments.command));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {}", failure.message);
            if !failure.remedy.is_empty() {
                eprintln!("  {}", failure.remedy);
            }
            ExitCode::from(failure.status as u8)
        }
    }
}

fn run(command: Command) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Failure::could_not(format!("threads: {e}")))?;
    match command {
        Command::Serve(asked) => runtime.block_on(serve::serve(asked)),
        Command::Bench(asked) => runtime.block_on(bench::bench(asked)),
    }
}

fn log(form: Log) -> Result<()> {
    let wanted = std::env::var(VARIABLE).ok();
    let wanted = wanted
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty());
    let filter = EnvFilter::try_new(wanted.unwrap_or("info")).map_err(|error| {
        Failure::usage(format!("{VARIABLE}: {error}"))
            .remedy("give a level (error, warn, info, debug, trace) or CRATE=LEVEL,...")
    })?;
    let lines = Subscriber::builder()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(std::io::stderr);
    // The first of a process counts; a test may run two commands in one.
    let _ = match form {
        Log::Off => return Ok(()),
        Log::Text => set_global_default(lines.finish()),
        Log::Json => set_global_default(lines.json().flatten_event(true).finish()),
    };
    Ok(())
}
