//! Everything the house asks of the world, behind ports.
//!
//! A port is a trait in the words of settlement: a payment store, an object store, a bank link, a
//! key vault. An adapter is one way to have it, and lives in a crate of its own below this one's
//! folder, so that whoever uses a port links no store, no SQL engine and no cloud: `embedded`
//! needs nothing but a folder and is the default, `warehouse` asks SQL of the tables, `geo` says
//! where an address is. Which adapters there are is the choice of a binary, by the [`Addresses`] of
//! its installation.
//!
//! There are no payment rules here: stores change a payment only through
//! [`settlement::payment::Payment::apply`]. The crate `connectors-conformance` holds one suite per
//! port, which every adapter passes; [`faulty`] breaks ports on purpose, for the tests that
//! crash a job at every step; [`regular`] opens files that strangers may have put where we look,
//! and [`given`] those that a person names.

mod addresses;
mod error;
pub mod faulty;
pub mod given;
mod name;
mod ports;
pub mod regular;

pub use addresses::{Addresses, BANKS};
pub use error::{Error, Result, Source};
pub use name::Name;
pub use ports::{
    Alert, Applied, Archive, ArchiveId, ArchiveMeta, BELIEVED_BYTES, BankLink, Change, Clock,
    Created, DOCUMENT_BYTES, DOCUMENT_NAME_BYTES, DeadLetter, Document, Documents, Fetched,
    GeoReader, Happened, Identity, Index, KeyVault, Listing, Mark, Message, Meta, NewRecord,
    Notifier, Object, ObjectStore, Odd, PaymentStore, Place, Ports, Put, Queue, ReadBack, Receipt,
    Remote, Removed, Request, Restore, Scorer, Severity, Standing, Strangers, Swapped, Telling,
    ToScore, Told,
};
