//! The workspace as `cargo metadata` resolves it: every package, and which others it is built
//! with. Asked offline and for this machine's platform: what the tests were built from is there.

use crate::house::source::root;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// A package: a crate of the workspace or one that it is built with.
#[derive(Clone, Debug, Default)]
pub struct Package {
    /// Its name, whatever others call it.
    pub name: String,
    /// Whether it is one of ours.
    pub member: bool,
    /// The root file of each of its targets, by its name in the project.
    pub roots: Vec<String>,
    /// What its manifest asks for under whatever heading, be it for tests, optional or renamed.
    pub asks_for: BTreeSet<String>,
    /// What it is linked with: no tests, no build scripts, nothing optional that nobody chose.
    pub linked: BTreeSet<String>,
}

/// Every package by its name. Versions of one package count as one: what any of them is linked
/// with, it is.
pub fn packages() -> BTreeMap<String, Package> {
    parse(&metadata())
}

/// The root files of all targets of our crates.
pub fn roots() -> Vec<String> {
    let packages = packages();
    packages
        .into_values()
        .flat_map(|package| package.roots)
        .collect()
}

fn metadata() -> Value {
    // Cargo tells its path to what it runs.
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let answer = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--offline", "--locked"])
        .args(["--filter-platform", "host-tuple"])
        .current_dir(root())
        .output()
        .expect("cargo is started");
    let complaint = String::from_utf8_lossy(&answer.stderr);
    assert!(
        answer.status.success(),
        "run `cargo fetch --locked` first: {complaint}"
    );
    serde_json::from_slice(&answer.stdout).expect("metadata")
}

/// The packages of a document of `cargo metadata`.
pub fn parse(metadata: &Value) -> BTreeMap<String, Package> {
    let declared = list(&metadata["packages"]);
    let by_id: BTreeMap<&str, &Value> = declared.iter().map(|p| (text(&p["id"]), p)).collect();
    let members: BTreeSet<&str> = list(&metadata["workspace_members"])
        .iter()
        .map(text)
        .collect();
    let folder = format!("{}/", text(&metadata["workspace_root"]));
    let mut packages: BTreeMap<String, Package> = BTreeMap::new();
    for node in list(&metadata["resolve"]["nodes"]) {
        let declared = by_id[text(&node["id"])];
        let package = packages
            .entry(text(&declared["name"]).to_owned())
            .or_default();
        package.name = text(&declared["name"]).to_owned();
        package.asks_for.extend(names(&declared["dependencies"]));
        package.linked.extend(linked(node, declared, &by_id));
        if members.contains(text(&node["id"])) {
            package.member = true;
            let paths = list(&declared["targets"])
                .iter()
                .map(|t| text(&t["src_path"]));
            package.roots.extend(
                paths
                    .filter_map(|p| p.strip_prefix(&folder))
                    .map(str::to_owned),
            );
        }
    }
    packages
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn names(packages: &Value) -> impl Iterator<Item = String> {
    list(packages)
        .iter()
        .map(|package| text(&package["name"]).to_owned())
}

/// The packages that `node` of the resolved graph is linked with.
fn linked(node: &Value, declared: &Value, by_id: &BTreeMap<&str, &Value>) -> BTreeSet<String> {
    let to = edges(node, declared, by_id, &["normal"]).into_iter();
    to.map(|id| text(&by_id[id]["name"]).to_owned()).collect()
}

fn kind(edge: &Value) -> &str {
    edge["kind"].as_str().unwrap_or("normal")
}

/// The ids of what `node` is built with by edges of these kinds.
fn edges<'a>(
    node: &'a Value,
    declared: &Value,
    by_id: &BTreeMap<&str, &Value>,
    kinds: &[&str],
) -> Vec<&'a str> {
    let counts = |edge: &&Value| {
        let mut of_edge = list(&edge["dep_kinds"]).iter().map(kind);
        of_edge.any(|kind| kinds.contains(&kind))
    };
    let edges = list(&node["deps"]).iter().filter(counts);
    let to = edges.map(|edge| text(&edge["pkg"]));
    to.filter(|id| is_chosen(node, declared, text(&by_id[id]["name"]), kinds))
        .collect()
}

/// Whether `name` is more than possible. The graph holds every optional dependency that a feature
/// mentions, even by `name?/feature`, which asks for nothing.
fn is_chosen(node: &Value, declared: &Value, name: &str, kinds: &[&str]) -> bool {
    let features = list(&node["features"]).iter().map(text);
    let asked = features.flat_map(|feature| list(&declared["features"][feature]).iter().map(text));
    let asked: BTreeSet<&str> = asked.collect();
    let dependencies = list(&declared["dependencies"]).iter();
    let mut mine = dependencies.filter(|d| text(&d["name"]) == name && kinds.contains(&kind(d)));
    mine.any(|dependency| {
        let called = dependency["rename"].as_str().unwrap_or(name);
        let by_name = format!("dep:{called}");
        let by_feature = format!("{called}/");
        dependency["optional"] != true
            || asked
                .iter()
                .any(|asked| *asked == by_name || asked.starts_with(&by_feature))
    })
}

/// One version of a package that our crates are built with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Built {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence as its manifest says it.
    pub licence: String,
    /// Where it was fetched from; empty for our own.
    pub source: String,
}

/// Everything that our crates are built with, by links or build scripts; not what only tests use.
pub fn built() -> BTreeSet<Built> {
    let metadata = metadata();
    let declared = list(&metadata["packages"]);
    let by_id: BTreeMap<&str, &Value> = declared.iter().map(|p| (text(&p["id"]), p)).collect();
    let nodes = list(&metadata["resolve"]["nodes"]);
    let nodes: BTreeMap<&str, &Value> = nodes.iter().map(|n| (text(&n["id"]), n)).collect();
    let mut open: Vec<&str> = list(&metadata["workspace_members"])
        .iter()
        .map(text)
        .collect();
    let mut seen: BTreeSet<&str> = open.iter().copied().collect();
    while let Some(id) = open.pop() {
        for to in edges(nodes[id], by_id[id], &by_id, &["normal", "build"]) {
            if seen.insert(to) {
                open.push(to);
            }
        }
    }
    let told = |id: &str| {
        let of = |key: &str| text(&by_id[id][key]).to_owned();
        Built {
            name: of("name"),
            version: of("version"),
            licence: of("license"),
            source: of("source"),
        }
    };
    seen.into_iter().map(told).collect()
}

#[test]
fn what_is_only_possible_is_not_linked() {
    let document = serde_json::json!({
        "workspace_root": "/w", "workspace_members": ["ours"],
        "packages": [
            { "id": "ours", "name": "ours", "targets": [{ "src_path": "/w/ours/src/lib.rs" }],
              "features": { "default": ["store", "text?/std"], "store": ["dep:rows"] },
              "dependencies": [
                { "name": "text", "kind": null, "optional": true, "rename": null },
                { "name": "parquet", "kind": null, "optional": true, "rename": "rows" },
                { "name": "dates", "kind": null, "optional": false, "rename": null },
                { "name": "laws", "kind": "dev", "optional": false, "rename": null },
            ] },
            { "id": "t", "name": "text" }, { "id": "p", "name": "parquet" },
            { "id": "d", "name": "dates" }, { "id": "l", "name": "laws" },
        ],
        "resolve": { "nodes": [{ "id": "ours", "features": ["default", "store"], "deps": [
            { "pkg": "t", "dep_kinds": [{ "kind": null }] },
            { "pkg": "p", "dep_kinds": [{ "kind": null }] },
            { "pkg": "d", "dep_kinds": [{ "kind": null }, { "kind": "dev" }] },
            { "pkg": "l", "dep_kinds": [{ "kind": "dev" }] },
        ] }] },
    });
    let ours = &parse(&document)["ours"];
    assert_eq!(ours.linked.iter().collect::<Vec<_>>(), ["dates", "parquet"]);
    assert_eq!(ours.asks_for.len(), 4);
    assert_eq!(ours.roots, ["ours/src/lib.rs"]);
}
