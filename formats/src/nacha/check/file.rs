//! The file: header, control, filler, and what lies outside.

use crate::nacha::check::checker::Checker;
use crate::nacha::check::open::File;
use crate::nacha::check::tally::HASH_MODULUS;
use crate::nacha::digits::{long_number, number};
use crate::nacha::findings::Place;
use crate::nacha::layout::{FILE_CONTROL, FILE_HEADER, Layout, WIDTH};
use crate::nacha::records::date;
use crate::nacha::rules::Rule;
use settlement::exact::Exact;

/// Records to a block. Nacha Rules 2013 OR66.
const BLOCK: u64 = 10;

impl Checker {
    pub(super) fn file_header(&mut self, text: &[u8; WIDTH], place: Place) {
        self.leave_batch(place);
        if self.file.control.is_some() {
            self.end_of_file(place);
            self.whole(Rule::FileAnother, place, FILE_HEADER.id);
            self.file = File::default();
            self.file.records = 1;
        } else if self.file.header {
            self.whole(Rule::FileHeaderAgain, place, FILE_HEADER.id);
        }
        self.file.header = true;
        self.file.missing_header = false;
        self.totals.files = self.totals.files.plus(1);
        self.fields(FILE_HEADER, text, place);
        self.file.created = date(FILE_HEADER.value("file_creation_date", text));
        for name in ["immediate_destination", "immediate_origin"] {
            let routing = FILE_HEADER.value(name, text).trim_ascii();
            let digits = number(routing).is_some();
            let odd = match routing.len() {
                9 if digits => !check_holds(routing),
                _ => name == "immediate_destination" && !digits,
            };
            if odd {
                self.plain_field(Rule::FieldRouting, place, FILE_HEADER, name);
            }
        }
    }

    /// Every record but a header must be inside of a file.
    pub(super) fn in_file(&mut self, place: Place, record: &'static str) {
        if self.file.control.is_some() {
            if !self.file.after {
                self.whole(Rule::FileAfter, place, record);
            }
            self.file.after = true;
        } else if !self.file.header && !self.file.missing_header {
            self.file.missing_header = true;
            self.totals.files = self.totals.files.plus(1);
            self.whole(Rule::FileNoHeader, place, record);
        }
    }

    pub(super) fn file_control(
        &mut self,
        text: &[u8; WIDTH],
        place: Place,
        layout: &'static Layout,
    ) {
        self.leave_batch(place);
        self.fields(layout, text, place);
        let tally = self.file.tally;
        let totals = [
            ("batch_count", Rule::TotalBatches, self.file.batches),
            ("entry_addenda_count", Rule::TotalCount, tally.count),
            ("entry_hash", Rule::TotalHash, tally.hash % HASH_MODULUS),
            ("total_debit_amount", Rule::TotalDebit, tally.debit),
            ("total_credit_amount", Rule::TotalCredit, tally.credit),
        ];
        for (name, rule, counted) in totals {
            self.stated(text, place, (layout, name), rule, counted);
        }
        if self.file.micro.debit > self.file.micro.credit {
            self.whole(Rule::FileMicro, place, layout.id);
        }
        if self.file.batches == 0 {
            self.whole(Rule::FileNoBatch, place, layout.id);
        }
        let blocks = number(layout.value("block_count", text));
        self.file.control.get_or_insert((blocks, place, layout));
    }

    /// Holds a stated total against the counted one. Not digits is another rule's finding.
    pub(super) fn stated(
        &mut self,
        text: &[u8; WIDTH],
        place: Place,
        (layout, name): (&'static Layout, &'static str),
        rule: Rule,
        counted: u64,
    ) {
        let Some(stated) = long_number(layout.value(name, text)) else {
            return;
        };
        if stated != u128::from(counted) {
            self.field(rule, place, (layout, name), || {
                format!("stated {stated}, counted {counted}")
            });
        }
    }

    pub(super) fn filler(&mut self, text: &[u8; WIDTH], place: Place) {
        if text.contains(&b' ') {
            self.whole(Rule::FileFillerWidth, place, FILE_CONTROL.id);
        }
        if self.file.control.is_none() {
            self.in_file(place, FILE_CONTROL.id);
            self.whole(Rule::FileFillerEarly, place, FILE_CONTROL.id);
        }
        self.file.filler = self.file.filler.plus(1);
    }

    /// What can only be said when a file is over: blocks and filler.
    pub(super) fn end_of_file(&mut self, end: Place) {
        let (records, filler) = (self.file.records, self.file.filler);
        let Some((blocks, place, layout)) = self.file.control else {
            self.whole(Rule::FileNoControl, end, FILE_CONTROL.id);
            return;
        };
        let bare = records.div_ceil(BLOCK);
        let filled = records.plus(filler).div_ceil(BLOCK);
        if let Some(stated) = blocks
            && stated != bare
            && stated != filled
        {
            self.field(Rule::TotalBlocks, place, (layout, "block_count"), || {
                format!("stated {stated}, counted {filled}")
            });
        }
        if !records.plus(filler).is_multiple_of(BLOCK) {
            self.field(Rule::FileFiller, place, (layout, ""), || {
                format!("{records} records and {filler} of nines")
            });
        }
    }
}

/// Whether the ninth digit is the check digit of the first eight.
pub(super) fn check_holds(routing: &[u8]) -> bool {
    let Some((dfi, check)) = routing.split_at_checked(8) else {
        return false;
    };
    let Some(dfi) = number(dfi).and_then(|n| u32::try_from(n).ok()) else {
        return false;
    };
    number(check) == Some(u64::from(settlement::ids::check_digit(dfi)))
}
