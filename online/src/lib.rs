//! The online path: accept or refuse a payment in milliseconds, and hand it to settlement.
//!
//! So far it is an empty shell that holds its place: what it may link is what the layering test
//! reads from Cargo's resolved graph, and that is the rules, the ports and the desk, with no SQL
//! engine, no Parquet, no bank formats and no store of its own.

pub use connectors::Ports;
pub use desk::Desk;
pub use settlement::authorize;
