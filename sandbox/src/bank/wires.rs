//! Wires: what originators announced to us, and what of it comes.
//!
//! An originator tells its bank what it told us, and as a rule the wire moves on its day, with the
//! reference that was announced. A fault befalls one wire alone, drawn from the seed once the day's
//! wires are all known.

use super::Bank;
use super::faults::{Fault, Planted};
use super::money::{Movement, Sort};
use super::wire::Wire;
use crate::chance::{About, draw};
use jiff::civil::Date;
use settlement::calendar::{add_banking_days, next_banking_day};

/// The faults that befall a wire, in the order of choosing.
const OF_WIRES: [Fault; 5] = [
    Fault::WireMissing,
    Fault::WireAmount,
    Fault::WireTakenBack,
    Fault::WireLate,
    Fault::WireSilent,
];

/// What a wire of another amount is short of, in cents: no wire is so small.
const SHORT: i64 = 1_250;

/// What a wire that nobody announced brings, in cents: no whole thousands, so no announced amount.
const UNANNOUNCED: i64 = 4_217_730;

impl Bank {
    /// Originators wire on `date` what they have announced for it: to be said once a day, after
    /// its morning.
    pub fn wire(&mut self, date: Date, mut wires: Vec<Wire>) {
        wires.sort();
        let number = self.day_number(date);
        let mut victims: Vec<(usize, Fault)> = Vec::new();
        for fault in OF_WIRES {
            if self.owed.on(&self.plan, fault, number, 0) == 0 {
                continue;
            }
            let luck = |at: &usize| draw(self.seed, About::Wire, number.into(), *at as u64);
            // A silent one that another one's amount could be is AMBIGUOUS, and rightly so.
            let alike = |at: usize| wires.iter().filter(|w| w.cents == wires[at].cents).count();
            let fits = |at: &usize| fault != Fault::WireSilent || alike(*at) == 1;
            let free = (0..wires.len()).filter(|at| victims.iter().all(|(of, _)| of != at));
            let free = free.filter(fits);
            if let Some(victim) = free.min_by_key(luck) {
                victims.push((victim, fault));
            }
        }
        for (at, wire) in wires.into_iter().enumerate() {
            let fault = victims.iter().find(|(of, _)| *of == at);
            let wire = match fault {
                None => self.comes(wire, date),
                Some((_, fault)) => self.goes_wrong(*fault, wire, date),
            };
            self.wires.push(wire);
        }
        if self.owed.on(&self.plan, Fault::WireUnannounced, number, 0) > 0 {
            self.wired(date, UNANNOUNCED, "SALES DEPT", Sort::Unexpected, "WIRE IN");
        }
    }

    /// Every wire that was announced, and whether it came.
    pub fn wires(&self) -> &[Wire] {
        &self.wires
    }

    fn comes(&mut self, mut wire: Wire, day: Date) -> Wire {
        self.wired(
            day,
            wire.cents,
            &wire.reference.clone(),
            Sort::Wire,
            "WIRE IN",
        );
        wire.came = Some(day);
        wire
    }

    fn goes_wrong(&mut self, fault: Fault, wire: Wire, date: Date) -> Wire {
        let key = format!("{}/{}", wire.originator, wire.reference);
        let (told, missed) = (next_banking_day(date), add_banking_days(date, 2));
        let (cents, reference) = (wire.cents, wire.reference.clone());
        match fault {
            Fault::WireLate => {
                self.owed.done(fault);
                self.comes(wire, told)
            }
            Fault::WireSilent => {
                self.owed.done(fault);
                self.wired(date, cents, "", Sort::Wire, "WIRE IN");
                let came = Some(date);
                Wire { came, ..wire }
            }
            Fault::WireAmount => {
                let short = cents - SHORT;
                self.wired(date, short, &reference, Sort::Wire, "WIRE IN");
                self.plant(fault, key.clone(), short, told, "a wire of another amount");
                let note = "what was announced never comes in its amount";
                self.planted.push(Planted {
                    kind: Fault::WireMissing,
                    key,
                    cents,
                    date: missed,
                    note: note.to_owned(),
                });
                wire
            }
            Fault::WireTakenBack => {
                self.wired(date, cents, &reference, Sort::Wire, "WIRE IN");
                self.wired(told, -cents, &reference, Sort::Wire, "WIRE REVERSED");
                self.plant(fault, key, cents, missed, "a wire that the bank takes back");
                let (came, gone) = (Some(date), Some(told));
                Wire { came, gone, ..wire }
            }
            _ => {
                self.plant(fault, key, cents, missed, "a wire that never comes");
                wire
            }
        }
    }

    fn wired(&mut self, day: Date, cents: i64, reference: &str, sort: Sort, text: &str) {
        let (of_in, of_out) = &self.terms.wires;
        let type_code = if cents < 0 { of_out } else { of_in };
        let movement = Movement {
            sort,
            customer_reference: reference.to_owned(),
            type_code: type_code.clone(),
            cents,
            text: text.to_owned(),
            ..Movement::default()
        };
        self.moving.entry(day).or_default().push(movement);
    }
}
