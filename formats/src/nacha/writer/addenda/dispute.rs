//! Addenda of returns that are disputed: dishonored by the bank of the original entry, contested
//! by the bank that returned it. They carry the older reasons as two digits. Nacha Rules 2013
//! OR147-OR184.

use crate::nacha::digits::put;
use crate::nacha::layout::{ADDENDA_99_CONTESTED as C, ADDENDA_99_DISHONORED as D, WIDTH};
use crate::nacha::writer::columns::{day, digits, original, text};
use crate::nacha::writer::error::WriteError;
use crate::nacha::writer::spec::{AddendaSpec, Earlier, EntrySpec};
use settlement::codes::returns::ReturnCode;
use settlement::codes::sec::SecCode;
use settlement::exact::Exact;

/// The record of a dishonored or contested return.
pub(super) fn record(
    spec: &AddendaSpec<'_>,
    sec: SecCode,
    entry: &EntrySpec<'_>,
) -> Result<[u8; WIDTH], WriteError> {
    if matches!(sec, SecCode::Iat | SecCode::Cor | SecCode::Adv) {
        let why = "returns of the entry class are not disputed";
        return Err(WriteError::field("addenda", why));
    }
    let mut record = [b' '; WIDTH];
    record[0] = b'7';
    text(&mut record, (1, 3), "addenda_type_code", "99")?;
    match *spec {
        AddendaSpec::Dishonored {
            code,
            original_trace,
            original_rdfi,
            returned,
            information,
        } => {
            reason(&mut record, "dishonored_return_reason_code", code, 61..=70)?;
            original(&mut record, original_trace, original_rdfi);
            earlier(&mut record, (38, 53, 56), returned)?;
            let name = "addenda_information";
            if information.is_empty() && code.as_str() == "R69" {
                return Err(WriteError::field(name, "R69 must name the wrong fields"));
            }
            text(&mut record, D.columns(name), name, information)?;
        }
        AddendaSpec::Contested {
            code,
            original_trace,
            original_rdfi,
            timely,
            returned,
            dishonored,
        } => {
            reason(
                &mut record,
                "contested_dishonored_return_reason_code",
                code,
                71..=77,
            )?;
            original(&mut record, original_trace, original_rdfi);
            let name = "original_settlement_date";
            match timely {
                Some((date, settled)) => {
                    day(&mut record, 21, "date_original_entry_returned", date)?;
                    digits(&mut record, C.columns(name), name, u64::from(settled))?;
                }
                None if code.as_str() == "R73" => {
                    return Err(WriteError::field(name, "R73 must say when it was returned"));
                }
                None => {}
            }
            earlier(&mut record, (38, 53, 56), returned)?;
            earlier(&mut record, (58, 73, 76), dishonored)?;
        }
        _ => return Err(WriteError::Order("not the addenda of a dispute")),
    }
    put(&mut record[79..94], entry.trace.get());
    Ok(record)
}

fn reason(
    record: &mut [u8; WIDTH],
    name: &'static str,
    code: ReturnCode,
    numbers: std::ops::RangeInclusive<u64>,
) -> Result<(), WriteError> {
    if !numbers.contains(&two_digits(code)) {
        return Err(WriteError::field(
            name,
            "the reason belongs to another kind of return",
        ));
    }
    text(record, (3, 6), name, code.as_str())
}

/// Trace, settlement day and reason of what came before, from their first columns.
fn earlier(
    record: &mut [u8; WIDTH],
    (trace, settled, reason): (usize, usize, usize),
    earlier: Earlier,
) -> Result<(), WriteError> {
    let (settlement, code) = (u64::from(earlier.settlement_day), two_digits(earlier.code));
    digits(
        record,
        (trace, settled),
        "return_trace_number",
        earlier.trace.get(),
    )?;
    digits(
        record,
        (settled, reason),
        "return_settlement_date",
        settlement,
    )?;
    digits(record, (reason, reason.plus(2)), "return_reason_code", code)
}

fn two_digits(code: ReturnCode) -> u64 {
    code.as_str()
        .get(1..)
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests;
