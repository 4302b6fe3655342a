//! The ways of a bank, drawn from a seed: how it settles, what its lines name and list, in which
//! format and how it tells its days, and what it does that another does not.
//!
//! None of it is a fault. What a profile would refuse is not drawn, and neither is what nobody
//! could tell apart: batches in several lines each that name nothing.

use super::habits::{Habits, Listed, Naming};
use super::telling::Telling;
use crate::chance::{About, draw};
use settlement::bank::shape::{By, Returns, Shape, ShapeFrom};
use settlement::bank::{BankProfile, StatementFormat};
use settlement::money::Cents;

/// Amounts that come again and again. Together they are what a bank keeps as its fee.
pub(super) const COINCIDENCES: (Cents, Cents) = (Cents::new(972), Cents::new(1_528));

/// How one bank works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ways {
    /// How it settles.
    pub shape: Shape,
    /// In what it writes its statements; what the profile says where there is nothing.
    pub format: Option<StatementFormat>,
    /// What it does that another does not.
    pub habits: Habits,
    /// How it tells its days.
    pub telling: Telling,
    /// Entries of a batch and of a file, at most; what the profile says where there is none.
    pub most: (Option<u32>, Option<u32>),
    /// Banking days that money may be late; what the profile says where there is none.
    pub late: Option<u32>,
    /// Whether its customers ask for the same amounts again and again.
    pub coincidences: bool,
    /// Whether it changes its mind about what has settled.
    pub second_thoughts: bool,
}

/// Numbers drawn one after the other.
struct Luck {
    seed: u64,
    asked: u64,
}

impl Luck {
    fn of(&mut self, below: u64) -> u64 {
        self.asked += 1;
        draw(self.seed, About::Ways, self.asked, 0) % below.max(1)
    }

    /// Once in so many.
    fn once_in(&mut self, many: u64) -> bool {
        self.of(many) == 0
    }

    fn one<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        let at = self.of(all.len() as u64);
        all.get(usize::try_from(at).ok()?).copied()
    }
}

impl Ways {
    /// A bank that settles so, and has no other ways of its own.
    pub fn plain(shape: Shape) -> Ways {
        Ways {
            shape,
            format: None,
            habits: Habits::default(),
            telling: Telling::default(),
            most: (None, None),
            late: None,
            coincidences: false,
            second_thoughts: false,
        }
    }

    /// The ways that a seed says.
    pub fn drawn(seed: u64) -> Ways {
        let mut luck = Luck { seed, asked: 0 };
        let camt = luck.once_in(2);
        let listed = [
            Listed::Nothing,
            Listed::Batches,
            Listed::Entries,
            Listed::Ids,
        ];
        let listed = luck.one(&listed).filter(|_| camt).unwrap_or_default();
        let naming = [
            Naming::Batch,
            Naming::File,
            Naming::Company,
            Naming::Text,
            Naming::Nothing,
        ];
        let naming = luck.one(&naming).unwrap_or_default();
        let shape = shape(&mut luck, naming, listed);
        let entries = matches!(listed, Listed::Entries | Listed::Ids);
        let told_apart = shape == Shape::default() && naming == Naming::Batch || entries;
        let alike = luck.once_in(2) && told_apart;
        let money_first = luck.once_in(4);
        let (told_again, corrects) = (luck.once_in(4), luck.once_in(4));
        let habits = Habits {
            one_name: luck.once_in(4),
            // Without a date of its own a return that comes a day later is a day late.
            undated: luck.once_in(4) && !money_first,
            told_again,
            corrects,
            second_changes: luck.once_in(4),
            money_first,
            odd_answers: luck.once_in(2),
            rejects_batches: luck.once_in(3),
            change_then_return: luck.once_in(3),
            cures: true,
            spreads: shape.several && shape.by == By::Batch && naming == Naming::Batch,
            look_alikes: alike,
            disputes: luck.once_in(3) && !(told_again || corrects),
            early_values: luck.once_in(2),
            last_day: false,
            naming,
            listed,
            ..Habits::default()
        };
        let telling = Telling {
            one_line: luck.once_in(3),
            overlaps: luck.once_in(4),
            ..Telling::default()
        };
        let drawn = Ways {
            shape,
            format: Some(match camt {
                true => StatementFormat::Camt053,
                false => StatementFormat::Bai2,
            }),
            habits,
            telling,
            most: (
                luck.one(&[7, 25]).filter(|_| camt),
                luck.one(&[40]).filter(|_| !camt),
            ),
            late: luck.one(&[2]).filter(|_| shape.several),
            coincidences: alike,
            second_thoughts: false,
        };
        drawn.with_more(&mut luck)
    }

    /// The same with what is drawn last, so that what is drawn before stays what it is.
    fn with_more(mut self, luck: &mut Luck) -> Ways {
        let (habits, telling) = (&mut self.habits, &mut self.telling);
        habits.recurring = luck.once_in(3);
        habits.money_later = luck.once_in(4) && !habits.money_first;
        habits.answers_at_once = luck.once_in(3);
        // Who tells each day plainly may also tear a statement, or send it twice.
        let odd = luck.once_in(2);
        // A file that repeats the day before is no correction of it, and says nothing of one.
        telling.corrections = luck.once_in(2) && odd && !telling.overlaps;
        telling.wrong_reversals = luck.once_in(2) && odd && !telling.overlaps;
        telling.strangers = luck.once_in(2) && odd;
        let plain = !telling.overlaps && !telling.corrections && !telling.wrong_reversals;
        // BAI2 has no place for what camt lists, and the first of the two is the one that counts.
        let lists = habits.listed != Listed::Nothing;
        telling.both_formats = luck.once_in(2) && odd && plain && !lists;
        telling.numbered = luck.once_in(2) && *telling != Telling::default();
        self.second_thoughts = luck.once_in(2);
        self
    }

    /// The amount that a customer asks for by these ways: one of two, for some of them.
    pub fn amount(&self, asked: Cents, chance: u32) -> Cents {
        match (self.coincidences, chance % 6) {
            (true, 0) => COINCIDENCES.0,
            (true, 1) => COINCIDENCES.1,
            _ => asked,
        }
    }

    /// Writes into a profile what the desk must know of them.
    pub fn tell(&self, profile: &mut BankProfile) {
        let shape = self.shape;
        profile.settlement = vec![ShapeFrom { from: None, shape }];
        if let Some(format) = self.format {
            profile.statement_format = format;
        }
        if let Some(most) = self.most.0 {
            profile.batch.max_entries = most;
        }
        if let Some(most) = self.most.1 {
            profile.file.max_entries = most;
        }
        if let Some(days) = self.late {
            profile.tolerance.settlement_days = days;
        }
    }
}

/// A shape that does not contradict itself, and whose lines can be told apart.
fn shape(luck: &mut Luck, naming: Naming, listed: Listed) -> Shape {
    let by = [By::Batch, By::File, By::CompanyClass, By::Company, By::Day];
    let by = luck.one(&by).unwrap_or_default();
    let net = luck.once_in(2) && by != By::Batch;
    let returns = [Returns::Each, Returns::File, Returns::Day];
    let netted = net && matches!(by, By::Company | By::Day) && luck.once_in(2);
    let returns = match netted {
        true => Returns::Netted,
        false => luck.one(&returns).unwrap_or_default(),
    };
    let told = match by {
        By::Batch => naming == Naming::Batch,
        By::File => matches!(naming, Naming::Batch | Naming::File),
        By::Company => matches!(naming, Naming::Batch | Naming::Company),
        By::CompanyClass => false,
        By::Day => true,
    };
    let entries = matches!(listed, Listed::Entries | Listed::Ids);
    Shape {
        by,
        net,
        returns,
        several: luck.once_in(3) && (told || entries) && !net,
        prefunded: luck.once_in(4) && !net,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_contradicts_nothing_and_brings_every_shape() {
        let all: Vec<Ways> = (0..400).map(Ways::drawn).collect();
        assert!(all.iter().all(|one| one.shape.contradiction().is_none()));
        for by in settlement::bank::shape::TRIED {
            for net in [false, true] {
                let of = |one: &&Ways| one.shape.by == by && one.shape.net == net;
                assert_eq!(all.iter().any(|one| of(&one)), by != By::Batch || !net);
            }
        }
        assert!(
            all.iter()
                .any(|one| one.shape.prefunded && one.shape.several)
        );
        assert_eq!(Ways::drawn(7), Ways::drawn(7));
    }
}
