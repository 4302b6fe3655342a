//! A kind of record, as bytes and back: its version, its checksum, and its older forms.

use crate::failure::{Failure, RESTORE, Result};
use crate::records::checksum::{self, Checksum};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use settlement::archive::{Head, Manifest};

/// A kind of record.
pub trait Record: Serialize + DeserializeOwned + PartialEq + Send + Sync {
    /// The version that is written.
    const VERSION: u32;

    /// The first version that carries a checksum of itself.
    const CHECKED_FROM: u32;

    /// Whether the version is written beside the record's own fields. The others carry it
    /// themselves.
    const STAMPED: bool = true;

    /// Brings a document of version `from` to the form of `from + 1`; what it does not know it
    /// leaves, and the reader then says what is missing.
    fn forward(from: u32, document: &mut Value) {
        let _ = (from, document);
    }
}

/// A record as it is written.
#[derive(Serialize)]
struct Stamped<'a, T> {
    version: u32,
    #[serde(flatten)]
    record: &'a T,
}

/// What a document says of its version.
#[derive(Deserialize)]
struct Stamp {
    version: Option<u32>,
    schema_version: Option<u32>,
}

impl Record for Head {
    const VERSION: u32 = settlement::archive::HEAD_VERSION;
    const CHECKED_FROM: u32 = 2;
    const STAMPED: bool = false;
}

/// A manifest carries no checksum: the chain of sealed days names it by its hash, and whoever
/// reads it holds it against that.
impl Record for Manifest {
    const VERSION: u32 = settlement::archive::SCHEMA_VERSION;
    const CHECKED_FROM: u32 = u32::MAX;
    const STAMPED: bool = false;
}

/// The bytes that a record is written as.
///
/// # Errors
/// Where it cannot be JSON.
pub fn to_bytes<T: Record>(name: &str, record: &T) -> Result<Vec<u8>> {
    let version = T::VERSION;
    let bytes = match T::STAMPED {
        true => serde_json::to_vec_pretty(&Stamped { version, record }),
        false => serde_json::to_vec_pretty(record),
    };
    let bytes = bytes.map_err(|e| unreadable(name, &e))?;
    match version >= T::CHECKED_FROM {
        true => Ok(checksum::insert(&bytes)),
        false => Ok(bytes),
    }
}

/// The record behind a document of any version that was ever written, and whether its own
/// checksum proves it: one of an older version may have none.
///
/// # Errors
/// Where it is no record of this kind, one of a version that is not known, or not as it was
/// written.
pub fn from_bytes<T: Record>(name: &str, body: &[u8]) -> Result<(T, Checksum)> {
    let checksum = checksum::check(body);
    if checksum == Checksum::Wrong {
        return Err(damaged(name, "its checksum is not that of its bytes"));
    }
    let found = version_of(name, body)?;
    if (T::CHECKED_FROM..=T::VERSION).contains(&found) && checksum == Checksum::Absent {
        return Err(damaged(name, "its checksum is gone"));
    }
    Ok((parsed(name, body, found)?, checksum))
}

fn parsed<T: Record>(name: &str, body: &[u8], version: u32) -> Result<T> {
    if version == T::VERSION {
        let record = serde_json::from_slice(body).map_err(|e| unreadable(name, &e))?;
        return canonical(name, body, record);
    }
    if version == 0 || version > T::VERSION {
        return Err(Failure::could_not(format!(
            "{name}: of version {version}, and this program knows up to {}",
            T::VERSION
        ))
        .remedy("use the newer tieout that wrote it"));
    }
    let mut document: Value = serde_json::from_slice(body).map_err(|e| unreadable(name, &e))?;
    if !document.is_object() {
        return Err(damaged(name, "not a record, but a list"));
    }
    (version..T::VERSION).for_each(|from| T::forward(from, &mut document));
    serde_json::from_value(document).map_err(|e| unreadable(name, &e))
}

/// A record stands in the one form that is written: a blank more, a field that nobody reads or
/// another order says the same and is of somebody else's making, its checksum included.
fn canonical<T: Record>(name: &str, body: &[u8], record: T) -> Result<T> {
    match to_bytes(name, &record)? == body {
        true => Ok(record),
        false => Err(damaged(
            name,
            "its bytes are not the ones that it is written as",
        )),
    }
}

/// The version of a document.
///
/// # Errors
/// Where it is not a JSON object.
pub fn version_of(name: &str, body: &[u8]) -> Result<u32> {
    let stamp: Stamp = serde_json::from_slice(body).map_err(|e| unreadable(name, &e))?;
    Ok(stamp.version.or(stamp.schema_version).unwrap_or(1))
}

fn damaged(name: &str, why: &str) -> Failure {
    Failure::damaged(format!("{name}: {why}: it is not as it was written"))
}

fn unreadable(name: &str, error: &serde_json::Error) -> Failure {
    Failure::damaged(format!(
        "{name}: not a record this version writes ({error})"
    ))
    .remedy(format!(
        "{RESTORE}; where nobody of ours wrote it, move it away"
    ))
}
