//! Who may depend on whom: the picture at the top of ARCHITECTURE.md, as a test.

use crate::source::{assert_none, root};
use std::fs;

/// A crate and what it must not depend on, nor any of its tests: what is absent is the point.
const NEVER: &[(&str, &[&str])] = &[
    (
        "settlement",
        &[
            "tokio",
            "async-trait",
            "futures",
            "serde_json",
            "arrow-array",
            "arrow-schema",
            "parquet",
            "polars",
            "fjall",
            "formats",
            "connectors",
            "sandbox",
            "jobs",
            "clap",
            "toml_edit",
        ],
    ),
    (
        "formats",
        &[
            "connectors",
            "sandbox",
            "jobs",
            "tokio",
            "async-trait",
            "fjall",
            "polars",
            "clap",
        ],
    ),
    ("connectors", &["formats", "sandbox", "jobs", "clap"]),
    (
        "sandbox",
        &[
            "connectors",
            "jobs",
            "tokio",
            "async-trait",
            "fjall",
            "arrow-array",
            "arrow-schema",
            "parquet",
            "polars",
        ],
    ),
    ("jobs", &["online", "fjall", "tests"]),
    (
        "online",
        &[
            "formats",
            "parquet",
            "polars",
            "arrow-array",
            "jobs",
            "sandbox",
        ],
    ),
];

/// What a Cargo.toml asks for, under whatever heading.
fn dependencies(manifest: &str) -> Vec<String> {
    let manifest: toml::Table = manifest.parse().expect("a Cargo.toml");
    let mut names = Vec::new();
    collect(&manifest, &mut names);
    if let Some(targets) = manifest.get("target").and_then(toml::Value::as_table) {
        for target in targets.values().filter_map(toml::Value::as_table) {
            collect(target, &mut names);
        }
    }
    names
}

fn collect(manifest: &toml::Table, names: &mut Vec<String>) {
    for heading in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let table = manifest.get(heading).and_then(toml::Value::as_table);
        for (name, value) in table.into_iter().flatten() {
            // A dependency may be renamed; what counts is what it is.
            let renamed = value.get("package").and_then(toml::Value::as_str);
            names.push(renamed.unwrap_or(name).to_owned());
        }
    }
}

/// The edges of `manifest` that the crate called `name` must not have.
fn wrong_edges(name: &str, manifest: &str) -> Vec<String> {
    let never = NEVER
        .iter()
        .find(|(of, _)| *of == name)
        .map_or(&[][..], |(_, n)| n);
    let wrong = dependencies(manifest);
    let wrong = wrong
        .into_iter()
        .filter(|d| never.contains(&d.as_str()) || d == name);
    wrong
        .map(|d| format!("{name} must not depend on {d}"))
        .collect()
}

fn members() -> Vec<String> {
    let text = fs::read_to_string(root().join("Cargo.toml")).expect("the workspace");
    let manifest: toml::Table = text.parse().expect("a Cargo.toml");
    let members = manifest["workspace"]["members"]
        .as_array()
        .expect("members");
    let name = |member: &toml::Value| member.as_str().expect("a name").to_owned();
    members.iter().map(name).collect()
}

#[test]
fn no_crate_depends_on_what_it_must_not_see() {
    let mut wrong = Vec::new();
    for member in members() {
        let text = fs::read_to_string(root().join(&member).join("Cargo.toml"));
        wrong.extend(wrong_edges(&member, &text.expect("a manifest")));
    }
    assert_none("the layering of ARCHITECTURE.md", &wrong);
}

#[test]
fn every_crate_has_its_place_in_the_layering() {
    for member in members().iter().filter(|member| *member != "tests") {
        let known = NEVER.iter().any(|(name, _)| name == member);
        assert!(known, "{member}: say in NEVER what it must not depend on");
    }
}

#[test]
fn a_wrong_edge_is_refused() {
    let plain = "[dependencies]\ntokio = { workspace = true }\njiff = '1'\n";
    assert_eq!(
        wrong_edges("settlement", plain),
        ["settlement must not depend on tokio"]
    );
    let renamed = "[dev-dependencies]\nrows = { package = 'parquet', version = '1' }\n";
    assert_eq!(wrong_edges("settlement", renamed).len(), 1);
    let targeted = "[target.'cfg(unix)'.dependencies]\nconnectors = { path = '../c' }\n";
    assert_eq!(wrong_edges("formats", targeted).len(), 1);
    assert_eq!(
        wrong_edges("formats", "[dependencies]\narrow-array = '1'\n").len(),
        0
    );
    assert_eq!(
        wrong_edges("connectors", "[dependencies]\nformats = '1'\n").len(),
        1
    );
    assert_eq!(
        wrong_edges("sandbox", "[dependencies]\nconnectors = '1'\n").len(),
        1
    );
    assert_eq!(
        wrong_edges("online", "[dependencies]\narrow-array = '1'\n").len(),
        1
    );
}
