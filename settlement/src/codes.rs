//! The ACH code tables: what each code means, when it may be used and what follows from it.

pub mod changes;
pub mod corrected;
pub mod descriptions;
pub mod returns;
pub mod sec;
pub mod transactions;

/// What a receiving bank says of an entry by itself, by the digits of the code: that it comes back,
/// or that something of it has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// It comes back: 1 is R01.
    Return(u8),
    /// Something has changed: 5 is C05.
    Change(u8),
}

/// What a code says of an entry that was sent: R01 to R60, R80 to R85 or C01 to C14. The other
/// codes answer an answer, so nobody begins with them.
///
/// ```
/// use settlement::codes::{Said, said};
///
/// assert_eq!(said("R10"), Some(Said::Return(10)));
/// assert_eq!(said("C14"), Some(Said::Change(14)));
/// assert_eq!((said("R61"), said("C15"), said("R1"), said("X01")), (None, None, None, None));
/// ```
pub fn said(code: &str) -> Option<Said> {
    let digits = code.get(1..)?;
    let is_two = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok().filter(|_| is_two)?;
    match (code.get(..1)?, number) {
        ("R", 1..=60 | 80..=85) => Some(Said::Return(number)),
        ("C", 1..=14) => Some(Said::Change(number)),
        _ => None,
    }
}
