//! Where an entry's columns are, which differs between entry classes.

use crate::nacha::digits::put;
use crate::nacha::layout::{self, Layout, WIDTH};
use crate::nacha::writer::columns::{digits, text};
use crate::nacha::writer::error::WriteError;
use crate::nacha::writer::spec::EntrySpec;
use settlement::codes::transactions::Purpose;

/// Where an entry class has the name, the id and the addenda count.
#[derive(Clone, Copy)]
pub(super) struct Columns {
    id: (usize, usize),
    name: (usize, usize),
    count: Option<(usize, usize)>,
    own: bool,
}

impl Columns {
    #[allow(clippy::arithmetic_side_effects, reason = "columns of a record")]
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
    // An amount of more than ten digits stays out of its columns here; `OpenBatch::accepts`
    // refuses the entry before anything of it is written.
    put(&mut record[29..39], entry.amount.get());
    record[78] = if entry.addenda.is_empty() { b'0' } else { b'1' };
    put(&mut record[79..94], entry.trace.get());
}
