//! What comes back about an entry: returns, notifications of change, and the disputes over both.
//!
//! Five kinds of answer travel in two addenda: 99 carries returns, dishonored and contested ones,
//! 98 carries notifications and refused ones. Every stage has a question to ask of the kind, and
//! each is answered here once: does money come back, is it about a change, what does the bank
//! bill for it?

use crate::codes::returns::{Bucket, ReturnCode};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What an answer to one of our entries is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AnswerKind {
    /// A return: the entry's money comes back. Addenda 99 with R01 to R53, R80 and on.
    #[serde(rename = "return")]
    Return,
    /// Our bank has dishonored a return: R61 to R70.
    #[serde(rename = "dishonored")]
    Dishonored,
    /// The receiving bank contests that: R71 to R77.
    #[serde(rename = "contested")]
    Contested,
    /// A notification of change: data to use from now on. Addenda 98 with C01 to C14.
    #[serde(rename = "noc")]
    Notice,
    /// A notification that was refused: addenda 98 with C61 to C69.
    #[serde(rename = "refused")]
    RefusedNotice,
}

/// As which service of its price list the bank bills an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Billed {
    /// A returned entry.
    Return,
    /// A notification of change.
    Change,
}

/// The text is none of the kinds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("kind of answer: must be return, dishonored, contested, noc or refused")]
pub struct UnknownAnswer;

impl AnswerKind {
    /// Every kind, returns first.
    pub const ALL: &'static [AnswerKind] = &[
        AnswerKind::Return,
        AnswerKind::Dishonored,
        AnswerKind::Contested,
        AnswerKind::Notice,
        AnswerKind::RefusedNotice,
    ];

    /// The kind as tables write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            AnswerKind::Return => "return",
            AnswerKind::Dishonored => "dishonored",
            AnswerKind::Contested => "contested",
            AnswerKind::Notice => "noc",
            AnswerKind::RefusedNotice => "refused",
        }
    }

    /// The kind of an addenda 99 with `code`, which repeats an earlier return where it disputes
    /// one. Who disputes is what the table says of the code: our bank dishonors, and whatever
    /// else repeats a return comes from the receiving bank and contests.
    pub fn of_return(code: ReturnCode, repeats_a_return: bool) -> AnswerKind {
        let bucket = code.reason().map(|reason| reason.bucket);
        match (repeats_a_return, bucket) {
            (false, _) => AnswerKind::Return,
            (true, Some(Bucket::Dishonor)) => AnswerKind::Dishonored,
            (true, _) => AnswerKind::Contested,
        }
    }

    /// The kind of an addenda 98.
    pub const fn of_notice(refuses_one: bool) -> AnswerKind {
        match refuses_one {
            true => AnswerKind::RefusedNotice,
            false => AnswerKind::Notice,
        }
    }

    /// Whether it is about a change of data: it then moves no money and states no amount.
    pub const fn is_notice(self) -> bool {
        matches!(self, AnswerKind::Notice | AnswerKind::RefusedNotice)
    }

    /// What the bank bills for it: the price of a return, of a notification, or nothing.
    ///
    /// A bank prices the items that it receives for us. A return is one; a notification is one,
    /// and so is a refused notification: it is an entry of class COR like any other, which the
    /// bank takes in, matches and passes on, whoever sent it. (A refusal of our own making would
    /// be an item we send; tieout sends none.) A dishonored or contested return is a step of a
    /// dispute over an item that was billed when it came: price lists name no price for it, and
    /// none is invented here.
    pub const fn billed(self) -> Option<Billed> {
        match self {
            AnswerKind::Return => Some(Billed::Return),
            AnswerKind::Notice | AnswerKind::RefusedNotice => Some(Billed::Change),
            AnswerKind::Dishonored | AnswerKind::Contested => None,
        }
    }
}

impl fmt::Display for AnswerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for AnswerKind {
    type Err = UnknownAnswer;
    fn from_str(text: &str) -> Result<AnswerKind, UnknownAnswer> {
        let mut all = AnswerKind::ALL.iter().copied();
        all.find(|kind| kind.as_str() == text).ok_or(UnknownAnswer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::returns::RETURN_REASONS;

    #[test]
    fn kinds_read_back_as_they_are_written() {
        for kind in AnswerKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
        assert!("noc ".parse::<AnswerKind>().is_err() && "".parse::<AnswerKind>().is_err());
    }

    #[test]
    fn a_refused_notification_is_billed_as_the_notification_it_is() {
        use AnswerKind::*;
        let billed = [Return, Dishonored, Contested, Notice, RefusedNotice].map(AnswerKind::billed);
        let (a_return, a_change) = (Some(Billed::Return), Some(Billed::Change));
        assert_eq!(billed, [a_return, None, None, a_change, a_change]);
    }

    #[test]
    fn who_disputes_is_what_the_table_says() {
        for row in RETURN_REASONS {
            let expected = match row.bucket {
                Bucket::Dishonor => AnswerKind::Dishonored,
                _ => AnswerKind::Contested,
            };
            assert_eq!(
                AnswerKind::of_return(row.code, true),
                expected,
                "{}",
                row.code
            );
            assert_eq!(AnswerKind::of_return(row.code, false), AnswerKind::Return);
        }
    }
}
