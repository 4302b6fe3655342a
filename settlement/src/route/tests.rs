#![allow(clippy::arithmetic_side_effects)] // small known numbers

use super::*;
use crate::codes::sec::SecCode;
use crate::ids::Direction;
use proptest::prelude::*;
use rust_decimal::Decimal;

const SANDBOX: &str = include_str!("../../../data/banks/sandbox.toml");
const NORTH: &str = include_str!("../../../data/banks/north.toml");

fn sandbox() -> BankProfile {
    BankProfile::parse(SANDBOX).unwrap()
}

fn north() -> BankProfile {
    BankProfile::parse(NORTH).unwrap()
}

fn order() -> Order {
    Order {
        direction: Direction::Credit,
        amount: Cents::new(10_000),
        originator: "payroll".to_owned(),
        sec: SecCode::Ppd,
        description: "PAYROLL".to_owned(),
        speed: Speed::Standard,
        effective: None,
    }
}

/// Eastern clock time on Tuesday 2026-11-24.
fn at(clock: &str) -> Timestamp {
    format!("2026-11-24T{clock}-05:00").parse().unwrap()
}

fn chosen(order: &Order, at: Timestamp, routes: &Routes) -> Result<usize, Fault> {
    choose(order, Currency::Usd, at, routes, &[&sandbox(), &north()])
}

#[test]
fn the_cheapest_whose_cutoff_has_not_passed_takes_it() {
    let none = Routes::new();
    assert_eq!(
        chosen(&order(), at("12:00:00"), &none),
        Ok(1),
        "2 cents against 3"
    );
    assert_eq!(
        chosen(&order(), at("19:00:00"), &none),
        Ok(1),
        "at its cutoff"
    );
    assert_eq!(
        chosen(&order(), at("19:00:01"), &none),
        Ok(0),
        "north is for tomorrow"
    );
    assert_eq!(chosen(&order(), at("20:00:01"), &none), Ok(1), "both are");
    let mut fast = order();
    fast.speed = Speed::SameDay;
    assert_eq!(
        chosen(&fast, at("12:00:00"), &none),
        Ok(0),
        "13 cents against 17"
    );
    let same = [&sandbox(), &sandbox()];
    let tie = choose(&order(), Currency::Usd, at("12:00:00"), &none, &same);
    assert_eq!(tie, Ok(0), "the first of the configuration");
}

#[test]
fn an_originator_goes_by_the_banks_that_are_listed_for_it() {
    let only = |names: &[&str]| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Routes::from([("payroll".to_owned(), names)])
    };
    assert_eq!(chosen(&order(), at("12:00:00"), &only(&["sandbox"])), Ok(0));
    assert_eq!(chosen(&order(), at("12:00:00"), &only(&["north"])), Ok(1));
    assert_eq!(
        chosen(&order(), at("12:00:00"), &only(&[])),
        Err(Fault::NoBank)
    );
    let mut nobody = order();
    nobody.originator = "nobody".to_owned();
    assert_eq!(
        chosen(&nobody, at("12:00:00"), &Routes::new()),
        Err(Fault::NoBank)
    );
}

#[test]
fn what_no_bank_takes_says_why() {
    let none = Routes::new();
    let banks = [&sandbox(), &north()];
    let cad = choose(&order(), Currency::Cad, at("12:00:00"), &none, &banks);
    assert_eq!(cad, Err(Fault::NoBankOfCurrency(Currency::Cad)));
    let said = Fault::NoBankOfCurrency(Currency::Cad).to_string();
    assert!(said.contains("CAD"), "{said}");
    let mut other = order();
    other.sec = SecCode::Tel;
    assert_eq!(
        chosen(&other, at("12:00:00"), &none),
        Err(Fault::NotAgreed(SecCode::Tel))
    );
    let mut low = north();
    low.max_entry_cents = Cents::new(9_999);
    let banks = [&low, &low];
    let over = choose(&order(), Currency::Usd, at("12:00:00"), &none, &banks);
    assert_eq!(over, Err(Fault::OverBankLimit(Cents::new(9_999))));
}

#[test]
fn a_payment_never_goes_by_a_bank_of_another_currency() {
    let mut cad = north();
    cad.currency = Currency::Cad;
    let home = sandbox();
    for (currency, place) in [(Currency::Usd, 0), (Currency::Cad, 1)] {
        let chosen = choose(
            &order(),
            currency,
            at("12:00:00"),
            &Routes::new(),
            &[&home, &cad],
        );
        assert_eq!(chosen, Ok(place));
    }
}

fn bank() -> impl Strategy<Value = BankProfile> {
    (0..4u32, 0..3u32, 1..4u64, 16..20i8, any::<bool>()).prop_map(
        |(item, same_day, limit, cutoff, cad)| {
            let mut bank = sandbox();
            bank.prices.per_item = Decimal::new(item.into(), 2);
            bank.prices.same_day = Decimal::new(same_day.into(), 2);
            bank.max_entry_cents = Cents::new(limit * 5_000);
            bank.cutoffs.standard = jiff::civil::time(cutoff, 30, 0, 0);
            if cad {
                bank.currency = Currency::Cad;
            }
            bank
        },
    )
}

proptest! {
    /// Who is chosen takes the payment, and nobody who takes it is better.
    #[test]
    fn no_better_bank_is_passed_over(
        banks in proptest::collection::vec(bank(), 0..5),
        hour in 0..24u8,
        same_day: bool,
        cents in 1u64..20_000,
    ) {
        let mut order = order();
        order.amount = Cents::new(cents);
        if same_day {
            order.speed = Speed::SameDay;
        }
        let at = at(&format!("{hour:02}:15:00"));
        let all: Vec<&BankProfile> = banks.iter().collect();
        let takes = |bank: &&BankProfile| {
            bank.currency == Currency::Usd && order.amount <= bank.max_entry_cents
        };
        let rank = |bank: &BankProfile| (is_late(bank, order.speed, at), price(bank, order.speed));
        match choose(&order, Currency::Usd, at, &Routes::new(), &all) {
            Ok(place) => {
                let best = all[place];
                prop_assert!(takes(&best));
                for (other, bank) in all.iter().enumerate().filter(|(_, bank)| takes(bank)) {
                    prop_assert!((rank(best), place) <= (rank(bank), other));
                }
            }
            Err(_) => prop_assert!(!all.iter().any(takes)),
        }
    }
}
