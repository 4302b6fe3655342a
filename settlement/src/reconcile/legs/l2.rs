//! L2: every return and notification of change finds the entry it answers.
//!
//! Which entry that is, is for [`original_of`] to say; ingestion has asked the same before, to
//! move the payment. This leg asks again, from the rows of the tables alone: what ingestion found
//! is held against its own finding afterwards and never helps it. Where the two differ, a payment
//! was moved that should not have been, or one was not that should: a break, whichever is right.
//!
//! The rows have no individual id. Where a trace recurs inside the window with bank, company and
//! amount, the leg finds several entries that fit and picks none, even though ingestion, which
//! had the file, may have known: somebody looks.

use super::{BreakKind, Details, Finding, Leg, Outcome, difference, in_order};
use crate::ids::{PaymentId, TraceNumber};
use crate::money::SignedCents;
use crate::reconcile::kernel::Side;
use crate::returns::{Original, original_of};
use std::collections::{BTreeMap, BTreeSet};

pub use crate::returns::{Answer, AnswerKind, Entry};

/// An answer's id and the trace that it answers: a bank may use a file's name twice a day, and
/// then the same line of two files is two answers.
pub type AnswerKey = (String, TraceNumber);

/// What ingestion said of the day's answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ingested {
    /// Those that came after the window of their code.
    pub late: BTreeSet<AnswerKey>,
    /// The payment each was taken to be about, where it found one.
    pub payments: BTreeMap<AnswerKey, PaymentId>,
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
    let candidates = by_trace(answers, entries);
    let mut answered = BTreeSet::new();
    let order = in_order(answers, |a| {
        (a.received, a.kind, a.original_trace, a.id.clone(), a.cents)
    });
    for (l, answer) in order.into_iter().filter_map(|i| Some((i, answers.get(i)?))) {
        let of_trace = candidates.get(&answer.original_trace).into_iter().flatten();
        let of_trace = of_trace.filter_map(|r| Some((*r, entries.get(*r)?)));
        let original = original_of(answer, of_trace);
        let taken_for = ingested.payments.get(&answer.key()).copied();
        match original {
            Original::Entry(r) => {
                let Some(entry) = entries.get(r) else {
                    continue;
                };
                let first = answered.insert((r, answer.kind.is_notice()));
                let broken = objection(answer, entry, first, taken_for);
                if let Some((kind, details)) = broken {
                    found.breaks(kind, Some(l), None, details);
                    continue;
                }
                answers_entry(&mut found, l, r);
                if !answer.kind.is_notice() && ingested.late.contains(&answer.key()) {
                    let why = "came after the window of its code: may be dishonored";
                    let details = about_answer(answer, Some(entry), answer.money(), why);
                    found.notes(BreakKind::ReturnLate, details);
                }
            }
            Original::OtherAmount(_) | Original::Several | Original::Unknown => {
                let (kind, details) = unknown(answer, original, entries, taken_for);
                found.breaks(kind, Some(l), None, details);
            }
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

/// What speaks against a match although the entry is found: an answer before it, or ingestion.
fn objection(
    answer: &Answer,
    entry: &Entry,
    first: bool,
    taken_for: Option<PaymentId>,
) -> Option<(BreakKind, Details)> {
    let money = answer.money();
    if !first {
        let why = "answers an entry already answered";
        return Some((
            BreakKind::DupEntry,
            about_answer(answer, Some(entry), money, why),
        ));
    }
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
            "no entry of this trace, bank, company and window",
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

/// The entries of each trace that is asked for: of all that can be answered, only a few are.
fn by_trace(answers: &[Answer], entries: &[Entry]) -> BTreeMap<TraceNumber, Vec<usize>> {
    let mut wanted: BTreeMap<_, _> = answers
        .iter()
        .map(|a| (a.original_trace, Vec::new()))
        .collect();
    for (i, entry) in entries.iter().enumerate() {
        if let Some(of_trace) = wanted.get_mut(&entry.trace) {
            of_trace.push(i);
        }
    }
    wanted
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
