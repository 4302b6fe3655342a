//! On what terms the program is built: licences, versions and sources of all that it is built
//! with, held against `deny.toml`. The lists are written as `cargo deny` reads them, so whoever has
//! that can run it too; this test needs no tool and no network.

use crate::house::source::{assert_none, file};
use crate::house::workspace::{Built, built};
use std::collections::{BTreeMap, BTreeSet};

/// Where every package that is not ours must come from.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// What `deny.toml` allows.
struct Terms {
    licences: Vec<String>,
    /// Name and version of each second version that has its reason.
    excused: Vec<(String, String)>,
}

fn terms(text: &str) -> Terms {
    let table: toml::Table = text.parse().expect("deny.toml");
    let rows = |part: &str, key: &str| table[part][key].as_array().expect("a list").clone();
    let text = |value: &toml::Value| value.as_str().expect("a text").to_owned();
    let excused = rows("bans", "skip").into_iter().map(|row| {
        let reason = text(&row["reason"]);
        assert!(reason.len() > 5, "deny.toml: say why: {row}");
        let named = text(&row["crate"]);
        let (name, version) = named.split_once('@').expect("name@version");
        (name.to_owned(), version.to_owned())
    });
    Terms {
        licences: rows("licenses", "allow").iter().map(text).collect(),
        excused: excused.collect(),
    }
}

/// Whether one of the ways to read a licence expression is allowed: `AND` binds before `OR`, and
/// `/` is an old `OR`.
fn is_allowed(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    !words.is_empty() && any_of(&mut words.as_slice(), allowed)
}

fn any_of(words: &mut &[&str], allowed: &[String]) -> bool {
    let mut any = all_of(words, allowed);
    while let Some(("OR", rest)) = words.split_first().map(|(first, rest)| (*first, rest)) {
        *words = rest;
        any |= all_of(words, allowed);
    }
    any
}

fn all_of(words: &mut &[&str], allowed: &[String]) -> bool {
    let mut all = one(words, allowed);
    while let Some(("AND", rest)) = words.split_first().map(|(first, rest)| (*first, rest)) {
        *words = rest;
        all &= one(words, allowed);
    }
    all
}

fn one(words: &mut &[&str], allowed: &[String]) -> bool {
    let Some((first, rest)) = words.split_first() else {
        return false;
    };
    *words = rest;
    if *first == "(" {
        let within = any_of(words, allowed);
        *words = words.get(1..).unwrap_or_default();
        return within;
    }
    let mut name = (*first).to_owned();
    if let ["WITH", exception, rest @ ..] = rest {
        name = format!("{name} WITH {exception}");
        *words = rest;
    }
    allowed.contains(&name)
}

fn is_version(version: &str, excused: &str) -> bool {
    version
        .strip_prefix(excused)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The packages of which more than one version has no reason to be there, and the reasons that
/// are no longer needed.
fn doubled(built: &BTreeSet<Built>, excused: &[(String, String)]) -> Vec<String> {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in built {
        versions
            .entry(&package.name)
            .or_default()
            .insert(&package.version);
    }
    let is_excused = |name: &str, version: &str| {
        excused
            .iter()
            .any(|(of, excused)| of == name && is_version(version, excused))
    };
    let mut wrong = Vec::new();
    for (name, versions) in &versions {
        let plain: Vec<&str> = versions
            .iter()
            .copied()
            .filter(|version| !is_excused(name, version))
            .collect();
        if plain.len() > 1 {
            wrong.push(format!(
                "{name}: {}: use one, or say why two",
                plain.join(" and ")
            ));
        }
    }
    for (name, excused) in excused {
        let there = versions
            .get(name.as_str())
            .filter(|versions| versions.len() > 1);
        if !there.is_some_and(|all| all.iter().any(|version| is_version(version, excused))) {
            wrong.push(format!(
                "{name}@{excused}: it is no second version any more"
            ));
        }
    }
    wrong
}

fn ours() -> Terms {
    terms(&file("deny.toml").expect("the terms"))
}

#[test]
fn every_licence_is_one_that_we_accept() {
    let (terms, built) = (ours(), built());
    assert!(
        built.len() > 200,
        "only {} packages: is the scan broken?",
        built.len()
    );
    let wrong = built
        .iter()
        .filter(|package| !is_allowed(&package.licence, &terms.licences));
    let wrong = wrong.map(|p| format!("{} {}: {:?}", p.name, p.version, p.licence));
    assert_none(
        "licences that deny.toml does not allow",
        &wrong.collect::<Vec<_>>(),
    );
    let read = |licence: &&String| {
        let others = terms
            .licences
            .iter()
            .filter(|other| other != licence)
            .cloned();
        let others: Vec<String> = others.collect();
        built
            .iter()
            .all(|package| is_allowed(&package.licence, &others))
    };
    let idle: Vec<String> = terms.licences.iter().filter(read).cloned().collect();
    assert_none("licences of deny.toml that nothing needs", &idle);
}

#[test]
fn a_second_version_of_a_package_has_its_reason() {
    assert_none(
        "versions, by deny.toml",
        &doubled(&built(), &ours().excused),
    );
}

#[test]
fn everything_comes_from_the_registry() {
    let foreign = |package: &&Built| !package.source.is_empty() && package.source != REGISTRY;
    let wrong: Vec<String> = built()
        .iter()
        .filter(foreign)
        .map(|package| format!("{} from {}", package.name, package.source))
        .collect();
    assert_none("sources other than crates.io", &wrong);
}

#[test]
fn licence_expressions_are_read_as_they_are_meant() {
    let allowed: Vec<String> = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"]
        .map(String::from)
        .into();
    let is = |expression| is_allowed(expression, &allowed);
    assert!(is("MIT") && is("GPL-3.0 OR MIT") && is("GPL-3.0/MIT") && is("MIT AND ISC"));
    assert!(is("(GPL-3.0 OR MIT) AND ISC") && is("Apache-2.0 WITH LLVM-exception OR GPL-3.0"));
    assert!(!is("") && !is("GPL-3.0") && !is("MIT AND GPL-3.0") && !is("Apache-2.0"));
    assert!(!is("MIT AND (GPL-3.0 OR Apache-2.0)") && is("GPL-3.0 AND ISC OR MIT"));
}

#[test]
fn a_second_version_without_a_reason_is_refused_and_so_is_a_reason_without_one() {
    let package = |(name, version): (&str, &str)| Built {
        name: name.to_owned(),
        version: version.to_owned(),
        licence: "MIT".to_owned(),
        source: REGISTRY.to_owned(),
    };
    let built = BTreeSet::from([("a", "1.2.0"), ("a", "2.0.1"), ("b", "1.0.0")].map(package));
    let excused = |name: &str, version: &str| (name.to_owned(), version.to_owned());
    assert_eq!(
        doubled(&built, &[]),
        ["a: 1.2.0 and 2.0.1: use one, or say why two"]
    );
    assert_eq!(doubled(&built, &[excused("a", "1")]), [""; 0]);
    let idle = doubled(&built, &[excused("a", "1"), excused("b", "1")]);
    assert_eq!(idle, ["b@1: it is no second version any more"]);
    assert_eq!(doubled(&built, &[excused("a", "1.20")]).len(), 2);
}
