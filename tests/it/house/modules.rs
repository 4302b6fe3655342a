//! The modules of one crate as its source declares them: what each defines, what it takes from
//! elsewhere, and which paths it names. [`super::imports`] makes of that who imports whom.
//!
//! What stands under `#[cfg(test)]` is left out. In the body of a `macro_rules!` only paths from
//! the crate's root count: where the others start depends on who calls it.

use crate::house::words::{Word, words};
use std::collections::{BTreeMap, BTreeSet};

/// A path as named: `["super", "a", "b"]`.
pub type Path = Vec<String>;

/// A module, in a file of its own or within one.
#[derive(Debug, Default)]
pub struct Module {
    /// The file it stands in, by its name in the project.
    pub file: String,
    /// The module it is declared in, by its place in [`Crate::modules`]; its own for the root.
    pub parent: usize,
    /// The modules that are declared in it.
    pub children: BTreeMap<String, usize>,
    /// What it takes by a `use`: the name here, and each path that it may stand for.
    pub taken: BTreeMap<String, Vec<Path>>,
    /// The modules that it takes everything from.
    pub globs: Vec<Path>,
    /// Its own items, and each name in a macro's call between items: it may make an item of it.
    pub items: BTreeSet<String>,
    /// Every path that is written in it, with its line.
    pub named: Vec<(Path, usize)>,
    /// Every name in it: one of them may come from a glob.
    pub words: BTreeSet<String>,
}

/// The modules of a crate; the first is its root.
#[derive(Debug, Default)]
pub struct Crate {
    /// All of them, a parent before its children.
    pub modules: Vec<Module>,
}

/// Files by their names in the project.
pub type Files = BTreeMap<String, String>;

/// Reads the crate whose root is the file `root`, with every file that it declares.
pub fn read(files: &Files, root: &str) -> Crate {
    let mut reader = Reader {
        files,
        read: Crate::default(),
    };
    let folder = root.rsplit_once('/').map_or("", |(folder, _)| folder);
    reader.module(0, root, folder);
    reader.read
}

struct Reader<'a> {
    files: &'a Files,
    read: Crate,
}

/// Where in a module the reader is.
struct Place<'a, 'w> {
    module: usize,
    /// The folder of the files of modules that are declared here.
    folder: &'a str,
    words: &'a [Word<'w>],
}

impl Place<'_, '_> {
    fn text(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |word| word.text)
    }

    fn is_name(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(Word::is_name)
    }

    /// The place after the group that opens at `at`.
    fn end(&self, at: usize) -> usize {
        let mut depth = 0_usize;
        for (step, word) in self.words[at..].iter().enumerate() {
            match word.text {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return at + step + 1;
            }
        }
        self.words.len()
    }

    /// The place after the item that starts at `at`, its attributes included.
    fn item_end(&self, mut at: usize) -> usize {
        while self.text(at) == "#" {
            at = self.end(at + 1);
        }
        // A value in braces is part of its item, which ends with its semicolon.
        let valued = ["use", "const", "static"];
        let mut is_value = false;
        while at < self.words.len() {
            is_value |= valued.contains(&self.text(at)) && self.text(at + 1) != "fn";
            match self.text(at) {
                ";" => return at + 1,
                "{" if !is_value => return self.end(at),
                "(" | "[" | "{" => at = self.end(at),
                _ => at += 1,
            }
        }
        at
    }
}

/// Whether the attribute in `words` leaves its item out of all but tests.
fn is_for_tests(words: &[Word]) -> bool {
    let texts: Vec<&str> = words.iter().map(|word| word.text).collect();
    texts.starts_with(&["[", "cfg", "(", "test", ")"])
        || texts.starts_with(&["[", "cfg", "(", "all", "(", "test", ","])
}

/// Words before the name of an item.
const ITEMS: &[&str] = &[
    "fn", "struct", "enum", "union", "trait", "type", "const", "static",
];

/// Words that a path from this crate starts with.
const STARTS: &[&str] = &["crate", "self", "super"];

impl Reader<'_> {
    fn module(&mut self, parent: usize, file: &str, folder: &str) -> usize {
        let module = self.add(parent, file);
        let text = self.files.get(file).map_or("", String::as_str);
        let words = words(text);
        let place = Place {
            module,
            folder,
            words: &words,
        };
        self.items(&place);
        module
    }

    fn add(&mut self, parent: usize, file: &str) -> usize {
        self.read.modules.push(Module {
            file: file.to_owned(),
            parent,
            ..Module::default()
        });
        self.read.modules.len() - 1
    }

    fn here(&mut self, place: &Place) -> &mut Module {
        &mut self.read.modules[place.module]
    }

    fn items(&mut self, place: &Place) {
        let (mut at, mut depth) = (0, 0_usize);
        while at < place.words.len() {
            match place.text(at) {
                "{" => depth += 1,
                "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
            let on_top = depth == 0;
            at = self.step(place, at, on_top);
        }
    }

    /// Takes what starts at `at`, and answers where the next thing does.
    fn step(&mut self, place: &Place, at: usize, on_top: bool) -> usize {
        let next = place.text(at + 1);
        match place.text(at) {
            "#" => return self.attribute(place, at),
            "pub" if next == "(" => return place.end(at + 1),
            "mod" if place.is_name(at + 1) => return self.declared(place, at),
            "use" if next != "<" => return self.used(place, at),
            "macro_rules" if next == "!" => return self.macro_rules(place, at),
            word if on_top && ITEMS.contains(&word) && place.is_name(at + 1) => {
                self.here(place).items.insert(next.to_owned());
            }
            _ if on_top && next == "!" && place.is_name(at) => self.called(place, at + 2),
            _ => {}
        }
        if !place.is_name(at) {
            return at + 1;
        }
        let word = place.text(at).to_owned();
        self.here(place).words.insert(word);
        self.path(place, at, |_| true)
    }

    /// An attribute: the item below it may be for tests only, or a path stand in it as text.
    fn attribute(&mut self, place: &Place, at: usize) -> usize {
        let whole_file = place.text(at + 1) == "!";
        let from = at + 1 + usize::from(whole_file);
        let end = place.end(from);
        if is_for_tests(&place.words[from..end]) {
            return if whole_file {
                place.words.len()
            } else {
                place.item_end(end)
            };
        }
        assert_ne!(
            place.text(from + 1),
            "path",
            "{}: the circles test knows no #[path]",
            { &self.read.modules[place.module].file }
        );
        for word in &place.words[from..end] {
            let path: Path = word
                .text
                .trim_matches('"')
                .split("::")
                .map(str::to_owned)
                .collect();
            if path.len() > 1 && STARTS.contains(&path[0].as_str()) {
                self.here(place).named.push((path, word.line));
            }
        }
        from + 1
    }

    /// `mod x;` or `mod x { ... }`.
    fn declared(&mut self, place: &Place, at: usize) -> usize {
        let name = place.text(at + 1);
        let folder = format!("{}/{name}", place.folder);
        let folder = folder.trim_start_matches('/');
        let child = match place.text(at + 2) {
            ";" => {
                let files = [format!("{folder}.rs"), format!("{folder}/mod.rs")];
                let file = files.iter().find(|file| self.files.contains_key(*file));
                let Some(file) = file else { return at + 2 };
                self.module(place.module, file, folder)
            }
            "{" => {
                let file = self.here(place).file.clone();
                let module = self.add(place.module, &file);
                let words = &place.words[at + 3..place.end(at + 2) - 1];
                self.items(&Place {
                    module,
                    folder,
                    words,
                });
                module
            }
            _ => return at + 2,
        };
        self.here(place).children.insert(name.to_owned(), child);
        if place.text(at + 2) == ";" {
            at + 3
        } else {
            place.end(at + 2)
        }
    }

    fn used(&mut self, place: &Place, at: usize) -> usize {
        let mut at = at + 1;
        self.tree(place, &mut at, Vec::new());
        at
    }

    /// One tree of a `use`, below `path`.
    fn tree(&mut self, place: &Place, at: &mut usize, mut path: Path) {
        let line = place.words.get(*at).map_or(0, |word| word.line);
        loop {
            match place.text(*at) {
                "{" => {
                    let end = place.end(*at);
                    *at += 1;
                    while *at + 1 < end {
                        self.tree(place, at, path.clone());
                        *at += usize::from(place.text(*at) == ",");
                    }
                    *at = end;
                    return;
                }
                "*" => {
                    *at += 1;
                    let here = self.here(place);
                    here.globs.push(path.clone());
                    here.named.push((path, line));
                    return;
                }
                // One from the root of all crates is none of ours.
                "::" if path.is_empty() => path.push(String::new()),
                "::" => {}
                _ if place.is_name(*at) => path.push(place.text(*at).to_owned()),
                _ => return,
            }
            *at += 1;
            if !matches!(place.text(*at), "::") && place.text(*at - 1) != "::" {
                break;
            }
        }
        self.leaf(place, at, path, line);
    }

    /// The end of a tree: the name it has here.
    fn leaf(&mut self, place: &Place, at: &mut usize, mut path: Path, line: usize) {
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let mut name = path.last().cloned().unwrap_or_default();
        if place.text(*at) == "as" {
            name = place.text(*at + 1).to_owned();
            *at += 2;
        }
        let here = self.here(place);
        here.taken.entry(name).or_default().push(path.clone());
        here.named.push((path, line));
    }

    fn macro_rules(&mut self, place: &Place, at: usize) -> usize {
        let name = place.text(at + 2).to_owned();
        self.here(place).items.insert(name);
        let end = place.end(at + 3);
        let mut inside = at + 3;
        while inside < end {
            inside = self.path(place, inside, |start| start == "crate");
        }
        end
    }

    /// The call of a macro between items.
    fn called(&mut self, place: &Place, at: usize) {
        for word in &place.words[at..place.end(at)] {
            if word.is_name() {
                self.here(place).items.insert(word.text.to_owned());
            }
        }
    }

    /// The path that starts at `at`, if one does.
    fn path(&mut self, place: &Place, at: usize, counts: impl Fn(&str) -> bool) -> usize {
        let starts = place.is_name(at) && (at == 0 || place.text(at - 1) != "::");
        if !starts || place.text(at + 1) != "::" || !counts(place.text(at)) {
            return at + 1;
        }
        let mut path = vec![place.text(at).to_owned()];
        let mut end = at + 1;
        while place.text(end) == "::" && place.is_name(end + 1) {
            path.push(place.text(end + 1).to_owned());
            end += 2;
        }
        let line = place.words[at].line;
        self.here(place).named.push((path, line));
        end.max(at + 1)
    }
}
