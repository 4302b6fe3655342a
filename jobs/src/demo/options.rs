//! What a demo is made of.

use clap::Args;
use jiff::civil::Date;
use std::path::PathBuf;

/// What the demo is made of.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Payments asked for on each business day
    #[arg(long, default_value_t = 10_000)]
    pub payments: u64,
    /// Business days with payments; quiet days follow until the bank has answered
    #[arg(long, default_value_t = 5)]
    pub days: u32,
    /// The same seed gives the same bytes
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// The first business day
    #[arg(long, default_value = "2026-11-24")]
    pub start: Date,
    /// A new folder, or one that a demo made before
    #[arg(long, default_value = "tieout-demo")]
    pub dir: PathBuf,
    /// A bank that makes no mistakes
    #[arg(long)]
    pub no_faults: bool,
    /// After the report, take in the payments of one more day and leave them waiting: for trying
    /// the jobs one by one
    #[arg(long)]
    pub leave_open: bool,
}
