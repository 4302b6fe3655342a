//! The second reading: batches into files, under the caps.

use crate::nacha::check::Totals;
use crate::nacha::layout::WIDTH;
use crate::nacha::ops::creation::Creation;
use crate::nacha::ops::merge::caps::{Caps, Size};
use crate::nacha::ops::merge::error::MergeError;
use crate::nacha::ops::merge::survey::Survey;
use crate::nacha::ops::modifier::next_modifier;
use crate::nacha::reader::{Entry, Event, Reader};
use crate::nacha::writer::{WriteError, Writer, WriterOptions};
use settlement::codes::transactions::Purpose;
use settlement::ids::FILE_ID_MODIFIERS;
use std::io::{self, Read, Write};

/// Entries and addenda of a batch at most. Six columns.
const MAX_BATCH: u64 = 999_999;

/// A merged file.
#[derive(Debug)]
pub struct MergedFile<W> {
    /// Where it was written.
    pub sink: W,
    /// What it holds.
    pub totals: Totals,
    /// The sources in it, by their places.
    pub sources: Vec<usize>,
}

/// The files that are being made, one after the other.
pub(super) struct MergedFiles<B, W: Write> {
    begin: B,
    creation: Creation,
    caps: Caps,
    pub files: Vec<MergedFile<W>>,
    file: Option<File<W>>,
}

/// The file that is open.
struct File<W: Write> {
    writer: Writer<W>,
    size: Size,
    batches: u64,
    number: u32,
    sources: Vec<usize>,
    batch: Option<Open>,
}

/// The batch that is open.
struct Open {
    header: [u8; WIDTH],
    records: u64,
    /// The last eight digits of its last trace.
    trace: u64,
    /// Another batch may follow into it.
    goes_on: bool,
}

impl<B: FnMut(usize) -> io::Result<W>, W: Write> MergedFiles<B, W> {
    pub fn new(begin: B, creation: Creation, caps: Caps) -> MergedFiles<B, W> {
        MergedFiles {
            begin,
            creation,
            caps,
            files: Vec::new(),
            file: None,
        }
    }

    /// Copies the batches of a source.
    #[allow(clippy::arithmetic_side_effects, reason = "counts of records read")]
    pub fn source(
        &mut self,
        place: usize,
        source: impl Read,
        survey: &Survey,
    ) -> Result<(), MergeError> {
        let gone = |error| MergeError::Source {
            source_file: place,
            error,
        };
        let mut reader = Reader::new(source);
        let mut batches = survey.batches.iter();
        let mut fresh = false;
        while let Some(event) = reader.next().map_err(gone)? {
            match event {
                Event::BatchHeader(..) => {
                    fresh = true;
                    let size = batches.next().copied().unwrap_or_default();
                    let fits = self.file.as_ref().is_none_or(|file| {
                        self.caps.hold(&file.size.plus(&size), file.batches + 1)
                    });
                    if !fits {
                        self.end_file()?;
                    }
                }
                Event::Entry(entry) => {
                    if entry.errors > 0 {
                        let changed = io::Error::other("an entry has errors that it had not");
                        return Err(gone(changed));
                    }
                    self.entry(place, &entry, survey, fresh)?;
                    fresh = false;
                }
                _ => {}
            }
        }
        Ok(())
    }

    #[allow(clippy::arithmetic_side_effects, reason = "counts of records read")]
    fn entry(
        &mut self,
        place: usize,
        entry: &Entry<'_>,
        survey: &Survey,
        fresh: bool,
    ) -> Result<(), MergeError> {
        let line = entry.place.line;
        let wrap = |error: WriteError| MergeError::Write {
            source_file: place,
            line,
            error,
        };
        let size = Size::of(entry);
        let above = self.file.as_ref().is_some_and(|file| {
            let batches = file.batches + u64::from(!file.continues(entry, &size, fresh));
            !self.caps.hold(&file.size.plus(&size), batches)
        });
        if above {
            self.end_file()?;
        }
        if self.file.is_none() {
            self.begin_file(survey).map_err(|error| match error {
                Begun::No(error) => error,
                Begun::Write(error) => wrap(error),
            })?;
        }
        let Some(file) = self.file.as_mut() else {
            return Ok(());
        };
        if !file.continues(entry, &size, fresh) {
            file.end_batch().map_err(wrap)?;
            file.number += 1;
            file.writer
                .begin_like(entry.batch().text(), file.number)
                .map_err(wrap)?;
            file.batches += 1;
            let one_way = matches!(entry.batch().service_class(), Some(220 | 225));
            let code = entry.detail.transaction_code();
            let forward = code.is_some_and(|code| code.purpose() != Purpose::ReturnOrNoc);
            file.batch = Some(Open {
                header: *entry.batch().text(),
                records: 0,
                trace: 0,
                goes_on: one_way && forward,
            });
        }
        let addenda = entry.addenda().map(|addenda| addenda.text());
        file.writer
            .copy(entry.detail.text(), addenda)
            .map_err(wrap)?;
        file.size = file.size.plus(&size);
        if file.sources.last() != Some(&place) {
            file.sources.push(place);
        }
        if let Some(open) = file.batch.as_mut() {
            open.records += size.records;
            open.trace = trace(entry);
        }
        Ok(())
    }

    fn begin_file(&mut self, survey: &Survey) -> Result<(), Begun> {
        let place = self.files.len();
        if place >= FILE_ID_MODIFIERS.len() {
            return Err(Begun::No(MergeError::TooMany));
        }
        let sink = (self.begin)(place).map_err(|error| Begun::No(MergeError::Begin(error)))?;
        let options = WriterOptions::default();
        let writer = Writer::like(
            sink,
            &survey.header,
            Some((self.creation.date, self.creation.time)),
            self.creation.modifier,
            options,
        );
        self.creation.modifier = next_modifier(self.creation.modifier);
        self.file = Some(File {
            writer: writer.map_err(Begun::Write)?,
            size: Size::default(),
            batches: 0,
            number: 0,
            sources: Vec::new(),
            batch: None,
        });
        Ok(())
    }

    /// Ends the file that is open.
    pub fn end_file(&mut self) -> Result<(), MergeError> {
        let Some(mut file) = self.file.take() else {
            return Ok(());
        };
        let last = file.sources.last().copied().unwrap_or(0);
        let wrap = |error| MergeError::Write {
            source_file: last,
            line: 0,
            error,
        };
        let ended = file.end_batch().and_then(|()| file.writer.finish());
        let (sink, totals) = ended.map_err(wrap)?;
        let sources = file.sources;
        self.files.push(MergedFile {
            sink,
            totals,
            sources,
        });
        Ok(())
    }
}

/// Why a file was not begun.
enum Begun {
    No(MergeError),
    Write(WriteError),
}

impl<W: Write> File<W> {
    /// Whether the entry goes into the batch that is open: its own, or, where a batch begins
    /// with it, one with the same header after which its trace may come.
    #[allow(clippy::arithmetic_side_effects, reason = "counts of records read")]
    fn continues(&self, entry: &Entry<'_>, size: &Size, fresh: bool) -> bool {
        let Some(open) = &self.batch else {
            return false;
        };
        let header = entry.batch();
        if !same_header(&open.header, header.text()) || open.records + size.records > MAX_BATCH {
            return false;
        }
        let code = entry.detail.transaction_code();
        let forward = code.is_some_and(|code| code.purpose() != Purpose::ReturnOrNoc);
        !fresh || (open.goes_on && forward && trace(entry) > open.trace)
    }

    fn end_batch(&mut self) -> Result<(), WriteError> {
        match self.batch.take() {
            Some(_) => self.writer.end_batch().map(drop),
            None => Ok(()),
        }
    }
}

/// What must ascend in a batch: the last eight digits of the trace.
fn trace(entry: &Entry<'_>) -> u64 {
    entry
        .detail
        .trace()
        .map_or(0, |trace| trace.get() % 100_000_000)
}

/// The columns of a batch header that must be the same for one batch to follow into another:
/// all but the number.
fn same_header(one: &[u8; WIDTH], other: &[u8; WIDTH]) -> bool {
    one.get(..87) == other.get(..87)
}
