//! Fees that a bank keeps from a settlement, as the contract allows.

use crate::money::Cents;
use serde::Deserialize;

/// A fee that the contract lets the bank keep from a settlement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NettedFee {
    /// How much.
    pub cents: Cents,
    /// What the bank's text says where it does; compared without regard to case.
    pub word: String,
    /// How often a day.
    pub per_day: u32,
    /// How often a month.
    pub per_month: u32,
}

/// A fee that is netted: only its amount, or with the terms.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum NettedTerms {
    /// Its amount; the bank's text says FEE, and it is kept at most four times a day and forty a
    /// month.
    Cents(Cents),
    /// Its amount and terms.
    Terms {
        /// How much.
        cents: Cents,
        /// What the bank's text says where it does.
        word: String,
        /// How often a day at most.
        per_day: u32,
        /// How often a month at most.
        per_month: u32,
    },
}

impl NettedTerms {
    /// The fee as the rules ask for it.
    pub fn fee(&self) -> NettedFee {
        match self {
            NettedTerms::Cents(cents) => NettedFee {
                cents: *cents,
                word: "FEE".to_owned(),
                per_day: 4,
                per_month: 40,
            },
            NettedTerms::Terms {
                cents,
                word,
                per_day,
                per_month,
            } => NettedFee {
                cents: *cents,
                word: word.clone(),
                per_day: *per_day,
                per_month: *per_month,
            },
        }
    }
}
