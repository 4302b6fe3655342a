//! The file of answers, begun with the first of them, a batch for each run of answers that
//! belong together.

mod international;

use super::super::Totals;
use super::super::layout;
use super::super::reader::Entry;
use super::super::records::{BatchHeader, FileHeader, date};
use super::super::writer::{
    AddendaSpec, BatchSpec, EntrySpec, FileSpec, ServiceClass, Writer, WriterOptions,
};
use super::answer::{Answer, OpError};
use jiff::civil::{Date, Time};
use settlement::codes::descriptions::REVERSAL;
use settlement::codes::sec::SecCode;
use settlement::codes::transactions::TransactionCode;
use settlement::ids::{DfiId, RoutingNumber, TraceNumber};
use settlement::money::Cents;
use std::io::Write;

/// Which file the answers go into: a new header's date, time and modifier.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewFile {
    pub date: Date,
    pub time: Time,
    pub modifier: u8,
}

/// Who the answered file was from and for.
pub(super) struct Names {
    destination: String,
    origin: String,
    destination_name: String,
    origin_name: String,
}

impl Names {
    pub fn of(header: FileHeader<'_>) -> Names {
        Names {
            destination: header.immediate_destination().into_owned(),
            origin: header.immediate_origin().into_owned(),
            destination_name: header.words("immediate_destination_name").into_owned(),
            origin_name: header.words("immediate_origin_name").into_owned(),
        }
    }
}

/// The file of answers, begun with the first.
pub(super) struct Out<W: Write> {
    sink: Option<W>,
    writer: Option<Writer<W>>,
    pub header: Option<Names>,
    new: NewFile,
    open: Option<Group>,
    number: u32,
    last: u64,
}

/// What the entries of one batch of answers have in common.
#[derive(Clone, PartialEq, Eq)]
struct Group {
    header: [u8; layout::WIDTH],
    bank: DfiId,
    cor: bool,
}

impl<W: Write> Out<W> {
    pub fn new(sink: W, new: NewFile) -> Out<W> {
        Out {
            sink: Some(sink),
            writer: None,
            header: None,
            new,
            open: None,
            number: 0,
            last: 0,
        }
    }

    pub fn answer(
        &mut self,
        entry: &Entry<'_>,
        answer: &Answer,
        rdfi: DfiId,
        trace: TraceNumber,
        settlement_day: u16,
    ) -> Result<(), OpError> {
        let line = entry.place.line;
        let bad = |why| OpError::Entry { line, why };
        let detail = entry.detail;
        let code = detail
            .transaction_code()
            .and_then(TransactionCode::return_code);
        let code = code.ok_or(bad("the transaction code has no return code"))?;
        let original = detail.trace().ok_or(bad("the trace is unreadable"))?;
        let odfi = entry
            .batch()
            .odfi()
            .ok_or(bad("the originating bank is unreadable"))?;
        if detail.layout().id == layout::ENTRY_IAT.id {
            let codes = (code, original, trace);
            return self.answer_iat(entry, answer, (rdfi, odfi), codes, settlement_day);
        }
        let cor = matches!(answer, Answer::Change { .. });
        let group = Group {
            header: *entry.batch().text(),
            bank: rdfi,
            cor,
        };
        if self.open.as_ref() != Some(&group) {
            self.end_batch()?;
            let sec = if cor { Some(SecCode::Cor) } else { entry.sec() };
            let sec = sec.ok_or(bad("the entry class is unknown"))?;
            self.begin(entry.batch(), (sec, rdfi, line), Some(settlement_day), None)?;
            self.open = Some(group);
        }
        let addenda = match answer {
            Answer::Return { code, information } => AddendaSpec::Return {
                code: *code,
                original_trace: original,
                original_rdfi: rdfi,
                date_of_death: None,
                information,
            },
            Answer::Change {
                code,
                corrected_data,
            } => AddendaSpec::Noc {
                code,
                original_trace: original,
                original_rdfi: rdfi,
                corrected_data,
            },
        };
        let amount = if cor {
            Cents::ZERO
        } else {
            detail.amount().unwrap_or(Cents::ZERO)
        };
        self.entry(
            entry,
            (code, odfi.routing_number(), amount),
            trace,
            &[addenda],
        )
    }

    pub fn reversal(
        &mut self,
        entry: &Entry<'_>,
        code: TransactionCode,
        odfi: DfiId,
        trace: TraceNumber,
        effective: Date,
    ) -> Result<(), OpError> {
        let line = entry.place.line;
        let bad = |why| OpError::Entry { line, why };
        if entry.detail.layout().id == layout::ENTRY_IAT.id {
            return self.reverse_iat(entry, code, (odfi, trace), effective);
        }
        if self.open.is_none() {
            let sec = entry.sec().ok_or(bad("the entry class is unknown"))?;
            self.begin(entry.batch(), (sec, odfi, line), None, Some(effective))?;
            self.open = Some(Group {
                header: *entry.batch().text(),
                bank: odfi,
                cor: false,
            });
        }
        let rdfi = entry
            .detail
            .rdfi()
            .ok_or(bad("the receiving bank is unreadable"))?;
        let amount = entry
            .detail
            .amount()
            .ok_or(bad("the amount is unreadable"))?;
        self.entry(entry, (code, rdfi.routing_number(), amount), trace, &[])
    }

    fn entry(
        &mut self,
        entry: &Entry<'_>,
        (code, rdfi, amount): (TransactionCode, RoutingNumber, Cents),
        trace: TraceNumber,
        addenda: &[AddendaSpec<'_>],
    ) -> Result<(), OpError> {
        let detail = entry.detail;
        let mut text = *detail.text();
        let line = entry.place.line;
        let writer = self.writer.as_mut().ok_or(OpError::Entry {
            line,
            why: "no file",
        })?;
        // What is not the answer's own stays as it was, column by column.
        text[0] = b'6';
        let spec = EntrySpec {
            code,
            rdfi,
            account: "0",
            amount,
            id: "",
            name: "",
            discretionary: "",
            trace,
            addenda,
        };
        writer
            .entry_like(&spec, &text)
            .map_err(|error| OpError::Write { line, error })
    }

    /// Begins the file, back to where the answered one came from or on the same way.
    fn begin_file(&mut self, line: u64, back: bool) -> Result<(), OpError> {
        let names = self.header.as_ref();
        let names = names.ok_or(OpError::Entry {
            line,
            why: "the file has no header",
        })?;
        let Some(sink) = self.sink.take() else {
            return Ok(());
        };
        let file = FileSpec {
            destination: if back {
                &names.origin
            } else {
                &names.destination
            },
            origin: if back {
                &names.destination
            } else {
                &names.origin
            },
            date: self.new.date,
            time: self.new.time,
            modifier: self.new.modifier,
            destination_name: if back {
                &names.origin_name
            } else {
                &names.destination_name
            },
            origin_name: if back {
                &names.destination_name
            } else {
                &names.origin_name
            },
            reference: "",
        };
        self.writer = Some(
            Writer::new(sink, &file, WriterOptions::default())
                .map_err(|error| OpError::Write { line, error })?,
        );
        Ok(())
    }

    /// Begins a batch like the one that is answered.
    fn begin(
        &mut self,
        like: BatchHeader<'_>,
        (sec, bank, line): (SecCode, DfiId, u64),
        settlement_day: Option<u16>,
        reversal: Option<Date>,
    ) -> Result<(), OpError> {
        let wrap = |error| OpError::Write { line, error };
        if self.writer.is_none() {
            self.begin_file(line, reversal.is_none())?;
        }
        self.number = self.number.saturating_add(1);
        let class = match (like.service_class(), reversal) {
            (Some(220), None) => ServiceClass::Credits,
            (Some(225), None) => ServiceClass::Debits,
            (Some(220), Some(_)) => ServiceClass::Debits,
            (Some(225), Some(_)) => ServiceClass::Credits,
            _ => ServiceClass::Mixed,
        };
        let effective = like.field("effective_entry_date").and_then(date);
        let (name, extra) = (
            like.words("company_name"),
            like.words("company_discretionary_data"),
        );
        let (id, said) = (like.company_id(), like.description());
        let dates = like.words("company_descriptive_date");
        let spec = BatchSpec {
            service_class: class,
            company_name: &name,
            discretionary_data: &extra,
            company_id: &id,
            sec,
            description: if reversal.is_some() { REVERSAL } else { &said },
            descriptive_date: &dates,
            effective_date: reversal.or(effective).or(Some(self.new.date)),
            settlement_day,
            originator_status: b'1',
            odfi: bank,
            number: self.number,
        };
        match self.writer.as_mut() {
            Some(writer) => writer.begin_batch(&spec).map_err(wrap),
            None => Ok(()),
        }
    }

    pub fn end_batch(&mut self) -> Result<(), OpError> {
        if self.open.take().is_some()
            && let Some(writer) = self.writer.as_mut()
        {
            writer.end_batch().map_err(|error| OpError::Write {
                line: self.last,
                error,
            })?;
        }
        Ok(())
    }

    pub fn finish(mut self) -> Result<Option<(W, Totals)>, OpError> {
        self.end_batch()?;
        match self.writer {
            Some(writer) => {
                let done = writer
                    .finish()
                    .map_err(|error| OpError::Write { line: 0, error })?;
                Ok(Some(done))
            }
            None => Ok(None),
        }
    }
}
