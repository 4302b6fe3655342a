//! The bank's side of the money: what a settled batch and a returned entry do to the account.

use super::notice::Notice;
use super::sent::{Batch, Entry, Part};
use super::terms::Terms;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use settlement::ids::{BatchKey, Direction};

/// One movement of the account, as the statement will tell it. Ordered as it is printed.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Movement {
    pub(super) sort: Sort,
    /// Batch or original trace; empty where the bank knows none.
    pub(super) customer_reference: String,
    /// BAI2 type code.
    pub(super) type_code: String,
    /// What it does to our account, in cents.
    pub(super) cents: i64,
    pub(super) text: String,
    /// Whether the line is printed, and counted, twice.
    pub(super) twice: bool,
    /// What it is of, where a bank that lumps or nets puts it into a line with others.
    #[serde(default)]
    pub(super) of: Option<Of>,
    /// What it is made of, where the bank lists that.
    #[serde(default)]
    pub(super) parts: Vec<Part>,
    /// Whether it is the rest of what came in part before.
    #[serde(default)]
    pub(super) rest: bool,
    /// The day it counts, where that is not the day of its statement.
    #[serde(default)]
    pub(super) value: Option<Date>,
    /// What it answers, as reconciliation calls it, each with its cents; nothing where a fault has
    /// befallen some of it.
    #[serde(default)]
    pub(super) answers: Vec<(String, i64)>,
    /// The bank's reference of an earlier line, where it repeats that.
    #[serde(default)]
    pub(super) repeats: String,
    /// Banking days after which the bank takes just this line back; zero for never.
    #[serde(default)]
    pub(super) back_after: u16,
}

/// Whose money a movement is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Of {
    /// Whether the entries pull.
    pub(super) debit: bool,
    /// Our company's ten characters.
    pub(super) company: String,
    /// The class of the entries.
    pub(super) class: String,
    /// The day and modifier of the file they came in.
    pub(super) file: String,
}

/// The order of a statement's lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Sort {
    #[default]
    Settlement,
    Return,
    Unexpected,
    Wire,
    Corrected,
    Fee,
}

/// A batch on its way to the statement, with the fault that befalls it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Settling {
    pub(super) key: BatchKey,
    pub(super) settles: Date,
    pub(super) debit_cents: u64,
    pub(super) credit_cents: u64,
    /// What the bank keeps for itself, in cents.
    pub(super) netted_fee: u64,
    pub(super) twice: bool,
    /// For the statement's text.
    pub(super) sec: String,
    pub(super) company_name: String,
    #[serde(default)]
    pub(super) company: String,
    /// All entries, where the bank lists them.
    #[serde(default)]
    pub(super) parts: Vec<Part>,
    /// The day its lines say that they count.
    #[serde(default)]
    pub(super) value: Option<Date>,
    /// Whether the line does not say which batch it is.
    #[serde(default)]
    pub(super) nameless: bool,
    /// Whether an entry of it is lost.
    #[serde(default)]
    pub(super) short: bool,
}

impl Settling {
    pub(super) fn of(batch: &Batch) -> Settling {
        Settling {
            key: batch.key,
            settles: batch.settles,
            debit_cents: batch.debit_cents,
            credit_cents: batch.credit_cents,
            netted_fee: 0,
            twice: false,
            sec: batch.header.sec.to_string(),
            company_name: batch.header.company_name.trim_end().to_owned(),
            company: batch.header.company_id.trim().to_owned(),
            parts: batch.parts.clone(),
            value: None,
            nameless: false,
            short: false,
        }
    }

    /// The side of payouts, apart from the other: `None` where there is none.
    pub(super) fn split_credits(&mut self) -> Option<Settling> {
        let is_credit = |part: &Part| part.cents < 0;
        let (credits, debits) = self.parts.iter().cloned().partition(is_credit);
        self.parts = debits;
        let credit_cents = std::mem::take(&mut self.credit_cents);
        (credit_cents > 0).then(|| Settling {
            debit_cents: 0,
            credit_cents,
            parts: credits,
            ..self.clone()
        })
    }

    /// What the whole batch does to our account, before any fee, in cents.
    pub(super) fn signed(&self) -> i64 {
        signed(self.debit_cents) - signed(self.credit_cents)
    }

    /// How reconciliation names a batch with entries of one direction: its key and direction.
    pub(super) fn name(&self) -> String {
        let credits = self.debit_cents == 0;
        let direction = if credits {
            Direction::Credit
        } else {
            Direction::Debit
        };
        format!("{}/{}", self.key, direction.as_str())
    }

    /// Takes one entry out of the batch's money.
    pub(super) fn lose(&mut self, entry: &Entry) {
        let side = if entry.is_debit() {
            &mut self.debit_cents
        } else {
            &mut self.credit_cents
        };
        *side -= entry.cents;
        self.short = true;
        let lost = Part::of(entry);
        self.parts.retain(|part| *part != lost);
    }

    /// The line of an entry that was lost and comes after all.
    pub(super) fn late(&self, entry: &Entry, terms: &Terms) -> Movement {
        let code = match entry.is_debit() {
            true => terms.debit_code(self.key),
            false => terms.credit_code(self.key),
        };
        Movement {
            sort: Sort::Settlement,
            customer_reference: self.key.to_string(),
            type_code: code.to_owned(),
            cents: entry.signed(),
            text: format!("ACH LATE ITEM {}", self.company_name),
            parts: vec![Part::of(entry)],
            ..Movement::default()
        }
    }

    /// The parts of one side: its entries, or the batch where the bank does not list these.
    fn parts_of(&self, cents: i64) -> Vec<Part> {
        if self.parts.is_empty() {
            return vec![Part {
                cents,
                reference: self.key.to_string(),
                id: String::new(),
            }];
        }
        let of_side = self.parts.iter();
        let of_side = of_side.filter(|part| (part.cents > 0) == (cents > 0));
        of_side.cloned().collect()
    }

    /// One line for each side that has money; a netted fee is in the first of them.
    pub(super) fn movements(&self, terms: &Terms) -> Vec<Movement> {
        let sides = [
            (
                signed(self.debit_cents),
                terms.debit_code(self.key),
                "ACH COLLECTION",
            ),
            (
                -signed(self.credit_cents),
                terms.credit_code(self.key),
                "ACH FUNDING",
            ),
        ];
        let mut fee = signed(self.netted_fee);
        let mut movements = Vec::with_capacity(2);
        for (cents, code, what) in sides {
            if cents == 0 {
                continue;
            }
            movements.push(Movement {
                parts: self.parts_of(cents),
                answers: self.answers(cents),
                back_after: self.back_after(),
                value: self.value,
                sort: Sort::Settlement,
                customer_reference: match self.nameless {
                    true => String::new(),
                    false => self.key.to_string(),
                },
                type_code: code.to_owned(),
                cents: cents - fee,
                text: match fee {
                    0 => format!("{what} {} {}", self.sec, self.company_name),
                    // The bank says so: without its word a fee is no more likely than a lost entry.
                    _ => format!("{what} {} {} LESS FEE", self.sec, self.company_name),
                },
                twice: self.twice && movements.is_empty(),
                of: Some(Of {
                    debit: what == "ACH COLLECTION",
                    company: self.company.clone(),
                    class: self.sec.clone(),
                    file: file_of(self.key),
                }),
                ..Movement::default()
            });
            fee = 0;
        }
        movements
    }

    /// What the line of a side of so many cents answers, where nothing is wrong with it.
    fn answers(&self, cents: i64) -> Vec<(String, i64)> {
        let wrong = self.short || self.twice || self.nameless || self.netted_fee > 0;
        if wrong || self.value.is_some() {
            return Vec::new();
        }
        let direction = match cents < 0 {
            true => Direction::Credit,
            false => Direction::Debit,
        };
        vec![(format!("{}/{}", self.key, direction.as_str()), cents)]
    }

    /// A line without a name is taken back once it has come with its name.
    const fn back_after(&self) -> u16 {
        match self.nameless {
            true => NAMELESS_FOR,
            false => 0,
        }
    }
}

/// Banking days after which a line without a name is taken back: it was told with one by then.
const NAMELESS_FOR: u16 = 5;

impl Movement {
    /// The line that takes this one back.
    pub(super) fn back(mut self) -> Movement {
        self.cents = -self.cents;
        for part in &mut self.parts {
            part.cents = -part.cents;
        }
        Movement {
            text: format!("REVERSAL {}", self.text),
            sort: Sort::Corrected,
            twice: false,
            of: None,
            answers: Vec::new(),
            back_after: 0,
            ..self
        }
    }
}

/// The money line of a returned entry: the entry's own movement the other way.
pub(super) fn returned(notice: &Notice, code: u8, terms: &Terms, file: &str) -> Movement {
    let entry = &notice.entry;
    let type_code = if entry.is_debit() {
        &terms.debit_returned
    } else {
        &terms.credit_returned
    };
    let cents = match notice.is_dishonored() {
        true => entry.signed(),
        false => -entry.signed(),
    };
    Movement {
        sort: Sort::Return,
        customer_reference: format!("{:015}", entry.trace),
        type_code: type_code.clone(),
        cents,
        text: format!("ACH RETURN R{code:02}"),
        of: Some(Of {
            debit: entry.is_debit(),
            company: notice.header.company_id.trim().to_owned(),
            class: notice.header.sec.to_string(),
            file: file.to_owned(),
        }),
        parts: vec![Part {
            cents,
            ..Part::of(entry)
        }],
        answers: match notice.is_dispute() {
            true => Vec::new(),
            false => vec![(format!("{:015}", entry.trace), cents)],
        },
        ..Movement::default()
    }
}

/// `cents` with a sign; no amount of a file is too large for it.
fn signed(cents: u64) -> i64 {
    i64::try_from(cents).expect("the sum of a batch of twelve digits")
}

/// The day and modifier that a batch key begins with.
fn file_of(key: BatchKey) -> String {
    key.to_string().chars().take(7).collect()
}
