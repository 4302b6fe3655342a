//! A world to settle payments in: customers who ask for them and a bank that carries them out,
//! both from a seed.
//!
//! File bytes, a seed and a date go in; file bytes come out. Nothing here does I/O or knows the
//! time, so a demo that is stopped can go on, and the same seed gives the same bytes anywhere.
//!
//! - [`bank`]: takes our files, settles, returns, states, and errs as planned.
//! - [`door`]: what a drop box can hold beside sound files.
//! - [`customers`]: the payment requests of a business date.
//! - [`history`]: requests with frauds of several kinds among them, labelled, to train on.
//! - [`names`]: people, companies, banks and accounts that do not exist.

pub mod bank;
mod chance;
pub mod customers;
pub mod door;
pub mod history;
pub mod names;
