//! What could make the difference between lines and what they name: a closed list.

use super::item::{Expectation, Member};
use super::work::Work;
use crate::bank::netted::NettedFee;
use crate::exact::Exact;
use crate::ids::TraceNumber;
use crate::money::SignedCents;
use std::collections::{BTreeMap, BTreeSet};

/// Candidates that a break lists; it counts all.
pub const MOST_LISTED: usize = 20;

/// What could make the difference.
pub(super) struct Hypotheses {
    pub fee: Option<NettedFee>,
    pub one: Vec<Member>,
    /// Entries of pairs, and how many pairs there are.
    pub two: (BTreeSet<TraceNumber>, u64),
    pub returns: Vec<usize>,
    pub others: Vec<usize>,
    pub rounding: bool,
    pub searched: bool,
}

impl Hypotheses {
    /// Whether everything was looked at and nothing but returns fits.
    pub fn is_nothing_else(&self) -> bool {
        let entries = self.one.is_empty() && self.two.1 == 0 && self.searched;
        entries && self.fee.is_none() && self.others.is_empty() && !self.rounding
    }
}

/// Everything that fits `off`, for what `expected` waits for.
pub(super) fn hypotheses(
    work: &Work<'_>,
    expected: &[usize],
    members: &Option<Vec<(usize, Member)>>,
    off: i128,
) -> Hypotheses {
    let account = expected.first().and_then(|at| work.expected.get(*at));
    let account = account.map(|one| one.account.as_str()).unwrap_or_default();
    let missing = off.times(-1);
    let cents = |member: &Member| i128::from(member.cents.get());
    let empty = Vec::new();
    let members = members.as_ref();
    let searched = members.is_some();
    let members = members.unwrap_or(&empty);
    let one = members
        .iter()
        .map(|(_, m)| *m)
        .filter(|m| cents(m) == missing)
        .collect();
    let equal =
        |one: &Expectation| one.account == account && i128::from(one.remainder.get()) == off;
    let other = |at: usize, one: &Expectation| !expected.contains(&at) && equal(one);
    let open = || work.open().filter(|(at, one)| other(*at, one));
    let fee = work
        .input
        .fees
        .iter()
        .find(|fee| i128::from(fee.cents.get()).times(-1) == off);
    Hypotheses {
        fee: fee.cloned(),
        one,
        two: pairs(members, missing),
        returns: open()
            .filter(|(_, one)| one.is_return())
            .map(|(at, _)| at)
            .collect(),
        others: open()
            .filter(|(_, one)| !one.is_return())
            .map(|(at, _)| at)
            .collect(),
        rounding: off.unsigned_abs() <= u128::from(work.input.rounding.get()),
        searched,
    }
}

/// Every entry that with another one makes `missing`, and how many such pairs there are.
fn pairs(members: &[(usize, Member)], missing: i128) -> (BTreeSet<TraceNumber>, u64) {
    let mut by_cents: BTreeMap<i128, Vec<TraceNumber>> = BTreeMap::new();
    for (_, member) in members {
        by_cents
            .entry(i128::from(member.cents.get()))
            .or_default()
            .push(member.trace);
    }
    let (mut named, mut count) = (BTreeSet::new(), 0u64);
    for (cents, traces) in &by_cents {
        let rest = missing.less(*cents);
        let Some(others) = by_cents.get(&rest).filter(|_| rest >= *cents) else {
            continue;
        };
        let (n, m) = (traces.len() as u64, others.len() as u64);
        let made = if rest == *cents {
            n.times(n.less(1)).wrapping_div(2)
        } else {
            n.times(m)
        };
        if made > 0 {
            named.extend(traces.iter().chain(others));
            count = count.plus(made);
        }
    }
    (named, count)
}

/// What could make the difference, counted.
pub(super) fn in_words(work: &Work<'_>, all: &Hypotheses) -> String {
    let mut words = Vec::new();
    if all.fee.is_some() {
        words.push("a contracted fee that no text tells of".to_owned());
    }
    if !all.one.is_empty() {
        words.push(format!("one missing entry ({} fit)", all.one.len()));
    }
    if all.two.1 > 0 {
        words.push(format!("two missing entries ({} pairs fit)", all.two.1));
    }
    for (what, which) in [
        ("a netted return", &all.returns),
        ("another batch", &all.others),
    ] {
        if !which.is_empty() {
            let ids = which
                .iter()
                .take(MOST_LISTED)
                .filter_map(|at| work.expected.get(*at));
            let ids: Vec<&str> = ids.map(|one| one.id.as_str()).collect();
            words.push(format!("{what} ({})", ids.join(", ")));
        }
    }
    if all.rounding {
        words.push("rounding".to_owned());
    }
    words.join(" or ")
}

/// Cents of a report.
pub(super) struct Shown(pub i128);

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match i64::try_from(self.0) {
            Ok(cents) => SignedCents::new(cents).fmt(f),
            Err(_) => write!(f, "{} cents", self.0),
        }
    }
}
