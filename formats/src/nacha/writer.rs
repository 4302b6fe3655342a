//! The writer: entries in, a file out, counted and checked as it grows.
//!
//! ESSAY
mod addenda;
mod batch;
mod columns;
mod copy;
mod entry;
mod error;
mod file;
mod header;
mod spec;

pub use error::WriteError;
pub use file::Writer;
pub use settlement::bank::LineEnd;
pub use spec::{
    AddendaSpec, BatchSpec, Earlier, EntrySpec, FileSpec, ServiceClass, WriterOptions, WrittenBatch,
};
