//! Stdout and stderr, either of which may be gone before we are done.
//!
//! `tieout ach json big.ach | head` closes our stdout early, and that is no failure: the command
//! ends without a word. A stderr that cannot be written loses what it was told, no more.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether stdout's reader went away.
static GONE: AtomicBool = AtomicBool::new(false);

/// Whether somebody still reads stdout.
pub fn is_read() -> bool {
    !GONE.load(Ordering::Relaxed)
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
        Stdout::noted(self.0.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Stdout::noted(self.0.flush())
    }
}

/// Says a line on stderr.
pub fn say(line: impl std::fmt::Display) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
