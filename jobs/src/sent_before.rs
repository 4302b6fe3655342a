//! Whether a payment is in a frozen cut of before.
//!
//! What a cut has sent may never be sent by another one, and the store alone does not prove that it
//! was not: it may have been put back from an earlier moment. The chain of cuts says it exactly. A
//! cut takes payments that were created by its cutoff, so only cuts whose cutoff is not before the
//! creation of a payment can have it, and no further back is read: on most days that is nothing.

use crate::parts;
use crate::records::frozen::FrozenCut;
use crate::records::{self, Read};
use connectors::Name;
use desk::failure::{Failure, Result};
use desk::{CHUNK, Desk, names};
use jiff::Timestamp;
use jiff::civil::Date;
use settlement::ids::PaymentId;
use settlement::payment::{Event, Payment, State};
use settlement::windows::{cutoff_at, eastern_date};
use std::collections::BTreeMap;

/// The chain of a bank's frozen cuts, read back from an end of it.
pub struct Back {
    /// Those that are not read yet, the oldest first.
    left: Vec<Name>,
    /// One that was read and not asked for yet.
    next: Option<Read<FrozenCut>>,
    /// The one that was read last, which names the one before it.
    after: Option<Read<FrozenCut>>,
}

impl Back {
    /// From the newest cut.
    ///
    /// # Errors
    /// Where the objects cannot be listed.
    pub async fn from_newest(desk: &Desk) -> Result<Back> {
        let prefix = names::frozen_prefix(desk.bank.odfi);
        Ok(Back {
            left: desk.ports.objects.list(&prefix).await?,
            next: None,
            after: None,
        })
    }

    /// From the newest cut of the days before `date`.
    ///
    /// # Errors
    /// As [`Back::peek`].
    pub async fn before(desk: &Desk, date: Date) -> Result<Back> {
        let mut back = Back::from_newest(desk).await?;
        while back.peek(desk).await?.is_some_and(|cut| cut.date >= date) {
            back.take();
        }
        Ok(back)
    }

    /// The next one, which stays the next one.
    ///
    /// # Errors
    /// Where a record cannot be read, or is not the one that the cut after it names.
    pub async fn peek(&mut self, desk: &Desk) -> Result<Option<&FrozenCut>> {
        while self.next.is_none() {
            let Some(name) = self.left.pop() else {
                return Ok(None);
            };
            self.next = records::read::<FrozenCut>(&*desk.ports.objects, &name).await?;
            if let (Some(after), Some(cut)) = (&self.after, &self.next) {
                parts::follows(desk.bank.odfi, after, cut)?;
            }
        }
        Ok(self.next.as_ref().map(|read| &read.record))
    }

    /// Goes past the next one.
    pub fn take(&mut self) {
        if self.next.is_some() {
            self.after = self.next.take();
        }
    }
}

/// The payments of frozen cuts, as far back as they were asked for: eight bytes of each. A payment
/// that was wished for weeks ahead asks for all cuts since, on any day.
pub struct SentBefore {
    back: Back,
    /// Each cut with its payments in ascending order, the newest cut first.
    cuts: Vec<(String, Vec<PaymentId>)>,
}

impl SentBefore {
    /// Of all cuts that `back` leads to.
    pub const fn over(back: Back) -> SentBefore {
        SentBefore {
            back,
            cuts: Vec::new(),
        }
    }

    /// Those of `payments` that a cut has, each with the cut.
    ///
    /// # Errors
    /// Where a cut or its entries cannot be read.
    pub async fn of(
        &mut self,
        desk: &Desk,
        payments: impl IntoIterator<Item = PaymentId> + Clone,
    ) -> Result<BTreeMap<PaymentId, String>> {
        if let Some(oldest) = payments.clone().into_iter().min() {
            self.reach(desk, oldest.created_at()).await?;
        }
        let known = |id: PaymentId| self.cut_of(id).map(|cut| (id, cut.to_owned()));
        Ok(payments.into_iter().filter_map(known).collect())
    }

    /// The first cut that had the payment.
    fn cut_of(&self, id: PaymentId) -> Option<&str> {
        let has = |ids: &[PaymentId]| {
            let within = ids.first() <= Some(&id) && Some(&id) <= ids.last();
            within && ids.binary_search(&id).is_ok()
        };
        let mut oldest_first = self.cuts.iter().rev();
        let found = oldest_first.find(|(_, ids)| has(ids));
        found.map(|(cut, _)| cut.as_str())
    }

    /// Reads back to the last cut that can have a payment created at `oldest`.
    async fn reach(&mut self, desk: &Desk, oldest: Timestamp) -> Result<()> {
        let first = eastern_date(oldest);
        while let Some(cut) = self.back.peek(desk).await? {
            // The windows of a date may have had other cutoffs than today; its date is its date.
            if cut.date < first {
                return Ok(());
            }
            let is_late_enough = cutoff_at(cut.date, cut.header.time) >= oldest;
            if let Some(part) = cut.entries.as_ref().filter(|_| is_late_enough) {
                let ids = parts::payments_of(&*desk.ports.objects, part).await?;
                self.cuts.push((cut.cut.0.clone(), ids));
            }
            self.back.take();
        }
        Ok(())
    }
}

/// The first payment of `cut` that the store does not know to be claimed: then the store is of a
/// moment before the cut. Claims come before the cut is frozen, so a store that knows of all of
/// them is of a later moment, and knows of all cuts before it as well.
///
/// # Errors
/// Where the entries or the payments cannot be read.
pub async fn unknown_to_the_store(desk: &Desk, cut: &FrozenCut) -> Result<Option<PaymentId>> {
    let Some(part) = &cut.entries else {
        return Ok(None);
    };
    let store = &*desk.ports.payments;
    let ids = parts::payments_of(&*desk.ports.objects, part).await?;
    for ids in ids.chunks(CHUNK) {
        for (id, state) in ids.iter().zip(store.standings(ids).await?) {
            let known = match state {
                None => false,
                Some(State::Init | State::Canceled) => was_once_claimed(desk, *id).await?,
                Some(_) => true,
            };
            if !known {
                return Ok(Some(*id));
            }
        }
    }
    Ok(None)
}

/// Whether a cut has ever claimed the payment, as the store says.
async fn was_claimed(desk: &Desk, payment: &Payment) -> Result<bool> {
    if !matches!(payment.state, State::Init | State::Review | State::Canceled) {
        return Ok(true);
    }
    was_once_claimed(desk, payment.id).await
}

/// Whether a payment that waits or was canceled has been claimed before, and its upload failed.
async fn was_once_claimed(desk: &Desk, payment: PaymentId) -> Result<bool> {
    let history = desk.ports.payments.history(payment).await?;
    let claimed = |event: &Event| matches!(event, Event::Claimed { .. });
    Ok(history.iter().any(|one| claimed(&one.event)))
}

/// Refuses to claim again what a cut has sent.
///
/// # Errors
/// Where one of `payments` is in a cut, and the store does not know that it was ever claimed; or
/// as [`SentBefore::of`].
pub async fn not_again(
    desk: &Desk,
    before: &mut SentBefore,
    payments: &[Payment],
    remedy: &'static str,
) -> Result<()> {
    let sent = before.of(desk, payments.iter().map(|one| one.id)).await?;
    for payment in payments {
        let Some(cut) = sent.get(&payment.id) else {
            continue;
        };
        if payment.state == State::Init && was_claimed(desk, payment).await? {
            continue; // its upload failed
        }
        let message = format!(
            "payment {}: cut with {cut}, and the store does not know of it: the store is of an \
             earlier moment",
            payment.id
        );
        return Err(Failure::findings(message).remedy(remedy));
    }
    Ok(())
}
