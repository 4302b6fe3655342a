//! Where no file of somebody's own may go: into an installation, in which every name means
//! something, and where a slip of the command line would replace a record or the master keys.

use desk::failure::{Failure, Result};
use settlement::foreign;
use std::path::{Component, Path, PathBuf};

/// What stands in a part of an installation, all of one row: of any part that says whose it is, of
/// the keys, of objects and archive of any form, of the store, of the drop box.
const PARTS: [&[&str]; 5] = [
    &["installation.json"],
    &["keys.json"],
    &[".unfinished"],
    &["keyspaces", "version"],
    &[FROM_BANK, "to-bank"],
];

/// Where a bank puts files for us, and whoever plays one: what is new may be put there.
const FROM_BANK: &str = "from-bank";

/// What stands in the folder of an installation whose parts are below it.
const WHOLE: &[&str] = &["objects", "store", "vault"];

/// What is an installation's own there. What else there is is whose it may be.
const OURS: [&str; 6] = ["alerts", "archive", "bank", "objects", "store", "vault"];

/// Refuses to write `path` where it is in a part of an installation, whatever is there. In the
/// folder above the parts, where a configuration lies and people work, a file may go, and a new one
/// into the folder of a drop box where the bank puts its own.
///
/// # Errors
/// Exit status 2, naming the folder.
pub fn of_installations(path: &Path) -> Result<()> {
    let path = standing(path);
    let there = path.symlink_metadata().is_ok();
    if path.parent().is_some_and(|at| at.ends_with(FROM_BANK)) && !there {
        return Ok(());
    }
    for folder in path.ancestors().skip(1) {
        let holds = |names: &[&str]| {
            let mut names = names.iter();
            names.all(|name| folder.join(name).symlink_metadata().is_ok())
        };
        let below = path.strip_prefix(folder).unwrap_or(&path);
        let ours = OURS.iter().any(|part| below.starts_with(part));
        if PARTS.iter().any(|part| holds(part)) || (ours && holds(WHOLE)) {
            let (path, folder) = (foreign::path(&path), foreign::path(folder));
            let why = format!("{path}: is inside of an installation, in {folder}");
            return Err(Failure::usage(why)
                .remedy("name a place outside of the installation; nothing was written"));
        }
    }
    Ok(())
}

/// Where a path leads: links that are there are followed, and what is not there is made as it is
/// written.
pub fn standing(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut standing = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(standing.pop()),
            part => standing.push(part),
        }
        if let Ok(there) = standing.canonicalize() {
            standing = there;
        }
    }
    standing
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn nothing_goes_into_a_part_of_an_installation_and_a_file_may_lie_beside_them() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        for part in ["objects/posted", "store/keyspaces", "vault", "bank/to-bank"] {
            fs::create_dir_all(at(part)).unwrap();
        }
        fs::create_dir_all(at("alerts")).unwrap();
        symlink(at("objects"), at("link")).unwrap();
        for refused in [
            "vault/keys.json",
            "objects/new",
            "objects/posted/x.json",
            "alerts/x",
            "bank/to-bank/A.ach",
            "link/x",
            "new/../objects/x",
        ] {
            let why = of_installations(&at(refused)).unwrap_err();
            assert!(why.message.contains("inside of an installation"), "{why}");
        }
        of_installations(&at("ppd.ach")).unwrap();
        of_installations(&at("parts/PPD.ach")).unwrap();
        fs::create_dir(at("bank/from-bank")).unwrap();
        of_installations(&at("bank/from-bank/r.ach")).unwrap();
        fs::write(at("bank/from-bank/r.ach"), "").unwrap();
        of_installations(&at("bank/from-bank/r.ach")).unwrap_err();
        fs::remove_dir_all(at("bank/from-bank")).unwrap();
        fs::remove_dir(at("vault")).unwrap();
        of_installations(&at("objects/new")).unwrap(); // a folder of that name, and no more
        for (mark, part) in [
            ("objects/.unfinished", "objects/x"),
            ("objects/installation.json", "objects/posted/x"),
            ("store/version", "store/0.jnl"),
            ("alerts/keys.json", "alerts/keys.json"),
            ("bank/from-bank", "bank/receipts/x"),
        ] {
            of_installations(&at(part)).unwrap();
            fs::write(at(mark), "").unwrap();
            of_installations(&at(part)).unwrap_err();
            fs::remove_file(at(mark)).unwrap();
        }
    }
}
