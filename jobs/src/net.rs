//! A net below what is printed: no character that nobody sees, or that moves a terminal, goes
//! through it, whoever let it come so far.
//!
//! Text that is made elsewhere comes in pieces, which may end in the middle of a character; a
//! stream of hundreds of megabytes is looked at byte by byte only where one is not plain.

use settlement::foreign;
use std::io::{self, Write};

/// What goes through a net.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Text for people: what is caught is written as its escape.
    Text,
    /// JSON: what is caught is written as the escape that JSON has.
    Json,
    /// A file for a program: nothing is caught.
    File,
}

impl Form {
    /// Whole characters, with what is caught written otherwise.
    fn caught(self, text: &str) -> String {
        match self {
            Form::Text => foreign::lines(text).into_owned(),
            Form::Json => foreign::json(text).into_owned(),
            Form::File => text.to_owned(),
        }
    }

    /// A byte that is no character.
    fn byte(self, byte: &u8) -> String {
        match self {
            Form::Text | Form::File => format!("\\x{byte:02x}"),
            Form::Json => char::REPLACEMENT_CHARACTER.to_string(),
        }
    }
}

/// A sink with a net before it. Dropped, it lets go what it still holds.
pub struct Net<W: Write> {
    sink: W,
    form: Form,
    /// The beginning of a character whose end has not come yet.
    begun: Vec<u8>,
}

impl<W: Write> Net<W> {
    /// A net before `sink`.
    pub fn new(sink: W, form: Form) -> Net<W> {
        Net {
            sink,
            form,
            begun: Vec::new(),
        }
    }

    /// Bytes as text without what is caught; keeps the beginning of a character at their end.
    fn passed(&mut self, bytes: &[u8]) -> String {
        let whole = [&self.begun[..], bytes].concat();
        self.begun.clear();
        let (mut rest, mut out) = (&whole[..], String::new());
        while let Err(error) = std::str::from_utf8(rest) {
            let (good, bad) = rest.split_at(error.valid_up_to());
            out += &self.form.caught(&String::from_utf8_lossy(good));
            let Some(length) = error.error_len() else {
                self.begun = bad.to_vec();
                return out;
            };
            let (wrong, after) = bad.split_at(length);
            out.extend(wrong.iter().map(|byte| self.form.byte(byte)));
            rest = after;
        }
        out + &self.form.caught(&String::from_utf8_lossy(rest))
    }

    /// Lets go the beginning of a character that will not end any more.
    fn let_go(&mut self) -> io::Result<()> {
        let begun = std::mem::take(&mut self.begun);
        let text: String = begun.iter().map(|byte| self.form.byte(byte)).collect();
        self.sink.write_all(text.as_bytes())
    }
}

impl<W: Write> Write for Net<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let plain = |byte: &u8| *byte == b'\n' || (0x20..0x7f).contains(byte);
        if self.form == Form::File || (self.begun.is_empty() && bytes.iter().all(plain)) {
            return self.sink.write(bytes);
        }
        let passed = self.passed(bytes);
        self.sink.write_all(passed.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}

impl<W: Write> Drop for Net<W> {
    fn drop(&mut self) {
        // Nobody is left to be told.
        let _ = self.let_go();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(form: Form, pieces: &[&[u8]]) -> String {
        let mut sink = Vec::new();
        let mut net = Net::new(&mut sink, form);
        pieces
            .iter()
            .for_each(|piece| net.write_all(piece).unwrap());
        drop(net);
        String::from_utf8(sink).unwrap()
    }

    #[test]
    fn what_moves_a_terminal_is_caught_however_it_comes() {
        let text = "a\u{1b}[2J\u{9b}1m\u{202e}é\nb";
        let bytes = text.as_bytes();
        let seen = "a\\u{1b}[2J\\u{9b}1m\\u{202e}é\nb";
        for at in 0..bytes.len() {
            let (one, two) = bytes.split_at(at);
            assert_eq!(through(Form::Text, &[one, two]), seen, "{at}");
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(through(Form::Text, &single), seen);
    }

    #[test]
    fn what_is_no_text_is_caught_too() {
        assert_eq!(through(Form::Text, &[b"a\x9b2J\xff"]), "a\\x9b2J\\xff");
        assert_eq!(through(Form::Text, &[b"end \xe2\x80"]), "end \\xe2\\x80");
    }

    #[test]
    fn a_document_stays_the_same_document() {
        let value = "C1 \u{9b}, bidi \u{202e}, a tag \u{e0041}, plain ü and \u{7f}";
        let document = serde_json::to_string(value).unwrap();
        let caught = through(Form::Json, &[document.as_bytes()]);
        assert!(!caught.contains(foreign::is_unseen), "{caught}");
        assert_eq!(serde_json::from_str::<String>(&caught).unwrap(), value);
    }
}
