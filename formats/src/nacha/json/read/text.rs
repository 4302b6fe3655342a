//! A JSON text as it streams in: strings, punctuation, nothing else, for the form has no more.

use crate::nacha::json::error::JsonError;
use crate::nacha::json::limits::{BUFFER, MAX_STRING};
use settlement::exact::Exact;
use std::io::{self, Read};

/// A JSON text as it streams in.
pub(super) struct Json<R> {
    source: R,
    buf: Vec<u8>,
    pos: usize,
    end: usize,
    base: u64,
}

impl<R: Read> Json<R> {
    pub fn new(source: R) -> Json<R> {
        Json {
            source,
            buf: vec![0; BUFFER],
            pos: 0,
            end: 0,
            base: 0,
        }
    }

    /// How far it was read.
    #[allow(clippy::arithmetic_side_effects, reason = "offsets into one buffer")]
    pub fn at(&self) -> u64 {
        self.base + self.pos as u64
    }

    /// It is not what it should be here.
    pub fn shape(&self, why: &'static str) -> JsonError {
        JsonError::Shape { at: self.at(), why }
    }

    #[allow(clippy::arithmetic_side_effects, reason = "offsets into one buffer")]
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
    #[allow(clippy::arithmetic_side_effects, reason = "offsets into one buffer")]
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
    pub fn token(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.byte()? {
                Some(b' ' | b'\n' | b'\r' | b'\t') => {}
                other => return Ok(other),
            }
        }
    }

    /// Takes a byte that must be there.
    #[inline(always)]
    pub fn expect(&mut self, byte: u8, why: &'static str) -> Result<(), JsonError> {
        if self.token()? == Some(byte) {
            Ok(())
        } else {
            Err(self.shape(why))
        }
    }

    /// Whether another member of the object follows.
    #[inline(always)]
    pub fn more(&mut self) -> Result<bool, JsonError> {
        match self.token()? {
            Some(b',') => Ok(true),
            Some(b'}') => Ok(false),
            _ => Err(self.shape("a comma or the end of the object")),
        }
    }

    /// A string, its characters as Latin-1 bytes.
    #[inline]
    #[allow(clippy::arithmetic_side_effects, reason = "offsets into one buffer")]
    pub fn string(&mut self, out: &mut Vec<u8>) -> Result<(), JsonError> {
        self.expect(b'"', "a string")?;
        self.inside(out)
    }

    /// Takes `"name":"` where it stands so in the buffer.
    #[inline(always)]
    pub fn eat(&mut self, name: &str) -> bool {
        let rest = self.buf.get(self.pos..self.end).unwrap_or(&[]);
        let tail = rest
            .strip_prefix(b"\"")
            .and_then(|r| r.strip_prefix(name.as_bytes()));
        let Some(tail) = tail.and_then(|r| r.strip_prefix(b"\":\"")) else {
            return false;
        };
        // The tail is what is left of the same bytes: never more than there were.
        self.pos = self.end.less(tail.len());
        true
    }

    /// A string whose first quote has been taken.
    #[inline]
    #[allow(clippy::arithmetic_side_effects, reason = "offsets into one buffer")]
    pub fn inside(&mut self, out: &mut Vec<u8>) -> Result<(), JsonError> {
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
