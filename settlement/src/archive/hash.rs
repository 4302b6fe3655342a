//! SHA-256 as a stream, and the tree hash built from it.
//!
//! The tree hash is Glacier's: the bytes are cut into leaves of one MiB, each is hashed, and
//! neighbours' hashes are hashed in pairs until one is left; an odd one out moves up as it is.
//! Nothing at all counts as one empty leaf.

use crate::exact::Exact;
use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Bytes of a leaf of the tree hash: one MiB, as Glacier defines it.
pub const LEAF_BYTES: u64 = 1_048_576;

/// The digits of a hash.
const HEX: &[u8; 16] = b"0123456789abcdef";

/// A SHA-256 value; written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hash256([u8; 32]);

/// The text is not 64 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("SHA-256: must be 64 lower-case hexadecimal digits")]
pub struct BadHash;

impl Hash256 {
    /// The hash with these 32 bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Hash256 {
        Hash256(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Hash256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 64];
        for (digits, byte) in text.chunks_exact_mut(2).zip(self.0) {
            let halves = [byte >> 4, byte & 15];
            for (digit, half) in digits.iter_mut().zip(halves) {
                *digit = HEX[usize::from(half)];
            }
        }
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for Hash256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash256 {
    type Err = BadHash;
    fn from_str(text: &str) -> Result<Hash256, BadHash> {
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let pairs: &[[u8; 2]; 32] = pairs.try_into().map_err(|_| BadHash)?;
        let mut bytes = [0; 32];
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = nibble(*high)? << 4 | nibble(*low)?;
        }
        if rest.is_empty() {
            Ok(Hash256(bytes))
        } else {
            Err(BadHash)
        }
    }
}

/// One spelling only, so that equal hashes are equal texts.
fn nibble(digit: u8) -> Result<u8, BadHash> {
    match digit {
        b'0'..=b'9' => Ok(digit.wrapping_sub(b'0')),
        b'a'..=b'f' => Ok(digit.wrapping_sub(b'a').wrapping_add(10)),
        _ => Err(BadHash),
    }
}

impl TryFrom<String> for Hash256 {
    type Error = BadHash;
    fn try_from(text: String) -> Result<Hash256, BadHash> {
        text.parse()
    }
}

impl From<Hash256> for String {
    fn from(hash: Hash256) -> String {
        hash.to_string()
    }
}

/// The SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> Hash256 {
    let mut hasher = Sha256::new();
    hasher.update(bytes);
    hasher.finish()
}

/// SHA-256 over bytes that arrive in pieces.
#[derive(Clone)]
pub struct Sha256(digest::Context);

impl Default for Sha256 {
    fn default() -> Sha256 {
        Sha256::new()
    }
}

impl Sha256 {
    /// Over nothing yet.
    pub fn new() -> Sha256 {
        Sha256(digest::Context::new(&digest::SHA256))
    }

    /// Adds `bytes`.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of all that was added.
    pub fn finish(self) -> Hash256 {
        let mut value = [0; 32];
        for (byte, from) in value.iter_mut().zip(self.0.finish().as_ref()) {
            *byte = *from;
        }
        Hash256(value)
    }
}

/// The tree hash over bytes that arrive in pieces. Keeps 32 bytes for each MiB.
#[derive(Clone, Default)]
pub struct TreeHash {
    leaves: Vec<Hash256>,
    leaf: Sha256,
    filled: u64,
}

impl TreeHash {
    /// Over nothing yet.
    pub fn new() -> TreeHash {
        TreeHash::default()
    }

    /// Adds `bytes`; where the pieces end makes no difference.
    pub fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = LEAF_BYTES.less(self.filled);
            let take = room.min(bytes.len() as u64) as usize;
            let (now, later) = bytes.split_at(take);
            self.leaf.update(now);
            self.filled = self.filled.plus(now.len() as u64);
            if self.filled == LEAF_BYTES {
                self.close_leaf();
            }
            bytes = later;
        }
    }

    /// The leaves that are complete by now.
    pub fn leaves(&self) -> &[Hash256] {
        &self.leaves
    }

    fn close_leaf(&mut self) {
        self.leaves.push(std::mem::take(&mut self.leaf).finish());
        self.filled = 0;
    }

    /// The leaves' hashes in order; never none. Their [`tree_root`] is the tree hash.
    pub fn finish(mut self) -> Vec<Hash256> {
        if self.filled > 0 || self.leaves.is_empty() {
            self.close_leaf();
        }
        self.leaves
    }
}

/// The tree hash over `leaves`: neighbours hashed in pairs until one is left.
pub fn tree_root(leaves: &[Hash256]) -> Hash256 {
    let mut level = leaves.to_vec();
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => sha256(&[left.0, right.0].concat()),
                _ => pair.first().copied().unwrap_or_else(|| sha256(b"")),
            })
            .collect();
    }
    level.first().copied().unwrap_or_else(|| sha256(b""))
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)] // sizes of a test
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition written down a second time, over all bytes at once and recursively: a tree
    /// over n leaves splits at the largest power of two below n.
    fn naive(bytes: &[u8]) -> Hash256 {
        let leaf = LEAF_BYTES as usize;
        if bytes.len() <= leaf {
            return sha256(bytes);
        }
        let mut left = leaf;
        while left * 2 < bytes.len() {
            left *= 2;
        }
        let (a, b) = bytes.split_at(left);
        sha256(&[naive(a).0, naive(b).0].concat())
    }

    fn streamed(pieces: &[&[u8]]) -> Hash256 {
        let mut tree = TreeHash::new();
        pieces.iter().for_each(|piece| tree.update(piece));
        tree_root(&tree.finish())
    }

    #[test]
    fn published_sha256_values_come_out() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let none = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256(b"abc").to_string(), abc);
        assert_eq!(streamed(&[]).to_string(), none);
        assert_eq!(abc.parse(), Ok(sha256(b"abc")));
        assert_eq!(abc.to_uppercase().parse::<Hash256>(), Err(BadHash));
        assert_eq!("ba78".parse::<Hash256>(), Err(BadHash));
    }

    #[test]
    fn the_tree_is_the_one_that_its_definition_gives() {
        let leaf = LEAF_BYTES as usize;
        let bytes: Vec<u8> = (0..7 * leaf + 5).map(|at| (at % 251) as u8).collect();
        for size in [
            0,
            1,
            leaf - 1,
            leaf,
            leaf + 1,
            2 * leaf,
            3 * leaf,
            5 * leaf + 1,
            bytes.len(),
        ] {
            assert_eq!(
                streamed(&[&bytes[..size]]),
                naive(&bytes[..size]),
                "{size} bytes"
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn splitting_the_stream_changes_nothing(
            cuts in proptest::collection::vec(0usize..2_200_000, 0..6),
        ) {
            let bytes: Vec<u8> = (0..2_200_000usize).map(|at| (at % 253) as u8).collect();
            let mut cuts = cuts;
            cuts.sort_unstable();
            let mut tree = TreeHash::new();
            let mut from = 0;
            for cut in cuts {
                tree.update(&bytes[from..cut]);
                from = cut;
            }
            tree.update(&bytes[from..]);
            prop_assert_eq!(tree_root(&tree.finish()), naive(&bytes));
        }
    }
}
