//! The chart of accounts.
//!
//! The first digit is the class. A *clearing* account stands between two records of the same
//! money, the file we sent and the bank's line, and returns to zero for each batch, trace or bill
//! it is kept by: what remains on it is a break that somebody must explain.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The class of an account: what it says of its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// What we have. Debits raise it.
    Asset,
    /// What we owe. Credits raise it.
    Liability,
    /// Our own funds.
    Equity,
    /// What we earned. Credits raise it.
    Income,
    /// What we spent. Debits raise it.
    Expense,
    /// What is noted; no money has moved.
    Memo,
}

/// An account of the chart. Sorts by number; tables and JSON carry the number as four digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Account {
    /// Customers' money at the bank: what statements are held against.
    BankFbo,
    /// Our own money at the bank.
    BankOperating,
    /// Pulls on their way. Kept by batch.
    DebitsInTransit,
    /// What the card processor owes us. Kept by deposit.
    CardReceivable,
    /// What originators owe us for returns they could not cover. Kept by originator.
    ReturnedItems,
    /// What of the receivable we expect to lose; stands against 1130.
    Allowance,
    /// Reversing entries on their way. Kept by batch.
    ReversalsInTransit,
    /// Money that left us and that nobody can explain yet. Kept by bank reference or trace.
    SuspenseDebits,
    /// What customers may spend. Kept by originator.
    CustomerAvailable,
    /// Pulls that may still come back. Kept by originator.
    CustomerHeld,
    /// What is held for a deal that is not done. Kept by originator.
    Escrow,
    /// What two parties dispute. Kept by originator.
    Disputed,
    /// Interest earned and not yet paid. Kept by originator.
    InterestPayable,
    /// Payouts on their way. Kept by batch.
    CreditsInTransit,
    /// Returns between the return file and the bank's line. Kept by original trace.
    ReturnsClearing,
    /// Fees between their accrual and the bank's bill. Kept by bank.
    FeesClearing,
    /// Money that came and that nobody can explain yet. Kept by bank reference or trace.
    SuspenseReceipts,
    /// What was ours on the account when the books began.
    OwnFunds,
    /// What we earn on escrow releases.
    PlatformFees,
    /// What we charge for returns.
    ReturnFees,
    /// What the bank charges.
    BankFees,
    /// What the card processor charges.
    ProcessorFees,
    /// Returns we could not recover.
    ReturnLosses,
    /// Interest we pay.
    Interest,
    /// Differences within tolerance.
    OverShort,
    /// Card authorizations; no money has moved.
    Holds,
    /// The other side of 9010.
    HoldsContra,
}

/// What the chart says of one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// The account.
    pub account: Account,
    /// Its number, four digits.
    pub number: u16,
    /// Its class.
    pub class: Class,
    /// Its name.
    pub name: &'static str,
    /// Whether it returns to zero for each key it is kept by.
    pub clearing: bool,
}

const fn row(account: Account, number: u16, class: Class, name: &'static str) -> AccountRow {
    AccountRow {
        account,
        number,
        class,
        name,
        clearing: false,
    }
}

const fn clears(account: Account, number: u16, class: Class, name: &'static str) -> AccountRow {
    AccountRow {
        account,
        number,
        class,
        name,
        clearing: true,
    }
}

use Account::*;
use Class::{Asset, Equity, Expense, Income, Liability, Memo};

/// The chart, by number, which is the order of [`Account`].
#[rustfmt::skip]
pub const CHART: &[AccountRow] = &[
    row(   BankFbo,            1010, Asset,     "bank, for the benefit of customers"),
    row(   BankOperating,      1020, Asset,     "bank, operating"),
    clears(DebitsInTransit,    1110, Asset,     "ACH debits in transit"),
    clears(CardReceivable,     1120, Asset,     "card processor receivable"),
    row(   ReturnedItems,      1130, Asset,     "returned-item receivable"),
    row(   Allowance,          1139, Asset,     "allowance for returned items"),
    clears(ReversalsInTransit, 1150, Asset,     "reversals in transit"),
    row(   SuspenseDebits,     1900, Asset,     "suspense, debits"),
    row(   CustomerAvailable,  2010, Liability, "customer, available"),
    row(   CustomerHeld,       2020, Liability, "customer, held"),
    row(   Escrow,             2030, Liability, "escrow"),
    row(   Disputed,           2040, Liability, "disputed funds"),
    row(   InterestPayable,    2050, Liability, "interest payable"),
    clears(CreditsInTransit,   2110, Liability, "ACH credits in transit"),
    clears(ReturnsClearing,    2120, Liability, "ACH returns clearing"),
    clears(FeesClearing,       2130, Liability, "fees clearing"),
    row(   SuspenseReceipts,   2900, Liability, "suspense, receipts"),
    row(   OwnFunds,           3010, Equity,    "own funds"),
    row(   PlatformFees,       4010, Income,    "platform fees"),
    row(   ReturnFees,         4020, Income,    "return fees"),
    row(   BankFees,           5010, Expense,   "bank and ACH fees"),
    row(   ProcessorFees,      5020, Expense,   "processor fees"),
    row(   ReturnLosses,       5030, Expense,   "return losses"),
    row(   Interest,           5040, Expense,   "interest"),
    row(   OverShort,          5050, Expense,   "reconciliation over and short"),
    row(   Holds,              9010, Memo,      "authorization holds"),
    row(   HoldsContra,        9020, Memo,      "authorization holds, contra"),
];

impl Account {
    /// Every account, by number.
    pub fn all() -> impl Iterator<Item = Account> {
        CHART.iter().map(|row| row.account)
    }

    /// What the chart says of this account.
    pub const fn row(self) -> &'static AccountRow {
        &CHART[self as usize]
    }

    /// The account's number, four digits.
    pub const fn number(self) -> u16 {
        self.row().number
    }

    /// The account's name.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The account's class.
    pub const fn class(self) -> Class {
        self.row().class
    }

    /// Whether the account returns to zero for each key it is kept by.
    pub const fn is_clearing(self) -> bool {
        self.row().clearing
    }

    /// The account behind four digits; `None` where the chart has no such number.
    pub fn from_number(number: &str) -> Option<Account> {
        let number = if number.len() == 4 {
            number.parse::<u16>().ok()?
        } else {
            return None;
        };
        CHART
            .iter()
            .find(|row| row.number == number)
            .map(|row| row.account)
    }
}

/// The number and the name: `1110 ACH debits in transit`.
impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} {}", self.number(), self.name()))
    }
}

/// The text is not the number of an account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("account: the chart has no such number")]
pub struct UnknownAccount;

impl TryFrom<String> for Account {
    type Error = UnknownAccount;
    fn try_from(number: String) -> Result<Account, UnknownAccount> {
        Account::from_number(&number).ok_or(UnknownAccount)
    }
}

impl From<Account> for String {
    fn from(account: Account) -> String {
        account.number().to_string()
    }
}
