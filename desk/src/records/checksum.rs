//! The checksum that a record carries of itself.
//!
//! It is the third line of the document, after the brace and the version: the SHA-256 of all its
//! other lines. So it is held against the bytes as they stand, before anything is parsed, and
//! whoever doubts can do the same: `sed 3d posted/2026-11-25.json | sha256sum`. It proves that no
//! bit changed by accident. Somebody who changes both is seen by the next record, which names
//! this one by the hash of all its bytes.

use settlement::archive::{Hash256, Sha256};

const BEFORE: &[u8] = b"  \"checksum\": \"";
const AFTER: &[u8] = b"\",\n";

/// What a document's checksum says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// Its bytes are those that were written.
    Right,
    /// It carries none.
    Absent,
    /// Its bytes are not those that were written.
    Wrong,
}

/// Puts the checksum into a document of several lines.
pub fn insert(document: &[u8]) -> Vec<u8> {
    let (head, rest) = split(document);
    let hash = of(head, rest).to_string();
    [head, BEFORE, hash.as_bytes(), AFTER, rest].concat()
}

/// Holds a document against the checksum in it.
pub fn check(document: &[u8]) -> Checksum {
    let (head, rest) = split(document);
    let end = rest.iter().position(|byte| *byte == b'\n');
    let (line, rest) = rest.split_at(end.map_or(0, |at| at + 1));
    let stated = line
        .strip_prefix(BEFORE)
        .and_then(|l| l.strip_suffix(AFTER));
    match stated {
        None => Checksum::Absent,
        Some(hash) if hash == of(head, rest).to_string().as_bytes() => Checksum::Right,
        Some(_) => Checksum::Wrong,
    }
}

/// The first two lines, the brace and the version, and the others.
fn split(document: &[u8]) -> (&[u8], &[u8]) {
    let lines = document.split_inclusive(|byte| *byte == b'\n');
    document.split_at(lines.take(2).map(<[u8]>::len).sum())
}

fn of(head: &[u8], rest: &[u8]) -> Hash256 {
    let mut hash = Sha256::new();
    hash.update(head);
    hash.update(rest);
    hash.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &[u8] = b"{\n  \"version\": 3,\n  \"grams\": 5\n}";

    #[test]
    fn no_bit_of_a_document_changes_unseen() {
        let written = insert(DOCUMENT);
        assert_eq!(check(&written), Checksum::Right);
        for at in 0..written.len() * 8 {
            let mut flipped = written.clone();
            flipped[at / 8] ^= 1 << (at % 8);
            assert_ne!(check(&flipped), Checksum::Right, "bit {at}");
        }
        for end in 0..written.len() {
            assert_ne!(check(&written[..end]), Checksum::Right, "{end} bytes");
        }
        assert_eq!(check(&[&written[..], b"\n"].concat()), Checksum::Wrong);
    }

    #[test]
    fn a_document_without_one_says_so() {
        for document in [DOCUMENT, b"", b"{", b"{\n", b"[\n1,\n2\n]"] {
            assert_eq!(check(document), Checksum::Absent);
        }
    }
}
