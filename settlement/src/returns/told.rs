//! What was told before: a later answer is held against it.
//!
//! A bank tells a thing twice: in one file, in two, on two days. It also corrects itself, and it
//! has more than one thing to say of an entry. So what makes two answers the same is all that they
//! say, never where they stood:
//!
//! - A **return** of an entry that came back before, with the same reason, is a duplicate; with
//!   another reason it corrects the first. Either way the entry's money comes back once.
//! - A **change** is the same where code and trace are; any other is one more change, and the
//!   newest data win. A change and a return of one entry have nothing to do with each other.
//! - A **dishonor** or a **contest** is a step of a dispute and no second return. Told word for
//!   word again, it is a duplicate.
//! - A return that answered no entry of ours is corrected by one with the same trace of its own
//!   that does: the bank had a field wrong, and has sent it again. A bank's traces recur, so the
//!   two must also agree in the entry's trace, or in reason and amount.

use super::answers::AnswerKind;
use super::original::Answer;
use crate::ids::{PaymentId, TraceNumber};
use crate::money::SignedCents;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// An answer that was taken. A day's record keeps those that are looked at again, under these
/// names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Told {
    /// The trace of the entry that it answers.
    pub trace: TraceNumber,
    /// The payment of that entry, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<PaymentId>,
    /// What it is.
    pub kind: AnswerKind,
    /// Its reason or change code; empty where an older record did not keep it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// Its own trace; none where an older record did not keep it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<TraceNumber>,
    /// Its name in our tables, where it answered no entry: a break is known by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What the original moved, as it says, where it answered no entry; none where an older record
    /// did not keep it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cents: Option<SignedCents>,
    /// The business date it was received on.
    pub received: Date,
}

/// What an answer is to those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Again {
    /// Nothing like it was told.
    New,
    /// It gives the return of its entry another reason.
    Corrects,
    /// It was told before.
    Duplicate,
}

impl Told {
    /// What is kept of an answer, and of the payment that it was found to be about.
    pub fn of(answer: &Answer, payment: Option<PaymentId>) -> Told {
        Told {
            trace: answer.original_trace,
            payment,
            kind: answer.kind,
            code: answer.code.clone(),
            by: Some(answer.by),
            id: payment.is_none().then(|| answer.id.clone()),
            cents: payment.is_none().then_some(answer.cents),
            received: answer.received,
        }
    }

    /// What `answer`, found to be about `payment`, is to this one.
    pub fn again(&self, answer: &Answer, payment: Option<PaymentId>) -> Again {
        if self.trace != answer.original_trace || !self.is_alike(answer.kind) {
            return Again::New;
        }
        let (code, by) = (self.code == answer.code, self.by == Some(answer.by));
        match (self.by, self.payment, payment) {
            // Of an older record: the trace and the kind are all that it kept.
            (None, _, _) => Again::Duplicate,
            (_, Some(one), Some(other)) if one != other => Again::New,
            (_, Some(_), Some(_)) => match (answer.kind, code, by) {
                (AnswerKind::Return, true, _) => Again::Duplicate,
                (AnswerKind::Return, false, _) => Again::Corrects,
                (_, true, true) => Again::Duplicate,
                (_, _, _) => Again::New,
            },
            (_, None, None) if code && by => Again::Duplicate,
            _ => Again::New,
        }
    }

    /// Whether both are of a kind; an older record knows changes from all others alone.
    fn is_alike(&self, kind: AnswerKind) -> bool {
        match self.by {
            Some(_) => self.kind == kind,
            None => self.kind.is_notice() == kind.is_notice(),
        }
    }

    /// Whether this one answered nothing of ours because of a field that `answer`, which does,
    /// has right.
    pub fn is_corrected_by(&self, answer: &Answer) -> bool {
        let cents = self.cents.is_none_or(|cents| cents == answer.cents);
        let repeats = self.trace == answer.original_trace || cents && self.code == answer.code;
        let told = self.kind == answer.kind && self.by == Some(answer.by);
        self.payment.is_none() && told && repeats
    }

    /// What an answer is to all that was told before it.
    pub fn among<'t>(
        told: impl IntoIterator<Item = &'t Told>,
        answer: &Answer,
        payment: Option<PaymentId>,
    ) -> Again {
        let each = told.into_iter().map(|told| told.again(answer, payment));
        each.max().unwrap_or(Again::New)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::DfiId;
    use crate::money::SignedCents;
    use jiff::civil::date;

    fn trace(number: u64) -> TraceNumber {
        TraceNumber::from_number(number).unwrap()
    }

    fn answer(kind: AnswerKind, code: &str, by: u64) -> Answer {
        Answer {
            id: format!("{code} {by}"),
            kind,
            code: code.to_owned(),
            by: trace(by),
            original_trace: trace(7),
            original_rdfi: DfiId::new(7_640_125).unwrap(),
            company: "1234567890".to_owned(),
            cents: SignedCents::new(5),
            settled: date(2026, 11, 24),
            received: date(2026, 11, 24),
            payment: None,
            account_last4: None,
        }
    }

    fn payment(key: i64) -> Option<PaymentId> {
        PaymentId::from_key(key).ok()
    }

    #[test]
    fn what_is_told_twice_is_known_by_what_it_says() {
        use AnswerKind::*;
        for (first, second, expected) in [
            ((Return, "R01", 1), (Return, "R01", 1), Again::Duplicate),
            ((Return, "R01", 1), (Return, "R01", 2), Again::Duplicate),
            ((Return, "R01", 1), (Return, "R10", 1), Again::Corrects),
            ((Return, "R01", 1), (Notice, "C01", 2), Again::New),
            ((Notice, "C01", 1), (Return, "R01", 2), Again::New),
            ((Notice, "C01", 1), (Notice, "C01", 1), Again::Duplicate),
            ((Notice, "C01", 1), (Notice, "C01", 2), Again::New),
            ((Notice, "C01", 1), (Notice, "C02", 1), Again::New),
            ((Return, "R01", 1), (Dishonored, "R68", 2), Again::New),
            ((Return, "R01", 1), (Contested, "R73", 2), Again::New),
            ((Contested, "R73", 1), (Contested, "R73", 2), Again::New),
            (
                (Contested, "R73", 1),
                (Contested, "R73", 1),
                Again::Duplicate,
            ),
        ] {
            let [first, second] = [first, second].map(|(kind, code, by)| answer(kind, code, by));
            let told = Told::of(&first, payment(1));
            let name = format!("{} after {}", second.id, first.id);
            assert_eq!(
                Told::among([&told], &second, payment(1)),
                expected,
                "{name}"
            );
            assert_eq!(told.again(&second, payment(2)), Again::New, "{name}");
        }
    }

    #[test]
    fn an_answer_about_nothing_is_corrected_by_its_own_trace() {
        let first = Told::of(&answer(AnswerKind::Return, "R01", 1), None);
        let other_trace = Answer {
            original_trace: trace(8),
            ..answer(AnswerKind::Return, "R01", 1)
        };
        assert!(first.is_corrected_by(&other_trace));
        assert!(!first.is_corrected_by(&answer(AnswerKind::Return, "R01", 2)));
        // A bank's own traces recur: of another amount or reason it is another return.
        let mut recurs = other_trace.clone();
        recurs.cents = SignedCents::new(6);
        assert!(!first.is_corrected_by(&recurs));
        let other_reason = "R03".to_owned();
        recurs = Answer {
            code: other_reason,
            ..other_trace.clone()
        };
        assert!(!first.is_corrected_by(&recurs));
        let same = answer(AnswerKind::Return, "R01", 1);
        assert_eq!(first.again(&same, None), Again::Duplicate);
        assert_eq!(first.again(&same, payment(1)), Again::New);
        let found = Told::of(&same, payment(1));
        assert!(
            !found.is_corrected_by(&other_trace),
            "it answers an entry already"
        );
    }

    #[test]
    fn what_an_older_record_kept_is_enough_for_a_duplicate() {
        let old = Told {
            trace: trace(7),
            payment: None,
            kind: AnswerKind::Return,
            code: String::new(),
            by: None,
            id: None,
            cents: None,
            received: date(2026, 11, 24),
        };
        let again = answer(AnswerKind::Return, "R10", 3);
        assert_eq!(old.again(&again, payment(1)), Again::Duplicate);
        let notice = answer(AnswerKind::Notice, "C01", 3);
        assert_eq!(old.again(&notice, payment(1)), Again::New);
        assert!(!old.is_corrected_by(&again));
    }
}
