//! The rules of settlement: money, dates, codes, states, journals, and one file per stage of a
//! payment's way through the house.
//!
//! Nothing here does I/O, knows the time, or is asynchronous: every function is a function of its
//! arguments, so every rule can be read, tested and proved on its own.

#![deny(clippy::float_arithmetic, clippy::arithmetic_side_effects)]

pub mod allocate;
pub mod archive;
pub mod authorize;
pub mod bank;
pub mod calendar;
pub mod codes;
pub mod cut;
pub mod dates;
pub mod exact;
pub mod expected;
pub mod fees;
pub mod foreign;
pub mod forgetting;
pub mod funding;
pub mod ids;
pub mod journal;
pub mod money;
pub mod payment;
pub mod posting;
pub mod reconcile;
pub mod returns;
pub mod reversal;
pub mod risk;
pub mod route;
pub mod savings;
pub mod windows;
