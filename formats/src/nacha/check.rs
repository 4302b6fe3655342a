//! Holds a file against the rules while it streams by, one record at a time.
//!
//! Nothing of a batch is kept but its header, its running totals and the last entry's marks, and
//! of the file what tells an entry that comes [`again`], so both may have any number of entries.
//! Records that are as they should be take the short way through [`fast`]; only where something
//! is odd is a record taken apart field by field, which is also where every finding is made. A
//! record that is wrong never stops the reading.
//!
//! Sums are checked: one that does not fit 64 bits marks its [`Tally`], and that is an error of
//! the file. Counts of records and findings stop at their largest instead, for each counted
//! record has bytes of its own and no source has as many as 64 bits count.

mod addenda;
mod again;
mod answer;
mod batch;
mod checker;
mod dates;
mod entry;
mod fast;
mod fields;
mod file;
mod header;
mod kind;
mod open;
mod tally;
mod totals;

use crate::nacha::findings::Place;
use crate::nacha::layout::{self, Layout, WIDTH};
use crate::nacha::lines::{Line, odd};
use crate::nacha::rules::Rule;
use kind::kind_of;
use settlement::codes::sec::SecCode;

pub(crate) use checker::Checker;
pub(crate) use header::{Batch, code_fits, direction_fits};
pub use kind::RecordKind;
pub(crate) use tally::{HASH_MODULUS, Tally};
pub use totals::Totals;

impl Checker {
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
    #[allow(clippy::arithmetic_side_effects, reason = "counts of records read")]
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
            RecordKind::BatchHeader => header::layout_of(text),
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
}

#[cfg(test)]
mod tests;
