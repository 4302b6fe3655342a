//! The report of a run of business days, for settlement managers, finance and auditors.
//!
//! One [`data::ReportData`] is rendered twice: as HTML pages that stand alone (no script, no other
//! file, print well) and as a compact summary for a terminal. Neither computes money: both print
//! what the jobs found. The pages hold nothing of the run itself, no time of day, no duration and
//! no folder's place, so the same days give the same bytes; durations are the terminal's.

pub mod breaks;
pub mod data;
mod html;
mod remedies;
#[cfg(test)]
mod sample;
mod sums;
pub mod terminal;
mod verdict;

pub use data::ReportData;
pub use html::{Pages, pages, write};
