//! The tables and the record of a day's reconciliation.

use super::carry::{
    BreakRecord, Closing, Difference, LegReport, OpenReturn, Reconciled, SeenLine, SettledBatch,
};
use super::inputs::Inputs;
use super::{Legs, both, deadlines, report_key, settled_today, worth_remembering};
use crate::desk::{CHUNK, Desk};
use crate::entries::{self, Part};
use crate::failure::Result;
use formats::tables::{
    Break as BreakRow, Breaks, Match as MatchRow, Matches, PaymentEvent as EventRow, PaymentEvents,
    Table, Writer,
};
use jiff::civil::Date;
use settlement::calendar::sub_banking_days;
use settlement::ids::{Direction, PaymentId};
use settlement::money::SignedCents;
use settlement::payment::PaymentEvent;
use settlement::reconcile::legs::{Break, BreakKind, Leg, l3};
use std::collections::{BTreeMap, BTreeSet};

/// Banking days for which a line is remembered: a bank that tells a line twice does so soon.
const REMEMBER_DAYS: u16 = 10;

/// Breaks that need nobody: they are noted, and what they moved is posted or matched already.
const AUTO_CLEARED: &[BreakKind] = &[
    BreakKind::FeeNetted,
    BreakKind::Rounding,
    BreakKind::Date,
    BreakKind::DupFile,
];

/// Writes the day's tables and answers with its record.
pub async fn write(
    desk: &Desk,
    inputs: Inputs,
    day: Legs,
    lost: Vec<PaymentId>,
) -> Result<Reconciled> {
    let date = inputs.date;
    let objects = &*desk.ports.objects;
    let breaks = breaks(&inputs, &day);
    let mut parts: Vec<Part> = Vec::new();
    let matches = match_rows(&inputs, &day);
    parts.extend(entries::put_part::<Matches>(objects, date, "legs", matches).await?);
    let rows = breaks.iter().map(|record| break_row(date, record));
    parts.extend(entries::put_part::<Breaks>(objects, date, "legs", rows).await?);
    parts.extend(events(desk, date).await?);
    debug_assert!(lost.len() <= inputs.lines.len());
    let settled = settled_today(&inputs, &day.l3);
    let legs = day
        .all()
        .map(|(leg, outcome)| report(leg, &outcome.conservation))
        .collect();
    let differences = differences(&inputs, &day);
    let matched: BTreeSet<_> = settled.iter().map(|(key, _)| *key).collect();
    let open = inputs
        .open
        .iter()
        .filter(|batch| !matched.contains(&batch.key))
        .cloned()
        .collect();
    Ok(Reconciled {
        date,
        previous: (inputs.before.date < date).then_some(inputs.before.date),
        parts,
        legs,
        breaks,
        differences,
        open,
        open_returns: open_returns(&inputs, &day),
        settled: settled_batches(&inputs, &settled),
        seen: seen(&inputs),
        closing: closing(&inputs),
    })
}

fn report(leg: Leg, conservation: &settlement::reconcile::legs::Conservation) -> LegReport {
    LegReport {
        leg: leg.as_str().to_owned(),
        taken: both(conservation, |side| side.taken),
        matched: both(conservation, |side| side.matched),
        broken: both(conservation, |side| side.broken),
        open: both(conservation, |side| side.open),
        idle: both(conservation, |side| side.idle),
        text: conservation.to_string(),
    }
}

/// Today's breaks, and those of before that nobody has resolved.
fn breaks(inputs: &Inputs, day: &Legs) -> Vec<BreakRecord> {
    let references: BTreeMap<String, String> = inputs
        .lines
        .iter()
        .map(|line| (line.id.clone(), line.reference.clone()))
        .collect();
    let mut all: BTreeMap<String, BreakRecord> = BTreeMap::new();
    for record in inputs.before.breaks.iter().filter(|b| b.status == "OPEN") {
        all.insert(record.id.clone(), record.clone());
    }
    let found = day.all().flat_map(|(_, outcome)| &outcome.breaks);
    for found in found {
        let record = record(inputs.date, found, report_key(found, &references));
        all.entry(record.id.clone()).or_insert(record);
    }
    for (file, kind) in inputs.odd_files() {
        let id = format!("FILE/{kind}/{}", file.name);
        let record = BreakRecord {
            id: id.clone(),
            kind: kind.as_str().to_owned(),
            leg: "FILE".to_owned(),
            key: file.name.clone(),
            cents: SignedCents::ZERO,
            left: None,
            right: Some(file.object.clone()),
            first_seen: inputs.date,
            status: status(kind),
            explanation: file.findings.last().cloned().unwrap_or_else(|| {
                "the same content came before: noted, nothing was changed".to_owned()
            }),
        };
        all.entry(id).or_insert(record);
    }
    all.into_values().collect()
}

fn status(kind: BreakKind) -> String {
    if AUTO_CLEARED.contains(&kind) {
        "AUTO_CLEARED"
    } else {
        "OPEN"
    }
    .to_owned()
}

fn record(date: Date, found: &Break, key: String) -> BreakRecord {
    BreakRecord {
        id: found.id(),
        kind: found.kind.as_str().to_owned(),
        leg: found.leg.as_str().to_owned(),
        key,
        cents: found.cents,
        left: found.left.clone(),
        right: found.right.clone(),
        first_seen: date,
        status: status(found.kind),
        explanation: found.explanation.clone(),
    }
}

fn break_row(date: Date, record: &BreakRecord) -> BreakRow<'_> {
    let age = date
        .since(record.first_seen)
        .map_or(0, |span| span.get_days());
    BreakRow {
        recon_date: date,
        break_id: record.id.as_str().into(),
        kind: record.kind.as_str().into(),
        leg: record.leg.as_str().into(),
        key: record.key.as_str().into(),
        amount: record.cents,
        left_id: record.left.as_deref().map(Into::into),
        right_id: record.right.as_deref().map(Into::into),
        first_seen: record.first_seen,
        age_days: age,
        status: record.status.as_str().into(),
        explanation: record.explanation.as_str().into(),
    }
}

fn match_rows(inputs: &Inputs, day: &Legs) -> Vec<MatchRow<'static>> {
    let mut rows = Vec::new();
    for (leg, outcome) in day.all() {
        for pair in &outcome.matches {
            if let Some((left, right, amount)) = name(inputs, day, leg, pair.left, pair.right) {
                rows.push(MatchRow {
                    recon_date: inputs.date,
                    leg: leg.as_str().into(),
                    left_id: left.into(),
                    right_id: right.into(),
                    amount,
                    note: "".into(),
                });
            }
        }
    }
    rows
}

fn name(
    inputs: &Inputs,
    day: &Legs,
    leg: Leg,
    left: usize,
    right: usize,
) -> Option<(String, String, SignedCents)> {
    Some(match leg {
        Leg::L1 => {
            let (payment, entry) = (inputs.claimed.get(left)?, inputs.sent.get(right)?);
            let id = format!("{}/{}", entry.batch, entry.trace);
            (payment.payment.to_string(), id, payment.cents)
        }
        Leg::L2 => {
            let (answer, entry) = (inputs.answers.get(left)?, inputs.entries.get(right)?);
            (answer.id.clone(), entry.payment.to_string(), answer.cents)
        }
        Leg::L3 => {
            let line = inputs.lines.get(right)?;
            let left = match inputs.batches.get(left) {
                Some(batch) => batch.key.to_string(),
                None => {
                    let at = left.checked_sub(inputs.batches.len())?;
                    inputs.returns_for_money(&day.l2).get(at)?.trace.to_string()
                }
            };
            (left, line.id.clone(), line.cents)
        }
        Leg::L4 => {
            let (bank, ledger) = (inputs.bank_cash.get(left)?, inputs.ledger_cash.get(right)?);
            (bank.bank_line.clone(), ledger.reference.clone(), bank.cents)
        }
    })
}

/// Netted fees and rounding: the residue they leave on the batch's clearing account.
fn differences(inputs: &Inputs, day: &Legs) -> Vec<Difference> {
    let explained = |b: &&Break| matches!(b.kind, BreakKind::FeeNetted | BreakKind::Rounding);
    let mut all = Vec::new();
    for found in day.l3.breaks.iter().filter(explained) {
        let line = inputs
            .lines
            .iter()
            .find(|l| Some(&l.id) == found.right.as_ref());
        let Some(batch) = line.and_then(|line| line.batch) else {
            continue;
        };
        let side = inputs.batches.iter().find(|b| b.key == batch);
        let direction = side.map_or(Direction::Credit, |b| b.direction);
        // The line took more, or brought less, than the batch: what is missing on our account
        // remains as a debit on the clearing account.
        let residue = SignedCents::new(found.cents.get().saturating_neg());
        let fee = found.kind == BreakKind::FeeNetted;
        all.push(Difference {
            found_by: found.id(),
            batch,
            direction,
            residue,
            fee,
        });
    }
    all
}

fn open_returns(inputs: &Inputs, day: &Legs) -> Vec<OpenReturn> {
    let all = inputs.returns_for_money(&day.l2);
    let base = inputs.batches.len();
    let matched: BTreeSet<usize> = day
        .l3
        .matches
        .iter()
        .filter_map(|pair| pair.left.checked_sub(base))
        .collect();
    let waits = |(at, _): &(usize, &l3::Returned)| !matched.contains(at);
    all.iter()
        .enumerate()
        .filter(waits)
        .map(|(_, returned)| returned.into())
        .collect()
}

fn settled_batches(
    inputs: &Inputs,
    settled: &[(settlement::ids::BatchKey, usize)],
) -> Vec<SettledBatch> {
    let kept = inputs
        .before
        .settled
        .iter()
        .filter(|batch| batch.closes > inputs.date)
        .cloned();
    let new = settled.iter().filter_map(|(key, line)| {
        let on = inputs.lines.get(*line)?.value_date;
        let (hold_ends, closes) = deadlines(on);
        // A line that came late must not end the hold before a day that is still to be posted.
        let next = settlement::calendar::next_banking_day(inputs.date);
        Some(SettledBatch {
            key: *key,
            on,
            hold_ends: hold_ends.max(next),
            closes,
        })
    });
    kept.chain(new).collect()
}

fn seen(inputs: &Inputs) -> Vec<SeenLine> {
    let oldest = sub_banking_days(inputs.date, REMEMBER_DAYS);
    let kept = inputs
        .before
        .seen
        .iter()
        .filter(|line| line.value_date >= oldest)
        .cloned();
    let new = inputs
        .lines
        .iter()
        .filter(|line| worth_remembering(line.role));
    kept.chain(new.map(SeenLine::from)).collect()
}

fn closing(inputs: &Inputs) -> BTreeMap<String, Closing> {
    let mut closing = inputs.before.closing.clone();
    for head in inputs.files.iter().flat_map(|file| &file.statements) {
        let Some(cents) = head.closing else { continue };
        let last = closing.get(&head.account_last4).map(|closing| closing.date);
        if last.is_none_or(|last| last <= head.as_of) {
            closing.insert(
                head.account_last4.clone(),
                Closing {
                    date: head.as_of,
                    cents,
                },
            );
        }
    }
    closing
}

/// The day's events, streamed from the store into the table.
async fn events(desk: &Desk, date: Date) -> Result<Option<Part>> {
    let mut writer = Writer::<PaymentEvents, Vec<u8>>::new(Vec::new())?;
    let mut after = None;
    loop {
        let page = desk.ports.payments.events(date, after, CHUNK).await?;
        let Some(last) = page.last() else { break };
        after = Some((last.payment, last.version));
        for event in &page {
            writer.push(&event_row(event))?;
        }
    }
    let (written, bytes) = writer.finish_into()?;
    if written.rows == 0 {
        return Ok(None);
    }
    let sha256 = settlement::archive::sha256(&bytes).to_string();
    let name = crate::names::table_part(&PaymentEvents::INFO, date, "events", &sha256);
    desk.ports.objects.put_new(&name, bytes.into()).await?;
    Ok(Some(Part {
        name,
        rows: written.rows,
        cents: written.cents,
    }))
}

fn event_row(event: &PaymentEvent) -> EventRow<'_> {
    EventRow {
        event_date: event.date,
        at: event.at,
        payment_id: event.payment.to_string().into(),
        payment_key: event.payment.key(),
        version: i32::try_from(event.version).unwrap_or(i32::MAX),
        event: event.event.kind().as_str().into(),
        from_state: event.from.as_str().into(),
        to_state: event.to.as_str().into(),
        direction: event.direction.as_str().into(),
        amount: event.amount.signed().unwrap_or(SignedCents::ZERO),
        originator: event.originator.as_str().into(),
        trace: event.entry.map(|entry| entry.trace.key()),
        batch: event.entry.map(|entry| entry.batch.to_string().into()),
        detail: event.event.sameness().into(),
    }
}
