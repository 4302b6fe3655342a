//! The reader without I/O: bytes are fed, records are taken, each held against the rules.

use crate::nacha::check::{Checker, RecordKind, Totals};
use crate::nacha::dialect::Dialect;
use crate::nacha::findings::{Findings, Place};
use crate::nacha::layout::{Layout, WIDTH};
use crate::nacha::lines::{Line, Lines, Step};
use settlement::exact::Exact;

/// One record as it was read.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    /// What it is.
    pub kind: RecordKind,
    /// Its layout; of blank and unknown lines without meaning.
    pub layout: &'static Layout,
    /// Its 94 columns, blanks where the line was shorter.
    pub text: &'a [u8; WIDTH],
    /// The bytes it came from, line end and all.
    pub raw: &'a [u8],
    /// Where it begins.
    pub place: Place,
    pub(crate) clean: bool,
}

/// Found, not yet handed out.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub line: Line,
    pub kind: RecordKind,
    pub layout: &'static Layout,
    /// Errors found in this record.
    pub errors: u64,
    /// Errors of the entry before, found now that it has all its addenda.
    pub closing: u64,
}

/// What [`Scanner::scan`] came to.
pub(super) enum Scan {
    Found(Found),
    More,
    End,
}

/// The reader without I/O: feed bytes, take records.
///
/// ```
/// use formats::nacha::generate::{Plan, generate};
/// use formats::nacha::{RecordKind, Scanner, SecCode};
///
/// let (bytes, _) = generate(Vec::new(), &Plan::of(SecCode::Ppd, 3))?;
/// let (mut scanner, mut entries) = (Scanner::new(), 0);
/// for mut chunk in bytes.chunks(100) {
///     while !chunk.is_empty() {
///         let taken = scanner.feed(chunk);
///         chunk = &chunk[taken..];
///         while let Some(record) = scanner.next_record() {
///             entries += u32::from(record.kind == RecordKind::Entry);
///         }
///     }
/// }
/// assert_eq!((entries, scanner.finish().totals.entries), (3, 3));
/// # Ok::<(), formats::nacha::WriteError>(())
/// ```
pub struct Scanner {
    pub(super) lines: Lines,
    pub(super) checker: Checker,
    ended: bool,
}

impl Default for Scanner {
    fn default() -> Scanner {
        Scanner::new()
    }
}

impl Scanner {
    /// A scanner at the beginning of a file.
    pub fn new() -> Scanner {
        Scanner::under(&Dialect::default())
    }

    /// A scanner of a file of a bank with that dialect.
    pub fn under(dialect: &Dialect) -> Scanner {
        Scanner {
            lines: Lines::new(),
            checker: Checker::under(dialect),
            ended: false,
        }
    }

    /// Takes as many of `bytes` as there is room for, and says how many; none where records
    /// must be taken first, or where `bytes` is empty, which ends the file.
    pub fn feed(&mut self, bytes: &[u8]) -> usize {
        let space = self.lines.space();
        let n = bytes.len().min(space.len());
        space[..n].copy_from_slice(&bytes[..n]);
        if n > 0 || bytes.is_empty() {
            self.lines.filled(n);
        }
        n
    }

    /// The next record; `None` where more bytes must be fed, or after the end.
    pub fn next_record(&mut self) -> Option<Record<'_>> {
        match self.scan() {
            Scan::Found(found) => Some(self.record(&found)),
            Scan::More | Scan::End => None,
        }
    }

    /// Ends the file: takes what is left and says what the file was.
    pub fn finish(mut self) -> Report {
        self.lines.filled(0);
        while matches!(self.scan(), Scan::Found(_)) {}
        Report {
            totals: self.checker.totals,
            findings: self.checker.findings,
        }
    }

    /// What was found so far.
    pub const fn findings(&self) -> &Findings {
        &self.checker.findings
    }

    /// What was counted so far; complete when the file is over.
    pub const fn totals(&self) -> &Totals {
        &self.checker.totals
    }

    /// Goes on by one record.
    #[inline(always)]
    pub(super) fn scan(&mut self) -> Scan {
        match self.lines.step() {
            Step::Line(line) => {
                let before = self.checker.findings.errors();
                let (kind, layout) = self.checker.line(&line, self.lines.text(&line));
                let closing = std::mem::take(&mut self.checker.closing);
                let found = self.checker.findings.errors().less(before);
                Scan::Found(Found {
                    line,
                    kind,
                    layout,
                    errors: found.less(closing),
                    closing,
                })
            }
            Step::More => Scan::More,
            Step::End => {
                if !self.ended {
                    self.ended = true;
                    self.checker.finish(self.lines.here());
                }
                Scan::End
            }
        }
    }

    /// What was found, as it is handed out.
    pub(super) fn record(&self, found: &Found) -> Record<'_> {
        Record {
            kind: found.kind,
            layout: found.layout,
            text: self.lines.text(&found.line),
            raw: self.lines.raw(&found.line),
            place: place(&found.line),
            clean: found.line.clean,
        }
    }
}

/// Where a line begins.
pub(super) const fn place(line: &Line) -> Place {
    Place {
        line: line.number,
        byte: line.byte,
    }
}

/// What a file was, when it has been read to its end.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was counted.
    pub totals: Totals,
    /// What is wrong or odd.
    pub findings: Findings,
}
