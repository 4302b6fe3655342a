//! What trailers say, held against what was read.

use crate::bai2::fields::Fields;
use crate::finding::Severity;

/// What has been added up since a header.
#[derive(Default)]
pub(super) struct Totals {
    /// Every amount as written. Sums of 18 digit amounts, far from the end of 128 bits.
    pub total: i128,
    /// Accounts of a group, groups of a file.
    pub parts: u64,
    /// Records seen before the header.
    pub before: u64,
}

/// An empty control total is not checked: some banks leave it empty where there is no money.
pub(super) fn check_total(fields: &mut Fields, name: &'static str, found: i128) {
    let place = fields.place();
    let Some(said) = fields.amount(name) else {
        return;
    };
    if i128::from(said.get()) != found {
        let why = format!(
            "says {} cents, but the amounts add up to {found}: a record is missing, doubled or \
             changed; ask the bank for the file again",
            said.get()
        );
        fields
            .findings
            .add(place.finding("CONTROL_TOTAL", Severity::Error, name, why));
    }
}

pub(super) fn check_count(fields: &mut Fields, name: &'static str, found: u64) {
    let place = fields.place();
    let Some(said) = fields.count(name) else {
        return;
    };
    if said != found {
        let why = format!("says {said}, but there are {found}: ask the bank for the file again");
        fields
            .findings
            .add(place.finding("CONTROL_TOTAL", Severity::Error, name, why));
    }
}
