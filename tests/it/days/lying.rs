//! A store that contradicts itself, one thing at a time: the check finds each, by payment.

use crate::days::stage::stage;
use crate::days::world::{block, desk, everyone};
use crate::tree::{copy, scratch};
use async_trait::async_trait;
use connectors::{
    Applied, Change, Created, Happened, Index, NewRecord, PaymentStore, Request, Result, Telling,
    Told,
};
use desk::Desk;
use jiff::civil::{Date, date};
use jobs::check::store::store;
use settlement::ids::{PaymentId, TraceNumber};
use settlement::money::Cents;
use settlement::payment::{Event, Numbered, Payment, PaymentEvent, Side, State};
use std::sync::Arc;

/// What it says wrongly.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Lie {
    Nothing,
    Amount,
    State,
    LastEvent,
    FirstEvent,
    Claimed,
    Apart,
    Fact,
    FactOfDate,
    Speed,
    EventOfDate,
    /// A key leads to a payment that is not there.
    Key,
    /// A key leads to another payment.
    LostKey,
}

/// A store that tells the truth but for one thing, about one payment.
struct Lying {
    store: Arc<dyn PaymentStore>,
    about: PaymentId,
    other: PaymentId,
    lie: Lie,
}

#[async_trait]
impl PaymentStore for Lying {
    async fn create(&self, new: Vec<NewRecord>) -> Result<Vec<Created>> {
        self.store.create(new).await
    }

    async fn get(&self, ids: &[PaymentId]) -> Result<Vec<Option<Payment>>> {
        self.store.get(ids).await
    }

    async fn apply(&self, changes: Vec<Change>) -> Result<Vec<Applied>> {
        self.store.apply(changes).await
    }

    async fn page(
        &self,
        index: Index,
        after: Option<PaymentId>,
        limit: usize,
    ) -> Result<Vec<Payment>> {
        let mut page = self.store.page(index.clone(), after, limit).await?;
        let forgets = match index {
            Index::Claimed(_) => self.lie == Lie::Claimed,
            Index::Apart(_) => self.lie == Lie::Apart,
            Index::Ready { .. } => self.lie == Lie::Speed,
            Index::All => false,
        };
        page.retain(|payment| !forgets || payment.id != self.about);
        for payment in page.iter_mut().filter(|p| p.id == self.about) {
            match self.lie {
                Lie::Amount => payment.order.amount = Cents::new(1),
                Lie::State => payment.state = State::Final,
                _ => {}
            }
        }
        Ok(page)
    }

    async fn events(
        &self,
        date: Date,
        after: Option<(PaymentId, u32)>,
        limit: usize,
    ) -> Result<Vec<PaymentEvent>> {
        let mut events = self.store.events(date, after, limit).await?;
        let forgets = self.lie == Lie::EventOfDate;
        events.retain(|event| !forgets || event.payment != self.about);
        Ok(events)
    }

    async fn history(&self, payment: PaymentId) -> Result<Vec<PaymentEvent>> {
        let mut history = self.store.history(payment).await?;
        match self.lie {
            Lie::LastEvent if payment == self.about => drop(history.pop()),
            Lie::FirstEvent if payment == self.about => drop(history.remove(0)),
            _ => {}
        }
        Ok(history)
    }

    async fn recent(
        &self,
        merchant: &str,
        before: Option<PaymentId>,
        limit: usize,
    ) -> Result<Vec<Payment>> {
        self.store.recent(merchant, before, limit).await
    }

    async fn feed(&self, after: u64, limit: usize) -> Result<Vec<(u64, Happened)>> {
        self.store.feed(after, limit).await
    }

    async fn request(&self, key: [u8; 32]) -> Result<Option<Request>> {
        self.store.request(key).await
    }

    async fn requests(&self, after: Option<[u8; 32]>, limit: usize) -> Result<Vec<Request>> {
        let mut requests = self.store.requests(after, limit).await?;
        for request in requests.iter_mut().filter(|r| r.payment == self.about) {
            match self.lie {
                Lie::Key => request.payment = nobody(),
                Lie::LostKey => request.payment = self.other,
                _ => {}
            }
        }
        Ok(requests)
    }

    async fn tell(&self, facts: Vec<Telling>) -> Result<Vec<Told>> {
        self.store.tell(facts).await
    }

    async fn forget(&self, payments: Vec<PaymentId>) -> Result<u64> {
        self.store.forget(payments).await
    }

    async fn facts(&self, side: Side) -> Result<Vec<Numbered>> {
        let mut facts = self.store.facts(side).await?;
        if self.lie == Lie::Fact {
            facts.pop();
        }
        Ok(facts)
    }

    async fn facts_of(&self, date: Date) -> Result<Vec<(Side, Numbered)>> {
        let mut facts = self.store.facts_of(date).await?;
        if self.lie == Lie::FactOfDate {
            facts.pop();
        }
        Ok(facts)
    }
}

fn found(desk: &Desk, about: PaymentId, lie: Lie) -> Vec<String> {
    let store_of = Arc::clone(&desk.ports.payments);
    let mut ports = desk.ports.clone();
    ports.payments = Arc::new(Lying {
        store: store_of,
        about,
        other: one(desk, |payment| payment.id != about),
        lie,
    });
    let lying = Desk {
        place: desk.place.clone(),
        beside: desk.beside.clone(),
        ports,
        bank: desk.bank.clone(),
        prices: desk.prices.clone(),
    };
    block(store(&lying)).expect("checked").findings
}

/// A payment that nobody has asked for.
fn nobody() -> PaymentId {
    PaymentId::new(jiff::Timestamp::constant(1_700_000_000, 0), 7).expect("an id")
}

/// A payment of the desk that fits.
fn one(desk: &Desk, fits: impl Fn(&Payment) -> bool) -> PaymentId {
    let mut all = block(everyone(desk)).into_iter();
    all.find(fits).expect("a payment that fits").id
}

/// A payment that was sent, and to which something has happened alone since.
fn set_apart(desk: &Desk) -> PaymentId {
    let payment = one(desk, |payment| payment.entry.is_some());
    let trace = TraceNumber::from_number(91_000_010_000_077).expect("a trace");
    let change = "C01".to_owned();
    let notice = Change {
        payment,
        expected_version: None,
        event: Event::NoticeOfChange { change, trace },
        date: date(2026, 11, 27),
        at: jiff::Timestamp::constant(1_795_788_000, 0),
    };
    let done = block(desk.ports.payments.apply(vec![notice])).expect("applied");
    assert!(matches!(done[..], [Applied::Done { .. }]), "{done:?}");
    payment
}

#[test]
fn what_a_store_says_against_itself_is_found_and_named() {
    let dir = scratch();
    let (before, after) = (dir.path().join("before"), dir.path().join("after"));
    copy(&stage().before("cut"), &before);
    copy(&stage().after("cut"), &after);
    let (before, after) = (desk(&before), desk(&after));
    let apart = set_apart(&after);
    let claimed = one(&after, |payment| payment.state == State::Batched);
    let carried = one(&after, |payment| payment.entry.is_some());
    let waiting = one(&before, |payment| payment.state == State::Init);
    for (desk, lie, about, named) in [
        (&after, Lie::Amount, claimed, true),
        (&after, Lie::State, claimed, true),
        (&after, Lie::LastEvent, claimed, true),
        (&after, Lie::FirstEvent, claimed, true),
        (&after, Lie::Claimed, claimed, true),
        (&after, Lie::Fact, carried, false),
        (&after, Lie::FactOfDate, carried, false),
        (&after, Lie::EventOfDate, claimed, false),
        (&before, Lie::Speed, waiting, false),
        (&after, Lie::Apart, apart, true),
        (&after, Lie::Key, claimed, true),
        (&after, Lie::LostKey, claimed, true),
    ] {
        let findings = found(desk, about, lie);
        assert!(!findings.is_empty(), "{lie:?} is not found");
        let names = findings.iter().any(|f| f.contains(&about.to_string()));
        assert!(names || !named, "{lie:?}: {findings:#?}");
    }
    assert_eq!(found(&after, claimed, Lie::Nothing), Vec::<String>::new());
}
