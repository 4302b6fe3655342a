//! The bank: takes our files, settles their batches, answers with returns and statements, and
//! now and then gets something wrong.
//!
//! # A banking day of the bank
//!
//! - **During the day** [`Bank::receive`] checks a file with our own NACHA reader and answers
//!   with an acknowledgement. A file with an error is rejected as a whole.
//! - **On the morning** of a banking day [`Bank::morning`] gives what lies in the drop box:
//!   the statement of the banking day before, and the day's returns and notifications of change.
//!
//! # Which day money moves
//!
//! - A batch settles on its effective entry date: the next banking day as a rule, the day itself
//!   for a same-day batch. One statement line for each batch and side (447 and 466 fund credits
//!   we originated, 165 and 166 collect debits), with the batch's key as customer reference.
//! - A return file that arrives on the morning of day D settles on D. Its money lines, one for
//!   each return, are therefore on the statement of D, which arrives on the next banking
//!   morning. Their customer reference is the original trace.
//! - An entry that settles on S comes back on the morning of the first or second banking day
//!   after S, an unauthorized consumer debit (R10) on that of the third: by then the payment has
//!   long been a success.
//! - A wire that somebody announced to us moves on its day ([`Bank::wire`]), if it comes.
//! - Fees are charged at the end of each banking day, one line, for the files of the day with
//!   their batches and entries (rejected ones too: they were work), and for its returns and
//!   notifications.
//!
//! # What is kept
//!
//! The bank serializes as a whole, so that a demo can stop and go on. It keeps no entry of which
//! nothing more will be heard. Receiving is order-blind: what the bank does with an entry
//! depends on the entry, its batch and the seed, and faults are chosen once the day is over.

mod alone;
mod asked;
mod close;
mod columns;
mod faults;
mod habits;
mod money;
mod notice;
mod receive;
mod render;
mod returns;
mod second;
mod sent;
mod shape;
mod statement;
mod tell;
mod telling;
mod terms;
#[cfg(test)]
mod tests;
mod ways;
mod wire;
mod wires;

pub use asked::Asked;
pub use faults::{Fault, FaultPlan, Planted};
pub use habits::{Habits, Listed, Naming};
pub use telling::Telling;
pub use ways::Ways;
pub use wire::Wire;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use settlement::{bank::BankProfile, calendar, ids::BatchKey, money::SignedCents};
use std::{collections::BTreeMap, fmt};

/// A file the bank puts into the drop box.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutFile {
    /// Its name there: date and time first, so that names sort in the order of arrival.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for OutFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OutFile({}, {} bytes)", self.name, self.bytes.len())
    }
}

/// Why the bank cannot write a file: its profile holds what the format cannot carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankError {
    what: &'static str,
    why: String,
}

impl fmt::Display for BankError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, why) = (self.what, &self.why);
        write!(
            f,
            "the bank cannot write its {what}: {why}; correct the bank profile"
        )
    }
}

impl std::error::Error for BankError {}

impl BankError {
    fn of(what: &'static str) -> impl Fn(&dyn fmt::Display) -> BankError {
        move |why| BankError {
            what,
            why: why.to_string(),
        }
    }
}

/// The bank and all it remembers.
#[derive(Clone, Serialize, Deserialize)]
pub struct Bank {
    seed: u64,
    terms: terms::Terms,
    plan: FaultPlan,
    #[serde(default)]
    habits: Habits,
    owed: faults::Owed,
    /// The first day the bank was heard of: day number 0 of the plan.
    first_day: Option<Date>,
    last_morning: Option<Date>,
    /// Files taken, by creation date and modifier, with their SHA-256.
    files: BTreeMap<String, String>,
    /// Batches received and not yet scheduled, by the day they came.
    received: BTreeMap<Date, BTreeMap<BatchKey, sent::Batch>>,
    /// Batches that settle on a day to come.
    settling: BTreeMap<Date, Vec<money::Settling>>,
    /// Returns and notifications for a morning to come.
    returning: BTreeMap<Date, Vec<notice::Notice>>,
    /// Money that moves on a day to come, or did on a day whose statement is not written yet.
    moving: BTreeMap<Date, Vec<money::Movement>>,
    balance: SignedCents,
    /// Fees not yet charged, in micro-dollars.
    fees_due: i64,
    planted: Vec<Planted>,
    rejected: Vec<String>,
    #[serde(default)]
    telling: Telling,
    #[serde(default)]
    told: telling::Told,
    #[serde(default)]
    wires: Vec<Wire>,
    /// What the files that came were called, by creation day and modifier as batch keys have them.
    #[serde(default)]
    sent_as: BTreeMap<String, String>,
    /// Files for a morning to come.
    #[serde(default)]
    post: BTreeMap<Date, Vec<OutFile>>,
    /// What is charged for them, in micro-dollars.
    #[serde(default)]
    charged_later: BTreeMap<Date, i64>,
    #[serde(default)]
    alone: asked::Alone,
}

/// The most mornings made up for at once: a year of banking days.
const MOST_MORNINGS: u16 = 260;

impl Bank {
    /// A bank under contract with us, at balance zero, that has seen nothing yet.
    pub fn new(seed: u64, profile: &BankProfile, plan: FaultPlan) -> Bank {
        Bank {
            seed,
            terms: terms::Terms::of(profile),
            plan,
            habits: Habits::default(),
            owed: faults::Owed::default(),
            first_day: None,
            last_morning: None,
            files: BTreeMap::new(),
            received: BTreeMap::new(),
            settling: BTreeMap::new(),
            returning: BTreeMap::new(),
            moving: BTreeMap::new(),
            balance: SignedCents::ZERO,
            fees_due: 0,
            planted: Vec::new(),
            rejected: Vec::new(),
            telling: Telling::default(),
            told: telling::Told::default(),
            wires: Vec::new(),
            sent_as: BTreeMap::new(),
            post: BTreeMap::new(),
            charged_later: BTreeMap::new(),
            alone: asked::Alone::default(),
        }
    }

    /// The same bank with money in the account from the start.
    #[must_use]
    pub fn with_opening_balance(mut self, balance: SignedCents) -> Bank {
        self.balance = balance;
        self
    }

    /// The same bank with habits of its own.
    #[must_use]
    pub fn with_habits(mut self, habits: Habits) -> Bank {
        self.habits = habits;
        self
    }

    /// What the account holds at the end of the last statement.
    pub fn balance(&self) -> SignedCents {
        self.balance
    }

    /// The faults committed so far whose evidence has arrived, in the order of date, kind, key:
    /// exactly the breaks that reconciliation must find. Rejected files are not among them.
    pub fn planted(&self) -> Vec<Planted> {
        let arrived = |p: &&Planted| self.last_morning.is_some_and(|last| p.date <= last);
        let mut planted: Vec<_> = self.planted.iter().filter(arrived).cloned().collect();
        planted.sort_by(|a, b| (a.date, a.kind, &a.key).cmp(&(b.date, b.kind, &b.key)));
        planted
    }

    /// The names of files rejected as planned: their payments fail, and nothing else is wrong.
    pub fn rejected(&self) -> &[String] {
        &self.rejected
    }

    /// What lies in the drop box on the morning of `date`: the statement of the banking day
    /// before, then the day's return files. Nothing on a day that is no banking day, or on one
    /// whose morning is over. Mornings left out since the last call are made up for, in order.
    ///
    /// # Errors
    /// Where the profile has a text that the file formats cannot carry.
    pub fn morning(&mut self, date: Date) -> Result<Vec<OutFile>, BankError> {
        if !calendar::is_banking_day(date) {
            return Ok(Vec::new());
        }
        self.first_day.get_or_insert(date);
        let mut files = Vec::new();
        let mut day = self.last_morning.map_or(date, calendar::next_banking_day);
        for _ in 0..MOST_MORNINGS {
            if day > date {
                break;
            }
            self.close_before(day);
            files.extend(self.statement(day)?);
            files.extend(self.post.remove(&day).unwrap_or_default());
            self.fees_due += self.charged_later.remove(&day).unwrap_or(0);
            files.extend(self.returns(day)?);
            self.last_morning = Some(day);
            day = calendar::next_banking_day(day);
        }
        Ok(files)
    }

    /// The plan's number of `date`: banking days since the first one the bank was heard of.
    fn day_number(&self, date: Date) -> u32 {
        self.first_day
            .map_or(0, |first| calendar::banking_days_between(first, date))
    }

    fn plant(&mut self, kind: Fault, key: String, cents: i64, date: Date, note: &str) {
        self.owed.done(kind);
        self.planted.push(Planted {
            kind,
            key,
            cents,
            date,
            note: note.to_owned(),
        });
    }
}

/// Never the account number.
impl fmt::Debug for Bank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (files, planted) = (self.files.len(), self.planted.len());
        write!(
            f,
            "Bank({files} files, {planted} faults, balance {})",
            self.balance
        )
    }
}
