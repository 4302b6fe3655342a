//! The payments of a batch, wherever its cut has them: in a list, or, of a cut that was frozen
//! before there were lists, in its entries.

use crate::parts::{self, Entries};
use crate::records::Read;
use desk::Desk;
use desk::failure::{Failure, Result};
use desk::frozen::{FrozenBatch, FrozenCut};
use desk::members;
use desk::records::RESTORE;
use formats::tables::AchEntry;
use settlement::ids::{BatchKey, PaymentId};
use settlement::payment::Side;
use std::collections::BTreeMap;

pub use desk::members::{Member, NewList};

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
            Some(list) => members::listed(&*desk.ports.objects, &list).await,
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

fn of_row(row: &AchEntry<'_>) -> Result<Member> {
    Ok(Member {
        payment: PaymentId::from_key(row.payment_key)?,
        trace: parts::trace(row)?,
        direction: row.direction.parse()?,
        amount: row.amount.magnitude(),
        reference: row.reference.as_deref().map(Into::into),
    })
}
