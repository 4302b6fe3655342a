//! What a row of the return reason codes says, in the words of the rules.

use super::code::ReturnCode;
use crate::calendar::{add_banking_days, next_banking_day};
use crate::ids::Direction;
use jiff::{Span, civil::Date};

/// Who returns entries with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Initiator {
    /// The receiving bank, or a gateway in its place.
    Rdfi,
    /// The operator: the entry never reached the receiving bank.
    Operator,
    /// Our own bank: it dishonors a return.
    Odfi,
    /// The gateway of an international entry.
    Gateway,
    /// A federal agency: an enrollment.
    Agency,
}

/// Which entries come back with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Side {
    Credits,
    Debits,
    Either,
}

/// Until when an entry may come back with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReturnWindow {
    /// By the opening of business on this banking day after the settlement date.
    BankingDays(u16),
    /// By the opening of business on the banking day after this many calendar days.
    CalendarDays(u16),
    /// As the two banks agree.
    Agreed,
    /// With the operator's next file.
    NextFile,
    /// Banking days after the receiver refused the entry: we cannot know when that was.
    AfterRefusal(u16),
    /// Banking days after the settlement of the return that is dishonored.
    AfterReturn(u16),
    /// Banking days after the settlement of the dishonored return that is contested.
    AfterDishonor(u16),
    /// No window, or one of its own.
    Unlimited,
}

/// What kind of trouble a code is. Two of them are counted in return rates of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Bucket {
    Nsf,
    /// Counts in the administrative return rate.
    Administrative,
    /// Counts in the unauthorized return rate.
    Unauthorized,
    Requested,
    Stopped,
    Account,
    Format,
    Deceased,
    Blocked,
    FormatOrFraud,
    Refused,
    Duplicate,
    Check,
    Network,
    Enrollment,
    Rck,
    Dishonor,
    Contest,
    International,
}

/// Whether an entry may be sent again after it came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reinitiate {
    /// At most twice, within 180 days of the original settlement date.
    Twice,
    /// When the cause was corrected.
    Corrected,
    /// When the receiver authorized it after the return.
    Authorized,
    /// As a new, corrected entry within 60 days of the return's settlement.
    Within60,
    /// Not at all.
    Never,
}

/// What is known of one return reason code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReturnReason {
    /// The code.
    pub code: ReturnCode,
    /// Who returns entries with it.
    pub initiator: Initiator,
    /// Which entries come back with it.
    pub side: Side,
    /// Until when they may.
    pub window: ReturnWindow,
    /// Whether the receiver signed a written statement of unauthorized debit.
    pub written_statement: bool,
    /// What kind of trouble it is.
    pub bucket: Bucket,
    /// Whether the entry may be sent again.
    pub again: Reinitiate,
    /// The first day of this meaning; `None` where it is older than our sources.
    pub since: Option<Date>,
    /// The last day of this meaning; `None` where it is in force.
    pub until: Option<Date>,
    /// A short title.
    pub title: &'static str,
    /// What the originator does.
    pub action: &'static str,
}

impl ReturnReason {
    /// Whether entries that go this way come back with the code.
    pub fn applies_to(&self, direction: Direction) -> bool {
        match self.side {
            Side::Either => true,
            Side::Credits => direction == Direction::Credit,
            Side::Debits => direction == Direction::Debit,
        }
    }
}

impl ReturnWindow {
    /// The last day on which the return of an entry settled on `settlement` is timely; `None`
    /// where the window does not start at the settlement date.
    pub fn deadline(self, settlement: Date) -> Option<Date> {
        match self {
            ReturnWindow::BankingDays(days) => Some(add_banking_days(settlement, days)),
            ReturnWindow::CalendarDays(days) => {
                let last = settlement.checked_add(Span::new().days(i64::from(days)));
                // saturates: at the end of the calendar its last day is in time
                Some(next_banking_day(last.unwrap_or(Date::MAX)))
            }
            _ => None,
        }
    }
}
