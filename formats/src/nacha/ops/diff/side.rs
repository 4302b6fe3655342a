//! One of the two files: what is known of it before, and its entries one after the other.

use crate::nacha::check::{RecordKind, Totals};
use crate::nacha::digits::number;
use crate::nacha::findings::Place;
use crate::nacha::layout::{BATCH_HEADER, ENTRY_PPD, Layout, WIDTH};
use crate::nacha::reader::{Entry, Event, Reader};
use std::hash::{DefaultHasher, Hasher};
use std::io::{self, Read, Seek};

/// The place of a record that never was.
pub(super) const NOWHERE: Place = Place { line: 0, byte: 0 };

/// What entries are paired by: the fifteen columns of the trace as a number, or their hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(u64);

impl Key {
    pub fn shown(self) -> String {
        if self.0 < 1_000_000_000_000_000 {
            format!("{:015}", self.0)
        } else {
            "unreadable".to_owned()
        }
    }
}

/// A file, looked through.
pub(super) struct Looked {
    pub totals: Totals,
    pub errors: u64,
    pub header: Option<([u8; WIDTH], &'static Layout)>,
    /// No trace is below the one before.
    pub ascends: bool,
    /// A hash of the controls and of what is outside of entries.
    pub rest: u64,
}

/// Reads a file to its end and goes back to its beginning.
pub(super) fn look<R: Read + Seek>(mut source: R) -> io::Result<Looked> {
    let mut reader = Reader::new(&mut source);
    let (mut header, mut ascends, mut last) = (None, true, Key(0));
    let mut rest = DefaultHasher::new();
    while let Some(event) = reader.next()? {
        match event {
            Event::FileHeader(record, _) if header.is_none() => {
                header = Some((*record.text(), record.layout()));
            }
            Event::FileHeader(record, _) => rest.write(record.text()),
            Event::BatchHeader(..) => {}
            Event::Entry(entry) => {
                let key = key(entry.detail.text());
                ascends &= key >= last;
                last = key;
            }
            Event::BatchControl(record, _) => rest.write(record.text()),
            Event::FileControl(record, _) => rest.write(record.text()),
            Event::Other(record) => match record.kind {
                RecordKind::Filler | RecordKind::Blank => {}
                _ => rest.write(record.text),
            },
        }
    }
    let report = reader.finish()?;
    source.rewind()?;
    Ok(Looked {
        totals: report.totals,
        errors: report.findings.errors(),
        header,
        ascends,
        rest: rest.finish(),
    })
}

/// What an entry is paired by.
pub(super) fn key(text: &[u8; WIDTH]) -> Key {
    let columns = text.get(79..).unwrap_or(&[]);
    Key(number(columns).unwrap_or_else(|| {
        let mut hasher = DefaultHasher::new();
        hasher.write(columns);
        hasher.finish() | 1 << 63
    }))
}

/// An entry with all that it is compared by.
pub(super) struct Row {
    pub key: Key,
    pub place: Place,
    pub text: [u8; WIDTH],
    pub layout: &'static Layout,
    pub addenda: Vec<([u8; WIDTH], &'static Layout)>,
    pub batch: [u8; WIDTH],
    pub batch_layout: &'static Layout,
    pub batch_place: Place,
}

impl Row {
    pub fn empty() -> Row {
        Row {
            key: Key(0),
            place: NOWHERE,
            text: [b' '; WIDTH],
            layout: ENTRY_PPD,
            addenda: Vec::new(),
            batch: [b' '; WIDTH],
            batch_layout: BATCH_HEADER,
            batch_place: NOWHERE,
        }
    }

    pub fn set(&mut self, entry: &Entry<'_>) {
        self.text = *entry.detail.text();
        self.key = key(&self.text);
        self.place = entry.place;
        self.layout = entry.detail.layout();
        self.addenda.clear();
        let addenda = entry
            .addenda()
            .map(|addenda| (*addenda.text(), addenda.layout()));
        self.addenda.extend(addenda);
    }

    /// Whether all columns of the entry and its addenda are the same.
    pub fn same(&self, other: &Row) -> bool {
        let texts = |row: &Row| row.addenda.len();
        self.text == other.text
            && self.layout.id == other.layout.id
            && texts(self) == texts(other)
            && self
                .addenda
                .iter()
                .zip(&other.addenda)
                .all(|(one, two)| one.0 == two.0)
    }
}

/// A file's entries, one after the other.
pub(super) struct Stream<R> {
    reader: Reader<R>,
    pub row: Row,
}

impl<R: Read> Stream<R> {
    pub fn new(source: R) -> Stream<R> {
        Stream {
            reader: Reader::new(source),
            row: Row::empty(),
        }
    }

    /// Goes on to the next entry; `false` where there is none.
    pub fn advance(&mut self) -> io::Result<bool> {
        while let Some(event) = self.reader.next()? {
            match event {
                Event::BatchHeader(record, place) => {
                    self.row.batch = *record.text();
                    self.row.batch_layout = record.layout();
                    self.row.batch_place = place;
                }
                Event::Entry(entry) => {
                    self.row.set(&entry);
                    return Ok(true);
                }
                _ => {}
            }
        }
        Ok(false)
    }
}
