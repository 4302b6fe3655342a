//! Columns of a NACHA record, as the bank reads them.

use jiff::civil::Date;

/// A record.
pub(super) type Record = [u8; 94];

/// Columns `from` to `to`, counted from 1, both included; empty where they are not ASCII.
pub(super) fn text(record: &Record, from: usize, to: usize) -> &str {
    let field = record.get(from - 1..to).unwrap_or_default();
    std::str::from_utf8(field).unwrap_or_default()
}

pub(super) fn number(record: &Record, from: usize, to: usize) -> Option<u64> {
    let field = text(record, from, to);
    let digits = !field.is_empty() && field.bytes().all(|b| b.is_ascii_digit());
    if digits { field.parse().ok() } else { None }
}

pub(super) fn yymmdd(field: &str) -> Option<Date> {
    let part = |at: usize| field.get(at..at + 2)?.parse::<i8>().ok();
    Date::new(2000 + i16::from(part(0)?), part(2)?, part(4)?).ok()
}
