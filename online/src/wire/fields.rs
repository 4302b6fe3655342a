//! Fields of requests: tables that say what may stand in a request, what a client is told where
//! something else does, and what the API's description says of it.
//!
//! A handler gets what the table lets through and asks for fields by name; everything that is
//! wrong is named at once, by its JSON pointer, and no value is repeated.

use super::json::Json;
use serde_json::json;
use settlement::foreign::is_unseen;
use std::collections::BTreeMap;

/// A field of an object.
#[derive(Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What may stand in it.
    pub kind: Kind,
    /// Whether it must be there.
    pub required: bool,
    /// What it means, for the description.
    pub about: &'static str,
}

/// What may stand in a field.
#[derive(Debug)]
pub enum Kind {
    /// A string of so many characters.
    Text {
        /// At least.
        least: usize,
        /// At most.
        most: usize,
    },
    /// A line of a person's own words of so many characters: nothing in it that nobody sees, and
    /// not blanks alone.
    Line {
        /// At least.
        least: usize,
        /// At most.
        most: usize,
    },
    /// A whole number.
    Whole {
        /// At least.
        least: i64,
        /// At most.
        most: i64,
    },
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A date, `2026-11-27`.
    Date,
    /// `true` or `false`.
    Flag,
    /// An object of these fields.
    Object(&'static [Field]),
    /// An object of one of these tables, each told by its first field; the first table where none
    /// of those is there.
    Either(&'static [&'static [Field]]),
    /// An object of any names, each with a string.
    Texts {
        /// Names at most.
        names: usize,
        /// Characters of a string at most.
        most: usize,
    },
    /// A list of strings.
    Words {
        /// Items at most.
        items: usize,
        /// Characters of an item at most.
        most: usize,
    },
}

/// A required field.
pub const fn must(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field {
        name,
        kind,
        required: true,
        about,
    }
}

/// A field that may be left out; `null` is the same as nothing.
pub const fn may(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field {
        name,
        kind,
        required: false,
        about,
    }
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Wrong {
    /// Where: a JSON pointer into the request, `/account/routing`.
    pub pointer: String,
    /// What kind of mistake it is, one of a few words.
    pub code: &'static str,
    /// In words, with what to do.
    pub message: String,
}

/// A mistake at a place.
pub fn wrong(pointer: impl Into<String>, code: &'static str, message: impl Into<String>) -> Wrong {
    Wrong {
        pointer: pointer.into(),
        code,
        message: message.into(),
    }
}

/// An object that a table has let through.
#[derive(Clone, Debug, Default)]
pub struct Form<'a>(BTreeMap<&'a str, &'a Json>);

impl<'a> Form<'a> {
    /// Holds a value against a table.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the table, then what it does not know.
    pub fn read(json: &'a Json, table: &'static [Field]) -> Result<Form<'a>, Vec<Wrong>> {
        let mut faults = Vec::new();
        object(json, table, "", &mut faults);
        match (json, faults.is_empty()) {
            (Json::Object(members), true) => {
                let there = members.iter().filter(|(_, value)| *value != Json::Null);
                Ok(Form(
                    there.map(|(name, value)| (name.as_str(), value)).collect(),
                ))
            }
            _ => Err(faults),
        }
    }

    /// Whether a field is there.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The string of a field.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        match self.0.get(name) {
            Some(Json::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The number of a field.
    pub fn whole(&self, name: &str) -> Option<i64> {
        match self.0.get(name) {
            Some(Json::Whole(number)) => i64::try_from(*number).ok(),
            _ => None,
        }
    }

    /// The flag of a field.
    pub fn flag(&self, name: &str) -> Option<bool> {
        match self.0.get(name) {
            Some(Json::Flag(flag)) => Some(*flag),
            _ => None,
        }
    }

    /// The date of a field.
    pub fn date(&self, name: &str) -> Option<jiff::civil::Date> {
        self.text(name).and_then(|text| text.parse().ok())
    }

    /// The object of a field.
    pub fn form(&self, name: &str) -> Form<'a> {
        match self.0.get(name) {
            Some(Json::Object(members)) => {
                let there = members.iter().filter(|(_, value)| *value != Json::Null);
                Form(there.map(|(name, value)| (name.as_str(), value)).collect())
            }
            _ => Form::default(),
        }
    }

    /// The strings of a field, by name.
    pub fn texts(&self, name: &str) -> BTreeMap<String, String> {
        let pairs = self.form(name).0.into_iter();
        let text = |(name, value): (&str, &Json)| match value {
            Json::Text(text) => Some((name.to_owned(), text.clone())),
            _ => None,
        };
        pairs.filter_map(text).collect()
    }

    /// The strings of a field.
    pub fn words(&self, name: &str) -> Vec<&'a str> {
        let Some(Json::List(items)) = self.0.get(name) else {
            return Vec::new();
        };
        let text = |item: &'a Json| match item {
            Json::Text(text) => Some(text.as_str()),
            _ => None,
        };
        items.iter().filter_map(text).collect()
    }
}

/// Escapes a name for a pointer, as RFC 6901 does; what is not plain is left out of it, because a
/// name may hold what nobody should log.
fn part(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.~/".contains(c);
    match name.len() <= 40 && name.chars().all(plain) {
        true => name.replace('~', "~0").replace('/', "~1"),
        false => "?".to_owned(),
    }
}

fn object(json: &Json, table: &'static [Field], at: &str, faults: &mut Vec<Wrong>) {
    let Json::Object(members) = json else {
        faults.push(of_kind(at, "an object", json));
        return;
    };
    for field in table {
        // Made only where something is wrong, or may be.
        let here = || format!("{at}/{}", field.name);
        let mut there = members.iter().filter(|(name, _)| name == field.name);
        let value = there.next().map(|(_, value)| value);
        if there.next().is_some() {
            let message = "is there more than once; send it once";
            faults.push(wrong(here(), "duplicate", message));
            continue;
        }
        match value {
            None | Some(Json::Null) if field.required => {
                let message = format!("missing; {}", field.about);
                faults.push(wrong(here(), "missing", message));
            }
            None | Some(Json::Null) => {}
            Some(value) if is_plain(value, &field.kind) => {}
            Some(value) => check(value, &field.kind, &here(), faults),
        }
    }
    let known = |name: &str| table.iter().any(|field| field.name == name);
    for (name, _) in members.iter().filter(|(name, _)| !known(name)) {
        let here = format!("{at}/{}", part(name));
        let message = "there is no such field; leave it out";
        if !faults.iter().any(|fault| fault.pointer == here) {
            faults.push(wrong(here, "unknown", message));
        }
    }
}

/// Whether nothing is wrong with a value, as far as that is seen at a glance: most values are so.
fn is_plain(value: &Json, kind: &Kind) -> bool {
    match (kind, value) {
        (Kind::Text { least, most }, Json::Text(text)) => {
            text.is_ascii() && (*least..=*most).contains(&text.len())
        }
        (Kind::Whole { least, most }, Json::Whole(number)) => {
            (i128::from(*least)..=i128::from(*most)).contains(number)
        }
        (Kind::Choice(words), Json::Text(text)) => words.contains(&text.as_str()),
        _ => false,
    }
}

fn either(json: &Json, tables: &'static [&'static [Field]], at: &str, faults: &mut Vec<Wrong>) {
    let has = |name: &str| match json {
        Json::Object(members) => members
            .iter()
            .any(|(one, value)| one == name && *value != Json::Null),
        _ => false,
    };
    let told = |table: &&&'static [Field]| table.first().is_some_and(|first| has(first.name));
    let Some(table) = tables.iter().find(told).or(tables.first()) else {
        return;
    };
    let before = faults.len();
    object(json, table, at, faults);
    // What is a field of another table is not unknown: it does not go with this one.
    let first = table.first().map_or("", |first| first.name);
    let others = tables.iter().flat_map(|table| table.iter());
    let others: Vec<String> = others.map(|field| format!("{at}/{}", field.name)).collect();
    for fault in faults.iter_mut().skip(before) {
        if fault.code == "unknown" && others.contains(&fault.pointer) {
            fault.code = "either";
            fault.message = format!("does not go with {first}; send one of them");
        }
    }
}

fn of_kind(at: &str, wanted: &str, found: &Json) -> Wrong {
    wrong(
        at,
        "type",
        format!("must be {wanted}, and is {}", found.kind()),
    )
}

fn check(value: &Json, kind: &'static Kind, at: &str, faults: &mut Vec<Wrong>) {
    match (kind, value) {
        (Kind::Text { least, most }, Json::Text(text)) => {
            length(text, *least, *most, at, faults);
        }
        (Kind::Line { least, most }, Json::Text(text)) => {
            length(text, *least, *most, at, faults);
            line(text, at, faults);
        }
        (Kind::Text { .. } | Kind::Line { .. }, other) => {
            faults.push(of_kind(at, "a string", other));
        }
        (Kind::Whole { least, most }, Json::Whole(number)) => {
            if *number < i128::from(*least) {
                let message = format!("must be at least {least}");
                faults.push(wrong(at, "too-small", message));
            }
            if *number > i128::from(*most) {
                faults.push(wrong(at, "too-large", format!("must be at most {most}")));
            }
        }
        (Kind::Whole { .. }, Json::Other(_)) => {
            let message = "must be a whole number of 64 bits, without a fraction or an exponent";
            faults.push(wrong(at, "not-whole", message));
        }
        (Kind::Whole { .. }, other) => faults.push(of_kind(at, "a whole number", other)),
        (Kind::Choice(words), Json::Text(text)) if words.contains(&text.as_str()) => {}
        (Kind::Choice(words), Json::Text(_)) => {
            let message = format!("must be one of {}", words.join(", "));
            faults.push(wrong(at, "choice", message));
        }
        (Kind::Choice(_), other) => faults.push(of_kind(at, "a string", other)),
        (Kind::Date, Json::Text(text)) => {
            if text.len() != 10 || text.parse::<jiff::civil::Date>().is_err() {
                let message = "must be a date, for example 2026-11-27";
                faults.push(wrong(at, "date", message));
            }
        }
        (Kind::Date, other) => faults.push(of_kind(at, "a string with a date", other)),
        (Kind::Flag, Json::Flag(_)) => {}
        (Kind::Flag, other) => faults.push(of_kind(at, "true or false", other)),
        (Kind::Object(table), value) => object(value, table, at, faults),
        (Kind::Either(tables), value) => either(value, tables, at, faults),
        (Kind::Texts { names, most }, value) => texts(value, *names, *most, at, faults),
        (Kind::Words { items, most }, value) => words(value, *items, *most, at, faults),
    }
}

fn length(text: &str, least: usize, most: usize, at: &str, faults: &mut Vec<Wrong>) {
    let characters = text.chars().count();
    if characters < least {
        let message = match least {
            1 => "must not be empty".to_owned(),
            least => format!("must have at least {least} characters"),
        };
        faults.push(wrong(at, "too-short", message));
    }
    if characters > most {
        let message = format!("must have at most {most} characters");
        faults.push(wrong(at, "too-long", message));
    }
}

fn line(text: &str, at: &str, faults: &mut Vec<Wrong>) {
    let is_blank = !text.is_empty() && text.trim().is_empty();
    if is_blank || text.chars().any(is_unseen) {
        let message = "must be one line of characters that are seen, and not blanks alone";
        faults.push(wrong(at, "rule", message));
    }
}

fn texts(value: &Json, names: usize, most: usize, at: &str, faults: &mut Vec<Wrong>) {
    let Json::Object(members) = value else {
        faults.push(of_kind(at, "an object", value));
        return;
    };
    if members.len() > names {
        let message = format!("must have at most {names} names");
        faults.push(wrong(at, "too-many", message));
        return;
    }
    for (place, (name, value)) in members.iter().enumerate() {
        let here = format!("{at}/{}", part(name));
        if members.iter().take(place).any(|(before, _)| before == name) {
            faults.push(wrong(
                here,
                "duplicate",
                "is there more than once; send it once",
            ));
            continue;
        }
        match value {
            Json::Text(text) => length(text, 0, most, &here, faults),
            other => faults.push(of_kind(&here, "a string", other)),
        }
    }
}

fn words(value: &Json, items: usize, most: usize, at: &str, faults: &mut Vec<Wrong>) {
    let Json::List(list) = value else {
        faults.push(of_kind(at, "a list of strings", value));
        return;
    };
    if list.len() > items {
        let message = format!("must have at most {items} items");
        faults.push(wrong(at, "too-many", message));
        return;
    }
    for (place, item) in list.iter().enumerate() {
        let here = format!("{at}/{place}");
        match item {
            Json::Text(text) => length(text, 1, most, &here, faults),
            other => faults.push(of_kind(&here, "a string", other)),
        }
    }
}

/// The schema of a table, as the API's description has it; `no_value` says of a field that it may
/// be null.
pub fn schema(table: &'static [Field], no_value: fn(&mut serde_json::Value)) -> serde_json::Value {
    let required: Vec<&str> = table
        .iter()
        .filter(|field| field.required)
        .map(|field| field.name)
        .collect();
    let properties: serde_json::Map<String, serde_json::Value> = table
        .iter()
        .map(|field| (field.name.to_owned(), of_field(field, no_value)))
        .collect();
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn of_field(field: &'static Field, no_value: fn(&mut serde_json::Value)) -> serde_json::Value {
    let mut schema = match &field.kind {
        Kind::Text { least, most } | Kind::Line { least, most } => {
            json!({"type": "string", "minLength": least, "maxLength": most})
        }
        Kind::Whole { least, most } => {
            json!({"type": "integer", "format": "int64", "minimum": least, "maximum": most})
        }
        Kind::Choice(words) => json!({"type": "string", "enum": words}),
        Kind::Date => json!({"type": "string", "format": "date"}),
        Kind::Flag => json!({"type": "boolean"}),
        Kind::Object(table) => schema(table, no_value),
        Kind::Either(tables) => {
            let each: Vec<serde_json::Value> =
                tables.iter().map(|one| schema(one, no_value)).collect();
            json!({ "oneOf": each })
        }
        Kind::Texts { names, most } => json!({
            "type": "object",
            "maxProperties": names,
            "additionalProperties": {"type": "string", "maxLength": most},
        }),
        Kind::Words { items, most } => json!({
            "type": "array",
            "maxItems": items,
            "items": {"type": "string", "minLength": 1, "maxLength": most},
        }),
    };
    schema["description"] = json!(field.about);
    if !field.required {
        no_value(&mut schema);
    }
    schema
}

#[cfg(test)]
mod tests;
