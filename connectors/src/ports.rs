//! The ports: what a job may ask of the world, in the words of settlement.
//!
//! A port's signature never names an adapter's types. Each port has one suite in
//! `connectors-conformance` that every adapter of it passes.

mod archive;
mod bank;
mod clock;
mod documents;
mod mark;
mod notifier;
mod objects;
mod payments;
mod places;
mod queue;
mod scorer;
mod strangers;
mod vault;

pub use archive::{Archive, ArchiveId, ArchiveMeta, Restore};
pub use bank::{BankLink, Fetched, Listing, Odd, ReadBack, Remote, Removed, Standing};
pub use clock::Clock;
pub use documents::{DOCUMENT_BYTES, DOCUMENT_NAME_BYTES, Document, Documents};
pub use mark::{Identity, Mark, Place};
pub use notifier::{Alert, Notifier, Severity};
pub use objects::{BELIEVED_BYTES, Meta, Object, ObjectStore, Put};
pub use payments::{
    Applied, Change, Created, Happened, Index, NewRecord, PaymentStore, Request, Telling, Told,
};
pub use places::GeoReader;
pub use queue::{DeadLetter, Message, Queue, Receipt};
pub use scorer::{Scorer, Swapped, ToScore};
pub use strangers::Strangers;
pub use vault::KeyVault;

use std::sync::Arc;

/// All ports of one installation. Fields are public so that a test can wrap or replace any.
#[derive(Clone)]
#[allow(missing_docs)]
pub struct Ports {
    pub payments: Arc<dyn PaymentStore>,
    pub objects: Arc<dyn ObjectStore>,
    pub bank: Arc<dyn BankLink>,
    pub vault: Arc<dyn KeyVault>,
    pub queue: Arc<dyn Queue>,
    pub documents: Arc<dyn Documents>,
    pub archive: Arc<dyn Archive>,
    pub notifier: Arc<dyn Notifier>,
    pub clock: Arc<dyn Clock>,
    /// The places that say by themselves whose they are; the objects say it in a record.
    pub places: Vec<Place>,
}
