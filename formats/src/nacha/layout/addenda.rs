//! Addenda records of domestic entries: terminal data, payment information, notifications of
//! change, returns. Nacha Rules 2013 Appendix Three.

use crate::nacha::layout::field::Kind::{
    Blank, Cents, Code, Date, Dfi, Digits, Fixed, Julian, Text,
};
use crate::nacha::layout::field::Need::{Mandatory, Optional, Required, Unused};
use crate::nacha::layout::field::{Layout, f, layout};

#[rustfmt::skip]
/// Addenda 02 POS/SHR.
pub const ADDENDA_02: &Layout = &layout("7.02", "Addenda 02 POS/SHR", &[
    f("record_type", 1, 1, Fixed("7"), Mandatory),
    f("addenda_type_code", 2, 2, Fixed("02"), Mandatory),
    f("reference_information_1", 4, 7, Text, Optional),
    f("reference_information_2", 11, 3, Text, Optional),
    f("terminal_identification_code", 14, 6, Text, Required),
    f("transaction_serial_number", 20, 6, Text, Required),
    f("transaction_date", 26, 4, Digits, Required),
    f("authorization_code_or_card_expiration", 30, 6, Text, Optional),
    f("terminal_location", 36, 27, Text, Required),
    f("terminal_city", 63, 15, Text, Required),
    f("terminal_state", 78, 2, Text, Required),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Addenda 02 MTE.
pub const ADDENDA_02_MTE: &Layout = &layout("7.02.MTE", "Addenda 02 MTE", &[
    f("record_type", 1, 1, Fixed("7"), Mandatory),
    f("addenda_type_code", 2, 2, Fixed("02"), Mandatory),
    f("transaction_description", 4, 7, Text, Required),
    f("network_identification_code", 11, 3, Text, Optional),
    f("terminal_identification_code", 14, 6, Text, Required),
    f("transaction_serial_number", 20, 6, Text, Required),
    f("transaction_date", 26, 4, Digits, Required),
    f("transaction_time", 30, 6, Digits, Required),
    f("terminal_location", 36, 27, Text, Required),
    f("terminal_city", 63, 15, Text, Required),
    f("terminal_state", 78, 2, Text, Required),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Addenda 05.
pub const ADDENDA_05: &Layout = &layout("7.05", "Addenda 05", &[
    f("record_type", 1, 1, Fixed("7"), Mandatory),
    f("addenda_type_code", 2, 2, Fixed("05"), Mandatory),
    f("payment_related_information", 4, 80, Text, Optional),
    f("addenda_sequence_number", 84, 4, Digits, Mandatory),
    f("entry_detail_sequence_number", 88, 7, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Addenda 98 NOC.
pub const ADDENDA_98: &Layout = &layout("7.98", "Addenda 98 NOC", &[
    f("record_type", 1, 1, Fixed("7"), Mandatory),
    f("addenda_type_code", 2, 2, Fixed("98"), Mandatory),
    f("change_code", 4, 3, Code("C"), Mandatory),
    f("original_entry_trace_number", 7, 15, Digits, Mandatory),
    f("reserved", 22, 6, Blank, Unused),
    f("original_receiving_dfi_identification", 28, 8, Dfi, Required),
    f("corrected_data", 36, 29, Text, Mandatory),
    f("reserved2", 65, 15, Blank, Unused),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Addenda 98 IAT NOC.
pub const ADDENDA_98_IAT: &Layout = &layout("7.98.IAT", "Addenda 98 IAT NOC", &[
    f("record_type", 1, 1, Fixed("7"), Mandatory),
    f("addenda_type_code", 2, 2, Fixed("98"), Mandatory),
    f("change_code", 4, 3, Code("C"), Mandatory),
    f("original_entry_trace_number", 7, 15, Digits, Mandatory),
    f("reserved", 22, 6, Blank, Unused),
    f("original_receiving_dfi_identification", 28, 8, Dfi, Required),
    f("corrected_data", 36, 35, Text, Mandatory),
    f("reserved2", 71, 9, Blank, Unused),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Addenda 98 refused NOC.
pub const ADDENDA_98_REFUSED: &Layout = &layout("7.98.REFUSED", "Addenda 98 refused NOC", &[
    f("record_type", 1, 1, Fixed("7"), Mandatory),
    f("addenda_type_code", 2, 2, Fixed("98"), Mandatory),
    f("refused_cor_code", 4, 3, Code("C"), Mandatory),
    f("original_entry_trace_number", 7, 15, Digits, Mandatory),
    f("reserved", 22, 6, Blank, Unused),
    f("original_receiving_dfi_identification", 28, 8, Dfi, Required),
    f("corrected_data", 36, 29, Text, Mandatory),
    f("change_code", 65, 3, Code("C"), Mandatory),
    f("cor_trace_sequence_number", 68, 7, Digits, Mandatory),
    f("reserved2", 75, 5, Blank, Unused),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Addenda 99 return.
pub const ADDENDA_99: &Layout = &layout("7.99", "Addenda 99 return", &[
    f("record_type", 1, 1, Fixed("7"), Mandatory),
    f("addenda_type_code", 2, 2, Fixed("99"), Mandatory),
    f("return_reason_code", 4, 3, Code("R"), Mandatory),
    f("original_entry_trace_number", 7, 15, Digits, Mandatory),
    f("date_of_death", 22, 6, Date, Optional),
    f("original_receiving_dfi_identification", 28, 8, Dfi, Required),
    f("addenda_information", 36, 44, Text, Optional),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Addenda 99 IAT return.
pub const ADDENDA_99_IAT: &Layout = &layout("7.99.IAT", "Addenda 99 IAT return", &[
    f("record_type", 1, 1, Fixed("7"), Mandatory),
    f("addenda_type_code", 2, 2, Fixed("99"), Mandatory),
    f("return_reason_code", 4, 3, Code("R"), Mandatory),
    f("original_entry_trace_number", 7, 15, Digits, Mandatory),
    f("date_of_death", 22, 6, Date, Optional),
    f("original_receiving_dfi_identification", 28, 8, Dfi, Required),
    f("original_forward_entry_payment_amount", 36, 10, Cents, Required),
    f("addenda_information", 46, 34, Text, Optional),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Addenda 99 dishonored return.
pub const ADDENDA_99_DISHONORED: &Layout =
    &layout("7.99.DISHONORED", "Addenda 99 dishonored return", &[
    f("record_type", 1, 1, Fixed("7"), Mandatory),
    f("addenda_type_code", 2, 2, Fixed("99"), Mandatory),
    f("dishonored_return_reason_code", 4, 3, Code("R"), Mandatory),
    f("original_entry_trace_number", 7, 15, Digits, Mandatory),
    f("reserved", 22, 6, Blank, Unused),
    f("original_receiving_dfi_identification", 28, 8, Dfi, Required),
    f("reserved2", 36, 3, Blank, Unused),
    f("return_trace_number", 39, 15, Digits, Mandatory),
    f("return_settlement_date", 54, 3, Julian, Mandatory),
    f("return_reason_code", 57, 2, Digits, Mandatory),
    f("addenda_information", 59, 21, Text, Optional),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Addenda 99 contested dishonored return.
pub const ADDENDA_99_CONTESTED: &Layout =
    &layout("7.99.CONTESTED", "Addenda 99 contested dishonored return", &[
    f("record_type", 1, 1, Fixed("7"), Mandatory),
    f("addenda_type_code", 2, 2, Fixed("99"), Mandatory),
    f("contested_dishonored_return_reason_code", 4, 3, Code("R"), Mandatory),
    f("original_entry_trace_number", 7, 15, Digits, Mandatory),
    f("date_original_entry_returned", 22, 6, Date, Optional),
    f("original_receiving_dfi_identification", 28, 8, Dfi, Required),
    f("original_settlement_date", 36, 3, Julian, Mandatory),
    f("return_trace_number", 39, 15, Digits, Mandatory),
    f("return_settlement_date", 54, 3, Julian, Mandatory),
    f("return_reason_code", 57, 2, Digits, Mandatory),
    f("dishonored_return_trace_number", 59, 15, Digits, Mandatory),
    f("dishonored_return_settlement_date", 74, 3, Julian, Mandatory),
    f("dishonored_return_reason_code", 77, 2, Digits, Mandatory),
    f("reserved", 79, 1, Blank, Unused),
    f("trace_number", 80, 15, Digits, Mandatory),
]);
