//! What an installation says of itself.

use desk::records::Record;
use serde::{Deserialize, Serialize};

/// The form that this program reads and writes. It goes up by one where what an installation holds
/// has to be brought forward before the jobs may go on.
pub const FORM: u32 = 3;

/// An installation. One without this record is of form 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installation {
    /// The form of everything in it: at most this one.
    pub form: u32,
}

impl Record for Installation {
    const VERSION: u32 = 2;
    const CHECKED_FROM: u32 = 2;
}
