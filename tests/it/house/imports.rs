//! Who imports whom in one crate: an arrow from file to file for each name taken, by a `use` or by
//! a path in the text.
//!
//! A name that a module only hands on counts twice: the file that hands it on is imported, and so
//! is the one it comes from. That a path leads through a module, or that a module is declared, is
//! no import: only what stands at its end counts.

use crate::house::modules::{Crate, Files, Module, Path, read};
use std::collections::{BTreeMap, BTreeSet};

/// Names handed on from module to module are followed this far: further is a loop of globs.
const HANDED_ON: u8 = 12;

/// The files that a file imports, each with where and by which path it first does.
pub type Imports = BTreeMap<String, BTreeMap<String, String>>;

/// The imports between the files of the crate whose root is `root`.
pub fn between(files: &Files, root: &str) -> Imports {
    let parsed = read(files, root);
    let mut imports = Imports::new();
    for (at, module) in parsed.modules.iter().enumerate() {
        let from = imports.entry(module.file.clone()).or_default();
        let mut taken = module.named.clone();
        taken.extend(parsed.through_globs(module));
        for (path, line) in taken {
            for file in parsed.files_of(at, &path) {
                if file != module.file {
                    let how = format!("{}:{line} takes {}", module.file, path.join("::"));
                    from.entry(file).or_insert(how);
                }
            }
        }
    }
    imports
}

impl Crate {
    /// The files that `path` takes something from when `within` names it.
    fn files_of(&self, within: usize, path: &[String]) -> BTreeSet<String> {
        let mut files = BTreeSet::new();
        self.follow(within, path, HANDED_ON, &mut files);
        files
    }

    /// Names of a module that it has from a glob, as paths of their own.
    fn through_globs(&self, module: &Module) -> Vec<(Path, usize)> {
        let mut found = Vec::new();
        for glob in &module.globs {
            let line = module.named.iter().find(|(path, _)| path == glob);
            let line = line.map_or(0, |(_, line)| *line);
            let known =
                |word: &&String| module.items.contains(*word) || module.taken.contains_key(*word);
            let words = module.words.iter().filter(|word| !known(word));
            found
                .extend(words.map(|word| ([&glob[..], std::slice::from_ref(word)].concat(), line)));
        }
        found
    }

    /// Follows `path` as named in the module `within`: notes each file that it takes something
    /// from, and answers the module that it ends in, if it ends in one.
    fn follow(
        &self,
        within: usize,
        path: &[String],
        hops: u8,
        files: &mut BTreeSet<String>,
    ) -> Option<usize> {
        let (mut module, mut rest) = (within, path);
        while let Some((first, after)) = rest.split_first() {
            module = match first.as_str() {
                "crate" => 0,
                "self" => module,
                "super" => self.modules[module].parent,
                _ => break,
            };
            rest = after;
        }
        self.walk(module, rest, hops, files)
    }

    fn walk(
        &self,
        module: usize,
        path: &[String],
        hops: u8,
        files: &mut BTreeSet<String>,
    ) -> Option<usize> {
        let here = &self.modules[module];
        let Some((first, rest)) = path.split_first() else {
            files.insert(here.file.clone());
            return Some(module);
        };
        // A function may bear the name of its module: the end of a path means the function.
        let handed_on = rest.is_empty() && here.taken.contains_key(first);
        if let Some(child) = here.children.get(first).filter(|_| !handed_on) {
            return self.walk(*child, rest, hops, files);
        }
        files.insert(here.file.clone());
        let hops = hops.checked_sub(1)?;
        if here.items.contains(first) && !here.taken.contains_key(first) {
            return None;
        }
        let mut end = None;
        for path in here.taken.get(first).into_iter().flatten() {
            let is_foreign = path.first() == Some(first) && !here.children.contains_key(first);
            if !is_foreign {
                let path = [&path[..], rest].concat();
                end = end.or(self.follow(module, &path, hops, files));
            }
        }
        for glob in &here.globs {
            let Some(from) = self.follow(module, glob, hops, &mut BTreeSet::new()) else {
                continue;
            };
            if from != module && self.has(from, first, hops) {
                end = end.or(self.walk(from, path, hops, files));
            }
        }
        end
    }

    /// Whether `name` can be taken from the module.
    fn has(&self, module: usize, name: &str, hops: u8) -> bool {
        let here = &self.modules[module];
        let own = here.items.contains(name)
            || here.taken.contains_key(name)
            || here.children.contains_key(name);
        own || hops.checked_sub(1).is_some_and(|hops| {
            let from = |glob: &Path| self.follow(module, glob, hops, &mut BTreeSet::new());
            let mut modules = here.globs.iter().filter_map(from);
            modules.any(|from| from != module && self.has(from, name, hops))
        })
    }
}
