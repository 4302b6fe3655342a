//! `tieout ach`: ACH files for people and for programs.

use super::output::Output;
use crate::ach;
use crate::ach::answers::{AnswerKind, Answers};
use crate::ach::draft::Made;
use crate::ach::make::{self, NewFile};
use crate::ach::several;
use clap::{Args, Subcommand, ValueEnum};
use desk::config::Config;
use desk::failure::{Failure, Result, Status};
use formats::nacha::generate::{Defect, Plan};
use formats::nacha::ops::{By, Caps};
use formats::nacha::{Dialect, LineEnd, WriterOptions};
use jiff::civil::{Date, Time, time};
use settlement::bank::dialect::Arm;
use settlement::codes::sec::SecCode;
use std::path::{Path, PathBuf};

/// What can be done with ACH files.
#[derive(Subcommand)]
pub enum Command {
    /// Check files against every rule: findings with line, column and field
    Validate {
        /// NACHA files; `-` is stdin
        #[arg(required = true)]
        files: Vec<PathBuf>,
        #[command(flatten)]
        under: Under,
    },
    /// Files for people: batches, entries, totals
    Describe {
        /// NACHA files
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Hide account numbers and names
        #[arg(long)]
        mask: bool,
    },
    /// A file as lossless JSON
    Json {
        /// A NACHA file
        file: PathBuf,
    },
    /// The file behind lossless JSON
    FromJson {
        /// What `ach json` printed; `-` reads it from stdin
        file: PathBuf,
    },
    /// The rules that validate checks, and the dialects under which they weigh otherwise
    Rules(Under),
    /// Invent a file for a test: any entry class, any size, the same bytes for the same seed
    Generate(Generate),
    /// Hide who is in a file: structure, totals and faults stay, people and accounts change
    Mask {
        /// A NACHA file
        file: PathBuf,
        /// A file with a key of 32 hexadecimal digits: the same key, the same replacements; by
        /// default a key is drawn and thrown away
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// Where the masked file goes; by default stdout
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Take the entries of a file back: own batches REVERSAL, the opposite direction
    Reverse {
        /// A NACHA file
        file: PathBuf,
        #[command(flatten)]
        new: New,
        /// When the reversal should settle; by default the date
        #[arg(long)]
        effective: Option<Date>,
    },
    /// Two files entry by entry, by trace, with the names of the fields that differ
    Diff {
        /// A NACHA file
        left: PathBuf,
        /// Another one
        right: PathBuf,
        /// How many differences are listed; all are counted
        #[arg(long, default_value_t = 100)]
        most: u64,
    },
    /// Put files together under caps; a bad file or one given twice is put aside
    Merge(Merge),
    /// Take a file apart
    Split {
        /// A NACHA file without errors
        file: PathBuf,
        /// What goes together
        #[arg(long, value_enum)]
        by: Together,
        /// The folder the parts go into; each is named for what is in it
        #[arg(long, value_name = "FOLDER")]
        out: PathBuf,
    },
    /// Make the return file for entries of a file, as their bank would
    Return {
        /// The NACHA file that is answered
        file: PathBuf,
        #[command(flatten)]
        answered: Answered,
    },
    /// Make the file of notifications of change for entries of a file
    Noc {
        /// The NACHA file that is answered
        file: PathBuf,
        #[command(flatten)]
        answered: Answered,
    },
}

/// How the bank weighs the rules.
#[derive(Args)]
pub struct Under {
    /// A bank profile: findings weigh as its dialect says
    #[arg(long, value_name = "PROFILE")]
    bank: Option<PathBuf>,
    /// An arm of a dialect, as `ach rules` lists them; may be given several times
    #[arg(long = "dialect", value_name = "ARM")]
    arms: Vec<Arm>,
}

impl Under {
    fn dialect(&self) -> Result<Dialect> {
        let bank = self.bank.as_deref().map(Config::bank).transpose()?;
        let habits = bank.iter().flat_map(|bank| &bank.dialect);
        let arms = habits.map(|habit| habit.arm);
        Ok(Dialect::of(arms.chain(self.arms.iter().copied())))
    }
}

/// The file to invent.
#[derive(Args)]
pub struct Generate {
    /// The entry class; by default PPD, or the one in which the defect shows
    #[arg(long)]
    sec: Option<SecCode>,
    /// How many entries
    #[arg(long, default_value_t = 1_000)]
    entries: u64,
    /// How many of them to a batch
    #[arg(long, default_value_t = 2_500)]
    batch: u64,
    /// Where chance begins
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Forward entries, or returns of them; by default forward, or what the defect shows in
    #[arg(long, value_enum)]
    kind: Option<Entries>,
    /// Plant one thing that is wrong: the id of a rule, as `ach rules` lists them
    #[arg(long, value_name = "RULE_ID")]
    defect: Option<String>,
    /// What ends a record
    #[arg(long, value_enum, default_value_t = Ends::Lf)]
    line_end: Ends,
    /// Where the file goes; by default stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What to put together, and how much of it.
#[derive(Args)]
pub struct Merge {
    /// NACHA files
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The merged files' creation date
    #[arg(long)]
    date: Date,
    /// Their creation time
    #[arg(long, default_value_t = time(6, 0, 0, 0))]
    time: Time,
    /// The first of their modifiers: A to Z, 0 to 9
    #[arg(long, default_value_t = 'A')]
    modifier: char,
    /// Lines of a file at most, records of nines among them
    #[arg(long, default_value_t = Caps::default().lines)]
    max_lines: u64,
    /// Entries of a file at most
    #[arg(long, default_value_t = Caps::default().entries)]
    max_entries: u64,
    /// Cents of a file at most, of the debits and of the credits each
    #[arg(long, default_value_t = Caps::default().cents)]
    max_cents: u64,
    /// The folder the merged files go into: merged-01.ach, merged-02.ach, ...
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

/// What goes together when a file is split.
#[derive(Clone, Copy, ValueEnum)]
pub enum Together {
    /// Credits, and debits
    Direction,
    /// Each batch
    Batch,
    /// Each entry class
    Sec,
}

/// What the entries of an invented file are.
#[derive(Clone, Copy, ValueEnum)]
enum Entries {
    Forward,
    Returns,
}

/// What ends a record of an invented file.
#[derive(Clone, Copy, ValueEnum)]
enum Ends {
    Lf,
    Crlf,
    None,
}

/// The header of the new file.
#[derive(Args)]
pub struct New {
    /// The new file's creation date
    #[arg(long)]
    date: Date,
    /// Its creation time
    #[arg(long, default_value_t = time(6, 0, 0, 0))]
    time: Time,
    /// Which of the day's files it is: A to Z, 0 to 9
    #[arg(long, default_value_t = 'A')]
    modifier: char,
    /// The first of its trace sequence numbers
    #[arg(long, default_value_t = 1, value_name = "SEQUENCE")]
    first: u32,
    /// Where the file goes; by default stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl New {
    fn file(&self) -> NewFile {
        NewFile {
            date: self.date,
            time: self.time,
            modifier: u8::try_from(self.modifier).unwrap_or(b' '),
        }
    }
}

/// Which entries are answered how.
#[derive(Args)]
pub struct Answered {
    #[command(flatten)]
    new: New,
    /// An answer: TRACE:CODE, and after another colon what else is to be said; for a
    /// notification of change the right data
    #[arg(
        long = "entry",
        value_name = "TRACE:CODE[:TEXT]",
        required_unless_present = "list"
    )]
    entries: Vec<String>,
    /// A file with an answer on each line
    #[arg(long, value_name = "FILE")]
    list: Option<PathBuf>,
    /// When the answer settles; by default the date
    #[arg(long, value_name = "DATE")]
    settled: Option<Date>,
}

impl Answered {
    fn run(self, kind: AnswerKind, file: &Path) -> Result<Made> {
        let mut answers = Answers::default();
        for text in &self.entries {
            answers.add(kind, text)?;
        }
        if let Some(list) = &self.list {
            answers.list(kind, list)?;
        }
        let settled = (self.settled.unwrap_or(self.new.date), self.new.first);
        answers.write(file, self.new.file(), settled, self.new.out.as_deref())
    }
}

/// Runs one of them.
///
/// # Errors
/// Where a file cannot be read.
pub fn run(command: Command, out: &Output) -> Result<Option<Status>> {
    match command {
        Command::Validate { files, under } => {
            let report = ach::validate(&files, &under.dialect()?);
            print(out, &report)?;
            Ok(report.status())
        }
        Command::Describe { files, mask } => ach::describe(&files, mask),
        Command::Json { file } => ach::json(&file),
        Command::FromJson { file } => ach::from_json(&file),
        Command::Rules(under) => {
            let dialect = under.dialect()?;
            if out.json {
                out.json(&ach::rules(&dialect))?
            } else {
                out.text(&ach::rules_text(&dialect))?
            }
            Ok(None)
        }
        Command::Generate(generate) => made(out, &invent(&generate)?),
        Command::Mask { file, key, out: to } => masked(out, &file, key.as_deref(), to.as_deref()),
        Command::Reverse {
            file,
            new,
            effective,
        } => {
            let when = (effective.unwrap_or(new.date), new.first);
            reversed(out, &file, &new, when)
        }
        Command::Diff { left, right, most } => {
            let diff = several::diff(&left, &right, most)?;
            print(out, &diff)?;
            Ok(diff.status())
        }
        Command::Merge(merge) => {
            let merged = put_together(&merge)?;
            print(out, &merged)?;
            Ok(merged.status())
        }
        Command::Split { file, by, out: to } => {
            let by = match by {
                Together::Direction => By::Direction,
                Together::Batch => By::Batch,
                Together::Sec => By::Sec,
            };
            let made = several::split(&file, by, &to)?;
            if out.json {
                out.json(&made)?;
            } else {
                made.iter()
                    .try_for_each(|made| out.text(&made.to_string()))?;
            }
            Ok(None)
        }
        Command::Return { file, answered } => made(out, &answered.run(AnswerKind::Return, &file)?),
        Command::Noc { file, answered } => made(out, &answered.run(AnswerKind::Change, &file)?),
    }
}

fn print(out: &Output, document: &(impl serde::Serialize + std::fmt::Display)) -> Result<()> {
    if out.json {
        out.json(document)
    } else {
        out.text(&document.to_string())
    }
}

/// Masks a file; its faults stay, and are said.
fn masked(
    out: &Output,
    file: &Path,
    key: Option<&Path>,
    to: Option<&Path>,
) -> Result<Option<Status>> {
    let key = key.map(make::key).transpose()?;
    let (masked, errors) = make::mask(file, key, to)?;
    made(out, &masked)?;
    if errors == 0 {
        return Ok(None);
    }
    let file = file.display();
    let why = "masked with them, `ach validate` names them";
    Err(Failure::findings(format!("{file}: {errors} errors; {why}")))
}

/// Takes a file back; that some of it was a reversal itself is said.
fn reversed(out: &Output, file: &Path, new: &New, when: (Date, u32)) -> Result<Option<Status>> {
    let (reversed, again) = make::reverse(file, new.file(), when, new.out.as_deref())?;
    made(out, &reversed)?;
    let Some(line) = again else {
        return Ok(None);
    };
    let file = file.display();
    let why = "a reversal itself: what it took back goes again; is that what you want?";
    Err(Failure::findings(format!(
        "{file}: line {line} is in a batch that is {why}"
    )))
}

fn put_together(merge: &Merge) -> Result<several::Merge> {
    let new = NewFile {
        date: merge.date,
        time: merge.time,
        modifier: u8::try_from(merge.modifier).unwrap_or(b' '),
    };
    let caps = Caps {
        lines: merge.max_lines,
        entries: merge.max_entries,
        cents: merge.max_cents,
    };
    several::merge(&merge.files, new, caps, &merge.out)
}

fn invent(generate: &Generate) -> Result<Made> {
    let line_end = match generate.line_end {
        Ends::Lf => LineEnd::Lf,
        Ends::Crlf => LineEnd::CrLf,
        Ends::None => LineEnd::None,
    };
    let defect = generate.defect.as_deref().map(|id| {
        let why = "no such defect can be planted, `ach rules` lists the ids";
        Defect::of_rule(id).ok_or_else(|| Failure::usage(format!("{id}: {why}")))
    });
    let defect = defect.transpose()?;
    let shown = defect.map_or((SecCode::Ppd, false), |d| (d.sec, d.returns));
    let plan = Plan {
        sec: generate.sec.unwrap_or(shown.0),
        entries: generate.entries,
        batch: generate.batch,
        seed: generate.seed,
        returns: generate
            .kind
            .map_or(shown.1, |kind| matches!(kind, Entries::Returns)),
        options: WriterOptions { line_end },
    };
    make::invent(&plan, defect, generate.out.as_deref())
}

/// Says what was made; where the file itself went to stdout, nothing else goes there.
fn made(out: &Output, made: &Made) -> Result<Option<Status>> {
    if !made.path.is_empty() {
        if out.json {
            out.json(made)?;
        } else {
            out.text(&made.to_string())?;
        }
    }
    Ok(None)
}
