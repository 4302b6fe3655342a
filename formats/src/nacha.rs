//! ACH files (NACHA format): read, checked, written, as a stream.

mod check;
mod digits;
mod finding;
pub mod layout;
mod lines;
mod reader;
mod records;
mod rules;

pub use check::{RecordKind, Totals};
pub use finding::{Finding, Findings, KEPT, KEPT_PER_RULE, Place, Severity};
pub use reader::{Entry, Event, MAX_ADDENDA, Reader, Record, Report, Scanner, validate};
pub use records::{
    Addenda, BatchControl, BatchHeader, EarlierReturn, EntryDetail, FileControl, FileHeader,
    NocAddenda, ReturnAddenda, latin,
};
pub use rules::{RULES, RuleRow};
