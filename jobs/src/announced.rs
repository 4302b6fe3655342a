//! What was announced, as it stands in the chain of what was said of fundings.
//!
//! Each fact has the number after the one before it and names that by its hash, so the chain is
//! read by numbers and no listing is asked where it goes on. A listing is only held against it: a
//! number that is there and was not reached is behind a hole.

use crate::records::funding::FundingFact;
use crate::records::{self, Read};
use connectors::ObjectStore;
use desk::failure::{Failure, Result};
use desk::names;
use jiff::civil::Date;

/// Every fact after the number `after`, in order.
///
/// # Errors
/// Where one is missing before another, or is not as it was written.
pub async fn since(objects: &dyn ObjectStore, after: u32) -> Result<Vec<Read<FundingFact>>> {
    let mut facts: Vec<Read<FundingFact>> = Vec::new();
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
    let listed = objects.list(names::FUNDINGS_PREFIX).await?;
    match listed.iter().find(|name| **name > names::funding(number)) {
        None => Ok(facts),
        Some(later) => {
            let missing = names::funding(number);
            Err(Failure::damaged(format!(
                "{missing}: gone, and {later} came after it"
            )))
        }
    }
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
