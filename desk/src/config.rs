//! `tieout.toml`: where things are, which bank profile and which prices.
//!
//! Without a file everything is below `./tieout-data` and the profile is the sandbox bank's.
//! Variables named `TIEOUT_*` override addresses; a flag overrides both.

use crate::failure::{Failure, Result};
use connectors::{Addresses, given};
use serde::Deserialize;
use settlement::bank::BankProfile;
use settlement::foreign::{self, fault};
use settlement::savings::PriceList;
use std::path::{Path, PathBuf};

/// The profile of the sandbox bank, for trying things out.
pub const SANDBOX_BANK: &str = include_str!("../../data/banks/sandbox.toml");
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
    prices: Option<PathBuf>,
    #[serde(rename = "addresses")]
    _addresses: Option<toml::Table>,
}

/// What was configured.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where each port is.
    pub addresses: Addresses,
    /// The bank profile.
    pub bank: BankProfile,
    /// The prices.
    pub prices: PriceList,
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
        let addresses = Addresses::from_toml(&place, &text)?.overridden_by(std::env::vars());
        let bank = match &file.bank {
            Some(path) => Config::bank(&folder.join(path))?,
            None => profile(SANDBOX_BANK, Path::new("sandbox bank profile"))?,
        };
        let prices = match &file.prices {
            Some(path) => price_list(&read(&folder.join(path))?, path)?,
            None => price_list(PRICES, Path::new("price list"))?,
        };
        Ok(Config {
            addresses,
            bank,
            prices,
        })
    }

    /// Reads a bank profile.
    ///
    /// # Errors
    /// Where it cannot be read or is wrong.
    pub fn bank(path: &Path) -> Result<BankProfile> {
        profile(&read(path)?, path)
    }
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
