//! What originators may spend, with what they have announced.

use crate::reconcile::inputs::books::Books;
use crate::records::allocated::Allocated;
use desk::Desk;
use desk::failure::{Result, too_large};
use jiff::civil::Date;
use settlement::allocate::Kind;
use settlement::calendar::next_banking_day;
use settlement::journal::Account;
use settlement::money::Cents;
use settlement::reconcile::funds::Funds;
use settlement::reconcile::legs::{Break, BreakKind};
use std::collections::{BTreeMap, BTreeSet};

/// The originators who stand below zero, beyond their limits and what may still come.
pub fn overdrawn(
    desk: &Desk,
    date: Date,
    books: &Books,
    allocated: &Allocated,
) -> Result<Vec<Break>> {
    let announced = announced(date, allocated)?;
    let number = Account::CustomerAvailable.number().to_string();
    let balances = books.balances.iter().filter(|row| *row.account == number);
    let funds = balances.map(|row| Funds {
        originator: row.key.to_string(),
        balance: row.balance,
        limit: match desk.bank.originators.get(&*row.key) {
            Some(originator) => originator.limit(),
            None => Cents::ZERO,
        },
        announced: announced.get(&*row.key).copied().unwrap_or_default(),
    });
    Ok(funds.filter_map(|funds| funds.overdrawn()).collect())
}

/// What each originator brings in time, and by the next banking day.
fn announced(date: Date, allocated: &Allocated) -> Result<BTreeMap<&str, Cents>> {
    let (last, mut all) = (next_banking_day(date), BTreeMap::new());
    let timing = allocated.findings.iter();
    let timing = timing.filter(|found| found.kind == BreakKind::Timing);
    let in_time: BTreeSet<&String> = timing.flat_map(|found| &found.expectations).collect();
    for expected in allocated.open() {
        let one = &expected.one;
        let brings = one.remainder.get() > 0 && one.due <= last && in_time.contains(&one.id);
        if let (true, Some((Some(originator), _))) = (brings, Kind::funded(&one.id)) {
            let sum: &mut Cents = all.entry(originator).or_default();
            let more = sum.checked_add(one.remainder.magnitude());
            *sum = more.ok_or_else(|| too_large(originator))?;
        }
    }
    Ok(all)
}
