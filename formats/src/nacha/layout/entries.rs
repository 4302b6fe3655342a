//! Entry detail records, one layout for each entry class. They share columns 2-39 and 79-94.
//! Nacha Rules 2013 Appendix Three.

use crate::nacha::layout::field::Kind::{Blank, Cents, Choice, Dfi, Digits, Fixed, Text};
use crate::nacha::layout::field::Need::{Mandatory, Optional, Required, Unused};
use crate::nacha::layout::field::{Layout, f, layout};

#[rustfmt::skip]
/// Entry Detail PPD.
pub const ENTRY_PPD: &Layout = &layout("6.PPD", "Entry Detail PPD", &[
    f("record_type", 1, 1, Fixed("6"), Mandatory),
    f("transaction_code", 2, 2, Digits, Mandatory),
    f("receiving_dfi_identification", 4, 8, Dfi, Mandatory),
    f("check_digit", 12, 1, Digits, Mandatory),
    f("dfi_account_number", 13, 17, Text, Required),
    f("amount", 30, 10, Cents, Mandatory),
    f("individual_identification_number", 40, 15, Text, Optional),
    f("individual_name", 55, 22, Text, Required),
    f("discretionary_data", 77, 2, Text, Optional),
    f("addenda_record_indicator", 79, 1, Choice("0/1"), Mandatory),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Entry Detail CCD.
pub const ENTRY_CCD: &Layout = &layout("6.CCD", "Entry Detail CCD", &[
    f("record_type", 1, 1, Fixed("6"), Mandatory),
    f("transaction_code", 2, 2, Digits, Mandatory),
    f("receiving_dfi_identification", 4, 8, Dfi, Mandatory),
    f("check_digit", 12, 1, Digits, Mandatory),
    f("dfi_account_number", 13, 17, Text, Required),
    f("amount", 30, 10, Cents, Mandatory),
    f("identification_number", 40, 15, Text, Optional),
    f("receiving_company_name", 55, 22, Text, Required),
    f("discretionary_data", 77, 2, Text, Optional),
    f("addenda_record_indicator", 79, 1, Choice("0/1"), Mandatory),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Entry Detail WEB.
pub const ENTRY_WEB: &Layout = &layout("6.WEB", "Entry Detail WEB", &[
    f("record_type", 1, 1, Fixed("6"), Mandatory),
    f("transaction_code", 2, 2, Digits, Mandatory),
    f("receiving_dfi_identification", 4, 8, Dfi, Mandatory),
    f("check_digit", 12, 1, Digits, Mandatory),
    f("dfi_account_number", 13, 17, Text, Required),
    f("amount", 30, 10, Cents, Mandatory),
    f("individual_identification_number", 40, 15, Text, Optional),
    f("individual_name", 55, 22, Text, Mandatory),
    f("payment_type_code", 77, 2, Text, Required),
    f("addenda_record_indicator", 79, 1, Choice("0/1"), Mandatory),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Entry Detail TEL.
pub const ENTRY_TEL: &Layout = &layout("6.TEL", "Entry Detail TEL", &[
    f("record_type", 1, 1, Fixed("6"), Mandatory),
    f("transaction_code", 2, 2, Digits, Mandatory),
    f("receiving_dfi_identification", 4, 8, Dfi, Mandatory),
    f("check_digit", 12, 1, Digits, Mandatory),
    f("dfi_account_number", 13, 17, Text, Required),
    f("amount", 30, 10, Cents, Mandatory),
    f("individual_identification_number", 40, 15, Text, Optional),
    f("individual_name", 55, 22, Text, Mandatory),
    f("payment_type_code", 77, 2, Text, Optional),
    f("addenda_record_indicator", 79, 1, Choice("0/1"), Mandatory),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Entry Detail CIE.
pub const ENTRY_CIE: &Layout = &layout("6.CIE", "Entry Detail CIE", &[
    f("record_type", 1, 1, Fixed("6"), Mandatory),
    f("transaction_code", 2, 2, Digits, Mandatory),
    f("receiving_dfi_identification", 4, 8, Dfi, Mandatory),
    f("check_digit", 12, 1, Digits, Mandatory),
    f("dfi_account_number", 13, 17, Text, Required),
    f("amount", 30, 10, Cents, Mandatory),
    f("individual_name", 40, 15, Text, Required),
    f("individual_identification_number", 55, 22, Text, Mandatory),
    f("discretionary_data", 77, 2, Text, Optional),
    f("addenda_record_indicator", 79, 1, Choice("0/1"), Mandatory),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Entry Detail MTE.
pub const ENTRY_MTE: &Layout = &layout("6.MTE", "Entry Detail MTE", &[
    f("record_type", 1, 1, Fixed("6"), Mandatory),
    f("transaction_code", 2, 2, Digits, Mandatory),
    f("receiving_dfi_identification", 4, 8, Dfi, Mandatory),
    f("check_digit", 12, 1, Digits, Mandatory),
    f("dfi_account_number", 13, 17, Text, Required),
    f("amount", 30, 10, Cents, Mandatory),
    f("individual_name", 40, 15, Text, Mandatory),
    f("individual_identification_number", 55, 22, Text, Mandatory),
    f("discretionary_data", 77, 2, Text, Optional),
    f("addenda_record_indicator", 79, 1, Choice("0/1"), Mandatory),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Entry Detail ARC.
pub const ENTRY_ARC: &Layout = &layout("6.ARC", "Entry Detail ARC", &[
    f("record_type", 1, 1, Fixed("6"), Mandatory),
    f("transaction_code", 2, 2, Digits, Mandatory),
    f("receiving_dfi_identification", 4, 8, Dfi, Mandatory),
    f("check_digit", 12, 1, Digits, Mandatory),
    f("dfi_account_number", 13, 17, Text, Required),
    f("amount", 30, 10, Cents, Mandatory),
    f("check_serial_number", 40, 15, Text, Mandatory),
    f("individual_or_company_name", 55, 22, Text, Optional),
    f("discretionary_data", 77, 2, Text, Optional),
    f("addenda_record_indicator", 79, 1, Choice("0/1"), Mandatory),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Entry Detail BOC.
pub const ENTRY_BOC: &Layout = &layout("6.BOC", "Entry Detail BOC", &[
    f("record_type", 1, 1, Fixed("6"), Mandatory),
    f("transaction_code", 2, 2, Digits, Mandatory),
    f("receiving_dfi_identification", 4, 8, Dfi, Mandatory),
    f("check_digit", 12, 1, Digits, Mandatory),
    f("dfi_account_number", 13, 17, Text, Required),
    f("amount", 30, 10, Cents, Mandatory),
    f("check_serial_number", 40, 15, Text, Mandatory),
    f("individual_or_company_name", 55, 22, Text, Optional),
    f("discretionary_data", 77, 2, Text, Optional),
    f("addenda_record_indicator", 79, 1, Choice("0/1"), Mandatory),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Entry Detail POP.
pub const ENTRY_POP: &Layout = &layout("6.POP", "Entry Detail POP", &[
    f("record_type", 1, 1, Fixed("6"), Mandatory),
    f("transaction_code", 2, 2, Digits, Mandatory),
    f("receiving_dfi_identification", 4, 8, Dfi, Mandatory),
    f("check_digit", 12, 1, Digits, Mandatory),
    f("dfi_account_number", 13, 17, Text, Required),
    f("amount", 30, 10, Cents, Mandatory),
    f("check_serial_number", 40, 9, Text, Mandatory),
    f("terminal_city", 49, 4, Text, Mandatory),
    f("terminal_state", 53, 2, Text, Mandatory),
    f("individual_or_company_name", 55, 22, Text, Optional),
    f("discretionary_data", 77, 2, Text, Optional),
    f("addenda_record_indicator", 79, 1, Choice("0/1"), Mandatory),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Entry Detail RCK.
pub const ENTRY_RCK: &Layout = &layout("6.RCK", "Entry Detail RCK", &[
    f("record_type", 1, 1, Fixed("6"), Mandatory),
    f("transaction_code", 2, 2, Digits, Mandatory),
    f("receiving_dfi_identification", 4, 8, Dfi, Mandatory),
    f("check_digit", 12, 1, Digits, Mandatory),
    f("dfi_account_number", 13, 17, Text, Required),
    f("amount", 30, 10, Cents, Mandatory),
    f("check_serial_number", 40, 15, Text, Mandatory),
    f("individual_name", 55, 22, Text, Required),
    f("discretionary_data", 77, 2, Text, Optional),
    f("addenda_record_indicator", 79, 1, Choice("0/1"), Mandatory),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Entry Detail XCK.
pub const ENTRY_XCK: &Layout = &layout("6.XCK", "Entry Detail XCK", &[
    f("record_type", 1, 1, Fixed("6"), Mandatory),
    f("transaction_code", 2, 2, Digits, Mandatory),
    f("receiving_dfi_identification", 4, 8, Dfi, Mandatory),
    f("check_digit", 12, 1, Digits, Mandatory),
    f("dfi_account_number", 13, 17, Text, Required),
    f("amount", 30, 10, Cents, Mandatory),
    f("check_serial_number", 40, 15, Text, Mandatory),
    f("process_control_field", 55, 6, Text, Required),
    f("item_research_number", 61, 16, Text, Required),
    f("discretionary_data", 77, 2, Text, Optional),
    f("addenda_record_indicator", 79, 1, Choice("0/1"), Mandatory),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Entry Detail TRC.
pub const ENTRY_TRC: &Layout = &layout("6.TRC", "Entry Detail TRC", &[
    f("record_type", 1, 1, Fixed("6"), Mandatory),
    f("transaction_code", 2, 2, Digits, Mandatory),
    f("receiving_dfi_identification", 4, 8, Dfi, Mandatory),
    f("check_digit", 12, 1, Digits, Mandatory),
    f("dfi_account_number", 13, 17, Text, Required),
    f("amount", 30, 10, Cents, Mandatory),
    f("check_serial_number", 40, 15, Text, Optional),
    f("process_control_field", 55, 6, Text, Required),
    f("item_research_number", 61, 16, Text, Required),
    f("item_type_indicator", 77, 2, Text, Optional),
    f("addenda_record_indicator", 79, 1, Choice("0/1"), Mandatory),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Entry Detail POS.
pub const ENTRY_POS: &Layout = &layout("6.POS", "Entry Detail POS", &[
    f("record_type", 1, 1, Fixed("6"), Mandatory),
    f("transaction_code", 2, 2, Digits, Mandatory),
    f("receiving_dfi_identification", 4, 8, Dfi, Mandatory),
    f("check_digit", 12, 1, Digits, Mandatory),
    f("dfi_account_number", 13, 17, Text, Required),
    f("amount", 30, 10, Cents, Mandatory),
    f("individual_identification_number", 40, 15, Text, Optional),
    f("individual_name", 55, 22, Text, Required),
    f("card_transaction_type_code", 77, 2, Digits, Mandatory),
    f("addenda_record_indicator", 79, 1, Choice("0/1"), Mandatory),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Entry Detail SHR.
pub const ENTRY_SHR: &Layout = &layout("6.SHR", "Entry Detail SHR", &[
    f("record_type", 1, 1, Fixed("6"), Mandatory),
    f("transaction_code", 2, 2, Digits, Mandatory),
    f("receiving_dfi_identification", 4, 8, Dfi, Mandatory),
    f("check_digit", 12, 1, Digits, Mandatory),
    f("dfi_account_number", 13, 17, Text, Required),
    f("amount", 30, 10, Cents, Mandatory),
    f("card_expiration_date", 40, 4, Digits, Required),
    f("document_reference_number", 44, 11, Digits, Required),
    f("individual_card_account_number", 55, 22, Digits, Required),
    f("card_transaction_type_code", 77, 2, Digits, Mandatory),
    f("addenda_record_indicator", 79, 1, Choice("0/1"), Mandatory),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Entry Detail DNE.
pub const ENTRY_DNE: &Layout = &layout("6.DNE", "Entry Detail DNE", &[
    f("record_type", 1, 1, Fixed("6"), Mandatory),
    f("transaction_code", 2, 2, Digits, Mandatory),
    f("receiving_dfi_identification", 4, 8, Dfi, Mandatory),
    f("check_digit", 12, 1, Digits, Mandatory),
    f("dfi_account_number", 13, 17, Text, Required),
    f("amount", 30, 10, Cents, Mandatory),
    f("individual_identification_number", 40, 15, Text, Optional),
    f("individual_name", 55, 22, Text, Required),
    f("discretionary_data", 77, 2, Text, Optional),
    f("addenda_record_indicator", 79, 1, Choice("0/1"), Mandatory),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Corporate Entry Detail CTX.
pub const ENTRY_CTX: &Layout = &layout("6.CTX", "Corporate Entry Detail CTX", &[
    f("record_type", 1, 1, Fixed("6"), Mandatory),
    f("transaction_code", 2, 2, Digits, Mandatory),
    f("receiving_dfi_identification", 4, 8, Dfi, Mandatory),
    f("check_digit", 12, 1, Digits, Mandatory),
    f("dfi_account_number", 13, 17, Text, Required),
    f("amount", 30, 10, Cents, Mandatory),
    f("identification_number", 40, 15, Text, Optional),
    f("number_of_addenda_records", 55, 4, Digits, Mandatory),
    f("receiving_company_name_or_id", 59, 16, Text, Required),
    f("reserved", 75, 2, Blank, Unused),
    f("discretionary_data", 77, 2, Text, Optional),
    f("addenda_record_indicator", 79, 1, Choice("0/1"), Mandatory),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Entry Detail ENR.
pub const ENTRY_ENR: &Layout = &layout("6.ENR", "Entry Detail ENR", &[
    f("record_type", 1, 1, Fixed("6"), Mandatory),
    f("transaction_code", 2, 2, Digits, Mandatory),
    f("receiving_dfi_identification", 4, 8, Dfi, Mandatory),
    f("check_digit", 12, 1, Digits, Mandatory),
    f("dfi_account_number", 13, 17, Text, Required),
    f("amount", 30, 10, Cents, Mandatory),
    f("identification_number", 40, 15, Text, Optional),
    f("number_of_addenda_records", 55, 4, Digits, Mandatory),
    f("receiving_company_name_or_id", 59, 16, Text, Required),
    f("reserved", 75, 2, Blank, Unused),
    f("discretionary_data", 77, 2, Text, Optional),
    f("addenda_record_indicator", 79, 1, Choice("0/1"), Mandatory),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Entry Detail TRX.
pub const ENTRY_TRX: &Layout = &layout("6.TRX", "Entry Detail TRX", &[
    f("record_type", 1, 1, Fixed("6"), Mandatory),
    f("transaction_code", 2, 2, Digits, Mandatory),
    f("receiving_dfi_identification", 4, 8, Dfi, Mandatory),
    f("check_digit", 12, 1, Digits, Mandatory),
    f("dfi_account_number", 13, 17, Text, Required),
    f("amount", 30, 10, Cents, Mandatory),
    f("identification_number", 40, 15, Text, Optional),
    f("number_of_addenda_records", 55, 4, Digits, Mandatory),
    f("receiving_company_name_or_id", 59, 16, Text, Required),
    f("reserved", 75, 2, Blank, Unused),
    f("item_type_indicator", 77, 2, Text, Optional),
    f("addenda_record_indicator", 79, 1, Choice("0/1"), Mandatory),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Entry Detail ACK.
pub const ENTRY_ACK: &Layout = &layout("6.ACK", "Entry Detail ACK", &[
    f("record_type", 1, 1, Fixed("6"), Mandatory),
    f("transaction_code", 2, 2, Digits, Mandatory),
    f("receiving_dfi_identification", 4, 8, Dfi, Mandatory),
    f("check_digit", 12, 1, Digits, Mandatory),
    f("dfi_account_number", 13, 17, Text, Required),
    f("amount", 30, 10, Cents, Mandatory),
    f("original_entry_trace_number", 40, 15, Digits, Mandatory),
    f("receiving_company_name", 55, 22, Text, Required),
    f("discretionary_data", 77, 2, Text, Optional),
    f("addenda_record_indicator", 79, 1, Choice("0/1"), Mandatory),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Corporate Entry Detail ATX.
pub const ENTRY_ATX: &Layout = &layout("6.ATX", "Corporate Entry Detail ATX", &[
    f("record_type", 1, 1, Fixed("6"), Mandatory),
    f("transaction_code", 2, 2, Digits, Mandatory),
    f("receiving_dfi_identification", 4, 8, Dfi, Mandatory),
    f("check_digit", 12, 1, Digits, Mandatory),
    f("dfi_account_number", 13, 17, Text, Required),
    f("amount", 30, 10, Cents, Mandatory),
    f("original_entry_trace_number", 40, 15, Digits, Mandatory),
    f("number_of_addenda_records", 55, 4, Digits, Mandatory),
    f("receiving_company_name_or_id", 59, 16, Text, Required),
    f("reserved", 75, 2, Blank, Unused),
    f("discretionary_data", 77, 2, Text, Optional),
    f("addenda_record_indicator", 79, 1, Choice("0/1"), Mandatory),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Entry Detail COR.
pub const ENTRY_COR: &Layout = &layout("6.COR", "Entry Detail COR", &[
    f("record_type", 1, 1, Fixed("6"), Mandatory),
    f("transaction_code", 2, 2, Digits, Mandatory),
    f("receiving_dfi_identification", 4, 8, Dfi, Mandatory),
    f("check_digit", 12, 1, Digits, Mandatory),
    f("dfi_account_number", 13, 17, Text, Required),
    f("amount", 30, 10, Cents, Mandatory),
    f("individual_or_identification_number", 40, 15, Text, Optional),
    f("individual_or_company_name", 55, 22, Text, Required),
    f("discretionary_data", 77, 2, Text, Optional),
    f("addenda_record_indicator", 79, 1, Choice("0/1"), Mandatory),
    f("trace_number", 80, 15, Digits, Mandatory),
]);

#[rustfmt::skip]
/// Entry Detail return/dishonored/contested.
pub const ENTRY_RETURN: &Layout = &layout("6.RETURN", "Entry Detail return/dishonored/contested", &[
    f("record_type", 1, 1, Fixed("6"), Mandatory),
    f("transaction_code", 2, 2, Digits, Mandatory),
    f("receiving_dfi_identification", 4, 8, Dfi, Mandatory),
    f("check_digit", 12, 1, Digits, Mandatory),
    f("dfi_account_number", 13, 17, Text, Required),
    f("amount", 30, 10, Cents, Mandatory),
    f("individual_id_or_identification_or_check_serial", 40, 15, Text, Optional),
    f("individual_or_company_name", 55, 22, Text, Required),
    f("discretionary_or_payment_type_or_card_type", 77, 2, Text, Required),
    f("addenda_record_indicator", 79, 1, Choice("0/1"), Mandatory),
    f("trace_number", 80, 15, Digits, Mandatory),
]);
