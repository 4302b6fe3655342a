//! What several banks of one installation must not share: a name, an ODFI, an account, a drop box.

use crate::failure::{Failure, Result};
use connectors::Addresses;
use settlement::bank::{BankProfile, is_short_name};
use settlement::foreign;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// A profile, and the file and the text that it was read from.
pub struct Profile {
    /// The file.
    pub file: PathBuf,
    /// What stands in it.
    pub text: String,
    /// What that means.
    pub bank: BankProfile,
}

impl Profile {
    /// The place of a field, `north.toml, line 4`.
    pub fn at(&self, field: &str) -> String {
        let is_field = |line: &str| {
            let rest = line.trim_start().strip_prefix(field);
            rest.is_some_and(|rest| rest.trim_start().starts_with('='))
        };
        let file = foreign::path(&self.file);
        match (1..)
            .zip(self.text.lines())
            .find(|(_, line)| is_field(line))
        {
            Some((number, _)) => format!("{file}, line {number}"),
            None => file,
        }
    }
}

/// Refuses two banks that could be taken for each other; `place` is the configuration's file.
///
/// # Errors
/// Exit status 2, naming file and line.
pub fn apart(place: &str, all: &[Profile], at: &Addresses) -> Result<()> {
    let mut others = all.iter().skip(1);
    if let Some(other) = others.find(|one| !is_short_name(&one.bank.name)) {
        let name = foreign::cell(&other.bank.name);
        return Err(Failure::usage(format!(
            "{}: {name} cannot be the place of a bank",
            other.at("name")
        ))
        .remedy("give it 1 to 32 lower-case letters, digits and hyphens, first a letter"));
    }
    // A statement says whose it is by the number alone.
    let account = |bank: &BankProfile| {
        let number = bank.account.number.chars();
        let number: String = number.filter(char::is_ascii_alphanumeric).collect();
        number.trim_start_matches('0').to_owned()
    };
    once(all, "name", "name", |bank| bank.name.clone())?;
    once(all, "odfi", "ODFI", |bank| bank.odfi.to_string())?;
    once(all, "number", "account", account)?;
    boxes(place, all, at)
}

/// Refuses what two profiles have and one may.
fn once(
    all: &[Profile],
    field: &str,
    what: &str,
    of: impl Fn(&BankProfile) -> String,
) -> Result<()> {
    let mut seen: BTreeMap<String, &Profile> = BTreeMap::new();
    for one in all {
        if let Some(first) = seen.insert(of(&one.bank), one) {
            return Err(Failure::usage(format!(
                "{}: the same {what} as in {}",
                one.at(field),
                first.at(field)
            ))
            .remedy("two banks of one installation have nothing in common: correct one profile"));
        }
    }
    Ok(())
}

/// Each bank has a drop box of its own, and each drop box a bank.
fn boxes(place: &str, all: &[Profile], at: &Addresses) -> Result<()> {
    if all.len() < 2 && at.links.is_empty() {
        return Ok(());
    }
    let home = at.folder("bank", at.bank.as_ref(), "bank")?;
    let mut seen = BTreeMap::from([(real(&home), "the home bank's")]);
    for one in all.iter().skip(1) {
        let name = one.bank.name.as_str();
        let link = at.links.get(name).ok_or_else(|| {
            Failure::usage(format!("{place}: the bank {name} has no drop box")).remedy(format!(
                "write {name} = \"file:DIR\" under [addresses.links]"
            ))
        })?;
        let folder = at.folder(&format!("link {name}"), Some(link), "")?;
        if let Some(other) = seen.insert(real(&folder), name) {
            return Err(Failure::usage(format!(
                "{place}: {name} and {other} have one drop box, {}",
                foreign::path(&folder)
            ))
            .remedy("give each bank a drop box of its own under [addresses.links]"));
        }
    }
    let has_bank = |name: &&String| all.iter().skip(1).any(|one| one.bank.name == **name);
    match at.links.keys().find(|name| !has_bank(name)) {
        None => Ok(()),
        Some(name) => Err(Failure::usage(format!(
            "{place}: {} under [addresses.links] is the drop box of no bank beside the home bank",
            foreign::cell(name)
        ))
        .remedy("name the profile in banks, or take the line away; the home bank's is `bank`")),
    }
}

/// A folder under the one name that it has where it is there, otherwise without detours.
fn real(folder: &Path) -> PathBuf {
    if let Ok(real) = folder.canonicalize() {
        return real;
    }
    let whole = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
    let mut plain = PathBuf::new();
    for part in whole.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    plain
}
