//! The batch: header, control, and what the header allows its entries.

use super::super::digits::{is_blank, number, word};
use super::super::finding::Place;
use super::super::layout::{self, BATCH_HEADER, BATCH_HEADER_IAT, Kind, Layout, Need, WIDTH};
use super::super::records::is_void;
use super::super::rules::Rule;
use super::{Checker, HASH_MODULUS, Tally, again, answer, category, get};
use settlement::codes::descriptions::{ACCOUNT_VERIFY, reserved};
use settlement::codes::sec::{Directions, SecCode};
use settlement::codes::transactions::{Purpose, TRANSACTION_CODES, TransactionRow};
use settlement::ids::Direction;

/// What a transaction code may do in the batch, as bits.
pub(super) mod allow {
    /// The entry class and the service class allow the code.
    pub const PLAIN: u8 = 1;
    pub const CREDIT: u8 = 2;
    /// The amount must be zero.
    pub const ZERO: u8 = 4;
    /// The amount must not be zero.
    pub const MONEY: u8 = 8;
    /// A return or notification of change.
    pub const RETURN: u8 = 16;
    /// An addenda must follow.
    pub const ADDENDA: u8 = 32;
}

/// How many fields beside the account number may have to be filled.
const FILLED: usize = 4;

/// The batch that is open.
pub(crate) struct Batch {
    pub open: bool,
    /// What it holds stands outside of any batch, and is counted all the same.
    pub(super) stray: bool,
    pub header: [u8; WIDTH],
    pub layout: &'static Layout,
    pub entry_layout: &'static Layout,
    pub sec: Option<SecCode>,
    pub iat: bool,
    pub place: Place,
    pub(super) class: u64,
    pub(super) tally: Tally,
    pub(super) entries: u64,
    pub(super) categories: u8,
    pub(super) odfi: u64,
    /// The first seven digits of its traces, in their place.
    pub(super) traces: u64,
    /// Who pays for what when, hashed.
    pub(super) origin: u64,
    pub(super) last_trace: u64,
    pub(super) limit: u64,
    pub(super) same_day: bool,
    pub(super) micro: bool,
    /// Entries of this batch may take the short way.
    pub(super) plain: bool,
    /// What the payment type may be, zeros where there is none.
    pub(super) types: [u8; 3],
    /// The reasons with which its debits and its credits come back, a bit each.
    pub(super) reasons: [u128; 2],
    pub(super) allowed: [u8; 100],
    /// Columns that must not be blank, from 0; unused ones name the record type.
    pub(super) filled: [usize; FILLED],
}

impl Batch {
    pub fn none() -> Batch {
        Batch {
            open: false,
            stray: false,
            header: [b' '; WIDTH],
            layout: BATCH_HEADER,
            entry_layout: layout::ENTRY_PPD,
            sec: None,
            iat: false,
            place: Place::default(),
            class: 0,
            tally: Tally::default(),
            entries: 0,
            categories: 0,
            odfi: 0,
            traces: 0,
            origin: 0,
            last_trace: 0,
            limit: u64::MAX,
            same_day: false,
            micro: false,
            plain: false,
            types: [0; 3],
            reasons: [u128::MAX; 2],
            allowed: [0; 100],
            filled: [0; FILLED],
        }
    }

    /// The layout of the entries of a class.
    pub fn entry_layout(sec: SecCode) -> &'static Layout {
        entry_layout(Some(sec), sec == SecCode::Iat)
    }

    fn begin(text: &[u8; WIDTH], place: Place, layout: &'static Layout) -> Batch {
        let sec = SecCode::from_bytes(&text[50..53].to_ascii_uppercase());
        let iat = layout.id == BATCH_HEADER_IAT.id;
        let entry_layout = entry_layout(sec, iat);
        let class = number(get(layout, "service_class_code", text)).unwrap_or(0);
        let mut batch = Batch {
            open: true,
            header: *text,
            layout,
            ..Batch::none()
        };
        (batch.sec, batch.iat, batch.place) = (sec, iat, place);
        (batch.class, batch.entry_layout) = (class, entry_layout);
        batch.odfi = word(text, 79);
        batch.traces = number(&text[79..86])
            .unwrap_or(0)
            .saturating_mul(100_000_000);
        batch.origin = again::origin(text);
        batch.limit = sec.map_or(u64::MAX, |s| s.rule().limit_cents);
        batch.micro = get(layout, "company_entry_description", text).trim_ascii_end()
            == ACCOUNT_VERIFY.as_bytes();
        batch.types = match entry_layout.field("payment_type_code").map(|f| f.need) {
            Some(Need::Optional) => *b"RS ",
            Some(_) => *b"RSS",
            None => [0; 3],
        };
        batch.reasons = answer::reasons(sec);
        if let Some(sec) = sec {
            for row in TRANSACTION_CODES {
                if let Some(place) = batch.allowed.get_mut(usize::from(row.code)) {
                    *place = flags(row, sec, class);
                }
            }
        }
        (batch.plain, batch.filled) = plain(entry_layout);
        batch.plain &= number(&text[79..87]).is_some();
        batch
    }
}

/// The layout of a batch header: international ones have columns of their own.
pub(super) fn layout_of(text: &[u8; WIDTH]) -> &'static Layout {
    let iat =
        text[50..53].eq_ignore_ascii_case(b"IAT") || text[4..10].eq_ignore_ascii_case(b"IATCOR");
    if iat { BATCH_HEADER_IAT } else { BATCH_HEADER }
}

/// The layout of a class's entries.
fn entry_layout(sec: Option<SecCode>, iat: bool) -> &'static Layout {
    match sec {
        Some(SecCode::Cor) if iat => layout::ENTRY_IAT,
        Some(sec) => layout::LAYOUTS
            .iter()
            .copied()
            .find(|l| l.id.strip_prefix("6.") == Some(sec.as_str()))
            .unwrap_or(layout::ENTRY_PPD),
        None => layout::ENTRY_PPD,
    }
}

/// Whether a layout's entries can take the short way, and which columns must be filled: all that
/// its own fields hold is text.
fn plain(layout: &'static Layout) -> (bool, [usize; FILLED]) {
    let mut filled = [0; FILLED];
    let mut used = 0;
    for field in layout.fields {
        if (40..79).contains(&field.start) && field.name != "payment_type_code" {
            if field.kind != Kind::Text {
                return (false, filled);
            }
            if matches!(field.need, Need::Mandatory | Need::Required) {
                match filled.get_mut(used) {
                    Some(place) => *place = field.start.saturating_sub(1),
                    None => return (false, filled),
                }
                used += 1;
            }
        }
    }
    (
        layout.id != layout::ENTRY_IAT.id && layout.id != layout::ENTRY_ADV.id,
        filled,
    )
}

/// What a transaction code may do in a batch of this entry class and service class.
fn flags(row: &TransactionRow, sec: SecCode, class: u64) -> u8 {
    let credit = row.direction == Direction::Credit;
    let mut flags = if credit { allow::CREDIT } else { 0 };
    let in_class = match class {
        200 => true,
        220 => credit,
        225 => !credit,
        280 => row.purpose == Purpose::Advice,
        _ => false,
    };
    if in_class && code_fits(row, sec) && direction_fits(row, sec) {
        flags |= allow::PLAIN;
    }
    flags |= match row.purpose {
        Purpose::Live => allow::MONEY,
        Purpose::Prenote | Purpose::Reserved => allow::ZERO,
        Purpose::ZeroDollar => allow::ZERO | allow::ADDENDA,
        Purpose::ReturnOrNoc if sec == SecCode::Cor => allow::RETURN | allow::ZERO,
        Purpose::ReturnOrNoc => allow::RETURN,
        Purpose::Advice => 0,
    };
    if matches!(sec, SecCode::Ack | SecCode::Atx) {
        flags &= !allow::ADDENDA;
    }
    use settlement::codes::sec::AddendaNeed::{Mandatory, NotPrenote};
    let need = sec.rule().addenda;
    if need == Mandatory || (need == NotPrenote && row.purpose == Purpose::Live) {
        flags |= allow::ADDENDA;
    }
    flags
}

/// Whether the entry class knows the code, whatever its direction.
pub(crate) fn code_fits(row: &TransactionRow, sec: SecCode) -> bool {
    let back = row.purpose == Purpose::ReturnOrNoc;
    match sec.rule().directions {
        Directions::Advices => row.purpose == Purpose::Advice,
        Directions::Notices => back,
        Directions::Enrolls => matches!(row.code, 23 | 33 | 21 | 31),
        Directions::Acks => matches!(row.code, 24 | 34 | 21 | 31),
        _ if row.purpose == Purpose::ZeroDollar => {
            matches!(sec, SecCode::Ccd | SecCode::Ctx | SecCode::Iat)
        }
        _ => !matches!(row.purpose, Purpose::Advice | Purpose::Reserved),
    }
}

/// Whether the entry class and the kind of account allow the code's direction; a reversal may go
/// against both.
pub(crate) fn direction_fits(row: &TransactionRow, sec: SecCode) -> bool {
    match sec.rule().directions {
        _ if row.takes_back() => false,
        Directions::Credits => row.direction == Direction::Credit,
        Directions::Debits => row.direction == Direction::Debit,
        _ => true,
    }
}

impl Checker {
    pub(super) fn batch_header(
        &mut self,
        text: &[u8; WIDTH],
        place: Place,
        layout: &'static Layout,
    ) {
        self.leave_batch(place);
        self.batch = Batch::begin(text, place, layout);
        self.file.batches = self.file.batches.saturating_add(1);
        self.totals.batches = self.totals.batches.saturating_add(1);
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
            let value = get(layout, name, text);
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
            if get(layout, "service_class_code", &self.batch.header.clone())
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
        let words = get(layout, "company_entry_description", text);
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
            && get(layout, "company_name", text).trim_ascii_end() != b"CHECK DESTROYED"
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
        if get(layout, odfi, text).iter().all(|b| *b == b'0') {
            self.plain_field(Rule::BatchOdfi, place, layout, odfi);
        }
        let Some(batch) = number(get(layout, "batch_number", text)) else {
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

    /// Adds the batch to the file, and forgets it.
    fn count_batch(&mut self) {
        let tally = self.batch.tally;
        self.file.tally.add(&tally);
        if self.batch.micro && self.batch.categories == category::FORWARD {
            self.file.micro.add(&tally);
        }
        self.totals.categories |= self.batch.categories;
        self.totals.add(&tally);
        self.totals.entries = self.totals.entries.saturating_add(self.batch.entries);
        let addenda = tally.count.saturating_sub(self.batch.entries);
        self.totals.addenda = self.totals.addenda.saturating_add(addenda);
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
            let stated = field.of(text);
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
