//! How much a batch is, and how much a merged file may hold.

use crate::nacha::reader::Entry;
use settlement::ids::Direction;

/// What a merged file may hold at most; the format's own limits where nothing else is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Records of 94 columns, the records of nines at the end among them.
    pub lines: u64,
    /// Entries, addenda not counted.
    pub entries: u64,
    /// Cents, of the debits and of the credits each.
    pub cents: u64,
}

impl Default for Caps {
    fn default() -> Caps {
        Caps {
            lines: 9_999_990,
            entries: 99_999_999,
            cents: 999_999_999_999,
        }
    }
}

impl Caps {
    /// The caps, and nowhere more than the format's own limits.
    pub(super) fn within_format(self) -> Caps {
        let most = Caps::default();
        Caps {
            lines: self.lines.min(most.lines),
            entries: self.entries.min(most.entries),
            cents: self.cents.min(most.cents),
        }
    }

    /// Whether so much may stand in one file.
    #[allow(clippy::arithmetic_side_effects, reason = "counts of records read")]
    pub(super) fn hold(&self, size: &Size, batches: u64) -> bool {
        let records = 2 + 2 * batches + size.records;
        records.next_multiple_of(10) <= self.lines
            && size.entries <= self.entries
            && size.debit.max(size.credit) <= self.cents
            && size.records <= 99_999_999
            && batches <= 999_999
    }
}

/// How much something is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Size {
    /// Entries and addenda.
    pub records: u64,
    pub entries: u64,
    pub debit: u64,
    pub credit: u64,
}

impl Size {
    /// How much one entry is.
    #[allow(clippy::arithmetic_side_effects, reason = "counts of records read")]
    pub fn of(entry: &Entry<'_>) -> Size {
        // An amount that is no number is an error, and its source is put aside.
        let amount = entry.detail.amount().map_or(0, |amount| amount.get());
        let code = entry.detail.transaction_code();
        let credit = code.is_some_and(|code| code.direction() == Direction::Credit);
        Size {
            records: 1 + entry.addenda().count() as u64,
            entries: 1,
            debit: if credit { 0 } else { amount },
            credit: if credit { amount } else { 0 },
        }
    }

    #[allow(clippy::arithmetic_side_effects, reason = "counts of records read")]
    /// Both together.
    pub fn plus(&self, more: &Size) -> Size {
        Size {
            records: self.records + more.records,
            entries: self.entries + more.entries,
            // saturates: what does not fit is above every cap, and so is the largest that does
            debit: self.debit.saturating_add(more.debit),
            // saturates: the same
            credit: self.credit.saturating_add(more.credit),
        }
    }

    /// The larger of each.
    pub fn max(&self, other: &Size) -> Size {
        Size {
            records: self.records.max(other.records),
            entries: self.entries.max(other.entries),
            debit: self.debit.max(other.debit),
            credit: self.credit.max(other.credit),
        }
    }
}
