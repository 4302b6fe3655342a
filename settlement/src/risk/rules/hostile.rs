//! Files of rules that somebody got wrong, or meant ill with.

#![allow(clippy::arithmetic_side_effects)] // small numbers of a test

use super::*;
use proptest::prelude::*;

const HEAD: &str = "format = 1\n[combine]\nmethod = \"maximum\"\n[thresholds]\n\
                    debit = { review = 1, deny = 2 }\ncredit = { review = 1, deny = 2 }\n";

/// A rule that is right; what a test has wrong replaces a line of it.
const RULE: &str = "[[rule]]\nid = \"a\"\nversion = 1\nvalid_from = \"2026-01-01\"\n\
                    applies_to = [\"debit\", \"credit\"]\nfeature = \"account_count_10m\"\n\
                    at_least = [[3, 50], [5, 100]]\nwhen = { amount_cents = { at_least = 5 } }\n\
                    weight = 500\nwords = \"{value} of them\"\n";

fn refused(text: &str) -> RulesError {
    RuleSet::parse(text).expect_err(text)
}

/// What stands in a rule that is right, what stands there instead, and the line and a word of what
/// is said.
const WRONG: &[(&str, &str, usize, &str)] = &[
    ("id = \"a\"", "id = \"A b\"", 8, "id: "),
    ("id = \"a\"", "id = \"cap\"", 8, "cap"),
    ("version = 1\nvalid", "version = 0\nvalid", 9, "version"),
    ("\"2026-01-01\"", "\"2026-02-30\"", 10, "no day"),
    ("[\"debit\", \"credit\"]", "[]", 11, "applies_to"),
    ("[\"debit\", \"credit\"]", "[\"wire\"]", 11, "wire"),
    ("account_count_10m", "account_number", 12, "no feature"),
    ("[[3, 50], [5, 100]]", "[]", 13, "steps"),
    ("[[3, 50], [5, 100]]", "[[5, 50], [3, 100]]", 13, "further"),
    ("[[3, 50], [5, 100]]", "[[3, 50], [5, 50]]", 13, "further"),
    (
        "[[3, 50], [5, 100]]",
        "[[3, 50], [5, 99]]",
        13,
        "last one 100",
    ),
    (
        "[[3, 50], [5, 100]]",
        "[[3, 0], [5, 100]]",
        13,
        "hundredths",
    ),
    ("[[3, 50], [5, 100]]", "[[3, 50, 1]]", 13, "1 to 16 steps"),
    ("[[3, 50], [5, 100]]", "[[3.5, 100]]", 13, "i64"),
    ("[[3, 50], [5, 100]]", "[[0, 100]]", 8, "never be missed"),
    (
        "[[3, 50], [5, 100]]",
        "[[3, 50], [2000000, 100]]",
        8,
        "ends at 1000000",
    ),
    (
        "amount_cents = { at_least = 5 }",
        "amount_cents = {}",
        14,
        "at_least",
    ),
    (
        "amount_cents = { at_least",
        "amount = { at_least",
        14,
        "no feature",
    ),
    (
        "{ at_least = 5 }",
        "{ at_least = 5, at_most = 4 }",
        8,
        "no amount_cents is so",
    ),
    (
        "{ at_least = 5 }",
        "{ at_least = 0 }",
        8,
        "every amount_cents is so",
    ),
    (
        "amount_cents = { at_least = 5 }",
        "account_count_10m = { at_most = 4 }",
        8,
        "comes to 5",
    ),
    (
        "amount_cents = { at_least = 5 }",
        "account_count_10m = { at_least = 3 }",
        8,
        "missed",
    ),
    ("weight = 500", "weight = 0", 15, "weight"),
    ("weight = 500", "weight = -1001", 15, "weight"),
    ("weight = 500", "weight = 1", 13, "whole point"),
    ("weight = 500", "weight = 99999999999", 15, "i32"),
    ("{value} of them", "{account}", 16, "{value}"),
    ("{value} of them", "{value", 16, "without"),
    ("{value} of them", "value}", 16, "without"),
    ("{value} of them", "\\u001b[2J", 16, "printable"),
    ("weight = 500", "weight = 500\nnumber = 7", 16, "number"),
    (
        "weight = 500",
        "weight = 500\nweight = 500",
        16,
        "duplicate",
    ),
    (
        "weight = 500",
        "valid_until = \"2026-01-01\"\nweight = 500",
        8,
        "ends before",
    ),
    (
        "at_least = [[3",
        "at_most = [[3]]\nat_least = [[3",
        8,
        "as at_least or as at_most",
    ),
    ("format = 1", "format = 2", 1, "format"),
    ("method = \"maximum\"", "method = \"mean\"", 3, "mean"),
    ("method = \"maximum\"", "method = \"reason\"", 2, "weight"),
    (
        "method = \"maximum\"",
        "method = \"rules\"\nweight = 5",
        2,
        "weight",
    ),
    (
        "debit = { review = 1, deny = 2 }",
        "debit = { review = 2, deny = 2 }",
        5,
        "review",
    ),
    (
        "debit = { review = 1, deny = 2 }",
        "debit = { review = 1, deny = 501 }",
        1,
        "501",
    ),
];

#[test]
fn what_cannot_be_meant_is_refused_with_its_line() {
    RuleSet::parse(&format!("{HEAD}{RULE}")).unwrap();
    for (right, wrong, line, word) in WRONG.iter().copied() {
        let whole = format!("{HEAD}{RULE}");
        let text = whole.replacen(right, wrong, 1);
        assert_ne!(text, whole, "{right}");
        let error = refused(&text);
        let said = error.to_string();
        assert!(error.what.contains(word), "{wrong}: {said}");
        assert_eq!(error.line, line, "{wrong}: {said}");
        assert!(!said.contains('\u{1b}') && !said.contains('\n'), "{said:?}");
    }
}

#[test]
fn rules_that_contradict_each_other_are_refused() {
    let two = |other: &str| format!("{HEAD}{RULE}{other}");
    let again = refused(&two(RULE));
    assert!(again.what.contains("twice") && again.line == 18, "{again}");
    let next = RULE.replace("version = 1", "version = 2");
    let next = next.replace("2026-01-01", "2026-07-01");
    assert!(refused(&two(&next)).what.contains("still in force"));
    let twin = RULE
        .replace("id = \"a\"", "id = \"b\"")
        .replace("weight = 500", "weight = 7");
    let twin = refused(&two(&twin));
    assert!(twin.what.contains("say the same (line 8)"), "{twin}");
    assert!(refused(HEAD).what.contains("no rules"));
}

#[test]
fn a_file_without_end_is_refused_before_it_is_read() {
    let long = format!("{HEAD}#{}", "x".repeat(RULES_BYTES as usize));
    assert!(refused(&long).what.contains("bytes"));
    let many: String = (0..=MOST_RULES)
        .map(|n| RULE.replace("id = \"a\"", &format!("id = \"a{n}\"")))
        .collect();
    let many = refused(&format!("{HEAD}{many}"));
    assert!(many.what.contains("more than 500 rules"), "{many}");
}

proptest! {
    #[test]
    fn no_text_brings_it_down(text in any::<String>()) {
        let _ = RuleSet::parse(&text);
    }

    #[test]
    fn no_change_of_a_file_brings_it_down(at in 0usize..600, byte in any::<u8>()) {
        let mut bytes = format!("{HEAD}{RULE}").into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        let _ = RuleSet::parse(&String::from_utf8_lossy(&bytes));
    }
}
