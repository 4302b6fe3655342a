//! What a person is told of a return that is no timely one.

use super::original::{Answer, Entry};
use super::timely::{Timely, timely};
use crate::windows::dishonor_deadline;

/// What is said of a late return: why it is one, and until when it may be dishonored.
pub fn about_late(answer: &Answer, entry: &Entry) -> String {
    let (code, on) = (&answer.code, answer.settled);
    let (until, way) = (dishonor_deadline(on), entry.direction.as_str());
    let judged = code
        .parse()
        .map(|code| timely(code, on, &entry.returnable()));
    let unfit = judged == Ok(Timely::Unfit);
    let why = match (unfit, entry.sec) {
        (true, Some(sec)) => format!("{code} is no reason to return a {sec} {way}"),
        (true, None) => format!("{code} is no reason to return a {way}"),
        (false, _) => format!("settled on {on}, after the window of {code}"),
    };
    format!("{why}: may be dishonored (R68) until {until}, five banking days after it settled")
}
