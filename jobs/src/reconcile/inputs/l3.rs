//! L3: what was expected and received, and what was allocated of it.

use crate::records::allocated::Allocated;
use settlement::allocate::{Allocation, Expectation, Kind, Receipt};
use settlement::ids::Direction;
use settlement::journal::Account;
use settlement::reconcile::legs::l3::Looked;

/// What the third leg proves.
pub struct L3Inputs {
    pub allocated: Allocated,
}

impl L3Inputs {
    /// What was expected; not what was done before and has not moved.
    pub fn expectations(&self) -> Vec<Looked<'_, Expectation>> {
        let all = self.allocated.expectations.iter();
        let all = all.filter(|one| !one.before.is_zero() || !one.one.remainder.is_zero());
        all.map(|one| Looked {
            now: &one.one,
            before: one.before,
        })
        .collect()
    }

    pub fn receipts(&self) -> Vec<Looked<'_, Receipt>> {
        let all = self.allocated.receipts.iter();
        all.map(|one| Looked {
            now: &one.one,
            before: one.before,
        })
        .collect()
    }

    pub fn allocations(&self) -> &[Allocation] {
        &self.allocated.allocations
    }
}

/// The clearing account of an expectation, and the key that it is kept by there.
pub fn clearing(kind: Kind) -> Option<(Account, String)> {
    Some(match kind {
        Kind::Side(key, Direction::Credit) => (Account::CreditsInTransit, key.to_string()),
        Kind::Side(key, Direction::Debit) => (Account::DebitsInTransit, key.to_string()),
        Kind::Return(trace, _) => (Account::ReturnsClearing, trace.to_string()),
        // What was announced and has not come is in no books.
        Kind::Funding(_) => return None,
    })
}
