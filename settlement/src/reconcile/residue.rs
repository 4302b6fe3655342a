//! What stays on a clearing account, and whether a break says why.
//!
//! What rests under a key must be what waits under it (leg L5). Where an earlier version kept no
//! expectation of what was missing, an open break of its own explains the rest, by key and amount.

use crate::journal::Account;
use crate::money::SignedCents;

/// The balance of a clearing account under one key; never zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Residue {
    /// The account.
    pub account: Account,
    /// What it is kept by: a batch, a trace.
    pub key: String,
    /// Positive where debits are more.
    pub cents: SignedCents,
}

impl Residue {
    /// Whether a break says why: it is about this key, and about this much.
    pub fn is_explained(&self, key: &str, left: Option<&str>, cents: SignedCents) -> bool {
        let about = |name: &str| {
            let rest = name.strip_prefix(self.key.as_str());
            !self.key.is_empty() && rest.is_some_and(|r| r.is_empty() || r.starts_with('/'))
        };
        let named = about(key) || left.is_some_and(about);
        named && cents.magnitude() == self.cents.magnitude()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn residue(cents: i64) -> Residue {
        Residue {
            account: Account::DebitsInTransit,
            key: "261127A0000004".to_owned(),
            cents: SignedCents::new(cents),
        }
    }

    #[test]
    fn a_break_of_its_key_and_its_amount_explains_a_residue() {
        let cents = SignedCents::new;
        let it = residue(-1_568);
        assert!(it.is_explained("261127A0000004/debit", None, cents(1_568)));
        let left = Some("261127A0000004/debit");
        assert!(it.is_explained("076401250000001", left, cents(1_568)));
        assert!(!it.is_explained("261127A0000004/debit", None, cents(1_567)));
        assert!(!it.is_explained("261127A00000041/debit", None, cents(1_568)));
        assert!(!it.is_explained("076401250000001", None, cents(1_568)));
    }
}
