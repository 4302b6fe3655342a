//! Sums of counts, places and digits, which a bound keeps far from the end of their type.
//!
//! Money has sums of its own that can fail and say so ([`crate::money`]). What is counted here
//! cannot get so far: rows in memory, digits of a field, bytes of a file. If it does, a bound is
//! broken that somebody relies on, and the program stops at that line rather than go on with a
//! number that is not so. Nothing here saturates, and nothing wraps.

/// Whole numbers with sums that are right or stop the program.
///
/// ```
/// use settlement::exact::Exact;
///
/// assert_eq!(7u32.plus(1).times(10).less(4), 76);
/// ```
pub trait Exact: Copy {
    /// The sum.
    #[must_use]
    fn plus(self, more: Self) -> Self;
    /// The difference.
    #[must_use]
    fn less(self, part: Self) -> Self;
    /// The product.
    #[must_use]
    fn times(self, factor: Self) -> Self;
}

macro_rules! exact {
    ($($number:ty),*) => {$(
        impl Exact for $number {
            #[track_caller]
            #[inline]
            fn plus(self, more: $number) -> $number {
                self.checked_add(more).expect("a count within its bound")
            }

            #[track_caller]
            #[inline]
            fn less(self, part: $number) -> $number {
                self.checked_sub(part).expect("a part of the whole")
            }

            #[track_caller]
            #[inline]
            fn times(self, factor: $number) -> $number {
                self.checked_mul(factor).expect("digits within their width")
            }
        }
    )*};
}

exact!(u8, u16, u32, u64, u128, usize, i16, i32, i64, i128);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_right_to_the_end_of_their_type() {
        assert_eq!((u64::MAX - 1).plus(1), u64::MAX);
        assert_eq!(1u64.less(1), 0);
        assert_eq!((-1i64).less(1), -2);
        assert_eq!(1_000u16.times(65), 65_000);
    }

    #[test]
    #[should_panic(expected = "a count within its bound")]
    fn and_stop_there() {
        let _ = u64::MAX.plus(1);
    }

    #[test]
    #[should_panic(expected = "a part of the whole")]
    fn nothing_is_taken_from_nothing() {
        let _ = 0u32.less(1);
    }
}
