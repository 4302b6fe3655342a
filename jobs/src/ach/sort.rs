//! What a made file may be put in the place of: a file of the same sort, which another run of the
//! same command has made, and of nothing else that somebody has.

use crate::regular;
use desk::failure::{Failure, Result};
use settlement::foreign;
use std::io::Read;
use std::path::Path;

/// As much of a file as says what it is.
const BEGINNING_BYTES: u64 = 512;

/// The digits that a record of an ACH file begins with; a file may have been made without its
/// header.
const RECORDS: &[u8] = b"156789";

/// What a file that we make is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// An ACH file.
    Ach,
    /// A model of risk.
    Model,
    /// A sheet of features.
    Features,
    /// A sheet of scores.
    Scores,
    /// A page of the manual.
    Page,
}

impl Sort {
    /// Refuses what has the name and is not of this sort. What is empty may be replaced.
    ///
    /// # Errors
    /// Exit status 2; where it cannot be read.
    pub(super) fn may_replace(self, path: &Path) -> Result<()> {
        match path.symlink_metadata() {
            Ok(there) if there.is_dir() => return Ok(()), // whoever writes says so
            Ok(there) if there.is_file() => {}
            Ok(_) => return Err(no_file(path)),
            Err(_) => return Ok(()),
        }
        let Some((file, _)) = regular::open(path)? else {
            return Ok(());
        };
        let mut beginning = Vec::new();
        let read = file.take(BEGINNING_BYTES).read_to_end(&mut beginning);
        read.map_err(Failure::of_file(path, "nothing was written"))?;
        match beginning.is_empty() || self.begins(&beginning) {
            true => Ok(()),
            false => Err(another(path, self)),
        }
    }

    fn begins(self, beginning: &[u8]) -> bool {
        let has = |text: &str| String::from_utf8_lossy(beginning).contains(text);
        match self {
            Sort::Ach => beginning.first().is_some_and(|it| RECORDS.contains(it)) && !has(","),
            Sort::Model => has("# Made by `tieout risk train`"),
            Sort::Features => beginning.starts_with(b"PAR1"),
            Sort::Scores => beginning.starts_with(b"score,fraud"),
            Sort::Page => has(".TH ") && has("tieout"),
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Sort::Ach => "an ACH file",
            Sort::Model => "a model of tieout risk train",
            Sort::Features => "a sheet of features",
            Sort::Scores => "a sheet of scores",
            Sort::Page => "a page of the manual",
        }
    }
}

fn no_file(path: &Path) -> Failure {
    let why = format!("{}: is no file that can be replaced", foreign::path(path));
    Failure::usage(why).remedy("name a file, or write to stdout without --out")
}

fn another(path: &Path, sort: Sort) -> Failure {
    let (path, sort) = (foreign::path(path), sort.as_str());
    Failure::usage(format!(
        "{path}: there is something of that name that is not {sort}"
    ))
    .remedy("choose another name, or move it away; nothing was written")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_file_replaces_one_of_its_own_sort_and_no_other() {
        const ALL: [Sort; 5] = [
            Sort::Ach,
            Sort::Model,
            Sort::Features,
            Sort::Scores,
            Sort::Page,
        ];
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        for sort in ALL {
            sort.may_replace(&path).unwrap();
        }
        let both = |text: &str, of: Option<Sort>| {
            fs::write(&path, text).unwrap();
            for sort in ALL {
                let may = sort.may_replace(&path).is_ok();
                assert_eq!(may, text.is_empty() || of == Some(sort), "{text} {sort:?}");
            }
        };
        both("", None);
        both("101 076401251 0764012512611300000A094101", Some(Sort::Ach));
        both("5200", Some(Sort::Ach));
        both("{\"form\": 1, \"token_key\": \"\"}", None);
        both("1000,2000\n", None);
        both("bank = \"first.toml\"\n", None);
        both(
            "sha256 = \"\"\n# Made by `tieout risk train`; x",
            Some(Sort::Model),
        );
        both("PAR1\u{15}", Some(Sort::Features));
        both("score,fraud\n10,0\n", Some(Sort::Scores));
        both(".ie \\n(.g .ds Aq\n.TH tieout 1 \n", Some(Sort::Page));
    }
}
