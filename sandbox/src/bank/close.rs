//! The end of a bank's day: which batches and entries the day's faults befall, and when the
//! batches settle and their entries come back.
//!
//! Everything the day brought is on the table by then, in the order of batch keys, so the choice
//! does not depend on the order of arrival.

use super::{
    Bank,
    faults::Fault,
    money::Settling,
    returns::Notice,
    sent::{Batch, Fate, Fortune, Reason},
};
use jiff::civil::Date;
use settlement::{
    calendar::{add_banking_days, next_banking_day},
    ids::BatchKey,
};
use std::collections::BTreeMap;

/// The faults that befall a batch or one of its entries, in the order of choosing.
const OF_BATCHES: [Fault; 6] = [
    Fault::FeeNetted,
    Fault::MissingAtBank,
    Fault::DupStatement,
    Fault::Date,
    Fault::ReturnLate,
    Fault::DupEntry,
];

/// Banking days after settlement on which a late return arrives: one more than its two.
const LATE_AFTER: u16 = 3;

impl Bank {
    /// Schedules every batch received before `morning`.
    pub(super) fn close_before(&mut self, morning: Date) {
        while let Some(entry) = self.received.first_entry() {
            if *entry.key() >= morning {
                break;
            }
            let (day, batches) = entry.remove_entry();
            self.close(day, batches);
        }
    }

    fn close(&mut self, day: Date, batches: BTreeMap<BatchKey, Batch>) {
        let victims = self.choose(day, &batches);
        for (key, batch) in batches {
            self.schedule(batch, victims.get(&key).copied());
        }
    }

    /// Which batch each of the day's faults befalls: of the batches it fits, that with the
    /// lowest rank, and none twice.
    fn choose(
        &mut self,
        day: Date,
        batches: &BTreeMap<BatchKey, Batch>,
    ) -> BTreeMap<BatchKey, Fault> {
        let entries = batches.values().map(|b| b.entries).sum();
        let number = self.day_number(day);
        let mut victims = BTreeMap::new();
        for fault in OF_BATCHES {
            let due = self.owed.on(&self.plan, fault, number, entries);
            for _ in 0..due {
                let free = batches.values().filter(|b| !victims.contains_key(&b.key));
                let fitting = free.filter(|b| fits(fault, b, day));
                let rank = |b: &&Batch| (self.fortune(b.key).rank(fault as u64), b.key);
                let Some(victim) = fitting.min_by_key(rank) else {
                    break;
                };
                victims.insert(victim.key, fault);
            }
        }
        victims
    }

    pub(super) fn fortune(&self, batch: BatchKey) -> Fortune {
        Fortune {
            seed: self.seed,
            batch: batch.key().unsigned_abs(),
        }
    }

    fn schedule(&mut self, mut batch: Batch, fault: Option<Fault>) {
        let mut settling = Settling::of(&batch);
        if let Some(fault) = fault {
            self.commit(fault, &mut batch, &mut settling);
        }
        for fate in batch.fates {
            // A batch that settles late has its returns a day later, still inside their window.
            let after = if fault == Some(Fault::Date) {
                fate.after.max(2)
            } else {
                fate.after
            };
            let morning = add_banking_days(batch.settles, after);
            let late = fate.after == LATE_AFTER && fate.reason != Reason::Return(10);
            let twice = fault == Some(Fault::DupEntry)
                && batch
                    .spare
                    .as_ref()
                    .is_some_and(|spare| spare.trace == fate.entry.trace);
            debug_assert!(
                !late || fault == Some(Fault::ReturnLate),
                "no late return unplanted"
            );
            let notice = Notice {
                header: batch.header.clone(),
                batch: batch.key,
                entry: fate.entry,
                reason: fate.reason,
                twice,
            };
            self.returning.entry(morning).or_default().push(notice);
        }
        self.settling
            .entry(settling.settles)
            .or_default()
            .push(settling);
    }

    /// Does `fault` to a batch it fits, and writes down what must be found.
    fn commit(&mut self, fault: Fault, batch: &mut Batch, settling: &mut Settling) {
        let key = batch.key.to_string();
        let told = next_banking_day(batch.settles);
        match (fault, batch.spare.clone()) {
            (Fault::FeeNetted, _) => {
                settling.netted_fee = self.terms.netted_fee;
                let fee = i64::try_from(settling.netted_fee).unwrap_or(i64::MAX);
                self.plant(fault, key, -fee, told, "a settlement line short by a fee");
            }
            (Fault::DupStatement, _) => {
                settling.twice = true;
                let cents = settling.signed();
                self.plant(
                    fault,
                    key,
                    cents,
                    told,
                    "a settlement line told and booked twice",
                );
            }
            (Fault::Date, _) => {
                settling.settles = told;
                let cents = settling.signed();
                let told = next_banking_day(told);
                self.plant(
                    fault,
                    key,
                    cents,
                    told,
                    "a batch settled one banking day late",
                );
            }
            (Fault::MissingAtBank, Some(spare)) => {
                settling.lose(&spare);
                let trace = format!("{:015}", spare.trace);
                self.plant(
                    fault,
                    trace,
                    spare.signed(),
                    told,
                    "an entry lost by the bank",
                );
            }
            (Fault::ReturnLate, Some(spare)) => {
                let told = add_banking_days(batch.settles, LATE_AFTER);
                let trace = format!("{:015}", spare.trace);
                self.plant(
                    fault,
                    trace,
                    -spare.signed(),
                    told,
                    "a return after its window",
                );
                let code = if spare.is_debit() { 1 } else { 2 };
                let (reason, after) = (Reason::Return(code), LATE_AFTER);
                batch.fates.push(Fate {
                    entry: spare,
                    reason,
                    after,
                });
            }
            (Fault::DupEntry, Some(spare)) => {
                let trace = format!("{:015}", spare.trace);
                self.plant(
                    fault,
                    trace,
                    -spare.signed(),
                    told,
                    "one return in two files",
                );
                batch.fates.push(Fate {
                    entry: spare,
                    reason: Reason::Return(2),
                    after: 1,
                });
            }
            _ => {}
        }
    }
}

/// Whether `fault` can befall a batch received on `day` so that its key tells it from all else.
fn fits(fault: Fault, batch: &Batch, day: Date) -> bool {
    match fault {
        Fault::FeeNetted => !batch.has_fee_amount && one_sided(batch),
        Fault::DupStatement | Fault::Date => one_sided(batch),
        Fault::MissingAtBank => batch.spare.is_some() && batch.entries > 1 && one_sided(batch),
        Fault::DupEntry => batch.spare.is_some(),
        // Its evidence has four days to surface after the last business day.
        Fault::ReturnLate => batch.spare.is_some() && batch.settles <= next_banking_day(day),
        _ => false,
    }
}

/// Whether the batch settles in exactly one line.
fn one_sided(batch: &Batch) -> bool {
    (batch.debit_cents == 0) != (batch.credit_cents == 0)
}
