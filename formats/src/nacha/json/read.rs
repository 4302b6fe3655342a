//! From the JSON form back to the file's bytes.
//!
//! What somebody changed is in the file, or it is an error: a member that is repeated, fields
//! that are not what their record's `raw` holds, a line end that comes after the records. A
//! record's `raw` is compared when the file's own reader sees it, a little later: only among its
//! neighbours is it clear where in them a record begins.

mod output;
mod text;

use crate::nacha::json::error::JsonError;
use crate::nacha::layout::{Field, LAYOUTS, Layout, WIDTH};
use crate::nacha::scanner::Report;
use output::{Given, Output};
use std::collections::BTreeSet;
use std::io::{Read, Write};
use text::Json;

/// Writes the bytes of the file whose JSON form this is, and says what the file is.
///
/// # Errors
/// Where the text is not the JSON form of a file, the source cannot be read or the sink cannot
/// be written.
pub fn read_json(source: impl Read, sink: impl Write) -> Result<Report, JsonError> {
    let mut json = Json::new(source);
    let mut file = Output::new(sink);
    let mut end = b"\n".to_vec();
    let mut text = Vec::new();
    let mut members = BTreeSet::new();
    json.expect(b'{', "a JSON object")?;
    loop {
        json.string(&mut text)?;
        json.expect(b':', "a colon")?;
        if !members.insert(text.clone()) {
            return Err(json.shape("each member only once"));
        }
        match text.as_slice() {
            b"format" => {
                json.string(&mut text)?;
                if text != b"nacha" {
                    return Err(json.shape("the format must be nacha"));
                }
            }
            b"line_end" if members.contains(&b"records"[..]) => {
                return Err(json.shape("the line_end before the records"));
            }
            b"line_end" => {
                json.string(&mut end)?;
                if !matches!(end.as_slice(), b"\n" | b"\r\n" | b"\r" | b"") {
                    return Err(json.shape("a line end, or nothing"));
                }
            }
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
    file.finish()
}

#[allow(clippy::arithmetic_side_effects, reason = "columns of a record")]
fn records<R: Read, W: Write>(
    json: &mut Json<R>,
    file: &mut Output<W>,
    end: &[u8],
) -> Result<(), JsonError> {
    json.expect(b'[', "an array of records")?;
    let mut buffers = Buffers::default();
    let mut number = 0;
    loop {
        match json.token()? {
            Some(b'{') => {}
            Some(b']') if number == 0 => return Ok(()),
            _ => return Err(json.shape("a record")),
        }
        number += 1;
        let given = record(json, number, &mut buffers)?;
        if buffers.raw.is_empty() {
            file.record(&given.text, end)?;
        } else {
            file.raw(given, &buffers.raw)?;
        }
        match json.token()? {
            Some(b',') => {}
            Some(b']') => return Ok(()),
            _ => return Err(json.shape("a comma or the end of the array")),
        }
    }
}

/// Strings that are read again and again.
#[derive(Default)]
struct Buffers {
    name: Vec<u8>,
    value: Vec<u8>,
    /// Empty where the record has none.
    raw: Vec<u8>,
}

/// One record, after its brace.
#[allow(clippy::arithmetic_side_effects, reason = "columns of a record")]
fn record<R: Read>(
    json: &mut Json<R>,
    number: u64,
    buffers: &mut Buffers,
) -> Result<Given, JsonError> {
    let Buffers { name, value, raw } = buffers;
    raw.clear();
    let at = json.at();
    let wrong = |field: &[u8], why| JsonError::field(at, number, field, why);
    json.string(name)?;
    json.expect(b':', "a colon")?;
    json.string(value)?;
    if name != b"record" {
        return Err(json.shape("the first member of a record must be \"record\""));
    }
    let (mut text, layout) = begin(value).ok_or_else(|| json.shape("a known record"))?;
    let mut fields = 1u32;
    let mut next = 1;
    while json.more()? {
        // Most often the next field of the layout, written as it always is.
        let expected = layout.and_then(|l| l.fields.get(next));
        let field = match expected {
            Some(field) if json.eat(field.name) => {
                json.inside(value)?;
                next += 1;
                field
            }
            _ => {
                json.string(name)?;
                json.expect(b':', "a colon")?;
                if name == b"raw" {
                    if !raw.is_empty() {
                        return Err(wrong(name, TWICE));
                    }
                    json.string(raw)?;
                    if raw.is_empty() {
                        return Err(wrong(name, "must not be empty"));
                    }
                    continue;
                }
                json.string(value)?;
                let field = find(layout, name, &mut next);
                field.ok_or_else(|| wrong(name, "no such field"))?
            }
        };
        let bit = 1 << ((next - 1) & 31);
        if fields & bit != 0 {
            return Err(wrong(field.name.as_bytes(), TWICE));
        }
        fields |= bit;
        let from = field.start - 1;
        match text.get_mut(from..from + value.len()) {
            Some(columns) if value.len() <= field.len => columns.copy_from_slice(value),
            _ => {
                let name = field.name.as_bytes();
                return Err(wrong(name, "is longer than its columns"));
            }
        }
    }
    Ok(Given {
        text,
        layout,
        fields,
        at,
        number,
    })
}

const TWICE: &str = "is there twice";

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
#[allow(clippy::arithmetic_side_effects, reason = "columns of a record")]
fn find(layout: Option<&'static Layout>, name: &[u8], next: &mut usize) -> Option<&'static Field> {
    let fields = layout?.fields;
    let place = match fields.get(*next) {
        Some(field) if field.name.as_bytes() == name => *next,
        _ => fields.iter().position(|f| f.name.as_bytes() == name)?,
    };
    *next = place + 1;
    fields.get(place)
}

#[cfg(test)]
mod tests;
