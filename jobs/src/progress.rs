//! How far long work has come, on stderr: a bar on a terminal, a plain line now and then
//! elsewhere, and nothing where nobody wants to know.
//!
//! Work says how far it is and no more; who is told is decided where a command begins
//! ([`Shown`]). Nothing is shown in the first half second, so short work shows nothing at all.
//! There is one bar at a time: work within work that has one shows none of its own.

use crate::terminal::{put_up, say, take_down};
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use settlement::foreign;
use std::io::{self, IsTerminal, Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

/// Milliseconds before anything is shown: who waits no longer than this needs no bar.
const PATIENCE: u64 = 500;
/// Milliseconds between two looks of a bar.
const REDRAWN: u64 = 100;
/// Milliseconds between two lines where there is no terminal.
const LINES: u64 = 10_000;

/// Milliseconds since `began`.
pub fn elapsed_ms(began: Instant) -> u64 {
    let ms = began.elapsed().as_millis();
    u64::try_from(ms).unwrap_or(u64::MAX) // saturates: after half a billion years
}

/// Who is told how far work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Nobody: `--quiet` and `--json`.
    Nothing,
    /// A log or a file: a line now and then.
    Lines,
    /// A person at a terminal.
    Bar,
}

impl Shown {
    /// What suits stderr as it is.
    pub fn on_stderr(quiet: bool) -> Shown {
        match (quiet, io::stderr().is_terminal()) {
            (true, _) => Shown::Nothing,
            (false, true) => Shown::Bar,
            (false, false) => Shown::Lines,
        }
    }

    /// The same for work whose result goes to stdout while it goes on: no bar among its lines.
    #[must_use]
    pub fn beside_stdout(self) -> Shown {
        if io::stdout().is_terminal() {
            return Shown::Nothing;
        }
        self
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Bytes that were read.
    Bytes,
    /// Payments, entries, lines.
    Rows,
    /// Business days.
    Days,
}

/// How far one piece of work is. Dropped, it leaves nothing on the screen.
#[derive(Debug)]
pub struct Progress {
    what: String,
    unit: Unit,
    total: Option<u64>,
    shown: Shown,
    began: Instant,
    done: AtomicU64,
    /// When something is to be shown next, in milliseconds since it began.
    due: AtomicU64,
    bar: ProgressBar,
    drawn: AtomicBool,
}

impl Progress {
    /// Begins work; `total` is how much of the unit it will be, where that is known.
    pub fn begin(shown: Shown, what: &str, unit: Unit, total: Option<u64>) -> Progress {
        let first = if shown == Shown::Bar { PATIENCE } else { LINES };
        Progress {
            what: foreign::line(what).into_owned(),
            unit,
            total,
            shown,
            began: Instant::now(),
            done: AtomicU64::new(0),
            due: AtomicU64::new(first),
            bar: ProgressBar::hidden(),
            drawn: AtomicBool::new(false),
        }
    }

    /// Work that nobody watches.
    pub fn unseen() -> Progress {
        Progress::begin(Shown::Nothing, "", Unit::Rows, None)
    }

    /// Counts what was just done.
    pub fn add(&self, amount: u64) {
        let before = self.done.fetch_add(amount, Ordering::Relaxed);
        if self.shown == Shown::Nothing {
            return;
        }
        let now = elapsed_ms(self.began);
        let due = self.due.load(Ordering::Relaxed);
        if now < due {
            return;
        }
        let step = if self.shown == Shown::Bar {
            REDRAWN
        } else {
            LINES
        };
        let next = now.saturating_add(step); // saturates: a moment of the screen
        // Of two threads that come at once, one shows it.
        let mine = self
            .due
            .compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed);
        if mine.is_ok() {
            self.show(before.saturating_add(amount)); // saturates: a length of the screen
        }
    }

    /// How much was counted until now.
    #[cfg(test)]
    pub(crate) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    fn show(&self, done: u64) {
        if self.shown == Shown::Lines {
            return say(self.line(done));
        }
        if !self.drawn.load(Ordering::Relaxed) {
            if !put_up(&self.bar) {
                return;
            }
            self.drawn.store(true, Ordering::Relaxed);
            self.dress();
        }
        self.bar
            .set_position(self.total.map_or(done, |total| done.min(total)));
    }

    /// Gives the bar its looks, and a screen.
    fn dress(&self) {
        let figures = match (self.unit, self.total) {
            (Unit::Bytes, Some(_)) => "{bytes}/{total_bytes}, {eta} left",
            (Unit::Bytes, None) => "{bytes}, {bytes_per_sec}",
            (Unit::Rows, Some(_)) => "{human_pos}/{human_len} rows, {eta} left",
            (Unit::Rows, None) => "{human_pos} rows",
            (Unit::Days, _) => "{pos}/{len} days, {eta} left",
        };
        let bar = if self.total.is_some() {
            "{wide_bar} "
        } else {
            ""
        };
        let style = ProgressStyle::with_template(&format!("{{msg}} {bar}{figures}"));
        self.bar
            .set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        if let Some(total) = self.total {
            self.bar.set_length(total);
        }
        self.bar.set_message(self.what.clone());
        self.bar.set_draw_target(ProgressDrawTarget::stderr());
    }

    /// `validate day.ach: 120 MiB of 200 MiB`, `demo: 3 of 10 days`.
    fn line(&self, done: u64) -> String {
        let (figure, unit): (fn(u64) -> String, _) = match self.unit {
            Unit::Bytes => (|amount| HumanBytes(amount).to_string(), ""),
            Unit::Rows => (|amount| HumanCount(amount).to_string(), " rows"),
            Unit::Days => (|amount| amount.to_string(), " days"),
        };
        match self.total {
            Some(total) => {
                let done = figure(done.min(total));
                format!("{}: {done} of {}{unit}", self.what, figure(total))
            }
            None => format!("{}: {}{unit}", self.what, figure(done)),
        }
    }

    /// A source whose bytes count as they are read.
    pub fn reading<R>(&self, source: R) -> Reading<'_, R> {
        Reading {
            source,
            progress: self,
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.drawn.load(Ordering::Relaxed) {
            take_down();
        }
    }
}

/// A source whose bytes count as they are read.
#[derive(Debug)]
pub struct Reading<'a, R> {
    source: R,
    progress: &'a Progress,
}

impl<R: Read> Read for Reading<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.progress.add(read as u64);
        Ok(read)
    }
}

impl<R: Seek> Seek for Reading<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.source.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_work_shows_nothing() {
        let progress = Progress::begin(Shown::Bar, "cut", Unit::Rows, Some(10));
        progress.add(10);
        assert!(!progress.drawn.load(Ordering::Relaxed));
    }

    #[test]
    fn bytes_are_counted_as_they_are_read_and_again_after_a_seek() {
        let progress = Progress::unseen();
        let mut source = progress.reading(io::Cursor::new(vec![0; 100]));
        io::copy(&mut source, &mut io::sink()).unwrap();
        source.seek(SeekFrom::Start(40)).unwrap();
        io::copy(&mut source, &mut io::sink()).unwrap();
        assert_eq!(progress.done(), 160);
    }

    #[test]
    fn a_line_says_how_much_of_how_much() {
        let bytes = Progress::begin(Shown::Lines, "validate day.ach", Unit::Bytes, Some(4096));
        assert_eq!(bytes.line(1024), "validate day.ach: 1.00 KiB of 4.00 KiB");
        assert_eq!(bytes.line(9000), "validate day.ach: 4.00 KiB of 4.00 KiB");
        let rows = Progress::begin(Shown::Lines, "post 2026-11-27", Unit::Rows, None);
        assert_eq!(rows.line(12_500), "post 2026-11-27: 12,500 rows");
        let days = Progress::begin(Shown::Lines, "demo", Unit::Days, Some(10));
        assert_eq!(days.line(3), "demo: 3 of 10 days");
    }

    #[test]
    fn one_bar_is_on_the_screen_at_a_time() {
        let outer = Progress::begin(Shown::Bar, "demo", Unit::Days, Some(2));
        let inner = Progress::begin(Shown::Bar, "cut", Unit::Rows, Some(2));
        outer.show(1);
        inner.show(1);
        let up = |progress: &Progress| progress.drawn.load(Ordering::Relaxed);
        assert!(up(&outer) && !up(&inner));
        drop(outer);
        inner.show(2);
        assert!(up(&inner));
    }
}
