//! Answers: returns, dishonored and contested ones, notifications of change and refused ones.
//!
//! An answer is an entry with a return transaction code and one addenda 98 or 99, its last. Of
//! international entries the addenda 10 to 16 come back with the 99; their answers are never
//! disputed.

use crate::nacha::check::checker::Checker;
use crate::nacha::check::totals::category;
use crate::nacha::digits::{is_blank, number};
use crate::nacha::findings::Place;
use crate::nacha::layout::{Layout, WIDTH};
use crate::nacha::records::{is_void, latin};
use crate::nacha::rules::Rule;
use settlement::codes::changes::{ChangeCode, ChangeError, decode};
use settlement::codes::sec::SecCode;

/// Change codes in use or once in use. Nacha Rules 2013 Appendix Five.
const CHANGE_CODES: &[u8] = &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14];

impl Checker {
    pub(super) fn notice(&mut self, text: &[u8; WIDTH], place: Place, layout: &'static Layout) {
        self.entry.answered = true;
        self.batch.categories |= category::NOC;
        if self.batch.sec != Some(SecCode::Cor) {
            self.plain_field(Rule::AddendaSec, place, layout, "addenda_type_code");
        }
        if !self.entry.back {
            self.plain_field(Rule::ReturnEntry, place, layout, "addenda_type_code");
        }
        let code = number(&text[4..6]).and_then(|n| u8::try_from(n).ok());
        let known = code.is_some_and(|c| CHANGE_CODES.contains(&c) || (61..=69).contains(&c));
        let name = layout.fields.get(2).map_or("", |f| f.name);
        if text[3] == b'C' && !known {
            self.plain_field(Rule::NocCode, place, layout, name);
        }
        let data = layout.value("corrected_data", text);
        if !is_blank(data)
            && let Some(code) = ChangeCode::from_bytes(&text[3..6])
            && let Err(ChangeError::Malformed { .. }) = decode(code, &latin(data))
        {
            self.plain_field(Rule::NocUnfit, place, layout, "corrected_data");
        }
        if self.batch.iat && code.is_some_and(|code| (61..=69).contains(&code)) {
            self.plain_field(Rule::ReturnDispute, place, layout, name);
        }
    }

    pub(super) fn came_back(&mut self, text: &[u8; WIDTH], place: Place, layout: &'static Layout) {
        self.entry.answered = true;
        let reason = number(&text[4..6]).unwrap_or(0);
        self.batch.categories |= match reason {
            61..=70 => category::DISHONORED,
            71..=77 => category::CONTESTED,
            _ => category::RETURN,
        };
        if self.batch.sec == Some(SecCode::Cor) {
            self.plain_field(Rule::AddendaSec, place, layout, "addenda_type_code");
        }
        if !self.entry.back {
            self.plain_field(Rule::ReturnEntry, place, layout, "addenda_type_code");
        }
        let name = layout.fields.get(2).map_or("", |f| f.name);
        if text[3] == b'R' && !known_return(reason) {
            self.plain_field(Rule::ReturnCode, place, layout, name);
        }
        if self.entry.back && !self.entry.fits(&self.batch, reason) {
            self.plain_field(Rule::ReturnUnfit, place, layout, name);
        }
        if self.batch.iat && (61..=77).contains(&reason) {
            self.plain_field(Rule::ReturnDispute, place, layout, name);
        }
        let wanting = match reason {
            69 => is_void(layout.value("addenda_information", text)),
            73 => is_void(layout.value("date_original_entry_returned", text)),
            _ => false,
        };
        if wanting {
            self.plain_field(Rule::ReturnFields, place, layout, name);
        }
    }
}

/// Whether the number is a return reason in the table. Some numbers are not assigned.
fn known_return(reason: u64) -> bool {
    !matches!(reason, 0 | 48 | 49 | 54..=60 | 63..=66 | 78 | 79 | 86..=89 | 91..)
}
