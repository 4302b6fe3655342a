//! Stdout and stderr, either of which may be gone before we are done.
//!
//! `tieout ach json big.ach | head` closes our stdout early, and that is no failure: the command
//! ends without a word. A stderr that cannot be written loses what it was told, no more. A bar
//! that is drawn on stderr steps aside for whatever else is said there.

use indicatif::ProgressBar;
use std::io::{self, Write};
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

/// Whether something was printed on stdout: what follows it is no document of its own.
pub fn is_begun() -> bool {
    BEGUN.load(Ordering::Relaxed)
}

/// Stdout, which notes when its reader goes away.
pub struct Stdout(io::Stdout);

/// Stdout for results.
pub fn stdout() -> Stdout {
    Stdout(io::stdout())
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

/// Stderr for log lines, one line at a time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stderr;

impl Write for Stderr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        aside(|| io::stderr().lock().write_all(bytes)).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Says a line on stderr.
pub fn say(line: impl std::fmt::Display) {
    let _ = aside(|| writeln!(io::stderr().lock(), "{line}"));
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
