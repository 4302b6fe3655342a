//! Draws of a history, one after the other from one generator.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// A generator whose draws are small whole numbers.
pub struct Dice(ChaCha8Rng);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        bytes[8..].copy_from_slice(b"tieout sandbox, history\0");
        Dice(ChaCha8Rng::from_seed(bytes))
    }

    /// From 0 to below `bound`, which is small: the bias of the remainder does not matter here.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0.next_u64() % bound.max(1)
    }

    /// From `low` to `high`, both included.
    pub fn among(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.below((high - low + 1).unsigned_abs())).unwrap_or(0)
    }

    /// True `share` times in a thousand.
    pub fn in_a_thousand(&mut self, share: u64) -> bool {
        self.below(1_000) < share
    }

    /// One of several.
    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        let at = self.below(all.len() as u64);
        &all[usize::try_from(at).unwrap_or(0)]
    }

    /// `amount` times a factor that is drawn evenly by octave from a quarter to four.
    pub fn about(&mut self, amount: u64) -> u64 {
        let octave = self.below(4);
        let floor = (amount << octave) / 4;
        (floor + self.below(floor.max(1))).max(1) / 2 + 1
    }
}
