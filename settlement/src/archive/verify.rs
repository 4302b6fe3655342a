//! Checking a package against its manifest, in one pass and in little memory.
//!
//! A wrong leaf gives a range of one MiB. Members whose own hash is right, and the bytes between
//! members if their hash is right, cannot hold the difference and are taken off both ends of it.
//! What remains is sure to contain a differing byte, as long as nobody can forge SHA-256.
//!
//! Which members and which bytes between them are right is known once they have been read; so
//! after a wrong leaf a package of ordinary size is read to its end, and of a larger one no more
//! than helps ([`Verifier::is_decided`]).

use super::{
    hash::{Hash256, LEAF_BYTES, Sha256, TreeHash},
    manifest::{BadManifest, Manifest},
};
use crate::exact::Exact;
use crate::foreign;
use std::ops::Range;

/// Bytes read after a wrong leaf to narrow the place down: the whole of an ordinary day, and less
/// than a second's reading.
const NARROWING_BYTES: u64 = 256 << 20;

/// How a package differs from what was sealed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Bytes are not the sealed ones.
    #[error("bytes {} to {} differ from what was sealed, in {}", .range.start,
        .range.end.less(1), place(.members))]
    Bytes {
        /// The first range that holds a difference; its end is exclusive.
        range: Range<u64>,
        /// The members it may lie in; none means headers or padding between members.
        members: Vec<String>,
    },
    /// The package ends early.
    #[error("the package ends after {found} of {expected} bytes, in {}; fetch it again",
        place(.members))]
    TooShort {
        /// Its bytes.
        found: u64,
        /// The sealed package's bytes.
        expected: u64,
        /// The members that are cut off or missing.
        members: Vec<String>,
    },
    /// The package goes on after its sealed end.
    #[error("the package has {found} bytes, {expected} were sealed: bytes were added at its end")]
    TooLong {
        /// Its bytes.
        found: u64,
        /// The sealed package's bytes.
        expected: u64,
    },
    /// Every leaf is right and another hash is not, so the manifest is wrong, not the package.
    #[error("the package is as its leaf hashes say, but the manifest's {0} contradicts them")]
    Manifest(String),
}

/// Names at most three members, so that a message stays a line.
fn place(members: &[String]) -> String {
    match members {
        [] => "the headers between members".to_owned(),
        [a, b, c, rest @ ..] if !rest.is_empty() => {
            let said = format!("{a}, {b}, {c} and {} more", rest.len());
            foreign::line(&said).into_owned()
        }
        _ => foreign::line(&members.join(", ")).into_owned(),
    }
}

/// How a package of `found` bytes is not of the size that was sealed; its bytes need not be read
/// to know that.
pub fn size_fault(manifest: &Manifest, found: u64) -> Option<Fault> {
    let expected = manifest.package.size;
    if found == expected {
        return None;
    }
    if found > expected {
        return Some(Fault::TooLong { found, expected });
    }
    let lost = manifest.members.iter().filter(|m| m.range().end > found);
    Some(Fault::TooShort {
        found,
        expected,
        members: lost.map(|m| m.name.clone()).collect(),
    })
}

/// What was proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Bytes read and found right.
    pub bytes: u64,
    /// Members found right.
    pub members: usize,
    /// The package's tree hash.
    pub tree_hash: Hash256,
}

/// Is fed a package's bytes and says whether they are the sealed ones.
pub struct Verifier<'m> {
    manifest: &'m Manifest,
    seen: u64,
    whole: Sha256,
    tree: TreeHash,
    between: Sha256,
    /// Whether each member that ended is right, in order; the next one is being read.
    right: Vec<bool>,
    member: Sha256,
    /// Leaves that were compared, and the first of them that is wrong.
    compared: usize,
    wrong: Option<usize>,
}

impl<'m> Verifier<'m> {
    /// For the package of `manifest`.
    ///
    /// # Errors
    /// [`BadManifest`] where it contradicts itself.
    pub fn new(manifest: &'m Manifest) -> Result<Verifier<'m>, BadManifest> {
        manifest.check()?;
        Ok(Verifier {
            manifest,
            seen: 0,
            whole: Sha256::new(),
            tree: TreeHash::new(),
            between: Sha256::new(),
            right: Vec::with_capacity(manifest.members.len()),
            member: Sha256::new(),
            compared: 0,
            wrong: None,
        })
    }

    /// Whether reading on helps no more: a leaf is wrong, and so much after it was read that the
    /// rest is not worth its time.
    pub fn is_decided(&self) -> bool {
        let wrong = self.wrong.map(|leaf| (leaf as u64).times(LEAF_BYTES));
        wrong.is_some_and(|leaf| self.seen >= leaf.plus(NARROWING_BYTES))
    }

    /// Compares the leaves that are complete by now.
    fn compare_leaves(&mut self) {
        let sealed = self.manifest.package.leaf_hashes.iter();
        let pairs = self.tree.leaves().iter().zip(sealed).skip(self.compared);
        for (found, expected) in pairs {
            if self.wrong.is_none() && found != expected {
                self.wrong = Some(self.compared);
            }
            self.compared = self.compared.plus(1);
        }
    }

    /// The next bytes of the package; where the pieces end makes no difference.
    pub fn update(&mut self, bytes: &[u8]) {
        // saturates: what comes after the sealed end is extra
        let left = self.manifest.package.size.saturating_sub(self.seen);
        let take = left.min(bytes.len() as u64) as usize;
        let (mut bytes, extra) = bytes.split_at(take);
        self.whole.update(bytes);
        self.tree.update(bytes);
        self.compare_leaves();
        while !bytes.is_empty() {
            self.close_members();
            let (inside, until) = self.stretch();
            let room = until.less(self.seen).min(bytes.len() as u64) as usize;
            let (now, later) = bytes.split_at(room);
            if inside {
                &mut self.member
            } else {
                &mut self.between
            }
            .update(now);
            self.seen = self.seen.plus(now.len() as u64);
            bytes = later;
        }
        self.seen = self.seen.plus(extra.len() as u64);
    }

    /// Whether the next byte lies in a member, and where that stretch ends.
    fn stretch(&self) -> (bool, u64) {
        match self.manifest.members.get(self.right.len()) {
            Some(next) if self.seen >= next.offset => (true, next.range().end),
            Some(next) => (false, next.offset),
            None => (false, self.manifest.package.size),
        }
    }

    /// Ends every member that is complete; more than one where members are empty.
    fn close_members(&mut self) {
        while let Some(next) = self.manifest.members.get(self.right.len()) {
            if self.seen < next.range().end {
                return;
            }
            let hash = std::mem::take(&mut self.member).finish();
            self.right.push(hash == next.sha256);
        }
    }

    /// The package is complete: is it the sealed one?
    ///
    /// # Errors
    /// The first [`Fault`] by place in the package.
    pub fn finish(mut self) -> Result<Verified, Fault> {
        self.close_members();
        let sealed = &self.manifest.package;
        let leaves = std::mem::take(&mut self.tree).finish();
        let complete = (self.seen / LEAF_BYTES).min(leaves.len() as u64) as usize;
        let comparable = if self.seen < sealed.size {
            complete
        } else {
            leaves.len()
        };
        let wrong = leaves
            .iter()
            .zip(&sealed.leaf_hashes)
            .take(comparable)
            .position(|(found, expected)| found != expected);
        let all_read = self.seen >= sealed.size;
        let between_right = all_read && self.between.clone().finish() == sealed.between_sha256;
        if let Some(leaf) = wrong {
            return Err(self.narrow(leaf as u64, between_right));
        }
        if let Some(fault) = size_fault(self.manifest, self.seen) {
            return Err(fault);
        }
        if self.whole.finish() != sealed.sha256 {
            return Err(Fault::Manifest("SHA-256 of the package".to_owned()));
        }
        if let Some(at) = self.right.iter().position(|right| !right) {
            let name = self
                .manifest
                .members
                .get(at)
                .map_or("", |m| m.name.as_str());
            return Err(Fault::Manifest(format!("SHA-256 of member {name}")));
        }
        if !between_right {
            return Err(Fault::Manifest(
                "SHA-256 of the bytes between members".to_owned(),
            ));
        }
        let (bytes, members) = (self.seen, self.right.len());
        Ok(Verified {
            bytes,
            members,
            tree_hash: sealed.tree_hash,
        })
    }

    /// The part of a wrong leaf that can hold the difference.
    fn narrow(&self, leaf: u64, between_right: bool) -> Fault {
        let start = leaf.times(LEAF_BYTES);
        let end = start.plus(LEAF_BYTES).min(self.manifest.package.size);
        let mut suspect = Suspect {
            leaf: start..end,
            found: None,
        };
        let (mut at, mut members) = (0, Vec::new());
        for (number, member) in self.manifest.members.iter().enumerate() {
            let range = member.range();
            if !between_right {
                suspect.add(at..range.start);
            }
            at = range.end;
            let right = self.right.get(number).copied().unwrap_or(false);
            if !right && suspect.add(range) {
                members.push(member.name.clone());
            }
        }
        if !between_right {
            suspect.add(at..end);
        }
        Fault::Bytes {
            range: suspect.found.unwrap_or(start..end),
            members,
        }
    }
}

/// Grows to cover all parts of one leaf that may hold a difference.
struct Suspect {
    leaf: Range<u64>,
    found: Option<Range<u64>>,
}

impl Suspect {
    /// Adds what of `part` lies in the leaf; says whether anything does.
    fn add(&mut self, part: Range<u64>) -> bool {
        let (start, end) = (part.start.max(self.leaf.start), part.end.min(self.leaf.end));
        if start >= end {
            return false;
        }
        let from = self
            .found
            .as_ref()
            .map_or(start, |found| found.start.min(start));
        self.found = Some(from..end);
        true
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)] // sizes of a test
mod tests {
    use super::*;
    use crate::archive::{Retention, Sealer};
    use jiff::civil::date;
    use proptest::prelude::*;

    /// A package of headers and members, `sizes` long, with every byte told apart from its
    /// neighbours.
    fn package(sizes: &[usize]) -> (Vec<u8>, Manifest) {
        let (mut sealer, mut bytes) = (Sealer::new(), Vec::new());
        let fill = |n: usize, bytes: &mut Vec<u8>| {
            let from = bytes.len();
            bytes.extend((from..from + n).map(|at| (at % 241) as u8));
            bytes[from..].to_vec()
        };
        for (number, size) in sizes.iter().enumerate() {
            sealer.between(&fill(512, &mut bytes));
            sealer
                .begin(&format!("member-{number}"), None, None)
                .unwrap();
            sealer.content(&fill(*size, &mut bytes)).unwrap();
            sealer.end().unwrap();
        }
        sealer.between(&fill(1024, &mut bytes));
        let day = date(2026, 1, 15);
        (
            bytes,
            sealer
                .finish()
                .unwrap()
                .manifest(day, None, Retention::default())
                .unwrap(),
        )
    }

    fn verify(manifest: &Manifest, bytes: &[u8], step: usize) -> Result<Verified, Fault> {
        let mut verifier = Verifier::new(manifest).unwrap();
        bytes.chunks(step).for_each(|piece| verifier.update(piece));
        verifier.finish()
    }

    const SIZES: &[usize] = &[700, 0, 1_500_000, 90_000, 0, 900_000, 10];

    #[test]
    fn the_sealed_package_is_proved_however_it_is_read() {
        let (bytes, manifest) = package(SIZES);
        for step in [1000, 65_536, 1 << 20, bytes.len()] {
            let proof = verify(&manifest, &bytes, step).unwrap();
            assert_eq!(
                (proof.bytes, proof.members),
                (bytes.len() as u64, SIZES.len())
            );
        }
        let (nothing, manifest) = package(&[]);
        assert!(verify(&manifest, &nothing, 7).is_ok());
    }

    #[test]
    fn a_changed_member_is_named_and_its_neighbours_are_not() {
        let (mut bytes, manifest) = package(SIZES);
        let of = manifest.members[3].range();
        bytes[of.start as usize + 5] ^= 1;
        let fault = verify(&manifest, &bytes, 4096).unwrap_err();
        assert_eq!(
            fault,
            Fault::Bytes {
                range: of,
                members: vec!["member-3".to_owned()]
            }
        );
        assert_eq!(
            fault.to_string(),
            "bytes 1502748 to 1592747 differ from what was sealed, in member-3"
        );
    }

    #[test]
    fn cut_off_and_added_bytes_are_told_apart() {
        let (mut bytes, manifest) = package(SIZES);
        let expected = bytes.len() as u64;
        let cut = manifest.members[5].offset as usize + 3;
        let names = vec!["member-5".to_owned(), "member-6".to_owned()];
        assert_eq!(
            verify(&manifest, &bytes[..cut], 999),
            Err(Fault::TooShort {
                found: cut as u64,
                expected,
                members: names
            })
        );
        bytes.push(0);
        let found = expected + 1;
        assert_eq!(
            verify(&manifest, &bytes, 999),
            Err(Fault::TooLong { found, expected })
        );
        assert!(matches!(
            verify(&manifest, &[], 1),
            Err(Fault::TooShort { found: 0, .. })
        ));
    }

    #[test]
    fn after_a_wrong_leaf_only_so_much_is_read_as_helps() {
        let leaves = NARROWING_BYTES / LEAF_BYTES + 3;
        let zeros = vec![0; LEAF_BYTES as usize];
        let mut sealer = Sealer::new();
        sealer.begin("large", None, None).unwrap();
        (0..leaves).for_each(|_| sealer.content(&zeros).unwrap());
        sealer.end().unwrap();
        let day = date(2026, 1, 15);
        let sealed = sealer.finish().unwrap();
        let manifest = sealed.manifest(day, None, Retention::default()).unwrap();
        let mut verifier = Verifier::new(&manifest).unwrap();
        verifier.update(&vec![1; LEAF_BYTES as usize]);
        let mut read = 1;
        while !verifier.is_decided() {
            verifier.update(&zeros);
            read += 1;
        }
        assert!(read < leaves, "{read} of {leaves}");
        let range = 0..LEAF_BYTES;
        let members = vec!["large".to_owned()];
        assert_eq!(verifier.finish(), Err(Fault::Bytes { range, members }));
    }

    #[test]
    fn a_manifest_that_lies_about_a_right_package_is_named() {
        let (bytes, manifest) = package(SIZES);
        let mut lie = manifest.clone();
        lie.members[2].sha256 = manifest.members[3].sha256;
        let fault = verify(&lie, &bytes, 4096).unwrap_err();
        assert!(matches!(fault, Fault::Manifest(what) if what.contains("member-2")));
        let mut lie = manifest.clone();
        lie.package.sha256 = manifest.package.between_sha256;
        assert!(matches!(
            verify(&lie, &bytes, 4096),
            Err(Fault::Manifest(_))
        ));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_changed_byte_is_found_and_lies_in_the_range(
            place in any::<prop::sample::Index>(), bit in 0u8..8, step in 1000usize..2_000_000,
        ) {
            let (mut bytes, manifest) = package(SIZES);
            let at = place.index(bytes.len());
            bytes[at] ^= 1 << bit;
            let fault = verify(&manifest, &bytes, step);
            prop_assert_eq!(&fault, &verify(&manifest, &bytes, 1 << 20));
            let Err(Fault::Bytes { range, members }) = fault else {
                return Err(TestCaseError::fail("not found"));
            };
            prop_assert!(range.contains(&(at as u64)));
            prop_assert!(range.end - range.start <= LEAF_BYTES);
            let inside = manifest.members.iter().find(|m| m.range().contains(&(at as u64)));
            let names: Vec<String> = inside.map(|m| m.name.clone()).into_iter().collect();
            prop_assert_eq!(members, names);
        }
    }
}
