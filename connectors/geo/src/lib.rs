//! Where an address is, from a database in MaxMind's format (MMDB): GeoLite2, DB-IP and others come
//! in it, as files that somebody fetches. Countries alone are enough; with cities come distances.
//!
//! The file is read whole and looked up in memory. It comes from outside: it is bounded before it
//! is read, what is damaged in it is an error of that look-up, and a panic of the library becomes
//! one too.

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

use connectors::{Error, GeoReader, Result, given};
use maxminddb::Reader;
use serde::Deserialize;
use settlement::risk::place::{Country, Place, Point};
use std::io::Read;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Bytes that a database may have: those of all cities have 60 to 130 million.
pub const DATABASE_BYTES: u64 = 300_000_000;

/// A database, whole in memory.
pub struct Mmdb {
    name: String,
    reader: Reader<Vec<u8>>,
}

/// What is looked at of a record; all else is passed over.
#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    country: Option<OfCountry<'a>>,
    #[serde(borrow)]
    registered_country: Option<OfCountry<'a>>,
    location: Option<Location>,
}

#[derive(Deserialize)]
struct OfCountry<'a> {
    iso_code: Option<&'a str>,
}

#[derive(Deserialize)]
struct Location {
    latitude: Option<f64>,
    longitude: Option<f64>,
}

impl Mmdb {
    /// Reads the database that was named.
    ///
    /// # Errors
    /// Where it cannot be read, is longer than [`DATABASE_BYTES`], or is none.
    pub fn open(path: &Path) -> Result<Mmdb> {
        let mut bytes = Vec::new();
        let read =
            given::open(path, DATABASE_BYTES).and_then(|mut file| file.read_to_end(&mut bytes));
        read.map_err(|error| Error::io(path, error))?;
        Mmdb::from_bytes(path.display().to_string(), bytes)
    }

    /// The database in `bytes`, which errors call `name`.
    ///
    /// # Errors
    /// Where it is none.
    pub fn from_bytes(name: String, bytes: Vec<u8>) -> Result<Mmdb> {
        let reader = guarded(&name, || Reader::from_source(bytes))?;
        Ok(Mmdb { name, reader })
    }
}

impl GeoReader for Mmdb {
    fn place(&self, address: IpAddr) -> Result<Place> {
        let record = guarded(&self.name, || {
            let found = self.reader.lookup(address.to_canonical())?;
            found.decode::<Record>()
        });
        let Some(record) = record? else {
            return Ok(Place::default());
        };
        // Where an address is used counts before where it is registered.
        let country = record.country.or(record.registered_country);
        let country = country.and_then(|country| country.iso_code?.parse::<Country>().ok());
        let point = record.location.and_then(|location| {
            let thousandths = |degrees: Option<f64>| thousandths(degrees?);
            Point::new(
                thousandths(location.latitude)?,
                thousandths(location.longitude)?,
            )
        });
        Ok(Place { country, point })
    }
}

/// Degrees in thousandths; `None` of what is no angle.
fn thousandths(degrees: f64) -> Option<i32> {
    let angle = (degrees * 1_000.0).round();
    // Within a circle the conversion is exact.
    (angle.abs() <= 180_000.0).then_some(angle as i32)
}

/// Runs the library; a panic becomes the error that it should have been.
fn guarded<R>(
    name: &str,
    work: impl FnOnce() -> std::result::Result<R, maxminddb::MaxMindDbError>,
) -> Result<R> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(done)) => Ok(done),
        // What the library says may repeat bytes of the file.
        Ok(Err(_)) => Err(Error::corrupt(
            name,
            "no database of addresses, or damaged there",
        )),
        Err(_) => Err(Error::corrupt(name, "its parts contradict each other")),
    }
}
