//! International entries (IAT) go back and are taken back with their seven addenda.
//!
//! A return carries the addenda 10 to 16 of the forward entry and a 99 of its own, which names
//! the forward amount; a notification of change stands in a batch `IATCOR` of class COR and
//! carries a 98 alone; a reversal carries all addenda. The addenda name their new entry.

#![allow(clippy::arithmetic_side_effects)] // columns of a record

use super::super::super::digits::put;
use super::super::super::layout::{ADDENDA_98_IAT, ADDENDA_99_IAT, BATCH_HEADER_IAT, ENTRY_IAT};
use super::super::super::layout::{Field, Layout, WIDTH};
use super::super::super::reader::Entry;
use super::super::answer::{Answer, OpError};
use super::{Group, Out};
use jiff::civil::Date;
use settlement::codes::descriptions::REVERSAL;
use settlement::codes::transactions::TransactionCode;
use settlement::ids::{DfiId, Direction, TraceNumber};
use std::io::Write;

type Text = [u8; WIDTH];

/// The batch header of an answer: the bank that answers stands where the originating one did.
fn answered_header(entry: &Entry<'_>, cor: bool, settlement_day: u16, rdfi: DfiId) -> Text {
    let mut header = *entry.batch().text();
    let day = u64::from(settlement_day);
    if cor {
        words(&mut header, BATCH_HEADER_IAT, "iat_indicator", "IATCOR");
        words(
            &mut header,
            BATCH_HEADER_IAT,
            "standard_entry_class_code",
            "COR",
        );
    }
    let bank = u64::from(rdfi.get());
    digits(&mut header, BATCH_HEADER_IAT, "settlement_date_julian", day);
    words(&mut header, BATCH_HEADER_IAT, "originator_status_code", "1");
    digits(
        &mut header,
        BATCH_HEADER_IAT,
        "go_or_originating_dfi_identification",
        bank,
    );
    header
}

impl<W: Write> Out<W> {
    /// Answers an international entry.
    pub fn answer_iat(
        &mut self,
        entry: &Entry<'_>,
        answer: &Answer,
        (rdfi, odfi): (DfiId, DfiId),
        (code, original, trace): (TransactionCode, TraceNumber, TraceNumber),
        settlement_day: u16,
    ) -> Result<(), OpError> {
        let line = entry.place.line;
        let bad = |why| OpError::Entry { line, why };
        let cor = matches!(answer, Answer::Change { .. });
        let header = answered_header(entry, cor, settlement_day, rdfi);
        let mut detail = *entry.detail.text();
        let amount = entry.detail.amount().map_or(0, |amount| amount.get());
        numbers(&mut detail, code, trace);
        put(&mut detail[3..12], u64::from(odfi.routing_number().get()));
        let (mut addenda, own) = match answer {
            Answer::Return { code, information } => {
                let mut own = record(ADDENDA_99_IAT, original, rdfi, trace);
                words(
                    &mut own,
                    ADDENDA_99_IAT,
                    "return_reason_code",
                    code.as_str(),
                );
                digits(
                    &mut own,
                    ADDENDA_99_IAT,
                    "original_forward_entry_payment_amount",
                    amount,
                );
                let fits = words(&mut own, ADDENDA_99_IAT, "addenda_information", information);
                fits.ok_or(bad(
                    "the information is longer than 34 columns or not ASCII",
                ))?;
                (forward(entry, trace, 16), own)
            }
            Answer::Change {
                code,
                corrected_data,
            } => {
                digits(&mut detail, ENTRY_IAT, "amount", 0);
                let mut own = record(ADDENDA_98_IAT, original, rdfi, trace);
                words(&mut own, ADDENDA_98_IAT, "change_code", code);
                let fits = words(&mut own, ADDENDA_98_IAT, "corrected_data", corrected_data);
                fits.ok_or(bad(
                    "the corrected data are longer than 35 columns or not ASCII",
                ))?;
                (Vec::new(), own)
            }
        };
        addenda.push(own);
        let count = addenda.len() as u64;
        digits(&mut detail, ENTRY_IAT, "number_of_addenda_records", count);
        let group = Group {
            header: *entry.batch().text(),
            bank: rdfi,
            cor,
        };
        self.put(line, (group, &header, true), (&detail, &addenda))
    }

    /// Takes an international entry back.
    pub fn reverse_iat(
        &mut self,
        entry: &Entry<'_>,
        code: TransactionCode,
        (odfi, trace): (DfiId, TraceNumber),
        effective: Date,
    ) -> Result<(), OpError> {
        let mut header = *entry.batch().text();
        let class = match header.get(1..4) {
            Some(b"200") => "200",
            _ if code.direction() == Direction::Credit => "220",
            _ => "225",
        };
        words(&mut header, BATCH_HEADER_IAT, "service_class_code", class);
        words(
            &mut header,
            BATCH_HEADER_IAT,
            "company_entry_description",
            REVERSAL,
        );
        let date = effective.strftime("%y%m%d").to_string();
        words(&mut header, BATCH_HEADER_IAT, "effective_entry_date", &date);
        words(&mut header, BATCH_HEADER_IAT, "settlement_date_julian", "");
        let mut detail = *entry.detail.text();
        numbers(&mut detail, code, trace);
        let addenda = forward(entry, trace, 18);
        let group = Group {
            header: *entry.batch().text(),
            bank: odfi,
            cor: false,
        };
        self.put(
            entry.place.line,
            (group, &header, false),
            (&detail, &addenda),
        )
    }

    /// Writes the entry into its group's batch, which begins where another was open.
    fn put(
        &mut self,
        line: u64,
        (group, header, back): (Group, &Text, bool),
        (detail, addenda): (&Text, &[Text]),
    ) -> Result<(), OpError> {
        let wrap = |error| OpError::Write { line, error };
        let begins = self.open.as_ref() != Some(&group);
        if begins {
            self.end_batch()?;
        }
        if self.writer.is_none() {
            self.begin_file(line, back)?;
        }
        let Some(writer) = self.writer.as_mut() else {
            return Ok(());
        };
        if begins {
            self.number = self.number.saturating_add(1);
            writer.begin_like(header, self.number).map_err(wrap)?;
            self.open = Some(group);
        }
        writer.copy(detail, addenda.iter()).map_err(wrap)
    }
}

/// The columns of an entry that are the new entry's own.
fn numbers(detail: &mut Text, code: TransactionCode, trace: TraceNumber) {
    put(&mut detail[1..3], u64::from(code.get()));
    detail[78] = b'1';
    put(&mut detail[79..94], trace.get());
}

/// The addenda 10 to `last` of an entry, naming another entry.
fn forward(entry: &Entry<'_>, trace: TraceNumber, last: u8) -> Vec<Text> {
    let mut texts = Vec::new();
    for addenda in entry.addenda() {
        let [tens, units] = addenda.type_code();
        if tens == b'1' && units <= b'0' + (last - 10) {
            let mut text = *addenda.text();
            put(&mut text[87..94], u64::from(trace.sequence()));
            texts.push(text);
        }
    }
    texts
}

/// An addenda 98 or 99 with the columns that both have.
fn record(layout: &Layout, original: TraceNumber, rdfi: DfiId, trace: TraceNumber) -> Text {
    let mut text = [b' '; WIDTH];
    let kind = if layout.id == ADDENDA_99_IAT.id {
        "99"
    } else {
        "98"
    };
    words(&mut text, layout, "record_type", "7");
    words(&mut text, layout, "addenda_type_code", kind);
    digits(
        &mut text,
        layout,
        "original_entry_trace_number",
        original.get(),
    );
    let bank = u64::from(rdfi.get());
    digits(
        &mut text,
        layout,
        "original_receiving_dfi_identification",
        bank,
    );
    digits(&mut text, layout, "trace_number", trace.get());
    text
}

fn columns<'a>(text: &'a mut Text, layout: &Layout, name: &str) -> Option<&'a mut [u8]> {
    let field: &Field = layout.field(name)?;
    text.get_mut(field.start - 1..field.start - 1 + field.len)
}

fn digits(text: &mut Text, layout: &Layout, name: &str, value: u64) {
    if let Some(columns) = columns(text, layout, name) {
        put(columns, value);
    }
}

/// Fills a field, blanks after the value; `None` where it does not fit or is not printable.
fn words(text: &mut Text, layout: &Layout, name: &str, value: &str) -> Option<()> {
    let columns = columns(text, layout, name)?;
    let (place, rest) = columns.split_at_mut_checked(value.len())?;
    place.copy_from_slice(value.as_bytes());
    rest.fill(b' ');
    value
        .bytes()
        .all(|b| (0x20..0x7F).contains(&b))
        .then_some(())
}
