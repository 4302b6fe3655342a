//! What a demo is made of.

use crate::typed::day;
use clap::Args;
use jiff::civil::Date;
use sandbox::bank::Ways;
use settlement::bank::shape::{By, Returns, Shape};
use settlement::money::Currency;
use std::path::PathBuf;

/// Payments of a day, at most: more than this program was ever tried with.
const MOST_PAYMENTS: u64 = 10_000_000;

/// What the demo is made of.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Payments asked for on each business day
    #[arg(long, default_value_t = 10_000,
          value_parser = clap::value_parser!(u64).range(..=MOST_PAYMENTS))]
    pub payments: u64,
    /// Business days with payments; quiet days follow until the bank has answered
    #[arg(long, default_value_t = 5)]
    pub days: u32,
    /// The same seed gives the same bytes
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// The first business day
    #[arg(long, default_value = "2026-11-24", value_parser = day)]
    pub start: Date,
    /// A new folder, or one that a demo made before
    #[arg(long, default_value = "tieout-demo")]
    pub dir: PathBuf,
    /// How the bank settles: a line for each batch, or fewer
    #[arg(long, value_enum, default_value_t = Settles::Batch)]
    pub settles: Settles,
    /// Banks: with 2 a second one, of another ODFI, account, price list, format and way to settle
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2))]
    pub banks: u8,
    /// The currency of the second bank
    #[arg(skip)]
    pub second_currency: Currency,
    /// A bank that makes no mistakes
    #[arg(long)]
    pub no_faults: bool,
    /// A bank that also takes settlements and figures back, names lines later, and settles what it
    /// rejected
    #[arg(long, conflicts_with = "no_faults")]
    pub second_thoughts: bool,
    /// After the report, take in the payments of one more day and leave them waiting: for trying
    /// the jobs one by one
    #[arg(long)]
    pub leave_open: bool,
}

/// How the demo's bank settles.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Settles {
    /// A line for each batch and each return
    #[default]
    Batch,
    /// The same, each batch in two lines
    Split,
    /// A line for each file and side, and one for the returns of a file
    File,
    /// A line for each company, class and side of a day
    Company,
    /// A line for each company and side of a day
    CompanyDay,
    /// A line for each side of a day, and one for its returns
    Day,
    /// One figure a day: debits less credits and returns
    Net,
    /// As batch, but payouts are taken when their file is delivered
    Prefunded,
    /// As the seed says: any shape, lines that name anything or nothing, either format, entries
    /// that list what they are made of, and what else banks do
    Drawn,
}

impl Settles {
    /// The ways of the bank.
    pub fn ways(self, seed: u64) -> Ways {
        let batch = Shape::default();
        let shape = match self {
            Settles::Drawn => return Ways::drawn(seed),
            Settles::Batch => batch,
            Settles::Split => Shape {
                several: true,
                ..batch
            },
            Settles::File => Shape {
                by: By::File,
                returns: Returns::File,
                ..batch
            },
            Settles::CompanyDay => Shape {
                by: By::Company,
                ..batch
            },
            Settles::Prefunded => Shape {
                prefunded: true,
                ..batch
            },
            Settles::Company => Shape {
                by: By::CompanyClass,
                ..batch
            },
            Settles::Day => Shape {
                by: By::Day,
                returns: Returns::Day,
                ..batch
            },
            Settles::Net => Shape {
                by: By::Day,
                net: true,
                returns: Returns::Netted,
                ..batch
            },
        };
        Ways::plain(shape)
    }
}
