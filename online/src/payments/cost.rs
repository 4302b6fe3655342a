//! What a payment costs and saves, as far as that is known before its cut is priced.
//!
//! The prices are the bank's and the price list's of the day on which it was asked for. Two items
//! of the bank are left out: its prices for a file and for a batch are split among the entries of
//! a cut, and how many those are is known when it is cut. `tieout savings` has every item.

use crate::app::App;
use serde_json::{Value, json};
use settlement::payment::{Payment, Speed};
use settlement::savings::{BankPrices, MicroDollars, PaymentCost, PaymentFacts, Rates};
use settlement::windows::business_date;

/// Millionths of a dollar in a cent.
const MICROS: i64 = 10_000;

/// Hundredths of a percent in a whole.
const BASIS_POINTS: i128 = 10_000;

/// Costs and savings in JSON; none where a price is missing for the day.
pub fn of(app: &App, payment: &Payment) -> Option<Value> {
    let desk = app.desk_of(&payment.bank);
    let date = business_date(payment.created_at, desk.bank.cutoffs.standard);
    let bank = BankPrices::from_profile(&desk.bank.prices)?;
    let priced = Rates::on(&desk.prices, bank, date).and_then(|rates| rates.cost(&facts(payment)));
    match priced {
        Ok(cost) => view(&cost),
        Err(error) => {
            tracing::warn!(error = %error, "a payment has no price");
            None
        }
    }
}

fn facts(payment: &Payment) -> PaymentFacts {
    let same_day = match &payment.cut {
        Some(cut) => !cut.0.contains("/standard/"),
        None => payment.order.speed == Speed::SameDay,
    };
    PaymentFacts {
        amount: payment.order.amount,
        direction: payment.order.direction,
        same_day,
        // Of no entries there are no shares.
        file_entries: 0,
        file_place: 0,
        batch_entries: 0,
        batch_place: 0,
        returned: payment.returned.map(|of| of.code),
        changes: 0,
    }
}

fn view(cost: &PaymentCost) -> Option<Value> {
    let (own, saved) = (cost.total()?, cost.saved_against_card()?);
    Some(json!({
        "processing_cost_cents": cents(own)?,
        "processing_cost_micros": own.get(),
        "card_cost_cents": cents(cost.card)?,
        "card_cost_micros": cost.card.get(),
        "saved_cents": cents(saved)?,
        "saved_micros": saved.get(),
        "savings_percentage": percentage(saved, cost.card),
        "without": ["bank_file", "bank_batch"],
    }))
}

/// Whole cents, half to even.
fn cents(micros: MicroDollars) -> Option<i64> {
    half_even(micros.get().into(), MICROS.into())
}

/// `saved` as a percentage of `of`, two places, half to even: `97.52`; none of nothing.
fn percentage(saved: MicroDollars, of: MicroDollars) -> Option<String> {
    if of.get() <= 0 {
        return None;
    }
    let points = half_even(i128::from(saved.get()) * BASIS_POINTS, of.get().into())?;
    let (whole, rest) = (points.unsigned_abs() / 100, points.unsigned_abs() % 100);
    let sign = if points < 0 { "-" } else { "" };
    Some(format!("{sign}{whole}.{rest:02}"))
}

/// `number` in units of `unit`, above zero, half to even; none where it does not fit.
fn half_even(number: i128, unit: i128) -> Option<i64> {
    let (whole, rest) = (number.div_euclid(unit), number.rem_euclid(unit));
    let up = rest * 2 > unit || (rest * 2 == unit && whole % 2 != 0);
    i64::try_from(whole + i128::from(up)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn halves_go_to_the_even_neighbour() {
        let cents = |micros| cents(MicroDollars::new(micros)).unwrap();
        for (micros, expected) in [
            (0, 0),
            (4_999, 0),
            (5_000, 0),
            (5_001, 1),
            (15_000, 2),
            (25_000, 2),
            (-5_000, 0),
            (-5_001, -1),
            (-15_000, -2),
        ] {
            assert_eq!(cents(micros), expected, "{micros}");
        }
    }

    #[test]
    fn a_percentage_has_two_places_and_a_sign() {
        let of = |saved, of| percentage(MicroDollars::new(saved), MicroDollars::new(of));
        assert_eq!(of(9_752, 10_000).as_deref(), Some("97.52"));
        assert_eq!(of(1, 3).as_deref(), Some("33.33"));
        assert_eq!(of(-1, 2).as_deref(), Some("-50.00"));
        assert_eq!(of(-1, 200_000).as_deref(), Some("0.00"));
        assert_eq!(of(5, 0), None);
    }

    proptest! {
        #[test]
        fn rounding_is_never_off_by_more_than_a_half(
            micros in -1_000_000_000_000i64..1_000_000_000_000,
        ) {
            let back = cents(MicroDollars::new(micros)).unwrap() * MICROS;
            prop_assert!((back - micros).abs() * 2 <= MICROS);
        }
    }
}
