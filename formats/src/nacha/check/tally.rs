//! Counts and sums that grow entry by entry, as controls state them.

use settlement::exact::Exact;

/// Entry hashes keep their lower ten digits. Nacha Rules 2013 OR109.
pub(crate) const HASH_MODULUS: u64 = 10_000_000_000;

/// Running sums of a batch or a file.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    /// Entries and addenda.
    pub count: u64,
    /// The sum of the receiving banks' eight digits.
    pub hash: u64,
    /// Cents.
    pub debit: u64,
    /// Cents.
    pub credit: u64,
    /// A sum did not fit: it stands at its largest, and is not to be believed.
    pub overflown: bool,
}

impl Tally {
    /// Adds an entry.
    #[inline(always)]
    pub fn entry(&mut self, rdfi: u64, amount: u64, credit: bool) {
        self.count_record();
        self.hash = self.sum(self.hash, rdfi);
        if credit {
            self.credit = self.sum(self.credit, amount);
        } else {
            self.debit = self.sum(self.debit, amount);
        }
    }

    /// Counts a record. Each has bytes of its own, so no source has as many as 64 bits count.
    #[inline(always)]
    pub fn count_record(&mut self) {
        self.count = self.count.plus(1);
    }

    /// Adds the sums of a batch; whether all of them fit.
    #[must_use]
    pub const fn add(&mut self, other: &Tally) -> bool {
        self.overflown |= other.overflown;
        self.count = self.sum(self.count, other.count);
        self.hash = self.sum(self.hash, other.hash);
        self.debit = self.sum(self.debit, other.debit);
        self.credit = self.sum(self.credit, other.credit);
        !self.overflown
    }

    /// The sum; where it does not fit the tally is marked, and whoever closes it must say so.
    #[inline(always)]
    const fn sum(&mut self, one: u64, more: u64) -> u64 {
        match one.checked_add(more) {
            Some(sum) => sum,
            None => {
                self.overflown = true;
                u64::MAX
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_that_does_not_fit_is_said_and_stays_said() {
        let mut batch = Tally::default();
        batch.entry(5_600_507, u64::MAX, true);
        assert!(!batch.overflown);
        batch.entry(5_600_507, 1, true);
        assert!(batch.overflown);
        let mut file = Tally::default();
        assert!(!file.add(&batch));
        assert!(!file.add(&Tally::default()));
        let mut whole = Tally::default();
        assert!(whole.add(&Tally {
            debit: u64::MAX,
            ..Tally::default()
        }));
        assert!(!whole.add(&Tally {
            debit: 1,
            ..Tally::default()
        }));
    }
}
