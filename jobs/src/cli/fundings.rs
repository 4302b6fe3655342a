//! `tieout funding`: what was announced, for people and for programs.

use super::arguments::FundingCommand;
use super::output::Output;
use super::schema;
use crate::funding::{self, Announced};
use desk::Desk;
use desk::failure::{Failure, Result, Status};
use jiff::civil::Date;
use serde::Serialize;
use settlement::funding::{Funding, dollars};

/// The document: one of `fundings` for each that was asked for.
#[derive(Serialize)]
struct Fundings<'a> {
    fundings: Vec<OfFunding<'a>>,
}

#[derive(Serialize)]
struct OfFunding<'a> {
    number: u32,
    originator: Option<&'a str>,
    cents: i64,
    on: Date,
    reference: &'a str,
    stand: &'static str,
}

/// Runs one of them.
///
/// # Errors
/// As the command itself, and where stdout cannot be written.
pub async fn run(command: FundingCommand, desk: &Desk, out: &Output) -> Result<Option<Status>> {
    match command {
        FundingCommand::Announce {
            originator,
            amount,
            on,
            reference,
            ..
        } => {
            let cents = dollars(&amount).ok_or_else(|| {
                Failure::usage("--amount: not an amount of dollars").remedy(
                    "write 25000, 25000.00 or -500.00: at most twelve digits before the point",
                )
            })?;
            let funding = Funding {
                originator,
                cents,
                on,
                reference,
            };
            let announced = funding::announce(desk, funding).await?;
            shown(out, &[announced], false)?;
        }
        FundingCommand::List { date } => shown(out, &funding::list(desk, date).await?, true)?,
        FundingCommand::Withdraw { number } => {
            shown(out, &[funding::withdraw(desk, number).await?], false)?;
        }
    }
    Ok(None)
}

/// What was asked to be shown is; what was done is a remark.
fn shown(out: &Output, all: &[Announced], asked: bool) -> Result<()> {
    if out.json {
        let fundings = all.iter().map(OfFunding::of).collect();
        return out.document(schema::FUNDING, &Fundings { fundings });
    }
    if all.is_empty() {
        return out.remark("no funding is announced");
    }
    all.iter().try_for_each(|one| match asked {
        true => out.text(one),
        false => out.remark(one),
    })
}

impl OfFunding<'_> {
    fn of(one: &Announced) -> OfFunding<'_> {
        let funding = &one.funding;
        OfFunding {
            number: one.number,
            originator: funding.originator.as_deref(),
            cents: funding.cents.get(),
            on: funding.on,
            reference: &funding.reference,
            stand: one.stand.as_str(),
        }
    }
}
