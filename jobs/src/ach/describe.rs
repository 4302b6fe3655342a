//! `tieout ach describe`: a file for people as text, and the same for programs as JSON.
//!
//! The JSON is written as the file is read, so that a file of any size needs one buffer. Of
//! account numbers it has the last four characters, as the text does; who needs every column
//! takes `ach json`.

use super::input::{ACH_BYTES, opened, reading, reading_of, source};
use crate::progress::Shown;
use crate::terminal;
use desk::failure::{Result, Status};
use formats::nacha::describe::{Show, View};
use formats::nacha::{self, Addenda, BatchControl, BatchHeader, Entry, Event, FileHeader};
use formats::nacha::{Reader, Report};
use jiff::civil::Date;
use serde::Serialize;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Files for people, on stdout.
///
/// # Errors
/// Where a file cannot be read.
pub fn text(paths: &[PathBuf], mask: bool, shown: Shown) -> Result<Option<Status>> {
    let show = if mask { Show::Masked } else { Show::LastFour };
    let mut status = None;
    for path in paths {
        let view = View {
            show,
            ..View::default()
        };
        let progress = reading_of(shown.beside_stdout(), "describe", path);
        let source = source(path, ACH_BYTES, &progress)?;
        let described = nacha::describe::describe(source, terminal::text(), view);
        let report = described.map_err(|e| reading(path, &e))?;
        if !report.findings.ok() {
            status = Some(Status::Findings);
        }
    }
    Ok(status)
}

/// Files for programs: one document of `schema` on stdout.
///
/// # Errors
/// Where a file cannot be read.
pub fn json(
    schema: &'static str,
    paths: &[PathBuf],
    mask: bool,
    shown: Shown,
) -> Result<Option<Status>> {
    // One that is not there is said before the document begins.
    for path in paths.iter().filter(|path| path.as_os_str() != "-") {
        opened(path, ACH_BYTES).map_err(|e| reading(path, &e))?;
    }
    let mut out = BufWriter::new(terminal::document());
    let written = documents(&mut out, schema, paths, mask, shown);
    if written.is_err() {
        // What is in the buffer is no document: it must not follow the failure.
        let _ = out.into_parts();
        return written;
    }
    out.flush().map_err(|e| reading(Path::new("stdout"), &e))?;
    written
}

fn documents(
    out: &mut impl Write,
    schema: &'static str,
    paths: &[PathBuf],
    mask: bool,
    shown: Shown,
) -> Result<Option<Status>> {
    let mut status = None;
    for (at, path) in paths.iter().enumerate() {
        let progress = reading_of(shown.beside_stdout(), "describe", path);
        let source = source(path, ACH_BYTES, &progress)?;
        let begun = match at {
            0 => write!(out, "{{\"schema\":\"{schema}\",\"files\":["),
            _ => write!(out, ","),
        };
        let report = begun.and_then(|()| file(out, &path.display().to_string(), source, mask));
        let report = report.map_err(|e| reading(path, &e))?;
        if !report.findings.ok() {
            status = Some(Status::Findings);
        }
    }
    let ended = writeln!(out, "]}}");
    ended.map_err(|e| reading(Path::new("stdout"), &e))?;
    Ok(status)
}

/// One file: its batches as they come, then what is known at its end.
fn file(out: &mut impl Write, path: &str, source: impl Read, mask: bool) -> io::Result<Report> {
    let mut reader = Reader::new(source);
    let mut batches = Batches::default();
    let mut header = None;
    write!(out, "{{\"path\":")?;
    value(out, &path)?;
    write!(out, ",\"batches\":[")?;
    while let Some(event) = reader.next()? {
        match event {
            Event::FileHeader(found, _) if header.is_none() => header = Some(Header::of(found)),
            Event::BatchHeader(header, _) => batches.begin(out, Some(&Batch::of(header)))?,
            Event::Entry(entry) => batches.entry(out, &Line::of(&entry, mask))?,
            Event::BatchControl(control, _) => batches.end(out, Some(&Stated::of(control)))?,
            _ => {}
        }
    }
    batches.end(out, None)?;
    let report = reader.finish()?;
    write!(out, "],\"header\":")?;
    value(out, &header)?;
    write!(out, ",\"counted\":")?;
    value(out, &Counted::of(&report))?;
    write!(out, ",\"ok\":{},\"findings\":", report.findings.ok())?;
    value(out, &report.findings.kept())?;
    let left_out: u64 = report.findings.left_out().map(|(_, count)| count).sum();
    write!(out, ",\"findings_left_out\":{left_out}}}")?;
    Ok(report)
}

fn value(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(out, value).map_err(io::Error::from)
}

/// Where in the array of batches the writing is.
#[derive(Default)]
struct Batches {
    open: bool,
    some: bool,
    entries: bool,
}

impl Batches {
    /// Begins a batch; `None` is one whose header is missing.
    fn begin(&mut self, out: &mut impl Write, header: Option<&Batch>) -> io::Result<()> {
        self.end(out, None)?;
        if self.some {
            write!(out, ",")?;
        }
        (self.open, self.some, self.entries) = (true, true, false);
        write!(out, "\n{{\"header\":")?;
        value(out, &header)?;
        write!(out, ",\"entries\":[")
    }

    fn entry(&mut self, out: &mut impl Write, line: &Line) -> io::Result<()> {
        if !self.open {
            self.begin(out, None)?;
        }
        write!(out, "{}", if self.entries { ",\n" } else { "\n" })?;
        self.entries = true;
        value(out, line)
    }

    fn end(&mut self, out: &mut impl Write, stated: Option<&Stated>) -> io::Result<()> {
        if !std::mem::take(&mut self.open) {
            return Ok(());
        }
        write!(out, "],\"stated\":")?;
        value(out, &stated)?;
        write!(out, "}}")
    }
}

/// What the file header says.
#[derive(Serialize)]
struct Header {
    created: Option<Date>,
    created_time: String,
    modifier: String,
    origin: String,
    origin_name: String,
    destination: String,
    destination_name: String,
}

impl Header {
    fn of(header: FileHeader<'_>) -> Header {
        let words = |name| header.words(name).into_owned();
        Header {
            created: header.creation_date(),
            created_time: words("file_creation_time"),
            modifier: char::from(header.modifier()).to_string(),
            origin: header.immediate_origin().into_owned(),
            origin_name: words("immediate_origin_name"),
            destination: header.immediate_destination().into_owned(),
            destination_name: words("immediate_destination_name"),
        }
    }
}

/// What a batch header says.
#[derive(Serialize)]
struct Batch {
    number: Option<u32>,
    sec_code: String,
    service_class: Option<u16>,
    company_name: String,
    company_id: String,
    description: String,
    odfi: Option<String>,
    effective: Option<Date>,
    settlement_day: Option<u16>,
}

impl Batch {
    fn of(header: BatchHeader<'_>) -> Batch {
        Batch {
            number: header.number_in_file(),
            sec_code: header.words("standard_entry_class_code").into_owned(),
            service_class: header.service_class(),
            company_name: header.company_name().into_owned(),
            company_id: header.company_id().into_owned(),
            description: header.description().into_owned(),
            odfi: header.odfi().map(|odfi| odfi.to_string()),
            effective: header.effective_date(),
            settlement_day: header.settlement_day(),
        }
    }
}

/// What a batch control says; what was counted stands in the file's findings where it differs.
#[derive(Serialize)]
struct Stated {
    entries_and_addenda: Option<u64>,
    debit_cents: Option<u64>,
    credit_cents: Option<u64>,
}

impl Stated {
    fn of(control: BatchControl<'_>) -> Stated {
        Stated {
            entries_and_addenda: control.entry_addenda_count(),
            debit_cents: control.total_debit().map(|cents| cents.get()),
            credit_cents: control.total_credit().map(|cents| cents.get()),
        }
    }
}

/// One entry.
#[derive(Serialize)]
struct Line {
    line: u64,
    transaction_code: Option<String>,
    direction: Option<&'static str>,
    amount_cents: Option<u64>,
    rdfi: Option<String>,
    account: String,
    /// Left out where people are hidden.
    #[serde(skip_serializing_if = "Option::is_none")]
    individual_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    trace: Option<String>,
    addenda: Vec<Answer>,
    errors: u64,
}

impl Line {
    fn of(entry: &Entry<'_>, mask: bool) -> Line {
        let detail = entry.detail;
        let code = detail.transaction_code();
        let shown = |text: String| (!mask).then_some(text);
        Line {
            line: entry.place.line,
            transaction_code: code.map(|code| code.to_string()),
            direction: code.map(|code| code.direction().as_str()),
            amount_cents: detail.amount().map(|cents| cents.get()),
            rdfi: detail.rdfi().map(|rdfi| {
                let check = char::from(detail.check_digit());
                format!("{rdfi}{check}")
            }),
            account: last_four(&detail.account_number()),
            individual_id: shown(detail.individual_id().into_owned()),
            name: shown(detail.name().into_owned()),
            trace: detail.trace().map(|trace| trace.to_string()),
            addenda: entry.addenda().map(Answer::of).collect(),
            errors: entry.errors,
        }
    }
}

/// An addenda: its type and, of a return or a notice, what it answers. Never its free text.
#[derive(Serialize)]
struct Answer {
    r#type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_trace: Option<String>,
}

impl Answer {
    fn of(addenda: Addenda<'_>) -> Answer {
        let back = addenda
            .as_return()
            .map(|back| (back.code.to_string(), back.original_trace));
        let notice = addenda
            .as_noc()
            .map(|noc| (noc.change_code.to_string(), noc.original_trace));
        let (code, trace) = back.or(notice).unzip();
        Answer {
            r#type: String::from_utf8_lossy(&addenda.type_code()).into_owned(),
            code,
            original_trace: trace.flatten().map(|trace| trace.to_string()),
        }
    }
}

/// What was counted.
#[derive(Serialize)]
struct Counted {
    kind: &'static str,
    sec_codes: Vec<&'static str>,
    batches: u64,
    entries: u64,
    addenda: u64,
    debit_cents: u64,
    credit_cents: u64,
}

impl Counted {
    fn of(report: &Report) -> Counted {
        let totals = &report.totals;
        Counted {
            kind: totals.kind(),
            sec_codes: totals.sec_codes().map(|sec| sec.as_str()).collect(),
            batches: totals.batches,
            entries: totals.entries,
            addenda: totals.addenda,
            debit_cents: totals.debit.get(),
            credit_cents: totals.credit.get(),
        }
    }
}

/// An account number's last four characters; a short one's none.
fn last_four(account: &str) -> String {
    let count = account.chars().count();
    let kept = if count >= 8 { 4 } else { 0 };
    let dark = count - kept;
    let tail = account.chars().skip(dark);
    std::iter::repeat_n('*', dark).chain(tail).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use formats::nacha::generate::{Plan, generate};
    use settlement::codes::sec::SecCode;

    fn described(bytes: &[u8], mask: bool) -> serde_json::Value {
        let mut out = Vec::new();
        file(&mut out, "day.ach", bytes, mask).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn every_entry_stands_in_its_batch_and_no_account_number_anywhere() {
        let plan = Plan {
            batch: 2,
            ..Plan::of(SecCode::Ppd, 5)
        };
        let bytes = generate(Vec::new(), &plan).unwrap().0;
        let document = described(&bytes, false);
        let batches = document["batches"].as_array().unwrap();
        let entries = batches.iter().map(|b| b["entries"].as_array().unwrap());
        assert_eq!(entries.map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
        assert_eq!(document["counted"]["entries"], 5);
        assert_eq!(batches[0]["header"]["sec_code"], "PPD");
        let text = document.to_string();
        assert!(text.contains("********0037") && !text.contains("100000037"));
        assert!(text.contains("PERSON") && !described(&bytes, true).to_string().contains("PERSON"));
    }

    #[test]
    fn entries_without_a_batch_and_bytes_that_are_none_are_one_document_too() {
        let bytes = generate(Vec::new(), &Plan::of(SecCode::Web, 2)).unwrap().0;
        let alone = described(&bytes[2 * 95..3 * 95], false);
        assert_eq!(alone["batches"][0]["header"], serde_json::Value::Null);
        assert_eq!(alone["ok"], false);
        for bytes in [&b""[..], b"hello", &[0; 1000], &bytes[..500]] {
            assert_eq!(described(bytes, false)["ok"], false);
        }
    }

    #[test]
    fn returns_and_notices_say_what_they_answer() {
        let plan = Plan {
            returns: true,
            ..Plan::of(SecCode::Web, 1)
        };
        let bytes = generate(Vec::new(), &plan).unwrap().0;
        let answer = &described(&bytes, true)["batches"][0]["entries"][0]["addenda"][0];
        assert_eq!(
            (&answer["type"], &answer["code"]),
            (&"99".into(), &"R03".into())
        );
        assert!(answer["original_trace"].is_string());
    }
}
