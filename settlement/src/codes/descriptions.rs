//! Company entry descriptions with a meaning of their own: what the receiver reads on the
//! statement, reserved by the rules, in upper case.
//!
//! Sources: Nacha Rules 2013 OR105-OR106 and 2.14, and the later rule changes named in the rows.

use super::sec::SecCode;
use jiff::civil::{Date, date};

/// One reserved description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Description {
    /// The word, at most ten characters; [`Description::matches`] says how it is compared.
    pub word: &'static str,
    /// The code it belongs to; `None` for any.
    pub sec: Option<SecCode>,
    /// Since when it is reserved; `None` before 2013.
    pub since: Option<Date>,
    /// What it says of the batch.
    pub meaning: &'static str,
}

const fn row(
    word: &'static str,
    sec: Option<SecCode>,
    since: Option<Date>,
    meaning: &'static str,
) -> Description {
    Description {
        word,
        sec,
        since,
        meaning,
    }
}

use SecCode::{Ccd, Enr, Ppd, Rck, Web, Xck};

/// A batch of reversing entries; takes the place of any other word.
pub const REVERSAL: &str = "REVERSAL";
/// A batch of entries sent again after a return for funds.
pub const RETRY: &str = "RETRY PYMT";
/// A batch of fees for returned entries.
pub const RETURN_FEE: &str = "RETURN FEE";
/// A batch of micro-entries.
pub const ACCOUNT_VERIFY: &str = "ACCTVERIFY";

/// Every reserved description, in alphabetical order.
#[rustfmt::skip]
pub const DESCRIPTIONS: &[Description] = &[
    row("ACCTVERIFY", None,      Some(date(2022, 9, 16)), "micro-entries that verify an account"),
    row("AUTOENROLL", Some(Enr), None,                    "enrollment for a federal benefit"),
    row("HCCLAIMPMT", Some(Ccd), Some(date(2013, 9, 20)), "payment of health care claims"),
    row("NO CHECK",   Some(Xck), None,                    "destroyed check"),
    row("NONSETTLED", None,      None,                    "operator's reversal, never settled"),
    row("PAYROLL",    Some(Ppd), Some(date(2026, 3, 20)), "wages, salaries and the like"),
    row("PURCHASE",   Some(Web), Some(date(2026, 3, 20)), "consumer's online purchase of goods"),
    row("RECLAIM",    None,      None,                    "reclamation after a death"),
    row("REDEPCHECK", Some(Rck), None,                    "re-presented check"),
    row("RETRY PYMT", None,      Some(date(2015, 9, 18)), "sent again after a return for funds"),
    row("RETURN FEE", None,      None,                    "fee for a returned entry"),
    row("REVERSAL",   None,      None,                    "takes erroneous entries back"),
];

impl Description {
    /// Whether the ten columns of a batch header carry this word. Of PAYROLL the last three
    /// columns are free.
    pub fn matches(&self, field: &[u8]) -> bool {
        let field = field.trim_ascii_end();
        match self.word {
            "PAYROLL" => field.starts_with(b"PAYROLL"),
            word => field == word.as_bytes(),
        }
    }
}

/// The reserved description behind the ten columns of a batch header.
pub fn reserved(field: &[u8]) -> Option<&'static Description> {
    DESCRIPTIONS.iter().find(|d| d.matches(field))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_sorted_and_fit_their_columns() {
        assert!(DESCRIPTIONS.windows(2).all(|w| w[0].word < w[1].word));
        assert!(DESCRIPTIONS.iter().all(|d| d.word.len() <= 10));
        assert_eq!(reserved(b"PAYROLL WK").map(|d| d.word), Some("PAYROLL"));
        assert_eq!(reserved(b"RETRY PYMT").map(|d| d.word), Some(RETRY));
        assert_eq!(reserved(b"INVOICE   "), None);
    }

    #[test]
    fn the_words_are_the_reference() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../shared/reference/tables/company_entry_descriptions.tsv"
        );
        let Ok(text) = std::fs::read_to_string(path) else {
            return;
        };
        let mut words: Vec<&str> = text
            .lines()
            .skip(1)
            .filter_map(|line| line.split('\t').next())
            .collect();
        words.sort_unstable();
        assert_eq!(
            words,
            DESCRIPTIONS.iter().map(|d| d.word).collect::<Vec<_>>()
        );
    }
}
