//! The few computations that the claims need, on decimals that say when they overflow.

use crate::exact::Exact;
use rust_decimal::{Decimal, RoundingStrategy};

/// Whether `value` lies within half a unit of the last digit of `claimed`; `unit` is that digit's.
pub fn meets(claimed: Decimal, value: Decimal, unit: Decimal) -> Option<bool> {
    let apart = claimed.checked_sub(value)?.abs();
    Some(apart.checked_mul(Decimal::TWO)? <= unit)
}

/// The part of `before` that is saved by paying `after`, in percent.
pub fn saved_percent(before: Decimal, after: Decimal) -> Option<Decimal> {
    percent(before.checked_sub(after)?, before)
}

/// `part` of `whole` in percent.
pub fn percent(part: Decimal, whole: Decimal) -> Option<Decimal> {
    part.checked_div(whole)?.checked_mul(Decimal::ONE_HUNDRED)
}

/// The sum.
pub fn sum(parts: &[Decimal]) -> Option<Decimal> {
    parts
        .iter()
        .try_fold(Decimal::ZERO, |sum, part| sum.checked_add(*part))
}

/// The product.
pub fn product(parts: &[Decimal]) -> Option<Decimal> {
    parts
        .iter()
        .try_fold(Decimal::ONE, |product, part| product.checked_mul(*part))
}

/// What `months` equal payments are worth today at a yearly rate in percent, compounded monthly.
pub fn present_value(payment: Decimal, yearly_percent: Decimal, months: u32) -> Option<Decimal> {
    let monthly = yearly_percent.checked_div(Decimal::from(1200))?;
    let growth = Decimal::ONE.checked_add(monthly)?;
    let mut worth = Decimal::ZERO;
    for _ in 0..months {
        worth = worth.checked_add(payment)?.checked_div(growth)?;
    }
    Some(worth)
}

/// With `places` decimals, rounded half away from zero as people do, and thousands separators.
pub fn text(value: Decimal, places: u32) -> String {
    let value = value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    let plain = format!("{value:.*}", places as usize);
    let (whole, part) = plain
        .split_once('.')
        .map_or((plain.as_str(), ""), |(w, p)| (w, p));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        let left = whole.len().less(at);
        if left.is_multiple_of(3) && grouped.ends_with(|c: char| c.is_ascii_digit()) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if part.is_empty() {
        grouped
    } else {
        format!("{grouped}.{part}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_met_to_the_digit_that_was_claimed() {
        let d = |text: &str| text.parse::<Decimal>().unwrap();
        assert_eq!(meets(d("0.23"), d("0.225"), d("0.01")), Some(true));
        assert_eq!(meets(d("0.23"), d("0.2249"), d("0.01")), Some(false));
        assert_eq!(text(d("-1234567.885"), 2), "-1,234,567.89");
        assert_eq!(text(d("999.4"), 0), "999");
        assert_eq!(present_value(d("100"), d("0"), 12), Some(d("1200")));
    }
}
