//! The writer: entries in, a file out, counted and checked as it grows.
//!
//! Hashes, counts, totals, block count and filler are computed here and nowhere else. What would
//! make a bad file is refused when it is given, with the field and the reason: a text too long,
//! a character that is not printable ASCII, a trace that does not ascend, a debit in a batch of
//! credits, a total that outgrows its columns. Nothing is cut off silently. Nothing of a batch is
//! kept but its totals, so a file may have any number of entries.

#![allow(clippy::arithmetic_side_effects)] // counts and sums are checked against their columns

mod columns;
mod copy;
mod spec;

pub(crate) use copy::one_direction;
pub use spec::{
    AddendaSpec, BatchSpec, Earlier, EntrySpec, FileSpec, LineEnd, ServiceClass, WriteError,
    WriterOptions, WrittenBatch,
};

use crate::nacha::check::{HASH_MODULUS, Tally, Totals, code_fits, direction_fits};
use crate::nacha::digits::{put, word};
use crate::nacha::layout::{self, Layout, WIDTH};
use settlement::codes::descriptions::REVERSAL;
use settlement::codes::sec::SecCode;
use settlement::codes::transactions::{Purpose, TransactionCode};
use settlement::ids::Direction;
use settlement::money::Cents;
use std::io::Write;

/// A record of nines.
const FILLER: [u8; WIDTH] = [b'9'; WIDTH];
/// Records to a block.
const BLOCK: u64 = 10;
/// How much is gathered before it goes to the sink.
const BUFFER: usize = 64 * 1024;
/// What the columns of a count or a total hold at most. Appendix Three.
const MAX_BATCH_COUNT: u64 = 999_999;
const MAX_FILE_COUNT: u64 = 99_999_999;
const MAX_TOTAL: u64 = 999_999_999_999;
/// Totals of advices have 20 columns; this is what an amount is counted in holds.
const MAX_ADVICES: u64 = i64::MAX.unsigned_abs();
const MAX_AMOUNT: u64 = 9_999_999_999;
const MAX_BLOCKS: u64 = 999_999;
const MAX_BATCHES: u64 = 999_999;

/// Writes one file to any sink; the bytes are the same for the same calls.
pub struct Writer<W: Write> {
    sink: W,
    buffer: Vec<u8>,
    end: &'static [u8],
    file: Tally,
    batches: u64,
    records: u64,
    last_number: Option<u32>,
    batch: Option<OpenBatch>,
    totals: Totals,
}

struct OpenBatch {
    sec: SecCode,
    class: ServiceClass,
    tally: Tally,
    /// The columns the control repeats: company identification, originating bank and number.
    company_id: [u8; 10],
    tail: [u8; 15],
    odfi: u64,
    number: u32,
    last_trace: Option<u64>,
    entries: u64,
    /// The batch takes entries back, against its class's direction.
    reversal: bool,
    columns: columns::Columns,
}

impl<W: Write> Writer<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// Where a field does not fit, or the sink cannot be written.
    pub fn new(
        sink: W,
        file: &FileSpec<'_>,
        options: WriterOptions,
    ) -> Result<Writer<W>, WriteError> {
        let header = file.record()?;
        let mut writer = Writer::empty(sink, options);
        writer.push(&header)?;
        Ok(writer)
    }

    fn empty(sink: W, options: WriterOptions) -> Writer<W> {
        Writer {
            sink,
            buffer: Vec::with_capacity(BUFFER + 4 * WIDTH),
            end: options.line_end.bytes(),
            file: Tally::default(),
            batches: 0,
            records: 0,
            last_number: None,
            batch: None,
            totals: Totals::default(),
        }
    }

    /// Begins a batch; the one before must have ended.
    ///
    /// # Errors
    /// Where a batch is open, a field does not fit, the number does not ascend, or the sink
    /// cannot be written.
    pub fn begin_batch(&mut self, batch: &BatchSpec<'_>) -> Result<(), WriteError> {
        if self.batch.is_some() {
            return Err(WriteError::Order(
                "a batch is open: end it before the next one",
            ));
        }
        if self.last_number.is_some_and(|last| batch.number <= last) {
            return Err(WriteError::field("batch_number", "must ascend in the file"));
        }
        if self.batches >= MAX_BATCHES {
            return Err(WriteError::Full("the file has 999,999 batches"));
        }
        let (header, layout) = batch.record()?;
        self.push(&header)?;
        let mut open = OpenBatch {
            sec: batch.sec,
            class: batch.service_class,
            tally: Tally::default(),
            company_id: [b' '; 10],
            tail: [b' '; 15],
            odfi: word(&header, 79),
            number: batch.number,
            last_trace: None,
            entries: 0,
            reversal: batch.description == REVERSAL,
            columns: columns::Columns::of(layout),
        };
        open.company_id.copy_from_slice(&header[40..50]);
        open.tail.copy_from_slice(&header[79..94]);
        self.last_number = Some(batch.number);
        self.batches += 1;
        self.batch = Some(open);
        Ok(())
    }

    /// Writes an entry with its addenda.
    ///
    /// # Errors
    /// Where no batch is open, the entry does not fit the batch or its columns, or the sink
    /// cannot be written. Nothing of a refused entry is written.
    #[inline]
    pub fn entry(&mut self, entry: &EntrySpec<'_>) -> Result<(), WriteError> {
        let batch = self.batch.as_ref().ok_or(NO_BATCH)?;
        let mut text = [b' '; WIDTH];
        batch.columns.entry(&mut text, entry)?;
        self.put_entry(entry, &text)
    }

    /// Writes an entry like one that was read: account, names, identifications and discretionary
    /// data are `like`'s columns, the rest is `entry`'s. For returns and reversals.
    ///
    /// # Errors
    /// As [`Writer::entry`].
    pub fn entry_like(
        &mut self,
        entry: &EntrySpec<'_>,
        like: &[u8; WIDTH],
    ) -> Result<(), WriteError> {
        let mut text = *like;
        let batch = self.batch.as_ref().ok_or(NO_BATCH)?;
        batch.columns.like(&mut text, entry)?;
        self.put_entry(entry, &text)
    }

    #[inline]
    fn put_entry(&mut self, entry: &EntrySpec<'_>, text: &[u8; WIDTH]) -> Result<(), WriteError> {
        let batch = self.batch.as_mut().ok_or(NO_BATCH)?;
        let trace = batch.accepts(entry)?;
        if word(text, 79) != batch.odfi {
            return Err(WriteError::field(
                "trace_number",
                "must begin with the batch's originating bank",
            ));
        }
        let credit = entry.code.direction() == Direction::Credit;
        let mut tally = batch.tally;
        tally.entry(
            u64::from(entry.rdfi.dfi().get()),
            entry.amount.get(),
            credit,
        );
        tally.count += entry.addenda.len() as u64;
        room(&tally, MAX_BATCH_COUNT, batch.sec)?;
        let begun = self.buffer.len();
        self.buffer.extend_from_slice(text);
        self.buffer.extend_from_slice(self.end);
        for (addenda, number) in entry.addenda.iter().zip(1..) {
            match addenda.record(batch.sec, entry, number) {
                Ok(record) => {
                    self.buffer.extend_from_slice(&record);
                    self.buffer.extend_from_slice(self.end);
                }
                Err(error) => {
                    self.buffer.truncate(begun);
                    return Err(error);
                }
            }
        }
        self.records += 1 + entry.addenda.len() as u64;
        batch.tally = tally;
        batch.last_trace = Some(trace);
        batch.entries += 1;
        self.flush_full()
    }

    /// Writes a record whose fields are given by name, of any layout of an entry or addenda; what
    /// is not named is zeros where digits belong and blanks elsewhere. For the records that
    /// [`EntrySpec`] has no fields for: international entries, advices, terminal data.
    ///
    /// # Errors
    /// Where no batch is open, a name or value does not fit, or the sink cannot be written.
    pub fn record(
        &mut self,
        layout: &'static Layout,
        values: &[(&str, &str)],
    ) -> Result<(), WriteError> {
        let batch = self.batch.as_mut().ok_or(NO_BATCH)?;
        let text = columns::named(layout, values)?;
        let mut tally = batch.tally;
        match text[0] {
            b'6' => {
                batch.entries += 1;
                let number = |name: &str| {
                    layout
                        .field(name)
                        .and_then(|f| crate::nacha::digits::number(f.of(&text)))
                };
                let rdfi = crate::nacha::digits::number(&text[3..11]).unwrap_or(0);
                let code = TransactionCode::from_bytes(&text[1..3])
                    .ok_or(WriteError::field("transaction_code", "is not in the table"))?;
                batch.class_fits(code)?;
                let credit = code.direction() == Direction::Credit;
                tally.entry(rdfi, number("amount").unwrap_or(0), credit);
                if let Some(trace) = number("trace_number") {
                    batch.last_trace = Some(batch.ascends(trace)?);
                }
            }
            b'7' => tally.count += 1,
            _ => {
                return Err(WriteError::Order(
                    "only entries and addenda stand in a batch",
                ));
            }
        }
        room(&tally, MAX_BATCH_COUNT, batch.sec)?;
        batch.tally = tally;
        self.push(&text)
    }

    /// Ends the batch.
    ///
    /// # Errors
    /// Where no batch is open, it has no entry, the file's totals outgrow their columns, or the
    /// sink cannot be written.
    pub fn end_batch(&mut self) -> Result<WrittenBatch, WriteError> {
        let batch = self.batch.take().ok_or(NO_BATCH)?;
        if batch.tally.count == 0 {
            return Err(WriteError::Order("the batch has no entry"));
        }
        let mut file = self.file;
        file.add(&batch.tally);
        room(&file, MAX_FILE_COUNT, batch.sec)?;
        self.file = file;
        self.totals.wrote(&batch.tally, batch.entries, batch.sec);
        let adv = batch.sec == SecCode::Adv;
        let layout = if adv {
            layout::BATCH_CONTROL_ADV
        } else {
            layout::BATCH_CONTROL
        };
        let mut text = [b' '; WIDTH];
        let class = batch.class.code();
        let fields = [
            ("service_class_code", class),
            ("entry_addenda_count", batch.tally.count),
            ("entry_hash", batch.tally.hash % HASH_MODULUS),
            ("total_debit_amount", batch.tally.debit),
            ("total_credit_amount", batch.tally.credit),
        ];
        text[0] = b'8';
        put_all(&mut text, layout, &fields)?;
        if !adv {
            text[44..54].copy_from_slice(&batch.company_id);
        }
        text[79..94].copy_from_slice(&batch.tail);
        self.push(&text)?;
        Ok(WrittenBatch {
            number: batch.number,
            entry_addenda_count: batch.tally.count,
            entry_hash: batch.tally.hash % HASH_MODULUS,
            debit: Cents::new(batch.tally.debit),
            credit: Cents::new(batch.tally.credit),
        })
    }

    /// Ends the file: control, filler, and everything to the sink, which is given back.
    ///
    /// # Errors
    /// Where a batch is open, the blocks outgrow their columns, or the sink cannot be written.
    pub fn finish(mut self) -> Result<(W, Totals), WriteError> {
        if self.batch.is_some() {
            return Err(WriteError::Order("a batch is open: end it before the file"));
        }
        let adv = self.totals.sec_codes().any(|sec| sec == SecCode::Adv);
        let layout = if adv {
            layout::FILE_CONTROL_ADV
        } else {
            layout::FILE_CONTROL
        };
        let blocks = (self.records + 1).div_ceil(BLOCK);
        if blocks > MAX_BLOCKS {
            return Err(WriteError::Full("the file has more than 999,999 blocks"));
        }
        let mut text = [b' '; WIDTH];
        let fields = [
            ("batch_count", self.batches),
            ("block_count", blocks),
            ("entry_addenda_count", self.file.count),
            ("entry_hash", self.file.hash % HASH_MODULUS),
            ("total_debit_amount", self.file.debit),
            ("total_credit_amount", self.file.credit),
        ];
        text[0] = b'9';
        put_all(&mut text, layout, &fields)?;
        self.push(&text)?;
        while !self.records.is_multiple_of(BLOCK) {
            self.push(&FILLER)?;
        }
        self.sink.write_all(&self.buffer)?;
        self.sink.flush()?;
        Ok((self.sink, self.totals))
    }

    fn push(&mut self, record: &[u8; WIDTH]) -> Result<(), WriteError> {
        self.buffer.extend_from_slice(record);
        self.buffer.extend_from_slice(self.end);
        self.records += 1;
        self.flush_full()
    }

    #[inline(always)]
    fn flush_full(&mut self) -> Result<(), WriteError> {
        if self.buffer.len() >= BUFFER {
            self.sink.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }
}

const NO_BATCH: WriteError = WriteError::Order("no batch is open: begin one first");

impl OpenBatch {
    /// Whether the entry may stand here; gives the last eight digits of its trace.
    #[inline(always)]
    fn accepts(&self, entry: &EntrySpec<'_>) -> Result<u64, WriteError> {
        let row = entry.code.row();
        self.class_fits(entry.code)?;
        if !code_fits(row, self.sec) || !(self.reversal || direction_fits(row, self.sec)) {
            return Err(WriteError::field(
                "transaction_code",
                "the entry class does not allow it",
            ));
        }
        let amount = entry.amount.get();
        let wrong = match row.purpose {
            Purpose::Live => amount == 0,
            Purpose::Prenote | Purpose::ZeroDollar | Purpose::Reserved => amount != 0,
            Purpose::ReturnOrNoc => self.sec == SecCode::Cor && amount != 0,
            Purpose::Advice => false,
        };
        if wrong {
            return Err(WriteError::field(
                "amount",
                "must be zero for prenotes, zero-dollar entries and notices, and only for them",
            ));
        }
        let limit = self.sec.rule().limit_cents;
        let live = row.purpose == Purpose::Live;
        if amount > MAX_AMOUNT || (live && amount > limit) {
            return Err(WriteError::field(
                "amount",
                "is above what the entry class allows",
            ));
        }
        if row.purpose == Purpose::ReturnOrNoc && entry.addenda.len() != 1 {
            return Err(WriteError::field(
                "addenda",
                "a return or notification of change has exactly one",
            ));
        }
        let most = usize::from(self.sec.rule().max_addenda).max(1);
        if entry.addenda.len() > most {
            return Err(WriteError::field(
                "addenda",
                "more than the entry class allows",
            ));
        }
        self.ascends(entry.trace.get())
    }

    #[inline(always)]
    fn class_fits(&self, code: TransactionCode) -> Result<(), WriteError> {
        let credit = code.direction() == Direction::Credit;
        match self.class {
            ServiceClass::Credits if !credit => Err(AGAINST_CLASS),
            ServiceClass::Debits if credit => Err(AGAINST_CLASS),
            _ => Ok(()),
        }
    }

    #[inline(always)]
    fn ascends(&self, trace: u64) -> Result<u64, WriteError> {
        let tail = trace % 100_000_000;
        if self.last_trace.is_some_and(|last| tail <= last) {
            return Err(WriteError::field(
                "trace_number",
                "must ascend in the batch",
            ));
        }
        Ok(tail)
    }
}

const AGAINST_CLASS: WriteError =
    WriteError::field("transaction_code", "goes against the batch's service class");

#[inline(always)]
fn room(tally: &Tally, most: u64, sec: SecCode) -> Result<(), WriteError> {
    if tally.count > most {
        return Err(WriteError::Full(
            "the entry and addenda count does not fit its columns",
        ));
    }
    let cents = if sec == SecCode::Adv {
        MAX_ADVICES
    } else {
        MAX_TOTAL
    };
    if tally.debit > cents || tally.credit > cents {
        return Err(WriteError::Full(
            "a total outgrows its columns: begin another file",
        ));
    }
    Ok(())
}

fn put_all(
    text: &mut [u8; WIDTH],
    layout: &Layout,
    fields: &[(&'static str, u64)],
) -> Result<(), WriteError> {
    for (name, value) in fields {
        let (from, to) = layout.columns(name);
        if !put(text.get_mut(from..to).unwrap_or(&mut []), *value) {
            return Err(WriteError::field(name, "does not fit its columns"));
        }
    }
    Ok(())
}
