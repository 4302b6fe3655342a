//! Parameters of a question: `{as_of}` and, for a day before it, `{as_of-60}`.
//!
//! They are put into the text before it is parsed, so a value can only be what cannot end the
//! literal that it stands in: days, whole numbers, and names of letters, digits and a few signs.

use super::asked::Asked;
use super::named::{Named, Parameter, is_digits};
use desk::failure::{Failure, Result};
use jiff::Span;
use jiff::civil::Date;
use settlement::calendar::{is_banking_day, previous_banking_day};
use settlement::foreign;
use std::collections::BTreeMap;

/// Characters of a value, at most.
const LONGEST: usize = 200;

/// The text with its parameters in it, and these by name.
pub(super) fn filled(
    text: &str,
    named: Option<&Named>,
    asked: &Asked,
    as_of: Date,
) -> Result<(String, BTreeMap<String, String>)> {
    let declared = named.map(Named::parameters).unwrap_or_default();
    let values = values(&declared, named.is_some(), asked, as_of)?;
    let mut used = BTreeMap::new();
    let (mut sql, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after
            .split_once('}')
            .ok_or_else(|| wrong("{", "write a parameter as {as_of}"))?;
        sql.push_str(before);
        sql.push_str(&value(name, &values)?);
        let name = name.split('-').next().unwrap_or(name);
        if let Some(value) = values.get(name) {
            used.insert(name.to_owned(), value.clone());
        }
        rest = behind;
    }
    sql.push_str(rest);
    Ok((sql, used))
}

/// What each parameter is: what was given, or what it is where nobody gives it.
fn values(
    declared: &[Parameter],
    is_named: bool,
    asked: &Asked,
    as_of: Date,
) -> Result<BTreeMap<String, String>> {
    let to = asked.to.unwrap_or(as_of);
    let takes = |name: &str| !is_named || declared.iter().any(|one| one.name == name);
    for (name, given) in [("from", asked.from.is_some()), ("to", asked.to.is_some())] {
        if given && !takes(name) {
            return Err(wrong(
                name,
                "it is no parameter of this question; leave it out",
            ));
        }
    }
    let mut values = BTreeMap::from([("as_of".to_owned(), as_of.to_string())]);
    for Parameter { name, default } in declared {
        if let Some(default) = default {
            values.insert((*name).to_owned(), value_or_itself(default, &values)?);
        }
    }
    for (name, given) in &asked.parameters {
        if !takes(name) || matches!(name.as_str(), "as_of" | "from" | "to") {
            let remedy = "tieout query --list shows what a question takes; as_of, from and to are \
                          options of their own";
            return Err(wrong(&foreign::line(name), remedy));
        }
        let mut counts = declared.iter().filter(|one| one.is_number());
        let value = match counts.any(|one| one.name == name) {
            true => number(name, given)?,
            false => plain(name, given)?,
        };
        values.insert(name.clone(), value);
    }
    let from = match (asked.from, values.get("from")) {
        (Some(from), _) => from,
        (None, Some(day)) => day
            .parse()
            .map_err(|_| wrong("from", "give a day with --from"))?,
        (None, None) => to.first_of_month(),
    };
    if from > to {
        return Err(wrong("from", "let it be a day not after --to and --as-of"));
    }
    let opening = previous_banking_day(from);
    let closing = match is_banking_day(to) {
        true => to,
        false => previous_banking_day(to),
    };
    for (name, day) in [
        ("from", from),
        ("to", to),
        ("opening", opening),
        ("closing", closing),
    ] {
        values.insert(name.to_owned(), day.to_string());
    }
    for Parameter { name, .. } in declared {
        if !values.contains_key(*name) {
            return Err(wrong(name, &format!("give it with --param {name}=...")));
        }
    }
    Ok(values)
}

fn value_or_itself(default: &str, values: &BTreeMap<String, String>) -> Result<String> {
    match is_digits(default) {
        true => Ok(default.to_owned()),
        false => value(default, values),
    }
}

/// What stands for `name`, or for `name-60`: the day so many days before it.
fn value(name: &str, values: &BTreeMap<String, String>) -> Result<String> {
    if let Some(value) = values.get(name) {
        return Ok(value.clone());
    }
    let before = name.rsplit_once('-').and_then(|(name, days)| {
        let day: Date = values.get(name)?.parse().ok()?;
        let days: i64 = days.parse().ok()?;
        day.checked_sub(Span::new().try_days(days).ok()?).ok()
    });
    let day = before.ok_or_else(|| {
        let remedy = "write {as_of}, {from}, {to}, a day before one as {as_of-60}, or a parameter \
                      that --param gives";
        wrong(&foreign::line(name), remedy)
    })?;
    Ok(day.to_string())
}

/// A value that stands in the SQL as a number does.
fn number(name: &str, value: &str) -> Result<String> {
    match value.parse::<i64>() {
        Ok(_) if is_digits(value) => Ok(value.to_owned()),
        _ => Err(wrong(name, "let its value be a whole number, in digits")),
    }
}

/// A value that stays inside its literal.
fn plain(name: &str, value: &str) -> Result<String> {
    let fits = |c: char| c.is_alphanumeric() || " ._:+/@-".contains(c);
    match value.chars().all(fits) && !value.is_empty() && value.len() <= LONGEST {
        true => Ok(value.to_owned()),
        false => Err(wrong(
            &foreign::line(name),
            "let its value be letters, digits, blanks and . _ : + / @ -, at most 200",
        )),
    }
}

fn wrong(name: &str, remedy: &str) -> Failure {
    Failure::usage(format!("parameter {name}: not to be had")).remedy(remedy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const DAY: Date = date(2026, 12, 8);

    fn fill(text: &str, asked: &Asked) -> Result<String> {
        filled(text, None, asked, DAY).map(|(sql, _)| sql)
    }

    #[test]
    fn days_are_counted_back_and_the_rest_has_defaults() {
        let asked = Asked::default();
        let text = "{as_of} {as_of-60} {from} {to} {opening} {closing}";
        let filled = fill(text, &asked).unwrap();
        assert_eq!(
            filled,
            "2026-12-08 2026-10-09 2026-12-01 2026-12-08 2026-11-30 2026-12-08"
        );
        let asked = Asked {
            from: Some(date(2026, 11, 25)),
            to: Some(date(2026, 11, 26)),
            ..Asked::default()
        };
        let thanksgiving = fill("{opening} {closing}", &asked).unwrap();
        assert_eq!(thanksgiving, "2026-11-24 2026-11-25");
    }

    #[test]
    fn what_is_no_parameter_is_refused() {
        let asked = Asked::default();
        for text in [
            "{",
            "{x}",
            "{as_of-}",
            "{as_of-x}",
            "{as_of--1}",
            "{as_of-99999999}",
            "{}",
        ] {
            assert!(fill(text, &asked).is_err(), "{text}");
        }
        for value in [
            "",
            "a'b",
            "a;b",
            "a\nb",
            "x\u{202e}",
            "{as_of}",
            &"n".repeat(201),
        ] {
            let parameters = BTreeMap::from([("who".to_owned(), value.to_owned())]);
            let asked = Asked {
                parameters,
                ..Asked::default()
            };
            assert!(fill("{who}", &asked).is_err(), "{value:?}");
        }
        let back = Asked {
            from: Some(date(2026, 12, 9)),
            ..Asked::default()
        };
        assert!(fill("{from}", &back).is_err());
    }
}
