//! The blocklist: customers, accounts, devices and addresses that somebody wants to hear of.
//!
//! A file of lines, `account 0a1b2c3d4e5f60718293a4b5`, with `#` before a remark. In memory stand
//! keys and no names. What a hit is worth is said by the rules, not here.

use crate::foreign;
use crate::risk::key::{Key, Kind};
use crate::risk::velocity::Asked;
use std::collections::BTreeSet;

/// Names that a list may have: 16 MB of keys.
pub const MOST_BLOCKED: usize = 1_000_000;

/// Bytes of a name on it.
const NAME_BYTES: usize = 200;

/// Kinds that can be on it.
const KINDS: [Kind; 4] = [Kind::Customer, Kind::Account, Kind::Device, Kind::Ip];

/// Who is on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blocklist(BTreeSet<Key>);

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("blocklist, line {line}: {what}")]
pub struct BlocklistError {
    /// Which, from 1.
    pub line: usize,
    /// What, and what would be right. The name is never repeated.
    pub what: String,
}

/// Who of a request is on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Hits {
    pub customer: bool,
    pub account: bool,
    pub device: bool,
    pub ip: bool,
}

impl Blocklist {
    /// Reads a list.
    ///
    /// # Errors
    /// The first line that is no kind and name, is there twice, or is one too many.
    pub fn parse(text: &str) -> Result<Blocklist, BlocklistError> {
        let mut all = BTreeSet::new();
        for (line, text) in (1..).zip(text.lines()) {
            let said = text.split('#').next().unwrap_or("").trim();
            if said.is_empty() {
                continue;
            }
            let wrong = |what: String| BlocklistError { line, what };
            if !all.insert(key(said).map_err(wrong)?) {
                return Err(wrong("it is there already; leave one out".to_owned()));
            }
            if all.len() > MOST_BLOCKED {
                let what = format!("more than {MOST_BLOCKED} names; leave out what is old");
                return Err(wrong(what));
            }
        }
        Ok(Blocklist(all))
    }

    /// How many are on it.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nobody is.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Who of a request is on it.
    pub fn hits(&self, asked: &Asked) -> Hits {
        let on = |key: Option<Key>| key.is_some_and(|key| self.0.contains(&key));
        Hits {
            customer: on(Some(asked.customer)),
            account: on(Some(asked.account)),
            device: on(asked.device),
            ip: on(asked.ip),
        }
    }
}

fn key(said: &str) -> Result<Key, String> {
    let shape = || "no kind and name; write `account TOKEN`, customer, device or ip".to_owned();
    let (word, name) = said.split_once(char::is_whitespace).ok_or_else(shape)?;
    let mut kinds = KINDS.iter().copied();
    let kind = kinds.find(|kind| kind.as_str() == word);
    let kind = kind.ok_or_else(|| {
        let seen: String = word.chars().take(20).collect();
        format!(
            "no kind {}; write account, customer, device or ip",
            foreign::line(&seen)
        )
    })?;
    let name = name.trim();
    if name.len() > NAME_BYTES || name.contains(char::is_whitespace) {
        return Err(format!(
            "a name has at most {NAME_BYTES} bytes and no blanks"
        ));
    }
    let digits = name.bytes().all(|b| b.is_ascii_digit());
    if kind == Kind::Account && digits && name.len() <= ACCOUNT_NUMBER {
        return Err("an account is named by its token, never by its number".to_owned());
    }
    Ok(Key::of(kind, name))
}

/// Digits of an account number, at most. A token has 24 characters.
const ACCOUNT_NUMBER: usize = 17;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_on_it_is_found_by_kind_and_name() {
        let list = Blocklist::parse("# stolen\ndevice d-1\n\nip 192.0.2.7 # seen twice\n").unwrap();
        assert_eq!(list.len(), 2);
        assert!(list.0.contains(&Key::of(Kind::Ip, "192.0.2.7")));
        assert!(!list.0.contains(&Key::of(Kind::Customer, "d-1")));
    }

    #[test]
    fn a_wrong_line_is_named_and_its_name_is_not_repeated() {
        for (text, line, word) in [
            ("device d\nnonsense\n", 2, "kind"),
            ("\n\nperson x", 3, "person"),
            ("device d\ndevice d", 2, "already"),
            ("account 0012345678", 1, "token"),
            ("ip a b", 1, "blanks"),
        ] {
            let error = Blocklist::parse(text).unwrap_err();
            assert_eq!(error.line, line, "{text}");
            assert!(error.what.contains(word), "{error}");
            assert!(!error.to_string().contains("0012345678"));
        }
    }
}
