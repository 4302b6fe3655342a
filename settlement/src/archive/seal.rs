//! Hashing a package while it is written.
//!
//! Whoever writes the package tells the [`Sealer`] every byte in order, as content of a member or
//! as something between members; the hashes then cost one pass and no second reading.

use super::{
    hash::{Hash256, Sha256, TreeHash, tree_root},
    manifest::{
        Link, MAX_MEMBERS, MAX_PACKAGE_BYTES, Manifest, Member, Package, Retention, SCHEMA_VERSION,
    },
};
use crate::exact::Exact;
use crate::money::SignedCents;
use jiff::civil::Date;

/// Why a package cannot be sealed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// A member was begun inside another, or ended or filled outside of one.
    #[error("package: {0}: the writer's steps are out of order")]
    Order(&'static str),
    /// Too many bytes or members.
    #[error("package: more than {MAX_PACKAGE_BYTES} bytes or {MAX_MEMBERS} members; split the day")]
    TooLarge,
    /// The retention reaches beyond the calendar.
    #[error("retention: {0} days after the business date is past the year 9999")]
    Retention(u32),
}

/// Sees every byte of a package once, in order, and knows its manifest afterwards.
#[derive(Default)]
pub struct Sealer {
    size: u64,
    whole: Sha256,
    tree: TreeHash,
    between: Sha256,
    members: Vec<Member>,
    open: Option<(Member, Sha256)>,
}

/// The hashes of a finished package; they lack only the day and the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The package as a whole.
    pub package: Package,
    /// Its files, in the order of their places.
    pub members: Vec<Member>,
}

impl Sealer {
    /// A package without a byte yet.
    pub fn new() -> Sealer {
        Sealer::default()
    }

    /// Bytes so far: where the next byte goes.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Bytes that belong to no member: a header, padding.
    pub fn between(&mut self, bytes: &[u8]) {
        self.between.update(bytes);
        self.count(bytes);
    }

    /// A member starts here.
    ///
    /// # Errors
    /// [`SealError::Order`] inside a member, [`SealError::TooLarge`] after too many.
    pub fn begin(
        &mut self,
        name: &str,
        rows: Option<u64>,
        cents: Option<SignedCents>,
    ) -> Result<(), SealError> {
        if self.open.is_some() {
            return Err(SealError::Order("a member was begun inside another"));
        }
        if self.members.len() >= MAX_MEMBERS {
            return Err(SealError::TooLarge);
        }
        let (name, offset, sha256) = (name.to_owned(), self.size, Hash256::from_bytes([0; 32]));
        let member = Member {
            name,
            offset,
            size: 0,
            sha256,
            rows,
            cents,
        };
        self.open = Some((member, Sha256::new()));
        Ok(())
    }

    /// Bytes of the member that is open.
    ///
    /// # Errors
    /// [`SealError::Order`] outside of a member.
    pub fn content(&mut self, bytes: &[u8]) -> Result<(), SealError> {
        let (_, hash) = self
            .open
            .as_mut()
            .ok_or(SealError::Order("content outside a member"))?;
        hash.update(bytes);
        self.count(bytes);
        Ok(())
    }

    /// The member that is open ends here.
    ///
    /// # Errors
    /// [`SealError::Order`] outside of a member.
    pub fn end(&mut self) -> Result<(), SealError> {
        let (mut member, hash) = self
            .open
            .take()
            .ok_or(SealError::Order("a member was ended that was not begun"))?;
        member.size = self.size.less(member.offset);
        member.sha256 = hash.finish();
        self.members.push(member);
        Ok(())
    }

    /// The package is complete.
    ///
    /// # Errors
    /// [`SealError::Order`] inside a member, [`SealError::TooLarge`] beyond the limit.
    pub fn finish(self) -> Result<Sealed, SealError> {
        if self.open.is_some() {
            return Err(SealError::Order("the package ended inside a member"));
        }
        if self.size > MAX_PACKAGE_BYTES {
            return Err(SealError::TooLarge);
        }
        let leaf_hashes = self.tree.finish();
        let package = Package {
            size: self.size,
            sha256: self.whole.finish(),
            tree_hash: tree_root(&leaf_hashes),
            between_sha256: self.between.finish(),
            leaf_hashes,
        };
        Ok(Sealed {
            package,
            members: self.members,
        })
    }

    fn count(&mut self, bytes: &[u8]) {
        self.whole.update(bytes);
        self.tree.update(bytes);
        self.size = self.size.plus(bytes.len() as u64);
    }
}

impl Sealed {
    /// The manifest of `date`, sealed directly after `previous`.
    ///
    /// # Errors
    /// [`SealError::Retention`] where the calendar ends first.
    pub fn manifest(
        self,
        date: Date,
        previous: Option<Link>,
        retention: Retention,
    ) -> Result<Manifest, SealError> {
        let retention_until = retention
            .until(date)
            .ok_or(SealError::Retention(retention.days))?;
        Ok(Manifest {
            schema_version: SCHEMA_VERSION,
            date,
            retention_until,
            previous,
            package: self.package,
            members: self.members,
        })
    }
}
