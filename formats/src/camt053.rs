//! camt.053: the statement of ISO 20022, and its intraday and notification siblings.
//!
//! The message is XML; what we need of it is small. A pull parser walks the elements once, keeps
//! no tree, follows no reference out of the file and expands no entity, so a hostile file costs
//! what its bytes cost. Versions 02 and later of camt.053 differ where we look only in whether a
//! status is a text or a code inside it; both are taken. camt.052 (the day so far) and camt.054
//! (single notices, no balances) are read the same way.
//!
//! Amounts carry no sign: an indicator says credit or debit. Only booked entries are lines;
//! pending ones are not money yet.
//!
//! ```
//! use formats::{camt053, statement::{Document, Line, Statement}};
//! use settlement::money::SignedCents;
//! let amount = SignedCents::new(-300);
//! let fee = Line { type_code: "698".into(), amount, ..Line::default() };
//! let as_of = Some(jiff::civil::date(2026, 11, 25));
//! let statement = Statement { as_of, lines: vec![fee], ..Statement::default() };
//! let file = camt053::write(&Document { statements: vec![statement], ..Document::default() });
//! let back = camt053::read(&file);
//! assert_eq!(back.statements[0].lines[0].amount, amount);
//! ```

mod detail;
mod elements;
mod entry;
mod fields;
mod pages;
mod reader;
mod writer;

pub use reader::read;
pub use writer::write;

#[cfg(test)]
mod tests;
