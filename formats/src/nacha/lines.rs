//! Bytes to records: finds the 94 columns, whatever ends the line.
//!
//! Files come with LF, CRLF, CR or no line ends at all, with trailing blanks cut off or added,
//! with blank lines, with a byte order mark, with UTF-8 where one column is two bytes. All of it
//! is read, none of it is lost: each [`Line`] knows the exact bytes it came from, and what was
//! odd about it.
//!
//! Nothing is ever looked at further than [`LOOK`] bytes ahead, so a line of any length passes
//! through a small buffer: where no line end comes, each 94 characters are a line.

use crate::nacha::digits;
use crate::nacha::findings::Place;
use crate::nacha::layout::WIDTH;

/// How far a line end is looked for before a text counts as a file without line ends: two
/// records and the line end.
const LOOK: usize = 2 * WIDTH + 2;

/// The buffer: large enough that refilling costs nothing, small enough for the L2 cache.
const BUFFER: usize = 128 * 1024;

/// What was odd about a line, as bits.
pub(crate) mod odd {
    /// Fewer than 94 characters.
    pub const SHORT: u8 = 1;
    /// More than 94 characters, the rest not blank.
    pub const LONG: u8 = 2;
    /// More than 94 characters, the rest blank.
    pub const TRAILING: u8 = 4;
    /// UTF-8: some columns are several bytes.
    pub const UTF8: u8 = 8;
    /// Nothing but blanks.
    pub const BLANK: u8 = 16;
    /// A byte order mark.
    pub const MARK: u8 = 32;
    /// Another line end than the first line's.
    pub const END: u8 = 64;
}

/// One line: where its bytes are in the buffer, and what is known of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    start: usize,
    raw: usize,
    padded: bool,
    /// Every column is printable ASCII.
    pub clean: bool,
    /// Bits of [`odd`].
    pub odd: u8,
    /// The line's number, from 1.
    pub number: u64,
    /// The offset of its first byte.
    pub byte: u64,
}

/// What [`Lines::step`] found.
pub(crate) enum Step {
    /// A line.
    Line(Line),
    /// More bytes are needed.
    More,
    /// There are no more bytes.
    End,
}

/// Cuts bytes into lines.
pub(crate) struct Lines {
    buf: Vec<u8>,
    pos: usize,
    end: usize,
    base: u64,
    number: u64,
    finished: bool,
    unbroken: bool,
    first_end: Option<u8>,
    pad: [u8; WIDTH],
}

impl Lines {
    pub fn new() -> Lines {
        Lines {
            buf: vec![0; BUFFER],
            pos: 0,
            end: 0,
            base: 0,
            number: 0,
            finished: false,
            unbroken: false,
            first_end: None,
            pad: [b' '; WIDTH],
        }
    }

    /// The free part of the buffer; lines handed out before are gone.
    #[allow(clippy::arithmetic_side_effects, reason = "offsets into one buffer")]
    pub fn space(&mut self) -> &mut [u8] {
        if self.pos > 0 {
            self.buf.copy_within(self.pos..self.end, 0);
            self.base += self.pos as u64;
            self.end -= self.pos;
            self.pos = 0;
        }
        &mut self.buf[self.end..]
    }

    /// `n` bytes were put into [`Lines::space`]; none means that there are no more.
    #[allow(clippy::arithmetic_side_effects, reason = "offsets into one buffer")]
    pub fn filled(&mut self, n: usize) {
        assert!(
            n <= self.buf.len() - self.end,
            "a source says that it read more than it was given room for"
        );
        self.end += n;
        self.finished |= n == 0;
    }

    /// The 94 columns of a line, padded with blanks where it is shorter.
    #[inline(always)]
    pub fn text(&self, line: &Line) -> &[u8; WIDTH] {
        if !line.padded
            && let Some(text) = self
                .buf
                .get(line.start..)
                .and_then(|s| s.first_chunk::<WIDTH>())
        {
            return text;
        }
        &self.pad
    }

    /// Where the next line begins.
    #[allow(clippy::arithmetic_side_effects, reason = "offsets into one buffer")]
    pub fn here(&self) -> Place {
        Place {
            line: self.number + 1,
            byte: self.base + self.pos as u64,
        }
    }

    /// The bytes of a line with its line end.
    #[allow(clippy::arithmetic_side_effects, reason = "offsets into one buffer")]
    pub fn raw(&self, line: &Line) -> &[u8] {
        self.buf
            .get(line.start..line.start + line.raw)
            .unwrap_or(&[])
    }

    /// The next line of the buffer.
    #[inline(always)]
    #[allow(clippy::arithmetic_side_effects, reason = "offsets into one buffer")]
    pub fn step(&mut self) -> Step {
        let rest = &self.buf[self.pos..self.end];
        if !self.unbroken
            && self.first_end == Some(b'\n')
            && rest.len() > WIDTH
            && rest[WIDTH] == b'\n'
            && let Some(text) = rest.first_chunk::<WIDTH>()
            && digits::printable(text)
            && text[0] != b' '
        {
            return Step::Line(self.line(WIDTH + 1, false, true, 0));
        }
        self.step_odd()
    }

    #[inline(always)]
    #[allow(clippy::arithmetic_side_effects, reason = "offsets into one buffer")]
    fn line(&mut self, raw: usize, padded: bool, clean: bool, odd: u8) -> Line {
        self.number += 1;
        let byte = self.base + self.pos as u64;
        let line = Line {
            start: self.pos,
            raw,
            padded,
            clean,
            odd,
            number: self.number,
            byte,
        };
        self.pos += raw;
        line
    }

    #[inline(never)]
    #[allow(clippy::arithmetic_side_effects, reason = "offsets into one buffer")]
    fn step_odd(&mut self) -> Step {
        let have = self.end - self.pos;
        if have < LOOK && !self.finished {
            return Step::More;
        }
        if have == 0 {
            return Step::End;
        }
        let rest = &self.buf[self.pos..self.end.min(self.pos + LOOK)];
        if self.base == 0 && self.pos == 0 && rest.starts_with(b"\xEF\xBB\xBF") {
            let line = self.line(3, true, true, odd::MARK);
            self.pad = [b' '; WIDTH];
            self.number = 0;
            return Step::Line(line);
        }
        let window = if self.unbroken {
            rest.len().min(WIDTH + 2)
        } else {
            rest.len()
        };
        match memchr::memchr2(b'\n', b'\r', &rest[..window]) {
            Some(len) if len <= WIDTH || (!self.unbroken && len < 2 * WIDTH) => self.ended(len),
            _ if self.finished && have <= WIDTH => self.last(have),
            _ if self.finished && have < 2 * WIDTH && !self.unbroken => self.last(have),
            _ => self.cut(),
        }
    }

    /// A line of `len` characters, then a line end.
    #[allow(clippy::arithmetic_side_effects, reason = "offsets into one buffer")]
    fn ended(&mut self, len: usize) -> Step {
        let rest = &self.buf[self.pos..self.end];
        let two = rest[len] == b'\r' && rest.get(len + 1) == Some(&b'\n');
        let end = if two { 2 } else { rest[len] };
        self.unbroken = false;
        let changed = *self.first_end.get_or_insert(end) != end;
        let raw = len + if two { 2 } else { 1 };
        let mut line = self.shape(len, raw);
        if changed {
            line.odd |= odd::END;
        }
        Step::Line(line)
    }

    /// The last line, which nothing ends.
    fn last(&mut self, len: usize) -> Step {
        Step::Line(self.shape(len, len))
    }

    /// 94 characters of a text without line ends; a line end right after them belongs to them.
    #[allow(clippy::arithmetic_side_effects, reason = "offsets into one buffer")]
    fn cut(&mut self) -> Step {
        self.unbroken = true;
        let rest = &self.buf[self.pos..self.end];
        let raw = match rest.get(WIDTH..) {
            Some([b'\r', b'\n', ..]) => WIDTH + 2,
            Some([b'\n' | b'\r', ..]) => WIDTH + 1,
            _ => WIDTH.min(rest.len()),
        };
        if raw > WIDTH {
            self.unbroken = false;
        }
        Step::Line(self.shape(raw.min(WIDTH), raw))
    }

    /// Takes `raw` bytes, of which `len` are text, and brings the text to 94 columns.
    #[allow(clippy::arithmetic_side_effects, reason = "offsets into one buffer")]
    fn shape(&mut self, len: usize, raw: usize) -> Line {
        assert!(
            raw > 0 && len <= raw && raw <= self.end - self.pos,
            "a line has bytes of its own, and they are in the buffer"
        );
        let text = &self.buf[self.pos..self.pos + len];
        let blank = text.trim_ascii().is_empty();
        let mut flags = if blank { odd::BLANK } else { 0 };
        let mut columns = [b' '; WIDTH];
        let mut width = len;
        let mut rest_blank = true;
        match one_byte_each(text) {
            Some(narrow) if len > WIDTH => {
                flags |= odd::UTF8;
                width = narrow.len();
                fill(&mut columns, &narrow);
                rest_blank = narrow.iter().skip(WIDTH).all(|b| *b == b' ');
            }
            _ => {
                fill(&mut columns, text);
                rest_blank &= text.iter().skip(WIDTH).all(|b| *b == b' ');
            }
        }
        if !blank {
            flags |= match width {
                0..WIDTH => odd::SHORT,
                WIDTH => 0,
                _ if rest_blank => odd::TRAILING,
                _ => odd::LONG,
            };
        }
        let padded = len < WIDTH || flags & odd::UTF8 != 0;
        let clean = digits::printable(&columns);
        if padded {
            self.pad = columns;
        }
        self.line(raw, padded, clean, flags)
    }
}

fn fill(columns: &mut [u8; WIDTH], text: &[u8]) {
    for (column, byte) in columns.iter_mut().zip(text) {
        *column = *byte;
    }
}

/// A UTF-8 text with one byte for each character, `None` where it is ASCII or not UTF-8.
/// Characters beyond Latin-1 become `?`: only the columns matter, the bytes are kept apart.
fn one_byte_each(text: &[u8]) -> Option<Vec<u8>> {
    if text.is_ascii() {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?;
    Some(
        text.chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
            .collect(),
    )
}
