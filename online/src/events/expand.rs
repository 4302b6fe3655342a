//! A page of the feed for somebody: the events of their payments, a fact of a side as the event
//! that it was to each of their payments on it.
//!
//! What an event's version is, the payment's own history says: a fact is read for each payment as
//! [`connectors::PaymentStore::history`] gives it, so that feed and history never differ.

use super::cursor::Cursor;
use super::told::{self, Told};
use crate::app::App;
use crate::wire::problem::{Problem, Result};
use connectors::Happened;
use desk::merchants::Merchant;
use settlement::ids::PaymentId;
use settlement::payment::{Numbered, Payment, PaymentEvent, Side};
use std::collections::{BTreeMap, BTreeSet};

/// What became durable and is read at a time.
const ROWS: usize = 200;

/// Rows and members that are looked at for one page, however few of them are in it: some 20 ms.
pub const LOOKED_AT: usize = 2_000;

/// Members of a side that are read at a time.
const MEMBERS: usize = 64;

/// Whose events are wanted.
#[derive(Clone, Debug)]
pub struct Whose {
    /// Those of one merchant, by its name and its originator; all where there is none.
    merchant: Option<(String, String)>,
    /// Only those of these types; all where there are none.
    types: BTreeSet<String>,
}

impl Whose {
    /// Those of a merchant, of these types.
    pub fn of(merchant: Option<&Merchant>, types: BTreeSet<String>) -> Whose {
        let merchant = merchant.map(|one| (one.name.clone(), one.originator.clone()));
        Whose { merchant, types }
    }

    /// Whether payments of this originator may be among theirs: a merchant has one of its own.
    fn may_be(&self, originator: &str) -> bool {
        let own = self.merchant.as_ref();
        own.is_none_or(|(_, own)| own == originator)
    }

    fn has(&self, payment: &Payment) -> bool {
        let asked = payment.accepted.as_ref().map(|one| one.merchant.as_str());
        let own = self.merchant.as_ref();
        own.is_none_or(|(own, _)| asked == Some(own.as_str()))
    }

    fn wants(&self, event: &PaymentEvent) -> bool {
        self.types.is_empty() || self.types.contains(told::kind(&event.event))
    }
}

/// A page of the feed.
#[derive(Debug, Default)]
pub struct Page {
    /// The events, in the order of the feed.
    pub events: Vec<Told>,
    /// Behind them.
    pub next: Cursor,
    /// Whether nothing was behind that when it was read.
    pub ended: bool,
}

/// How much may still be done for a page.
struct Left {
    events: usize,
    looks: usize,
}

impl Left {
    const fn is_full(&self, page: &Page) -> bool {
        page.events.len() >= self.events || self.looks == 0
    }

    fn looked(&mut self) {
        // saturates: at zero the page is over
        self.looks = self.looks.saturating_sub(1);
    }
}

/// At most `limit` events after a cursor.
///
/// # Errors
/// Where a store does not answer, or a list of a batch is gone.
pub async fn page(app: &App, whose: &Whose, after: Cursor, limit: usize) -> Result<Page> {
    let mut page = Page {
        next: after,
        ..Page::default()
    };
    let mut left = Left {
        events: limit,
        looks: LOOKED_AT,
    };
    while !left.is_full(&page) {
        let rows = app.ports().payments.feed(page.next.place, ROWS).await?;
        page.ended = rows.len() < ROWS;
        if rows.is_empty() {
            return Ok(page);
        }
        let payments = own(app, whose, &rows).await?;
        for (place, happened) in rows {
            if left.is_full(&page) {
                page.ended = false;
                return Ok(page);
            }
            left.looked();
            match happened {
                Happened::Event(event) => {
                    let payment = payments.get(&event.payment);
                    if let Some(payment) = payment.filter(|_| whose.wants(&event)) {
                        page.events.push(tell(app, payment, event));
                    }
                    page.next = Cursor { place, given: 0 };
                }
                Happened::Fact { bank, side, fact } => {
                    let of = OfSide { bank, side, fact };
                    if !of.expand(app, whose, place, &mut page, &mut left).await? {
                        page.ended = false;
                        return Ok(page);
                    }
                }
            }
        }
        if page.ended {
            return Ok(page);
        }
    }
    Ok(page)
}

/// The payments of a page's own events that are theirs.
async fn own(
    app: &App,
    whose: &Whose,
    rows: &[(u64, Happened)],
) -> Result<BTreeMap<PaymentId, Payment>> {
    let ids: BTreeSet<PaymentId> = rows
        .iter()
        .filter_map(|(_, happened)| match happened {
            Happened::Event(event) => whose.may_be(&event.originator).then_some(event.payment),
            Happened::Fact { .. } => None,
        })
        .collect();
    theirs(app, whose, ids.into_iter().collect()).await
}

/// Those of these payments that are theirs.
async fn theirs(
    app: &App,
    whose: &Whose,
    ids: Vec<PaymentId>,
) -> Result<BTreeMap<PaymentId, Payment>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found = app.ports().payments.get(&ids).await?;
    let found = found.into_iter().flatten();
    let theirs = found.filter(|payment| whose.has(payment));
    Ok(theirs.map(|payment| (payment.id, payment)).collect())
}

fn tell(app: &App, payment: &Payment, event: PaymentEvent) -> Told {
    let asked = payment.accepted.as_ref();
    Told {
        event,
        merchant: asked.map(|one| one.merchant.clone()),
        currency: app.desk_of(&payment.bank).bank.currency.as_str(),
    }
}

/// The event of a payment with this version, for whoever sends it again.
///
/// # Errors
/// Where the store does not answer.
pub async fn one(
    app: &App,
    whose: &Whose,
    payment: PaymentId,
    version: u32,
) -> Result<Option<Told>> {
    let theirs = theirs(app, whose, vec![payment]).await?;
    let Some(found) = theirs.get(&payment) else {
        return Ok(None);
    };
    let history = app.ports().payments.history(payment).await?;
    let event = history.into_iter().find(|event| event.version == version);
    Ok(event.map(|event| tell(app, found, event)))
}

/// A fact of a side of a batch of a bank.
struct OfSide {
    bank: String,
    side: Side,
    fact: Numbered,
}

impl OfSide {
    /// Tells it of those members that are theirs, from where the page is; whether all of them were
    /// looked at.
    async fn expand(
        &self,
        app: &App,
        whose: &Whose,
        place: u64,
        page: &mut Page,
        left: &mut Left,
    ) -> Result<bool> {
        let done = Cursor { place, given: 0 };
        // saturates: places begin at 1
        let before = place.saturating_sub(1);
        let Some(members) = self.members(app, whose).await? else {
            page.next = done;
            return Ok(true);
        };
        let mut at = match page.next.place == before {
            true => usize::try_from(page.next.given).unwrap_or(usize::MAX),
            false => 0,
        };
        while let Some(some) = members.get(at..).filter(|some| !some.is_empty()) {
            let some = some.get(..MEMBERS).unwrap_or(some);
            let theirs = theirs(app, whose, some.to_vec()).await?;
            for id in some {
                at = at.saturating_add(1); // saturates: a place in a list
                left.looked();
                if let Some(payment) = theirs.get(id) {
                    page.events.extend(self.of(app, whose, payment).await?);
                }
                if left.is_full(page) && at < members.len() {
                    let given = u32::try_from(at).map_err(|_| too_long())?;
                    page.next = Cursor {
                        place: before,
                        given,
                    };
                    return Ok(false);
                }
            }
        }
        page.next = done;
        Ok(true)
    }

    /// Whom it is about, as far as they may be theirs; `None` where nobody is.
    async fn members(&self, app: &App, whose: &Whose) -> Result<Option<Vec<PaymentId>>> {
        let Some(desk) = app.house.place(&self.bank) else {
            let bank = self.bank.as_str();
            tracing::warn!(bank, "the feed tells of a bank that is configured no more");
            return Ok(None);
        };
        let batch = self.side.batch;
        let listed = app.feed.batch(desk, batch).await?.ok_or_else(|| {
            tracing::error!(%batch, "no frozen cut has it: restore the objects");
            Problem::new("internal", "a batch of the feed is in no cut")
        })?;
        if !whose.may_be(&listed.originator) {
            return Ok(None);
        }
        let members = app.feed.members(desk, &listed).await?;
        let side = members
            .iter()
            .filter(|member| member.direction == self.side.direction)
            .filter(|member| self.fact.fact.concerns(member.trace));
        Ok(Some(side.map(|member| member.payment).collect()))
    }

    /// What it was to one payment, if anything.
    async fn of(&self, app: &App, whose: &Whose, payment: &Payment) -> Result<Option<Told>> {
        if payment.side() != Some(self.side) {
            return Ok(None);
        }
        let history = app.ports().payments.history(payment.id).await?;
        let number = self.fact.number;
        let made = history
            .into_iter()
            .find(|event| event.fact == Some(number) && whose.wants(event));
        Ok(made.map(|event| tell(app, payment, event)))
    }
}

fn too_long() -> Problem {
    Problem::new(
        "internal",
        "a batch has more members than any file can carry",
    )
}
