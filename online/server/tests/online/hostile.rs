//! The API over real HTTP against whoever means it ill, on an installation of its own.

mod bad;
mod doors;
mod edges;
mod merchants;
mod signers;
mod tls;
mod tokens;
pub mod world;
