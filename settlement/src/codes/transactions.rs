//! Transaction codes: which account an entry goes to, which way, and what comes back.
//!
//! The tens digit is the account, the units digit the direction and purpose: 1 and 6 come back
//! (returns, notifications of change), 2 and 7 carry money, 3 and 8 are prenotes, 4 and 9 are
//! zero-dollar entries that carry remittance data. Loans have no debits but reversals (55).
//! 81 to 88 are an operator's accounting advices. Source: Nacha Rules 2013 OR123-OR124;
//! reversal codes follow from the table. Nacha Rules 2013 Appendix Three.

use crate::ids::Direction;
use crate::payment::AccountKind;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What an entry with the code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// Moves money.
    Live,
    /// Tests an account before the first live entry; amount zero.
    Prenote,
    /// Carries remittance data without money; amount zero, an addenda follows.
    ZeroDollar,
    /// A return or a notification of change of another entry.
    ReturnOrNoc,
    /// An operator's accounting advice (ADV).
    Advice,
    /// Named by the rules, not in use.
    Reserved,
}

impl Purpose {
    /// The purpose as tables write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Purpose::Live => "live",
            Purpose::Prenote => "prenote",
            Purpose::ZeroDollar => "zero_dollar_remittance",
            Purpose::ReturnOrNoc => "return_or_noc",
            Purpose::Advice => "advice",
            Purpose::Reserved => "reserved",
        }
    }
}

/// One transaction code of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransactionRow {
    /// The two digits.
    pub code: u8,
    /// The receiver's kind of account; `None` for an advice.
    pub account: Option<AccountKind>,
    /// Which way the money goes.
    pub direction: Direction,
    /// What the entry is for.
    pub purpose: Purpose,
    return_code: u8,
    reversal: u8,
}

impl TransactionRow {
    /// Whether the code only takes an erroneous entry back: a loan has no other debits.
    pub const fn takes_back(&self) -> bool {
        matches!(
            (self.account, self.direction, self.purpose),
            (Some(AccountKind::Loan), Direction::Debit, Purpose::Live)
        )
    }
}

const fn row(
    code: u8,
    account: Option<AccountKind>,
    direction: Direction,
    purpose: Purpose,
    return_code: u8,
    reversal: u8,
) -> TransactionRow {
    TransactionRow {
        code,
        account,
        direction,
        purpose,
        return_code,
        reversal,
    }
}

use AccountKind::{Checking, GeneralLedger, Loan, Savings};
use Direction::{Credit, Debit};
use Purpose::{Advice, Live, Prenote, Reserved, ReturnOrNoc, ZeroDollar};

/// Every transaction code, ascending: code, account, direction, purpose, the code it comes back
/// with, the code that reverses it (0: none).
#[rustfmt::skip]
pub const TRANSACTION_CODES: &[TransactionRow] = &[
    row(20, Some(Checking),      Credit, Reserved,     0,  0),
    row(21, Some(Checking),      Credit, ReturnOrNoc,  0,  0),
    row(22, Some(Checking),      Credit, Live,        21, 27),
    row(23, Some(Checking),      Credit, Prenote,     21,  0),
    row(24, Some(Checking),      Credit, ZeroDollar,  21,  0),
    row(25, Some(Checking),      Debit,  Reserved,     0,  0),
    row(26, Some(Checking),      Debit,  ReturnOrNoc,  0,  0),
    row(27, Some(Checking),      Debit,  Live,        26, 22),
    row(28, Some(Checking),      Debit,  Prenote,     26,  0),
    row(29, Some(Checking),      Debit,  ZeroDollar,  26,  0),
    row(30, Some(Savings),       Credit, Reserved,     0,  0),
    row(31, Some(Savings),       Credit, ReturnOrNoc,  0,  0),
    row(32, Some(Savings),       Credit, Live,        31, 37),
    row(33, Some(Savings),       Credit, Prenote,     31,  0),
    row(34, Some(Savings),       Credit, ZeroDollar,  31,  0),
    row(35, Some(Savings),       Debit,  Reserved,     0,  0),
    row(36, Some(Savings),       Debit,  ReturnOrNoc,  0,  0),
    row(37, Some(Savings),       Debit,  Live,        36, 32),
    row(38, Some(Savings),       Debit,  Prenote,     36,  0),
    row(39, Some(Savings),       Debit,  ZeroDollar,  36,  0),
    row(41, Some(GeneralLedger), Credit, ReturnOrNoc,  0,  0),
    row(42, Some(GeneralLedger), Credit, Live,        41, 47),
    row(43, Some(GeneralLedger), Credit, Prenote,     41,  0),
    row(44, Some(GeneralLedger), Credit, ZeroDollar,  41,  0),
    row(46, Some(GeneralLedger), Debit,  ReturnOrNoc,  0,  0),
    row(47, Some(GeneralLedger), Debit,  Live,        46, 42),
    row(48, Some(GeneralLedger), Debit,  Prenote,     46,  0),
    row(49, Some(GeneralLedger), Debit,  ZeroDollar,  46,  0),
    row(51, Some(Loan),          Credit, ReturnOrNoc,  0,  0),
    row(52, Some(Loan),          Credit, Live,        51, 55),
    row(53, Some(Loan),          Credit, Prenote,     51,  0),
    row(54, Some(Loan),          Credit, ZeroDollar,  51,  0),
    row(55, Some(Loan),          Debit,  Live,        56, 52),
    row(56, Some(Loan),          Debit,  ReturnOrNoc,  0,  0),
    row(81, None,                Credit, Advice,       0,  0),
    row(82, None,                Debit,  Advice,       0,  0),
    row(83, None,                Credit, Advice,       0,  0),
    row(84, None,                Debit,  Advice,       0,  0),
    row(85, None,                Credit, Advice,       0,  0),
    row(86, None,                Debit,  Advice,       0,  0),
    row(87, None,                Credit, Advice,       0,  0),
    row(88, None,                Debit,  Advice,       0,  0),
];

/// A transaction code that is in the table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct TransactionCode(u8);

/// The number is not a transaction code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("transaction code: not in the table of transaction codes")]
pub struct UnknownTransactionCode;

/// Where a code stands in the table, by its number; 0xFF where it does not.
const PLACES: [u8; 100] = places();

const fn places() -> [u8; 100] {
    let mut places = [0xFF; 100];
    let mut at = 0;
    while at < TRANSACTION_CODES.len() {
        places[TRANSACTION_CODES[at].code as usize] = at as u8;
        at = at.wrapping_add(1);
    }
    places
}

impl TransactionCode {
    /// The code of that number, `None` where the table does not have it.
    pub const fn new(code: u8) -> Option<TransactionCode> {
        if code < 100 && PLACES[code as usize] != 0xFF {
            Some(TransactionCode(code))
        } else {
            None
        }
    }

    /// The code behind two digits.
    pub const fn from_bytes(text: &[u8]) -> Option<TransactionCode> {
        match *text {
            [a @ b'0'..=b'9', b @ b'0'..=b'9'] => {
                let tens = a.wrapping_sub(b'0').wrapping_mul(10);
                TransactionCode::new(tens.wrapping_add(b.wrapping_sub(b'0')))
            }
            _ => None,
        }
    }

    /// The code that moves money to or from such an account.
    pub const fn live(account: AccountKind, direction: Direction) -> TransactionCode {
        TransactionCode(match (account, direction) {
            (Checking, Credit) => 22,
            (Checking, Debit) => 27,
            (Savings, Credit) => 32,
            (Savings, Debit) => 37,
            (GeneralLedger, Credit) => 42,
            (GeneralLedger, Debit) => 47,
            (Loan, Credit) => 52,
            (Loan, Debit) => 55,
        })
    }

    /// The code that tests such an account; `None` for a loan debit, which has none.
    pub fn prenote(account: AccountKind, direction: Direction) -> Option<TransactionCode> {
        TRANSACTION_CODES
            .iter()
            .find(|r| {
                r.account == Some(account) && r.direction == direction && r.purpose == Prenote
            })
            .map(|r| TransactionCode(r.code))
    }

    /// The two digits as a number.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// The code's row of the table.
    pub const fn row(self) -> &'static TransactionRow {
        &TRANSACTION_CODES[PLACES[self.0 as usize] as usize]
    }

    /// The receiver's kind of account; `None` for an advice.
    pub const fn account(self) -> Option<AccountKind> {
        self.row().account
    }

    /// Which way the money goes.
    pub const fn direction(self) -> Direction {
        self.row().direction
    }

    /// What the entry is for.
    pub const fn purpose(self) -> Purpose {
        self.row().purpose
    }

    /// The code with which an entry of this code comes back; a return keeps its own.
    pub const fn return_code(self) -> Option<TransactionCode> {
        match self.row().purpose {
            Purpose::ReturnOrNoc => Some(self),
            _ => TransactionCode::new_or_none(self.row().return_code),
        }
    }

    /// The code that takes an entry of this code back; only live entries have one.
    pub const fn reversal(self) -> Option<TransactionCode> {
        TransactionCode::new_or_none(self.row().reversal)
    }

    const fn new_or_none(code: u8) -> Option<TransactionCode> {
        if code == 0 {
            None
        } else {
            TransactionCode::new(code)
        }
    }
}

impl fmt::Display for TransactionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

impl fmt::Debug for TransactionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

impl TryFrom<u8> for TransactionCode {
    type Error = UnknownTransactionCode;
    fn try_from(code: u8) -> Result<TransactionCode, UnknownTransactionCode> {
        TransactionCode::new(code).ok_or(UnknownTransactionCode)
    }
}

impl From<TransactionCode> for u8 {
    fn from(code: TransactionCode) -> u8 {
        code.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(code: Option<TransactionCode>) -> String {
        code.map(|c| c.to_string()).unwrap_or_default()
    }

    #[test]
    fn the_table_is_sorted_and_its_codes_lead_to_each_other() {
        assert!(TRANSACTION_CODES.windows(2).all(|w| w[0].code < w[1].code));
        for row in TRANSACTION_CODES {
            let code = TransactionCode::new(row.code).unwrap();
            assert_eq!(
                TransactionCode::from_bytes(code.to_string().as_bytes()),
                Some(code)
            );
            if let Some(back) = code.reversal() {
                assert_eq!(back.reversal(), Some(code));
                assert_eq!(back.direction(), code.direction().opposite());
                assert_eq!(back.account(), code.account());
            }
            if let Some(back) = code.return_code() {
                assert_eq!(back.purpose(), Purpose::ReturnOrNoc);
                assert_eq!(
                    back.direction(),
                    code.direction(),
                    "a return keeps the direction"
                );
            }
            if row.purpose == Purpose::Live {
                let account = row.account.unwrap();
                assert_eq!(TransactionCode::live(account, row.direction), code);
            }
        }
        assert_eq!(TransactionCode::prenote(Loan, Debit), None);
        assert_eq!(TransactionCode::from_bytes(b"2O"), None);
    }

    #[test]
    fn the_table_is_the_reference() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../shared/reference/tables/transaction_codes.tsv"
        );
        let Ok(text) = std::fs::read_to_string(path) else {
            return;
        };
        let mut lines = 0;
        for (line, row) in text.lines().skip(1).zip(TRANSACTION_CODES) {
            let cells: Vec<&str> = line.split('\t').collect();
            let code = TransactionCode::new(row.code).unwrap();
            let account = match row.account {
                Some(Checking) => "demand",
                Some(Savings) => "savings",
                Some(GeneralLedger) => "general_ledger",
                Some(Loan) => "loan",
                None => "adv_accounting",
            };
            let is_return = row.purpose == Purpose::ReturnOrNoc;
            let back = if is_return { None } else { code.return_code() };
            assert_eq!(cells[0], code.to_string());
            assert_eq!(cells[1], account, "{code}");
            assert_eq!(cells[2], row.direction.as_str(), "{code}");
            assert_eq!(cells[3], row.purpose.as_str(), "{code}");
            assert_eq!(cells[5], digits(back), "{code}");
            assert_eq!(cells[6], digits(code.reversal()), "{code}");
            lines += 1;
        }
        assert_eq!(lines, TRANSACTION_CODES.len());
    }
}
