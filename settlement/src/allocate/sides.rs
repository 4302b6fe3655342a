//! Which entries of a side settled on a day, and which have not any more.
//!
//! What counts is where a side stood before the day and where it stands after it. A line that was
//! taken back and came again within the day, or gave way to another one, has changed nothing for
//! the payments.

use super::item::{Entries, Undone};
use super::work::Work;
use crate::exact::Exact;
use crate::ids::TraceNumber;
use crate::money::{Cents, SignedCents};
use std::collections::BTreeMap;

/// Compares each side with what it was.
pub(super) fn judge(work: &mut Work<'_>) {
    let input = work.input;
    let open = input.expectations.iter();
    let all = open.chain(input.done.iter().map(|done| &done.expectation));
    let sides = all.filter(|one| one.is_side());
    let before: BTreeMap<&str, Option<&[TraceNumber]>> = sides
        .map(|one| (one.id.as_str(), one.settled_but()))
        .collect();
    for one in work.expected.iter_mut().filter(|one| one.is_side()) {
        let was = before.get(one.id.as_str()).copied().flatten();
        let is = one.settled_but().map(<[TraceNumber]>::to_vec);
        let (id, times) = (one.id.clone(), one.undone.as_ref().map_or(0, |u| u.times));
        let entries = |except: &[TraceNumber], only: Vec<TraceNumber>| Entries {
            id: id.clone(),
            times,
            except: except.to_vec(),
            only,
        };
        let (mut came, mut gone) = match (was, is) {
            (None, None) => (None, None),
            (None, Some(waits)) => (Some(entries(&waits, Vec::new())), None),
            (Some(waited), None) => (None, Some(entries(waited, Vec::new()))),
            (Some(waited), Some(waits)) => {
                let only = |of: &[TraceNumber], but: &[TraceNumber]| {
                    let of = of.iter().filter(|trace| !but.contains(trace)).copied();
                    let only: Vec<TraceNumber> = of.collect();
                    (!only.is_empty()).then(|| entries(&[], only))
                };
                (only(waited, &waits), only(&waits, waited))
            }
        };
        if let Some(gone) = &mut gone {
            gone.times = gone.times.plus(1);
            let undone = Undone {
                times: gone.times,
                by: work.undone.get(&one.id).cloned().unwrap_or_default(),
                on: input.today,
                first: one.undone.as_ref().and_then(|undone| undone.first),
                available: Cents::ZERO,
            };
            if let Some(came) = &mut came {
                came.times = undone.times;
            }
            one.undone = Some(undone);
        }
        work.settled.extend(came);
        work.unsettled.extend(gone);
    }
    more_is_gone(work);
}

/// Marks what waits for more than before, since something of it was taken back: returns, and sides
/// that had not settled.
fn more_is_gone(work: &mut Work<'_>) {
    let input = work.input;
    let (today, open) = (input.today, input.expectations.iter());
    let was = open.map(|one| (one.id.as_str(), one.remainder));
    let was: BTreeMap<&str, SignedCents> = was.collect();
    for one in work.expected.iter_mut().filter(|one| !one.is_funding()) {
        let Some(by) = work.undone.get(&one.id) else {
            continue;
        };
        let before = was.get(one.id.as_str()).copied().unwrap_or_default();
        let known = one.undone.as_ref();
        if one.remainder.magnitude() <= before.magnitude() || known.is_some_and(|u| u.on == today) {
            continue;
        }
        one.undone = Some(Undone {
            times: known.map_or(0, |undone| undone.times),
            by: by.clone(),
            on: today,
            first: known.and_then(|undone| undone.first),
            available: known.map_or(Cents::ZERO, |undone| undone.available),
        });
    }
}
