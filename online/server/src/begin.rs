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

/// After so many of its own tasks a thread looks for those that another woke: the store's writer
/// wakes a request whose payment is durable, and under overload a thread always has tasks of its
/// own, which are new requests. With the runtime's own number those that are done would wait for
/// dozens that come.
const OTHERS_TASKS: u32 = 4;

/// Runs the command line.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    ended(log(arguments.log).and_then(|()| run(arguments.command)))
}

/// The status of a command that ended so, after saying on stderr what failed.
pub fn ended(done: Result<()>) -> ExitCode {
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

/// The threads that serve.
///
/// # Errors
/// Where the system gives none.
pub fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .global_queue_interval(OTHERS_TASKS)
        .build()
        .map_err(|e| Failure::could_not(format!("threads: {e}")))
}

fn run(command: Command) -> Result<()> {
    let runtime = runtime()?;
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
