//! A file with the same structure and totals, and nobody in it.

use crate::nacha::check::RecordKind;
use crate::nacha::layout::{Field, Kind, Privacy, WIDTH};
use crate::nacha::reader::Reader;
use crate::nacha::scanner::Report;
use aws_lc_rs::hmac;
use settlement::exact::Exact;
use std::io::{self, BufWriter, Read, Write};

/// Writes a file in which account numbers, names, addresses and free texts are replaced: digits
/// by digits, letters by letters, the same text by the same replacement under the same `key`.
/// Everything else, down to the line ends, is kept, and so are the file's faults; but a control
/// character becomes `?`, in whatever column it stands, since no field may have one and the file
/// is made to be shown to others. The replacement is drawn from HMAC-SHA-256 of the text: who
/// does not know the key cannot undo it by trying all account numbers; keep it secret or throw it
/// away.
///
/// ```
/// use formats::nacha::generate::{Plan, generate};
/// use formats::nacha::{SecCode, ops, validate};
///
/// let (bytes, _) = generate(Vec::new(), &Plan::of(SecCode::Ppd, 3))?;
/// let mut masked = Vec::new();
/// let report = ops::mask(&bytes[..], &mut masked, b"sixteen byte key")?;
/// assert!(masked != bytes && masked.len() == bytes.len());
/// assert_eq!(validate(&masked[..])?.totals, report.totals);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Where the source cannot be read or the sink cannot be written.
pub fn mask(source: impl Read, sink: impl Write, key: &[u8; 16]) -> io::Result<Report> {
    let mut reader = Reader::new(source);
    let disguise = Disguise::new(key);
    let mut out = BufWriter::new(sink);
    while let Some(record) = reader.next_record()? {
        let whole = record
            .raw
            .get(..WIDTH)
            .is_some_and(|columns| columns == record.text);
        let mut text = *record.text;
        if record.kind == RecordKind::Unknown {
            // No layout says where in it somebody's account stands.
            disguise.replace(text.get_mut(1..).unwrap_or(&mut []));
        } else if matches!(record.raw.first(), Some(b'6' | b'7')) {
            for field in record.layout.fields {
                let from = field.start.less(1);
                let to = from.plus(field.len);
                let Some(columns) = text.get_mut(from..to) else {
                    continue;
                };
                if field.privacy() != Privacy::Open || astray(field, columns) {
                    disguise.replace(columns);
                }
            }
        }
        text.iter_mut().for_each(hide_control);
        let tail = record
            .raw
            .iter()
            .rev()
            .take_while(|b| matches!(b, b'\n' | b'\r'))
            .count();
        let body = record.raw.len().less(tail);
        let columns = if whole { WIDTH } else { body.min(WIDTH) };
        out.write_all(text.get(..columns).unwrap_or(&text))?;
        // What stands beyond the 94 columns is nobody's field: it may be anybody's secret.
        // saturates: of a short line nothing stands beyond
        let beyond = body.saturating_sub(columns);
        let rest = record.raw.get(columns..body).unwrap_or(&[]);
        if rest.iter().all(|b| *b == b' ') {
            out.write_all(rest)?;
        } else {
            out.write_all(&vec![b'X'; beyond])?;
        }
        out.write_all(record.raw.get(body..).unwrap_or(&[]))?;
    }
    out.flush()?;
    reader.finish()
}

/// A control character of ASCII or Latin-1 (C1) is one column that says nothing.
fn hide_control(byte: &mut u8) {
    if matches!(*byte, 0..=0x1f | 0x7f..=0x9f) {
        *byte = b'?';
    }
}

/// Whether something stands there that the layout has no place for, and that may be anybody's
/// name: a text in blank columns, or in columns of digits among those where other entries have
/// names and account numbers.
fn astray(field: &Field, columns: &[u8]) -> bool {
    match field.kind {
        Kind::Blank => columns.iter().any(|b| !matches!(b, b' ' | b'0')),
        Kind::Digits | Kind::Dfi | Kind::Cents if (13..=76).contains(&field.start) => {
            columns.iter().any(u8::is_ascii_alphabetic)
        }
        _ => false,
    }
}

/// What replaces texts: the same text always by the same, under one key.
struct Disguise(hmac::Key);

/// Columns that one HMAC is enough for: its 32 bytes are four numbers, each good for eight.
const COLUMNS: usize = 32;

impl Disguise {
    fn new(key: &[u8; 16]) -> Disguise {
        Disguise(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// Replaces digits by digits and letters by letters, wherever in the columns the text begins.
    #[allow(clippy::arithmetic_side_effects, reason = "a divisor of 10 or 26")]
    fn replace(&self, columns: &mut [u8]) {
        let Some(begins) = columns.iter().position(|b| *b != b' ') else {
            return;
        };
        let mut message = [0; WIDTH + 1];
        let text = columns.trim_ascii();
        let length = text.len().plus(1);
        let Some(place) = message.get_mut(1..length) else {
            unreachable!("a field is no wider than its record");
        };
        place.copy_from_slice(text);
        let kept = columns.get_mut(begins..).unwrap_or(&mut []);
        for (part, number) in kept.chunks_mut(COLUMNS).zip(0..) {
            message[0] = number;
            let tag = hmac::sign(&self.0, message.get(..length).unwrap_or(&[]));
            for (eight, chance) in part.chunks_mut(8).zip(tag.as_ref().chunks_exact(8)) {
                let chance = chance.try_into().map(u64::from_le_bytes);
                disguise(eight, chance.unwrap_or(0));
            }
        }
    }
}

/// Replaces at most eight characters by what a number of 64 bits draws. Eight letters use 38 of
/// them, so that no letter is likelier than another by more than one in 67 million.
#[allow(clippy::arithmetic_side_effects, reason = "a divisor of 10 or 26")]
fn disguise(eight: &mut [u8], mut chance: u64) {
    for byte in eight {
        let (first, many) = match *byte {
            b'0'..=b'9' => (b'0', 10),
            b'A'..=b'Z' => (b'A', 26),
            b'a'..=b'z' => (b'a', 26),
            0x80.. => (b'X', 1),
            other => (other, 1),
        };
        let drawn = u8::try_from(chance % many).unwrap_or(0);
        *byte = first.plus(drawn);
        chance /= many;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nacha::generate::{Plan, generate};
    use settlement::codes::sec::SecCode;

    #[test]
    fn a_masked_file_has_the_same_totals_and_nobody_in_it() {
        for sec in SecCode::ALL {
            let bytes = generate(Vec::new(), &Plan::of(*sec, 5)).unwrap().0;
            let (mut one, mut two) = (Vec::new(), Vec::new());
            let before = mask(&bytes[..], &mut one, b"sixteen byte key").unwrap();
            mask(&bytes[..], &mut two, b"another 16 bytes").unwrap();
            let after = crate::nacha::validate(&one[..]).unwrap();
            assert_eq!(before.totals, after.totals, "{sec}");
            assert_eq!(
                after.findings.errors(),
                0,
                "{sec} {:?}",
                after.findings.kept()
            );
            assert_eq!(one.len(), bytes.len());
            assert_ne!(one, two, "another key, other people");
            let text = String::from_utf8(one).unwrap();
            assert!(
                !text.contains("100000037") && !text.contains("PERSON 0000"),
                "{sec}"
            );
        }
    }

    /// Masked bytes of a file's text.
    fn masked(text: &str) -> String {
        let mut out = Vec::new();
        mask(text.as_bytes(), &mut out, b"sixteen byte key").unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_control_character_is_one_column_that_says_nothing() {
        let hostile = "\u{1b}[2J\u{7}\u{8}\t\0\u{7f}";
        let named = with(&text(SecCode::Ppd), 55, hostile);
        let described = named.replacen("PPD", "\u{1b}[A", 1);
        let beyond = described.replacen("\n6", " \u{1b}[2J\n6", 1);
        let before: Vec<_> = beyond.lines().map(str::len).collect();
        let after = masked(&beyond);
        let odd = |c: &char| c.is_control() && *c != '\n';
        assert_eq!(after.chars().find(odd), None, "{after:?}");
        assert_eq!(after.lines().map(str::len).collect::<Vec<_>>(), before);
        let entry = after.lines().find(|line| line.starts_with('6')).unwrap();
        assert!(entry[54..].starts_with("?["), "{entry}");
        assert_eq!(&entry[58..63], "?????", "{entry}");
    }

    fn text(sec: SecCode) -> String {
        String::from_utf8(generate(Vec::new(), &Plan::of(sec, 1)).unwrap().0).unwrap()
    }

    /// The text with the first entry's columns from `column` on replaced.
    fn with(text: &str, column: usize, new: &str) -> String {
        let at = text.find("\n6").unwrap() + column;
        let mut text = text.to_owned();
        text.replace_range(at..at + new.len(), new);
        text
    }

    #[test]
    fn nobody_stays_in_columns_that_mean_something_else_there() {
        let sender = with(&text(SecCode::Web), 40, "GRACE SENDER   ");
        let unknown = with(&text(SecCode::Cie), 40, "GRACE SENDER   ");
        let unknown = unknown.replacen("CIE", "XYZ", 1);
        let corporate = with(&text(SecCode::Ctx), 55, "GRACE QUENTIN SENDER  ");
        let international = with(&text(SecCode::Iat), 40, "A8765432109876543210");
        let alone: String = international
            .lines()
            .filter(|line| !line.starts_with('5'))
            .map(|line| line.to_owned() + "\n")
            .collect();
        let reserved = with(&text(SecCode::Iat), 17, "GRACE SENDER");
        for (text, secret) in [
            (&sender, "GRACE"),
            (&unknown, "GRACE"),
            (&corporate, "GRAC"),
            (&corporate, "DER"),
            (&international, "87654"),
            (&alone, "A876"),
            (&alone, "3210"),
            (&reserved, "GRACE"),
        ] {
            assert!(text.contains(secret));
            assert!(!masked(text).contains(secret), "{secret} in {text}");
        }
    }

    /// Every column counts, also those that a second HMAC is drawn for.
    #[test]
    fn a_text_of_eighty_columns_is_replaced_to_its_end() {
        let words = "7".repeat(WIDTH - 1);
        let mut columns = words.clone().into_bytes();
        Disguise::new(b"sixteen byte key").replace(&mut columns);
        let parts: Vec<_> = columns.chunks(COLUMNS).collect();
        assert!(parts[0] != parts[1] && parts[1] != parts[2]);
        assert!(columns.iter().all(u8::is_ascii_digit));
        let sevens = columns.iter().filter(|b| **b == b'7').count();
        assert!(sevens < 30, "one in ten stays by chance, found {sevens}");
    }

    #[test]
    fn an_account_is_the_same_one_wherever_its_columns_begin() {
        let left = masked(&with(&text(SecCode::Ppd), 13, "100000000037     "));
        let right = masked(&with(&text(SecCode::Ppd), 13, "     100000000037"));
        let account = |text: &str| {
            let at = text.find("\n6").unwrap();
            text[at + 13..at + 30].trim().to_owned()
        };
        assert_eq!(account(&left), account(&right));
        assert_ne!(account(&left), "100000000037");
    }
}
