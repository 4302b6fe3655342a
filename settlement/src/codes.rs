//! The ACH code tables: what each code means, when it may be used and what follows from it.

pub mod changes;
pub mod corrected;
pub mod descriptions;
pub mod returns;
pub mod sec;
pub mod transactions;
