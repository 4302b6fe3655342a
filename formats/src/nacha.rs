//! ACH files (NACHA format): read, checked, written, described, as a stream.
//!
//! A file is a sequence of records of 94 columns: a file header, batches (a header, entries with
//! their addenda, a control), a file control. Everything here goes over it once. Memory does not
//! grow with the file: the reader holds one buffer and the addenda of one entry, the writer one
//! buffer and two sums.
//!
//! | to | use |
//! |---|---|
//! | know what is wrong with a file | [`validate`] |
//! | the same as one bank sees it | [`validate_under`] a [`Dialect`] |
//! | go through its entries, each with all its addenda | [`Reader::next`] |
//! | go through every record, with its exact bytes | [`Reader::next_record`] |
//! | read without I/O, from chunks | [`Scanner`] |
//! | write a file: forward, returns, notifications of change | [`Writer`] |
//! | see a file as JSON, and get its bytes back | [`json`] |
//! | see a file as a person would | [`describe`](describe::describe) |
//! | mask a file, reverse it, return entries of it | [`ops`] |
//! | compare two files, merge several, split one | [`ops`] |
//! | make a file for a test | [`generate`] |
//! | look up a layout, a rule | [`layout`], [`RULES`] |
//!
//! Reading never fails on content: what is wrong becomes a [`Finding`] with line, column and
//! rule, the record is kept, and reading goes on. Only the source's own errors end it. An entry
//! whose own records have errors says so ([`Entry::errors`]), so that it can be put aside.
//!
//! ```
//! use formats::nacha::{
//!     AccountKind, AddendaSpec, BatchSpec, Cents, Direction, EntrySpec, Event, FileSpec, Reader,
//!     RoutingNumber, SecCode, ServiceClass, TraceNumber, TransactionCode, Writer, WriterOptions,
//!     validate,
//! };
//! use jiff::civil::{date, time};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let odfi = "076401251".parse::<RoutingNumber>()?.dfi();
//! let file = FileSpec {
//!     destination: "056005075",
//!     origin: "076401251",
//!     date: date(2026, 11, 23),
//!     time: time(6, 0, 0, 0),
//!     modifier: b'A',
//!     destination_name: "SAMPLE DEST BANK",
//!     origin_name: "SAMPLE ORIGIN BANK",
//!     reference: "",
//! };
//! let mut writer = Writer::new(Vec::new(), &file, WriterOptions::default())?;
//! writer.begin_batch(&BatchSpec {
//!     service_class: ServiceClass::Credits,
//!     company_name: "SAMPLE CO",
//!     discretionary_data: "",
//!     company_id: "1123456789",
//!     sec: SecCode::Ppd,
//!     description: "PAYROLL",
//!     descriptive_date: "",
//!     effective_date: Some(date(2026, 11, 24)),
//!     settlement_day: None,
//!     originator_status: b'1',
//!     odfi,
//!     number: 1,
//! })?;
//! writer.entry(&EntrySpec {
//!     code: TransactionCode::live(AccountKind::Checking, Direction::Credit),
//!     rdfi: "056005075".parse()?,
//!     account: "123456789",
//!     amount: Cents::new(125_000),
//!     id: "EMP0001",
//!     name: "ADA EXAMPLE",
//!     discretionary: "",
//!     trace: TraceNumber::new(odfi, 1)?,
//!     addenda: &[AddendaSpec::Payment("FOR NOVEMBER")],
//! })?;
//! writer.end_batch()?;
//! let (bytes, totals) = writer.finish()?;
//! assert_eq!(totals.credit, Cents::new(125_000));
//!
//! let report = validate(&bytes[..])?;
//! assert!(report.findings.ok());
//!
//! let mut reader = Reader::new(&bytes[..]);
//! while let Some(event) = reader.next()? {
//!     if let Event::Entry(entry) = event {
//!         assert_eq!(entry.detail.amount(), Some(Cents::new(125_000)));
//!         assert_eq!(entry.detail.individual_id(), "EMP0001");
//!         let words = entry.addenda().next().and_then(|a| a.payment_information());
//!         assert_eq!(words.as_deref(), Some("FOR NOVEMBER"));
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod check;
pub mod describe;
mod dialect;
mod digits;
mod findings;
pub mod generate;
pub mod json;
pub mod layout;
mod lines;
pub mod ops;
mod reader;
mod records;
mod rules;
mod scanner;
mod writer;

#[cfg(test)]
mod tests;

pub use crate::finding::{Finding, Severity};
pub use check::{RecordKind, Totals};
pub use dialect::{DIALECTS, Dialect, DialectRow};
pub use findings::{Findings, KEPT, KEPT_PER_RULE, Place};
pub use reader::{Entry, Event, MAX_ADDENDA, Reader, validate, validate_under};
pub(crate) use records::date;
pub use records::{
    Addenda, BatchControl, BatchHeader, EarlierReturn, EntryDetail, FileControl, FileHeader,
    NocAddenda, ReturnAddenda, latin,
};
pub use rules::{RULES, RuleRow};
pub use scanner::{Record, Report, Scanner};
/// The words of the rules in which this module speaks, from where they are defined.
#[doc(no_inline)]
pub use settlement::{
    bank::dialect::Arm,
    codes::{returns::ReturnCode, sec::SecCode, transactions::TransactionCode},
    ids::{DfiId, Direction, RoutingNumber, TraceNumber},
    money::Cents,
    payment::AccountKind,
};
pub use writer::{
    AddendaSpec, BatchSpec, Earlier, EntrySpec, FileSpec, LineEnd, ServiceClass, WriteError,
    Writer, WriterOptions, WrittenBatch,
};
