//! The columns of an answer: what was there stays byte for byte, but for what is the answer's own.
//!
//! The file's two parties change places where it goes back. A batch of returns names the bank
//! that answers and its settlement day; one of changes is of class `COR`, an international one
//! `IATCOR`; a reversal says so and goes the other way. Entries have their own code, bank and
//! trace, addenda name the new trace. Nacha Rules 2013 OR126.

use crate::nacha::digits::put;
use crate::nacha::layout::{
    ADDENDA_05, ADDENDA_98, ADDENDA_98_IAT, ADDENDA_99, ADDENDA_99_IAT, BATCH_HEADER,
    BATCH_HEADER_IAT, ENTRY_IAT, ENTRY_PPD, FILE_HEADER, WIDTH,
};
use crate::nacha::ops::fits::{Answer, Answered};
use crate::nacha::records::{Addenda, BatchHeader, EntryDetail};
use jiff::civil::Date;
use settlement::codes::descriptions::REVERSAL;
use settlement::codes::transactions::TransactionCode;
use settlement::ids::{DfiId, RoutingNumber, TraceNumber};

pub(super) type Text = [u8; WIDTH];

type Columns = (usize, usize);

const DESTINATION: Columns = FILE_HEADER.columns("immediate_destination");
const ORIGIN: Columns = FILE_HEADER.columns("immediate_origin");
const DESTINATION_NAME: Columns = FILE_HEADER.columns("immediate_destination_name");
const ORIGIN_NAME: Columns = FILE_HEADER.columns("immediate_origin_name");
const REFERENCE: Columns = FILE_HEADER.columns("reference_code");

const CLASS: Columns = BATCH_HEADER.columns("service_class_code");
const SEC: Columns = BATCH_HEADER.columns("standard_entry_class_code");
const DESCRIPTION: Columns = BATCH_HEADER.columns("company_entry_description");
const EFFECTIVE: Columns = BATCH_HEADER.columns("effective_entry_date");
const SETTLED: Columns = BATCH_HEADER.columns("settlement_date_julian");
const STATUS: Columns = BATCH_HEADER.columns("originator_status_code");
const ODFI: Columns = BATCH_HEADER.columns("originating_dfi_identification");
const INDICATOR: Columns = BATCH_HEADER_IAT.columns("iat_indicator");

const CODE: Columns = ENTRY_PPD.columns("transaction_code");
const BANK: Columns = (3, 12);
const AMOUNT: Columns = ENTRY_PPD.columns("amount");
const ADDENDA: Columns = ENTRY_PPD.columns("addenda_record_indicator");
const TRACE: Columns = ENTRY_PPD.columns("trace_number");
const COUNT: Columns = ENTRY_IAT.columns("number_of_addenda_records");

const TYPE: Columns = ADDENDA_99.columns("addenda_type_code");
const REASON: Columns = ADDENDA_99.columns("return_reason_code");
const ORIGINAL: Columns = ADDENDA_99.columns("original_entry_trace_number");
const ORIGINAL_BANK: Columns = ADDENDA_99.columns("original_receiving_dfi_identification");
const FORWARD_AMOUNT: Columns = ADDENDA_99_IAT.columns("original_forward_entry_payment_amount");
const SEQUENCE: Columns = ADDENDA_05.columns("entry_detail_sequence_number");

fn number(text: &mut Text, (from, to): Columns, value: u64) {
    if let Some(columns) = text.get_mut(from..to) {
        put(columns, value);
    }
}

/// Fills columns, blanks after the value; whether it fits and is printable.
fn words(text: &mut Text, (from, to): Columns, value: &str) -> bool {
    let columns = text.get_mut(from..to).unwrap_or(&mut []);
    let Some((place, rest)) = columns.split_at_mut_checked(value.len()) else {
        return false;
    };
    place.copy_from_slice(value.as_bytes());
    rest.fill(b' ');
    value.bytes().all(|b| (0x20..0x7F).contains(&b))
}

fn copy(text: &mut Text, (from, to): Columns, of: &Text, (first, last): Columns) {
    if let (Some(place), Some(columns)) = (text.get_mut(from..to), of.get(first..last)) {
        place.copy_from_slice(columns);
    }
}

/// The header of a file on the same way as another.
pub(super) fn same_way(header: &Text) -> Text {
    let mut text = *header;
    words(&mut text, REFERENCE, "");
    text
}

/// The header of a file back to where another came from.
pub(super) fn way_back(header: &Text) -> Text {
    let mut text = same_way(header);
    for (one, other) in [(DESTINATION, ORIGIN), (DESTINATION_NAME, ORIGIN_NAME)] {
        copy(&mut text, one, header, other);
        copy(&mut text, other, header, one);
    }
    text
}

/// The header of a batch of answers: the bank that answers stands where the originating one did.
pub(super) fn answers(header: &Text, cor: bool, bank: DfiId, settlement_day: u16) -> Text {
    let mut text = *header;
    if cor {
        if header.get(SEC.0..SEC.1) == Some(b"IAT") {
            words(&mut text, INDICATOR, "IATCOR");
        }
        words(&mut text, SEC, "COR");
    }
    number(&mut text, SETTLED, u64::from(settlement_day));
    words(&mut text, STATUS, "1");
    number(&mut text, ODFI, u64::from(bank.get()));
    text
}

/// The header of a batch that takes another back.
pub(super) fn reversal(header: BatchHeader<'_>, effective: Date) -> Text {
    let mut text = *header.text();
    match header.service_class() {
        Some(220) => number(&mut text, CLASS, 225),
        Some(225) => number(&mut text, CLASS, 220),
        _ => {}
    }
    words(&mut text, DESCRIPTION, REVERSAL);
    words(
        &mut text,
        EFFECTIVE,
        &effective.strftime("%y%m%d").to_string(),
    );
    words(&mut text, SETTLED, "");
    text
}

/// Whether a batch takes entries back.
pub(super) fn is_reversal(header: BatchHeader<'_>) -> bool {
    let said = header.text().get(DESCRIPTION.0..DESCRIPTION.1);
    said.is_some_and(|said| said.trim_ascii_end() == REVERSAL.as_bytes())
}

/// The entry that takes another back.
pub(super) fn reversed(detail: EntryDetail<'_>, code: TransactionCode, trace: TraceNumber) -> Text {
    let mut text = *detail.text();
    number(&mut text, CODE, u64::from(code.get()));
    number(&mut text, TRACE, trace.get());
    text
}

/// The entry that answers another, with so many addenda.
pub(super) fn answering(
    detail: EntryDetail<'_>,
    answered: &Answered<'_>,
    trace: TraceNumber,
    addenda: usize,
) -> Text {
    let mut text = reversed(detail, answered.code, trace);
    let odfi: RoutingNumber = answered.odfi.routing_number();
    number(&mut text, BANK, u64::from(odfi.get()));
    words(&mut text, ADDENDA, "1");
    if matches!(answered.answer, Answer::Change { .. }) {
        number(&mut text, AMOUNT, 0);
    }
    if answered.iat {
        number(&mut text, COUNT, addenda as u64);
    }
    text
}

/// An addenda of another entry, naming its new one.
pub(super) fn follows(addenda: Addenda<'_>, trace: TraceNumber) -> Text {
    let mut text = *addenda.text();
    if addenda.type_code() == *b"02" {
        number(&mut text, TRACE, trace.get());
    } else {
        number(&mut text, SEQUENCE, u64::from(trace.sequence()));
    }
    text
}

/// The addenda 98 or 99 of an answer, `None` where its words do not fit.
pub(super) fn own(
    detail: EntryDetail<'_>,
    answered: &Answered<'_>,
    trace: TraceNumber,
) -> Option<Text> {
    const INFORMATION: Columns = ADDENDA_99.columns("addenda_information");
    const INFORMATION_IAT: Columns = ADDENDA_99_IAT.columns("addenda_information");
    const CORRECTED: Columns = ADDENDA_98.columns("corrected_data");
    const CORRECTED_IAT: Columns = ADDENDA_98_IAT.columns("corrected_data");
    let mut text = [b' '; WIDTH];
    words(&mut text, (0, 1), "7");
    number(&mut text, ORIGINAL, answered.original.get());
    number(&mut text, ORIGINAL_BANK, u64::from(answered.rdfi.get()));
    number(&mut text, TRACE, trace.get());
    let columns = match (answered.answer, answered.iat) {
        (Answer::Return { .. }, false) => INFORMATION,
        (Answer::Return { .. }, true) => {
            copy(&mut text, FORWARD_AMOUNT, detail.text(), AMOUNT);
            INFORMATION_IAT
        }
        (Answer::Change { .. }, false) => CORRECTED,
        (Answer::Change { .. }, true) => CORRECTED_IAT,
    };
    let (kind, code) = match answered.answer {
        Answer::Return { code, .. } => ("99", code.as_str()),
        Answer::Change { code, .. } => ("98", code.as_str()),
    };
    words(&mut text, TYPE, kind);
    words(&mut text, REASON, code);
    words(&mut text, columns, &answered.words).then_some(text)
}
