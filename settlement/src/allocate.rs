//! Allocation: which money answers what was expected.
//!
//! An [`Expectation`] is something that ought to move money on an account of ours: a side of a
//! batch, a return. A [`Receipt`] is a line of the bank's statement. Both have a *remainder*: what
//! has not come, what answers nothing yet. An [`Allocation`] is a set of signed lines over both
//! that sums to zero: one receipt and one expectation in most cases, several of each where a bank
//! splits, lumps or nets, two receipts where it takes one back.
//!
//! The passes run in one order, each over what the ones before it left:
//!
//! 1. what the bank takes back, and what it names, where the amounts agree (`named`),
//! 2. what the parts of a line name (`named`),
//! 3. all that one line is about, as the bank settles (`group`, [`shape`]),
//! 4. one cause of a difference that has evidence of its own, or none (`cause`),
//! 5. lines that name nothing, where what stands together adds up in one way (`nameless`).
//!
//! Everything is taken in the order of its name, never of its arrival; every search is bounded by
//! counted steps, and the bounds are part of [`RULES`]. So the same receipts and expectations give
//! the same bytes. What is left of a receipt rests in suspense under the receipt's own name, and
//! comes out of it when a later day allocates it.
//!
//! Nothing is lost: for debits and credits apart, what came in is what was allocated, what waits
//! inside its time, and what is in a break.

mod allocation;
mod cause;
mod group;
mod item;
mod left;
mod named;
mod nameless;
pub mod shape;
mod work;

pub use allocation::{Allocation, Item, Pass, RULES, Share};
pub use cause::NettedFee;
pub use item::{Detail, Done, Expectation, Kind, Member, Name, Receipt};

use crate::ids::TraceNumber;
use crate::money::{Cents, SignedCents};
use crate::reconcile::legs::BreakKind;
use jiff::civil::Date;
use work::Work;

/// Everything that one day's allocation looks at.
pub struct Input<'a> {
    /// The business date.
    pub today: Date,
    /// Banking days that money may be late.
    pub sla_days: u32,
    /// A difference up to this is rounding; nothing, where the profile does not say why.
    pub rounding: Cents,
    /// Fees that the contract lets the bank keep from a settlement.
    pub fees: &'a [NettedFee],
    /// Those that it kept before: day and amount.
    pub netted_before: &'a [(Date, Cents)],
    /// What has not come, or not all.
    pub expectations: &'a [Expectation],
    /// What answers nothing yet, or not with all of it.
    pub receipts: &'a [Receipt],
    /// What was answered in full, and may yet be taken back or come again.
    pub done: &'a [Done],
    /// Allocations of lines that a later version of their statement does not have.
    pub taken_back: &'a [Allocation],
    /// The entries of a side; asked only where its amount does not agree.
    pub members: &'a dyn Fn(&Expectation) -> Vec<Member>,
}

/// Something that does not agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub kind: BreakKind,
    /// The money in question.
    pub cents: SignedCents,
    /// One sentence for whoever has to look at it.
    pub why: String,
    /// The expectations it is about.
    pub expectations: Vec<String>,
    /// The receipts it is about.
    pub receipts: Vec<String>,
    /// Entries that may be what is missing: they wait.
    pub candidates: Vec<TraceNumber>,
}

/// What a day's allocation made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What belongs together, in the order in which it was found.
    pub allocations: Vec<Allocation>,
    /// What does not agree.
    pub findings: Vec<Finding>,
    /// Every expectation with what is left of it, those that were done before among them.
    pub expectations: Vec<Expectation>,
    /// Every receipt with what is left of it.
    pub receipts: Vec<Receipt>,
    /// Expectations that had been answered, and wait again.
    pub undone: Vec<String>,
}

/// Allocates a day.
///
/// # Panics
/// Where an allocation would not sum to zero or take more than is left: the rules are wrong.
pub fn allocate(input: &Input<'_>) -> Outcome {
    let mut work = Work::new(input);
    work.take_back();
    named::reversals(&mut work);
    named::named(&mut work);
    named::details(&mut work);
    group::grouped(&mut work);
    cause::causes(&mut work);
    nameless::nameless(&mut work);
    left::say(&mut work);
    work.finish()
}

#[cfg(test)]
mod tests;
