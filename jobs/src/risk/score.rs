//! One request with its features, as JSON: strict, and each fault with the member it is in.

use desk::failure::{Failure, Result};
use jiff::civil::Date;
use serde::Deserialize;
use serde::de::{Error as _, MapAccess, Visitor};
use settlement::foreign;
use settlement::ids::Direction;
use settlement::risk::feature::{Feature, Features};
use std::fmt;

/// Bytes that such a request may have: every feature by its name is a tenth of it.
pub const REQUEST_BYTES: u64 = 20_000;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Which way its money goes.
    pub direction: Direction,
    /// The day whose rules are in force.
    pub on: Date,
    /// What is known of it.
    #[serde(deserialize_with = "features")]
    pub features: Features,
}

impl Request {
    /// Reads one.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(text: &str) -> Result<Request> {
        serde_json::from_str(text).map_err(|error| {
            let said = error.to_string();
            Failure::usage(format!("the request: {}", foreign::line(&said))).remedy(
                "write {\"direction\": \"debit\", \"on\": \"2026-11-27\", \"features\": \
                 {\"amount_cents\": 12500}}; docs/risk.md lists the features",
            )
        })
    }
}

fn features<'de, D: serde::Deserializer<'de>>(from: D) -> std::result::Result<Features, D::Error> {
    from.deserialize_map(Given)
}

struct Given;

impl<'de> Visitor<'de> for Given {
    type Value = Features;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("features by their names, each a whole number or null")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Features, A::Error> {
        let (mut features, mut seen) = (Features::default(), 0u64);
        while let Some(name) = map.next_key::<String>()? {
            let known = Feature::named(&name);
            let feature = known.ok_or_else(|| {
                let seen: String = name.chars().take(48).collect();
                A::Error::custom(format!("no feature {seen}"))
            })?;
            let bit = 1 << feature.at();
            if seen & bit != 0 {
                return Err(A::Error::custom(format!("{feature} is there twice")));
            }
            seen |= bit;
            let value = map
                .next_value::<Option<i64>>()
                .map_err(|error| A::Error::custom(format!("{feature}: {error}")))?;
            let most = feature.unit().most();
            match value {
                Some(value) if (0..=most).contains(&value) => features.set(feature, value),
                Some(_) => return Err(A::Error::custom(format!("{feature}: from 0 to {most}"))),
                None => {}
            }
        }
        Ok(features)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_with_what_is_known() {
        let text = r#"{"direction": "credit", "on": "2026-11-27",
                       "features": {"amount_cents": 5, "km_per_hour": null}}"#;
        let request = Request::parse(text).unwrap();
        let known: Vec<_> = request.features.known().collect();
        assert_eq!(known, [(Feature::AmountCents, 5)]);
        assert_eq!(request.direction, Direction::Credit);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let whole =
            r#"{"direction": "debit", "on": "2026-11-27", "features": {"amount_cents": 5}}"#;
        assert!(Request::parse(whole).is_ok());
        for (right, wrong, word) in [
            ("amount_cents", "amount", "no feature amount"),
            (
                "\"amount_cents\": 5",
                "\"amount_cents\": 5, \"amount_cents\": 5",
                "twice",
            ),
            (": 5", ": 5.5", "amount_cents"),
            (": 5", ": -1", "from 0 to"),
            (": 5", ": 9223372036854775808", "amount_cents"),
            (": 5", ": \"5\"", "amount_cents"),
            ("debit", "wire", "direction"),
            ("2026-11-27", "2026-02-30", "date"),
            ("\"on\"", "\"more\": 1, \"on\"", "more"),
            ("{\"amount_cents\": 5}", "[]", "features"),
        ] {
            let error = Request::parse(&whole.replacen(right, wrong, 1)).unwrap_err();
            assert!(!error.remedy.is_empty());
            let said = error.to_string();
            let named = word == "direction" || word == "date" || said.contains(word);
            assert!(named, "{wrong}: {said}");
        }
        let ill = Request::parse("{\"\\u001b[2J\": 1}")
            .unwrap_err()
            .to_string();
        assert!(!ill.contains('\u{1b}'), "{ill:?}");
    }
}
