//! What may stand in a request for a token.

use super::card::{self, MOST_DIGITS, Odd};
use crate::payments::account::{ACCOUNT, kind, routing};
use crate::wire::fields::{Field, Form, Kind, Wrong, may, must, wrong};
use crate::wire::json::Json;
use crate::wire::problem::{Problem, Result};
use desk::tokens::Of;
use jiff::civil::Date;
use settlement::authorize::is_account_number;
use zeroize::Zeroizing;

/// Years that a card may still be good for: what is further away is a mistake.
const YEARS_AHEAD: i64 = 20;

/// A card. Its security code is not asked for: nobody may keep it.
const CARD: &[Field] = &[
    must(
        "number",
        Kind::Text {
            least: card::LEAST_DIGITS,
            most: MOST_DIGITS,
        },
        "the digits of the card, without blanks; sealed, and never shown again but for the last",
    ),
    must(
        "exp_month",
        Kind::Whole { least: 1, most: 12 },
        "the month in which it ends",
    ),
    must(
        "exp_year",
        Kind::Whole {
            least: 2000,
            most: 2199,
        },
        "the year of it, four digits",
    ),
];

/// A request for a token: of an account or of a card.
pub const NEW_TOKEN: &[Field] = &[
    may(
        "bank_account",
        Kind::Object(ACCOUNT),
        "an account at a bank",
    ),
    may("card", Kind::Object(CARD), "a card"),
];

/// A request that the table has let through.
pub struct Asked {
    /// What the number is.
    pub of: Of,
    /// The number.
    pub number: Zeroizing<String>,
}

/// Reads a request, made on `today`.
///
/// # Errors
/// `invalid` with every field that is wrong.
pub fn read(json: &Json, today: Date) -> Result<Asked> {
    let form = Form::read(json, NEW_TOKEN).map_err(Problem::fields)?;
    let mut faults = Vec::new();
    let asked = match (form.has("bank_account"), form.has("card")) {
        (true, false) => account(&form.form("bank_account"), &mut faults),
        (false, true) => of_card(&form.form("card"), today, &mut faults),
        (true, true) => {
            let message = "there is a bank_account as well; send one of them";
            faults.push(wrong("/card", "either", message));
            None
        }
        (false, false) => {
            let message = "missing; send bank_account or card";
            faults.push(wrong("/bank_account", "missing", message));
            None
        }
    };
    asked
        .filter(|_| faults.is_empty())
        .ok_or(Problem::fields(faults))
}

fn account(form: &Form<'_>, faults: &mut Vec<Wrong>) -> Option<Asked> {
    let at = "/bank_account/routing";
    let routing = routing(form.text("routing").unwrap_or_default(), at, faults);
    let number = form.text("number").unwrap_or_default();
    if !is_account_number(number) {
        let message = "must be digits, letters, hyphens or blanks, 17 at most";
        faults.push(wrong("/bank_account/number", "rule", message));
    }
    Some(Asked {
        of: Of::BankAccount {
            routing: routing?,
            kind: kind(form.text("kind").unwrap_or_default()),
        },
        number: Zeroizing::new(number.to_owned()),
    })
}

fn of_card(form: &Form<'_>, today: Date, faults: &mut Vec<Wrong>) -> Option<Asked> {
    let number = form.text("number").unwrap_or_default();
    let network = card::network(number);
    if let Err(odd) = network {
        let (code, message) = match odd {
            Odd::Digits => ("digits", "must be digits and nothing else"),
            Odd::CheckDigit => (
                "check-digit",
                "the check digit does not fit the others; look at it again",
            ),
            Odd::Network => ("network", "is of no network whose cards are taken"),
        };
        faults.push(wrong("/card/number", code, message));
    }
    let (month, year) = (form.whole("exp_month")?, form.whole("exp_year")?);
    let now = (i64::from(today.year()), i64::from(today.month()));
    if (year, month) < now {
        let message = "the card has ended; ask for a new one";
        faults.push(wrong("/card/exp_year", "expired", message));
    }
    if year > now.0 + YEARS_AHEAD {
        let message = format!("must be at most {}", now.0 + YEARS_AHEAD);
        faults.push(wrong("/card/exp_year", "too-large", message));
    }
    Some(Asked {
        of: Of::Card {
            network: network.ok()?.to_owned(),
            exp_month: u8::try_from(month).ok()?,
            exp_year: u16::try_from(year).ok()?,
        },
        number: Zeroizing::new(number.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<(String, &'static str)> {
        let json = Json::read(text.as_bytes()).unwrap();
        let today = jiff::civil::date(2026, 11, 27);
        match read(&json, today) {
            Ok(_) => Vec::new(),
            Err(problem) => {
                let all = problem.errors.into_iter();
                all.map(|one| (one.pointer, one.code)).collect()
            }
        }
    }

    #[test]
    fn every_fault_is_named_and_no_number_is_repeated() {
        let good = r#"{"bank_account":{"routing":"091000019","number":"12345","kind":"savings"}}"#;
        assert_eq!(faults(good), []);
        let good = r#"{"card":{"number":"4111111111111111","exp_month":11,"exp_year":2026}}"#;
        assert_eq!(faults(good), [], "good until the end of its month");
        for (text, at, code) in [
            ("{}", "/bank_account", "missing"),
            (
                r#"{"bank_account":null,"card":null}"#,
                "/bank_account",
                "missing",
            ),
            (
                r#"{"card":{"number":"4111111111111112","exp_month":1,"exp_year":2027}}"#,
                "/card/number",
                "check-digit",
            ),
            (
                r#"{"card":{"number":"4111111111111111","exp_month":10,"exp_year":2026}}"#,
                "/card/exp_year",
                "expired",
            ),
            (
                r#"{"card":{"number":"4111111111111111","exp_month":1,"exp_year":2047}}"#,
                "/card/exp_year",
                "too-large",
            ),
            (
                r#"{"card":{"number":"4111111111111111","exp_month":1,"exp_year":2027,"cvc":"1"}}"#,
                "/card/cvc",
                "unknown",
            ),
            (
                r#"{"bank_account":{"routing":"091000018","number":"1","kind":"loan"}}"#,
                "/bank_account/routing",
                "check-digit",
            ),
            (
                r#"{"bank_account":{"routing":"000000000","number":"12345","kind":"loan"}}"#,
                "/bank_account/routing",
                "no-bank",
            ),
            (
                r#"{"bank_account":{"routing":"091000019","number":"1\u0000","kind":"loan"}}"#,
                "/bank_account/number",
                "rule",
            ),
        ] {
            assert_eq!(faults(text), [(at.to_owned(), code)], "{at} {code}");
        }
        let both = r#"{"bank_account":{"routing":"091000019","number":"12345","kind":"loan"},
            "card":{"number":"4111111111111111","exp_month":1,"exp_year":2027}}"#;
        assert_eq!(faults(both), [("/card".to_owned(), "either")]);
    }
}
