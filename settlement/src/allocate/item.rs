//! What is allocated: expectations, and the receipts that answer them.

use super::allocation::Allocation;
use crate::bank::LineRole;
use crate::bank::shape::Shape;
use crate::funding::OWN;
use crate::ids::{BatchKey, Direction, TraceNumber};
use crate::money::{Cents, SignedCents};
use crate::reconcile::legs::BreakKind;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// How ids of fundings begin.
const FUNDING: &str = "funding/";

/// Something by which the bank may call what it moves.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Name {
    /// A batch that we sent.
    Batch(BatchKey),
    /// The trace of an entry that we sent.
    Trace(TraceNumber),
    /// A file that we sent, or that a return came in.
    File(String),
    /// A company of ours, by its ten characters.
    Company(String),
    /// Something that we do not know: the line is about that, and about nothing else.
    Else(String),
    /// A funding that was announced, by its id: the line says its reference.
    Funding(String),
}

/// What is expected to move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One side of a batch that we sent.
    Side(BatchKey, Direction),
    /// A return that we received: the trace of the entry it returns, and that entry's direction.
    Return(TraceNumber, Direction),
    /// A funding that was announced, by its number.
    Funding(u32),
}

/// Something that ought to move money on an account of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expectation {
    /// Its name, unique among all that wait: a batch and its side, a return, a funding.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// The account that it moves, as our chart and the profile name it. Amounts of two accounts
    /// never meet.
    pub account: String,
    /// What it should move in all; positive raises the account.
    pub cents: SignedCents,
    /// What of it has not come. Never of the other sign than `cents`.
    pub remainder: SignedCents,
    /// The first day on which its money may move: the day it was sent or received.
    pub since: Date,
    /// The day on which it should.
    pub due: Date,
    /// The file it went out in, or came in; may be empty.
    pub file: String,
    /// The company whose entries they are, by its ten characters; may be empty.
    pub company: String,
    /// The class of the entries; may be empty.
    pub class: String,
    /// How the bank settles what was sent on that day.
    pub shape: Shape,
    /// Entries that wait though the rest has settled: a difference may be theirs.
    #[serde(default)]
    pub waits: Vec<TraceNumber>,
    /// What was found of it when the rest settled.
    #[serde(default)]
    pub found: Option<BreakKind>,
    /// The allocation that last answered it, wholly or in part.
    #[serde(default)]
    pub last: Option<String>,
    /// What the bank took back of what had settled, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone: Option<Undone>,
    /// Whether the bank says that it does not carry it. What has come of it all the same stays.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rejected: bool,
    /// The batch of the entry that a return is of, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<BatchKey>,
}

/// When the money of an expectation moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// The first day on which it may.
    pub since: Date,
    /// The day on which it should.
    pub due: Date,
}

/// A settlement that the bank took back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// How often it has done so, of this expectation.
    pub times: u32,
    /// The allocation that counts no more since the last time.
    pub by: String,
    /// The business date of that.
    pub on: Date,
    /// The day on which it had first settled: holds and windows run from it.
    pub first: Option<Date>,
    /// What had become available to originators by then, and stays so.
    pub available: Cents,
}

/// Entries of a side that settle, or whose settlement is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entries {
    /// The side.
    pub id: String,
    /// How often the bank has taken back what settled the side, this time included.
    pub times: u32,
    /// All but these.
    pub except: Vec<TraceNumber>,
    /// Only these, where there are any.
    pub only: Vec<TraceNumber>,
}

/// An allocation of a day before that stands, with its receipts as they came: it gives way to lines
/// that name what it had only supposed, and to one that takes back a line of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// The allocation.
    pub allocation: Allocation,
    /// Its receipts.
    pub receipts: Vec<Receipt>,
    /// What it had answered, as the day before it left that; nothing of what was new then.
    pub before: Vec<Expectation>,
}

/// A line of a statement, or what is left of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Its name.
    pub id: String,
    /// The account that it moved.
    pub account: String,
    /// What it is to us, as the profile says.
    pub role: LineRole,
    /// What it moved; positive raises the account.
    pub cents: SignedCents,
    /// What of it answers nothing yet. Never of the other sign than `cents`.
    pub remainder: SignedCents,
    /// The day its money counts.
    pub value: Date,
    /// All that any of its fields names, sorted and each once.
    pub names: Vec<Name>,
    /// The bank's own reference; may be empty.
    pub reference: String,
    /// The bank's text.
    pub text: String,
    /// Whether the bank says that it takes an earlier line back.
    pub reverses: bool,
    /// What it is made of, where the bank says so and the parts add up to it; once some of them
    /// are allocated, the others. Nothing once it was allocated as a whole.
    pub details: Vec<Detail>,
    /// What was found of it when a part of it was allocated, and about which expectation.
    #[serde(default)]
    pub found: Option<(BreakKind, String)>,
}

/// A part of a line, as the bank tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// What it moved.
    pub cents: SignedCents,
    /// What it names.
    pub names: Vec<Name>,
}

/// What was answered in full, on this day or an earlier one, and may yet be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The expectation as it was.
    pub expectation: Expectation,
    /// The allocation that answered it last.
    pub by: String,
}

/// An entry of a side, as far as a missing one is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// Its trace.
    pub trace: TraceNumber,
    /// What it moves on our account.
    pub cents: SignedCents,
}

impl Kind {
    /// The id of a side of a batch.
    pub fn side_id(key: BatchKey, direction: Direction) -> String {
        format!("{key}/{}", direction.as_str())
    }

    /// The id of a return that was received on `received`.
    pub fn return_id(trace: TraceNumber, direction: Direction, received: Date) -> String {
        format!("return/{trace}/{}/{received}", direction.as_str())
    }

    /// The id of the funding that was announced with a number and a reference, by an originator
    /// or by ourselves.
    pub fn funding_id(number: u32, originator: Option<&str>, reference: &str) -> String {
        let originator = originator.unwrap_or_default();
        format!("{FUNDING}{number}/{originator}/{reference}")
    }

    /// Whose funding an id is of, none where it is of our own, and its reference.
    pub fn funded(id: &str) -> Option<(Option<&str>, &str)> {
        let (number, rest) = id.strip_prefix(FUNDING)?.split_once('/')?;
        let (originator, reference) = rest.split_once('/')?;
        number.parse::<u32>().ok()?;
        Some((Some(originator).filter(|name| !name.is_empty()), reference))
    }

    /// What people call an expectation: a batch and its side, the trace that came back, whose
    /// funding it is and its reference.
    pub fn name_of(id: &str) -> String {
        match (Kind::of_id(id), Kind::funded(id)) {
            (Some(Kind::Return(trace, _)), _) => trace.to_string(),
            (_, Some((originator, reference))) => {
                format!("{}/{reference}", originator.unwrap_or(OWN))
            }
            _ => id.to_owned(),
        }
    }

    /// What an id is of; `None` where it is none of these.
    pub fn of_id(id: &str) -> Option<Kind> {
        if let Some(rest) = id.strip_prefix(FUNDING) {
            let number = rest.split('/').next()?.parse().ok()?;
            return Kind::funded(id).map(|_| Kind::Funding(number));
        }
        let mut parts = id.split('/');
        match (parts.next()?, parts.next()?, parts.next()) {
            ("return", trace, Some(direction)) => {
                let trace = TraceNumber::from_number(trace.parse().ok()?).ok()?;
                Some(Kind::Return(trace, direction.parse().ok()?))
            }
            (key, direction, None) => Some(Kind::Side(key.parse().ok()?, direction.parse().ok()?)),
            _ => None,
        }
    }
}

impl Expectation {
    /// Something of which nothing has come yet, with nothing known of it but this: whoever knows
    /// its file, company or class says so.
    pub fn new(id: String, kind: Kind, account: &str, cents: SignedCents, days: Days) -> Self {
        let Days { since, due } = days;
        Expectation {
            id,
            kind,
            account: account.to_owned(),
            cents,
            remainder: cents,
            since,
            due,
            file: String::new(),
            company: String::new(),
            class: String::new(),
            shape: Shape::default(),
            waits: Vec::new(),
            found: None,
            last: None,
            undone: None,
            rejected: false,
            batch: None,
        }
    }

    /// Every name the bank may call it by.
    pub fn names(&self) -> Vec<Name> {
        let own = match self.kind {
            Kind::Side(key, _) => Name::Batch(key),
            Kind::Return(trace, _) => Name::Trace(trace),
            Kind::Funding(_) => Name::Funding(self.id.clone()),
        };
        let mut names = vec![own];
        if !self.file.is_empty() {
            names.push(Name::File(self.file.clone()));
        }
        if !self.company.is_empty() {
            names.push(Name::Company(self.company.clone()));
        }
        names
    }

    /// The direction of the entries it is of; of a funding, of entries that move money its way.
    pub const fn direction(&self) -> Direction {
        match self.kind {
            Kind::Side(_, direction) | Kind::Return(_, direction) => direction,
            Kind::Funding(_) if self.cents.get() < 0 => Direction::Credit,
            Kind::Funding(_) => Direction::Debit,
        }
    }

    /// Whether it is a side of a batch.
    pub const fn is_side(&self) -> bool {
        matches!(self.kind, Kind::Side(..))
    }

    /// Whether it is a funding.
    pub const fn is_funding(&self) -> bool {
        matches!(self.kind, Kind::Funding(_))
    }

    /// Whether nothing is expected of it any more, and nothing has come: the bank rejected it.
    pub fn is_withdrawn(&self) -> bool {
        self.rejected && self.remainder.is_zero() && self.last.is_none()
    }

    /// The entries that have not settled though the others have; `None` where nothing has.
    pub fn settled_but(&self) -> Option<&[TraceNumber]> {
        let rest = self.found.is_some() && !self.waits.is_empty();
        let some = self.remainder.is_zero() && !self.is_withdrawn() || rest;
        some.then_some(&self.waits)
    }

    /// Whether it is a return.
    pub const fn is_return(&self) -> bool {
        matches!(self.kind, Kind::Return(..))
    }
}

impl Receipt {
    /// Whether it names nothing at all.
    pub fn is_nameless(&self) -> bool {
        self.names.is_empty()
    }

    /// Whether it goes by its parts: some of them are allocated, and these are left.
    pub fn is_in_parts(&self) -> bool {
        self.remainder != self.cents && !self.details.is_empty()
    }

    /// Whether it may be the money of `kind`, by what the profile takes its code for.
    pub fn fits(&self, kind: Kind) -> bool {
        match (self.role, kind) {
            (LineRole::CreditSettlement, Kind::Side(_, side)) => side == Direction::Credit,
            (LineRole::DebitSettlement, Kind::Side(_, side)) => side == Direction::Debit,
            // A return takes a pull's money and brings a payout's; where it is dishonored, the
            // other way round. The amount says which.
            (LineRole::DebitReturned | LineRole::CreditReturned, Kind::Return(..)) => true,
            (LineRole::Funding, Kind::Funding(_)) => true,
            _ => false,
        }
    }

    /// Whether the profile takes it for a settlement or a return at all.
    pub const fn is_ach(&self) -> bool {
        !matches!(
            self.role,
            LineRole::Fee | LineRole::Funding | LineRole::Other
        )
    }
}
