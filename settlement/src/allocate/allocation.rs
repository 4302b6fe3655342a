//! An allocation: signed lines that sum to zero, with the rule that made it and its evidence.

use crate::archive::sha256;
use crate::exact::Exact;
use crate::money::SignedCents;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The version of the rules: the bounds of every search are part of it.
pub const RULES: u32 = 2;

/// Which pass found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pass {
    /// A later version of a statement does not have the line.
    Correction,
    /// The bank took back what it had moved.
    Reversal,
    /// A name and the amount agree.
    Named,
    /// The parts of a line name what they are.
    Details,
    /// All that one line is about, as the bank settles.
    Group,
    /// A name agrees, and one cause explains the amount.
    Cause,
    /// Nothing is named; what stands together adds up in one way only.
    Nameless,
    /// What an earlier day had supposed gives way to what a line says.
    Displaced,
}

impl Pass {
    /// Its name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Pass::Correction => "correction",
            Pass::Reversal => "reversal",
            Pass::Named => "named",
            Pass::Details => "details",
            Pass::Group => "group",
            Pass::Cause => "cause",
            Pass::Nameless => "nameless",
            Pass::Displaced => "displaced",
        }
    }
}

impl fmt::Display for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a line of an allocation is of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// A receipt, by its id.
    Receipt(String),
    /// An expectation, by its id.
    Expectation(String),
    /// A fee that the contract lets the bank keep from the settlement of this expectation.
    NettedFee(String),
    /// Cents within the tolerance of the profile, on this expectation.
    Rounding(String),
}

impl Item {
    /// What kind of thing it is, as tables say it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Item::Receipt(_) => "receipt",
            Item::Expectation(_) => "expectation",
            Item::NettedFee(_) => "netted_fee",
            Item::Rounding(_) => "rounding",
        }
    }

    /// The id of the thing, or of what it hangs on.
    pub fn id(&self) -> &str {
        match self {
            Item::Receipt(id) | Item::Expectation(id) => id,
            Item::NettedFee(id) | Item::Rounding(id) => id,
        }
    }
}

/// One line of an allocation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Share {
    /// Of what.
    pub item: Item,
    /// How much: a receipt's as it moved the account, an expectation's the other way.
    pub cents: SignedCents,
}

/// What belongs together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    /// Its name: the date, and what its lines say.
    pub id: String,
    /// The pass that found it.
    pub pass: Pass,
    /// The version of the rules that found it.
    pub rules: u32,
    /// What tells that it is so, in words.
    pub evidence: String,
    /// Its lines. They sum to zero.
    pub shares: Vec<Share>,
    /// The allocation that it takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverses: Option<String>,
}

impl Allocation {
    /// Makes one of `date`.
    ///
    /// # Panics
    /// Where the lines do not sum to zero, or one of them is of nothing: the rules are wrong.
    pub fn new(date: Date, pass: Pass, evidence: String, mut shares: Vec<Share>) -> Allocation {
        shares.sort();
        let sum = shares
            .iter()
            .fold(0i128, |sum, s| sum.plus(i128::from(s.cents.get())));
        assert!(
            sum == 0,
            "an allocation of {pass} whose lines sum to {sum}: {shares:?}"
        );
        assert!(
            shares.iter().all(|share| !share.cents.is_zero()),
            "an allocation of {pass} with a line of nothing: {shares:?}"
        );
        let mut text = String::new();
        for share in &shares {
            let (kind, id) = (share.item.kind(), share.item.id());
            text.push_str(&format!("{kind} {id} {}\n", share.cents.get()));
        }
        let hash = sha256(text.as_bytes()).to_string();
        let short = hash.get(..12).unwrap_or(&hash);
        Allocation {
            id: format!("{date}-{short}"),
            pass,
            rules: RULES,
            evidence,
            shares,
            reverses: None,
        }
    }

    /// The allocation that takes this one back.
    ///
    /// # Panics
    /// Where an amount has no opposite: none that was allocated has not.
    pub fn taken_back(&self, date: Date, pass: Pass, evidence: String) -> Allocation {
        let other = |share: &Share| Share {
            item: share.item.clone(),
            cents: share
                .cents
                .checked_neg()
                .expect("an amount that was allocated"),
        };
        let shares = self.shares.iter().map(other).collect();
        let mut made = Allocation::new(date, pass, evidence, shares);
        made.reverses = Some(self.id.clone());
        made
    }

    /// Its lines of receipts.
    pub fn receipts(&self) -> impl Iterator<Item = (&str, SignedCents)> {
        self.shares.iter().filter_map(|share| match &share.item {
            Item::Receipt(id) => Some((id.as_str(), share.cents)),
            _ => None,
        })
    }

    /// Its lines of expectations.
    pub fn expectations(&self) -> impl Iterator<Item = (&str, SignedCents)> {
        self.shares.iter().filter_map(|share| match &share.item {
            Item::Expectation(id) => Some((id.as_str(), share.cents)),
            _ => None,
        })
    }

    /// Its only receipt and only expectation, where it is of one each and of nothing else.
    pub fn pair(&self) -> Option<(&str, &str)> {
        match self.shares.as_slice() {
            [
                Share {
                    item: Item::Receipt(receipt),
                    ..
                },
                Share {
                    item: Item::Expectation(expectation),
                    ..
                },
            ] if self.reverses.is_none() => Some((receipt, expectation)),
            _ => None,
        }
    }
}
