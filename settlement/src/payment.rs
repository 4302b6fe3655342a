//! A payment and the one list of what can happen to it.
//!
//! A payment changes only by an [`Event`]. [`STEPS`] says in which state which event may happen
//! and where it leads; what is not listed cannot happen. [`Payment::apply`] is the only place
//! that changes a payment, and every store goes through it.
//!
//! # The bank's facts may come in any order
//!
//! Acknowledgements, rejections, statements and returns come in files of their own, and nobody
//! promises in which order. So what the bank says of a payment leads to the same state whatever is
//! heard first: what settled and came back is RETURNED, what settled is a SUCCESS whatever was
//! said of its file, what came back alone or was rejected alone is FAILED. An acknowledgement says
//! the least: after anything else it changes nothing. A return told again changes nothing, and one
//! with another reason corrects the first: of all that came, the newest answers.
//!
//! A settlement that the bank takes back counts no more, and the state is what the other facts make
//! of it: PENDING, FAILED where the entry came back or was rejected. Settlements are numbered by
//! how often the bank had taken one back before, and taking back ends all of a lower number, so
//! here too nothing depends on what is heard first. Dates, holds and windows are the first one's.

mod accepted;
mod event;
mod history;
mod order;
mod side;
mod state;

pub use accepted::{Accepted, CameFrom, Decision, Judged, Reason};
pub use event::{EntryRef, Event, EventKind, Heard, ReturnRef};
pub use order::{Order, Speed};
pub use side::{NotOfSides, Numbered, Side, SideFact};
pub use state::{PublicState, State};

use crate::codes::descriptions::REVERSAL;
use crate::exact::Exact;
use crate::ids::{AccountToken, CutId, Direction, PaymentId, RoutingNumber};
use crate::money::Cents;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The kind of account at the receiving bank; decides the tens digit of the transaction code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum AccountKind {
    Checking,
    Savings,
    GeneralLedger,
    Loan,
}

/// An account number under envelope encryption; only a key vault opens it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// The data key, itself encrypted by the vault's master key.
    pub wrapped_key: Vec<u8>,
    /// The nonce of the AES-256-GCM encryption.
    pub nonce: Vec<u8>,
    /// Ciphertext and tag; the payment id is the associated data.
    pub ciphertext: Vec<u8>,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.ciphertext.len())
    }
}

/// Who is paid or pulled from, as far as it may be stored in clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receiver {
    /// The receiver's bank.
    pub routing: RoutingNumber,
    /// The kind of account there.
    pub account: AccountKind,
    /// What stands for the account number in tables.
    pub token: AccountToken,
    /// The account number, encrypted.
    pub sealed: Sealed,
    /// Individual or company name.
    pub name: String,
}

/// Every step a payment can take: from, event, to.
pub const STEPS: &[(State, EventKind, State)] = {
    use EventKind as E;
    use State as S;
    &[
        (S::Review, E::Approved, S::Init),
        (S::Review, E::Denied, S::Canceled),
        (S::Review, E::Cancelled, S::Canceled),
        (S::Review, E::Expired, S::Canceled),
        (S::Init, E::Denied, S::Canceled),
        (S::Init, E::Cancelled, S::Canceled),
        (S::Init, E::Expired, S::Canceled),
        (S::Init, E::Claimed, S::Batched),
        (S::Batched, E::Released, S::Init),
        (S::Batched, E::UploadFailed, S::Init),
        (S::Batched, E::Sent, S::SentToBank),
        (S::Batched, E::UploadUnknown, S::Unknown),
        (S::Unknown, E::UploadFailed, S::Init),
        (S::Unknown, E::Sent, S::SentToBank),
        (S::SentToBank, E::Acknowledged, S::Pending),
        (S::SentToBank, E::Rejected, S::Failed),
        // A bank that sends no acknowledgements acknowledges by settling or returning.
        (S::SentToBank, E::Settled, S::Success),
        (S::SentToBank, E::Returned, S::Failed),
        (S::Pending, E::Rejected, S::Failed),
        (S::Pending, E::Settled, S::Success),
        (S::Pending, E::Returned, S::Failed),
        // Taken back: where a settlement still stands or none did, see `Payment::leads_to`.
        (S::SentToBank, E::SettlementUndone, S::Pending),
        (S::Pending, E::SettlementUndone, S::Pending),
        (S::Success, E::SettlementUndone, S::Pending),
        (S::Final, E::SettlementUndone, S::Pending),
        (S::Returned, E::SettlementUndone, S::Failed),
        (S::Failed, E::SettlementUndone, S::Failed),
        // Settled anew, heard before the one that was taken back.
        (S::Success, E::Settled, S::Success),
        (S::Final, E::Settled, S::Final),
        (S::Returned, E::Settled, S::Returned),
        // Rejected when it had settled or come back: it stays where its money is.
        (S::Success, E::Rejected, S::Success),
        (S::Final, E::Rejected, S::Final),
        (S::Returned, E::Rejected, S::Returned),
        (S::Failed, E::Rejected, S::Failed),
        (S::Success, E::HoldEnded, S::Success),
        (S::Success, E::Returned, S::Returned),
        (S::Success, E::Closed, S::Final),
        (S::Success, E::ReversalSent, S::ReversalPending),
        (S::Final, E::Returned, S::Returned),
        // Rejected, and settled all the same; where it had come back, see `Payment::leads_to`.
        (S::Failed, E::Settled, S::Success),
        // Rejected, and returned all the same; or a return that corrects the one before.
        (S::Failed, E::Returned, S::Failed),
        (S::Returned, E::Returned, S::Returned),
        (S::Returned, E::Dishonored, S::Dishonored),
        (S::Dishonored, E::Contested, S::Contested),
        (S::ReversalPending, E::ReversalSettled, S::Reversed),
        (S::ReversalPending, E::ReversalReturned, S::ReversalReturned),
    ]
};

/// Where `event` leads from `state`; `None` where it cannot happen.
pub fn step(state: State, event: EventKind) -> Option<State> {
    let is_inside = matches!(state, State::Init | State::Review | State::Canceled);
    if event == EventKind::NoticeOfChange && !is_inside {
        return Some(state);
    }
    STEPS
        .iter()
        .find(|(from, kind, _)| *from == state && *kind == event)
        .map(|s| s.2)
}

/// A payment as a store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Its name; also the individual identification number of its entry.
    pub id: PaymentId,
    /// Raised by one with every event; a writer must name the version it read.
    pub version: u32,
    /// Where it stands.
    pub state: State,
    /// What was ordered.
    pub order: Order,
    /// Who is paid or pulled from.
    pub receiver: Receiver,
    /// Payment related information for an addenda 05, at most 80 characters.
    pub remittance: Option<String>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// The bank that it goes by: the name of its profile, empty for the home bank. Like the two
    /// below it is not of the form in which a payment was first stored.
    #[serde(skip)]
    pub bank: String,
    /// The client's own name for it, where the client gave one.
    #[serde(skip)]
    pub reference: Option<String>,
    /// What else the client keeps with it, by key.
    #[serde(skip)]
    pub metadata: BTreeMap<String, String>,
    /// What the online path noted when it accepted it; none where nobody asked online.
    #[serde(skip)]
    pub accepted: Option<Box<Accepted>>,
    /// The cut that claimed it last.
    pub cut: Option<CutId>,
    /// The entry that carried it last.
    pub entry: Option<EntryRef>,
    /// The value date of the matched bank line.
    pub settled_on: Option<Date>,
    /// Whether the funds of a pull have been made available.
    pub hold_ended: bool,
    /// How it came back.
    pub returned: Option<ReturnRef>,
    /// Hashes of [`Event::sameness`]: events told twice are recognised.
    pub seen: Vec<u64>,
    /// What else the bank has said of it. Not of the form in which a payment was first stored: a
    /// store keeps it behind that.
    #[serde(skip)]
    pub heard: Heard,
}

/// One event of one payment, as the event log keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentEvent {
    /// Whose event.
    pub payment: PaymentId,
    /// The payment's version after it.
    pub version: u32,
    /// The business date whose books it belongs to.
    pub date: Date,
    /// The moment it counts from. A job's events carry the job's moment, not the wall clock's,
    /// so that a job run again says the same.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
    /// State before; equal to `to` for the first event.
    pub from: State,
    /// State after.
    pub to: State,
    /// The payment's amount.
    pub amount: Cents,
    /// The payment's direction.
    pub direction: Direction,
    /// The payment's originator.
    pub originator: String,
    /// The client's own name for the payment.
    #[serde(default)]
    pub reference: Option<String>,
    /// The entry that carries the payment, where one does by now.
    pub entry: Option<EntryRef>,
    /// Whether the payment had settled before this event.
    pub was_settled: bool,
    /// Whether the funds of a pull had been made available before this event.
    pub hold_had_ended: bool,
    /// Whether the bank had rejected it before this event.
    pub was_rejected: bool,
    /// The number of the fact of its side that it comes from; none for an event of its own.
    pub fact: Option<u32>,
}

/// Why an event did not change a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// It had already happened: nothing changed, nothing is wrong.
    #[error("already happened")]
    Exists,
    /// The list of steps has no such step.
    #[error("{event} cannot happen to a payment in state {state}", event = .event.as_str())]
    NotAStep {
        /// The state the payment is in.
        state: State,
        /// The event that was refused.
        event: EventKind,
    },
}

impl Payment {
    /// A payment that was accepted at `created_at` and of which nothing else has happened.
    pub fn new(
        id: PaymentId,
        order: Order,
        receiver: Receiver,
        remittance: Option<String>,
        created_at: Timestamp,
    ) -> Payment {
        Payment {
            id,
            version: 1,
            state: State::Init,
            order,
            receiver,
            remittance,
            created_at,
            bank: String::new(),
            reference: None,
            metadata: Default::default(),
            accepted: None,
            cut: None,
            entry: None,
            settled_on: None,
            hold_ended: false,
            returned: None,
            seen: Vec::new(),
            heard: Heard::default(),
        }
    }

    /// The payment that this one gives back, by a refund or a reversal.
    pub fn gives_back(&self) -> Option<PaymentId> {
        self.accepted.as_ref().and_then(|one| one.refunds)
    }

    /// The payment that this one reverses. What gives back says so by the word of its batch, which
    /// nobody can ask for.
    pub fn reverses(&self) -> Option<PaymentId> {
        let is_reversal = self.order.description == REVERSAL;
        self.gives_back().filter(|_| is_reversal)
    }

    /// The state in which it began: a reversal waits for a second person, whatever it is.
    pub fn begins(&self) -> State {
        match (&self.accepted, self.reverses()) {
            (_, Some(_)) => State::Review,
            (Some(accepted), None) => accepted.begins(),
            (None, None) => State::Init,
        }
    }

    /// Applies `event` and returns what the event log must keep.
    ///
    /// # Errors
    /// [`Refusal::Exists`] where the same event was applied before, [`Refusal::NotAStep`] where
    /// [`STEPS`] does not list it. The payment is unchanged in both cases.
    pub fn apply(
        &mut self,
        event: Event,
        date: Date,
        at: Timestamp,
    ) -> Result<PaymentEvent, Refusal> {
        let same = fingerprint(&event.sameness());
        if self.seen.contains(&same) || self.knows(&event) {
            return Err(Refusal::Exists);
        }
        let (from, kind) = (self.state, event.kind());
        let to = self.leads_to(&event).ok_or(Refusal::NotAStep {
            state: from,
            event: kind,
        })?;
        let (was_settled, hold_had_ended) = (self.settled_on.is_some(), self.hold_ended);
        let was_rejected = self.heard.rejected;
        self.remember(&event);
        self.state = to;
        // A payment has a dozen steps and two sends again; at four billion none could follow.
        self.version = self.version.plus(1);
        self.seen.push(same);
        Ok(PaymentEvent {
            was_settled,
            hold_had_ended,
            was_rejected,
            ..self.log(event, from, date, at)
        })
    }

    /// Whether an event says nothing new: an acknowledgement of what has gone further by now, or a
    /// return for the reason for which it came back already.
    fn knows(&self, event: &Event) -> bool {
        match event {
            Event::Acknowledged { .. } => {
                self.state.is_past_acknowledgement() || self.heard.undone > 0
            }
            Event::Returned { of } => self.returned.is_some_and(|known| known.code == of.code),
            _ => false,
        }
    }

    /// Where an event leads: where [`STEPS`] says. What came back before it settled has settled
    /// and come back; that it came back is not in its state. Nor is which settlements stand.
    fn leads_to(&self, event: &Event) -> Option<State> {
        let listed = step(self.state, event.kind())?;
        if let Some(number) = event.settlement() {
            let closed = || self.seen.contains(&fingerprint(&Event::Closed.sameness()));
            return Some(match self.state {
                state if number < self.heard.undone => state,
                State::Failed if self.returned.is_some() => State::Returned,
                _ if listed == State::Success && closed() => State::Final,
                _ => listed,
            });
        }
        match event {
            Event::SettlementUndone { times, .. } if self.stands_after(*times) => Some(self.state),
            Event::SettlementUndone { .. } if self.heard.rejected => Some(State::Failed),
            _ => Some(listed),
        }
    }

    /// Whether a settlement stands when the bank has taken back this many.
    fn stands_after(&self, times: u32) -> bool {
        self.settled_on.is_some() && self.heard.last >= self.heard.undone.max(times)
    }

    /// Wipes who received it and what was said to or of them: the name, the remittance text, the
    /// sealed account number, what the client kept with it and where its request came from. What it
    /// moved, its token, the client's reference and its history stay.
    pub fn forget(&mut self) {
        self.receiver.name.clear();
        self.metadata.clear();
        if let Some(accepted) = &mut self.accepted {
            (accepted.customer, accepted.from) = (None, CameFrom::default());
        }
        self.remittance = None;
        self.receiver.sealed = Sealed {
            wrapped_key: Vec::new(),
            nonce: Vec::new(),
            ciphertext: Vec::new(),
        };
    }

    /// Whether who received it was forgotten.
    pub const fn is_forgotten(&self) -> bool {
        self.receiver.name.is_empty() && self.receiver.sealed.ciphertext.is_empty()
    }

    /// Whether the bank's money for it is here, as far as the bank has not taken it back.
    pub fn is_settled(&self) -> bool {
        self.stands_after(0)
    }

    /// The first event of a payment just created.
    pub fn created(&self, date: Date) -> PaymentEvent {
        self.log(Event::Created, self.state, date, self.created_at)
    }

    fn remember(&mut self, event: &Event) {
        match event {
            Event::Claimed { cut } => self.cut = Some(cut.clone()),
            Event::UploadFailed { .. } | Event::Released { .. } => {
                (self.cut, self.entry) = (None, None);
            }
            Event::Sent { entry } => self.entry = Some(*entry),
            Event::Settled { on, .. } => self.settle(0, *on),
            Event::SettledAgain { on, times, .. } => self.settle(*times, *on),
            Event::SettlementUndone { times, .. } => {
                self.heard.undone = self.heard.undone.max(*times);
            }
            Event::Rejected { .. } => self.heard.rejected = true,
            // Whichever was heard first: the newest answers.
            Event::Returned { of } => {
                let newest = |known: &ReturnRef| (known.received_on, known.trace, known.code);
                self.returned = self.returned.into_iter().chain([*of]).max_by_key(newest);
            }
            Event::HoldEnded => self.hold_ended = true,
            _ => {}
        }
    }

    /// Remembers a settlement by its number: the first dates the entry, whichever is heard first.
    fn settle(&mut self, number: u32, on: Date) {
        let known = self.settled_on.is_some();
        if !known || number < self.heard.first {
            self.settled_on = Some(on);
            self.heard.first = number;
        }
        self.heard.last = self.heard.last.max(number);
    }

    fn log(&self, event: Event, from: State, date: Date, at: Timestamp) -> PaymentEvent {
        PaymentEvent {
            payment: self.id,
            version: self.version,
            date,
            at,
            event,
            from,
            to: self.state,
            amount: self.order.amount,
            direction: self.order.direction,
            originator: self.order.originator.clone(),
            reference: self.reference.clone(),
            entry: self.entry,
            was_settled: self.settled_on.is_some(),
            hold_had_ended: self.hold_ended,
            was_rejected: self.heard.rejected,
            fact: None,
        }
    }
}

/// FNV-1a, 64 bits: enough to tell a payment's own few events apart.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests;
