//! Returns: what follows when an entry comes back.
//!
//! First of all: what is it ([`AnswerKind`]), and which entry is it about ([`original_of`])? Then
//! three questions, each answered from the code tables alone. Was the return in time
//! ([`is_late`])? What do we do about it ([`follow_up`])? And how often do an originator's debits
//! come back ([`ReturnRates`])? The rates are what Nacha watches: over a threshold, the bank has
//! to answer for the originator, and then the originator to the bank.
//!
//! Source: Nacha Rules 2013 2.12, 3.8 and Appendix Four; the return rate levels of 2015.

mod answers;
mod late;
mod original;
mod timely;
mod told;
pub mod words;

pub use answers::{AnswerKind, Billed, UnknownAnswer};
pub use late::about_late;
pub use original::{ANSWERED_WITHIN, Answer, Entry, Original, oldest_original, original_of};
pub use timely::{Returnable, Timely, deadline, is_late, timely};
pub use told::{Again, Told};

use crate::codes::returns::{Bucket, Initiator, Reinitiate, ReturnCode};
use crate::codes::sec::SecCode;
use crate::exact::Exact;
use jiff::{Span, civil::Date};
use serde::{Deserialize, Serialize};
use std::fmt;

// --------------------------------------------------------------------------------- what follows

/// How often a returned debit may be sent again. Nacha Rules 2013 2.12.4.
pub const RETRIES: u8 = 2;

/// Until how many calendar days after the original settlement date. Nacha Rules 2013 2.12.4.
pub const RETRY_DAYS: i64 = 180;

/// What we do about a return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FollowUp {
    /// Send it again as it was, see [`may_retry`].
    Retry,
    /// Stop using the account until its data are corrected.
    CorrectAccount,
    /// Correct the entry and send a new one.
    CorrectEntry,
    /// Correct what the receiver complained about; a new entry within 60 days.
    CorrectTerms,
    /// Send again only if the receiver now says so.
    AskReceiver,
    /// Stop debiting or paying this receiver.
    Stop,
    /// A person looks at it before anything else goes to the receiver: fraud, sanctions, or a
    /// code that nobody knows.
    Review,
    /// Match it to what we asked for or agreed to; without that, dishonor.
    MatchAgreement,
    /// A return was dishonored or contested: the dispute goes on by its own rules.
    Dispute,
}

impl FollowUp {
    /// Whether nothing more may go to the receiver's account until somebody acts.
    pub const fn blocks_account(self) -> bool {
        matches!(
            self,
            FollowUp::CorrectAccount | FollowUp::Stop | FollowUp::Review
        )
    }
}

/// What we do about a return with `code`.
pub fn follow_up(code: ReturnCode) -> FollowUp {
    let Some(reason) = code.reason() else {
        return FollowUp::Review;
    };
    match (reason.bucket, reason.again) {
        (Bucket::Administrative | Bucket::Account, _) => FollowUp::CorrectAccount,
        (Bucket::Requested, _) => FollowUp::MatchAgreement,
        (Bucket::Dishonor | Bucket::Contest, _) => FollowUp::Dispute,
        (Bucket::Blocked | Bucket::FormatOrFraud | Bucket::Duplicate, _) => FollowUp::Review,
        (Bucket::Enrollment, _) => FollowUp::CorrectEntry,
        (_, Reinitiate::Twice) => FollowUp::Retry,
        (_, Reinitiate::Within60) => FollowUp::CorrectTerms,
        (_, Reinitiate::Authorized) => FollowUp::AskReceiver,
        (_, Reinitiate::Corrected) => FollowUp::CorrectEntry,
        (Bucket::Format, Reinitiate::Never) => FollowUp::CorrectEntry,
        (_, Reinitiate::Never) => FollowUp::Stop,
    }
}

/// Whether a debit that came back with `code` may be sent again on `on`: only for want of funds,
/// never a re-presented check, at most [`RETRIES`] times in [`RETRY_DAYS`] days.
pub fn may_retry(
    code: ReturnCode,
    sec: SecCode,
    retries_so_far: u8,
    original_settlement: Date,
    on: Date,
) -> bool {
    let last = original_settlement.checked_add(Span::new().days(RETRY_DAYS));
    follow_up(code) == FollowUp::Retry
        && sec != SecCode::Rck
        && retries_so_far < RETRIES
        && last.is_ok_and(|last| on <= last)
}

// ---------------------------------------------------------------------------------------- rates

/// The days before the day of a rate that it looks back on.
pub const RATE_DAYS: i64 = 60;

/// One of the three return rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rate {
    /// R05, R07, R10, R11, R29, R51.
    Unauthorized,
    /// R02, R03, R04.
    Administrative,
    /// Every returned debit but re-presented checks.
    Overall,
}

/// The rates and their thresholds in basis points: 0.5 %, 3 %, 15 %.
pub const THRESHOLDS: &[(Rate, u64)] = &[
    (Rate::Unauthorized, 50),
    (Rate::Administrative, 300),
    (Rate::Overall, 1_500),
];

impl Rate {
    /// The rate's name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Rate::Unauthorized => "unauthorized",
            Rate::Administrative => "administrative",
            Rate::Overall => "overall",
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The debits of one originator over [`RATE_DAYS`], and how many came back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnRates {
    /// Debit entries originated.
    pub debits: u64,
    /// Returned as unauthorized.
    pub unauthorized: u64,
    /// Returned for wrong account data.
    pub administrative: u64,
    /// Returned for any reason.
    pub overall: u64,
}

/// A rate over its threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateFinding {
    /// Which.
    pub rate: Rate,
    /// How many came back.
    pub returned: u64,
    /// Of how many.
    pub debits: u64,
    /// The threshold in basis points.
    pub threshold: u64,
}

/// The first and the last day a rate of `on` looks at: the 60 days before it.
pub fn rate_period(on: Date) -> (Date, Date) {
    let first = on.checked_sub(Span::new().days(RATE_DAYS));
    // saturates: before the calendar begins nothing was sent
    let day = |date: Result<Date, jiff::Error>| date.unwrap_or(Date::MIN);
    (day(first), day(on.yesterday()))
}

impl ReturnRates {
    /// Adds `debits` originated debit entries.
    pub fn originated(&mut self, debits: u64) {
        // Counts of entries: 18 quintillion of them cannot be sent in sixty days.
        self.debits = self.debits.plus(debits);
    }

    /// Counts one returned debit of class `sec`. Operators' rejects count as returns; dishonored
    /// and contested returns do not, for their original was counted.
    pub fn returned(&mut self, code: ReturnCode, sec: SecCode) {
        let dispute = code.reason().is_some_and(|reason| {
            reason.initiator == Initiator::Odfi || reason.bucket == Bucket::Contest
        });
        if dispute {
            return;
        }
        let add = |count: &mut u64, counts: bool| {
            *count = count.plus(u64::from(counts));
        };
        add(&mut self.unauthorized, code.is_unauthorized());
        add(&mut self.administrative, code.is_administrative());
        add(&mut self.overall, sec != SecCode::Rck);
    }

    /// How many came back, as one of the rates counts them.
    pub const fn count(&self, rate: Rate) -> u64 {
        match rate {
            Rate::Unauthorized => self.unauthorized,
            Rate::Administrative => self.administrative,
            Rate::Overall => self.overall,
        }
    }

    /// A rate in basis points, rounded down; `None` without debits or where it does not fit. For
    /// reading: [`ReturnRates::findings`] compares exactly.
    pub fn basis_points(&self, rate: Rate) -> Option<u64> {
        // 64 bits times 10,000 fit 128.
        let parts = u128::from(self.count(rate)).times(10_000);
        let points = parts.checked_div(u128::from(self.debits))?;
        u64::try_from(points).ok()
    }

    /// The rates over their thresholds. At the threshold is not over it; returns of debits older
    /// than the period, with none originated in it, are.
    pub fn findings(&self) -> Vec<RateFinding> {
        let over = |(rate, threshold): &(Rate, u64)| {
            let returned = self.count(*rate);
            let share = u128::from(returned).times(10_000);
            let allowed = u128::from(self.debits).times(u128::from(*threshold));
            let debits = self.debits;
            let finding = RateFinding {
                rate: *rate,
                returned,
                debits,
                threshold: *threshold,
            };
            (share > allowed).then_some(finding)
        };
        THRESHOLDS.iter().filter_map(over).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::returns::RETURN_REASONS;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn code(text: &str) -> ReturnCode {
        text.parse().unwrap()
    }

    #[test]
    fn what_follows_is_what_a_settlement_team_does() {
        use FollowUp::*;
        let table = [
            ("R01", Retry),
            ("R02", CorrectAccount),
            ("R03", CorrectAccount),
            ("R04", CorrectAccount),
            ("R06", MatchAgreement),
            ("R08", AskReceiver),
            ("R09", Retry),
            ("R10", Stop),
            ("R11", CorrectTerms),
            ("R12", CorrectAccount),
            ("R16", Review),
            ("R17", Review),
            ("R18", CorrectEntry),
            ("R24", Review),
            ("R29", Stop),
            ("R35", CorrectEntry),
            ("R61", Dispute),
            ("R73", Dispute),
            ("R99", Review),
        ];
        for (text, expected) in table {
            assert_eq!(follow_up(code(text)), expected, "{text}");
        }
        for row in RETURN_REASONS
            .iter()
            .filter(|row| row.bucket == Bucket::Unauthorized)
        {
            assert!(!may_retry(
                row.code,
                SecCode::Ppd,
                0,
                date(2026, 1, 5),
                date(2026, 1, 8)
            ));
        }
    }

    #[test]
    fn a_retry_has_its_limits() {
        let settled = date(2026, 1, 5);
        let may = |sec, so_far, on| may_retry(code("R01"), sec, so_far, settled, on);
        assert!(may(SecCode::Ppd, 1, date(2026, 7, 4)), "180 days after");
        assert!(!may(SecCode::Ppd, 1, date(2026, 7, 5)), "181 days after");
        assert!(!may(SecCode::Ppd, 2, date(2026, 1, 8)), "a third time");
        assert!(!may(SecCode::Rck, 0, date(2026, 1, 8)));
    }

    #[test]
    fn an_agreed_or_unknowable_window_is_never_missed() {
        let (settled, much_later) = (date(2026, 1, 5), date(2026, 12, 1));
        for text in ["R06", "R31", "R23", "R13", "R90"] {
            assert!(!is_late(code(text), settled, much_later), "{text}");
        }
        assert!(
            is_late(code("R99"), settled, date(2026, 1, 8)),
            "unknown: ordinary window"
        );
        assert!(
            is_late(code("R29"), settled, date(2026, 1, 8)),
            "companies have two days"
        );
    }

    #[test]
    fn a_rate_at_its_threshold_is_not_over_it() {
        let mut rates = ReturnRates::default();
        rates.originated(1_000);
        (0..5).for_each(|_| rates.returned(code("R10"), SecCode::Ppd));
        assert_eq!(
            (rates.basis_points(Rate::Unauthorized), rates.findings()),
            (Some(50), vec![])
        );
        rates.returned(code("R29"), SecCode::Ccd);
        let found = rates.findings();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].rate, found[0].returned), (Rate::Unauthorized, 6));
        rates.returned(code("R51"), SecCode::Rck);
        rates.returned(code("R73"), SecCode::Ppd);
        assert_eq!(
            (rates.unauthorized, rates.overall),
            (7, 6),
            "a check counts in one only"
        );
        assert_eq!(
            rate_period(date(2026, 3, 2)),
            (date(2026, 1, 1), date(2026, 3, 1))
        );
    }

    proptest! {
        #[test]
        fn late_is_a_threshold_in_time(
            row in 0..RETURN_REASONS.len(),
            settled in 0i64..4_000,
            received in 0i64..200,
        ) {
            let code = RETURN_REASONS[row].code;
            let settled = date(2021, 1, 4).saturating_add(Span::new().days(settled));
            let on = |days| settled.saturating_add(Span::new().days(days));
            let last = deadline(code, settled);
            let after = last.is_some_and(|last| on(received) > last);
            prop_assert_eq!(is_late(code, settled, on(received)), after);
            prop_assert!(!is_late(code, settled, settled));
            prop_assert!(last.is_none_or(crate::calendar::is_banking_day));
        }
    }
}
