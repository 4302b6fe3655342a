//! Callbacks in: what a bank or a network posts to us, signed as we sign what we send.
//!
//! A callback is a fact: that its source said so. It is kept once, under the name that its source
//! gave it, however often and in whatever order it comes, and what it means is for whoever reads
//! the inbox ([`inbox::list`]). No rail of this version asks for one yet; that of a later one
//! reads here, and nothing that came before is lost.

pub mod inbox;
pub mod sources;
