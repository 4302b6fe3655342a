//! No two files of a crate import each other, directly or by way of others: a reader can start at
//! the bottom and never needs what comes later.
//!
//! A part (`x/part.rs`) is no exception: where it and `x.rs` need the same words, those stand in a
//! part of their own, below both.

use crate::house::imports::{Imports, between};
use crate::house::modules::Files;
use crate::house::source::{assert_none, files};
use crate::house::workspace::roots;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that can be reached from `file` by one import or more.
fn reach(imports: &Imports, file: &str) -> BTreeSet<String> {
    let (mut reached, mut open) = (BTreeSet::new(), vec![file.to_owned()]);
    while let Some(next) = open.pop() {
        for to in imports.get(&next).into_iter().flat_map(BTreeMap::keys) {
            if reached.insert(to.clone()) {
                open.push(to.clone());
            }
        }
    }
    reached
}

/// The sets of files that import each other, each file in one at most.
fn components(imports: &Imports) -> Vec<BTreeSet<String>> {
    let reached: BTreeMap<&String, BTreeSet<String>> = imports
        .keys()
        .map(|file| (file, reach(imports, file)))
        .collect();
    let mut found: Vec<BTreeSet<String>> = Vec::new();
    for (file, ahead) in &reached {
        let known = found.iter().any(|component| component.contains(*file));
        if !known && ahead.contains(*file) {
            let back = |other: &&String| reached.get(other).is_some_and(|r| r.contains(*file));
            found.push(ahead.iter().filter(back).cloned().collect());
        }
    }
    found
}

/// The shortest way by imports from `file` back to itself.
fn way_back(imports: &Imports, file: &str) -> Option<Vec<String>> {
    let mut ways = std::collections::VecDeque::from([vec![file.to_owned()]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        let last = way.last()?;
        for to in imports.get(last)?.keys() {
            let way = [&way[..], std::slice::from_ref(to)].concat();
            if to == file {
                return Some(way);
            }
            if seen.insert(to.clone()) {
                ways.push_back(way);
            }
        }
    }
    None
}

/// The circles of the crate whose root is `root`, each told by its shortest way round.
fn circles(files: &Files, root: &str) -> Vec<String> {
    let imports = between(files, root);
    let mut told = Vec::new();
    for component in components(&imports) {
        let ways = component.iter().filter_map(|file| way_back(&imports, file));
        let Some(way) = ways.min_by_key(Vec::len) else {
            continue;
        };
        let steps = way.iter().zip(way.iter().skip(1));
        let how = steps.filter_map(|(from, to)| imports.get(from)?.get(to));
        let how: Vec<&str> = how.map(String::as_str).collect();
        let others: Vec<String> = component.into_iter().filter(|f| !way.contains(f)).collect();
        let others = match others.as_slice() {
            [] => String::new(),
            others => format!("; with {}", others.join(", ")),
        };
        told.push(format!("{} ({}{others})", way.join(" -> "), how.join("; ")));
    }
    told
}

#[test]
fn no_two_files_of_a_crate_import_each_other() {
    let files: Files = files(&["rs"])
        .into_iter()
        .map(|t| (t.name, t.text))
        .collect();
    let (mut found, mut arrows) = (Vec::new(), 0);
    for root in roots() {
        assert!(files.contains_key(&root), "{root} is not there");
        arrows += between(&files, &root)
            .values()
            .map(BTreeMap::len)
            .sum::<usize>();
        found.extend(circles(&files, &root));
    }
    assert!(
        arrows > 500,
        "the scan found only {arrows} imports: is it broken?"
    );
    assert_none("files that import each other", &found);
}

/// The circles of a crate of these files, without how they come about.
fn planted(files: &[(&str, &str)]) -> Vec<String> {
    let way = |circle: String| circle.split(" (").next().unwrap_or_default().to_owned();
    told(files).into_iter().map(way).collect()
}

fn told(files: &[(&str, &str)]) -> Vec<String> {
    let file = |(name, text): &(&str, &str)| (format!("src/{name}"), (*text).to_owned());
    let told = circles(&files.iter().map(file).collect(), "src/lib.rs");
    told.into_iter()
        .map(|circle| circle.replace("src/", ""))
        .collect()
}

const ROOT: (&str, &str) = ("lib.rs", "mod a; mod b; mod c;");
const NONE: [&str; 0] = [];

#[test]
fn a_circle_is_told_by_its_shortest_way() {
    let files = [
        ROOT,
        ("a.rs", "use crate::b::B;\npub struct A;"),
        ("b.rs", "use crate::c::C;\npub struct B;"),
        ("c.rs", "use crate::b::B;\nuse crate::a::A;\npub struct C;"),
    ];
    assert_eq!(planted(&files), ["b.rs -> c.rs -> b.rs"]);
    assert_eq!(planted(&files[..3]), NONE);
    let told = told(&files);
    assert!(
        told[0].ends_with("(b.rs:1 takes crate::c::C; c.rs:1 takes crate::b::B; with a.rs)"),
        "{told:?}"
    );
}

#[test]
fn imports_are_seen_in_braces_in_text_and_from_above() {
    let b = ("b.rs", "use crate::{c::{self, C}, a::{inner::{X as Y}}};");
    let a = |text| [ROOT, ("a.rs", text), ("a/inner.rs", ""), b];
    let circle = ["a/inner.rs -> b.rs -> a/inner.rs"];
    for inner in [
        "use super::super::b::Z;",
        "fn f() { crate::b::g::<u8>(1) }",
        "use crate::b;",
    ] {
        let mut files = a("mod inner;");
        files[2].1 = inner;
        assert_eq!(planted(&files), circle, "{inner}");
    }
    assert_eq!(
        planted(&a("mod inner; fn f() -> inner::X { todo() }")),
        NONE
    );
    let nested = a("mod inner { use self::deep::D; mod deep { fn f() { crate::b::g() } } }");
    assert_eq!(planted(&nested), ["a.rs -> b.rs -> a.rs"]);
    let called = [
        ROOT,
        ("a.rs", "use crate::b; fn f() { b::g() }"),
        ("b.rs", "use crate::a::f;"),
    ];
    assert_eq!(planted(&called), ["a.rs -> b.rs -> a.rs"]);
}

#[test]
fn a_name_that_is_handed_on_counts_for_both_files() {
    let user = "use crate::b::C;";
    let handing = [
        ("b.rs", "pub use crate::c::C;"),
        ("c.rs", "use crate::a::f; pub struct C;"),
    ];
    let to_origin = [ROOT, ("a.rs", user), handing[0], handing[1]];
    assert_eq!(planted(&to_origin), ["a.rs -> c.rs -> a.rs"]);
    let glob = [
        ROOT,
        ("a.rs", user),
        ("b.rs", "pub use crate::c::*;"),
        handing[1],
    ];
    assert_eq!(planted(&glob), ["a.rs -> c.rs -> a.rs"]);
    let root = ("lib.rs", "mod a; mod b; mod c; pub use c::C;");
    let through_root = [
        root,
        ("c.rs", "pub struct C;"),
        ("a.rs", "use crate::C;"),
        ("b.rs", ""),
    ];
    assert_eq!(planted(&through_root), NONE);
    let back = [
        root,
        ("c.rs", "use crate::a::f; pub struct C;"),
        ("a.rs", "use crate::C;"),
    ];
    assert_eq!(planted(&back), ["a.rs -> c.rs -> a.rs"]);
    let half = ("b.rs", "pub use crate::c::C; use crate::c::D;");
    let back = ("c.rs", "use crate::a::f; pub struct C;");
    let seen = told(&[ROOT, ("a.rs", "use crate::b::C;"), half, back]);
    assert!(
        seen[0].ends_with("with b.rs)"),
        "what hands it on is in the circle: {seen:?}"
    );
}

#[test]
fn a_part_and_the_file_that_declares_it_are_two_files() {
    let root = ("lib.rs", "mod a; pub use a::A; pub struct Root;");
    let declares = ("a.rs", "mod one; mod two; pub struct A;");
    let one = ("a/one.rs", "use super::A; fn f() {}");
    let two = ("a/two.rs", "use super::one::f; fn g() {}");
    assert_eq!(planted(&[root, declares, one, two]), NONE);
    let uses = ("a.rs", "mod one; mod two; use two::g; pub struct A;");
    assert_eq!(
        planted(&[root, uses, one, two]),
        ["a.rs -> a/two.rs -> a/one.rs -> a.rs"]
    );
    let below = ("a/one.rs", "use crate::Root; fn f() {}");
    let circle = ["a.rs -> a/two.rs -> a/one.rs -> lib.rs -> a.rs"];
    assert_eq!(planted(&[root, uses, below, two]), circle);
}

#[test]
fn what_only_tests_see_and_what_is_only_declared_is_no_import() {
    let b = ("b.rs", "use crate::a::A;");
    for text in [
        "#[cfg(test)]\nmod tests { use crate::b::B; }\npub struct A;",
        "#[cfg(test)]\n#[allow(dead_code)]\nuse crate::b::B;\npub struct A;",
        "#[cfg(test)]\nmod b;\npub struct A;",
        "//! [`crate::b::B`]\n/* use crate::b::B; */ pub struct A;",
        "pub struct A; fn f() -> &'static str { \"use crate::b::B;\" }",
        "pub(in crate::b) struct A;",
        "use std::b::B; use ::b::B; pub struct A;",
    ] {
        let files = [ROOT, ("a.rs", text), ("a/b.rs", "use crate::b::B;"), b];
        assert_eq!(planted(&files), NONE, "{text}");
    }
    let after = "#[cfg(test)]\nmod tests {}\nuse crate::b::B;\npub struct A;";
    assert_eq!(planted(&[ROOT, ("a.rs", after), b]).len(), 1);
    let fixed = "#[cfg(test)]\nconst X: T = T { a: 1 };\nuse crate::b::B;";
    assert_eq!(planted(&[ROOT, ("a.rs", fixed), b]).len(), 1);
}

#[test]
fn macros_are_read_where_they_say_what_they_take() {
    let rules =
        "macro_rules! m { ($($n:ident)*) => { $(mod $n { super::f(); })* $crate::b::g() } }";
    let b = ("b.rs", "use crate::a::A;");
    assert_eq!(
        planted(&[ROOT, ("a.rs", rules), b]),
        ["a.rs -> b.rs -> a.rs"]
    );
    let made = ("c.rs", "rows! { A by b }");
    let user = ("a.rs", "use crate::b::A;");
    let files = [
        ROOT,
        user,
        ("b.rs", "pub use crate::c::*; use crate::a::f;"),
        made,
    ];
    assert_eq!(planted(&files), ["a.rs -> b.rs -> a.rs"]);
    let attribute = "#[serde(with = \"crate::b::text\")] struct A;";
    assert_eq!(planted(&[ROOT, ("a.rs", attribute), b]).len(), 1);
}
