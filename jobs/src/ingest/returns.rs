//! Returns and notifications of change: from a NACHA file of the bank to events on payments.
//!
//! Each entry is matched to the one entry of ours it answers by original trace, receiving bank,
//! company and amount (`settlement::reconcile`); one that matches nothing stays in the table for
//! the reconciliation to name. A notification's corrected data may hold an account number, so
//! the table keeps the code and what kind of data came, never the data.

use crate::parts;
use crate::records::ingested::{Ingested, Refused};
use bytes::Bytes;
use connectors::{Applied, Change};
use desk::failure::{Failure, Result};
use desk::names;
use desk::{CHUNK, Desk};
use formats::nacha::{Dialect, Entry, Event as Nacha, Finding, Reader, Severity, latin};
use formats::tables::{AchEntry, AchReturn, AchReturns};
use jiff::civil::Date;
use settlement::codes::returns::ReturnCode;
use settlement::ids::{Direction, PaymentId, TraceNumber};
use settlement::money::{Cents, SignedCents};
use settlement::payment::{Event, EventKind, Refusal, ReturnRef, State};
use settlement::returns::is_late;
use std::collections::{BTreeMap, BTreeSet};

/// A return or notification as the file has it.
struct Received {
    line: u64,
    kind: &'static str,
    code: String,
    trace: TraceNumber,
    original: TraceNumber,
    original_rdfi: i64,
    company_id: String,
    individual_id: String,
    sec: String,
    transaction_code: i32,
    direction: Direction,
    amount: Cents,
    note: Option<String>,
}

pub(super) async fn take(desk: &Desk, date: Date, file: &mut Ingested, body: &Bytes) -> Result<()> {
    let dialect = Dialect::of(desk.bank.dialect.iter().map(|habit| habit.arm));
    let received = read(file, body, &dialect)?;
    if !file.taken() {
        return Ok(());
    }
    let traces: BTreeSet<i64> = received.iter().map(|r| r.original.key()).collect();
    let ours = parts::with_traces(desk, date, &traces).await?;
    let mut by_trace: BTreeMap<i64, Vec<&AchEntry<'_>>> = BTreeMap::new();
    for row in &ours {
        by_trace.entry(row.trace).or_default().push(row);
    }
    let matched: Vec<Option<&AchEntry<'_>>> = received
        .iter()
        .map(|r| {
            original(
                r,
                by_trace
                    .get(&r.original.key())
                    .map_or(&[][..], Vec::as_slice),
            )
        })
        .collect();
    let settled = settled_on(desk, &matched).await?;
    apply(desk, date, file, &received, &matched, &settled).await?;
    let rows = received
        .iter()
        .zip(matched.iter().zip(&settled))
        .map(|(r, (m, settled))| row(&file.name, date, r, *m, *settled));
    let objects = &*desk.ports.objects;
    file.parts.extend(
        parts::put_part::<AchReturns>(objects, date, &names::stem(&file.name), rows).await?,
    );
    Ok(())
}

/// Reads the whole file; its good entries, unless its totals say that something is missing.
fn read(file: &mut Ingested, body: &Bytes, dialect: &Dialect) -> Result<Vec<Received>> {
    let mut reader = Reader::under(&body[..], dialect);
    let mut received = Vec::new();
    let mut bad_entries = 0u64;
    while let Some(event) = reader.next()? {
        let Nacha::Entry(entry) = event else { continue };
        let amount = entry.detail.amount().unwrap_or(Cents::ZERO);
        let cents = amount.saturating_signed();
        file.records.add(cents);
        match (entry.errors, understand(&entry)) {
            (0, Some(one)) => received.push(one),
            _ => {
                bad_entries = bad_entries.saturating_add(entry.errors);
                let line = entry.place.line;
                let why = format!("line {line}, entry: not a return or a change: ask the bank");
                file.put_aside(line, cents, why);
            }
        }
    }
    let report = reader.finish()?;
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

fn understand(entry: &Entry<'_>) -> Option<Received> {
    let addenda = entry
        .addenda()
        .find(|a| matches!(&a.type_code(), b"98" | b"99"))?;
    let (detail, batch) = (&entry.detail, entry.batch());
    let common = |kind, code: String, trace, original, rdfi: i64, note| Received {
        line: entry.place.line,
        kind,
        code,
        trace,
        original,
        original_rdfi: rdfi,
        company_id: batch.company_id().into_owned(),
        individual_id: detail.individual_id().trim().to_owned(),
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
        let kind = match (of.earlier, of.code.as_str()) {
            (None, _) => "return",
            (Some(_), code) if code < "R71" => "dishonored",
            (Some(_), _) => "contested",
        };
        let rdfi = of.original_rdfi.map_or(0, |rdfi| i64::from(rdfi.get()));
        let note = Some(of.information.trim().to_owned()).filter(|text| !text.is_empty());
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
    let kind = if of.refuses.is_some() {
        "refused"
    } else {
        "noc"
    };
    let rdfi = of.original_rdfi.map_or(0, |rdfi| i64::from(rdfi.get()));
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

/// The one entry of ours that this answers; none where no entry or more than one fits.
fn original<'a, 'r>(
    received: &Received,
    candidates: &[&'a AchEntry<'r>],
) -> Option<&'a AchEntry<'r>> {
    let fits = |row: &&&AchEntry<'_>| {
        row.routing.div_euclid(10) == received.original_rdfi
            && row.company_id.trim() == received.company_id.trim()
            && (received.kind == "noc" || row.amount.magnitude() == received.amount)
    };
    let fitting: Vec<_> = candidates.iter().filter(fits).collect();
    let named = |row: &&&&AchEntry<'_>| *row.payment_id == *received.individual_id;
    let named: Vec<_> = fitting.iter().filter(named).collect();
    match (named.as_slice(), fitting.as_slice()) {
        ([one], _) => Some(***one),
        ([], [one]) => Some(**one),
        _ => None, // two equally good candidates are never picked
    }
}

/// When each entry settled, from which its return's time runs: on the day of the bank's line;
/// where none has come yet, as planned.
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
    let on = |row: &AchEntry<'_>| known.get(&row.payment_key).copied().flatten();
    let each = matched
        .iter()
        .map(|row| row.map(|row| on(row).unwrap_or(row.settles_on)));
    Ok(each.collect())
}

async fn apply(
    desk: &Desk,
    date: Date,
    file: &mut Ingested,
    received: &[Received],
    matched: &[Option<&AchEntry<'_>>],
    settled: &[Option<Date>],
) -> Result<()> {
    let at = desk.moment(date);
    let (mut changes, mut about) = (Vec::new(), Vec::new());
    for (one, (row, settled)) in received.iter().zip(matched.iter().zip(settled)) {
        let (Some(row), Some(settled)) = (row, settled) else {
            continue;
        };
        let Some(event) = event(one, *settled, date) else {
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
        about.push(one);
    }
    for (chunk, about) in changes.chunks(CHUNK).zip(about.chunks(CHUNK)) {
        let answers = desk.ports.payments.apply(chunk.to_vec()).await?;
        for ((change, one), answer) in chunk.iter().zip(about).zip(answers) {
            match answer {
                Applied::NotFound => {
                    let why = "a returned entry's payment is not in the store";
                    return Err(Failure::findings(why));
                }
                Applied::Refused(Refusal::NotAStep { state, event }) => {
                    file.refused.push(refused(change, one, event, state));
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// What the reconciliation names: a return that cannot happen to its payment.
fn refused(change: &Change, one: &Received, event: EventKind, state: State) -> Refused {
    let cents = one.amount.saturating_signed().get();
    let sign = if one.direction == Direction::Credit {
        -1
    } else {
        1
    };
    Refused {
        payment: change.payment.to_string(),
        about: one.original.to_string(),
        event: event.as_str().to_owned(),
        state: state.as_str().to_owned(),
        cents: SignedCents::new(cents.saturating_mul(sign)),
    }
}

fn event(one: &Received, settled: Date, date: Date) -> Option<Event> {
    let trace = one.trace;
    match one.kind {
        "return" => {
            let code: ReturnCode = one.code.parse().ok()?;
            let late = is_late(code, settled, date);
            Some(Event::Returned {
                of: ReturnRef {
                    code,
                    trace,
                    received_on: date,
                    late,
                },
            })
        }
        "noc" => Some(Event::NoticeOfChange {
            change: one.code.clone(),
            trace,
        }),
        "contested" => one.code.parse().ok().map(|code| Event::Contested { code }),
        _ => None,
    }
}

fn row<'a>(
    file: &'a str,
    date: Date,
    one: &'a Received,
    matched: Option<&AchEntry<'_>>,
    settled: Option<Date>,
) -> AchReturn<'a> {
    let late = settled.zip(one.code.parse().ok());
    AchReturn {
        received_date: date,
        file: file.into(),
        line: i64::try_from(one.line).unwrap_or(i64::MAX),
        kind: one.kind.into(),
        code: one.code.as_str().into(),
        return_trace: one.trace.key(),
        original_trace: one.original.key(),
        original_rdfi: one.original_rdfi,
        company_id: one.company_id.as_str().into(),
        sec: one.sec.as_str().into(),
        transaction_code: one.transaction_code,
        direction: one.direction.as_str().into(),
        amount: one.amount.saturating_signed(),
        payment_id: matched.map(|row| row.payment_id.to_string().into()),
        payment_key: matched.map(|row| row.payment_key),
        batch: matched.map(|row| row.batch.to_string().into()),
        late: late.is_some_and(|(settled, code)| is_late(code, settled, date)),
        note: one.note.as_deref().map(Into::into),
    }
}
