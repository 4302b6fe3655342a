//! The file that is being written: header, batches, control, filler, and the bytes on their way.

use crate::nacha::check::{HASH_MODULUS, Tally, Totals};
use crate::nacha::digits::{number, word};
use crate::nacha::layout::{self, Layout, WIDTH};
use crate::nacha::writer::batch::{MAX_BATCH_COUNT, MAX_FILE_COUNT, OUTGROWN, OpenBatch, room};
use crate::nacha::writer::columns::{named, put_all};
use crate::nacha::writer::entry::Columns;
use crate::nacha::writer::error::{NO_BATCH, WriteError};
use crate::nacha::writer::spec::{BatchSpec, EntrySpec, FileSpec, WriterOptions, WrittenBatch};
use settlement::codes::descriptions::REVERSAL;
use settlement::codes::sec::SecCode;
use settlement::codes::transactions::TransactionCode;
use settlement::ids::Direction;
use std::io::Write;

/// A record of nines.
const FILLER: [u8; WIDTH] = [b'9'; WIDTH];
/// Records to a block.
const BLOCK: u64 = 10;
/// How much is gathered before it goes to the sink.
const BUFFER: usize = 64 * 1024;
const MAX_BLOCKS: u64 = 999_999;
pub(super) const MAX_BATCHES: u64 = 999_999;

/// Writes one file to any sink; the bytes are the same for the same calls.
///
/// A refused call says which field and why, and leaves the file as it was:
///
/// ```
/// use formats::nacha::{FileSpec, WriteError, Writer, WriterOptions};
///
/// let file = FileSpec {
///     destination: "076401251",
///     origin: "056005075",
///     date: jiff::civil::date(2026, 11, 23),
///     time: jiff::civil::time(6, 0, 0, 0),
///     modifier: b'a',
///     destination_name: "SAMPLE DEST BANK",
///     origin_name: "SAMPLE ORIGIN BANK",
///     reference: "",
/// };
/// let refused = Writer::new(Vec::new(), &file, WriterOptions::default()).err();
/// let refused = refused.map(|error| error.to_string());
/// assert_eq!(refused.as_deref(), Some("file_id_modifier: must be A-Z or 0-9"));
///
/// let file = FileSpec { modifier: b'A', ..file };
/// let mut writer = Writer::new(Vec::new(), &file, WriterOptions::default())?;
/// assert!(matches!(writer.end_batch(), Err(WriteError::Order(_))));
/// let (bytes, _) = writer.finish()?;
/// assert_eq!(bytes.len(), 10 * 95, "a header, a control, and nines to the end of the block");
/// # Ok::<(), WriteError>(())
/// ```
pub struct Writer<W: Write> {
    pub(super) sink: W,
    pub(super) buffer: Vec<u8>,
    /// Bytes that went to the sink before those of the buffer.
    sent: u64,
    pub(super) end: &'static [u8],
    pub(super) file: Tally,
    pub(super) batches: u64,
    pub(super) records: u64,
    pub(super) last_number: Option<u32>,
    pub(super) batch: Option<OpenBatch>,
    pub(super) totals: Totals,
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

    #[allow(clippy::arithmetic_side_effects, reason = "held against its columns")]
    pub(super) fn empty(sink: W, options: WriterOptions) -> Writer<W> {
        Writer {
            sink,
            buffer: Vec::with_capacity(BUFFER + 4 * WIDTH),
            sent: 0,
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
    #[allow(clippy::arithmetic_side_effects, reason = "held against its columns")]
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
            columns: Columns::of(layout),
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
    #[allow(clippy::arithmetic_side_effects, reason = "held against its columns")]
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
    #[allow(clippy::arithmetic_side_effects, reason = "held against its columns")]
    pub fn record(
        &mut self,
        layout: &'static Layout,
        values: &[(&str, &str)],
    ) -> Result<(), WriteError> {
        let batch = self.batch.as_mut().ok_or(NO_BATCH)?;
        let text = named(layout, values)?;
        let mut tally = batch.tally;
        let (mut entries, mut last_trace) = (batch.entries, batch.last_trace);
        match text[0] {
            b'6' => {
                let given = |name: &'static str| {
                    let digits = number(layout.value(name, &text));
                    digits.ok_or(WriteError::field(name, "must be digits"))
                };
                let bad = WriteError::field("receiving_dfi_identification", "must be digits");
                let rdfi = number(&text[3..11]).ok_or(bad)?;
                let code = TransactionCode::from_bytes(&text[1..3])
                    .ok_or(WriteError::field("transaction_code", "is not in the table"))?;
                batch.class_fits(code)?;
                let credit = code.direction() == Direction::Credit;
                tally.entry(rdfi, given("amount")?, credit);
                if layout.field("trace_number").is_some() {
                    last_trace = Some(batch.ascends(given("trace_number")?)?);
                }
                entries += 1;
            }
            b'7' => tally.count_record(),
            _ => {
                return Err(WriteError::Order(
                    "only entries and addenda stand in a batch",
                ));
            }
        }
        room(&tally, MAX_BATCH_COUNT, batch.sec)?;
        (batch.tally, batch.entries, batch.last_trace) = (tally, entries, last_trace);
        self.push(&text)
    }

    /// Ends the batch.
    ///
    /// # Errors
    /// Where no batch is open, it has no entry, the file's totals outgrow their columns, or the
    /// sink cannot be written.
    pub fn end_batch(&mut self) -> Result<WrittenBatch, WriteError> {
        let batch = self.batch.as_ref().ok_or(NO_BATCH)?;
        if batch.tally.count == 0 {
            return Err(WriteError::Order("the batch has no entry"));
        }
        let mut file = self.file;
        if !file.add(&batch.tally) {
            return Err(OUTGROWN);
        }
        room(&file, MAX_FILE_COUNT, batch.sec)?;
        let (control, written) = (batch.control()?, batch.written());
        self.totals.wrote(&batch.tally, batch.entries, batch.sec);
        self.file = file;
        self.batch = None;
        self.push(&control)?;
        Ok(written)
    }

    /// Ends the file: control, filler, and everything to the sink, which is given back.
    ///
    /// # Errors
    /// Where a batch is open, the blocks outgrow their columns, or the sink cannot be written.
    #[allow(clippy::arithmetic_side_effects, reason = "held against its columns")]
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
        assert_eq!(
            self.records,
            blocks * BLOCK,
            "the blocks are as many as the control says"
        );
        self.flush()?;
        let record = (WIDTH + self.end.len()) as u64;
        assert_eq!(
            self.sent,
            self.records * record,
            "a record is 94 columns and its end"
        );
        self.sink.flush()?;
        Ok((self.sink, self.totals))
    }

    #[allow(clippy::arithmetic_side_effects, reason = "held against its columns")]
    pub(super) fn push(&mut self, record: &[u8; WIDTH]) -> Result<(), WriteError> {
        self.buffer.extend_from_slice(record);
        self.buffer.extend_from_slice(self.end);
        self.records += 1;
        self.flush_full()
    }

    #[inline(always)]
    pub(super) fn flush_full(&mut self) -> Result<(), WriteError> {
        if self.buffer.len() >= BUFFER {
            self.flush()?;
        }
        Ok(())
    }

    #[allow(clippy::arithmetic_side_effects, reason = "held against its columns")]
    fn flush(&mut self) -> Result<(), WriteError> {
        self.sink.write_all(&self.buffer)?;
        self.sent += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nacha::validate;
    use crate::nacha::writer::ServiceClass;
    use jiff::civil::{date, time};
    use settlement::ids::{DfiId, TraceNumber};
    use settlement::money::Cents;
    use settlement::payment::AccountKind;

    const FILE: FileSpec<'static> = FileSpec {
        destination: "056005075",
        origin: "076401251",
        date: date(2026, 11, 23),
        time: time(6, 0, 0, 0),
        modifier: b'A',
        destination_name: "SAMPLE DEST BANK",
        origin_name: "SAMPLE ORIGIN BANK",
        reference: "",
    };

    fn batch(odfi: DfiId) -> BatchSpec<'static> {
        BatchSpec {
            service_class: ServiceClass::Credits,
            company_name: "SAMPLE CO",
            discretionary_data: "",
            company_id: "1123456789",
            sec: SecCode::Ppd,
            description: "PAYROLL",
            descriptive_date: "",
            effective_date: Some(date(2026, 11, 24)),
            settlement_day: None,
            originator_status: b'1',
            odfi,
            number: 1,
        }
    }

    #[test]
    fn a_refused_call_leaves_the_file_as_it_was() {
        let odfi = DfiId::new(7_640_125).unwrap();
        let entry = |sequence, cents| EntrySpec {
            code: TransactionCode::live(AccountKind::Checking, Direction::Credit),
            rdfi: "056005075".parse().unwrap(),
            account: "123456789",
            amount: Cents::new(cents),
            id: "EMP0001",
            name: "ADA EXAMPLE",
            discretionary: "",
            trace: TraceNumber::new(odfi, sequence).unwrap(),
            addenda: &[],
        };
        let mut bytes = Vec::new();
        for refusals in [false, true] {
            let mut writer = Writer::new(Vec::new(), &FILE, WriterOptions::default()).unwrap();
            writer.begin_batch(&batch(odfi)).unwrap();
            if refusals {
                assert!(writer.begin_batch(&batch(odfi)).is_err(), "one is open");
                assert!(writer.end_batch().is_err(), "it has no entry");
                assert!(writer.entry(&entry(1, 0)).is_err(), "no money");
                let named = [("transaction_code", "22"), ("amount", "1234567890123")];
                assert!(writer.record(layout::ENTRY_PPD, &named).is_err());
            }
            writer.entry(&entry(1, 125_000)).unwrap();
            if refusals {
                assert!(writer.entry(&entry(1, 5)).is_err(), "the trace is used");
            }
            assert_eq!(writer.end_batch().unwrap().credit, Cents::new(125_000));
            let (file, totals) = writer.finish().unwrap();
            assert_eq!((totals.batches, totals.entries), (1, 1));
            assert!(validate(&file[..]).unwrap().findings.ok());
            bytes.push(file);
        }
        assert_eq!(bytes[0], bytes[1]);
    }
}
