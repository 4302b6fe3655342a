//! What is drawn for an invented entry: a bank, an amount.

use settlement::ids::{DfiId, RoutingNumber};

/// The bank that sends.
const ODFI: u32 = 7_640_125;
/// The first of the banks that receive.
const RDFI: u32 = 5_600_507;
/// How many of them there are.
const BANKS: u32 = 997;

/// Splitmix64: small, fast, the same on every machine.
pub(super) struct Chance {
    state: u64,
    /// The banks that are drawn from: their check digits are computed once.
    banks: Vec<(DfiId, RoutingNumber)>,
}

impl Chance {
    #[allow(clippy::arithmetic_side_effects, reason = "fewer than the banks")]
    pub fn new(state: u64) -> Chance {
        let bank = |nth| DfiId::new(RDFI + nth * 131).unwrap_or_else(|_| odfi());
        let banks = (0..BANKS).map(|nth| (bank(nth), bank(nth).routing_number()));
        Chance {
            state,
            banks: banks.collect(),
        }
    }

    /// One of the banks, and its routing number.
    #[inline(always)]
    pub fn bank(&mut self) -> (DfiId, RoutingNumber) {
        let at = self.below(u64::from(BANKS)) as usize;
        let drawn = self.banks.get(at).copied();
        drawn.unwrap_or_else(|| (odfi(), odfi().routing_number()))
    }

    /// Inlined, so that a bound that is known costs no division.
    #[inline(always)]
    #[allow(clippy::arithmetic_side_effects, reason = "fewer than the banks")]
    pub fn below(&mut self, most: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % most.max(1)
    }
}

/// The bank that sends.
pub(super) fn odfi() -> DfiId {
    DfiId::new(ODFI).unwrap_or_else(|_| unreachable!("eight digits"))
}
