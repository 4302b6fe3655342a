//! What the facts of its side make of a payment, and its whole history.

use crate::payment::event::Event;
use crate::payment::side::{Numbered, Side};
use crate::payment::{Payment, PaymentEvent};

impl Payment {
    /// The side on which it stands, once it was sent.
    pub fn side(&self) -> Option<Side> {
        Some(Side::of(self.entry.as_ref()?, &self.order))
    }

    /// Takes the facts of its side that stand behind the first `follows`; returns what they
    /// changed. A fact that finds no step for it changes nothing, now and ever.
    pub fn take_facts(&mut self, facts: &[Numbered], follows: u32) -> Vec<PaymentEvent> {
        let Some(entry) = self.entry else {
            return Vec::new();
        };
        let new = facts.iter().filter(|fact| fact.number > follows);
        let ours = new.filter(|fact| fact.fact.concerns(entry.trace));
        let taken = ours.filter_map(|Numbered { number, fact }| {
            let made = self.apply(fact.event.clone(), fact.date, fact.at).ok()?;
            Some(PaymentEvent {
                fact: Some(*number),
                ..made
            })
        });
        taken.collect()
    }

    /// The payment as it was created: where its history starts.
    pub fn as_created(&self) -> Payment {
        let (order, receiver) = (self.order.clone(), self.receiver.clone());
        let remittance = self.remittance.clone();
        Payment {
            bank: self.bank.clone(),
            reference: self.reference.clone(),
            metadata: self.metadata.clone(),
            state: self.begins(),
            accepted: self.accepted.clone(),
            ..Payment::new(self.id, order, receiver, remittance, self.created_at)
        }
    }

    /// Its whole history, from its own events, each with the number of facts that it follows, and
    /// the facts of its side. Own events stand in it as they were kept.
    pub fn history(&self, own: Vec<(PaymentEvent, u32)>, facts: &[Numbered]) -> Vec<PaymentEvent> {
        if facts.is_empty() {
            return own.into_iter().map(|(event, _)| event).collect();
        }
        let (mut again, mut told, mut all) = (self.as_created(), 0, Vec::new());
        for (event, follows) in own {
            let known = facts.iter().take_while(|fact| fact.number <= follows);
            let known = known.count();
            all.extend(again.take_facts(facts.get(..known).unwrap_or_default(), told));
            told = follows;
            if event.event != Event::Created {
                // What the store took then is taken now; `check` compares both.
                let _ = again.apply(event.event.clone(), event.date, event.at);
                // A version before did not remember that it was rejected.
                again.heard.rejected &= self.heard.rejected;
            }
            all.push(event);
        }
        all.extend(again.take_facts(facts, told));
        all
    }
}

#[cfg(test)]
mod tests;
