//! BAI2 type codes: what a code is called and which way its money goes.
//!
//! Three digits name the kind of every balance, sum and line. The list is long and still not
//! complete, because banks add their own: a code that is not in it is classified by its range,
//! as the specification says.

mod list;
mod type_code;

use list::TYPE_CODES;
pub use type_code::{Direction, Level, TypeCode};

/// The opening ledger balance.
pub const OPENING_LEDGER: &str = "010";
/// The closing ledger balance.
pub const CLOSING_LEDGER: &str = "015";

/// The code as the list has it.
pub fn find(code: &str) -> Option<&'static TypeCode> {
    let at = TYPE_CODES
        .binary_search_by(|known| known.code.cmp(code))
        .ok()?;
    TYPE_CODES.get(at)
}

/// The code's name; empty where the list does not have it.
pub fn name(code: &str) -> &'static str {
    find(code).map_or("", |known| known.name)
}

/// Which way the code's money goes; by its range where the list does not have it; `None` where it
/// is not three digits.
pub fn direction(code: &str) -> Option<Direction> {
    if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if let Some(known) = find(code) {
        return Some(known.direction);
    }
    Some(match code.parse::<u16>().ok()? {
        100..=399 | 920..=959 => Direction::Credit,
        400..=699 | 960..=999 => Direction::Debit,
        _ => Direction::None,
    })
}

/// Whether the code is one of the account's state, whose amount may be negative.
pub fn is_status(code: &str) -> bool {
    match find(code) {
        Some(known) => known.level == Level::Status,
        None => matches!(direction(code), Some(Direction::None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_agrees_with_the_ranges() {
        assert!(TYPE_CODES.is_sorted_by(|a, b| a.code < b.code));
        for known in TYPE_CODES {
            let number: u16 = known.code.parse().unwrap();
            match known.direction {
                Direction::Credit => assert!(number < 400 || (700..960).contains(&number)),
                Direction::Debit => assert!((400..900).contains(&number) || number >= 960),
                Direction::None => {}
            }
        }
    }

    #[test]
    fn an_unknown_code_goes_by_its_range() {
        assert_eq!(direction("447"), Some(Direction::Debit));
        assert_eq!(direction("921"), Some(Direction::Credit));
        assert_eq!(direction("999"), Some(Direction::Debit));
        assert_eq!(direction("890"), Some(Direction::None));
        assert_eq!((direction("44"), direction("4x7")), (None, None));
        assert_eq!((name("166"), name("999")), ("ACH Settlement", ""));
        assert!(is_status("015") && !is_status("100"));
    }
}
