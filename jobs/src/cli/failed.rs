//! How a failure is told: a line on stderr, and with `--json` a document on stdout.

use super::output::{Output, unprinted};
use super::schema;
use crate::progress::Shown;
use crate::terminal::{is_begun, say};
use desk::failure::{Failure, Status};
use serde::Serialize;
use std::ffi::OsString;
use std::io::{ErrorKind, Write};

/// The document of a failure.
#[derive(Serialize)]
struct Failed {
    error: Trouble,
}

/// What stands in a document where something failed.
#[derive(Serialize)]
pub struct Trouble {
    /// `findings`, `usage` or `could_not`.
    pub code: &'static str,
    /// The exit status that goes with it.
    pub status: u8,
    /// What is wrong, and where.
    pub message: String,
    /// What to do about it.
    pub what_to_do: String,
}

impl Trouble {
    /// What a failure says.
    pub fn of(failure: &Failure) -> Trouble {
        let remedy = match failure.remedy.as_str() {
            "" => advice(failure.status),
            remedy => remedy,
        };
        Trouble {
            code: failure.status.as_str(),
            status: failure.status as u8,
            message: failure.message.clone(),
            what_to_do: remedy.to_owned(),
        }
    }
}

/// What to do where the failure itself names nothing better.
const fn advice(status: Status) -> &'static str {
    match status {
        Status::Findings => "look at what the message names; docs/operations.md says what to do",
        Status::Usage => "change the command as the message says; add --help to see what it takes",
        Status::CouldNot => "mend what the message names and run the same again: it goes on",
    }
}

/// Reports a failure; answers the exit status.
pub fn report(failure: &Failure, json: bool) -> u8 {
    tracing::error!(status = failure.status.as_str(), %failure, "command failed");
    say(format_args!("tieout: {failure}"));
    if json {
        document(Trouble::of(failure));
    }
    failure.status as u8
}

/// Reports that a command failed at one of several banks.
pub fn of_bank(bank: &str, failure: &Failure) {
    tracing::error!(bank, status = failure.status.as_str(), %failure, "command failed");
    say(format_args!("tieout: bank {bank}: {failure}"));
}

/// Prints the document, unless a result stands on stdout already: two would be none.
fn document(error: Trouble) {
    if is_begun() {
        return;
    }
    let out = Output {
        json: true,
        quiet: true,
        progress: Shown::Nothing,
        parts: None,
    };
    // Where stdout takes nothing, stderr has said it.
    let _ = out.document(schema::ERROR, &Failed { error });
}

/// Tells what is wrong with the command line itself; answers the exit status.
pub fn misread(error: &clap::Error, json: bool) -> u8 {
    if !error.use_stderr() {
        // Help and the version: nobody wrote them but us.
        return match error.print().and_then(|()| std::io::stdout().flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => report(&unprinted(&error), json),
            _ => 0,
        };
    }
    let text = error.to_string();
    text.trim_end().lines().for_each(say);
    if json {
        let (what, how) = text.split_once("\n\n").unwrap_or((&text, ""));
        let how = how.split_whitespace().collect::<Vec<_>>().join(" ");
        document(Trouble {
            code: Status::Usage.as_str(),
            status: Status::Usage as u8,
            message: what.trim_start_matches("error: ").trim().to_owned(),
            what_to_do: match how.as_str() {
                "" => advice(Status::Usage).to_owned(),
                how => how.to_owned(),
            },
        });
    }
    Status::Usage as u8
}

/// Whether a document was asked for: asked of the bare arguments, which may be wrong otherwise.
pub fn wants_json(args: &[OsString]) -> bool {
    let options = args.iter().take_while(|arg| *arg != "--");
    options.into_iter().any(|arg| arg == "--json")
}
