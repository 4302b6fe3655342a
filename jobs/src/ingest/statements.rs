//! Statements: from a bank's lines to rows with a role, a batch or a trace.
//!
//! A statement is booked once and whole, or not at all. A file that contradicts itself, says that
//! it is a test, or does not follow the account's last statement (`settlement::reconcile::chain`)
//! is quarantined before a line of it is looked at. What it must follow is read from records:
//! the reconciliation of the day before, and the files recorded today. A quarantined file has no
//! part in that, so that the whole or corrected one after it finds its place free.

use crate::parts;
use crate::records;
use crate::records::ingested::{Ingested, StatementHead};
use crate::records::reconciled::Reconciled;
use crate::records::sum::Sum;
use bytes::Bytes;
use desk::Desk;
use desk::failure::{Result, too_large};
use desk::names;
use formats::detect::{self, Kind};
use formats::statement::{AccountNumber, Document, Line, Purpose, Statement};
use formats::tables::{BankLine, BankLines};
use formats::{bai2, camt053};
use jiff::civil::Date;
use settlement::bank::LineRole;
use settlement::ids::{BatchKey, TraceNumber};
use settlement::reconcile::chain::{self, End, Follows, Refused, StatementSummary};
use settlement::reconcile::legs::BreakKind;

/// The first day that a file's statements are of; `None` where it is no statement. Files that
/// wait together are taken in the order of their days, whatever they are called.
pub(super) fn first_day(body: &[u8]) -> Option<Date> {
    let kind = detect::detect(body);
    matches!(kind, Kind::Bai2 | Kind::Camt053).then(|| {
        let days = read(kind, body).statements.into_iter();
        let first = days.filter_map(|one| one.as_of).min();
        first.unwrap_or(Date::MIN) // saturates: one without a day comes first
    })
}

fn read(kind: Kind, body: &[u8]) -> Document {
    match kind {
        Kind::Camt053 => camt053::read(body),
        _ => bai2::read(body),
    }
}

pub(super) async fn ingest(
    desk: &Desk,
    date: Date,
    kind: Kind,
    file: &mut Ingested,
    body: &Bytes,
) -> Result<()> {
    let document = read(kind, body);
    let mut lines = document.statements.iter().flat_map(|s| &s.lines);
    let records = lines.try_fold(Sum::default(), |sum, line| sum.with(1, line.amount));
    let Some(records) = records else {
        file.quarantine("its amounts add up to more than can be: nothing was booked, ask the bank");
        return Ok(());
    };
    file.records = records;
    // An error is never what the bound on findings leaves out.
    let mut findings: Vec<_> = document.findings.iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    file.findings = findings.iter().map(ToString::to_string).collect();
    if !document.is_ok() {
        let first = document.findings.first_error();
        let first = first.map(|error| format!("; {error}")).unwrap_or_default();
        let why = "the file contradicts itself: nothing of it was booked, ask the bank";
        file.quarantine(&format!("{why}{first}"));
        return Ok(());
    }
    let last = last_taken(desk, date).await?;
    match sort(desk, date, last, &document) {
        Err((kind, why)) => file.quarantine_as(kind, &why),
        Ok(sorted) => {
            for (statement, why) in &sorted.left {
                let mut lines = statement.lines.iter();
                let left = lines.try_fold(file.left_out, |sum, line| sum.with(1, line.amount));
                file.left_out = left.ok_or_else(|| too_large(&file.name))?;
                file.findings.push(why.clone());
            }
            file.findings.extend(sorted.said);
            book(desk, date, file, &sorted.booked).await?;
        }
    }
    Ok(())
}

/// Where the account's chain of statements ends: what yesterday's reconciliation knew, and what
/// was recorded today.
async fn last_taken(desk: &Desk, date: Date) -> Result<Option<End>> {
    let objects = &*desk.ports.objects;
    let ours = AccountNumber::new(&desk.bank.account.number);
    let before =
        records::newest_before::<Reconciled>(objects, names::RECONCILED_PREFIX, date).await?;
    let before = before.and_then(|before| before.closing.get(ours.last4()).copied());
    let before = before.map(|closing| End {
        date: closing.date,
        closing: closing.cents,
    });
    let today = records::all::<Ingested>(objects, &names::ingested_prefix(date)).await?;
    let heads = today.iter().flat_map(|file| &file.statements);
    let today = heads.filter_map(|head| {
        Some(End {
            date: head.as_of,
            closing: head.closing?,
        })
    });
    Ok(before.into_iter().chain(today).max_by_key(|end| end.date))
}

/// The statements of a file by what becomes of them.
#[derive(Default)]
struct Sorted<'d> {
    booked: Vec<(&'d Statement, Follows)>,
    /// Not booked, and nobody has to look at it: why.
    left: Vec<(&'d Statement, String)>,
    /// Booked, with something to be said of it.
    said: Vec<String>,
}

/// Sorts the statements of a file; one of ours that cannot be booked keeps the whole file out.
fn sort<'d>(
    desk: &Desk,
    date: Date,
    mut last: Option<End>,
    document: &'d Document,
) -> std::result::Result<Sorted<'d>, Refused> {
    let mut sorted = Sorted::default();
    let ours = desk.bank.account.number.trim_start_matches('0');
    let mut statements: Vec<&Statement> = document.statements.iter().collect();
    statements.sort_by_key(|statement| statement.as_of);
    for statement in statements {
        let line = statement.line;
        if statement.account.expose().trim_start_matches('0') != ours {
            let last4 = statement.account.last4();
            let why = "is not the account of the bank profile: kept, not booked";
            let why = format!("line {line}, account: ...{last4} {why}");
            sorted.left.push((statement, why));
            continue;
        }
        if statement.purpose == Purpose::Intraday {
            let why = "an intraday report, not a statement: kept, not booked";
            let why = format!("line {line}, as-of date modifier: {why}");
            sorted.left.push((statement, why));
            continue;
        }
        let placed = |(kind, why)| (kind, format!("line {line}, statement: {why}"));
        meant(statement, last).map_err(placed)?;
        let follows = chain::follows(last, &summary(statement), date).map_err(placed)?;
        if follows.derived {
            let why = "one of opening and closing is missing and follows from the lines";
            sorted.said.push(format!("line {line}, balance: {why}"));
        }
        last = Some(End {
            date: follows.as_of,
            closing: follows.closing,
        });
        sorted.booked.push((statement, follows));
    }
    let foreign = |(statement, _): &&(&Statement, String)| statement.purpose != Purpose::Intraday;
    match sorted.left.iter().find(foreign) {
        Some((_, why)) if sorted.booked.is_empty() => {
            Err((BreakKind::UnexpectedAtBank, why.clone()))
        }
        _ => Ok(sorted),
    }
}

/// Whether a statement of ours is meant to be booked, in a currency that we keep books in.
fn meant(statement: &Statement, last: Option<End>) -> std::result::Result<(), Refused> {
    if !matches!(statement.currency.as_str(), "" | "USD") {
        let why = "its currency is not USD: not booked".to_owned();
        return Err((BreakKind::Currency, why));
    }
    let taken = last.is_some_and(|last| statement.as_of.is_some_and(|as_of| as_of <= last.date));
    let why = match statement.purpose {
        Purpose::Final | Purpose::Intraday => return Ok(()),
        // The day's first statement was torn or never came: this one is it.
        Purpose::Correction if !taken => return Ok(()),
        Purpose::Correction => {
            "it corrects a day that is booked: compare the two, and have the bank correct by a \
             line on a later statement"
        }
        Purpose::Deletion => "it deletes what came earlier: nothing was taken back, ask the bank",
        Purpose::Test => "it is a test, and none of its money moved: ask the bank why it came",
        Purpose::Unknown => "its group status is none of 1 to 4: ask the bank what it means",
    };
    Err((BreakKind::FileStatus, why.to_owned()))
}

fn summary(statement: &Statement) -> StatementSummary {
    let days = statement.lines.iter().filter_map(|line| line.value_date);
    StatementSummary {
        as_of: statement.as_of,
        opening: statement.opening,
        closing: statement.closing,
        movement: statement.movement(),
        latest: days.max(),
    }
}

async fn book(
    desk: &Desk,
    date: Date,
    file: &mut Ingested,
    statements: &[(&Statement, Follows)],
) -> Result<()> {
    let name = file.name.clone();
    let short = file.sha256.get(..8).unwrap_or_default().to_owned();
    let last4 = AccountNumber::new(&desk.bank.account.number);
    let last4 = last4.last4();
    let what = format!("{}-{date}", names::stem(&name));
    for (statement, follows) in statements {
        let head = head(&name, last4, statement, follows);
        file.statements.push(head.ok_or_else(|| too_large(&name))?);
        let lines = statement.lines.iter();
        let rows = lines.map(|line| row(desk, &name, &short, last4, follows.as_of, line));
        // The partition is the day of the statement; a part holds the lines of one day only.
        let objects = &*desk.ports.objects;
        let part = parts::put_part::<BankLines>(objects, follows.as_of, &what, rows).await?;
        file.parts.extend(part);
    }
    Ok(())
}

/// What is recorded of a statement; `None` where the sum of its lines does not fit.
fn head(
    file: &str,
    last4: &str,
    statement: &Statement,
    follows: &Follows,
) -> Option<StatementHead> {
    Some(StatementHead {
        file: file.to_owned(),
        account_last4: last4.to_owned(),
        as_of: follows.as_of,
        opening: Some(follows.opening),
        closing: Some(follows.closing),
        lines: statement.lines.len() as u64,
        movement: statement.movement()?,
    })
}

fn row<'a>(
    desk: &Desk,
    file: &'a str,
    short: &str,
    last4: &'a str,
    as_of: Date,
    line: &'a Line,
) -> BankLine<'a> {
    let role = desk.bank.role(&line.type_code);
    let reference = line.customer_reference.trim();
    let (batch, trace) = named(role, reference);
    BankLine {
        statement_date: as_of,
        value_date: line.value_date.unwrap_or(as_of),
        line_id: format!("{as_of}-{short}-{:06}", line.line).into(),
        file: file.into(),
        line: i64::try_from(line.line).expect("lines of a file in memory"),
        account_last4: last4.into(),
        type_code: line.type_code.as_str().into(),
        role: role.as_str().into(),
        amount: line.amount,
        bank_reference: line.bank_reference.as_str().into(),
        customer_reference: reference.into(),
        text: line.text.as_str().into(),
        batch_key: batch.map(BatchKey::key),
        trace: trace.map(TraceNumber::key),
    }
}

/// The batch or the trace that a line's reference names, as its role says which.
fn named(role: LineRole, reference: &str) -> (Option<BatchKey>, Option<TraceNumber>) {
    match role {
        LineRole::CreditSettlement | LineRole::DebitSettlement => (reference.parse().ok(), None),
        LineRole::CreditReturned | LineRole::DebitReturned => {
            let fifteen = reference.len() == 15 && reference.bytes().all(|b| b.is_ascii_digit());
            let number = fifteen.then(|| reference.parse::<u64>().ok()).flatten();
            (None, number.and_then(|n| TraceNumber::from_number(n).ok()))
        }
        LineRole::Fee | LineRole::Other => (None, None),
    }
}
