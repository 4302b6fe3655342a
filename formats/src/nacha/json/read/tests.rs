//! What somebody changed in the JSON form is in the file, or it is an error.

use super::*;
use crate::nacha::generate::{Plan, generate};
use crate::nacha::json::write_json;
use settlement::codes::sec::SecCode;

fn text() -> String {
    String::from_utf8(generate(Vec::new(), &Plan::of(SecCode::Ppd, 3)).unwrap().0).unwrap()
}

/// Every line without the blanks at its end: some records have their bytes as `raw`.
fn shorn() -> String {
    text()
        .lines()
        .map(|l| l.trim_end().to_owned() + "\n")
        .collect()
}

fn json(file: &str) -> String {
    let mut json = Vec::new();
    write_json(file.as_bytes(), &mut json).unwrap();
    String::from_utf8(json).unwrap()
}

/// The file of a JSON text, or why there is none.
fn back(json: &str) -> Result<String, String> {
    let mut file = Vec::new();
    let read = read_json(json.as_bytes(), &mut file);
    read.map(|_| String::from_utf8(file).unwrap())
        .map_err(|error| error.to_string())
}

fn changed(json: &str, from: &str, to: &str) -> String {
    assert!(json.contains(from), "{from}");
    json.replacen(from, to, 1)
}

#[test]
fn a_field_that_differs_from_its_raw_is_an_error_that_names_it() {
    let json = json(&shorn());
    assert_eq!(back(&json).as_deref(), Ok(shorn().as_str()));
    let at = json.find("{\"record\":\"9\"").unwrap();
    let (head, control) = json.split_at(at);
    assert!(control.contains("\"raw\""));
    let name = "\"total_credit_amount\":\"";
    let digits = control.find(name).unwrap() + name.len();
    let mut other = control.to_owned();
    other.replace_range(digits..digits + 12, "000000000042");
    let error = back(&(head.to_owned() + &other)).unwrap_err();
    assert!(error.contains("record 7, total_credit_amount"), "{error}");
    // Both changed, or the bytes left out, it is what the person said.
    let raw = control.find("\"raw\":\"").unwrap() + 7;
    let mut both = other.clone();
    both.replace_range(raw + 43..raw + 55, "000000000042");
    assert!(
        back(&(head.to_owned() + &both))
            .unwrap()
            .contains("000000000042")
    );
    let end = raw + control[raw..].find('"').unwrap() + 1;
    let mut without = other;
    without.replace_range(raw - 8..end, "");
    assert!(
        back(&(head.to_owned() + &without))
            .unwrap()
            .contains("000000000042")
    );
    // The bytes changed alone are an error too.
    let mut alone = control.to_owned();
    alone.replace_range(raw + 43..raw + 55, "000000000042");
    assert!(back(&(head.to_owned() + &alone)).is_err());
}

#[test]
fn a_raw_that_is_no_record_or_several_is_an_error() {
    let json = json(&shorn());
    for (from, to) in [
        ("\"raw\":\"9", "\"raw\":\"9999\\n9"),
        ("\"raw\":\"1", "\"raw\":\"\",\"raw\":\"1"),
        ("\"raw\":\"1", "\"raw\":\"1\",\"raw\":\"1"),
    ] {
        assert!(back(&changed(&json, from, to)).is_err(), "{to}");
    }
}

#[test]
fn a_member_that_is_repeated_is_an_error() {
    let json = json(&text());
    let amount = json.find("\"amount\":\"").unwrap();
    let value = &json[amount..amount + 21];
    for (from, to) in [
        (value, format!("{value},\"amount\":\"7\"")),
        (value, format!("{value},{value}")),
        (value, format!("{value},\"record_type\":\"7\"")),
        (
            "\"format\":\"nacha\"",
            "\"format\":\"nacha\",\"format\":\"nacha\"".to_owned(),
        ),
        ("]}\n", "],\"records\":[]}\n".to_owned()),
    ] {
        let error = back(&changed(&json, from, &to)).unwrap_err();
        assert!(
            error.contains("twice") || error.contains("only once"),
            "{to}: {error}"
        );
    }
}

#[test]
fn a_line_end_comes_before_the_records_and_is_one() {
    let json = json(&text());
    let crlf = changed(&json, "\"line_end\":\"\\n\"", "\"line_end\":\"\\r\\n\"");
    assert_eq!(back(&crlf).unwrap(), text().replace('\n', "\r\n"));
    let late = changed(&json, "\"line_end\":\"\\n\",", "");
    assert_eq!(back(&late).unwrap(), text(), "none is said");
    let late = changed(&late, "]}\n", "],\"line_end\":\"\\r\\n\"}\n");
    assert!(back(&late).unwrap_err().contains("line_end before"));
    let none = changed(&json, "\"line_end\":\"\\n\"", "\"line_end\":\"X\"");
    assert!(back(&none).unwrap_err().contains("a line end"));
}
