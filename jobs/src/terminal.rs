//! Stdout and stderr, either of which may be gone before we are done.
//!
//! `tieout ach json big.ach | head` closes our stdout early, and that is no failure: the command
//! ends without a word. A stderr that cannot be written loses what it was told, no more. A bar
//! that is drawn on stderr steps aside for whatever else is said there.
//!
//! Nobody else writes to either (`tests/it/house/sinks.rs`), so this is where foreign text is
//! caught: what goes out as text or as a document passes through a [`Net`], and what is said on
//! stderr is one line, whatever is in it. Only a file that was asked for goes out byte by byte,
//! and not to a terminal.

use crate::net::{Form, Net};
use indicatif::ProgressBar;
use settlement::foreign;
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::MetadataExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Whether stdout's reader went away.
static GONE: AtomicBool = AtomicBool::new(false);

/// Whether stdout was given anything.
static BEGUN: AtomicBool = AtomicBool::new(false);

/// The one bar that is on the screen.
static BAR: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Whether somebody still reads stdout.
pub fn is_read() -> bool {
    !GONE.load(Ordering::Relaxed)
}

/// Whether what is printed on stdout goes where nobody reads it: it was closed when we were
/// started (the null device stands there then), or is the null device.
pub fn is_nowhere() -> bool {
    !is_read() || is_null(io::stdout().as_fd()).unwrap_or(false)
}

/// Whether a stream is the null device.
///
/// # Errors
/// Where the system does not say.
pub fn is_null(stream: BorrowedFd<'_>) -> io::Result<bool> {
    let ours = File::from(stream.try_clone_to_owned()?).metadata()?;
    Ok(ours.rdev() == std::fs::metadata("/dev/null")?.rdev() && ours.rdev() != 0)
}

/// Whether something was printed on stdout: what follows it is no document of its own.
pub fn is_begun() -> bool {
    BEGUN.load(Ordering::Relaxed)
}

/// Stdout, which notes when its reader goes away.
pub struct Stdout(io::Stdout);

/// Stdout for text.
pub fn text() -> Net<Stdout> {
    through(Form::Text)
}

/// Stdout for a JSON document.
pub fn document() -> Net<Stdout> {
    through(Form::Json)
}

/// Stdout for a file or a script that was asked for: its bytes as they are, unless it is a
/// terminal that they would go to.
pub fn file() -> Net<Stdout> {
    match io::stdout().is_terminal() {
        true => through(Form::Text),
        false => through(Form::File),
    }
}

fn through(form: Form) -> Net<Stdout> {
    Net::new(Stdout(io::stdout()), form)
}

impl Stdout {
    fn noted<T>(result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result
            && error.kind() == io::ErrorKind::BrokenPipe
        {
            GONE.store(true, Ordering::Relaxed);
        }
        result
    }
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        BEGUN.fetch_or(!bytes.is_empty(), Ordering::Relaxed);
        Stdout::noted(self.0.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Stdout::noted(self.0.flush())
    }
}

/// Stderr for log lines. Each write is one of them, with its line end: what else looks like one
/// came from outside.
#[derive(Clone, Copy, Debug)]
pub struct Stderr(pub Form);

impl Write for Stderr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let logged = String::from_utf8_lossy(bytes);
        let line = logged.strip_suffix('\n').unwrap_or(&logged);
        let caught = match self.0 {
            Form::Json => foreign::json(line),
            Form::Text | Form::File => foreign::line(line),
        };
        let end = if line.len() < logged.len() { "\n" } else { "" };
        aside(|| write!(io::stderr().lock(), "{caught}{end}")).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Says a line on stderr; it stays one, whatever is in it.
pub fn say(line: impl std::fmt::Display) {
    let line = line.to_string();
    let _ = aside(|| writeln!(io::stderr().lock(), "{}", foreign::line(&line)));
}

/// Puts a bar on the screen; answers whether it is the only one, or else it is not put there.
pub(crate) fn put_up(bar: &ProgressBar) -> bool {
    let mut drawn = drawn();
    let free = drawn.is_none();
    if free {
        *drawn = Some(bar.clone());
    }
    free
}

/// Takes the bar from the screen.
pub(crate) fn take_down() {
    if let Some(bar) = drawn().take() {
        bar.finish_and_clear();
    }
}

/// Does what writes to the screen while no bar is on it.
pub fn aside<T>(write: impl FnOnce() -> T) -> T {
    match &*drawn() {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

fn drawn() -> MutexGuard<'static, Option<ProgressBar>> {
    BAR.lock().unwrap_or_else(PoisonError::into_inner)
}
