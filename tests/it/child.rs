//! The `tieout` command as another process, so that it has an exit status, streams of its own,
//! and can be killed.
//!
//! The binary of another package is not at hand in a test, and building it here would link
//! everything once more. So the test binary starts itself and asks for one test, which runs the
//! command line that `tieout` runs.

use std::ffi::OsString;
use std::io::Read;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

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

    /// Fails unless a day ran to its end, with new breaks or without, and said each of `words`.
    #[track_caller]
    pub fn ran(&self, words: &[&str]) -> &Answer {
        let with_breaks = i32::from(self.status == 1);
        self.expect(with_breaks, words)
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

/// The most that a command may take on input that somebody made to hurt it.
const SECONDS: u64 = 60;
const KIBIBYTES: u64 = 300_000;

/// The most memory that a process has had, in KiB; nothing where the system does not say.
fn most_memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let figure = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok());
    figure.unwrap_or(0)
}

/// Runs a command to its end, which comes in time and within the memory that is allowed.
#[track_caller]
pub fn bounded(mut command: Command, what: &str) -> Answer {
    let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let (mut child, began) = (piped.spawn().expect("started"), Instant::now());
    let process = child.id();
    let (ended, end) = mpsc::channel();
    let out = child.stdout.take().expect("stdout");
    let err = child.stderr.take().expect("stderr");
    let watched = thread::spawn(move || {
        let mut most = 0;
        while end.try_recv().is_err() && began.elapsed() < Duration::from_secs(SECONDS) {
            most = most.max(most_memory(process));
            thread::sleep(Duration::from_millis(2));
        }
        most
    });
    let reader = thread::spawn(move || read(err));
    let output = thread::spawn(move || read(out));
    let mut status = None;
    while status.is_none() && began.elapsed() < Duration::from_secs(SECONDS) {
        status = child.try_wait().expect("asked");
        thread::sleep(Duration::from_millis(2));
    }
    if status.is_none() {
        child.kill().expect("killed");
    }
    let _ = ended.send(());
    let most = watched.join().expect("watched");
    assert!(
        status.is_some(),
        "{what}: takes more than {SECONDS} seconds"
    );
    assert!(most < KIBIBYTES, "{what}: took {most} KiB");
    Answer::of(Output {
        status: status.expect("it has ended"),
        stdout: output.join().expect("read"),
        stderr: reader.join().expect("read"),
    })
}

fn read(mut stream: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("readable");
    bytes
}

/// Makes a pipe that nobody writes to.
pub fn pipe(at: &Path) {
    let made = Command::new("mkfifo").arg(at).status().expect("mkfifo");
    assert!(made.success());
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
