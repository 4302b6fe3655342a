//! How values become columns: texts to the left, numbers to the right, zeros before them.

#![allow(clippy::arithmetic_side_effects)] // columns of a record

use crate::nacha::digits::put;
use crate::nacha::layout::{self, Kind, Layout, WIDTH};
use crate::nacha::writer::spec::{EntrySpec, WriteError};
use jiff::civil::Date;
use settlement::codes::transactions::Purpose;

/// Puts a text at the left of its columns.
#[inline(always)]
pub(super) fn text(
    record: &mut [u8; WIDTH],
    (from, to): (usize, usize),
    name: &'static str,
    value: &str,
) -> Result<(), WriteError> {
    let Some(columns) = record.get_mut(from..to) else {
        return Ok(());
    };
    let value = value.as_bytes();
    let Some(place) = columns.get_mut(..value.len()) else {
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

pub(super) fn digits(
    record: &mut [u8; WIDTH],
    (from, to): (usize, usize),
    name: &'static str,
    value: u64,
) -> Result<(), WriteError> {
    let fits = record
        .get_mut(from..to)
        .is_some_and(|columns| put(columns, value));
    if fits {
        Ok(())
    } else {
        Err(WriteError::field(name, "does not fit its columns"))
    }
}

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

/// Where an entry class has the name, the id and the addenda count.
#[derive(Clone, Copy)]
pub(super) struct Columns {
    id: (usize, usize),
    name: (usize, usize),
    count: Option<(usize, usize)>,
    own: bool,
}

impl Columns {
    pub fn of(layout: &'static Layout) -> Columns {
        let find = |part: &str| {
            let field = layout
                .fields
                .iter()
                .find(|f| f.start >= 40 && f.name.contains(part));
            field.map(|f| (f.start - 1, f.start - 1 + f.len))
        };
        let count = find("number_of_addenda_records");
        let swapped = layout.id == layout::ENTRY_CIE.id || layout.id == layout::ENTRY_MTE.id;
        let (id, name) = match count {
            _ if swapped => ((54, 76), (39, 54)),
            Some(_) => ((39, 54), (58, 74)),
            None => ((39, 54), (54, 76)),
        };
        let own = layout.id != layout::ENTRY_IAT.id && layout.id != layout::ENTRY_ADV.id;
        Columns {
            id,
            name,
            count,
            own,
        }
    }

    /// Fills the columns of an entry.
    #[inline(always)]
    pub fn entry(&self, record: &mut [u8; WIDTH], entry: &EntrySpec<'_>) -> Result<(), WriteError> {
        if !self.own {
            return Err(WriteError::Order(
                "international entries and advices go by Writer::record",
            ));
        }
        if entry.account.is_empty() {
            return Err(WriteError::field("dfi_account_number", "must not be empty"));
        }
        text(record, (12, 29), "dfi_account_number", entry.account)?;
        text(
            record,
            self.id,
            "individual_identification_number",
            entry.id,
        )?;
        text(record, self.name, "individual_name", entry.name)?;
        text(record, (76, 78), "discretionary_data", entry.discretionary)?;
        if let Some(count) = self.count {
            digits(
                record,
                count,
                "number_of_addenda_records",
                entry.addenda.len() as u64,
            )?;
        }
        numbers(record, entry);
        Ok(())
    }
}

impl Columns {
    /// Fills the columns of an entry that is like another, but for the receiver's own.
    pub fn like(&self, record: &mut [u8; WIDTH], entry: &EntrySpec<'_>) -> Result<(), WriteError> {
        numbers(record, entry);
        match self.count {
            Some(count) if entry.code.purpose() != Purpose::ReturnOrNoc => digits(
                record,
                count,
                "number_of_addenda_records",
                entry.addenda.len() as u64,
            ),
            _ => Ok(()),
        }
    }
}

/// The columns of an entry that are not its receiver's: code, bank, amount, indicator, trace.
#[inline(always)]
fn numbers(record: &mut [u8; WIDTH], entry: &EntrySpec<'_>) {
    record[0] = b'6';
    put(&mut record[1..3], u64::from(entry.code.get()));
    put(&mut record[3..12], u64::from(entry.rdfi.get()));
    put(&mut record[29..39], entry.amount.get());
    record[78] = if entry.addenda.is_empty() { b'0' } else { b'1' };
    put(&mut record[79..94], entry.trace.get());
}

/// A record from values by name; the rest is zeros where digits belong, blanks elsewhere.
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
