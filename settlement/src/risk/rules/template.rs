//! The words of a reason: a text with the values of features in it.

use crate::risk::feature::{Feature, Features};

/// Characters that the words of a rule may have before values are put in.
pub const WORDS: usize = 120;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// The value of the rule's own feature.
    Own,
    Value(Feature),
}

/// Words with places for values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

impl Template {
    /// Reads `"{value} requests within {customer_age_days}"`.
    pub fn parse(text: &str) -> Result<Template, String> {
        let printable = text.bytes().all(|b| (b' '..=b'~').contains(&b));
        if !printable || text.trim().is_empty() || text.len() > WORDS {
            return Err(format!("must be 1 to {WORDS} printable ASCII characters"));
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or("a `{` without its `}`")?;
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(match (name, Feature::named(name)) {
                ("value", _) => Piece::Own,
                (_, Some(feature)) => Piece::Value(feature),
                _ => return Err("names no feature within `{}`; write {value}".to_owned()),
            });
            rest = after;
        }
        if rest.contains('}') || pieces.iter().any(Piece::has_brace) {
            return Err("a `}` without its `{`".to_owned());
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Template(pieces))
    }

    /// The words for `features`, those of a rule that looks at `own`.
    pub fn said(&self, own: Feature, features: &Features) -> String {
        let mut words = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => words.push_str(text),
                Piece::Own => words.push_str(&value(own, features)),
                Piece::Value(feature) => words.push_str(&value(*feature, features)),
            }
        }
        words
    }
}

impl Piece {
    fn has_brace(&self) -> bool {
        matches!(self, Piece::Text(text) if text.contains('}'))
    }
}

fn value(feature: Feature, features: &Features) -> String {
    let value = features.get(feature);
    value.map_or_else(|| "unknown".to_owned(), |value| feature.unit().said(value))
}
