//! Bytes and columns: the file formats banks speak, and the tables we keep.
//!
//! Every reader takes bytes and gives records with their place; every writer takes records and
//! gives bytes. Nothing here opens a file, knows the network or the time. A reader never panics
//! and never gives up at the first bad line: what is wrong becomes a finding with its line,
//! column and reason, and what is good goes on.
//!
//! `docs/library.md` walks through what most users want; `examples/` has programs to run.
//!
//! - [`nacha`]: ACH files, read and written as a stream, every rule of the format checked.
//! - [`bai2`], [`camt053`]: bank statements.
//! - [`statement`]: what both of these say.
//! - [`acks`]: what a bank answers to a file.
//! - [`finding`]: what is wrong with one of them, and where.
//! - [`detect`]: which of these a file is, from its content.
//! - [`own_date`]: which day one was made on, from its first record.
//! - [`tables`]: the Parquet tables of the archive and the ledger.

#![deny(clippy::float_arithmetic, clippy::arithmetic_side_effects)]
#![cfg_attr(test, allow(clippy::arithmetic_side_effects))] // a test that overflows fails

pub mod acks;
pub mod bai2;
pub mod camt053;
pub mod detect;
pub mod finding;
pub mod nacha;
pub mod own_date;
pub mod statement;
pub mod tables;

/// The programs of the page for users are compiled and run with the other examples.
#[cfg(doctest)]
#[doc = include_str!("../../docs/library.md")]
struct Library;
