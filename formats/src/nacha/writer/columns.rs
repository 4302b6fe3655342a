//! How values become columns: texts to the left, numbers to the right, zeros before them.

use crate::nacha::digits::put;
use crate::nacha::layout::{self, Kind, Layout, WIDTH};
use crate::nacha::writer::error::WriteError;
use jiff::civil::{Date, Time};
use settlement::ids::{DfiId, TraceNumber};

/// Puts a text at the left of its columns.
#[inline(always)]
pub(super) fn text(
    record: &mut [u8; WIDTH],
    (from, to): (usize, usize),
    name: &'static str,
    value: &str,
) -> Result<(), WriteError> {
    let value = value.as_bytes();
    let Some(place) = record[from..to].get_mut(..value.len()) else {
        return Err(WriteError::field(name, "is longer than its columns"));
    };
    place.copy_from_slice(value);
    let bad = value
        .iter()
        .fold(false, |bad, b| bad | !(0x20..0x7F).contains(b));
    if bad {
        Err(WriteError::field(name, "must be printable ASCII"))
    } else {
        Ok(())
    }
}

/// Puts a number at the right of its columns, zeros before it.
pub(super) fn digits(
    record: &mut [u8; WIDTH],
    (from, to): (usize, usize),
    name: &'static str,
    value: u64,
) -> Result<(), WriteError> {
    if put(&mut record[from..to], value) {
        Ok(())
    } else {
        Err(WriteError::field(name, "does not fit its columns"))
    }
}

/// Puts a date into six columns, `YYMMDD`.
#[allow(clippy::arithmetic_side_effects, reason = "columns and their digits")]
pub(super) fn day(
    record: &mut [u8; WIDTH],
    from: usize,
    name: &'static str,
    date: Date,
) -> Result<(), WriteError> {
    let number = u64::from(date.year().rem_euclid(100).unsigned_abs()) * 10_000
        + u64::from(date.month().unsigned_abs()) * 100
        + u64::from(date.day().unsigned_abs());
    digits(record, (from, from + 6), name, number)
}

/// Puts the time of a file header into its columns, `HHMM`.
#[allow(clippy::arithmetic_side_effects, reason = "columns and their digits")]
pub(super) fn clock(record: &mut [u8; WIDTH], time: Time) -> Result<(), WriteError> {
    let (hour, minute) = (time.hour().unsigned_abs(), time.minute().unsigned_abs());
    let number = u64::from(hour) * 100 + u64::from(minute);
    digits(record, (29, 33), "file_creation_time", number)
}

/// Puts the trace of the entry that an addenda is about, and the bank that received it.
pub(super) fn original(record: &mut [u8; WIDTH], trace: TraceNumber, rdfi: DfiId) {
    put(&mut record[6..21], trace.get());
    put(&mut record[27..35], u64::from(rdfi.get()));
}

/// Puts several numbers, each into the columns of its name.
pub(super) fn put_all(
    text: &mut [u8; WIDTH],
    layout: &Layout,
    fields: &[(&'static str, u64)],
) -> Result<(), WriteError> {
    for (name, value) in fields {
        let (from, to) = layout.columns(name);
        if !put(&mut text[from..to], *value) {
            return Err(WriteError::field(name, "does not fit its columns"));
        }
    }
    Ok(())
}

/// A record from values by name; the rest is zeros where digits belong, blanks elsewhere.
#[allow(clippy::arithmetic_side_effects, reason = "columns and their digits")]
pub(super) fn named(
    layout: &'static Layout,
    values: &[(&str, &str)],
) -> Result<[u8; WIDTH], WriteError> {
    if let Some((name, _)) = values.iter().find(|(name, _)| layout.field(name).is_none()) {
        return Err(WriteError::NoField {
            layout: layout.id,
            field: (*name).to_owned(),
        });
    }
    let mut record = [b' '; WIDTH];
    for field in layout.fields {
        let columns = (field.start - 1, field.start - 1 + field.len);
        let given = values
            .iter()
            .find(|(name, _)| *name == field.name)
            .map(|(_, value)| *value);
        let mandatory = field.need == layout::Need::Mandatory;
        match (field.kind, given) {
            (Kind::Fixed(fixed), _) => text(&mut record, columns, field.name, fixed)?,
            (Kind::Digits | Kind::Cents | Kind::Dfi | Kind::Julian, Some(value)) => {
                let number = crate::nacha::digits::number(value.as_bytes())
                    .ok_or(WriteError::field(field.name, "must be digits"))?;
                digits(&mut record, columns, field.name, number)?;
            }
            (Kind::Digits | Kind::Cents | Kind::Dfi | Kind::Julian, None) if mandatory => {
                digits(&mut record, columns, field.name, 0)?;
            }
            (_, Some(value)) => text(&mut record, columns, field.name, value)?,
            (_, None) => {}
        }
    }
    Ok(record)
}
