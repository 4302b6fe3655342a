//! Standard entry class codes: what kind of payment an entry is.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

macro_rules! sec_codes {
    ($($variant:ident $text:literal $name:literal),* $(,)?) => {
        /// A standard entry class code. Nacha Rules 2013 OR120.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[allow(missing_docs)]
        pub enum SecCode { $(#[serde(rename = $text)] $variant),* }

        impl SecCode {
            /// Every code, in alphabetical order.
            pub const ALL: &[SecCode] = &[$(SecCode::$variant),*];

            /// The three letters of the code.
            pub const fn as_str(self) -> &'static str {
                match self { $(SecCode::$variant => $text),* }
            }

            /// What the code stands for.
            pub const fn name(self) -> &'static str {
                match self { $(SecCode::$variant => $name),* }
            }

            /// The code behind three letters, which must be upper case.
            pub const fn from_bytes(text: &[u8]) -> Option<SecCode> {
                $(if let [a, b, c] = *text {
                    let t = $text.as_bytes();
                    if a == t[0] && b == t[1] && c == t[2] { return Some(SecCode::$variant); }
                })*
                None
            }
        }
    };
}

sec_codes! {
    Ack "ACK" "ACH Payment Acknowledgment",
    Adv "ADV" "Automated Accounting Advice",
    Arc "ARC" "Accounts Receivable Entry",
    Atx "ATX" "Financial EDI Acknowledgment",
    Boc "BOC" "Back Office Conversion Entry",
    Ccd "CCD" "Corporate Credit or Debit",
    Cie "CIE" "Customer Initiated Entry",
    Cor "COR" "Notification of Change / refused NOC",
    Ctx "CTX" "Corporate Trade Exchange",
    Dne "DNE" "Death Notification Entry",
    Enr "ENR" "Automated Enrollment Entry",
    Iat "IAT" "International ACH Transaction",
    Mte "MTE" "Machine Transfer Entry",
    Pop "POP" "Point-of-Purchase Entry",
    Pos "POS" "Point of Sale Entry",
    Ppd "PPD" "Prearranged Payment and Deposit",
    Rck "RCK" "Re-presented Check Entry",
    Shr "SHR" "Shared Network Transaction",
    Tel "TEL" "Telephone-Initiated Entry",
    Trc "TRC" "Check Truncation Entry",
    Trx "TRX" "Check Truncation Entries Exchange",
    Web "WEB" "Internet-Initiated/Mobile Entry",
    Xck "XCK" "Destroyed Check Entry",
}

impl fmt::Display for SecCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for SecCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is not a standard entry class code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("standard entry class code: must be one of the 23, in upper case")]
pub struct UnknownSecCode;

impl FromStr for SecCode {
    type Err = UnknownSecCode;
    fn from_str(text: &str) -> Result<SecCode, UnknownSecCode> {
        SecCode::from_bytes(text.as_bytes()).ok_or(UnknownSecCode)
    }
}

/// Which entries a code may carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Directions {
    /// Credits and debits.
    Both,
    /// Only credits.
    Credits,
    /// Only debits.
    Debits,
    /// Debits; credits only to adjust one.
    Adjusted,
    /// Transaction codes 23 and 33 (they come back as 21 and 31).
    Enrolls,
    /// Transaction codes 24 and 34 (they come back as 21 and 31).
    Acks,
    /// The return codes 21, 26, 31, 36, 41, 46, 51, 56.
    Notices,
    /// An operator's advices, 81 to 88.
    Advices,
}

/// Whose account the entry goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Receiver {
    Consumer,
    Business,
    Either,
    Agency,
    Bank,
}

/// When an entry has addenda.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddendaNeed {
    /// It has none.
    Never,
    /// It may.
    Optional,
    /// It may, and must where it is a zero-dollar entry.
    ZeroDollar,
    /// It must, but for a prenote.
    NotPrenote,
    /// It must.
    Mandatory,
}

/// What the rules say of one code. Nacha Rules 2013 OR64, OR120-OR122.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecRule {
    /// The code.
    pub code: SecCode,
    /// Which entries it may carry.
    pub directions: Directions,
    /// Whose account it goes to.
    pub receiver: Receiver,
    /// When an entry has addenda.
    pub addenda: AddendaNeed,
    /// How many addenda an entry may have.
    pub max_addenda: u16,
    /// The type code of its (first) addenda, empty where it has none.
    pub addenda_type: &'static str,
    /// Whether it may settle on the same day; `None` where no source says.
    pub same_day: Option<bool>,
    /// The largest amount in cents; 0 for codes that move no money.
    pub limit_cents: u64,
}

#[allow(clippy::too_many_arguments)] // a row of a table
const fn rule(
    code: SecCode,
    directions: Directions,
    receiver: Receiver,
    addenda: AddendaNeed,
    max_addenda: u16,
    addenda_type: &'static str,
    same_day: Option<bool>,
    limit_cents: u64,
) -> SecRule {
    SecRule {
        code,
        directions,
        receiver,
        addenda,
        max_addenda,
        addenda_type,
        same_day,
        limit_cents,
    }
}

/// What fits an amount field: 99,999,999.99.
const MAX: u64 = 9_999_999_999;
/// What fits the amount field of an advice, which is two columns wider.
const ADVICE: u64 = 999_999_999_999;
const YES: Option<bool> = Some(true);
const NO: Option<bool> = Some(false);
const UNKNOWN: Option<bool> = None;

use AddendaNeed::{Mandatory, Never, NotPrenote, Optional, ZeroDollar};
use Directions::{Acks, Adjusted, Advices, Both, Credits, Debits, Enrolls, Notices};
use Receiver::{Agency, Bank, Business, Consumer, Either};
use SecCode::*;

/// What the rules say of each code, in the order of [`SecCode::ALL`]: entries, receiver,
/// addenda, how many, their type, same-day, largest amount in cents.
#[rustfmt::skip]
pub const SEC_RULES: &[SecRule] = &[
    rule(Ack, Acks,     Bank,     Optional,      1, "05", UNKNOWN,         0),
    rule(Adv, Advices,  Bank,     Never,         0, "",   NO,         ADVICE),
    rule(Arc, Debits,   Either,   Never,         0, "",   YES,     2_500_000),
    rule(Atx, Acks,     Bank,     Optional,      1, "05", UNKNOWN,         0),
    rule(Boc, Debits,   Either,   Never,         0, "",   YES,     2_500_000),
    rule(Ccd, Both,     Business, ZeroDollar,    1, "05", YES,           MAX),
    rule(Cie, Credits,  Business, Optional,      1, "05", YES,           MAX),
    rule(Cor, Notices,  Bank,     Mandatory,     1, "98", UNKNOWN,         0),
    rule(Ctx, Both,     Business, ZeroDollar, 9999, "05", YES,           MAX),
    rule(Dne, Enrolls,  Consumer, Mandatory,     1, "05", UNKNOWN,         0),
    rule(Enr, Enrolls,  Agency,   Mandatory,  9999, "05", NO,              0),
    rule(Iat, Both,     Either,   Mandatory,    12, "10", NO,            MAX),
    rule(Mte, Both,     Consumer, NotPrenote,    1, "02", YES,           MAX),
    rule(Pop, Debits,   Either,   Never,         0, "",   YES,     2_500_000),
    rule(Pos, Adjusted, Consumer, NotPrenote,    1, "02", YES,           MAX),
    rule(Ppd, Both,     Consumer, Optional,      1, "05", YES,           MAX),
    rule(Rck, Debits,   Consumer, Never,         0, "",   YES,       249_999),
    rule(Shr, Adjusted, Consumer, NotPrenote,    1, "02", YES,           MAX),
    rule(Tel, Debits,   Consumer, Never,         0, "",   YES,           MAX),
    rule(Trc, Debits,   Either,   Never,         0, "",   UNKNOWN,       MAX),
    rule(Trx, Debits,   Either,   Mandatory,  9999, "05", UNKNOWN,       MAX),
    rule(Web, Both,     Consumer, Optional,      1, "05", YES,           MAX),
    rule(Xck, Debits,   Either,   Never,         0, "",   YES,       249_999),
];

impl SecCode {
    /// What the rules say of this code.
    pub const fn rule(self) -> &'static SecRule {
        &SEC_RULES[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_stand_in_the_order_of_the_codes() {
        assert_eq!(SEC_RULES.len(), SecCode::ALL.len());
        for (code, rule) in SecCode::ALL.iter().zip(SEC_RULES) {
            assert_eq!((*code, code.rule()), (rule.code, rule));
            assert_eq!(code.as_str().parse(), Ok(*code));
            assert_eq!(rule.addenda == Never, rule.max_addenda == 0, "{code}");
        }
        assert!("ppd".parse::<SecCode>().is_err());
    }

    #[test]
    fn the_rules_are_the_reference() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../shared/reference/tables/sec_codes.tsv"
        );
        let Ok(text) = std::fs::read_to_string(path) else {
            return;
        };
        let mut seen = 0;
        for line in text.lines().skip(1) {
            let cells: Vec<&str> = line.split('\t').collect();
            let rule = cells[0].parse::<SecCode>().unwrap().rule();
            assert_eq!(cells[1], rule.code.name());
            assert_eq!(
                cells[2] == "non-monetary",
                rule.limit_cents == 0 || cells[0] == "ADV"
            );
            assert_eq!(cells[5], rule.max_addenda.to_string(), "{}", rule.code);
            assert_eq!(
                cells[7].get(..2).unwrap_or(""),
                rule.addenda_type,
                "{}",
                rule.code
            );
            let same_day = match cells[8] {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            };
            assert_eq!(same_day, rule.same_day, "{}", rule.code);
            seen += 1;
        }
        assert_eq!(seen, SEC_RULES.len());
    }
}
