//! What trailers say, held against what was read.

use crate::bai2::fields::Fields;
use crate::finding::Severity;
use settlement::exact::Exact;

/// What has been added up since a header.
#[derive(Default)]
pub(super) struct Totals {
    /// Every amount as written. Sums of 18 digit amounts, far from the end of 128 bits.
    pub total: i128,
    /// What its parts say that they have more than was read of them, in cents and in records.
    pub missing: Missing,
    /// Accounts of a group, groups of a file.
    pub parts: u64,
    /// Records seen before the header.
    pub before: u64,
}

/// What a trailer says, less what was read.
#[derive(Clone, Copy, Default)]
pub(super) struct Missing {
    pub cents: i128,
    pub records: i128,
}

impl Missing {
    /// What one part more misses.
    pub fn add(&mut self, part: Missing) {
        self.cents = self.cents.plus(part.cents);
        self.records = self.records.plus(part.records);
    }
}

/// Holds a total against what was read, and says by how much it is more. An empty one is not
/// checked: some banks leave it empty where there is no money.
fn check_total(fields: &mut Fields, name: &'static str, found: i128) -> i128 {
    let place = fields.place();
    let Some(said) = fields.amount(name) else {
        return 0;
    };
    let more = i128::from(said.get()).less(found);
    if more != 0 {
        let why = format!(
            "says {} cents, but the amounts add up to {found}: a record is missing, doubled or \
             changed; ask the bank for the file again",
            said.get()
        );
        fields
            .findings
            .add(place.finding("CONTROL_TOTAL", Severity::Error, name, why));
    }
    more
}

/// The same of a number.
fn check_count(fields: &mut Fields, name: &'static str, found: u64) -> i128 {
    let place = fields.place();
    let Some(said) = fields.count(name) else {
        return 0;
    };
    let more = i128::from(said).less(i128::from(found));
    if more != 0 {
        let why = format!("says {said}, but there are {found}: ask the bank for the file again");
        fields
            .findings
            .add(place.finding("CONTROL_TOTAL", Severity::Error, name, why));
    }
    more
}

/// What the trailer of an account says, whose records were so many.
pub(super) fn check_account(fields: &mut Fields, read: u64, totals: &Totals) -> Missing {
    Missing {
        cents: check_total(fields, "account control total", totals.total),
        records: check_count(fields, "number of records", read),
    }
}

/// What the trailer of a group or file says: the amounts of its parts, how many they are, their
/// records. Also how many of its errors only repeat what its parts say of themselves: then a part
/// is wrong, which its own trailer has said, and nothing else is.
pub(super) fn check_parts(
    fields: &mut Fields,
    [total, number]: [&'static str; 2],
    read: u64,
    totals: &Totals,
) -> (Missing, u64) {
    let said = Missing {
        cents: check_total(fields, total, totals.total),
        records: {
            check_count(fields, number, totals.parts);
            check_count(fields, "number of records", read)
        },
    };
    let of_parts = totals.missing;
    let repeats = |said: i128, of_parts: i128| u64::from(said != 0 && said == of_parts);
    let cents = repeats(said.cents, of_parts.cents);
    (said, cents.plus(repeats(said.records, of_parts.records)))
}
