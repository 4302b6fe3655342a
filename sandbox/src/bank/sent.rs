//! What the bank remembers of the files it accepted.
//!
//! Of a hundred thousand entries only a handful come back, so the bank decides an entry's fate
//! while the file is read and keeps the few that will be heard of again: memory grows with the
//! returns, not with the entries.

use crate::chance::{About, draw, in_a_million};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use settlement::{codes::sec::SecCode, ids::BatchKey};
use std::fmt;

/// A batch header as it was sent: a return repeats it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) company_name: String,
    pub(super) discretionary: String,
    pub(super) company_id: String,
    pub(super) sec: SecCode,
    pub(super) description: String,
    pub(super) descriptive_date: String,
    pub(super) effective: Date,
}

/// An entry as it was sent: a return repeats most of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) trace: u64,
    /// The transaction code, two digits.
    pub(super) code: u8,
    /// The receiving bank's eight digits.
    pub(super) rdfi: u32,
    pub(super) account: String,
    pub(super) cents: u64,
    /// Positions 40-54 as they were.
    pub(super) individual_id: String,
    /// The receiver's name: positions 55-76, of a CTX entry 59-74.
    pub(super) name: String,
    /// Positions 77-78 as they were.
    pub(super) discretionary: String,
}

/// Never the account number.
impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Entry({:015}, code {}, {} cents)",
            self.trace, self.code, self.cents
        )
    }
}

impl Entry {
    /// Whether the entry pulls money: units digit 5 to 9. Nacha Rules 2013 Appendix Three.
    pub(super) const fn is_debit(&self) -> bool {
        self.code % 10 >= 5
    }

    /// The transaction code of its return or notification of change.
    pub(super) const fn return_code(&self) -> u8 {
        self.code / 10 * 10 + if self.is_debit() { 6 } else { 1 }
    }

    /// What the entry does to our account, in cents.
    pub(super) fn signed(&self) -> i64 {
        let cents = i64::try_from(self.cents).expect("an amount of ten digits");
        if self.is_debit() { cents } else { -cents }
    }
}

impl Part {
    /// The part that an entry is.
    pub(super) fn of(entry: &Entry) -> Part {
        Part {
            cents: entry.signed(),
            reference: format!("{:015}", entry.trace),
            id: entry.individual_id.trim().to_owned(),
        }
    }
}

/// Why the bank is heard of an entry again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Reason {
    /// A return, with its reason code's digits: `1` for R01.
    Return(u8),
    /// A notification of change, with its code's digits: `5` for C05.
    Change(u8),
}

/// An entry that will be heard of again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fate {
    pub(super) entry: Entry,
    pub(super) reason: Reason,
    /// Banking days between settlement and the file that tells of it.
    pub(super) after: u16,
}

/// An entry as a bank lists it that lists all of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Part {
    /// What it does to our account, in cents.
    pub(super) cents: i64,
    /// Its trace, or what else the bank calls it by.
    pub(super) reference: String,
    /// What we called it.
    pub(super) id: String,
}

/// A batch as the bank accepted it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Batch {
    pub(super) key: BatchKey,
    pub(super) header: Header,
    /// The banking day on which it should settle.
    pub(super) settles: Date,
    pub(super) entries: u64,
    pub(super) debit_cents: u64,
    pub(super) credit_cents: u64,
    pub(super) fates: Vec<Fate>,
    /// An entry whose amount no other entry of the batch has, and of which nothing will be
    /// heard: what an entry-level fault befalls.
    pub(super) spare: Option<Entry>,
    /// Two such entries that are together what the contract lets the bank keep, where there are.
    #[serde(default)]
    pub(super) pair: Option<(Entry, Entry)>,
    /// Its first entry's trace and receiving bank.
    #[serde(default)]
    pub(super) first: Option<(u64, u32)>,
    /// All its entries, where the bank lists them.
    #[serde(default)]
    pub(super) parts: Vec<Part>,
    /// Whether some entry's amount equals the fee that may be netted: then a fee would look
    /// like a lost entry.
    pub(super) has_fee_amount: bool,
    /// Whether its file was rejected, though it settles.
    #[serde(default)]
    pub(super) rejected: bool,
}

/// Returns among a million debits, and among a million credits.
const DEBITS_RETURNED: u64 = 8_000;
const CREDITS_RETURNED: u64 = 2_000;

/// Notifications of change among a million entries.
const CHANGES: u64 = 1_000;

/// Why debits come back, in parts of a hundred; 10 stands for "not authorized", whose code
/// depends on the entry class.
const DEBIT_REASONS: [(u8, u64); 6] = [(1, 48), (2, 12), (3, 12), (4, 7), (8, 11), (10, 10)];

/// Why credits come back, in parts of a hundred.
const CREDIT_REASONS: [(u8, u64); 3] = [(2, 40), (3, 42), (4, 18)];

/// Why changes are notified: equal shares.
const CHANGE_REASONS: [u8; 4] = [1, 2, 3, 5];

/// Banking days after settlement on which an unauthorized consumer debit is returned: after the
/// ordinary window of two, far inside its own of 60 calendar days.
const UNAUTHORIZED_AFTER: u16 = 3;

/// The seed and the file date that decide fates.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fortune {
    pub(super) seed: u64,
    /// The key of the batch the entries stand in.
    pub(super) batch: u64,
}

impl Fortune {
    fn draw(self, about: About, trace: u64) -> u64 {
        draw(self.seed, about, trace, self.batch)
    }

    /// The rank of an entry among those a fault may befall; the lowest is taken.
    pub(super) fn rank(self, trace: u64) -> u64 {
        self.draw(About::Fault, trace)
    }

    /// Why and when the bank is heard of an entry again; for most of them never. Prenotes and
    /// other entries without money are left alone.
    pub(super) fn fate(
        self,
        sec: SecCode,
        debit: bool,
        cents: u64,
        trace: u64,
    ) -> Option<(Reason, u16)> {
        if cents == 0 {
            return None;
        }
        let luck = self.draw(About::Return, trace);
        let after = 1 + u16::from(self.draw(About::ReturnDay, trace) % 100 >= 60);
        if in_a_million(
            luck,
            if debit {
                DEBITS_RETURNED
            } else {
                CREDITS_RETURNED
            },
        ) {
            let reasons: &[_] = if debit {
                &DEBIT_REASONS
            } else {
                &CREDIT_REASONS
            };
            return Some(match (weighted(reasons, luck >> 32), sec) {
                // Companies say R29 within two days, consumers R10 when they read their statement.
                (10, SecCode::Ccd | SecCode::Ctx) => (Reason::Return(29), after),
                (10, _) => (Reason::Return(10), UNAUTHORIZED_AFTER),
                (code, _) => (Reason::Return(code), after),
            });
        }
        let luck = self.draw(About::Change, trace);
        let code = CHANGE_REASONS[(luck >> 32) as usize % CHANGE_REASONS.len()];
        in_a_million(luck, CHANGES).then_some((Reason::Change(code), after))
    }
}

fn weighted(table: &[(u8, u64)], luck: u64) -> u8 {
    let total: u64 = table.iter().map(|(_, weight)| weight).sum();
    let mut ticket = luck % total.max(1);
    for (code, weight) in table {
        if ticket < *weight {
            return *code;
        }
        ticket -= weight;
    }
    table.first().map_or(1, |(code, _)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn returns_come_at_their_ordinary_rates_and_within_their_windows() {
        let fortune = Fortune { seed: 7, batch: 1 };
        let mut returned = 0;
        for trace in 0..200_000 {
            match fortune.fate(SecCode::Ppd, true, 100, trace) {
                Some((Reason::Return(10), after)) => {
                    assert_eq!(after, 3);
                    returned += 1;
                }
                Some((Reason::Return(code), after)) => {
                    assert!([1, 2, 3, 4, 8].contains(&code) && (1..=2).contains(&after));
                    returned += 1;
                }
                Some((Reason::Change(code), _)) => assert!(CHANGE_REASONS.contains(&code)),
                None => {}
            }
        }
        assert!(
            (1_450..1_750).contains(&returned),
            "{returned} of 200,000 debits"
        );
        let credits = (0..200_000).filter(|trace| {
            let fate = fortune.fate(SecCode::Ccd, false, 100, *trace);
            matches!(fate, Some((Reason::Return(2..=4), 1..=2)))
        });
        assert!((330..470).contains(&credits.count()));
    }

    #[test]
    fn a_company_never_says_r10_and_a_prenote_never_comes_back() {
        let fortune = Fortune { seed: 7, batch: 1 };
        for trace in 0..100_000 {
            let fate = fortune.fate(SecCode::Ccd, true, 100, trace);
            assert!(!matches!(fate, Some((Reason::Return(10), _))));
            assert_eq!(fortune.fate(SecCode::Ppd, true, 0, trace), None);
        }
    }
}
