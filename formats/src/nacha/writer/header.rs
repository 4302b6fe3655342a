//! File and batch headers, from what the writer is told to their columns.

use crate::nacha::check::Batch;
use crate::nacha::layout::{self, Layout, WIDTH};
use crate::nacha::writer::columns::{clock, day, digits, text};
use crate::nacha::writer::error::WriteError;
use crate::nacha::writer::spec::{BatchSpec, FileSpec};
use settlement::codes::sec::SecCode;
use settlement::ids::FILE_ID_MODIFIERS;

impl FileSpec<'_> {
    #[allow(clippy::arithmetic_side_effects, reason = "columns of a record")]
    pub(super) fn record(&self) -> Result<[u8; WIDTH], WriteError> {
        let mut record = [b' '; WIDTH];
        let place = |name: &str| layout::FILE_HEADER.columns(name);
        text(&mut record, (0, 3), "priority_code", "101")?;
        for (name, value) in [
            ("immediate_destination", self.destination),
            ("immediate_origin", self.origin),
        ] {
            if value.trim().is_empty() {
                return Err(WriteError::field(name, "must not be blank"));
            }
            let (from, to) = place(name);
            let skip = usize::from(value.len() == 9);
            text(&mut record, (from + skip, to), name, value)?;
        }
        if !FILE_ID_MODIFIERS.contains(&self.modifier) {
            return Err(WriteError::field("file_id_modifier", "must be A-Z or 0-9"));
        }
        day(&mut record, 23, "file_creation_date", self.date)?;
        clock(&mut record, self.time)?;
        record[33] = self.modifier;
        text(&mut record, (34, 40), "record_size", "094101")?;
        for (name, value) in [
            ("immediate_destination_name", self.destination_name),
            ("immediate_origin_name", self.origin_name),
            ("reference_code", self.reference),
        ] {
            text(&mut record, place(name), name, value)?;
        }
        Ok(record)
    }
}

impl BatchSpec<'_> {
    /// The header, and the layout of its entries.
    pub(super) fn record(&self) -> Result<([u8; WIDTH], &'static Layout), WriteError> {
        let mut record = [b' '; WIDTH];
        let place = |name: &str| layout::BATCH_HEADER.columns(name);
        record[0] = b'5';
        digits(
            &mut record,
            (1, 4),
            "service_class_code",
            self.service_class.code(),
        )?;
        for (name, value) in [
            ("company_name", self.company_name),
            ("company_discretionary_data", self.discretionary_data),
            ("company_identification", self.company_id),
            ("standard_entry_class_code", self.sec.as_str()),
            ("company_entry_description", self.description),
            ("company_descriptive_date", self.descriptive_date),
        ] {
            let needed = matches!(name, "company_identification" | "company_entry_description")
                || (name == "company_name" && self.sec != SecCode::Iat);
            if needed && value.bytes().all(|b| b == b' ' || b == b'0') {
                return Err(WriteError::field(name, "must not be all blanks or zeros"));
            }
            text(&mut record, place(name), name, value)?;
        }
        match self.effective_date {
            Some(date) => day(&mut record, 69, "effective_entry_date", date)?,
            None if self.sec == SecCode::Enr => {}
            None => return Err(WriteError::field("effective_entry_date", "must be given")),
        }
        if let Some(day) = self.settlement_day {
            digits(
                &mut record,
                (75, 78),
                "settlement_date_julian",
                u64::from(day),
            )?;
        }
        if !matches!(self.originator_status, b'0' | b'1' | b'2') {
            return Err(WriteError::field(
                "originator_status_code",
                "must be 0, 1 or 2",
            ));
        }
        record[78] = self.originator_status;
        let odfi = u64::from(self.odfi.get());
        digits(
            &mut record,
            (79, 87),
            "originating_dfi_identification",
            odfi,
        )?;
        digits(
            &mut record,
            (87, 94),
            "batch_number",
            u64::from(self.number),
        )?;
        let layout = Batch::entry_layout(self.sec);
        Ok((record, layout))
    }
}
