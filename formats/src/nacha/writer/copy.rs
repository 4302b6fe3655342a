//! Records that were read before and go into another file as they are: merged, split, answered.
//!
//! The columns are kept byte for byte; only what the new file decides is written over them: the
//! file's date, time and modifier, the batch's number. Counting and checking are the writer's own.

use crate::nacha::check::{Batch, Tally};
use crate::nacha::digits::{number, word};
use crate::nacha::layout::{self, WIDTH};
use crate::nacha::writer::batch::{MAX_BATCH_COUNT, OpenBatch, room};
use crate::nacha::writer::columns::{clock, day, digits};
use crate::nacha::writer::entry::Columns;
use crate::nacha::writer::error::{NO_BATCH, WriteError};
use crate::nacha::writer::file::{MAX_BATCHES, Writer};
use crate::nacha::writer::spec::{ServiceClass, WriterOptions};
use jiff::civil::{Date, Time};
use settlement::codes::descriptions::REVERSAL;
use settlement::codes::sec::SecCode;
use settlement::codes::transactions::TransactionCode;
use settlement::ids::{Direction, FILE_ID_MODIFIERS};
use std::io::Write;

impl<W: Write> Writer<W> {
    /// Begins a file whose header is another's, but for when it is made and its modifier.
    pub(crate) fn like(
        sink: W,
        header: &[u8; WIDTH],
        made: Option<(Date, Time)>,
        modifier: u8,
        options: WriterOptions,
    ) -> Result<Writer<W>, WriteError> {
        if !FILE_ID_MODIFIERS.contains(&modifier) {
            return Err(WriteError::field("file_id_modifier", "must be A-Z or 0-9"));
        }
        let mut text = *header;
        if let Some((date, time)) = made {
            day(&mut text, 23, "file_creation_date", date)?;
            clock(&mut text, time)?;
        }
        text[33] = modifier;
        let mut writer = Writer::empty(sink, options);
        writer.push(&text)?;
        Ok(writer)
    }

    /// Begins a batch with a header that was read or made, under another number.
    #[allow(clippy::arithmetic_side_effects, reason = "held against its columns")]
    pub(crate) fn begin_like(
        &mut self,
        header: &[u8; WIDTH],
        batch_number: u32,
    ) -> Result<(), WriteError> {
        if self.batch.is_some() {
            return Err(WriteError::Order(
                "a batch is open: end it before the next one",
            ));
        }
        if self.last_number.is_some_and(|last| batch_number <= last) {
            return Err(WriteError::field("batch_number", "must ascend in the file"));
        }
        if self.batches >= MAX_BATCHES {
            return Err(WriteError::Full("the file has 999,999 batches"));
        }
        let mut text = *header;
        digits(&mut text, (87, 94), "batch_number", u64::from(batch_number))?;
        let sec = SecCode::from_bytes(&text[50..53]).ok_or(WriteError::field(
            "standard_entry_class_code",
            "must be one of the 23",
        ))?;
        let class = match &text[1..4] {
            b"200" => ServiceClass::Mixed,
            b"220" => ServiceClass::Credits,
            b"225" => ServiceClass::Debits,
            b"280" => ServiceClass::Advices,
            _ => {
                return Err(WriteError::field(
                    "service_class_code",
                    "is not in the table",
                ));
            }
        };
        let mut open = OpenBatch {
            sec,
            class,
            tally: Tally::default(),
            company_id: [b' '; 10],
            tail: [b' '; 15],
            odfi: word(&text, 79),
            number: batch_number,
            last_trace: None,
            entries: 0,
            reversal: text[53..63].trim_ascii_end() == REVERSAL.as_bytes(),
            columns: Columns::of(Batch::entry_layout(sec)),
        };
        open.company_id.copy_from_slice(&text[40..50]);
        open.tail.copy_from_slice(&text[79..94]);
        self.push(&text)?;
        self.last_number = Some(batch_number);
        self.batches += 1;
        self.batch = Some(open);
        Ok(())
    }

    /// Writes an entry and its addenda as they are.
    pub(crate) fn copy<'a>(
        &mut self,
        text: &[u8; WIDTH],
        addenda: impl Iterator<Item = &'a [u8; WIDTH]>,
    ) -> Result<(), WriteError> {
        let begun = self.buffer.len();
        let copied = self.copied(text, addenda);
        if copied.is_err() {
            self.buffer.truncate(begun);
        }
        copied?;
        self.flush_full()
    }

    #[allow(clippy::arithmetic_side_effects, reason = "held against its columns")]
    fn copied<'a>(
        &mut self,
        text: &[u8; WIDTH],
        addenda: impl Iterator<Item = &'a [u8; WIDTH]>,
    ) -> Result<(), WriteError> {
        let batch = self.batch.as_mut().ok_or(NO_BATCH)?;
        let code = TransactionCode::from_bytes(&text[1..3])
            .ok_or(WriteError::field("transaction_code", "is not in the table"))?;
        batch.class_fits(code)?;
        let advice = batch.sec == SecCode::Adv;
        let (amount, trace) = if advice {
            (layout::ENTRY_ADV.columns("amount"), None)
        } else {
            let own = number(&text[79..94]).ok_or(WriteError::field("trace_number", "digits"))?;
            if word(text, 79) != batch.odfi {
                return Err(WriteError::field(
                    "trace_number",
                    "must begin with the batch's originating bank",
                ));
            }
            (
                layout::ENTRY_PPD.columns("amount"),
                Some(batch.ascends(own)?),
            )
        };
        let amount = text.get(amount.0..amount.1).and_then(number);
        let amount = amount.ok_or(WriteError::field("amount", "must be digits"))?;
        let mut tally = batch.tally;
        let credit = code.direction() == Direction::Credit;
        let bad = WriteError::field("receiving_dfi_identification", "must be digits");
        let rdfi = number(&text[3..11]).ok_or(bad)?;
        tally.entry(rdfi, amount, credit);
        self.buffer.extend_from_slice(text);
        self.buffer.extend_from_slice(self.end);
        let mut records = 1;
        for record in addenda {
            self.buffer.extend_from_slice(record);
            self.buffer.extend_from_slice(self.end);
            records += 1;
        }
        tally.count += records - 1;
        room(&tally, MAX_BATCH_COUNT, batch.sec)?;
        self.records += records;
        batch.tally = tally;
        batch.last_trace = trace.or(batch.last_trace);
        batch.entries += 1;
        Ok(())
    }
}
