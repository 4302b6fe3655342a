//! The rows a day's legs look at, read whole before the first leg runs; but those of L0 and L1,
//! of which a day has millions, are looked at as they come.
//!
//! A part for each leg, and one for what the books hold; what one needs of another it is given.

mod bands;
mod books;
mod events;
mod funds;
mod l0;
mod l1;
mod l2;
mod l3;
mod l4;
mod l5;
mod replaced;

use crate::known::Known;
use crate::new_part::NewPart;
use crate::parts;
use crate::records::ingested::{Ingested, Outcome as Taken};
use crate::records::posted::PostedDay;
use crate::records::reconciled::{Closing, Reconciled};
use crate::records::{self, Read};
use crate::reversed;
use crate::start;
use books::Books;
use desk::failure::{Result, too_large};
use desk::{Desk, names};
use formats::statement::AccountNumber;
use formats::tables::Matches;
use jiff::civil::Date;
use l0::L0Inputs;
use l1::L1Inputs;
use l2::L2Inputs;
use l3::L3Inputs;
use l4::L4Inputs;
use l5::L5Inputs;
use settlement::money::SignedCents;
use settlement::reconcile::legs::{Break, BreakKind};
use std::collections::{BTreeMap, BTreeSet};

/// Everything one run reads.
pub struct Inputs {
    pub date: Date,
    pub before: Reconciled,
    /// What the bank has put out.
    pub files: Vec<Read<Ingested>>,
    pub l0: L0Inputs,
    pub l1: L1Inputs,
    pub l2: L2Inputs,
    pub l3: L3Inputs,
    pub l4: L4Inputs,
    pub l5: L5Inputs,
    /// Where each account's statements end.
    pub closing: BTreeMap<String, Closing>,
    pub books: Books,
    /// Our account's statements, with those of the day.
    pub known: Known,
    /// Originators who stand below zero.
    pub overdrawn: Vec<Break>,
    /// Copies of quarantined files, with the whole one that came in their place.
    pub replaced: BTreeMap<String, String>,
    /// Lines that the bank has taken back.
    pub taken_back: BTreeSet<String>,
}

impl Inputs {
    pub async fn read(desk: &Desk, posted: &PostedDay, before: Reconciled) -> Result<Inputs> {
        let date = posted.date;
        let objects = &*desk.ports.objects;
        let files = records::all::<Ingested>(objects, &names::ingested_prefix(date)).await?;
        let cuts = parts::frozen_on(desk, date).await?;
        let l1 = L1Inputs::read(desk, date, &cuts).await?;
        let l2 = L2Inputs::read(desk, date, &files, &before).await?;
        let l3 = L3Inputs {
            allocated: start::allocated(desk, date).await?.record,
        };
        let back = reversed::on(desk, date).await?;
        let taken: Vec<&Ingested> = files.iter().map(|read| &read.record).collect();
        let ours = AccountNumber::new(&desk.bank.account.number);
        let known = Known::of(ours.last4(), &before, &taken);
        let l4 = L4Inputs::read(desk, posted, &l3.allocated, &back, &known, &taken).await?;
        let books = Books::read(desk, posted).await?;
        let cash = SignedCents::sum(l4.ledger.iter().map(|line| line.cents));
        let cash = cash.ok_or_else(|| too_large("cash posted"))?;
        let closing = l5::closings(&before, &known, &taken, cash)?;
        let l5 = L5Inputs::read(date, &books, &l3, &desk.bank.name, &before, &closing)?;
        let replaced = replaced::by_whole_ones(desk, &before, &files, &known).await?;
        Ok(Inputs {
            date,
            replaced,
            l0: L0Inputs::read(desk, date, (&cuts, &l1), &l3, &before).await?,
            l5,
            overdrawn: funds::overdrawn(desk, date, &books, &l3.allocated)?,
            closing,
            before,
            files,
            l1,
            l2,
            l3,
            l4,
            books,
            known,
            taken_back: back.iter().map(|one| one.line.clone()).collect(),
        })
    }

    /// Takes out the table of what matched so far.
    pub fn without_matches(mut self) -> Result<(Inputs, NewPart<Matches>)> {
        let begun = std::mem::replace(&mut self.l1.matches, NewPart::begin()?);
        Ok((self, begun))
    }

    /// The quarantined and repeated files of the day.
    pub fn odd_files(&self) -> impl Iterator<Item = (&Ingested, BreakKind)> {
        let files = self.files.iter().map(|read| &read.record);
        files.filter_map(|file| match file.outcome {
            Taken::Taken => None,
            Taken::Duplicate { .. } => Some((file, BreakKind::DupFile)),
            Taken::Quarantined => Some((file, BreakKind::ControlTotal)),
        })
    }
}
