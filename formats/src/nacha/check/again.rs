//! Entries that were in the file before: of the same trace, or the same payment once more.
//!
//! Nothing of an entry is kept but a bit for its trace and a hash of its columns. The bits stand
//! in blocks of 4,096 traces: ten million entries of one bank take 1.3 MB. Hashes are kept of the
//! last few thousand entries, each in the place its own bits name, so a payment that comes again
//! much later in the file may pass; one that follows, or the whole batch once more, does not.

use crate::nacha::digits::word;
use crate::nacha::layout::WIDTH;
use std::collections::BTreeMap;

/// Traces to a block.
const BLOCK: u64 = 4_096;
/// Words of 64 bits to a block.
const WORDS: usize = 64;
/// Blocks that are kept, 4 MiB: the traces of 8,192 banks, or 33 million of one. When they are
/// full, all are forgotten and the file goes on with none.
const BLOCKS: usize = 8_192;
/// Hashes that are kept: 32 KiB, so that looking costs nothing.
const RECENT: usize = 4_096;

/// The traces of a file.
#[derive(Default)]
pub(super) struct Traces {
    blocks: Vec<[u64; WORDS]>,
    places: BTreeMap<u64, usize>,
    /// The block of the last trace and its place; what follows is mostly in it too.
    last: Option<(u64, usize)>,
}

impl Traces {
    /// Whether the trace came before. Afterwards [`Traces::keep`] keeps it.
    #[inline(always)]
    pub fn has(&mut self, trace: u64) -> bool {
        let number = trace / BLOCK;
        let place = match self.last {
            Some((last, place)) if last == number => place,
            _ => self.find(number),
        };
        let word = self.blocks.get(place).map(|block| block[at(trace)]);
        word.is_some_and(|word| word & bit(trace) != 0)
    }

    /// Keeps a trace that was asked for just now.
    #[inline(always)]
    pub fn keep(&mut self, trace: u64) {
        if let Some((_, place)) = self.last
            && let Some(block) = self.blocks.get_mut(place)
        {
            block[at(trace)] |= bit(trace);
        }
    }

    #[inline(never)]
    fn find(&mut self, number: u64) -> usize {
        let place = match self.places.get(&number) {
            Some(place) => *place,
            None => {
                if self.blocks.len() >= BLOCKS {
                    self.blocks.clear();
                    self.places.clear();
                }
                let place = self.blocks.len();
                self.blocks.push([0; WORDS]);
                self.places.insert(number, place);
                place
            }
        };
        self.last = Some((number, place));
        place
    }
}

const fn at(trace: u64) -> usize {
    (trace / 64) as usize % WORDS
}

const fn bit(trace: u64) -> u64 {
    1 << (trace % 64)
}

/// The payments of the last entries.
pub(super) struct Payments(Box<[u64]>);

impl Payments {
    pub fn none() -> Payments {
        Payments(vec![0; RECENT].into_boxed_slice())
    }

    /// Whether the payment came a little before.
    #[inline(always)]
    pub fn has(&self, payment: u64) -> bool {
        self.0.get(place(payment)) == Some(&payment)
    }

    #[inline(always)]
    pub fn keep(&mut self, payment: u64) {
        if let Some(kept) = self.0.get_mut(place(payment)) {
            *kept = payment;
        }
    }
}

const fn place(payment: u64) -> usize {
    (payment >> 52) as usize % RECENT
}

/// What an entry pays to whom, all but its trace, in a batch of that [`origin`].
#[inline(always)]
#[allow(clippy::arithmetic_side_effects, reason = "a table of a fixed size")]
pub(super) fn payment(text: &[u8; WIDTH], origin: u64) -> u64 {
    let fold = |a: usize, b: usize, key: u64| {
        let product = u128::from(word(text, a) ^ key) * u128::from(word(text, b) ^ origin);
        (product as u64) ^ (product >> 64) as u64
    };
    let sum = fold(1, 9, 0x9E37_79B9_7F4A_7C15)
        ^ fold(17, 25, 0xBF58_476D_1CE4_E5B9).rotate_left(11)
        ^ fold(33, 41, 0x94D0_49BB_1331_11EB).rotate_left(23)
        ^ fold(49, 57, 0xD6E8_FEB8_6659_FD93).rotate_left(37)
        ^ fold(65, 71, 0xA076_1D64_78BD_642F).rotate_left(51);
    sum | 1
}

/// Who pays for what when: the columns of a batch header but its number.
pub(super) fn origin(header: &[u8; WIDTH]) -> u64 {
    let mut sum = 0xE703_7ED1_A0B4_28DB_u64;
    for column in [1, 4, 12, 20, 28, 36, 44, 52, 60, 68, 79] {
        sum = (sum ^ word(header, column)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        sum ^= sum >> 29;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_known_again_in_any_order_and_in_bounded_memory() {
        let mut traces = Traces::default();
        let mut seen = |trace: u64| {
            let before = traces.has(trace);
            traces.keep(trace);
            before
        };
        for trace in (0..100_000).chain([999_999_999_999_999]) {
            assert!(!seen(trace * 3));
        }
        for trace in [0, 299_997, 150_000, 2_999_999_999_999_997] {
            assert!(seen(trace) && !seen(trace + 1));
        }
        for bank in 0..20_000 {
            seen(bank * 10_000_000);
        }
        assert!(traces.blocks.len() <= BLOCKS && traces.places.len() <= BLOCKS);
    }

    #[test]
    fn every_column_of_an_entry_but_its_trace_makes_another_payment() {
        let text = [b'7'; WIDTH];
        for column in 1..79 {
            let mut other = text;
            other[column] = b'8';
            assert_ne!(payment(&text, 5), payment(&other, 5), "column {column}");
        }
        let mut other = text;
        other[79..].fill(b'8');
        assert_eq!(payment(&text, 5), payment(&other, 5));
        assert_ne!(payment(&text, 5), payment(&text, 6));
    }
}
