//! What asks for its place among an account's days: a statement, or pages that are one together.

use crate::known::Day;
use crate::records::ingested::{Kept, Told};
use crate::statement_lines::receipt;
use formats::statement::{Page, Statement};
use jiff::civil::Date;
use settlement::money::SignedCents;
use settlement::reconcile::chain::{self, StatementSummary, Whole};
use settlement::reconcile::numbers::Order;
use std::collections::BTreeMap;

/// A statement as it stands in a file.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// The bank's name for the file.
    pub file: String,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Where it stands.
    pub kept: Kept,
    /// Whether it is of the file that is being taken.
    pub own: bool,
    /// What the file is written in.
    pub format: String,
    /// The day on which the file says that it was made.
    pub created: Option<Date>,
    pub statement: Statement,
}

/// What asks for its place.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// What it is made of, in the order of pages; never nothing.
    pub pieces: Vec<Piece>,
    /// All of it.
    pub statement: Statement,
    /// What it proves; of a piece whose other pages are missing the day alone is known.
    pub whole: Whole,
    /// Why it has to wait whatever is booked.
    pub incomplete: Option<String>,
    /// What each line is.
    pub hashes: Vec<String>,
    /// What tells it from another.
    pub told: Told,
}

/// The family of a format: its versions say the same in the same words.
fn family(format: &str) -> &str {
    format.split('.').next().unwrap_or(format)
}

/// Whether a statement is one of several pages and does not prove what it says by itself: the
/// balances are those of the day, or on another page.
pub(super) fn is_piece(statement: &Statement) -> bool {
    let told = statement.opening.is_some() && statement.closing.is_some();
    statement.page.is_some() && !(told && statement.check_balance().is_ok())
}

/// What a statement says of itself.
pub(super) fn summary(statement: &Statement) -> StatementSummary {
    let days = statement.lines.iter().filter_map(|line| line.value_date);
    StatementSummary {
        as_of: statement.as_of,
        opening: statement.opening,
        closing: statement.closing,
        movement: statement.movement(),
        latest: days.max(),
    }
}

/// The candidates among statements of which each can be believed, in the order of their days: of
/// pages that prove nothing alone, those that are whole together are one.
pub(super) fn joined(pieces: Vec<Piece>, today: Date) -> Vec<Candidate> {
    let (parts, alone): (Vec<Piece>, Vec<Piece>) = pieces
        .into_iter()
        .partition(|piece| is_piece(&piece.statement));
    let mut all: Vec<Candidate> = Vec::new();
    for piece in alone {
        // What was believed before is now; its day has not moved.
        if let Ok(whole) = chain::whole(&summary(&piece.statement), today) {
            let statement = piece.statement.clone();
            all.push(Candidate::of(vec![piece], statement, whole, None));
        }
    }
    let mut days: BTreeMap<(Option<Date>, String), Vec<Piece>> = BTreeMap::new();
    for piece in parts {
        let day = (piece.statement.as_of, family(&piece.format).to_owned());
        days.entry(day).or_default().push(piece);
    }
    for pages in days.into_values() {
        all.extend(one_of(pages, today));
    }
    all.sort_by_key(|one| {
        (
            one.whole.as_of,
            one.statement.page.map_or(0, |page| page.number),
        )
    });
    all
}

fn number(piece: &Piece) -> u32 {
    piece.statement.page.map_or(1, |page: Page| page.number)
}

/// The candidate that pages of one day are together; each alone where they are not whole.
fn one_of(mut pages: Vec<Piece>, today: Date) -> Vec<Candidate> {
    pages.sort_by_key(number);
    let numbers: Vec<u32> = pages.iter().map(number).collect();
    let in_order = (1u32..)
        .zip(&numbers)
        .all(|(expected, found)| expected == *found);
    let last = pages.last().and_then(|piece| piece.statement.page);
    let complete = in_order && last.is_some_and(|page| page.last);
    let first = pages.first().map(|piece| piece.statement.clone());
    if let Some(mut statement) = first.filter(|_| complete) {
        let lines = pages.iter().flat_map(|piece| &piece.statement.lines);
        statement.lines = lines.cloned().collect();
        statement.closing = pages.last().and_then(|piece| piece.statement.closing);
        (statement.page, statement.more) = (None, false);
        if let Ok(whole) = chain::whole(&summary(&statement), today) {
            return vec![Candidate::of(pages, statement, whole, None)];
        }
    }
    let listed = numbers
        .iter()
        .map(u32::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    let alone = pages.into_iter().filter_map(|piece| {
        let as_of = piece.statement.as_of?;
        let why = format!(
            "of {as_of} only the pages {listed} are here, and they are not whole: it waits for \
             the others"
        );
        let (opening, closing) = (SignedCents::ZERO, SignedCents::ZERO);
        let whole = Whole {
            as_of,
            opening,
            closing,
            derived: false,
        };
        let statement = piece.statement.clone();
        Some(Candidate::of(vec![piece], statement, whole, Some(why)))
    });
    alone.collect()
}

impl Candidate {
    fn of(
        pieces: Vec<Piece>,
        statement: Statement,
        whole: Whole,
        incomplete: Option<String>,
    ) -> Candidate {
        let hashes: Vec<String> = statement
            .lines
            .iter()
            .map(|line| receipt(line).hash())
            .collect();
        let format = pieces.first().map_or("", |piece| piece.format.as_str());
        let made = pieces.iter().filter_map(|piece| piece.created).max();
        let last = pieces.last().map(|piece| piece.statement.numbers);
        let told = Told {
            numbers: last.unwrap_or_default(),
            ..told((format, made), &whole, &hashes, &statement)
        };
        Candidate {
            pieces,
            statement,
            whole,
            incomplete,
            hashes,
            told,
        }
    }

    /// Whether it is of the file that is being taken, all or in part.
    pub fn is_own(&self) -> bool {
        self.pieces.iter().any(|piece| piece.own)
    }

    /// Whether a day was booked from statements of another format than its own.
    pub fn is_foreign_to(&self, day: &Day) -> bool {
        let ours = family(&self.told.format);
        let told = day.heads.iter().filter_map(|head| head.told.as_ref());
        let mut families = told.map(|told| family(&told.format));
        families.all(|other| other != ours)
    }

    /// Whether it says that it corrects.
    pub fn corrects(&self) -> bool {
        self.statement.purpose == formats::statement::Purpose::Correction
    }

    /// Whether it has the number of what is booked of its day, and says of no page which it is.
    pub fn renumbers(&self, day: &Day) -> bool {
        let mut stands = day.stands();
        let one = stands.any(|told| self.told.numbers.is_one_with(told.numbers));
        one && self.statement.page.is_none()
    }

    /// What the bank's number of it tells of the day before, where that is not what follows.
    pub fn misses(&self, before: &Day) -> Option<String> {
        let last = before.stands().last()?;
        let day = self.whole.as_of;
        let why = match self.statement.numbers.after(last.numbers) {
            Order::Follows => return None,
            Order::Missing(from, to) if from == to => {
                format!("the bank's number {from} has not come")
            }
            Order::Missing(from, to) => format!("the bank's numbers {from} to {to} have not come"),
            Order::Same(number) => format!("it has the bank's number {number}, which that has too"),
            Order::Back(was, now) => format!("the bank's number goes back from {was} to {now}"),
        };
        Some(format!(
            "between the statement before and that of {day} no money is missing, but {why}: ask \
             the bank what it was"
        ))
    }

    /// Whether what was told is what it says, as a day of its own format or another tells it.
    pub fn says(&self, told: &Told, foreign: bool) -> bool {
        match foreign {
            false => told.lines == self.told.lines,
            true => told.amounts == self.told.amounts,
        }
    }

    /// Whether it is written in a format whose statements say when each of them was made; a BAI2
    /// file that is downloaded again has the day of the download.
    pub fn is_dated(&self) -> bool {
        family(&self.told.format) == "camt"
    }

    /// Whether it says that it is a page after the first.
    pub fn is_page(&self) -> bool {
        self.statement.page.is_some_and(|page| page.number > 1)
    }

    /// The file that its line at a place stands in.
    pub fn file_of(&self, at: usize) -> &str {
        let mut before = 0;
        let piece = self.pieces.iter().find(|piece| {
            before += piece.statement.lines.len();
            at < before
        });
        piece.map_or("", |piece| piece.file.as_str())
    }

    pub fn amounts(&self) -> Vec<SignedCents> {
        self.statement
            .lines
            .iter()
            .map(|line| line.amount)
            .collect()
    }
}

/// Digits of a hash that tells two statements of one day apart.
const DIGITS: usize = 32;

fn told(
    (format, created): (&str, Option<Date>),
    whole: &Whole,
    hashes: &[String],
    statement: &Statement,
) -> Told {
    let ends = format!("{};{}", whole.opening.get(), whole.closing.get());
    let digest = |mut lines: Vec<String>| {
        lines.sort();
        let text = format!("{ends};{}", lines.join(";"));
        let mut hash = settlement::archive::sha256(text.as_bytes()).to_string();
        hash.truncate(DIGITS);
        hash
    };
    let amounts = statement
        .lines
        .iter()
        .map(|line| line.amount.get().to_string());
    Told {
        format: format.to_owned(),
        lines: digest(hashes.to_vec()),
        amounts: digest(amounts.collect()),
        created,
        numbers: statement.numbers,
    }
}
