//! Check: prove a whole installation, and say what of it is missing, changed or foreign.
//!
//! Every record is held against its own checksum, every object against the records that name it,
//! the days against each other (cuts by number, postings by banking days, sealed days by hash),
//! every package against its manifest, and the payments in the store against their events and
//! the entries that carried them. Nothing is written.
//!
//! That proves accident: what a person changes on purpose, checksums and all, agrees with itself,
//! and so does a whole installation put back from last week. Against that stands one hash kept
//! elsewhere: that of any manifest, which `archive` prints (`--known`). What was sealed up to that
//! day is then proved too.

mod archive;
mod catalog;
mod cuts;
mod days;
mod keys;
mod known;
mod mixed;
mod objects;
mod payments;
pub mod store;
mod strangers;
mod verdict;

use desk::Desk;
use desk::failure::Result;
use objects::Objects;
use settlement::archive::Hash256;

pub use verdict::{Check, Finding, Known, Proved, Scope};

/// Proves what `scope` covers; `known` is the hash of a manifest that was kept elsewhere.
///
/// # Errors
/// Where a store does not answer. What is wrong is a finding, and the check goes on.
pub async fn run(desk: &Desk, scope: Scope, known: Option<Hash256>) -> Result<Check> {
    let mut check = Check {
        date: match scope {
            Scope::All => None,
            Scope::Date(date) => Some(date),
        },
        ..Check::default()
    };
    // Each goes on where another has stopped at something that is not as it should be.
    let stopped = strangers::prove(desk, scope, &mut check).await;
    check.stopped(stopped)?;
    let stopped = Objects::prove(desk, scope, &mut check).await;
    check.stopped(stopped)?;
    let stopped = catalog::prove(desk, scope, &mut check).await;
    check.stopped(stopped)?;
    let stopped = days::prove(desk, &mut check).await;
    check.stopped(stopped)?;
    let chain = archive::prove(desk, scope, &mut check).await;
    let chain = check.stopped(chain)?.unwrap_or_default();
    let stopped = payments::prove(desk, scope, &mut check).await;
    check.stopped(stopped)?;
    if scope == Scope::All {
        let proof = store::store(desk).await;
        if let Some(proof) = check.stopped(proof)? {
            strangers::unlisted_payments(desk, &proof.banks, &mut check);
            let stopped = keys::prove(desk, &proof.sealed, &mut check).await;
            check.stopped(stopped)?;
            payments::replayed(proof, &mut check);
        }
    }
    let stopped = cuts::prove(desk, scope, &mut check).await;
    check.stopped(stopped)?;
    if scope == Scope::All {
        mixed::prove(desk, &mut check).await?;
    }
    if let Some(known) = known {
        known::hold(known, &chain, &mut check);
    }
    Ok(check)
}
