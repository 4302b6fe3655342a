//! What stands around the entries: file and batch headers and controls. Nacha Rules 2013
//! Appendix Three.

use crate::nacha::layout::field::Kind::{
    Blank, Cents, Choice, Date, Dfi, Digits, Fixed, Julian, Letters, Modifier, Routing, Text, Time,
};
use crate::nacha::layout::field::Need::{Mandatory, Operator, Optional, Required, Unused};
use crate::nacha::layout::field::{Layout, f, layout};

#[rustfmt::skip]
/// File Header.
pub const FILE_HEADER: &Layout = &layout("1", "File Header", &[
    f("record_type", 1, 1, Fixed("1"), Mandatory),
    f("priority_code", 2, 2, Fixed("01"), Required),
    f("immediate_destination", 4, 10, Routing, Mandatory),
    f("immediate_origin", 14, 10, Routing, Mandatory),
    f("file_creation_date", 24, 6, Date, Mandatory),
    f("file_creation_time", 30, 4, Time, Optional),
    f("file_id_modifier", 34, 1, Modifier, Mandatory),
    f("record_size", 35, 3, Fixed("094"), Mandatory),
    f("blocking_factor", 38, 2, Fixed("10"), Mandatory),
    f("format_code", 40, 1, Fixed("1"), Mandatory),
    f("immediate_destination_name", 41, 23, Text, Optional),
    f("immediate_origin_name", 64, 23, Text, Optional),
    f("reference_code", 87, 8, Text, Optional),
]);

#[rustfmt::skip]
/// Batch Header.
pub const BATCH_HEADER: &Layout = &layout("5", "Batch Header", &[
    f("record_type", 1, 1, Fixed("5"), Mandatory),
    f("service_class_code", 2, 3, Digits, Mandatory),
    f("company_name", 5, 16, Text, Mandatory),
    f("company_discretionary_data", 21, 20, Text, Optional),
    f("company_identification", 41, 10, Text, Mandatory),
    f("standard_entry_class_code", 51, 3, Letters, Mandatory),
    f("company_entry_description", 54, 10, Text, Mandatory),
    f("company_descriptive_date", 64, 6, Text, Optional),
    f("effective_entry_date", 70, 6, Date, Required),
    f("settlement_date_julian", 76, 3, Julian, Operator),
    f("originator_status_code", 79, 1, Choice("0/1/2"), Mandatory),
    f("originating_dfi_identification", 80, 8, Dfi, Mandatory),
    f("batch_number", 88, 7, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Batch Control.
pub const BATCH_CONTROL: &Layout = &layout("8", "Batch Control", &[
    f("record_type", 1, 1, Fixed("8"), Mandatory),
    f("service_class_code", 2, 3, Digits, Mandatory),
    f("entry_addenda_count", 5, 6, Digits, Mandatory),
    f("entry_hash", 11, 10, Digits, Mandatory),
    f("total_debit_amount", 21, 12, Cents, Mandatory),
    f("total_credit_amount", 33, 12, Cents, Mandatory),
    f("company_identification", 45, 10, Text, Required),
    f("message_authentication_code", 55, 19, Text, Optional),
    f("reserved", 74, 6, Blank, Unused),
    f("originating_dfi_identification", 80, 8, Dfi, Mandatory),
    f("batch_number", 88, 7, Digits, Mandatory),
]);

#[rustfmt::skip]
/// File Control.
pub const FILE_CONTROL: &Layout = &layout("9", "File Control", &[
    f("record_type", 1, 1, Fixed("9"), Mandatory),
    f("batch_count", 2, 6, Digits, Mandatory),
    f("block_count", 8, 6, Digits, Mandatory),
    f("entry_addenda_count", 14, 8, Digits, Mandatory),
    f("entry_hash", 22, 10, Digits, Mandatory),
    f("total_debit_amount", 32, 12, Cents, Mandatory),
    f("total_credit_amount", 44, 12, Cents, Mandatory),
    f("reserved", 56, 39, Blank, Unused),
]);
