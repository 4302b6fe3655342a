//! Who may depend on whom: the picture of the crates in ARCHITECTURE.md, as a test over what cargo
//! resolves. What is absent is the point: who uses a port links no store and no SQL engine.

use crate::house::source::assert_none;
use crate::house::workspace::{Package, packages};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What a crate must not have. A name may end in `*`: all that start so.
struct Row {
    name: &'static str,
    /// Not in its manifest, under whatever heading: its tests do not use them either.
    never: &'static [&'static str],
    /// Not linked, by however many crates between.
    unlinked: &'static [&'static str],
}

const fn row(
    name: &'static str,
    never: &'static [&'static str],
    unlinked: &'static [&'static str],
) -> Row {
    Row {
        name,
        never,
        unlinked,
    }
}

/// A row for each crate of the workspace; one that is not there (yet) is not asked for.
const ROWS: &[Row] = &[
    row("settlement", SETTLEMENT, SETTLEMENT),
    row(
        "formats",
        &["connectors*", "sandbox", "desk", "online", "jobs", "tests"],
        &[
            "connectors*",
            "tokio*",
            "async-trait",
            "fjall",
            "polars*",
            "clap",
        ],
    ),
    row("connectors", PORTS, LEAN),
    row(
        "connectors-embedded",
        PORTS,
        &["formats", "polars*", "parquet", "arrow*"],
    ),
    row("connectors-conformance", PORTS, LEAN),
    row("connectors-geo", PORTS, LEAN),
    row("connectors-warehouse", PORTS, &["formats", "fjall"]),
    row(
        "desk",
        &["formats", "sandbox", "online", "jobs", "clap", "tests"],
        LEAN,
    ),
    row(
        "online",
        &["formats", "sandbox", "jobs", "tests", "tieout-online"],
        LEAN,
    ),
    row("tieout-online-lambda", FRONT, ENGINES),
    row("tieout-online-postgres", FRONT, ENGINES),
    row("tieout-online", FRONT, ENGINES),
    row(
        "sandbox",
        &[
            "connectors*",
            "desk",
            "online",
            "jobs",
            "tests",
            "arrow*",
            "parquet",
        ],
        &["connectors*", "tokio*", "async-trait", "fjall", "polars*"],
    ),
    row(
        "jobs",
        &["online", "tieout-online", "fjall", "polars*", "tests"],
        &["online", "tieout-online"],
    ),
    row("tests", &[], &[]),
];

/// The rules: no input or output, no runtime, no columns, nobody of ours.
const SETTLEMENT: &[&str] = &[
    "tokio*",
    "async-trait",
    "futures*",
    "serde_json",
    "arrow*",
    "parquet",
    "polars*",
    "fjall",
    "formats",
    "connectors*",
    "sandbox",
    "desk",
    "online",
    "jobs",
    "tests",
    "clap",
    "toml_edit",
];

/// What no port and no adapter knows: bytes of files, and those who work with ports.
const PORTS: &[&str] = &[
    "formats", "sandbox", "desk", "online", "jobs", "tests", "clap",
];

/// What somebody who uses ports must not link: stores and engines are a binary's choice.
const LEAN: &[&str] = &[
    "polars*",
    "parquet",
    "arrow*",
    "fjall",
    "formats",
    "sandbox",
    "jobs",
    "connectors-embedded",
    "connectors-warehouse",
];

/// What no program of the online path asks for: files of banks, jobs, and SQL.
const FRONT: &[&str] = &[
    "formats",
    "sandbox",
    "jobs",
    "tests",
    "connectors-warehouse",
];

/// What they do not link either; a store they do.
const ENGINES: &[&str] = &["polars*", "parquet", "arrow*", "formats", "sandbox", "jobs"];

type Graph = BTreeMap<String, Package>;

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

/// The shortest way from `from` to each package that it is linked with.
fn ways(graph: &Graph, from: &str) -> BTreeMap<String, Vec<String>> {
    let mut ways = BTreeMap::new();
    let mut open = VecDeque::from([vec![from.to_owned()]]);
    while let Some(way) = open.pop_front() {
        let last = way.last().and_then(|last| graph.get(last));
        for to in last.iter().flat_map(|package| &package.linked) {
            if !ways.contains_key(to) {
                let way = [&way[..], std::slice::from_ref(to)].concat();
                ways.insert(to.clone(), way.clone());
                open.push_back(way);
            }
        }
    }
    ways
}

/// The edges of our crates that must not be, each with the way it comes about.
fn wrong(graph: &Graph) -> Vec<String> {
    let mut wrong = Vec::new();
    for row in ROWS {
        let Some(package) = graph.get(row.name).filter(|package| package.member) else {
            continue;
        };
        let is = |list: &[&str], name: &str| list.iter().any(|pattern| matches(pattern, name));
        let asked = package.asks_for.iter().filter(|name| is(row.never, name));
        wrong.extend(asked.map(|name| format!("{} must not depend on {name}", row.name)));
        let ways = ways(graph, row.name);
        let linked = ways.iter().filter(|(name, _)| is(row.unlinked, name));
        let told = linked
            .map(|(name, way)| format!("{} must not link {name}: {}", row.name, way.join(" -> ")));
        wrong.extend(told);
    }
    wrong
}

#[test]
fn no_crate_depends_on_what_it_must_not_see() {
    let graph = packages();
    let linked = ways(&graph, "jobs").len();
    assert!(
        linked > 100,
        "jobs is linked with only {linked} packages: is the scan broken?"
    );
    assert_none("the layering of ARCHITECTURE.md", &wrong(&graph));
}

#[test]
fn every_crate_has_its_place_in_the_layering() {
    let graph = packages();
    let members: BTreeSet<&String> = graph
        .iter()
        .filter(|(_, p)| p.member)
        .map(|(name, _)| name)
        .collect();
    assert!(members.len() >= 6, "{members:?}");
    for member in members {
        let known = ROWS.iter().any(|row| row.name == member);
        assert!(known, "{member}: say in ROWS what it must not depend on");
    }
}

/// A graph of ours and others, each with what it is linked with.
fn planted(edges: &[(&str, &[&str])]) -> Graph {
    let package = |(name, linked): &(&str, &[&str])| {
        let linked: BTreeSet<String> = linked.iter().map(|to| (*to).to_owned()).collect();
        let package = Package {
            name: (*name).to_owned(),
            member: ROWS.iter().any(|row| row.name == *name),
            asks_for: linked.clone(),
            linked,
            ..Package::default()
        };
        (package.name.clone(), package)
    };
    edges.iter().map(package).collect()
}

#[test]
fn a_wrong_edge_is_refused() {
    let edges: &[(&str, &str)] = &[
        ("settlement", "tokio"),
        ("settlement", "arrow-schema"),
        ("formats", "connectors"),
        ("formats", "connectors-warehouse"),
        ("connectors", "formats"),
        ("connectors-embedded", "formats"),
        ("connectors-warehouse", "formats"),
        ("sandbox", "connectors"),
        ("sandbox", "connectors-embedded"),
        ("desk", "jobs"),
        ("online", "jobs"),
        ("jobs", "online"),
        ("jobs", "polars-sql"),
    ];
    for (from, to) in edges {
        let wrong = wrong(&planted(&[(*from, &[*to])]));
        let told = format!("{from} must not depend on {to}");
        assert!(wrong.contains(&told), "{from} -> {to}: {wrong:?}");
    }
    let mut tested = planted(&[("settlement", &["jiff"])]);
    let settlement = tested.get_mut("settlement").expect("planted");
    settlement.asks_for.insert("serde_json".to_owned());
    assert_eq!(wrong(&tested), ["settlement must not depend on serde_json"]);
}

#[test]
fn what_is_linked_by_way_of_others_is_refused_with_the_way() {
    let mut graph = planted(&[
        ("online", &["desk", "settlement", "connectors"]),
        ("desk", &["connectors", "settlement", "jiff"]),
        ("connectors", &["settlement", "tokio"]),
        ("settlement", &["jiff"]),
        (
            "jobs",
            &[
                "desk",
                "connectors-embedded",
                "connectors-warehouse",
                "formats",
            ],
        ),
        ("connectors-embedded", &["connectors", "fjall"]),
        ("connectors-warehouse", &["connectors", "polars"]),
        ("formats", &["settlement", "parquet"]),
        ("polars", &["polars-core"]),
    ]);
    assert_eq!(wrong(&graph), [""; 0]);
    let desk = graph.get_mut("desk").expect("planted");
    desk.linked.insert("connectors-warehouse".to_owned());
    let told = wrong(&graph);
    let way = "online must not link polars-core: \
               online -> desk -> connectors-warehouse -> polars -> polars-core";
    assert!(told.iter().any(|line| line == way), "{told:?}");
    let way = "desk must not link polars: desk -> connectors-warehouse -> polars";
    assert!(told.iter().any(|line| line == way), "{told:?}");
}

#[test]
fn a_crate_that_is_not_ours_is_not_judged_by_its_name() {
    let mut graph = planted(&[("online", &["tokio", "jobs"])]);
    graph.get_mut("online").expect("planted").member = false;
    assert_eq!(wrong(&graph), [""; 0]);
}
