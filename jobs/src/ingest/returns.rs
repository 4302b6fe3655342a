//! Returns and notifications of change: from a NACHA file of the bank to events on payments.
//!
//! Each entry is named by what it is, its file's content and its place among the file's entries,
//! and matched to the one entry of ours it answers (`settlement::returns::original_of`), however
//! old that is; one that matches nothing stays in the table for the reconciliation to name. A
//! notification's corrected data may hold an account number, so the table keeps the code and what
//! kind of data came, never the data; nor does it keep a bank's words about a receiver.

use crate::changes::{NotTaken, Why, apply_all};
use crate::originals;
use crate::parts;
use crate::records::ingested::{Ingested, Refused};
use bytes::Bytes;
use connectors::Change;
use desk::failure::{Failure, Result, too_large};
use desk::names;
use desk::{CHUNK, Desk};
use formats::nacha::{Dialect, Entry, Event as Nacha, Finding, Reader, Severity, latin};
use formats::tables::{AchEntry, AchReturn, AchReturns};
use jiff::civil::Date;
use settlement::codes::returns::ReturnCode;
use settlement::codes::sec::SecCode;
use settlement::dates::{self, ReturnSettled};
use settlement::ids::{DfiId, Direction, PaymentId, TraceNumber};
use settlement::money::{Cents, Currency, SignedCents};
use settlement::payment::{Event, ReturnRef};
use settlement::returns::{
    self, Answer, AnswerKind, Original, Returnable, original_of, timely, words,
};
use std::collections::BTreeMap;

/// A return or notification as the file has it.
struct Received {
    line: u64,
    /// Its place among the file's entries, from 1.
    ordinal: u64,
    /// What its batch header says of when it settled, as a day of the year.
    settlement_day: Option<u16>,
    /// The effective entry date of its batch header.
    effective: Option<Date>,
    kind: AnswerKind,
    code: String,
    trace: TraceNumber,
    original: TraceNumber,
    original_rdfi: DfiId,
    company_id: String,
    individual_id: String,
    account_last4: Option<String>,
    sec: String,
    transaction_code: i32,
    direction: Direction,
    amount: Cents,
    note: Option<String>,
}

pub(super) async fn ingest(
    desk: &Desk,
    date: Date,
    file: &mut Ingested,
    body: &Bytes,
) -> Result<()> {
    let dialect = Dialect::of(desk.bank.dialect.iter().map(|habit| habit.arm));
    let received = read(file, body, &dialect)?;
    if !file.taken() {
        return Ok(());
    }
    let answers = received.iter().map(|one| one.answer(file, date));
    let answers = answers.collect::<Result<Vec<_>>>()?;
    let ours = originals::candidates(desk, date, &answers).await?;
    let matched = matched(&answers, &ours)?;
    let settled = settled_on(desk, &matched).await?;
    let taken: Vec<Taken<'_>> = received
        .iter()
        .zip(matched.iter().zip(settled))
        .map(|(one, (entry, settled))| Taken::of(one, *entry, settled, date))
        .collect();
    file.findings.extend(undated(&taken));
    apply(desk, date, file, &taken).await?;
    let currency = desk.bank.currency;
    let rows = taken.iter().map(|taken| row(file, date, currency, taken));
    let rows = rows.collect::<Result<Vec<_>>>()?;
    let objects = &*desk.ports.objects;
    let part = parts::put_part::<AchReturns>(objects, date, &names::stem(&file.name), rows).await?;
    file.parts.extend(part);
    Ok(())
}

/// An answer with the entry that it is about and when both settled.
struct Taken<'a> {
    one: &'a Received,
    entry: Option<&'a AchEntry<'static>>,
    settled: ReturnSettled,
    late: bool,
}

impl<'a> Taken<'a> {
    fn of(
        one: &'a Received,
        entry: Option<&'a AchEntry<'static>>,
        original: Option<Date>,
        date: Date,
    ) -> Taken<'a> {
        let settled = dates::return_settled(one.settlement_day, one.effective, original, date);
        let returnable = entry.zip(original).map(|(entry, settled)| Returnable {
            sec: SecCode::from_bytes(entry.sec.as_bytes()),
            direction: one.direction,
            settled,
        });
        let code = one
            .code
            .parse()
            .ok()
            .filter(|_| one.kind == AnswerKind::Return);
        let late = code.zip(returnable);
        Taken {
            one,
            entry,
            settled,
            late: late.is_some_and(|(code, of)| timely(code, settled.on, &of).is_late()),
        }
    }
}

/// What is to be said of answers that do not say when they settled: one finding for each thing
/// that stands for it.
fn undated(taken: &[Taken<'_>]) -> Vec<String> {
    let mut found: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for taken in taken {
        if let Some(why) = taken.settled.by.finding() {
            let (_, count) = found.entry(why).or_insert((taken.one.line, 0));
            *count += 1;
        }
    }
    let say = |(why, (line, count)): (&str, (u64, u64))| {
        format!("line {line}, batch header, settlement_date_julian: {why}; so of {count} entries")
    };
    found.into_iter().map(say).collect()
}

/// Reads the whole file; its good entries, unless its totals say that something is missing.
fn read(file: &mut Ingested, body: &Bytes, dialect: &Dialect) -> Result<Vec<Received>> {
    let mut reader = Reader::under(&body[..], dialect);
    let mut received = Vec::new();
    let (mut bad_entries, mut ordinal) = (0u64, 0u64);
    let name = file.name.clone();
    let unreadable = |e| {
        Failure::could_not(format!("{name}: {e}; nothing of it was taken"))
            .remedy("run the same again")
    };
    while let Some(event) = reader.next().map_err(unreadable)? {
        let Nacha::Entry(entry) = event else { continue };
        ordinal += 1;
        let amount = entry.detail.amount().unwrap_or(Cents::ZERO);
        let line = entry.place.line;
        let cents = amount
            .signed()
            .ok_or_else(|| too_large(&format!("{name}, line {line}")))?;
        file.count(cents)?;
        match (entry.errors, understand(&entry, ordinal)) {
            (0, Some(one)) => received.push(one),
            _ => {
                bad_entries += entry.errors;
                let why = format!("line {line}, entry: not a return or a change: ask the bank");
                file.put_aside(line, cents, why)?;
            }
        }
    }
    let report = reader.finish().map_err(unreadable)?;
    file.findings
        .extend(report.findings.kept().iter().map(ToString::to_string));
    if report.findings.errors() > bad_entries {
        let error = |finding: &&Finding| finding.severity == Severity::Error;
        let first = report.findings.kept().iter().find(error);
        let first = first.map(|error| format!("; {error}")).unwrap_or_default();
        let why = "the file's structure or totals are wrong: nothing of it was taken";
        file.quarantine(&format!("{why}{first}"));
    }
    Ok(received)
}

fn understand(entry: &Entry<'_>, ordinal: u64) -> Option<Received> {
    let addenda = entry
        .addenda()
        .find(|a| matches!(&a.type_code(), b"98" | b"99"))?;
    let (detail, batch) = (&entry.detail, entry.batch());
    // What names no bank of an original is about no entry: no bank is number zero.
    let nobody = DfiId::new(0).ok()?;
    let common = |kind, code: String, trace, original, original_rdfi, note| Received {
        line: entry.place.line,
        ordinal,
        settlement_day: batch.settlement_day(),
        effective: batch.effective_date(),
        kind,
        code,
        trace,
        original,
        original_rdfi,
        company_id: batch.company_id().into_owned(),
        individual_id: detail.individual_id().trim().to_owned(),
        account_last4: last4(&detail.account_number()),
        sec: entry
            .sec()
            .map(|sec| sec.as_str().to_owned())
            .unwrap_or_default(),
        transaction_code: detail
            .transaction_code()
            .map_or(0, |code| i32::from(code.get())),
        direction: detail
            .transaction_code()
            .map_or(Direction::Debit, |code| code.direction()),
        amount: detail.amount().unwrap_or(Cents::ZERO),
        note,
    };
    if let Some(of) = addenda.as_return() {
        let kind = AnswerKind::of_return(of.code, of.earlier.is_some());
        let rdfi = of.original_rdfi.unwrap_or(nobody);
        let note = words::kept(&of.information);
        let code = of.code.as_str().to_owned();
        return Some(common(
            kind,
            code,
            of.trace?,
            of.original_trace?,
            rdfi,
            note,
        ));
    }
    let of = addenda.as_noc()?;
    let kind = AnswerKind::of_notice(of.refuses.is_some());
    let rdfi = of.original_rdfi.unwrap_or(nobody);
    let code = latin(of.change_code.as_bytes()).into_owned();
    Some(common(
        kind,
        code,
        of.trace?,
        of.original_trace?,
        rdfi,
        None,
    ))
}

/// The one entry of ours that each answers; none where no entry or more than one fits.
fn matched<'a, 'r>(
    answers: &[Answer],
    ours: &'a [AchEntry<'r>],
) -> Result<Vec<Option<&'a AchEntry<'r>>>> {
    let entries: Vec<returns::Entry> = ours.iter().map(parts::sent).collect::<Result<_>>()?;
    let mut by_trace: BTreeMap<TraceNumber, Vec<(usize, &returns::Entry)>> = BTreeMap::new();
    for (at, entry) in entries.iter().enumerate() {
        by_trace.entry(entry.trace).or_default().push((at, entry));
    }
    let original = |answer: &Answer| {
        let of_trace = by_trace.get(&answer.original_trace).into_iter().flatten();
        match original_of(answer, of_trace.copied()) {
            Original::Entry(at) => ours.get(at),
            Original::OtherAmount(_) | Original::Several | Original::Unknown => None,
        }
    };
    Ok(answers.iter().map(original).collect())
}

impl Received {
    /// Its name in our tables: what its file holds, and its place in it. A file's name and where
    /// its lines end are the bank's to choose, and mean nothing.
    fn id(&self, file: &Ingested) -> String {
        let content = file.sha256.get(..16).unwrap_or(&file.sha256);
        format!("{content}-{:06}", self.ordinal)
    }

    /// What it says of the entry it is about.
    fn answer(&self, file: &Ingested, date: Date) -> Result<Answer> {
        let settled = dates::return_settled(self.settlement_day, self.effective, None, date);
        Ok(Answer {
            cents: self.original_moved()?,
            id: self.id(file),
            kind: self.kind,
            code: self.code.clone(),
            by: self.trace,
            original_trace: self.original,
            original_rdfi: self.original_rdfi,
            company: self.company_id.clone(),
            settled: settled.on,
            received: date,
            payment: self.names_payment(),
            account_last4: self.account_last4.clone(),
        })
    }

    fn names_payment(&self) -> Option<PaymentId> {
        self.individual_id.parse().ok()
    }

    /// What the entry that it is about moved on our account.
    fn original_moved(&self) -> Result<SignedCents> {
        let cents = self.direction.on_our_account(self.amount);
        cents.ok_or_else(|| too_large(&self.original.to_string()))
    }
}

/// What may be shown of an account number: its last four characters, where it has more.
fn last4(account: &str) -> Option<String> {
    let account = account.trim_end();
    let (at, _) = account
        .char_indices()
        .rev()
        .nth(3)
        .filter(|(at, _)| *at > 0)?;
    account.get(at..).map(str::to_owned)
}

/// When each entry settled, from which its return's time runs: on the day of the bank's line;
/// where none has come yet, or it is of a day before the entry was sent, as planned.
async fn settled_on(desk: &Desk, matched: &[Option<&AchEntry<'_>>]) -> Result<Vec<Option<Date>>> {
    let rows = || matched.iter().flatten();
    let ids = rows().map(|row| PaymentId::from_key(row.payment_key));
    let ids: Vec<_> = ids.collect::<std::result::Result<_, _>>()?;
    let mut known = BTreeMap::new();
    for chunk in ids.chunks(CHUNK) {
        for payment in desk.ports.payments.get(chunk).await?.into_iter().flatten() {
            known.insert(payment.id.key(), payment.settled_on);
        }
    }
    let stated = |row: &AchEntry<'_>| known.get(&row.payment_key).copied().flatten();
    let on = |row: &AchEntry<'_>| dates::settled(row.settles_on, stated(row), row.cut_date).on;
    Ok(matched.iter().map(|row| row.map(on)).collect())
}

async fn apply(desk: &Desk, date: Date, file: &mut Ingested, taken: &[Taken<'_>]) -> Result<()> {
    let at = desk.moment(date);
    let (mut changes, mut about) = (Vec::new(), Vec::new());
    for taken in taken {
        let (Some(row), Some(event)) = (taken.entry, event(taken, date)) else {
            continue;
        };
        let payment = PaymentId::from_key(row.payment_key)?;
        changes.push(Change {
            payment,
            expected_version: None,
            event,
            date,
            at,
        });
        about.push(taken.one);
    }
    let applied = changes.into_iter().map(Ok);
    let not_taken = apply_all(desk, &file.name, applied).await?;
    for not_taken in not_taken {
        if let Some(one) = about.get(not_taken.at) {
            file.refused.extend(refused(&not_taken, one)?);
        }
    }
    Ok(())
}

/// What the reconciliation names: a return that cannot happen to its payment.
fn refused(not_taken: &NotTaken, one: &Received) -> Result<Option<Refused>> {
    let Why::NotAStep { state, event } = not_taken.why else {
        return Ok(None); // no version was asked for
    };
    Ok(Some(Refused {
        payment: not_taken.payment.to_string(),
        about: one.original.to_string(),
        event: event.as_str().to_owned(),
        state: state.as_str().to_owned(),
        cents: one.original_moved()?,
    }))
}

fn event(taken: &Taken<'_>, date: Date) -> Option<Event> {
    let Taken { one, late, .. } = *taken;
    let trace = one.trace;
    if one.kind.is_notice() {
        let change = one.code.clone();
        let told = one.kind == AnswerKind::Notice;
        return told.then_some(Event::NoticeOfChange { change, trace });
    }
    let code: ReturnCode = one.code.parse().ok()?;
    Some(match one.kind {
        AnswerKind::Return => Event::Returned {
            of: ReturnRef {
                code,
                trace,
                received_on: date,
                late,
            },
        },
        AnswerKind::Dishonored => Event::Dishonored { code, trace },
        AnswerKind::Contested => Event::Contested { code, trace },
        AnswerKind::Notice | AnswerKind::RefusedNotice => return None,
    })
}

fn row<'a>(
    file: &'a Ingested,
    date: Date,
    currency: Currency,
    taken: &'a Taken<'_>,
) -> Result<AchReturn<'a>> {
    let (one, matched) = (taken.one, taken.entry);
    let too_large = || too_large(&format!("{}, line {}", file.name, one.line));
    Ok(AchReturn {
        received_date: date,
        file: file.name.as_str().into(),
        line: i64::try_from(one.line).map_err(|_| too_large())?,
        kind: one.kind.as_str().into(),
        code: one.code.as_str().into(),
        return_trace: one.trace.key(),
        original_trace: one.original.key(),
        original_rdfi: i64::from(one.original_rdfi.get()),
        company_id: one.company_id.as_str().into(),
        sec: one.sec.as_str().into(),
        transaction_code: one.transaction_code,
        direction: one.direction.as_str().into(),
        amount: one.amount.signed().ok_or_else(too_large)?,
        payment_id: matched.map(|row| row.payment_id.to_string().into()),
        payment_key: matched.map(|row| row.payment_key),
        batch: matched.map(|row| row.batch.to_string().into()),
        late: taken.late,
        note: one.note.as_deref().map(Into::into),
        return_id: Some(one.id(file).into()),
        settled_date: Some(taken.settled.on),
        settled_by: Some(taken.settled.by.as_str().into()),
        names_payment: one.names_payment().map(PaymentId::key),
        originator: matched.map(|row| row.originator.to_string().into()),
        cut_date: matched.map(|row| row.cut_date),
        currency: Some(currency.as_str().into()),
    })
}
