//! Pass 5: lines that name nothing, and sets that stand together.
//!
//! Banks lump returns in the order of their traces. So within one company, class, direction and
//! day, lines that name nothing may be neighbours: each is the sum of a window of consecutive
//! entries, and the windows of several lines stand side by side. One window alone may be chance:
//! among ten thousand amounts, sums meet by accident. A chain of neighbouring windows is evidence
//! that grows with each link, and is counted in bits: how much rarer a chance meeting is than a
//! try. Only a chain of [`ENOUGH_BITS`] is believed, of it only what is held on both sides, and of
//! that only what no other believed window overlaps. Groups drawn at random make no chains, and
//! stay.

use super::allocation::Pass;
use super::item::{Expectation, Kind};
use super::work::Work;
use crate::exact::Exact;
use crate::ids::Direction;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// The evidence, in bits, that a chain of windows needs: one in 280 trillion is chance.
const ENOUGH_BITS: u64 = 48;

/// The evidence that a chain needs which covers a run from end to end: it begins nowhere else.
const WHOLE_BITS: u64 = 32;

/// What holds a window on either side.
const SIDE_BITS: u64 = 16;

/// Windows that are looked at in one run of the pass; what is left then stays as it is.
pub const MOST_WINDOWS: u64 = 20_000_000;

/// What stands together.
type Run = (String, bool, Direction, String, String, Date);

fn run_of(one: &Expectation) -> Run {
    (
        one.account.clone(),
        one.is_return(),
        one.direction(),
        one.company.clone(),
        one.class.clone(),
        one.due,
    )
}

/// A window of a run: items `from..to`, and the line of their sum.
#[derive(Clone, Copy, Debug)]
struct Window {
    from: usize,
    to: usize,
    /// None where two lines have its amount: it joins its neighbours, and is given to neither.
    line: Option<usize>,
}

pub(super) fn nameless(work: &mut Work<'_>) {
    let mut runs: BTreeMap<Run, Vec<usize>> = BTreeMap::new();
    for (at, one) in work.open() {
        runs.entry(run_of(one)).or_default().push(at);
    }
    let mut windows = 0u64;
    let mut found: Vec<(Vec<usize>, usize)> = Vec::new();
    for items in runs.values_mut() {
        items.sort_by_key(|at| work.expected.get(*at).map(|one| (one.kind, one.id.clone())));
        let lines = lines_for(work, items);
        if items.len() < 2 || lines.is_empty() {
            continue;
        }
        let chains = believed(work, items, &lines, &mut windows);
        found.extend(chains.iter().filter_map(|window| {
            Some((items.get(window.from..window.to)?.to_vec(), window.line?))
        }));
    }
    // A line that two runs believe in is of neither.
    let mut times: BTreeMap<usize, u32> = BTreeMap::new();
    for (_, line) in &found {
        let seen = times.entry(*line).or_default();
        *seen = if *seen == 0 { 1 } else { 2 };
    }
    for (members, line) in found.iter().filter(|(_, line)| times.get(line) == Some(&1)) {
        let evidence = format!(
            "{} consecutive entries of one company, class and day, next to those of other lines",
            members.len()
        );
        work.meet(Pass::Nameless, evidence, &[*line], members);
    }
}

/// Lines that name nothing and may be of these items, by amount; none where two have it.
fn lines_for(work: &Work<'_>, items: &[usize]) -> BTreeMap<i128, Option<usize>> {
    let Some(first) = items.first().and_then(|at| work.expected.get(*at)) else {
        return BTreeMap::new();
    };
    let kind: Kind = first.kind;
    let mut lines: BTreeMap<i128, Option<usize>> = BTreeMap::new();
    let fits = work.free().filter(|(_, line)| {
        line.is_nameless()
            && line.account == first.account
            && line.fits(kind)
            && work.within(first, line.value)
    });
    for (at, line) in fits {
        let cents = i128::from(line.remainder.get());
        lines
            .entry(cents)
            .and_modify(|one| *one = None)
            .or_insert(Some(at));
    }
    lines
}

/// The windows of chains that are long enough, and that no other such window overlaps.
fn believed(
    work: &Work<'_>,
    items: &[usize],
    lines: &BTreeMap<i128, Option<usize>>,
    looked_at: &mut u64,
) -> Vec<Window> {
    let amounts: Vec<u128> = lines.keys().map(|cents| cents.unsigned_abs()).collect();
    let (Some(low), Some(high)) = (amounts.iter().min(), amounts.iter().max()) else {
        return Vec::new();
    };
    let near = high.less(*low).wrapping_div(NEAR).plus(1);
    let mut crowd = Crowd::new(amounts.clone(), near);
    let mut windows: Vec<Window> = Vec::new();
    for from in 0..items.len() {
        let mut sum = 0i128;
        for (to, at) in (from.plus(1)..).zip(items.get(from..).unwrap_or_default()) {
            sum = sum.plus(work.expects(*at));
            *looked_at = looked_at.plus(1);
            // Amounts of one run have one sign: no longer window comes back below the highest.
            if sum.unsigned_abs() > *high || *looked_at > MOST_WINDOWS {
                break;
            }
            crowd.tried(sum.unsigned_abs());
            if let Some(line) = lines.get(&sum) {
                windows.push(Window {
                    from,
                    to,
                    line: *line,
                });
            }
        }
    }
    let worth = crowd.quarter_bits(items.len());
    if worth == 0 || *looked_at > MOST_WINDOWS {
        return Vec::new();
    }
    let links = |bits: u64| bits.times(4).div_ceil(worth);
    let needs = Needs {
        chain: links(ENOUGH_BITS),
        whole: links(WHOLE_BITS),
        side: links(SIDE_BITS),
    };
    alone(&chained(&windows, items.len(), &needs))
}

/// How likely a window is to meet a line by chance: as likely as the lines near its sum are close
/// to each other.
struct Crowd {
    amounts: Vec<u128>,
    near: u128,
    crowding: u128,
}

/// The parts of the lines' spread in which neighbours are counted.
const NEAR: u128 = 64;

impl Crowd {
    fn new(mut amounts: Vec<u128>, near: u128) -> Crowd {
        amounts.sort_unstable();
        Crowd {
            amounts,
            near,
            crowding: 0,
        }
    }

    fn tried(&mut self, sum: u128) {
        let below = sum.saturating_sub(self.near); // saturates: from nothing on
        let from = self.amounts.partition_point(|amount| *amount < below);
        let to = self
            .amounts
            .partition_point(|amount| *amount <= sum.plus(self.near));
        self.crowding = self.crowding.plus(to.less(from) as u128);
    }

    /// What one link of a chain is worth, in quarters of a bit: how much rarer than once an item
    /// is the beginning of a window by chance.
    fn quarter_bits(&self, items: usize) -> u64 {
        let width = self.near.times(2).plus(1);
        let places = (items as u128).times(width);
        // Sixteen bits behind the point; beyond 2^31 all is rare enough.
        let ratio = places
            .times(1 << 16)
            .checked_div(self.crowding.max(1))
            .unwrap_or(0);
        let ratio = ratio.min(1 << 31);
        let fourth = ratio.times(ratio).times(ratio).times(ratio);
        let bits = u64::from(fourth.checked_ilog2().unwrap_or(0));
        bits.saturating_sub(64) // saturates: a link that is worth nothing
    }
}

/// Links that a chain needs.
struct Needs {
    chain: u64,
    whole: u64,
    side: u64,
}

/// Windows of chains of at least so many links that are held on both sides: by so many links, or
/// by links up to the end of the run. A window that only ends a chain is no more than one link.
fn chained(windows: &[Window], items: usize, needs: &Needs) -> Vec<Window> {
    let places = items.plus(1);
    // The longest chain up to a place, and whether one comes from the end of the run.
    let mut before: Vec<(u64, bool)> = (0..places).map(|at| (0, at == 0)).collect();
    let mut after: Vec<(u64, bool)> = (0..places).map(|at| (0, at == items)).collect();
    // Windows are in the order of where they begin: all that end at a place come before.
    for window in windows {
        join(&mut before, window.from, window.to);
    }
    for window in windows.iter().rev() {
        join(&mut after, window.to, window.from);
    }
    let at = |chains: &[(u64, bool)], at: usize| chains.get(at).copied().unwrap_or((0, false));
    let held = |window: &&Window| {
        let (left, right) = (at(&before, window.from), at(&after, window.to));
        let ok = |(many, end): (u64, bool)| end || many >= needs.side;
        let links = if left.1 && right.1 {
            needs.whole
        } else {
            needs.chain
        };
        ok(left) && ok(right) && left.0.plus(right.0).plus(1) >= links
    };
    windows.iter().filter(held).copied().collect()
}

/// A chain goes on from one place to another.
fn join(chains: &mut [(u64, bool)], from: usize, to: usize) {
    let (many, end) = chains.get(from).copied().unwrap_or((0, false));
    if let Some(place) = chains.get_mut(to) {
        *place = (place.0.max(many.plus(1)), place.1 || end);
    }
}

/// Those that no other overlaps.
fn alone(windows: &[Window]) -> Vec<Window> {
    let mut order: Vec<&Window> = windows.iter().collect();
    order.sort_by_key(|window| (window.from, window.to));
    let mut reach = 0usize;
    let mut last: Option<usize> = None;
    let mut clear = vec![true; order.len()];
    for (at, window) in order.iter().enumerate() {
        if let (true, Some(last)) = (window.from < reach, last) {
            for one in [at, last] {
                if let Some(clear) = clear.get_mut(one) {
                    *clear = false;
                }
            }
        }
        if window.to > reach {
            reach = window.to;
            last = Some(at);
        }
    }
    let clear = order.iter().zip(clear).filter(|(_, clear)| *clear);
    clear.map(|(window, _)| **window).collect()
}
