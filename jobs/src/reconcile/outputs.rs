//! The tables and the record of a day's reconciliation.

mod breaks;
mod events;
mod residue;

use super::carry::{
    Applied, Closing, Difference, LegReport, OpenBatch, OpenReturn, Reconciled, SeenLine,
    SettledBatch,
};
use super::inputs::Inputs;
use super::{Legs, answered_today, both, deadlines, settled_today, worth_remembering};
use crate::desk::Desk;
use crate::entries::{self, Part};
use crate::failure::Result;
use formats::tables::{Breaks, Match as MatchRow, Matches};
use jiff::civil::Date;
use settlement::calendar::sub_banking_days;
use settlement::ids::{BatchKey, Direction, TraceNumber};
use settlement::money::SignedCents;
use settlement::reconcile::legs::{Break, BreakKind, Leg, l3};
use settlement::returns::oldest_original;
use std::collections::{BTreeMap, BTreeSet};

/// Banking days for which a line is remembered: a bank that tells a line twice does so soon.
const REMEMBER_DAYS: u16 = 10;

/// Writes the day's tables and answers with its record.
pub async fn write(desk: &Desk, inputs: Inputs, day: Legs) -> Result<Reconciled> {
    let date = inputs.date;
    let objects = &*desk.ports.objects;
    let told = answered_today(&inputs, &day.l3);
    let left = Left {
        open: open_batches(&inputs, &told),
        open_returns: open_returns(&inputs, &day, &told),
        differences: differences(&inputs, &day),
        applied: applied(&inputs, &day),
    };
    let breaks = breaks::all(&inputs, &day, &left);
    let mut parts: Vec<Part> = Vec::new();
    let matches = match_rows(&inputs, &day);
    parts.extend(entries::put_part::<Matches>(objects, date, "legs", matches).await?);
    let rows = breaks.iter().map(|record| breaks::row(date, record));
    parts.extend(entries::put_part::<Breaks>(objects, date, "legs", rows).await?);
    parts.extend(events::part(desk, date).await?);
    let settled = settled_today(&inputs, &day.l3);
    let legs = day
        .all()
        .map(|(leg, outcome)| report(leg, &outcome.conservation))
        .collect();
    Ok(Reconciled {
        date,
        previous: (inputs.before.date < date).then_some(inputs.before.date),
        parts,
        legs,
        breaks,
        differences: left.differences,
        applied: left.applied,
        open: left.open,
        open_returns: left.open_returns,
        settled: settled_batches(&inputs, &settled),
        seen: seen(&inputs),
        answered: answered(&inputs),
        closing: closing(&inputs),
    })
}

/// What a day leaves for the next: what still waits, and what the next posting takes.
struct Left {
    open: Vec<OpenBatch>,
    open_returns: Vec<OpenReturn>,
    differences: Vec<Difference>,
    applied: Vec<Applied>,
}

fn open_batches(inputs: &Inputs, told: &BTreeSet<String>) -> Vec<OpenBatch> {
    let waits = |batch: &&OpenBatch| !told.contains(&batch.name());
    inputs.open.iter().filter(waits).cloned().collect()
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
        let side = line.and_then(|line| line.role.side());
        let direction = side.unwrap_or(Direction::Credit);
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

/// Lines that name no batch and were found to be one's.
fn applied(inputs: &Inputs, day: &Legs) -> Vec<Applied> {
    let pairs = day.l3.matches.iter().filter_map(|pair| {
        let line = inputs.lines.get(pair.right).filter(|l| l.batch.is_none())?;
        let batch = inputs.batches.get(pair.left)?;
        Some(Applied {
            line: line.into(),
            batch: batch.key,
            direction: batch.direction,
        })
    });
    pairs.collect()
}

fn open_returns(inputs: &Inputs, day: &Legs, told: &BTreeSet<String>) -> Vec<OpenReturn> {
    let all = inputs.returns_for_money(&day.l2);
    let base = inputs.batches.len();
    let matched: BTreeSet<usize> = day
        .l3
        .matches
        .iter()
        .filter_map(|pair| pair.left.checked_sub(base))
        .collect();
    let waits = |(at, returned): &(usize, &l3::Returned)| {
        !matched.contains(at) && !told.contains(&returned.trace.to_string())
    };
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
    // An answer is remembered as long as its entry can be answered.
    let oldest = oldest_original(inputs.date);
    let kept = inputs
        .before
        .answered
        .iter()
        .filter(|answer| answer.2 >= oldest)
        .copied();
    let new = inputs.answers.iter().map(|answer| {
        (
            answer.original_trace,
            answer.kind.is_notice(),
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
