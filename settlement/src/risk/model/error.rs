//! Why a file is no model, and how large one may be.

use crate::risk::feature::FEATURES_VERSION;

/// The version of the file's format.
pub const FORMAT: u32 = 1;

/// Bytes that a file may have: all tables at their largest are a quarter of it.
pub const MODEL_BYTES: u64 = 400_000;

/// Why a file is no model of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum ModelError {
    #[error("it is not as it was written; take it from a copy, or train it again")]
    Changed,
    #[error("line 1: no sha256 = \"64 digits\"; use a file that tieout risk train wrote")]
    Unsigned,
    #[error("it has more than {MODEL_BYTES} bytes; use a file that tieout risk train wrote")]
    TooLong,
    #[error("its format is {0}, and {FORMAT} is known here; train it again")]
    Format(u32),
    #[error(
        "it was trained on version {0} of the features, and this program has {FEATURES_VERSION}; \
         train it again"
    )]
    Features(u32),
    #[error("{0}; train it again")]
    Wrong(String),
}
