//! Funding: what originators, and we ourselves, announce to bring to the account or take out of it.
//!
//! What is said is kept as facts in a chain (`announced.rs`): each is one object under the next
//! number, written if that is free, so a command that is killed has said it or not, and the same
//! command again finds it said. A fact belongs to the first date whose books are open, and the
//! allocation of that date takes it. Nothing is taken back but by a fact of its own.

use crate::announced;
use crate::records::allocated::{Allocated, Expected};
use crate::records::funding::{FundingFact, What};
use crate::records::{self, Read, Source};
use connectors::ObjectStore;
use desk::failure::{Failure, Result};
use desk::{Desk, names};
use jiff::civil::Date;
use serde::Serialize;
use settlement::allocate::Kind;
use settlement::calendar::{add_banking_days, next_banking_day};
use settlement::foreign;
use settlement::funding::{Funding, MOST_AHEAD, OWN};
use settlement::reconcile::legs::BreakKind;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What became of an announcement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stand {
    /// Its wire may come.
    Waits,
    /// Its time is over.
    Missing,
    /// Its wire has come.
    Came,
    /// It was withdrawn.
    Withdrawn,
}

impl Stand {
    /// As it is printed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Stand::Waits => "waits",
            Stand::Missing => "missing",
            Stand::Came => "came",
            Stand::Withdrawn => "withdrawn",
        }
    }
}

/// An announcement, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announced {
    /// Its number.
    pub number: u32,
    /// What was announced.
    pub funding: Funding,
    /// What became of it.
    pub stand: Stand,
}

/// All that still matters of what was said.
struct Known {
    /// By number: what waits, what came lately, and what was said since.
    all: BTreeMap<u32, Announced>,
    /// The newest fact's number, and the fact.
    newest: (u32, Option<Source>),
    /// The first date whose books are open; none where no date's were closed.
    open: Option<Date>,
}

/// Announces money; what is announced already in the same words is not announced again.
///
/// # Errors
/// Exit status 2 where it cannot be announced so.
pub async fn announce(desk: &Desk, funding: Funding) -> Result<Announced> {
    let objects = &*desk.ports.objects;
    let known = Known::read(objects).await?;
    let stands = |one: &&Announced| one.stand != Stand::Withdrawn;
    let all = || known.all.values().filter(stands);
    if let Some(same) = all().find(|one| one.funding == funding) {
        return Ok(same.clone());
    }
    let done = |one: &&Announced| one.stand == Stand::Came && funding.may_follow(&one.funding);
    let others = all().filter(|one| !done(one)).map(|one| &one.funding);
    funding
        .check(&desk.bank, known.open, others)
        .map_err(|bad| {
            Failure::usage(bad.to_string()).remedy("nothing was announced; correct it")
        })?;
    let number = known.say(objects, What::Announced(funding.clone())).await?;
    Ok(Announced {
        number,
        funding,
        stand: Stand::Waits,
    })
}

/// Withdraws an announcement; one that is withdrawn is left as it is.
///
/// # Errors
/// Exit status 2 where there is none of this number, or its money has come.
pub async fn withdraw(desk: &Desk, number: u32) -> Result<Announced> {
    let objects = &*desk.ports.objects;
    let known = Known::read(objects).await?;
    let one = match known.all.get(&number) {
        Some(one) => one.clone(),
        None => before(objects, number).await?,
    };
    match one.stand {
        Stand::Withdrawn => Ok(one),
        Stand::Came => Err(
            Failure::usage(format!("funding {number}: its wire has come"))
                .remedy("nothing was withdrawn; announce what goes back, with a negative amount"),
        ),
        Stand::Waits | Stand::Missing => {
            known.say(objects, What::Withdrawn(number)).await?;
            let stand = Stand::Withdrawn;
            Ok(Announced { stand, ..one })
        }
    }
}

/// What waits or is missing; with a date all that was announced for it.
///
/// # Errors
/// Where the chain is not as it was written.
pub async fn list(desk: &Desk, date: Option<Date>) -> Result<Vec<Announced>> {
    let objects = &*desk.ports.objects;
    let known = Known::read(objects).await?;
    let Some(date) = date else {
        let open = |one: &Announced| matches!(one.stand, Stand::Waits | Stand::Missing);
        return Ok(known.all.into_values().filter(open).collect());
    };
    let mut all = Vec::new();
    let mut withdrawn = BTreeSet::new();
    for number in (1..=known.newest.0).rev() {
        let fact = announced::fact(objects, number).await?;
        let last = fact.books.map(|books| add_banking_days(books, MOST_AHEAD));
        if last.is_some_and(|last| last < date) {
            break; // all before it were for earlier days
        }
        match fact.record.what {
            What::Withdrawn(of) => drop(withdrawn.insert(of)),
            What::Announced(funding) if funding.on == date => {
                let stand = match known.all.get(&number) {
                    _ if withdrawn.contains(&number) => Stand::Withdrawn,
                    Some(one) => one.stand,
                    None => Stand::Came,
                };
                all.push(Announced {
                    number,
                    funding,
                    stand,
                });
            }
            What::Announced(_) => {}
        }
    }
    all.reverse();
    Ok(all)
}

/// One that no allocation remembers any more.
async fn before(objects: &dyn ObjectStore, number: u32) -> Result<Announced> {
    let none = || {
        Failure::usage(format!("funding {number}: there is none of this number"))
            .remedy("tieout funding list says which wait")
    };
    let name = names::funding(number);
    let fact = match number {
        0 => None,
        _ => records::read::<FundingFact>(objects, &name).await?,
    };
    let What::Announced(funding) = fact.ok_or_else(none)?.record.what else {
        return Err(none());
    };
    let later = announced::since(objects, number).await?;
    let withdrawn = later
        .iter()
        .any(|fact| fact.what == What::Withdrawn(number));
    let stand = match withdrawn {
        true => Stand::Withdrawn,
        false => Stand::Came,
    };
    Ok(Announced {
        number,
        funding,
        stand,
    })
}

impl Known {
    async fn read(objects: &dyn ObjectStore) -> Result<Known> {
        let mut dates = BTreeSet::new();
        for prefix in [names::ALLOCATED_PREFIX, names::POSTED_PREFIX] {
            let listed = objects.list(prefix).await?;
            dates.extend(listed.iter().filter_map(|name| names::date_of(name)));
        }
        let newest = dates.last().copied();
        let last = match newest {
            Some(date) => records::get::<Allocated>(objects, &names::allocated(date)).await?,
            None => None,
        };
        let mut all = BTreeMap::new();
        for one in last.iter().flat_map(known) {
            all.insert(one.number, one);
        }
        let taken = last.map_or(0, |last| last.funding_facts);
        let mut number = taken;
        let mut source = None;
        for Read { record, source: at } in announced::since(objects, taken).await? {
            (number, source) = (record.number, Some(at));
            match record.what {
                What::Announced(funding) => {
                    let stand = Stand::Waits;
                    all.insert(
                        number,
                        Announced {
                            number,
                            funding,
                            stand,
                        },
                    );
                }
                What::Withdrawn(of) => {
                    let one = all.get_mut(&of).filter(|one| one.stand != Stand::Came);
                    one.into_iter().for_each(|one| one.stand = Stand::Withdrawn);
                }
            }
        }
        if source.is_none() && number > 0 {
            source = Some(announced::fact(objects, number).await?.source);
        }
        Ok(Known {
            all,
            newest: (number, source),
            open: newest.map(next_banking_day),
        })
    }

    /// Says something, under the next number.
    async fn say(&self, objects: &dyn ObjectStore, what: What) -> Result<u32> {
        let full = || Failure::damaged("the chain of fundings: the newest has no number after it");
        let number = self.newest.0.checked_add(1).ok_or_else(full)?;
        let fact = FundingFact {
            number,
            books: self.open,
            what,
            previous: self.newest.1.clone(),
        };
        records::put(objects, &names::funding(number), &fact).await?;
        Ok(number)
    }
}

/// What an allocation knows of announcements.
fn known(last: &Allocated) -> impl Iterator<Item = Announced> + '_ {
    let missing = last
        .findings
        .iter()
        .filter(|found| found.kind == BreakKind::FundingMissing);
    let missing: BTreeSet<&String> = missing.flat_map(|found| &found.expectations).collect();
    last.expectations.iter().filter_map(move |expected| {
        let (number, funding) = of_expected(expected)?;
        let stand = match expected.one.remainder.is_zero() {
            true => Stand::Came,
            false if missing.contains(&expected.one.id) => Stand::Missing,
            false => Stand::Waits,
        };
        Some(Announced {
            number,
            funding,
            stand,
        })
    })
}

fn of_expected(expected: &Expected) -> Option<(u32, Funding)> {
    let one = &expected.one;
    let Kind::Funding(number) = one.kind else {
        return None;
    };
    let (originator, reference) = Kind::funded(&one.id)?;
    let funding = Funding {
        originator: originator.map(str::to_owned),
        cents: one.cents,
        on: one.due,
        reference: reference.to_owned(),
    };
    Some((number, funding))
}

impl fmt::Display for Announced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Announced {
            number,
            funding,
            stand,
        } = self;
        let whose = foreign::line(funding.originator.as_deref().unwrap_or(OWN));
        let (on, cents, reference) = (funding.on, funding.cents, &funding.reference);
        let stand = stand.as_str();
        write!(
            f,
            "{number:>6}  {on}  {cents:>18}  {stand:<9}  {whose}, reference {reference}"
        )
    }
}
