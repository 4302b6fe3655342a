//! The breaks of a day: what its legs found, what its files say, and what is still open of before.

use crate::reconcile::inputs::Inputs;
use crate::reconcile::legs::Legs;
use crate::reconcile::outputs::carried::legacy_until;
use crate::reconcile::outputs::files;
use crate::records::breaks::BreakRecord;
use crate::records::ingested::{Held, Refused};
use desk::failure::Result;
use formats::tables::Break as BreakRow;
use jiff::civil::Date;
use settlement::allocate::{Allocation, Kind};
use settlement::foreign;
use settlement::money::Currency;
use settlement::reconcile::legs::{Break, BreakKind, BreakStatus, Leg};
use std::collections::{BTreeMap, BTreeSet};

/// Today's breaks, and those of before: open still, or closed by what cured them.
pub(super) fn all(inputs: &Inputs, day: &Legs) -> Result<Vec<BreakRecord>> {
    let lines = inputs.l3.receipts();
    let references: BTreeMap<String, String> = lines
        .iter()
        .map(|line| (line.now.id.clone(), line.now.reference.clone()))
        .collect();
    let legs = day.all().flat_map(|(_, outcome)| &outcome.breaks);
    let found: Vec<BreakRecord> = legs
        .map(|found| record(inputs.date, found, report_key(found, &references)))
        .chain(files::of(inputs))
        .chain(held(inputs))
        .chain(refusals(inputs, day))
        .chain(before_it_was_sent(inputs))
        .chain(overdrawn(inputs))
        .collect();
    let found = going_on(inputs, found);
    let again: BTreeSet<&str> = found.iter().map(|one| one.id.as_str()).collect();
    let mut all: BTreeMap<String, BreakRecord> = BTreeMap::new();
    let taken_back = |record: &BreakRecord| {
        let line = record.right.as_ref();
        line.is_some_and(|line| inputs.taken_back.contains(line))
    };
    let corrected = inputs.l2.corrected().into_iter();
    let corrected: BTreeMap<&str, &str> = corrected
        .filter_map(|(told, by)| Some((told.id.as_deref()?, by)))
        .collect();
    for record in inputs.before.breaks.iter().filter(|b| b.is_open()) {
        let mut record = record.clone();
        if taken_back(&record) || files::is_healed(inputs, &record) {
            record.status = BreakStatus::AutoCleared;
            all.insert(record.id.clone(), record);
            continue;
        }
        if is_cured(inputs, &record) && !again.contains(record.id.as_str()) {
            record.status = BreakStatus::AutoCleared;
            record.explanation = format!(
                "{}; closed by itself: {}",
                record.explanation,
                cure(inputs, &record)
            );
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
    for record in found {
        add(inputs.date, &mut all, record);
    }
    replaced(inputs, &mut all);
    Ok(all.into_values().collect())
}

/// Adds what is found today: a break that is known goes on, with what is known of it now.
fn add(date: Date, all: &mut BTreeMap<String, BreakRecord>, record: BreakRecord) {
    match all.get_mut(&record.id) {
        Some(known) if known.is_open() => {
            // Where more of a settlement is gone than was, that is new.
            let more = record.cents.magnitude() > known.cents.magnitude();
            if more && record.kind == BreakKind::SettlementUndone {
                known.first_seen = date;
            }
            (known.cents, known.explanation) = (record.cents, record.explanation);
        }
        Some(_) => {}
        None => {
            all.insert(record.id.clone(), record);
        }
    }
}

/// Closes what a whole file has come in the place of.
fn replaced(inputs: &Inputs, all: &mut BTreeMap<String, BreakRecord>) {
    let torn = |record: &&mut BreakRecord| {
        (record.leg, record.kind) == (Leg::File, BreakKind::ControlTotal) && record.is_open()
    };
    for record in all.values_mut().filter(torn) {
        let copy = record.right.as_ref();
        if let Some(whole) = copy.and_then(|copy| inputs.replaced.get(copy)) {
            record.status = BreakStatus::AutoCleared;
            let whole = foreign::line(whole);
            let by = format!("; closed by itself: {whole} came whole in its place");
            record.explanation.push_str(&by);
        }
    }
}

/// Gives what is found of a line the name that it had the day before: breaks of one kind and key
/// are numbered, and one that is gone is no reason to call another by a new name.
fn going_on(inputs: &Inputs, mut found: Vec<BreakRecord>) -> Vec<BreakRecord> {
    type Line<'a> = (BreakKind, Leg, &'a str, &'a str);
    fn line(one: &BreakRecord) -> Option<Line<'_>> {
        let right = one.right.as_deref().filter(|_| one.left.is_none())?;
        Some((one.kind, one.leg, &one.key, right))
    }
    let before = inputs.before.breaks.iter().filter(|one| one.is_open());
    let before: BTreeMap<_, _> = before
        .filter_map(|one| Some((line(one)?, &one.id)))
        .collect();
    let mut taken: BTreeSet<String> = found.iter().map(|one| one.id.clone()).collect();
    for one in &mut found {
        let Some(id) = line(one).and_then(|line| before.get(&line)) else {
            continue;
        };
        if taken.insert((*id).clone()) {
            one.id.clone_from(id);
        }
    }
    found
}

/// Whether a break is one that each day finds anew from what is left: then one that is found no
/// more is cured. What an earlier version left is resolved by somebody, unless what was missing
/// has come.
fn is_cured(inputs: &Inputs, record: &BreakRecord) -> bool {
    let dated = record.kind == BreakKind::Date; // said once, and stays
    let anew = matches!(record.leg, Leg::L0 | Leg::L3 | Leg::L5) && !dated;
    let legacy = legacy_until(inputs).is_some_and(|last| record.first_seen <= last);
    anew && (!legacy || came_after_all(inputs, record))
}

/// Whether a batch or return that an earlier version called missing waits no more.
fn came_after_all(inputs: &Inputs, record: &BreakRecord) -> bool {
    let whole = record.left.as_ref() == Some(&record.key);
    let waits = inputs.l3.allocated.open().any(|one| match one.one.kind {
        Kind::Side(..) => one.one.id == record.key,
        Kind::Return(trace, _) => trace.to_string() == record.key,
        Kind::Funding(_) => false,
    });
    record.kind == BreakKind::MissingAtBank && whole && !waits
}

/// What cured a break: the allocation of what it was about.
fn cure(inputs: &Inputs, record: &BreakRecord) -> String {
    let mut all = inputs.l3.allocations().iter();
    let made = all.find(|made| {
        let about = made
            .shares
            .iter()
            .any(|share| is_about(record, share.item.id()));
        about && is_of_the_same(inputs, record, made)
    });
    match made {
        Some(made) => format!("allocation {}, {}", made.id, made.evidence),
        None if record.kind == BreakKind::Overdrawn => {
            "what it may spend is within its limit again".to_owned()
        }
        None if record.kind == BreakKind::FundingMissing => "it was withdrawn".to_owned(),
        None => "what it was about waits no more".to_owned(),
    }
}

/// Whether a break is about a thing of this id, by what people call it.
fn is_about(record: &BreakRecord, id: &str) -> bool {
    let named = [
        Some(record.key.as_str()),
        record.left.as_deref(),
        record.right.as_deref(),
    ];
    let mut names = named.into_iter().flatten();
    named.contains(&Some(id))
        || Kind::funded(id).is_some_and(|(originator, _)| {
            let overdrawn = record.kind == BreakKind::Overdrawn && named.contains(&originator);
            overdrawn || named.contains(&Some(&Kind::name_of(id)))
        })
        || id
            .strip_prefix("return/")
            .is_some_and(|rest| names.any(|name| rest.starts_with(name)))
}

/// Whether an allocation of a funding is of what was found, and not of another announcement or
/// another line of the same reference: that is no cause.
fn is_of_the_same(inputs: &Inputs, record: &BreakRecord, made: &Allocation) -> bool {
    let mut fundings = made
        .expectations()
        .filter(|(id, _)| Kind::funded(id).is_some());
    match (record.kind, &record.left, &record.right) {
        (BreakKind::Overdrawn, ..) => true,
        (BreakKind::FundingMissing, ..) => {
            let all = &inputs.l3.allocated.expectations;
            let before = |id: &str| {
                let mut all = all.iter().filter(|one| one.one.id == id);
                all.any(|one| one.one.since <= record.first_seen)
            };
            fundings.any(|(id, _)| before(id))
        }
        (_, None, Some(line)) if fundings.next().is_some() => {
            made.receipts().any(|(id, _)| id == line)
        }
        _ => true,
    }
}

/// Originators who may spend less than nothing.
fn overdrawn(inputs: &Inputs) -> impl Iterator<Item = BreakRecord> + '_ {
    let all = inputs.overdrawn.iter();
    all.map(|found| record(inputs.date, found, found.key.clone()))
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
fn before_it_was_sent(inputs: &Inputs) -> Vec<BreakRecord> {
    let mut found = Vec::new();
    for side in &inputs.l3.allocated.settled {
        let Some(value) = side.impossible else {
            continue;
        };
        let why = format!(
            "the bank's line counts from {value}, before the file was sent: holds and windows run \
             from {}, ask the bank",
            side.on
        );
        let id = Kind::side_id(side.key, side.direction);
        let all = &inputs.l3.allocated.expectations;
        let cents = all
            .iter()
            .find(|one| one.one.id == id)
            .map(|one| one.one.cents);
        let (about, key) = ((Leg::L3, BreakKind::Date), format!("{id}/value"));
        let reference = &side.reference;
        let cents = cents.unwrap_or_default();
        let mut record = BreakRecord::found(inputs.date, about, &key, reference, cents, why);
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

/// A break's name: what the leg calls it, and the record it is about. Two breaks of one kind and
/// key on two days are two, unless it is the same record that is still missing.
fn named(found: &Break) -> String {
    // Our side stays what it is from day to day; a line is only there on the day it came.
    let about = found.left.as_deref().or(found.right.as_deref());
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

pub(super) fn row(date: Date, currency: Currency, record: &BreakRecord) -> BreakRow<'_> {
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
        currency: Some(currency.as_str().into()),
    }
}

/// What a break is keyed by in tables and reports: a line that names nothing of ours goes by the
/// bank's own reference.
fn report_key(found: &Break, references: &BTreeMap<String, String>) -> String {
    let reference = references
        .get(&found.key)
        .filter(|reference| !reference.is_empty());
    match (found.kind, reference) {
        (BreakKind::UnexpectedAtBank, Some(reference)) => foreign::line(reference).into_owned(),
        _ => found.key.clone(),
    }
}
