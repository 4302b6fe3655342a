//! What waits and what came, as the rules see it.

mod earlier;
mod ours;

use super::details;
use super::legacy;
use crate::events::SingleEvents;
use crate::parts;
use crate::records;
use crate::records::allocated::Allocated;
use crate::records::frozen::{FrozenBatch, FrozenFile};
use crate::records::funding::What;
use crate::reversed;
use crate::start::AllocationStart;
use crate::statement_lines::lines;
use crate::waiting::rejected;
use desk::failure::{Result, too_large};
use desk::{Desk, names};
use earlier::Asks;
use formats::statement::AccountNumber;
use formats::tables::AchReturns;
use jiff::civil::Date;
use ours::Ours;
use settlement::allocate::{Allocation, Days, Done, Earlier, Expectation, Kind, Receipt};
use settlement::bank::shape::shape_on;
use settlement::calendar::previous_banking_day;
use settlement::dates::SaidBy;
use settlement::funding::Funding;
use settlement::ids::Direction;
use settlement::money::{Cents, SignedCents};
use settlement::payment::{Event, PaymentEvent, State};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that one day's allocation looks at.
pub struct Inputs {
    pub date: Date,
    /// The date of the allocation before it; none before the first.
    pub previous: Option<Date>,
    pub before: Allocated,
    pub expectations: Vec<Expectation>,
    pub receipts: Vec<Receipt>,
    /// Receipts of this date.
    pub new: BTreeSet<String>,
    pub done: Vec<Done>,
    /// Allocations of lines that a later version of their statement does not have.
    pub taken_back: Vec<Allocation>,
    /// Allocations of days before that may give way to what a line says.
    pub earlier: Vec<Earlier>,
    pub netted: Vec<(Date, Cents)>,
    /// The day on which a side was cut.
    pub cut_dates: BTreeMap<String, Date>,
    /// Facts of fundings that are taken, with those of the days before.
    pub funding_facts: u32,
    /// The day on which the entries of a side settle whose money moves before.
    pub settle: BTreeMap<String, Date>,
}

impl Inputs {
    pub async fn read(desk: &Desk, date: Date, start: &AllocationStart) -> Result<Inputs> {
        let before = match &start.before {
            Some(read) => read.record.clone(),
            None => legacy::before(desk, date, start).await?,
        };
        let account = AccountNumber::new(&desk.bank.account.number);
        let account = account.last4().to_owned();
        let mut inputs = Inputs {
            date,
            previous: start.before.as_ref().map(|read| read.date),
            expectations: Vec::new(),
            receipts: Vec::new(),
            new: BTreeSet::new(),
            done: Vec::new(),
            taken_back: Vec::new(),
            earlier: Vec::new(),
            netted: netted(&before, date),
            cut_dates: BTreeMap::new(),
            funding_facts: before.funding_facts,
            settle: BTreeMap::new(),
            before,
        };
        inputs.carry(start);
        for cut in &start.cuts {
            for file in &cut.files {
                for batch in &file.batches {
                    inputs.sent(desk, &account, cut.date, file, batch)?;
                }
            }
        }
        inputs.announced(desk, &account, start);
        inputs.returned(desk, &account, start).await?;
        inputs.rejected(start);
        inputs.came(desk).await?;
        inputs.taken_back(desk).await?;
        let asks = Asks {
            date,
            receipts: &inputs.receipts,
            expectations: &inputs.expectations,
            done: &inputs.done,
            taken_back: &inputs.taken_back,
        };
        inputs.earlier = earlier::read(desk, &asks).await?;
        Ok(inputs)
    }

    /// What the day before left: what waits, what is done, and what is in suspense.
    fn carry(&mut self, start: &AllocationStart) {
        let billed: BTreeSet<&String> = start
            .previous
            .iter()
            .flat_map(|posted| &posted.billed)
            .collect();
        for expected in &self.before.expectations {
            if let Some(cut) = expected.cut {
                self.cut_dates.insert(expected.one.id.clone(), cut);
            }
            if let Some(settles) = expected.settles {
                self.settle.insert(expected.one.id.clone(), settles);
            }
            let known = expected.by.is_some() || expected.one.is_withdrawn();
            if !expected.one.remainder.is_zero() {
                self.expectations.push(expected.one.clone());
            } else if known && expected.closes.is_some_and(|last| last >= self.date) {
                let expectation = expected.one.clone();
                let by = expected.by.clone().unwrap_or_default();
                self.done.push(Done { expectation, by });
            }
        }
        let free = self
            .before
            .free()
            .filter(|receipt| !billed.contains(&receipt.id));
        self.receipts.extend(free.cloned());
    }

    /// The sides of a batch of the date.
    fn sent(
        &mut self,
        desk: &Desk,
        account: &str,
        cut: Date,
        file: &FrozenFile,
        batch: &FrozenBatch,
    ) -> Result<()> {
        let shape = shape_on(&desk.bank.settlement, cut);
        for direction in [Direction::Debit, Direction::Credit] {
            let total = batch.side(direction);
            if total.is_zero() {
                continue;
            }
            let cents = direction.on_our_account(total);
            let cents = cents.ok_or_else(|| too_large(&batch.key.to_string()))?;
            let prefunded = shape.prefunded && direction == Direction::Credit;
            let id = Kind::side_id(batch.key, direction);
            self.cut_dates.insert(id.clone(), cut);
            if prefunded {
                self.settle.insert(id.clone(), batch.settles_on);
            }
            let (since, due) = (cut, if prefunded { cut } else { batch.settles_on });
            let kind = Kind::Side(batch.key, direction);
            self.expectations.push(Expectation {
                file: file.at_bank.clone(),
                company: batch.company.id.trim().to_owned(),
                class: batch.sec.to_string(),
                shape,
                ..Expectation::new(id, kind, account, cents, Days { since, due })
            });
        }
        Ok(())
    }

    /// Marks what the bank will not carry.
    fn rejected(&mut self, start: &AllocationStart) {
        let (files, batches) = rejected(&start.inbound);
        let done = self.done.iter_mut().map(|done| &mut done.expectation);
        for one in self.expectations.iter_mut().chain(done) {
            if let Kind::Side(key, _) = one.kind {
                one.rejected |= files.contains(&one.file) || batches.contains(&key);
            }
        }
    }

    /// What was said of fundings: what is announced may come, what is withdrawn is waited for no
    /// more.
    fn announced(&mut self, desk: &Desk, account: &str, start: &AllocationStart) {
        for fact in &start.fundings {
            match &fact.what {
                What::Announced(funding) => {
                    let one = of_funding(desk, account, (fact.number, self.date), funding);
                    self.expectations.push(one);
                }
                What::Withdrawn(number) => {
                    let (of, whole) = (Kind::Funding(*number), |one: &Expectation| {
                        one.remainder == one.cents
                    });
                    self.expectations
                        .retain(|one| one.kind != of || !whole(one));
                }
            }
            self.funding_facts = fact.number;
        }
    }

    /// The returns of the date that are in the books: each ought to move the original's money the
    /// other way.
    async fn returned(
        &mut self,
        desk: &Desk,
        account: &str,
        start: &AllocationStart,
    ) -> Result<()> {
        let told = told_of_returns(desk, start).await?;
        let mut pages = SingleEvents::unusual(&desk.ports.payments, self.date);
        while let Some(page) = pages.next().await? {
            for event in &page {
                let one = self.of_return(desk, account, &told, event)?;
                // What is not in the books is there once, however often it is told.
                self.expectations
                    .extend(one.filter(|one| !self.withdrew(one)));
            }
        }
        Ok(())
    }

    /// Whether the same return is known of something that the bank rejected.
    fn withdrew(&self, one: &Expectation) -> bool {
        let done = self.done.iter().map(|done| &done.expectation);
        let mut all = self.expectations.iter().chain(done);
        let same = |known: &&Expectation| (known.kind, known.batch) == (one.kind, one.batch);
        one.is_withdrawn() && all.any(|known| same(&known))
    }

    fn of_return(
        &self,
        desk: &Desk,
        account: &str,
        told: &BTreeMap<i64, ToldOfReturn>,
        event: &PaymentEvent,
    ) -> Result<Option<Expectation>> {
        let Some(entry) = event.entry else {
            return Ok(None);
        };
        let (trace, direction) = (entry.trace, event.direction);
        // What had come back before does so once; a dishonored return goes the entry's way again.
        let (way, step) = match event.event {
            Event::Returned { .. } if event.from == State::Returned => return Ok(None),
            Event::Returned { .. } if event.from == State::Failed && !event.was_rejected => {
                return Ok(None);
            }
            Event::Returned { .. } => (direction.opposite(), ""),
            Event::Contested { .. } => (direction.opposite(), "/contested"),
            Event::Dishonored { .. } => (direction, "/dishonored"),
            _ => return Ok(None),
        };
        let cents = way.on_our_account(event.amount);
        let cents = cents.ok_or_else(|| too_large(&trace.to_string()))?;
        let company = desk.bank.originators.get(&event.originator);
        let rejected = event.from == State::Failed;
        let ToldOfReturn { file, settled } = told.get(&trace.key()).cloned().unwrap_or_default();
        // The money may come a banking day before the file that explains it: then it is in the
        // figure of the day on which the return says that it settled.
        let before = previous_banking_day(self.date);
        let due = if settled == Some(before) {
            before
        } else {
            self.date
        };
        let (id, kind) = (
            Kind::return_id(trace, direction, self.date) + step,
            Kind::Return(trace, direction),
        );
        let since = before;
        Ok(Some(Expectation {
            // Of what the bank does not carry nothing comes back, unless it settles all the same.
            remainder: if rejected { SignedCents::ZERO } else { cents },
            file,
            company: company
                .map(|one| one.company_id.trim().to_owned())
                .unwrap_or_default(),
            shape: shape_on(&desk.bank.settlement, self.date),
            rejected,
            batch: Some(entry.batch),
            ..Expectation::new(id, kind, account, cents, Days { since, due })
        }))
    }

    /// Lines that the bank has taken back: they are no receipts any more, and what they had been
    /// allocated to is free.
    async fn taken_back(&mut self, desk: &Desk) -> Result<()> {
        let back = reversed::on(desk, self.date).await?;
        let gone: BTreeSet<&String> = back.iter().map(|one| &one.line).collect();
        self.receipts.retain(|receipt| !gone.contains(&receipt.id));
        for made in back.iter().flat_map(|one| one.allocations(self.date)) {
            for receipt in receipts_of(desk, &made.id).await? {
                let with_it = made.receipts().any(|(id, _)| id == receipt.id);
                let known = self.receipts.iter().any(|one| one.id == receipt.id);
                if with_it && !known && !gone.contains(&receipt.id) {
                    let remainder = SignedCents::ZERO;
                    self.receipts.push(Receipt {
                        remainder,
                        ..receipt
                    });
                }
            }
            if !self.taken_back.iter().any(|one| one.id == made.id) {
                self.taken_back.push(made);
            }
        }
        Ok(())
    }

    /// The lines of the date.
    async fn came(&mut self, desk: &Desk) -> Result<()> {
        let ours = Ours::of(desk, &self.expectations, &self.done);
        // A wire that came before it was announced may say what was announced since.
        self.receipts.iter_mut().for_each(|one| ours.say_again(one));
        let mut parts = details::of(desk, self.date).await?;
        for row in lines(desk, self.date).await?.fresh {
            let mut receipt = ours.receipt(&row)?;
            if let Some(parts) = parts.remove(&*row.line_id) {
                ours.add(&parts, &mut receipt);
            }
            self.new.insert(receipt.id.clone());
            self.receipts.push(receipt);
        }
        Ok(())
    }
}

fn of_funding(
    desk: &Desk,
    account: &str,
    (number, since): (u32, Date),
    funding: &Funding,
) -> Expectation {
    let originator = funding.originator.as_deref();
    let company = originator.and_then(|name| desk.bank.originators.get(name));
    let id = Kind::funding_id(number, originator, &funding.reference);
    let (kind, due) = (Kind::Funding(number), funding.on);
    Expectation {
        company: company
            .map(|one| one.company_id.trim().to_owned())
            .unwrap_or_default(),
        ..Expectation::new(id, kind, account, funding.cents, Days { since, due })
    }
}

/// What is looked up of a day before.
async fn receipts_of(desk: &Desk, id: &str) -> Result<Vec<Receipt>> {
    let Some(Ok(day)) = id.get(..10).map(str::parse::<Date>) else {
        return Ok(Vec::new());
    };
    let objects = &*desk.ports.objects;
    let made = records::get::<Allocated>(objects, &names::allocated(day)).await?;
    let all = made.into_iter().flat_map(|made| made.receipts);
    Ok(all.map(|received| received.one).collect())
}

/// Fees that were kept in the month of `date`.
fn netted(before: &Allocated, date: Date) -> Vec<(Date, Cents)> {
    let month = |day: Date| (day.year(), day.month()) == (date.year(), date.month());
    let kept = before.netted.iter().filter(|one| month(one.date));
    kept.map(|one| (one.date, one.cents)).collect()
}

/// What its row tells of a return.
#[derive(Clone, Debug, Default)]
struct ToldOfReturn {
    /// The file it came in.
    file: String,
    /// The day on which it settled, where it says so itself.
    settled: Option<Date>,
}

/// What is told of each return of the date, by the trace of its original.
async fn told_of_returns(
    desk: &Desk,
    start: &AllocationStart,
) -> Result<BTreeMap<i64, ToldOfReturn>> {
    let mut told = BTreeMap::new();
    let parts_of = start.inbound.iter();
    for part in parts_of.flat_map(|file| parts::of_table::<AchReturns>(&file.parts)) {
        for row in parts::rows_of::<AchReturns>(&*desk.ports.objects, part).await? {
            let says = row.settled_by.as_deref() == Some(SaidBy::Settlement.as_str());
            // Told again in another file, it came in the first.
            let first = told.entry(row.original_trace);
            first.or_insert_with(|| ToldOfReturn {
                file: row.file.to_string(),
                settled: row.settled_date.filter(|_| says),
            });
        }
    }
    Ok(told)
}
