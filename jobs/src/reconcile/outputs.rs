//! The tables and the record of a day's reconciliation.

mod events;

use super::carry::{
    BreakRecord, Closing, Difference, LegReport, OpenReturn, Reconciled, SeenLine, SettledBatch,
};
use super::inputs::Inputs;
use super::{Legs, both, deadlines, report_key, settled_today, worth_remembering};
use crate::desk::Desk;
use crate::entries::{self, Part};
use crate::failure::Result;
use formats::tables::{Break as BreakRow, Breaks, Match as MatchRow, Matches};
use jiff::civil::Date;
use settlement::calendar::sub_banking_days;
use settlement::ids::{BatchKey, Direction, TraceNumber};
use settlement::money::SignedCents;
use settlement::reconcile::legs::{Break, BreakKind, Leg, l2, l3};
use std::collections::{BTreeMap, BTreeSet};

/// Banking days for which a line is remembered: a bank that tells a line twice does so soon.
const REMEMBER_DAYS: u16 = 10;

/// Calendar days for which an answer is remembered: as long as its entry can be answered.
const ANSWER_DAYS: i64 = 65;

/// Breaks that need nobody: they are noted, and what they moved is posted or matched already.
const AUTO_CLEARED: &[BreakKind] = &[
    BreakKind::FeeNetted,
    BreakKind::Rounding,
    BreakKind::Date,
    BreakKind::DupFile,
];

/// Writes the day's tables and answers with its record.
pub async fn write(desk: &Desk, inputs: Inputs, day: Legs) -> Result<Reconciled> {
    let date = inputs.date;
    let objects = &*desk.ports.objects;
    let breaks = breaks(&inputs, &day);
    let mut parts: Vec<Part> = Vec::new();
    let matches = match_rows(&inputs, &day);
    parts.extend(entries::put_part::<Matches>(objects, date, "legs", matches).await?);
    let rows = breaks.iter().map(|record| break_row(date, record));
    parts.extend(entries::put_part::<Breaks>(objects, date, "legs", rows).await?);
    parts.extend(events::part(desk, date).await?);
    let settled = settled_today(&inputs, &day.l3);
    let legs = day
        .all()
        .map(|(leg, outcome)| report(leg, &outcome.conservation))
        .collect();
    let differences = differences(&inputs, &day);
    let matched: BTreeSet<_> = settled.iter().map(|(key, side, _)| (*key, *side)).collect();
    let open = inputs
        .open
        .iter()
        .filter(|batch| !matched.contains(&(batch.key, batch.direction)))
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
        answered: answered(&inputs),
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
        let mut record = record.clone();
        if came_after_all(inputs, day, &record) {
            record.status = "AUTO_CLEARED".to_owned();
        }
        all.insert(record.id.clone(), record);
    }
    let legs = day.all().flat_map(|(_, outcome)| &outcome.breaks);
    let legs = legs.map(|found| record(inputs.date, found, report_key(found, &references)));
    let others = file_breaks(inputs)
        .chain(duplicates(inputs))
        .chain(refusals(inputs, day));
    for record in legs.chain(others).chain(cash(inputs)) {
        all.entry(record.id.clone()).or_insert(record);
    }
    all.into_values().collect()
}

/// Whether what was missing has been matched today.
fn came_after_all(inputs: &Inputs, day: &Legs, record: &BreakRecord) -> bool {
    let matched = |left: &String| {
        let mut batches = day
            .l3_matches()
            .filter_map(|pair| inputs.batches.get(pair.left));
        batches.any(|batch| *left == format!("{}/{}", batch.key, batch.direction.as_str()))
    };
    record.kind == BreakKind::MissingAtBank.as_str() && record.left.as_ref().is_some_and(matched)
}

/// Files that are wrong themselves, and entries of theirs that were put aside.
fn file_breaks(inputs: &Inputs) -> impl Iterator<Item = BreakRecord> + '_ {
    let odd = inputs.odd_files().map(|(file, kind)| {
        let kind_name = file
            .break_kind
            .clone()
            .unwrap_or_else(|| kind.as_str().to_owned());
        let why = file.findings.last().cloned();
        let why = why.unwrap_or_else(|| "the same content came before: nothing was changed".into());
        let cents = SignedCents::ZERO;
        other(
            inputs,
            &kind_name,
            "FILE",
            &file.name,
            &file.object,
            cents,
            why,
        )
    });
    let aside = inputs.files.iter().flat_map(move |file| {
        file.aside.iter().map(move |(line, cents, why)| {
            let (kind, key) = (
                BreakKind::ControlTotal.as_str(),
                format!("{}:{line}", file.name),
            );
            other(
                inputs,
                kind,
                "FILE",
                &key,
                &file.object,
                *cents,
                why.clone(),
            )
        })
    });
    odd.chain(aside)
}

/// Answers that an earlier day has had.
fn duplicates(inputs: &Inputs) -> impl Iterator<Item = BreakRecord> + '_ {
    inputs.answered_before().map(|answer| {
        let (key, why) = (
            answer.original_trace.to_string(),
            "answered on an earlier day".into(),
        );
        let kind = BreakKind::DupEntry.as_str();
        other(inputs, kind, "L2", &key, &answer.id, answer.cents, why)
    })
}

/// Events that a payment's list of steps refused, but for those that a duplicate explains.
fn refusals<'a>(inputs: &'a Inputs, day: &'a Legs) -> impl Iterator<Item = BreakRecord> + 'a {
    let twice = day.all().flat_map(|(_, outcome)| &outcome.breaks);
    let twice = twice
        .filter(|b| b.kind == BreakKind::DupEntry)
        .map(|b| b.key.clone());
    let before = inputs
        .answered_before()
        .map(|answer| answer.original_trace.to_string());
    let explained: BTreeSet<String> = twice.chain(before).collect();
    let refused = inputs.files.iter().flat_map(|file| &file.refused);
    refused
        .filter(move |refused| !explained.contains(&refused.about))
        .map(|refused| {
            let why = format!(
                "{} cannot happen to payment {} in state {}: nothing was changed",
                refused.event, refused.payment, refused.state
            );
            let kind = BreakKind::Status.as_str();
            other(
                inputs,
                kind,
                "L2",
                &refused.about,
                &refused.payment,
                refused.cents,
                why,
            )
        })
}

/// The bank's closing balance against its first opening balance and all that was posted.
fn cash(inputs: &Inputs) -> Vec<BreakRecord> {
    let mut found = Vec::new();
    for (account, closing) in closing(inputs) {
        let books = closing.opened.checked_add(closing.posted);
        let off = books.and_then(|books| closing.cents.checked_sub(books));
        if off.is_some_and(|off| !off.is_zero()) {
            let why = format!(
                "opened with {} and posted {}, but the bank closes with {}",
                closing.opened, closing.posted, closing.cents
            );
            let key = format!("...{account} {}", closing.date);
            let (kind, cents) = (
                BreakKind::BalanceAssertion.as_str(),
                off.unwrap_or_default(),
            );
            found.push(other(inputs, kind, "L4", &key, &account, cents, why));
        }
    }
    found
}

/// A break that no leg found.
fn other(
    inputs: &Inputs,
    kind: &str,
    leg: &str,
    key: &str,
    right: &str,
    cents: SignedCents,
    explanation: String,
) -> BreakRecord {
    let cleared = AUTO_CLEARED.iter().any(|auto| auto.as_str() == kind);
    BreakRecord {
        id: format!("{leg}/{kind}/{key}@{right}"),
        kind: kind.to_owned(),
        leg: leg.to_owned(),
        key: key.to_owned(),
        cents,
        left: None,
        right: Some(right.to_owned()),
        first_seen: inputs.date,
        status: if cleared { "AUTO_CLEARED" } else { "OPEN" }.to_owned(),
        explanation,
    }
}

fn status(kind: BreakKind) -> String {
    if AUTO_CLEARED.contains(&kind) {
        "AUTO_CLEARED"
    } else {
        "OPEN"
    }
    .to_owned()
}

/// A break's name: what the leg calls it, and the record it is about. Two breaks of one kind and
/// key on two days are two, unless it is the same record that is still missing.
fn named(found: &Break) -> String {
    let about = found.right.as_deref().or(found.left.as_deref());
    format!("{}@{}", found.id(), about.unwrap_or_default())
}

fn record(date: Date, found: &Break, key: String) -> BreakRecord {
    BreakRecord {
        id: named(found),
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

fn settled_batches(inputs: &Inputs, settled: &[(BatchKey, Direction, usize)]) -> Vec<SettledBatch> {
    let kept = inputs
        .before
        .settled
        .iter()
        .filter(|batch| batch.closes > inputs.date);
    // The posting of this date has ended what was due by then.
    let kept = kept.cloned().map(|mut batch| {
        batch.hold_ended |= batch.hold_ends <= inputs.date;
        batch
    });
    let new = settled.iter().filter_map(|(key, direction, line)| {
        let (key, direction, on) = (*key, *direction, inputs.lines.get(*line)?.value_date);
        let (hold_ends, closes) = deadlines(on);
        Some(SettledBatch {
            key,
            on,
            direction,
            hold_ends,
            hold_ended: false,
            closes,
        })
    });
    kept.chain(new).collect()
}

fn answered(inputs: &Inputs) -> Vec<(TraceNumber, bool, Date)> {
    let oldest = inputs
        .date
        .checked_sub(jiff::Span::new().days(ANSWER_DAYS))
        .unwrap_or(Date::MIN);
    let kept = inputs
        .before
        .answered
        .iter()
        .filter(|answer| answer.2 >= oldest)
        .copied();
    let new = inputs.answers.iter().map(|answer| {
        (
            answer.original_trace,
            answer.kind == l2::AnswerKind::Noc,
            answer.received,
        )
    });
    let mut all: Vec<_> = kept.chain(new).collect();
    all.sort_unstable();
    all.dedup();
    all
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
    let posted = inputs.ledger_cash.iter().map(|line| line.cents.get());
    let posted = posted.fold(0i64, i64::saturating_add);
    for head in inputs.files.iter().flat_map(|file| &file.statements) {
        let (Some(opening), Some(cents)) = (head.opening, head.closing) else {
            continue;
        };
        let fresh = Closing {
            date: head.as_of,
            cents,
            opened: opening,
            posted: SignedCents::ZERO,
        };
        let last = closing.entry(head.account_last4.clone()).or_insert(fresh);
        if last.date <= head.as_of {
            (last.date, last.cents) = (head.as_of, cents);
        }
    }
    for last in closing.values_mut() {
        last.posted = SignedCents::new(last.posted.get().saturating_add(posted));
    }
    closing
}
