//! Payments of a store that is open here, or lent.
//!
//! A long call goes to the lender in pieces, one behind the other, so that its changes stay in
//! order. Where a lender is gone before it answers a piece, that piece is asked again, of whoever
//! has the store then (`again.rs` says what its answers mean).

use super::again;
use super::ask::{Answer, Ask, RECORDS, unreadable};
use super::asking::{Answered, piece, put, question};
use super::node::Node;
use super::wire::{ChangeForm, EventOfForm, FactForm, NewForm, PaymentForm};
use crate::payments::may_be;
use async_trait::async_trait;
use connectors::{
    Applied, Change, Created, Happened, Index, NewRecord, PaymentStore, Request, Result, Telling,
    Told,
};
use jiff::civil::Date;
use settlement::ids::PaymentId;
use settlement::payment::{Numbered, Payment, PaymentEvent, Side, State};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A [`PaymentStore`] that is open here, or lent.
pub struct LentPayments {
    node: Arc<Node>,
    /// The bank from which it is seen.
    bank: String,
}

impl LentPayments {
    /// The payments of the store of `node`, seen from the bank of this name; the empty name is the
    /// home bank's.
    ///
    /// # Errors
    /// Where the name is none that a bank can have.
    pub fn seen_from(node: Arc<Node>, bank: &str) -> Result<LentPayments> {
        may_be(bank)?;
        let bank = bank.to_owned();
        Ok(LentPayments { node, bank })
    }

    async fn ask(&self, ask: Ask) -> Result<Answer> {
        let asked = question(&self.bank, ask)?;
        Ok(put(&self.node, &asked).await?.answer)
    }

    /// Asks about the first of `all`, as many as fit, and answers how many these were.
    async fn about<T>(
        &self,
        all: &[T],
        ask: impl Fn(&[T]) -> Result<Ask>,
    ) -> Result<(usize, Answered)> {
        let (count, asked) = piece(&self.bank, all, ask)?;
        Ok((count, put(&self.node, &asked).await?))
    }

    /// Payments, and whether there are more of what was asked.
    async fn payments(&self, ask: Ask) -> Result<(Vec<Option<Payment>>, bool)> {
        let Answer::Payments(forms, more) = self.ask(ask).await? else {
            return Err(unreadable());
        };
        let read = |form: Option<PaymentForm>| form.map(PaymentForm::read).transpose();
        let payments = forms.into_iter().map(read).collect::<Result<Vec<_>>>()?;
        match more && payments.is_empty() {
            true => Err(unreadable()),
            false => Ok((payments, more)),
        }
    }

    async fn facts_by(&self, ask: Ask) -> Result<Vec<(Side, Numbered)>> {
        match self.ask(ask).await? {
            Answer::Facts(facts) => facts.into_iter().map(FactForm::read).collect(),
            _ => Err(unreadable()),
        }
    }

    async fn events_by(&self, ask: Ask) -> Result<Vec<PaymentEvent>> {
        match self.ask(ask).await? {
            Answer::Events(events) => events.into_iter().map(EventOfForm::read).collect(),
            _ => Err(unreadable()),
        }
    }

    /// What changes would have been answered, had they been asked once.
    async fn applied_again(
        &self,
        changes: &[Change],
        answers: Vec<Applied>,
    ) -> Result<Vec<Applied>> {
        let mut all = Vec::with_capacity(answers.len());
        for (change, answer) in changes.iter().zip(answers) {
            all.push(match again::is_open(change, &answer) {
                true => again::applied(change, answer, &self.history(change.payment).await?),
                false => answer,
            });
        }
        Ok(all)
    }

    /// Which of `payments` are not forgotten.
    async fn remembered(&self, payments: &[PaymentId]) -> Result<BTreeSet<PaymentId>> {
        let found = self.get(payments).await?.into_iter().flatten();
        let known = found.filter(|payment| !payment.is_forgotten());
        Ok(known.map(|payment| payment.id).collect())
    }
}

/// The answers, where there is one for each of what was asked.
fn each<A>(asked: usize, answers: Vec<A>) -> Result<Vec<A>> {
    match answers.len() == asked {
        true => Ok(answers),
        false => Err(unreadable()),
    }
}

#[async_trait]
impl PaymentStore for LentPayments {
    async fn create(&self, new: Vec<NewRecord>) -> Result<Vec<Created>> {
        if let Some(store) = self.node.own() {
            return store.payments(&self.bank)?.create(new).await;
        }
        let forms = |new: &[NewRecord]| {
            let forms = new.iter().map(NewForm::of);
            Ok(Ask::Create(forms.collect::<Result<_>>()?))
        };
        let (mut rest, mut all) = (&new[..], Vec::with_capacity(new.len()));
        while !rest.is_empty() {
            let (count, Answered { answer, again }) = self.about(rest, forms).await?;
            let Answer::Created(created) = answer else {
                return Err(unreadable());
            };
            let (asked, later) = rest.split_at(count);
            let created = each(count, created)?;
            all.extend(match again {
                true => again::created(asked, created),
                false => created,
            });
            rest = later;
        }
        Ok(all)
    }

    async fn get(&self, ids: &[PaymentId]) -> Result<Vec<Option<Payment>>> {
        if let Some(store) = self.node.own() {
            return store.payments(&self.bank)?.get(ids).await;
        }
        let (mut rest, mut all) = (ids, Vec::with_capacity(ids.len()));
        while !rest.is_empty() {
            let some = rest.get(..RECORDS).unwrap_or(rest);
            let (found, more) = self.payments(Ask::Get(some.to_vec())).await?;
            if found.len() > some.len() || (found.len() < some.len() && !more) {
                return Err(unreadable());
            }
            rest = rest.get(found.len()..).unwrap_or_default();
            all.extend(found);
        }
        Ok(all)
    }

    async fn apply(&self, changes: Vec<Change>) -> Result<Vec<Applied>> {
        if let Some(store) = self.node.own() {
            return store.payments(&self.bank)?.apply(changes).await;
        }
        let forms = |some: &[Change]| {
            Ok(Ask::Apply(
                some.iter().map(ChangeForm::of).collect::<Vec<_>>(),
            ))
        };
        let (mut rest, mut all) = (&changes[..], Vec::with_capacity(changes.len()));
        while !rest.is_empty() {
            let (count, Answered { answer, again }) = self.about(rest, forms).await?;
            let Answer::Applied(applied) = answer else {
                return Err(unreadable());
            };
            let (asked, later) = rest.split_at(count);
            let applied = each(count, applied)?;
            all.extend(match again {
                true => self.applied_again(asked, applied).await?,
                false => applied,
            });
            rest = later;
        }
        Ok(all)
    }

    /// A fact that was told to a lender that is gone is answered [`Told::Exists`] by the next.
    async fn tell(&self, facts: Vec<Telling>) -> Result<Vec<Told>> {
        if let Some(store) = self.node.own() {
            return store.payments(&self.bank)?.tell(facts).await;
        }
        let forms = |some: &[Telling]| {
            let forms = some.iter().map(FactForm::telling);
            Ok(Ask::Tell(forms.collect::<Result<_>>()?))
        };
        let (mut rest, mut all) = (&facts[..], Vec::with_capacity(facts.len()));
        while !rest.is_empty() {
            let (count, asked) = self.about(rest, forms).await?;
            let Answer::Told(told) = asked.answer else {
                return Err(unreadable());
            };
            all.extend(each(count, told)?);
            rest = rest.get(count..).unwrap_or_default();
        }
        Ok(all)
    }

    async fn forget(&self, payments: Vec<PaymentId>) -> Result<u64> {
        if let Some(store) = self.node.own() {
            return store.payments(&self.bank)?.forget(payments).await;
        }
        // Asked once for all of them: the files of the store are cleared at the end of each.
        let before = self.remembered(&payments).await?;
        let asked = question(&self.bank, Ask::Forget(payments))?;
        let Answered { answer, again } = put(&self.node, &asked).await?;
        match answer {
            Answer::Forgotten(_) if again => Ok(before.len() as u64),
            Answer::Forgotten(count) => Ok(count),
            _ => Err(unreadable()),
        }
    }

    async fn facts(&self, side: Side) -> Result<Vec<Numbered>> {
        if let Some(store) = self.node.own() {
            return store.payments(&self.bank)?.facts(side).await;
        }
        let facts = self.facts_by(Ask::Facts(side)).await?.into_iter();
        Ok(facts.map(|(_, numbered)| numbered).collect())
    }

    async fn facts_of(&self, date: Date) -> Result<Vec<(Side, Numbered)>> {
        if let Some(store) = self.node.own() {
            return store.payments(&self.bank)?.facts_of(date).await;
        }
        self.facts_by(Ask::FactsOf(date)).await
    }

    async fn page(
        &self,
        index: Index,
        after: Option<PaymentId>,
        limit: usize,
    ) -> Result<Vec<Payment>> {
        if let Some(store) = self.node.own() {
            return store.payments(&self.bank)?.page(index, after, limit).await;
        }
        let (mut all, mut after): (Vec<Payment>, _) = (Vec::new(), after);
        while all.len() < limit {
            let some = (limit - all.len()).min(RECORDS);
            let (page, more) = self.payments(Ask::Page(index.clone(), after, some)).await?;
            let count = page.len();
            all.extend(page.into_iter().flatten());
            after = all.last().map(|payment| payment.id).or(after);
            if count < some && !more {
                break;
            }
        }
        Ok(all)
    }

    async fn events(
        &self,
        date: Date,
        after: Option<(PaymentId, u32)>,
        limit: usize,
    ) -> Result<Vec<PaymentEvent>> {
        if let Some(store) = self.node.own() {
            return store.payments(&self.bank)?.events(date, after, limit).await;
        }
        let (mut all, mut after): (Vec<PaymentEvent>, _) = (Vec::new(), after);
        while all.len() < limit {
            let some = (limit - all.len()).min(RECORDS);
            let events = self.events_by(Ask::Events(date, after, some)).await?;
            let count = events.len();
            all.extend(events);
            let last = all.last().map(|event| (event.payment, event.version));
            after = last.or(after);
            if count < some {
                break;
            }
        }
        Ok(all)
    }

    async fn unusual_events(
        &self,
        date: Date,
        after: Option<(PaymentId, u32)>,
        limit: usize,
    ) -> Result<Vec<PaymentEvent>> {
        if let Some(store) = self.node.own() {
            return store
                .payments(&self.bank)?
                .unusual_events(date, after, limit)
                .await;
        }
        let (mut all, mut after): (Vec<PaymentEvent>, _) = (Vec::new(), after);
        while all.len() < limit {
            let some = (limit - all.len()).min(RECORDS);
            let events = self
                .events_by(Ask::UnusualEvents(date, after, some))
                .await?;
            let count = events.len();
            all.extend(events);
            let last = all.last().map(|event| (event.payment, event.version));
            after = last.or(after);
            if count < some {
                break;
            }
        }
        Ok(all)
    }

    async fn standings(&self, ids: &[PaymentId]) -> Result<Vec<Option<State>>> {
        if let Some(store) = self.node.own() {
            return store.payments(&self.bank)?.standings(ids).await;
        }
        let mut all = Vec::with_capacity(ids.len());
        for some in ids.chunks(RECORDS) {
            let Answer::Standings(found) = self.ask(Ask::Standings(some.to_vec())).await? else {
                return Err(unreadable());
            };
            all.extend(each(some.len(), found)?);
        }
        Ok(all)
    }

    async fn history(&self, payment: PaymentId) -> Result<Vec<PaymentEvent>> {
        if let Some(store) = self.node.own() {
            return store.payments(&self.bank)?.history(payment).await;
        }
        self.events_by(Ask::History(payment)).await
    }

    async fn request(&self, key: [u8; 32]) -> Result<Option<Request>> {
        if let Some(store) = self.node.own() {
            return store.payments(&self.bank)?.request(key).await;
        }
        match self.ask(Ask::Request(key)).await? {
            Answer::Requests(found) => Ok(found.into_iter().next()),
            _ => Err(unreadable()),
        }
    }

    async fn recent(
        &self,
        merchant: &str,
        before: Option<PaymentId>,
        limit: usize,
    ) -> Result<Vec<Payment>> {
        if let Some(store) = self.node.own() {
            return store
                .payments(&self.bank)?
                .recent(merchant, before, limit)
                .await;
        }
        let (mut all, mut before): (Vec<Payment>, _) = (Vec::new(), before);
        while all.len() < limit {
            let some = (limit - all.len()).min(RECORDS);
            let ask = Ask::Recent(merchant.to_owned(), before, some);
            let (page, more) = self.payments(ask).await?;
            let count = page.len();
            all.extend(page.into_iter().flatten());
            before = all.last().map(|payment| payment.id).or(before);
            if count < some && !more {
                break;
            }
        }
        Ok(all)
    }

    async fn feed(&self, after: u64, limit: usize) -> Result<Vec<(u64, Happened)>> {
        if let Some(store) = self.node.own() {
            return store.payments(&self.bank)?.feed(after, limit).await;
        }
        let (mut all, mut after): (Vec<(u64, Happened)>, _) = (Vec::new(), after);
        while all.len() < limit {
            let some = (limit - all.len()).min(RECORDS);
            let Answer::Fed(fed) = self.ask(Ask::Feed(after, some)).await? else {
                return Err(unreadable());
            };
            let count = fed.len();
            for (place, form) in fed {
                all.push((place, form.read()?));
            }
            after = all.last().map_or(after, |(place, _)| *place);
            if count < some {
                break;
            }
        }
        Ok(all)
    }

    async fn requests(&self, after: Option<[u8; 32]>, limit: usize) -> Result<Vec<Request>> {
        if let Some(store) = self.node.own() {
            return store.payments(&self.bank)?.requests(after, limit).await;
        }
        let (mut all, mut after): (Vec<Request>, _) = (Vec::new(), after);
        while all.len() < limit {
            let some = (limit - all.len()).min(RECORDS);
            let Answer::Requests(requests) = self.ask(Ask::Requests(after, some)).await? else {
                return Err(unreadable());
            };
            let count = requests.len();
            all.extend(requests);
            after = all.last().map(|request| request.key).or(after);
            if count < some {
                break;
            }
        }
        Ok(all)
    }
}
