//! A file with the same structure and totals, and nobody in it.

use crate::nacha::check::RecordKind;
use crate::nacha::layout::{Field, Kind, Privacy, WIDTH};
use crate::nacha::reader::{Reader, Report};
use std::io::{self, BufWriter, Read, Write};

/// Writes a file in which account numbers, names, addresses and free texts are replaced: digits
/// by digits, letters by letters, the same text by the same replacement under the same `key`.
/// Everything else, down to the line ends, is kept, and so are the file's faults. Who does not
/// know the key cannot undo it by trying; keep it secret or throw it away.
///
/// # Errors
/// Where the source cannot be read or the sink cannot be written.
pub fn mask(source: impl Read, sink: impl Write, key: &[u8; 16]) -> io::Result<Report> {
    let mut reader = Reader::new(source);
    let mut out = BufWriter::new(sink);
    while let Some(record) = reader.next_record()? {
        let whole = record
            .raw
            .get(..WIDTH)
            .is_some_and(|columns| columns == record.text);
        let mut text = *record.text;
        if record.kind == RecordKind::Unknown {
            // No layout says where in it somebody's account stands.
            replace(text.get_mut(1..).unwrap_or(&mut []), key);
        } else if matches!(record.raw.first(), Some(b'6' | b'7')) {
            for field in record.layout.fields {
                let from = field.start.saturating_sub(1);
                let to = from.saturating_add(field.len);
                let Some(columns) = text.get_mut(from..to) else {
                    continue;
                };
                if field.privacy() != Privacy::Open || astray(field, columns) {
                    replace(columns, key);
                }
            }
        }
        let tail = record
            .raw
            .iter()
            .rev()
            .take_while(|b| matches!(b, b'\n' | b'\r'))
            .count();
        let body = record.raw.len().saturating_sub(tail);
        let columns = if whole { WIDTH } else { body.min(WIDTH) };
        out.write_all(text.get(..columns).unwrap_or(&text))?;
        // What stands beyond the 94 columns is nobody's field: it may be anybody's secret.
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

/// Replaces digits and letters by others that only the key decides, wherever in the columns the
/// text begins.
fn replace(columns: &mut [u8], key: &[u8; 16]) {
    let mut state = seed(columns.trim_ascii(), key);
    let begins = columns.iter().position(|b| *b != b' ').unwrap_or(0);
    for byte in columns.iter_mut().skip(begins) {
        let chance = next(&mut state);
        *byte = match *byte {
            b'0'..=b'9' => b'0'.wrapping_add(u8::try_from(chance % 10).unwrap_or(0)),
            b'A'..=b'Z' => b'A'.wrapping_add(u8::try_from(chance % 26).unwrap_or(0)),
            b'a'..=b'z' => b'a'.wrapping_add(u8::try_from(chance % 26).unwrap_or(0)),
            0x80.. => b'X',
            other => other,
        };
    }
}

/// SipHash-2-4 of the text under the key: a keyed hash that cannot be turned around without it.
fn seed(text: &[u8], key: &[u8; 16]) -> u64 {
    let half = |from: usize| {
        let bytes = key.get(from..from.saturating_add(8));
        u64::from_le_bytes(bytes.and_then(|b| b.try_into().ok()).unwrap_or([0; 8]))
    };
    let (k0, k1) = (half(0), half(8));
    let mut v = [
        k0 ^ 0x736f_6d65_7073_6575,
        k1 ^ 0x646f_7261_6e64_6f6d,
        k0 ^ 0x6c79_6765_6e65_7261,
        k1 ^ 0x7465_6462_7974_6573,
    ];
    let mut chunks = text.chunks_exact(8);
    for chunk in &mut chunks {
        let word = u64::from_le_bytes(chunk.try_into().unwrap_or([0; 8]));
        v[3] ^= word;
        rounds(&mut v, 2);
        v[0] ^= word;
    }
    let mut last = u64::try_from(text.len() & 0xFF).unwrap_or(0) << 56;
    for (at, byte) in chunks.remainder().iter().enumerate() {
        last |= u64::from(*byte) << (at.wrapping_mul(8) & 63);
    }
    v[3] ^= last;
    rounds(&mut v, 2);
    v[0] ^= last;
    v[2] ^= 0xFF;
    rounds(&mut v, 4);
    v[0] ^ v[1] ^ v[2] ^ v[3]
}

fn rounds(v: &mut [u64; 4], count: u32) {
    for _ in 0..count {
        v[0] = v[0].wrapping_add(v[1]);
        v[1] = v[1].rotate_left(13) ^ v[0];
        v[0] = v[0].rotate_left(32);
        v[2] = v[2].wrapping_add(v[3]);
        v[3] = v[3].rotate_left(16) ^ v[2];
        v[0] = v[0].wrapping_add(v[3]);
        v[3] = v[3].rotate_left(21) ^ v[0];
        v[2] = v[2].wrapping_add(v[1]);
        v[1] = v[1].rotate_left(17) ^ v[2];
        v[2] = v[2].rotate_left(32);
    }
}

/// Splitmix64.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
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
