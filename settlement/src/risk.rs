//! How likely a request is a fraud: a score from 0 to 1000, its reasons, and a decision.
//!
//! Everything here is a function of its arguments and counts in whole numbers, so that the same
//! request has the same score on every machine and a score can be explained to the last point:
//! **the points of the reasons sum to the score**.
//!
//! - [`feature`]: what may be looked at, by name; [`known`]: how a request becomes features.
//! - [`velocity`]: how often and how much, by customer, account, device and address; bounded.
//! - [`rules`]: rules as data, with weights and words; [`model`]: a trained model as data.
//! - [`judge`]: both together, by a policy that is data as well.
//! - [`blocklist`], [`place`], [`key`]: lists, geography, and names that say nothing.
//!
//! Source of the return classes: [`crate::codes::returns`]. Why in whole numbers, and why rules
//! beside a model: docs/adr/0031. What the features mean and what was measured: docs/risk.md.

pub mod blocklist;
pub mod feature;
pub mod judge;
pub mod key;
pub mod known;
pub mod model;
pub mod place;
pub mod reason;
pub mod rules;
pub mod velocity;
