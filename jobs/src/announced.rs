//! What was announced, as it stands in the chain of what was said of fundings.
//!
//! Each fact has the number after the one before it and names that by its hash, so the chain is
//! read by numbers and no listing is asked where it goes on. A listing is only held against it: a
//! number that is not there before one that is, is a hole. Whoever reads on from a number holds
//! that one too: an allocation has taken it, so it was there.

use crate::records::funding::FundingFact;
use crate::records::{self, Read};
use connectors::{Name, ObjectStore};
use desk::failure::{Failure, Result};
use desk::names;
use jiff::civil::Date;

/// Every fact after the number `after`, in order.
///
/// # Errors
/// Where `after` itself is missing, or any one before another, or one is not as it was written.
pub async fn since(objects: &dyn ObjectStore, after: u32) -> Result<Vec<Read<FundingFact>>> {
    let mut facts: Vec<Read<FundingFact>> = Vec::new();
    if after > 0 {
        fact(objects, after).await?;
    }
    let mut number = after;
    loop {
        let full = || Failure::damaged("the chain of fundings: the newest has no number after it");
        number = number.checked_add(1).ok_or_else(full)?;
        let name = names::funding(number);
        let Some(fact) = records::read::<FundingFact>(objects, &name).await? else {
            break;
        };
        if fact.number != number || (number > 1) != fact.previous.is_some() {
            return Err(Failure::damaged(format!(
                "{name}: not the one of its number"
            )));
        }
        desk::records::prove(objects, &name, fact.previous.as_slice()).await?;
        facts.push(fact);
    }
    whole(objects).await?;
    Ok(facts)
}

/// The fact of a number that an allocation has taken, or that another one came after.
///
/// # Errors
/// Where it is missing, or not as it was written.
pub async fn fact(objects: &dyn ObjectStore, number: u32) -> Result<Read<FundingFact>> {
    let name = names::funding(number);
    let fact = records::read::<FundingFact>(objects, &name).await?;
    fact.ok_or_else(|| {
        let why = "gone, and an allocation has taken it, or later ones are there";
        Failure::damaged(format!("{name}: {why}"))
    })
}

/// Refuses a chain with a hole: a number that is not there before one that is.
async fn whole(objects: &dyn ObjectStore) -> Result<()> {
    let listed = objects.list(names::FUNDINGS_PREFIX).await?;
    let facts = listed.iter().filter(|name| is_fact(name));
    for (name, number) in facts.zip(1u32..) {
        let missing = names::funding(number);
        if *name != missing {
            return Err(Failure::damaged(format!(
                "{missing}: gone, and {name} came after it"
            )));
        }
    }
    Ok(())
}

/// Whether something listed is a fact by its name, and nothing that somebody put there.
fn is_fact(name: &Name) -> bool {
    let number = name.as_str().strip_prefix(names::FUNDINGS_PREFIX);
    let number = number.and_then(|number| number.strip_suffix(".json"));
    let number = number.and_then(|number| number.parse().ok());
    number.is_some_and(|number| names::funding(number) == *name)
}

/// What the allocation of `date` takes of the facts after the number `after`: all that was said
/// while the books of `date`, or of a date before it, were open.
///
/// # Errors
/// As [`since`].
pub async fn on(
    objects: &dyn ObjectStore,
    after: u32,
    date: Date,
) -> Result<Vec<Read<FundingFact>>> {
    let mut facts = since(objects, after).await?;
    let later = |fact: &Read<FundingFact>| fact.books.is_some_and(|books| books > date);
    if let Some(at) = facts.iter().position(later) {
        facts.truncate(at);
    }
    Ok(facts)
}
