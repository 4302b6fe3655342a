//! What a sender means a group to be.

use crate::statement::Purpose;

/// What group status and as-of date modifier make of a group, and what is to be said of it.
pub(super) fn purpose(status: &str, modifier: &str) -> (Purpose, Option<&'static str>) {
    let interim = matches!(modifier, "1" | "3");
    match status {
        "1" if interim => (Purpose::Intraday, None),
        "1" => (Purpose::Final, None),
        "2" => (Purpose::Deletion, Some("deletes earlier data")),
        "3" if interim => (Purpose::Intraday, Some("corrects earlier data")),
        "3" => (Purpose::Correction, Some("corrects earlier data")),
        "4" => (Purpose::Test, Some("is a test")),
        _ => (Purpose::Unknown, Some("has an unknown status")),
    }
}
