//! A labelled history of requests: honest ones of many habits, and frauds of six kinds among them.
//!
//! It is for training and testing what scores risk. The kinds are those that ACH sees: bursts that
//! test accounts, accounts that were taken over, bust-outs, mules, synthetic originators, and rings
//! whose debits come back as unauthorized. Honest customers overlap with all of them on purpose:
//! they get new telephones, travel, share addresses, pay wages to forty people at once, buy a car,
//! send a request five times, and tell their bank that they knew nothing of it. One fraud in
//! thirty is never reported, so its label says honest, as in every real history.
//!
//! What it proves is that the machinery works, not how well a model does in the world: figures
//! measured on it are figures about it.

mod dice;
mod frauds;
mod happening;
mod honest;
mod people;

pub use happening::{DAYS, Fraud, Happening};

use dice::Dice;
use happening::{DAY, START};

/// Requests that can be asked for: a history stands in memory, 400 bytes each.
pub const MOST_REQUESTS: u64 = 2_000_000;

/// About `requests` of them in the order of their time, always the same for a seed.
///
/// ```
/// use sandbox::history::history;
///
/// let some = history(7, 2_000);
/// assert_eq!(some, history(7, 2_000));
/// assert!(some.is_sorted_by_key(|happening| happening.asked.at));
/// ```
pub fn history(seed: u64, requests: u64) -> Vec<Happening> {
    let requests = requests.clamp(1, MOST_REQUESTS);
    let mut dice = Dice::new(seed);
    let people = people::People::new(&mut dice, requests);
    let mut all = honest::happenings(&mut dice, &people, requests);
    all.extend(frauds::happenings(&mut dice, &people, requests));
    all.retain(|one| one.asked.at.as_second() < START + DAYS * DAY);
    // Among those of one second the order is that in which they were made.
    all.sort_by_key(|one| one.asked.at);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use settlement::risk::velocity::Returned;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn every_kind_is_planted_and_honest_people_are_many() {
        let all = history(7, 20_000);
        assert!((15_000..25_000).contains(&all.len()), "{}", all.len());
        let mut kinds = BTreeMap::new();
        for one in &all {
            *kinds.entry(one.fraud).or_insert(0usize) += 1;
        }
        assert!(kinds[&None] * 100 > all.len() * 95, "{kinds:?}");
        for kind in Fraud::ALL {
            assert!(
                kinds.get(&Some(*kind)).is_some_and(|n| *n >= 15),
                "{kinds:?}"
            );
        }
    }

    #[test]
    fn some_frauds_are_never_reported_and_no_honest_request_is() {
        let all = history(3, 40_000);
        let frauds = all.iter().filter(|one| one.fraud.is_some());
        let silent = frauds.clone().filter(|one| !one.reported).count();
        assert!(silent > 0 && silent * 10 < frauds.count(), "{silent}");
        assert!(all.iter().all(|one| one.fraud.is_some() || !one.reported));
    }

    #[test]
    fn honest_people_do_what_frauds_do() {
        let all = history(5, 40_000);
        let honest = || all.iter().filter(|one| one.fraud.is_none());
        let abroad = |one: &&Happening| {
            let country = one.asked.place.country;
            country.is_some_and(|country| country != one.asked.account_country)
        };
        assert!(honest().filter(abroad).count() > 20);
        let unauthorized = |one: &&Happening| {
            one.back
                .is_some_and(|(_, why)| why == Returned::Unauthorized)
        };
        assert!(honest().filter(unauthorized).count() > 5);
        let mut of_account = BTreeMap::<_, BTreeSet<_>>::new();
        for one in honest() {
            of_account
                .entry(one.asked.account)
                .or_default()
                .insert(one.asked.customer);
        }
        assert!(of_account.values().any(|customers| customers.len() > 8));
    }

    #[test]
    fn what_comes_back_comes_after() {
        for one in history(11, 5_000) {
            assert!(one.back.is_none_or(|(at, _)| at > one.asked.at));
            assert!(one.asked.amount.get() > 0);
        }
    }
}
