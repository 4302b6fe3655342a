//! The `tieout` command as another process, so that it has an exit status, streams of its own,
//! and can be killed.
//!
//! The binary of another package is not at hand in a test, and building it here would link
//! everything once more. So the test binary starts itself and asks for one test, which runs the
//! command line that `tieout` runs.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Holds the child's arguments, apart by [`APART`].
const ARGUMENTS: &str = "IT_ARGUMENTS";
const APART: u8 = 0x1f;
/// Stands before the command's own output: the test harness has said something by then.
const MARK: &str = "\u{1e}\n";

/// Not a test by itself: what [`command`] starts.
#[test]
fn tieout() {
    let Some(joined) = std::env::var_os(ARGUMENTS) else {
        return;
    };
    let args = joined.as_bytes().split(|byte| *byte == APART);
    let args: Vec<OsString> = args.map(|a| OsString::from_vec(a.to_vec())).collect();
    print!("{MARK}");
    std::process::exit(i32::from(jobs::cli::answer(args)));
}

/// `tieout` with `args`, in the folder `within`.
pub fn command(within: &Path, args: &[&str]) -> Command {
    let mut joined = OsString::from("tieout");
    for arg in args {
        joined.push(OsString::from_vec(vec![APART]));
        joined.push(arg);
    }
    let this = std::env::current_exe().expect("this test binary");
    let mut command = Command::new(this);
    command
        .args(["child::tieout", "--exact", "--nocapture", "--quiet"])
        .env(ARGUMENTS, joined)
        .env("TMPDIR", within)
        .current_dir(within)
        .stdin(Stdio::null());
    command
}

/// What a command said and how it ended.
#[derive(Debug)]
pub struct Answer {
    /// The exit status.
    pub status: i32,
    /// What it printed.
    pub out: Vec<u8>,
    /// What it complained about.
    pub err: String,
}

impl Answer {
    /// What a process that has ended said.
    pub fn of(output: Output) -> Answer {
        let mark = MARK.as_bytes();
        let at = output.stdout.windows(mark.len()).position(|w| w == mark);
        let from = at.expect("the child ran") + mark.len();
        Answer {
            status: output.status.code().unwrap_or(-1),
            out: output.stdout.get(from..).unwrap_or_default().to_vec(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// stdout as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.out).into_owned()
    }

    /// Fails unless the command ended with `status` and said each of `words`.
    #[track_caller]
    pub fn expect(&self, status: i32, words: &[&str]) -> &Answer {
        let all = format!("{}{}", self.text(), self.err);
        assert_eq!(self.status, status, "{all}");
        for word in words {
            assert!(all.contains(word), "{word:?} is not in: {all}");
        }
        assert!(!all.contains("panicked"), "{all}");
        self
    }
}

/// Runs `tieout` to its end.
pub fn run(within: &Path, args: &[&str]) -> Answer {
    Answer::of(command(within, args).output().expect("started"))
}

/// Writes a configuration for the installation in `dir`, and answers its path.
pub fn configuration(dir: &Path) -> PathBuf {
    let path = dir.join("tieout.toml");
    let text = format!("[addresses]\ndata = 'file:{}'\n", dir.display());
    std::fs::write(&path, text).expect("written");
    path
}

/// Makes an installation in `dir`, with a configuration, and answers the configuration's path.
pub fn installation(dir: &Path) -> PathBuf {
    let path = configuration(dir);
    run(dir, &["init"]).expect(0, &["made an installation"]);
    path
}
