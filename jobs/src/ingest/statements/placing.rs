//! Gives what asks its place, as long as anything finds one.
//!
//! The rule is the chain's (`settlement::reconcile::chain`); here is what it needs to know of
//! lines. A statement that says what is booked already, in whatever format, is known and left out;
//! where a second format says something else, nobody can tell which of the two is wrong.

use super::candidate::{Candidate, Piece};
use super::rows::{self, Booking};
use crate::known::{Day, Known, Lines};
use crate::statement_lines::receipt_of;
use desk::Desk;
use desk::failure::Result;
use jiff::civil::Date;
use settlement::exact::Exact;
use settlement::reconcile::chain::{self, Asking, Place, Refused, Shared, Whole};
use settlement::reconcile::legs::BreakKind;
use settlement::reconcile::receipt::changes;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// What became of candidates.
#[derive(Default)]
pub(super) struct Placed {
    /// Booked, in this order.
    pub booked: Vec<Booking>,
    /// Booked before.
    pub known: Vec<Candidate>,
    /// Of days so long ago that nobody can say whether they are as they were booked, and why.
    pub forgotten: Vec<(Candidate, String)>,
    /// Statements of the file that is being taken which wait, with their day and why.
    pub waiting: Vec<(Piece, Date, String)>,
}

enum Verdict {
    Known,
    Book(Place),
    Waits(String),
}

/// Places candidates in the order of their days, and those again that one has made room for.
///
/// # Errors
/// Where a table cannot be read; inside, where one of the file that is being taken can have no
/// place.
pub(super) async fn place(
    desk: &Desk,
    known: &mut Known,
    mut open: Vec<Candidate>,
) -> Result<std::result::Result<Placed, Refused>> {
    let mut placed = Placed::default();
    let mut lines: BTreeMap<Date, Lines> = BTreeMap::new();
    let mut at = 0;
    let mut waits: Vec<String> = Vec::new();
    while let Some(candidate) = open.get(at) {
        let day = candidate.whole.as_of;
        if let (false, Some(booked)) = (lines.contains_key(&day), known.days.get(&day)) {
            lines.insert(day, booked.lines(&*desk.ports.objects).await?);
        }
        let standing = lines.entry(day).or_default();
        let others = others(&open, at);
        match judge(known, standing, candidate, &others) {
            Ok(Verdict::Known) => placed.known.push(open.remove(at)),
            Ok(Verdict::Book(how)) => {
                let booking = rows::book(desk, known, standing, open.remove(at), &how)?;
                standing.take(booking.rows.clone());
                known.book(booking.head.clone());
                placed.booked.push(booking);
            }
            Ok(Verdict::Waits(why)) => {
                waits.push(why);
                at = at.plus(1);
                continue;
            }
            Err((BreakKind::DupStatement, why)) if candidate.is_own() => {
                placed.forgotten.push((open.remove(at), why));
                continue;
            }
            Err(refused) if candidate.is_own() => return Ok(Err(refused)),
            // It waits on: what it contradicts may itself be corrected.
            Err((_, why)) => {
                waits.push(why);
                at = at.plus(1);
                continue;
            }
        }
        (at, waits) = (0, Vec::new());
    }
    for (candidate, why) in open.into_iter().zip(waits) {
        let own = candidate.pieces.into_iter().filter(|piece| piece.own);
        let day = candidate.whole.as_of;
        placed
            .waiting
            .extend(own.map(|piece| (piece, day, why.clone())));
    }
    // A download that goes back beyond what is remembered brings new days all the same.
    let new = placed.booked.iter().any(|one| one.candidate.is_own())
        || placed.known.iter().any(Candidate::is_own)
        || !placed.waiting.is_empty();
    match placed.forgotten.first() {
        Some((_, why)) if !new => Ok(Err((BreakKind::DupStatement, why.clone()))),
        _ => Ok(Ok(placed)),
    }
}

/// What else asks and proves what it says.
fn others(open: &[Candidate], but: usize) -> Vec<Whole> {
    let others = open
        .iter()
        .enumerate()
        .filter(|(at, one)| *at != but && one.incomplete.is_none());
    others.map(|(_, one)| one.whole).collect()
}

fn judge(
    known: &Known,
    lines: &Lines,
    candidate: &Candidate,
    others: &[Whole],
) -> std::result::Result<Verdict, Refused> {
    if let Some(why) = &candidate.incomplete {
        return Ok(Verdict::Waits(why.clone()));
    }
    let day = known.days.get(&candidate.whole.as_of);
    let day = day.filter(|day| day.is_remembered());
    match day.map_or(Heard::New, |day| heard(day, lines, candidate)) {
        Heard::New => {}
        Heard::Unclear if candidate.is_own() => return Err(unclear(candidate)),
        Heard::Known | Heard::Unclear => return Ok(Verdict::Known),
    }
    if let Some(day) = day
        && contradicts(day, candidate)
    {
        let as_of = candidate.whole.as_of;
        let why = format!(
            "it is of {as_of}, which is booked from a statement in another format, and does not \
             agree with it in balances and amounts: not booked, ask the bank which is right"
        );
        return Err((BreakKind::FileStatus, why));
    }
    let asking = Asking {
        whole: candidate.whole,
        page: candidate.is_page(),
        corrects: candidate.corrects(),
        renumbers: day.is_some_and(|day| candidate.renumbers(day)),
        shared: shared(lines, candidate),
    };
    Ok(match chain::place(&known.chain(), &asking, others)? {
        Place::Waits(why) => Verdict::Waits(why),
        how => Verdict::Book(how),
    })
}

fn contradicts(day: &Day, candidate: &Candidate) -> bool {
    candidate.is_foreign_to(day) && !candidate.corrects()
}

/// What a statement is beside what is known of its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    New,
    /// It says what is booked, or repeats what was booked before that.
    Known,
    /// It says what was booked before, and may mean it again.
    Unclear,
}

/// What a candidate is beside its day: one that says what was corrected since is a new version
/// where it says that it corrects, or was made after the one that stands.
fn heard(day: &Day, lines: &Lines, candidate: &Candidate) -> Heard {
    let foreign = candidate.is_foreign_to(day);
    let mut stands = day.stands();
    if stands.any(|told| candidate.says(told, foreign)) || is_booked(day, lines, candidate) {
        return Heard::Known;
    }
    if !day.superseded().any(|told| candidate.says(told, foreign)) {
        return Heard::New;
    }
    let newest = day.stands().filter_map(|told| told.created).max();
    let order = candidate.told.created.zip(newest);
    let order = order.map(|(made, newest)| made.cmp(&newest));
    match (candidate.corrects(), order) {
        (_, Some(Ordering::Less)) => Heard::Known,
        (true, _) => Heard::New,
        (false, Some(Ordering::Greater)) if candidate.is_dated() && !foreign => Heard::New,
        (false, Some(Ordering::Greater)) => Heard::Unclear,
        (false, _) if candidate.is_dated() => Heard::Unclear,
        (false, _) => Heard::Known,
    }
}

fn unclear(candidate: &Candidate) -> Refused {
    let as_of = candidate.whole.as_of;
    let why = format!(
        "it is of {as_of} and says what the bank has corrected since, and not that it corrects \
         that: not booked; ask the bank which version is right, and for one that says so"
    );
    (BreakKind::DupStatement, why)
}

/// Whether what a candidate says are the lines that are booked, or some of them as a page.
fn is_booked(day: &Day, lines: &Lines, candidate: &Candidate) -> bool {
    let foreign = candidate.is_foreign_to(day);
    let Some((opening, closing)) = day.booked().map(|day| (day.opening, day.closing)) else {
        return false;
    };
    let Whole {
        opening: opens,
        closing: closes,
        ..
    } = candidate.whole;
    let differ = match foreign {
        false => changes(&hashes(lines), &candidate.hashes),
        true => {
            let booked: Vec<_> = lines.standing.iter().map(|row| row.amount).collect();
            changes(&booked, &candidate.amounts())
        }
    };
    let all = differ.dropped.is_empty() && opening == Some(opens) && closing == closes;
    // A page of what is booked whole; one that goes on where the day ends is a new one.
    let page = candidate.statement.page.is_some() || candidate.statement.more;
    differ.added.is_empty() && (all || (page && opens != closing))
}

fn hashes(lines: &Lines) -> Vec<String> {
    let rows = lines.standing.iter();
    rows.map(|row| receipt_of(row).hash()).collect()
}

fn shared(lines: &Lines, candidate: &Candidate) -> Shared {
    match changes(&hashes(lines), &candidate.hashes).kept {
        0 => Shared::None,
        _ => Shared::Some,
    }
}
