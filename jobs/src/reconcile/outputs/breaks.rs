//! The breaks of a day: what its legs found, what its files say, and what is still open of before.

use crate::reconcile::inputs::Inputs;
use crate::reconcile::legs::{Legs, settled_on, settled_today};
use crate::reconcile::outputs::carried::{Carried, closing};
use crate::reconcile::outputs::residue;
use crate::records::breaks::BreakRecord;
use crate::records::ingested::{Aside, Held, Refused};
use desk::failure::{Result, too_large};
use formats::tables::Break as BreakRow;
use jiff::civil::Date;
use settlement::dates::Settled;
use settlement::money::SignedCents;
use settlement::reconcile::legs::{Break, BreakKind, BreakStatus, Leg};
use std::collections::{BTreeMap, BTreeSet};

/// Today's breaks, and those of before that nobody has resolved.
pub(super) fn all(inputs: &Inputs, day: &Legs, carried: &Carried) -> Result<Vec<BreakRecord>> {
    let references: BTreeMap<String, String> = inputs
        .l3
        .lines
        .iter()
        .map(|line| (line.id.clone(), line.reference.clone()))
        .collect();
    let mut all: BTreeMap<String, BreakRecord> = BTreeMap::new();
    let waiting = waiting(carried);
    let corrected = inputs.l2.corrected().into_iter();
    let corrected: BTreeMap<&str, &str> = corrected
        .filter_map(|(told, by)| Some((told.id.as_deref()?, by)))
        .collect();
    for record in inputs.before.breaks.iter().filter(|b| b.is_open()) {
        let mut record = record.clone();
        if came_after_all(&record, &waiting) {
            record.status = BreakStatus::AutoCleared;
        }
        if let Some(by) = record
            .left
            .as_ref()
            .and_then(|id| corrected.get(id.as_str()))
        {
            record.status = BreakStatus::AutoCleared;
            let by = format!("; corrected by {by}, which answers in its place");
            record.explanation.push_str(&by);
        }
        all.insert(record.id.clone(), record);
    }
    let known: BTreeSet<String> = all.values().filter_map(told_of).collect();
    let legs = day.all().flat_map(|(_, outcome)| &outcome.breaks);
    let legs = legs.filter(|found| {
        // A batch whose lines are in question is not missing as well.
        let about = found.left.as_ref().filter(|_| is_missing(found));
        !about.is_some_and(|left| known.contains(left))
    });
    let legs = legs.map(|found| record(inputs.date, found, report_key(found, &references)));
    let others = file_breaks(inputs)
        .chain(held(inputs))
        .chain(refusals(inputs, day));
    let others = others.chain(before_it_was_sent(inputs, day));
    for record in legs.chain(others).chain(cash(inputs)?) {
        all.entry(record.id.clone()).or_insert(record);
    }
    residue::note(inputs, carried, &mut all)?;
    Ok(all.into_values().collect())
}

/// The names of batches and returns that wait for their line.
fn waiting(carried: &Carried) -> BTreeSet<String> {
    let returns = carried
        .open_returns
        .iter()
        .map(|open| open.trace.to_string());
    carried
        .open
        .iter()
        .map(|batch| batch.name())
        .chain(returns)
        .collect()
}

fn is_missing(found: &Break) -> bool {
    found.kind == BreakKind::MissingAtBank && found.right.is_none()
}

/// What an open break says of our side that is not that it is missing.
fn told_of(record: &BreakRecord) -> Option<String> {
    let open = record.is_open() && record.leg == Leg::L3;
    let missing = record.kind == BreakKind::MissingAtBank && record.right.is_none();
    record.left.clone().filter(|_| open && !missing)
}

/// Whether a batch or return that was missing waits no more: its line came after all.
fn came_after_all(record: &BreakRecord, waiting: &BTreeSet<String>) -> bool {
    let missing = record.kind == BreakKind::MissingAtBank;
    let whole = record.leg == Leg::L3 && record.left.as_ref() == Some(&record.key);
    missing && whole && !waiting.contains(&record.key)
}

/// Files that are wrong themselves, and entries of theirs that were put aside.
fn file_breaks(inputs: &Inputs) -> impl Iterator<Item = BreakRecord> + '_ {
    let odd = inputs.odd_files().map(|(file, kind)| {
        let about = (Leg::File, file.break_kind.unwrap_or(kind));
        let why = file.reason.clone();
        let why = why.unwrap_or_else(|| "the same content came before: nothing was changed".into());
        let cents = SignedCents::ZERO;
        BreakRecord::found(inputs.date, about, &file.name, &file.object, cents, why)
    });
    let aside = inputs.files.iter().flat_map(move |file| {
        file.aside.iter().map(move |Aside { line, cents, why }| {
            let about = (Leg::File, BreakKind::ControlTotal);
            let (key, why) = (format!("{}:{line}", file.name), why.clone());
            BreakRecord::found(inputs.date, about, &key, &file.object, *cents, why)
        })
    });
    odd.chain(aside)
}

/// Files that the bank answered too late for some of their payments: each is one break.
fn held(inputs: &Inputs) -> impl Iterator<Item = BreakRecord> + '_ {
    let files = inputs.files.iter().map(|read| &read.record);
    let held = files.flat_map(|file| file.held.iter().map(move |held| (file, held)));
    held.map(
        |(
            file,
            Held {
                file: key,
                cents,
                why,
                ..
            },
        )| {
            let about = (Leg::File, BreakKind::Status);
            BreakRecord::found(inputs.date, about, key, &file.object, *cents, why.clone())
        },
    )
}

/// Batches whose lines count from a day on which the bank did not have their file yet.
fn before_it_was_sent(inputs: &Inputs, day: &Legs) -> Vec<BreakRecord> {
    let mut found = Vec::new();
    for (key, side, at) in settled_today(inputs, &day.l3) {
        let Settled { on, impossible } = settled_on(inputs, (key, side, at));
        let (Some(value), Some(line)) = (impossible, inputs.l3.lines.get(at)) else {
            continue;
        };
        let why = format!(
            "the bank's line counts from {value}, before the file was sent: holds and windows run \
             from {on}, ask the bank"
        );
        let about = (Leg::L3, BreakKind::Date);
        let key = format!("{key}/{}/value", side.as_str());
        let mut record = BreakRecord::found(inputs.date, about, &key, &line.id, line.cents, why);
        record.status = BreakStatus::Open;
        found.push(record);
    }
    found
}

/// Events that a payment's list of steps refused, but for those that a duplicate explains.
fn refusals<'a>(inputs: &'a Inputs, day: &'a Legs) -> impl Iterator<Item = BreakRecord> + 'a {
    let twice = day.all().flat_map(|(_, outcome)| &outcome.breaks);
    let twice = twice.filter(|b| b.kind == BreakKind::DupEntry);
    // By payment, since a trace recurs.
    let explained: BTreeSet<String> = twice.filter_map(|b| b.right.clone()).collect();
    let refused = inputs.files.iter().flat_map(|file| &file.refused);
    refused
        .filter(move |refused| !explained.contains(&refused.payment))
        .map(|refused| {
            let why = format!(
                "{} cannot happen to payment {} in state {}: nothing was changed",
                refused.event, refused.payment, refused.state
            );
            let about = (Leg::L2, BreakKind::Status);
            let Refused {
                payment,
                about: key,
                cents,
                ..
            } = refused;
            BreakRecord::found(inputs.date, about, key, payment, *cents, why)
        })
}

/// The bank's closing balance against its first opening balance and all that was posted.
fn cash(inputs: &Inputs) -> Result<Vec<BreakRecord>> {
    let mut found = Vec::new();
    for (account, closing) in closing(inputs)? {
        let books = closing.opened.checked_add(closing.posted);
        let off = books.and_then(|books| closing.cents.checked_sub(books));
        let off = off.ok_or_else(|| too_large(&format!("cash on account ...{account}")))?;
        if !off.is_zero() {
            let why = format!(
                "opened with {} and posted {}, but the bank closes with {}",
                closing.opened, closing.posted, closing.cents
            );
            let key = format!("...{account} {}", closing.date);
            let about = (Leg::L4, BreakKind::BalanceAssertion);
            found.push(BreakRecord::found(
                inputs.date,
                about,
                &key,
                &account,
                off,
                why,
            ));
        }
    }
    Ok(found)
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
        kind: found.kind,
        leg: found.leg,
        key,
        cents: found.cents,
        left: found.left.clone(),
        right: found.right.clone(),
        first_seen: date,
        status: found.kind.status(),
        explanation: found.explanation.clone(),
    }
}

pub(super) fn row(date: Date, record: &BreakRecord) -> BreakRow<'_> {
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

/// What a break is keyed by in tables and reports: a line that names nothing of ours goes by the
/// bank's own reference.
fn report_key(found: &Break, references: &BTreeMap<String, String>) -> String {
    let reference = references
        .get(&found.key)
        .filter(|reference| !reference.is_empty());
    match (found.kind, reference) {
        (BreakKind::UnexpectedAtBank, Some(reference)) => reference.clone(),
        _ => found.key.clone(),
    }
}
