//! What no crate can test alone: whole business days, crashes at any step, every command on bad
//! input, and the rules that hold the source itself.
//!
//! Everything a test needs it makes in a folder of its own; what stands beside the project
//! (`../shared/corpus`) is used where it is there and never missed.

mod bank;
mod child;
mod days;
mod house;
mod tree;
