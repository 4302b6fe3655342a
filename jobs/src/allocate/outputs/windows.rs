//! The windows of sides that settled: until when their pulls are held, and from when they are
//! final.
//!
//! They run from the day on which a side first settled. Where the bank takes that back they rest;
//! settling anew restarts none, but a hold ends no earlier than on the day after the money came.

use crate::allocate::inputs::Inputs;
use crate::records::allocated::SettledSide;
use crate::records::reconciled::SettledBatch;
use jiff::civil::Date;
use settlement::allocate::{Outcome, Undone};
use settlement::calendar::next_banking_day;
use settlement::ids::Direction;
use settlement::windows::{extended_return_deadline, ordinary_return_deadline};

/// Whether a side is final on `date`: its windows are over, and its holds have ended.
pub fn is_over(one: &SettledBatch, date: Date) -> bool {
    one.closes <= date && (one.hold_ended || one.direction == Direction::Credit)
}

/// The windows that run on, and those that begin.
pub fn of(inputs: &Inputs, settled: &[SettledSide], made: &Outcome) -> Vec<SettledBatch> {
    // What was final before is nothing any more; what becomes so today is still in the record.
    let kept = inputs
        .before
        .windows
        .iter()
        .filter(|one| !is_over(one, inputs.before.date));
    let rests = |one: &SettledBatch| {
        let id = settlement::allocate::Kind::side_id(one.key, one.direction);
        let mut whole = made
            .unsettled
            .iter()
            .filter(|entries| entries.only.is_empty());
        whole.any(|entries| entries.id == id)
    };
    let kept = kept.filter(|one| !rests(one)).cloned().map(|mut one| {
        // The posting of the date before has ended what was due by then.
        one.hold_ended |= one.hold_ends <= inputs.before.date;
        one
    });
    let new = settled.iter().map(|side| {
        let id = settlement::allocate::Kind::side_id(side.key, side.direction);
        let of_side = made.expectations.iter().find(|one| one.id == id);
        let undone = of_side.and_then(|one| one.undone.as_ref());
        begins(inputs.date, side, undone)
    });
    kept.chain(new).collect()
}

/// The windows of a side that settled on `date`.
fn begins(date: Date, side: &SettledSide, undone: Option<&Undone>) -> SettledBatch {
    let again = undone.and_then(|undone| undone.first);
    let from = again.unwrap_or(side.on);
    let hold_ends = ordinary_return_deadline(from);
    SettledBatch {
        key: side.key,
        direction: side.direction,
        on: from,
        hold_ends: match again {
            Some(_) => hold_ends.max(next_banking_day(date)),
            None => hold_ends,
        },
        hold_ended: false,
        closes: extended_return_deadline(from),
    }
}
