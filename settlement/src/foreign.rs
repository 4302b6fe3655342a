//! Text that somebody else wrote, as people may see it.
//!
//! A company's name, the reason in an acknowledgement, the name of a file: whoever writes them may
//! write an escape sequence that moves a cursor, a character that turns the order of reading, one
//! that nobody sees, or the end of a line with a line of ours behind it. Everything that shows
//! such text to people, on a terminal, in a log, on a page or in a sheet, asks here; nothing else
//! decides what may be seen. What may not is written as its escape, `\n` or `\u{1b}`, so that it
//! is seen to be there; all other text stays as it is.
//!
//! [`line()`] is for a piece of foreign text within a line of ours, at the place where it enters.
//! [`lines`] and [`json`] are nets below whole texts and documents: what slipped through before is
//! caught there, but for the line ends, which by then may be ours.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt::{Display, Write};
use std::path::Path;

/// Whether a character moves something, turns the order of reading or is not seen: the control
/// characters of ASCII and C1, and what Unicode calls format characters, line separators, fillers
/// and selectors of variants (categories Cc, Cf, Zl and Zp, and `Default_Ignorable_Code_Point`).
pub fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00ad}' | '\u{034f}' | '\u{0600}'..='\u{0605}' | '\u{061c}' | '\u{06dd}'
            | '\u{070f}' | '\u{0890}'..='\u{0891}' | '\u{08e2}' | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Foreign text within a line: no part of it begins another line or is unseen.
///
/// ```
/// use settlement::foreign;
///
/// assert_eq!(foreign::line("ACME & SÖHNE"), "ACME & SÖHNE");
/// assert_eq!(foreign::line("ACME\ntieout: ok\u{1b}[2J"), r"ACME\ntieout: ok\u{1b}[2J");
/// ```
pub fn line(text: &str) -> Cow<'_, str> {
    escaped(text, is_unseen, |out, c| out.extend(c.escape_default()))
}

/// Text of several lines of ours in which foreign text stands.
pub fn lines(text: &str) -> Cow<'_, str> {
    let caught = |c: char| c != '\n' && is_unseen(c);
    escaped(text, caught, |out, c| out.extend(c.escape_default()))
}

/// A JSON document, in which the characters of ASCII are escaped already where they must be: the
/// others that are unseen become `\u` escapes. It is the same document.
pub fn json(document: &str) -> Cow<'_, str> {
    let caught = |c: char| c >= '\u{7f}' && is_unseen(c);
    escaped(document, caught, |out, c| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{unit:04x}");
        }
    })
}

/// Foreign text in a cell of a sheet (CSV). What a spreadsheet would compute gets an apostrophe
/// before it, which spreadsheets take for text.
pub fn cell(text: &str) -> Cow<'_, str> {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => Cow::Owned(format!("'{}", line(text))),
        false => line(text),
    }
}

/// A path as somebody named it; bytes that are no UTF-8 are shown as what they are, `\xff`.
pub fn path(path: &Path) -> String {
    name(path.as_os_str())
}

/// The name of a file, as [`path`].
pub fn name(name: &OsStr) -> String {
    let mut seen = String::new();
    for piece in name.as_encoded_bytes().utf8_chunks() {
        seen.push_str(&line(piece.valid()));
        seen.extend(piece.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    seen
}

/// What a parser says of a text, in one line: without the piece of the text that it draws between
/// what it says first and what it says last, its lines led by `1 |` or `|`.
pub fn fault(error: impl Display) -> String {
    let text = error.to_string();
    let drawn = |line: &&str| {
        let rest = line
            .trim_start()
            .trim_start_matches(|c: char| c.is_ascii_digit());
        !rest.trim_start().starts_with('|')
    };
    let said: Vec<&str> = text.trim_end().lines().filter(drawn).collect();
    line(&said.join(": ")).into_owned()
}

fn escaped(
    text: &str,
    caught: impl Fn(char) -> bool,
    escape: impl Fn(&mut String, char),
) -> Cow<'_, str> {
    let plain = |byte: u8| (0x20..0x7f).contains(&byte);
    if text.bytes().all(plain) || !text.contains(&caught) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match caught(c) {
            true => escape(&mut out, c),
            false => out.push(c),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::os::unix::ffi::OsStrExt;

    /// One of each sort that somebody may hide in a name.
    const HOSTILE: &str = "a\u{1b}[31m\u{9b}2J\r\n\t\u{7f}\u{85}\u{200b}\u{2028}\u{202e}\u{2066}\
                           \u{feff}\u{ad}\u{e0041}z";

    #[test]
    fn what_is_not_seen_is_shown_as_what_it_is() {
        let seen = r"a\u{1b}[31m\u{9b}2J\r\n\t\u{7f}\u{85}\u{200b}\u{2028}\u{202e}\u{2066}";
        assert_eq!(
            line(HOSTILE),
            format!(r"{seen}\u{{feff}}\u{{ad}}\u{{e0041}}z")
        );
        assert_eq!(lines("a\nb\r\n"), "a\nb\\r\n");
        assert_eq!(path(Path::new("x\ny.ach")), r"x\ny.ach");
        let bytes = OsStr::from_bytes(b"caf\xe9/\x1b\xff\xc3\xa9");
        assert_eq!(path(Path::new(bytes)), "caf\\xe9/\\u{1b}\\xff\u{e9}");
    }

    #[test]
    fn ordinary_text_stays_as_it_is() {
        for text in ["", "rücklauf.ach", "12.50 €", "José ✓ …", "a\\b", "支払い"] {
            assert!(matches!(line(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn a_sheet_computes_nothing() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert!(cell(formula).starts_with('\''), "{formula:?}");
        }
        assert_eq!(cell("2026-11-25"), "2026-11-25");
    }

    #[test]
    fn what_a_parser_draws_is_left_out() {
        let wrong = toml::from_str::<toml::Table>("bank = \n").unwrap_err();
        let said = fault(&wrong);
        assert!(
            said.starts_with("TOML parse error at line 1, column 8"),
            "{said}"
        );
        assert!(!said.contains(['\n', '|', '^']), "{said}");
    }

    proptest! {
        #[test]
        fn nothing_unseen_comes_through(text in any::<String>()) {
            prop_assert!(!line(&text).contains(is_unseen));
            let once = line(&text).into_owned();
            prop_assert_eq!(line(&once), once.as_str());
            prop_assert!(!cell(&text).starts_with(['=', '+', '-', '@']));
        }
    }
}
