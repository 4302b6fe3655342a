//! A person's view of a file: who pays whom how much when, line by line.
//!
//! [`Show`] says how much is shown: account numbers with their last four characters by default,
//! with [`Show::Masked`] names and free text are hidden as well. Of the corrected data of a
//! notification of change, an account number is hidden as anywhere else. Nothing of a file's text
//! moves a terminal or begins a line of its own ([`foreign`]).

use crate::nacha::check::RecordKind;
use crate::nacha::layout::Privacy;
use crate::nacha::reader::{Entry, Event, Reader};
use crate::nacha::records::{Addenda, BatchControl, BatchHeader, FileControl, FileHeader, latin};
use crate::nacha::scanner::Report;
use settlement::codes::corrected;
use settlement::exact::Exact;
use settlement::foreign;
use settlement::ids::Direction;
use settlement::money::Cents;
use std::borrow::Cow;
use std::io::{self, Read, Write};

/// How much of a person is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Show {
    /// Names and texts, of account numbers the last four characters.
    #[default]
    LastFour,
    /// Neither names nor texts, of account numbers the last four characters.
    Masked,
    /// Everything.
    All,
}

/// How a file is described.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// How much of a person is shown.
    pub show: Show,
    /// How many entries of each batch are listed; the rest is counted.
    pub entries: u64,
}

impl Default for View {
    fn default() -> View {
        View {
            show: Show::LastFour,
            entries: u64::MAX,
        }
    }
}

/// Describes a file, and says what it was.
///
/// # Errors
/// Where the source cannot be read or the sink cannot be written.
pub fn describe(source: impl Read, sink: impl Write, view: View) -> io::Result<Report> {
    let mut reader = Reader::new(source);
    let mut out = io::BufWriter::new(sink);
    let mut listed = 0u64;
    while let Some(event) = reader.next()? {
        match event {
            Event::FileHeader(header, _) => file_header(&mut out, header)?,
            Event::BatchHeader(header, _) => {
                listed = 0;
                batch_header(&mut out, header)?;
            }
            Event::Entry(entry) => {
                listed = listed.plus(1);
                if listed <= view.entries {
                    self::entry(&mut out, &entry, view.show)?;
                }
            }
            Event::BatchControl(control, _) => {
                if listed > view.entries {
                    let rest = listed.less(view.entries);
                    writeln!(out, "    and {rest} entries more")?;
                }
                batch_control(&mut out, control)?;
            }
            Event::FileControl(control, _) => file_control(&mut out, control)?,
            Event::Other(record) => {
                if record.kind == RecordKind::Unknown {
                    writeln!(out, "  line {}: not a record", record.place.line)?;
                }
            }
        }
    }
    let report = reader.finish()?;
    findings(&mut out, &report)?;
    out.flush()?;
    Ok(report)
}

fn file_header(out: &mut impl Write, header: FileHeader<'_>) -> io::Result<()> {
    let date = header
        .creation_date()
        .map_or_else(|| "?".to_owned(), |d| d.to_string());
    writeln!(
        out,
        "File {} of {date} {}, from {} {} to {} {}",
        column(header.modifier()),
        foreign::line(&header.words("file_creation_time")),
        foreign::line(&header.immediate_origin()),
        foreign::line(&header.words("immediate_origin_name")),
        foreign::line(&header.immediate_destination()),
        foreign::line(&header.words("immediate_destination_name")),
    )
}

/// One column, whatever stands in it.
fn column(byte: u8) -> String {
    foreign::line(&latin(&[byte])).into_owned()
}

fn batch_header(out: &mut impl Write, header: BatchHeader<'_>) -> io::Result<()> {
    let class = match header.service_class() {
        Some(200) => "credits and debits",
        Some(220) => "credits",
        Some(225) => "debits",
        Some(280) => "advices",
        _ => "unknown service class",
    };
    let sec = header.words("standard_entry_class_code");
    let name = header.sec().map_or("unknown entry class", |sec| sec.name());
    writeln!(
        out,
        "\n  Batch {}: {} ({name}), {class}",
        foreign::line(&header.words("batch_number")),
        foreign::line(&sec),
    )?;
    write!(
        out,
        "    {} ({}), \"{}\", bank {}",
        foreign::line(&header.company_name()),
        foreign::line(&header.company_id()),
        foreign::line(&header.description()),
        header
            .odfi()
            .map_or_else(|| "?".to_owned(), |d| d.to_string()),
    )?;
    match header.effective_date() {
        Some(date) => write!(out, ", effective {date}")?,
        None => write!(out, ", no effective date")?,
    }
    match header.settlement_day() {
        Some(day) => writeln!(out, ", settled on day {day}"),
        None => writeln!(out),
    }
}

fn entry(out: &mut impl Write, entry: &Entry<'_>, show: Show) -> io::Result<()> {
    let detail = entry.detail;
    let (arrow, code) = match detail.transaction_code() {
        Some(code) => {
            let arrow = if code.direction() == Direction::Credit {
                "pays"
            } else {
                "pulls"
            };
            (arrow, code.to_string())
        }
        None => ("?", "??".to_owned()),
    };
    let amount = detail
        .amount()
        .map_or_else(|| "?".to_owned(), |a| a.to_string());
    let rdfi = detail
        .rdfi()
        .map_or_else(|| "?".to_owned(), |d| d.to_string());
    let bad = if entry.errors > 0 {
        "  << has errors"
    } else {
        ""
    };
    writeln!(
        out,
        "    line {:>6}  {code} {arrow:<5} {amount:>14}  bank {rdfi}{} account {}  {}  {}  {}{bad}",
        entry.place.line,
        column(detail.check_digit()),
        hidden(&detail.account_number(), Privacy::Account, show),
        hidden(&detail.individual_id(), Privacy::Person, show),
        hidden(&detail.name(), Privacy::Person, show),
        detail.trace().map_or_else(String::new, |t| t.to_string()),
    )?;
    for addenda in entry.addenda() {
        self::addenda(out, addenda, show)?;
    }
    Ok(())
}

fn addenda(out: &mut impl Write, addenda: Addenda<'_>, show: Show) -> io::Result<()> {
    let kind = addenda.type_code();
    write!(out, "                 {} ", foreign::line(&latin(&kind)))?;
    if let Some(back) = addenda.as_return() {
        let original = back
            .original_trace
            .map_or_else(|| "?".to_owned(), |t| t.to_string());
        let words = hidden(&back.information, Privacy::Words, show);
        let code = foreign::line(&back.code.to_string()).into_owned();
        return writeln!(out, "{code} of {original} {words}");
    }
    if let Some(noc) = addenda.as_noc() {
        let original = noc
            .original_trace
            .map_or_else(|| "?".to_owned(), |t| t.to_string());
        let code = foreign::line(&noc.change_code);
        let words = corrected_data(&noc.change_code, &noc.corrected_data, show);
        return writeln!(out, "{code} of {original}: {words}");
    }
    let mut first = true;
    for field in addenda.layout().fields.iter().skip(2) {
        let value = latin(field.value(addenda.text()).trim_ascii());
        let numbering = field.name.ends_with("sequence_number") || field.name == "trace_number";
        if value.is_empty() || numbering || field.name.starts_with("reserved") {
            continue;
        }
        let value = hidden(&value, field.privacy(), show);
        if !first {
            write!(out, ", ")?;
        }
        write!(out, "{value}")?;
        first = false;
    }
    writeln!(out)
}

/// What may be seen of the corrected data of a notification of change.
fn corrected_data(code: &str, data: &str, show: Show) -> String {
    let seen = match show {
        Show::LastFour => Cow::Owned(corrected::masked(code, data)),
        Show::Masked | Show::All => dark(data, Privacy::Words, show),
    };
    foreign::line(&seen).into_owned()
}

/// What may be seen of a value, in one line.
fn hidden(value: &str, privacy: Privacy, show: Show) -> String {
    foreign::line(&dark(value, privacy, show)).into_owned()
}

/// A value with dark characters where it must not be seen.
fn dark<'a>(value: &'a str, privacy: Privacy, show: Show) -> Cow<'a, str> {
    let secret = match (show, privacy) {
        (Show::All, _) | (_, Privacy::Open) => return Cow::Borrowed(value),
        (Show::LastFour, Privacy::Person | Privacy::Words) => return Cow::Borrowed(value),
        (_, Privacy::Account) => true,
        (Show::Masked, _) => false,
    };
    let count = value.chars().count();
    if !secret {
        return Cow::Owned("*".repeat(count));
    }
    let kept = if count >= 8 { 4 } else { 0 };
    let dark = count.less(kept);
    let tail = value.chars().skip(dark);
    Cow::Owned(std::iter::repeat_n('*', dark).chain(tail).collect())
}

fn money(amount: Option<Cents>) -> String {
    amount.map_or_else(|| "?".to_owned(), |a| a.to_string())
}

fn batch_control(out: &mut impl Write, control: BatchControl<'_>) -> io::Result<()> {
    let count = control
        .entry_addenda_count()
        .map_or_else(|| "?".to_owned(), |n| n.to_string());
    let (debit, credit) = (money(control.total_debit()), money(control.total_credit()));
    writeln!(
        out,
        "    states {count} entries and addenda, debits {debit}, credits {credit}"
    )
}

fn file_control(out: &mut impl Write, control: FileControl<'_>) -> io::Result<()> {
    let batches = control
        .batch_count()
        .map_or_else(|| "?".to_owned(), |n| n.to_string());
    let (debit, credit) = (money(control.total_debit()), money(control.total_credit()));
    writeln!(
        out,
        "\nFile states {batches} batches, debits {debit}, credits {credit}"
    )
}

fn findings(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let totals = &report.totals;
    writeln!(
        out,
        "Counted: {} batches, {} entries, {} addenda, debits {}, credits {}; {}",
        totals.batches,
        totals.entries,
        totals.addenda,
        totals.debit,
        totals.credit,
        totals.kind(),
    )?;
    let found = &report.findings;
    if found.errors() == 0 && found.warnings() == 0 {
        return writeln!(out, "Nothing wrong was found.");
    }
    writeln!(
        out,
        "\n{} errors, {} warnings",
        found.errors(),
        found.warnings()
    )?;
    for finding in found.kept() {
        writeln!(out, "  {finding}")?;
    }
    for (rule, count) in found.left_out() {
        writeln!(out, "  and {count} more of {rule}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nacha::generate::{Plan, generate};
    use settlement::codes::sec::SecCode;

    fn shown(sec: SecCode, returns: bool, show: Show) -> String {
        let plan = Plan {
            returns,
            ..Plan::of(sec, 3)
        };
        let bytes = generate(Vec::new(), &plan).unwrap().0;
        let mut out = Vec::new();
        describe(&bytes[..], &mut out, View { show, entries: 2 }).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn account_numbers_show_their_last_four_and_names_can_be_hidden() {
        let seen = shown(SecCode::Ppd, false, Show::LastFour);
        assert!(seen.contains("PERSON 00000001") && seen.contains("********0037"));
        assert!(!seen.contains("100000037") && seen.contains("and 1 entries more"));
        let masked = shown(SecCode::Ppd, false, Show::Masked);
        assert!(!masked.contains("PERSON") && masked.contains("********0037"));
        assert!(shown(SecCode::Ppd, false, Show::All).contains("100000037"));
    }

    #[test]
    fn corrected_data_are_dark_like_any_account_number() {
        let plain = shown(SecCode::Cor, false, Show::All);
        assert!(plain.contains("1918171614"));
        let seen = shown(SecCode::Cor, false, Show::LastFour);
        assert!(!seen.contains("191817") && seen.contains("C01 of ") && seen.contains("*1614"));
        assert!(!shown(SecCode::Cor, false, Show::Masked).contains("1614\n"));
    }

    #[test]
    fn no_text_of_a_file_moves_a_terminal_or_begins_a_line() {
        let bytes = generate(Vec::new(), &Plan::of(SecCode::Ppd, 2)).unwrap().0;
        for from in 0..94 {
            let mut hostile = bytes.clone();
            for line in hostile.chunks_mut(95).take(6) {
                line[from] = b"\x1b\x9b\r\x07\x85\xad"[from % 6];
            }
            let mut out = Vec::new();
            describe(&hostile[..], &mut out, View::default()).unwrap();
            let text = String::from_utf8(out).unwrap();
            let lines = text.replace('\n', "");
            assert!(
                !lines.contains(foreign::is_unseen),
                "column {from}: {text:?}"
            );
        }
    }

    #[test]
    fn returns_and_notices_say_what_they_answer() {
        assert!(shown(SecCode::Web, true, Show::LastFour).contains("99 R03 of "));
        assert!(shown(SecCode::Cor, false, Show::LastFour).contains("98 C01 of "));
        assert!(shown(SecCode::Iat, false, Show::Masked).contains("ANN"));
    }

    /// In a credit of WEB it is the sender's name.
    #[test]
    fn identifications_are_hidden_where_names_are() {
        assert!(shown(SecCode::Web, false, Show::LastFour).contains("EMP000000000001"));
        for sec in [SecCode::Web, SecCode::Cie, SecCode::Ctx, SecCode::Ppd] {
            assert!(
                !shown(sec, false, Show::Masked).contains("EMP0000"),
                "{sec}"
            );
        }
    }
}
