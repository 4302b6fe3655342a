//! What every job works with: the open ports, the bank's profile and the price list.

use crate::config::Config;
use connectors::Ports;
use jiff::civil::Date;
use settlement::bank::BankProfile;
use settlement::savings::PriceList;
use settlement::windows::{self, Window};

/// The settlement desk of one bank.
#[derive(Clone)]
pub struct Desk {
    /// Whose desk it is, as payments and places say it: empty for the home bank, otherwise the name
    /// of the profile.
    pub place: String,
    /// The places of the other banks, where it is the home bank's desk.
    pub beside: Vec<String>,
    /// Stores, links and keys.
    pub ports: Ports,
    /// What we agreed with the bank.
    pub bank: BankProfile,
    /// What everything costs.
    pub prices: PriceList,
}

/// Payments, rows and events handled at a time: enough to fill a group commit, little enough
/// that a day's volume never stands in memory at once.
pub const CHUNK: usize = 2_500;

impl Desk {
    /// The desk of a configuration over its ports.
    pub fn over(ports: Ports, config: Config) -> Desk {
        Desk {
            beside: config.beside(),
            place: config.place,
            ports,
            bank: config.bank,
            prices: config.prices,
        }
    }

    /// The moment after which a payment misses `window` of `date` at this bank.
    pub fn cutoff(&self, date: Date, window: Window) -> jiff::Timestamp {
        windows::cutoff_at(date, self.bank.cutoffs.of(window))
    }

    /// The moment the books of `date` count as of: its standard cutoff.
    pub fn moment(&self, date: Date) -> jiff::Timestamp {
        self.cutoff(date, Window::Standard)
    }
}
