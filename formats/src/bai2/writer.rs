//! Statements to BAI2: what a bank would send. The sandbox's bank uses it.

use crate::bai2::codes::{self, CLOSING_LEDGER, OPENING_LEDGER};
use crate::bai2::fields::MAX_TEXT;
use crate::bai2::records::starts_a_record;
use crate::statement::{Document, Funds, Line, Purpose, Statement};
use codes::Direction;
use jiff::civil::Date;
use settlement::exact::Exact;
use settlement::money::SignedCents;
use std::fmt::Write;

/// Characters in a record before its text goes on in an 88.
const RECORD: usize = 120;

/// Why a statement cannot be written as BAI2.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// A statement without its day.
    #[error("statement {at}: BAI2 needs the as-of date: give one")]
    NoDate {
        /// Which statement, counted from 1.
        at: usize,
    },
    /// A field that would end too early.
    #[error("{field}: has a comma, a line end, or a slash at its end: BAI2 cannot carry it")]
    Separator {
        /// The field.
        field: &'static str,
    },
    /// A code that is not three digits.
    #[error("type code: must be three digits")]
    TypeCode,
    /// An amount that cannot be turned around.
    #[error("amount: does not fit 64 bits with the other sign")]
    Amount,
}

/// The file of `document`'s statements, with control totals and counts.
///
/// Statements of the same day and purpose that follow each other make a group. What BAI2 has no
/// place for, the day of booking and the movements inside a line, is left out. Texts lose control
/// characters, and blanks, commas and slashes at their beginning.
///
/// # Errors
/// Where a field cannot be carried.
///
/// ```
/// use formats::{bai2, statement::{Document, Statement}};
/// let as_of = Some(jiff::civil::date(2026, 11, 25));
/// let statement = Statement { as_of, currency: "USD".into(), ..Statement::default() };
/// let file = bai2::write(&Document { statements: vec![statement], ..Document::default() })?;
/// assert!(file.ends_with(b"\n49,0,2/\n98,0,1,4/\n99,0,1,6/\n"));
/// # Ok::<(), bai2::WriteError>(())
/// ```
pub fn write(document: &Document) -> Result<Vec<u8>, WriteError> {
    let mut out = Bai2File {
        text: String::new(),
        records: 0,
        total: 0,
    };
    let sender = plain("sender", &document.sender)?;
    let receiver = plain("receiver", &document.receiver)?;
    let file_id = plain("file id", &document.file_id)?;
    let first = document
        .statements
        .first()
        .and_then(|statement| statement.as_of);
    let created = document.created.or(first).map(yymmdd).unwrap_or_default();
    out.record(&format!(
        "01,{sender},{receiver},{created},0500,{file_id},,,2/"
    ));
    let (mut groups, mut total) = (0u64, 0i128);
    let same = |a: &Statement, b: &Statement| (a.as_of, a.purpose) == (b.as_of, b.purpose);
    for group in document.statements.chunk_by(same) {
        let at = out.records;
        let as_of = group.first().and_then(|statement| statement.as_of);
        let as_of = as_of.ok_or(WriteError::NoDate {
            at: number_of(document, group),
        })?;
        let (status, modifier) = match group.first().map(|statement| statement.purpose) {
            None | Some(Purpose::Final) => ("1", "2"),
            Some(Purpose::Intraday) => ("1", "3"),
            Some(Purpose::Deletion) => ("2", "2"),
            Some(Purpose::Correction) => ("3", "2"),
            Some(Purpose::Test) => ("4", "2"),
            Some(Purpose::Unknown) => ("", "2"),
        };
        out.record(&format!(
            "02,{receiver},{sender},{status},{},2400,USD,{modifier}/",
            yymmdd(as_of)
        ));
        let mut sum = 0i128;
        for statement in group {
            out.account(statement)?;
            sum = sum.plus(out.total);
        }
        let records = out.records.less(at).plus(1);
        out.record(&format!("98,{sum},{},{records}/", group.len()));
        groups = groups.plus(1);
        total = total.plus(sum);
    }
    let records = out.records.plus(1);
    out.record(&format!("99,{total},{groups},{records}/"));
    Ok(out.text.into_bytes())
}

fn number_of(document: &Document, group: &[Statement]) -> usize {
    let at = document
        .statements
        .iter()
        .position(|one| group.first().is_some_and(|g| g == one));
    at.unwrap_or(0).plus(1)
}

/// The file as far as it is written.
struct Bai2File {
    text: String,
    records: u64,
    /// The open account's control total: amounts of 64 bits, of which a memory never holds so
    /// many that 128 would not do.
    total: i128,
}

impl Bai2File {
    fn record(&mut self, record: &str) {
        self.text.push_str(record);
        self.text.push('\n');
        self.records = self.records.plus(1);
    }

    fn amount(&mut self, amount: Option<SignedCents>) -> String {
        let Some(amount) = amount else {
            return String::new();
        };
        self.total = self.total.plus(i128::from(amount.get()));
        amount.get().to_string()
    }

    fn account(&mut self, statement: &Statement) -> Result<(), WriteError> {
        let before = self.records;
        self.total = 0;
        let number = plain("account number", statement.account.expose())?;
        let mut record = format!("03,{number},{}", plain("currency", &statement.currency)?);
        for (code, amount) in [
            (OPENING_LEDGER, statement.opening),
            (CLOSING_LEDGER, statement.closing),
        ] {
            if amount.is_some() {
                let amount = self.amount(amount);
                let _ = write!(record, ",{code},{amount},,");
            }
        }
        for summary in &statement.summaries {
            codes::direction(&summary.code).ok_or(WriteError::TypeCode)?;
            let amount = self.amount(summary.amount);
            let count = summary
                .count
                .map(|count| count.to_string())
                .unwrap_or_default();
            let _ = write!(
                record,
                ",{},{amount},{count},{}",
                summary.code,
                funds(&summary.funds)
            );
        }
        // An account without any summary still has the comma after its currency.
        let bare = statement.opening.or(statement.closing).is_none();
        record.push_str(if bare && statement.summaries.is_empty() {
            ",/"
        } else {
            "/"
        });
        self.record(&record);
        for line in &statement.lines {
            self.line(line)?;
        }
        let records = self.records.less(before).plus(1);
        self.record(&format!("49,{},{records}/", self.total));
        Ok(())
    }

    fn line(&mut self, line: &Line) -> Result<(), WriteError> {
        let direction = codes::direction(&line.type_code).ok_or(WriteError::TypeCode)?;
        let written = match direction {
            Direction::Debit => {
                let turned = line.amount.get().checked_neg().ok_or(WriteError::Amount)?;
                SignedCents::new(turned)
            }
            Direction::Credit | Direction::None => line.amount,
        };
        let amount = self.amount(Some(written));
        let funds = match (&line.funds, line.value_date) {
            (Funds::Unknown, Some(date)) => funds(&Funds::Dated(date)),
            (other, _) => funds(other),
        };
        let bank = plain("bank reference", &line.bank_reference)?;
        let customer = plain("customer reference", &line.customer_reference)?;
        let mut record = format!("16,{},{amount},{funds},{bank},{customer},", line.type_code);
        let text = clean(&line.text);
        if text.is_empty() {
            record.push('/');
            self.record(&record);
            return Ok(());
        }
        let mut rest = text.as_str();
        while !rest.is_empty() {
            // saturates: a record that is full already takes no more
            let (piece, after) = split(rest, RECORD.saturating_sub(record.len()));
            record.push_str(piece);
            if piece.ends_with('/') {
                record.push('/'); // a reader takes one away
            }
            self.record(&record);
            record = "88,".to_owned();
            rest = after;
        }
        Ok(())
    }
}

/// Cuts at the last single blank before `room`, or at the first after it.
fn split(text: &str, room: usize) -> (&str, &str) {
    if text.len() <= room {
        return (text, "");
    }
    let alone = |at: &usize| {
        let (before, after) = (text.get(..*at).unwrap_or(""), text.get(*at..).unwrap_or(""));
        let after = after.get(1..).unwrap_or("");
        !before.is_empty() && !before.ends_with(' ') && !after.is_empty() && !after.starts_with(' ')
    };
    let mut cut = None;
    for at in memchr::memchr_iter(b' ', text.as_bytes()).filter(alone) {
        if at > room && cut.is_some() {
            break;
        }
        cut = Some(at);
    }
    match cut {
        Some(at) => (
            text.get(..at).unwrap_or(""),
            text.get(at.plus(1)..).unwrap_or(""),
        ),
        None => (text, ""),
    }
}

/// A text as BAI2 can carry it.
pub(super) fn clean(text: &str) -> String {
    let visible = |c: char| {
        if c.is_control() || c.is_whitespace() {
            ' '
        } else {
            c
        }
    };
    let mut clean: String = text.chars().map(visible).collect();
    // `/ 16,` inside a text would read as the next record.
    while let Some(at) = memchr::memmem::find_iter(clean.as_bytes(), b"/ ").find(|at| {
        clean
            .get(at.plus(1)..)
            .is_some_and(|rest| starts_a_record(rest.trim_start()))
    }) {
        clean.remove(at.plus(1));
    }
    let mut end = clean.len().min(MAX_TEXT);
    while !clean.is_char_boundary(end) {
        end = end.less(1);
    }
    clean.truncate(end);
    clean
        .trim_start_matches([' ', ',', '/'])
        .trim_end()
        .to_owned()
}

fn plain<'t>(field: &'static str, text: &'t str) -> Result<&'t str, WriteError> {
    let breaks = text.contains([',', '\n', '\r']) || text.ends_with('/') || text.trim() != text;
    let splits = text.contains("/ ");
    if breaks || splits {
        Err(WriteError::Separator { field })
    } else {
        Ok(text)
    }
}

fn yymmdd(date: Date) -> String {
    let year = date.year().rem_euclid(100);
    format!("{year:02}{:02}{:02}", date.month(), date.day())
}

fn funds(funds: &Funds) -> String {
    match funds {
        Funds::Unknown => String::new(),
        Funds::Immediate => "0".to_owned(),
        Funds::OneDay => "1".to_owned(),
        Funds::TwoDays => "2".to_owned(),
        Funds::Dated(date) => format!("V,{},", yymmdd(*date)),
        Funds::Split([now, one, two]) => format!("S,{},{},{}", now.get(), one.get(), two.get()),
        Funds::Spread(parts) => {
            let mut text = format!("D,{}", parts.len());
            for (days, amount) in parts {
                let _ = write!(text, ",{days},{}", amount.get());
            }
            text
        }
    }
}
