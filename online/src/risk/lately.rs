//! What was asked for lately, found again in the store: a server that starts has forgotten nothing
//! that rules look at, and one that runs hears of what comes back.

use super::names::{came_back, of_payment};
use crate::wire::problem::{Problem, Result};
use connectors::{Happened, Index, PaymentStore};
use jiff::{SignedDuration, Timestamp};
use settlement::ids::PaymentId;
use settlement::payment::{Event, Payment, ReturnRef};
use settlement::risk::velocity::{Returned, Velocity};

/// How far back is looked: the 90 days of the longest window, and before them the 68 within which
/// what was asked for may come back, and count for 90 more.
const DAYS: i64 = 158;

/// Hours of them: one after the other, the last first, so that of too many the newest are counted.
const HOURS: i64 = DAYS * 24;

/// Payments that are looked at, the newest: twice as many as customers that are remembered.
pub const MOST: usize = 400_000;

/// Payments, or things that happened, at a time.
const PAGE: usize = 1_000;

/// Pages of the feed that are read before it is somebody else's turn.
const PAGES: usize = 64;

/// What was asked for before `now`, and what of it came back: of the newest `most` payments and
/// what else was asked for within the same hour. Answers how many they are.
///
/// # Errors
/// Where the store does not answer.
pub async fn rebuilt(
    store: &dyn PaymentStore,
    velocity: &mut Velocity,
    now: Timestamp,
    most: usize,
) -> Result<usize> {
    let (mut counted, mut end) = (0, now);
    for _ in 0..HOURS {
        if counted >= most {
            tracing::warn!(counted, %end, "risk remembers nothing of before");
            break;
        }
        let begin = end.checked_sub(SignedDuration::from_hours(1));
        let begin = begin.map_err(|_| Problem::new("internal", "the clock is at its beginning"))?;
        counted += between(store, velocity, begin, end).await?;
        end = begin;
    }
    Ok(counted)
}

/// Counts the payments made after `begin` and not after `end`.
async fn between(
    store: &dyn PaymentStore,
    velocity: &mut Velocity,
    begin: Timestamp,
    end: Timestamp,
) -> Result<usize> {
    let id = |at| PaymentId::last_of(at);
    let bounds = (id(begin), id(end));
    let (Ok(mut after), Ok(last)) = bounds else {
        return Ok(0); // before the century of ids
    };
    let mut counted = 0;
    loop {
        let page = store.page(Index::All, Some(after), PAGE).await?;
        for payment in page.iter().filter(|payment| payment.id <= last) {
            counted += usize::from(take(velocity, payment));
        }
        match page.last() {
            Some(one) if one.id < last => after = one.id,
            _ => return Ok(counted),
        }
    }
}

/// Whether there was something to count.
fn take(velocity: &mut Velocity, payment: &Payment) -> bool {
    let Some(asked) = of_payment(payment) else {
        return false;
    };
    velocity.record(&asked);
    if let Some(of) = payment.returned {
        returned(velocity, payment, of);
    }
    true
}

fn returned(velocity: &mut Velocity, payment: &Payment, of: ReturnRef) {
    if let (Some(asked), Some(at)) = (of_payment(payment), came_back(of.received_on)) {
        let why = Returned::of(of.code);
        velocity.record_return(asked.customer, asked.account, why, at);
    }
}

/// Counts what came back behind the place `after` of the feed, and answers the place up to which
/// it has read.
///
/// # Errors
/// Where the store does not answer.
pub async fn heard(
    store: &dyn PaymentStore,
    after: u64,
) -> Result<(u64, Vec<(Payment, ReturnRef)>)> {
    let (mut place, mut back) = (after, Vec::new());
    for _ in 0..PAGES {
        let page = store.feed(place, PAGE).await?;
        let Some((last, _)) = page.last() else { break };
        place = *last;
        for (_, happened) in page {
            if let Happened::Event(event) = happened
                && let Event::Returned { of } = event.event
            {
                back.push((event.payment, of));
            }
        }
    }
    let ids: Vec<PaymentId> = back.iter().map(|(id, _)| *id).collect();
    let payments = store.get(&ids).await?;
    let both = payments.into_iter().zip(back);
    let found = both.filter_map(|(payment, (_, of))| Some((payment?, of)));
    Ok((place, found.collect()))
}

/// Counts returns that were heard of.
pub fn count(velocity: &mut Velocity, back: &[(Payment, ReturnRef)]) {
    for (payment, of) in back {
        returned(velocity, payment, *of);
    }
}
