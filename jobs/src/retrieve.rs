//! Retrieve: bring an archived day back, prove it, unpack it, and prove what was unpacked.

use crate::retrieved::{DAY, bring};
use crate::verify::{self, Proof};
use desk::failure::{Failure, Result};
use desk::{Desk, names};
use jiff::civil::Date;
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Component, Path};

/// What is left where a package cannot be unpacked to its end.
const PACKAGE_KEPT: &str = "the package is proved and stands in the folder; make room or remove \
                            the unpacked part, then unpack it with any tar";

/// Brings `date` into the new or empty folder `to` and answers with the proof of all that lies
/// there: nothing is unpacked of a package that is not as it was sealed, and nothing unpacked is
/// believed that is not as the package has it.
///
/// # Errors
/// Where the day is not archived, the archive is still fetching it (then ask again later), or the
/// first byte range or file that is not as it was sealed.
pub async fn run(desk: &Desk, date: Date, to: &Path) -> Result<Proof> {
    bring(desk, date, to).await?;
    verify::folder(to, None)?;
    unpack(to, date)?;
    verify::folder(to, None)
}

/// Unpacks the package in a retrieved folder that was verified.
fn unpack(dir: &Path, date: Date) -> Result<()> {
    let package = dir.join(names::package(date));
    let damaged = |error: io::Error| Failure::of_file(&package, PACKAGE_KEPT)(error);
    let file = File::open(&package).map_err(damaged)?;
    let mut archive = tar::Archive::new(BufReader::new(file));
    for member in archive.entries().map_err(damaged)? {
        let mut member = member.map_err(damaged)?;
        let name = member.path().map_err(damaged)?.into_owned();
        let inside = |part: Component<'_>| matches!(part, Component::Normal(_));
        if !name.components().all(inside) {
            return Err(
                Failure::findings(format!("{}: leaves the folder", name.display()))
                    .remedy("unpack nothing of it, and find out who made this package"),
            );
        }
        let target = dir.join(DAY).join(&name);
        let failed = |error| Failure::of_file(&target, PACKAGE_KEPT)(error);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        let mut unpacked = File::create_new(&target).map_err(failed)?;
        io::copy(&mut member, &mut unpacked).map_err(failed)?;
    }
    Ok(())
}
