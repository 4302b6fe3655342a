//! What is read page by page is paged in one place: where the next page begins is easy to get
//! wrong, and a page that is left out is a payment that nobody misses.

use crate::house::source::{assert_none, files};

#[test]
fn the_events_of_a_date_are_paged_in_one_place() {
    let (mut other, mut seen) = (Vec::new(), 0);
    for text in files(&["rs"]) {
        if !text.name.starts_with("jobs/src/") {
            continue;
        }
        for (at, line) in text.lines() {
            let asks = line.contains("store.events(") || line.contains("payments.events(");
            match text.name.as_str() {
                _ if !asks => {}
                "jobs/src/events.rs" => seen += 1,
                name => other.push(format!("{name}:{at}")),
            }
        }
    }
    assert_eq!(seen, 1, "the pager is where this test looks for it");
    assert_none(
        "page through the events with `SingleEvents` or `AllEvents`",
        &other,
    );
}
