//! Route: which bank a payment goes by.
//!
//! A bank is asked for in this order: may the originator go by it, is its currency the payment's,
//! has it agreed to the entry class, does its limit take the amount. Of those that remain the ones
//! whose cutoff for the payment has not passed today come first, then the cheapest for this entry,
//! then the first of the configuration. Every bank that falls away, falls away by one of these, and
//! where none is left the first of them that left none is the fault.
//!
//! A payment keeps its route: nothing moves it to another bank afterwards.

use crate::authorize::Fault;
use crate::bank::{BankProfile, micros};
use crate::calendar::on_or_after;
use crate::money::{Cents, Currency};
use crate::payment::{Order, Speed};
use crate::windows::{business_date, eastern_date};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The banks that an originator may go by, by the names of their profiles. One that is not listed
/// may go by every bank whose profile names it.
pub type Routes = BTreeMap<String, Vec<String>>;

/// Which of `banks`, in the order of the configuration, takes `order` in `currency` at the moment
/// `at`: its place among them.
///
/// # Errors
/// The one thing that leaves no bank: [`Fault::NoBank`], [`Fault::NoBankOfCurrency`],
/// [`Fault::NotAgreed`] or [`Fault::OverBankLimit`] with the highest limit there is.
pub fn choose(
    order: &Order,
    currency: Currency,
    at: Timestamp,
    routes: &Routes,
    banks: &[&BankProfile],
) -> Result<usize, Fault> {
    let listed = routes.get(&order.originator);
    let may = |bank: &BankProfile| {
        let is_listed = listed.is_none_or(|names| names.contains(&bank.name));
        is_listed && bank.originators.contains_key(&order.originator)
    };
    let mut left: Vec<(usize, &BankProfile)> = (0..).zip(banks.iter().copied()).collect();
    left.retain(|(_, bank)| may(bank));
    none_left(&left, Fault::NoBank)?;
    left.retain(|(_, bank)| bank.currency == currency);
    none_left(&left, Fault::NoBankOfCurrency(currency))?;
    left.retain(|(_, bank)| has_agreed(bank, order));
    none_left(&left, Fault::NotAgreed(order.sec))?;
    let highest = left.iter().map(|(_, bank)| bank.max_entry_cents).max();
    left.retain(|(_, bank)| order.amount <= bank.max_entry_cents);
    none_left(&left, Fault::OverBankLimit(highest.unwrap_or(Cents::ZERO)))?;
    let rank = |(place, bank): &(usize, &BankProfile)| {
        // saturates: a price that does not fit is above every other; no profile has one
        let price = price(bank, order.speed).unwrap_or(i64::MAX);
        (is_late(bank, order.speed, at), price, *place)
    };
    let best = left.iter().map(rank).min();
    best.map(|(_, _, place)| place).ok_or(Fault::NoBank)
}

fn none_left(left: &[(usize, &BankProfile)], fault: Fault) -> Result<(), Fault> {
    match left.is_empty() {
        true => Err(fault),
        false => Ok(()),
    }
}

fn has_agreed(bank: &BankProfile, order: &Order) -> bool {
    let agreed = bank.originators.get(&order.originator);
    agreed.is_some_and(|originator| originator.classes.contains_key(&order.sec))
}

/// Whether the last cutoff at which the payment could still go on its day has passed.
fn is_late(bank: &BankProfile, speed: Speed, at: Timestamp) -> bool {
    let last = match speed {
        Speed::Standard => bank.cutoffs.standard,
        Speed::SameDay => bank.cutoffs.sd3,
    };
    business_date(at, last) > on_or_after(eastern_date(at))
}

/// What the bank charges for the entry, in millionths; `None` where it does not fit.
fn price(bank: &BankProfile, speed: Speed) -> Option<i64> {
    let entry = micros(bank.prices.per_item)?;
    match speed {
        Speed::Standard => Some(entry),
        Speed::SameDay => entry.checked_add(micros(bank.prices.same_day)?),
    }
}

#[cfg(test)]
mod tests;
