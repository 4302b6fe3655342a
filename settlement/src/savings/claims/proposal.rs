//! The 21 claims: what was claimed, and how to compute it.

use super::{
    super::prices::{Price, PriceError, PriceList},
    arithmetic::{meets, percent, present_value, product, saved_percent, sum, text},
    holds::Holds,
};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// What a computation found.
pub struct Found {
    pub formula: String,
    pub recomputed: String,
    pub holds: Holds,
    pub note: String,
}

fn found(formula: &str, recomputed: String, holds: Holds, note: &str) -> Option<Found> {
    Some(Found {
        formula: formula.to_owned(),
        recomputed,
        holds,
        note: note.to_owned(),
    })
}

/// Prices that the claims are about, and the proposal's own numbers.
pub struct Inputs {
    /// The card processor's percent and its charge for 100.00.
    card_percent: Decimal,
    card: Decimal,
    kms: Decimal,
    lambda: Decimal,
    write: Decimal,
    payout: Price,
    interchange: Decimal,
    /// Prices of a bank or the network for one batch, whatever its size.
    batch_prices: usize,
}

/// A decimal of the proposal: `n(345, 2)` is 3.45.
fn n(digits: i64, places: u32) -> Decimal {
    Decimal::new(digits, places)
}

/// The proposal's "before", its ACH fee, its "after", its cloud cost and its payments a month.
const BEFORE: (i64, u32) = (345, 2);
const ACH_FEE: (i64, u32) = (25, 2);
const AFTER: (i64, u32) = (30, 2);
const CLOUD: (i64, u32) = (5, 2);
const PAYMENTS: i64 = 1_000;
/// Its monthly table: processor, bank transfers and infrastructure, before and after.
const TABLE: [(i64, i64); 3] = [(3_200, 50), (250, 25), (0, 150)];
const TRANSFERS: i64 = 100;
const VOLUME: i64 = 100_000;
const SETUP: i64 = 50_000;

fn d(number: (i64, u32)) -> Decimal {
    n(number.0, number.1)
}

fn whole(number: i64) -> Decimal {
    n(number, 0)
}

fn table(before: bool) -> Option<Decimal> {
    sum(&TABLE.map(|(b, a)| whole(if before { b } else { a })))
}

/// What the monthly table saves.
fn monthly() -> Option<Decimal> {
    table(true)?.checked_sub(table(false)?)
}

impl Inputs {
    pub fn read(list: &PriceList, on: Date) -> Result<Inputs, PriceError> {
        let units = |id, quantity| {
            let cost = list.on(id, on)?.units_usd(quantity);
            cost.ok_or(PriceError::TooLarge("a claim"))
        };
        let hundred = |id| {
            let charge = list.on(id, on)?.charge_usd(Decimal::ONE_HUNDRED);
            charge.ok_or(PriceError::TooLarge("a claim"))
        };
        let add = |a: Decimal, b| a.checked_add(b).ok_or(PriceError::TooLarge("a claim"));
        let run = units("aws.lambda.gb_second", n(5, 2))?;
        Ok(Inputs {
            card_percent: list.on("stripe.card", on)?.percent,
            card: hundred("stripe.card")?,
            kms: units("aws.kms.request", Decimal::ONE)?,
            lambda: add(units("aws.lambda.request", Decimal::ONE)?, run)?,
            write: units("aws.dynamodb.write", Decimal::ONE)?,
            payout: list.on("stripe.connect_payout", on)?.clone(),
            interchange: add(
                hundred("cards.interchange.visa_cnp")?,
                hundred("cards.assessment")?,
            )?,
            batch_prices: list
                .prices()
                .filter(|price| price.unit == "per batch")
                .count(),
        })
    }
}

/// What was claimed, and its computation; the place is the claim's number.
type Row = (&'static str, fn(&Inputs) -> Option<Found>);

/// The claims, 002-1 first.
pub const CLAIMS: [Row; 21] = [
    ("98 % less: 0.30 instead of 3.45 for each 100.00", headline),
    ("Before: 3.45 for each 100.00, as 2.9 % + 0.30", before),
    (
        "After: 0.30 for each 100.00, as 0.05 cloud + 0.25 ACH",
        after,
    ),
    ("91 % less", ninety_one),
    ("37,800 a year saved at 100,000 a month", yearly),
    (
        "Cloud 0.05 for each 100.00: keys .003, functions .001, records .001, fraud .0075",
        cloud,
    ),
    ("KMS 0.003 for each card number made a token", |i| {
        each(i.kms, n(3, 3), 6, "1 KMS request")
    }),
    ("Lambda 0.001 for each payment", |i| {
        each(i.lambda, n(1, 3), 10, "1 request + 512 MB x 100 ms")
    }),
    ("DynamoDB writes 0.001 for each payment", |i| {
        each(i.write, n(1, 3), 9, "1 write of 1 KB")
    }),
    ("Fraud checks 7.50 for each 1,000", fraud),
    ("Card processor 3,200 a month for 100,000", processor),
    (
        "100 ACH transfers: 250 by the processor, 25 by AWS",
        transfers,
    ),
    ("A month: 3,450 before, 225 after, 3,225 saved", month),
    (
        "Of the volume: 3.45 % before, 0.23 % after, 93.5 % less",
        ratios,
    ),
    (
        "A batch of 100 costs 0.25 instead of 25.00: 99 % less",
        batch,
    ),
    ("One fee of 0.25 for a batch of up to 2,500", batch_fee),
    ("Pays for itself from about 10,000 a month", break_even),
    ("50,000 of setup is back in 1.2 months", payback),
    ("Worth 1.8 million over five years", worth),
    ("Payouts by Stripe Connect cost 2.9 % and fees", payouts),
    ("After: no interchange", interchange),
];

fn headline(i: &Inputs) -> Option<Found> {
    let (on_card, on_claim) = (
        saved_percent(i.card, d(AFTER))?,
        saved_percent(d(BEFORE), d(AFTER))?,
    );
    let one = Decimal::ONE;
    let met = meets(n(98, 0), on_card, one)? || meets(n(98, 0), on_claim, one)?;
    let without_ach = text(saved_percent(i.card, d(CLOUD))?, 1);
    let value = format!(
        "{} % of 3.20; {} % of 3.45",
        text(on_card, 2),
        text(on_claim, 2)
    );
    let note = format!("{without_ach} % comes out only without any ACH fee");
    found("(before - 0.30) / before", value, Holds::when(met), &note)
}

fn before(i: &Inputs) -> Option<Found> {
    let met = meets(d(BEFORE), i.card, n(1, 2))?;
    let each = table(true)?.checked_div(whole(PAYMENTS))?;
    let note = format!(
        "{} is the monthly table's total for each payment, ACH included",
        text(each, 2)
    );
    found(
        "2.9 % x 100.00 + 0.30",
        text(i.card, 2),
        Holds::when(met),
        &note,
    )
}

fn after(_: &Inputs) -> Option<Found> {
    let value = sum(&[d(CLOUD), d(ACH_FEE)])?;
    let note = "the sum; it charges an ACH fee for each payment, the monthly table for each tenth";
    found(
        "0.05 + 0.25",
        text(value, 2),
        Holds::when(value == d(AFTER)),
        note,
    )
}

fn ninety_one(i: &Inputs) -> Option<Found> {
    let (claimed, card) = (
        saved_percent(d(BEFORE), d(AFTER))?,
        saved_percent(i.card, d(AFTER))?,
    );
    let met = meets(n(91, 0), claimed, Decimal::ONE)?;
    let right_base = meets(d(BEFORE), i.card, n(1, 2))?;
    let holds = if met && !right_base {
        Holds::OnAWrongBase
    } else {
        Holds::when(met)
    };
    let value = format!(
        "{} % of 3.45; {} % of 3.20",
        text(claimed, 2),
        text(card, 2)
    );
    found(
        "(3.45 - 0.30) / 3.45",
        value,
        holds,
        "3.45 is not the processor's price",
    )
}

fn yearly(_: &Inputs) -> Option<Found> {
    let each = d(BEFORE).checked_sub(d(AFTER))?;
    let value = product(&[each, whole(PAYMENTS), whole(12)])?;
    let table = product(&[monthly()?, whole(12)])?;
    let note = format!("rests on 3.45; the monthly table gives {}", text(table, 0));
    let met = meets(whole(37_800), value, Decimal::ONE)?;
    found(
        "(3.45 - 0.30) x 1,000 x 12",
        text(value, 2),
        Holds::when(met),
        &note,
    )
}

fn cloud(_: &Inputs) -> Option<Found> {
    let value = sum(&[n(3, 3), n(1, 3), n(1, 3), n(75, 4)])?;
    let times = text(d(CLOUD).checked_div(value)?, 1);
    let met = meets(d(CLOUD), value, n(1, 2))?;
    let note = format!("its own parts come to {times} times less than stated");
    found(
        "0.003 + 0.001 + 0.001 + 0.0075",
        text(value, 4),
        Holds::when(met),
        &note,
    )
}

/// A unit price that was claimed with three decimals, against the list's.
fn each(price: Decimal, claimed: Decimal, places: u32, formula: &str) -> Option<Found> {
    let met = meets(claimed, price, n(1, 3))?;
    let buys = text(claimed.checked_div(price)?, 0);
    let note = format!("{} buys {buys} of them", text(claimed, 3));
    found(formula, text(price, places), Holds::when(met), &note)
}

fn fraud(_: &Inputs) -> Option<Found> {
    let value = n(750, 2).checked_div(whole(1_000))?;
    let note = "agrees with itself; no price was found, and the service takes no new customers";
    found(
        "7.50 / 1,000",
        text(value, 4),
        Holds::when(value == n(75, 4)),
        note,
    )
}

fn processor(i: &Inputs) -> Option<Found> {
    let value = i.card.checked_mul(whole(PAYMENTS))?;
    let met = meets(whole(TABLE[0].0), value, Decimal::ONE)?;
    found(
        "1,000 x 3.20",
        text(value, 2),
        Holds::when(met),
        "for 1,000 payments of 100.00",
    )
}

fn transfers(_: &Inputs) -> Option<Found> {
    let (before, after) = TABLE[1];
    let each = |total| whole(total).checked_div(whole(TRANSFERS));
    let value = format!(
        "{} and {} each",
        text(each(before)?, 2),
        text(each(after)?, 2)
    );
    let note =
        "agrees with itself; sent as one batch, 100 transfers would cost 0.25 by its own rule";
    found(
        "250 / 100; 25 / 100",
        value,
        Holds::when(each(after)? == d(ACH_FEE)),
        note,
    )
}

fn month(_: &Inputs) -> Option<Found> {
    let (before, after, saved) = (table(true)?, table(false)?, monthly()?);
    let met = (before, after, saved) == (whole(3_450), whole(225), whole(3_225));
    let value = [before, after, saved].map(|v| text(v, 2)).join("; ");
    found(
        "3,200 + 250 + 0; 50 + 25 + 150; difference",
        value,
        Holds::when(met),
        "",
    )
}

fn ratios(_: &Inputs) -> Option<Found> {
    let of_volume = |part| percent(part, whole(VOLUME));
    let (before, after) = (of_volume(table(true)?)?, of_volume(table(false)?)?);
    let less = percent(monthly()?, table(true)?)?;
    let met = meets(n(345, 2), before, n(1, 2))?
        && meets(n(23, 2), after, n(1, 2))?
        && meets(n(935, 1), less, n(1, 1))?;
    let value = [before, after, less]
        .map(|v| format!("{} %", text(v, 3)))
        .join("; ");
    let note = "rounded half up; the third percentage given for the same saving";
    found(
        "3,450 / 100,000; 225 / 100,000; 3,225 / 3,450",
        value,
        Holds::when(met),
        note,
    )
}

fn batch(_: &Inputs) -> Option<Found> {
    let singly = d(ACH_FEE).checked_mul(whole(TRANSFERS))?;
    let value = saved_percent(singly, d(ACH_FEE))?;
    let met = meets(n(99, 0), value, Decimal::ONE)?;
    let note = "1 - 1/n of a fee for each batch: 50 % of 2, 90 % of 10, 99.96 % of 2,500";
    found(
        "1 - 0.25 / (100 x 0.25)",
        format!("{} %", text(value, 2)),
        Holds::when(met),
        note,
    )
}

fn batch_fee(i: &Inputs) -> Option<Found> {
    let holds = if i.batch_prices == 0 {
        Holds::Unsupported
    } else {
        Holds::Yes
    };
    let value = format!("{} such prices in the list", i.batch_prices);
    let note =
        "networks and banks charge for each entry; 2,500 stands only in a fee schedule of 1997";
    found("prices for one batch of any size", value, holds, note)
}

fn break_even(_: &Inputs) -> Option<Found> {
    let each = d(BEFORE).checked_sub(d(AFTER))?;
    let value = whole(TABLE[2].1)
        .checked_div(each)?
        .checked_mul(Decimal::ONE_HUNDRED)?;
    let met = meets(whole(10_000), value, whole(1_000))?;
    found(
        "150 / 3.15 x 100",
        text(value, 0),
        Holds::when(met),
        "of volume a month, in dollars",
    )
}

fn payback(_: &Inputs) -> Option<Found> {
    let months = whole(SETUP).checked_div(monthly()?)?;
    let met = meets(n(12, 1), months, n(1, 1))?;
    let years = whole(SETUP).checked_div(whole(37_800))?;
    let note = format!(
        "50,000 / 37,800 a year is {} years: months were written",
        text(years, 2)
    );
    found(
        "50,000 / 3,225",
        format!("{} months", text(months, 1)),
        Holds::when(met),
        &note,
    )
}

fn worth(_: &Inputs) -> Option<Found> {
    let plain = monthly()?.checked_mul(whole(60))?;
    let net = present_value(monthly()?, whole(8), 60)?.checked_sub(whole(SETUP))?;
    let claimed = whole(1_800_000);
    let met = meets(claimed, plain, whole(100_000))? || meets(claimed, net, whole(100_000))?;
    let times = |value| claimed.checked_div(value).map(|t| text(t, 1));
    let value = format!(
        "{} undiscounted; {} net of setup at 8 %",
        text(plain, 0),
        text(net, 0)
    );
    let note = format!("{} to {} times too high", times(plain)?, times(net)?);
    found(
        "60 x 3,225; discounted monthly, less 50,000",
        value,
        Holds::when(met),
        &note,
    )
}

fn payouts(i: &Inputs) -> Option<Found> {
    let (payout, claimed) = (i.payout.charge_usd(Decimal::ONE_HUNDRED)?, n(29, 1));
    let met = meets(claimed, i.payout.percent, n(1, 1))?;
    let note = if claimed == i.card_percent {
        "2.9 % is the card price; the payout price is "
    } else {
        ""
    };
    let note = format!("{note}{}", i.payout.status.as_str());
    let value = format!("{} for 100.00, against 2.90 before fees", text(payout, 2));
    found("0.25 % x 100.00 + 0.25", value, Holds::when(met), &note)
}

fn interchange(i: &Inputs) -> Option<Found> {
    let cost = i.interchange;
    let holds = if cost.is_zero() {
        Holds::Yes
    } else {
        Holds::Omitted
    };
    let most = text(saved_percent(i.card, cost)?, 1);
    let value = format!(
        "{} for 100.00; saves at most {most} % of 3.20",
        text(cost, 2)
    );
    let note = "a card payment costs interchange and assessments whoever takes it; acquirer on top";
    found(
        "1.89 % x 100.00 + 0.10 + 0.14 % x 100.00",
        value,
        holds,
        note,
    )
}
