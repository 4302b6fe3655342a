//! Records of versions that carried no checksum: the upgrade takes the hash of each, once, after
//! it has read it, and from then on whoever reads the record holds it against that.

use super::{RESTORE, Record, checksum};
use crate::failure::{Failure, Result};
use crate::names;
use connectors::{Name, ObjectStore};
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
    super::put(objects, &names::witness(name), &Witness { sha256 }).await?;
    Ok(())
}

/// Holds a record without a checksum against the hash that was taken of it.
///
/// # Errors
/// Where none was taken, or it has another.
pub async fn hold(objects: &dyn ObjectStore, name: &Name, found: Hash256) -> Result<()> {
    let witness = Box::pin(super::get::<Witness>(objects, &names::witness(name))).await?;
    match witness {
        Some(Witness { sha256 }) if sha256 == found => Ok(()),
        Some(Witness { sha256 }) => Err(Failure::findings(format!(
            "{name}: its SHA-256 is {found}, and was {sha256} when the installation was brought \
             forward: it was changed since"
        ))
        .remedy(RESTORE)),
        None => Err(Failure::findings(format!(
            "{name}: carries no checksum, as older versions wrote it, and no upgrade has taken its \
             hash"
        ))
        .remedy("run tieout upgrade")),
    }
}
