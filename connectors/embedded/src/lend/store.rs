//! What is lent: the ports of one database.

use crate::documents::EmbeddedDocuments;
use crate::payments::EmbeddedPayments;
use crate::queue::EmbeddedQueue;
use connectors::{Clock, Result};
use fjall::Database;
use std::sync::Arc;

/// The ports of a database that this process has open; dropping the last of it closes it.
pub struct Store {
    payments: EmbeddedPayments,
    queue: EmbeddedQueue,
    documents: EmbeddedDocuments,
}

impl Store {
    /// The ports of `db`; `kept` stays until it is closed.
    ///
    /// # Errors
    /// What stands in the way of the database.
    pub fn new(
        db: Database,
        clock: Arc<dyn Clock>,
        kept: Option<Box<dyn Send + Sync>>,
    ) -> Result<Store> {
        let payments = EmbeddedPayments::keeping(db.clone(), kept)?;
        let documents = EmbeddedDocuments::new(db.clone())?;
        let queue = EmbeddedQueue::new(db, clock)?;
        Ok(Store {
            payments,
            queue,
            documents,
        })
    }

    /// Payments, seen from a bank.
    ///
    /// # Errors
    /// Where the name is none that a bank can have.
    pub fn payments(&self, bank: &str) -> Result<EmbeddedPayments> {
        self.payments.seen_from(bank)
    }

    /// Documents.
    pub const fn documents(&self) -> &EmbeddedDocuments {
        &self.documents
    }

    /// Queues.
    pub const fn queue(&self) -> &EmbeddedQueue {
        &self.queue
    }
}
