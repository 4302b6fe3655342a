//! What the writer is told of a file, a batch, an entry, an addenda, and how it becomes columns.

#![allow(clippy::arithmetic_side_effects)] // columns of a record

mod dispute;

use crate::nacha::digits::put;
use crate::nacha::layout::{self, Layout, WIDTH};
use crate::nacha::writer::columns::{day, digits, named, text};
use jiff::civil::{Date, Time};
use settlement::codes::returns::ReturnCode;
use settlement::codes::sec::SecCode;
use settlement::codes::transactions::TransactionCode;
use settlement::ids::{DfiId, FILE_ID_MODIFIERS, RoutingNumber, TraceNumber};
use settlement::money::Cents;
use std::io;

/// Why the writer refused.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A field does not fit or breaks a rule.
    #[error("{field}: {why}")]
    Field {
        /// The field's name.
        field: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The calls came in the wrong order.
    #[error("{0}")]
    Order(&'static str),
    /// The file or batch is full.
    #[error("{0}")]
    Full(&'static str),
    /// A layout has no field of that name.
    #[error("{layout} has no field {field}")]
    NoField {
        /// The layout's id.
        layout: &'static str,
        /// The name that was given.
        field: String,
    },
    /// The sink cannot be written.
    #[error("the file cannot be written: {0}")]
    Io(#[from] io::Error),
}

impl WriteError {
    pub(super) const fn field(field: &'static str, why: &'static str) -> WriteError {
        WriteError::Field { field, why }
    }
}

/// What ends a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineEnd {
    /// Line feed.
    #[default]
    Lf,
    /// Carriage return and line feed.
    CrLf,
    /// Nothing: records follow each other.
    None,
}

impl LineEnd {
    pub(in crate::nacha) const fn bytes(self) -> &'static [u8] {
        match self {
            LineEnd::Lf => b"\n",
            LineEnd::CrLf => b"\r\n",
            LineEnd::None => b"",
        }
    }
}

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

impl FileSpec<'_> {
    pub(super) fn record(&self) -> Result<[u8; WIDTH], WriteError> {
        let mut record = [b' '; WIDTH];
        let place = |name: &str| layout::FILE_HEADER.columns(name);
        text(&mut record, (0, 3), "priority_code", "101")?;
        for (name, value) in [
            ("immediate_destination", self.destination),
            ("immediate_origin", self.origin),
        ] {
            if value.trim().is_empty() {
                return Err(WriteError::field(name, "must not be blank"));
            }
            let (from, to) = place(name);
            let skip = usize::from(value.len() == 9);
            text(&mut record, (from + skip, to), name, value)?;
        }
        if !FILE_ID_MODIFIERS.contains(&self.modifier) {
            return Err(WriteError::field("file_id_modifier", "must be A-Z or 0-9"));
        }
        day(&mut record, 23, "file_creation_date", self.date)?;
        let (hour, minute) = (
            self.time.hour().unsigned_abs(),
            self.time.minute().unsigned_abs(),
        );
        let time = u64::from(hour) * 100 + u64::from(minute);
        digits(&mut record, (29, 33), "file_creation_time", time)?;
        record[33] = self.modifier;
        text(&mut record, (34, 40), "record_size", "094101")?;
        for (name, value) in [
            ("immediate_destination_name", self.destination_name),
            ("immediate_origin_name", self.origin_name),
            ("reference_code", self.reference),
        ] {
            text(&mut record, place(name), name, value)?;
        }
        Ok(record)
    }
}

impl BatchSpec<'_> {
    /// The header, and the layout of its entries.
    pub(super) fn record(&self) -> Result<([u8; WIDTH], &'static Layout), WriteError> {
        let mut record = [b' '; WIDTH];
        let place = |name: &str| layout::BATCH_HEADER.columns(name);
        record[0] = b'5';
        digits(
            &mut record,
            (1, 4),
            "service_class_code",
            self.service_class.code(),
        )?;
        for (name, value) in [
            ("company_name", self.company_name),
            ("company_discretionary_data", self.discretionary_data),
            ("company_identification", self.company_id),
            ("standard_entry_class_code", self.sec.as_str()),
            ("company_entry_description", self.description),
            ("company_descriptive_date", self.descriptive_date),
        ] {
            let needed = matches!(name, "company_identification" | "company_entry_description")
                || (name == "company_name" && self.sec != SecCode::Iat);
            if needed && value.bytes().all(|b| b == b' ' || b == b'0') {
                return Err(WriteError::field(name, "must not be all blanks or zeros"));
            }
            text(&mut record, place(name), name, value)?;
        }
        match self.effective_date {
            Some(date) => day(&mut record, 69, "effective_entry_date", date)?,
            None if self.sec == SecCode::Enr => {}
            None => return Err(WriteError::field("effective_entry_date", "must be given")),
        }
        if let Some(day) = self.settlement_day {
            digits(
                &mut record,
                (75, 78),
                "settlement_date_julian",
                u64::from(day),
            )?;
        }
        if !matches!(self.originator_status, b'0' | b'1' | b'2') {
            return Err(WriteError::field(
                "originator_status_code",
                "must be 0, 1 or 2",
            ));
        }
        record[78] = self.originator_status;
        let odfi = u64::from(self.odfi.get());
        digits(
            &mut record,
            (79, 87),
            "originating_dfi_identification",
            odfi,
        )?;
        digits(
            &mut record,
            (87, 94),
            "batch_number",
            u64::from(self.number),
        )?;
        let layout = crate::nacha::check::Batch::entry_layout(self.sec);
        Ok((record, layout))
    }
}

impl AddendaSpec<'_> {
    /// The record of the `number`th addenda of `entry`.
    pub(super) fn record(
        &self,
        sec: SecCode,
        entry: &EntrySpec<'_>,
        number: usize,
    ) -> Result<[u8; WIDTH], WriteError> {
        let mut record = [b' '; WIDTH];
        record[0] = b'7';
        match *self {
            AddendaSpec::Payment(words) => {
                if sec.rule().addenda_type != "05" {
                    return Err(WriteError::field(
                        "addenda",
                        "the entry class has no addenda 05",
                    ));
                }
                text(&mut record, (1, 3), "addenda_type_code", "05")?;
                text(&mut record, (3, 83), "payment_related_information", words)?;
                digits(
                    &mut record,
                    (83, 87),
                    "addenda_sequence_number",
                    number as u64,
                )?;
                put(&mut record[87..94], u64::from(entry.trace.sequence()));
            }
            AddendaSpec::Return {
                code,
                original_trace,
                original_rdfi,
                date_of_death,
                information,
            } => {
                text(&mut record, (1, 3), "addenda_type_code", "99")?;
                text(&mut record, (3, 6), "return_reason_code", code.as_str())?;
                original(&mut record, original_trace, original_rdfi);
                if let Some(date) = date_of_death {
                    day(&mut record, 21, "date_of_death", date)?;
                }
                text(&mut record, (35, 79), "addenda_information", information)?;
                put(&mut record[79..94], entry.trace.get());
            }
            AddendaSpec::Noc {
                code,
                original_trace,
                original_rdfi,
                corrected_data,
            } => {
                if sec != SecCode::Cor {
                    return Err(WriteError::field(
                        "addenda",
                        "a notification of change is COR",
                    ));
                }
                text(&mut record, (1, 3), "addenda_type_code", "98")?;
                text(&mut record, (3, 6), "change_code", code)?;
                original(&mut record, original_trace, original_rdfi);
                text(&mut record, (35, 64), "corrected_data", corrected_data)?;
                put(&mut record[79..94], entry.trace.get());
            }
            AddendaSpec::Dishonored { .. } | AddendaSpec::Contested { .. } => {
                return dispute::record(self, sec, entry);
            }
            AddendaSpec::Fields(layout, values) => return named(layout, values),
        }
        Ok(record)
    }
}

fn original(record: &mut [u8; WIDTH], trace: TraceNumber, rdfi: DfiId) {
    put(&mut record[6..21], trace.get());
    put(&mut record[27..35], u64::from(rdfi.get()));
}
