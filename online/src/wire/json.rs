//! JSON, read so that nothing is guessed.
//!
//! Two members of one name, a number with a fraction and a document that goes on behind its end
//! are things that two readers take for two things. Here each of them is seen: a name that is
//! there twice is kept as twice, for whoever says what is wrong with which field, and what is read
//! has one canonical form, whatever blanks and order it came with.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;
use zeroize::Zeroize;

/// Members of objects and items of lists in one document, all levels together: what the largest
/// body can hold and no request needs.
pub const MOST_VALUES: usize = 2_000;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// A number without a fraction or an exponent, of 64 bits.
    Whole(i128),
    /// Any other number.
    Other(f64),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object: its members in the order in which they came, a name as often as it came.
    Object(Vec<(String, Json)>),
}

/// Why a document is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotJson {
    /// It is no JSON.
    Ends {
        /// Line of the document, from 1.
        line: usize,
        /// Column of the line, from 1.
        column: usize,
    },
    /// It has more than [`MOST_VALUES`] values.
    TooMany,
    /// A number is larger than any that is read.
    TooLarge {
        /// The member whose number it is, where its name is plain.
        name: Option<String>,
    },
}

impl fmt::Display for NotJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotJson::Ends { line, column } => {
                write!(f, "reading ended at line {line}, column {column}")
            }
            NotJson::TooMany => write!(f, "it has more than {MOST_VALUES} values"),
            NotJson::TooLarge { name: Some(name) } => {
                write!(f, "the number of {name} is too large")
            }
            NotJson::TooLarge { name: None } => f.write_str("a number is too large"),
        }
    }
}

/// The longest name of a member that is repeated.
const NAME_BYTES: usize = 40;

/// The name of the member in whose number reading ended, if it is plain: letters and underscores
/// hold no account number.
fn member_at(body: &[u8], line: usize, column: usize) -> Option<String> {
    let before: usize = body
        .split_inclusive(|byte| *byte == b'\n')
        .take(line.checked_sub(1)?)
        .map(<[u8]>::len)
        .sum();
    let read = body.get(..before.checked_add(column)?.min(body.len()))?;
    let text = std::str::from_utf8(read).ok()?;
    let of_number = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
    let text = text.trim_end().trim_end_matches(of_number).trim_end();
    let (_, name) = text
        .strip_suffix(':')?
        .trim_end()
        .strip_suffix('"')?
        .rsplit_once('"')?;
    let plain = name.chars().all(|c| c.is_ascii_alphabetic() || c == '_');
    (plain && (1..=NAME_BYTES).contains(&name.len())).then(|| name.to_owned())
}

impl Json {
    /// Reads a document.
    ///
    /// # Errors
    /// Where it is no JSON, or has more than [`MOST_VALUES`] values. What stands there is not
    /// repeated: it may be an account number.
    pub fn read(body: &[u8]) -> Result<Json, NotJson> {
        let read: Result<Json, _> = serde_json::from_slice(body);
        let json = read.map_err(|e| {
            let (line, column) = (e.line(), e.column());
            match e.to_string().starts_with("number out of range") {
                true => NotJson::TooLarge {
                    name: member_at(body, line, column),
                },
                false => NotJson::Ends { line, column },
            }
        })?;
        match json.values() > MOST_VALUES {
            true => Err(NotJson::TooMany),
            false => Ok(json),
        }
    }

    fn values(&self) -> usize {
        match self {
            Json::List(items) => items.iter().map(|item| 1 + item.values()).sum(),
            Json::Object(members) => members.iter().map(|(_, value)| 1 + value.values()).sum(),
            _ => 0,
        }
    }

    /// What a person calls this kind of value.
    pub const fn kind(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Flag(_) => "true or false",
            Json::Whole(_) | Json::Other(_) => "a number",
            Json::Text(_) => "a string",
            Json::List(_) => "a list",
            Json::Object(_) => "an object",
        }
    }

    /// The same value in its one canonical form: members by name, no blanks.
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(512);
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Json::Null => out.extend_from_slice(b"null"),
            Json::Flag(flag) => out.extend_from_slice(flag.to_string().as_bytes()),
            Json::Whole(number) => out.extend_from_slice(number.to_string().as_bytes()),
            Json::Other(number) => out.extend_from_slice(number.to_string().as_bytes()),
            Json::Text(text) => quoted(text, out),
            Json::List(items) => between(b'[', b']', items, out, Json::write),
            Json::Object(members) => {
                let mut members: Vec<&(String, Json)> = members.iter().collect();
                members.sort_by(|a, b| a.0.cmp(&b.0));
                between(b'{', b'}', &members, out, |(name, value), out| {
                    quoted(name, out);
                    out.push(b':');
                    value.write(out);
                });
            }
        }
    }
}

/// A request's document: every text of it is wiped when it is dropped, because any may be an
/// account number, also where no field is called so.
#[derive(Debug)]
pub struct Wiped(pub Json);

impl std::ops::Deref for Wiped {
    type Target = Json;

    fn deref(&self) -> &Json {
        &self.0
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

fn wipe(json: &mut Json) {
    match json {
        Json::Text(text) => text.zeroize(),
        Json::Whole(number) => number.zeroize(),
        Json::Other(number) => number.zeroize(),
        Json::List(items) => items.iter_mut().for_each(wipe),
        Json::Object(members) => {
            for (name, value) in members {
                name.zeroize();
                wipe(value);
            }
        }
        Json::Null | Json::Flag(_) => {}
    }
}

fn quoted(text: &str, out: &mut Vec<u8>) {
    // A string always has a form in JSON, and a vector takes it.
    serde_json::to_writer(out, text).unwrap_or_default();
}

fn between<T>(open: u8, close: u8, all: &[T], out: &mut Vec<u8>, write: impl Fn(&T, &mut Vec<u8>)) {
    out.push(open);
    for (at, one) in all.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write(one, out);
    }
    out.push(close);
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Json, D::Error> {
        from.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json, E> {
        Ok(Json::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Whole(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Whole(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        Ok(Json::Other(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = from.next_element()? {
            items.push(item);
        }
        Ok(Json::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = from.next_entry()? {
            members.push(member);
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_two_readers_would_take_for_two_things_is_seen() {
        let twice = Json::read(br#"{"a":1,"a":2}"#).unwrap();
        let Json::Object(members) = twice else {
            panic!("an object")
        };
        assert_eq!(members.len(), 2);
        assert_eq!(Json::read(b"1.5").unwrap(), Json::Other(1.5));
        assert_eq!(Json::read(b"1e3").unwrap(), Json::Other(1000.0));
        for no_json in [
            "",
            "{",
            "{} {}",
            "{'a':1}",
            "nul",
            "01",
            "[1,]",
            "\u{feff}{}",
        ] {
            assert!(Json::read(no_json.as_bytes()).is_err(), "{no_json}");
        }
        let deep = "[".repeat(100_000);
        assert!(Json::read(deep.as_bytes()).is_err());
        let wide = format!("[{}1]", "1,".repeat(MOST_VALUES));
        assert!(Json::read(wide.as_bytes()).is_err());
        assert!(Json::read(b"\"\xff\"").is_err());
    }

    fn any_json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::Flag),
            any::<i64>().prop_map(|n| Json::Whole(n.into())),
            any::<String>().prop_map(Json::Text),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            let members = prop::collection::btree_map(".*", inner.clone(), 0..6);
            prop_oneof![
                prop::collection::vec(inner, 0..6).prop_map(Json::List),
                members.prop_map(|all| Json::Object(all.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_canonical_form_reads_back_and_is_one(json in any_json()) {
            let bytes = json.canonical();
            let back = Json::read(&bytes).unwrap();
            prop_assert_eq!(back.canonical(), bytes.clone());
            let spaced: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            let pretty = serde_json::to_vec_pretty(&spaced).unwrap();
            prop_assert_eq!(Json::read(&pretty).unwrap().canonical(), bytes);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = Json::read(&bytes);
        }
    }
}
