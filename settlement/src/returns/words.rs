//! What a table keeps of the words that a bank adds to a return.
//!
//! The addenda of a return has 44 columns for the bank, into which it may write anything: the date
//! of a death, why it doubts an entry, and who the receiver was. Parts of the table are sealed, so
//! a name in them could not be forgotten, and a number may be the account's. So what cannot be
//! either is kept, and of everything else that there is something; the words are in the bank's
//! file.
//!
//! Source: Nacha Operating Rules, Appendix Four: addenda information of R14, R15, R17 and R69.

/// What stands for words that are not kept.
pub const IN_FILE: &str = "words of the bank, in its file";

/// Words that the rules define.
const DEFINED: &[&str] = &["QUESTIONABLE"];

/// Codes of fields that were wrong, of R69: `01` to `07`, with `*` between them.
const FIELD_CODES: u8 = 7;

/// Digits of a date, YYMMDD.
const DATE_DIGITS: usize = 6;

/// What is kept of the words of a bank; nothing where it has written none.
///
/// ```
/// use settlement::returns::words::{IN_FILE, kept};
///
/// assert_eq!(kept(" 261124 "), Some("261124".to_owned()));
/// assert_eq!(kept("ANNA EXAMPLE MOVED"), Some(IN_FILE.to_owned()));
/// assert_eq!(kept("   "), None);
/// ```
pub fn kept(information: &str) -> Option<String> {
    let words: Vec<&str> = information.split_whitespace().collect();
    let known = |word: &&str| is_known(word);
    match words.as_slice() {
        [] => None,
        words if words.iter().all(known) => Some(words.join(" ")),
        _ => Some(IN_FILE.to_owned()),
    }
}

/// Whether a note is one that [`kept`] makes: a version before kept everything.
pub fn is_kept(note: &str) -> bool {
    note == IN_FILE || kept(note).as_deref() == Some(note)
}

fn is_known(word: &str) -> bool {
    let code = |two: &str| {
        let number = two.parse::<u8>().ok().filter(|_| two.len() == 2);
        number.is_some_and(|number| (1..=FIELD_CODES).contains(&number))
    };
    DEFINED.contains(&word) || is_date(word) || word.split('*').all(code)
}

/// Whether a word can be a date of this or the last century, YYMMDD.
fn is_date(word: &str) -> bool {
    let part = |from: usize| {
        word.get(from..)
            .and_then(|rest| rest.get(..2)?.parse().ok())
    };
    let digits = word.len() == DATE_DIGITS && word.bytes().all(|byte| byte.is_ascii_digit());
    let (month, day): (Option<u8>, Option<u8>) = (part(2), part(4));
    let within = |part: Option<u8>, last: u8| part.is_some_and(|n| (1..=last).contains(&n));
    digits && within(month, 12) && within(day, 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_the_rules_define_is_kept_as_it_is() {
        for text in [
            "261124",
            "QUESTIONABLE",
            "QUESTIONABLE 261124",
            "01*03*07",
            "04",
        ] {
            assert_eq!(kept(text).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_may_be_a_name_or_an_account_number_is_not_kept() {
        for text in [
            "ANNA EXAMPLE",
            "261124 ANNA",
            "123456",
            "261324",
            "261100",
            "0012345678",
            "2 6 1 1 2 4",
            "01*09",
            "01*",
            "QUESTIONABLE ANNA",
            "questionable",
            "٢٦١١٢٤",
        ] {
            assert_eq!(kept(text).as_deref(), Some(IN_FILE), "{text}");
            assert!(!is_kept(text), "{text}");
        }
    }

    proptest! {
        /// Whatever a bank writes, the note says only what is known, and says itself again.
        #[test]
        fn a_note_is_never_words_of_the_bank(text in "\\PC{0,44}") {
            if let Some(note) = kept(&text) {
                prop_assert!(is_kept(&note));
                prop_assert!(note == IN_FILE || note.split(' ').all(is_known));
            } else {
                prop_assert!(text.trim().is_empty());
            }
        }
    }
}
