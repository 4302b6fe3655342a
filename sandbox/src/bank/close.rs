//! The end of a bank's day: which batches and entries the day's faults befall, and when the
//! batches settle and their entries come back.
//!
//! Everything the day brought is on the table by then, in the order of batch keys, so the choice
//! does not depend on the order of arrival.

use super::{
    Bank,
    faults::{Fault, Planted},
    habits::{CURED_AFTER, Listed, Naming},
    money::Settling,
    notice::Notice,
    second,
    sent::{Batch, Entry, Fate, Fortune, Reason},
};
use jiff::civil::Date;
use settlement::bank::shape::{Returns, Shape};
use settlement::{
    calendar::{add_banking_days, next_banking_day, previous_banking_day},
    ids::BatchKey,
};
use std::collections::BTreeMap;

/// The faults that befall a batch or one of its entries, in the order of choosing.
const OF_BATCHES: [Fault; 11] = [
    Fault::FeeNetted,
    Fault::MissingAtBank,
    Fault::DupStatement,
    Fault::Date,
    Fault::ReturnLate,
    Fault::DupEntry,
    Fault::TakenBack,
    Fault::TakenBackForGood,
    Fault::NamedLater,
    Fault::LostPair,
    Fault::ReturnTwice,
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
            self.schedule(day, batch, victims.get(&key).copied());
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
            // A line for many batches tells of none of them by its key.
            let plain = Shape::default() == self.terms.shape_on(day);
            let alone = plain && self.habits.naming == Naming::Batch;
            // What lists its entries tells in any line which one is missing.
            let lists = matches!(self.habits.listed, Listed::Entries | Listed::Ids);
            let alone = alone || fault == Fault::MissingAtBank && lists;
            let of_a_line = matches!(
                fault,
                Fault::FeeNetted | Fault::MissingAtBank | Fault::DupStatement | Fault::Date
            ) || second::is_of_a_line(fault);
            let lumped = self.terms.shape_on(day).returns != Returns::Each;
            let is_told = match fault {
                // A list of what came says which two are missing: that is no coincidence.
                Fault::LostPair => alone && !lists,
                // A line that lists its entries names the batch by them.
                Fault::NamedLater => alone && !lists,
                Fault::ReturnTwice => !lumped,
                _ => alone || !of_a_line,
            };
            if !is_told {
                continue;
            }
            for _ in 0..due {
                let free = |b: &&Batch| !victims.contains_key(&b.key) && !b.rejected;
                let free = batches.values().filter(free);
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

    fn schedule(&mut self, day: Date, mut batch: Batch, fault: Option<Fault>) {
        let mut settling = Settling::of(&batch);
        if let Some(fault) = fault {
            self.commit((day, fault), &mut batch, &mut settling);
        }
        let alone = batch.fates.len() == 1;
        for fate in batch.fates {
            // A batch that settles late has its returns a day later, still inside their window.
            let after = if fault == Some(Fault::Date) {
                fate.after.max(2)
            } else {
                fate.after
            };
            let morning = add_banking_days(batch.settles, after);
            let late = fate.after >= LATE_AFTER && fate.reason != Reason::Return(10);
            let spare = batch.spare.as_ref().map(|spare| spare.trace);
            let is_spare = |entry: &Entry| spare == Some(entry.trace);
            let twice = fault == Some(Fault::DupEntry) && is_spare(&fate.entry);
            let doubled = fault == Some(Fault::ReturnTwice) && is_spare(&fate.entry);
            debug_assert!(
                !late || fault == Some(Fault::ReturnLate),
                "no late return unplanted"
            );
            // One of the same bank might be taken for it.
            let neighbour = batch
                .first
                .filter(|(_, rdfi)| alone && *rdfi != fate.entry.rdfi);
            let notice = Notice {
                twice,
                doubled,
                neighbour: neighbour.map(|(trace, _)| trace),
                ..Notice::of(batch.header.clone(), batch.key, fate.entry, fate.reason)
            };
            for (on, notice) in self.habits.told(batch.settles, morning, notice) {
                self.returning.entry(on).or_default().push(notice);
            }
        }
        if self.terms.shape_on(day).prefunded {
            // Payouts are taken on the day on which their file came.
            let credits = settling.split_credits().map(|credits| Settling {
                settles: day,
                ..credits
            });
            self.settling.entry(day).or_default().extend(credits);
        }
        if settling.debit_cents + settling.credit_cents > 0 {
            self.settling
                .entry(settling.settles)
                .or_default()
                .push(settling);
        }
    }

    /// Does `fault` to a batch it fits, and writes down what must be found.
    fn commit(&mut self, (day, fault): (Date, Fault), batch: &mut Batch, settling: &mut Settling) {
        if let Some(spare) = batch.spare.clone() {
            self.commit_to_entry(fault, spare, batch, settling);
        }
        if let (Fault::LostPair, Some(pair)) = (fault, batch.pair.clone()) {
            return self.lose_pair(&pair, batch, settling);
        }
        let key = settling.name();
        let cents = settling.signed();
        let told = next_banking_day(batch.settles);
        match fault {
            Fault::FeeNetted => {
                settling.netted_fee = self.terms.netted_fee;
                let fee = i64::try_from(settling.netted_fee).expect("a fee of the profile");
                self.plant(fault, key, -fee, told, "a settlement line short by a fee");
            }
            Fault::DupStatement => {
                settling.twice = true;
                for line in settling.movements(&self.terms) {
                    self.cure(batch.settles, line.back());
                }
                self.plant(fault, key, cents, told, "a settlement line told twice");
            }
            Fault::Date if self.habits.early_values => {
                settling.value = Some(previous_banking_day(day));
                self.plant(fault, key, cents, told, "a value date before the file came");
            }
            Fault::Date => {
                settling.settles = told;
                let told = next_banking_day(told);
                self.plant(
                    fault,
                    key,
                    cents,
                    told,
                    "a batch settled a banking day late",
                );
            }
            _ => self.think_again(fault, &key, settling),
        }
    }

    /// Two entries are lost that together are what the contract lets the bank keep.
    fn lose_pair(&mut self, (one, other): &(Entry, Entry), batch: &Batch, settling: &mut Settling) {
        let (lost, key) = (one.signed() + other.signed(), settling.name());
        let told = next_banking_day(batch.settles);
        settling.lose(one);
        settling.lose(other);
        let note = "two entries lost that make the contracted fee";
        self.plant(Fault::LostPair, key, -lost, told, note);
        if !self.habits.cures {
            return;
        }
        for entry in [one, other] {
            self.cure(batch.settles, settling.late(entry, &self.terms));
        }
        self.came_late(batch, settling, lost);
    }

    /// What was lost comes after all, on another day than its batch: a remark on that.
    fn cure_missing(&mut self, entry: &Entry, batch: &Batch, settling: &Settling) {
        if !self.habits.cures {
            return;
        }
        self.cure(batch.settles, settling.late(entry, &self.terms));
        self.came_late(batch, settling, entry.signed());
    }

    /// What was lost of a batch comes on another day than the rest: that is noted.
    fn came_late(&mut self, batch: &Batch, settling: &Settling, lost: i64) {
        if self.terms.shape_on(batch.settles).several {
            return;
        }
        self.planted.push(Planted {
            kind: Fault::Date,
            key: settling.name(),
            cents: settling.signed() + lost,
            date: add_banking_days(batch.settles, CURED_AFTER + 1),
            note: "an entry that was lost came late".to_owned(),
        });
    }

    /// Banking days after which a return is late: what comes on two days has settled on the second.
    fn late_after(&self) -> u16 {
        LATE_AFTER + u16::from(self.habits.spreads)
    }

    /// The faults that befall one entry of a batch.
    fn commit_to_entry(
        &mut self,
        fault: Fault,
        entry: Entry,
        batch: &mut Batch,
        settling: &mut Settling,
    ) {
        let (key, cents) = (format!("{:015}", entry.trace), entry.signed());
        let told = next_banking_day(batch.settles);
        let (code, after) = match fault {
            Fault::MissingAtBank => {
                settling.lose(&entry);
                self.cure_missing(&entry, batch, settling);
                self.plant(fault, key, -cents, told, "an entry lost by the bank");
                return;
            }
            Fault::ReturnLate => {
                let after = self.late_after();
                let told = add_banking_days(batch.settles, after);
                self.plant(fault, key, cents, told, "a return after its window");
                (if entry.is_debit() { 1 } else { 2 }, after)
            }
            Fault::DupEntry => {
                self.plant(fault, key, cents, told, "one return in two files");
                (2, 1)
            }
            Fault::ReturnTwice => (3, 1),
            _ => return,
        };
        let reason = Reason::Return(code);
        batch.fates.push(Fate {
            entry,
            reason,
            after,
        });
    }
}

/// Whether `fault` can befall a batch received on `day` so that its key tells it from all else.
fn fits(fault: Fault, batch: &Batch, day: Date) -> bool {
    match fault {
        Fault::FeeNetted => !batch.has_fee_amount && one_sided(batch),
        Fault::DupStatement | Fault::Date => one_sided(batch),
        Fault::TakenBack | Fault::TakenBackForGood | Fault::NamedLater => one_sided(batch),
        Fault::MissingAtBank => batch.spare.is_some() && batch.entries > 1 && one_sided(batch),
        Fault::DupEntry | Fault::ReturnTwice => batch.spare.is_some(),
        Fault::LostPair => batch.pair.is_some() && batch.entries > 2 && one_sided(batch),
        // Its evidence has four days to surface after the last business day.
        Fault::ReturnLate => batch.spare.is_some() && batch.settles <= next_banking_day(day),
        _ => false,
    }
}

/// Whether the batch settles in exactly one line.
fn one_sided(batch: &Batch) -> bool {
    (batch.debit_cents == 0) != (batch.credit_cents == 0)
}
