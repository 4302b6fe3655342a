//! The documents of the jobs: what `--json` prints of a tally, a day, a cut.
//!
//! They are not the records that the jobs keep: those may change with the next version, these
//! only grow (docs/json.md).

use crate::cut::{Preview, PreviewBatch};
use crate::day::Day;
use crate::tally::Tally;
use jiff::civil::Date;
use serde::Serialize;
use settlement::windows::Window;
use std::collections::BTreeMap;

/// What a job took in and gave out.
#[derive(Serialize)]
pub struct JobTally<'a> {
    job: &'a str,
    date: Date,
    taken: Figure,
    given: Vec<Disposition<'a>>,
    ties_out: bool,
    findings: u64,
    notes: Vec<Note<'a>>,
    proofs: &'a [String],
}

/// Records and their cents.
#[derive(Serialize)]
struct Figure {
    records: u64,
    cents: i64,
}

/// Where some of what came in went.
#[derive(Serialize)]
struct Disposition<'a> {
    name: &'a str,
    records: u64,
    cents: i64,
}

/// A further figure.
#[derive(Serialize)]
struct Note<'a> {
    name: &'a str,
    value: &'a str,
}

impl JobTally<'_> {
    /// What a tally says.
    pub fn of(tally: &Tally) -> JobTally<'_> {
        JobTally {
            job: &tally.job,
            date: tally.date,
            taken: Figure {
                records: tally.taken.records,
                cents: tally.taken.cents.get(),
            },
            given: tally
                .given
                .iter()
                .map(|given| Disposition {
                    name: &given.name,
                    records: given.sum.records,
                    cents: given.sum.cents.get(),
                })
                .collect(),
            ties_out: tally.ties_out(),
            findings: tally.findings,
            notes: tally
                .notes
                .iter()
                .map(|note| Note {
                    name: &note.name,
                    value: &note.value,
                })
                .collect(),
            proofs: &tally.proofs,
        }
    }
}

/// `day`.
#[derive(Serialize)]
pub struct DayTallies<'a> {
    date: Date,
    tallies: Vec<JobTally<'a>>,
    elapsed_ms: &'a BTreeMap<&'static str, u64>,
}

impl DayTallies<'_> {
    /// What a day's jobs reported.
    pub fn of(day: &Day) -> DayTallies<'_> {
        DayTallies {
            date: day.date,
            tallies: day.tallies.iter().map(JobTally::of).collect(),
            elapsed_ms: &day.elapsed_ms,
        }
    }
}

/// `cut`: one window or all, cut or only looked at.
#[derive(Serialize)]
pub struct Cuts<'a> {
    date: Date,
    dry_run: bool,
    windows: Vec<OfWindow<'a>>,
}

/// A window: what was cut, or with `--dry-run` what would be.
#[derive(Serialize)]
struct OfWindow<'a> {
    window: Window,
    tally: Option<JobTally<'a>>,
    preview: Option<WouldCut<'a>>,
}

/// What would be cut.
#[derive(Serialize)]
struct WouldCut<'a> {
    cut_already: bool,
    batches: &'a [PreviewBatch],
    held: Vec<Held<'a>>,
    bank_cost_micros: i64,
}

/// Payments that would stay.
#[derive(Serialize)]
struct Held<'a> {
    why: &'a str,
    payments: u64,
    cents: u64,
}

impl Cuts<'_> {
    /// Windows that were cut.
    pub fn done(date: Date, tallies: &[(Window, Tally)]) -> Cuts<'_> {
        Cuts {
            date,
            dry_run: false,
            windows: tallies
                .iter()
                .map(|(window, tally)| OfWindow {
                    window: *window,
                    tally: Some(JobTally::of(tally)),
                    preview: None,
                })
                .collect(),
        }
    }

    /// Windows that were looked at.
    pub fn previewed(date: Date, previews: &[Preview]) -> Cuts<'_> {
        Cuts {
            date,
            dry_run: true,
            windows: previews
                .iter()
                .map(|preview| OfWindow {
                    window: preview.window,
                    tally: None,
                    preview: Some(WouldCut::of(preview)),
                })
                .collect(),
        }
    }
}

impl WouldCut<'_> {
    fn of(preview: &Preview) -> WouldCut<'_> {
        WouldCut {
            cut_already: preview.cut_already,
            batches: &preview.batches,
            held: preview
                .held
                .iter()
                .map(|(why, (payments, cents))| Held {
                    why,
                    payments: *payments,
                    cents: *cents,
                })
                .collect(),
            bank_cost_micros: preview.cost_micros,
        }
    }
}
