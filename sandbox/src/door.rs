//! What a drop box can hold beside sound files: put there by mistake, by a program that died half
//! way, or by somebody who means harm.
//!
//! Nothing here does I/O: an entry says what is to be put, and a test puts it. Ten days' files at
//! once are no matter of this file: [`crate::bank::Bank::morning`] makes up for the mornings that
//! nobody asked for.

/// Something in a drop box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name, which need not be text.
    pub name: Vec<u8>,
    /// What it is.
    pub what: What,
}

/// What an entry of a drop box is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A file, whole.
    File(Vec<u8>),
    /// A file of this many bytes that take no room: longer than anybody reads.
    Sparse(u64),
    /// A link to a path.
    Link(&'static str),
    /// A pipe that nobody writes to.
    Pipe,
    /// A socket that nobody listens to.
    Socket,
    /// A folder with a file in it.
    Folder(Vec<u8>),
    /// A file of which the rest is written after it was seen first.
    Growing {
        /// What stands there at first.
        first: Vec<u8>,
        /// What its writer adds.
        rest: Vec<u8>,
    },
    /// A file that another one takes the place of, after it was read and before it is removed.
    Replaced {
        /// What is read.
        first: Vec<u8>,
        /// What stands there afterwards.
        then: Vec<u8>,
    },
}

/// Larger than any file that is taken.
const TOO_LARGE: u64 = 1 << 40;

/// Entries of which none may be taken: each is to be named, left where it is, and in nobody's way.
pub fn never_taken(sound: &[u8]) -> Vec<Entry> {
    let entry = |name: &[u8], what| Entry {
        name: name.to_vec(),
        what,
    };
    vec![
        entry(b"a-link.ach", What::Link("/etc/passwd")),
        entry(b"a-link-to-zero.ach", What::Link("/dev/zero")),
        entry(b"a-link-to-nothing.ach", What::Link("nowhere")),
        entry(b"a-pipe.ach", What::Pipe),
        entry(b"a-socket.ach", What::Socket),
        entry(b"a-folder.ach", What::Folder(sound.to_vec())),
        entry(b"no\xfftext.ach", What::File(sound.to_vec())),
        entry(b"too-large.ach", What::Sparse(TOO_LARGE)),
    ]
}

/// `sound` as its writer has come to it so far, at a place that `seed` says.
pub fn growing(seed: u64, name: &str, sound: &[u8]) -> Entry {
    let most = sound.len().max(2) as u64 - 1;
    let at = usize::try_from(1 + seed % most).unwrap_or(1);
    let (first, rest) = sound.split_at(at.min(sound.len()));
    Entry {
        name: name.as_bytes().to_vec(),
        what: What::Growing {
            first: first.to_vec(),
            rest: rest.to_vec(),
        },
    }
}

/// `sound`, in the place of which `then` is put while it is taken.
pub fn replaced(name: &str, sound: &[u8], then: &[u8]) -> Entry {
    Entry {
        name: name.as_bytes().to_vec(),
        what: What::Replaced {
            first: sound.to_vec(),
            then: then.to_vec(),
        },
    }
}

/// A sound file under the longest name that a file system takes.
pub fn long_name(sound: &[u8]) -> Entry {
    Entry {
        name: [&[b'n'; 251], &b".ach"[..]].concat(),
        what: What::File(sound.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_grows_has_all_its_bytes_in_the_end() {
        for seed in 0..40 {
            let What::Growing { first, rest } = growing(seed, "a", b"101 076401251").what else {
                panic!("it grows");
            };
            assert!(!first.is_empty() && !rest.is_empty(), "{seed}");
            assert_eq!([first, rest].concat(), b"101 076401251");
        }
    }
}
