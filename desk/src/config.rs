//! `tieout.toml`: where things are, which bank profile and which prices.
//!
//! Without a file everything is below `./tieout-data` and the profile is the sandbox bank's.
//! Variables named `TIEOUT_*` override addresses; a flag overrides both.

use crate::failure::{Failure, Result};
use connectors::Addresses;
use serde::Deserialize;
use settlement::bank::BankProfile;
use settlement::foreign::fault;
use settlement::savings::PriceList;
use std::path::{Path, PathBuf};

/// The profile of the sandbox bank, for trying things out.
pub const SANDBOX_BANK: &str = include_str!("../../data/banks/sandbox.toml");
/// The price list that comes with this version.
pub const PRICES: &str = include_str!("../../data/prices.toml");
/// Where the configuration is looked for when no flag names it.
const DEFAULT_FILE: &str = "tieout.toml";

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
        let named = file.or(default.exists().then_some(default));
        let (text, folder) = match named {
            Some(path) => (read(path)?, parent(path)),
            None => (String::new(), PathBuf::new()),
        };
        let place = named.unwrap_or(default).display();
        let file: File = toml::from_str(&text).map_err(|e| {
            Failure::usage(format!("{place}: {}", fault(e)))
                .remedy("correct the line; docs/operations.md has every setting")
        })?;
        let addresses = Addresses::from_toml(&text)?.overridden_by(std::env::vars());
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
    std::fs::read_to_string(path)
        .map_err(|e| Failure::usage(format!("{}: {e}", path.display())).remedy("check the path"))
}

fn parent(path: &Path) -> PathBuf {
    path.parent().map(Path::to_path_buf).unwrap_or_default()
}

fn profile(text: &str, path: &Path) -> Result<BankProfile> {
    BankProfile::parse(text).map_err(|e| {
        Failure::usage(format!("{}: {e}", path.display())).remedy("correct the bank profile")
    })
}

fn price_list(text: &str, path: &Path) -> Result<PriceList> {
    PriceList::parse(text).map_err(|e| {
        Failure::usage(format!("{}: {e}", path.display())).remedy("correct the price list")
    })
}
