//! What stands in a place and was put there by nobody of ours.

use super::bank::Odd;

/// What an adapter finds where it keeps things, and did not put there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strangers {
    /// Things that it never makes, each with what they are.
    pub odd: Vec<Odd>,
    /// Folders that hold nothing: what somebody made, or what a kill has left.
    pub empty: Vec<String>,
    /// The places of banks beside the home bank that there are, by their names: each bank looks
    /// through its own.
    pub banks: Vec<String>,
}
