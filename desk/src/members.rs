//! The payments of a batch: a list that a cut freezes for each of its batches.
//!
//! What is said of a side of a batch is said once, and this list says of whom. It is a CSV file of
//! some 100 kB beside the table's part, in the order of traces, so that who expands a fact (a job,
//! a feed, a webhook) reads one batch and no Parquet, and can go on at any place of it. A cut that
//! was frozen before there were lists has them in its entries, which only jobs read.

use crate::desk::Desk;
use crate::failure::{Failure, Result};
use crate::frozen::FrozenCut;
use crate::proved;
use crate::records::{self, RESTORE, Source};
use crate::{names, records::Read};
use connectors::{Name, ObjectStore};
use jiff::civil::Date;
use serde::Serialize;
use settlement::archive::sha256;
use settlement::cut::PlannedEntry;
use settlement::foreign;
use settlement::ids::{BatchKey, DfiId, Direction, PaymentId, TraceNumber};
use settlement::money::Cents;
use std::collections::BTreeMap;

/// A payment of a batch, and its entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The payment.
    pub payment: PaymentId,
    /// The trace of its entry.
    pub trace: TraceNumber,
    /// Which way its money goes.
    pub direction: Direction,
    /// How much.
    pub amount: Cents,
    /// The client's own name for it. A list of a version before has none.
    pub reference: Option<Box<str>>,
}

/// A line of a list.
#[derive(Serialize)]
struct Line {
    payment: String,
    trace: u64,
    direction: Direction,
    cents: u64,
    /// A list has this column where a payment of its cut has a reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
}

/// The list of a batch that is about to be frozen, on its way.
pub struct NewList(csv::Writer<Vec<u8>>);

impl NewList {
    /// Nobody yet.
    pub fn begin() -> NewList {
        NewList(csv::Writer::from_writer(Vec::new()))
    }

    /// Adds an entry. `reference` is its cell: none for any where no payment of the cut has one.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn push(&mut self, entry: &PlannedEntry, reference: Option<String>) -> Result<()> {
        let line = Line {
            payment: foreign::cell(&entry.payment.to_string()).into_owned(),
            trace: entry.trace.into(),
            direction: entry.direction,
            cents: entry.amount.get(),
            reference,
        };
        self.0.serialize(line).map_err(not_written)
    }

    /// Stores it as that of a batch.
    ///
    /// # Errors
    /// Where the store does not take it.
    pub async fn put(
        self,
        objects: &dyn ObjectStore,
        odfi: DfiId,
        date: Date,
        batch: BatchKey,
    ) -> Result<Source> {
        let body = self.0.into_inner().map_err(|e| not_written(e.error()))?;
        let hash = sha256(&body);
        let name = names::members(odfi, date, batch, &hash.to_string());
        objects.put_new(&name, body.into()).await?;
        Ok(Source { name, sha256: hash })
    }
}

fn not_written(error: impl std::fmt::Display) -> Failure {
    Failure::impossible(format!("the list of a batch: {error}"))
}

/// Reads the list that a frozen cut names: all of the batch, in the order of traces.
///
/// # Errors
/// Where it is gone, or not the one that was frozen.
pub async fn listed(objects: &dyn ObjectStore, list: &Source) -> Result<Vec<Member>> {
    let name = &list.name;
    let held = |found| match found == list.sha256 {
        true => Ok(()),
        false => Err(Failure::findings(format!(
            "{name}: its SHA-256 is {found}, and the record that names it says {}",
            list.sha256
        ))
        .remedy(RESTORE)),
    };
    let body = proved::whole(objects, name, held).await?;
    let body = body.ok_or_else(|| {
        Failure::findings(format!("{name}: gone, and a frozen cut names it")).remedy(RESTORE)
    })?;
    read(name, &body)
}

/// Reads a list: its columns by their names, and whatever stands beside them is passed over.
fn read(name: &Name, body: &[u8]) -> Result<Vec<Member>> {
    let damaged = |what: &dyn std::fmt::Display| Failure::damaged(format!("{name}: {what}"));
    let mut csv = csv::Reader::from_reader(body);
    let columns = csv.headers().map_err(|e| damaged(&e))?;
    let place = |column: &str| columns.iter().position(|one| one == column);
    let must = |column: &str| place(column).ok_or_else(|| damaged(&format!("no {column}")));
    let [payment, trace, direction, cents] = [
        must("payment")?,
        must("trace")?,
        must("direction")?,
        must("cents")?,
    ];
    let reference = place("reference");
    let (mut members, mut line) = (Vec::new(), csv::StringRecord::new());
    while csv.read_record(&mut line).map_err(|e| damaged(&e))? {
        let cell = |at: usize| line.get(at).unwrap_or_default();
        let number = |at: usize| cell(at).parse::<u64>().map_err(|e| damaged(&e));
        let reference = reference.map(cell).filter(|text| !text.is_empty());
        members.push(Member {
            payment: cell(payment).parse().map_err(|e| damaged(&e))?,
            trace: TraceNumber::from_number(number(trace)?).map_err(|e| damaged(&e))?,
            direction: cell(direction).parse().map_err(|e| damaged(&e))?,
            amount: Cents::new(number(cents)?),
            reference: reference.map(Into::into),
        });
    }
    Ok(members)
}

/// Where a batch's payments are listed, and whose they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Key of the originator in the bank profile.
    pub originator: String,
    /// The list; none of a cut that was frozen before there were lists.
    pub list: Option<Source>,
}

/// The batches that the cuts of one date froze at a desk, found without reading those of other
/// dates: the chain of cuts is in the order of dates.
///
/// # Errors
/// Where a record on the way cannot be read.
pub async fn batches_of(desk: &Desk, date: Date) -> Result<BTreeMap<BatchKey, Listed>> {
    let objects = &*desk.ports.objects;
    let names = objects.list(&names::frozen_prefix(desk.bank.odfi)).await?;
    let (mut low, mut high) = (0, names.len());
    // The first cut of the date, or of one behind it.
    while low < high {
        // saturates: both are places in a list
        let middle = low.saturating_add(high.saturating_sub(low) / 2);
        let cut = cut(objects, names.get(middle)).await?;
        match cut.is_some_and(|cut| cut.date < date) {
            true => low = middle.saturating_add(1), // saturates: a place in a list
            false => high = middle,
        }
    }
    let mut found = BTreeMap::new();
    for name in names.iter().skip(low) {
        let Some(cut) = cut(objects, Some(name)).await? else {
            continue;
        };
        if cut.date != date {
            break;
        }
        for batch in cut.record.files.into_iter().flat_map(|file| file.batches) {
            let listed = Listed {
                originator: batch.originator,
                list: batch.members,
            };
            found.insert(batch.key, listed);
        }
    }
    Ok(found)
}

async fn cut(objects: &dyn ObjectStore, name: Option<&Name>) -> Result<Option<Read<FrozenCut>>> {
    match name {
        Some(name) => records::read::<FrozenCut>(objects, name).await,
        None => Ok(None),
    }
}
