//! L0: the payments on their way, against what is expected.
//!
//! A payment that was not sent is in the store's work list. One that was sent is of a side of a
//! batch, so the reconciliation keeps the sides of which any entry has not settled, from day to
//! day: what it had the day before, what was cut, and what anything was said of on the date. That
//! list comes from the cuts and the store, never from what is expected.

use crate::members::Batches;
use crate::parts;
use crate::reconcile::inputs::l1::L1Inputs;
use crate::reconcile::inputs::l3::L3Inputs;
use crate::records::Read;
use crate::records::frozen::FrozenCut;
use crate::records::reconciled::Reconciled;
use crate::sides::SideOf;
use crate::stage::did;
use connectors::Index;
use desk::failure::Result;
use desk::{CHUNK, Desk};
use jiff::civil::Date;
use settlement::ids::TraceNumber;
use settlement::payment::{Payment, Side, State};
use settlement::reconcile::legs::l0::{Expected, OnTheWay, Standing};
use settlement::reconcile::legs::{BreakKind, Outcome};
use std::collections::{BTreeMap, BTreeSet};

/// What the leg found, and the sides of which an entry has not settled.
pub struct L0Inputs {
    pub found: Outcome,
    pub on_the_way: BTreeSet<Side>,
}

impl L0Inputs {
    /// Looks at every payment on its way.
    pub async fn read(
        desk: &Desk,
        date: Date,
        (cuts, l1): (&[Read<FrozenCut>], &L1Inputs),
        l3: &L3Inputs,
        before: &Reconciled,
    ) -> Result<L0Inputs> {
        let (named, sides) = (named(before), sides(l3));
        let mut standing = Standing::new(&sides, &named);
        let ready = Index::Ready {
            speed: None,
            until: None,
        };
        for index in [ready, Index::Claimed(None)] {
            each(desk, &index, |payment| standing.see(payment)).await?;
        }
        let mut on_the_way = BTreeSet::new();
        let mut candidates = candidates(desk, date, cuts, before).await?;
        candidates.extend(l1.touched.iter().copied());
        let mut batches = Batches::of(desk, candidates.iter().map(|side| side.batch)).await?;
        for side in candidates {
            let read = SideOf::read(desk, &mut batches, side).await?;
            for alike in read.alike(&*desk.ports.payments).await? {
                did(alike.members.len());
                let state = alike.one.state;
                if !matches!(state, State::SentToBank | State::Pending) {
                    continue;
                }
                on_the_way.insert(side);
                let entries = alike.members.iter().map(|member| OnTheWay {
                    payment: member.payment,
                    trace: member.trace,
                    amount: member.amount,
                });
                standing.see_entries(side, state, entries);
            }
        }
        let found = standing.finish();
        Ok(L0Inputs { found, on_the_way })
    }
}

/// Goes through the payments of an index.
async fn each(desk: &Desk, index: &Index, mut see: impl FnMut(&Payment)) -> Result<()> {
    let mut after = None;
    loop {
        let page = desk
            .ports
            .payments
            .page(index.clone(), after, CHUNK)
            .await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = Some(last.id);
        page.iter().for_each(&mut see);
    }
}

/// Every side that may have an entry on its way.
async fn candidates(
    desk: &Desk,
    date: Date,
    cuts: &[Read<FrozenCut>],
    before: &Reconciled,
) -> Result<BTreeSet<Side>> {
    let mut sides = BTreeSet::new();
    match &before.on_the_way {
        Some(known) => sides.extend(known.iter().copied()),
        // Nothing was reconciled before: what was sent until now, whoever sent it.
        None if before.date == date => {
            let cuts = parts::frozen_since(&*desk.ports.objects, desk.bank.odfi, Date::MIN).await?;
            let until_now = cuts.iter().filter(|cut| cut.date <= date);
            sides.extend(all_of(until_now));
        }
        // A version before kept no list: every payment is looked at, once.
        None => {
            let ours = |payment: &Payment| payment.bank == desk.place;
            let sent = |payment: &Payment| payment.side().filter(|_| ours(payment));
            each(desk, &Index::All, |payment| sides.extend(sent(payment))).await?;
        }
    }
    sides.extend(all_of(cuts.iter()));
    let told = desk.ports.payments.facts_of(date).await?;
    sides.extend(told.into_iter().map(|(side, _)| side));
    Ok(sides)
}

/// The sides of all batches of cuts.
fn all_of<'a>(cuts: impl Iterator<Item = &'a Read<FrozenCut>>) -> impl Iterator<Item = Side> {
    let batches = cuts
        .flat_map(|cut| &cut.files)
        .flat_map(|file| &file.batches);
    batches.flat_map(|batch| batch.sides())
}

/// Entries that an open break says are missing: an earlier version kept no expectation of them.
fn named(before: &Reconciled) -> BTreeSet<TraceNumber> {
    let open = before.breaks.iter().filter(|b| b.is_open());
    let missing = open.filter(|b| b.kind == BreakKind::MissingAtBank);
    let numbers = missing.filter_map(|b| b.key.parse().ok());
    numbers
        .filter_map(|number| TraceNumber::from_number(number).ok())
        .collect()
}

/// The sides of which money has not come, and whether it is inside its time.
fn sides(l3: &L3Inputs) -> BTreeMap<String, Expected> {
    let late = l3
        .allocated
        .findings
        .iter()
        .filter(|found| found.kind != BreakKind::Timing);
    let late: BTreeSet<&String> = late.flat_map(|found| &found.expectations).collect();
    let open = l3.allocated.open().filter(|one| one.one.is_side());
    open.map(|one| {
        let side = Expected {
            in_time: !late.contains(&one.one.id),
            // Until something is missing of it, no entry has settled.
            waits: match one.one.found {
                Some(_) => one.one.waits.iter().copied().collect(),
                None => BTreeSet::new(),
            },
        };
        (one.one.id.clone(), side)
    })
    .collect()
}
