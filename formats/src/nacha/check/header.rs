//! What a batch header allows its entries: codes, directions, amounts, reasons to come back.
//!
//! All of it is looked up once, when the header comes, and stands in [`Batch`] as bits and
//! columns, so that an entry costs a few comparisons.

use crate::nacha::check::again;
use crate::nacha::check::tally::Tally;
use crate::nacha::digits::{number, word};
use crate::nacha::findings::Place;
use crate::nacha::layout::{self, BATCH_HEADER, BATCH_HEADER_IAT, Kind, Layout, Need, WIDTH};
use settlement::codes::descriptions::ACCOUNT_VERIFY;
use settlement::codes::returns::RETURN_REASONS;
use settlement::codes::sec::{Directions, SecCode};
use settlement::codes::transactions::{Purpose, TRANSACTION_CODES, TransactionRow};
use settlement::exact::Exact;
use settlement::ids::Direction;
use std::sync::LazyLock;

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
    /// Its entries are to settle on the day the file was made.
    pub(super) same_day: bool,
    /// What a same-day entry is at most on that day; no limit where they are not such.
    pub(super) same_day_limit: u64,
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
            same_day_limit: u64::MAX,
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

    /// The batch that this header begins.
    pub(super) fn begin(text: &[u8; WIDTH], place: Place, layout: &'static Layout) -> Batch {
        let sec = SecCode::from_bytes(&text[50..53].to_ascii_uppercase());
        let iat = layout.id == BATCH_HEADER_IAT.id;
        let entry_layout = entry_layout(sec, iat);
        let class = number(layout.value("service_class_code", text)).unwrap_or(0);
        let mut batch = Batch {
            open: true,
            header: *text,
            layout,
            ..Batch::none()
        };
        (batch.sec, batch.iat, batch.place) = (sec, iat, place);
        (batch.class, batch.entry_layout) = (class, entry_layout);
        batch.odfi = word(text, 79);
        // Seven digits before eight: fifteen, which 64 bits hold.
        batch.traces = number(&text[79..86]).unwrap_or(0).times(100_000_000);
        batch.origin = again::origin(text);
        batch.limit = sec.map_or(u64::MAX, |s| s.rule().limit_cents);
        batch.micro = layout
            .value("company_entry_description", text)
            .trim_ascii_end()
            == ACCOUNT_VERIFY.as_bytes();
        batch.types = match entry_layout.field("payment_type_code").map(|f| f.need) {
            Some(Need::Optional) => *b"RS ",
            Some(_) => *b"RSS",
            None => [0; 3],
        };
        batch.reasons = reasons(sec);
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
#[allow(clippy::arithmetic_side_effects, reason = "at most four fields")]
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
                    Some(place) => *place = field.start.less(1),
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

/// For each entry class the reasons with which its debits and its credits come back, a bit each.
/// What no table knows may be; so may what disputes an answer.
static REASONS: LazyLock<Vec<[u128; 2]>> = LazyLock::new(|| {
    let class = |sec: &SecCode| {
        let mut bits = [u128::MAX; 2];
        for row in RETURN_REASONS {
            let number = number(row.code.as_str().as_bytes().get(1..).unwrap_or(&[]));
            let number = number.filter(|n| !matches!(n, 61..=77)).unwrap_or(0);
            for (at, direction) in [Direction::Debit, Direction::Credit].iter().enumerate() {
                if number > 0 && !row.fits(*sec, *direction) {
                    bits[at] &= !(1 << number);
                }
            }
        }
        bits
    };
    SecCode::ALL.iter().map(class).collect()
});

/// The reasons that go with the answers in a batch of the class: of its debits, of its credits.
fn reasons(sec: Option<SecCode>) -> [u128; 2] {
    let own = sec.and_then(|sec| REASONS.get(sec as usize).copied());
    own.unwrap_or([u128::MAX; 2])
}
