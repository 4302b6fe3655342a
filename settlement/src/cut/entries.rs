//! The entries of a planned batch, as little of each as its record needs: sixteen bytes for each
//! payment of a cut of millions, and the batches of a lane share them.

use crate::codes::transactions::TransactionCode;
use crate::ids::{Direction, PaymentId, TraceNumber};
use crate::money::Cents;
use crate::payment::AccountKind;
use std::ops::Range;
use std::sync::Arc;

/// One entry of a planned batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedEntry {
    /// The payment it carries.
    pub payment: PaymentId,
    /// Its trace.
    pub trace: TraceNumber,
    /// Its transaction code.
    pub code: TransactionCode,
    /// Which way the money goes.
    pub direction: Direction,
    /// How much.
    pub amount: Cents,
}

/// A payment of a lane. Its amount has six bytes: the field of an entry has ten digits, that of a
/// batch twelve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) id: PaymentId,
    cents: [u8; 6],
    pub(super) direction: Direction,
    account: AccountKind,
}

impl Member {
    /// A payment; `None` where its amount fits no entry.
    pub(super) fn of(
        id: PaymentId,
        amount: Cents,
        direction: Direction,
        account: AccountKind,
    ) -> Option<Member> {
        let [cents @ .., 0, 0] = amount.get().to_le_bytes() else {
            return None;
        };
        Some(Member {
            id,
            cents,
            direction,
            account,
        })
    }

    /// How much.
    pub(super) const fn amount(&self) -> Cents {
        let [a, b, c, d, e, f] = self.cents;
        Cents::new(u64::from_le_bytes([a, b, c, d, e, f, 0, 0]))
    }
}

/// The entries of one batch, traces ascending.
#[derive(Clone, Debug)]
pub struct Entries {
    lane: Arc<Vec<Member>>,
    range: Range<usize>,
    first: TraceNumber,
}

impl Entries {
    /// Those in `range` of a lane, whose traces begin with `first`.
    pub(super) const fn of(
        lane: Arc<Vec<Member>>,
        range: Range<usize>,
        first: TraceNumber,
    ) -> Entries {
        Entries { lane, range, first }
    }

    pub(super) fn members(&self) -> &[Member] {
        &self.lane[self.range.clone()]
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.members().len()
    }

    /// Whether there are none, which no batch of a plan is.
    pub fn is_empty(&self) -> bool {
        self.range.is_empty()
    }

    /// Each of them, in the order of its trace.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = PlannedEntry> + '_ {
        let members = self.members().iter().enumerate();
        members.map(|(place, member)| PlannedEntry {
            payment: member.id,
            trace: self.first.onwards(place),
            code: TransactionCode::live(member.account, member.direction),
            direction: member.direction,
            amount: member.amount(),
        })
    }
}

impl PartialEq for Entries {
    fn eq(&self, other: &Entries) -> bool {
        (self.first, self.members()) == (other.first, other.members())
    }
}

impl Eq for Entries {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_sixteen_bytes_and_keeps_every_amount_that_an_entry_can_have() {
        assert_eq!(size_of::<Member>(), 16);
        let id = PaymentId::from_key(1).unwrap();
        let of = |cents| {
            let amount = Cents::new(cents);
            Member::of(id, amount, Direction::Debit, AccountKind::Loan)
        };
        for cents in [
            0,
            1,
            255,
            256,
            9_999_999_999,
            999_999_999_999,
            (1 << 48) - 1,
        ] {
            assert_eq!(of(cents).unwrap().amount(), Cents::new(cents));
        }
        assert!(of(1 << 48).is_none() && of(u64::MAX).is_none());
    }
}
