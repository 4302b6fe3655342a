//! Statements: from a bank's lines to rows with a role, a batch or a trace.

use super::Ingested;
use crate::desk::Desk;
use crate::entries;
use crate::failure::Result;
use bytes::Bytes;
use formats::detect::Kind;
use formats::statement::{Document, Line, Statement};
use formats::tables::{BankLine, BankLines};
use formats::{bai2, camt053};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use settlement::bank::LineRole;
use settlement::ids::{BatchKey, TraceNumber};
use settlement::money::SignedCents;
use settlement::reconcile::legs::BreakKind;

/// What the reconciliation asserts of a statement before it looks at its lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementHead {
    /// The file it came in.
    pub file: String,
    /// The last four characters of the account's number.
    pub account_last4: String,
    /// The day it is of.
    pub as_of: Date,
    /// Opening ledger balance.
    pub opening: Option<SignedCents>,
    /// Closing ledger balance.
    pub closing: Option<SignedCents>,
    /// Its lines.
    pub lines: u64,
    /// The sum of its lines.
    pub movement: SignedCents,
}

pub(super) async fn take(
    desk: &Desk,
    date: Date,
    kind: Kind,
    file: &mut Ingested,
    body: &Bytes,
) -> Result<()> {
    let document = match kind {
        Kind::Camt053 => camt053::read(body),
        _ => bai2::read(body),
    };
    file.findings = document.findings.iter().map(ToString::to_string).collect();
    let lines = document.statements.iter().flat_map(|s| &s.lines);
    lines.for_each(|line| file.records.add(line.amount));
    if !document.is_ok() {
        file.quarantine("the file contradicts itself: nothing of it was booked, ask the bank");
        return Ok(());
    }
    let ours = desk.bank.account.number.trim_start_matches('0');
    for statement in &document.statements {
        if statement.account.expose().trim_start_matches('0') != ours {
            let last4 = statement.account.last4();
            let why = format!(
                "line {}, account: ...{last4} is not the account of the bank profile: not booked",
                statement.line
            );
            file.quarantine_as(BreakKind::UnexpectedAtBank, &why);
            return Ok(());
        }
        if !matches!(statement.currency.as_str(), "" | "USD") {
            let why = format!("line {}, currency: not USD: not booked", statement.line);
            file.quarantine_as(BreakKind::Currency, &why);
            return Ok(());
        }
    }
    rows(desk, date, file, &document).await
}

async fn rows(desk: &Desk, date: Date, file: &mut Ingested, document: &Document) -> Result<()> {
    let name = file.name.clone();
    let short = file.sha256.get(..8).unwrap_or_default().to_owned();
    let mut all = Vec::new();
    for statement in &document.statements {
        let as_of = statement.as_of.unwrap_or(date);
        file.statements.push(head(&name, statement, as_of));
        for line in &statement.lines {
            all.push(row(desk, &name, &short, statement, as_of, line));
        }
    }
    let what = format!("{name}-{date}");
    let objects = &*desk.ports.objects;
    // The partition is the day of the statement; a part holds the lines of one day only.
    let mut days: Vec<Date> = all.iter().map(|row| row.statement_date).collect();
    days.sort();
    days.dedup();
    for day in days {
        let of_day = all.iter().filter(|row| row.statement_date == day).cloned();
        let part = entries::put_part::<BankLines>(objects, day, &what, of_day).await?;
        file.parts.extend(part);
    }
    Ok(())
}

fn head(file: &str, statement: &Statement, as_of: Date) -> StatementHead {
    StatementHead {
        file: file.to_owned(),
        account_last4: statement.account.last4().to_owned(),
        as_of,
        opening: statement.opening,
        closing: statement.closing,
        lines: statement.lines.len() as u64,
        movement: statement.movement().unwrap_or(SignedCents::ZERO),
    }
}

fn row<'a>(
    desk: &Desk,
    file: &'a str,
    short: &str,
    statement: &'a Statement,
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
        line: i64::try_from(line.line).unwrap_or(i64::MAX),
        account_last4: statement.account.last4().into(),
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
