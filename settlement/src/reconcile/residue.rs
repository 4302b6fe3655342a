//! What stays on a clearing account: wrong, unless somebody knows why.
//!
//! A clearing account returns to zero for each key. Until then something waits: a batch for its
//! line, a difference for the next posting. What has waited long enough, and is in no open break,
//! is a break itself, so that no money can rest between two records that both look settled.

use crate::calendar::banking_days_between;
use crate::journal::Account;
use crate::money::SignedCents;
use jiff::civil::Date;

/// The balance of a clearing account under one key; never zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Residue {
    /// The account.
    pub account: Account,
    /// What it is kept by: a batch, a trace.
    pub key: String,
    /// Positive where debits are more.
    pub cents: SignedCents,
    /// Since when it is not zero.
    pub since: Date,
}

impl Residue {
    /// Whether its time is over on `today`: what is younger may be waiting.
    pub fn is_old(&self, today: Date, sla_days: u32) -> bool {
        self.since < today && banking_days_between(self.since, today) > sla_days
    }

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
    use jiff::civil::date;

    fn residue(cents: i64) -> Residue {
        Residue {
            account: Account::DebitsInTransit,
            key: "261127A0000004".to_owned(),
            cents: SignedCents::new(cents),
            since: date(2026, 11, 27),
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

    #[test]
    fn a_residue_is_old_after_the_days_a_line_may_take() {
        let it = residue(5); // of a Friday
        let old = |month, day| it.is_old(date(2026, month, day), 1);
        assert_eq!([old(11, 27), old(11, 30)], [false, false]);
        assert_eq!([old(12, 1), old(12, 2)], [true, true]);
    }
}
