//! A bank that changes its mind about a settlement: it takes it back, for good or to post it again,
//! or says later which batch it was.

use super::{
    Bank,
    faults::{Fault, Planted},
    money::{Movement, Settling, Sort},
};
use jiff::civil::Date;
use settlement::calendar::{add_banking_days, next_banking_day};

/// Banking days after settlement on which it is posted again, or named.
const LATER: u16 = 3;

/// Type codes of what is taken back: of a debit and of a credit that is no settlement.
const TAKEN: &str = "455";
const GIVEN: &str = "142";

/// Whether a fault needs a line that is of one batch alone.
pub(super) const fn is_of_a_line(fault: Fault) -> bool {
    matches!(
        fault,
        Fault::TakenBack | Fault::TakenBackForGood | Fault::NamedLater
    )
}

impl Bank {
    /// Does such a fault to a batch that is about to settle.
    pub(super) fn think_again(&mut self, fault: Fault, key: &str, settling: &mut Settling) {
        let (cents, settles) = (settling.signed(), settling.settles);
        let (taken, later) = (next_banking_day(settles), add_banking_days(settles, LATER));
        let Some(line) = settling.movements(&self.terms).into_iter().next() else {
            return;
        };
        match fault {
            Fault::TakenBack | Fault::TakenBackForGood => {
                self.moves(taken, reversal(&line));
                let note = "a settlement taken back on the next day";
                self.plant(fault, key.to_owned(), cents, next_banking_day(taken), note);
                if fault == Fault::TakenBack {
                    self.moves(later, line);
                    self.settles_late(key, cents, later);
                }
            }
            Fault::NamedLater => {
                settling.nameless = true;
                self.moves(later, line);
                let note = "a line without a name, and later one with it";
                self.plant(fault, key.to_owned(), cents, next_banking_day(later), note);
            }
            _ => {}
        }
    }

    fn moves(&mut self, on: Date, movement: Movement) {
        self.moving.entry(on).or_default().push(movement);
    }

    /// The line that counts is of another day than it should: that is noted as well.
    fn settles_late(&mut self, key: &str, cents: i64, on: Date) {
        self.planted.push(Planted {
            kind: Fault::Date,
            key: key.to_owned(),
            cents,
            date: next_banking_day(on),
            note: "what counts of a batch is of a later day".to_owned(),
        });
    }
}

/// A line the other way, in the bank's words.
fn reversal(line: &Movement) -> Movement {
    Movement {
        sort: Sort::Settlement,
        type_code: if line.cents > 0 { TAKEN } else { GIVEN }.to_owned(),
        cents: -line.cents,
        text: "SETTLEMENT REVERSAL".to_owned(),
        of: None,
        ..line.clone()
    }
}
