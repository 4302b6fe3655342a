//! Digits and characters, eight columns at a time.
//!
//! A million entries are a million times fifty digits; reading them one by one is most of the
//! work of a reader. Eight ASCII digits fit one 64-bit word, and a handful of word operations
//! tell whether they are digits and what number they are.

/// `text[at..at + 8]` as a little-endian word: the first column is the lowest byte.
#[inline(always)]
#[allow(clippy::arithmetic_side_effects, reason = "digits that surely fit")]
pub(crate) fn word(text: &[u8; 94], at: usize) -> u64 {
    match text
        .get(at..at + 8)
        .and_then(|s| <[u8; 8]>::try_from(s).ok())
    {
        Some(bytes) => u64::from_le_bytes(bytes),
        None => 0,
    }
}

const HIGH: u64 = 0x8080_8080_8080_8080;

/// Non-zero where a byte of the word is not in 0x20..=0x7E.
#[inline(always)]
const fn unprintable(word: u64) -> u64 {
    let low = !((word | HIGH).wrapping_sub(0x2020_2020_2020_2020));
    (word | word.wrapping_add(0x0101_0101_0101_0101) | low) & HIGH
}

/// Whether all 94 columns hold printable ASCII.
#[inline(always)]
#[allow(clippy::arithmetic_side_effects, reason = "digits that surely fit")]
pub(crate) fn printable(text: &[u8; 94]) -> bool {
    let mut bad = unprintable(word(text, 86));
    let mut at = 0;
    while at < 88 {
        bad |= unprintable(word(text, at));
        at += 8;
    }
    bad == 0
}

/// Whether every byte of the word is an ASCII digit.
#[inline(always)]
pub(crate) const fn all_digits(word: u64) -> bool {
    let six = word.wrapping_add(0x0606_0606_0606_0606);
    (word & 0xF0F0_F0F0_F0F0_F0F0) | ((six & 0xF0F0_F0F0_F0F0_F0F0) >> 4) == 0x3333_3333_3333_3333
}

/// The number behind eight digits.
#[inline(always)]
pub(crate) const fn number8(word: u64) -> u64 {
    let w = word & 0x0F0F_0F0F_0F0F_0F0F;
    let w = w.wrapping_mul(10).wrapping_add(w >> 8) & 0x00FF_00FF_00FF_00FF;
    let w = w.wrapping_mul(100).wrapping_add(w >> 16) & 0x0000_FFFF_0000_FFFF;
    w.wrapping_mul(10_000).wrapping_add(w >> 32) & 0xFFFF_FFFF
}

/// The check digit of eight digits (weights 3 7 1), as an ASCII byte. OR104.
#[inline(always)]
#[allow(clippy::arithmetic_side_effects, reason = "digits that surely fit")]
pub(crate) const fn check_digit8(word: u64) -> u8 {
    let w = word & 0x0F0F_0F0F_0F0F_0F0F;
    let even = w & 0x00FF_00FF_00FF_00FF; // columns 1 3 5 7: weights 3 1 7 3
    let odd = (w >> 8) & 0x00FF_00FF_00FF_00FF; // columns 2 4 6 8: weights 7 3 1 7
    let even = even.wrapping_mul(0x0003_0001_0007_0003) >> 48;
    let odd = odd.wrapping_mul(0x0007_0003_0001_0007) >> 48;
    let sum = (even + odd) % 10;
    b'0' + ((10 - sum) % 10) as u8
}

/// The number behind up to nineteen digits, `None` where one is not a digit.
#[inline]
#[allow(clippy::arithmetic_side_effects, reason = "digits that surely fit")]
pub(crate) fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 19 {
        return None;
    }
    let mut value = 0u64;
    for byte in digits {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?;
    }
    Some(value)
}

/// The number behind up to thirty digits.
#[allow(clippy::arithmetic_side_effects, reason = "digits that surely fit")]
pub(crate) fn long_number(digits: &[u8]) -> Option<u128> {
    if digits.is_empty() || digits.len() > 30 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(
        digits
            .iter()
            .fold(0u128, |sum, d| sum * 10 + u128::from(d - b'0')),
    )
}

/// The eight digits of a number below 100,000,000, the first one in the lowest byte.
#[inline(always)]
const fn eight(number: u64) -> u64 {
    // Four digits to each half, then two to each quarter, then one to each byte.
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    let high = (fours.wrapping_mul(10_486) >> 20) & 0x0000_007F_0000_007F;
    let twos = high.wrapping_add(fours.wrapping_sub(high.wrapping_mul(100)) << 16);
    let high = (twos.wrapping_mul(103) >> 10) & 0x000F_000F_000F_000F;
    let ones = high.wrapping_add(twos.wrapping_sub(high.wrapping_mul(10)) << 8);
    ones.wrapping_add(0x3030_3030_3030_3030)
}

/// Writes `value` into `field`, zero-filled; `false` where it does not fit.
#[inline(always)]
#[allow(clippy::arithmetic_side_effects, reason = "digits that surely fit")]
pub(crate) fn put(field: &mut [u8], mut value: u64) -> bool {
    let mut eights = field.rchunks_exact_mut(8);
    for place in &mut eights {
        place.copy_from_slice(&eight(value % 100_000_000).to_le_bytes());
        value /= 100_000_000;
    }
    let rest = eights.into_remainder();
    let digits = eight(value % 100_000_000).to_le_bytes();
    let (over, own) = digits.split_at(8 - rest.len());
    rest.copy_from_slice(own);
    value < 100_000_000 && over.iter().all(|digit| *digit == b'0')
}

/// Whether the field holds nothing but blanks.
#[inline(always)]
pub(crate) fn is_blank(field: &[u8]) -> bool {
    field.iter().all(|b| *b == b' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(text: &[u8]) -> u64 {
        let mut line = [b' '; 94];
        line[..8].copy_from_slice(text);
        word(&line, 0)
    }

    proptest! {
        #[test]
        fn eight_digits_at_once_are_the_digits_one_by_one(n in 0u32..100_000_000) {
            let w = of(format!("{n:08}").as_bytes());
            prop_assert!(all_digits(w));
            prop_assert_eq!(number8(w), u64::from(n));
            let check = settlement::ids::check_digit(n) as u8 + b'0';
            prop_assert_eq!(check_digit8(w), check);
        }

        #[test]
        fn a_byte_that_is_no_digit_is_seen(n in 0u32..100_000_000, at in 0usize..8, b: u8) {
            let mut text = format!("{n:08}").into_bytes();
            text[at] = b;
            prop_assert_eq!(all_digits(of(&text)), b.is_ascii_digit());
        }

        #[test]
        fn a_byte_that_does_not_print_is_seen(at in 0usize..94, b: u8) {
            let mut text = [b'x'; 94];
            text[at] = b;
            prop_assert_eq!(printable(&text), (0x20..=0x7E).contains(&b));
        }
    }

    #[test]
    fn a_number_is_put_with_all_its_zeros_or_does_not_fit() {
        for value in [
            0,
            7,
            99,
            12_345_678,
            100_000_000,
            1_234_567_890_123_456,
            u64::MAX,
        ] {
            for len in 0..=22 {
                let mut field = vec![b' '; len];
                let text = format!("{value:0len$}");
                let fits = text.len() == len && !(len == 0 && value == 0);
                assert_eq!(
                    put(&mut field, value),
                    fits || (len, value) == (0, 0),
                    "{len}"
                );
                if fits {
                    assert_eq!(field, text.as_bytes());
                }
            }
        }
    }

    #[test]
    fn numbers_are_digits_only() {
        assert_eq!(number(b"01O0000000"), None);
        assert_eq!(number(b"+1"), None);
        assert_eq!(
            number(b"9999999999999999999"),
            Some(9_999_999_999_999_999_999)
        );
        assert_eq!(
            long_number(b"99999999999999999999"),
            Some(99_999_999_999_999_999_999)
        );
        let mut field = [b' '; 4];
        assert!(put(&mut field, 42) && &field == b"0042" && !put(&mut field, 12_345));
        assert!(put(&mut field[1..], 907) && &field == b"2907" && !put(&mut field[1..], 1_000));
    }
}
