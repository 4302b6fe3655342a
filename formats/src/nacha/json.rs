//! The JSON form: every record with its fields by name, lossless in both directions.
//!
//! ```json
//! {"format":"nacha","line_end":"\n","records":[
//! {"record":"1","priority_code":"01","immediate_destination":" 076401251", ...},
//! {"record":"6.PPD","transaction_code":"22", ...}]}
//! ```
//!
//! A field is its columns without the blanks at the end; a byte above ASCII is the Latin-1
//! character of that number. A record whose line is not simply 94 columns and the file's line
//! end has a `raw` beside its fields, which are the exact bytes. [`write_json`] of a file and
//! [`read_json`] of that give the same bytes, whatever the file. Nothing is computed on the way
//! back: a wrong total in the JSON is a wrong total in the file, and a finding.
//!
//! Both go over their input once; memory is a buffer.

mod error;
mod limits;
mod read;

pub use error::JsonError;
pub use read::read_json;

use crate::nacha::check::RecordKind;
use crate::nacha::layout::{LAYOUTS, Layout, WIDTH};
use crate::nacha::reader::Reader;
use crate::nacha::scanner::{Record, Report};
use limits::BUFFER;
use settlement::exact::Exact;
use std::io::{self, Read, Write};

/// Writes the JSON form of a file, and says what the file was.
///
/// # Errors
/// Where the source cannot be read or the sink cannot be written.
#[allow(clippy::arithmetic_side_effects, reason = "the size of a buffer")]
pub fn write_json(source: impl Read, mut sink: impl Write) -> io::Result<Report> {
    let mut reader = Reader::new(source);
    let mut out = Vec::with_capacity(BUFFER + 4096);
    let keys = Keys::all();
    let mut end: Option<Vec<u8>> = None;
    while let Some(record) = reader.next_record()? {
        let first = end.is_none();
        let end = end.get_or_insert_with(|| {
            let own = record.raw.get(WIDTH..).unwrap_or(b"\n");
            if matches!(own, b"\n" | b"\r\n" | b"\r" | b"") {
                own.to_vec()
            } else {
                b"\n".to_vec()
            }
        });
        if first {
            out.extend_from_slice(b"{\"format\":\"nacha\",\"line_end\":\"");
            escaped(&mut out, end);
            out.extend_from_slice(b"\",\"records\":[\n");
        } else {
            out.extend_from_slice(b",\n");
        }
        object(&mut out, &record, end, &keys);
        if out.len() >= BUFFER {
            sink.write_all(&out)?;
            out.clear();
        }
    }
    if end.is_none() {
        out.extend_from_slice(b"{\"format\":\"nacha\",\"line_end\":\"\\n\",\"records\":[");
    }
    out.extend_from_slice(b"]}\n");
    sink.write_all(&out)?;
    sink.flush()?;
    reader.finish()
}

/// What stands before the value of each field of a layout.
struct Keys {
    layout: &'static Layout,
    head: Vec<u8>,
    names: Vec<Vec<u8>>,
}

impl Keys {
    /// The keys of every layout, made once.
    fn all() -> Vec<Keys> {
        let key = |name: &str| format!("\",\"{name}\":\"").into_bytes();
        let keys = |layout: &&'static Layout| Keys {
            layout,
            head: format!("{{\"record\":\"{}", layout.id).into_bytes(),
            names: layout.fields.iter().skip(1).map(|f| key(f.name)).collect(),
        };
        LAYOUTS.iter().map(keys).collect()
    }
}

/// One record as an object.
fn object(out: &mut Vec<u8>, record: &Record<'_>, end: &[u8], keys: &[Keys]) {
    let plain = record
        .raw
        .strip_suffix(end)
        .is_some_and(|columns| columns == record.text);
    let quoted = memchr::memchr2(b'"', b'\\', record.text).is_some();
    let simple = record.clean && !quoted;
    match record.kind {
        RecordKind::Blank => out.extend_from_slice(b"{\"record\":\"blank"),
        RecordKind::Unknown => out.extend_from_slice(b"{\"record\":\"unknown"),
        RecordKind::Filler => out.extend_from_slice(b"{\"record\":\"filler"),
        _ => {
            let Some(keys) = keys.iter().find(|k| k.layout.id == record.layout.id) else {
                return;
            };
            out.extend_from_slice(&keys.head);
            for (field, name) in record.layout.fields.iter().skip(1).zip(&keys.names) {
                out.extend_from_slice(name);
                let value = shorn(field.value(record.text));
                if simple {
                    out.extend_from_slice(value);
                } else {
                    escaped(out, value);
                }
            }
        }
    }
    let full = match record.kind {
        RecordKind::Blank | RecordKind::Unknown => false,
        RecordKind::Filler => record.text.iter().all(|b| *b == b'9'),
        _ => true,
    };
    if !plain || !full {
        out.extend_from_slice(b"\",\"raw\":\"");
        escaped(out, record.raw);
    }
    out.extend_from_slice(b"\"}");
}

/// The columns without the blanks at their end.
#[inline(always)]
fn shorn(field: &[u8]) -> &[u8] {
    let blanks = field.iter().rev().take_while(|b| **b == b' ').count();
    field.get(..field.len().less(blanks)).unwrap_or(field)
}

/// The bytes as the inside of a JSON string.
fn escaped(out: &mut Vec<u8>, bytes: &[u8]) {
    for byte in bytes {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            0x20..0x7F => out.push(*byte),
            // Characters that nobody sees, in C1 too, and the soft hyphen: they move a terminal.
            0x00..0x20 | 0x7F..0xA0 | 0xAD => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                let digit = |half: u8| HEX[usize::from(half & 15)];
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[digit(byte >> 4), digit(*byte)]);
            }
            _ => {
                let mut utf8 = [0u8; 4];
                out.extend_from_slice(char::from(*byte).encode_utf8(&mut utf8).as_bytes());
            }
        }
    }
}
