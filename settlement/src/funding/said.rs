//! What the text of a wire says.
//!
//! A bank fills the text of a wire with words of its own, and whoever sent it puts a name or a
//! reference there. Day and amount may tell which wire it is only where it says nothing: one that
//! says another reference than was announced is about that. So all that is no reference is taken
//! away: the bank's words, which are a closed list, and our own names and numbers, which stand on
//! many wires. What is left and could be a reference is one: four characters or more with a digit
//! among them, or whatever follows a word like REF.

use crate::bank::BankProfile;
use crate::reconcile::receipt::reference;
use std::ops::Range;

/// Characters of a word with a digit that may be a reference.
const LONG: usize = 4;

/// Words that a reference follows, whatever it looks like.
const MARKS: &[&str] = &[
    "REF",
    "REFERENCE",
    "INV",
    "INVOICE",
    "PMT",
    "NO",
    "NR",
    "NUMBER",
    "ID",
    "PO",
    "ORDER",
    "TRN",
    "RFB",
    "OBI",
    "ROC",
    "MEMO",
    "NOTE",
];

/// Words of the bank, which name nothing.
const WORDS: &[&str] = &[
    "WIRE",
    "WIRES",
    "IN",
    "OUT",
    "INCOMING",
    "OUTGOING",
    "FEDWIRE",
    "FED",
    "CHIPS",
    "SWIFT",
    "CREDIT",
    "DEBIT",
    "TRANSFER",
    "XFER",
    "TRF",
    "FUNDS",
    "FUNDING",
    "FROM",
    "TO",
    "BY",
    "VIA",
    "OF",
    "THE",
    "AND",
    "FOR",
    "BANK",
    "DOMESTIC",
    "INTERNATIONAL",
    "INTL",
    "BOOK",
    "RECEIVED",
    "SENT",
    "PAYMENT",
    "DEPOSIT",
    "WITHDRAWAL",
    "REVERSAL",
    "REVERSED",
    "RETURN",
    "RETURNED",
    "CORRECTION",
    "CANCELLED",
    "ORIG",
    "ORIGINATOR",
    "BENE",
    "BENEFICIARY",
    "SENDER",
    "ACCOUNT",
    "ACCT",
    "NOT",
    "PROVIDED",
    "USD",
];

/// Our own names and numbers as the profile has them, the longest first: they stand on wires that
/// have nothing else in common.
pub fn our_own(bank: &BankProfile) -> Vec<String> {
    let account = &bank.account;
    let numbers = [
        account.number.clone(),
        account.number.trim_start_matches('0').to_owned(),
        account.routing.to_string(),
        bank.odfi.to_string(),
        bank.immediate_origin.clone(),
        bank.immediate_destination.to_string(),
    ];
    let mut all: Vec<String> = numbers.into();
    all.extend([
        account.holder.clone(),
        bank.immediate_origin_name.clone(),
        bank.immediate_destination_name.clone(),
    ]);
    for one in bank.originators.values() {
        all.extend([one.company_name.clone(), one.company_id.clone()]);
    }
    let mut all: Vec<String> = all.iter().map(|one| one.trim().to_owned()).collect();
    all.retain(|one| !one.is_empty());
    all.sort_by(|a, b| (b.len(), a).cmp(&(a.len(), b)));
    all.dedup();
    all
}

/// The first word of `text` that could be a reference, when what is `known` is taken away.
pub fn something<'t>(text: &'t str, known: &[String]) -> Option<&'t str> {
    let mut marked = false;
    for word in words(text, known) {
        let (mark, plain) = kind_of(word);
        let length = word.chars().count();
        let digit = word.chars().any(char::is_numeric);
        if !mark && !plain && (length >= LONG && digit || marked && length > 1) {
            return Some(word);
        }
        marked = mark;
    }
    None
}

/// Whether every word of `text` stands on wires that have nothing else in common: it refers to
/// none of them.
pub fn is_common(text: &str, known: &[String]) -> bool {
    words(text, known).into_iter().all(|word| {
        let (mark, plain) = kind_of(word);
        mark || plain
    })
}

/// Whether a word is one that a reference follows, and whether it is of the bank's, or what stands
/// where a reference would.
fn kind_of(word: &str) -> (bool, bool) {
    let among = |list: &[&str]| list.iter().any(|one| word.eq_ignore_ascii_case(one));
    (among(MARKS), among(WORDS) || reference(word).is_empty())
}

/// The words of a text but for what is `known`.
fn words<'t>(text: &'t str, known: &[String]) -> Vec<&'t str> {
    let upper = text.to_ascii_uppercase();
    let mut places: Vec<Range<usize>> = Vec::new();
    for one in known {
        let free = |at: &Range<usize>| {
            places
                .iter()
                .all(|o| at.end <= o.start || o.end <= at.start)
        };
        let more: Vec<_> = said_at(&one.to_ascii_uppercase(), &upper)
            .filter(free)
            .collect();
        places.extend(more);
    }
    places.sort_by_key(|place| place.start);
    let (mut found, mut from) = (Vec::new(), 0);
    let of_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.' | '+' | '_');
    for place in places.into_iter().chain(Some(text.len()..text.len())) {
        let part = text.get(from..place.start).unwrap_or_default();
        let words = part.split(|c| !of_word(c));
        let trimmed = words.map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
        found.extend(trimmed.filter(|word| !word.is_empty()));
        from = place.end;
    }
    found
}

/// Where `text` has `what` whole, not as a part of a longer word; both in capitals.
pub(super) fn said_at(what: &str, text: &str) -> impl Iterator<Item = Range<usize>> {
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let all = text.match_indices(what).filter_map(move |(at, found)| {
        let end = at.checked_add(found.len())?;
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(end..).and_then(|after| after.chars().next());
        (!found.is_empty() && !word(before) && !word(after)).then_some(at..end)
    });
    all.collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<String> {
        let bank = include_str!("../../../data/banks/sandbox.toml");
        our_own(&BankProfile::parse(bank).unwrap())
    }

    #[test]
    fn the_words_of_a_bank_and_our_own_names_say_nothing() {
        for text in [
            "",
            "WIRE IN",
            "Incoming Fedwire credit transfer",
            "WIRE FROM DEMO PAYROLL",
            "WIRE IN 0012345678 REF NONREF",
            "FEDWIRE CREDIT ACCT 12345678 VIA 076401251 DEMO BILLING",
            "WIRE IN FROM ACME CORP",
            "WIRE REF: NOTPROVIDED",
            "WIRE IN REF 00000",
            "WIRE NO 7",
        ] {
            assert_eq!(something(text, &known()), None, "{text}");
        }
    }

    #[test]
    fn whatever_could_be_a_reference_is_one() {
        for (text, what) in [
            (
                "WIRE IN FROM ACME CORP INV SOMETHINGELSE-99",
                "SOMETHINGELSE-99",
            ),
            ("WIRE IN XWHOLE-77Y", "XWHOLE-77Y"),
            ("WIRE IN REF TEXTMISS-I", "TEXTMISS-I"),
            ("wire in ref:TextMiss", "TextMiss"),
            ("WIRE IN SPLIT WORD-1", "WORD-1"),
            ("WIRE FROM DEMO PAYROLL 4711", "4711"),
            ("FEDWIRE/ACME/PO ABC", "ABC"),
            ("XDEMO PAYROLL7", "PAYROLL7"),
            ("ÜBERWEISUNG 12345 FÜR", "12345"),
        ] {
            assert_eq!(something(text, &known()), Some(what), "{text}");
        }
    }

    #[test]
    fn a_reference_of_common_words_refers_to_nothing() {
        for text in [
            "WIRE IN",
            "wire",
            "DEMO PAYROLL",
            "0012345678",
            "REF 0000",
            "ACCT 12345678",
        ] {
            assert!(is_common(text, &known()), "{text}");
        }
        for text in ["WIRE 4711", "A B C D", "PAYROLL-1", "SALES 99"] {
            assert!(!is_common(text, &known()), "{text}");
        }
    }
}
