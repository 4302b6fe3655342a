//! The chain of sealed days against a hash that somebody has kept elsewhere.

use crate::check::verdict::{Check, Known};
use desk::failure::Failure;
use settlement::archive::{Hash256, Link};

/// Finds the sealed day whose manifest has this hash.
pub fn hold(known: Hash256, chain: &[Link], check: &mut Check) {
    let link = chain.iter().find(|link| link.manifest_sha256 == known);
    match link {
        Some(link) if check.ok() => {
            check.known = Some(Known {
                date: link.date,
                manifest: known,
            });
        }
        Some(_) => {} // what was found says why nothing more is proved
        None => check.found(
            Failure::findings(format!(
                "no sealed day here has the manifest {known}: this is another installation, it was \
                 changed on purpose, or it was put back from before that day was sealed"
            ))
            .remedy("put back the newest backup, and find out who did this"),
        ),
    }
}
