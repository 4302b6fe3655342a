//! The facts of sides, read from the database.

use super::keys::Bank;
use super::keyspaces::Keyspaces;
use super::{keys, records};
use connectors::Result;
use settlement::payment::{Numbered, Side};
use std::ops::RangeInclusive;

/// The keys of a side's facts.
pub fn keys_of(bank: &Bank, side: Side) -> RangeInclusive<Vec<u8>> {
    let from = bank.before(&keys::side(side));
    let to = keys::last(&from, keys::NUMBER_BYTES);
    from..=to
}

/// The facts of a side in `rows`, which must be numbered from 1 without a gap.
pub fn read(
    all: &Keyspaces,
    side: Side,
    rows: impl Iterator<Item = fjall::Guard>,
) -> Result<Vec<Numbered>> {
    let mut facts = Vec::new();
    for (row, number) in rows.zip(1..) {
        let what = || format!("fact {number} of {side}");
        let (key, value) = row.into_inner().map_err(|e| all.failed(what(), &e))?;
        if keys::trailing_fact(&key) != Some((side, number)) {
            return Err(all.contradicts(what(), "it was told, and it is not there"));
        }
        let fact = records::fact(&value).map_err(|e| all.named(what(), e))?;
        facts.push(Numbered { number, fact });
    }
    Ok(facts)
}
