//! Which files the bank will not carry.

use crate::records::Read;
use crate::records::ingested::Ingested;
use std::collections::BTreeSet;

/// Files of ours that one of the files of a date rejects.
pub fn rejected(files: &[Read<Ingested>]) -> BTreeSet<String> {
    files
        .iter()
        .flat_map(|file| &file.rejected)
        .cloned()
        .collect()
}
