//! Export: everything that is held of one customer, for whoever asks what is held of them.
//!
//! The payments with their histories from the store; entries, returns and the lines of statements
//! that answer them from the tables, as records name their parts. An account number stays sealed:
//! whoever asks knows it.

use crate::catalog::{self, Listed};
use crate::forget;
use crate::parts;
use crate::receivers;
use crate::records;
use crate::records::frozen::FrozenCut;
use crate::records::part::Part;
use desk::Desk;
use desk::failure::Result;
use formats::tables::{
    AchEntries, AchEntry, AchReturn, AchReturns, BankLine, BankLines, ReceiverName, Table,
};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use settlement::forgetting::Customer;
use settlement::payment::{Payment, PaymentEvent};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that is held of a customer.
#[derive(Debug, Serialize)]
pub struct Export {
    /// Whose it is.
    #[serde(flatten)]
    pub customer: Customer,
    /// The ISO code of the currency of all amounts.
    pub currency: &'static str,
    /// Their payments, oldest first.
    pub payments: Vec<OfPayment>,
    /// The entries that carried them.
    pub entries: Vec<OfEntry>,
    /// What came back, and what banks asked to change.
    pub returns: Vec<OfReturn>,
    /// The lines of statements that answer their batches and returns.
    pub bank_lines: Vec<OfLine>,
}

/// A payment.
#[derive(Debug, Serialize)]
pub struct OfPayment {
    payment_id: String,
    created_at: Timestamp,
    state: &'static str,
    direction: &'static str,
    cents: u64,
    sec: String,
    description: String,
    name: String,
    remittance: Option<String>,
    routing: String,
    account_last4: String,
    reference: Option<String>,
    metadata: BTreeMap<String, String>,
    settled_on: Option<Date>,
    forgotten: bool,
    history: Vec<OfEvent>,
}

/// Something that happened to a payment.
#[derive(Debug, Serialize)]
pub struct OfEvent {
    version: u32,
    date: Date,
    at: Timestamp,
    event: &'static str,
    from: &'static str,
    to: &'static str,
}

/// An entry.
#[derive(Debug, Serialize)]
pub struct OfEntry {
    payment_id: String,
    cut_date: Date,
    file: String,
    batch: String,
    trace: String,
    cents: i64,
    company_name: String,
    effective_date: Date,
    settles_on: Date,
    name: String,
    remittance: Option<String>,
}

/// A return, or a notice.
#[derive(Debug, Serialize)]
pub struct OfReturn {
    payment_id: Option<String>,
    received_date: Date,
    file: String,
    kind: String,
    code: String,
    return_trace: String,
    original_trace: String,
    cents: i64,
    note: Option<String>,
}

/// A line of a statement.
#[derive(Debug, Serialize)]
pub struct OfLine {
    statement_date: Date,
    line_id: String,
    file: String,
    cents: i64,
    customer_reference: String,
    text: String,
}

/// Gathers what is held of a customer.
///
/// # Errors
/// Exit status 2 where there is no such customer; otherwise where a store does not answer or is
/// not as it was written.
pub async fn run(desk: &Desk, customer: Customer) -> Result<Export> {
    let payments = forget::payments_of(desk, &customer).await?;
    if payments.is_empty() {
        return Err(forget::nobody(&customer));
    }
    let known = catalog::known(desk, None).await?;
    let cuts = forget::cuts_of(desk, &payments).await?;
    let mut export = Export {
        customer,
        currency: desk.bank.currency.as_str(),
        payments: Vec::new(),
        entries: Vec::new(),
        returns: Vec::new(),
        bank_lines: Vec::new(),
    };
    let keys: BTreeSet<i64> = payments.iter().map(|one| one.id.key()).collect();
    let mut asked = Asked::default();
    for listed in &known {
        let objects = &*desk.ports.objects;
        if !listed.record.starts_with("cuts/") {
            continue;
        }
        let cut = records::get::<FrozenCut>(objects, &listed.record).await?;
        if let Some(cut) = cut.filter(|cut| cuts.contains(&cut.cut)) {
            entries_of(desk, &cut, &keys, &mut asked, &mut export).await?;
        }
    }
    returns_of(desk, &known, &keys, &mut asked, &mut export).await?;
    lines_of(desk, &known, &asked, &mut export).await?;
    for payment in payments {
        let history = desk.ports.payments.history(payment.id).await?;
        export.payments.push(OfPayment::of(payment, history));
    }
    Ok(export)
}

/// What lines of statements are asked for.
#[derive(Default)]
struct Asked {
    batches: BTreeSet<i64>,
    traces: BTreeSet<i64>,
}

async fn entries_of(
    desk: &Desk,
    cut: &FrozenCut,
    keys: &BTreeSet<i64>,
    asked: &mut Asked,
    export: &mut Export,
) -> Result<()> {
    let objects = &*desk.ports.objects;
    let mut names: BTreeMap<(i64, i64), ReceiverName<'static>> = BTreeMap::new();
    if let Some(part) = &cut.names {
        for row in receivers::of_customer(objects, part, &export.customer).await? {
            names.insert((row.trace, row.payment_key), row);
        }
    }
    for part in cut.entries.iter() {
        for row in parts::rows_of::<AchEntries>(objects, part).await? {
            if keys.contains(&row.payment_key) {
                asked.batches.insert(row.batch_key);
                asked.traces.insert(row.trace);
                let name = names.remove(&(row.trace, row.payment_key));
                export.entries.push(OfEntry::of(row, name));
            }
        }
    }
    Ok(())
}

async fn returns_of(
    desk: &Desk,
    known: &[Listed],
    keys: &BTreeSet<i64>,
    asked: &mut Asked,
    export: &mut Export,
) -> Result<()> {
    for part in of_table::<AchReturns>(known) {
        for row in parts::rows_of::<AchReturns>(&*desk.ports.objects, part).await? {
            if row.payment_key.is_some_and(|key| keys.contains(&key)) {
                asked.traces.insert(row.return_trace);
                export.returns.push(OfReturn::of(row));
            }
        }
    }
    Ok(())
}

async fn lines_of(desk: &Desk, known: &[Listed], asked: &Asked, export: &mut Export) -> Result<()> {
    for part in of_table::<BankLines>(known) {
        for row in parts::rows_of::<BankLines>(&*desk.ports.objects, part).await? {
            let of_batch = row
                .batch_key
                .is_some_and(|key| asked.batches.contains(&key));
            let of_trace = row.trace.is_some_and(|trace| asked.traces.contains(&trace));
            if of_batch || of_trace {
                export.bank_lines.push(OfLine::of(row));
            }
        }
    }
    Ok(())
}

fn of_table<T: Table>(known: &[Listed]) -> impl Iterator<Item = &Part> {
    let all = known.iter().flat_map(|listed| &listed.parts);
    all.filter(|part| part.table == T::INFO.name)
}

/// Fifteen digits.
fn trace(number: i64) -> String {
    format!("{number:015}")
}

impl OfPayment {
    fn of(payment: Payment, history: Vec<PaymentEvent>) -> OfPayment {
        let forgotten = payment.is_forgotten();
        let (order, receiver) = (payment.order, payment.receiver);
        OfPayment {
            payment_id: payment.id.to_string(),
            created_at: payment.created_at,
            state: payment.state.as_str(),
            direction: order.direction.as_str(),
            cents: order.amount.get(),
            sec: order.sec.to_string(),
            description: order.description,
            name: receiver.name,
            remittance: payment.remittance,
            routing: receiver.routing.to_string(),
            account_last4: receiver.token.last4,
            reference: payment.reference,
            metadata: payment.metadata,
            settled_on: payment.settled_on,
            forgotten,
            history: history.iter().map(OfEvent::of).collect(),
        }
    }
}

impl OfEvent {
    fn of(one: &PaymentEvent) -> OfEvent {
        OfEvent {
            version: one.version,
            date: one.date,
            at: one.at,
            event: one.event.kind().as_str(),
            from: one.from.as_str(),
            to: one.to.as_str(),
        }
    }
}

impl OfEntry {
    /// The name is of the table `names`, or of the entry, where a version before wrote it.
    fn of(row: AchEntry<'static>, name: Option<ReceiverName<'static>>) -> OfEntry {
        let (name, remittance) = match name {
            Some(who) => (who.individual_name, who.remittance),
            None => (row.individual_name, row.remittance),
        };
        OfEntry {
            payment_id: row.payment_id.into_owned(),
            cut_date: row.cut_date,
            file: row.file.into_owned(),
            batch: row.batch.into_owned(),
            trace: trace(row.trace),
            cents: row.amount.get(),
            company_name: row.company_name.into_owned(),
            effective_date: row.effective_date,
            settles_on: row.settles_on,
            name: name.into_owned(),
            remittance: remittance.map(|text| text.into_owned()),
        }
    }
}

impl OfReturn {
    fn of(row: AchReturn<'static>) -> OfReturn {
        OfReturn {
            payment_id: row.payment_id.map(|id| id.into_owned()),
            received_date: row.received_date,
            file: row.file.into_owned(),
            kind: row.kind.into_owned(),
            code: row.code.into_owned(),
            return_trace: trace(row.return_trace),
            original_trace: trace(row.original_trace),
            cents: row.amount.get(),
            note: row.note.map(|note| note.into_owned()),
        }
    }
}

impl OfLine {
    fn of(row: BankLine<'static>) -> OfLine {
        OfLine {
            statement_date: row.statement_date,
            line_id: row.line_id.into_owned(),
            file: row.file.into_owned(),
            cents: row.amount.get(),
            customer_reference: row.customer_reference.into_owned(),
            text: row.text.into_owned(),
        }
    }
}
