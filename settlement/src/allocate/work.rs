//! What is left while the passes run.

use super::allocation::{Allocation, Item, Pass, Share};
use super::day::{Finding, Input, Outcome};
use super::item::{Earlier, Entries, Expectation, Name, Receipt, Undone};
use crate::calendar::banking_days_between;
use crate::exact::Exact;
use crate::money::SignedCents;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// Banking days within which what the bank took back comes again without its name.
const AGAIN_DAYS: u32 = 10;

/// Expectations and receipts in an order of their own, what is left of each, and what was found.
pub(super) struct Work<'a> {
    pub input: &'a Input<'a>,
    /// By id; what was answered before is among them, with nothing left.
    pub expected: Vec<Expectation>,
    /// By id.
    pub received: Vec<Receipt>,
    pub allocations: Vec<Allocation>,
    pub findings: Vec<Finding>,
    /// The allocation that answered an expectation before today, by its place.
    pub answered: BTreeMap<usize, String>,
    /// Receipts and expectations that a finding of today is about: no other is made of them.
    pub told: BTreeSet<String>,
    /// Expectations of which an allocation was taken back, and which.
    pub undone: BTreeMap<String, String>,
    pub settled: Vec<Entries>,
    pub unsettled: Vec<Entries>,
    pub reopened: Vec<String>,
}

impl<'a> Work<'a> {
    pub fn new(input: &'a Input<'a>) -> Work<'a> {
        let done = input.done.iter().map(|done| {
            let mut expectation = done.expectation.clone();
            expectation.remainder = SignedCents::ZERO;
            let by = (!expectation.is_withdrawn()).then(|| done.by.clone());
            (expectation, by)
        });
        let open = input.expectations.iter().map(|one| (one.clone(), None));
        let mut all: Vec<_> = open.chain(done).collect();
        all.sort_by(|a, b| (&a.0.id, &a.1).cmp(&(&b.0.id, &b.1)));
        let answered = (0..)
            .zip(&all)
            .filter_map(|(at, (_, by))| Some((at, by.clone()?)));
        let answered = answered.collect();
        let mut received = input.receipts.to_vec();
        received.sort_by(|a, b| a.id.cmp(&b.id));
        Work {
            input,
            expected: all.into_iter().map(|(one, _)| one).collect(),
            received,
            allocations: Vec::new(),
            findings: Vec::new(),
            answered,
            told: BTreeSet::new(),
            undone: BTreeMap::new(),
            settled: Vec::new(),
            unsettled: Vec::new(),
            reopened: Vec::new(),
        }
    }

    /// What is left of an expectation.
    pub fn expects(&self, at: usize) -> i128 {
        self.expected
            .get(at)
            .map_or(0, |one| i128::from(one.remainder.get()))
    }

    /// What is left of a receipt.
    pub fn has(&self, at: usize) -> i128 {
        self.received
            .get(at)
            .map_or(0, |one| i128::from(one.remainder.get()))
    }

    /// What is left of these expectations together.
    pub fn expects_all(&self, all: &[usize]) -> i128 {
        all.iter().fold(0, |sum, at| sum.plus(self.expects(*at)))
    }

    /// What is left of these receipts together.
    pub fn has_all(&self, all: &[usize]) -> i128 {
        all.iter().fold(0, |sum, at| sum.plus(self.has(*at)))
    }

    /// Sides and returns of which something is left.
    pub fn open(&self) -> impl Iterator<Item = (usize, &Expectation)> {
        let all = self.expected.iter().enumerate();
        all.filter(|(_, one)| !one.remainder.is_zero() && !one.is_funding())
    }

    /// Fundings that have not come: only the pass of their own looks at them.
    pub fn fundings(&self) -> impl Iterator<Item = (usize, &Expectation)> {
        let all = self.expected.iter().enumerate();
        all.filter(|(_, one)| !one.remainder.is_zero() && one.is_funding())
    }

    /// Receipts of which something is left, and that go as a whole.
    pub fn free(&self) -> impl Iterator<Item = (usize, &Receipt)> {
        self.left().filter(|(_, one)| !one.is_in_parts())
    }

    /// Receipts of which something is left.
    pub fn left(&self) -> impl Iterator<Item = (usize, &Receipt)> {
        let all = self.received.iter().enumerate();
        all.filter(|(_, one)| !one.remainder.is_zero())
    }

    /// Whether the money of a day may still come on `today`.
    pub fn in_time(&self, due: Date) -> bool {
        let Input {
            today, sla_days, ..
        } = *self.input;
        due >= today || banking_days_between(due, today) <= sla_days
    }

    /// Whether a line of `value` may be the money of `one`: not before it was sent, and not after
    /// its time; of what the bank took back, not long after that.
    pub fn within(&self, one: &Expectation, value: Date) -> bool {
        let by = |due: Date, days: u32| value <= due || banking_days_between(due, value) <= days;
        let again = |undone: &Undone| by(undone.on, AGAIN_DAYS);
        value >= one.since
            && (by(one.due, self.input.sla_days) || one.undone.as_ref().is_some_and(again))
    }

    /// What of an expectation has not come: the rest that is expected, or entries of a rejected
    /// side that are expected no more and had not come.
    pub fn unpaid(&self, one: &Expectation) -> i128 {
        match one.remainder.is_zero() {
            true => self.waiting_cents(one),
            false => i128::from(one.remainder.get()),
        }
    }

    /// What the entries that wait of a side come to.
    pub fn waiting_cents(&self, one: &Expectation) -> i128 {
        if one.waits.is_empty() {
            return 0;
        }
        let members = (self.input.members)(one).into_iter();
        let waiting = members.filter(|member| one.waits.contains(&member.trace));
        let cents = waiting.map(|member| i128::from(member.cents.get()));
        cents.fold(0, Exact::plus)
    }

    /// Allocates all that is left of these receipts and expectations to each other.
    pub fn meet(&mut self, pass: Pass, evidence: String, receipts: &[usize], expected: &[usize]) {
        let receipts: Vec<_> = receipts.iter().map(|at| (*at, self.has(*at))).collect();
        let expected: Vec<_> = expected.iter().map(|at| (*at, self.expects(*at))).collect();
        self.allocate(pass, evidence, &receipts, &expected, Vec::new());
    }

    /// Allocates so much of each: of a receipt as it moved the account, of an expectation as it
    /// should, and what causes make up.
    ///
    /// # Panics
    /// Where it does not add up, or takes more than is left: the rules are wrong.
    pub fn allocate(
        &mut self,
        pass: Pass,
        evidence: String,
        receipts: &[(usize, i128)],
        expected: &[(usize, i128)],
        causes: Vec<Share>,
    ) {
        let mut shares = causes;
        for (at, cents) in receipts.iter().filter(|(_, cents)| *cents != 0) {
            let Some(one) = self.received.get_mut(*at) else {
                continue;
            };
            one.remainder = rest(one.remainder, *cents, &one.id);
            if pass != Pass::Details {
                one.details.clear(); // it has gone as a whole
            }
            let item = Item::Receipt(one.id.clone());
            shares.push(Share {
                item,
                cents: signed(*cents),
            });
        }
        for (at, cents) in expected.iter().filter(|(_, cents)| *cents != 0) {
            let Some(one) = self.expected.get_mut(*at) else {
                continue;
            };
            one.remainder = rest(one.remainder, *cents, &one.id);
            if one.remainder.is_zero() {
                one.waits.clear();
                one.found = None;
            }
            let item = Item::Expectation(one.id.clone());
            shares.push(Share {
                item,
                cents: signed(cents.times(-1)),
            });
        }
        if !shares.is_empty() {
            let made = Allocation::new(self.input.today, pass, evidence, shares);
            for (at, _) in expected.iter().filter(|(_, cents)| *cents != 0) {
                if let Some(one) = self.expected.get_mut(*at) {
                    one.last = Some(made.id.clone());
                }
            }
            self.allocations.push(made);
        }
    }

    /// Takes back what answered an expectation before, with the receipt that the bank sent for it.
    pub fn undo(&mut self, receipt: usize, expected: usize) {
        let taken = self.has(receipt);
        let part = self.expected.get(expected).and_then(|one| one.last.clone());
        let Some(by) = self.answered.remove(&expected).or(part) else {
            return;
        };
        let (Some(one), Some(line)) = (
            self.expected.get_mut(expected),
            self.received.get_mut(receipt),
        ) else {
            return;
        };
        one.remainder = one.cents; // it is whole again
        one.waits.clear();
        one.found = None;
        line.remainder = SignedCents::ZERO;
        let (id, line) = (one.id.clone(), line.id.clone());
        let evidence = format!("the bank takes back what {by} had allocated");
        let shares = vec![
            Share {
                item: Item::Receipt(line),
                cents: signed(taken),
            },
            Share {
                item: Item::Expectation(id.clone()),
                cents: signed(taken.times(-1)),
            },
        ];
        let mut made = Allocation::new(self.input.today, Pass::Reversal, evidence, shares);
        made.reverses = Some(by.clone());
        self.allocations.push(made);
        self.undone.insert(id, by);
    }

    /// Takes back the allocations of lines that never were: what they had answered waits again, and
    /// what had come with them is free.
    pub fn take_back(&mut self) {
        for made in self.input.taken_back {
            let evidence = "a later version of the statement does not have the line".to_owned();
            self.reverse(made, Pass::Correction, evidence);
        }
    }

    /// Whether an allocation of a day before has not been taken back today.
    pub fn stands(&self, id: &str) -> bool {
        let mut all = self.allocations.iter();
        !all.any(|one| one.reverses.as_deref() == Some(id))
    }

    /// Takes back an allocation of a day before.
    pub fn reverse(&mut self, made: &Allocation, pass: Pass, evidence: String) {
        let mut earlier = self.input.earlier.iter();
        let earlier = earlier.find(|one| one.allocation.id == made.id);
        for (id, share) in made.expectations() {
            let at = self.expected.iter().position(|one| one.id == id);
            let left = at.and_then(|at| self.expected.get(at));
            let left = left.map_or(0, |one| self.unpaid(one));
            let one = at.and_then(|at| self.expected.get_mut(at));
            let Some((at, one)) = at.zip(one) else {
                continue;
            };
            let back = left.less(i128::from(share.get()));
            one.remainder = signed(back);
            if one.cents.is_zero() {
                one.cents = one.remainder; // of a version that kept no amount
            }
            as_before(one, earlier);
            self.answered.remove(&at);
            self.undone.insert(id.to_owned(), made.id.clone());
        }
        for (id, share) in made.receipts() {
            let one = self.received.iter_mut().find(|one| one.id == id);
            if let Some(one) = one {
                let back = i128::from(one.remainder.get()).plus(i128::from(share.get()));
                one.remainder = signed(back);
                one.details.clear(); // which of its parts are free nobody knows
                if one.remainder == one.cents {
                    one.found = None;
                    let mut came = earlier.iter().flat_map(|known| &known.receipts);
                    if let Some(came) = came.find(|came| came.id == one.id) {
                        one.details.clone_from(&came.details); // all of them are
                    }
                }
            }
        }
        let back = made.taken_back(self.input.today, pass, evidence);
        self.allocations.push(back);
    }

    /// Says what was found; once for each thing it is about.
    pub fn find(&mut self, finding: Finding) {
        self.told.extend(finding.expectations.iter().cloned());
        self.told.extend(finding.receipts.iter().cloned());
        self.findings.push(finding);
    }

    /// The ids of these expectations.
    pub fn ids_expected(&self, all: &[usize]) -> Vec<String> {
        all.iter()
            .filter_map(|at| Some(self.expected.get(*at)?.id.clone()))
            .collect()
    }

    /// The ids of these receipts.
    pub fn ids_received(&self, all: &[usize]) -> Vec<String> {
        all.iter()
            .filter_map(|at| Some(self.received.get(*at)?.id.clone()))
            .collect()
    }

    pub fn finish(mut self) -> Outcome {
        self.findings.sort_by(|a, b| {
            let key = |f: &Finding| (f.kind, f.expectations.clone(), f.receipts.clone());
            key(a).cmp(&key(b))
        });
        Outcome {
            allocations: self.allocations,
            findings: self.findings,
            expectations: self.expected,
            receipts: self.received,
            undone: self.undone.into_keys().collect(),
            settled: self.settled,
            unsettled: self.unsettled,
            reopened: self.reopened,
        }
    }
}

/// What waits of an expectation of which an allocation was taken back: what had waited before it,
/// where nothing has come since. Otherwise nobody knows which entries, and all of them wait.
fn as_before(one: &mut Expectation, earlier: Option<&Earlier>) {
    let before = earlier.iter().flat_map(|known| &known.before);
    let mut before = before.filter(|before| before.id == one.id);
    let same = before.find(|before| before.remainder == one.remainder);
    match same.filter(|before| before.remainder != before.cents) {
        Some(before) => {
            one.waits.clone_from(&before.waits);
            (one.found, one.last) = (before.found, before.last.clone());
        }
        None => {
            one.waits.clear();
            one.found = None;
        }
    }
}

/// What is left after `cents` were taken; never of another sign than before.
fn rest(left: SignedCents, cents: i128, of: &str) -> SignedCents {
    let rest = i128::from(left.get()).less(cents);
    let same = rest == 0 || (rest > 0) == (left.get() > 0);
    assert!(same, "{of}: {cents} cents taken of {left}");
    signed(rest)
}

/// # Panics
/// Where a sum of what is left of day's items does not fit 64 bits: items are checked where they
/// are made.
pub(super) fn signed(cents: i128) -> SignedCents {
    SignedCents::new(i64::try_from(cents).expect("a part of an amount of 64 bits"))
}

/// Whether a receipt names an expectation itself: the batch, or the trace of the return.
pub(super) fn names_itself(receipt: &Receipt, one: &Expectation) -> bool {
    one.names()
        .first()
        .is_some_and(|own| receipt.names.contains(own))
}

/// Whether all that a receipt names is a name of one of these.
pub(super) fn agrees<'e>(
    receipt: &Receipt,
    all: impl Iterator<Item = &'e Expectation> + Clone,
) -> bool {
    receipt.names.iter().all(|name| {
        !matches!(name, Name::Else(_)) && all.clone().any(|one| one.names().contains(name))
    })
}
