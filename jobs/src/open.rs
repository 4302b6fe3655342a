//! The adapters that the `tieout` binary links, opened by an installation's addresses.

use connectors::Ports;
use desk::Desk;
use desk::config::Config;
use desk::failure::Result;

/// Opens every port of the installation.
///
/// # Errors
/// Where an address cannot be opened.
pub fn desk(config: Config) -> Result<Desk> {
    let ports = connectors_embedded::open(&config.addresses)?;
    Ok(over(ports, config))
}

/// As [`desk()`], with a vault whose every byte comes from `seed`: for demonstrations.
///
/// # Errors
/// As [`desk()`].
pub fn seeded(config: Config, seed: u64) -> Result<Desk> {
    let ports = connectors_embedded::open_seeded(&config.addresses, seed)?;
    Ok(over(ports, config))
}

fn over(ports: Ports, config: Config) -> Desk {
    Desk {
        ports,
        bank: config.bank,
        prices: config.prices,
    }
}
