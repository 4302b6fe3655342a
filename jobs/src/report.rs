//! The report of a run of business days, for settlement managers, finance and auditors.
//!
//! One [`data::ReportData`] is rendered twice: as an HTML page that stands alone (no script, no
//! other file, prints well) and as a compact summary for a terminal. Neither computes money: both
//! print what the jobs found.

pub mod data;
mod html;
#[cfg(test)]
mod sample;
pub mod terminal;

pub use data::ReportData;
pub use html::render;
