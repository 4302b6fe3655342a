//! What people see goes through one place: nothing but `jobs/src/terminal.rs` writes to a stream
//! of the process, so that foreign text is caught whoever prints it.

use crate::house::source::{Text, assert_none, files};

/// What writes to stdout or stderr.
const WRITERS: &[&str] = &[
    "println!(",
    "print!(",
    "eprintln!(",
    "eprint!(",
    "stdout()",
    "stderr()",
    ".print()",
];

/// Lines that may have one, each with the reason.
const MAY: &[(&str, &str, &str)] = &[
    ("jobs/src/terminal.rs", "io::std", "the one place"),
    (
        "online/server/src/begin.rs",
        "eprintln!(",
        "how the process ends; failures make foreign words harmless where they are made",
    ),
    (
        "online/server/src/bench.rs",
        "println!(",
        "figures that were measured, and nothing foreign",
    ),
    (
        "online/server/src/serve.rs",
        "println!(",
        "the one line that says where it listens, in JSON",
    ),
    (
        "jobs/src/progress.rs",
        ".is_terminal()",
        "asks who reads, and writes nothing",
    ),
    (
        "jobs/src/progress.rs",
        "ProgressDrawTarget::stderr()",
        "a bar, its words made harmless before",
    ),
    (
        "jobs/src/cli/failed.rs",
        "error.print()",
        "help and version, which nobody wrote but us",
    ),
    (
        "jobs/src/cli/failed.rs",
        "error.use_stderr()",
        "asks, and writes nothing",
    ),
];

/// The sources of what people run: not tests, benchmarks, examples and what runs at build time.
fn shipped(text: &Text) -> bool {
    let aside = ["tests/", "fuzz/", "/tests/", "/benches/", "/examples/"];
    let name = &text.name;
    name.contains("src/")
        && !name.ends_with("tests.rs")
        && !aside
            .iter()
            .any(|part| name.starts_with(part) || name.contains(part))
}

#[test]
fn nothing_is_printed_past_the_net() {
    let (mut past, mut seen) = (Vec::new(), 0);
    for text in files(&["rs"]).iter().filter(|text| shipped(text)) {
        let own = text
            .lines()
            .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"));
        for (at, line) in own.filter(|(_, line)| !line.trim_start().starts_with("//")) {
            let asked = line.replace("beside_stdout()", "");
            if !WRITERS.iter().any(|writer| asked.contains(writer)) {
                continue;
            }
            seen += 1;
            let may =
                |(name, part, _): &(&str, &str, &str)| text.name == *name && line.contains(part);
            if !MAY.iter().any(may) {
                past.push(format!("{}:{at}: {}", text.name, line.trim()));
            }
        }
    }
    assert!(
        seen >= 5,
        "the scan found only {seen} places: is it broken?"
    );
    assert_none("print through `terminal`, or say in MAY why not", &past);
}

#[test]
fn nothing_is_put_on_a_page_or_into_a_sheet_unescaped() {
    let mut past = Vec::new();
    for text in files(&["html"]) {
        let raw = text
            .lines()
            .filter(|(_, line)| line.contains("|safe") || line.contains("| safe"));
        past.extend(raw.map(|(at, _)| format!("{}:{at}: unescaped", text.name)));
    }
    for text in files(&["rs"]).iter().filter(|text| shipped(text)) {
        // The one sheet that is written asks `foreign::cell`.
        let writes = text.text.contains("csv::Writer") && !text.text.contains("foreign::cell");
        past.extend(writes.then(|| format!("{}: a sheet without foreign::cell", text.name)));
    }
    assert_none("escape what comes from outside", &past);
}
