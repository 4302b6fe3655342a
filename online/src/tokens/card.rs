//! Card numbers: whether one can be, and whose network it is of.

/// Digits of a card number, at least and at most (ISO/IEC 7812-1).
pub const LEAST_DIGITS: usize = 12;
/// See [`LEAST_DIGITS`].
pub const MOST_DIGITS: usize = 19;

/// A network, and the first digits and the lengths of its numbers.
struct Network {
    name: &'static str,
    /// From, to, and how many digits both have.
    begins: &'static [(u32, u32, usize)],
    lengths: &'static [usize],
}

/// The networks whose cards are taken, by the ranges that each of them publishes. Where two could
/// be meant the first counts.
#[rustfmt::skip]
const NETWORKS: &[Network] = &[
    Network { name: "visa", begins: &[(4, 4, 1)], lengths: &[13, 16, 19] },
    Network { name: "mastercard", begins: &[(51, 55, 2), (2221, 2720, 4)], lengths: &[16] },
    Network { name: "amex", begins: &[(34, 34, 2), (37, 37, 2)], lengths: &[15] },
    Network { name: "discover", begins: &[(6011, 6011, 4), (644, 649, 3), (65, 65, 2)],
        lengths: &[16, 17, 18, 19] },
    Network { name: "diners", begins: &[(300, 305, 3), (3095, 3095, 4), (36, 36, 2), (38, 39, 2)],
        lengths: &[14, 15, 16, 17, 18, 19] },
    Network { name: "jcb", begins: &[(3528, 3589, 4)], lengths: &[16, 17, 18, 19] },
    Network { name: "unionpay", begins: &[(62, 62, 2), (81, 81, 2)], lengths: &[16, 17, 18, 19] },
];

/// What is wrong with a card number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Odd {
    /// It is not 12 to 19 digits and nothing else.
    Digits,
    /// Its check digit does not fit the others.
    CheckDigit,
    /// No network that is known has such numbers.
    Network,
}

/// The network of a card number.
///
/// # Errors
/// What is wrong with the number.
pub fn network(number: &str) -> Result<&'static str, Odd> {
    let length = number.len();
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || !(LEAST_DIGITS..=MOST_DIGITS).contains(&length) {
        return Err(Odd::Digits);
    }
    if !luhn(number) {
        return Err(Odd::CheckDigit);
    }
    let begins = |(from, to, digits): &(u32, u32, usize)| {
        let first = number.get(..*digits).and_then(|first| first.parse().ok());
        first.is_some_and(|first: u32| (*from..=*to).contains(&first))
    };
    let fits = |one: &&Network| one.lengths.contains(&length) && one.begins.iter().any(begins);
    let found = NETWORKS.iter().find(fits);
    found.map(|one| one.name).ok_or(Odd::Network)
}

/// Whether the check digit fits: every second digit from the right doubled, the digits of all
/// added up, a sum that ends in zero (ISO/IEC 7812-1, Annex B).
fn luhn(digits: &str) -> bool {
    let value = |(place, byte): (usize, u8)| {
        let digit = u32::from(byte.saturating_sub(b'0'));
        match (place % 2, digit * 2) {
            (0, _) => digit,
            (_, twice) if twice > 9 => twice - 9,
            (_, twice) => twice,
        }
    };
    let sum: u32 = digits.bytes().rev().enumerate().map(value).sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Numbers that the networks publish for tests.
    const PUBLISHED: &[(&str, &str)] = &[
        ("4111111111111111", "visa"),
        ("4222222222222", "visa"),
        ("5555555555554444", "mastercard"),
        ("2223003122003222", "mastercard"),
        ("378282246310005", "amex"),
        ("6011111111111117", "discover"),
        ("30569309025904", "diners"),
        ("3530111333300000", "jcb"),
        ("6200000000000005", "unionpay"),
    ];

    #[test]
    fn published_numbers_are_of_their_networks() {
        for (number, name) in PUBLISHED {
            assert_eq!(network(number), Ok(*name), "{name}");
        }
    }

    #[test]
    fn what_is_none_is_told_why() {
        for (text, odd) in [
            ("", Odd::Digits),
            ("41111111111", Odd::Digits),
            ("41111111111111111111", Odd::Digits),
            ("4111 1111 1111 1111", Odd::Digits),
            ("٤١١١١١١١١١١١١١١١", Odd::Digits),
            ("4111111111111112", Odd::CheckDigit),
            ("41111111111111113", Odd::Network),
            ("0000000000000000", Odd::Network),
        ] {
            let found = network(text);
            let luhn_off = found == Err(Odd::CheckDigit) && odd == Odd::Network;
            assert!(found == Err(odd) || luhn_off, "{odd:?}: {found:?}");
        }
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_always_seen(which in 0..PUBLISHED.len(), at in 0..13usize,
            by in 1..10u8) {
            let mut bytes = PUBLISHED[which].0.as_bytes().to_vec();
            bytes[at] = (bytes[at] - b'0' + by) % 10 + b'0';
            let text = String::from_utf8(bytes).unwrap();
            prop_assert_eq!(network(&text), Err(Odd::CheckDigit));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,40}") {
            let _ = network(&text);
        }
    }
}
