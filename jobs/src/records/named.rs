//! What records name: objects, and the bytes that each must have.

use super::allocated::Allocated;
use super::delivery::Delivery;
use super::forgotten::ForgottenFact;
use super::frozen::FrozenCut;
use super::funding::FundingFact;
use super::ingested::Ingested;
use super::part::Part;
use super::posted::PostedDay;
use super::reconciled::Reconciled;
use super::saved::Saved;
use connectors::Name;
use desk::failure::{Failure, Result};
use desk::records::{RESTORE, Source};
use settlement::archive::Hash256;
use settlement::money::SignedCents;

/// An object that a record names.
#[derive(Clone, Debug)]
pub struct Named {
    /// The object.
    pub name: Name,
    /// The bytes that it must have.
    pub bytes: Expected,
}

/// What is known of an object's bytes.
#[derive(Clone, Debug)]
pub enum Expected {
    /// Their SHA-256.
    Hash(Hash256),
    /// Those of a part of a table.
    Part(Part),
    /// Those of a part of `names`, but for rows that were forgotten since.
    Names(Part),
    /// Nothing: a file of a cut that was frozen before hashes were kept.
    Anything,
}

impl From<Source> for Named {
    fn from(Source { name, sha256 }: Source) -> Named {
        let bytes = Expected::Hash(sha256);
        Named { name, bytes }
    }
}

impl From<Part> for Named {
    fn from(part: Part) -> Named {
        let name = part.name.clone();
        let bytes = Expected::Part(part);
        Named { name, bytes }
    }
}

impl Named {
    /// Holds the object's bytes, by their hash, against what the record says.
    ///
    /// # Errors
    /// Where they are others.
    pub fn hold(&self, found: Hash256) -> Result<()> {
        match &self.bytes {
            Expected::Anything => Ok(()),
            Expected::Part(part) | Expected::Names(part) => part.hold(found),
            Expected::Hash(sha256) if *sha256 == found => Ok(()),
            Expected::Hash(sha256) => {
                let name = &self.name;
                Err(Failure::findings(format!(
                    "{name}: its SHA-256 is {found}, and the record that names it says {sha256}"
                ))
                .remedy(RESTORE))
            }
        }
    }

    /// Rows and cents, of a part.
    pub fn counted(&self) -> (Option<u64>, Option<SignedCents>) {
        match &self.bytes {
            Expected::Part(part) => (Some(part.rows), Some(part.cents)),
            Expected::Names(_) | Expected::Hash(_) | Expected::Anything => (None, None),
        }
    }

    /// Whether it goes into the package of its day: names do not.
    pub const fn is_sealed(&self) -> bool {
        !matches!(self.bytes, Expected::Names(_))
    }
}

/// A record that was written after something else, which it names.
pub trait Names {
    /// The files and parts that were written for it.
    ///
    /// # Errors
    /// Where a hash in it is none.
    fn contents(&self) -> Result<Vec<Named>>;

    /// The records that it started from.
    fn started_from(&self) -> &[Source];
}

impl Names for FrozenCut {
    fn contents(&self) -> Result<Vec<Named>> {
        let files = self.files.iter().map(|file| Named {
            name: file.name.clone(),
            bytes: file
                .content
                .map_or(Expected::Anything, |content| Expected::Hash(content.sha256)),
        });
        let batches = self.files.iter().flat_map(|file| &file.batches);
        let lists = batches.filter_map(|batch| batch.members.clone());
        let who = self.names.iter().map(|part| Named {
            name: part.name.clone(),
            bytes: Expected::Names(part.clone()),
        });
        let written = files.chain(self.entries.clone().map(Named::from));
        Ok(written.chain(who).chain(lists.map(Named::from)).collect())
    }

    fn started_from(&self) -> &[Source] {
        self.previous.as_slice()
    }
}

impl Names for Delivery {
    fn contents(&self) -> Result<Vec<Named>> {
        Ok(vec![with_hash(&self.object, &self.sha256)?])
    }

    fn started_from(&self) -> &[Source] {
        self.cut.as_slice()
    }
}

impl Names for Ingested {
    fn contents(&self) -> Result<Vec<Named>> {
        let mut all = parts(&self.parts);
        all.push(with_hash(&self.object, &self.sha256)?);
        Ok(all)
    }

    fn started_from(&self) -> &[Source] {
        &self.started_from
    }
}

impl Names for FundingFact {
    fn contents(&self) -> Result<Vec<Named>> {
        Ok(Vec::new())
    }

    fn started_from(&self) -> &[Source] {
        self.previous.as_slice()
    }
}

impl Names for ForgottenFact {
    fn contents(&self) -> Result<Vec<Named>> {
        Ok(Vec::new())
    }

    fn started_from(&self) -> &[Source] {
        self.previous.as_slice()
    }
}

impl Names for Allocated {
    fn contents(&self) -> Result<Vec<Named>> {
        Ok(parts(&self.parts))
    }

    fn started_from(&self) -> &[Source] {
        &self.started_from
    }
}

impl Names for PostedDay {
    fn contents(&self) -> Result<Vec<Named>> {
        Ok(parts(self.journal.iter().chain(&self.balances)))
    }

    fn started_from(&self) -> &[Source] {
        &self.started_from
    }
}

impl Names for Reconciled {
    fn contents(&self) -> Result<Vec<Named>> {
        Ok(parts(&self.parts))
    }

    fn started_from(&self) -> &[Source] {
        &self.started_from
    }
}

impl Names for Saved {
    fn contents(&self) -> Result<Vec<Named>> {
        Ok(parts(&self.part))
    }

    fn started_from(&self) -> &[Source] {
        &self.started_from
    }
}

fn parts<'a>(parts: impl IntoIterator<Item = &'a Part>) -> Vec<Named> {
    parts.into_iter().cloned().map(Named::from).collect()
}

fn with_hash(name: &Name, sha256: &str) -> Result<Named> {
    let sha256 = sha256.parse().map_err(|e| {
        Failure::findings(format!("{name}: what its record says of it: {e}")).remedy(RESTORE)
    })?;
    let (name, bytes) = (name.clone(), Expected::Hash(sha256));
    Ok(Named { name, bytes })
}
