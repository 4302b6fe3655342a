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
    let told = day.is_some_and(|day| is_known(day, lines, candidate));
    if told {
        return Ok(Verdict::Known);
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
        corrects: candidate.statement.purpose == formats::statement::Purpose::Correction,
        shared: shared(lines, candidate),
    };
    Ok(match chain::place(&known.chain(), &asking, others)? {
        Place::Waits(why) => Verdict::Waits(why),
        how => Verdict::Book(how),
    })
}

fn contradicts(day: &Day, candidate: &Candidate) -> bool {
    let corrects = candidate.statement.purpose == formats::statement::Purpose::Correction;
    candidate.is_foreign_to(day) && !corrects
}

/// Whether what a candidate says is booked already.
fn is_known(day: &Day, lines: &Lines, candidate: &Candidate) -> bool {
    let foreign = candidate.is_foreign_to(day);
    let mut told = day.heads.iter().filter_map(|head| head.told.as_ref());
    let again = told.any(|told| match foreign {
        false => told.lines == candidate.told.lines,
        true => told.amounts == candidate.told.amounts,
    });
    if again {
        return true;
    }
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
