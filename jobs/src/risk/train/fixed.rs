//! From floats to the whole numbers of a model.

use settlement::risk::model::LOG_ODDS;

/// Log odds in ten-thousandths.
pub fn rounded(log_odds: f64) -> i32 {
    (log_odds * f64::from(LOG_ODDS)).round() as i32
}
