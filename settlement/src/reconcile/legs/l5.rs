//! L5: what the books hold is what the bank holds, and what rests between is what waits.
//!
//! Two proofs. The books' cash is the bank's closing balance, the opening balance included. And
//! every balance of a clearing or suspense account, by its key, is to the cent what waits under
//! that key: the remainder of a side of a batch on an account in transit, of a return on returns
//! clearing, of a receipt in suspense. What is more or less is a break of exactly that amount, at
//! once and not after an age: nothing can rest between two records that both look settled.

use super::{At, BreakKind, Details, Finding, Leg, Outcome, capped};
use crate::exact::Exact;
use crate::journal::Account;
use crate::money::SignedCents;
use crate::reconcile::kernel::Side;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// An amount under an account and key, debits positive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The account.
    pub account: Account,
    /// By what it is kept.
    pub key: String,
    /// How much.
    pub cents: SignedCents,
}

/// Our account at the bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cash {
    /// The account, as reports name it.
    pub account: String,
    /// The day of the bank's last statement.
    pub date: Date,
    /// Its closing balance.
    pub bank: SignedCents,
    /// What the books say.
    pub books: SignedCents,
}

/// Everything L5 looks at. Left rows are the balances and after them the cash of the books, right
/// rows what waits and the bank's balances.
pub struct Input<'a> {
    /// Balances of clearing and suspense accounts.
    pub balances: &'a [Holding],
    /// What waits.
    pub waits: &'a [Holding],
    /// Our accounts at the bank.
    pub cash: &'a [Cash],
    /// Keys whose difference an open break explains, by this much.
    pub explained: &'a BTreeSet<(Account, String)>,
}

/// Proves the books of a date against the bank and against what waits.
pub fn reconcile(input: &Input<'_>) -> Outcome {
    let books = input.cash.iter().map(|cash| cash.books);
    let bank = input.cash.iter().map(|cash| cash.bank);
    let left: Vec<_> = input
        .balances
        .iter()
        .map(|one| one.cents)
        .chain(books)
        .collect();
    let right: Vec<_> = input
        .waits
        .iter()
        .map(|one| one.cents)
        .chain(bank)
        .collect();
    let mut found = Finding::new(Leg::L5, &left, &right);
    let mut keys: BTreeMap<(Account, &str), (At, At)> = BTreeMap::new();
    for (at, one) in input.balances.iter().enumerate() {
        keys.entry((one.account, &one.key)).or_default().0 = Some(at);
    }
    for (at, one) in input.waits.iter().enumerate() {
        keys.entry((one.account, &one.key)).or_default().1 = Some(at);
    }
    for ((account, key), (l, r)) in keys {
        let of = |all: &[Holding], at: At| {
            at.and_then(|at| all.get(at))
                .map_or(0, |one| i128::from(one.cents.get()))
        };
        let (rests, waits) = (of(input.balances, l), of(input.waits, r));
        match (l, r) {
            (Some(l), Some(r)) if rests == waits => found.matched(l, r),
            _ if input.explained.contains(&(account, key.to_owned())) => {
                settle(&mut found, l, r);
            }
            _ => differs(&mut found, (account, key), (l, r), (rests, waits)),
        }
    }
    for (i, cash) in input.cash.iter().enumerate() {
        let (l, r) = (input.balances.len().plus(i), input.waits.len().plus(i));
        if cash.books == cash.bank {
            found.matched(l, r);
            continue;
        }
        let off = i128::from(cash.bank.get()).less(i128::from(cash.books.get()));
        let why = format!(
            "the books have {}, the bank closes with {}",
            cash.books, cash.bank
        );
        let details = Details {
            key: format!("...{} {}", cash.account, cash.date),
            cents: capped(off),
            left: None,
            right: Some(cash.account.clone()),
            explanation: why,
        };
        found.breaks(BreakKind::BalanceAssertion, Some(l), Some(r), details);
    }
    found.finish()
}

/// Rows whose difference an open break explains.
fn settle(found: &mut Finding, l: At, r: At) {
    use super::conservation::State;
    for (side, at) in [(Side::Left, l), (Side::Right, r)] {
        if let Some(at) = at {
            found.tie.settle(side, at, State::Broken);
        }
    }
}

fn differs(
    found: &mut Finding,
    (account, key): (Account, &str),
    (l, r): (At, At),
    (rests, waits): (i128, i128),
) {
    // An account between two records holds what our account has not seen.
    let off = capped(waits.less(rests));
    let why = format!(
        "account {} holds {} under this key, and {} waits for it",
        account.number(),
        capped(rests),
        capped(waits)
    );
    let details = Details {
        key: key.to_owned(),
        cents: off,
        left: Some(account.number().to_string()),
        right: None,
        explanation: why,
    };
    found.breaks(BreakKind::ClearingResidue, l, r, details);
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn holding(account: Account, key: &str, cents: i64) -> Holding {
        Holding {
            account,
            key: key.to_owned(),
            cents: SignedCents::new(cents),
        }
    }

    fn cash(books: i64, bank: i64) -> Cash {
        let (books, bank) = (SignedCents::new(books), SignedCents::new(bank));
        Cash {
            account: "5678".into(),
            date: date(2026, 11, 27),
            bank,
            books,
        }
    }

    #[test]
    fn what_rests_is_what_waits_by_key_and_by_the_cent() {
        use Account::{CreditsInTransit as Out, SuspenseReceipts as In};
        let balances = [
            holding(Out, "A", -100),
            holding(In, "line", -7),
            holding(Out, "B", 1),
        ];
        let waits = [
            holding(Out, "A", -100),
            holding(In, "line", -8),
            holding(Out, "C", 4),
        ];
        let outcome = reconcile(&Input {
            balances: &balances,
            waits: &waits,
            cash: &[cash(5, 5), cash(5, 6)],
            explained: &BTreeSet::from([(Out, "C".to_owned())]),
        });
        assert!(outcome.conservation.holds(), "{}", outcome.conservation);
        let found: Vec<_> = outcome
            .breaks
            .iter()
            .map(|found| (found.kind.as_str(), found.key.as_str(), found.cents.get()))
            .collect();
        let expected = [
            ("BALANCE_ASSERTION", "...5678 2026-11-27", 1),
            ("CLEARING_RESIDUE", "B", -1),
            ("CLEARING_RESIDUE", "line", -1),
        ];
        assert_eq!(found, expected);
    }
}
