//! What was compared so far, and where the differences go.

use crate::nacha::check::Totals;
use crate::nacha::ops::diff::difference::{Difference, FieldDifference, Side, compare};
use crate::nacha::ops::diff::side::{Key, Row};
use std::io;

/// What a comparison came to.
#[derive(Clone, Debug)]
pub struct Compared {
    /// What the first file holds.
    pub left: Totals,
    /// What the second file holds.
    pub right: Totals,
    /// Errors in each of them.
    pub errors: (u64, u64),
    /// Entries that are the same.
    pub same: u64,
    /// Entries that both have, not the same.
    pub changed: u64,
    /// Entries that only the first has.
    pub only_left: u64,
    /// Entries that only the second has.
    pub only_right: u64,
    /// All differences, shown or not.
    pub differences: u64,
}

impl Compared {
    /// Whether nothing differs.
    pub const fn is_same(&self) -> bool {
        self.differences == 0
    }
}

/// Where differences go.
pub(super) struct Comparison<F> {
    pub most: u64,
    pub found: F,
    pub compared: Compared,
    /// The last two batches whose headers were compared.
    pub batches: Option<(u64, u64)>,
}

impl<F: FnMut(&Difference) -> io::Result<()>> Comparison<F> {
    pub fn new(most: u64, found: F) -> Comparison<F> {
        let compared = Compared {
            left: Totals::default(),
            right: Totals::default(),
            errors: (0, 0),
            same: 0,
            changed: 0,
            only_left: 0,
            only_right: 0,
            differences: 0,
        };
        Comparison {
            most,
            found,
            compared,
            batches: None,
        }
    }

    /// Whether the next difference is shown.
    pub fn shows(&self) -> bool {
        self.compared.differences < self.most
    }

    #[allow(clippy::arithmetic_side_effects, reason = "counts of records read")]
    pub fn report(&mut self, difference: impl FnOnce() -> Difference) -> io::Result<()> {
        let shows = self.shows();
        self.compared.differences += 1;
        if shows {
            (self.found)(&difference())
        } else {
            Ok(())
        }
    }

    #[allow(clippy::arithmetic_side_effects, reason = "counts of records read")]
    pub fn only(&mut self, side: Side, key: Key, line: u64) -> io::Result<()> {
        match side {
            Side::Left => self.compared.only_left += 1,
            Side::Right => self.compared.only_right += 1,
        }
        let trace = key.shown();
        self.report(|| Difference::Only { side, trace, line })
    }

    /// Two entries of one trace.
    #[allow(clippy::arithmetic_side_effects, reason = "counts of records read")]
    pub fn pair(&mut self, left: &Row, right: &Row) -> io::Result<()> {
        self.headers(left, right)?;
        if left.same(right) {
            self.compared.same += 1;
            return Ok(());
        }
        self.compared.changed += 1;
        let trace = left.key.shown();
        self.report(|| Difference::Entry {
            trace,
            left: left.place.line,
            right: right.place.line,
            fields: entries(left, right),
        })
    }

    /// The headers of the batches of two entries, once for each pair of batches that follow.
    fn headers(&mut self, left: &Row, right: &Row) -> io::Result<()> {
        let places = (left.batch_place.line, right.batch_place.line);
        if self.batches == Some(places) {
            return Ok(());
        }
        self.batches = Some(places);
        if left.batch == right.batch {
            return Ok(());
        }
        let mut fields = Vec::new();
        let one = (&left.batch, left.batch_layout);
        compare(one, (&right.batch, right.batch_layout), 0, &mut fields);
        let (left, right) = places;
        self.report(|| Difference::BatchHeader {
            left,
            right,
            fields,
        })
    }
}

/// The fields in which two entries differ.
fn entries(left: &Row, right: &Row) -> Vec<FieldDifference> {
    let mut fields = Vec::new();
    compare(
        (&left.text, left.layout),
        (&right.text, right.layout),
        0,
        &mut fields,
    );
    let (one, two) = (left.addenda.len(), right.addenda.len());
    if one != two {
        fields.push(FieldDifference {
            record: left.layout.id,
            addenda: 0,
            field: "addenda",
            left: Some(one.to_string()),
            right: Some(two.to_string()),
        });
    }
    for ((one, two), number) in left.addenda.iter().zip(&right.addenda).zip(1..) {
        compare((&one.0, one.1), (&two.0, two.1), number, &mut fields);
    }
    fields
}
