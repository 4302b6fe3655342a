//! What a whole file holds, and what kind of file that makes it.

use crate::nacha::check::tally::{HASH_MODULUS, Tally};
use settlement::codes::sec::SecCode;
use settlement::exact::Exact;
use settlement::money::Cents;

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
    pub(super) sec_codes: u32,
    pub(super) categories: u8,
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

    /// Adds a batch that was written. Its writer has held the file's sums against their columns,
    /// which are narrower than 64 bits.
    pub(crate) fn wrote(&mut self, tally: &Tally, entries: u64, sec: SecCode) {
        self.files = 1;
        self.batches = self.batches.plus(1);
        self.sec_codes |= 1 << sec as u32;
        let fits = self.add(tally, entries);
        assert!(fits, "the writer lets no sum outgrow its columns");
    }

    /// Adds a batch of so many entries; whether the sums fit. Where they do not, they stand at
    /// their largest, and the caller says so.
    #[must_use]
    pub(crate) fn add(&mut self, tally: &Tally, entries: u64) -> bool {
        let mut sums = Tally {
            // Each counted record had bytes of its own: 64 bits hold more than any source.
            count: 0,
            hash: self.entry_hash,
            debit: self.debit.get(),
            credit: self.credit.get(),
            overflown: false,
        };
        let fits = sums.add(tally);
        self.entries = self.entries.plus(entries);
        let addenda = tally.count.less(entries);
        self.addenda = self.addenda.plus(addenda);
        self.entry_hash = sums.hash;
        self.debit = Cents::new(sums.debit);
        self.credit = Cents::new(sums.credit);
        fits
    }

    /// The lower ten digits of the entry hash, as a file control states it.
    pub const fn stated_hash(&self) -> u64 {
        self.entry_hash % HASH_MODULUS
    }
}
