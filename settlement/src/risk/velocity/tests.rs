#![allow(clippy::arithmetic_side_effects)] // small numbers of a test

use super::track::Level;
use super::*;
use crate::codes::returns::ReturnCode;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Somewhere in November 2026.
const START: i64 = 1_795_737_600;

fn key(kind: Kind, number: u8) -> Key {
    Key::of(kind, &number.to_string())
}

fn asked(at: i64, who: u8, account: u8, device: Option<u8>, cents: u64, credit: bool) -> Asked {
    Asked {
        at: Timestamp::from_second(at).unwrap(),
        direction: if credit {
            Direction::Credit
        } else {
            Direction::Debit
        },
        amount: Cents::new(cents),
        customer: key(Kind::Customer, who),
        account: key(Kind::Account, account),
        device: device.map(|number| key(Kind::Device, number)),
        ip: device.map(|number| key(Kind::Ip, number / 2)),
        place: Place {
            country: Some(Country::UNITED_STATES),
            point: None,
        },
        account_country: Country::UNITED_STATES,
        utc_offset_minutes: -300,
        customer_since: None,
    }
}

/// Requests of a few of each kind, most within an hour, some over 120 days.
fn requests(most: usize) -> impl Strategy<Value = Vec<Asked>> {
    let far = prop_oneof![0i64..3_600, 0i64..172_800, 0i64..10_368_000];
    let one = (
        far,
        0u8..3,
        0u8..4,
        proptest::option::of(0u8..4),
        1u64..1_000_000,
        any::<bool>(),
    );
    let one = one.prop_map(|(at, who, account, device, cents, credit)| {
        asked(START + at, who, account, device, cents, credit)
    });
    proptest::collection::vec(one, 0..most)
}

fn all_of(events: &[Asked]) -> Velocity {
    let mut velocity = Velocity::default();
    events.iter().for_each(|event| velocity.record(event));
    velocity
}

/// What a window holds, counted again from all events.
fn recount<'a>(
    events: impl Iterator<Item = &'a Asked>,
    level: Level,
    buckets: i64,
    now: i64,
) -> Lately {
    let bucket = |at: i64| at.div_euclid(level.seconds());
    let mut sum = Lately::default();
    for event in events {
        let at = bucket(event.at.as_second());
        if at > bucket(now) - buckets && at <= bucket(now) {
            sum.count += 1;
            sum.cents = sum.cents.checked_add(event.amount).unwrap();
            sum.largest = sum.largest.max(event.amount);
        }
    }
    sum
}

fn newest(events: &[Asked]) -> i64 {
    events
        .iter()
        .map(|e| e.at.as_second())
        .max()
        .unwrap_or(START)
}

proptest! {
    #[test]
    fn every_window_is_what_a_recount_says(
        events in requests(80), later in 0i64..100_000, who in 0u8..3, account in 0u8..4
    ) {
        let velocity = all_of(&events);
        let now = newest(&events) + later;
        let asks = asked(now, who, account, Some(1), 5, true);
        let habits = velocity.read(&asks);
        let own = || events.iter().filter(|e| e.customer == asks.customer);
        let with = || events.iter().filter(|e| e.account == asks.account);
        let from = || events.iter().filter(|e| e.device == asks.device);
        for (told, level, buckets) in [
            (habits.customer_10m, Level::Minute, 10),
            (habits.customer_1h, Level::Minute, 60),
            (habits.customer_1d, Level::Hour, 24),
            (habits.customer_7d, Level::Day, 7),
            (habits.customer_30d, Level::Day, 30),
            (habits.customer_90d, Level::Day, 90),
        ] {
            prop_assert_eq!(told, recount(own(), level, buckets, now));
        }
        let credits = || with().filter(|e| e.direction == Direction::Credit);
        prop_assert_eq!(habits.account_1d, recount(with(), Level::Hour, 24, now));
        prop_assert_eq!(habits.account_credits_7d, recount(credits(), Level::Day, 7, now));
        let device = habits.device.unwrap();
        prop_assert_eq!(device.in_10m, recount(from(), Level::Minute, 10, now));
        let debits = || own().filter(|e| e.direction == Direction::Debit);
        prop_assert_eq!(habits.customer_debits, recount(debits(), Level::Day, 90, now));
        let first = own().map(|e| e.at.as_second()).min();
        prop_assert_eq!(habits.customer_first, first);
        let hour = |at: i64| at.div_euclid(3_600);
        let others: BTreeSet<Key> = own()
            .filter(|e| hour(e.at.as_second()) > hour(now) - 24)
            .map(|e| e.account)
            .filter(|account| *account != asks.account)
            .collect();
        prop_assert_eq!(habits.customer_accounts as usize, others.len());
        let pair = own().filter(|e| e.account == asks.account);
        let pair = pair.map(|e| e.at.as_second()).min();
        prop_assert_eq!(habits.payee_first, pair);
    }

    #[test]
    fn the_order_of_recording_does_not_matter(
        events in requests(60), order in proptest::collection::vec(any::<u64>(), 60)
    ) {
        let mut keyed: Vec<(u64, Asked)> = order.into_iter().zip(events.iter().cloned()).collect();
        keyed.sort_by_key(|(key, _)| *key);
        let other: Vec<Asked> = keyed.into_iter().map(|(_, event)| event).collect();
        let (one, other) = (all_of(&events), all_of(&other));
        for event in &events {
            for at in [event.at.as_second(), newest(&events)] {
                let mut asks = event.clone();
                asks.at = Timestamp::from_second(at).unwrap();
                prop_assert_eq!(one.read(&asks), other.read(&asks));
            }
        }
    }

    #[test]
    fn no_more_keys_are_kept_than_there_is_room(events in requests(80), most in 1usize..4) {
        let mut velocity = Velocity::new(most);
        for event in &events {
            velocity.record(event);
            prop_assert!(velocity.keys() <= most * Kind::ALL.len());
        }
    }
}

#[test]
fn who_was_seen_longest_ago_is_forgotten_first() {
    let mut velocity = Velocity::new(2);
    for (hour, who) in [(0, 1), (1, 2), (2, 1), (3, 3)] {
        velocity.record(&asked(START + hour * 3_600, who, 9, None, 5, false));
    }
    let first = |who| {
        velocity
            .read(&asked(START + 14_400, who, 9, None, 5, false))
            .customer_first
    };
    assert_eq!(first(2), None);
    assert_eq!(first(1), Some(START));
    assert_eq!(first(3), Some(START + 10_800));
    assert_eq!(velocity.forgotten(), 2); // the customer, and the pair of it and the account
}

#[test]
fn a_busy_key_has_no_more_buckets_than_its_rings() {
    let mut velocity = Velocity::default();
    for minute in 0..200_000 {
        velocity.record(&asked(START + minute * 60, 1, 1, None, 1, minute % 2 == 0));
    }
    let now = START + 199_999 * 60;
    let habits = velocity.read(&asked(now, 1, 1, None, 1, false));
    assert_eq!(habits.customer_1h.count, 60);
    // The day's ring goes by whole hours and the quarter's by whole days.
    assert_eq!(habits.customer_1d.count, 23 * 60 + 20);
    assert_eq!(habits.customer_90d.count, 89 * 1_440 + 1_280);
}

#[test]
fn strangers_are_counted_to_sixteen_and_the_latest_are_kept() {
    let mut velocity = Velocity::default();
    for who in 0..40 {
        velocity.record(&asked(START + i64::from(who), who, 1, None, 1, true));
    }
    let customers = |who| {
        let habits = velocity.read(&asked(START + 50, who, 1, None, 1, true));
        habits.account_customers
    };
    assert_eq!(customers(99) as usize, PARTNERS);
    assert_eq!(customers(39) as usize, PARTNERS - 1);
    assert_eq!(customers(0) as usize, PARTNERS);
}

#[test]
fn what_came_back_is_told_by_its_class() {
    let class = |code: &str| Returned::of(code.parse::<ReturnCode>().unwrap());
    assert_eq!(class("R01"), Returned::Funds);
    assert_eq!(class("R03"), Returned::Account);
    assert_eq!(class("R10"), Returned::Unauthorized);
    let mut velocity = Velocity::default();
    let (customer, account) = (key(Kind::Customer, 1), key(Kind::Account, 1));
    let at = Timestamp::from_second(START).unwrap();
    velocity.record_return(customer, account, Returned::Unauthorized, at);
    let told = |days: i64| velocity.read(&asked(START + days * 86_400, 1, 1, None, 1, false));
    assert_eq!(told(89).customer_returned, [0, 0, 1]);
    assert_eq!(told(89).account_returned, [0, 0, 1]);
    assert_eq!(told(90).customer_returned, [0, 0, 0]);
    assert_eq!(told(0).customer_first, None, "a return is no request");
}
