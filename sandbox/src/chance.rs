//! Chance that can be asked again: a number drawn from a seed and a name.
//!
//! The bank decides the fate of an entry from the entry's own name, not from a running generator,
//! so that the order in which files arrive changes nothing.

/// What a draw is about; two draws about different things are independent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub(crate) enum About {
    /// Whether and why an entry comes back.
    Return = 1,
    /// On which banking day it comes back.
    ReturnDay = 2,
    /// Whether a notification of change is sent, and which.
    Change = 3,
    /// What the corrected data are.
    Corrected = 4,
    /// Which entry or batch a fault befalls.
    Fault = 5,
    /// The amount of a credit nobody expects.
    Unexpected = 6,
    /// On which days the bank tells a day in a way of its own.
    Telling = 7,
    /// Which wire a fault befalls.
    Wire = 8,
    /// How and when a file is answered.
    Answer = 9,
    /// How a bank works.
    Ways = 10,
}

/// The finalizer of SplitMix64: every bit of the answer depends on every bit of `x`.
const fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// A number of 64 random bits that belongs to `seed`, `about` and the two halves of a name.
pub(crate) const fn draw(seed: u64, about: About, name: u64, more: u64) -> u64 {
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    let a = mix(seed.wrapping_add(STEP));
    let b = mix(a ^ (about as u64).wrapping_mul(STEP));
    let c = mix(b ^ name.wrapping_add(STEP));
    mix(c ^ more.wrapping_mul(STEP))
}

/// Whether a draw falls among the lucky `share` of a million.
pub(crate) const fn in_a_million(draw: u64, share: u64) -> bool {
    draw % 1_000_000 < share
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_even_and_independent_of_their_neighbours() {
        let hits = (0..100_000).filter(|n| in_a_million(draw(7, About::Return, *n, 0), 8_000));
        let hits = hits.count();
        assert!((700..900).contains(&hits), "{hits} of 100,000 at 0.8 %");
        assert_ne!(draw(7, About::Return, 1, 0), draw(7, About::Change, 1, 0));
        assert_ne!(draw(7, About::Return, 1, 0), draw(8, About::Return, 1, 0));
    }
}
