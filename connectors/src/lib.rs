//! Everything the house asks of the world, behind ports.
//!
//! A port is a trait in the words of settlement: a payment store, an object store, a bank link, a
//! key vault. An adapter is one way to have it. The [`embedded`] adapters need nothing but a
//! folder and are the default; an address such as `file:./tieout-data` chooses them, and
//! [`Ports::open`] opens all of one installation's ports at once.
//!
//! There are no payment rules here: stores change a payment only through
//! [`settlement::payment::Payment::apply`]. [`conformance`] holds one suite per port, which every
//! adapter passes; [`faulty`] breaks ports on purpose, for the tests that crash a job at every
//! step.

pub mod conformance;
pub mod embedded;
mod error;
pub mod faulty;
mod open;
mod ports;

pub use error::{Error, Result, Source};
pub use open::{Addresses, Ports};
pub use ports::{
    Alert, Applied, Archive, ArchiveId, ArchiveMeta, BankLink, Change, Clock, Created, DeadLetter,
    Index, KeyVault, Message, Meta, NewRecord, Notifier, Object, ObjectStore, PaymentStore, Put,
    Queue, ReadBack, Receipt, Remote, Restore, Severity, Table, Warehouse,
};
