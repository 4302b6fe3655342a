//! Proof that an archived day is the day that was sealed.
//!
//! A business date's files, tables and reports go into one package. Beside it stands a
//! [`Manifest`]: the package's size and hashes, and each member's place, size, hash, rows and
//! cents. Three kinds of hash answer three questions.
//!
//! * *Is it the same package?* One SHA-256 over all bytes, and the SHA-256 *tree hash* that Glacier
//!   computes itself (leaves of one MiB, hashed in pairs): the archive's own answer to an upload
//!   can be compared without sending the bytes twice.
//! * *Where does it differ?* The leaves of the tree are kept, so a difference is named to the MiB;
//!   the members' hashes, and one over the bytes between them, narrow that down further.
//! * *Is it the same manifest?* Its own SHA-256 stands in the next day's manifest and, for the
//!   newest day, in the [`Head`]. Whoever changes one day must change every later one.
//!
//! A manifest carries no moment of creation and no program version: it is a function of the day, so
//! that sealing a day again gives the same bytes.

mod hash;
mod manifest;
mod seal;
mod verify;

pub use hash::{BadHash, Hash256, LEAF_BYTES, Sha256, TreeHash, sha256, tree_root};
pub use manifest::{
    BadManifest, ChainFault, DEFAULT_RETENTION_DAYS, HEAD_VERSION, Head, Link, MAX_MANIFEST_BYTES,
    MAX_MEMBERS, MAX_PACKAGE_BYTES, Manifest, Member, Package, Retention, SCHEMA_VERSION, folders,
};
pub use seal::{SealError, Sealed, Sealer};
pub use verify::{Fault, Verified, Verifier, size_fault};
