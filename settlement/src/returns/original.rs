//! Which of our entries an answer is about: one rule, for whoever asks.
//!
//! A trace recurs: it is unique in a file, and the sequence behind it starts again. So an answer
//! is about the entry that agrees with it in all that it repeats: **trace**, **receiving bank**
//! and **company**; **amount and way** where it carries money; and the **age**, for no answer
//! comes later than [`ANSWERED_WITHIN`] days after the cut. Where that leaves several, the
//! individual id and then the account's last characters decide, if the asker has them: they tell
//! entries apart, but an id may have been cut short and an account re-written by the bank that
//! sends it back, so neither rules out the only entry there is. Where it still leaves several,
//! nobody picks.
//!
//! Two ask, and neither hears the other's answer. Ingestion asks with the file in its hand, to
//! move the payment. The second leg asks again with the rows of the tables alone; where they
//! come to different entries, that is a break.

use super::answers::AnswerKind;
use crate::ids::{DfiId, PaymentId, TraceNumber};
use crate::money::SignedCents;
use jiff::{Span, civil::Date};

/// How long after its cut an entry can be answered, in calendar days: sixty for unauthorized
/// debits, counted from settlement, and a few for settling and delivery. Nacha Rules 2013
/// Appendix Four.
pub const ANSWERED_WITHIN: i32 = 65;

/// The first day of cuts whose entries can be answered on `received`.
pub fn oldest_original(received: Date) -> Date {
    let days = Span::new().days(i64::from(ANSWERED_WITHIN));
    // saturates: before the calendar begins nothing was cut: its first day leaves nothing out.
    received.checked_sub(days).unwrap_or(Date::MIN)
}

/// A return or notification of change, as far as it says what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its name in our tables: file and line.
    pub id: String,
    /// What it is.
    pub kind: AnswerKind,
    /// The trace it repeats.
    pub original_trace: TraceNumber,
    /// The receiving bank it repeats.
    pub original_rdfi: DfiId,
    /// The company id of its batch.
    pub company: String,
    /// What the original moved on our bank account: a returned payout is negative here too.
    pub cents: SignedCents,
    /// When we received it.
    pub received: Date,
    /// The payment that the individual id names, where the asker has it and it is one of ours.
    pub payment: Option<PaymentId>,
    /// The last four characters of the account, where the asker has them.
    pub account_last4: Option<String>,
}

impl Answer {
    /// What tells it from every other answer of a day: its id and the trace that it answers. A
    /// bank may use a file's name twice a day; the same line of both is then two answers.
    pub fn key(&self) -> (String, TraceNumber) {
        (self.id.clone(), self.original_trace)
    }

    /// The money it moves: none where it is about a change.
    pub const fn money(&self) -> SignedCents {
        match self.kind.is_notice() {
            true => SignedCents::ZERO,
            false => self.cents,
        }
    }
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
    /// The last four characters of its account; fewer of a short one.
    pub account_last4: String,
}

/// What an answer is about; places are those of the candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Original {
    /// This entry.
    Entry(usize),
    /// This entry in all but the amount.
    OtherAmount(usize),
    /// Two or more entries, equally well.
    Several,
    /// None of them.
    Unknown,
}

/// The entry that `answer` is about, among `candidates`: entries with their places.
pub fn original_of<'e>(
    answer: &Answer,
    candidates: impl IntoIterator<Item = (usize, &'e Entry)>,
) -> Original {
    let mut known: Vec<(usize, &Entry)> = candidates.into_iter().collect();
    known.retain(|(_, entry)| repeats(answer, entry));
    let mut exact = known.clone();
    exact.retain(|(_, entry)| answer.kind.is_notice() || entry.cents == answer.cents);
    narrow(&mut exact, |entry| Some(entry.payment) == answer.payment);
    narrow(&mut exact, |entry| same_account(answer, entry));
    match (exact.as_slice(), known.as_slice()) {
        ([(at, _)], _) => Original::Entry(*at),
        ([], []) => Original::Unknown,
        ([], [(at, _)]) => Original::OtherAmount(*at),
        _ => Original::Several,
    }
}

/// Keeps the entries that have a mark, unless none has it.
fn narrow(entries: &mut Vec<(usize, &Entry)>, mark: impl Fn(&Entry) -> bool) {
    if entries.iter().any(|(_, entry)| mark(entry)) {
        entries.retain(|(_, entry)| mark(entry));
    }
}

/// Whether both accounts end alike. Of a short account number fewer characters are kept.
fn same_account(answer: &Answer, entry: &Entry) -> bool {
    let ends = answer.account_last4.as_deref();
    !entry.account_last4.is_empty() && ends.is_some_and(|a| a.ends_with(&entry.account_last4))
}

/// Whether the answer repeats what names the entry, and comes while it can.
fn repeats(answer: &Answer, entry: &Entry) -> bool {
    let same = entry.trace == answer.original_trace
        && entry.rdfi == answer.original_rdfi
        && entry.company.trim() == answer.company.trim();
    let sent = oldest_original(answer.received)..=answer.received;
    same && sent.contains(&entry.sent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const CUT: Date = date(2026, 11, 20);

    fn entry(payment: i64, cents: i64) -> Entry {
        Entry {
            payment: PaymentId::from_key(payment).unwrap(),
            trace: TraceNumber::from_number(7).unwrap(),
            rdfi: DfiId::new(7_640_125).unwrap(),
            company: "1234567890".to_owned(),
            cents: SignedCents::new(cents),
            sent: CUT,
            account_last4: format!("{payment:04}"),
        }
    }

    fn answer(cents: i64) -> Answer {
        Answer {
            id: "file:1".to_owned(),
            kind: AnswerKind::Return,
            original_trace: TraceNumber::from_number(7).unwrap(),
            original_rdfi: DfiId::new(7_640_125).unwrap(),
            company: "1234567890".to_owned(),
            cents: SignedCents::new(cents),
            received: date(2026, 11, 24),
            payment: None,
            account_last4: None,
        }
    }

    fn found(answer: &Answer, entries: &[Entry]) -> Original {
        original_of(answer, entries.iter().enumerate())
    }

    #[test]
    fn all_that_an_answer_repeats_must_agree() {
        let entries = [entry(1, -5)];
        assert_eq!(found(&answer(-5), &entries), Original::Entry(0));
        let blank = Answer {
            company: "1234567890  ".to_owned(),
            ..answer(-5)
        };
        assert_eq!(found(&blank, &entries), Original::Entry(0));
        let others = [
            Answer {
                original_trace: TraceNumber::from_number(8).unwrap(),
                ..answer(-5)
            },
            Answer {
                original_rdfi: DfiId::new(7_640_126).unwrap(),
                ..answer(-5)
            },
            Answer {
                company: "1234567891".to_owned(),
                ..answer(-5)
            },
        ];
        for other in &others {
            assert_eq!(found(other, &entries), Original::Unknown, "{other:?}");
        }
    }

    #[test]
    fn money_comes_back_the_way_it_went_and_in_full() {
        let entries = [entry(1, -5)];
        for cents in [-6, 5] {
            assert_eq!(found(&answer(cents), &entries), Original::OtherAmount(0));
        }
        for kind in [AnswerKind::Notice, AnswerKind::RefusedNotice] {
            let notice = Answer { kind, ..answer(0) };
            assert_eq!(found(&notice, &entries), Original::Entry(0), "{kind}");
            assert!(notice.money().is_zero());
        }
    }

    #[test]
    fn an_entry_is_answered_after_it_is_sent_and_for_sixty_five_days() {
        let on = |received| {
            found(
                &Answer {
                    received,
                    ..answer(-5)
                },
                &[entry(1, -5)],
            )
        };
        assert_eq!(on(date(2026, 11, 19)), Original::Unknown);
        assert_eq!(on(CUT), Original::Entry(0));
        assert_eq!(on(date(2027, 1, 24)), Original::Entry(0));
        assert_eq!(on(date(2027, 1, 25)), Original::Unknown);
        assert_eq!(oldest_original(Date::MIN), Date::MIN);
    }

    #[test]
    fn marks_tell_entries_apart_and_never_rule_out_the_only_one() {
        let entries = [entry(1, -5), entry(2, -5)];
        assert_eq!(found(&answer(-5), &entries), Original::Several);
        let payment = PaymentId::from_key(2).ok();
        let named = Answer {
            payment,
            ..answer(-5)
        };
        assert_eq!(found(&named, &entries), Original::Entry(1));
        let account_last4 = Some("0001".to_owned());
        let account = Answer {
            account_last4,
            ..answer(-5)
        };
        assert_eq!(found(&account, &entries), Original::Entry(0));
        let both = Answer { payment, ..account };
        assert_eq!(
            found(&both, &entries),
            Original::Entry(1),
            "the id comes first"
        );
        assert_eq!(found(&named, &entries[..1]), Original::Entry(0));
    }
}
