//! The jobs: one file each, in the order a business date runs through them.
//!
//! A job is a function of a business date, a window and its inputs. It reads through ports,
//! decides by the rules of `settlement`, and writes objects whose names say what they are; run
//! again, after a crash or for no reason, it writes the same bytes or nothing. [`JOBS`] is the
//! one list of jobs; the command line, `tieout day` and the schedules are checked against it.

pub mod ach;
pub mod allocate;
pub mod announced;
pub mod answer_rows;
pub mod archive;
pub mod billed;
pub mod catalog;
pub mod chain;
pub mod changes;
pub mod check;
pub mod cli;
pub mod cut;
pub mod day;
pub mod deliver;
pub mod demo;
pub mod events;
pub mod export;
pub mod forget;
pub mod funding;
mod hashing;
pub mod ingest;
pub mod init;
pub mod kinds;
pub mod known;
pub mod members;
pub mod net;
pub mod new_part;
pub mod open;
pub mod order;
pub mod originals;
pub mod outbound;
pub mod outside;
pub mod parts;
pub mod post;
pub mod progress;
pub mod query;
pub mod receivers;
pub mod reconcile;
pub mod records;
pub mod registry;
pub mod regular;
pub mod report;
pub mod retrieve;
pub mod retrieved;
pub mod reversed;
pub mod risk;
pub mod sandbox;
pub mod savings;
pub mod scratch;
pub mod sealed;
pub mod sent_before;
pub mod sides;
pub mod stage;
pub mod start;
pub mod statement;
pub mod statement_lines;
pub mod tables;
pub mod tally;
pub mod terminal;
pub mod typed;
pub mod upgrade;
pub mod verify;
pub mod waiting;
pub mod watch;

/// One job of a business date.
pub struct Job {
    /// The name of its command.
    pub name: &'static str,
    /// What it does, in one line.
    pub about: &'static str,
}

const fn job(name: &'static str, about: &'static str) -> Job {
    Job { name, about }
}

/// The jobs in the order in which `tieout day` runs them.
pub const JOBS: &[Job] = &[
    job(
        "cut",
        "claim waiting payments, freeze them, and render NACHA files",
    ),
    job("deliver", "upload the day's files and read them back"),
    job(
        "ingest",
        "copy, register and read what the bank has put out",
    ),
    job(
        "allocate",
        "find what each line of a statement answers, settle payments",
    ),
    job("post", "write the journal and the balances"),
    job("reconcile", "prove every leg, name every break"),
    job(
        "savings",
        "compute what each payment cost against the baselines",
    ),
    job(
        "archive",
        "pack the day with a proof chained to the day before",
    ),
];
