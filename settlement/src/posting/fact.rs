//! What happened, as far as the books care.

use crate::fees::Bill;
use crate::ids::{BatchKey, Direction, PaymentId, TraceNumber};
use crate::money::{Cents, SignedCents};
use crate::reconcile::legs::l3::{Fate, Line};

/// What happened, as far as the books care.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// An entry was frozen into a batch.
    Initiated {
        /// The payment it carries.
        payment: PaymentId,
        /// Whose payment.
        originator: String,
        /// Its batch.
        batch: BatchKey,
        /// Which way the money goes.
        direction: Direction,
        /// How much.
        amount: Cents,
    },
    /// The bank will not carry an entry: as if it had never been initiated.
    Undone {
        /// The payment it carried.
        payment: PaymentId,
        /// Whose payment.
        originator: String,
        /// Its batch.
        batch: BatchKey,
        /// Which way the money would have gone.
        direction: Direction,
        /// How much.
        amount: Cents,
    },
    /// An entry came back.
    Returned {
        /// The payment it carried.
        payment: PaymentId,
        /// Whose payment.
        originator: String,
        /// The original trace.
        trace: TraceNumber,
        /// Which way the original went.
        direction: Direction,
        /// How much.
        amount: Cents,
        /// Whether the funds of a pull had been made available.
        hold_had_ended: bool,
    },
    /// Our bank has dishonored a return: the entry counts as if it had not come back.
    ReturnUndone {
        /// The payment it carried.
        payment: PaymentId,
        /// Whose payment.
        originator: String,
        /// The original trace.
        trace: TraceNumber,
        /// Which way the original went.
        direction: Direction,
        /// How much.
        amount: Cents,
        /// Whether the funds of a pull had been made available before it came back.
        hold_had_ended: bool,
    },
    /// The funds of a pull become available.
    HoldEnded {
        /// The payment.
        payment: PaymentId,
        /// Whose payment.
        originator: String,
        /// How much.
        amount: Cents,
    },
    /// A line of the bank's statement.
    BankLine {
        /// The line.
        line: Line,
        /// What it answers.
        fate: Fate,
    },
    /// A line that named no batch has been found to be a batch's: what it left in suspense is
    /// the batch's money.
    Applied {
        /// The line, as it was when it was posted.
        line: Line,
        /// The batch.
        batch: BatchKey,
        /// Its side.
        direction: Direction,
    },
    /// What a day will cost at the bank.
    FeesAccrued {
        /// The bank, as its profile is named.
        bank: String,
        /// How much.
        amount: Cents,
    },
    /// A line that bills what was accrued.
    FeeBilled {
        /// The line.
        line: Line,
        /// The bank, as its profile is named.
        bank: String,
        /// What explains it.
        bill: Bill,
    },
    /// A difference on a batch that the rules explain by themselves: a netted fee or rounding.
    Difference {
        /// The break that found it.
        found_by: String,
        /// The batch.
        batch: BatchKey,
        /// Which side's clearing account is left with it.
        direction: Direction,
        /// What remains on the clearing account: positive where debits are more.
        residue: SignedCents,
        /// Whether it is a fee the bank netted; otherwise rounding.
        fee: bool,
    },
}
