//! A bank that changes its mind about a settlement: it takes it back, for good or to post it again,
//! or says later which batch it was. What it takes back is the line of a batch, or a figure: of a
//! file, a company or a day, with all that it answers.

use super::{
    Bank,
    faults::{Fault, Planted},
    habits::CURED_AFTER,
    money::{Movement, Settling, Sort},
};
use crate::chance::{About, draw};
use jiff::civil::Date;
use settlement::calendar::{add_banking_days, next_banking_day};

/// Banking days after settlement on which it is posted again, or named.
const LATER: u16 = 3;

/// Type codes of what is taken back: of a debit and of a credit that is no settlement.
const TAKEN: &str = "455";
const GIVEN: &str = "142";

/// The faults of figures, in the order of choosing.
const OF_FIGURES: [Fault; 2] = [Fault::FigureTakenBack, Fault::FigureTakenBackForGood];

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
                let again = match fault {
                    Fault::TakenBack => Some(later),
                    _ => self.cured_on(taken),
                };
                if let Some(again) = again {
                    self.moves(again, line);
                    self.settles_late(key, cents, again);
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

    /// When what was taken back for good is posted again all the same, by a bank that cures.
    fn cured_on(&self, taken: Date) -> Option<Date> {
        let cures = self.habits.cures;
        cures.then(|| add_banking_days(taken, CURED_AFTER))
    }

    /// What becomes of a line on a later day, now that it has its reference.
    pub(super) fn think_of_line(&mut self, day: Date, line: &Movement, reference: &str) {
        if line.back_after > 0 && self.habits.cures {
            let back = Movement {
                repeats: reference.to_owned(),
                ..line.clone().back()
            };
            self.moves(add_banking_days(day, line.back_after), back);
        }
        self.think_of_figure(day, line, reference);
    }

    /// Takes a figure of the statement of `day` back on the next one, where that is due: by its
    /// reference, or in words that can mean no other line.
    fn think_of_figure(&mut self, day: Date, line: &Movement, reference: &str) {
        let whole = line.of.is_none() && !line.answers.is_empty();
        let told_apart = whole && !self.terms.shape_on(day).several && self.knows(day);
        if !told_apart || line.answers.iter().any(|(key, _)| self.has_planted(key)) {
            return;
        }
        let number = self.day_number(day);
        let due = |bank: &mut Bank, fault: &Fault| bank.owed.on(&bank.plan, *fault, number, 0) > 0;
        let Some(fault) = OF_FIGURES.into_iter().find(|fault| due(self, fault)) else {
            return;
        };
        let (taken, later) = (next_banking_day(day), add_banking_days(day, LATER));
        let by_reference = draw(self.seed, About::Telling, number.into(), 1).is_multiple_of(2);
        self.moves(
            taken,
            Movement {
                repeats: match by_reference {
                    true => reference.to_owned(),
                    false => String::new(),
                },
                ..reversal(line)
            },
        );
        let told = next_banking_day(taken);
        self.owed.done(fault);
        self.undone(line, told, "a figure taken back on the next day");
        let again = match fault {
            Fault::FigureTakenBack => Some(later),
            _ => self.cured_on(taken),
        };
        if let Some(again) = again {
            let sides = line.answers.iter().filter(|(key, _)| key.contains('/'));
            for (key, cents) in sides {
                self.settles_late(key, *cents, again);
            }
            self.moves(
                again,
                Movement {
                    answers: Vec::new(),
                    ..line.clone()
                },
            );
        }
    }

    /// All that a line answers is found to wait again.
    pub(super) fn undone(&mut self, line: &Movement, told: Date, note: &str) {
        let planted = line.answers.iter().map(|(key, cents)| Planted {
            kind: Fault::FigureTakenBack,
            key: key.clone(),
            cents: *cents,
            date: told,
            note: note.to_owned(),
        });
        self.planted.extend(planted);
    }

    /// Whether something of this name is planted already.
    pub(super) fn has_planted(&self, key: &str) -> bool {
        self.planted.iter().any(|planted| planted.key == key)
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

/// A line the other way, in the bank's words. What the line said that it is of is said again.
pub(super) fn reversal(line: &Movement) -> Movement {
    let of_company = line.text.strip_prefix("ACH SETTLEMENT").unwrap_or_default();
    Movement {
        sort: Sort::Settlement,
        type_code: if line.cents > 0 { TAKEN } else { GIVEN }.to_owned(),
        text: format!("SETTLEMENT REVERSAL{of_company}"),
        ..line.clone().back()
    }
}
