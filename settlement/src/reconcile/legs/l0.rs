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
use crate::ids::TraceNumber;
use crate::money::SignedCents;
use crate::payment::{Payment, State};
use std::collections::{BTreeMap, BTreeSet};

/// A side of a batch of which money has not come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// Whether its money may still come in time; otherwise it is in a break.
    pub in_time: bool,
    /// The entries that wait, where the others have settled; all of them where there are none.
    pub waits: BTreeSet<TraceNumber>,
}

/// Where the payments on their way are.
#[derive(Debug)]
pub struct Standing<'a> {
    sides: &'a BTreeMap<String, Side>,
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
        sides: &'a BTreeMap<String, Side>,
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
        let Some(cents) = payment.order.direction.on_our_account(payment.order.amount) else {
            return self.lost(payment, SignedCents::ZERO, "its amount fits no account");
        };
        add(&mut self.totals.taken, cents);
        let entry = match (payment.state, payment.entry) {
            (State::Init, _) => return add(&mut self.totals.open, cents),
            (State::SentToBank | State::Pending, Some(entry)) => entry,
            _ => {
                return self.lost(
                    payment,
                    cents,
                    "it was cut, and nobody knows that it was sent",
                );
            }
        };
        let id = Kind::side_id(entry.batch, payment.order.direction);
        match self.sides.get(&id) {
            None if self.named.contains(&entry.trace) => add(&mut self.totals.broken, cents),
            None => self.lost(payment, cents, "its batch expects no money"),
            Some(side) if !side.waits.is_empty() && !side.waits.contains(&entry.trace) => {
                self.lost(payment, cents, "its batch has settled without it");
            }
            Some(side) if side.in_time => add(&mut self.totals.open, cents),
            Some(_) => add(&mut self.totals.broken, cents),
        }
    }

    fn lost(&mut self, payment: &Payment, cents: SignedCents, why: &str) {
        add(&mut self.totals.broken, cents);
        if self.breaks.len() < MOST_TOLD {
            self.breaks.push(Break {
                kind: BreakKind::Status,
                leg: Leg::L0,
                key: payment.id.to_string(),
                cents,
                left: Some(payment.id.to_string()),
                right: None,
                explanation: format!("{}: {why}", payment.state),
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
