//! The project's own files, for the tests that read them.

use std::fs;
use std::path::{Path, PathBuf};

/// The project's root.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the workspace").to_path_buf()
}

/// A text file of the project.
pub struct Text {
    /// Its path below the root, with `/`.
    pub name: String,
    /// Its content.
    pub text: String,
}

impl Text {
    /// Its lines with their numbers, from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(at, line)| (at + 1, line))
    }
}

/// Folders that hold nothing anybody wrote.
const NOT_OURS: &[&str] = &["target", "tieout-demo", "tieout-data"];

/// Every text file of the project with one of `extensions`; all of them where none is named.
pub fn files(extensions: &[&str]) -> Vec<Text> {
    let root = root();
    let mut all = Vec::new();
    collect(&root, &root, extensions, &mut all);
    assert!(!all.is_empty(), "no files below {}", root.display());
    all
}

fn collect(root: &Path, folder: &Path, extensions: &[&str], all: &mut Vec<Text>) {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .expect("readable")
        .map(|entry| entry.expect("entry").path())
        .collect();
    paths.sort();
    for path in paths {
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        // Of the hidden ones only the checks' own folder is ours.
        let hidden = name.starts_with('.') && name != ".ci" && name != ".gitignore";
        if hidden || NOT_OURS.contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, extensions, all);
            continue;
        }
        let extension = path.extension().map(|e| e.to_string_lossy().into_owned());
        let wanted = extension.is_some_and(|e| extensions.contains(&e.as_str()));
        if !wanted && !extensions.is_empty() {
            continue;
        }
        // What is not text has no lines to look at.
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        let name = path
            .strip_prefix(root)
            .expect("below")
            .display()
            .to_string();
        all.push(Text { name, text });
    }
}

/// The one file called `name` below the root, where it is there.
pub fn file(name: &str) -> Option<String> {
    fs::read_to_string(root().join(name)).ok()
}

/// Fails with every complaint at once: a list is mended in one go.
#[track_caller]
pub fn assert_none(rule: &str, complaints: &[String]) {
    assert!(
        complaints.is_empty(),
        "{rule}:\n  {}",
        complaints.join("\n  ")
    );
}
