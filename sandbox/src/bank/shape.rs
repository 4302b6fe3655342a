//! How the bank settles: what would be a line for each batch and return becomes the lines that its
//! profile says.

use super::habits::Naming;
use super::money::{Movement, Of, Sort};
use super::terms::Terms;
use jiff::civil::Date;
use settlement::bank::shape::{By, Returns, Shape};
use std::collections::BTreeMap;

/// What lines say, and what the files that came are called, by day and modifier.
pub(super) struct Says<'a> {
    pub(super) naming: Naming,
    pub(super) files: &'a BTreeMap<String, String>,
}

/// What stands in one line: whether it is of returns, which side, and what it is about.
type Line = (bool, Option<bool>, String);

/// A day's movements as the bank's statement tells them.
pub(super) fn told(
    terms: &Terms,
    day: Date,
    movements: Vec<Movement>,
    says: &Says<'_>,
) -> Vec<Movement> {
    let shape = terms.shape_on(day);
    if shape == Shape::default() {
        return movements.into_iter().map(|one| says.of_one(one)).collect();
    }
    let mut told = Vec::new();
    let mut lines: BTreeMap<Line, Vec<Movement>> = BTreeMap::new();
    for movement in movements {
        match line_of(shape, &movement) {
            Some(line) => lines.entry(line).or_default().push(movement),
            None => told.push(says.of_one(movement)),
        }
    }
    let lines = lines.into_iter();
    told.extend(lines.filter_map(|(line, of)| one_line(terms, shape, &line, of, says)));
    if shape.several {
        told = told.into_iter().flat_map(in_two).collect();
    }
    told
}

/// The line that a movement is part of; none where it has one of its own.
fn line_of(shape: Shape, movement: &Movement) -> Option<Line> {
    let Of {
        debit,
        company,
        class,
        file,
    } = movement.of.as_ref().filter(|_| !movement.rest)?;
    let about = match shape.by {
        By::Batch if movement.sort == Sort::Settlement && !shape.net => return None,
        By::Batch => movement.customer_reference.clone(),
        By::File => file.clone(),
        By::CompanyClass => format!("{company} {class}"),
        By::Company => company.clone(),
        By::Day => String::new(),
    };
    let side = (!shape.net).then_some(*debit);
    match (movement.sort, shape.returns) {
        (Sort::Settlement, _) => Some((false, side, about)),
        (Sort::Return, Returns::Netted) if shape.by == By::CompanyClass => None,
        (Sort::Return, Returns::Netted) => Some((false, side, about)),
        (Sort::Return, Returns::Day) => Some((true, Some(*debit), String::new())),
        (Sort::Return, Returns::File) => Some((true, Some(*debit), file.clone())),
        _ => None,
    }
}

/// All that stands in one line; no line where it comes to nothing.
fn one_line(
    terms: &Terms,
    shape: Shape,
    (returns, side, about): &Line,
    of: Vec<Movement>,
    says: &Says<'_>,
) -> Option<Movement> {
    let cents: i64 = of.iter().map(|movement| movement.cents).sum();
    let parts = of.iter().flat_map(|movement| movement.parts.clone());
    let parts = parts.collect();
    let whole = of.iter().all(|movement| !movement.answers.is_empty());
    let answers = of.iter().filter(|_| whole);
    let answers = answers.flat_map(|movement| movement.answers.clone());
    let answers = answers.collect();
    let first = of.into_iter().next()?;
    let debit = side.unwrap_or(cents > 0);
    let (type_code, text) = match (returns, debit) {
        (true, true) => (terms.debit_returned.clone(), "ACH RETURNS"),
        (true, false) => (terms.credit_returned.clone(), "ACH RETURNS"),
        (false, true) => (terms.debit_settlement.first()?.clone(), "ACH SETTLEMENT"),
        (false, false) => (terms.credit_settlement.first()?.clone(), "ACH SETTLEMENT"),
    };
    let (text, customer_reference) = says.of_lump(shape, text, (*returns, about), &first);
    (cents != 0).then_some(Movement {
        sort: first.sort,
        customer_reference,
        type_code,
        cents,
        text,
        parts,
        answers,
        ..Movement::default()
    })
}

impl Says<'_> {
    /// A line of its own.
    fn of_one(&self, mut movement: Movement) -> Movement {
        let Some(of) = movement
            .of
            .as_ref()
            .filter(|_| movement.sort == Sort::Settlement)
        else {
            return movement;
        };
        if movement.rest {
            return movement; // it says what it said in part
        }
        let company = format!("ACH SETTLEMENT {}", of.company);
        match self.naming {
            Naming::Batch => return movement,
            Naming::File => {
                let file = self.files.get(&of.file).cloned();
                movement.customer_reference = file.unwrap_or_default();
            }
            Naming::Company | Naming::Text | Naming::Nothing => {
                movement.customer_reference = String::new();
            }
        }
        movement.text = match self.naming {
            Naming::Company => company,
            Naming::Nothing => String::new(),
            _ => "ACH SETTLEMENT".to_owned(),
        };
        movement
    }

    /// Text and reference of a line for several.
    fn of_lump(
        &self,
        shape: Shape,
        text: &str,
        (returns, about): (bool, &String),
        first: &Movement,
    ) -> (String, String) {
        let of_company = matches!(shape.by, By::Company | By::CompanyClass) && !returns;
        let of_file = matches!(shape.by, By::File) && !returns;
        match self.naming {
            Naming::Batch | Naming::Company if of_company => {
                (format!("{text} {about}"), String::new())
            }
            Naming::Batch if shape.by == By::Batch && !returns => {
                (text.to_owned(), first.customer_reference.clone())
            }
            Naming::Batch | Naming::File if of_file => {
                let file = self.files.get(about).cloned();
                (text.to_owned(), file.unwrap_or_default())
            }
            Naming::File if returns && shape.returns == Returns::File => {
                (text.to_owned(), about.clone())
            }
            Naming::Nothing => (String::new(), String::new()),
            _ => (text.to_owned(), String::new()),
        }
    }
}

/// A settlement in two lines, where it can be split.
fn in_two(movement: Movement) -> Vec<Movement> {
    if movement.parts.len() > 1 {
        return in_two_by_parts(movement);
    }
    let part = movement.cents / 3;
    if movement.sort != Sort::Settlement || part == 0 || movement.twice {
        return vec![movement];
    }
    let entry = movement
        .parts
        .first()
        .is_some_and(|part| !part.id.is_empty());
    if movement.rest || entry {
        return vec![movement]; // an entry that is listed is not split
    }
    let of = |cents: i64| {
        let parts = movement.parts.iter().cloned();
        parts
            .map(|one| super::sent::Part { cents, ..one })
            .collect()
    };
    let rest = Movement {
        cents: movement.cents - part,
        parts: of(movement.cents - part),
        rest: true,
        ..movement.clone()
    };
    vec![
        Movement {
            cents: part,
            parts: of(part),
            ..movement
        },
        rest,
    ]
}

/// The same, some parts in one line and the others in the other.
fn in_two_by_parts(movement: Movement) -> Vec<Movement> {
    let sum = |parts: &[super::sent::Part]| parts.iter().map(|part| part.cents).sum::<i64>();
    let (first, second) = movement.parts.split_at(movement.parts.len() / 3);
    let whole = sum(&movement.parts) == movement.cents;
    let once = movement.twice || movement.rest;
    if movement.sort != Sort::Settlement || first.is_empty() || once || !whole {
        return vec![movement];
    }
    let line = |parts: &[super::sent::Part], rest: bool| Movement {
        cents: sum(parts),
        parts: parts.to_vec(),
        rest,
        ..movement.clone()
    };
    vec![line(first, false), line(second, true)]
}
