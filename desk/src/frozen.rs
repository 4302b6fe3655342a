//! Frozen cuts: what was decided once and is only read from then on.

use crate::failure::{Result, too_large};
use crate::part::Part;
use crate::records::{Record, Source, list};
use connectors::Name;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use settlement::archive::Hash256;
use settlement::codes::sec::SecCode;
use settlement::ids::{BatchKey, CutId, Direction, TraceNumber};
use settlement::money::Cents;
use settlement::payment::Side;
use settlement::windows::Window;
use std::collections::BTreeMap;

/// One cut, frozen: its membership, its traces and the shape of its files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenCut {
    /// Its place in the chain of its bank's cuts.
    pub seq: u64,
    /// What its payments were claimed as.
    pub cut: CutId,
    /// The business date.
    pub date: Date,
    /// The window.
    pub window: Window,
    /// The last trace sequence before this cut.
    pub first_after: u32,
    /// The last trace sequence of this cut.
    pub last_sequence: u32,
    /// What the file headers say of the bank and of us, as agreed when it was frozen.
    pub header: FrozenHeader,
    /// Payments that no window will ever take as things stand, by reason.
    pub stuck: BTreeMap<String, Stuck>,
    /// Its entries; none where nothing waited.
    pub entries: Option<Part>,
    /// Who receives them, as it was written when the cut was frozen: rows may be forgotten since.
    /// None in a record of before version 5, whose entries have the names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<Part>,
    /// Its files.
    pub files: Vec<FrozenFile>,
    /// The cut before it in the chain; none for the first, and in a record of before version 3.
    #[serde(default)]
    pub previous: Option<Source>,
}

/// The file header's texts and the time of day, frozen with the cut: a profile that changes later
/// changes no file of the past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenHeader {
    /// Ten characters.
    pub destination: String,
    /// At most 23.
    pub destination_name: String,
    /// Ten characters.
    pub origin: String,
    /// At most 23.
    pub origin_name: String,
    /// The file creation time, Eastern.
    pub time: jiff::civil::Time,
    /// How records end.
    pub line_end: settlement::bank::LineEnd,
    /// The account that offset entries balance to, its number but for the last four hidden.
    pub account: String,
}

/// One file of a frozen cut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenFile {
    /// The object it is rendered to.
    pub name: Name,
    /// What the bank sees it as.
    pub at_bank: String,
    /// File id modifier.
    pub modifier: char,
    /// Its batches in order.
    pub batches: Vec<FrozenBatch>,
    /// Its bytes; none in a record of before version 3, whose files are rendered again to be
    /// compared.
    #[serde(default)]
    pub content: Option<Content>,
}

/// The bytes of a file by length and hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// How many.
    pub size: u64,
    /// Their SHA-256.
    pub sha256: Hash256,
}

/// One batch of a frozen file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenBatch {
    /// Its name.
    pub key: BatchKey,
    /// Key of the originator in the bank profile.
    pub originator: String,
    /// The company as it was agreed when the batch was frozen.
    pub company: Company,
    /// The entry class.
    pub sec: SecCode,
    /// Company entry description.
    pub description: String,
    /// Credits or debits, or both.
    pub side: Option<Direction>,
    /// Effective entry date.
    pub effective: Date,
    /// The banking day on which it should settle.
    pub settles_on: Date,
    /// Payments' entries, the offset not counted.
    pub entries: u64,
    /// Sum of its debit entries, the offset included.
    pub debits: Cents,
    /// Sum of its credit entries, the offset included.
    pub credits: Cents,
    /// The balancing entry.
    pub offset: Option<FrozenOffset>,
    /// The list of its payments; none in a record of before version 4, whose entries say who they
    /// are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<Source>,
}

/// The company of a batch header.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Company {
    /// Company name. NACHA batch header, positions 5-20.
    pub name: String,
    /// Company discretionary data, positions 21-40.
    pub discretionary: String,
    /// Company identification, positions 41-50.
    pub id: String,
}

/// Payments that wait in vain for one reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stuck {
    /// How many.
    pub payments: u64,
    /// Their cents.
    pub cents: Cents,
}

/// The entry that balances a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenOffset {
    /// Its trace.
    pub trace: TraceNumber,
    /// Its transaction code.
    pub code: u8,
    /// How much.
    pub amount: Cents,
}

impl FrozenFile {
    /// How many payments' entries it carries.
    pub fn entries(&self) -> u64 {
        self.batches.iter().map(|b| b.entries).sum()
    }
}

impl FrozenFile {
    /// What anybody counts in it: entries, debits and credits, the balancing entries included.
    pub fn totals(&self) -> (u64, u64, u64) {
        let add = |a: (u64, u64, u64), b: (u64, u64, u64)| (a.0 + b.0, a.1 + b.1, a.2 + b.2);
        let batches = self.batches.iter().map(FrozenBatch::totals);
        batches.fold((0, 0, 0), add)
    }
}

impl FrozenCut {
    /// Whether a trace of this sequence can be in it. The sequence starts again after its last
    /// number, and a cut may be on both sides of that.
    pub const fn may_hold(&self, sequence: u32) -> bool {
        let (after, last) = (self.first_after, self.last_sequence);
        match after <= last {
            true => after < sequence && sequence <= last,
            false => after < sequence || sequence <= last,
        }
    }
}

impl FrozenBatch {
    /// Its sides: the directions in which its payments go.
    pub fn sides(&self) -> impl Iterator<Item = Side> {
        let both = [Direction::Credit, Direction::Debit].into_iter();
        let (batch, of) = (self.key, self.side);
        let ours = both.filter(move |direction| of.is_none_or(|side| side == *direction));
        ours.map(move |direction| Side { batch, direction })
    }

    /// What anybody counts in it: entries, debits and credits, the balancing entry included.
    pub fn totals(&self) -> (u64, u64, u64) {
        let entries = self.entries + u64::from(self.offset.is_some());
        (entries, self.debits.get(), self.credits.get())
    }

    /// What the bank should move on our account for one direction of it: the payments' entries,
    /// not the entry that balances them.
    pub fn side(&self, direction: Direction) -> Cents {
        let total = match direction {
            Direction::Credit => self.credits,
            Direction::Debit => self.debits,
        };
        let larger = self.side.is_none_or(|side| side == direction);
        match &self.offset {
            Some(_) if !larger => Cents::ZERO,
            _ => total,
        }
    }
}

impl Stuck {
    /// Counts one more.
    ///
    /// # Errors
    /// Where the sum does not fit.
    pub fn add(&mut self, amount: Cents) -> Result<()> {
        let sum = self.cents.checked_add(amount);
        self.cents = sum.ok_or_else(|| too_large("payments that wait in vain"))?;
        self.payments += 1;
        Ok(())
    }
}

impl Record for FrozenCut {
    const VERSION: u32 = 5;
    const CHECKED_FROM: u32 = 3;

    fn forward(from: u32, document: &mut Value) {
        if from > 1 {
            return;
        }
        document
            .get_mut("entries")
            .into_iter()
            .for_each(Part::forward);
        let stuck = document.get_mut("stuck").and_then(Value::as_object_mut);
        for sum in stuck.into_iter().flat_map(Map::values_mut) {
            *sum = json!({ "payments": sum[0], "cents": sum[1] });
        }
        for file in list(document, "files") {
            for company in list(file, "batches").filter_map(|batch| batch.get_mut("company")) {
                *company = json!({
                    "name": company[0], "discretionary": company[1], "id": company[2],
                });
            }
        }
    }
}
