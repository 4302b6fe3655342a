//! `tieout ach`: ACH files for people and for programs.

use super::output::Output;
use crate::ach;
use crate::failure::{Result, Status};
use clap::Subcommand;
use std::path::PathBuf;

/// What can be done with ACH files.
#[derive(Subcommand)]
pub enum Command {
    /// Check files against every rule: findings with line, column and field
    Validate {
        /// NACHA files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Files for people: batches, entries, totals
    Describe {
        /// NACHA files
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Hide account numbers and names
        #[arg(long)]
        mask: bool,
    },
    /// A file as lossless JSON
    Json {
        /// A NACHA file
        file: PathBuf,
    },
    /// The file behind lossless JSON
    FromJson {
        /// What `ach json` printed; `-` reads it from stdin
        file: PathBuf,
    },
    /// The table of rules that validate checks
    Rules,
}

/// Runs one of them.
///
/// # Errors
/// Where a file cannot be read.
pub fn run(command: Command, out: &Output) -> Result<Option<Status>> {
    match command {
        Command::Validate { files } => {
            let report = ach::validate(&files);
            if out.json {
                out.json(&report)?
            } else {
                out.text(&report.to_string())?
            }
            Ok(report.status())
        }
        Command::Describe { files, mask } => ach::describe(&files, mask),
        Command::Json { file } => ach::json(&file),
        Command::FromJson { file } => ach::from_json(&file),
        Command::Rules => {
            if out.json {
                out.json(&ach::rules())?
            } else {
                out.text(&ach::rules_text())?
            }
            Ok(None)
        }
    }
}
