//! The online path as a server: the adapters that need only a folder, opened and served.

pub mod arguments;
pub mod begin;
pub mod bench;
pub mod dev;
pub mod fetch;
pub mod listen;
mod load;
pub mod outbound;
mod own;
pub mod risk;
pub mod sandbox;
pub mod serve;
pub mod signers;
mod silent;
pub mod tls;
