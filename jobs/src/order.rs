//! The order of days: which date may be worked on, given which are closed.
//!
//! The books go from day to day, so days are posted in order and none is left out: a day that
//! was skipped would take its facts with it. Within a day everything is cut and delivered before
//! the books close, and nothing is cut or ingested after.

use crate::parts;
use crate::records;
use crate::records::delivery::Delivery;
use crate::records::frozen::FrozenCut;
use crate::records::posted::PostedDay;
use crate::records::reconciled::Reconciled;
use connectors::{Name, ObjectStore};
use desk::Desk;
use desk::failure::{Failure, Result};
use desk::names;
use jiff::civil::{Date, date};
use settlement::calendar::{is_banking_day, next_banking_day, previous_banking_day};
use settlement::windows::Window;

/// The dates a file id and a payment id can name.
const FIRST: Date = date(2020, 1, 1);
const LAST: Date = date(2099, 12, 31);

/// Refuses a date on which no bank works, and says which are near.
///
/// # Errors
/// Exit status 2 where `date` is not a banking day of this century.
pub fn banking_day(date: Date) -> Result<Date> {
    if date < FIRST || date > LAST {
        return Err(Failure::usage(format!("--date {date} is out of range"))
            .remedy(format!("--date must be from {FIRST} to {LAST}")));
    }
    if is_banking_day(date) {
        return Ok(date);
    }
    let (before, after) = (previous_banking_day(date), next_banking_day(date));
    Err(
        Failure::usage(format!("--date {date} is not a banking day"))
            .remedy(format!("the nearest are {before} and {after}")),
    )
}

/// Why nothing more that the bank puts out is for a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Over {
    /// Whether the date's own books are closed.
    pub closed: bool,
    /// What says so.
    pub why: String,
    /// What to do with what waits, and with a record that is missing.
    pub what_to_do: String,
}

impl Over {
    /// The refusal of a job that was asked to take files all the same.
    pub fn refused(self) -> Failure {
        let Over {
            why, what_to_do, ..
        } = self;
        Failure::usage(why).remedy(what_to_do)
    }
}

/// Whether the bank's files are no longer for `date`: its books were closed, or work on a later
/// date has begun. One record that says so is enough: what is taken for a day that is over is
/// never read again, so where `posted/DATE.json` is lost the others that stand are believed.
///
/// # Errors
/// Where the store does not answer.
pub async fn over(desk: &Desk, date: Date) -> Result<Option<Over>> {
    let objects = &*desk.ports.objects;
    let own = closed_by(objects, date).await?;
    let later = newest_begun(desk).await?;
    let later = later.filter(|(begun, _)| *begun > date);
    let next = match &later {
        None => next_banking_day(date),
        Some((begun, _)) if closed_by(objects, *begun).await?.is_some() => next_banking_day(*begun),
        Some((begun, _)) => *begun,
    };
    let posted = names::posted(date);
    // Allocated only: the day goes on, and says that nothing more is taken.
    let closed = own
        .as_ref()
        .is_some_and(|name| *name != names::allocated(date));
    let (why, what_to_do) = match (own, later) {
        (None, None) => return Ok(None),
        (Some(name), _) if name == posted => (
            format!("the books of {date} are closed"),
            format!("ingest what came since with --date {next}"),
        ),
        (Some(name), Some((_, later))) if name == names::allocated(date) => (
            format!("work on a later date than {date} has begun, as {later} says"),
            format!("ingest what came since with --date {next}"),
        ),
        (Some(name), _) if name == names::allocated(date) => (
            format!("the statement lines of {date} are allocated already"),
            format!("run tieout day --date {date}; ingest what came since with --date {next}"),
        ),
        (Some(name), _) => (
            format!("{posted} is gone, and {name} says that the books of {date} were closed"),
            format!(
                "run tieout post --date {date}: what it reads is fixed, and it writes the same \
                 record again; ingest what came since with --date {next}"
            ),
        ),
        (None, Some((_, name))) => (
            format!("work on a later date than {date} has begun, as {name} says"),
            format!("ingest what came since with --date {next}"),
        ),
    };
    Ok(Some(Over {
        closed,
        why,
        what_to_do,
    }))
}

/// The record that says that the books of `date` were closed: what the posting writes, and what
/// every job after it does.
async fn closed_by(objects: &dyn ObjectStore, date: Date) -> Result<Option<Name>> {
    for name in [
        names::posted(date),
        names::run(date, "post"),
        names::run(date, "ingest"),
        names::reconciled(date),
        names::saved(date),
        names::manifest(date),
        names::allocated(date),
    ] {
        if objects.head(&name).await?.is_some() {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// The newest date of which anything was cut, sent, taken or closed, and what says so.
async fn newest_begun(desk: &Desk) -> Result<Option<(Date, Name)>> {
    let objects = &*desk.ports.objects;
    let mut begun = Vec::new();
    for prefix in [
        names::ALLOCATED_PREFIX,
        names::POSTED_PREFIX,
        names::RECONCILED_PREFIX,
        names::SAVED_PREFIX,
    ] {
        let names = objects.list(prefix).await?.into_iter();
        begun.extend(names.filter_map(|name| Some((names::date_of(&name)?, name))));
    }
    for prefix in [
        names::DELIVERIES_PREFIX,
        names::INGESTED_PREFIX,
        names::ARCHIVE_PREFIX,
    ] {
        let names = objects.list(prefix).await?.into_iter();
        begun.extend(names.filter_map(|name| Some((names::date_within(&name)?, name))));
    }
    // Dates only ascend in the chain of cuts.
    let cuts = objects.list(&names::frozen_prefix(desk.bank.odfi)).await?;
    if let Some(name) = cuts.last()
        && let Some(cut) = records::get::<FrozenCut>(objects, name).await?
    {
        begun.push((cut.date, name.clone()));
    }
    Ok(begun.into_iter().max())
}

/// Refuses a date whose books are closed.
///
/// # Errors
/// Exit status 2, naming the next banking day.
pub async fn open_books(desk: &Desk, date: Date, what: &str) -> Result<()> {
    let posted = records::get::<PostedDay>(&*desk.ports.objects, &names::posted(date)).await?;
    if posted.is_none() {
        return Ok(());
    }
    let next = next_banking_day(date);
    Err(Failure::usage(format!("the books of {date} are closed"))
        .remedy(format!("{what} what came since with --date {next}")))
}

/// Refuses a date that is not the next to be worked on: an earlier day is unfinished, or a later
/// one is closed.
///
/// # Errors
/// Exit status 2, naming the day to run first.
pub async fn in_order(desk: &Desk, date: Date) -> Result<()> {
    let names = desk.ports.objects.list(names::POSTED_PREFIX).await?;
    let dates: Vec<Date> = names
        .iter()
        .filter_map(|name| names::date_of(name))
        .collect();
    // A posting that is lost is written again, from what is fixed by its date.
    if dates.contains(&date) || closed_by(&*desk.ports.objects, date).await?.is_some() {
        return Ok(());
    }
    if let Some(later) = dates.iter().filter(|closed| **closed > date).max() {
        return Err(Failure::usage(format!(
            "the books of {later} are closed already: {date} cannot be put before it"
        ))
        .remedy(format!("go on with --date {}", next_banking_day(*later))));
    }
    let Some(newest) = dates.iter().max() else {
        return Ok(());
    };
    let expected = next_banking_day(*newest);
    if expected != date {
        return Err(Failure::usage(format!("{expected} comes before {date}"))
            .remedy(format!("run tieout day --date {expected} first")));
    }
    let reconciled: Option<Reconciled> =
        records::get(&*desk.ports.objects, &names::reconciled(*newest)).await?;
    if reconciled.is_none() {
        return Err(
            Failure::usage(format!("{newest} is posted and not reconciled"))
                .remedy(format!("run tieout day --date {newest} first")),
        );
    }
    Ok(())
}

/// Refuses to close the books of a date of which a window is not cut or a file not delivered.
///
/// # Errors
/// Exit status 2, naming what is missing.
pub async fn all_sent(desk: &Desk, date: Date) -> Result<()> {
    let cuts = parts::frozen_on(desk, date).await?;
    for window in Window::ALL {
        if !cuts.iter().any(|cut| cut.window == *window) {
            return Err(
                Failure::usage(format!("window {window} of {date} is not cut"))
                    .remedy(format!("run tieout cut --date {date} first")),
            );
        }
    }
    for file in cuts.iter().flat_map(|cut| &cut.files) {
        let name = names::delivery(date, &file.at_bank);
        if records::get::<Delivery>(&*desk.ports.objects, &name)
            .await?
            .is_none()
        {
            return Err(Failure::usage(format!("{} is not delivered", file.at_bank))
                .remedy(format!("run tieout deliver --date {date} first")));
        }
    }
    Ok(())
}
