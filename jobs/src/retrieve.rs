//! Retrieve: bring an archived day back, and prove and unpack it in one pass.
//!
//! The folder is marked as unfinished from its first moment to its last, so that one that a run
//! left when it died is known by the next, which starts over. The package is read once: what is
//! proved of it is what is unpacked of it. Where it is not as it was sealed, nothing stays.

mod place;
mod unpack;

use crate::outside::{self, standing};
use crate::retrieved::{CHAIN, DAY, MANIFEST, Sealed};
use crate::verify::{self, Proof};
use crate::{open, regular};
use connectors::Addresses;
use desk::failure::{Failure, Result, Status};
use desk::{Desk, names};
use jiff::civil::Date;
use place::{Found, Place};
use settlement::foreign;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use unpack::{Unpacking, write_new};

/// What is left where a day could be brought back in part.
const KEPT: &str = "the folder is kept, marked as unfinished: run the same again with the same \
                    --to, and it starts over";

/// What is left where the archive's package is not as it was sealed.
const DISCARDED: &str = "nothing of it was kept; restore the package in the archive from a copy, \
                         then run the same again";

/// Brings `date` into the new or empty folder `to`, or into one that a run that died has left
/// there, and answers with the proof of all that lies there. One that holds the whole day already
/// is proved and stays as it is.
///
/// # Errors
/// Where the day is not archived, the archive is still fetching it (then ask again later), the
/// folder holds anything else, or the first byte range that is not as it was sealed.
pub async fn run(desk: &Desk, date: Date, to: &Path) -> Result<Proof> {
    let sealed = Sealed::of(desk, date).await?;
    let place = match Place::take(to, &sealed.manifest)? {
        Found::Ours(place) => place,
        Found::Whole => return whole(to, &sealed),
    };
    match fill(desk, &sealed, to).await {
        Ok(proof) => place.finish().map(|()| proof),
        Err(failure) if failure.status == Status::Findings => {
            let left = match place.discard(&sealed.manifest) {
                Ok(()) => DISCARDED,
                Err(_) => KEPT,
            };
            Err(failure.remedy(left))
        }
        Err(failure) => {
            let remedy = match failure.remedy.as_str() {
                "" => KEPT.to_owned(),
                remedy => format!("{remedy}; {KEPT}"),
            };
            Err(failure.remedy(remedy))
        }
    }
}

/// Refuses a folder inside of one of the installation's places: what is brought back would be
/// foreign there.
///
/// # Errors
/// Exit status 2, naming the place that it is in.
pub fn outside(to: &Path, addresses: &Addresses) -> Result<()> {
    let to = standing(to);
    for (name, place) in open::folders(addresses)? {
        if to.starts_with(standing(Path::new(&place))) {
            let to = foreign::path(&to);
            return Err(
                Failure::usage(format!("--to {to}: is inside of the {name}"))
                    .remedy("name a folder outside of the installation"),
            );
        }
    }
    outside::of_installations(&to)
}

/// Proves a folder that an earlier run has filled.
fn whole(to: &Path, sealed: &Sealed) -> Result<Proof> {
    let hash = sealed.link.manifest_sha256;
    let proof = verify::folder(to, Some(hash)).map_err(|failure| {
        failure.remedy("nothing was changed; name a new folder to retrieve the day again")
    })?;
    let (held_against, chain) = verify::by_chain(&sealed.link);
    Ok(Proof {
        held_against,
        chain,
        ..proof
    })
}

/// Fetches the package into an empty folder, writes what belongs beside it, and unpacks it while
/// it is proved.
async fn fill(desk: &Desk, sealed: &Sealed, to: &Path) -> Result<Proof> {
    let manifest = &sealed.manifest;
    write_new(&to.join(MANIFEST), &sealed.text)?;
    let link = serde_json::to_vec_pretty(&sealed.link);
    let link = link.map_err(|e| Failure::findings(e.to_string()))?;
    write_new(&to.join(CHAIN), &link)?;
    let path = to.join(names::package(manifest.date));
    desk.ports.archive.fetch(&sealed.id, &path).await?;
    let unwritten =
        |error| Failure::of_file(&path, "give yourself the right to write there")(error);
    fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(unwritten)?;
    let gone = || Failure::could_not(format!("{}: gone", path.display()));
    let package = regular::open(&path)?.ok_or_else(gone)?;
    let mut unpacking = Unpacking::begin(to.join(DAY), &manifest.members)?;
    let verified = verify::package_of(manifest, package, &path, |piece| unpacking.take(piece))?;
    let unpacked = unpacking.finish()?;
    Ok(Proof::of(
        manifest,
        &verified,
        unpacked,
        verify::by_chain(&sealed.link),
    ))
}
