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

mod code;
mod reason;
mod table;

pub use code::{BadReturnCode, ReturnCode};
pub use reason::{Bucket, Initiator, Reinitiate, ReturnReason, ReturnWindow, Side};
pub use table::{EARLIER_REASONS, RETURN_REASONS};

use super::sec::SecCode;
use crate::ids::Direction;
use jiff::civil::Date;

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
    /// Whether entries of that class that go this way come back with the code.
    pub fn fits(&self, sec: SecCode, direction: Direction) -> bool {
        let listed = |table: &'static [(&str, &[SecCode])]| {
            let mut rows = table.iter();
            rows.find(|(code, _)| *code == self.code.as_str())
        };
        let own = listed(table::CLASSES);
        let other = listed(table::OTHER_CLASSES);
        self.applies_to(direction)
            && own.is_none_or(|(_, classes)| classes.contains(&sec))
            && other.is_none_or(|(_, classes)| !classes.contains(&sec))
    }
}

#[cfg(test)]
mod tests;
