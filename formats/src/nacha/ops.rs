//! What is done to whole files: hide who is in them, take entries back, send them back, put
//! several together, take one apart, hold two against each other.
//!
//! Each goes over its input once or twice and writes as it reads.

mod answer;
mod answer_file;
mod creation;
mod diff;
mod error;
mod fits;
mod mask;
mod merge;
mod modifier;
mod split;

pub use answer::{Reversed, answer, reverse};
pub use creation::{Creation, Numbering};
pub use diff::{Compared, Difference, FieldDifference, Side, diff};
pub use error::OpError;
pub use fits::Answer;
pub use mask::mask;
pub use merge::{Aside, Caps, MergeError, Merged, MergedFile, Twice, merge};
pub use split::{By, split};
