//! What comes from a bank or from a person at the keyboard: files that are right, wrong, late,
//! hostile or of no format at all.

mod accounts;
mod ach;
mod answers;
mod bad_input;
mod corpus;
mod corrected;
mod dates;
mod documents;
mod door;
mod files;
mod foreign;
mod funded;
mod habits;
mod large;
mod lines;
mod named;
mod originals;
mod outage;
mod returned;
mod sent;
mod short;
mod statements;
mod strangers;
mod streams;
mod tellings;
mod typed;
mod undone;
mod week;
