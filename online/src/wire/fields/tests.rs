//! A table lets through what it says, and names all else at once.

use super::*;
use proptest::prelude::*;

const INNER: &[Field] = &[must("deep", Kind::Flag, "a flag")];
const TABLE: &[Field] = &[
    must("amount", Kind::Whole { least: 1, most: 99 }, "cents"),
    may("name", Kind::Text { least: 1, most: 3 }, "a name"),
    may("way", Kind::Choice(&["in", "out"]), "which way"),
    may("on", Kind::Date, "a day"),
    may("inner", Kind::Object(INNER), "more"),
    may("texts", Kind::Texts { names: 2, most: 3 }, "texts"),
    may("words", Kind::Words { items: 2, most: 3 }, "words"),
];

fn faults(text: &str) -> Vec<(String, &'static str)> {
    let json = Json::read(text.as_bytes()).unwrap();
    let faults = Form::read(&json, TABLE)
        .map(|_| ())
        .err()
        .unwrap_or_default();
    faults
        .into_iter()
        .map(|one| (one.pointer, one.code))
        .collect()
}

#[test]
fn one_of_two_is_told_by_its_first_field() {
    const ONE: &[Field] = &[
        must("a", Kind::Flag, "a flag"),
        must("b", Kind::Flag, "a flag"),
    ];
    const TWO: &[Field] = &[must("c", Kind::Flag, "a flag")];
    const BOTH: &[Field] = &[must("of", Kind::Either(&[ONE, TWO]), "one of them")];
    for (text, expected) in [
        (r#"{"of":{"a":true,"b":true}}"#, &[][..]),
        (r#"{"of":{"c":true}}"#, &[]),
        (r#"{"of":{"c":true,"a":null}}"#, &[("/of/a", "either")]),
        (r#"{"of":{"c":true,"b":true}}"#, &[("/of/b", "either")]),
        (
            r#"{"of":{"a":true,"c":true,"d":1}}"#,
            &[
                ("/of/b", "missing"),
                ("/of/c", "either"),
                ("/of/d", "unknown"),
            ],
        ),
        (
            r#"{"of":{}}"#,
            &[("/of/a", "missing"), ("/of/b", "missing")],
        ),
        (r#"{"of":7}"#, &[("/of", "type")]),
        ("{}", &[("/of", "missing")]),
    ] {
        let json = Json::read(text.as_bytes()).unwrap();
        let faults = Form::read(&json, BOTH).map(drop).err().unwrap_or_default();
        let found: Vec<_> = faults
            .iter()
            .map(|one| (one.pointer.as_str(), one.code))
            .collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn everything_that_is_wrong_is_named_at_once() {
    let text = r#"{"amount": -5, "name": "long", "way": "up", "on": "2026-02-30", "inner": {},
        "texts": {"a": 1, "b/c": "long"}, "words": [1, ""], "more": 1, "a b": 2}"#;
    let expected = [
        ("/amount", "too-small"),
        ("/name", "too-long"),
        ("/way", "choice"),
        ("/on", "date"),
        ("/inner/deep", "missing"),
        ("/texts/a", "type"),
        ("/texts/b~1c", "too-long"),
        ("/words/0", "type"),
        ("/words/1", "too-short"),
        ("/more", "unknown"),
        ("/?", "unknown"),
    ];
    let expected: Vec<_> = expected.map(|(at, code)| (at.to_owned(), code)).into();
    assert_eq!(faults(text), expected);
}

#[test]
fn numbers_and_names_are_what_they_are() {
    for (text, code) in [
        (r#"{"amount": 1.0}"#, "not-whole"),
        (r#"{"amount": 1e2}"#, "not-whole"),
        (r#"{"amount": "1"}"#, "type"),
        (r#"{"amount": null}"#, "missing"),
        (r#"{"amount": true}"#, "type"),
        (r#"{"amount": 100}"#, "too-large"),
        (r#"{"amount": 18446744073709551615}"#, "too-large"),
        (r#"{"amount": 99999999999999999999999}"#, "not-whole"),
        (r#"{"amount": 1, "amount": 1}"#, "duplicate"),
    ] {
        assert_eq!(faults(text), [("/amount".to_owned(), code)], "{text}");
    }
    assert_eq!(faults("[]"), [(String::new(), "type")]);
    let json = Json::read(br#"{"amount": 7, "name": null, "texts": {"a": "b"}}"#).unwrap();
    let form = Form::read(&json, TABLE).unwrap();
    assert_eq!((form.whole("amount"), form.has("name")), (Some(7), false));
    assert_eq!(form.texts("texts")["a"], "b");
}

proptest! {
    #[test]
    fn what_is_let_through_is_what_the_table_says(
        amount in any::<i64>(),
        name in prop::option::of(".{0,5}"),
    ) {
        let json = Json::Object(vec![
            ("amount".to_owned(), Json::Whole(amount.into())),
            ("name".to_owned(), name.clone().map_or(Json::Null, Json::Text)),
        ]);
        let fits = (1..=99).contains(&amount)
            && name.is_none_or(|name| (1..=3).contains(&name.chars().count()));
        prop_assert_eq!(Form::read(&json, TABLE).is_ok(), fits);
    }
}
