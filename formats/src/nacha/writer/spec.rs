//! What the writer is told of a file, a batch, an entry, an addenda.

use crate::nacha::layout::Layout;
use jiff::civil::{Date, Time};
use settlement::bank::LineEnd;
use settlement::codes::returns::ReturnCode;
use settlement::codes::sec::SecCode;
use settlement::codes::transactions::TransactionCode;
use settlement::ids::{DfiId, RoutingNumber, TraceNumber};
use settlement::money::Cents;

/// How a file is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct WriterOptions {
    /// What ends a record.
    pub line_end: LineEnd,
}

/// Which entries a batch may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceClass {
    /// 200: credits and debits.
    Mixed,
    /// 220: credits.
    Credits,
    /// 225: debits.
    Debits,
    /// 280: an operator's advices.
    Advices,
}

impl ServiceClass {
    /// The three digits.
    pub const fn code(self) -> u64 {
        match self {
            ServiceClass::Mixed => 200,
            ServiceClass::Credits => 220,
            ServiceClass::Debits => 225,
            ServiceClass::Advices => 280,
        }
    }
}

/// What a file header says.
#[derive(Clone, Copy, Debug)]
pub struct FileSpec<'a> {
    /// Who the file is for: a routing number, or ten characters agreed on.
    pub destination: &'a str,
    /// Who it is from: a routing number, or ten characters agreed on.
    pub origin: &'a str,
    /// When it was made.
    pub date: Date,
    /// At what time.
    pub time: Time,
    /// Which of the day's files it is: A to Z, 0 to 9.
    pub modifier: u8,
    /// The destination's name.
    pub destination_name: &'a str,
    /// The origin's name.
    pub origin_name: &'a str,
    /// Anything, eight characters.
    pub reference: &'a str,
}

/// What a batch header says. Not for international batches.
#[derive(Clone, Copy, Debug)]
pub struct BatchSpec<'a> {
    /// Which entries it may hold.
    pub service_class: ServiceClass,
    /// The company's name; of an international batch empty, but for `IATCOR`.
    pub company_name: &'a str,
    /// For the company; of an international batch columns 21 to 40: exchange indicators,
    /// reference and destination country.
    pub discretionary_data: &'a str,
    /// The company's identification.
    pub company_id: &'a str,
    /// The entry class.
    pub sec: SecCode,
    /// What the receiver reads on the statement.
    pub description: &'a str,
    /// A date for the receiver; of an international batch the two currencies.
    pub descriptive_date: &'a str,
    /// When the entries should settle; `None` only for enrollments.
    pub effective_date: Option<Date>,
    /// The day of the year on which they settled; a return repeats it, else `None`.
    pub settlement_day: Option<u16>,
    /// `1` for a bank, `2` for a federal agency, `0` for an operator.
    pub originator_status: u8,
    /// The originating bank; of a return the bank that returns.
    pub odfi: DfiId,
    /// The batch's number, ascending in the file.
    pub number: u32,
}

/// What an entry says.
#[derive(Clone, Copy)]
pub struct EntrySpec<'a> {
    /// Account, direction, purpose.
    pub code: TransactionCode,
    /// The receiving bank; of a return the bank the original came from.
    pub rdfi: RoutingNumber,
    /// The receiver's account number.
    pub account: &'a str,
    /// The amount.
    pub amount: Cents,
    /// What the originator knows the receiver or payment by: 15 columns, 22 in CIE and MTE.
    pub id: &'a str,
    /// The receiver's name: 22 columns, 16 in CTX, 15 in CIE and MTE.
    pub name: &'a str,
    /// Discretionary data, payment type (`R` or `S`), or card transaction type.
    pub discretionary: &'a str,
    /// The trace, ascending in the batch.
    pub trace: TraceNumber,
    /// The addenda, in order.
    pub addenda: &'a [AddendaSpec<'a>],
}

/// What an addenda says. Sequence and trace numbers are the writer's.
#[derive(Clone, Copy)]
pub enum AddendaSpec<'a> {
    /// Payment related information (05), 80 columns.
    Payment(&'a str),
    /// A return (99).
    Return {
        /// Why.
        code: ReturnCode,
        /// The trace of the entry that comes back.
        original_trace: TraceNumber,
        /// The bank that received it.
        original_rdfi: DfiId,
        /// The day of death, for R14 and R15.
        date_of_death: Option<Date>,
        /// More, 44 columns.
        information: &'a str,
    },
    /// A notification of change (98).
    Noc {
        /// What changed: `C01`.
        code: &'a str,
        /// The trace of the entry it is about.
        original_trace: TraceNumber,
        /// The bank that received it.
        original_rdfi: DfiId,
        /// The right data, laid out as the change code says, 29 columns.
        corrected_data: &'a str,
    },
    /// A return that its receiver does not accept: dishonored (99, R61 to R70).
    Dishonored {
        /// Why.
        code: ReturnCode,
        /// The trace of the forward entry.
        original_trace: TraceNumber,
        /// The bank that received it.
        original_rdfi: DfiId,
        /// The return that is dishonored.
        returned: Earlier,
        /// More, 21 columns; of R69 which fields are wrong: `01*03`.
        information: &'a str,
    },
    /// A dishonored return that the returning bank contests (99, R71 to R77).
    Contested {
        /// Why.
        code: ReturnCode,
        /// The trace of the forward entry.
        original_trace: TraceNumber,
        /// The bank that received it.
        original_rdfi: DfiId,
        /// For R73, when the original was returned, and the day of the year on which it settled.
        timely: Option<(Date, u16)>,
        /// The return that was dishonored.
        returned: Earlier,
        /// The dishonored return.
        dishonored: Earlier,
    },
    /// Any addenda layout, its fields by name; sequence and trace numbers must be among them.
    Fields(&'static Layout, &'a [(&'a str, &'a str)]),
}

/// What a dishonored or contested return repeats of what came before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// Its trace.
    pub trace: TraceNumber,
    /// The day of the year on which it settled.
    pub settlement_day: u16,
    /// Its reason.
    pub code: ReturnCode,
}

/// What a batch came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenBatch {
    /// Its number.
    pub number: u32,
    /// Entries and addenda.
    pub entry_addenda_count: u64,
    /// The lower ten digits of the sum of the receiving banks.
    pub entry_hash: u64,
    /// The debits.
    pub debit: Cents,
    /// The credits.
    pub credit: Cents,
}
