//! No figure stops silently at the end of its type.
//!
//! What saturates is wrong and does not say so: a sum that reached its top ties out with another
//! that did. Where a figure reaches money, a record, a table or a decision it is checked
//! (`checked_add`), or a bound keeps it away from there and `settlement::exact` or the compiler's
//! checks stop the program. What may saturate, a length on a screen or the end of the calendar,
//! says why: `// saturates: reason` in its line or the one above it.

use crate::house::source::{Text, assert_none, files};

/// The crates that must say why, without the tests in them.
const CRATES: &[&str] = &[
    "settlement/src/",
    "formats/src/",
    "connectors/src/",
    "connectors/embedded/src/",
    "connectors/geo/src/",
    "connectors/warehouse/src/",
    "desk/src/",
    "sandbox/src/",
    "jobs/src/",
];

/// How a line says why.
const REASON: &str = "// saturates: ";

/// What stops at an end without a word.
fn saturates(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    let defaults = code.match_indices("unwrap_or(").map(|(at, call)| {
        let rest = &code[at + call.len()..];
        &rest[..rest.find(')').unwrap_or(rest.len())]
    });
    let mut ends = defaults.map(|default| default.ends_with("MAX") || default.ends_with("MIN"));
    code.contains("saturating_") || ends.any(|end| end)
}

/// The lines of `text` that saturate and do not say why, its tests left out.
fn silent(text: &Text) -> Vec<usize> {
    let (mut found, mut above, mut for_tests) = (Vec::new(), "", false);
    for (at, line) in text.lines() {
        if for_tests && line.starts_with("mod ") && line.ends_with('{') {
            break; // a module of tests ends its file
        }
        for_tests = line == "#[cfg(test)]" || (for_tests && line.starts_with("#["));
        let said = [above, line].iter().any(|line| {
            let reason = line.split_once(REASON);
            reason.is_some_and(|(_, reason)| !reason.trim().is_empty())
        });
        if saturates(line) && !said {
            found.push(at);
        }
        above = line;
    }
    found
}

#[test]
fn what_saturates_says_why() {
    let mut all = Vec::new();
    let texts = files(&["rs"]);
    let ours = |text: &&Text| {
        let tests = text.name.ends_with("tests.rs") || text.name.contains("/tests/");
        !tests && CRATES.iter().any(|folder| text.name.starts_with(folder))
    };
    for text in texts.iter().filter(ours) {
        let lines = silent(text);
        all.extend(lines.iter().map(|at| format!("{}:{at}", text.name)));
    }
    assert_none(
        "check the sum, or say why it may stop: // saturates: ...",
        &all,
    );
}

#[test]
fn the_scan_sees_what_stops_at_an_end() {
    for line in [
        "sum = sum.saturating_add(1);",
        "u64::try_from(n).unwrap_or(u64::MAX)",
        "day.yesterday().unwrap_or(Date::MIN)",
        ".fold(0, u64::saturating_add)",
    ] {
        assert!(saturates(line), "{line}");
    }
    for line in ["sum.checked_add(1)", "n.unwrap_or(0)", "// saturating_add"] {
        assert!(!saturates(line), "{line}");
    }
    let text = |lines: &[&str]| Text {
        name: "x.rs".to_owned(),
        text: lines.join("\n"),
    };
    let add = "n.saturating_add(1);";
    let same = format!("{add} // saturates: a width");
    assert_eq!(silent(&text(&[add, &same])), [1]);
    assert_eq!(silent(&text(&["// saturates: a width", add, add])), [3]);
    assert_eq!(silent(&text(&["// saturates: ", add])), [2]);
    assert!(silent(&text(&["#[cfg(test)]", "mod tests {", add])).is_empty());
    assert_eq!(silent(&text(&["#[cfg(test)]", "mod tests;", add])), [3]);
}
