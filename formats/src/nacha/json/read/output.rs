//! The file as it is written, and held against the fields of the records whose bytes were given.

use crate::nacha::json::error::JsonError;
use crate::nacha::json::limits::BUFFER;
use crate::nacha::layout::{Layout, WIDTH};
use crate::nacha::scanner::{Report, Scanner};
use std::collections::VecDeque;
use std::io::Write;

/// A record as its fields say.
pub(super) struct Given {
    pub text: [u8; WIDTH],
    pub layout: Option<&'static Layout>,
    /// Which of its layout's fields were there, as bits; the first is the record's type.
    pub fields: u32,
    pub at: u64,
    pub number: u64,
}

/// The file as it is written, checked as it goes by.
pub(super) struct Output<W> {
    sink: W,
    buf: Vec<u8>,
    scanner: Scanner,
    /// Records that were seen in the file's bytes.
    seen: u64,
    /// Records whose exact bytes were given, not seen yet: no more than the buffer has bytes.
    raws: VecDeque<Given>,
}

impl<W: Write> Output<W> {
    #[allow(clippy::arithmetic_side_effects, reason = "counts of records read")]
    pub fn new(sink: W) -> Output<W> {
        Output {
            sink,
            buf: Vec::with_capacity(BUFFER + 8192),
            scanner: Scanner::new(),
            seen: 0,
            raws: VecDeque::new(),
        }
    }

    /// Writes a record and its line end.
    pub fn record(&mut self, text: &[u8], end: &[u8]) -> Result<(), JsonError> {
        self.buf.extend_from_slice(text);
        self.bytes(end)
    }

    /// Writes a record's exact bytes.
    pub fn raw(&mut self, given: Given, bytes: &[u8]) -> Result<(), JsonError> {
        self.raws.push_back(given);
        self.bytes(bytes)
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), JsonError> {
        self.buf.extend_from_slice(bytes);
        if self.buf.len() >= BUFFER {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn flush(&mut self) -> Result<(), JsonError> {
        let buf = std::mem::take(&mut self.buf);
        let mut rest = buf.as_slice();
        while !rest.is_empty() {
            let taken = self.scanner.feed(rest);
            rest = rest.get(taken..).unwrap_or(&[]);
            self.look()?;
        }
        self.sink.write_all(&buf)?;
        self.buf = buf;
        self.buf.clear();
        Ok(())
    }

    /// Takes the records that can be seen, and holds each whose bytes were given against its
    /// fields.
    #[allow(clippy::arithmetic_side_effects, reason = "counts of records read")]
    fn look(&mut self) -> Result<(), JsonError> {
        while let Some(seen) = self.scanner.next_record() {
            self.seen += 1;
            let waits = |given: &mut Given| given.number == self.seen;
            if let Some(given) = self.raws.pop_front_if(waits) {
                agree(&given, seen.text)?;
            }
        }
        Ok(())
    }

    /// Ends the file, and says what it is.
    pub fn finish(mut self) -> Result<Report, JsonError> {
        self.flush()?;
        self.scanner.feed(&[]);
        self.look()?;
        if let Some(given) = self.raws.pop_front() {
            let why = "is not one record: its end is missing, or there is more than one";
            return Err(JsonError::field(given.at, given.number, b"raw", why));
        }
        self.sink.flush()?;
        Ok(self.scanner.finish())
    }
}

/// Whether a record's exact bytes hold what its fields say.
fn agree(given: &Given, seen: &[u8; WIDTH]) -> Result<(), JsonError> {
    let fields = given.layout.map_or(&[][..], |layout| layout.fields);
    for (place, field) in fields.iter().enumerate() {
        let there = given.fields & (1 << (place & 31)) != 0;
        if there && field.value(&given.text) != field.value(seen) {
            let why = "is not what raw holds: change both, or leave raw out";
            return Err(JsonError::field(
                given.at,
                given.number,
                field.name.as_bytes(),
                why,
            ));
        }
    }
    Ok(())
}
