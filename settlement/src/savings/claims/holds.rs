//! Whether a claim holds, in the words that reports print.

use serde::{Deserialize, Serialize};

/// Whether a claim holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// Yes, on its own inputs.
    Yes,
    /// The division is right, the number that was divided is not.
    OnAWrongBase,
    /// No.
    No,
    /// No price was found that it could rest on.
    Unsupported,
    /// A cost was left out.
    Omitted,
}

impl Holds {
    /// The words in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Holds::Yes => "yes",
            Holds::OnAWrongBase => "yes, on a wrong base",
            Holds::No => "no",
            Holds::Unsupported => "unsupported",
            Holds::Omitted => "omitted",
        }
    }

    /// Yes where the claimed number is met, no where it is not.
    pub(super) const fn when(met: bool) -> Holds {
        if met { Holds::Yes } else { Holds::No }
    }
}
