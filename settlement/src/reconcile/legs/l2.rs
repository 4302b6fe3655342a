//! L2: every return and notification of change finds the entry it answers.
//!
//! A trace recurs on other days, so a trace alone names nothing: trace, RDFI, company and amount
//! must agree, inside a window before receipt. Where that leaves several entries, the individual
//! id decides if it came back; otherwise the return is ambiguous and nobody picks.

use super::super::kernel::Side;
use super::{BreakKind, Finding, Leg, Outcome, Says, difference, in_order};
use crate::ids::{DfiId, PaymentId, TraceNumber};
use crate::money::SignedCents;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// How long before its return an entry can have been sent: 60 calendar days for unauthorized
/// debits (counted from settlement), and a few for settling and delivery.
pub const WINDOW_DAYS: i32 = 65;

/// What came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnswerKind {
    /// Money comes back (also dishonored and contested ones).
    Return,
    /// A correction; carries no money, so no amount is compared.
    Noc,
}

/// One return or notification of change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its name in our tables: file and line, or its own trace.
    pub id: String,
    /// What it is.
    pub kind: AnswerKind,
    /// The trace it repeats.
    pub original_trace: TraceNumber,
    /// The RDFI it repeats.
    pub original_rdfi: DfiId,
    /// The company id of its batch.
    pub company: String,
    /// The individual id it repeats, where it is one of ours.
    pub payment: Option<PaymentId>,
    /// The amount of the original as we count it: a returned payout is negative here too.
    pub cents: SignedCents,
    /// When we received it.
    pub received: Date,
}

/// One entry we sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its payment.
    pub payment: PaymentId,
    /// Its trace.
    pub trace: TraceNumber,
    /// The receiving bank.
    pub rdfi: DfiId,
    /// The company id of its batch.
    pub company: String,
    /// What it moves on our bank account.
    pub cents: SignedCents,
    /// The date of its cut.
    pub sent: Date,
}

/// Finds the entry of each answer. Left rows are answers, right rows entries; entries nobody
/// answered are idle. `late` says whether a matched return came after its code's window.
///
/// A late return is matched, with a note: somebody must still see what it answers.
pub fn reconcile(
    answers: &[Answer],
    entries: &[Entry],
    late: impl Fn(&Answer, &Entry) -> bool,
) -> Outcome {
    let left: Vec<_> = answers.iter().map(money).collect();
    let right: Vec<_> = entries.iter().map(|e| e.cents).collect();
    let mut found = Finding::new(Leg::L2, &left, &right);
    let candidates = by_trace(answers, entries);
    let mut seen = BTreeSet::new();
    let order = in_order(answers, |a| {
        (a.received, a.kind, a.original_trace, a.id.clone(), a.cents)
    });
    for (l, answer) in order.into_iter().filter_map(|i| Some((i, answers.get(i)?))) {
        let of_trace = candidates
            .get(&answer.original_trace)
            .map_or(&[][..], Vec::as_slice);
        let (r, entry) = match original(answer, of_trace, entries) {
            Original::One(r, entry) => (r, entry),
            Original::Other(kind, entry) => {
                let cents = entry.map_or(money(answer), |e| difference(e.cents, answer.cents));
                found.breaks(kind, Some(l), None, says(answer, entry, cents, why(kind)));
                continue;
            }
        };
        if !seen.insert((r, answer.kind)) {
            let says = says(
                answer,
                Some(entry),
                money(answer),
                "answers an entry already answered",
            );
            found.breaks(BreakKind::DupEntry, Some(l), None, says);
            continue;
        }
        if found.tie.is_settled(Side::Right, r) {
            // A correction and a return of the same entry: both are matches, the entry is one row.
            found.tie.settle(Side::Left, l, super::State::Matched);
            found.matches.push(super::Match { left: l, right: r });
        } else {
            found.matched(l, r);
        }
        if answer.kind == AnswerKind::Return && late(answer, entry) {
            let why = why(BreakKind::ReturnLate);
            found.notes(
                BreakKind::ReturnLate,
                says(answer, Some(entry), money(answer), why),
            );
        }
    }
    for r in 0..entries.len() {
        if !found.tie.is_settled(Side::Right, r) {
            found.idle(Side::Right, r);
        }
    }
    found.finish()
}

/// The money an answer moves.
fn money(answer: &Answer) -> SignedCents {
    match answer.kind {
        AnswerKind::Return => answer.cents,
        AnswerKind::Noc => SignedCents::ZERO,
    }
}

/// The entries of each trace that is asked for: of 65 days' entries, only a few are.
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

enum Original<'a> {
    One(usize, &'a Entry),
    Other(BreakKind, Option<&'a Entry>),
}

fn original<'a>(answer: &Answer, of_trace: &[usize], entries: &'a [Entry]) -> Original<'a> {
    let in_window = |entry: &Entry| {
        let days = answer
            .received
            .since(entry.sent)
            .map_or(-1, |span| span.get_days());
        (0..=WINDOW_DAYS).contains(&days)
    };
    let keyed: Vec<(usize, &Entry)> = of_trace
        .iter()
        .filter_map(|i| Some((*i, entries.get(*i)?)))
        .filter(|(_, e)| e.rdfi == answer.original_rdfi && e.company == answer.company)
        .filter(|(_, e)| in_window(e))
        .collect();
    let equal = |e: &Entry| answer.kind == AnswerKind::Noc || e.cents == answer.cents;
    let exact: Vec<_> = keyed.iter().filter(|(_, e)| equal(e)).copied().collect();
    let named: Vec<_> = exact
        .iter()
        .filter(|(_, e)| Some(e.payment) == answer.payment)
        .copied()
        .collect();
    match (named.as_slice(), exact.as_slice(), keyed.as_slice()) {
        ([(i, entry)], _, _) | ([], [(i, entry)], _) => Original::One(*i, entry),
        ([], [], []) => Original::Other(BreakKind::ReturnUnmatched, None),
        ([], [], [(_, entry)]) => Original::Other(BreakKind::ReturnAmount, Some(entry)),
        _ => Original::Other(BreakKind::Ambiguous, None),
    }
}

const fn why(kind: BreakKind) -> &'static str {
    match kind {
        BreakKind::ReturnUnmatched => "no entry of this trace, bank, company and window",
        BreakKind::ReturnAmount => "the entry it answers had another amount",
        BreakKind::ReturnLate => "came after the window of its code: may be dishonored",
        _ => "several entries fit equally well",
    }
}

fn says(answer: &Answer, entry: Option<&Entry>, cents: SignedCents, why: &str) -> Says {
    Says {
        key: answer.original_trace.to_string(),
        cents,
        left: Some(answer.id.clone()),
        right: entry.map(|e| e.payment.to_string()),
        explanation: why.to_owned(),
    }
}
