//! Holds a file against the rules while it streams by, one record at a time.
//!
//! Nothing of a batch is kept but its header, its running totals and the last entry's marks, and
//! of the file what tells an entry that comes [`again`], so both may have any number of entries.
//! Records that are as they should be take the short way through [`fast`]; only where something
//! is odd is a record taken apart field by field, which is also where every finding is made. A
//! record that is wrong never stops the reading.

#![allow(clippy::arithmetic_side_effects)] // counts and sums are saturating; indices are columns

mod addenda;
mod again;
mod answer;
mod batch;
mod dates;
mod entry;
mod fast;
mod fields;
mod file;

use super::dialect::Dialect;
use super::finding::{At, Findings, Place};
use super::layout::{self, Field, Layout, WIDTH};
use super::lines::{Line, odd};
use super::rules::Rule;
use settlement::codes::sec::SecCode;
use settlement::money::Cents;

pub(crate) use batch::{Batch, code_fits, direction_fits};

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum RecordKind {
    FileHeader,
    BatchHeader,
    Entry,
    Addenda,
    BatchControl,
    FileControl,
    /// A record of nines that fills up the last block.
    Filler,
    /// A blank line or a byte order mark.
    Blank,
    /// No record of the format.
    Unknown,
}

/// What kinds of entries were seen, as bits.
pub(crate) mod category {
    pub const FORWARD: u8 = 1;
    pub const RETURN: u8 = 2;
    pub const NOC: u8 = 4;
    pub const DISHONORED: u8 = 8;
    pub const CONTESTED: u8 = 16;
    pub const ADVICE: u8 = 32;
}

/// What a file holds, counted while it was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Files in the transmission; one but for oddities.
    pub files: u64,
    /// Batches.
    pub batches: u64,
    /// Entries.
    pub entries: u64,
    /// Addenda.
    pub addenda: u64,
    /// The sum of the receiving banks' eight digits.
    pub entry_hash: u64,
    /// What the debits come to.
    pub debit: Cents,
    /// What the credits come to.
    pub credit: Cents,
    sec_codes: u32,
    categories: u8,
}

impl Totals {
    /// The entry classes seen, in alphabetical order.
    pub fn sec_codes(&self) -> impl Iterator<Item = SecCode> + '_ {
        SecCode::ALL
            .iter()
            .copied()
            .filter(|code| self.sec_codes & (1 << *code as u32) != 0)
    }

    /// What the file is: `forward`, `return`, `noc`, `dishonored`, `contested`, `advice`,
    /// `mixed`, or `empty`.
    pub const fn kind(&self) -> &'static str {
        match self.categories {
            0 => "empty",
            category::FORWARD => "forward",
            category::RETURN => "return",
            category::NOC => "noc",
            category::DISHONORED => "dishonored",
            category::CONTESTED => "contested",
            category::ADVICE => "advice",
            _ => "mixed",
        }
    }

    /// Adds a batch that was written.
    pub(crate) fn wrote(&mut self, tally: &Tally, entries: u64, sec: SecCode) {
        self.files = 1;
        self.batches = self.batches.saturating_add(1);
        self.entries = self.entries.saturating_add(entries);
        self.addenda = self
            .addenda
            .saturating_add(tally.count.saturating_sub(entries));
        self.sec_codes |= 1 << sec as u32;
        self.add(tally);
    }

    pub(crate) fn add(&mut self, tally: &Tally) {
        self.entry_hash = self.entry_hash.saturating_add(tally.hash);
        self.debit = Cents::new(self.debit.get().saturating_add(tally.debit));
        self.credit = Cents::new(self.credit.get().saturating_add(tally.credit));
    }

    /// The lower ten digits of the entry hash, as a file control states it.
    pub const fn stated_hash(&self) -> u64 {
        self.entry_hash % HASH_MODULUS
    }
}

/// Entry hashes keep their lower ten digits. Nacha Rules 2013 OR109.
pub(crate) const HASH_MODULUS: u64 = 10_000_000_000;

/// Running sums of a batch or a file.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub count: u64,
    pub hash: u64,
    pub debit: u64,
    pub credit: u64,
}

impl Tally {
    #[inline(always)]
    pub fn entry(&mut self, rdfi: u64, amount: u64, credit: bool) {
        self.count += 1;
        self.hash = self.hash.saturating_add(rdfi);
        if credit {
            self.credit = self.credit.saturating_add(amount);
        } else {
            self.debit = self.debit.saturating_add(amount);
        }
    }

    pub fn add(&mut self, other: &Tally) {
        self.count = self.count.saturating_add(other.count);
        self.hash = self.hash.saturating_add(other.hash);
        self.debit = self.debit.saturating_add(other.debit);
        self.credit = self.credit.saturating_add(other.credit);
    }
}

/// The checks' memory: the file, the batch and the entry that are open.
pub(crate) struct Checker {
    pub findings: Findings,
    pub totals: Totals,
    pub batch: Batch,
    file: file::File,
    entry: entry::Open,
    traces: again::Traces,
    payments: again::Payments,
    /// The entry before, where it said that it has no addenda.
    quiet: Option<entry::Quiet>,
    /// Errors of an entry that were found when it had all its addenda; the reader takes them.
    pub closing: u64,
    records: u64,
}

impl Checker {
    pub fn under(dialect: &Dialect) -> Checker {
        Checker {
            findings: Findings::under(dialect),
            totals: Totals::default(),
            batch: Batch::none(),
            file: file::File::default(),
            entry: entry::Open::default(),
            traces: again::Traces::default(),
            payments: again::Payments::none(),
            quiet: None,
            closing: 0,
            records: 0,
        }
    }

    /// Checks the next line and says what it is.
    #[inline(always)]
    pub fn line(&mut self, line: &Line, text: &[u8; WIDTH]) -> (RecordKind, &'static Layout) {
        if line.clean && line.odd == 0 {
            let place = Place {
                line: line.number,
                byte: line.byte,
            };
            if text[0] == b'6' && self.plain_entry(text, place) {
                return (RecordKind::Entry, self.batch.entry_layout);
            }
            if text[0] == b'7'
                && let Some(layout) = self.plain_addenda(text)
            {
                return (RecordKind::Addenda, layout);
            }
        }
        self.slowly(line, text)
    }

    #[inline(never)]
    pub(super) fn slowly(
        &mut self,
        line: &Line,
        text: &[u8; WIDTH],
    ) -> (RecordKind, &'static Layout) {
        let place = Place {
            line: line.number,
            byte: line.byte,
        };
        if line.odd & (odd::BLANK | odd::MARK) != 0 {
            let mark = line.odd & odd::MARK != 0;
            self.whole(
                if mark {
                    Rule::FileMark
                } else {
                    Rule::LineBlank
                },
                place,
                "",
            );
            return (RecordKind::Blank, layout::FILE_CONTROL);
        }
        let kind = kind_of(text);
        let layout = self.layout_of(kind, text);
        self.shape(line, text, place, layout.id);
        if kind != RecordKind::Addenda {
            self.close_entry();
            self.quiet = None;
        }
        self.records += 1;
        if kind != RecordKind::FileHeader && kind != RecordKind::Filler {
            self.in_file(place, layout.id);
        }
        if !matches!(kind, RecordKind::Filler | RecordKind::Unknown) {
            self.file.records += 1;
        }
        match kind {
            RecordKind::FileHeader => self.file_header(text, place),
            RecordKind::BatchHeader => self.batch_header(text, place, layout),
            RecordKind::Entry => self.entry_detail(text, place, layout),
            RecordKind::Addenda => self.addenda(text, place, layout),
            RecordKind::BatchControl => self.batch_control(text, place, layout),
            RecordKind::FileControl => self.file_control(text, place, layout),
            RecordKind::Filler => self.filler(text, place),
            RecordKind::Blank | RecordKind::Unknown => {
                self.whole(Rule::RecordUnknown, place, "");
            }
        }
        (kind, layout)
    }

    /// Ends the file: what is still open is closed, what is missing is found.
    pub fn finish(&mut self, end: Place) {
        self.close_entry();
        if self.records == 0 {
            self.whole(Rule::FileEmpty, end, "");
            return;
        }
        self.leave_batch(end);
        self.end_of_file(end);
    }

    fn layout_of(&self, kind: RecordKind, text: &[u8; WIDTH]) -> &'static Layout {
        let adv = self.batch.sec == Some(SecCode::Adv);
        match kind {
            RecordKind::FileHeader => layout::FILE_HEADER,
            RecordKind::BatchHeader => batch::layout_of(text),
            RecordKind::Entry => self.batch.entry_layout,
            RecordKind::Addenda => addenda::layout_of(text, self.batch.sec, self.batch.iat),
            RecordKind::BatchControl if adv => layout::BATCH_CONTROL_ADV,
            RecordKind::BatchControl => layout::BATCH_CONTROL,
            RecordKind::FileControl if self.file.adv => layout::FILE_CONTROL_ADV,
            _ => layout::FILE_CONTROL,
        }
    }

    /// What is odd about the line itself and its characters.
    fn shape(&mut self, line: &Line, text: &[u8; WIDTH], place: Place, record: &'static str) {
        let oddities = [
            (odd::SHORT, Rule::LineShort),
            (odd::LONG, Rule::LineLong),
            (odd::TRAILING, Rule::LineTrailing),
            (odd::UTF8, Rule::CharsUtf8),
            (odd::END, Rule::LineEnds),
        ];
        for (bit, rule) in oddities {
            if line.odd & bit != 0 {
                self.whole(rule, place, record);
            }
        }
        if line.clean {
            return;
        }
        let control = text.iter().position(|b| *b < 0x20 || *b == 0x7F);
        let wide = text.iter().position(|b| *b > 0x7F);
        if let Some(at) = control {
            self.column(Rule::CharsControl, place, record, at);
        }
        if let Some(at) = wide {
            self.column(Rule::CharsNotAscii, place, record, at);
        }
    }

    // ------------------------------------------------------------------ how findings are made

    /// A finding about a whole record or file.
    fn whole(&mut self, rule: Rule, place: Place, record: &'static str) {
        let at = At {
            rule,
            place,
            column: 1,
            record,
            field: "",
        };
        self.findings.add(at, || rule.row().reason.to_owned());
    }

    fn column(&mut self, rule: Rule, place: Place, record: &'static str, at: usize) {
        let column = u32::try_from(at).unwrap_or(0).saturating_add(1);
        let at = At {
            rule,
            place,
            column,
            record,
            field: "",
        };
        self.findings.add(at, || rule.row().reason.to_owned());
    }

    /// A finding about a field, `more` said after the rule's reason.
    fn field(
        &mut self,
        rule: Rule,
        place: Place,
        (layout, name): (&'static Layout, &'static str),
        more: impl FnOnce() -> String,
    ) {
        let column = layout.field(name).map_or(1, |f| f.start);
        let column = u32::try_from(column).unwrap_or(1);
        let at = At {
            rule,
            place,
            column,
            record: layout.id,
            field: name,
        };
        self.findings.add(at, || {
            let more = more();
            let colon = if more.is_empty() { "" } else { ": " };
            format!("{}{colon}{more}", rule.row().reason)
        });
    }

    fn plain_field(
        &mut self,
        rule: Rule,
        place: Place,
        layout: &'static Layout,
        name: &'static str,
    ) {
        self.field(rule, place, (layout, name), String::new);
    }
}

/// The columns of a field that the layout is known to have.
fn get<'a>(layout: &Layout, name: &str, text: &'a [u8; WIDTH]) -> &'a [u8] {
    layout.field(name).map_or(&[], |f: &Field| f.of(text))
}

/// What a record is, by its first column. Records of nines are the filler.
fn kind_of(text: &[u8; WIDTH]) -> RecordKind {
    match text[0] {
        b'1' => RecordKind::FileHeader,
        b'5' => RecordKind::BatchHeader,
        b'6' => RecordKind::Entry,
        b'7' => RecordKind::Addenda,
        b'8' => RecordKind::BatchControl,
        b'9' if text.trim_ascii_end().iter().all(|b| *b == b'9') => RecordKind::Filler,
        b'9' => RecordKind::FileControl,
        _ => RecordKind::Unknown,
    }
}

#[cfg(test)]
mod tests;
