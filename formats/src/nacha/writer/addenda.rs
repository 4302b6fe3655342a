//! Addenda, from what the writer is told to their columns. Nacha Rules 2013 Appendix Three.

mod dispute;

use crate::nacha::digits::put;
use crate::nacha::layout::WIDTH;
use crate::nacha::writer::columns::{day, digits, named, original, text};
use crate::nacha::writer::error::WriteError;
use crate::nacha::writer::spec::{AddendaSpec, EntrySpec};
use settlement::codes::sec::SecCode;

impl AddendaSpec<'_> {
    /// The record of the `number`th addenda of `entry`.
    pub(super) fn record(
        &self,
        sec: SecCode,
        entry: &EntrySpec<'_>,
        number: usize,
    ) -> Result<[u8; WIDTH], WriteError> {
        let mut record = [b' '; WIDTH];
        record[0] = b'7';
        match *self {
            AddendaSpec::Payment(words) => {
                if sec.rule().addenda_type != "05" {
                    return Err(WriteError::field(
                        "addenda",
                        "the entry class has no addenda 05",
                    ));
                }
                text(&mut record, (1, 3), "addenda_type_code", "05")?;
                text(&mut record, (3, 83), "payment_related_information", words)?;
                digits(
                    &mut record,
                    (83, 87),
                    "addenda_sequence_number",
                    number as u64,
                )?;
                put(&mut record[87..94], u64::from(entry.trace.sequence()));
            }
            AddendaSpec::Return {
                code,
                original_trace,
                original_rdfi,
                date_of_death,
                information,
            } => {
                text(&mut record, (1, 3), "addenda_type_code", "99")?;
                text(&mut record, (3, 6), "return_reason_code", code.as_str())?;
                original(&mut record, original_trace, original_rdfi);
                if let Some(date) = date_of_death {
                    day(&mut record, 21, "date_of_death", date)?;
                }
                text(&mut record, (35, 79), "addenda_information", information)?;
                put(&mut record[79..94], entry.trace.get());
            }
            AddendaSpec::Noc {
                code,
                original_trace,
                original_rdfi,
                corrected_data,
            } => {
                if sec != SecCode::Cor {
                    return Err(WriteError::field(
                        "addenda",
                        "a notification of change is COR",
                    ));
                }
                text(&mut record, (1, 3), "addenda_type_code", "98")?;
                text(&mut record, (3, 6), "change_code", code)?;
                original(&mut record, original_trace, original_rdfi);
                text(&mut record, (35, 64), "corrected_data", corrected_data)?;
                put(&mut record[79..94], entry.trace.get());
            }
            AddendaSpec::Dishonored { .. } | AddendaSpec::Contested { .. } => {
                return dispute::record(self, sec, entry);
            }
            AddendaSpec::Fields(layout, values) => return named(layout, values),
        }
        Ok(record)
    }
}
