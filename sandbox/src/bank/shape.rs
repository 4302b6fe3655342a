//! How the bank settles: what would be a line for each batch and return becomes the lines that its
//! profile says.

use super::money::{Movement, Of, Sort};
use super::terms::Terms;
use jiff::civil::Date;
use settlement::bank::shape::{By, Returns, Shape};
use std::collections::BTreeMap;

/// What stands in one line: whether it is of returns, which side, and what it is about.
type Line = (bool, Option<bool>, String);

/// A day's movements as the bank's statement tells them.
pub(super) fn told(terms: &Terms, day: Date, movements: Vec<Movement>) -> Vec<Movement> {
    let shape = terms.shape_on(day);
    if shape == Shape::default() {
        return movements;
    }
    let mut told = Vec::new();
    let mut lines: BTreeMap<Line, Vec<Movement>> = BTreeMap::new();
    for movement in movements {
        match line_of(shape, &movement) {
            Some(line) => lines.entry(line).or_default().push(movement),
            None => told.push(movement),
        }
    }
    told.extend(
        lines
            .into_iter()
            .filter_map(|(line, of)| one_line(terms, shape, &line, of)),
    );
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
    } = movement.of.as_ref()?;
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
) -> Option<Movement> {
    let cents: i64 = of.iter().map(|movement| movement.cents).sum();
    let first = of.into_iter().next()?;
    let debit = side.unwrap_or(cents > 0);
    let (type_code, text) = match (returns, debit) {
        (true, true) => (terms.debit_returned.clone(), "ACH RETURNS"),
        (true, false) => (terms.credit_returned.clone(), "ACH RETURNS"),
        (false, true) => (terms.debit_settlement.first()?.clone(), "ACH SETTLEMENT"),
        (false, false) => (terms.credit_settlement.first()?.clone(), "ACH SETTLEMENT"),
    };
    let names = matches!(shape.by, By::Company | By::CompanyClass) && !returns;
    let text = if names {
        format!("{text} {about}")
    } else {
        text.to_owned()
    };
    (cents != 0).then_some(Movement {
        sort: first.sort,
        customer_reference: match shape.by {
            By::Batch if !returns => first.customer_reference,
            _ => String::new(),
        },
        type_code,
        cents,
        text,
        twice: false,
        of: None,
    })
}

/// A settlement in two lines, where it can be split.
fn in_two(movement: Movement) -> Vec<Movement> {
    let part = movement.cents / 3;
    if movement.sort != Sort::Settlement || part == 0 || movement.twice {
        return vec![movement];
    }
    let rest = Movement {
        cents: movement.cents - part,
        ..movement.clone()
    };
    vec![
        Movement {
            cents: part,
            ..movement
        },
        rest,
    ]
}
