//! What a bank does that another does not: each switched on by itself, none of it a fault.
//!
//! A fault surfaces as a break by its name. A habit surfaces as nothing, where the desk is right:
//! names that are used again, dates that are left out, returns on the last day there is, changes of
//! changes. What is told again is said once, and what was wrong is set right by the bank itself.

use super::notice::Notice;
use super::sent::Reason;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use settlement::calendar::{add_banking_days, next_banking_day};
use settlement::ids::TRACE_SEQUENCE_MAX;
use settlement::windows::extended_return_deadline;

/// What a settlement line says that it is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Naming {
    /// The batch, or what its line is about.
    #[default]
    Batch,
    /// The file, where the line is of one.
    File,
    /// The company, where the line is of one.
    Company,
    /// Only that it is a settlement.
    Text,
    /// Nothing at all.
    Nothing,
}

/// Which parts of its entries a bank lists in camt.053.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Listed {
    /// None.
    #[default]
    Nothing,
    /// Batches and returns.
    Batches,
    /// Entries and returns, by trace.
    Entries,
    /// Entries and returns, by what we called them end to end.
    Ids,
}

/// The habits of a bank; by default it has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools)] // each is a switch of its own
pub struct Habits {
    /// Its return files are called alike on every day.
    pub one_name: bool,
    /// Its return batches do not say when they settled.
    pub undated: bool,
    /// A debit that was not authorized comes back on the last day of its window.
    pub last_day: bool,
    /// Every return is told once more, some days later, without money.
    pub told_again: bool,
    /// A return of the first morning names a wrong trace, and is sent again right the next day.
    pub corrects: bool,
    /// Every notification of change is followed by another one the next day.
    pub second_changes: bool,
    /// What its settlement lines say that they are of.
    #[serde(default)]
    pub naming: Naming,
    /// What its entries list, where it tells its days in camt.053.
    #[serde(default)]
    pub listed: Listed,
    /// The money of returns moves a banking day before their file comes.
    #[serde(default)]
    pub money_first: bool,
    /// Answers to files come late, twice, or not at all.
    #[serde(default)]
    pub odd_answers: bool,
    /// Of some files one batch is rejected alone.
    #[serde(default)]
    pub rejects_batches: bool,
    /// What is notified as a change on the first morning comes back on the next.
    #[serde(default)]
    pub change_then_return: bool,
    /// What went wrong with money it puts right itself, some days later: what was lost comes, and
    /// what was nobody's or came twice is taken back.
    #[serde(default)]
    pub cures: bool,
    /// What comes in two lines comes on two days.
    #[serde(default)]
    pub spreads: bool,
    /// It loses entries that others look like.
    #[serde(default)]
    pub look_alikes: bool,
    /// Some returns are dishonored, and some of these contested, each with its money.
    #[serde(default)]
    pub disputes: bool,
    /// What it dates wrong it dates before it had the file, and not late.
    #[serde(default)]
    pub early_values: bool,
    /// Its references and the traces of its returns start again each day, and a return that names a
    /// wrong trace names that of another entry of ours.
    #[serde(default)]
    pub recurring: bool,
    /// The money of returns moves a banking day after their file has come.
    #[serde(default)]
    pub money_later: bool,
    /// It answers a file as soon as it has it, while the day that sent it still goes on.
    #[serde(default)]
    pub answers_at_once: bool,
}

/// Banking days after which a return is disputed, and the dispute again.
const DISPUTED_AFTER: u16 = 2;

/// Reasons of disputes: an untimely return, and that it was timely.
const DISHONORED: u8 = 68;
const CONTESTED: u8 = 73;

/// Banking days after which a return is told again.
const AGAIN_AFTER: u16 = 3;

/// Banking days after which money is put right.
pub(super) const CURED_AFTER: u16 = 3;

/// The traces of returns that are sent twice start here: above those that a day's returns take.
const TWICE_FROM: u64 = 8_000_000;

impl Habits {
    /// What is told of a notice that would come on `morning`, and when.
    pub(super) fn told(self, settles: Date, morning: Date, notice: Notice) -> Vec<(Date, Notice)> {
        let (is_return, first) = (notice.is_return(), next_banking_day(settles));
        let morning = match notice.reason {
            Reason::Return(10) if self.last_day => extended_return_deadline(settles),
            _ => morning,
        };
        let mut told = Vec::new();
        if self.corrects && is_return && morning == first {
            let sequence = TWICE_FROM + notice.entry.trace % 1_000_000;
            let of_bank = u64::from(notice.entry.rdfi) * u64::from(TRACE_SEQUENCE_MAX + 1);
            let by = Some(of_bank + sequence);
            let wrong = Notice {
                by,
                wrong: true,
                neighbour: notice.neighbour.filter(|_| self.recurring),
                moves: false,
                doubled: false,
                twice: false,
                ..notice.clone()
            };
            told.push((morning, wrong));
            told.push((next_banking_day(morning), Notice { by, ..notice }));
            return told;
        }
        if self.told_again && is_return {
            let again = Notice {
                moves: false,
                doubled: false,
                billed: false,
                ..notice.clone()
            };
            told.push((add_banking_days(morning, AGAIN_AFTER), again));
        }
        if let (true, true, Reason::Return(1)) = (self.disputes, morning == first, &notice.reason) {
            let step = |code: u8| Notice {
                reason: Reason::Return(code),
                billed: false,
                twice: false,
                doubled: false,
                ..notice.clone()
            };
            told.push((add_banking_days(morning, DISPUTED_AFTER), step(DISHONORED)));
            if notice.entry.trace.is_multiple_of(2) {
                let contested = add_banking_days(morning, 2 * DISPUTED_AFTER);
                told.push((contested, step(CONTESTED)));
            }
        }
        if let (true, Reason::Change(code)) = (self.second_changes, &notice.reason) {
            let other = if *code == 1 { 2 } else { 1 };
            let second = Notice {
                reason: Reason::Change(other),
                ..notice.clone()
            };
            told.push((next_banking_day(morning), second));
        }
        if let (true, true, Reason::Change(_)) =
            (self.change_then_return, morning == first, &notice.reason)
        {
            let back = Notice {
                reason: Reason::Return(4),
                ..notice.clone()
            };
            told.push((next_banking_day(morning), back));
        }
        told.push((morning, notice));
        told
    }
}
