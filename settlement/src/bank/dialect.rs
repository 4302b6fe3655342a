//! How a bank's ACH files differ from the rules: named arms, each with a reason.
//!
//! No arm turns a check off: it makes findings of a few rules weigh less, or more, as the bank
//! itself weighs them. What an arm does to which rule stands in `formats::nacha`; sums, hashes,
//! counts and amounts are in none of them. A profile says of each arm why it holds for the bank,
//! so that whoever finds it in five years can ask whether it still does.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A way in which a bank differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arm {
    /// Files end with the file control, or with a block that is not full.
    OpenBlock,
    /// Files whose last block is not full are rejected.
    FullBlock,
    /// Blanks at the end of records are lost on the way.
    TrimmedRecords,
    /// Text may have letters outside of ASCII.
    LatinText,
    /// Text with letters outside of ASCII is rejected.
    AsciiText,
    /// A file without a batch says that there is nothing today.
    EmptyFile,
    /// Sender and receiver are named by numbers of the bank's own.
    OwnNumbers,
    /// Batches of several senders stand in one file, numbered by each.
    BatchesOfSeveral,
    /// A processor gives traces, not under the batch's bank and not in order.
    TracesOfProcessor,
    /// Controls of returns are of another service class or company than their header.
    ReturnControls,
    /// Return reasons and change codes beyond the table are in use.
    OwnReasons,
    /// Files without a future effective date are rejected.
    DatedBatches,
    /// Entries that look as if they came twice are rejected.
    NothingTwice,
}

impl Arm {
    /// All of them.
    pub const ALL: &[Arm] = &[
        Arm::OpenBlock,
        Arm::FullBlock,
        Arm::TrimmedRecords,
        Arm::LatinText,
        Arm::AsciiText,
        Arm::EmptyFile,
        Arm::OwnNumbers,
        Arm::BatchesOfSeveral,
        Arm::TracesOfProcessor,
        Arm::ReturnControls,
        Arm::OwnReasons,
        Arm::DatedBatches,
        Arm::NothingTwice,
    ];

    /// Its name in profiles and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Arm::OpenBlock => "open-block",
            Arm::FullBlock => "full-block",
            Arm::TrimmedRecords => "trimmed-records",
            Arm::LatinText => "latin-text",
            Arm::AsciiText => "ascii-text",
            Arm::EmptyFile => "empty-file",
            Arm::OwnNumbers => "own-numbers",
            Arm::BatchesOfSeveral => "batches-of-several",
            Arm::TracesOfProcessor => "traces-of-processor",
            Arm::ReturnControls => "return-controls",
            Arm::OwnReasons => "own-reasons",
            Arm::DatedBatches => "dated-batches",
            Arm::NothingTwice => "nothing-twice",
        }
    }
}

impl fmt::Display for Arm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The name is none of an [`Arm`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a dialect is one of {}", all_names())]
pub struct UnknownArm;

fn all_names() -> String {
    let names: Vec<_> = Arm::ALL.iter().map(|arm| arm.as_str()).collect();
    names.join(", ")
}

impl std::str::FromStr for Arm {
    type Err = UnknownArm;
    fn from_str(text: &str) -> Result<Arm, UnknownArm> {
        let mut all = Arm::ALL.iter().copied();
        all.find(|arm| arm.as_str() == text).ok_or(UnknownArm)
    }
}

/// An arm of a bank's dialect, and why the bank has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Habit {
    /// Which.
    pub arm: Arm,
    /// Who said so where and when: `implementation guide of March 2026, page 7`.
    pub because: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_the_ones_of_profiles() {
        for arm in Arm::ALL {
            let text = format!("arm = \"{arm}\"\nbecause = \"guide, page 7\"");
            assert_eq!(toml::from_str::<Habit>(&text).unwrap().arm, *arm);
            assert_eq!(arm.as_str().parse(), Ok(*arm));
        }
        assert!(
            toml::from_str::<Habit>("arm = \"open-block\"").is_err(),
            "no reason"
        );
        assert!("open_block".parse::<Arm>().is_err());
    }
}
