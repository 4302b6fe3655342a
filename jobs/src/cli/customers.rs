//! `tieout forget` and `tieout export-customer`: who a customer was.

use super::arguments::{CustomerCommand, Whose};
use super::output::Output;
use super::schema;
use crate::forget::Outcome;
use crate::{export, forget};
use desk::Desk;
use desk::failure::{Failure, Result, Status};
use settlement::forgetting::Customer;

fn named(whose: &Whose) -> Result<Customer> {
    Customer::given(&whose.originator, &whose.token).map_err(|bad| {
        Failure::usage(bad.to_string())
            .remedy("the columns originator and account_token of ach_entries have them")
    })
}

/// Does it, at one of so many banks. What is held of a customer is a document, whether or not one
/// was asked for.
///
/// # Errors
/// As the command itself, and where stdout cannot be written.
pub async fn run(
    command: CustomerCommand,
    desk: &Desk,
    banks: usize,
    out: &Output,
) -> Result<Option<Status>> {
    let customer = match &command {
        CustomerCommand::Forget { whose, .. } | CustomerCommand::ExportCustomer(whose) => {
            named(whose)?
        }
    };
    // A customer of one of several banks need not be one of the others.
    if banks > 1 && forget::payments_of(desk, &customer).await?.is_empty() {
        if !out.json {
            out.remark("no payment of this customer goes by this bank")?;
        }
        return Ok(None);
    }
    match command {
        CustomerCommand::Forget { dry_run, .. } => {
            let forgotten = Box::pin(forget::run(desk, customer, dry_run)).await?;
            let done = forgotten.outcome != Outcome::Would;
            out.show(schema::FORGET, &forgotten, done)?;
        }
        CustomerCommand::ExportCustomer(_) => {
            let export = Box::pin(export::run(desk, customer)).await?;
            out.document(schema::EXPORT_CUSTOMER, &export)?;
        }
    }
    Ok(None)
}
