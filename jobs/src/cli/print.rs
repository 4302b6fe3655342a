//! How the demo's result is printed.

use super::output::Output;
use crate::demo::Verdict;
use desk::failure::Result;

/// Prints the summary for people, or the contract's document.
///
/// # Errors
/// Where stdout cannot be written.
pub fn verdict(verdict: &Verdict, json: bool) -> Result<()> {
    let out = Output { json };
    if json {
        return out.json(&verdict.summary);
    }
    out.text(&crate::report::terminal::render(&verdict.report))?;
    out.text(&format!("The report is {}", verdict.html.display()))
}
