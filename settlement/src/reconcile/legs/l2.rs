//! L2: every return and notification of change finds the entry it answers.
//!
//! Which entry that is, is for [`original_of`] to say; ingestion has asked the same before, to
//! move the payment. This leg asks again, from the rows of the tables alone: what ingestion found
//! is held against its own finding afterwards and never helps it. Where the two differ, a payment
//! was moved that should not have been, or one was not that should: a break, whichever is right.
//!
//! A second answer to one entry is held against what was told before ([`Told`]), on this day and on
//! earlier ones: a duplicate is said once and does nothing, a corrected return answers in the
//! first one's place, a second change and the steps of a dispute are answers like any other.

use super::{BreakKind, Details, Finding, Leg, Outcome, difference, in_order};
use crate::ids::{PaymentId, TraceNumber};
use crate::money::SignedCents;
use crate::reconcile::kernel::Side;
use crate::returns::{Again, Original, Told, about_late, original_of};
use std::collections::{BTreeMap, BTreeSet};

pub use crate::returns::{Answer, AnswerKind, Entry};

/// What is known of the day's answers beside their own rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ingested {
    /// Those that ingestion found to be late, by their ids.
    pub late: BTreeSet<String>,
    /// The payment that ingestion took each to be about, where it found one.
    pub payments: BTreeMap<String, PaymentId>,
    /// The answers of earlier days.
    pub told: Vec<Told>,
}

/// What an answer is: about which entry, and what to those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// What it is about.
    pub original: Original,
    /// What it is to the answers before it, of this day and of earlier ones.
    pub again: Again,
    /// Whether it is about nothing because of a field that another answer of the day has right.
    pub corrected: bool,
}

impl Judged {
    /// The place of the entry that it is about.
    pub const fn entry(&self) -> Option<usize> {
        match self.original {
            Original::Entry(at) => Some(at),
            _ => None,
        }
    }

    /// Whether it was told before.
    pub fn is_duplicate(&self) -> bool {
        self.again == Again::Duplicate
    }

    /// Whether its money is its own: no answer before it and none that corrects it told of it.
    pub fn is_new(&self) -> bool {
        self.again == Again::New && !self.corrected
    }
}

/// Judges the answers of a day, each in its place: whoever asks hears the same. Of those of a day
/// the return that settled first, with the lowest trace of its bank, counts as told first.
pub fn judge(answers: &[Answer], entries: &[Entry], before: &[Told]) -> Vec<Judged> {
    let originals = originals(answers, entries);
    let mut told: BTreeMap<TraceNumber, Vec<Told>> = BTreeMap::new();
    for before in before {
        told.entry(before.trace).or_default().push(before.clone());
    }
    let order = in_order(answers, |a| {
        let own = (a.settled, a.by, a.id.clone());
        (a.received, a.kind, a.original_trace, own, a.cents)
    });
    let right: BTreeSet<_> = answers
        .iter()
        .zip(&originals)
        .filter(|(_, original)| matches!(original, Original::Entry(_)))
        .map(|(answer, _)| (answer.kind, answer.by))
        .collect();
    let mut judged = vec![None; answers.len()];
    for l in order {
        let (Some(answer), Some(original)) = (answers.get(l), originals.get(l).copied()) else {
            continue;
        };
        let payment = match original {
            Original::Entry(r) => entries.get(r).map(|entry| entry.payment),
            _ => None,
        };
        let before = told.entry(answer.original_trace).or_default();
        let again = Told::among(before.iter(), answer, payment);
        if again != Again::Duplicate {
            before.push(Told::of(answer, payment));
        }
        let corrected = payment.is_none() && right.contains(&(answer.kind, answer.by));
        if let Some(place) = judged.get_mut(l) {
            *place = Some(Judged {
                original,
                again,
                corrected,
            });
        }
    }
    judged.into_iter().flatten().collect()
}

/// Finds the entry of each answer. Left rows are answers, right rows entries; entries nobody
/// answered are idle.
///
/// A late return is matched, with a note: somebody must still see what it answers. What ingestion
/// took to be about another payment, or about none, is broken.
pub fn reconcile(answers: &[Answer], entries: &[Entry], ingested: &Ingested) -> Outcome {
    let left: Vec<_> = answers.iter().map(Answer::money).collect();
    let right: Vec<_> = entries.iter().map(|e| e.cents).collect();
    let mut found = Finding::new(Leg::L2, &left, &right);
    let judged = judge(answers, entries, &ingested.told);
    for (l, (answer, judged)) in answers.iter().zip(&judged).enumerate() {
        let taken_for = ingested.payments.get(&answer.id).copied();
        let entry = judged.entry().and_then(|r| Some((r, entries.get(r)?)));
        if judged.again == Again::Duplicate {
            let why = "answers an entry already answered";
            let details = about_answer(answer, entry.map(|at| at.1), answer.money(), why);
            found.breaks(BreakKind::DupEntry, Some(l), None, details);
            continue;
        }
        let Some((r, entry)) = entry else {
            if judged.corrected {
                found.idle(Side::Left, l);
                continue;
            }
            let (kind, details) = unknown(answer, judged.original, entries, taken_for);
            found.breaks(kind, Some(l), None, details);
            continue;
        };
        if let Some((kind, details)) = objection(answer, entry, taken_for) {
            found.breaks(kind, Some(l), None, details);
            continue;
        }
        answers_entry(&mut found, l, r);
        if answer.kind == AnswerKind::Return && ingested.late.contains(&answer.id) {
            let why = about_late(answer, entry);
            let details = about_answer(answer, Some(entry), answer.money(), &why);
            found.notes(BreakKind::ReturnLate, details);
        }
    }
    for r in 0..entries.len() {
        if !found.tie.is_settled(Side::Right, r) {
            found.idle(Side::Right, r);
        }
    }
    found.finish()
}

/// Matches an answer with its entry. A correction and a return of the same entry are both
/// matches; the entry is one row.
fn answers_entry(found: &mut Finding, l: usize, r: usize) {
    if found.tie.is_settled(Side::Right, r) {
        found.tie.settle(Side::Left, l, super::State::Matched);
        found.matches.push(super::Match { left: l, right: r });
    } else {
        found.matched(l, r);
    }
}

/// What speaks against a match although the entry is found: ingestion found another.
fn objection(
    answer: &Answer,
    entry: &Entry,
    taken_for: Option<PaymentId>,
) -> Option<(BreakKind, Details)> {
    let money = answer.money();
    let moved = match taken_for {
        Some(payment) if payment == entry.payment => return None,
        Some(payment) => format!("ingestion took it to be about {payment}"),
        None => "ingestion found no payment for it".to_owned(),
    };
    let why = format!(
        "is about {}, and {moved}: put the payments right",
        entry.payment
    );
    Some((
        BreakKind::Status,
        about_answer(answer, Some(entry), money, &why),
    ))
}

/// The break of an answer that is about no one entry.
fn unknown(
    answer: &Answer,
    original: Original,
    entries: &[Entry],
    taken_for: Option<PaymentId>,
) -> (BreakKind, Details) {
    let other = match original {
        Original::Entry(r) | Original::OtherAmount(r) => entries.get(r),
        Original::Several | Original::Unknown => None,
    };
    let (kind, why) = match original {
        Original::Unknown => (
            BreakKind::ReturnUnmatched,
            "no entry of this trace, bank and company, of any age",
        ),
        Original::Several => (BreakKind::Ambiguous, "several entries fit equally well"),
        Original::Entry(_) | Original::OtherAmount(_) => (
            BreakKind::ReturnAmount,
            "the entry it answers had another amount",
        ),
    };
    let cents = other.map_or(answer.money(), |e| difference(e.cents, answer.cents));
    let mut details = about_answer(answer, other, cents, why);
    if let Some(payment) = taken_for {
        let moved = format!("; ingestion took it to be about {payment}");
        details.explanation.push_str(&moved);
    }
    (kind, details)
}

/// What each answer is about.
fn originals(answers: &[Answer], entries: &[Entry]) -> Vec<Original> {
    let mut of_trace: BTreeMap<TraceNumber, Vec<(usize, &Entry)>> = BTreeMap::new();
    for (at, entry) in entries.iter().enumerate() {
        of_trace.entry(entry.trace).or_default().push((at, entry));
    }
    let original = |answer: &Answer| {
        let candidates = of_trace.get(&answer.original_trace).into_iter().flatten();
        original_of(answer, candidates.copied())
    };
    answers.iter().map(original).collect()
}

fn about_answer(answer: &Answer, entry: Option<&Entry>, cents: SignedCents, why: &str) -> Details {
    Details {
        key: answer.original_trace.to_string(),
        cents,
        left: Some(answer.id.clone()),
        right: entry.map(|e| e.payment.to_string()),
        explanation: why.to_owned(),
    }
}
