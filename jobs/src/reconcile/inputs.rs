//! The rows a day's legs look at, read whole before the first leg runs.
//!
//! A part for each leg, and one for what the books hold; what one needs of another it is given.

mod books;
mod l1;
mod l2;
mod l3;
mod l4;

use crate::parts;
use crate::records::ingested::{Ingested, Outcome as Taken};
use crate::records::posted::PostedDay;
use crate::records::reconciled::Reconciled;
use crate::records::{self, Read};
use crate::waiting;
use books::Books;
use desk::failure::Result;
use desk::{Desk, names};
use jiff::civil::Date;
use l1::L1Inputs;
use l2::L2Inputs;
use l3::L3Inputs;
use l4::L4Inputs;
use settlement::reconcile::legs::BreakKind;
use settlement::reconcile::legs::l3::Returned;

/// Everything one run reads.
pub struct Inputs {
    pub date: Date,
    /// Banking days a line may be late.
    pub sla_days: u32,
    pub before: Reconciled,
    /// What the bank has put out.
    pub files: Vec<Read<Ingested>>,
    pub l1: L1Inputs,
    pub l2: L2Inputs,
    pub l3: L3Inputs,
    pub l4: L4Inputs,
    pub books: Books,
}

impl Inputs {
    pub async fn read(desk: &Desk, posted: &PostedDay, before: Reconciled) -> Result<Inputs> {
        let date = posted.date;
        let objects = &*desk.ports.objects;
        let files = records::all::<Ingested>(objects, &names::ingested_prefix(date)).await?;
        let cuts = parts::frozen_on(desk, date).await?;
        let l1 = L1Inputs::read(desk, date, &cuts).await?;
        let l2 = L2Inputs::read(desk, date, &files, &before).await?;
        let open = waiting::batches(&before, &cuts, &files)?;
        let l3 = L3Inputs::read(desk, date, open).await?;
        let l4 = L4Inputs::read(desk, posted, &l3.lines, &before, &files).await?;
        Ok(Inputs {
            date,
            sla_days: desk.bank.tolerance.settlement_days,
            before,
            files,
            l1,
            l2,
            l3,
            l4,
            books: Books::read(desk, posted).await?,
        })
    }

    /// The returns whose money should come: those that were open, but none of a return that has
    /// been corrected since, and the new ones of the day.
    pub fn returns_for_money(&self) -> Vec<Returned> {
        let wrong: Vec<_> = self
            .l2
            .corrected()
            .into_iter()
            .map(|(told, _)| told)
            .collect();
        let stands = |open: &Returned| {
            let mut wrong = wrong.iter();
            !wrong.any(|told| (told.trace, told.received) == (open.trace, open.received))
        };
        let open = self.before.open_returns.iter().copied().filter(stands);
        open.chain(self.l2.for_money()).collect()
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
