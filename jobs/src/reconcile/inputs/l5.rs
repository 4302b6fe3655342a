//! L5: balances between two records, what waits, and the bank's own balance.

use crate::known::Known;
use crate::reconcile::inputs::books::Books;
use crate::reconcile::inputs::l3::{L3Inputs, clearing};
use crate::records::breaks::BreakRecord;
use crate::records::ingested::Ingested;
use crate::records::reconciled::{Closing, Reconciled};
use desk::failure::{Result, too_large};
use jiff::civil::Date;
use settlement::journal::Account;
use settlement::money::{Cents, SignedCents};
use settlement::reconcile::legs::BreakKind;
use settlement::reconcile::legs::l5::{Cash, Holding};
use settlement::reconcile::residue::Residue;
use std::collections::{BTreeMap, BTreeSet};

/// What the fifth leg proves.
pub struct L5Inputs {
    pub balances: Vec<Holding>,
    pub waits: Vec<Holding>,
    pub cash: Vec<Cash>,
    pub explained: BTreeSet<(Account, String)>,
}

/// Accounts that hold what stands between two records.
fn is_between(account: Account) -> bool {
    account.is_clearing() || matches!(account, Account::SuspenseDebits | Account::SuspenseReceipts)
}

impl L5Inputs {
    pub fn read(
        date: Date,
        books: &Books,
        l3: &L3Inputs,
        bank: &str,
        before: &Reconciled,
        closing: &BTreeMap<String, Closing>,
    ) -> Result<L5Inputs> {
        let mut balances = Vec::new();
        let mut held = SignedCents::ZERO;
        let mut old = Vec::new();
        for row in &books.balances {
            let Some(account) = Account::from_number(&row.account) else {
                continue;
            };
            if account == Account::BankFbo {
                held = row.balance;
            }
            if is_between(account) {
                let (key, cents) = (row.key.to_string(), row.balance);
                old.push(Residue {
                    account,
                    key: key.clone(),
                    cents,
                });
                balances.push(Holding {
                    account,
                    key,
                    cents,
                });
            }
        }
        let cash = closing.iter().map(|(account, closing)| Cash {
            account: account.clone(),
            date: closing.date,
            bank: closing.cents,
            books: held,
        });
        let cash = cash.collect();
        Ok(L5Inputs {
            waits: waits(l3, bank, books)?,
            explained: explained(date, &old, before),
            balances,
            cash,
        })
    }
}

/// What waits, by the account and key where it rests.
fn waits(l3: &L3Inputs, bank: &str, books: &Books) -> Result<Vec<Holding>> {
    let mut waits: BTreeMap<(Account, String), i128> = BTreeMap::new();
    let mut add = |place: (Account, String), cents: i128| {
        *waits.entry(place).or_default() += cents;
    };
    for one in l3.allocated.open() {
        if let Some(place) = clearing(one.one.kind) {
            add(place, i128::from(one.one.remainder.get()));
        }
    }
    // What a bill took never was in suspense.
    let free = l3
        .allocated
        .free()
        .filter(|receipt| !books.billed.contains(&receipt.id));
    for receipt in free {
        let of = match receipt.remainder.get() > 0 {
            true => Account::SuspenseReceipts,
            false => Account::SuspenseDebits,
        };
        add(
            (of, receipt.id.clone()),
            -i128::from(receipt.remainder.get()),
        );
    }
    let due = Cents::sum(books.fees.days.iter().map(|day| day.cents));
    let due = due.ok_or_else(|| too_large("the bank's fees"))?;
    if !due.is_zero() {
        add(
            (Account::FeesClearing, bank.to_owned()),
            -i128::from(due.get()),
        );
    }
    let rows = waits.into_iter().filter(|(_, cents)| *cents != 0);
    rows.map(|((account, key), cents)| {
        let cents = i64::try_from(cents).map_err(|_| too_large(&key))?;
        Ok(Holding {
            account,
            key,
            cents: SignedCents::new(cents),
        })
    })
    .collect()
}

/// What rests since before anything was allocated, where an open break of that time says why.
fn explained(date: Date, old: &[Residue], before: &Reconciled) -> BTreeSet<(Account, String)> {
    let first = before
        .legacy_until
        .or((before.date < date).then_some(before.date));
    let legacy = |b: &&BreakRecord| b.is_open() && first.is_some_and(|last| b.first_seen <= last);
    let known: Vec<&BreakRecord> = before
        .breaks
        .iter()
        .filter(legacy)
        .filter(|b| b.kind != BreakKind::ClearingResidue)
        .collect();
    let why = |one: &&Residue| {
        known
            .iter()
            .any(|b| one.is_explained(&b.key, b.left.as_deref(), b.cents))
    };
    old.iter()
        .filter(why)
        .map(|one| (one.account, one.key.clone()))
        .collect()
}

/// The closing balances after the statements of a date.
pub fn closings(
    before: &Reconciled,
    known: &Known,
    files: &[&Ingested],
    posted: SignedCents,
) -> Result<BTreeMap<String, Closing>> {
    let mut closing = before.closing.clone();
    let cash = || too_large("cash posted");
    for head in files.iter().flat_map(|file| &file.statements) {
        let (Some(opening), Some((date, end))) = (head.opening, known.end()) else {
            continue;
        };
        let fresh = Closing {
            date,
            cents: end.closing,
            opened: opening,
            posted: SignedCents::ZERO,
        };
        let last = closing.entry(head.account_last4.clone()).or_insert(fresh);
        (last.date, last.cents) = (date, end.closing);
    }
    for last in closing.values_mut() {
        last.posted = last.posted.checked_add(posted).ok_or_else(cash)?;
    }
    Ok(closing)
}
