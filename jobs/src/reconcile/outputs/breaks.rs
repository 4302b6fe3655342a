//! The breaks of a day: what its legs found, what its files say, and what is still open of before.

use crate::reconcile::inputs::Inputs;
use crate::reconcile::legs::Legs;
use crate::reconcile::outputs::carried::{Carried, closing};
use crate::reconcile::outputs::residue;
use crate::records::breaks::{AUTO_CLEARED, BreakRecord, other};
use crate::records::ingested::Aside;
use formats::tables::Break as BreakRow;
use jiff::civil::Date;
use settlement::money::SignedCents;
use settlement::reconcile::legs::{Break, BreakKind, Leg};
use std::collections::{BTreeMap, BTreeSet};

/// Today's breaks, and those of before that nobody has resolved.
pub(super) fn all(inputs: &Inputs, day: &Legs, carried: &Carried) -> Vec<BreakRecord> {
    let references: BTreeMap<String, String> = inputs
        .lines
        .iter()
        .map(|line| (line.id.clone(), line.reference.clone()))
        .collect();
    let mut all: BTreeMap<String, BreakRecord> = BTreeMap::new();
    let waiting = waiting(carried);
    for record in inputs.before.breaks.iter().filter(|b| b.status == "OPEN") {
        let mut record = record.clone();
        if came_after_all(&record, &waiting) {
            record.status = "AUTO_CLEARED".to_owned();
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
        .chain(duplicates(inputs))
        .chain(refusals(inputs, day));
    for record in legs.chain(others).chain(cash(inputs)) {
        all.entry(record.id.clone()).or_insert(record);
    }
    residue::note(inputs, carried, &mut all);
    all.into_values().collect()
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
    let open = record.status == "OPEN" && record.leg == Leg::L3.as_str();
    let missing = record.kind == BreakKind::MissingAtBank.as_str() && record.right.is_none();
    record.left.clone().filter(|_| open && !missing)
}

/// Whether a batch or return that was missing waits no more: its line came after all.
fn came_after_all(record: &BreakRecord, waiting: &BTreeSet<String>) -> bool {
    let missing = record.kind == BreakKind::MissingAtBank.as_str();
    let whole = record.leg == Leg::L3.as_str() && record.left.as_ref() == Some(&record.key);
    missing && whole && !waiting.contains(&record.key)
}

/// Files that are wrong themselves, and entries of theirs that were put aside.
fn file_breaks(inputs: &Inputs) -> impl Iterator<Item = BreakRecord> + '_ {
    let odd = inputs.odd_files().map(|(file, kind)| {
        let kind_name = file
            .break_kind
            .clone()
            .unwrap_or_else(|| kind.as_str().to_owned());
        let why = file.reason.clone();
        let why = why.unwrap_or_else(|| "the same content came before: nothing was changed".into());
        let cents = SignedCents::ZERO;
        other(
            inputs.date,
            &kind_name,
            "FILE",
            &file.name,
            &file.object,
            cents,
            why,
        )
    });
    let aside = inputs.files.iter().flat_map(move |file| {
        file.aside.iter().map(move |Aside { line, cents, why }| {
            let (kind, key) = (
                BreakKind::ControlTotal.as_str(),
                format!("{}:{line}", file.name),
            );
            other(
                inputs.date,
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
        other(inputs.date, kind, "L2", &key, &answer.id, answer.cents, why)
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
                inputs.date,
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
            found.push(other(inputs.date, kind, "L4", &key, &account, cents, why));
        }
    }
    found
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
