//! What a job took in and what it gave out: a job whose tally does not tie out has failed.

use crate::records;
use crate::records::sum::Sum;
use desk::Desk;
use desk::failure::{Failure, Result, too_large};
use desk::names;
use desk::records::{Record, list};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use settlement::foreign;
use settlement::money::SignedCents;

/// What a run of a job took in, and the named dispositions of all of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// The job.
    pub job: String,
    /// The business date.
    pub date: Date,
    /// What came in.
    pub taken: Sum,
    /// Where it went.
    pub given: Vec<Disposition>,
    /// What somebody must look at: open breaks, quarantined files. Exit status 1.
    pub findings: u64,
    /// Further figures a person wants to read, in order.
    pub notes: Vec<Note>,
    /// Proofs of the parts, each a line of its own.
    pub proofs: Vec<String>,
}

/// A named part of what a job took in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disposition {
    /// What became of it.
    pub name: String,
    /// How much of it.
    #[serde(flatten)]
    pub sum: Sum,
}

/// A further figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// What it is.
    pub name: String,
    /// The figure as a person reads it.
    pub value: String,
}

impl Record for Tally {
    const VERSION: u32 = 3;
    const CHECKED_FROM: u32 = 3;

    fn forward(from: u32, document: &mut Value) {
        if from > 1 {
            return;
        }
        for given in list(document, "given") {
            let (name, sum) = (&given[0], &given[1]);
            *given = json!({ "name": name, "records": sum["records"], "cents": sum["cents"] });
        }
        for note in list(document, "notes") {
            *note = json!({ "name": note[0], "value": note[1] });
        }
    }
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

    /// Counts what came in.
    ///
    /// # Errors
    /// Where a sum does not fit.
    pub fn take(&mut self, records: u64, cents: SignedCents) -> Result<()> {
        let sum = self.taken.with(records, cents);
        self.taken = sum.ok_or_else(|| too_large(&format!("{}, taken in", self.job)))?;
        Ok(())
    }

    /// Counts what became `name` of what came in.
    ///
    /// # Errors
    /// Where a sum does not fit.
    pub fn give(&mut self, name: &str, records: u64, cents: SignedCents) -> Result<()> {
        let sum = self.disposition(name).with(records, cents);
        let too_large = || too_large(&format!("{}, {name}", self.job));
        *self.disposition(name) = sum.ok_or_else(too_large)?;
        Ok(())
    }

    /// What became `name` of what came in.
    fn disposition(&mut self, name: &str) -> &mut Sum {
        let at = self
            .given
            .iter()
            .position(|given| given.name == name)
            .unwrap_or(self.given.len());
        if at == self.given.len() {
            self.given.push(Disposition {
                name: name.to_owned(),
                sum: Sum::default(),
            });
        }
        &mut self.given[at].sum
    }

    /// Says something more.
    pub fn note(&mut self, name: &str, value: impl ToString) {
        self.notes.push(Note {
            name: name.to_owned(),
            value: value.to_string(),
        });
    }

    /// All that was given out; `None` where it does not fit.
    pub fn out(&self) -> Option<Sum> {
        let mut given = self.given.iter();
        given.try_fold(Sum::default(), |out, Disposition { sum, .. }| {
            out.with(sum.records, sum.cents)
        })
    }

    /// Whether records and cents in are records and cents out.
    pub fn ties_out(&self) -> bool {
        Some(self.taken) == self.out()
    }

    /// Writes the report of the job, whose inputs are complete: a run again must come to the
    /// same one.
    ///
    /// # Errors
    /// Where the tally does not tie out, or an earlier run of the same job came to another.
    pub async fn close(self, desk: &Desk) -> Result<Tally> {
        let name = names::run(self.date, &self.job);
        records::put(&*desk.ports.objects, &name, &self).await?;
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
        let told = self.to_string().replace("\n  ", "; ");
        Err(
            Failure::findings(format!("{told}; the figures do not tie out"))
                .remedy("stop here, and find out which input was changed since it was written"),
        )
    }
}

/// A line a person can check, and one for each proof:
/// `cut-sd1 2026-11-25: 12 in 1,234.00 = 10 cut 1,000.00 + ...`.
impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Sum { records, cents } = self.taken;
        write!(f, "{} {}: {records} in {cents}", self.job, self.date)?;
        for (at, Disposition { name, sum }) in self.given.iter().enumerate() {
            let sign = if at == 0 { "=" } else { "+" };
            write!(f, " {sign} {} {name} {}", sum.records, sum.cents)?;
        }
        if !self.ties_out() {
            write!(f, " DOES NOT TIE OUT")?;
        }
        for Note { name, value } in &self.notes {
            write!(f, "; {} {}", foreign::line(name), foreign::line(value))?;
        }
        for proof in &self.proofs {
            write!(f, "\n  {}", foreign::line(proof))?;
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
        tally.take(1, SignedCents::new(100)).unwrap();
        tally.give("cut", 1, SignedCents::new(99)).unwrap();
        assert!(!tally.ties_out() && tally.to_string().contains("DOES NOT TIE OUT"));
        tally.give("held", 0, SignedCents::new(1)).unwrap();
        assert!(tally.ties_out());
    }

    #[test]
    fn a_sum_that_does_not_fit_is_an_error_and_never_the_top() {
        let mut tally = Tally::new("cut", date(2026, 11, 25));
        let most = SignedCents::new(i64::MAX);
        tally.take(1, most).unwrap();
        let beyond = tally.take(1, SignedCents::new(1)).unwrap_err();
        assert!(beyond.message.starts_with("cut, taken in"), "{beyond}");
        tally.give("one", 1, most).unwrap();
        tally.give("other", 0, SignedCents::new(1)).unwrap();
        assert!(tally.out().is_none() && !tally.ties_out());
    }
}
