//! Corrected data as people may see them: of an account number its last four characters.
//!
//! The corrected data of a notification of change are 29 columns, in some of which the change code
//! puts an account number. Those are dark wherever somebody looks; a routing number, a transaction
//! code, a name may be seen. But not every bank keeps to the columns: five digits or more that are
//! no routing number or code in its own place may be an account number out of place, and are dark
//! as well.

use super::changes::{ChangeCode, Part};
use super::transactions::TransactionCode;
use crate::exact::Exact;
use crate::ids::RoutingNumber;

/// Digits from which on a number may be an account number.
const LONG: usize = 5;

/// Characters from which on the last four of an account number say nothing of the rest.
const LAST_FOUR_FROM: usize = 8;

/// What a column holds, as far as the change code says it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Account,
    /// A routing number or a transaction code in its place.
    Known,
    Unsaid,
}

/// The corrected data of a notification with `code`, each character in its column, what is or may
/// be an account number dark but for its last four characters.
///
/// ```
/// use settlement::codes::corrected::masked;
///
/// assert_eq!(masked("C01", "1918171614"), "******1614");
/// assert_eq!(masked("C02", "076401251"), "076401251");
/// ```
pub fn masked(code: &str, data: &str) -> String {
    let columns: Vec<char> = data.chars().collect();
    let holds = holds(code, &columns);
    let mut account = Vec::new();
    let mut dark = Vec::new();
    for word in words(&columns, &holds) {
        let digits = word.iter().filter(|at| is_digit(&columns, **at)).count();
        if word
            .iter()
            .any(|at| holds.get(*at) == Some(&Holds::Account))
        {
            account.extend(word);
        } else if digits >= LONG {
            dark.extend(but_the_last_four(&word));
        }
    }
    dark.extend(but_the_last_four(&account));
    let mut seen = columns;
    for at in dark {
        if let Some(column) = seen.get_mut(at) {
            *column = '*';
        }
    }
    seen.into_iter().collect()
}

/// What each column holds.
fn holds(code: &str, columns: &[char]) -> Vec<Holds> {
    let row = code.parse().ok().and_then(ChangeCode::row);
    let mut holds = vec![Holds::Unsaid; columns.len()];
    for (part, from, to) in row.map_or(&[][..], |row| row.parts) {
        // saturates: columns count from 1 in the tables
        let (from, to) = (from.saturating_sub(1), columns.len().min(*to));
        let text: String = columns.get(from..to).unwrap_or(&[]).iter().collect();
        let what = match part {
            Part::Account => Holds::Account,
            Part::Routing if text.parse::<RoutingNumber>().is_ok() => Holds::Known,
            Part::TransactionCode if is_code(&text) => Holds::Known,
            _ => continue,
        };
        holds.get_mut(from..to).unwrap_or(&mut []).fill(what);
    }
    let ends = |at: &usize| stands_apart(columns, &holds, *at);
    let wrong: Vec<usize> = (0..columns.len()).filter(|at| !ends(at)).collect();
    wrong.into_iter().for_each(|at| forget(&mut holds, at));
    holds
}

fn is_code(text: &str) -> bool {
    TransactionCode::from_bytes(text.as_bytes()).is_some()
}

/// Whether no longer word runs through a known part at this column: next to it stands a blank or
/// the account's own column.
fn stands_apart(columns: &[char], holds: &[Holds], at: usize) -> bool {
    let known = holds.get(at) == Some(&Holds::Known);
    let beside = [at.checked_sub(1), at.checked_add(1)];
    let runs_on = |beside: usize| {
        let unsaid = holds.get(beside) == Some(&Holds::Unsaid);
        unsaid && columns.get(beside).is_some_and(|c| c.is_alphanumeric())
    };
    !(known && beside.into_iter().flatten().any(runs_on))
}

/// Takes the known part around a column for nothing known.
fn forget(holds: &mut [Holds], at: usize) {
    let (before, after) = holds.split_at_mut(at);
    let known = |of: &&mut Holds| **of == Holds::Known;
    before
        .iter_mut()
        .rev()
        .take_while(known)
        .for_each(|of| *of = Holds::Unsaid);
    after
        .iter_mut()
        .take_while(known)
        .for_each(|of| *of = Holds::Unsaid);
}

/// The words outside of known parts, each as the columns of its letters and digits. Digits that
/// one blank, hyphen, dot or slash divides are one word: account numbers are written so.
fn words(columns: &[char], holds: &[Holds]) -> Vec<Vec<usize>> {
    let mut words: Vec<Vec<usize>> = Vec::new();
    for (at, (c, of)) in columns.iter().zip(holds).enumerate() {
        if !c.is_alphanumeric() || *of == Holds::Known {
            continue;
        }
        match words.last_mut() {
            Some(word) if goes_on(columns, word, at) => word.push(at),
            _ => words.push(vec![at]),
        }
    }
    words
}

/// Whether the character at `at` belongs to the word before it.
fn goes_on(columns: &[char], word: &[usize], at: usize) -> bool {
    let Some(last) = word.last() else {
        return false;
    };
    // saturates: a word goes on behind itself only
    match at.saturating_sub(*last) {
        1 => true,
        2 => {
            let between = columns.get(last.plus(1));
            let divides = between.is_some_and(|c| matches!(c, ' ' | '-' | '.' | '/'));
            divides && is_digit(columns, *last) && is_digit(columns, at)
        }
        _ => false,
    }
}

fn is_digit(columns: &[char], at: usize) -> bool {
    columns.get(at).is_some_and(char::is_ascii_digit)
}

/// The columns of a number that nobody may see.
fn but_the_last_four(number: &[usize]) -> impl Iterator<Item = usize> + '_ {
    let hidden = number.len().checked_sub(4);
    let hidden = hidden.filter(|_| number.len() >= LAST_FOUR_FROM);
    number.iter().copied().take(hidden.unwrap_or(number.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_code_shows_its_parts_and_of_an_account_the_last_four() {
        for (code, data, seen) in [
            ("C01", "1918171614", "******1614"),
            ("C01", "00-123 456", "**-**3 456"),
            ("C01", "1234567", "*******"),
            ("C02", "076401251", "076401251"),
            (
                "C03",
                "076401251   12345678901234567",
                "076401251   *************4567",
            ),
            ("C04", "JANE SAMPLE", "JANE SAMPLE"),
            ("C05", "32", "32"),
            ("C06", "123456789 111       22", "********9 111       22"),
            (
                "C07",
                "0764012511234567890123456722",
                "076401251*************456722",
            ),
            (
                "C07",
                "076401251123456789       22 ",
                "076401251*******89       22 ",
            ),
            ("C09", "EMP000000000001", "***********0001"),
            ("C14", "IAT", "IAT"),
        ] {
            assert_eq!(masked(code, data), seen, "{code}");
        }
    }

    #[test]
    fn what_stands_out_of_place_is_dark() {
        for (code, data, secret) in [
            ("C03", "0764012511234567890", "123456"),
            ("C05", "   12345678 22", "1234"),
            ("C02", "         123456789", "12345"),
            ("C06", "           1234567890123456722", "1234"),
            ("C61", "1234-5678-90", "1234"),
            ("X01", "1234567890", "123456"),
            ("C13", "ACCOUNT GB29NWBK60161331926819", "6016"),
        ] {
            let seen = masked(code, data);
            assert!(
                data.contains(secret) && !seen.contains(secret),
                "{code}: {seen}"
            );
            assert_eq!(seen.chars().count(), data.chars().count());
        }
    }

    proptest! {
        #[test]
        fn no_more_than_four_of_an_account_are_seen(
            account in "[0-9]{5,17}", before in 0usize..12, code in "C0[1367]",
        ) {
            let data = format!("{}{account}", " ".repeat(before));
            let seen: String = masked(&code, &data).chars().filter(char::is_ascii_digit).collect();
            // A routing number or a code may begin or end it by chance, never both.
            prop_assert!(seen.len() <= 13, "{}", seen);
            prop_assert!(code == "C07" || code == "C03" || seen.len() <= 6, "{}", seen);
        }
    }
}
