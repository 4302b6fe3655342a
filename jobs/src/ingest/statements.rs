//! Statements: from a bank's lines to rows with a role, a batch or a trace.
//!
//! A statement is booked once and whole, or not at all. A file that contradicts itself, says that
//! it is a test, or has figures that no account has is quarantined before a line of it is looked
//! at. What is left of it that is ours is given its place among the account's days, together with
//! all that has waited for such a place (`placing`): it is booked as a day, a page or a new
//! version of one, it is known already and left out, or it waits. What is known is read from
//! records: the reconciliation of the day before, and the files recorded today. A quarantined file
//! has no part in that, so that the whole or corrected one after it finds its place free.

mod candidate;
mod details;
mod placing;
mod rows;

use crate::known::Known;
use crate::parts;
use crate::records;
use crate::records::ingested::{Ingested, Kept, Waiting};
use crate::records::reconciled::Reconciled;
use crate::statement::most_bytes;
use bytes::Bytes;
use candidate::{Candidate, Piece};
use desk::Desk;
use desk::failure::{Result, too_large};
use desk::names;
use formats::detect::{self, Kind};
use formats::statement::{AccountNumber, Document, Purpose, Statement};
use formats::tables::{BankBalances, BankLineDetails, BankLines};
use formats::{bai2, camt053};
use jiff::civil::Date;
use placing::{Placed, place};
use rows::Booking;
use settlement::money::{Currency, SignedCents};
use settlement::reconcile::chain::{self, Refused};
use settlement::reconcile::legs::BreakKind;
use std::collections::BTreeMap;

/// Statements of ours in one file, at most: a download of four years.
const MOST_STATEMENTS: usize = 1_000;

/// The first day that a file's statements are of; `None` where it is no statement. Files that
/// wait together are taken in the order of their days, whatever they are called.
pub(super) fn first_day(body: &[u8]) -> Option<Date> {
    let kind = detect::detect(body);
    matches!(kind, Kind::Bai2 | Kind::Camt053).then(|| {
        if most_bytes(kind, body.len()).is_some() {
            return Date::MIN; // it is not read; saturates: one without a day comes first
        }
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
    if let Some(most) = most_bytes(kind, body.len()) {
        let size = body.len();
        file.quarantine(&format!(
            "{size} bytes, and a statement of its kind is read up to {most}: nothing of it was \
             booked; have the bank send it in pages, or split it between two groups (02 to 98)"
        ));
        return Ok(());
    }
    let document = read(kind, body);
    let lines = document.statements.iter().map(|one| one.lines.len() as u64);
    file.records.records = lines.sum();
    // An error is never what the bound on findings leaves out.
    let mut findings: Vec<_> = document.findings.iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    file.findings = findings.iter().map(ToString::to_string).collect();
    let about = about(desk, &document);
    let sorted = match sort(desk, date, file, document) {
        Ok(sorted) => sorted,
        Err((kind, why)) => {
            file.about = about;
            file.quarantine_as(kind, &why);
            return Ok(());
        }
    };
    file.left_out.records = sorted.left_out;
    file.findings.extend(sorted.said);
    if sorted.ours.is_empty() {
        return Ok(());
    }
    let mut known = known(desk, date).await?;
    let pieces = sorted.ours.into_iter();
    let pieces = pieces.chain(kept(desk, &known).await?).collect();
    let candidates = candidate::joined(pieces, date);
    match place(desk, &mut known, candidates).await? {
        Err((kind, why)) => {
            file.left_out.records = 0;
            file.quarantine_as(kind, &why);
            Ok(())
        }
        Ok(placed) => write(desk, date, file, placed).await,
    }
}

/// What a file is about, should it be torn: the days of our account that it says it has. What
/// takes back or corrects a day is no statement of it.
fn about(desk: &Desk, document: &Document) -> Vec<String> {
    let ours = desk.bank.account.number.trim_start_matches('0');
    let all = document.statements.iter();
    let all = all.filter(|one| one.account.expose().trim_start_matches('0') == ours);
    let last4 = AccountNumber::new(&desk.bank.account.number);
    let all = all.map(|one| match (one.purpose, one.as_of) {
        (Purpose::Final, Some(day)) => Some(Ingested::statement(last4.last4(), day)),
        _ => None,
    });
    let all: Option<Vec<String>> = all.collect();
    all.unwrap_or_default()
}

/// What is known of the account when a file of `date` is read.
async fn known(desk: &Desk, date: Date) -> Result<Known> {
    let objects = &*desk.ports.objects;
    let before =
        records::newest_before::<Reconciled>(objects, names::RECONCILED_PREFIX, date).await?;
    let before = before.map_or_else(|| Reconciled::first(date), |read| read.record);
    let today = records::all::<Ingested>(objects, &names::ingested_prefix(date)).await?;
    let today: Vec<&Ingested> = today.iter().map(|read| &read.record).collect();
    let ours = AccountNumber::new(&desk.bank.account.number);
    Ok(Known::of(ours.last4(), &before, &today))
}

/// The statements that have waited, read from our copies again.
async fn kept(desk: &Desk, known: &Known) -> Result<Vec<Piece>> {
    let mut documents: BTreeMap<String, Document> = BTreeMap::new();
    let mut pieces = Vec::new();
    for one in &known.waiting {
        let object = &one.kept.object;
        if !documents.contains_key(object.as_str()) {
            let body = desk.ports.objects.get(object).await?.body;
            let sha256 = settlement::archive::sha256(&body).to_string();
            if sha256 != one.sha256 {
                let why = format!("{object}: not the bytes that were taken");
                return Err(desk::failure::Failure::damaged(why));
            }
            let document = read(detect::detect(&body), &body);
            documents.insert(object.to_string(), document);
        }
        let document = documents.get_mut(object.as_str());
        let at = usize::try_from(one.kept.at).ok();
        let found = document.zip(at).and_then(|(document, at)| {
            let (format, created) = (document.format.clone(), document.created);
            let statement = document.statements.get_mut(at).map(std::mem::take)?;
            Some((format, created, statement))
        });
        let lost = || desk::failure::Failure::damaged(format!("{object}: fewer statements"));
        let (format, created, statement) = found.ok_or_else(lost)?;
        pieces.push(Piece {
            file: one.file.clone(),
            sha256: one.sha256.clone(),
            kept: one.kept.clone(),
            own: false,
            format,
            created,
            statement,
        });
    }
    Ok(pieces)
}

/// The statements of a file by what becomes of them.
#[derive(Default)]
struct Sorted {
    /// Ours, to be placed.
    ours: Vec<Piece>,
    /// Lines that are nothing for these books.
    left_out: u64,
    /// What is to be said of them.
    said: Vec<String>,
}

/// Sorts the statements of a file; one of ours that cannot be booked keeps the whole file out.
fn sort(
    desk: &Desk,
    date: Date,
    file: &Ingested,
    document: Document,
) -> std::result::Result<Sorted, Refused> {
    if !document.holds_together() {
        return Err(contradicts(&document, 0));
    }
    let mut sorted = Sorted::default();
    let ours = desk.bank.account.number.trim_start_matches('0');
    let is_ours = |one: &Statement| one.account.expose().trim_start_matches('0') == ours;
    if document
        .statements
        .iter()
        .filter(|one| is_ours(one))
        .count()
        > MOST_STATEMENTS
    {
        let why = format!("more than {MOST_STATEMENTS} statements of ours: have it split");
        return Err((BreakKind::ControlTotal, why));
    }
    let mut foreign = None;
    for (at, statement) in document.statements.iter().enumerate() {
        let line = statement.line;
        let mut leave = |what: &str, why: String| {
            sorted.left_out += statement.lines.len() as u64;
            sorted.said.push(format!("line {line}, {what}: {why}"));
        };
        if !is_ours(statement) {
            let last4 = statement.account.last4();
            let why = of_a_stranger(statement);
            leave("account", format!("...{last4} {why}"));
            if statement.purpose != Purpose::Intraday {
                foreign.get_or_insert(format!("line {line}, account: ...{last4} {why}"));
            }
            continue;
        }
        if statement.purpose == Purpose::Intraday {
            let why = "an intraday report, not a statement: kept, not booked";
            leave("as-of date modifier", why.to_owned());
            continue;
        }
        if statement.errors > 0 {
            return Err(contradicts(&document, line));
        }
        let placed = |(kind, why)| (kind, format!("line {line}, statement: {why}"));
        believed(statement, date, desk.bank.currency).map_err(placed)?;
        let object = file.object.clone();
        sorted.ours.push(Piece {
            file: file.name.clone(),
            sha256: file.sha256.clone(),
            kept: Kept {
                object,
                at: at as u64,
            },
            own: true,
            format: document.format.clone(),
            created: document.created,
            statement: statement.clone(),
        });
    }
    match foreign {
        Some(why) if !document.statements.iter().any(is_ours) => {
            Err((BreakKind::UnexpectedAtBank, why))
        }
        _ => Ok(sorted),
    }
}

/// What is said of an account that is not ours.
fn of_a_stranger(statement: &Statement) -> &'static str {
    match statement.errors {
        0 => "is not the account of the bank profile: kept, not booked",
        _ => {
            "is not the account of the bank profile, and contradicts itself: kept, not booked, ask \
             the bank whose it is"
        }
    }
}

/// A file, or a statement of ours in it from `line` on, that does not agree with itself.
fn contradicts(document: &Document, line: u64) -> Refused {
    let mut findings = document.findings.iter();
    let first = findings
        .find(|one| one.severity == formats::statement::Severity::Error && one.line >= line);
    let first = first.or(document.findings.first_error());
    let first = first.map(|error| format!("; {error}")).unwrap_or_default();
    let why = "the file contradicts itself: nothing of it was booked, ask the bank";
    (BreakKind::ControlTotal, format!("{why}{first}"))
}

/// Whether a statement of ours is meant to be booked, in a currency that we keep books in, with
/// figures that can be.
fn believed(statement: &Statement, date: Date, ours: Currency) -> std::result::Result<(), Refused> {
    let theirs = statement.currency.as_str();
    if !theirs.is_empty() && theirs != ours.as_str() {
        let why = format!("its currency is not {ours}: not booked");
        return Err((BreakKind::Currency, why));
    }
    let balances = statement.opening.into_iter().chain(statement.closing);
    let amounts = statement.lines.iter().map(|line| line.amount);
    if !chain::plausible(balances, amounts) {
        let why = "it has figures of sixteen digits and more, or amounts that add up to that: \
                   they are garbled, nothing was booked, ask the bank";
        return Err((BreakKind::ControlTotal, why.to_owned()));
    }
    let why = match statement.purpose {
        Purpose::Final | Purpose::Intraday | Purpose::Correction => None,
        Purpose::Deletion => {
            Some("it deletes what came earlier: nothing was taken back, ask the bank")
        }
        Purpose::Test => {
            Some("it is a test, and none of its money moved: ask the bank why it came")
        }
        Purpose::Unknown => Some("its group status is none of 1 to 4: ask the bank what it means"),
    };
    if let Some(why) = why {
        return Err((BreakKind::FileStatus, why.to_owned()));
    }
    match candidate::is_piece(statement) {
        true => chain::dated(&candidate::summary(statement), date).map(drop),
        false => chain::whole(&candidate::summary(statement), date).map(drop),
    }
}

/// Writes what was placed, and records all of it.
async fn write(desk: &Desk, date: Date, file: &mut Ingested, placed: Placed) -> Result<()> {
    let name = file.name.clone();
    let too_large = || too_large(&name);
    let mut came = SignedCents::ZERO;
    let (mut more, mut left) = (0, 0);
    for booking in placed.booked {
        came = booking
            .moves()
            .and_then(|cents| came.checked_add(cents))
            .ok_or_else(too_large)?;
        more += booking.brought();
        left += booking.left_out();
        put(desk, date, file, booking).await?;
    }
    for one in &placed.known {
        let own = one.pieces.iter().filter(|piece| piece.own);
        left += own
            .map(|piece| piece.statement.lines.len() as u64)
            .sum::<u64>();
        let day = one.whole.as_of;
        if one.pieces.iter().any(|piece| piece.own) {
            file.findings.push(format!(
                "the statement of {day} is booked already: left out"
            ));
        }
        heal(file, one);
    }
    for (one, why) in placed.forgotten {
        left += one.statement.lines.len() as u64;
        file.findings.push(why);
    }
    for (piece, as_of, why) in placed.waiting {
        file.findings.push(why.clone());
        file.waiting.push(Waiting {
            file: piece.file,
            sha256: piece.sha256,
            kept: piece.kept,
            account_last4: AccountNumber::new(&desk.bank.account.number)
                .last4()
                .to_owned(),
            as_of,
            lines: piece.statement.lines.len() as u64,
            why,
        });
    }
    file.left_out.records += left;
    file.records.records += more;
    file.records.cents = came;
    Ok(())
}

/// Writes the tables' parts of one statement.
async fn put(desk: &Desk, date: Date, file: &mut Ingested, booking: Booking) -> Result<()> {
    let Booking {
        candidate,
        mut head,
        rows,
        details,
        balance,
        odd,
        ..
    } = booking;
    let objects = &*desk.ports.objects;
    let what = format!("{}-{date}", names::stem(&candidate.pieces[0].file));
    // The partition is the day of the statement; a part holds the lines of one day only.
    head.rows = parts::put_part::<BankLines>(objects, head.as_of, &what, rows).await?;
    file.parts.extend(head.rows.clone());
    let part = parts::put_part::<BankLineDetails>(objects, head.as_of, &what, details).await?;
    file.parts.extend(part);
    let part = parts::put_part::<BankBalances>(objects, head.as_of, &what, [balance]).await?;
    file.parts.extend(part);
    if candidate.whole.derived {
        let line = candidate.pieces[0].statement.line;
        let why = "one of opening and closing is missing and follows from the lines";
        file.findings.push(format!("line {line}, balance: {why}"));
    }
    if let Some(why) = odd {
        let line = candidate.pieces[0].statement.line;
        file.findings.push(format!("line {line}, statement: {why}"));
    }
    heal(file, &candidate);
    file.statements.push(head);
    Ok(())
}

/// What had waited waits no more.
fn heal(file: &mut Ingested, candidate: &Candidate) {
    let kept = candidate.pieces.iter().filter(|piece| !piece.own);
    file.healed.extend(kept.map(|piece| piece.kept.clone()));
}
