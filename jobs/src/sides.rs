//! The payments of a side of a batch, as the facts of the side and their own events make them.
//!
//! Most of them are alike: sent together, and nothing has happened to one alone. The store says
//! who is not ([`Index::Apart`]). Of the others one is read for each choice of facts that are
//! about it, and stands for all; so a side of 2,500 payments costs a list and a handful of reads.

use crate::members::{Batches, Member};
use connectors::{Index, PaymentStore};
use desk::failure::{Failure, Result};
use desk::{CHUNK, Desk};
use settlement::ids::PaymentId;
use settlement::payment::{EntryRef, Event, Numbered, Payment, PaymentEvent, Side};
use std::collections::{BTreeMap, BTreeSet};

/// A side, read.
pub struct SideOf {
    /// Which one.
    pub side: Side,
    /// What was said of it.
    pub facts: Vec<Numbered>,
    /// Its payments, in the order of their traces.
    pub members: Vec<Member>,
    /// Those of them with a history of their own.
    apart: BTreeMap<PaymentId, Payment>,
}

/// Payments of a side that have heard the same.
pub struct Alike<'a> {
    /// Who they are, in the order of their traces.
    pub members: Vec<&'a Member>,
    /// One of them, which stands for all: state, version and what was said of it are theirs.
    pub one: Payment,
}

impl SideOf {
    /// Reads a side.
    ///
    /// # Errors
    /// Where the store does not answer, or no frozen cut has the batch.
    pub async fn read(desk: &Desk, batches: &mut Batches, side: Side) -> Result<SideOf> {
        let store = &*desk.ports.payments;
        Ok(SideOf {
            side,
            members: batches.members(desk, side).await?,
            apart: apart(store, side).await?,
            facts: store.facts(side).await?,
        })
    }

    /// Its payments by what they have heard; those with a history of their own one by one.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub async fn alike(&self, store: &dyn PaymentStore) -> Result<Vec<Alike<'_>>> {
        let own = self.members.iter().filter_map(|member| {
            let one = self.apart.get(&member.payment)?.clone();
            let members = vec![member];
            Some(Alike { members, one })
        });
        let mut all: Vec<Alike<'_>> = own.collect();
        for members in self.heard_the_same() {
            let Some(first) = members.first() else {
                continue;
            };
            let found = store.get(&[first.payment]).await?;
            let one = found.into_iter().flatten().next();
            let one = one.ok_or_else(|| gone(first, self.side))?;
            all.push(Alike { members, one });
        }
        Ok(all)
    }

    /// What the facts with these numbers changed: an event for each payment and fact, the payments
    /// in the order of their traces, those with a history of their own first.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub async fn events(
        &self,
        store: &dyn PaymentStore,
        numbers: &BTreeSet<u32>,
    ) -> Result<Vec<PaymentEvent>> {
        let asked = |event: &PaymentEvent| event.fact.is_some_and(|n| numbers.contains(&n));
        let mut all = Vec::new();
        for member in &self.members {
            if self.apart.contains_key(&member.payment) {
                let history = store.history(member.payment).await?;
                all.extend(history.into_iter().filter(asked));
            }
        }
        for members in self.heard_the_same() {
            let Some(first) = members.first() else {
                continue;
            };
            let mut made = store.history(first.payment).await?;
            if made.is_empty() {
                return Err(gone(first, self.side));
            }
            made.retain(asked);
            for member in members {
                all.extend(made.iter().map(|event| of_member(event, member)));
            }
        }
        Ok(all)
    }

    /// The payments without a history of their own, by the facts that are not about them.
    fn heard_the_same(&self) -> impl Iterator<Item = Vec<&Member>> {
        let mut groups: BTreeMap<Vec<u32>, Vec<&Member>> = BTreeMap::new();
        let of_some = self
            .facts
            .iter()
            .filter(|fact| !fact.fact.except.is_empty());
        let of_some: Vec<&Numbered> = of_some.collect();
        let alike = self.members.iter();
        for member in alike.filter(|one| !self.apart.contains_key(&one.payment)) {
            let left_out = of_some
                .iter()
                .filter(|fact| !fact.fact.concerns(member.trace));
            let left_out = left_out.map(|fact| fact.number).collect();
            groups.entry(left_out).or_default().push(member);
        }
        groups.into_values()
    }
}

/// The payments of a side with a history of their own.
async fn apart(store: &dyn PaymentStore, side: Side) -> Result<BTreeMap<PaymentId, Payment>> {
    let (mut apart, mut after) = (BTreeMap::new(), None);
    loop {
        let page = store.page(Index::Apart(side.batch), after, CHUNK).await?;
        let Some(last) = page.last() else {
            return Ok(apart);
        };
        after = Some(last.id);
        let ours = page.into_iter().filter(|one| one.side() == Some(side));
        apart.extend(ours.map(|payment| (payment.id, payment)));
    }
}

/// As [`SideOf::events`], where they can move the books: of the payments with a history of their
/// own, and of all where the bank has rejected any. Otherwise no list is read.
///
/// # Errors
/// As [`SideOf::read`] and [`SideOf::events`].
pub async fn moving(
    desk: &Desk,
    batches: &mut Batches,
    side: Side,
    numbers: &BTreeSet<u32>,
) -> Result<Vec<PaymentEvent>> {
    let store = &*desk.ports.payments;
    let facts = store.facts(side).await?;
    let rejected = |fact: &Numbered| matches!(fact.fact.event, Event::Rejected { .. });
    if facts.iter().any(rejected) {
        let read = SideOf::read(desk, batches, side).await?;
        return read.events(store, numbers).await;
    }
    let apart = apart(store, side).await?;
    let mut own: Vec<_> = apart
        .values()
        .filter_map(|one| Some((one.entry?.trace, one.id)))
        .collect();
    own.sort_unstable();
    let mut all = Vec::new();
    for (_, payment) in own {
        let history = store.history(payment).await?;
        let asked = |event: &PaymentEvent| event.fact.is_some_and(|n| numbers.contains(&n));
        all.extend(history.into_iter().filter(asked));
    }
    Ok(all)
}

/// What happened to one happened to another.
fn of_member(event: &PaymentEvent, member: &Member) -> PaymentEvent {
    let entry = event.entry.map(|entry| EntryRef {
        trace: member.trace,
        ..entry
    });
    PaymentEvent {
        payment: member.payment,
        amount: member.amount,
        reference: member.reference.as_deref().map(str::to_owned),
        entry,
        ..event.clone()
    }
}

fn gone(member: &Member, side: Side) -> Failure {
    let (payment, batch) = (member.payment, side.batch);
    Failure::findings(format!(
        "payment {payment}: not in the store, and {batch} carries it"
    ))
    .remedy("restore the store, then run the same again")
}
