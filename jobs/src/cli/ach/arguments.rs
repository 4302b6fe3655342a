//! What can be asked of ACH files.

use crate::ach::answers::{AnswerKind, Answers};
use crate::ach::draft::Made;
use crate::typed::day;
use clap::{Args, Subcommand, ValueEnum};
use desk::config::Config;
use desk::failure::Result;
use formats::nacha::Dialect;
use formats::nacha::ops::{Caps, Creation, Numbering};
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
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        under: Under,
    },
    /// Files for people: batches, entries, totals
    Describe {
        /// NACHA files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Hide account numbers and names
        #[arg(long)]
        mask: bool,
    },
    /// A file as lossless JSON: every field of every record, account numbers too
    Json {
        /// A NACHA file
        file: PathBuf,
    },
    /// The file behind lossless JSON
    FromJson {
        /// What `ach json` printed; `-` reads it from stdin
        file: PathBuf,
        /// Where the file goes; by default stdout
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// The rules that validate checks, and the dialects under which they weigh otherwise
    Rules(Under),
    /// Invent a file for a test: any entry class, any size, the same bytes for the same seed
    Generate(Generate),
    /// Hide who is in a file: structure, totals and faults stay, people and accounts change
    ///
    /// A control character, which no field may have, becomes a question mark in its column.
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
        #[arg(long, value_parser = day)]
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
        /// The folder the parts go into, each named for what is in it; made where it is not there
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
    pub bank: Option<PathBuf>,
    /// An arm of a dialect, as `ach rules` lists them; may be given several times
    #[arg(long = "dialect", value_name = "ARM")]
    pub arms: Vec<Arm>,
}

impl Under {
    /// The dialect that is meant.
    ///
    /// # Errors
    /// Where the profile cannot be read.
    pub fn dialect(&self) -> Result<Dialect> {
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
    pub sec: Option<SecCode>,
    /// How many entries
    #[arg(long, default_value_t = 1_000)]
    pub entries: u64,
    /// How many of them to a batch
    #[arg(long, default_value_t = 2_500)]
    pub batch: u64,
    /// Where chance begins
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Forward entries, or returns of them; by default forward, or what the defect shows in
    #[arg(long, value_enum)]
    pub kind: Option<Entries>,
    /// Plant one thing that is wrong: the id of a rule, as `ach rules` lists them
    #[arg(long, value_name = "RULE_ID")]
    pub defect: Option<String>,
    /// What ends a record
    #[arg(long, value_enum, default_value_t = Ends::Lf)]
    pub line_end: Ends,
    /// Where the file goes; by default stdout
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// What to put together, and how much of it.
#[derive(Args)]
pub struct Merge {
    /// NACHA files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The merged files' creation date
    #[arg(long, value_parser = day)]
    pub date: Date,
    /// Their creation time
    #[arg(long, default_value_t = time(6, 0, 0, 0))]
    pub time: Time,
    /// The first of their modifiers: A to Z, 0 to 9
    #[arg(long, default_value_t = 'A')]
    pub modifier: char,
    /// Lines of a file at most, records of nines among them
    #[arg(long, default_value_t = Caps::default().lines)]
    pub max_lines: u64,
    /// Entries of a file at most
    #[arg(long, default_value_t = Caps::default().entries)]
    pub max_entries: u64,
    /// Cents of a file at most, of the debits and of the credits each
    #[arg(long, default_value_t = Caps::default().cents)]
    pub max_cents: u64,
    /// The folder the merged files go into, merged-01.ach, ...; made where it is not there
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
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
pub enum Entries {
    /// What an originator sends.
    Forward,
    /// What comes back of it.
    Returns,
}

/// What ends a record of an invented file.
#[derive(Clone, Copy, ValueEnum)]
pub enum Ends {
    /// A line feed.
    Lf,
    /// A carriage return and a line feed.
    Crlf,
    /// Nothing: 94 characters are a line.
    None,
}

/// The header of the new file.
#[derive(Args)]
pub struct New {
    /// The new file's creation date
    #[arg(long, value_parser = day)]
    pub date: Date,
    /// Its creation time
    #[arg(long, default_value_t = time(6, 0, 0, 0))]
    pub time: Time,
    /// Which of the day's files it is: A to Z, 0 to 9
    #[arg(long, default_value_t = 'A')]
    pub modifier: char,
    /// The first of its trace sequence numbers
    #[arg(long, default_value_t = 1, value_name = "SEQUENCE")]
    pub first: u32,
    /// Where the file goes; by default stdout
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

impl New {
    /// When it is made; no clock is asked, so that the same call gives the same bytes.
    pub fn creation(&self) -> Creation {
        Creation {
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
    pub new: New,
    /// An answer: TRACE:CODE, and after another colon what else is to be said; for a
    /// notification of change the right data
    #[arg(
        long = "entry",
        value_name = "TRACE:CODE[:TEXT]",
        required_unless_present = "list"
    )]
    pub entries: Vec<String>,
    /// A file with an answer on each line
    #[arg(long, value_name = "FILE")]
    pub list: Option<PathBuf>,
    /// When the answer settles; by default the date
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub settled: Option<Date>,
}

impl Answered {
    /// Makes the file of the answers.
    ///
    /// # Errors
    /// Where an answer is none, or does not go with the file.
    pub fn run(self, kind: AnswerKind, file: &Path) -> Result<Made> {
        let mut answers = Answers::default();
        for text in &self.entries {
            answers.add(kind, text)?;
        }
        if let Some(list) = &self.list {
            answers.list(kind, list)?;
        }
        let settled = self.settled.unwrap_or(self.new.date);
        let numbering = Numbering {
            first_sequence: self.new.first,
            settlement_day: settled.day_of_year().unsigned_abs(),
        };
        let creation = self.new.creation();
        answers.write(file, creation, numbering, self.new.out.as_deref())
    }
}
