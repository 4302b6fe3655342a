//! `tieout forget` and `tieout export-customer`: who a customer was.

use super::arguments::Whose;
use super::output::Output;
use super::schema;
use crate::forget::Outcome;
use crate::{export, forget};
use desk::Desk;
use desk::failure::{Failure, Result, Status};
use settlement::forgetting::Customer;

/// The customer whom somebody names.
///
/// # Errors
/// Where it can be none.
pub fn named(whose: &Whose) -> Result<Customer> {
    Customer::given(&whose.originator, &whose.token).map_err(|bad| {
        Failure::usage(bad.to_string()).remedy(
            "tieout query \"SELECT originator, account_token FROM ach_entries ...\" has them",
        )
    })
}

/// Forgets a customer.
///
/// # Errors
/// As the command itself, and where stdout cannot be written.
pub async fn forget(
    customer: Customer,
    dry_run: bool,
    desk: &Desk,
    out: &Output,
) -> Result<Option<Status>> {
    let forgotten = forget::run(desk, customer, dry_run).await?;
    let asked = forgotten.outcome == Outcome::Would;
    out.show(schema::FORGET, &forgotten, !asked)?;
    Ok(None)
}

/// Prints everything that is held of a customer: a document, whether or not one was asked for.
///
/// # Errors
/// As [`forget`].
pub async fn export(customer: Customer, desk: &Desk, out: &Output) -> Result<Option<Status>> {
    let export = export::run(desk, customer).await?;
    out.document(schema::EXPORT_CUSTOMER, &export)?;
    Ok(None)
}
