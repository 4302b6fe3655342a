//! The adapters that the `tieout` binary links, opened by an installation's addresses.

use connectors::{Addresses, ObjectStore, Place};
use connectors_embedded::Lock;
use connectors_embedded::objects::FolderObjects;
use connectors_embedded::{Beside, Keys};
use desk::config::Config;
use desk::failure::Result;
use desk::{Desk, House};

/// Opens every port of an installation; one that is not there is refused, and nothing is made.
///
/// # Errors
/// Where there is none, or an address cannot be opened.
pub fn desk(config: Config) -> Result<Desk> {
    let (ports, _) = connectors_embedded::work_all(&config.addresses, &[])?;
    Ok(Desk::over(ports, config))
}

/// Opens every port of every bank of an installation.
///
/// # Errors
/// As [`desk()`].
pub fn house(config: Config) -> Result<House> {
    let (home, others) = connectors_embedded::work_all(&config.addresses, &beside(&config))?;
    Ok(House::over(home, others, config))
}

/// As [`house()`], to look only.
///
/// # Errors
/// As [`desk()`].
pub fn look_at_all(config: Config) -> Result<House> {
    let (home, others) = connectors_embedded::look_all(&config.addresses, &beside(&config))?;
    Ok(House::over(home, others, config))
}

/// As [`look_at_all`], and no command works on it meanwhile.
///
/// # Errors
/// As [`desk()`]; where another command works on it.
pub fn look_alone(config: Config) -> Result<House> {
    let (home, others) = connectors_embedded::look_alone(&config.addresses, &beside(&config))?;
    Ok(House::over(home, others, config))
}

/// As [`house()`], to ask the tables only: the store is not opened.
///
/// # Errors
/// As [`desk()`].
pub fn look_at_tables(config: Config) -> Result<House> {
    let others = beside(&config);
    let (home, others) = connectors_embedded::look_at_tables(&config.addresses, &others)?;
    Ok(House::over(home, others, config))
}

/// As [`house()`], and makes what is missing; with a `seed` every byte of the keys comes from it.
///
/// # Errors
/// As [`desk()`].
pub fn make_all(config: Config, seed: Option<u64>) -> Result<House> {
    let keys = seed.map_or(Keys::Drawn, Keys::Seeded);
    let others = beside(&config);
    let (home, others) = connectors_embedded::make_all(&config.addresses, &others, keys)?;
    Ok(House::over(home, others, config))
}

fn beside(config: &Config) -> Vec<Beside> {
    let others = config.others.iter();
    others
        .map(|one| (one.place.clone(), one.addresses.clone()))
        .collect()
}

/// Opens every port to look only: nothing of the installation is written.
///
/// # Errors
/// As [`desk()`].
pub fn look(config: Config) -> Result<Desk> {
    let ports = connectors_embedded::look(&config.addresses)?;
    Ok(Desk::over(ports, config))
}

/// Opens every port, and makes what is missing; with a `seed` every byte of the keys comes from
/// it, for demonstrations.
///
/// # Errors
/// As [`desk()`].
pub fn make(config: Config, seed: Option<u64>) -> Result<Desk> {
    let keys = seed.map_or(Keys::Drawn, Keys::Seeded);
    let ports = connectors_embedded::make(&config.addresses, keys)?;
    Ok(Desk::over(ports, config))
}

/// What there is before anything is opened or made: the objects, and the places that say by
/// themselves whose they are.
///
/// # Errors
/// Where an address is not one that this program opens.
pub fn before(at: &Addresses) -> Result<(impl ObjectStore + use<>, Vec<Place>)> {
    let objects = at.folder("objects", at.objects.as_ref(), "objects")?;
    Ok((
        FolderObjects::over(&objects),
        connectors_embedded::places(at)?,
    ))
}

/// Refuses a place at which there is no installation, or of which a part is missing; nothing of it
/// is opened.
///
/// # Errors
/// As [`desk()`].
pub fn is_there(at: &Addresses) -> Result<()> {
    Ok(connectors_embedded::is_there(at)?)
}

/// Refuses a place for a new installation that is somebody's already.
///
/// # Errors
/// Where it is a link, or holds what no installation has.
pub fn is_free(at: &Addresses) -> Result<()> {
    Ok(connectors_embedded::is_free(at)?)
}

/// Refuses a place at which no installation can be.
///
/// # Errors
/// Where it is no folder, and leads to none.
pub fn is_place(at: &Addresses) -> Result<()> {
    Ok(connectors_embedded::is_place(at)?)
}

/// Where everything is, by name.
///
/// # Errors
/// As [`before`].
pub fn folders(at: &Addresses) -> Result<Vec<(&'static str, String)>> {
    Ok(connectors_embedded::folders(at)?)
}

/// The lock of the installation, where there is one; nobody opens it as long as this is held.
///
/// # Errors
/// Where somebody has it open.
pub fn lock(at: &Addresses) -> Result<Option<Lock>> {
    Ok(connectors_embedded::in_use(at)?)
}

/// 32 hexadecimal digits: random, or derived from `seed`.
///
/// # Errors
/// Where the system's random source does not answer.
pub fn draw_id(seed: Option<u64>) -> Result<String> {
    Ok(connectors_embedded::draw_id(seed)?)
}
