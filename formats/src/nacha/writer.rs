//! The writer: entries in, a file out, counted and checked as it grows.
//!
//! What a caller says are the words of the rules ([`FileSpec`], [`BatchSpec`], [`EntrySpec`],
//! [`AddendaSpec`]); what a caller could get wrong is not asked: hashes, counts, totals, block
//! count, filler, addenda indicators and sequence numbers are computed here and nowhere else.
//!
//! A call goes three steps. It becomes columns (`header`, `entry`, `addenda`, by way of
//! `columns`): a text that is too long or not printable ASCII, a number of too many digits, is
//! refused with the field's name, and nothing is ever cut off. It is held against the batch that
//! is open (`batch`): its class, its direction, amounts and limits, a trace that must ascend,
//! sums that must fit their columns. Only then is it put into the buffer and counted (`file`).
//! **A refused call leaves no trace**: sums are computed on a copy and kept last, bytes are taken
//! back, so a caller may leave an entry out and go on, or end the file and begin another.
//!
//! Nothing of a batch is kept but its totals and the columns that its control repeats, so a file
//! may have any number of entries; the sink gets 64 KiB at a time. The same calls give the same
//! bytes: nothing here knows a clock or a random number.
//!
//! There are four ways in, and they meet in the same counting. [`Writer::entry`] makes an entry
//! from its fields. [`Writer::entry_like`] takes the receiver's columns from an entry that was
//! read, for returns and reversals. `copy` carries records that were read, byte for byte, into
//! another file: what merges and splits uses it. [`Writer::record`] is for the records that have
//! no fields of their own here, international entries and advices, by the names of their layout.
//!
//! For whoever works on it:
//!
//! - Every limit is the width of a column and stands beside its check (`batch`); the sums are
//!   held against them entry by entry, so that the control can always be written.
//! - Asserts stay on in release builds: when a file ends, its bytes are its records times 94 and
//!   a line end, and its blocks are what the control says. Should one fail, a file that looks
//!   whole would be wrong; no file is the better answer.
//! - In what the writer took, the reader finds no error (`every_class_goes_through_everything`).
//!   A new rule of the reader that a caller can break wants its refusal here.

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
