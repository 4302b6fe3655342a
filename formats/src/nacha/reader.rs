//! The streaming reader: bytes in, records or whole entries out, every rule checked on the way.
//!
//! Three layers, each of use without the one above:
//!
//! 1. [`Lines`](crate::nacha::lines::Lines) cuts bytes into lines of 94 columns, whatever ends
//!    them. It owns the only buffer, 128 KiB, and never looks further ahead than two records, so
//!    no line is too long for it.
//! 2. [`Scanner`] is the machine without I/O: bytes are fed, records are taken, and each record is
//!    held against the rules as it goes by ([`check`](crate::nacha::check)). It borrows its
//!    records from the buffer: one is gone when the next is asked for.
//! 3. [`Reader`] drives a scanner from any [`Read`]. [`Reader::next_record`] gives the records as
//!    they are; the raw bytes of all of them, one after the other, are the file, so what copies
//!    or masks a file goes this way. [`Reader::next`] gives entries with all their addenda, which
//!    is what nearly everybody wants.
//!
//! An entry is over only when the record after its last addenda has come. So [`Reader::next`]
//! copies the entry and its addenda out of the buffer, reads one record too far and keeps it
//! (`pending`), and what the checks found about the entry by then is counted as the entry's own
//! (`closing`), not as the next record's. That is the one copy, and the addenda of one entry are
//! the one thing whose size a file decides; it ends at [`MAX_ADDENDA`].
//!
//! For whoever works on it:
//!
//! - Nothing in a file ends the reading. There is no error for content: an `Err` is the source's.
//! - No record is dropped and none is made up, not even a blank line or a byte order mark; a
//!   property reads any bytes back from the raw records.
//! - [`Reader::next_record`] and [`Reader::next`] may alternate: both take from `pending` first.
//! - A batch header is remembered until something else than an entry follows, and not longer: an
//!   entry outside of a batch must not be shown under the last one's company.

use crate::nacha::check::{RecordKind, Totals};
use crate::nacha::dialect::Dialect;
use crate::nacha::findings::{Findings, Place};
use crate::nacha::layout::{self, Layout, WIDTH};
use crate::nacha::records::{
    Addenda, BatchControl, BatchHeader, EntryDetail, FileControl, FileHeader,
};
use crate::nacha::scanner::{Found, Record, Report, Scan, Scanner, place};
use settlement::codes::sec::SecCode;
use settlement::exact::Exact;
use std::io::{self, Read};

/// The addenda kept with an entry; more than the format allows are found and left out.
pub const MAX_ADDENDA: usize = 9_999;

/// An addenda of an entry.
#[derive(Clone, Copy)]
struct Kept {
    text: [u8; WIDTH],
    layout: &'static Layout,
    place: Place,
}

/// One entry with all its addenda.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    /// The entry detail.
    pub detail: EntryDetail<'a>,
    /// Where it begins.
    pub place: Place,
    /// How many errors the entry and its addenda have; such an entry is put aside.
    pub errors: u64,
    addenda: &'a [Kept],
    batch: BatchHeader<'a>,
    sec: Option<SecCode>,
}

impl<'a> Entry<'a> {
    /// Its addenda, in order.
    pub fn addenda(&self) -> impl Iterator<Item = Addenda<'a>> + use<'a> {
        self.addenda
            .iter()
            .map(|kept| Addenda::new(&kept.text, kept.layout))
    }

    /// Its addenda with their places.
    pub fn addenda_places(&self) -> impl Iterator<Item = (Addenda<'a>, Place)> + use<'a> {
        self.addenda
            .iter()
            .map(|kept| (Addenda::new(&kept.text, kept.layout), kept.place))
    }

    /// The header of the batch it is in.
    pub const fn batch(&self) -> BatchHeader<'a> {
        self.batch
    }

    /// Its entry class, `None` where the batch header's is not one of the 23.
    pub const fn sec(&self) -> Option<SecCode> {
        self.sec
    }
}

impl std::fmt::Debug for Entry<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Entry(line {}, {} addenda)",
            self.place.line,
            self.addenda.len()
        )
    }
}

/// What comes next in a file.
#[derive(Clone, Copy)]
pub enum Event<'a> {
    /// A file header.
    FileHeader(FileHeader<'a>, Place),
    /// A batch header.
    BatchHeader(BatchHeader<'a>, Place),
    /// An entry with all its addenda.
    Entry(Entry<'a>),
    /// A batch control.
    BatchControl(BatchControl<'a>, Place),
    /// A file control.
    FileControl(FileControl<'a>, Place),
    /// Filler, a blank line that no entry goes on after, an addenda without an entry, a record of
    /// no known type.
    Other(Record<'a>),
}

/// Reads a file from any source, once, from its beginning to its end.
///
/// ```
/// use formats::nacha::generate::{Plan, generate};
/// use formats::nacha::{Event, Reader, SecCode};
///
/// let (bytes, _) = generate(Vec::new(), &Plan::of(SecCode::Ppd, 3))?;
/// let (mut reader, mut ids) = (Reader::new(&bytes[..]), Vec::new());
/// while let Some(event) = reader.next()? {
///     if let Event::Entry(entry) = event {
///         ids.push(entry.detail.individual_id().into_owned());
///     }
/// }
/// assert_eq!(ids.len(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Reader<R> {
    source: R,
    scanner: Scanner,
    pending: Option<Found>,
    detail: Kept,
    addenda: Vec<Kept>,
    errors: u64,
    header: [u8; WIDTH],
    header_layout: &'static Layout,
    sec: Option<SecCode>,
}

impl<R: Read> Reader<R> {
    /// A reader of `source`, which needs no buffer of its own.
    pub fn new(source: R) -> Reader<R> {
        Reader::under(source, &Dialect::default())
    }

    /// A reader of a file of a bank with that dialect.
    pub fn under(source: R, dialect: &Dialect) -> Reader<R> {
        let layout = layout::ENTRY_PPD;
        Reader {
            source,
            scanner: Scanner::under(dialect),
            pending: None,
            detail: Kept {
                text: [b' '; WIDTH],
                layout,
                place: Place::default(),
            },
            addenda: Vec::new(),
            errors: 0,
            header: [b' '; WIDTH],
            header_layout: layout::BATCH_HEADER,
            sec: None,
        }
    }

    /// What was found so far.
    pub const fn findings(&self) -> &Findings {
        self.scanner.findings()
    }

    /// What was counted so far; complete when the file is over.
    pub const fn totals(&self) -> &Totals {
        self.scanner.totals()
    }

    /// Reads what is left and says what the file was.
    ///
    /// # Errors
    /// Where the source cannot be read.
    pub fn finish(mut self) -> io::Result<Report> {
        while self.pull()?.is_some() {}
        let checker = self.scanner.checker;
        Ok(Report {
            totals: checker.totals,
            findings: checker.findings,
        })
    }

    #[inline(always)]
    fn pull(&mut self) -> io::Result<Option<Found>> {
        loop {
            match self.scanner.scan() {
                Scan::Found(found) => return Ok(Some(found)),
                Scan::End => return Ok(None),
                Scan::More => {
                    let space = self.scanner.lines.space();
                    match self.source.read(space) {
                        Ok(n) => self.scanner.lines.filled(n),
                        Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                        Err(e) => return Err(e),
                    }
                }
            }
        }
    }

    /// The next record, of whatever kind. The raw bytes of all records are the file.
    ///
    /// # Errors
    /// Where the source cannot be read.
    pub fn next_record(&mut self) -> io::Result<Option<Record<'_>>> {
        let found = match self.pending.take() {
            Some(found) => Some(found),
            None => self.pull()?,
        };
        Ok(found.map(|found| self.scanner.record(&found)))
    }

    /// What comes next, entries with all their addenda.
    ///
    /// # Errors
    /// Where the source cannot be read.
    #[allow(clippy::should_implement_trait)] // an event borrows the reader's buffer
    pub fn next(&mut self) -> io::Result<Option<Event<'_>>> {
        let found = match self.pending.take() {
            Some(found) => found,
            None => match self.pull()? {
                Some(found) => found,
                None => return Ok(None),
            },
        };
        match found.kind {
            RecordKind::Entry => {
                self.gather(&found)?;
                return Ok(Some(Event::Entry(self.entry())));
            }
            RecordKind::BatchHeader => {
                self.header = *self.scanner.lines.text(&found.line);
                self.header_layout = found.layout;
                self.sec = self.scanner.checker.batch.sec;
            }
            RecordKind::FileHeader | RecordKind::BatchControl | RecordKind::FileControl => {
                // An entry that follows has no header; least of all the one before's.
                self.header = [b' '; WIDTH];
                self.header_layout = layout::BATCH_HEADER;
                self.sec = None;
            }
            _ => {}
        }
        Ok(Some(self.event(&found)))
    }

    /// Keeps an entry and reads on to its last addenda, past blank lines, as the checks do.
    #[inline]
    fn gather(&mut self, found: &Found) -> io::Result<()> {
        self.detail = self.keep(found);
        self.errors = found.errors;
        self.addenda.clear();
        while let Some(next) = self.pull()? {
            match next.kind {
                RecordKind::Addenda => {
                    self.errors = self.errors.plus(next.errors);
                    if self.addenda.len() < MAX_ADDENDA {
                        let kept = self.keep(&next);
                        self.addenda.push(kept);
                    }
                }
                RecordKind::Blank => self.errors = self.errors.plus(next.errors),
                _ => {
                    self.errors = self.errors.plus(next.closing);
                    self.pending = Some(next);
                    return Ok(());
                }
            }
        }
        let closing = std::mem::take(&mut self.scanner.checker.closing);
        self.errors = self.errors.plus(closing);
        Ok(())
    }

    #[inline]
    fn keep(&self, found: &Found) -> Kept {
        let text = *self.scanner.lines.text(&found.line);
        Kept {
            text,
            layout: found.layout,
            place: place(&found.line),
        }
    }

    fn entry(&self) -> Entry<'_> {
        Entry {
            detail: EntryDetail::new(&self.detail.text, self.detail.layout),
            place: self.detail.place,
            errors: self.errors,
            addenda: &self.addenda,
            batch: BatchHeader::new(&self.header, self.header_layout),
            sec: self.sec,
        }
    }

    fn event(&self, found: &Found) -> Event<'_> {
        let record = self.scanner.record(found);
        let (text, layout, at) = (record.text, record.layout, record.place);
        match found.kind {
            RecordKind::FileHeader => Event::FileHeader(FileHeader::new(text, layout), at),
            RecordKind::BatchHeader => Event::BatchHeader(BatchHeader::new(text, layout), at),
            RecordKind::BatchControl => Event::BatchControl(BatchControl::new(text, layout), at),
            RecordKind::FileControl => Event::FileControl(FileControl::new(text, layout), at),
            _ => Event::Other(record),
        }
    }
}

/// Reads a file to its end and says what is wrong with it.
///
/// ```
/// use formats::nacha::validate;
///
/// let report = validate(&b"101 076401251 0560050752611230600A094101"[..])?;
/// let rules: Vec<_> = report.findings.kept().iter().map(|finding| finding.rule).collect();
/// assert!(rules.contains(&"line.short") && rules.contains(&"file.no-control"));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Where the source cannot be read.
pub fn validate(source: impl Read) -> io::Result<Report> {
    Reader::new(source).finish()
}

/// The same as a bank with that dialect sees it.
///
/// ```
/// use formats::nacha::{Arm, Dialect, Severity, validate_under};
///
/// let dialect = Dialect::of([Arm::TrimmedRecords]);
/// let header = b"101 076401251 0560050752611230600A094101";
/// let report = validate_under(&header[..], &dialect)?;
/// let mut short = report.findings.kept().iter().filter(|finding| finding.rule == "line.short");
/// assert_eq!(short.next().map(|finding| finding.severity), Some(Severity::Info));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Where the source cannot be read.
pub fn validate_under(source: impl Read, dialect: &Dialect) -> io::Result<Report> {
    Reader::under(source, dialect).finish()
}
