//! `tieout sandbox`: the simulated bank around an installation.

use super::arguments::SandboxCommand;
use super::output::Output;
use super::{days, schema};
use crate::{day, sandbox};
use connectors::Addresses;
use desk::Desk;
use desk::failure::{Failure, Result, Status};
use settlement::foreign;

/// Runs one of them.
///
/// # Errors
/// As the command itself.
pub async fn run(
    command: &SandboxCommand,
    desk: &Desk,
    at: &Addresses,
    out: &Output,
) -> Result<Option<Status>> {
    match command {
        SandboxCommand::Day { on, seed } => {
            // The bank's morning is not taken back where the jobs refuse the date.
            day::may_run(desk, on.date).await?;
            sandbox::morning(desk, at, on.date, *seed).await?;
            let ended = days::day(out, desk, on.date).await?;
            sandbox::evening(desk, at, on.date, *seed)?;
            Ok(ended)
        }
        SandboxCommand::Answer {
            payment,
            code,
            seed,
        } => {
            let id = payment.parse().map_err(|_| {
                Failure::usage(format!("{} is no payment id", foreign::cell(payment)))
                    .remedy("write its 13 characters")
            })?;
            let promise = sandbox::answer(desk, at, id, code, *seed).await?;
            out.show(schema::SANDBOX, &promise, false)?;
            Ok(None)
        }
    }
}
