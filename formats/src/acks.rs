//! What a bank answers to a file: accepted or rejected, in a small CSV.
//!
//! One header line, then one line a file:
//!
//! ```text
//! file,sha256,status,entries,debit_cents,credit_cents,reason
//! A.ach,9f86d08...,accepted,2500,0,1250000,
//! B.ach,60303ae...,rejected,10,5000,0,file total differs
//! ```
//!
//! A bank that answers to batches has one more column, `batch`: the batch's number in its file, or
//! nothing where the line is of the whole file.
//!
//! An acknowledgement decides whether money moves, so nothing in it is guessed: a bad line is
//! an error with its line and column, and the caller decides what becomes of the good ones.

use serde::Serialize;
use settlement::exact::Exact;
use settlement::foreign;
use settlement::money::Cents;

/// The header, which is also how [`crate::detect`] knows the file.
pub const HEADER: &str = "file,sha256,status,entries,debit_cents,credit_cents,reason";

/// The column after those of [`HEADER`], where the bank answers to batches.
const BATCH: &str = "batch";

/// Lines read of one file: a bank answers to a day's files, which are a few hundred.
pub const MAX_LINES: usize = 100_000;

/// The longest reason kept, in characters.
const MAX_REASON: usize = 500;

/// What the bank did with the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It will be processed.
    Accepted,
    /// Nothing of it will be processed.
    Rejected,
}

/// One file's acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ack {
    /// The line it stands on, counted from 1; nothing is written of it.
    pub line: u64,
    /// The name of the file as it was sent.
    pub file: String,
    /// The SHA-256 of the bytes the bank received: 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// What the bank did with it.
    pub status: Status,
    /// Entries the bank counted.
    pub entries: u64,
    /// The debits the bank counted, in cents.
    pub debit_cents: Cents,
    /// The credits the bank counted, in cents.
    pub credit_cents: Cents,
    /// Why it was rejected; empty where it was accepted.
    pub reason: String,
    /// The number of the only batch that it is about; none where it is about the whole file.
    pub batch: Option<u32>,
}

/// A line that is no acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("line {line}, {field}: {message}")]
pub struct AckError {
    /// The line in the file, counted from 1.
    pub line: u64,
    /// The column's name.
    pub field: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

/// The acknowledgements of a file in its order, good and bad. Where the header is not ours there
/// is one error and nothing else.
///
/// ```
/// use formats::acks::{HEADER, Status, read};
/// let hash = "ab".repeat(32);
/// let file = format!("{HEADER}\nA.ach,{hash},accepted,2,100,250,\nB.ach,{hash},maybe,0,0,0,\n");
/// let acks = read(file.as_bytes());
/// assert_eq!(acks[0].as_ref().map(|ack| ack.status), Ok(Status::Accepted));
/// let error = acks[1].as_ref().unwrap_err().to_string();
/// assert_eq!(error, "line 3, status: must be accepted or rejected; ask the bank");
/// ```
pub fn read(bytes: &[u8]) -> Vec<Result<Ack, AckError>> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let mut rows = reader.byte_records();
    let names: Vec<&[u8]> = HEADER.split(',').map(str::as_bytes).collect();
    match rows.next() {
        Some(Ok(header)) if header.iter().eq(names.iter().copied()) => {}
        Some(Ok(header)) if header.iter().eq(batched()) => {}
        _ => {
            return vec![bad(
                1,
                "header",
                &format!("must be {HEADER}: is this another file?"),
            )];
        }
    }
    let mut acks = Vec::new();
    for row in rows {
        if acks.len() >= MAX_LINES {
            acks.push(bad(
                0,
                "file",
                &format!("more than {MAX_LINES} lines: split it"),
            ));
            break;
        }
        match row {
            Ok(row) => acks.push(ack(&row, line_of(bytes, row.position()))),
            Err(why) => {
                let line = line_of(bytes, why.position());
                acks.push(bad(line, "line", "cannot be read as CSV: check the quotes"));
                break;
            }
        }
    }
    acks
}

/// The names of the columns of a bank that answers to batches.
fn batched() -> impl Iterator<Item = &'static [u8]> {
    HEADER.split(',').chain([BATCH]).map(str::as_bytes)
}

fn bad(line: u64, field: &'static str, message: &str) -> Result<Ack, AckError> {
    Err(AckError {
        line,
        field,
        message: message.to_owned(),
    })
}

/// The line a record stands on. The csv reader's place is before the line ends it skips.
fn line_of(bytes: &[u8], place: Option<&csv::Position>) -> u64 {
    let Some(place) = place else { return 0 };
    let from = usize::try_from(place.byte()).ok();
    let after = from.and_then(|from| bytes.get(from..));
    let skipped = after.unwrap_or_default().iter();
    let skipped = skipped.take_while(|byte| matches!(byte, b'\r' | b'\n'));
    place
        .line()
        .plus(skipped.filter(|byte| **byte == b'\n').count() as u64)
}

fn ack(row: &csv::ByteRecord, line: u64) -> Result<Ack, AckError> {
    let error = |field, message: &str| AckError {
        line,
        field,
        message: format!("{message}; ask the bank"),
    };
    if !(7..=8).contains(&row.len()) {
        return Err(error(
            "line",
            &format!("must have 7 fields, has {}", row.len()),
        ));
    }
    let text = |at: usize, field| {
        let bytes = row.get(at).unwrap_or_default();
        std::str::from_utf8(bytes).map_err(|_| error(field, "must be UTF-8"))
    };
    let number = |at: usize, field| {
        let text = text(at, field)?;
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse::<u64>().ok().filter(|_| digits);
        number.ok_or_else(|| error(field, "must be a number without sign or point"))
    };
    let file = text(0, "file")?;
    if file.is_empty() {
        return Err(error("file", "must not be empty"));
    }
    let sha256 = text(1, "sha256")?.to_ascii_lowercase();
    if sha256.len() != 64 || !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(error("sha256", "must be 64 hexadecimal digits"));
    }
    let status = match text(2, "status")? {
        "accepted" => Status::Accepted,
        "rejected" => Status::Rejected,
        _ => return Err(error("status", "must be accepted or rejected")),
    };
    let batch = match row.get(7) {
        None | Some(b"") => None,
        Some(_) => {
            let batch = u32::try_from(number(7, BATCH)?);
            Some(batch.map_err(|_| error(BATCH, "must be a batch's number"))?)
        }
    };
    Ok(Ack {
        batch,
        line,
        file: file.to_owned(),
        sha256,
        status,
        entries: number(3, "entries")?,
        debit_cents: Cents::new(number(4, "debit_cents")?),
        credit_cents: Cents::new(number(5, "credit_cents")?),
        reason: text(6, "reason")?.chars().take(MAX_REASON).collect(),
    })
}

/// The file of `acks`. The sandbox's bank uses it. Somebody may open it as a sheet: no cell of it
/// is a formula, and none has a character that is not seen.
pub fn write(acks: &[Ack]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(Vec::new());
    let batches = acks.iter().any(|ack| ack.batch.is_some());
    // A Vec takes every byte, and every record has as many fields: these cannot fail.
    let _ = match batches {
        true => writer.write_record(batched()),
        false => writer.write_record(HEADER.split(',')),
    };
    for ack in acks {
        let status = if ack.status == Status::Accepted {
            "accepted"
        } else {
            "rejected"
        };
        let mut fields = vec![
            foreign::cell(&ack.file).into_owned(),
            ack.sha256.clone(),
            status.to_owned(),
            ack.entries.to_string(),
            ack.debit_cents.get().to_string(),
            ack.credit_cents.get().to_string(),
            foreign::cell(&ack.reason).into_owned(),
        ];
        if batches {
            fields.push(ack.batch.map(|batch| batch.to_string()).unwrap_or_default());
        }
        let _ = writer.write_record(fields);
    }
    writer.into_inner().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one(line: &str) -> Result<Ack, AckError> {
        read(format!("{HEADER}\r\n{line}\r\n").as_bytes()).remove(0)
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let hash = "ab".repeat(32);
        let field = |line: &str| one(line).map_err(|error| (error.line, error.field));
        assert_eq!(field("A,zz,accepted,1,2,3,"), Err((2, "sha256")));
        assert_eq!(
            field(&format!("A,{hash},accepted,-1,2,3,")),
            Err((2, "entries"))
        );
        assert_eq!(
            field(&format!("A,{hash},accepted,1,2.50,3,")),
            Err((2, "debit_cents"))
        );
        assert_eq!(field(&format!(",{hash},accepted,1,2,3,")), Err((2, "file")));
        assert_eq!(field("A"), Err((2, "line")));
        assert_eq!(read(b"")[0].as_ref().unwrap_err().field, "header");
        assert_eq!(read(b"01,0004,12345/\n")[0].as_ref().unwrap_err().line, 1);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            file in "[A-Za-z0-9][A-Za-z0-9=/.-]{0,39}", sha256 in "[0-9a-f]{64}",
            accepted in any::<bool>(),
            entries in any::<u64>(), debit in any::<u64>(), credit in any::<u64>(),
            reason in "([!-*,./-<>?A-~é]([ -~]{0,50}[!-~])?)?",
            batch in prop::option::of(any::<u32>()),
        ) {
            let ack = Ack {
                line: 2,
                file,
                sha256,
                status: if accepted { Status::Accepted } else { Status::Rejected },
                entries,
                debit_cents: Cents::new(debit),
                credit_cents: Cents::new(credit),
                reason,
                batch,
            };
            let back = read(&write(&[ack.clone(), ack.clone()]));
            let second = Ack { line: 3, ..ack.clone() };
            prop_assert_eq!(back, vec![Ok(ack), Ok(second)]);
        }

        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut file = format!("{HEADER}\n").into_bytes();
            file.extend(&bytes);
            let _ = (read(&bytes), read(&file));
        }
    }
}
