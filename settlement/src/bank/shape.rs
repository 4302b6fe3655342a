//! How a bank settles: data of its profile, valid from a day.
//!
//! One bank moves the money of each batch in a line of its own, another one figure a day, debits
//! less credits and returns. What was sent under one shape settles under it, also where the bank
//! has changed to another since.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What one line of the bank's is about.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// A batch.
    #[default]
    Batch,
    /// A file.
    File,
    /// A company's entries of one class and day.
    CompanyClass,
    /// A company's entries of a day.
    Company,
    /// All entries of a day.
    Day,
}

/// How the money of returns comes.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Returns {
    /// A line for each.
    #[default]
    Each,
    /// A line for the returns of one file.
    File,
    /// A line for the returns of a day.
    Day,
    /// In the settlement line of the day.
    Netted,
}

/// How one bank settles.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(deny_unknown_fields, default)]
pub struct Shape {
    /// What one line is about.
    pub by: By,
    /// Whether one figure is debits less credits; otherwise each side has its own.
    pub net: bool,
    /// Whether the money of one thing may come in several lines, on one day or several.
    pub several: bool,
    /// How the money of returns comes.
    pub returns: Returns,
    /// Whether payouts are taken when the file is delivered, not when they settle.
    pub prefunded: bool,
}

/// A shape, and the day from which it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Written")]
pub struct ShapeFrom {
    /// What is sent or received from this day on settles so; without a day, from the first.
    pub from: Option<Date>,
    /// How.
    pub shape: Shape,
}

/// A shape as profiles write it: `from` beside the fields of [`Shape`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    from: Option<Date>,
    #[serde(default)]
    by: By,
    #[serde(default)]
    net: bool,
    #[serde(default)]
    several: bool,
    #[serde(default)]
    returns: Returns,
    #[serde(default)]
    prefunded: bool,
}

impl From<Written> for ShapeFrom {
    fn from(written: Written) -> ShapeFrom {
        let Written {
            from,
            by,
            net,
            several,
            returns,
            prefunded,
        } = written;
        let shape = Shape {
            by,
            net,
            several,
            returns,
            prefunded,
        };
        ShapeFrom { from, shape }
    }
}

impl By {
    /// Its name in profiles.
    pub const fn as_str(self) -> &'static str {
        match self {
            By::Batch => "batch",
            By::File => "file",
            By::CompanyClass => "company_class",
            By::Company => "company",
            By::Day => "day",
        }
    }
}

impl Returns {
    /// Its name in profiles.
    pub const fn as_str(self) -> &'static str {
        match self {
            Returns::Each => "each",
            Returns::File => "file",
            Returns::Day => "day",
            Returns::Netted => "netted",
        }
    }
}

/// Shapes for which the order of trial matters to nobody: the simplest first.
pub const TRIED: [By; 5] = [By::Batch, By::File, By::CompanyClass, By::Company, By::Day];

impl Shape {
    /// What contradicts itself, if anything.
    pub fn contradiction(self) -> Option<&'static str> {
        if self.net && matches!(self.by, By::Batch) && self.returns == Returns::Netted {
            return Some("a line for each batch has no day's returns to net: say by = \"day\"");
        }
        if self.net && matches!(self.by, By::Batch) {
            return Some("a line for each batch has one side: leave net out, or say by = \"day\"");
        }
        if self.returns == Returns::Netted && matches!(self.by, By::Day) && !self.net {
            return Some("a day's returns are netted into one figure only: say net = true as well");
        }
        if self.prefunded && self.net {
            return Some("payouts that are taken at delivery are in no net figure of a later day");
        }
        if self.returns == Returns::Netted && matches!(self.by, By::Batch | By::File) {
            return Some("returns are netted into a day's or a company's line, not into a batch's");
        }
        None
    }

    /// The shape in words: `by day, net, returns netted`.
    pub fn in_words(self) -> String {
        let mut words = format!("by = \"{}\"", self.by.as_str());
        if self.net {
            words.push_str(", net = true");
        }
        if self.several {
            words.push_str(", several = true");
        }
        if self.returns != Returns::Each {
            words.push_str(&format!(", returns = \"{}\"", self.returns.as_str()));
        }
        if self.prefunded {
            words.push_str(", prefunded = true");
        }
        words
    }
}

/// The shape that holds for what is sent or received on `day`.
pub fn shape_on(shapes: &[ShapeFrom], day: Date) -> Shape {
    let holds = shapes
        .iter()
        .filter(|one| one.from.is_none_or(|from| from <= day));
    let newest = holds.max_by_key(|one| one.from);
    newest.map(|one| one.shape).unwrap_or_default()
}
