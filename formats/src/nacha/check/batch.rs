//! The batch: its header and its control, held against what stands between them.

use crate::nacha::check::checker::Checker;
use crate::nacha::check::header::Batch;
use crate::nacha::check::tally::HASH_MODULUS;
use crate::nacha::check::totals::category;
use crate::nacha::digits::{is_blank, number};
use crate::nacha::findings::Place;
use crate::nacha::layout::{self, BATCH_HEADER_IAT, Layout, WIDTH};
use crate::nacha::records::is_void;
use crate::nacha::rules::Rule;
use settlement::codes::descriptions::reserved;
use settlement::codes::sec::SecCode;
use settlement::exact::Exact;

impl Checker {
    pub(super) fn batch_header(
        &mut self,
        text: &[u8; WIDTH],
        place: Place,
        layout: &'static Layout,
    ) {
        self.leave_batch(place);
        self.batch = Batch::begin(text, place, layout);
        self.file.batches = self.file.batches.plus(1);
        self.totals.batches = self.totals.batches.plus(1);
        self.fields(layout, text, place);
        match self.batch.sec {
            Some(sec) => {
                self.totals.sec_codes |= 1 << sec as u32;
                self.file.adv |= sec == SecCode::Adv;
                self.class_fits(sec, place, layout);
                self.words_fit(sec, text, place, layout);
            }
            None => self.plain_field(Rule::BatchSec, place, layout, "standard_entry_class_code"),
        }
        for name in [
            "company_name",
            "company_identification",
            "company_entry_description",
        ] {
            let value = layout.value(name, text);
            if !value.is_empty() && is_void(value) && value.contains(&b'0') {
                self.plain_field(Rule::BatchBlank, place, layout, name);
            }
        }
        self.numbers_fit(text, place, layout);
        self.dates_fit(text, place, layout);
    }

    fn class_fits(&mut self, sec: SecCode, place: Place, layout: &'static Layout) {
        let class = self.batch.class;
        if !matches!(class, 200 | 220 | 225 | 280) {
            if layout
                .value("service_class_code", &self.batch.header.clone())
                .iter()
                .all(u8::is_ascii_digit)
            {
                self.field(
                    Rule::BatchClass,
                    place,
                    (layout, "service_class_code"),
                    || format!("found {class}"),
                );
            }
            return;
        }
        let fits = match sec {
            SecCode::Adv => class == 280,
            SecCode::Ack | SecCode::Atx => class == 200 || class == 220,
            _ => class != 280,
        };
        if !fits {
            self.field(
                Rule::BatchClassSec,
                place,
                (layout, "service_class_code"),
                || format!("{class} in a batch of {sec}"),
            );
        }
        let status = self.batch.header[78];
        let fits = match sec {
            SecCode::Adv => status == b'0',
            // A return of one is the receiving bank's batch.
            SecCode::Dne => status == b'2' || self.batch.header[75..78] != *b"   ",
            _ => status != b'0',
        };
        if !fits {
            self.field(
                Rule::BatchStatus,
                place,
                (layout, "originator_status_code"),
                || format!("{} in a batch of {sec}", char::from(status)),
            );
        }
    }

    /// The words the rules reserve.
    fn words_fit(
        &mut self,
        sec: SecCode,
        text: &[u8; WIDTH],
        place: Place,
        layout: &'static Layout,
    ) {
        let words = layout.value("company_entry_description", text);
        let own = match sec {
            SecCode::Rck => Some("REDEPCHECK"),
            SecCode::Xck => Some("NO CHECK"),
            SecCode::Enr => Some("AUTOENROLL"),
            _ => None,
        };
        let at = (layout, "company_entry_description");
        if let Some(own) = own
            && words.trim_ascii_end() != own.as_bytes()
            && words.trim_ascii_end() != b"REVERSAL"
        {
            self.field(Rule::BatchDescription, place, at, || {
                format!("{sec} must say {own}")
            });
        }
        let upper = words.to_ascii_uppercase();
        match reserved(&upper) {
            Some(word) if upper != words => {
                self.field(Rule::BatchReserved, place, at, || {
                    format!("write {}", word.word)
                });
            }
            Some(word) if word.sec.is_some_and(|own| !goes_with(own, sec)) => {
                self.field(Rule::BatchReserved, place, at, || {
                    format!("{} in a batch of {sec}", word.word)
                });
            }
            _ => {}
        }
        if sec == SecCode::Xck
            && layout.value("company_name", text).trim_ascii_end() != b"CHECK DESTROYED"
        {
            self.field(
                Rule::BatchDescription,
                place,
                (layout, "company_name"),
                || "XCK must say CHECK DESTROYED".to_owned(),
            );
        }
    }

    fn numbers_fit(&mut self, text: &[u8; WIDTH], place: Place, layout: &'static Layout) {
        let odfi = if layout.id == BATCH_HEADER_IAT.id {
            "go_or_originating_dfi_identification"
        } else {
            "originating_dfi_identification"
        };
        if layout.value(odfi, text).iter().all(|b| *b == b'0') {
            self.plain_field(Rule::BatchOdfi, place, layout, odfi);
        }
        let Some(batch) = number(layout.value("batch_number", text)) else {
            return;
        };
        if let Some(last) = self.file.last_number
            && batch <= last
        {
            self.field(Rule::BatchNumber, place, (layout, "batch_number"), || {
                format!("{batch} after {last}")
            });
        }
        self.file.last_number = Some(batch);
    }

    /// Entries and addenda outside of any batch are held together like one, so that they count.
    pub(super) fn stray_batch(&mut self) {
        if !self.batch.open && !self.batch.stray {
            self.batch = Batch {
                stray: true,
                ..Batch::none()
            };
        }
    }

    /// Another part of the file begins, or it ends: what stands open is counted and closed.
    pub(super) fn leave_batch(&mut self, place: Place) {
        if self.batch.open {
            self.whole(Rule::BatchNoControl, place, layout::BATCH_CONTROL.id);
            self.end_batch();
        } else if self.batch.stray {
            self.count_batch();
        }
    }

    /// Closes a batch that had a header.
    fn end_batch(&mut self) {
        let (place, layout) = (self.batch.place, self.batch.layout);
        if self.batch.entries == 0 {
            self.whole(Rule::BatchEmpty, place, layout.id);
        }
        if self.batch.categories.count_ones() > 1 {
            self.whole(Rule::BatchMixed, place, layout.id);
        }
        self.count_batch();
    }

    /// Adds the batch to the file, and forgets it. A sum that does not fit is found where the
    /// batch begins whose entries made it so.
    fn count_batch(&mut self) {
        let tally = self.batch.tally;
        let mut fits = self.file.tally.add(&tally);
        if self.batch.micro && self.batch.categories == category::FORWARD {
            fits &= self.file.micro.add(&tally);
        }
        fits &= self.totals.add(&tally, self.batch.entries);
        if !fits {
            let (place, layout) = (self.batch.place, self.batch.layout);
            self.whole(Rule::TotalOverflow, place, layout.id);
        }
        self.totals.categories |= self.batch.categories;
        self.batch = Batch::none();
    }

    pub(super) fn batch_control(
        &mut self,
        text: &[u8; WIDTH],
        place: Place,
        layout: &'static Layout,
    ) {
        self.fields(layout, text, place);
        if !self.batch.open {
            self.whole(Rule::BatchStray, place, layout.id);
            self.leave_batch(place);
            return;
        }
        let tally = self.batch.tally;
        let totals = [
            ("service_class_code", Rule::ControlClass, self.batch.class),
            ("entry_addenda_count", Rule::ControlCount, tally.count),
            ("entry_hash", Rule::ControlHash, tally.hash % HASH_MODULUS),
            ("total_debit_amount", Rule::ControlDebit, tally.debit),
            ("total_credit_amount", Rule::ControlCredit, tally.credit),
        ];
        for (name, rule, counted) in totals {
            self.stated(text, place, (layout, name), rule, counted);
        }
        let header = self.batch.header;
        let same = [
            ("company_identification", Rule::ControlCompany, 40..50),
            ("originating_dfi_identification", Rule::ControlOdfi, 79..87),
            ("batch_number", Rule::ControlNumber, 87..94),
        ];
        for (name, rule, columns) in same {
            let Some(field) = layout.field(name) else {
                continue;
            };
            // A blank one has been found as a blank field.
            let stated = field.value(text);
            if !is_blank(stated) && Some(stated) != header.get(columns) {
                self.plain_field(rule, place, layout, name);
            }
        }
        self.end_batch();
    }
}

/// Whether a description of one entry class may stand in a batch of another: WEB's PURCHASE and
/// PPD's PAYROLL travel.
fn goes_with(own: SecCode, sec: SecCode) -> bool {
    own == sec
        || sec == SecCode::Cor
        || (own == SecCode::Web && matches!(sec, SecCode::Tel | SecCode::Ppd))
}
