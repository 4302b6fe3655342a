//! Records of versions that carried no checksum: the upgrade takes the hash of each, once, after
//! it has read it, and from then on whoever reads the record holds it against that.

use crate::failure::{Failure, RESTORE, Result};
use crate::names;
use crate::records::checksum;
use crate::records::record::{Record, from_bytes, to_bytes};
use connectors::{Error, Name, ObjectStore};
use serde::{Deserialize, Serialize};
use settlement::archive::Hash256;

/// The hash of one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    /// SHA-256 of all its bytes.
    pub sha256: Hash256,
}

impl Record for Witness {
    const VERSION: u32 = 1;
    const CHECKED_FROM: u32 = 1;
}

/// Takes the hash of a record that has no checksum; one that has is left.
///
/// # Errors
/// Where another hash was taken of it before.
pub async fn take(objects: &dyn ObjectStore, name: &Name, body: &[u8]) -> Result<()> {
    if checksum::check(body) != checksum::Checksum::Absent {
        return Ok(());
    }
    let sha256 = settlement::archive::sha256(body);
    let body = of(name, sha256)?;
    objects.put_new(&names::witness(name), body.into()).await?;
    Ok(())
}

/// Whether a record carries no checksum, and no hash was taken of it.
///
/// # Errors
/// Where the store does not answer.
pub async fn is_missing(objects: &dyn ObjectStore, name: &Name) -> Result<bool> {
    if objects.size(&names::witness(name)).await?.is_some() {
        return Ok(false);
    }
    let body = objects.get(name).await?.body;
    Ok(checksum::check(&body) == checksum::Checksum::Absent)
}

/// The witness that [`take`] would leave of a record.
///
/// # Errors
/// Where it cannot be written.
pub fn of(name: &Name, sha256: Hash256) -> Result<Vec<u8>> {
    to_bytes(&names::witness(name), &Witness { sha256 })
}

/// Holds a record without a checksum against the hash that was taken of it.
///
/// # Errors
/// Where none was taken, or it has another.
pub async fn hold(objects: &dyn ObjectStore, name: &Name, found: Hash256) -> Result<()> {
    let held = names::witness(name);
    let witness = match objects.get(&held).await {
        Ok(object) => Some(from_bytes::<Witness>(&held, &object.body)?.0),
        Err(Error::NotFound { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    match witness {
        Some(Witness { sha256 }) if sha256 == found => Ok(()),
        Some(Witness { sha256 }) => Err(Failure::findings(format!(
            "{name}: its SHA-256 is {found}, and was {sha256} when the installation was brought \
             forward: it was changed since"
        ))
        .remedy(format!(
            "{RESTORE}; where this is the right one, and was wrong or missing before the upgrade, \
             move {held} away and run tieout upgrade"
        ))),
        None => Err(Failure::findings(format!(
            "{name}: carries no checksum, as older versions wrote it, and no upgrade has taken its \
             hash"
        ))
        .remedy("run tieout upgrade")),
    }
}
