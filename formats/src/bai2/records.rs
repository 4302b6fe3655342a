//! Bytes to records: where lines end, and where records do although lines do not.

use crate::finding::{Place, Severity};
use crate::statement::Findings;
use memchr::memchr;
use settlement::exact::Exact;
use std::borrow::Cow;

const CODES: [&str; 8] = ["01", "02", "03", "16", "49", "88", "98", "99"];

/// One physical record.
#[derive(Clone, Debug)]
pub(super) struct Record<'a> {
    /// One of the eight.
    pub code: &'static str,
    /// Of the code's first digit.
    pub place: Place,
    /// What follows `NN,`, without the `/` that ends it.
    pub body: Cow<'a, str>,
    /// Whether there was one.
    pub ended: bool,
}

impl Record<'_> {
    /// Of the body's first character.
    pub(super) fn body_place(&self) -> Place {
        self.place.after(3)
    }
}

/// The records of a file in order.
pub(super) struct Records<'a> {
    rest: &'a [u8],
    next: Place,
    /// The line being cut into records: its text, and where its next record starts.
    line: Cow<'a, str>,
    at: usize,
    place: Place,
    /// What ends a line.
    end: u8,
    /// Whether the file is one line, in which a record may follow a `/` at once.
    tight: bool,
    /// The length every record is padded to, once the file header gave one.
    pub length: Option<usize>,
}

/// What ends the lines of a file: old systems end them by a return alone.
pub(super) fn line_end(bytes: &[u8]) -> u8 {
    let inner = bytes.trim_ascii_end();
    match memchr(b'\n', inner).is_none() && memchr(b'\r', inner).is_some() {
        true => b'\r',
        false => b'\n',
    }
}

impl<'a> Records<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Records<'a> {
        let rest = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let byte = bytes.len().less(rest.len()) as u64;
        let next = Place {
            line: 1,
            column: 1,
            byte,
        };
        Records {
            rest,
            next,
            line: Cow::Borrowed(""),
            at: 0,
            place: next,
            end: line_end(rest),
            tight: memchr(line_end(rest), rest.trim_ascii_end()).is_none(),
            length: None,
        }
    }

    /// The next record. Lines that are no record become findings.
    pub(super) fn next(&mut self, findings: &mut Findings) -> Option<Record<'a>> {
        loop {
            if self.at >= self.line.len() {
                if self.rest.is_empty() {
                    return None;
                }
                self.read_line(findings);
            }
            let record = match std::mem::take(&mut self.line) {
                Cow::Borrowed(line) => {
                    self.line = Cow::Borrowed(line);
                    self.cut(line, findings)
                }
                Cow::Owned(line) => {
                    let record = self.cut(&line, findings).map(|record| Record {
                        body: Cow::Owned(record.body.into_owned()),
                        ..record
                    });
                    self.line = Cow::Owned(line);
                    record
                }
            };
            if record.is_some() {
                return record;
            }
        }
    }

    fn read_line(&mut self, findings: &mut Findings) {
        let (line, rest) = match memchr(self.end, self.rest) {
            Some(end) => (
                self.rest.get(..end).unwrap_or_default(),
                self.rest.get(end.plus(1)..).unwrap_or_default(),
            ),
            None => (self.rest, Default::default()),
        };
        self.place = self.next;
        let taken = self.rest.len().less(rest.len());
        let byte = self.place.byte.plus(taken as u64);
        self.next = Place {
            line: self.place.line.plus(1),
            column: 1,
            byte,
        };
        (self.rest, self.at) = (rest, 0);
        self.line = match std::str::from_utf8(line) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => {
                let why = "not UTF-8: read as Latin-1";
                findings.add(
                    self.place
                        .finding("ENCODING", Severity::Warning, "record", why),
                );
                Cow::Owned(line.iter().copied().map(char::from).collect())
            }
        };
    }

    /// Cuts the next record off the line. Some banks leave out line ends: after a `/` and blanks,
    /// or at the record length, the next record follows in the same line.
    fn cut<'t>(&mut self, line: &'t str, findings: &mut Findings) -> Option<Record<'t>> {
        let rest = line.get(self.at..)?;
        let text = rest.trim_start_matches(is_padding);
        let blanks = rest.len().less(text.len());
        let place = self.place.after(self.at.plus(blanks));
        if self.at > 0 && !text.is_empty() {
            let why = "several records in one line: read as one each";
            findings.add(place.finding("LINE_END", Severity::Warning, "record", why));
        }
        let end = self.end_of_record(text);
        self.at = self.at.plus(blanks).plus(end);
        let piece = text.get(..end)?.trim_end_matches(is_padding);
        if piece.is_empty() {
            None
        } else {
            record(piece, place, findings)
        }
    }

    fn end_of_record(&self, line: &str) -> usize {
        if let Some(length) = self.length
            && line.get(length..).is_some_and(starts_a_record)
        {
            // Only this record is searched: a file without line ends is read in one pass.
            let record = line.get(..length).unwrap_or(line);
            return next_after_slash(record, self.tight).unwrap_or(length);
        }
        next_after_slash(line, self.tight).unwrap_or(line.len())
    }
}

fn is_padding(c: char) -> bool {
    // 0x1A: the end of file of old systems, left in by old programs.
    matches!(c, ' ' | '\t' | '\r' | '\x1a' | '\0')
}

/// Where the record after the first `/`, blanks, code and comma starts, its blanks included. In a
/// file without line ends the blanks may be none; elsewhere `22/03,` is text.
fn next_after_slash(line: &str, tight: bool) -> Option<usize> {
    let mut from = 0usize;
    while let Some(slash) = memchr(b'/', line.as_bytes().get(from..)?) {
        let after = from.plus(slash).plus(1);
        let rest = line.get(after..)?;
        if (tight || rest.starts_with(' ')) && starts_a_record(rest.trim_start_matches(' ')) {
            return Some(after);
        }
        from = after;
    }
    None
}

/// Whether `text` starts with a record code and its comma.
pub(super) fn starts_a_record(text: &str) -> bool {
    CODES.iter().any(|code| {
        text.strip_prefix(code)
            .is_some_and(|rest| rest.starts_with(','))
    })
}

fn record<'t>(piece: &'t str, place: Place, findings: &mut Findings) -> Option<Record<'t>> {
    let code = CODES.iter().find(|code| piece.starts_with(**code));
    let body = code.and_then(|code| piece.strip_prefix(code));
    let body = body.and_then(|body| {
        if body == "/" {
            Some(body)
        } else {
            body.strip_prefix(',')
        }
    });
    let (Some(code), Some(body)) = (code, body) else {
        let why = "no record starts here: a line starts with 01, 02, 03, 16, 49, 88, 98 or 99 \
                   and a comma; the line is left out";
        findings.add(place.finding("RECORD", Severity::Error, "record code", why));
        return None;
    };
    let (body, ended) = match body.strip_suffix('/') {
        Some(body) => (body, true),
        None => (body, false),
    };
    Some(Record {
        code,
        place,
        body: Cow::Borrowed(body),
        ended,
    })
}
