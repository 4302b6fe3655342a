//! Originators whose wires went wrong, and what they are short of then: counted from the balances
//! of each day and from what the bank knows to have come, not from what the jobs found.

use crate::demo::scene::Scene;
use crate::demo::summary::document::Named;
use crate::parts;
use crate::records;
use crate::records::posted::PostedDay;
use desk::failure::Result;
use desk::{Desk, names};
use formats::tables::Balances;
use jiff::civil::Date;
use sandbox::bank::Wire;
use settlement::calendar::{banking_days_between, next_banking_day};
use settlement::journal::Account;
use settlement::money::{Cents, SignedCents};
use std::collections::BTreeMap;

/// What an originator that announces its wires does not foresee: that what had settled is taken
/// back, that what was rejected is paid all the same.
const UNFORESEEN: [&str; 2] = ["SETTLEMENT_UNDONE", "STATUS"];

/// The first day on which each of them is short, as a break would say it.
pub(super) async fn planted(desk: &Desk, scene: &Scene) -> Result<Vec<Named>> {
    let objects = &*desk.ports.objects;
    let number = Account::CustomerAvailable.number().to_string();
    let mut first: BTreeMap<String, i64> = BTreeMap::new();
    for day in records::all::<PostedDay>(objects, names::POSTED_PREFIX).await? {
        let Some(part) = &day.balances else { continue };
        let rows = parts::rows_of::<Balances>(objects, part).await?;
        for row in rows.iter().filter(|row| *row.account == number) {
            let wires = || {
                let all = scene.bank.wires().iter();
                all.filter(|wire| *row.key == *wire.originator)
            };
            let comes: i64 = wires()
                .filter(|wire| is_on_its_way(desk, wire, day.date))
                .map(|wire| wire.cents)
                .sum();
            let limit = desk.bank.originators.get(&*row.key);
            let limit = limit.map_or(Cents::ZERO, |one| one.limit()).signed();
            let limit = limit.map_or(0, SignedCents::get);
            let short = row.balance.get() - comes - limit; // figures of a demo
            let wrong = wires().any(|wire| wire.went_wrong() && wire.on < day.date);
            let changed = scene.bank.planted().into_iter();
            let changed = changed.filter(|one| UNFORESEEN.contains(&one.kind.as_str()));
            let changed = changed.map(|one| one.date).min();
            let unforeseen = wrong || changed.is_some_and(|first| first <= day.date);
            if short > 0 && unforeseen {
                first.entry(row.key.to_string()).or_insert(short);
            }
        }
    }
    let named = first.into_iter().map(|(key, cents)| Named {
        kind: "OVERDRAWN".to_owned(),
        key,
        cents,
    });
    Ok(named.collect())
}

/// Whether a wire that was announced may still come on `today`: nobody has seen it, and its time is
/// not over.
fn is_on_its_way(desk: &Desk, wire: &Wire, today: Date) -> bool {
    let told = |day: Option<Date>| day.is_some_and(|day| next_banking_day(day) <= today);
    let seen = told(wire.came) && !told(wire.gone);
    let late = wire.on < today
        && banking_days_between(wire.on, today) > desk.bank.tolerance.settlement_days;
    wire.on <= today && !seen && !late
}
