//! Breaks that the bank's files are in themselves, and statements that wait for others.

use crate::reconcile::inputs::Inputs;
use crate::records::breaks::BreakRecord;
use crate::records::ingested::Aside;
use settlement::foreign;
use settlement::money::SignedCents;
use settlement::reconcile::legs::{BreakKind, Leg};

/// All of them.
pub(super) fn of(inputs: &Inputs) -> impl Iterator<Item = BreakRecord> + '_ {
    wrong(inputs)
        .chain(waiting(inputs))
        .chain(unfinished(inputs))
}

/// Statements that wait: one break a file, which clears itself once nothing of it waits.
fn waiting(inputs: &Inputs) -> impl Iterator<Item = BreakRecord> + '_ {
    inputs.known.waiting.iter().map(|one| {
        let about = (Leg::File, BreakKind::SequenceGap);
        let (object, why) = (one.kept.object.as_str(), one.why.clone());
        BreakRecord::found(
            inputs.date,
            about,
            &foreign::line(&one.file),
            object,
            SignedCents::ZERO,
            why,
        )
    })
}

/// A day of which the bank has said that more comes.
fn unfinished(inputs: &Inputs) -> impl Iterator<Item = BreakRecord> + '_ {
    let last = inputs.known.end().filter(|(_, booked)| booked.more);
    last.into_iter().map(|(day, _)| {
        let about = (Leg::File, BreakKind::SequenceGap);
        let (key, right) = (format!("statement of {day}"), day.to_string());
        let why = "the bank says that more pages come, and they have not".to_owned();
        BreakRecord::found(inputs.date, about, &key, &right, SignedCents::ZERO, why)
    })
}

/// Whether a break about a statement that waited, or a day that was not finished, is cured.
pub(super) fn is_healed(inputs: &Inputs, record: &BreakRecord) -> bool {
    if (record.leg, record.kind) != (Leg::File, BreakKind::SequenceGap) {
        return false;
    }
    let about = |of: &str| record.right.as_deref() == Some(of);
    let chain = inputs.known.chain();
    let mut days = chain.iter().filter(|(_, booked)| !booked.more);
    if days.any(|(day, _)| about(&day.to_string())) {
        return true;
    }
    let mut healed = inputs.files.iter().flat_map(|file| &file.healed);
    let mut waiting = inputs.known.waiting.iter();
    healed.any(|kept| about(&kept.object)) && !waiting.any(|one| about(&one.kept.object))
}

/// Files that are wrong themselves, and entries of theirs that were put aside.
fn wrong(inputs: &Inputs) -> impl Iterator<Item = BreakRecord> + '_ {
    let odd = inputs.odd_files().map(|(file, kind)| {
        let about = (Leg::File, file.break_kind.unwrap_or(kind));
        let why = file.reason.clone();
        let why = why.unwrap_or_else(|| "the same content came before: nothing was changed".into());
        let cents = SignedCents::ZERO;
        let key = foreign::line(&file.name);
        BreakRecord::found(inputs.date, about, &key, &file.object, cents, why)
    });
    let aside = inputs.files.iter().flat_map(move |file| {
        file.aside.iter().map(move |Aside { line, cents, why }| {
            let about = (Leg::File, BreakKind::ControlTotal);
            let (key, why) = (format!("{}:{line}", foreign::line(&file.name)), why.clone());
            BreakRecord::found(inputs.date, about, &key, &file.object, *cents, why)
        })
    });
    odd.chain(aside)
}
