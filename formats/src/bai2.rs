//! BAI2: the statements of American banks (BAI's specification of 2005).
//!
//! A file is records of comma-separated fields: a file (01 to 99) of groups (02 to 98) of
//! accounts (03 to 49), whose lines are 16. A record ends in `/`, except where its last field is
//! free text, which runs to the end of the line; 88 continues whatever stands before it. Each
//! trailer repeats the sum of all amounts since its header, debits added and not subtracted, and
//! the number of records. So a file can lose a line and still look whole, but it cannot do so
//! and still add up: this reader adds it up.
//!
//! Banks are free with the rest. What is read without doubt although it is not written as it
//! should be, is a warning; what contradicts itself is an error; neither stops the reader.
//!
//! ```
//! let file = b"01,056005075,SAMPLECO,261126,0500,1,,,2/\n\
//!     02,SAMPLECO,056005075,1,261125,2400,USD,2/\n\
//!     03,0012345678,USD,010,1000000,,,015,999700,,/\n\
//!     16,698,300,,BANKREF0004,,RETURN ITEM FEE\n\
//!     49,2000000,3/\n98,2000000,1,5/\n99,2000000,1,7/\n";
//! let document = formats::bai2::read(file);
//! assert!(document.is_ok());
//! assert_eq!(document.statements[0].lines[0].amount.to_string(), "-3.00");
//! assert_eq!(document.statements[0].account.to_string(), "...5678");
//! ```

pub mod codes;
mod fields;
mod purpose;
mod reader;
mod records;
mod totals;
mod writer;

pub use codes::{CLOSING_LEDGER, OPENING_LEDGER};
pub use reader::{read, read_each};
pub use writer::{WriteError, write};

#[cfg(test)]
mod tests;
