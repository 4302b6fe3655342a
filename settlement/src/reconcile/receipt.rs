//! What a line of a statement is called: by what it is, never by where it stood.
//!
//! Banks sort their lines anew, put one in between, leave out line ends and tell the same day in a
//! second format. So a line is known by its account, its banking day, what it says that a bank
//! cannot say otherwise (amount, type, references), and the *how-manieth* of the same it is. Two
//! equal deposits are two receipts, and which of them is called the first makes no difference to
//! anybody: whatever tells them apart would be in the name.
//!
//! ```
//! use jiff::civil::date;
//! use settlement::money::SignedCents;
//! use settlement::reconcile::receipt::{Names, Receipt};
//!
//! let deposit = Receipt {
//!     cents: SignedCents::new(5_000),
//!     type_code: "142",
//!     bank_reference: "NONREF",
//!     customer_reference: "",
//! };
//! let mut names = Names::new("5678", date(2026, 11, 25));
//! let (first, second) = (names.name(&deposit.hash()), names.name(&deposit.hash()));
//! assert!(first.starts_with("2026-11-25-5678-") && first.ends_with("-1"));
//! assert!(second.ends_with("-2"));
//! ```

use crate::archive::sha256;
use crate::exact::Exact;
use crate::money::SignedCents;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Digits of the hash in a name: by chance, two of a million lines of one day share 64 bits once
/// in forty million such days.
const DIGITS: usize = 16;

/// What banks write where they have no reference.
const NONE: [&str; 6] = ["NONREF", "NOTPROVIDED", "NONE", "NO REF", "N/A", "UNKNOWN"];

/// A reference that refers to something; nothing where a bank fills the field because it must:
/// `NONREF`, zeros, blanks.
pub fn reference(text: &str) -> &str {
    let text = text.trim();
    let filled = text
        .chars()
        .all(|c| matches!(c, '0' | '-' | '.' | '*' | ' '));
    let none = NONE.iter().any(|none| text.eq_ignore_ascii_case(none));
    if filled || none { "" } else { text }
}

/// What makes a line the line that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt<'a> {
    /// What it moved.
    pub cents: SignedCents,
    /// The bank's code for its kind.
    pub type_code: &'a str,
    /// The bank's reference.
    pub bank_reference: &'a str,
    /// Our reference as the bank repeats it.
    pub customer_reference: &'a str,
}

impl Receipt<'_> {
    /// The hash of what it is, as names have it.
    pub fn hash(&self) -> String {
        let cents = self.cents.get();
        let parts = [
            self.type_code.trim(),
            reference(self.bank_reference),
            reference(self.customer_reference),
        ];
        // No text can run into the next one: each says how long it is.
        let parts = parts.map(|part| format!("{}:{part}", part.len()));
        let text = format!("{cents};{}", parts.join(";"));
        let mut hash = sha256(text.as_bytes()).to_string();
        hash.truncate(DIGITS);
        hash
    }
}

/// The names of the lines of one account and banking day.
#[derive(Clone, Debug)]
pub struct Names {
    of: String,
    /// How many of each hash have a name.
    counts: BTreeMap<String, u32>,
}

impl Names {
    /// Those of a day of which no line has a name yet. The account is what may be seen of it.
    pub fn new(account: &str, day: Date) -> Names {
        Names {
            of: format!("{day}-{account}"),
            counts: BTreeMap::new(),
        }
    }

    /// A line of this day has this name already: none of its kind is called so again. A name of
    /// another form, from before lines were named by what they are, is nobody's.
    pub fn taken(&mut self, name: &str) {
        let rest = name
            .strip_prefix(&self.of)
            .and_then(|rest| rest.strip_prefix('-'));
        let Some((hash, nth)) = rest.and_then(|rest| rest.split_once('-')) else {
            return;
        };
        let Ok(nth) = nth.parse::<u32>() else { return };
        let count = self.counts.entry(hash.to_owned()).or_default();
        *count = (*count).max(nth);
    }

    /// The name of the next line with this hash.
    pub fn name(&mut self, hash: &str) -> String {
        let count = self.counts.entry(hash.to_owned()).or_default();
        *count = count.plus(1);
        format!("{}-{hash}-{count}", self.of)
    }
}

/// The name of the row that takes a line back.
pub fn reversal(name: &str) -> String {
    format!("{name}-reversed")
}

/// How the lines of two versions of a statement differ, as multisets: by place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Lines of the first that the second does not have.
    pub dropped: Vec<usize>,
    /// Lines of the second that the first does not have.
    pub added: Vec<usize>,
    /// How many both have.
    pub kept: usize,
}

/// Compares two versions of a statement by what each line is. Of several equal ones the earliest
/// are kept.
pub fn changes<T: Ord>(before: &[T], after: &[T]) -> Changes {
    let mut left: BTreeMap<&T, Vec<usize>> = BTreeMap::new();
    for (place, one) in before.iter().enumerate().rev() {
        left.entry(one).or_default().push(place);
    }
    let mut changes = Changes::default();
    for (place, one) in after.iter().enumerate() {
        match left.get_mut(one).and_then(Vec::pop) {
            Some(_) => changes.kept = changes.kept.plus(1),
            None => changes.added.push(place),
        }
    }
    changes.dropped = left.into_values().flatten().collect();
    changes.dropped.sort_unstable();
    changes
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)] // small known numbers
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    const DAY: Date = date(2026, 11, 25);

    type Said = (i64, String, String, String);

    fn receipt((cents, code, bank, customer): &Said) -> Receipt<'_> {
        Receipt {
            cents: SignedCents::new(*cents),
            type_code: code,
            bank_reference: bank,
            customer_reference: customer,
        }
    }

    fn names(lines: &[Said]) -> Vec<(String, Said)> {
        let mut names = Names::new("5678", DAY);
        let named = |said: &Said| (names.name(&receipt(said).hash()), said.clone());
        lines.iter().map(named).collect()
    }

    #[test]
    fn what_a_bank_fills_in_refers_to_nothing() {
        let none = [
            "",
            "  ",
            "0",
            "0000000",
            "NONREF",
            "nonref ",
            "NotProvided",
            "-",
            "N/A",
        ];
        for text in none {
            assert_eq!(reference(text), "", "{text:?}");
        }
        for text in ["SB1", " 00012 ", "NONREF1", "0.1"] {
            assert_eq!(reference(text), text.trim());
        }
        let one = |bank: &str| receipt(&(5, "142".into(), bank.into(), String::new())).hash();
        assert_eq!(one("NONREF"), one("000"));
        assert_ne!(one("NONREF"), one("A"));
    }

    #[test]
    fn fields_do_not_run_into_each_other() {
        let one = (5, "1".to_owned(), "23".to_owned(), "4".to_owned());
        let other = (5, "12".to_owned(), "3".to_owned(), "4".to_owned());
        assert_ne!(receipt(&one).hash(), receipt(&other).hash());
    }

    #[test]
    fn a_name_that_is_taken_is_not_given_again() {
        let said = (5, "142".to_owned(), String::new(), String::new());
        let hash = receipt(&said).hash();
        let mut first = Names::new("5678", DAY);
        let taken = [first.name(&hash), first.name(&hash)];
        let mut later = Names::new("5678", DAY);
        later.taken(&taken[1]);
        later.taken("2026-11-25-13565cd9-000005"); // of before
        later.taken(&reversal(&taken[0]));
        assert!(later.name(&hash).ends_with("-3"));
    }

    #[test]
    fn versions_are_compared_as_multisets() {
        let changes = changes(&["a", "b", "a", "c"], &["a", "c", "d", "a", "a"]);
        assert_eq!(changes.dropped, [1]);
        assert_eq!(changes.added, [2, 4]);
        assert_eq!(changes.kept, 3);
    }

    fn said() -> impl Strategy<Value = Said> {
        let references = prop::sample::select(vec!["", "NONREF", "A", "B1"]);
        let code = prop::sample::select(vec!["142", "698"]);
        (1i64..4, code, references.clone(), references)
            .prop_map(|(cents, code, bank, ours)| (cents, code.into(), bank.into(), ours.into()))
    }

    proptest! {
        #[test]
        fn the_order_of_lines_does_not_matter(
            lines in prop::collection::vec(said(), 0..20), seed in any::<u64>()
        ) {
            let mut other = lines.clone();
            let places = other.len();
            for at in 1..places {
                other.swap(at, (seed.wrapping_mul(at as u64 + 7) % (at as u64 + 1)) as usize);
            }
            // Which of two lines with one hash has which name is nobody's business.
            let told = |lines: &[Said]| {
                let mut told: Vec<_> = names(lines).into_iter().map(|(name, said)| {
                    (name, said.0, said.1)
                }).collect();
                told.sort();
                told
            };
            prop_assert_eq!(told(&lines), told(&other));
        }

        #[test]
        fn an_inserted_line_shifts_nobody(
            lines in prop::collection::vec(said(), 0..20), more in said(), at in any::<usize>()
        ) {
            let before: Vec<String> = names(&lines).into_iter().map(|(name, _)| name).collect();
            let mut other = lines.clone();
            other.insert(at % (lines.len() + 1), more);
            let after: Vec<String> = names(&other).into_iter().map(|(name, _)| name).collect();
            let differ = changes(&before, &after);
            prop_assert_eq!((differ.dropped.len(), differ.added.len()), (0, 1));
        }

        #[test]
        fn every_line_has_a_name_of_its_own(lines in prop::collection::vec(said(), 0..30)) {
            let mut all: Vec<String> = names(&lines).into_iter().map(|(name, _)| name).collect();
            all.sort();
            all.dedup();
            prop_assert_eq!(all.len(), lines.len());
        }

        #[test]
        fn changes_lead_from_one_version_to_the_other(
            before in prop::collection::vec(0u8..5, 0..15),
            after in prop::collection::vec(0u8..5, 0..15)
        ) {
            let found = changes(&before, &after);
            let mut made: Vec<u8> = before.clone();
            for at in found.dropped.iter().rev() {
                made.remove(*at);
            }
            prop_assert_eq!(made.len(), found.kept);
            made.extend(found.added.iter().map(|at| after[*at]));
            made.sort_unstable();
            let mut after = after;
            after.sort_unstable();
            prop_assert_eq!(made, after);
        }
    }
}
