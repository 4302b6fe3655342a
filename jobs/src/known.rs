//! What is known of our account's statements: the days that are booked, and what waits.
//!
//! Ingestion places a statement by it, and reconciliation proves it and hands it on. It is made of
//! records only: what the reconciliation before remembered, and what was recorded on the date. So
//! whoever asks again, after a crash or in another job, is told the same.

use crate::parts;
use crate::records::ingested::{Ingested, Kept, StatementHead, Told, Waiting};
use crate::records::reconciled::{Closing, Reconciled};
use connectors::ObjectStore;
use desk::failure::Result;
use formats::tables::{BankLine, BankLines};
use jiff::civil::Date;
use settlement::calendar::sub_banking_days;
use settlement::exact::Exact;
use settlement::money::SignedCents;
use settlement::reconcile::chain::Booked;
use std::collections::{BTreeMap, BTreeSet};

/// Banking days for which a statement's lines are remembered: banks correct and repeat what is of
/// the last weeks, and a download goes back for two months at most.
const REMEMBER_DAYS: u16 = 45;

/// A day as it is booked.
#[derive(Clone, Debug, Default)]
pub struct Day {
    /// What was booked of it, in that order.
    pub heads: Vec<StatementHead>,
    /// Its closing balance, where nothing else of it is remembered.
    ended: Option<SignedCents>,
}

impl Day {
    /// What is booked of it now: the last version, and the pages after it.
    fn standing(&self) -> &[StatementHead] {
        let last = self.heads.iter().rposition(|head| head.corrects);
        self.heads.get(last.unwrap_or(0)..).unwrap_or_default()
    }

    /// The versions of before the one that stands now.
    pub fn superseded(&self) -> impl Iterator<Item = &Told> {
        let standing = self.standing().len();
        let before = self.heads.iter().rev().skip(standing);
        before.filter_map(|head| head.told.as_ref())
    }

    /// What the version that stands now was told as.
    pub fn stands(&self) -> impl Iterator<Item = &Told> {
        self.standing().iter().filter_map(|head| head.told.as_ref())
    }

    /// Balances of the day, and whether more of it comes; none where a balance was not told.
    pub fn booked(&self) -> Option<Booked> {
        let standing = self.standing();
        let Some(last) = standing.last() else {
            let closing = self.ended?;
            return Some(Booked {
                opening: None,
                closing,
                more: false,
            });
        };
        let remembered = self.is_remembered();
        Some(Booked {
            opening: standing.first()?.opening.filter(|_| remembered),
            closing: last.closing?,
            more: last.more,
        })
    }

    /// The day's opening balance, lines and closing balance, as the bank told them; none where a
    /// sum does not fit.
    pub fn asserted(&self) -> Option<(SignedCents, SignedCents, SignedCents)> {
        let standing = self.standing();
        let (first, last) = (standing.first()?, standing.last()?);
        let lines = SignedCents::sum(standing.iter().map(|head| head.movement));
        Some((first.opening?, lines?, last.closing?))
    }

    /// Whether all that was booked of it can be looked at.
    pub fn is_remembered(&self) -> bool {
        !self.heads.is_empty() && self.heads.iter().all(|head| head.told.is_some())
    }

    /// The rows of the table that are the day's lines now, and the names of those that are not any
    /// more.
    ///
    /// # Errors
    /// Where a part cannot be read.
    pub async fn lines(&self, objects: &dyn ObjectStore) -> Result<Lines> {
        let mut rows = Vec::new();
        for part in self.heads.iter().filter_map(|head| head.rows.as_ref()) {
            rows.extend(parts::rows_of::<BankLines>(objects, part).await?);
        }
        Ok(Lines::of(rows))
    }
}

/// The lines of a day.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    /// Those that stand.
    pub standing: Vec<BankLine<'static>>,
    /// The names of those that were taken back.
    pub dropped: Vec<String>,
}

impl Lines {
    fn of(rows: Vec<BankLine<'static>>) -> Lines {
        let mut lines = Lines::default();
        lines.take(rows);
        lines
    }

    /// Adds rows, some of which may take others back.
    pub fn take(&mut self, rows: Vec<BankLine<'static>>) {
        let (back, fresh): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|row| row.corrects.is_some());
        self.standing.extend(fresh);
        let back = back.into_iter().filter_map(|row| row.corrects);
        let back: BTreeSet<String> = back.map(|name| name.into_owned()).collect();
        self.standing.retain(|row| !back.contains(&*row.line_id));
        self.dropped.extend(back);
    }
}

/// The statements of one account.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The days that are booked.
    pub days: BTreeMap<Date, Day>,
    /// What waits.
    pub waiting: Vec<Waiting>,
}

impl Known {
    /// What is known of the account after the files of a date.
    pub fn of(account_last4: &str, before: &Reconciled, files: &[&Ingested]) -> Known {
        let mut days: BTreeMap<Date, Day> = BTreeMap::new();
        if let Some(Closing { date, cents, .. }) = before.closing.get(account_last4) {
            days.entry(*date).or_default().ended = Some(*cents);
        }
        let today = files.iter().flat_map(|file| &file.statements);
        let heads = before.statements.iter().chain(today);
        for head in heads.filter(|head| head.account_last4 == account_last4) {
            let day = days.entry(head.as_of).or_default();
            day.heads.push(head.clone());
        }
        for day in days.values_mut() {
            day.heads.sort_by_key(|head| head.nth);
        }
        let healed: BTreeSet<&Kept> = files.iter().flat_map(|file| &file.healed).collect();
        let today = files.iter().flat_map(|file| &file.waiting);
        let waiting = before.waiting.iter().chain(today);
        let waiting = waiting.filter(|one| one.account_last4 == account_last4);
        Known {
            days,
            waiting: waiting
                .filter(|one| !healed.contains(&one.kept))
                .cloned()
                .collect(),
        }
    }

    /// The days as the chain sees them.
    pub fn chain(&self) -> BTreeMap<Date, Booked> {
        let days = self.days.iter();
        days.filter_map(|(date, day)| Some((*date, day.booked()?)))
            .collect()
    }

    /// The newest day, and its balance.
    pub fn end(&self) -> Option<(Date, Booked)> {
        self.chain().pop_last()
    }

    /// A statement is booked.
    pub fn book(&mut self, head: StatementHead) {
        self.days.entry(head.as_of).or_default().heads.push(head);
    }

    /// Which one of its day a statement would be.
    pub fn next(&self, day: Date) -> u32 {
        let day = self.days.get(&day);
        let last = day.and_then(|day| day.heads.last());
        last.map_or(0, |head| head.nth.plus(1))
    }

    /// The statements that are handed on: those of the last days.
    pub fn remembered(&self) -> Vec<StatementHead> {
        let Some((newest, _)) = self.days.last_key_value() else {
            return Vec::new();
        };
        let oldest = sub_banking_days(*newest, REMEMBER_DAYS);
        let days = self.days.range(oldest..).map(|(_, day)| day);
        let days = days.filter(|day| day.is_remembered());
        days.flat_map(|day| day.heads.iter().cloned()).collect()
    }
}
