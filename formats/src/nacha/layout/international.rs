//! International entries (IAT) and accounting advices (ADV), whose columns differ from all
//! others. Nacha Rules 2013 Appendix Three.

use crate::nacha::layout::field::Kind::{
    Blank, Cents, Choice, Date, Dfi, Digits, Fixed, Julian, Letters, Text,
};
use crate::nacha::layout::field::Need::{Mandatory, Operator, Optional, Required, Unused};
use crate::nacha::layout::field::{Layout, f, layout};

#[rustfmt::skip]
/// Batch Header IAT.
pub const BATCH_HEADER_IAT: &Layout = &layout("5.IAT", "Batch Header IAT", &[
    f("record_type", 1, 1, Fixed("5"), Mandatory),
    f("service_class_code", 2, 3, Digits, Mandatory),
    f("iat_indicator", 5, 16, Text, Optional),
    f("foreign_exchange_indicator", 21, 2, Choice("FV/VF/FF"), Mandatory),
    f("foreign_exchange_reference_indicator", 23, 1, Choice("1/2/3"), Required),
    f("foreign_exchange_reference", 24, 15, Text, Required),
    f("iso_destination_country_code", 39, 2, Letters, Mandatory),
    f("originator_identification", 41, 10, Text, Mandatory),
    f("standard_entry_class_code", 51, 3, Letters, Mandatory),
    f("company_entry_description", 54, 10, Text, Mandatory),
    f("iso_originating_currency_code", 64, 3, Letters, Mandatory),
    f("iso_destination_currency_code", 67, 3, Letters, Mandatory),
    f("effective_entry_date", 70, 6, Date, Required),
    f("settlement_date_julian", 76, 3, Julian, Operator),
    f("originator_status_code", 79, 1, Choice("0/1/2"), Mandatory),
    f("go_or_originating_dfi_identification", 80, 8, Dfi, Mandatory),
    f("batch_number", 88, 7, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Entry Detail IAT.
pub const ENTRY_IAT: &Layout = &layout("6.IAT", "Entry Detail IAT", &[
    f("record_type", 1, 1, Fixed("6"), Mandatory),
    f("transaction_code", 2, 2, Digits, Mandatory),
    f("go_or_receiving_dfi_identification", 4, 8, Dfi, Mandatory),
    f("check_digit", 12, 1, Digits, Mandatory),
    f("number_of_addenda_records", 13, 4, Digits, Mandatory),
    f("reserved", 17, 13, Blank, Unused),
    f("amount", 30, 10, Cents, Mandatory),
    f("receiver_account_number", 40, 35, Text, Mandatory),
    f("reserved2", 75, 2, Blank, Unused),
    f("go_ofac_screening_indicator", 77, 1, Choice("0/1/ "), Optional),
    f("secondary_ofac_screening_indicator", 78, 1, Choice("0/1/ "), Optional),
    f("addenda_record_indicator", 79, 1, Fixed("1"), Mandatory),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Entry Detail ADV.
pub const ENTRY_ADV: &Layout = &layout("6.ADV", "Entry Detail ADV", &[
    f("record_type", 1, 1, Fixed("6"), Mandatory),
    f("transaction_code", 2, 2, Digits, Mandatory),
    f("receiving_dfi_identification", 4, 8, Dfi, Mandatory),
    f("check_digit", 12, 1, Digits, Mandatory),
    f("dfi_account_number", 13, 15, Text, Required),
    f("amount", 28, 12, Cents, Mandatory),
    f("advice_routing_number", 40, 9, Digits, Mandatory),
    f("file_identification", 49, 5, Text, Optional),
    f("ach_operator_data", 54, 1, Text, Optional),
    f("individual_name", 55, 22, Text, Required),
    f("discretionary_data", 77, 2, Text, Optional),
    f("addenda_record_indicator", 79, 1, Fixed("0"), Mandatory),
    f("routing_number_of_ach_operator", 80, 8, Dfi, Mandatory),
    f("julian_date_advice_created", 88, 3, Julian, Mandatory),
    f("sequence_number_within_batch", 91, 4, Digits, Mandatory),
]);

#[rustfmt::skip]
/// IAT addenda 10.
pub const ADDENDA_10: &Layout = &layout("7.10", "IAT addenda 10", &[
    f("record_type", 1, 1, Fixed("7"), Mandatory),
    f("addenda_type_code", 2, 2, Fixed("10"), Mandatory),
    f("transaction_type_code", 4, 3, Text, Required),
    f("foreign_payment_amount", 7, 18, Cents, Required),
    f("foreign_trace_number", 25, 22, Text, Optional),
    f("receiving_name", 47, 35, Text, Mandatory),
    f("reserved", 82, 6, Blank, Unused),
    f("entry_detail_sequence_number", 88, 7, Digits, Mandatory),
]);

#[rustfmt::skip]
/// IAT addenda 11.
pub const ADDENDA_11: &Layout = &layout("7.11", "IAT addenda 11", &[
    f("record_type", 1, 1, Fixed("7"), Mandatory),
    f("addenda_type_code", 2, 2, Fixed("11"), Mandatory),
    f("originator_name", 4, 35, Text, Mandatory),
    f("originator_street_address", 39, 35, Text, Mandatory),
    f("reserved", 74, 14, Blank, Unused),
    f("entry_detail_sequence_number", 88, 7, Digits, Mandatory),
]);

#[rustfmt::skip]
/// IAT addenda 12.
pub const ADDENDA_12: &Layout = &layout("7.12", "IAT addenda 12", &[
    f("record_type", 1, 1, Fixed("7"), Mandatory),
    f("addenda_type_code", 2, 2, Fixed("12"), Mandatory),
    f("originator_city_state_province", 4, 35, Text, Mandatory),
    f("originator_country_postal_code", 39, 35, Text, Mandatory),
    f("reserved_or_originator_date_of_birth", 74, 10, Text, Optional),
    f("reserved", 84, 4, Blank, Unused),
    f("entry_detail_sequence_number", 88, 7, Digits, Mandatory),
]);

#[rustfmt::skip]
/// IAT addenda 13.
pub const ADDENDA_13: &Layout = &layout("7.13", "IAT addenda 13", &[
    f("record_type", 1, 1, Fixed("7"), Mandatory),
    f("addenda_type_code", 2, 2, Fixed("13"), Mandatory),
    f("originating_dfi_name", 4, 35, Text, Mandatory),
    f("originating_dfi_id_number_qualifier", 39, 2, Choice("01/02/03"), Mandatory),
    f("originating_dfi_identification", 41, 34, Text, Mandatory),
    f("originating_dfi_branch_country_code", 75, 3, Letters, Mandatory),
    f("reserved", 78, 10, Blank, Unused),
    f("entry_detail_sequence_number", 88, 7, Digits, Mandatory),
]);

#[rustfmt::skip]
/// IAT addenda 14.
pub const ADDENDA_14: &Layout = &layout("7.14", "IAT addenda 14", &[
    f("record_type", 1, 1, Fixed("7"), Mandatory),
    f("addenda_type_code", 2, 2, Fixed("14"), Mandatory),
    f("receiving_dfi_name", 4, 35, Text, Mandatory),
    f("receiving_dfi_id_number_qualifier", 39, 2, Choice("01/02/03"), Mandatory),
    f("receiving_dfi_identification", 41, 34, Text, Mandatory),
    f("receiving_dfi_branch_country_code", 75, 3, Letters, Mandatory),
    f("reserved", 78, 10, Blank, Unused),
    f("entry_detail_sequence_number", 88, 7, Digits, Mandatory),
]);

#[rustfmt::skip]
/// IAT addenda 15.
pub const ADDENDA_15: &Layout = &layout("7.15", "IAT addenda 15", &[
    f("record_type", 1, 1, Fixed("7"), Mandatory),
    f("addenda_type_code", 2, 2, Fixed("15"), Mandatory),
    f("receiver_identification_number", 4, 15, Text, Optional),
    f("receiver_street_address", 19, 35, Text, Mandatory),
    f("reserved", 54, 34, Blank, Unused),
    f("entry_detail_sequence_number", 88, 7, Digits, Mandatory),
]);

#[rustfmt::skip]
/// IAT addenda 16.
pub const ADDENDA_16: &Layout = &layout("7.16", "IAT addenda 16", &[
    f("record_type", 1, 1, Fixed("7"), Mandatory),
    f("addenda_type_code", 2, 2, Fixed("16"), Mandatory),
    f("receiver_city_state_province", 4, 35, Text, Mandatory),
    f("receiver_country_postal_code", 39, 35, Text, Mandatory),
    f("reserved_or_receiver_date_of_birth", 74, 10, Text, Optional),
    f("reserved", 84, 4, Blank, Unused),
    f("entry_detail_sequence_number", 88, 7, Digits, Mandatory),
]);

#[rustfmt::skip]
/// IAT addenda 17 remittance.
pub const ADDENDA_17: &Layout = &layout("7.17", "IAT addenda 17 remittance", &[
    f("record_type", 1, 1, Fixed("7"), Mandatory),
    f("addenda_type_code", 2, 2, Fixed("17"), Mandatory),
    f("payment_related_information", 4, 80, Text, Optional),
    f("addenda_sequence_number", 84, 4, Digits, Mandatory),
    f("entry_detail_sequence_number", 88, 7, Digits, Mandatory),
]);

#[rustfmt::skip]
/// IAT addenda 18 foreign correspondent bank.
pub const ADDENDA_18: &Layout = &layout("7.18", "IAT addenda 18 foreign correspondent bank", &[
    f("record_type", 1, 1, Fixed("7"), Mandatory),
    f("addenda_type_code", 2, 2, Fixed("18"), Mandatory),
    f("fcb_name", 4, 35, Text, Mandatory),
    f("fcb_id_number_qualifier", 39, 2, Choice("01/02/03"), Mandatory),
    f("fcb_identification_number", 41, 34, Text, Mandatory),
    f("fcb_branch_country_code", 75, 3, Letters, Mandatory),
    f("reserved", 78, 6, Blank, Unused),
    f("addenda_sequence_number", 84, 4, Digits, Mandatory),
    f("entry_detail_sequence_number", 88, 7, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Batch Control ADV.
pub const BATCH_CONTROL_ADV: &Layout = &layout("8.ADV", "Batch Control ADV", &[
    f("record_type", 1, 1, Fixed("8"), Mandatory),
    f("service_class_code", 2, 3, Fixed("280"), Mandatory),
    f("entry_addenda_count", 5, 6, Digits, Mandatory),
    f("entry_hash", 11, 10, Digits, Mandatory),
    f("total_debit_amount", 21, 20, Cents, Mandatory),
    f("total_credit_amount", 41, 20, Cents, Mandatory),
    f("ach_operator_data", 61, 19, Text, Optional),
    f("originating_dfi_identification", 80, 8, Dfi, Mandatory),
    f("batch_number", 88, 7, Digits, Mandatory),
]);

#[rustfmt::skip]
/// File Control ADV.
pub const FILE_CONTROL_ADV: &Layout = &layout("9.ADV", "File Control ADV", &[
    f("record_type", 1, 1, Fixed("9"), Mandatory),
    f("batch_count", 2, 6, Digits, Mandatory),
    f("block_count", 8, 6, Digits, Mandatory),
    f("entry_addenda_count", 14, 8, Digits, Mandatory),
    f("entry_hash", 22, 10, Digits, Mandatory),
    f("total_debit_amount", 32, 20, Cents, Mandatory),
    f("total_credit_amount", 52, 20, Cents, Mandatory),
    f("reserved", 72, 23, Blank, Unused),
]);
