//! What goes wrong, and when.
//!
//! A plan names for each business day which faults are due; the bank commits each of them at the
//! first fitting batch, entry or file from then on. No batch and no entry has more than one
//! fault, so that what reconciliation must find has one name and one key. A batch-level fault
//! grows in number with the day's volume, up to a bound.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A fault, by the break it must surface as, or a rejected file, which is no
/// break: its payments fail.
///
/// Key and cents are those of the break, as `settlement::reconcile` names them: a batch is its
/// key, a slash and `credit` or `debit`; amounts are what our account should see, so that a
/// payout is negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Fault {
    /// A settlement line is short by a fee. Key: batch and direction. Cents: what the bank's line
    /// has more than the batch (negative).
    FeeNetted,
    /// A batch settles without one of its entries. Key: trace. Cents: what the bank's line has
    /// more than the batch: the entry's amount the other way.
    MissingAtBank,
    /// A settlement line appears twice and counts twice. Key: batch and direction. Cents: the
    /// line's amount.
    DupStatement,
    /// A batch settles one banking day late. Key: batch and direction. Cents: the line's amount.
    Date,
    /// A return after its two banking days. Key: original trace. Cents: the original's.
    ReturnLate,
    /// One return in two files, with one money line. Key: original trace. Cents: the original's.
    DupEntry,
    /// A return of an entry we never sent, with its money line. Key: that trace. Cents: the
    /// original's, had there been one.
    ReturnUnmatched,
    /// A credit of no origin of ours. Key: bank reference. Cents: the line's amount.
    UnexpectedAtBank,
    /// A statement sent again under another name. Key: name of the second. Cents: none.
    DupFile,
    /// A file cut in the middle, the whole one following. Key: name of the torn one. Cents: none.
    ControlTotal,
    /// A file rejected as a whole. Key: name of the file. Cents: none.
    Rejected,
    /// An announced wire that never comes. Key: originator and reference. Cents: those announced.
    WireMissing,
    /// An announced wire of another amount; what was announced is missing then. Key: originator and
    /// reference. Cents: the line's, and those announced.
    WireAmount,
    /// A wire that nobody announced. Key: bank reference. Cents: the line's amount.
    WireUnannounced,
    /// A wire that the bank takes back the next day. Key: originator and reference. Cents: those
    /// announced.
    WireTakenBack,
    /// A wire that comes a banking day late, inside its time. No break.
    WireLate,
    /// A wire that says nothing, and is the only one of its day and amount. No break.
    WireSilent,
    /// A settlement taken back on the next day, and posted again two days later: on another day
    /// than it should. Key: batch and direction. Cents: the batch's.
    TakenBack,
    /// A settlement taken back on the next day, for good. Key and cents as before.
    TakenBackForGood,
    /// A figure for a file, a company or a day, taken back on the next day and posted again two
    /// days later. Of each thing that it answers: key, batch and direction, or trace; cents, its
    /// own.
    FigureTakenBack,
    /// Such a figure, taken back on the next day for good. Keys and cents as before.
    FigureTakenBackForGood,
    /// A settlement line without a name, and two days later one with it. Key: batch and direction.
    /// Cents: the line's amount.
    NamedLater,
    /// A batch settles without two of its entries, which together are the fee that the contract
    /// lets the bank keep. Key: batch and direction. Cents: what the bank's line has more than the
    /// batch.
    LostPair,
    /// A return whose money moves twice. Key: original trace. Cents: the second line's.
    ReturnTwice,
    /// A file rejected as a whole, and settled all the same. Key: name of the file. Cents: what all
    /// of it moves.
    SettledRejected,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Fault; 25] = [
        Fault::FeeNetted,
        Fault::MissingAtBank,
        Fault::DupStatement,
        Fault::Date,
        Fault::ReturnLate,
        Fault::DupEntry,
        Fault::ReturnUnmatched,
        Fault::UnexpectedAtBank,
        Fault::DupFile,
        Fault::ControlTotal,
        Fault::Rejected,
        Fault::WireMissing,
        Fault::WireAmount,
        Fault::WireUnannounced,
        Fault::WireTakenBack,
        Fault::WireLate,
        Fault::WireSilent,
        Fault::TakenBack,
        Fault::TakenBackForGood,
        Fault::FigureTakenBack,
        Fault::FigureTakenBackForGood,
        Fault::NamedLater,
        Fault::LostPair,
        Fault::ReturnTwice,
        Fault::SettledRejected,
    ];

    /// The break kind's name; `REJECTED` and `NONE` where no break is expected.
    pub const fn as_str(self) -> &'static str {
        match self {
            Fault::FeeNetted => "FEE_NETTED",
            Fault::MissingAtBank => "MISSING_AT_BANK",
            Fault::DupStatement => "DUP_STATEMENT",
            Fault::Date => "DATE",
            Fault::ReturnLate => "RETURN_LATE",
            Fault::DupEntry => "DUP_ENTRY",
            Fault::ReturnUnmatched => "RETURN_UNMATCHED",
            Fault::UnexpectedAtBank => "UNEXPECTED_AT_BANK",
            Fault::DupFile => "DUP_FILE",
            Fault::ControlTotal => "CONTROL_TOTAL",
            Fault::Rejected => "REJECTED",
            Fault::WireMissing | Fault::WireTakenBack => "FUNDING_MISSING",
            Fault::WireAmount => "AMOUNT",
            Fault::WireUnannounced => "UNEXPECTED_AT_BANK",
            Fault::WireLate | Fault::WireSilent => "NONE",
            Fault::TakenBack | Fault::TakenBackForGood => "SETTLEMENT_UNDONE",
            Fault::FigureTakenBack | Fault::FigureTakenBackForGood => "SETTLEMENT_UNDONE",
            Fault::NamedLater => "UNEXPECTED_AT_BANK",
            Fault::LostPair => "AMBIGUOUS",
            Fault::ReturnTwice => "DUP_STATEMENT",
            Fault::SettledRejected => "STATUS",
        }
    }

    /// Whether the number of these grows with the day's entries.
    const fn grows(self) -> bool {
        use Fault as F;
        matches!(
            self,
            F::FeeNetted
                | F::MissingAtBank
                | F::DupStatement
                | F::Date
                | F::ReturnLate
                | F::DupEntry
        )
    }

    /// Whether the bank changes its mind, takes twice or loses in pairs: no plan has these that was
    /// not asked for them.
    const fn is_second_thought(self) -> bool {
        use Fault as F;
        matches!(
            self,
            F::TakenBack
                | F::TakenBackForGood
                | F::FigureTakenBack
                | F::FigureTakenBackForGood
                | F::NamedLater
                | F::LostPair
                | F::ReturnTwice
                | F::SettledRejected
        )
    }

    /// On which day of three it falls: those that touch the same thing are kept apart.
    const fn phase(self) -> u32 {
        match self {
            Fault::FeeNetted | Fault::MissingAtBank => 0,
            Fault::ReturnLate | Fault::UnexpectedAtBank => 0,
            Fault::DupStatement | Fault::Date | Fault::DupEntry => 1,
            Fault::DupFile | Fault::Rejected => 1,
            Fault::ReturnUnmatched | Fault::ControlTotal => 2,
            Fault::WireMissing | Fault::WireSilent => 0,
            Fault::WireAmount | Fault::WireLate | Fault::WireUnannounced => 1,
            Fault::WireTakenBack => 2,
            Fault::TakenBack | Fault::NamedLater => 0,
            Fault::TakenBackForGood | Fault::SettledRejected => 1,
            Fault::FigureTakenBack => 1,
            Fault::FigureTakenBackForGood | Fault::LostPair => 2,
            Fault::ReturnTwice => 0,
        }
    }
}

/// Days after which the plan starts again.
const PERIOD: u32 = 3;

/// Another one of a growing fault for each of these many entries of the day.
const ENTRIES_PER_FAULT: u64 = 50_000;

/// At most this many of one fault a day: faults stay the exception at any volume.
const MOST_A_DAY: u64 = 4;

/// Which faults are due on which business day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultPlan {
    /// Business days on which faults are due, counted from the first; zero for none at all.
    days: u32,
    /// Whether the bank changes its mind as well.
    #[serde(default)]
    second_thoughts: bool,
}

impl FaultPlan {
    /// A bank that does nothing wrong.
    pub const fn none() -> FaultPlan {
        FaultPlan::of(0, false)
    }

    /// Each fault at least once in `days` business days, where `days` is three or more and there
    /// are batches enough to befall. One file is rejected, where `days` is three or more.
    ///
    /// Every fault has surfaced, and its money is on a statement, by the fifth banking day after
    /// the last of the `days`.
    pub const fn standard(days: u32) -> FaultPlan {
        FaultPlan::of(days, false)
    }

    /// The same, and a bank that changes its mind: it takes settlements back, names later what it
    /// moved, and settles what it rejected.
    pub const fn with_second_thoughts(days: u32) -> FaultPlan {
        FaultPlan::of(days, true)
    }

    const fn of(days: u32, second_thoughts: bool) -> FaultPlan {
        FaultPlan {
            days,
            second_thoughts,
        }
    }

    /// Whether the plan still runs on the day of this number.
    pub(super) const fn covers(&self, day: u32) -> bool {
        day < self.days
    }

    /// Whether a torn file on day number `day` is a statement; else it is a return file. The two
    /// take turns from period to period.
    pub(super) const fn tears_statements(day: u32) -> bool {
        (day / PERIOD).is_multiple_of(2)
    }

    /// How many of `fault` become due on day number `day` of so many entries.
    fn due(&self, fault: Fault, day: u32, entries: u64) -> u64 {
        let period = self.days.clamp(1, PERIOD);
        if !self.covers(day) || day % period != fault.phase() % period {
            return 0;
        }
        if fault.is_second_thought() && !self.second_thoughts {
            return 0;
        }
        if fault == Fault::Rejected && (self.days < PERIOD || day >= PERIOD) {
            return 0; // one file in all, and none where it would be most of the run
        }
        let more = if fault.grows() {
            entries / ENTRIES_PER_FAULT
        } else {
            0
        };
        (1 + more).min(MOST_A_DAY)
    }
}

/// Faults that are due and not yet committed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Owed {
    due: BTreeMap<Fault, u64>,
    /// The last day whose faults were added, for each fault.
    asked: BTreeMap<Fault, u32>,
}

impl Owed {
    /// How many of `fault` may be committed on day number `day`, what earlier days left undone
    /// included; none where the plan has run out.
    pub(super) fn on(&mut self, plan: &FaultPlan, fault: Fault, day: u32, entries: u64) -> u64 {
        if !plan.covers(day) {
            return 0;
        }
        let due = self.due.entry(fault).or_insert(0);
        if self.asked.get(&fault) != Some(&day) {
            self.asked.insert(fault, day);
            *due = (*due + plan.due(fault, day, entries)).min(MOST_A_DAY);
        }
        *due
    }

    /// One of `fault` has been committed.
    pub(super) fn done(&mut self, fault: Fault) {
        if let Some(due) = self.due.get_mut(&fault) {
            *due = due.saturating_sub(1); // saturates: what was not due is not owed
        }
    }
}

/// One fault as it was committed: what reconciliation must find.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Planted {
    /// Which fault; `kind.as_str()` is the break's name.
    pub kind: Fault,
    /// The key the break must carry; see [`Fault`].
    pub key: String,
    /// The break's signed cents, seen from our account; see [`Fault`].
    pub cents: i64,
    /// The banking day on whose morning the evidence arrives.
    pub date: Date,
    /// What was done, for a person.
    pub note: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_days_bring_every_fault() {
        for days in 3..12 {
            let plan = FaultPlan::with_second_thoughts(days);
            for fault in Fault::ALL {
                let due: u64 = (0..days + 5).map(|day| plan.due(fault, day, 10_000)).sum();
                assert!(
                    due >= 1 && due <= u64::from(days),
                    "{fault:?}: {due} in {days} days"
                );
            }
        }
    }

    #[test]
    fn a_bank_changes_its_mind_where_it_is_asked_to() {
        let plan = FaultPlan::standard(9);
        let changes = Fault::ALL
            .into_iter()
            .filter(|fault| fault.is_second_thought());
        for fault in changes {
            assert!((0..9).all(|day| plan.due(fault, day, 10_000) == 0));
        }
    }

    #[test]
    fn no_plan_brings_no_fault() {
        let mut owed = Owed::default();
        for fault in Fault::ALL {
            assert_eq!(owed.on(&FaultPlan::none(), fault, 0, 1_000_000), 0);
        }
    }

    #[test]
    fn what_could_not_be_done_stays_due() {
        let (plan, mut owed) = (FaultPlan::standard(6), Owed::default());
        assert_eq!(owed.on(&plan, Fault::Date, 1, 0), 1);
        assert_eq!(owed.on(&plan, Fault::Date, 2, 0), 1);
        owed.done(Fault::Date);
        assert_eq!(owed.on(&plan, Fault::Date, 2, 0), 0);
    }
}
