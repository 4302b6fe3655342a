//! Taking a file: is it sound, has it come before, and what will become of its entries.

use super::{
    Bank, OutFile,
    asked::Alone,
    columns::{Record, number, text, yymmdd},
    faults::Fault,
    habits::{Listed, Naming},
    money::Settling,
    sent::{Batch, Entry, Fortune, Header, Part, Reason},
    ways::COINCIDENCES,
};
use crate::chance::{About, draw};
use formats::{
    acks::{self, Ack, Status},
    nacha::{Finding, Reader, RecordKind, Severity},
};
use jiff::civil::Date;
use settlement::{
    archive::sha256, bank::shape::Shape, calendar, codes::sec::SecCode, ids::BatchKey,
    money::Cents, windows,
};
use std::collections::{BTreeMap, BTreeSet};

/// The modifier of the file that is rejected where one is due: the day's first.
const REJECTED_MODIFIER: u8 = b'A';

/// How many entries of a batch are kept in mind while it is read, to find one whose amount is
/// unique: amounts rarely repeat, so the first will nearly always do.
const SPARES: usize = 8;

/// A file while it is read.
pub(super) struct Intake {
    seed: u64,
    /// The day it arrives.
    date: Date,
    netted_fee: u64,
    /// Whether every entry is kept.
    lists: bool,
    /// Whether a fault may befall an entry that others look like.
    look_alikes: bool,
    created: Option<Date>,
    modifier: u8,
    batches: BTreeMap<BatchKey, Batch>,
    open: Option<Open>,
    /// What was asked for, where nothing happens by chance.
    alone: Option<Alone>,
}

/// A batch while its entries are read.
struct Open {
    batch: Batch,
    fortune: Fortune,
    amounts: Vec<u64>,
    /// The entries of lowest rank of which nothing will be heard, by rank.
    spares: BTreeMap<u64, Entry>,
    /// The first such entries of the two amounts that come again and again.
    pair: (Option<Entry>, Option<Entry>),
}

impl Intake {
    fn new(bank: &Bank, date: Date) -> Intake {
        Intake {
            seed: bank.seed,
            date,
            netted_fee: bank.terms.netted_fee,
            look_alikes: bank.habits.look_alikes,
            lists: matches!(bank.habits.listed, Listed::Entries | Listed::Ids),
            created: None,
            modifier: b'?',
            batches: BTreeMap::new(),
            open: None,
            alone: bank.alone.on.then(|| bank.alone.clone()),
        }
    }

    /// Record 1.
    fn file_header(&mut self, record: &Record) {
        self.created = yymmdd(text(record, 24, 29));
        self.modifier = record[33];
    }

    /// Record 5.
    fn batch_header(&mut self, record: &Record) -> Result<(), String> {
        self.batch_end();
        let created = self.created.ok_or("the file creation date is no date")?;
        let number = number(record, 88, 94).and_then(|n| u32::try_from(n).ok());
        let number = number.ok_or("a batch number is not digits")?;
        let key = BatchKey::new(created, self.modifier, number).map_err(|e| e.to_string())?;
        let sec = SecCode::from_bytes(text(record, 51, 53).as_bytes());
        let effective = yymmdd(text(record, 70, 75)).ok_or("an effective date is no date")?;
        let header = Header {
            company_name: text(record, 5, 20).to_owned(),
            discretionary: text(record, 21, 40).to_owned(),
            company_id: text(record, 41, 50).to_owned(),
            sec: sec.ok_or("an entry class is unknown")?,
            description: text(record, 54, 63).to_owned(),
            descriptive_date: text(record, 64, 69).to_owned(),
            effective,
        };
        let batch = Batch {
            key,
            header,
            settles: self.settles(effective),
            entries: 0,
            debit_cents: 0,
            credit_cents: 0,
            fates: Vec::new(),
            spare: None,
            pair: None,
            first: None,
            parts: Vec::new(),
            has_fee_amount: false,
            rejected: false,
        };
        let fortune = Fortune {
            seed: self.seed,
            batch: key.key().unsigned_abs(),
        };
        self.open = Some(Open {
            batch,
            fortune,
            amounts: Vec::new(),
            spares: BTreeMap::new(),
            pair: (None, None),
        });
        Ok(())
    }

    /// The effective entry date, rolled to a banking day; never before the file came.
    fn settles(&self, effective: Date) -> Date {
        windows::settlement_date(effective.max(self.date))
    }

    /// Record 6.
    fn entry(&mut self, record: &Record) -> Result<(), String> {
        let open = self
            .open
            .as_mut()
            .ok_or("an entry stands outside a batch")?;
        let field =
            |from, to, what| number(record, from, to).ok_or(format!("{what} is not digits"));
        let (cents, trace) = (field(30, 39, "an amount")?, field(80, 94, "a trace")?);
        let code = u8::try_from(field(2, 3, "a transaction code")?).unwrap_or(0);
        let fate = match &mut self.alone {
            None => open.chance(code, cents, trace),
            Some(alone) => {
                let (header, key) = (&open.batch.header, open.batch.key);
                let entry = kept(record, header.sec, code, cents, trace);
                let fate = alone.fate(&entry.individual_id);
                alone.keep(key, header, open.batch.settles, entry);
                fate
            }
        };
        open.take(record, code, cents, trace, fate);
        if self.lists {
            let entry = kept(record, open.batch.header.sec, code, cents, trace);
            open.batch.parts.push(Part::of(&entry));
        }
        open.batch.has_fee_amount |= cents == self.netted_fee;
        let today = open.batch.settles == self.date;
        let limit = windows::same_day_limit(self.date).unwrap_or_default();
        if today && Cents::new(cents) > limit {
            // Same-day rule: above the limit an entry settles in the next ordinary window, and
            // this bank settles a batch in one line.
            open.batch.settles = calendar::next_banking_day(self.date);
        }
        Ok(())
    }

    /// Record 8, or the next record 5.
    fn batch_end(&mut self) {
        let Some(mut open) = self.open.take() else {
            return;
        };
        open.amounts.sort_unstable();
        let unique = |cents: u64| {
            let from = open.amounts.partition_point(|a| *a < cents);
            open.amounts.get(from + 1) != Some(&cents)
        };
        let (fee, alike) = (self.netted_fee, self.look_alikes);
        if let (true, (Some(one), Some(other))) = (alike, open.pair) {
            let makes = one.is_debit() == other.is_debit() && one.cents + other.cents == fee;
            open.batch.pair = makes.then_some((one, other));
        }
        open.batch.spare = open
            .spares
            .into_values()
            .find(|e| e.cents > 0 && e.cents != fee && (alike || unique(e.cents)));
        self.batches.insert(open.batch.key, open.batch);
    }
}

impl Open {
    /// What becomes of an entry by chance.
    fn chance(&self, code: u8, cents: u64, trace: u64) -> Option<(Reason, u16)> {
        let debit = code % 10 >= 5;
        self.fortune
            .fate(self.batch.header.sec, debit, cents, trace)
    }

    fn take(
        &mut self,
        record: &Record,
        code: u8,
        cents: u64,
        trace: u64,
        fate: Option<(Reason, u16)>,
    ) {
        let debit = code % 10 >= 5;
        let batch = &mut self.batch;
        batch.entries += 1;
        let rdfi = number(record, 4, 11).and_then(|n| u32::try_from(n).ok());
        batch.first = batch.first.or(rdfi.map(|rdfi| (trace, rdfi)));
        let side = if debit {
            &mut batch.debit_cents
        } else {
            &mut batch.credit_cents
        };
        *side += cents;
        self.amounts.push(cents);
        if let Some((reason, after)) = fate {
            let entry = kept(record, batch.header.sec, code, cents, trace);
            batch.fates.push(super::sent::Fate {
                entry,
                reason,
                after,
            });
            return;
        }
        let one_of = |amount: Cents| amount.get() == cents;
        let of_pair = match (one_of(COINCIDENCES.0), one_of(COINCIDENCES.1)) {
            (true, _) => Some(&mut self.pair.0),
            (_, true) => Some(&mut self.pair.1),
            _ => None,
        };
        if let Some(of_pair) = of_pair {
            of_pair.get_or_insert_with(|| kept(record, batch.header.sec, code, cents, trace));
        }
        let rank = self.fortune.rank(trace);
        let full = self.spares.len() >= SPARES;
        if full
            && self
                .spares
                .last_key_value()
                .is_some_and(|(last, _)| rank > *last)
        {
            return;
        }
        self.spares
            .insert(rank, kept(record, batch.header.sec, code, cents, trace));
        if self.spares.len() > SPARES {
            self.spares.pop_last();
        }
    }
}

fn kept(record: &Record, sec: SecCode, code: u8, cents: u64, trace: u64) -> Entry {
    // A CTX entry has the number of its addenda before the name.
    let name = if sec == SecCode::Ctx {
        text(record, 59, 74)
    } else {
        text(record, 55, 76)
    };
    Entry {
        trace,
        code,
        rdfi: number(record, 4, 11)
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(0),
        account: text(record, 13, 29).to_owned(),
        cents,
        individual_id: text(record, 40, 54).to_owned(),
        name: name.to_owned(),
        discretionary: text(record, 77, 78).to_owned(),
    }
}

impl Bank {
    /// Takes a file that came on `date` under `name` and answers with an acknowledgement.
    ///
    /// A file with an error is rejected as a whole, and so is one with the creation date and
    /// modifier of another. The very same file once more changes nothing and is answered with
    /// nothing: it may have been delivered twice after a crash.
    pub fn receive(&mut self, date: Date, name: &str, bytes: &[u8]) -> Vec<OutFile> {
        self.first_day.get_or_insert(date);
        let mut intake = Intake::new(self, date);
        let read = read(bytes, &mut intake);
        let hash = sha256(bytes).to_string();
        let identity = intake.identity(&hash);
        let answer = |intake: &Intake, why: &str| vec![intake.acknowledge(name, &hash, why)];
        match self.files.get(&identity) {
            Some(known) if *known == hash => return Vec::new(),
            Some(_) => {
                let why = "another file of this creation date and modifier came before";
                return answer(&intake, why);
            }
            None => {}
        }
        if let Err(why) = read {
            return answer(&intake, &why);
        }
        self.files.insert(identity, hash.clone());
        if let Some(alone) = intake.alone.take() {
            self.alone = alone;
        }
        self.fees_due += self.terms.prices.file(date, intake.batches.values());
        let number = self.day_number(date);
        let due = self.owed.on(&self.plan, Fault::Rejected, number, 0) > 0;
        if due && intake.modifier == REJECTED_MODIFIER {
            self.owed.done(Fault::Rejected);
            self.rejected.push(name.to_owned());
            return answer(&intake, "the operator could not verify the sending point");
        }
        let due = self.owed.on(&self.plan, Fault::SettledRejected, number, 0) > 0;
        let (refused, why) = match due && self.settles_though_rejected(name, &mut intake) {
            true => (None, "the operator could not verify the sending point"),
            false => (self.refused(&intake), ""),
        };
        let answers = intake.answers(name, &hash, refused, why);
        if let Some(refused) = refused {
            intake.batches.remove(&refused);
        }
        for key in intake.batches.keys() {
            let file = key.to_string().chars().take(7).collect();
            self.sent_as.insert(file, name.to_owned());
        }
        self.received
            .entry(date)
            .or_default()
            .append(&mut intake.batches);
        self.answered(date, &hash, answers)
    }

    /// The batch of a file that is rejected alone, by the bank's habit.
    fn refused(&self, intake: &Intake) -> Option<BatchKey> {
        let first = intake.batches.keys().next().copied()?;
        let luck = draw(self.seed, About::Answer, first.key().unsigned_abs(), 1);
        let some = self.habits.rejects_batches && intake.batches.len() > 2;
        (some && luck.is_multiple_of(2)).then_some(first)
    }

    /// When and how often the answer to a file comes: in the evening, unless the bank has a habit.
    fn answered(&mut self, date: Date, hash: &str, answers: Vec<Ack>) -> Vec<OutFile> {
        let tag = hash.get(..8).unwrap_or(hash);
        let number = u64::from_str_radix(tag, 16).unwrap_or(0);
        // What is rejected is said, and in time.
        let plain = answers.len() > 1 || !self.habits.odd_answers;
        let luck = match plain {
            true => 0,
            false => draw(self.seed, About::Answer, number, 0) % 4,
        };
        let file = |day: Date, what: &str, acks: &[Ack]| OutFile {
            name: format!("{day}-2200-{what}-{}-{tag}.csv", stem(acks)),
            bytes: acks::write(acks),
        };
        match luck {
            1 => {
                let late = calendar::add_banking_days(date, LATE_ANSWER);
                let file = file(late, "ack", &answers);
                self.post.entry(late).or_default().push(file);
                Vec::new()
            }
            2 => {
                let twice = [answers.as_slice(), &answers].concat();
                vec![file(date, "ack", &answers), file(date, "ack-again", &twice)]
            }
            3 => Vec::new(),
            _ => vec![file(date, "ack", &answers)],
        }
    }
}

/// Banking days after which a late answer comes: after the first returns.
const LATE_ANSWER: u16 = 3;

/// The name of the file that is answered, without its folders.
fn stem(acks: &[Ack]) -> &str {
    let name = acks.first().map_or("", |ack| ack.file.as_str());
    name.rsplit('/').next().unwrap_or(name)
}

impl Bank {
    /// Rejects a file whose batches will settle all the same, where each has a line of its own that
    /// names it, and all have the same day; whether it fits.
    fn settles_though_rejected(&mut self, name: &str, intake: &mut Intake) -> bool {
        let days: BTreeSet<Date> = intake.batches.values().map(|one| one.settles).collect();
        let named = self.habits.naming == Naming::Batch;
        let alone = named && self.terms.shape_on(intake.date) == Shape::default();
        let ([day], true) = (&days.iter().copied().collect::<Vec<_>>()[..], alone) else {
            return false;
        };
        let moves = |batch: &Batch| Settling::of(batch).signed();
        let cents = intake.batches.values().map(moves).sum();
        let told = calendar::next_banking_day(*day);
        let note = "a file rejected, and settled all the same";
        self.plant(Fault::SettledRejected, name.to_owned(), cents, told, note);
        for batch in intake.batches.values_mut() {
            batch.rejected = true;
        }
        true
    }
}

impl Intake {
    /// The answers to a file: accepted but for one batch of it perhaps, or rejected where there
    /// is a reason.
    fn answers(&self, name: &str, hash: &str, refused: Option<BatchKey>, why: &str) -> Vec<Ack> {
        let accepted = self.answer(name, hash, why);
        let of_batch = |key: BatchKey| {
            let batch = self.batches.get(&key)?;
            Some(Ack {
                status: Status::Rejected,
                entries: batch.entries,
                debit_cents: Cents::new(batch.debit_cents),
                credit_cents: Cents::new(batch.credit_cents),
                reason: "the operator could not verify the company".to_owned(),
                batch: Some(key.number()),
                ..accepted.clone()
            })
        };
        let refused = refused.and_then(of_batch);
        refused.into_iter().chain([accepted]).collect()
    }

    /// What the operator tells files apart by: creation date and modifier, which also name our
    /// batches; the content of a file that has neither.
    fn identity(&self, hash: &str) -> String {
        match self.created {
            Some(created) => format!("{created}{}", char::from(self.modifier)),
            None => hash.to_owned(),
        }
    }

    /// The answer to the file: accepted, or rejected where there is a reason.
    fn acknowledge(&self, name: &str, hash: &str, why: &str) -> OutFile {
        let ack = self.answer(name, hash, why);
        let tag = hash.get(..8).unwrap_or(hash);
        let name = format!(
            "{}-2200-ack-{}-{tag}.csv",
            self.date,
            stem(std::slice::from_ref(&ack))
        );
        OutFile {
            name,
            bytes: acks::write(&[ack]),
        }
    }

    fn answer(&self, name: &str, hash: &str, why: &str) -> Ack {
        let sum = |of: fn(&Batch) -> u64| self.batches.values().map(of).sum::<u64>();
        Ack {
            line: 0,
            file: name.to_owned(),
            sha256: hash.to_owned(),
            status: if why.is_empty() {
                Status::Accepted
            } else {
                Status::Rejected
            },
            entries: sum(|b| b.entries),
            debit_cents: Cents::new(sum(|b| b.debit_cents)),
            credit_cents: Cents::new(sum(|b| b.credit_cents)),
            reason: why.to_owned(),
            batch: None,
        }
    }
}

/// Reads a file into `intake`, every rule checked on the way.
///
/// # Errors
/// The first error of the file, with its place; or what the bank itself cannot work with.
fn read(bytes: &[u8], intake: &mut Intake) -> Result<(), String> {
    let mut reader = Reader::new(bytes);
    let mut refused = Ok(());
    while let Some(record) = reader.next_record().map_err(|e| e.to_string())? {
        let taken = match record.kind {
            RecordKind::FileHeader => {
                intake.file_header(record.text);
                Ok(())
            }
            RecordKind::BatchHeader => intake.batch_header(record.text),
            RecordKind::Entry => intake.entry(record.text),
            RecordKind::BatchControl => {
                intake.batch_end();
                Ok(())
            }
            _ => Ok(()),
        };
        refused = refused.and(taken);
    }
    intake.batch_end();
    let error = |f: &&Finding| f.severity == Severity::Error;
    match reader.findings().kept().iter().find(error) {
        Some(f) => Err(format!("line {}, {}: {}", f.line, f.field, f.message)),
        None => refused,
    }
}
