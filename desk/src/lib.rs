//! What the jobs and the online path share: the open ports of one installation with the bank's
//! profile and the prices, where they are configured, what objects are called, how records are
//! kept, how a command fails, and how a payment is authorized.
//!
//! It links no adapter: which store, which cloud and which SQL engine stand behind the ports is
//! the choice of the binary that opens them.

pub mod authorize;
mod banks;
pub mod config;
mod desk;
pub mod failure;
pub mod frozen;
mod house;
pub mod identity;
pub mod installation;
pub mod issuers;
pub mod members;
pub mod merchants;
pub mod names;
pub mod part;
pub mod proved;
pub mod records;
pub mod tokens;

pub use desk::{CHUNK, Desk};
pub use house::House;
