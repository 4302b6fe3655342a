//! What happened, as far as the books care.

use super::posted::Posted;
use crate::allocate::{Allocation, Kind};
use crate::fees::Bill;
use crate::ids::{BatchKey, Direction, PaymentId, TraceNumber};
use crate::money::{Cents, SignedCents};
use crate::reconcile::legs::l3::Line;
use jiff::civil::Date;

/// What happened, as far as the books care.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// What was on our account before the first statement that was booked.
    Opened {
        /// The account, as reports name it.
        account: String,
        /// The opening balance.
        cents: SignedCents,
        /// The day of that statement.
        on: Date,
    },
    /// Entries were frozen into a batch: one side of it.
    Initiated {
        /// Whose payments.
        originator: String,
        /// The batch.
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
        /// Whether the funds of a pull had been made available.
        hold_had_ended: bool,
    },
    /// The bank carries an entry that it had rejected: as if it were initiated now.
    Carried {
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
        /// Whether the funds of a pull had been made available before it was rejected.
        hold_had_ended: bool,
    },
    /// The bank rejects an entry that had come back, or carries it after all: entry and return
    /// leave the books together, or come back together.
    ReturnCarried {
        /// The payment.
        payment: PaymentId,
        /// The batch of the entry.
        batch: BatchKey,
        /// The original trace.
        trace: TraceNumber,
        /// Which way the entry went.
        direction: Direction,
        /// How much.
        amount: Cents,
        /// Whether it is carried after all.
        carried: bool,
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
        /// The side of a batch, or the payment.
        of: String,
        /// Whose payment.
        originator: String,
        /// How much.
        amount: Cents,
    },
    /// A line of the bank's statement, once for each.
    BankLine {
        /// Its id.
        id: String,
        /// What it moved on our account.
        cents: SignedCents,
        /// The day its money counts.
        value: Date,
        /// What it answers with all of it; otherwise it goes to suspense under its id.
        answers: Option<Kind>,
    },
    /// A wire that was announced, once for each.
    Funded {
        /// The line that brings or takes it.
        id: String,
        /// What it moved on our account.
        cents: SignedCents,
        /// The day its money counts.
        value: Date,
        /// Whose it is; ours where there is none.
        originator: Option<String>,
    },
    /// What was allocated through suspense: several receipts or expectations, a part of one, or a
    /// receipt of a day before.
    Allocated(Allocation),
    /// A line that named no batch has been found to be a batch's by a version that allocated
    /// nothing: what it left in suspense is the batch's money.
    Applied {
        /// The line, as it was when it was posted.
        line: Line,
        /// The batch.
        batch: BatchKey,
        /// Its side.
        direction: Direction,
    },
    /// The bank has taken a line back: all that was booked for it is booked the other way.
    Reversed {
        /// The row that takes it back.
        line: String,
        /// What was booked for the line, each journal with its name.
        journals: Vec<(String, Posted)>,
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
    /// A difference on a batch that a version that allocated nothing had explained: a netted fee
    /// or rounding.
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
