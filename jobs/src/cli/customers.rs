//! `tieout forget` and `tieout export-customer`: who a customer was.

use super::arguments::{CustomerCommand, Whose};
use super::output::Output;
use super::schema;
use crate::ach::draft::{Draft, unkept};
use crate::forget::Outcome;
use crate::{export, forget};
use desk::failure::{Failure, Result, Status};
use desk::{Desk, House, installation};
use serde::Serialize;
use serde_json::Value;
use settlement::foreign;
use settlement::forgetting::Customer;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The document of an export that is in a file.
#[derive(Serialize)]
struct Exported<'a> {
    #[serde(flatten)]
    customer: Customer,
    path: &'a str,
}

fn named(whose: &Whose) -> Result<Customer> {
    Customer::given(&whose.originator, &whose.token).map_err(|bad| {
        Failure::usage(bad.to_string())
            .remedy("the columns originator and account_token of ach_entries have them")
    })
}

/// Looks at all banks before anything is done at one: a customer of none is refused, and one of a
/// bank that the configuration does not name; and nobody is forgotten at one bank while another
/// refuses, unless a run that was killed has begun it.
///
/// # Errors
/// Exit status 2 with the first thing that stands in the way; where a store does not answer.
pub async fn before(command: &CustomerCommand, house: &House, chosen: &[&Desk]) -> Result<()> {
    let customer = named(command.whose())?;
    for desk in chosen {
        installation::current(desk).await?;
    }
    let places = forget::banks_of(&house.home, &customer).await?;
    if places.is_empty() {
        return Err(forget::nobody(&customer));
    }
    let all = chosen.len() == house.desks().count();
    let unknown = places.iter().find(|bank| house.place(bank).is_none());
    if let (Some(bank), true) = (unknown, all) {
        return Err(elsewhere(bank));
    }
    let forgets = matches!(command, CustomerCommand::Forget { dry_run: false, .. });
    let theirs = chosen.iter().filter(|desk| places.contains(&desk.place));
    let (mut refused, mut begun) = (None, false);
    for desk in theirs.filter(|_| forgets && chosen.len() > 1) {
        begun |= forget::is_begun(desk, &customer).await?;
        let would = Box::pin(forget::run(desk, customer.clone(), true)).await;
        refused = refused.or(would.err().map(|failure| at_bank(desk, failure)));
    }
    match refused {
        Some(failure) if !begun => Err(failure),
        _ => Ok(()),
    }
}

fn elsewhere(bank: &str) -> Failure {
    let bank = foreign::cell(bank);
    Failure::usage(format!(
        "payments of this customer go by {bank}, and the configuration does not name that bank"
    ))
    .remedy("name its profile in banks again; or name one bank with --bank, for that one alone")
}

fn at_bank(desk: &Desk, failure: Failure) -> Failure {
    Failure {
        message: format!("bank {}: {}", desk.bank.name, failure.message),
        ..failure
    }
}

/// Does it, at one of so many banks.
///
/// # Errors
/// As the command itself, and where stdout cannot be written.
pub async fn run(
    command: CustomerCommand,
    desk: &Desk,
    banks: usize,
    out: &Output,
) -> Result<Option<Status>> {
    let customer = named(command.whose())?;
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
        CustomerCommand::ExportCustomer { .. } => {
            let export = Box::pin(export::run(desk, customer)).await?;
            out.document(schema::EXPORT_CUSTOMER, &export)?;
        }
    }
    Ok(None)
}

/// A document that is gathered to be put into a file.
pub struct Filed {
    draft: Draft,
    path: PathBuf,
    customer: Customer,
    parts: Arc<Mutex<Vec<Value>>>,
}

impl Filed {
    /// Begins the file that a command names.
    ///
    /// # Errors
    /// Where something has its name, or its folder cannot be written.
    pub fn begin(whose: &Whose, path: &Path) -> Result<Filed> {
        Ok(Filed {
            customer: named(whose)?,
            draft: Draft::begin_new(path)?,
            path: path.to_owned(),
            parts: Arc::default(),
        })
    }

    /// Where the document is gathered.
    pub fn output(&self, out: &Output) -> Output {
        Output {
            json: true,
            parts: Some(Arc::clone(&self.parts)),
            ..out.clone()
        }
    }

    /// Gives the file its name where the document is whole, and says so; a file that would tell
    /// less than is held gets none.
    ///
    /// # Errors
    /// Where it cannot be written to its end, or something has its name.
    pub fn end(mut self, ended: Option<Status>, out: &Output) -> Result<Option<Status>> {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let document = parts.pop();
        drop(parts);
        let (Some(document), None) = (document, ended) else {
            return Ok(ended);
        };
        writeln!(self.draft, "{}", said_first(document)).map_err(unkept)?;
        self.draft.keep_new()?;
        let path = self.path.display().to_string();
        let customer = self.customer;
        if out.json {
            let path = &path;
            out.document(schema::EXPORTED, &Exported { customer, path })?;
        } else {
            let path = foreign::path(&self.path);
            out.remark(format!("{path}: everything that is held of the customer"))?;
        }
        Ok(None)
    }
}

/// A document with its schema as the first member, where every document has it.
fn said_first(mut document: Value) -> String {
    let schema = document
        .as_object_mut()
        .and_then(|all| all.remove("schema"));
    let rest = document.to_string();
    match (schema, rest.strip_prefix('{')) {
        (Some(schema), Some(rest)) => format!("{{\"schema\":{schema},{rest}"),
        _ => rest,
    }
}
