//! What the bank will not carry.

use crate::records::Read;
use crate::records::ingested::Ingested;
use settlement::ids::BatchKey;
use std::collections::BTreeSet;

/// Files and single batches of ours that one of the files of a date rejects.
pub fn rejected(files: &[Read<Ingested>]) -> (BTreeSet<String>, BTreeSet<BatchKey>) {
    let names = files.iter().flat_map(|file| &file.rejected).cloned();
    let batches = files
        .iter()
        .flat_map(|file| &file.rejected_batches)
        .copied();
    (names.collect(), batches.collect())
}
