//! The feed of events: everything that happened to the payments of whoever asks, in the order in
//! which it became durable, each with the version that the payment's own history gives it.
//!
//! It is the source of truth. Webhooks are sent from it, and who lost one finds it here.

pub mod cursor;
pub mod expand;
pub mod known;
pub mod list;
pub mod told;
