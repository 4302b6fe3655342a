//! Breaks: what did not agree, by name.

use crate::money::SignedCents;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Which leg of the reconciliation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Leg {
    /// None of them: a file is wrong in itself, before anything is matched.
    #[serde(rename = "FILE")]
    File,
    /// Payments on their way to what is expected.
    L0,
    /// Payments to the entries we sent.
    L1,
    /// Returns and notifications of change to the entries we sent.
    L2,
    /// Batches and returns to the bank's statement lines.
    L3,
    /// Statement lines to the cash accounts of the ledger.
    L4,
    /// The books to the bank's balance, and to what waits.
    L5,
}

impl Leg {
    /// Every leg, in the order of their names.
    pub const ALL: &'static [Leg] = &[
        Leg::File,
        Leg::L0,
        Leg::L1,
        Leg::L2,
        Leg::L3,
        Leg::L4,
        Leg::L5,
    ];

    /// `L0` to `L5`, or `FILE`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Leg::File => "FILE",
            Leg::L0 => "L0",
            Leg::L1 => "L1",
            Leg::L2 => "L2",
            Leg::L3 => "L3",
            Leg::L4 => "L4",
            Leg::L5 => "L5",
        }
    }

    /// What its two sides hold.
    pub const fn sides(self) -> (&'static str, &'static str) {
        match self {
            Leg::File => ("files", "what their own totals say"),
            Leg::L0 => ("payments on their way", "nothing else"),
            Leg::L1 => ("claimed payments", "entries in files"),
            Leg::L2 => ("returns and notices", "entries sent"),
            Leg::L3 => ("batches and returns", "statement lines"),
            Leg::L4 => ("statement lines", "cash lines in the books"),
            Leg::L5 => ("balances between", "what waits, and the bank's balance"),
        }
    }
}

macro_rules! kinds {
    ($($name:ident $text:literal $meaning:literal,)*) => {
        /// The kinds of break.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum BreakKind {
            $(#[doc = $meaning] #[serde(rename = $text)] $name,)*
        }

        impl BreakKind {
            /// Every kind, in the order of the taxonomy.
            pub const ALL: &'static [BreakKind] = &[$(BreakKind::$name,)*];

            /// The kind as tables and reports write it.
            pub const fn as_str(self) -> &'static str {
                match self { $(BreakKind::$name => $text,)* }
            }

            /// What it means, in a line.
            pub const fn meaning(self) -> &'static str {
                match self { $(BreakKind::$name => $meaning,)* }
            }
        }
    };
}

kinds! {
    Timing "TIMING" "one-sided, still inside the SLA of its window",
    MissingAtBank "MISSING_AT_BANK" "ours, and the bank does not have it past its SLA",
    MissingInFile "MISSING_IN_FILE" "claimed by a cut, and in no file",
    MissingInLedger "MISSING_IN_LEDGER" "happened, and the books do not have it",
    UnexpectedAtBank "UNEXPECTED_AT_BANK" "on the statement, with no origin of ours",
    DupEntry "DUP_ENTRY" "the same entry or return a second time",
    DupFile "DUP_FILE" "the same file a second time",
    DupStatement "DUP_STATEMENT" "the same statement, or line of one, a second time",
    Amount "AMOUNT" "keys agree, amounts differ",
    Rounding "ROUNDING" "keys agree, amounts differ within tolerance",
    FeeNetted "FEE_NETTED" "the difference is a fee of the schedule",
    Date "DATE" "settled on another banking day than expected",
    WindowMiss "WINDOW_MISS" "settled in another window than asked for",
    Direction "DIRECTION" "same amount, other way",
    Currency "CURRENCY" "the sides name different currencies",
    Status "STATUS" "the sides disagree on the state",
    SettlementUndone "SETTLEMENT_UNDONE" "the bank took back what had settled",
    SplitIncomplete "SPLIT_INCOMPLETE" "the parts do not reach the whole",
    Ambiguous "AMBIGUOUS" "two or more equally good candidates; none was picked",
    ReturnUnmatched "RETURN_UNMATCHED" "a return without an original",
    ReturnLate "RETURN_LATE" "a return after its window",
    ReturnAmount "RETURN_AMOUNT" "a return of another amount than its original",
    NocUnapplied "NOC_UNAPPLIED" "a correction not applied in time",
    ControlTotal "CONTROL_TOTAL" "a file's counts, hash or amounts do not add up",
    BalanceAssertion "BALANCE_ASSERTION" "opening and lines are not closing",
    SequenceGap "SEQUENCE_GAP" "a statement or file between two is missing",
    FileStatus "FILE_STATUS" "a file that says itself that it is not to be booked as it stands",
    ClearingResidue "CLEARING_RESIDUE" "a clearing account not at zero past its age",
    FundingMissing "FUNDING_MISSING" "announced by an originator or by us, and not there in time",
    Overdrawn "OVERDRAWN" "an originator may spend less than nothing, beyond its limit",
}

/// Whether anybody has to do something about a break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum BreakStatus {
    /// Nothing is left to do: the difference explains itself, and the next posting takes it.
    #[serde(rename = "AUTO_CLEARED")]
    AutoCleared,
    /// It stays until somebody has resolved it.
    #[serde(rename = "OPEN")]
    Open,
}

impl BreakStatus {
    /// Both, in the order of their names.
    pub const ALL: &'static [BreakStatus] = &[BreakStatus::AutoCleared, BreakStatus::Open];

    /// The status as tables and reports write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            BreakStatus::AutoCleared => "AUTO_CLEARED",
            BreakStatus::Open => "OPEN",
        }
    }
}

impl BreakKind {
    /// What a break of this kind is when it is found: what explains itself and is posted or
    /// matched already needs nobody.
    pub const fn status(self) -> BreakStatus {
        match self {
            BreakKind::FeeNetted | BreakKind::Rounding | BreakKind::Date | BreakKind::DupFile => {
                BreakStatus::AutoCleared
            }
            _ => BreakStatus::Open,
        }
    }
}

/// The text names no kind of break, no leg or no status.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}: {1:?} is none; restore the table or record it stands in")]
pub struct UnknownName(&'static str, String);

/// Text forms: `as_str`, [`fmt::Display`] and [`FromStr`] are one and the same.
macro_rules! text_form {
    ($($name:ident $what:literal),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownName;
            fn from_str(text: &str) -> Result<$name, UnknownName> {
                let mut all = $name::ALL.iter().copied();
                let found = all.find(|one| one.as_str() == text);
                found.ok_or_else(|| UnknownName($what, text.to_owned()))
            }
        }
    )*};
}

text_form!(BreakKind "kind of break", Leg "leg", BreakStatus "status of a break");

/// One thing that does not agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// What is wrong.
    pub kind: BreakKind,
    /// Where it was found.
    pub leg: Leg,
    /// What it is about: a payment, trace, batch or line. Never an account number.
    pub key: String,
    /// The money in question: the difference where both sides are there, else the amount.
    pub cents: SignedCents,
    /// Our record, as its own name.
    pub left: Option<String>,
    /// The other record, as its own name.
    pub right: Option<String>,
    /// One sentence for whoever has to look at it.
    pub explanation: String,
    /// Whether the records are matched all the same and this is only a remark.
    pub note: bool,
    /// Counts breaks of one kind and key from zero.
    pub nth: u32,
}

impl Break {
    /// The break's name, the same on every run over the same inputs: leg, kind, key.
    pub fn id(&self) -> String {
        let name = format!("{}/{}/{}", self.leg.as_str(), self.kind, self.key);
        if self.nth == 0 {
            name
        } else {
            format!("{name}#{}", self.nth)
        }
    }
}

/// Sorts breaks and numbers those of one kind and key.
pub(super) fn seal(breaks: &mut [Break]) {
    breaks.sort_by(|a, b| {
        let order = |x: &Break| (x.kind, x.cents);
        (a.kind, &a.key, &a.left, &a.right, order(a)).cmp(&(
            b.kind,
            &b.key,
            &b.left,
            &b.right,
            order(b),
        ))
    });
    for same in breaks.chunk_by_mut(|a, b| a.kind == b.kind && a.key == b.key) {
        for (broken, nth) in same.iter_mut().zip(0u32..) {
            broken.nth = nth;
        }
    }
}
