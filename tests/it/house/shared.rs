//! Both commands of the README share the build of what is heavy: the demo's packages have the same
//! features in a build of the whole workspace. One feature that another crate asks for of what the
//! SQL engine is built on would have the engine, and all that stands on it, built twice.

use crate::house::source::{assert_none, root};
use std::collections::BTreeSet;
use std::process::Command;

/// Packages with their features, as a build of these has them.
fn features(of: &[&str], kinds: &str) -> BTreeSet<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let answer = Command::new(cargo)
        .args([
            "tree",
            "--offline",
            "--locked",
            "--prefix",
            "none",
            "--format",
            "{p} [{f}]",
        ])
        .args(["--edges", kinds])
        .args(of)
        .current_dir(root())
        .output()
        .expect("cargo is started");
    let complaint = String::from_utf8_lossy(&answer.stderr);
    assert!(answer.status.success(), "{complaint}");
    let text = String::from_utf8(answer.stdout).expect("names");
    text.lines()
        .map(|line| line.trim_end_matches(" (*)").to_owned())
        .collect()
}

#[test]
fn what_the_demo_builds_the_tests_build_with_the_same_features() {
    let demo = features(&["--package", "jobs"], "normal,build");
    let tests = features(&["--workspace"], "normal,build,dev");
    assert!(
        demo.len() > 200,
        "{} packages: is the scan broken?",
        demo.len()
    );
    let twice: Vec<String> = demo.difference(&tests).cloned().collect();
    assert_none(
        "jobs/Cargo.toml: features that the demo's build has not",
        &twice,
    );
}
