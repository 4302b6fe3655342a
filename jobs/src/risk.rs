//! `tieout risk`: from a labelled history to a model, and from scores to figures about them.
//!
//! The rules of scoring are `settlement::risk` and count in whole numbers. Here a model is made
//! and measured, which is statistics: floats are at home below this module and leave it only as
//! rounded integers in a model's file and as figures in a report.
//!
//! - [`replay`]: a history in the order of time becomes features, none of which knows what came
//!   later; [`sheet`]: features as Parquet or CSV.
//! - [`train`]: the held-out split, the boosting, the curve; [`measure`]: how good it is.
//! - [`shipped`]: the rules and the model; [`score`]: one request as JSON; [`drift`]: whether
//!   scores are spread as they were.

pub mod drift;
pub mod measure;
pub mod replay;
pub mod score;
pub mod sheet;
pub mod shipped;
pub mod train;
