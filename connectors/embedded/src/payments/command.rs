//! What callers ask of the writer.

use super::keys::Bank;
use connectors::{Applied, Change, Created, NewRecord, Result, Telling, Told};
use settlement::ids::PaymentId;
use tokio::sync::oneshot;

/// Where an answer goes; whoever has gone away loses only that.
pub type Answer<T> = oneshot::Sender<Result<Vec<T>>>;

/// What a caller asks of the writer.
pub enum Command {
    /// [`connectors::PaymentStore::create`].
    Create(Vec<NewRecord>, Answer<Created>),
    /// [`connectors::PaymentStore::apply`].
    Apply(Vec<Change>, Answer<Applied>),
    /// [`connectors::PaymentStore::tell`], of one bank.
    Tell(Bank, Vec<Telling>, Answer<Told>),
    /// [`connectors::PaymentStore::forget`]: of each whether it was not forgotten before.
    Forget(Vec<PaymentId>, Answer<bool>),
}

impl Command {
    /// The payments that it changes, none where it is no change.
    pub fn changed(&self) -> impl Iterator<Item = PaymentId> + '_ {
        let changes = match self {
            Command::Apply(changes, _) => changes.as_slice(),
            _ => &[],
        };
        changes.iter().map(|change| change.payment)
    }

    /// How many records it is about.
    pub const fn records(&self) -> usize {
        match self {
            Command::Create(new, _) => new.len(),
            Command::Apply(changes, _) => changes.len(),
            Command::Tell(_, facts, _) => facts.len(),
            Command::Forget(payments, _) => payments.len(),
        }
    }
}
