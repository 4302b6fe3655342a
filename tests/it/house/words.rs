//! Rust source as words: enough of the grammar to see what a file names, without a compiler.
//!
//! Comments and blanks are gone, a literal is one word, and `::` is one; every other sign stands
//! alone. Words keep the line they are on, so that what is found can be pointed at.

/// One word of a source file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    /// The word as written; a string with its quotes.
    pub text: &'a str,
    /// Its line, from 1.
    pub line: usize,
}

impl Word<'_> {
    /// Whether this is a name or a keyword, and no number, lifetime, literal or sign.
    pub fn is_name(&self) -> bool {
        let literal = self.text.ends_with(['"', '#']) && self.text.len() > 1;
        self.text.starts_with(starts_name) && !literal
    }
}

/// The words of `text` in their order.
pub fn words(text: &str) -> Vec<Word<'_>> {
    let (mut found, mut rest, mut line) = (Vec::new(), text, 1);
    while !rest.is_empty() {
        let (word, after) = rest.split_at(length(rest));
        if !is_blank(word) {
            found.push(Word { text: word, line });
        }
        line += word.matches('\n').count();
        rest = after;
    }
    found
}

fn is_blank(word: &str) -> bool {
    word.starts_with(char::is_whitespace) || word.starts_with("//") || word.starts_with("/*")
}

fn starts_name(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

fn goes_on(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// Bytes of `text` before the first character that is not `within`.
fn run(text: &str, within: impl Fn(char) -> bool) -> usize {
    text.find(|c| !within(c)).unwrap_or(text.len())
}

/// Bytes of the word, blank or comment at the start of `text`, which is not empty.
fn length(text: &str) -> usize {
    let first = text.chars().next().unwrap_or_default();
    match first {
        c if c.is_whitespace() => run(text, char::is_whitespace),
        '/' if text.starts_with("//") => run(text, |c| c != '\n'),
        '/' if text.starts_with("/*") => comment(text),
        ':' if text.starts_with("::") => 2,
        '"' => string(text),
        '\'' => quoted(text),
        c if starts_name(c) => literal(text).unwrap_or_else(|| run(text, goes_on)),
        c if c.is_ascii_digit() => run(text, goes_on),
        c => c.len_utf8(),
    }
}

/// A block comment, which may hold others.
fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text[at..];
        let step = rest.chars().next().map_or(1, char::len_utf8);
        (depth, at) = match rest.get(..2) {
            Some("/*") => (depth + 1, at + 2),
            Some("*/") => (depth - 1, at + 2),
            _ => (depth, at + step),
        };
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// A string in which a backslash takes the quote after it along.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == '"' && !escaped {
            return at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    text.len()
}

/// A character, or else a lifetime.
fn quoted(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    let second = chars.next().map_or(' ', |(_, c)| c);
    let closes = chars.next().is_some_and(|(_, c)| c == '\'');
    if second == '\\' {
        // The backslash takes one sign along, were it a quote.
        let end = text.get(3..).and_then(|rest| rest.find('\''));
        return end.map_or(text.len(), |end| 3 + end + 1);
    }
    if closes {
        return 2 + second.len_utf8();
    }
    1 + run(&text[1..], goes_on)
}

/// A literal that starts with a letter, or a name written `r#name`.
fn literal(text: &str) -> Option<usize> {
    let prefix = run(text, |c| "bcr".contains(c));
    let rest = &text[prefix..];
    let raw = text[..prefix].contains('r');
    if rest.starts_with('"') && !raw && prefix > 0 {
        return Some(prefix + string(rest));
    }
    if rest.starts_with('\'') && &text[..prefix] == "b" {
        return Some(prefix + quoted(rest));
    }
    let hashes = run(rest, |c| c == '#');
    if !raw || prefix > 2 {
        return None;
    }
    if !rest[hashes..].starts_with('"') {
        let name = &rest[hashes..];
        let is_name = hashes == 1 && prefix == 1 && name.starts_with(starts_name);
        return is_name.then(|| prefix + 1 + run(name, goes_on));
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let body = prefix + hashes + 1;
    let length = text[body..].find(&end);
    Some(length.map_or(text.len(), |length| body + length + end.len()))
}

#[test]
fn words_are_told_apart_as_the_compiler_does() {
    let told = |text| words(text).iter().map(|w| w.text).collect::<Vec<_>>();
    assert_eq!(told("use a::{b, c};").len(), 9);
    assert_eq!(told("x /* a /* b */ c */ y // z\n"), ["x", "y"]);
    assert_eq!(told(r#"f("a\"b", 'c', '\'', 'd, '\\')"#).len(), 12);
    assert_eq!(told("r#\"a\"b\"# br\"c\" b'd' r#type rust bc").len(), 6);
    assert_eq!(
        told("'\u{e4}' 0..9 1_000u64"),
        ["'\u{e4}'", "0", ".", ".", "9", "1_000u64"]
    );
    let lines: Vec<usize> = words("a\n\"x\ny\"\nb").iter().map(|w| w.line).collect();
    assert_eq!(lines, [1, 2, 4]);
    let names = |text| words(text).iter().filter(|w| w.is_name()).count();
    assert_eq!(names("fn a(b: &'c str) -> u8 { b\"d\" + 1 + \"e\" }"), 5);
}
