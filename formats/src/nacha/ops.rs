//! What is done to whole files: hide who is in them, take entries back, send them back.
//!
//! Each goes over its input once and writes as it reads.

mod answer;
mod mask;
mod out;

pub use answer::{Answer, OpError, answer, reverse};
pub use mask::mask;
