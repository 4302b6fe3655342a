//! Reconciliation: what we said, what the bank said and what the books say, record by record.
//!
//! [`kernel`] matches millions of keyed amounts; the four [`legs`] turn its outcomes into matches
//! and named breaks, and each proves that no record and no cent went missing on the way. What is
//! left on a clearing account with no break to say why is a [`residue`]; where a statement belongs
//! is for its [`chain`] to say, what its number tells for [`numbers`], and what its lines are
//! called for [`receipt`]; what an originator has, for [`funds`].

pub mod chain;
pub mod funds;
pub mod kernel;
pub mod legs;
pub mod numbers;
pub mod receipt;
pub mod residue;
