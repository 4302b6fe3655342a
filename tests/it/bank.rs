//! What comes from a bank or from a person at the keyboard: files that are right, wrong, late,
//! hostile or of no format at all.

mod ach;
mod answers;
mod bad_input;
mod corpus;
mod documents;
mod door;
mod files;
mod foreign;
mod large;
mod lines;
mod named;
mod outage;
mod statements;
mod strangers;
mod streams;
mod tellings;
