//! L0: every payment whose money has not come is expected, or in a break that has a name.
//!
//! The other legs go from files and lines; a payment that none of them knows would be seen by
//! none. This one goes from the payments: whoever is on the way must be of a side of a batch whose
//! money is still expected inside its time, or that is in a break, and where only some entries of
//! that side wait, it must be one of them. A payment that nothing expects is a break itself.

use super::conservation::{Conservation, SideTotals};
use super::{Break, BreakKind, Leg, Outcome, breaks};
use crate::allocate::Kind;
use crate::exact::Exact;
use crate::ids::{PaymentId, TraceNumber};
use crate::money::{Cents, SignedCents};
use crate::payment::{Payment, Side, State};
use std::collections::{BTreeMap, BTreeSet};

/// A side of a batch of which money has not come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Whether its money may still come in time; otherwise it is in a break.
    pub in_time: bool,
    /// The entries that wait, where the others have settled; all of them where there are none.
    pub waits: BTreeSet<TraceNumber>,
}

/// An entry of a side of which money has not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnTheWay {
    /// The payment.
    pub payment: PaymentId,
    /// The trace of the entry.
    pub trace: TraceNumber,
    /// How much.
    pub amount: Cents,
}

/// Where the payments on their way are.
#[derive(Debug)]
pub struct Standing<'a> {
    sides: &'a BTreeMap<String, Expected>,
    named: &'a BTreeSet<TraceNumber>,
    totals: SideTotals,
    breaks: Vec<Break>,
}

/// Breaks that are told of single payments; more of them are counted by the last one.
const MOST_TOLD: usize = 1_000;

impl<'a> Standing<'a> {
    /// Nobody seen yet; `sides` are those of which money has not come, by their ids, and `named`
    /// entries that an open break names by their trace.
    pub fn new(
        sides: &'a BTreeMap<String, Expected>,
        named: &'a BTreeSet<TraceNumber>,
    ) -> Standing<'a> {
        Standing {
            sides,
            named,
            totals: SideTotals::default(),
            breaks: Vec::new(),
        }
    }

    /// Looks at a payment that has not settled, failed or been canceled.
    pub fn see(&mut self, payment: &Payment) {
        if let (State::SentToBank | State::Pending, Some(side), Some(entry)) =
            (payment.state, payment.side(), payment.entry)
        {
            let entry = OnTheWay {
                payment: payment.id,
                trace: entry.trace,
                amount: payment.order.amount,
            };
            return self.see_entries(side, payment.state, [entry]);
        }
        let (id, state) = (payment.id, payment.state);
        let Some(cents) = payment.order.direction.on_our_account(payment.order.amount) else {
            return self.lost(id, state, SignedCents::ZERO, "its amount fits no account");
        };
        add(&mut self.totals.taken, cents);
        match state {
            State::Init | State::Review => add(&mut self.totals.open, cents),
            _ => self.lost(
                id,
                state,
                cents,
                "it was cut, and nobody knows that it was sent",
            ),
        }
    }

    /// Looks at entries of one side that were sent and have not settled; all are in `state`.
    pub fn see_entries(
        &mut self,
        side: Side,
        state: State,
        entries: impl IntoIterator<Item = OnTheWay>,
    ) {
        let expected = self.sides.get(&Kind::side_id(side.batch, side.direction));
        for entry in entries {
            let id = entry.payment;
            let Some(cents) = side.direction.on_our_account(entry.amount) else {
                self.lost(id, state, SignedCents::ZERO, "its amount fits no account");
                continue;
            };
            add(&mut self.totals.taken, cents);
            match expected {
                None if self.named.contains(&entry.trace) => {
                    add(&mut self.totals.broken, cents);
                }
                None => self.lost(id, state, cents, "its batch expects no money"),
                Some(one) if !one.waits.is_empty() && !one.waits.contains(&entry.trace) => {
                    self.lost(id, state, cents, "its batch has settled without it");
                }
                Some(one) if one.in_time => add(&mut self.totals.open, cents),
                Some(_) => add(&mut self.totals.broken, cents),
            }
        }
    }

    fn lost(&mut self, payment: PaymentId, state: State, cents: SignedCents, why: &str) {
        add(&mut self.totals.broken, cents);
        if self.breaks.len() < MOST_TOLD {
            self.breaks.push(Break {
                kind: BreakKind::Status,
                leg: Leg::L0,
                key: payment.to_string(),
                cents,
                left: Some(payment.to_string()),
                right: None,
                explanation: format!("{state}: {why}"),
                note: false,
                nth: 0,
            });
        }
    }

    /// What was found.
    pub fn finish(mut self) -> Outcome {
        breaks::seal(&mut self.breaks);
        Outcome {
            matches: Vec::new(),
            breaks: self.breaks,
            open: Vec::new(),
            conservation: Conservation {
                leg: Leg::L0,
                left: self.totals,
                right: SideTotals::default(),
                counted_twice: 0,
            },
        }
    }
}

fn add(sum: &mut (u64, i128), cents: SignedCents) {
    sum.0 = sum.0.plus(1);
    sum.1 = sum.1.plus(i128::from(cents.get()));
}
