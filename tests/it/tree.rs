//! Folders: fresh ones, copies of them, and all their bytes for comparison.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use tempfile::TempDir;

/// A fresh folder, in memory where the system has such a place: a test of crashes syncs
/// thousands of files that nobody will miss.
pub fn scratch() -> TempDir {
    let memory = Path::new("/dev/shm");
    let mut builder = tempfile::Builder::new();
    builder.prefix("tieout-it-");
    match builder.tempdir_in(memory) {
        Ok(dir) => dir,
        Err(_) => builder.tempdir().expect("a temporary folder"),
    }
}

/// Every file below `dir/part`, by name.
pub fn bytes(dir: &Path, parts: &[&str]) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for part in parts {
        walk(&dir.join(part), &mut |path, is_dir| {
            if !is_dir {
                let name = path.strip_prefix(dir).expect("below").display().to_string();
                all.insert(name, fs::read(path).expect("readable"));
            }
        });
    }
    all
}

/// Everything below `dir`, folders before what is in them, in the order of names. Sockets hold
/// nothing and are left out: whoever lends a store makes one.
pub fn walk(dir: &Path, visit: &mut dyn FnMut(&Path, bool)) {
    let Ok(entries) = fs::read_dir(dir) else {
        return;
    };
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("entry").path()).collect();
    paths.sort();
    for path in paths {
        let kind = fs::symlink_metadata(&path).expect("there").file_type();
        if kind.is_socket() {
            continue;
        }
        let is_dir = kind.is_dir();
        visit(&path, is_dir);
        if is_dir {
            walk(&path, visit);
        }
    }
}

/// Fails with the names that differ: the bytes themselves would fill a screen.
pub fn assert_same(what: &str, one: &BTreeMap<String, Vec<u8>>, other: &BTreeMap<String, Vec<u8>>) {
    assert!(!one.is_empty(), "{what}: nothing to compare");
    let names = one.keys().chain(other.keys());
    let mut differ: Vec<&String> = names.filter(|n| one.get(*n) != other.get(*n)).collect();
    differ.sort();
    differ.dedup();
    assert!(differ.is_empty(), "{what}: these differ: {differ:#?}");
}

/// Copies `from` to `to`, which must not exist. The store's journal is a large file with little
/// in it: holes stay holes.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("folder");
    walk(from, &mut |path, is_dir| {
        let target = to.join(path.strip_prefix(from).expect("below"));
        if is_dir {
            fs::create_dir_all(&target).expect("folder");
        } else {
            copy_file(path, &target);
        }
    });
}

/// Copies a file: holes stay holes.
pub fn copy_file(from: &Path, to: &Path) {
    const BLOCK: usize = 1 << 16;
    let mut source = File::open(from).expect("readable");
    let mut target = File::create_new(to).expect("new");
    let size = source.metadata().expect("size").len();
    let mut block = vec![0; BLOCK];
    loop {
        let count = source.read(&mut block).expect("read");
        let Some(bytes) = block.get(..count).filter(|b| !b.is_empty()) else {
            break;
        };
        if bytes.iter().all(|byte| *byte == 0) {
            let skip = i64::try_from(count).expect("a block");
            target.seek(SeekFrom::Current(skip)).expect("seek");
        } else {
            target.write_all(bytes).expect("write");
        }
    }
    target.set_len(size).expect("size");
    let mode = source.metadata().expect("mode").permissions();
    target.set_permissions(mode).expect("mode");
}
