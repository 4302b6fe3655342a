//! The cost of one payment.

use super::{
    money::MicroDollars,
    prices::{Price, PriceError, PriceList},
};
use crate::exact::Exact;
use crate::{bank::Prices, codes::returns::ReturnCode, ids::Direction, money::Cents};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What our bank charges, in micro-dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BankPrices {
    /// For a file.
    pub per_file: i64,
    /// For a batch.
    pub per_batch: i64,
    /// For an entry.
    pub per_item: i64,
    /// On top, for a same-day entry.
    pub same_day: i64,
    /// For a returned entry.
    pub return_item: i64,
    /// For a notification of change.
    pub noc: i64,
    /// At least this each month.
    pub monthly_minimum: i64,
}

impl BankPrices {
    /// From a bank's profile, each price rounded half to even; none where one does not fit.
    pub fn from_profile(prices: &Prices) -> Option<BankPrices> {
        let micros = |usd| MicroDollars::from_usd(usd).map(MicroDollars::get);
        Some(BankPrices {
            per_file: micros(prices.per_file)?,
            per_batch: micros(prices.per_batch)?,
            per_item: micros(prices.per_item)?,
            same_day: micros(prices.same_day)?,
            return_item: micros(prices.return_item)?,
            noc: micros(prices.noc)?,
            monthly_minimum: micros(prices.monthly_minimum)?,
        })
    }
}

/// What must be known of a payment to price it. Places count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaymentFacts {
    /// How much, in cents.
    pub amount: Cents,
    /// Which way the money goes.
    pub direction: Direction,
    /// Whether its entry went through a same-day window.
    pub same_day: bool,
    /// Entries of its file.
    pub file_entries: u32,
    /// Its entry's place in the file.
    pub file_place: u32,
    /// Entries of its batch.
    pub batch_entries: u32,
    /// Its entry's place in the batch.
    pub batch_place: u32,
    /// How it came back, if it did.
    pub returned: Option<ReturnCode>,
    /// Notifications of change received for it.
    pub changes: u32,
}

/// The part of `fee` that entry `place` of `entries` bears. The shares of all entries add up to the
/// fee exactly: its remainder goes to the first ones, a micro-dollar each. Nothing for no entry.
pub fn share(fee: i64, entries: u32, place: u32) -> MicroDollars {
    let n = i64::from(entries);
    let (Some(each), Some(rest)) = (fee.checked_div_euclid(n), fee.checked_rem_euclid(n)) else {
        return MicroDollars::ZERO;
    };
    let extra = i64::from(i64::from(place) < rest);
    MicroDollars::new(if place < entries {
        // Where there is a rest, there are two entries: a share is at most half of 64 bits.
        each.plus(extra)
    } else {
        0
    })
}

/// The returns for which the receiver's bank is paid a fee. FedACH notice of 2021-03-17.
pub fn is_unauthorized(code: ReturnCode) -> bool {
    matches!(code.as_str(), "R05" | "R07" | "R10" | "R11" | "R29" | "R51")
}

/// What sending `entries` in `groups` saves of a fee for each group, as a part of 1: 1 - groups /
/// entries. None without entries.
pub fn batching_saving(entries: u64, groups: u64) -> Option<Decimal> {
    Decimal::ONE.checked_sub(Decimal::from(groups).checked_div(Decimal::from(entries))?)
}

/// What taking cards without a processor's bundle would cost. Inputs, as no table has them all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CardInputs {
    /// Interchange and assessments as a percent of the amount and dollars for each charge.
    pub interchange: Option<(Decimal, Decimal)>,
    /// The acquirer's markup as a percent of the amount and dollars for each charge.
    pub acquirer: Option<(Decimal, Decimal)>,
}

impl CardInputs {
    /// Which of the inputs is absent, in words for the report.
    pub fn absent(&self) -> Vec<String> {
        let say = |name: &str| {
            format!(
                "{name} is not given: the card baseline is a bundled price, and what a merchant \
                     with its own acquirer would pay is not shown"
            )
        };
        let interchange = self.interchange.is_none().then(|| say("Interchange"));
        let acquirer = self.acquirer.is_none().then(|| say("The acquirer's cost"));
        interchange.into_iter().chain(acquirer).collect()
    }

    /// What a charge of `amount` costs; none unless both inputs are given.
    pub fn charge(&self, amount: Cents) -> Option<MicroDollars> {
        let (interchange, acquirer) = (self.interchange?, self.acquirer?);
        let percent = interchange.0.checked_add(acquirer.0)?;
        let usd = Decimal::new(i64::try_from(amount.get()).ok()?, 2);
        let part = usd
            .checked_mul(percent)?
            .checked_div(Decimal::ONE_HUNDRED)?;
        MicroDollars::from_usd(part.checked_add(interchange.1)?.checked_add(acquirer.1)?)
    }
}

/// One payment's cost, item by item, and its baselines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentCost {
    /// Its share of the bank's price for a file.
    pub bank_file: MicroDollars,
    /// Its share of the bank's price for a batch.
    pub bank_batch: MicroDollars,
    /// The bank's price for an entry.
    pub bank_item: MicroDollars,
    /// The bank's surcharge for a same-day entry.
    pub bank_same_day: MicroDollars,
    /// The bank's price for a returned entry.
    pub bank_return: MicroDollars,
    /// The bank's price for notifications of change.
    pub bank_change: MicroDollars,
    /// The network's same-day entry fee.
    pub network_same_day: MicroDollars,
    /// The network's unauthorized entry fee.
    pub network_unauthorized: MicroDollars,
    /// The cloud's part: keys, functions, records and objects, rounded once.
    pub cloud: MicroDollars,
    /// Baseline: a card processor's charge for the amount.
    pub card: MicroDollars,
    /// Like-for-like baseline: the processor's charge for the same bank debit or credit.
    pub bank_debit_or_credit: MicroDollars,
    /// Like-for-like baseline: the processor's fee for a failed or disputed bank debit.
    pub bank_debit_failure: MicroDollars,
}

impl PaymentCost {
    /// Every item of our cost with its name; the names are column names.
    pub const fn items(&self) -> [(&'static str, MicroDollars); 9] {
        [
            ("bank_file", self.bank_file),
            ("bank_batch", self.bank_batch),
            ("bank_item", self.bank_item),
            ("bank_same_day", self.bank_same_day),
            ("bank_return", self.bank_return),
            ("bank_change", self.bank_change),
            ("network_same_day", self.network_same_day),
            ("network_unauthorized", self.network_unauthorized),
            ("cloud", self.cloud),
        ]
    }

    /// What our bank bills for it.
    pub fn bank(&self) -> Option<MicroDollars> {
        MicroDollars::sum(self.items().into_iter().take(6).map(|(_, cost)| cost))
    }

    /// Our whole cost.
    pub fn total(&self) -> Option<MicroDollars> {
        MicroDollars::sum(self.items().map(|(_, cost)| cost))
    }

    /// The like-for-like baseline, failures included.
    pub fn like_for_like(&self) -> Option<MicroDollars> {
        self.bank_debit_or_credit
            .checked_add(self.bank_debit_failure)
    }

    /// What is saved against the card baseline; negative where we cost more.
    pub fn saved_against_card(&self) -> Option<MicroDollars> {
        self.card.checked_sub(self.total()?)
    }

    /// What is saved like for like; negative where we cost more.
    pub fn saved_like_for_like(&self) -> Option<MicroDollars> {
        self.like_for_like()?.checked_sub(self.total()?)
    }

    pub(super) fn checked_add(&self, other: &PaymentCost) -> Option<PaymentCost> {
        let sum = |a: MicroDollars, b| a.checked_add(b);
        Some(PaymentCost {
            bank_file: sum(self.bank_file, other.bank_file)?,
            bank_batch: sum(self.bank_batch, other.bank_batch)?,
            bank_item: sum(self.bank_item, other.bank_item)?,
            bank_same_day: sum(self.bank_same_day, other.bank_same_day)?,
            bank_return: sum(self.bank_return, other.bank_return)?,
            bank_change: sum(self.bank_change, other.bank_change)?,
            network_same_day: sum(self.network_same_day, other.network_same_day)?,
            network_unauthorized: sum(self.network_unauthorized, other.network_unauthorized)?,
            cloud: sum(self.cloud, other.cloud)?,
            card: sum(self.card, other.card)?,
            bank_debit_or_credit: sum(self.bank_debit_or_credit, other.bank_debit_or_credit)?,
            bank_debit_failure: sum(self.bank_debit_failure, other.bank_debit_failure)?,
        })
    }
}

/// The prices that one day's payments need, looked up once.
#[derive(Clone, Debug)]
pub struct Rates {
    bank: BankPrices,
    card: Price,
    ach_debit: Price,
    ach_credit: Price,
    ach_failure: MicroDollars,
    ach_dispute: MicroDollars,
    same_day: MicroDollars,
    unauthorized: MicroDollars,
    cloud: MicroDollars,
}

impl Rates {
    /// The prices of a date.
    ///
    /// # Errors
    /// [`PriceError`] where one is missing or too large.
    pub fn on(list: &PriceList, bank: BankPrices, date: Date) -> Result<Rates, PriceError> {
        let flat = |id| {
            let charge = list.on(id, date)?.charge(Cents::ZERO);
            charge.ok_or(PriceError::TooLarge("a fee"))
        };
        let cloud = MicroDollars::from_usd(list.usage_usd(date)?);
        Ok(Rates {
            bank,
            card: list.on("stripe.card", date)?.clone(),
            ach_debit: list.on("stripe.ach_debit", date)?.clone(),
            ach_credit: list.on("stripe.ach_credit", date)?.clone(),
            ach_failure: flat("stripe.ach_debit_failure")?,
            ach_dispute: flat("stripe.ach_dispute")?,
            same_day: flat("nacha.same_day_entry")?,
            unauthorized: flat("nacha.unauthorized_entry")?,
            cloud: cloud.ok_or(PriceError::TooLarge("usage"))?,
        })
    }

    /// What one payment costs, and what it would have cost elsewhere.
    ///
    /// # Errors
    /// [`PriceError::TooLarge`] for amounts beyond nine trillion dollars.
    pub fn cost(&self, facts: &PaymentFacts) -> Result<PaymentCost, PriceError> {
        let micros = MicroDollars::new;
        let when = |is: bool, fee: MicroDollars| if is { fee } else { MicroDollars::ZERO };
        let unauthorized = facts.returned.is_some_and(is_unauthorized);
        let debit = facts.direction == Direction::Debit;
        let ach = if debit {
            &self.ach_debit
        } else {
            &self.ach_credit
        };
        let failure = if unauthorized {
            self.ach_dispute
        } else {
            self.ach_failure
        };
        let changes = self.bank.noc.checked_mul(i64::from(facts.changes));
        Ok(PaymentCost {
            bank_file: share(self.bank.per_file, facts.file_entries, facts.file_place),
            bank_batch: share(self.bank.per_batch, facts.batch_entries, facts.batch_place),
            bank_item: micros(self.bank.per_item),
            bank_same_day: when(facts.same_day, micros(self.bank.same_day)),
            bank_return: when(facts.returned.is_some(), micros(self.bank.return_item)),
            bank_change: micros(changes.ok_or(PriceError::TooLarge("changes"))?),
            network_same_day: when(facts.same_day, self.same_day),
            network_unauthorized: when(unauthorized, self.unauthorized),
            cloud: self.cloud,
            card: self
                .card
                .charge(facts.amount)
                .ok_or(PriceError::TooLarge("a card charge"))?,
            bank_debit_or_credit: ach
                .charge(facts.amount)
                .ok_or(PriceError::TooLarge("a bank debit or credit"))?,
            bank_debit_failure: when(debit && facts.returned.is_some(), failure),
        })
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)] // sums of a test
pub(super) mod tests {
    use super::{super::prices::tests::shipped, *};
    use jiff::civil::date;
    use proptest::prelude::*;

    pub fn rates() -> Rates {
        let bank = BankPrices {
            per_file: 5_000_000,
            per_batch: 1_000_000,
            per_item: 50_000,
            same_day: 100_000,
            return_item: 2_000_000,
            noc: 1_500_000,
            monthly_minimum: 100_000_000,
        };
        Rates::on(&shipped(), bank, date(2026, 1, 15)).unwrap()
    }

    pub const PULL: PaymentFacts = PaymentFacts {
        amount: Cents::new(10_000),
        direction: Direction::Debit,
        same_day: false,
        file_entries: 1000,
        file_place: 0,
        batch_entries: 3,
        batch_place: 0,
        returned: None,
        changes: 0,
    };

    #[test]
    fn a_plain_debit_bears_its_shares_and_no_more() {
        let cost = rates().cost(&PULL).unwrap();
        assert_eq!(cost.bank_file.get(), 5_000);
        assert_eq!(cost.bank_batch.get(), 333_334);
        assert_eq!(cost.cloud.get(), 10);
        assert_eq!(cost.total().unwrap().get(), 5_000 + 333_334 + 50_000 + 10);
        assert_eq!(cost.card.get(), 3_200_000);
        assert_eq!(cost.like_for_like().unwrap().get(), 800_000);
        assert_eq!(cost.saved_like_for_like().unwrap().get(), 411_656);
    }

    #[test]
    fn same_day_returns_and_changes_add_their_fees() {
        let back = |code: &str| PaymentFacts {
            returned: code.parse().ok(),
            ..PULL
        };
        let cost = |facts| rates().cost(&facts).unwrap();
        let same_day = cost(PaymentFacts {
            same_day: true,
            changes: 2,
            ..PULL
        });
        assert_eq!(
            same_day.bank_same_day.get() + same_day.network_same_day.get(),
            152_000
        );
        assert_eq!(same_day.bank_change.get(), 3_000_000);
        let (r01, r10) = (cost(back("R01")), cost(back("R10")));
        assert_eq!(
            (r01.bank_return.get(), r01.network_unauthorized.get()),
            (2_000_000, 0)
        );
        assert_eq!(r10.network_unauthorized.get(), 4_500_000);
        assert_eq!(r01.bank_debit_failure.get(), 4_000_000);
        assert_eq!(r10.bank_debit_failure.get(), 15_000_000);
        for code in ["R05", "R07", "R10", "R11", "R29", "R51"] {
            assert!(is_unauthorized(code.parse().unwrap()), "{code}");
        }
    }

    #[test]
    fn batching_saves_one_less_one_part_in_n() {
        let saving = |n| batching_saving(n, 1).unwrap().normalize().to_string();
        assert_eq!(
            [saving(2), saving(10), saving(2_500)],
            ["0.5", "0.9", "0.9996"]
        );
        assert_eq!(batching_saving(0, 0), None);
    }

    #[test]
    fn card_inputs_that_are_absent_are_said_to_be() {
        let mut inputs = CardInputs::default();
        assert_eq!(
            (inputs.absent().len(), inputs.charge(Cents::new(10_000))),
            (2, None)
        );
        inputs.interchange = Some((Decimal::new(189, 2), Decimal::new(10, 2)));
        inputs.acquirer = Some((Decimal::new(3, 1), Decimal::ZERO));
        assert_eq!(inputs.absent(), Vec::<String>::new());
        assert_eq!(
            inputs.charge(Cents::new(10_000)),
            Some(MicroDollars::new(2_290_000))
        );
    }

    proptest! {
        #[test]
        fn shares_add_up_to_the_fee(fee in 0i64..100_000_000, entries in 1u32..3_000) {
            let shares = (0..entries).map(|place| share(fee, entries, place));
            prop_assert_eq!(MicroDollars::sum(shares), Some(MicroDollars::new(fee)));
            prop_assert_eq!(share(fee, entries, entries), MicroDollars::ZERO);
        }
    }
}
