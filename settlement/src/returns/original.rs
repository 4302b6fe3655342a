//! Which of our entries an answer is about: one rule, for whoever asks.
//!
//! A trace recurs: it is unique in a file, and the sequence behind it starts again. So an answer
//! is about the entry that agrees with it in all that it repeats: **trace**, **receiving bank**
//! and **company**; **amount and way** where it carries money. An entry is answered at any age:
//! what comes too late is late, and about its entry all the same.
//!
//! Where that leaves several, they are told apart by what need not be right to be helpful, in this
//! order: the individual id and the account's last characters, if the asker has them (an id may
//! have been cut short and an account re-written by the bank that sends it back), and the dates:
//! the entry that can still be answered so ([`super::timely`]). None of these rules out the only
//! entry there is, and where they still leave several, nobody picks.
//!
//! Two ask, and neither hears the other's answer. Ingestion asks with the file in its hand, to
//! move the payment. The second leg asks again with the rows of the tables alone; where they
//! come to different entries, that is a break.

use super::answers::AnswerKind;
use super::timely::{Returnable, timely};
use crate::codes::sec::SecCode;
use crate::ids::{DfiId, Direction, PaymentId, TraceNumber};
use crate::money::SignedCents;
use crate::windows::{dishonor_deadline, extended_return_deadline};
use jiff::{Span, civil::Date};

/// How long after its cut an entry is answered in time, at the most, in calendar days: sixty
/// from settlement for unauthorized debits, until the banking day after; a cut before a long
/// weekend settles four days later, and the last day may lie before another. Who looks for an
/// original looks so far back first. Nacha Rules 2013 Appendix Four.
pub const ANSWERED_WITHIN: i64 = 75;

/// The first day of cuts whose entries can be answered in time on `received`.
pub fn oldest_original(received: Date) -> Date {
    let days = Span::new().days(ANSWERED_WITHIN);
    // saturates: before the calendar begins nothing was cut: its first day leaves nothing out.
    received.checked_sub(days).unwrap_or(Date::MIN)
}

/// A return or notification of change, as far as it says what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its name in our tables: the content of its file, and its place among the file's entries.
    pub id: String,
    /// What it is.
    pub kind: AnswerKind,
    /// Its reason or change code.
    pub code: String,
    /// Its own trace, which the bank that answers gave it.
    pub by: TraceNumber,
    /// The trace it repeats.
    pub original_trace: TraceNumber,
    /// The receiving bank it repeats.
    pub original_rdfi: DfiId,
    /// The company id of its batch.
    pub company: String,
    /// What the original moved on our bank account: a returned payout is negative here too.
    pub cents: SignedCents,
    /// When it settled itself.
    pub settled: Date,
    /// When we received it.
    pub received: Date,
    /// The payment that the individual id names, where the asker has it and it is one of ours.
    pub payment: Option<PaymentId>,
    /// The last four characters of the account, where the asker has them.
    pub account_last4: Option<String>,
}

impl Answer {
    /// The money it moves: none where it is about a change.
    pub const fn money(&self) -> SignedCents {
        match self.kind.is_notice() {
            true => SignedCents::ZERO,
            false => self.cents,
        }
    }

    /// What its line should move on our account: a return and its contest undo the original, a
    /// dishonor moves its money once more the way it went. Nothing where it is about a change.
    pub fn moves(&self) -> SignedCents {
        match self.kind {
            AnswerKind::Dishonored => self.cents,
            AnswerKind::Notice | AnswerKind::RefusedNotice => SignedCents::ZERO,
            // What an entry can carry has another sign too.
            AnswerKind::Return | AnswerKind::Contested => {
                self.cents.checked_neg().unwrap_or(self.cents)
            }
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
    /// Which way: an entry without money has one too.
    pub direction: Direction,
    /// Its class, where it is one of the table.
    pub sec: Option<SecCode>,
    /// The date of its cut.
    pub sent: Date,
    /// The banking day on which it should settle.
    pub settles: Date,
    /// The last four characters of its account; fewer of a short one.
    pub account_last4: String,
}

impl Entry {
    /// What the time for its return depends on, where it settled as planned.
    pub const fn returnable(&self) -> Returnable {
        Returnable {
            sec: self.sec,
            direction: self.direction,
            settled: self.settles,
        }
    }
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
    for entries in [&mut exact, &mut known] {
        narrow(entries, |entry| Some(entry.payment) == answer.payment);
        narrow(entries, |entry| same_account(answer, entry));
        narrow(entries, |entry| plausible(answer, entry));
    }
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

/// Whether the answer repeats what names the entry, and comes after it.
fn repeats(answer: &Answer, entry: &Entry) -> bool {
    entry.trace == answer.original_trace
        && entry.rdfi == answer.original_rdfi
        && entry.company.trim() == answer.company.trim()
        && entry.sent <= answer.received
}

/// Whether an answer can be about an entry by its dates: what tells two entries of one trace apart
/// where nothing else does. A change has no window of its own, and a dispute follows its return.
fn plausible(answer: &Answer, entry: &Entry) -> bool {
    match (answer.kind, answer.code.parse()) {
        (AnswerKind::Return, Ok(code)) => {
            !timely(code, answer.settled, &entry.returnable()).is_late()
        }
        // A return may be dishonored for five banking days, and that contested for two.
        (AnswerKind::Dishonored | AnswerKind::Contested, _) => {
            let returned = extended_return_deadline(entry.settles);
            answer.settled <= dishonor_deadline(dishonor_deadline(returned))
        }
        _ => answer.settled <= extended_return_deadline(entry.settles),
    }
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
            direction: Direction::Debit,
            sec: Some(SecCode::Ppd),
            sent: CUT,
            settles: date(2026, 11, 23),
            account_last4: format!("{payment:04}"),
        }
    }

    fn answer(cents: i64) -> Answer {
        Answer {
            id: "file:1".to_owned(),
            kind: AnswerKind::Return,
            code: "R01".to_owned(),
            by: TraceNumber::from_number(9).unwrap(),
            original_trace: TraceNumber::from_number(7).unwrap(),
            original_rdfi: DfiId::new(7_640_125).unwrap(),
            company: "1234567890".to_owned(),
            cents: SignedCents::new(cents),
            settled: date(2026, 11, 24),
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
    fn an_entry_is_answered_after_it_is_sent_and_at_any_age() {
        let on = |received| {
            let settled = received;
            let answer = Answer {
                received,
                settled,
                ..answer(-5)
            };
            found(&answer, &[entry(1, -5)])
        };
        assert_eq!(on(date(2026, 11, 19)), Original::Unknown);
        assert_eq!(on(CUT), Original::Entry(0));
        assert_eq!(on(date(2027, 1, 25)), Original::Entry(0));
        assert_eq!(on(date(2031, 1, 25)), Original::Entry(0));
        assert_eq!(oldest_original(Date::MIN), Date::MIN);
    }

    #[test]
    fn a_trace_that_recurs_is_told_apart_by_what_can_still_be_answered() {
        let old = Entry {
            sent: date(2026, 8, 21),
            settles: date(2026, 8, 24),
            account_last4: entry(1, -5).account_last4,
            ..entry(2, -5)
        };
        let both = [old, entry(1, -5)];
        assert_eq!(found(&answer(-5), &both), Original::Entry(1));
        let much_later = Answer {
            settled: date(2027, 3, 1),
            received: date(2027, 3, 1),
            ..answer(-5)
        };
        assert_eq!(
            found(&much_later, &both),
            Original::Several,
            "both too late"
        );
        let agreed = Answer {
            code: "R06".to_owned(),
            ..answer(-5)
        };
        assert_eq!(found(&agreed, &both), Original::Several, "neither too late");
        let payment = PaymentId::from_key(2).ok();
        let named = Answer {
            payment,
            ..much_later
        };
        assert_eq!(found(&named, &both), Original::Entry(0), "and named");
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
