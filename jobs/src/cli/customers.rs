//! `tieout forget` and `tieout export-customer`: who a customer was.

use super::arguments::{CustomerCommand, Whose};
use super::output::Output;
use super::schema;
use crate::forget::Outcome;
use crate::{export, forget};
use desk::Desk;
use desk::failure::{Failure, Result, Status};
use settlement::forgetting::Customer;

/// What is asked of whom.
pub enum Asked {
    /// To forget them; with `true` only what would be forgotten.
    Forget(Customer, bool),
    /// What is held of them.
    Export(Customer),
}

impl Asked {
    /// What a command line asks.
    ///
    /// # Errors
    /// Where it names what can be no customer.
    pub fn of(command: CustomerCommand) -> Result<Asked> {
        match command {
            CustomerCommand::Forget { whose, dry_run } => {
                Ok(Asked::Forget(named(&whose)?, dry_run))
            }
            CustomerCommand::ExportCustomer(whose) => Ok(Asked::Export(named(&whose)?)),
        }
    }

    /// Whether nothing is changed.
    pub const fn looks(&self) -> bool {
        !matches!(self, Asked::Forget(_, false))
    }
}

fn named(whose: &Whose) -> Result<Customer> {
    Customer::given(&whose.originator, &whose.token).map_err(|bad| {
        Failure::usage(bad.to_string())
            .remedy("the columns originator and account_token of ach_entries have them")
    })
}

/// Does it. What is held of a customer is a document, whether or not one was asked for.
///
/// # Errors
/// As the command itself, and where stdout cannot be written.
pub async fn run(asked: Asked, desk: &Desk, out: &Output) -> Result<Option<Status>> {
    match asked {
        Asked::Forget(customer, dry_run) => {
            let forgotten = Box::pin(forget::run(desk, customer, dry_run)).await?;
            let done = forgotten.outcome != Outcome::Would;
            out.show(schema::FORGET, &forgotten, done)?;
        }
        Asked::Export(customer) => {
            let export = Box::pin(export::run(desk, customer)).await?;
            out.document(schema::EXPORT_CUSTOMER, &export)?;
        }
    }
    Ok(None)
}
