//! What is not the same in two files, field by field, and how it is said.

use crate::nacha::layout::{Layout, Privacy, WIDTH};
use crate::nacha::records::latin;
use serde::Serialize;
use settlement::foreign;
use std::fmt;

/// Which of the two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The first.
    Left,
    /// The second.
    Right,
}

/// A field that is not the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldDifference {
    /// The record: `6.PPD`, `7.05`.
    pub record: &'static str,
    /// Which of the entry's addenda, from 1; of other records 0.
    pub addenda: usize,
    /// The field.
    pub field: &'static str,
    /// What the first file has; `None` where it must not be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<String>,
    /// What the second file has; `None` where it must not be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub right: Option<String>,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Difference {
    /// The file headers.
    FileHeader {
        /// What is not the same in them.
        fields: Vec<FieldDifference>,
    },
    /// The headers of two batches that have an entry in common.
    BatchHeader {
        /// The line of the one.
        left: u64,
        /// The line of the other.
        right: u64,
        /// What is not the same in them.
        fields: Vec<FieldDifference>,
    },
    /// An entry that only one file has.
    Only {
        /// Which file.
        side: Side,
        /// The entry's trace, or what stands in its columns.
        trace: String,
        /// Its line.
        line: u64,
    },
    /// An entry that both have, not the same.
    Entry {
        /// Its trace.
        trace: String,
        /// Its line in the first file.
        left: u64,
        /// Its line in the second.
        right: u64,
        /// What is not the same.
        fields: Vec<FieldDifference>,
    },
    /// Every entry and header is the same, but a control or a record outside of entries is not.
    Rest,
}

/// A record and its layout.
pub(super) type Seen<'a> = (&'a [u8; WIDTH], &'static Layout);

/// The fields in which two records differ.
pub(super) fn compare(
    left: Seen<'_>,
    right: Seen<'_>,
    addenda: usize,
    into: &mut Vec<FieldDifference>,
) {
    if left.1.id != right.1.id {
        into.push(FieldDifference {
            record: left.1.id,
            addenda,
            field: "record",
            left: Some(left.1.id.to_owned()),
            right: Some(right.1.id.to_owned()),
        });
        return;
    }
    for field in left.1.fields {
        let (one, two) = (field.value(left.0), field.value(right.0));
        if one == two {
            continue;
        }
        let open = field.privacy() == Privacy::Open;
        let shown = |value: &[u8]| open.then(|| latin(value.trim_ascii_end()).into_owned());
        into.push(FieldDifference {
            record: left.1.id,
            addenda,
            field: field.name,
            left: shown(one),
            right: shown(two),
        });
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = match self {
            Difference::FileHeader { fields } => {
                write!(f, "file header:")?;
                fields
            }
            Difference::BatchHeader {
                left,
                right,
                fields,
            } => {
                write!(f, "batch header, lines {left} and {right}:")?;
                fields
            }
            Difference::Only { side, trace, line } => {
                let side = match side {
                    Side::Left => "first",
                    Side::Right => "second",
                };
                let trace = foreign::line(trace);
                return write!(f, "entry {trace}: only in the {side} file, line {line}");
            }
            Difference::Entry {
                trace,
                left,
                right,
                fields,
            } => {
                let trace = foreign::line(trace);
                write!(f, "entry {trace}, lines {left} and {right}:")?;
                fields
            }
            Difference::Rest => {
                return f.write_str(
                    "the entries are the same, a control or a record outside of entries is not",
                );
            }
        };
        for (at, field) in fields.iter().enumerate() {
            let comma = if at == 0 { " " } else { ", " };
            write!(f, "{comma}{field}")?;
        }
        Ok(())
    }
}

impl fmt::Display for FieldDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.addenda > 0 {
            write!(f, "addenda {} ", self.addenda)?;
        }
        match (&self.left, &self.right) {
            (Some(left), Some(right)) => {
                let (left, right) = (foreign::line(left), foreign::line(right));
                write!(f, "{} \"{left}\" and \"{right}\"", self.field)
            }
            _ => write!(f, "{} (not shown)", self.field),
        }
    }
}
