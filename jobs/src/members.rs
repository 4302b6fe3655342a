//! The payments of a batch: a list that a cut freezes for each of its batches.
//!
//! What is said of a side of a batch is said once, and this list says of whom. It is a CSV file of
//! some 100 kB beside the table's part, in the order of traces, so that who expands a fact (a job,
//! a feed, a webhook) reads one batch and no Parquet, and can go on at any place of it. A cut that
//! was frozen before there were lists has them in its entries.

use crate::parts::{self, Entries};
use crate::records::Read;
use crate::records::frozen::{FrozenBatch, FrozenCut};
use crate::records::named::Named;
use connectors::{Name, ObjectStore};
use desk::failure::{Failure, Result};
use desk::records::{RESTORE, Source};
use desk::{Desk, names, proved};
use formats::tables::AchEntry;
use jiff::civil::Date;
use serde::Serialize;
use settlement::archive::sha256;
use settlement::cut::PlannedEntry;
use settlement::foreign;
use settlement::ids::{BatchKey, DfiId, Direction, PaymentId, TraceNumber};
use settlement::money::Cents;
use settlement::payment::Side;
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

/// The batches of frozen cuts, found by their keys.
pub struct Batches {
    cuts: Vec<Read<FrozenCut>>,
    /// Cut, file and batch.
    places: BTreeMap<BatchKey, (usize, usize, usize)>,
    /// The entries of a cut that has no lists: which cut, and its members.
    entries: Option<(usize, BTreeMap<BatchKey, Vec<Member>>)>,
}

impl Batches {
    /// Of all cuts back to the oldest of `keys`.
    ///
    /// # Errors
    /// Where the chain of cuts cannot be read.
    pub async fn of(desk: &Desk, keys: impl IntoIterator<Item = BatchKey>) -> Result<Batches> {
        let oldest = keys.into_iter().map(BatchKey::date).min();
        let cuts = match oldest {
            Some(oldest) => {
                parts::frozen_since(&*desk.ports.objects, desk.bank.odfi, oldest).await?
            }
            None => Vec::new(),
        };
        Ok(Batches::over(cuts))
    }

    /// Of these cuts.
    pub fn over(cuts: Vec<Read<FrozenCut>>) -> Batches {
        let mut places = BTreeMap::new();
        for (at, cut) in cuts.iter().enumerate() {
            for (in_cut, file) in cut.files.iter().enumerate() {
                for (in_file, batch) in file.batches.iter().enumerate() {
                    places.insert(batch.key, (at, in_cut, in_file));
                }
            }
        }
        Batches {
            cuts,
            places,
            entries: None,
        }
    }

    /// A batch as it was frozen; `None` where no cut has it.
    pub fn get(&self, key: BatchKey) -> Option<&FrozenBatch> {
        let (cut, file, batch) = self.places.get(&key)?;
        let file = self.cuts.get(*cut)?.files.get(*file)?;
        file.batches.get(*batch)
    }

    /// The members of a side, in the order of their traces.
    ///
    /// # Errors
    /// Where no cut has the batch, or its list is not the one that was frozen.
    pub async fn members(&mut self, desk: &Desk, side: Side) -> Result<Vec<Member>> {
        let mut members = self.all_members(desk, side.batch).await?;
        members.retain(|member| member.direction == side.direction);
        Ok(members)
    }

    /// The members of a batch, in the order of their traces.
    ///
    /// # Errors
    /// As [`Batches::members`].
    pub async fn all_members(&mut self, desk: &Desk, key: BatchKey) -> Result<Vec<Member>> {
        let Some(batch) = self.get(key) else {
            return Err(
                Failure::findings(format!("batch {key}: no frozen cut has it")).remedy(RESTORE),
            );
        };
        match batch.members.clone() {
            Some(list) => listed(desk, &list).await,
            None => self.of_entries(desk, key).await,
        }
    }

    /// The members of a batch of a cut without lists.
    async fn of_entries(&mut self, desk: &Desk, key: BatchKey) -> Result<Vec<Member>> {
        let Some((cut, ..)) = self.places.get(&key).copied() else {
            return Ok(Vec::new());
        };
        if self.entries.as_ref().is_none_or(|(of, _)| *of != cut) {
            let mut by_batch: BTreeMap<BatchKey, Vec<Member>> = BTreeMap::new();
            if let Some(frozen) = self.cuts.get(cut) {
                for row in Entries::of(desk, frozen).await? {
                    let row = row?;
                    let members = by_batch.entry(row.batch.parse()?).or_default();
                    members.push(of_row(&row)?);
                }
            }
            self.entries = Some((cut, by_batch));
        }
        let known = self.entries.as_ref().and_then(|(_, all)| all.get(&key));
        Ok(known.cloned().unwrap_or_default())
    }
}

async fn listed(desk: &Desk, list: &Source) -> Result<Vec<Member>> {
    let named = Named::from(list.clone());
    let name = &list.name;
    let held = |found| named.hold(found);
    let body = proved::whole(&*desk.ports.objects, name, held).await?;
    let body = body.ok_or_else(|| {
        Failure::findings(format!("{name}: gone, and a frozen cut names it")).remedy(RESTORE)
    })?;
    read(name, &body)
}

fn of_row(row: &AchEntry<'_>) -> Result<Member> {
    Ok(Member {
        payment: PaymentId::from_key(row.payment_key)?,
        trace: parts::trace(row)?,
        direction: row.direction.parse()?,
        amount: row.amount.magnitude(),
        reference: row.reference.as_deref().map(Into::into),
    })
}
