//! The first reading of a source: whether it may be merged, and how large its batches are.

use crate::finding::{Finding, Severity};
use crate::nacha::check::RecordKind;
use crate::nacha::digits::number;
use crate::nacha::findings::Findings;
use crate::nacha::layout::WIDTH;
use crate::nacha::ops::merge::caps::{Caps, Size};
use crate::nacha::ops::merge::error::Aside;
use crate::nacha::reader::{Entry, Event, Reader};
use crate::nacha::rules::Rule;
use crate::nacha::writer::{WriteError, Writer, WriterOptions};
use settlement::codes::sec::SecCode;
use std::hash::{DefaultHasher, Hasher};
use std::io::{self, Read};

/// Batches of a file at most. Six columns.
const MAX_BATCHES: usize = 999_999;

/// The batch of a source that is being read.
#[derive(Clone, Copy, Debug, Default)]
struct Batch {
    line: u64,
    size: Size,
    /// Its largest entry.
    largest: Size,
}

impl Batch {
    /// One that begins on that line.
    fn on(line: u64) -> Batch {
        Batch {
            line,
            ..Batch::default()
        }
    }

    fn add(&mut self, entry: &Size) {
        self.size = self.size.plus(entry);
        self.largest = self.largest.max(entry);
    }

    /// Whether it fits under the caps, whole or cut.
    fn fits(&self, caps: &Caps) -> bool {
        let balanced = self.size.debit == self.size.credit && self.size.debit > 0;
        caps.hold(&self.size, 1) || (!balanced && caps.hold(&self.largest, 1))
    }
}

/// An entry, as far as it must be told from another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub trace: u64,
    pub hash: u64,
    pub source: u32,
    pub line: u32,
}

/// What is known of a source that may be merged.
pub(super) struct Survey {
    pub header: [u8; WIDTH],
    pub advices: bool,
    /// Of all records but the filler, line ends left out: the same hash, the same file.
    pub hash: (u64, u64),
    /// How large its batches are, one after the other.
    pub batches: Vec<Size>,
}

/// Writes a source to nowhere as it will be written: what the writer refuses is known before
/// anything of the source is in a merged file.
#[derive(Default)]
pub(super) struct Rehearsal {
    writer: Option<Writer<io::Sink>>,
    batches: u32,
    pub refused: Option<(u64, WriteError)>,
}

impl Rehearsal {
    pub fn write(&mut self, event: &Event<'_>) {
        if self.refused.is_some() {
            return;
        }
        let (line, taken) = match event {
            Event::FileHeader(header, place) => (place.line, self.begin(header.text())),
            Event::BatchHeader(header, place) => (place.line, self.begin_batch(header.text())),
            Event::Entry(entry) => (entry.place.line, self.copy(entry)),
            Event::BatchControl(_, place) => (place.line, self.end_batch()),
            Event::FileControl(..) | Event::Other(_) => return,
        };
        self.refused = taken.err().map(|error| (line, error));
    }

    fn begin(&mut self, header: &[u8; WIDTH]) -> Result<(), WriteError> {
        let options = WriterOptions::default();
        self.writer = Some(Writer::like(io::sink(), header, None, b'A', options)?);
        Ok(())
    }

    #[allow(clippy::arithmetic_side_effects, reason = "counts of records read")]
    fn begin_batch(&mut self, header: &[u8; WIDTH]) -> Result<(), WriteError> {
        self.batches += 1;
        let number = self.batches;
        let writer = self.writer.as_mut();
        writer.map_or(Ok(()), |writer| writer.begin_like(header, number))
    }

    fn copy(&mut self, entry: &Entry<'_>) -> Result<(), WriteError> {
        let addenda = entry.addenda().map(|addenda| addenda.text());
        let writer = self.writer.as_mut();
        writer.map_or(Ok(()), |writer| writer.copy(entry.detail.text(), addenda))
    }

    fn end_batch(&mut self) -> Result<(), WriteError> {
        let writer = self.writer.as_mut();
        writer.map_or(Ok(()), |writer| writer.end_batch().map(drop))
    }
}

/// Reads a source to its end; its entries' marks are added to `marks`, as long as it has no error:
/// a file of errors alone may have no end.
#[allow(clippy::arithmetic_side_effects, reason = "counts of records read")]
pub(super) fn survey(
    source: impl Read,
    place: usize,
    caps: &Caps,
    marks: &mut Vec<Mark>,
) -> io::Result<Result<Survey, Aside>> {
    let mut reader = Reader::new(source);
    let mut header = None;
    let (mut batches, mut open, mut above) = (Vec::new(), Batch::default(), None);
    let mut errors = 0;
    let (mut whole, mut records) = (DefaultHasher::new(), 0u64);
    let mut rehearsal = Rehearsal::default();
    while let Some(event) = reader.next()? {
        rehearsal.write(&event);
        let text = match &event {
            Event::FileHeader(record, _) => {
                header.get_or_insert(*record.text());
                record.text()
            }
            Event::BatchHeader(record, place) => {
                open = Batch::on(place.line);
                record.text()
            }
            Event::Entry(entry) => {
                let hash = hash_of(entry);
                errors += entry.errors;
                if errors == 0 {
                    marks.extend(mark(entry, hash, place)?);
                }
                open.add(&Size::of(entry));
                whole.write_u64(hash);
                entry.detail.text()
            }
            Event::BatchControl(record, _) => {
                if batches.len() < MAX_BATCHES {
                    batches.push(open.size);
                }
                if !open.fits(caps) {
                    above.get_or_insert(open.line);
                }
                record.text()
            }
            Event::FileControl(record, _) => record.text(),
            Event::Other(record) if record.kind == RecordKind::Filler => continue,
            Event::Other(record) => record.text,
        };
        whole.write(text);
        records += 1;
    }
    let report = reader.finish()?;
    let advices = report.totals.sec_codes().any(|sec| sec == SecCode::Adv);
    Ok(match (header, rehearsal.refused) {
        _ if !report.findings.ok() => {
            let first = first_error(&report.findings);
            Err(Aside::Invalid(report.findings.errors(), first))
        }
        _ if report.findings.broke(Rule::CharsUtf8) => Err(Aside::Wide),
        _ if report.totals.files > 1 => Err(Aside::Several),
        _ if above.is_some() => Err(Aside::AboveCaps(above.unwrap_or(0))),
        (_, Some((line, error))) => Err(Aside::Refused(line, error)),
        (Some(header), None) if report.totals.entries > 0 => Ok(Survey {
            header,
            advices,
            hash: (whole.finish(), records),
            batches,
        }),
        _ => Err(Aside::Empty),
    })
}

/// The mark of an entry; advices have no trace.
///
/// # Errors
/// Where the source has more lines than a mark counts.
fn mark(entry: &Entry<'_>, hash: u64, source: usize) -> io::Result<Option<Mark>> {
    let trace = entry.detail.text().get(79..).and_then(number);
    let Some(trace) = trace.filter(|_| entry.sec() != Some(SecCode::Adv)) else {
        return Ok(None);
    };
    let many = |_| io::Error::other("more than 4,294,967,295 lines: split the file first");
    Ok(Some(Mark {
        trace,
        hash,
        source: u32::try_from(source).map_err(many)?,
        line: u32::try_from(entry.place.line).map_err(many)?,
    }))
}

fn hash_of(entry: &Entry<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(entry.detail.text());
    for addenda in entry.addenda() {
        hasher.write(addenda.text());
    }
    hasher.finish()
}

fn first_error(findings: &Findings) -> Option<Box<Finding>> {
    let mut kept = findings.kept().iter();
    let first = kept.find(|finding| finding.severity == Severity::Error);
    first.cloned().map(Box::new)
}
