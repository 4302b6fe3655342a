//! What may be a payment's beginning, and what may be part of a key.

use connectors::{Error, Result};
use settlement::payment::{Payment, State};

/// Refuses what is no payment's first state, and a merchant's name that no key can hold.
pub fn may_begin(payment: &Payment) -> Result<()> {
    let what = || format!("payment {}", payment.id);
    if !matches!(payment.state, State::Init | State::Review) || payment.version != 1 {
        let why = "a new payment must be in state INIT or REVIEW and of version 1";
        return Err(Error::invalid(what(), why));
    }
    match &payment.accepted {
        Some(accepted) => may_own(&accepted.merchant),
        None => Ok(()),
    }
}

/// Refuses what is no merchant's name: it is part of keys.
pub fn may_own(merchant: &str) -> Result<()> {
    match settlement::bank::is_short_name(merchant) {
        true => Ok(()),
        false => Err(Error::invalid(
            format!("merchant {}", settlement::foreign::cell(merchant)),
            "a merchant's name has 1 to 32 lower-case letters, digits and hyphens, first a letter",
        )),
    }
}

/// Refuses what is no bank's name: it is part of keys and of folders.
pub fn may_be(bank: &str) -> Result<()> {
    match bank.is_empty() || settlement::bank::is_short_name(bank) {
        true => Ok(()),
        false => Err(Error::invalid(
            format!("bank {}", settlement::foreign::cell(bank)),
            "a bank's name has 1 to 32 lower-case letters, digits and hyphens, first a letter",
        )),
    }
}
