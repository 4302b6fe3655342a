//! The order of days: which date may be worked on, given which are closed.
//!
//! The books go from day to day, so days are posted in order and none is left out: a day that
//! was skipped would take its facts with it. Within a day everything is cut and delivered before
//! the books close, and nothing is cut or ingested after.

use crate::parts;
use crate::records;
use crate::records::delivery::Delivery;
use crate::records::posted::PostedDay;
use crate::records::reconciled::Reconciled;
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
    if dates.contains(&date) {
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
