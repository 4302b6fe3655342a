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
//! 1. what the bank takes back (`back`), what it rejected, and what a name takes from an earlier
//!    day's supposition (`again`), and what it names, where the amounts agree (`named`),
//! 2. what the parts of a line name (`details`),
//! 3. wires that were announced (`funding`), and all that one line is about, as the bank settles
//!    (`group`, [`shape`](crate::bank::shape)),
//! 4. one cause of a difference that has evidence of its own, or none (`cause`), and what is short
//!    by a return of its own (`netted`),
//! 5. lines that name nothing, where what stands together adds up in one way (`nameless`).
//!
//! Everything is taken in the order of its name, never of its arrival; every search is bounded by
//! counted steps, and the bounds are part of [`RULES`]. So the same receipts and expectations give
//! the same bytes. What is left of a receipt rests in suspense under the receipt's own name, and
//! comes out of it when a later day allocates it.
//!
//! Nothing is lost: for debits and credits apart, what came in is what was allocated, what waits
//! inside its time, and what is in a break.

mod again;
mod allocation;
mod back;
mod cause;
mod day;
mod details;
mod funding;
mod group;
mod hypotheses;
mod item;
mod left;
mod named;
mod nameless;
mod netted;
mod sides;
mod work;

pub use allocation::{Allocation, Item, Pass, RULES, Share};
pub use day::{Finding, Input, Outcome};
pub use item::{
    Days, Detail, Done, Earlier, Entries, Expectation, Kind, Member, Name, Receipt, Undone,
};

use work::Work;

/// Allocates a day.
///
/// # Panics
/// Where an allocation would not sum to zero or take more than is left: the rules are wrong.
pub fn allocate(input: &Input<'_>) -> Outcome {
    let mut work = Work::new(input);
    work.take_back();
    back::reversals(&mut work);
    again::withdraw(&mut work);
    again::reopen(&mut work);
    again::displace(&mut work);
    again::unexplain(&mut work);
    named::named(&mut work);
    details::details(&mut work);
    named::parts(&mut work);
    funding::funded(&mut work);
    group::grouped(&mut work);
    cause::causes(&mut work);
    netted::netted(&mut work);
    nameless::nameless(&mut work);
    sides::judge(&mut work);
    left::say(&mut work);
    work.finish()
}

#[cfg(test)]
mod causes;
#[cfg(test)]
mod displaced;
#[cfg(test)]
mod funded;
#[cfg(test)]
mod listed;
#[cfg(test)]
mod lumps;
#[cfg(test)]
mod taken_back;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod whole_figures;
