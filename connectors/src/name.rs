//! What an object is called.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Deref;

/// Names longer than this are refused: what S3 takes.
const NAME_BYTES: usize = 1_024;
/// Parts longer than this are refused: what file systems take.
const PART_BYTES: usize = 255;

/// The name of an object, `outbound/odfi=09100001/A.ach`: relative, in parts between slashes,
/// fit for every store behind the port.
///
/// It is checked where it is made, from a program's pieces or from what a record says, and never
/// again: whoever has a `Name` has one that stays inside its store, hides nothing and moves no
/// terminal.
///
/// ```
/// use connectors::Name;
/// let name = Name::parse("posted/2026-11-25.json")?;
/// assert_eq!(name.as_str(), "posted/2026-11-25.json");
/// assert!(Name::parse("../vault/keys.json").is_err());
/// # Ok::<(), connectors::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

impl Name {
    /// Checks a name.
    ///
    /// # Errors
    /// [`Error::Invalid`] where it is empty, too long, absolute, has an empty part or one that
    /// starts with a dot, or a backslash or control character.
    pub fn parse(name: impl Into<String>) -> Result<Name> {
        let name = name.into();
        match fault(&name) {
            None => Ok(Name(name)),
            Some(why) => Err(Error::invalid(format!("object name {name:?}"), why)),
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is wrong with a name.
fn fault(name: &str) -> Option<&'static str> {
    if name.is_empty() || name.len() > NAME_BYTES {
        return Some("must have 1 to 1024 bytes");
    }
    if name.chars().any(|c| c == '\\' || c.is_control()) {
        return Some("must be without backslash and control characters");
    }
    if name.split('/').any(|part| part.len() > PART_BYTES) {
        return Some("must have parts of at most 255 bytes");
    }
    // Unfinished files and whatever else hides are not objects; `.` and `..` lead elsewhere.
    let hides = |part: &str| part.is_empty() || part.starts_with('.');
    let hidden = name.split('/').any(hides);
    hidden.then_some("must be relative, without empty parts and parts that start with a dot")
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> String {
        name.0
    }
}

impl TryFrom<String> for Name {
    type Error = Error;

    fn try_from(name: String) -> Result<Name> {
        Name::parse(name)
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_elsewhere_hides_or_moves_a_terminal_is_no_name() {
        let long = ["x".repeat(PART_BYTES + 1), "x/".repeat(600) + "x"];
        let odd = [
            "",
            "/",
            "/etc/x",
            "..",
            "../x",
            "a/../../x",
            "a//b",
            "a/",
            "a/.",
            ".hidden",
            "a/.b",
            "a\\b",
            "a\0b",
            "a\nb",
            "a\u{1b}[2Jb",
            "a\u{9b}2Jb",
            "\u{7f}",
            &long[0],
            &long[1],
        ];
        for name in odd {
            let error = Name::parse(name).expect_err(name).to_string();
            assert!(!error.contains(char::is_control), "{error:?}");
            let record = serde_json::to_string(name).expect("text");
            assert!(serde_json::from_str::<Name>(&record).is_err(), "{record}");
        }
    }

    #[test]
    fn a_name_in_a_record_is_its_text() {
        for text in [
            "a",
            "é/ü b",
            "a=b/c%2F..d",
            "ends.",
            &"x".repeat(PART_BYTES),
        ] {
            let name = Name::parse(text).expect(text);
            let record = serde_json::to_string(&name).expect("text");
            assert_eq!(record, serde_json::to_string(text).expect("text"));
            assert_eq!(serde_json::from_str::<Name>(&record).expect("name"), name);
        }
    }
}
