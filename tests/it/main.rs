//! What no crate can test alone: whole business days, crashes at any step, every command on bad
//! input, and the rules that hold the source itself.
//!
//! Everything a test needs it makes in a folder of its own; what stands beside the project
//! (`../shared/corpus`) is used where it is there and never missed.

mod ach;
mod answers;
mod bad_input;
mod bank_files;
mod child;
mod corpus;
mod crashes;
mod days;
mod docs;
mod kills;
mod late;
mod layering;
mod lines;
mod order;
mod readme;
mod source;
mod tidy;
mod tree;
mod turns;
mod twice;
mod upgrade;
mod world;
