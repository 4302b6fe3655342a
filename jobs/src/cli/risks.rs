//! `tieout risk`: training, features, one score, drift, and the rules.

use super::output::Output;
use super::schema;
use crate::ach::draft::{Draft, apart, unkept};
use crate::ach::sort::Sort;
use crate::risk::replay::{self, Row};
use crate::risk::score::{REQUEST_BYTES, Request};
use crate::risk::{drift, sheet, shipped, train};
use clap::{Args, Subcommand};
use connectors::given::{self, Bounded};
use desk::failure::{Failure, Result, Status};
use sandbox::history::{MOST_REQUESTS, history};
use serde::Serialize;
use settlement::foreign;
use settlement::risk::feature::FEATURES;
use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

mod shown;

/// What can be done about risk.
#[derive(Subcommand)]
pub enum Command {
    /// Train a model on a labelled history, and measure it on what came later
    Train {
        #[command(flatten)]
        of: Origin,
        /// The model's file
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// A sheet (CSV) of the scores of what it was trained on, for drift
        #[arg(long, value_name = "FILE")]
        scores: Option<PathBuf>,
        /// The score from which on a request counts as told to be a fraud
        #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u16).range(1..=1000))]
        threshold: u16,
    },
    /// The features of a history as Parquet, for other programs to train on
    Features {
        #[command(flatten)]
        of: Origin,
        /// The sheet
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// A sheet (CSV) of the model's scores, for drift
        #[arg(long, value_name = "FILE")]
        scores: Option<PathBuf>,
        /// Another model than the one that ships
        #[arg(long, value_name = "FILE", requires = "scores")]
        model: Option<PathBuf>,
    },
    /// The score of one request with its features (JSON), and the reasons for it
    Score {
        /// The request; - for stdin
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Other rules than those that ship
        #[arg(long, value_name = "FILE")]
        rules: Option<PathBuf>,
        /// Another model than the one that ships
        #[arg(long, value_name = "FILE")]
        model: Option<PathBuf>,
    },
    /// Whether scores are spread as they were in training
    Drift {
        /// The scores of training: Parquet or CSV with a column score
        #[arg(long, value_name = "FILE")]
        training: PathBuf,
        /// The scores of a later period
        #[arg(long, value_name = "FILE")]
        period: PathBuf,
    },
    /// Check a file of rules, and show what is in it
    Rules {
        /// The rules; by default those that ship
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
}

/// Where a history comes from.
#[derive(Args)]
pub struct Origin {
    /// A sheet of features with labels: Parquet or CSV
    #[arg(long, value_name = "FILE", required_unless_present = "sandbox")]
    history: Option<PathBuf>,
    /// A made-up history with frauds of six kinds in it
    #[arg(long, conflicts_with = "history")]
    sandbox: bool,
    /// The number that the made-up history comes from
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// About so many requests of it
    #[arg(long, default_value_t = 100_000, value_name = "NUMBER",
          value_parser = clap::value_parser!(u64).range(1_000..=MOST_REQUESTS))]
    requests: u64,
}

impl Origin {
    fn rows(&self) -> Result<Vec<Row>> {
        match &self.history {
            Some(path) => sheet::read(path),
            None => Ok(replay::rows(&history(self.seed, self.requests))),
        }
    }

    /// Refuses to put what is made in the place of the history, or one of both in the other's.
    fn apart_from(&self, to: &Path, scores: Option<&Path>) -> Result<()> {
        let history = self.history.as_deref();
        apart(to, history)?;
        let Some(scores) = scores else { return Ok(()) };
        apart(scores, history)?;
        match scores == to {
            true => Err(Failure::usage("--out and --scores name the same file")
                .remedy("name two; nothing was written")),
            false => Ok(()),
        }
    }

    fn said(&self) -> String {
        match &self.history {
            Some(path) => {
                let name = path.file_name().unwrap_or_default();
                foreign::name(name)
            }
            None => format!("sandbox, seed {}, {} requests", self.seed, self.requests),
        }
    }
}

/// Runs one of them.
///
/// # Errors
/// Where a file cannot be read, is refused or cannot be written.
pub fn run(command: Command, out: &Output) -> Result<Option<Status>> {
    match command {
        Command::Train {
            of,
            out: to,
            scores,
            threshold,
        } => trained(out, &of, &to, scores.as_deref(), threshold),
        Command::Features {
            of,
            out: to,
            scores,
            model,
        } => features(out, &of, &to, scores.as_deref(), model.as_deref()),
        Command::Score { file, rules, model } => {
            let request = Request::parse(&read(&file)?)?;
            let judge = shipped::judge(rules.as_deref(), model.as_deref())?;
            let told = judge.assess(&request.features, request.direction, request.on);
            out.show(schema::RISK_SCORE, &shown::Told(told), false)?;
            Ok(None)
        }
        Command::Drift { training, period } => drifted(out, &training, &period),
        Command::Rules { file } => {
            let text = shipped::rules_text(file.as_deref())?;
            let rules = shipped::rules_of(&text, file.as_deref()).map_err(|failure| {
                // Whether they are right is what was asked: a wrong file is an answer.
                Failure::findings(failure.message).remedy(failure.remedy)
            })?;
            out.show(schema::RISK_RULES, &shown::Rules::of(&rules), false)?;
            Ok(None)
        }
    }
}

fn read(file: &Path) -> Result<String> {
    let mut text = String::new();
    let read = match file == Path::new("-") {
        true => Bounded::new(io::stdin(), REQUEST_BYTES)
            .read_to_string(&mut text)
            .map(drop),
        false => given::text(file, REQUEST_BYTES).map(|whole| text = whole),
    };
    read.map_err(|error| {
        Failure::usage(format!("{}: {error}", foreign::path(file)))
            .remedy("name a file that can be read, or - for stdin")
    })?;
    Ok(text)
}

fn write(to: &Path, sort: Sort, write: impl FnOnce(&mut Draft) -> io::Result<()>) -> Result<()> {
    let mut draft = Draft::begin(Some(to), sort)?;
    write(&mut draft).map_err(unkept)?;
    draft.keep()
}

fn trained(
    out: &Output,
    of: &Origin,
    to: &Path,
    scores: Option<&Path>,
    threshold: u16,
) -> Result<Option<Status>> {
    of.apart_from(to, scores)?;
    let rows = of.rows()?;
    let made = train::train(&rows, &of.said(), threshold)?;
    write(to, Sort::Model, |draft| {
        io::Write::write_all(draft, made.text.as_bytes())
    })?;
    if let Some(path) = scores {
        let all: Vec<(u16, Option<bool>)> = made
            .trained_scores
            .iter()
            .map(|score| (*score, None))
            .collect();
        write(path, Sort::Scores, |draft| sheet::write_scores(draft, &all))?;
    }
    out.show(schema::RISK_TRAIN, &shown::Training::of(&made, to), true)?;
    Ok(None)
}

fn features(
    out: &Output,
    of: &Origin,
    to: &Path,
    scores: Option<&Path>,
    model: Option<&Path>,
) -> Result<Option<Status>> {
    of.apart_from(to, scores)?;
    let rows = of.rows()?;
    sheet::write(Draft::begin(Some(to), Sort::Features)?, &rows)?.keep()?;
    if let Some(path) = scores {
        let scored = train::scores(&shipped::model(model)?, &rows);
        write(path, Sort::Scores, |draft| {
            sheet::write_scores(draft, &sheet::labelled(&scored))
        })?;
    }
    let exported = Exported {
        out: to.display().to_string(),
        source: of.said(),
        rows: rows.len(),
        frauds: rows.iter().filter(|row| row.fraud).count(),
        features: FEATURES,
    };
    out.show(schema::RISK_FEATURES, &exported, true)?;
    Ok(None)
}

/// `risk features`.
#[derive(Serialize)]
struct Exported {
    out: String,
    source: String,
    rows: usize,
    frauds: usize,
    features: usize,
}

impl fmt::Display for Exported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Exported {
            rows,
            frauds,
            features,
            ..
        } = self;
        let out = foreign::line(&self.out);
        write!(
            f,
            "{rows} requests, {frauds} of them frauds, {features} features: {out}"
        )
    }
}

fn drifted(out: &Output, training: &Path, period: &Path) -> Result<Option<Status>> {
    let (then, now) = (sheet::read_scores(training)?, sheet::read_scores(period)?);
    let told = drift::drift(&then, &now).ok_or_else(|| {
        Failure::usage("there are no scores in one of the sheets")
            .remedy("name sheets with a score in each row")
    })?;
    let status = (told.verdict == drift::Verdict::Moved).then_some(Status::Findings);
    out.show(schema::RISK_DRIFT, &told, status.is_none())?;
    Ok(status)
}
