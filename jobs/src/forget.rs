//! Forget: who a customer was, in the tables and in the store; what they moved stays, and every
//! proof of it.
//!
//! A fact in the chain of the forgotten stands first: from then on a name that is missing was
//! forgotten, and before it one that is missing was lost. Then the names of each cut that carried a
//! payment of theirs are written anew without them, and last the store forgets, and with the sealed
//! account numbers the salts. Killed anywhere in between, the same command again goes on.

use crate::catalog;
use crate::parts;
use crate::receivers::{self, Register};
use crate::records;
use crate::records::forgotten::ForgottenFact;
use crate::records::frozen::FrozenFile;
use connectors::{Index, Name};
use desk::failure::{Failure, Result};
use desk::{CHUNK, Desk, merchants, names, tokens};
use formats::tables::{AchReturn, AchReturns};
use jiff::civil::Date;
use serde::Serialize;
use settlement::exact::Exact;
use settlement::forgetting::{Customer, Kept, kept};
use settlement::ids::{BatchKey, CutId, PaymentId};
use settlement::payment::{Event, Payment};
use settlement::returns::words::is_kept;
use std::collections::BTreeSet;
use std::fmt;

/// What became of the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// They are forgotten now.
    Forgotten,
    /// They were forgotten before.
    Exists,
    /// They would be; nothing was changed.
    Would,
}

/// What was forgotten of a customer, and what was not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Forgotten {
    /// What became of the names.
    pub outcome: Outcome,
    /// Whose they were.
    #[serde(flatten)]
    pub customer: Customer,
    /// The last date whose books are closed.
    pub closed: Date,
    /// Their payments.
    pub payments: u64,
    /// Tokens of the account that merchants of the originator had, deleted now, or to be.
    pub tokens: u64,
    /// Rows of the table `names` that were taken away now, or would be.
    pub rows: u64,
    /// Parts of `ach_entries` that a version before sealed with the names in them, and of
    /// `ach_returns` with words of the bank in them: they stay.
    pub sealed_with_names: Vec<Name>,
    /// Files to the bank that carry the names: they stay as long as the law wants them.
    pub files: Vec<Name>,
}

/// Forgets a customer; with `dry_run` says what would be forgotten.
///
/// # Errors
/// Exit status 2 where there is no such customer, or a payment of theirs is open or too young;
/// otherwise where a store does not answer or is not as it was written.
pub async fn run(desk: &Desk, customer: Customer, dry_run: bool) -> Result<Forgotten> {
    let objects = &*desk.ports.objects;
    let closed = catalog::closed(desk, None).await?.ok_or_else(|| {
        Failure::usage("no date is reconciled yet").remedy("nothing was forgotten; there is none")
    })?;
    let mut payments = payments_of(desk, &customer).await?;
    let Some(mut last) = payments.last().map(|payment| payment.id) else {
        return Err(nobody(&customer));
    };
    let register = Register::read(objects).await?;
    let until = register.until(&customer);
    let is_said = |one: &Payment| until.is_some_and(|until| one.id <= until);
    let said = payments.iter().filter(|one| is_said(one));
    let begun = !said.clone().all(Payment::is_forgotten);
    let exists = !begun && said.count() == payments.len();
    if begun {
        // A run that was killed has said it: that is brought to its end, whatever came since.
        payments.retain(is_said);
        last = until.unwrap_or(last);
    } else if !exists {
        let new = payments.iter().filter(|one| !is_said(one));
        may_be(new, closed, desk.bank.names_kept_days)?;
    }
    let mut forgotten = Forgotten {
        outcome: match (exists, dry_run) {
            (true, _) => Outcome::Exists,
            (false, true) => Outcome::Would,
            (false, false) => Outcome::Forgotten,
        },
        customer,
        closed,
        payments: payments.len() as u64,
        tokens: 0,
        rows: 0,
        sealed_with_names: Vec::new(),
        files: Vec::new(),
    };
    if !begun && !exists && !dry_run {
        say(desk, &register, &forgotten, last).await?;
    }
    carried(desk, &payments, last, dry_run, &mut forgotten).await?;
    noted(desk, &payments, &mut forgotten).await?;
    forgotten.tokens = tokens_of(desk, &forgotten.customer, dry_run).await?;
    if !dry_run {
        let ids = payments.iter().map(|payment| payment.id);
        desk.ports.payments.forget(ids.collect()).await?;
    }
    Ok(forgotten)
}

/// Forgets the tokens of the customer's account that merchants of the originator have.
async fn tokens_of(desk: &Desk, customer: &Customer, dry_run: bool) -> Result<u64> {
    let (documents, vault) = (&*desk.ports.documents, &*desk.ports.vault);
    let mut tokens = 0u64;
    for merchant in merchants::all(documents).await? {
        if merchant.originator == customer.originator {
            let (name, account) = (&merchant.name, &customer.token);
            let found = tokens::forget(documents, vault, name, account, dry_run).await?;
            tokens = tokens.plus(found);
        }
    }
    Ok(tokens)
}

/// Nobody is such a customer.
pub fn nobody(customer: &Customer) -> Failure {
    let Customer { originator, token } = customer;
    let why = format!("{originator}, {token}: no payment is of this customer");
    Failure::usage(why).remedy("account_token in ach_entries has the tokens")
}

/// The places of the banks by which payments of a customer go, whether or not anybody knows them.
///
/// # Errors
/// Where the store does not answer.
pub async fn banks_of(desk: &Desk, customer: &Customer) -> Result<BTreeSet<String>> {
    let (mut banks, mut after) = (BTreeSet::new(), None);
    loop {
        let page = desk.ports.payments.page(Index::All, after, CHUNK).await?;
        let Some(last) = page.last() else {
            return Ok(banks);
        };
        after = Some(last.id);
        let theirs = page.into_iter().filter(|one| customer.has(one));
        banks.extend(theirs.map(|one| one.bank));
    }
}

/// Whether a run that was killed has said that a customer is forgotten, and not done it.
///
/// # Errors
/// Where a store does not answer.
pub async fn is_begun(desk: &Desk, customer: &Customer) -> Result<bool> {
    let register = Register::read(&*desk.ports.objects).await?;
    let Some(until) = register.until(customer) else {
        return Ok(false);
    };
    let theirs = payments_of(desk, customer).await?;
    let mut said = theirs.iter().filter(|one| one.id <= until);
    Ok(said.any(|one| !one.is_forgotten()))
}

/// Every payment of a customer that goes by this bank, oldest first.
///
/// # Errors
/// Where the store does not answer.
pub async fn payments_of(desk: &Desk, customer: &Customer) -> Result<Vec<Payment>> {
    let (mut theirs, mut after) = (Vec::new(), None);
    loop {
        let page = desk.ports.payments.page(Index::All, after, CHUNK).await?;
        let Some(last) = page.last() else {
            return Ok(theirs);
        };
        after = Some(last.id);
        let ours = |one: &Payment| customer.has(one) && one.bank == desk.place;
        theirs.extend(page.into_iter().filter(ours));
    }
}

/// Refuses where the name of a payment must be kept.
fn may_be<'a>(payments: impl Iterator<Item = &'a Payment>, closed: Date, days: u16) -> Result<()> {
    for payment in payments {
        let id = payment.id;
        let why = match kept(payment, closed, days) {
            None => continue,
            Some(Kept::Open(state)) => format!("payment {id} is open: {}", state.as_str()),
            Some(Kept::Until(day)) => format!("payment {id}: its name is kept up to {day}"),
        };
        let remedy = format!(
            "nothing was forgotten; run the same when the books of a day after that are closed: \
             the last that are, are those of {closed}"
        );
        return Err(Failure::usage(why).remedy(remedy));
    }
    Ok(())
}

/// Says that they are forgotten, under the next number.
async fn say(desk: &Desk, register: &Register, of: &Forgotten, until: PaymentId) -> Result<()> {
    let number = register.newest.plus(1);
    let fact = ForgottenFact {
        number,
        closed: of.closed,
        customer: of.customer.clone(),
        until,
        payments: of.payments,
        previous: register.source.clone(),
    };
    records::put(&*desk.ports.objects, &names::forgotten(number), &fact).await?;
    Ok(())
}

/// The cuts that ever claimed one of the payments.
///
/// # Errors
/// Where the store does not answer.
pub async fn cuts_of(desk: &Desk, payments: &[Payment]) -> Result<BTreeSet<CutId>> {
    let mut cuts = BTreeSet::new();
    for payment in payments {
        let history = desk.ports.payments.history(payment.id).await?;
        cuts.extend(history.into_iter().filter_map(|one| match one.event {
            Event::Claimed { cut } => Some(cut),
            _ => None,
        }));
    }
    Ok(cuts)
}

/// Takes their rows out of the names of each cut that carried a payment of theirs.
async fn carried(
    desk: &Desk,
    payments: &[Payment],
    until: PaymentId,
    dry_run: bool,
    forgotten: &mut Forgotten,
) -> Result<()> {
    let objects = &*desk.ports.objects;
    let batches = payments.iter().filter_map(|one| one.entry);
    let batches: BTreeSet<BatchKey> = batches.map(|entry| entry.batch).collect();
    let claimed_by = cuts_of(desk, payments).await?;
    let register = Register::read(objects).await?;
    let cuts = parts::frozen_since(objects, desk.bank.odfi, Date::MIN).await?;
    for cut in cuts
        .iter()
        .rev()
        .filter(|cut| claimed_by.contains(&cut.cut))
    {
        let theirs = |file: &&FrozenFile| file.batches.iter().any(|b| batches.contains(&b.key));
        let files = cut.files.iter().filter(theirs);
        forgotten.files.extend(files.map(|file| file.name.clone()));
        let Some(names) = &cut.names else {
            let entries = cut.entries.iter().map(|part| part.name.clone());
            forgotten.sealed_with_names.extend(entries);
            continue;
        };
        let customer = &forgotten.customer;
        let rows = match dry_run {
            true => receivers::of_customer(objects, names, customer)
                .await?
                .len() as u64,
            false => receivers::without(objects, cut, &register, customer, until).await?,
        };
        forgotten.rows = forgotten.rows.plus(rows);
    }
    Ok(())
}

/// The parts of returns in which a version before kept what the bank wrote about them.
async fn noted(desk: &Desk, payments: &[Payment], forgotten: &mut Forgotten) -> Result<()> {
    let keys: BTreeSet<i64> = payments.iter().map(|one| one.id.key()).collect();
    for listed in catalog::known(desk, None).await? {
        for part in parts::of_table::<AchReturns>(&listed.parts) {
            let rows = parts::rows_of::<AchReturns>(&*desk.ports.objects, part).await?;
            let theirs = |row: &AchReturn<'_>| row.payment_key.is_some_and(|k| keys.contains(&k));
            let said = |row: &AchReturn<'_>| row.note.as_deref().is_some_and(|n| !is_kept(n));
            if rows.iter().any(|row| theirs(row) && said(row)) {
                forgotten.sealed_with_names.push(part.name.clone());
            }
        }
    }
    Ok(())
}

impl fmt::Display for Forgotten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Customer { originator, token } = &self.customer;
        let what = match self.outcome {
            Outcome::Forgotten => "is forgotten",
            Outcome::Exists => "was forgotten before",
            Outcome::Would => "would be forgotten; nothing was changed",
        };
        writeln!(f, "the customer {token} of {originator} {what}")?;
        let (payments, rows) = (self.payments, self.rows);
        writeln!(f, "  {payments} payments, {rows} rows of names")?;
        if self.tokens > 0 {
            writeln!(f, "  {} tokens of the account", self.tokens)?;
        }
        for part in &self.sealed_with_names {
            writeln!(
                f,
                "  {part}: sealed by a version before, with names in it: it stays"
            )?;
        }
        for file in &self.files {
            writeln!(
                f,
                "  {file}: a file to the bank: it stays for its legal retention"
            )?;
        }
        Ok(())
    }
}
