//! Return reason codes: why an entry came back, until when it may, and what to do about it.
//!
//! A [`ReturnCode`] is what was received, known to the table or not: a bank may use a code before
//! we hear of it, and a return is money either way. [`ReturnCode::reason`] finds its row in
//! [`RETURN_REASONS`], [`ReturnCode::reason_on`] the meaning it had on a day of the past.
//!
//! ```
//! use settlement::codes::returns::{Reinitiate, ReturnCode, ReturnWindow};
//!
//! let code: ReturnCode = "R01".parse().unwrap();
//! let reason = code.reason().unwrap();
//! assert_eq!(reason.title, "insufficient funds");
//! assert_eq!(reason.window, ReturnWindow::BankingDays(2));
//! assert_eq!(reason.again, Reinitiate::Twice);
//! ```

mod table;

pub use table::{EARLIER_REASONS, RETURN_REASONS};

use super::sec::SecCode;
use crate::calendar::{add_banking_days, next_banking_day};
use crate::ids::Direction;
use jiff::{Span, civil::Date};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A return reason code as it was received, known to the table or not: `R01`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReturnCode([u8; 3]);

/// The text is not `R` and two digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("return reason code: must be R and two digits")]
pub struct BadReturnCode;

impl ReturnCode {
    /// The code behind three bytes, `None` where they are not `R` and two digits.
    pub const fn from_bytes(text: &[u8]) -> Option<ReturnCode> {
        match *text {
            [b'R', a @ b'0'..=b'9', b @ b'0'..=b'9'] => Some(ReturnCode([b'R', a, b])),
            _ => None,
        }
    }

    /// The three characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("R00")
    }
}

impl fmt::Display for ReturnCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for ReturnCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ReturnCode {
    type Err = BadReturnCode;
    fn from_str(text: &str) -> Result<ReturnCode, BadReturnCode> {
        ReturnCode::from_bytes(text.as_bytes()).ok_or(BadReturnCode)
    }
}

impl TryFrom<String> for ReturnCode {
    type Error = BadReturnCode;
    fn try_from(text: String) -> Result<ReturnCode, BadReturnCode> {
        text.parse()
    }
}

impl From<ReturnCode> for String {
    fn from(code: ReturnCode) -> String {
        code.as_str().to_owned()
    }
}

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

impl ReturnCode {
    /// The code's row, with its newest meaning; `None` where the table does not know it.
    pub fn reason(self) -> Option<&'static ReturnReason> {
        let at = RETURN_REASONS.binary_search_by_key(&self, |row| row.code);
        at.ok().and_then(|at| RETURN_REASONS.get(at))
    }

    /// What the code meant on a day: an earlier meaning where there was one.
    ///
    /// Where none is known for the day, the newest: banks run ahead of effective dates.
    pub fn reason_on(self, day: Date) -> Option<&'static ReturnReason> {
        let then =
            |row: &&ReturnReason| row.code == self && row.until.is_some_and(|until| day <= until);
        EARLIER_REASONS.iter().find(then).or_else(|| self.reason())
    }

    /// Whether a return with this code counts in the unauthorized return rate.
    pub fn is_unauthorized(self) -> bool {
        self.reason()
            .is_some_and(|row| row.bucket == Bucket::Unauthorized)
    }

    /// Whether a return with this code counts in the administrative return rate.
    pub fn is_administrative(self) -> bool {
        self.reason()
            .is_some_and(|row| row.bucket == Bucket::Administrative)
    }
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

    /// Whether entries of that class that go this way come back with the code.
    pub fn fits(&self, sec: SecCode, direction: Direction) -> bool {
        let own = table::CLASSES
            .iter()
            .find(|(code, _)| *code == self.code.as_str());
        self.applies_to(direction) && own.is_none_or(|(_, classes)| classes.contains(&sec))
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
                Some(next_banking_day(last.unwrap_or(Date::MAX)))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
