//! Pass 3: all that one line is about, as the bank settles.
//!
//! The shape says what belongs together: a batch, a file, a company's class or day, all of a day,
//! each side apart or one figure, returns with it or apart. A line meets a group where their
//! amounts agree, all that the line names is of the group, and neither fits another.

use super::allocation::Pass;
use super::item::{Expectation, Kind, Receipt};
use super::work::{Work, agrees};
use crate::bank::shape::{By, Returns, Shape};
use crate::ids::Direction;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// By what open things stand together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    account: String,
    due: Date,
    what: What,
    side: Option<Direction>,
}

impl Key {
    /// The day on which its money should come.
    pub const fn due(&self) -> Date {
        self.due
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Sent(String),
    Returned(String),
}

/// Open things that one line is about.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub key: Key,
    pub members: Vec<usize>,
}

/// By what a thing is settled under a shape.
fn key_of(one: &Expectation, shape: Shape) -> Key {
    let (side, of) = (one.direction(), |by: By| match by {
        By::Batch => match one.kind {
            Kind::Side(key, _) => key.to_string(),
            Kind::Return(..) | Kind::Funding(_) => one.id.clone(),
        },
        By::File => one.file.clone(),
        By::CompanyClass => format!("{}/{}", one.company, one.class),
        By::Company => one.company.clone(),
        By::Day => String::new(),
    });
    let (what, side) = match (one.kind, shape.returns) {
        (Kind::Side(..), _) | (Kind::Return(..), Returns::Netted) => {
            (What::Sent(of(shape.by)), (!shape.net).then_some(side))
        }
        (Kind::Return(..), Returns::Each) | (Kind::Funding(_), _) => {
            (What::Returned(one.id.clone()), Some(side))
        }
        (Kind::Return(..), Returns::File) => (What::Returned(one.file.clone()), Some(side)),
        (Kind::Return(..), Returns::Day) => (What::Returned(String::new()), Some(side)),
    };
    Key {
        account: one.account.clone(),
        due: one.due,
        what,
        side,
    }
}

/// What is open, by what one line is about.
pub(super) fn groups(work: &Work<'_>, shape: impl Fn(&Expectation) -> Shape) -> Vec<Group> {
    let mut groups: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for (at, one) in work.open() {
        groups.entry(key_of(one, shape(one))).or_default().push(at);
    }
    let groups = groups
        .into_iter()
        .map(|(key, members)| Group { key, members });
    groups.collect()
}

/// Whether a line may be the money of a group, whatever its amount.
pub(super) fn eligible(work: &Work<'_>, group: &Group, line: &Receipt) -> bool {
    let members = || group.members.iter().filter_map(|at| work.expected.get(*at));
    let role = match group.key.side {
        None => line.is_ach(),
        Some(_) => members().any(|one| line.fits(one.kind)),
    };
    role && line.account == group.key.account
        && agrees(line, members())
        && members().all(|one| work.within(one, line.value))
}

pub(super) fn grouped(work: &mut Work<'_>) {
    let groups = groups(work, |one| one.shape);
    // The day on which it should come first: a line of that day is the likelier one.
    for on_its_day in [true, false] {
        meet(work, &groups, on_its_day);
    }
    for on_its_day in [true, false] {
        several(work, &groups, on_its_day);
    }
    netted_to_nothing(work, &groups);
}

/// Groups and lines that fit each other and nothing else.
fn meet(work: &mut Work<'_>, groups: &[Group], on_its_day: bool) {
    let mut lines: BTreeMap<i128, Vec<usize>> = BTreeMap::new();
    for (at, line) in work.free() {
        lines
            .entry(i128::from(line.remainder.get()))
            .or_default()
            .push(at);
    }
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (g, group) in groups.iter().enumerate() {
        let sum = work.expects_all(&group.members);
        for at in lines.get(&sum).into_iter().flatten().filter(|_| sum != 0) {
            let line = work.received.get(*at);
            let fits = |line: &&Receipt| {
                (!on_its_day || line.value == group.key.due) && eligible(work, group, line)
            };
            if line.is_some_and(|line| fits(&line)) {
                pairs.push((g, *at));
            }
        }
    }
    let once = |of: fn(&(usize, usize)) -> usize| {
        let mut times: BTreeMap<usize, u32> = BTreeMap::new();
        pairs.iter().for_each(|pair| {
            let seen = times.entry(of(pair)).or_default();
            *seen = if *seen == 0 { 1 } else { 2 };
        });
        times
    };
    let (of_group, of_line) = (once(|pair| pair.0), once(|pair| pair.1));
    for (g, at) in &pairs {
        let alone = of_group.get(g) == Some(&1) && of_line.get(at) == Some(&1);
        if let Some(group) = groups.get(*g).filter(|_| alone) {
            let many = group.members.len();
            let evidence = match many {
                1 => "the only one of its side, day and amount".to_owned(),
                many => format!("all {many} that this bank settles in one line"),
            };
            work.meet(Pass::Group, evidence, &[*at], &group.members);
        }
    }
}

/// Groups whose money comes in several lines: all that can be of no other.
fn several(work: &mut Work<'_>, groups: &[Group], on_its_day: bool) {
    let of = |work: &Work<'_>, group: &Group, line: &Receipt| {
        (!on_its_day || line.value == group.key.due) && eligible(work, group, line)
    };
    let open = |work: &Work<'_>, group: &Group| work.expects_all(&group.members) != 0;
    for group in groups
        .iter()
        .filter(|group| group.members.iter().any(|at| work_shape(work, *at).several))
        .cloned()
        .collect::<Vec<_>>()
    {
        if !open(work, &group) {
            continue;
        }
        let lines: Vec<usize> = work
            .free()
            .filter(|(_, line)| of(work, &group, line))
            .filter(|(_, line)| {
                let fits = groups.iter().filter(|g| open(work, g) && of(work, g, line));
                fits.count() == 1
            })
            .map(|(at, _)| at)
            .collect();
        let (sum, whole) = (work.has_all(&lines), work.expects_all(&group.members));
        if lines.len() > 1 && sum == whole {
            let evidence = format!("{} lines that can be of nothing else", lines.len());
            work.meet(Pass::Group, evidence, &lines, &group.members);
        }
    }
}

fn work_shape(work: &Work<'_>, at: usize) -> Shape {
    work.expected
        .get(at)
        .map(|one| one.shape)
        .unwrap_or_default()
}

/// A day that nets to nothing has no line.
fn netted_to_nothing(work: &mut Work<'_>, groups: &[Group]) {
    for group in groups {
        let over = group.key.due < work.input.today;
        let whole: BTreeSet<bool> = group
            .members
            .iter()
            .map(|at| work.expects(*at) > 0)
            .collect();
        if over && whole.len() == 2 && work.expects_all(&group.members) == 0 {
            let evidence = "what this bank settles in one line nets to nothing".to_owned();
            work.meet(Pass::Group, evidence, &[], &group.members);
        }
    }
}

/// A shape under which more of what is left would meet than under that of the profile: which one,
/// and how many lines would.
pub(super) fn better_shape(work: &Work<'_>) -> Option<(Shape, usize)> {
    let free: Vec<(usize, &Receipt)> = work.free().filter(|(_, line)| line.is_ach()).collect();
    let mut best: Option<(Shape, usize)> = None;
    for by in crate::bank::shape::TRIED {
        for net in [false, true] {
            for returns in [Returns::Each, Returns::File, Returns::Day, Returns::Netted] {
                let shape = Shape {
                    by,
                    net,
                    returns,
                    ..Shape::default()
                };
                if shape.contradiction().is_some() {
                    continue;
                }
                let sums: BTreeSet<(String, i128)> = groups(work, |_| shape)
                    .iter()
                    .filter(|group| group.members.len() > 1)
                    .map(|group| (group.key.account.clone(), work.expects_all(&group.members)))
                    .collect();
                let fits = |line: &Receipt| {
                    sums.contains(&(line.account.clone(), i128::from(line.remainder.get())))
                };
                let count = free.iter().filter(|(_, line)| fits(line)).count();
                if count > best.map_or(0, |(_, most)| most) {
                    best = Some((shape, count));
                }
            }
        }
    }
    best
}
