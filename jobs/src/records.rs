//! What jobs keep of their work: one record a file, each written once, the jobs above them.

pub mod allocated;
pub mod archived;
pub mod breaks;
pub mod delivery;
pub mod forgotten;
pub mod funding;
pub mod ingested;
pub mod named;
pub mod posted;
pub mod reconciled;
pub mod saved;
pub mod sum;

pub use desk::records::{Read, Source, all, get, newest_before, put, read};
pub use desk::{frozen, part};
