//! Names, banks and account numbers that belong to nobody.
//!
//! The words are invented; put together they name no person and no company. The routing numbers
//! have correct check digits in a range no bank was seen to use.

use settlement::ids::{DfiId, RoutingNumber};

/// First halves of a name.
const FIRST: [&str; 24] = [
    "AVENDRO",
    "BRISKEL",
    "CORVANE",
    "DULMIRA",
    "ESTOVAR",
    "FENWICKA",
    "GALDRIN",
    "HESPERO",
    "ILVANTE",
    "JORMUNA",
    "KESTRIL",
    "LUMARIO",
    "MERIDAX",
    "NORVELLA",
    "OSTRANDE",
    "PELLARIN",
    "QUILDAR",
    "ROSMERIN",
    "SALVORA",
    "TAMBREL",
    "UMBRIEL",
    "VANDARO",
    "WYSTERA",
    "ZEPHANDRA",
];

/// Second halves of a person's name.
const LAST: [&str; 20] = [
    "ABERNOL",
    "BOLDEVAR",
    "CRANDOLE",
    "DRAVENTI",
    "ELLERBUSK",
    "FARROWIN",
    "GRENDALO",
    "HOLTMERE",
    "IRONDELL",
    "KARVANEN",
    "LOXBRIDE",
    "MARSOLEN",
    "NYBERGON",
    "OLDRAVEN",
    "PRESTVALE",
    "QUARNDON",
    "RIDGEVOR",
    "SOLVENIO",
    "THORNBEC",
    "VASTERIN",
];

/// Second halves of a company's name; with the longest first half they stay within 16 columns.
const TRADE: [&str; 12] = [
    "BAKERY", "BOTTLES", "CARTAGE", "DENTAL", "FARMS", "FREIGHT", "GLASS", "LOOMS", "MILLS",
    "OPTICS", "PAPER", "TOOLS",
];

/// How many banks the receivers have their accounts with.
pub const BANKS: u32 = 40;

/// The `n`-th receiving bank, `n` taken modulo [`BANKS`].
pub fn bank(n: u32) -> RoutingNumber {
    let n = n % BANKS;
    let district = n % 12 + 1;
    let dfi = district * 1_000_000 + 990_000 + 137 * (n + 1);
    // Eight digits by construction; the fallback is there because `new` can say no.
    DfiId::new(dfi).map_or_else(|_| bank(n + 1), DfiId::routing_number)
}

/// A person's name, at most 22 characters.
pub fn person(chance: u32) -> String {
    format!("{} {}", pick(&FIRST, chance), pick(&LAST, chance / 24))
}

/// A company's name, at most 17 characters.
pub fn company(chance: u32) -> String {
    format!("{} {}", pick(&FIRST, chance), pick(&TRADE, chance / 24))
}

/// An account number of `length` digits that does not start with zero.
pub fn account(chance: u64, length: usize) -> String {
    let mut rest = chance;
    let mut digits = String::with_capacity(length);
    for at in 0..length {
        let digit = if at == 0 { 1 + rest % 9 } else { rest % 10 };
        digits.push(char::from(b'0' + (digit % 10) as u8));
        rest = rest.rotate_right(7).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    digits
}

fn pick<'a>(words: &[&'a str], chance: u32) -> &'a str {
    words[chance as usize % words.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_fit_their_fields() {
        for chance in 0..5_000 {
            assert!(person(chance).len() <= 22, "{}", person(chance));
            assert!(company(chance).len() <= 17, "{}", company(chance));
        }
    }

    #[test]
    fn forty_banks_have_forty_valid_numbers() {
        let banks: BTreeSet<_> = (0..BANKS).map(bank).collect();
        assert_eq!(banks.len(), 40);
        assert!(banks.iter().all(|b| RoutingNumber::new(b.get()).is_ok()));
    }

    #[test]
    fn accounts_have_the_length_asked_for() {
        let all: BTreeSet<_> = (0..1_000u64).map(|n| account(n << 32 | 77, 10)).collect();
        assert!(all.len() > 950);
        assert!(
            all.iter()
                .all(|a| a.len() == 10 && a.bytes().all(|b| b.is_ascii_digit()))
        );
    }
}
