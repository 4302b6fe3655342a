//! What a job took in and what it gave out: a job whose tally does not tie out has failed.

use crate::records;
use crate::records::sum::Sum;
use desk::Desk;
use desk::failure::{Failure, Result};
use desk::names;
use desk::records::{Record, list};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use settlement::foreign;

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
    pub given: Vec<Heap>,
    /// What somebody must look at: open breaks, quarantined files. Exit status 1.
    pub findings: u64,
    /// Further figures a person wants to read, in order.
    pub notes: Vec<Note>,
    /// Proofs of the parts, each a line of its own.
    pub proofs: Vec<String>,
}

/// A named part of what a job took in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heap {
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
    const VERSION: u32 = 2;

    fn forward(_: u32, document: &mut Value) {
        for heap in list(document, "given") {
            let (name, sum) = (&heap[0], &heap[1]);
            *heap = json!({ "name": name, "records": sum["records"], "cents": sum["cents"] });
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

    /// The heap called `name`.
    pub fn heap(&mut self, name: &str) -> &mut Sum {
        let at = self
            .given
            .iter()
            .position(|heap| heap.name == name)
            .unwrap_or(self.given.len());
        if at == self.given.len() {
            self.given.push(Heap {
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

    /// All that was given out.
    pub fn out(&self) -> Sum {
        let mut out = Sum::default();
        for Heap { sum, .. } in &self.given {
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
        Err(Failure::findings(format!(
            "{told}; the figures do not tie out: stop here"
        )))
    }
}

/// A line a person can check, and one for each proof:
/// `cut-sd1 2026-11-25: 12 in 1,234.00 = 10 cut 1,000.00 + ...`.
impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Sum { records, cents } = self.taken;
        write!(f, "{} {}: {records} in {cents}", self.job, self.date)?;
        for (at, Heap { name, sum }) in self.given.iter().enumerate() {
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
    use settlement::money::SignedCents;

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
