//! Standard entry class codes: what kind of payment an entry is.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

macro_rules! sec_codes {
    ($($variant:ident $text:literal),* $(,)?) => {
        /// A standard entry class code. NACHA.md 1.9.
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
    Ack "ACK", Adv "ADV", Arc "ARC", Atx "ATX", Boc "BOC", Ccd "CCD", Cie "CIE", Cor "COR",
    Ctx "CTX", Dne "DNE", Enr "ENR", Iat "IAT", Mte "MTE", Pop "POP", Pos "POS", Ppd "PPD",
    Rck "RCK", Shr "SHR", Tel "TEL", Trc "TRC", Trx "TRX", Web "WEB", Xck "XCK",
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
    Enrollment,
    /// Transaction codes 24 and 34 (they come back as 21 and 31).
    Acknowledging,
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

/// What the rules say of one code. Nacha Rules 2013 OR64, OR120-OR122; NACHA.md 1.9.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecRule {
    /// The code.
    pub code: SecCode,
    /// Its name.
    pub name: &'static str,
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
    name: &'static str,
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
        name,
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
const YES: Option<bool> = Some(true);
const NO: Option<bool> = Some(false);
const UNKNOWN: Option<bool> = None;

use AddendaNeed::{Mandatory, Never, NotPrenote, Optional, ZeroDollar};
use Directions::{Acknowledging, Adjusted, Advices, Both, Credits, Debits, Enrollment, Notices};
use Receiver::{Agency, Bank, Business, Consumer, Either};
use SecCode::*;

/// What the rules say of each code, in the order of [`SecCode::ALL`]: name, entries, receiver,
/// addenda, how many, their type, same-day, largest amount in cents.
#[rustfmt::skip]
pub const SEC_RULES: &[SecRule] = &[
    rule(Ack, "ACH Payment Acknowledgment",          Acknowledging, Bank,     Optional,     1, "05",UNKNOWN,         0),
    rule(Adv, "Automated Accounting Advice",         Advices,       Bank,     Never,        0, "",  NO,            MAX),
    rule(Arc, "Accounts Receivable Entry",           Debits,        Either,   Never,        0, "",  YES,     2_500_000),
    rule(Atx, "Financial EDI Acknowledgment",        Acknowledging, Bank,     Optional,     1, "05",UNKNOWN,         0),
    rule(Boc, "Back Office Conversion Entry",        Debits,        Either,   Never,        0, "",  YES,     2_500_000),
    rule(Ccd, "Corporate Credit or Debit",           Both,          Business, ZeroDollar,   1, "05",YES,           MAX),
    rule(Cie, "Customer Initiated Entry",            Credits,       Business, Optional,     1, "05",YES,           MAX),
    rule(Cor, "Notification of Change / refused NOC",Notices,       Bank,     Mandatory,    1, "98",UNKNOWN,         0),
    rule(Ctx, "Corporate Trade Exchange",            Both,          Business, ZeroDollar,9999, "05",YES,           MAX),
    rule(Dne, "Death Notification Entry",            Enrollment,    Consumer, Mandatory,    1, "05",UNKNOWN,         0),
    rule(Enr, "Automated Enrollment Entry",          Enrollment,    Agency,   Mandatory, 9999, "05",NO,              0),
    rule(Iat, "International ACH Transaction",       Both,          Either,   Mandatory,   12, "10",NO,            MAX),
    rule(Mte, "Machine Transfer Entry",              Both,          Consumer, NotPrenote,   1, "02",YES,           MAX),
    rule(Pop, "Point-of-Purchase Entry",             Debits,        Either,   Never,        0, "",  YES,     2_500_000),
    rule(Pos, "Point of Sale Entry",                 Adjusted,      Consumer, NotPrenote,   1, "02",YES,           MAX),
    rule(Ppd, "Prearranged Payment and Deposit",     Both,          Consumer, Optional,     1, "05",YES,           MAX),
    rule(Rck, "Re-presented Check Entry",            Debits,        Consumer, Never,        0, "",  YES,       249_999),
    rule(Shr, "Shared Network Transaction",          Adjusted,      Consumer, NotPrenote,   1, "02",YES,           MAX),
    rule(Tel, "Telephone-Initiated Entry",           Debits,        Consumer, Never,        0, "",  YES,           MAX),
    rule(Trc, "Check Truncation Entry",              Debits,        Either,   Never,        0, "",  UNKNOWN,       MAX),
    rule(Trx, "Check Truncation Entries Exchange",   Debits,        Either,   Mandatory, 9999, "05",UNKNOWN,       MAX),
    rule(Web, "Internet-Initiated/Mobile Entry",     Both,          Consumer, Optional,     1, "05",YES,           MAX),
    rule(Xck, "Destroyed Check Entry",               Debits,        Either,   Never,        0, "",  YES,       249_999),
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
            assert_eq!(cells[1], rule.name);
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
