//! `tieout.toml`: where things are, which bank profile and which prices.
//!
//! Without a file everything is below `./tieout-data` and the profile is the sandbox bank's.
//! Variables named `TIEOUT_*` override addresses; a flag overrides both.

use crate::banks::{Profile, apart};
use crate::failure::{Failure, Result};
pub use crate::issuers::Issuer;
use crate::issuers::checked;
use connectors::{Addresses, given};
use serde::Deserialize;
use settlement::bank::BankProfile;
use settlement::foreign::{self, fault};
use settlement::route::Routes;
use settlement::savings::PriceList;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The profile of the sandbox bank, for trying things out.
pub const SANDBOX_BANK: &str = include_str!("../../data/banks/sandbox.toml");
/// The profile of a second sandbox bank.
pub const NORTH_BANK: &str = include_str!("../../data/banks/north.toml");
/// The price list that comes with this version.
pub const PRICES: &str = include_str!("../../data/prices.toml");
/// Where the configuration is looked for when no flag names it.
const DEFAULT_FILE: &str = "tieout.toml";
/// The longest configuration, profile or price list: ten thousand prices, and room.
const SETTINGS_BYTES: u64 = 4 << 20;

/// The part of `tieout.toml` that is read here; the addresses are read by the connectors.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    bank: Option<PathBuf>,
    banks: Option<Vec<PathBuf>>,
    prices: Option<PathBuf>,
    bank_prices: BTreeMap<String, PathBuf>,
    routes: Routes,
    issuers: Vec<Issuer>,
    #[serde(rename = "addresses")]
    _addresses: Option<toml::Table>,
}

/// What was configured: of the home bank, and beside it of the others.
#[derive(Clone, Debug)]
pub struct Config {
    /// Whose this is, as payments and places say it: empty for the home bank, otherwise the name
    /// of the profile.
    pub place: String,
    /// Where each port is.
    pub addresses: Addresses,
    /// The bank profile.
    pub bank: BankProfile,
    /// The prices.
    pub prices: PriceList,
    /// By which banks an originator may go; see [`settlement::route`].
    pub routes: Routes,
    /// Every bank beside the home bank, in their order.
    pub others: Vec<Config>,
    /// Whose tokens the online path takes; the home bank's alone.
    pub issuers: Vec<Issuer>,
}

impl Config {
    /// Reads the configuration; `file` is what `--config` named.
    ///
    /// # Errors
    /// Where a file that was named is missing or wrong; the message says which line.
    pub fn read(file: Option<&Path>) -> Result<Config> {
        let default = Path::new(DEFAULT_FILE);
        // A link that leads nowhere was put there by somebody: it is named and not passed over.
        let named = file.or(default.symlink_metadata().is_ok().then_some(default));
        let (text, folder) = match named {
            Some(path) => (read(path)?, parent(path)),
            None => (String::new(), PathBuf::new()),
        };
        let place = foreign::path(named.unwrap_or(default));
        let file: File = toml::from_str(&text).map_err(|e| {
            Failure::usage(format!("{place}: {}", fault(e)))
                .remedy("correct the line; docs/operations.md has every setting")
        })?;
        let addresses = Addresses::from_toml(&place, &text)?.overridden_by(std::env::vars_os())?;
        let profiles = profiles(&file, &folder, &place)?;
        apart(&place, &profiles, &addresses)?;
        let prices = match &file.prices {
            Some(path) => price_list(&read(&folder.join(path))?, path)?,
            None => price_list(PRICES, Path::new("price list"))?,
        };
        let mut all = Vec::new();
        for profile in profiles {
            let own = match file.bank_prices.get(&profile.bank.name) {
                Some(path) => price_list(&read(&folder.join(path))?, path)?,
                None => prices.clone(),
            };
            all.push((profile, own));
        }
        let known = |name: &String| all.iter().any(|(one, _)| one.bank.name == *name);
        if let Some(name) = file.bank_prices.keys().find(|name| !known(name)) {
            return Err(no_bank(&place, "bank_prices", name));
        }
        let listed = file.routes.values().flatten();
        if let Some(name) = listed.into_iter().find(|name| !known(name)) {
            return Err(no_bank(&place, "routes", name));
        }
        checked(&file.issuers)?;
        let issuers = file.issuers.into_iter();
        Ok(Config {
            issuers: issuers.map(|one| one.from_folder(&folder)).collect(),
            ..Config::of(addresses, all, file.routes)?
        })
    }

    /// The configuration of banks that are apart, the first of which is the home bank.
    fn of(addresses: Addresses, all: Vec<(Profile, PriceList)>, routes: Routes) -> Result<Config> {
        if let Some((one, prices)) = all
            .iter()
            .find(|(one, prices)| one.bank.currency != prices.currency())
        {
            return Err(other_currency(one, prices));
        }
        let mut all = all.into_iter().map(|(one, prices)| (one.bank, prices));
        let first = all.next();
        let (bank, prices) = first.ok_or_else(|| Failure::impossible("a home bank is read"))?;
        let others = all.map(|(bank, prices)| {
            let addresses = addresses.of_bank(&bank.name).ok_or_else(|| {
                Failure::impossible(format!("the bank {} has no drop box", bank.name))
            })?;
            Ok(Config {
                place: bank.name.clone(),
                addresses,
                bank,
                prices,
                routes: Routes::new(),
                others: Vec::new(),
                issuers: Vec::new(),
            })
        });
        Ok(Config {
            others: others.collect::<Result<_>>()?,
            place: String::new(),
            addresses,
            bank,
            prices,
            routes,
            issuers: Vec::new(),
        })
    }

    /// The same with other banks beside the home bank, each with its prices; its drop box is at
    /// `link(NAME)`.
    ///
    /// # Errors
    /// Where one could be taken for another.
    pub fn with(
        self,
        others: &[(&str, PriceList)],
        link: impl Fn(&str) -> String,
    ) -> Result<Config> {
        let (mut profiles, mut addresses) = (Vec::new(), self.addresses);
        for (text, _) in others {
            let bank = profile(text, Path::new("bank profile"))?;
            addresses.links.insert(bank.name.clone(), link(&bank.name));
            profiles.push(Profile {
                file: PathBuf::from(format!("profile of {}", bank.name)),
                text: (*text).to_owned(),
                bank,
            });
        }
        let lists = others.iter().map(|(_, prices)| prices.clone());
        let lists = [self.prices].into_iter().chain(lists);
        let home = Profile {
            file: PathBuf::from("profile of the home bank"),
            text: String::new(),
            bank: self.bank,
        };
        profiles.insert(0, home);
        apart("banks", &profiles, &addresses)?;
        let all = profiles.into_iter().zip(lists).collect();
        Ok(Config {
            issuers: self.issuers,
            ..Config::of(addresses, all, self.routes)?
        })
    }

    /// The same with everything that has no address of its own below another folder, which `--dir`
    /// has named.
    ///
    /// # Errors
    /// Exit status 2 where that is an address, or no address can say it.
    pub fn moved(mut self, dir: &Path) -> Result<Config> {
        self.addresses.data = format!("file:{}", folder(dir)?);
        for other in &mut self.others {
            if let Some(addresses) = self.addresses.of_bank(&other.place) {
                other.addresses = addresses;
            }
        }
        Ok(self)
    }

    /// The places of the banks beside the home bank.
    pub fn beside(&self) -> Vec<String> {
        let others = self.others.iter();
        others.map(|one| one.place.clone()).collect()
    }

    /// Reads a bank profile.
    ///
    /// # Errors
    /// Where it cannot be read or is wrong.
    pub fn bank(path: &Path) -> Result<BankProfile> {
        profile(&read(path)?, path)
    }
}

fn no_bank(place: &str, table: &str, name: &str) -> Failure {
    let name = foreign::cell(name);
    Failure::usage(format!(
        "{place}: {table} names {name}, and no profile has that name"
    ))
    .remedy("write a name as it stands in the bank's profile")
}

fn other_currency(one: &Profile, prices: &PriceList) -> Failure {
    let (bank, list) = (one.bank.currency, prices.currency());
    Failure::usage(format!(
        "{}: the bank is in {bank}, and its price list in {list}",
        one.at("currency")
    ))
    .remedy("name a price list in its currency under [bank_prices]: costs of two do not add up")
}

/// The profiles that a file names: one under `bank`, or several under `banks`.
fn profiles(file: &File, folder: &Path, place: &str) -> Result<Vec<Profile>> {
    let paths = match (&file.bank, &file.banks) {
        (Some(_), Some(_)) => {
            return Err(
                Failure::usage(format!("{place}: bank and banks are both there"))
                    .remedy("name every profile in banks, the home bank's first"),
            );
        }
        (None, Some(none)) if none.is_empty() => {
            return Err(Failure::usage(format!("{place}: banks names no profile"))
                .remedy("name every profile in banks, the home bank's first"));
        }
        (Some(one), None) => std::slice::from_ref(one),
        (None, Some(all)) => all.as_slice(),
        (None, None) => {
            let file = PathBuf::from("sandbox bank profile");
            return Ok(vec![Profile {
                bank: profile(SANDBOX_BANK, &file)?,
                text: SANDBOX_BANK.to_owned(),
                file,
            }]);
        }
    };
    let read = paths.iter().map(|path| {
        let path = folder.join(path);
        let text = read(&path)?;
        Ok(Profile {
            bank: profile(&text, &path)?,
            text,
            file: path,
        })
    });
    read.collect()
}

fn read(path: &Path) -> Result<String> {
    given::text(path, SETTINGS_BYTES).map_err(|e| {
        Failure::usage(format!("{}: {e}", foreign::path(path)))
            .remedy("check the path: name a file that can be read")
    })
}

fn parent(path: &Path) -> PathBuf {
    path.parent().map(Path::to_path_buf).unwrap_or_default()
}

fn profile(text: &str, path: &Path) -> Result<BankProfile> {
    BankProfile::parse(text).map_err(|e| {
        Failure::usage(format!("{}: {e}", foreign::path(path))).remedy("correct the bank profile")
    })
}

fn price_list(text: &str, path: &Path) -> Result<PriceList> {
    PriceList::parse(text).map_err(|e| {
        Failure::usage(format!("{}: {e}", foreign::path(path))).remedy("correct the price list")
    })
}

/// A folder that `--dir` has named, as an address can say it.
///
/// # Errors
/// Exit status 2 where it is an address, or none can say it.
pub fn folder(dir: &Path) -> Result<&str> {
    let named = || format!("--dir {}", foreign::path(dir));
    let text = dir.to_str().ok_or_else(|| {
        Failure::usage(format!(
            "{}: no text in UTF-8, which an address is",
            named()
        ))
        .remedy("choose another name")
    })?;
    let scheme = text.split_once(':').map(|(scheme, _)| scheme);
    let is_scheme = |s: &str| s.len() > 1 && s.bytes().all(|b| b.is_ascii_alphanumeric());
    if text.is_empty() || scheme.is_some_and(is_scheme) {
        return Err(Failure::usage(format!("{}: is no folder", named())).remedy(
            "name a folder; addresses stand in [addresses] of the configuration, or in TIEOUT_DATA",
        ));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn what_is_wrong_is_said_of_the_file_that_it_stands_in() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        for (text, what) in [
            ("[addresses]\nbanc = 'x'\n", "banc"),
            ("addresses = 5\n", "line 1"),
            ("[addresses]\ndata = 5\n", "line 2"),
            ("bank = 5\n", "line 1"),
        ] {
            fs::write(at("other.toml"), text).unwrap();
            let refused = Config::read(Some(&at("other.toml"))).unwrap_err();
            let message = &refused.message;
            assert!(message.contains("other.toml: "), "{message}");
            assert!(message.contains(what), "{message}");
            assert!(!message.contains("tieout.toml"), "{message}");
        }
    }

    /// A folder with a configuration of two banks; `change` is made to the second profile.
    fn two(dir: &Path, change: impl Fn(String) -> String, links: &str) -> Result<Config> {
        let north = SANDBOX_BANK
            .replace("name = \"sandbox\"", "name = \"north\"")
            .replace("odfi = \"07640125\"", "odfi = \"09100001\"")
            .replace("number = \"0012345678\"", "number = \"0087654321\"");
        fs::write(dir.join("first.toml"), SANDBOX_BANK).unwrap();
        fs::write(dir.join("second.toml"), change(north)).unwrap();
        let data = dir.join("data");
        let text = format!(
            "banks = ['first.toml', 'second.toml']\n[addresses]\ndata = 'file:{}'\n{links}",
            data.display()
        );
        fs::write(dir.join("tieout.toml"), text).unwrap();
        Config::read(Some(&dir.join("tieout.toml")))
    }

    const LINKS: &str = "[addresses.links]\nnorth = 'file:/north'\n";

    #[test]
    fn a_second_bank_has_a_place_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let config = two(dir.path(), |same| same, LINKS).unwrap();
        assert_eq!((config.place.as_str(), &*config.bank.name), ("", "sandbox"));
        let [north] = &config.others[..] else {
            panic!("one other")
        };
        assert_eq!(
            (north.place.as_str(), &*north.bank.name),
            ("north", "north")
        );
        let objects = north.addresses.objects.clone().unwrap();
        assert!(objects.ends_with("data/objects/banks/north"), "{objects}");
        for wrong in ["", "s3://books/here", "file:/d", "dynamodb:payments"] {
            let refused = config.clone().moved(Path::new(wrong)).unwrap_err();
            assert!(refused.message.contains("--dir"), "{refused}");
        }
        let moved = config.moved(Path::new("/d")).unwrap();
        let objects = moved.others[0].addresses.objects.clone();
        assert_eq!(objects.as_deref(), Some("file:/d/objects/banks/north"));
    }

    #[test]
    fn a_bank_in_another_currency_needs_prices_in_it() {
        let dir = tempfile::tempdir().unwrap();
        let cad = |text: String| format!("currency = \"CAD\"\n{text}");
        let refused = two(dir.path(), cad, LINKS).unwrap_err().to_string();
        let named = refused.contains("second.toml, line 1: the bank is in CAD");
        assert!(named && refused.contains("[bank_prices]"), "{refused}");
        let list = format!("currency = \"CAD\"\n{PRICES}");
        fs::write(dir.path().join("cad.toml"), list).unwrap();
        let with = |table: &str| two(dir.path(), cad, &format!("{LINKS}{table}"));
        let config = with("[bank_prices]\nnorth = 'cad.toml'\n").unwrap();
        assert_eq!(config.others[0].prices.currency().as_str(), "CAD");
        assert_eq!(config.prices.currency().as_str(), "USD");
        for table in [
            "[bank_prices]\nsouth = 'cad.toml'\n",
            "[routes]\nx = ['south']\n",
        ] {
            let refused = with(table).unwrap_err().to_string();
            assert!(refused.contains("south, and no profile"), "{refused}");
        }
    }

    #[test]
    fn banks_that_could_be_taken_for_each_other_are_refused_by_file_and_line() {
        let dir = tempfile::tempdir().unwrap();
        let refused = |from: &str, to: &str, links: &str| {
            let change = |text: String| {
                assert!(text.contains(from), "{from}");
                text.replacen(from, to, 1)
            };
            two(dir.path(), change, links).unwrap_err().to_string()
        };
        for (from, to, what) in [
            ("\"north\"", "\"sandbox\"", "line 4: the same name as in"),
            ("09100001", "07640125", "line 5: the same ODFI as in"),
            ("0087654321", "12345678", "line 19: the same account as in"),
            (
                "0087654321",
                "0012-345 678",
                "line 19: the same account as in",
            ),
            (
                "\"north\"",
                "\"North Bank\"",
                "cannot be the place of a bank",
            ),
        ] {
            let message = refused(from, to, LINKS);
            let named = message.contains("second.toml") && message.contains(what);
            assert!(named, "{message}");
        }
        let boxes = |links: &str| refused("north", "north", links);
        let home = format!("north = 'file:{}/data/x/../bank'", dir.path().display());
        for (links, what) in [
            ("", "the bank north has no drop box"),
            (
                "[addresses.links]\nsouth = 'file:/s'",
                "the bank north has no drop box",
            ),
            (
                "[addresses.links]\nnorth = 'file:/n'\nsouth = 'file:/s'",
                "south under",
            ),
            (&format!("[addresses.links]\n{home}"), "have one drop box"),
        ] {
            let message = boxes(links);
            let named = message.contains("tieout.toml") && message.contains(what);
            assert!(named, "{message}");
        }
    }

    #[test]
    fn what_is_no_file_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        symlink("/dev/zero", at("zero")).unwrap();
        let (zero, folder) = (at("zero"), dir.path().to_path_buf());
        for (path, what) in [(&zero, "a device"), (&folder, "a folder")] {
            fs::write(at("bank.toml"), format!("bank = {path:?}\n")).unwrap();
            fs::write(at("prices.toml"), format!("prices = {path:?}\n")).unwrap();
            for file in [path, &at("bank.toml"), &at("prices.toml")] {
                let refused = Config::read(Some(file)).unwrap_err();
                assert!(refused.message.contains(what), "{refused}");
            }
        }
        fs::File::create(at("large"))
            .unwrap()
            .set_len(SETTINGS_BYTES + 1)
            .unwrap();
        let refused = Config::read(Some(&at("large"))).unwrap_err();
        assert!(refused.message.contains("more than"), "{refused}");
    }
}
