//! What a job took in and what it gave out: a job whose tally does not tie out has failed.

use crate::desk::Desk;
use crate::failure::{Failure, Result};
use crate::{names, record};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use settlement::money::SignedCents;

/// One side of one line of a tally.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// Records.
    pub records: u64,
    /// Their cents.
    pub cents: SignedCents,
}

impl Sum {
    /// Adds a record.
    pub fn add(&mut self, cents: SignedCents) {
        self.add_many(1, cents);
    }

    /// Adds `records` that sum to `cents`.
    pub fn add_many(&mut self, records: u64, cents: SignedCents) {
        self.records = self.records.saturating_add(records);
        // Saturated, in and out still differ by what is missing: nothing can hide here.
        let sum = self.cents.get().saturating_add(cents.get());
        self.cents = SignedCents::new(sum);
    }
}

/// What a run of a job took in, and the named heaps it sorted all of it into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// The job.
    pub job: String,
    /// The business date.
    pub date: Date,
    /// What came in.
    pub taken: Sum,
    /// Where it went.
    pub given: Vec<(String, Sum)>,
    /// What somebody must look at: open breaks, quarantined files. Exit status 1.
    pub findings: u64,
    /// Further figures a person wants to read, in order.
    pub notes: Vec<(String, String)>,
    /// Proofs of the parts, each a line of its own.
    pub proofs: Vec<String>,
}

impl Tally {
    /// An empty tally.
    pub fn new(job: &str, date: Date) -> Tally {
        Tally {
            job: job.to_owned(),
            date,
            taken: Sum::default(),
            given: Vec::new(),
            findings: 0,
            notes: Vec::new(),
            proofs: Vec::new(),
        }
    }

    /// The heap called `name`.
    pub fn heap(&mut self, name: &str) -> &mut Sum {
        let at = self
            .given
            .iter()
            .position(|(n, _)| n == name)
            .unwrap_or(self.given.len());
        if at == self.given.len() {
            self.given.push((name.to_owned(), Sum::default()));
        }
        &mut self.given[at].1
    }

    /// Says something more.
    pub fn note(&mut self, name: &str, value: impl ToString) {
        self.notes.push((name.to_owned(), value.to_string()));
    }

    /// All that was given out.
    pub fn out(&self) -> Sum {
        let mut out = Sum::default();
        for (_, sum) in &self.given {
            out.add_many(sum.records, sum.cents);
        }
        out
    }

    /// Whether records and cents in are records and cents out.
    pub fn ties_out(&self) -> bool {
        self.taken == self.out()
    }

    /// Writes the report of the job, whose inputs are complete: a run again must come to the
    /// same one.
    ///
    /// # Errors
    /// Where the tally does not tie out, or an earlier run of the same job came to another.
    pub async fn close(self, desk: &Desk) -> Result<Tally> {
        let name = names::run(self.date, &self.job);
        record::put(&*desk.ports.objects, &name, &self).await?;
        self.check()
    }

    /// As [`Tally::close`], without a record: for jobs that run more than once a day, whose
    /// tally of the whole day is recorded when its books are closed.
    ///
    /// # Errors
    /// Where the tally does not tie out.
    pub fn check(self) -> Result<Tally> {
        if self.ties_out() {
            return Ok(self);
        }
        Err(Failure::findings(format!(
            "{self}\nThe figures above do not tie out: stop here."
        )))
    }
}

/// A line a person can check, and one for each proof:
/// `cut-sd1 2026-11-25: 12 in 1,234.00 = 10 cut 1,000.00 + ...`.
impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Sum { records, cents } = self.taken;
        write!(f, "{} {}: {records} in {cents}", self.job, self.date)?;
        for (at, (name, sum)) in self.given.iter().enumerate() {
            let sign = if at == 0 { "=" } else { "+" };
            write!(f, " {sign} {} {name} {}", sum.records, sum.cents)?;
        }
        if !self.ties_out() {
            write!(f, " DOES NOT TIE OUT")?;
        }
        for (name, value) in &self.notes {
            write!(f, "; {name} {value}")?;
        }
        for proof in &self.proofs {
            write!(f, "\n  {proof}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_cent_that_is_missing_is_seen() {
        let mut tally = Tally::new("cut", date(2026, 11, 25));
        tally.taken.add(SignedCents::new(100));
        tally.heap("cut").add(SignedCents::new(99));
        assert!(!tally.ties_out() && tally.to_string().contains("DOES NOT TIE OUT"));
        tally.heap("held").add_many(0, SignedCents::new(1));
        assert!(tally.ties_out());
    }
}
