//! From the JSON form back to the file's bytes.

#![allow(clippy::arithmetic_side_effects)] // positions in a buffer and columns of a record

use super::super::layout::{Field, LAYOUTS, Layout, WIDTH};
use super::super::reader::{Report, Scanner};
use super::BUFFER;
use std::io::{self, Read, Write};

/// Why a JSON text is not the form of a file.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// The text is not JSON, or not of this form.
    #[error("byte {at}: {why}")]
    Shape {
        /// The offset in the text.
        at: u64,
        /// What was expected.
        why: &'static str,
    },
    /// A record's field is unknown, too long or not Latin-1.
    #[error("byte {at}, record {record}, {field}: {why}")]
    Field {
        /// The offset in the text.
        at: u64,
        /// The record, from 1.
        record: u64,
        /// The field's name.
        field: String,
        /// What is wrong.
        why: &'static str,
    },
    /// The source cannot be read or the sink cannot be written.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// The longest string: far above any record, far below what could fill a memory.
const MAX_STRING: usize = 4096;

/// Writes the bytes of the file whose JSON form this is, and says what the file is.
///
/// # Errors
/// Where the text is not the JSON form of a file, the source cannot be read or the sink cannot
/// be written.
pub fn read_json(source: impl Read, sink: impl Write) -> Result<Report, JsonError> {
    let mut json = Json {
        source,
        buf: vec![0; BUFFER],
        pos: 0,
        end: 0,
        base: 0,
    };
    let mut file = Output {
        sink,
        buf: Vec::with_capacity(BUFFER + 8192),
        scanner: Scanner::new(),
    };
    let mut end = b"\n".to_vec();
    let mut text = Vec::new();
    json.expect(b'{', "a JSON object")?;
    loop {
        json.string(&mut text)?;
        json.expect(b':', "a colon")?;
        match text.as_slice() {
            b"format" => {
                json.string(&mut text)?;
                if text != b"nacha" {
                    return Err(json.shape("the format must be nacha"));
                }
            }
            b"line_end" => json.string(&mut end)?,
            b"records" => records(&mut json, &mut file, &end)?,
            _ => return Err(json.shape("one of format, line_end, records")),
        }
        match json.token()? {
            Some(b',') => {}
            Some(b'}') => break,
            _ => return Err(json.shape("a comma or the end of the object")),
        }
    }
    if json.token()?.is_some() {
        return Err(json.shape("nothing after the object"));
    }
    Ok(file.finish()?)
}

fn records<R: Read, W: Write>(
    json: &mut Json<R>,
    file: &mut Output<W>,
    end: &[u8],
) -> Result<(), JsonError> {
    json.expect(b'[', "an array of records")?;
    let (mut name, mut value, mut raw) = (Vec::new(), Vec::new(), Vec::new());
    let mut number = 0;
    loop {
        match json.token()? {
            Some(b'{') => {}
            Some(b']') if number == 0 => return Ok(()),
            _ => return Err(json.shape("a record")),
        }
        number += 1;
        let at = json.at();
        json.string(&mut name)?;
        json.expect(b':', "a colon")?;
        json.string(&mut value)?;
        if name != b"record" {
            return Err(json.shape("the first member of a record must be \"record\""));
        }
        let (mut text, layout) = begin(&value).ok_or_else(|| json.shape("a known record"))?;
        let mut has_raw = false;
        let mut next = 1;
        while json.more()? {
            // Most often the next field of the layout, written as it always is.
            let expected = layout.and_then(|l| l.fields.get(next));
            let field = match expected {
                Some(field) if json.eat(field.name) => {
                    json.inside(&mut value)?;
                    next += 1;
                    field
                }
                _ => {
                    json.string(&mut name)?;
                    json.expect(b':', "a colon")?;
                    if name == b"raw" {
                        json.string(&mut raw)?;
                        has_raw = true;
                        continue;
                    }
                    json.string(&mut value)?;
                    let field = find(layout, &name, &mut next);
                    field.ok_or_else(|| wrong(at, number, &name, "no such field"))?
                }
            };
            let from = field.start - 1;
            match text.get_mut(from..from + value.len()) {
                Some(columns) if value.len() <= field.len => columns.copy_from_slice(&value),
                _ => {
                    let name = field.name.as_bytes();
                    return Err(wrong(at, number, name, "is longer than its columns"));
                }
            }
        }
        if has_raw {
            file.raw(&raw)?;
        } else {
            file.record(&text, end)?;
        }
        match json.token()? {
            Some(b',') => {}
            Some(b']') => return Ok(()),
            _ => return Err(json.shape("a comma or the end of the array")),
        }
    }
}

fn wrong(at: u64, record: u64, field: &[u8], why: &'static str) -> JsonError {
    let field = String::from_utf8_lossy(field).into_owned();
    JsonError::Field {
        at,
        record,
        field,
        why,
    }
}

/// An empty record and its layout.
fn begin(id: &[u8]) -> Option<([u8; WIDTH], Option<&'static Layout>)> {
    match id {
        b"filler" => return Some(([b'9'; WIDTH], None)),
        b"blank" | b"unknown" => return Some(([b' '; WIDTH], None)),
        _ => {}
    }
    let layout = LAYOUTS.iter().find(|l| l.id.as_bytes() == id)?;
    let mut text = [b' '; WIDTH];
    text[0] = *id.first()?;
    Some((text, Some(layout)))
}

/// The field of that name: most often the next one.
fn find(layout: Option<&'static Layout>, name: &[u8], next: &mut usize) -> Option<&'static Field> {
    let fields = layout?.fields;
    let place = match fields.get(*next) {
        Some(field) if field.name.as_bytes() == name => *next,
        _ => fields.iter().position(|f| f.name.as_bytes() == name)?,
    };
    *next = place + 1;
    fields.get(place)
}

/// The file as it is written, checked as it goes by.
struct Output<W> {
    sink: W,
    buf: Vec<u8>,
    scanner: Scanner,
}

impl<W: Write> Output<W> {
    fn record(&mut self, text: &[u8], end: &[u8]) -> io::Result<()> {
        self.buf.extend_from_slice(text);
        self.raw(end)
    }

    fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.buf.extend_from_slice(bytes);
        if self.buf.len() >= BUFFER {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut rest = self.buf.as_slice();
        while !rest.is_empty() {
            let taken = self.scanner.feed(rest);
            rest = rest.get(taken..).unwrap_or(&[]);
            while self.scanner.take().is_some() {}
        }
        self.sink.write_all(&self.buf)?;
        self.buf.clear();
        Ok(())
    }

    fn finish(mut self) -> io::Result<Report> {
        self.flush()?;
        self.sink.flush()?;
        Ok(self.scanner.finish())
    }
}

/// A JSON text as it streams in.
struct Json<R> {
    source: R,
    buf: Vec<u8>,
    pos: usize,
    end: usize,
    base: u64,
}

impl<R: Read> Json<R> {
    fn at(&self) -> u64 {
        self.base + self.pos as u64
    }

    fn shape(&self, why: &'static str) -> JsonError {
        JsonError::Shape { at: self.at(), why }
    }

    fn fill(&mut self) -> io::Result<bool> {
        self.base += self.pos as u64;
        self.pos = 0;
        loop {
            match self.source.read(&mut self.buf) {
                Ok(n) => {
                    self.end = n;
                    return Ok(n > 0);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
    }

    #[inline(always)]
    fn byte(&mut self) -> io::Result<Option<u8>> {
        if self.pos == self.end && !self.fill()? {
            return Ok(None);
        }
        let byte = self.buf.get(self.pos).copied();
        self.pos += 1;
        Ok(byte)
    }

    /// The next byte that is not white space.
    #[inline(always)]
    fn token(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.byte()? {
                Some(b' ' | b'\n' | b'\r' | b'\t') => {}
                other => return Ok(other),
            }
        }
    }

    #[inline(always)]
    fn expect(&mut self, byte: u8, why: &'static str) -> Result<(), JsonError> {
        if self.token()? == Some(byte) {
            Ok(())
        } else {
            Err(self.shape(why))
        }
    }

    /// Whether another member of the object follows.
    #[inline(always)]
    fn more(&mut self) -> Result<bool, JsonError> {
        match self.token()? {
            Some(b',') => Ok(true),
            Some(b'}') => Ok(false),
            _ => Err(self.shape("a comma or the end of the object")),
        }
    }

    /// A string, its characters as Latin-1 bytes.
    #[inline]
    fn string(&mut self, out: &mut Vec<u8>) -> Result<(), JsonError> {
        self.expect(b'"', "a string")?;
        self.inside(out)
    }

    /// Takes `"name":"` where it stands so in the buffer.
    #[inline(always)]
    fn eat(&mut self, name: &str) -> bool {
        let rest = self.buf.get(self.pos..self.end).unwrap_or(&[]);
        let tail = rest
            .strip_prefix(b"\"")
            .and_then(|r| r.strip_prefix(name.as_bytes()));
        let Some(tail) = tail.and_then(|r| r.strip_prefix(b"\":\"")) else {
            return false;
        };
        self.pos = self.end - tail.len();
        true
    }

    /// A string whose first quote has been taken.
    #[inline]
    fn inside(&mut self, out: &mut Vec<u8>) -> Result<(), JsonError> {
        out.clear();
        let end = self.end.min(self.pos + MAX_STRING);
        let rest = self.buf.get(self.pos..end).unwrap_or(&[]);
        if let Some(len) = memchr::memchr2(b'"', b'\\', rest)
            && let (Some(b'"'), Some(text)) = (rest.get(len), rest.get(..len))
            && text.is_ascii()
        {
            out.extend_from_slice(text);
            self.pos += len + 1;
            return Ok(());
        }
        self.slow_string(out)
    }

    fn slow_string(&mut self, out: &mut Vec<u8>) -> Result<(), JsonError> {
        const LATIN: &str = "characters up to U+00FF";
        loop {
            if out.len() > MAX_STRING {
                return Err(self.shape("a shorter string"));
            }
            match self
                .byte()?
                .ok_or_else(|| self.shape("the end of the string"))?
            {
                b'"' => return Ok(()),
                b'\\' => {
                    let byte = self.escape()?;
                    out.push(byte);
                }
                lead @ (0xC2 | 0xC3) => match self.byte()? {
                    Some(tail @ 0x80..0xC0) => out.push((lead & 3) << 6 | (tail & 0x3F)),
                    _ => return Err(self.shape(LATIN)),
                },
                0x80.. => return Err(self.shape(LATIN)),
                byte => out.push(byte),
            }
        }
    }

    fn escape(&mut self) -> Result<u8, JsonError> {
        Ok(match self.byte()? {
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'u') => {
                let mut value = 0u32;
                for _ in 0..4 {
                    let digit = self.byte()?.and_then(|b| char::from(b).to_digit(16));
                    let digit = digit.ok_or_else(|| self.shape("four hexadecimal digits"))?;
                    value = value << 4 | digit;
                }
                u8::try_from(value).map_err(|_| self.shape("characters up to U+00FF"))?
            }
            Some(byte @ (b'"' | b'\\' | b'/')) => byte,
            _ => return Err(self.shape("an escape")),
        })
    }
}
