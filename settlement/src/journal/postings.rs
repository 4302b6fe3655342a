//! Every posting the house knows, as data: a name and its legs.
//!
//! A posting is what an event means to the books. Most have two legs of one amount; where an
//! amount is split, the posting's comment gives the amounts in the order of the legs. What is not
//! in this list cannot be posted.

use super::accounts::Account::{self, *};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// One side of a posting: the account, and whether it is debited or credited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leg {
    /// Debits this account.
    Debit(Account),
    /// Credits this account.
    Credit(Account),
}

/// What an event means to the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Posting {
    // Card and escrow.
    /// A card is authorized for an amount; no money has moved.
    CardAuthorized,
    /// The authorization is captured, voided or has expired.
    CardReleased,
    /// The captured amount goes into escrow.
    CardCaptured,
    /// The processor pays, less its fee. Amounts: net, fee, gross.
    CardDeposit,
    /// Funds are held for a deal.
    EscrowHold,
    /// The deal is off; the payer has the funds back.
    EscrowRefund,
    /// The deal is done. Amounts: gross, provider's share, our fee.
    EscrowRelease,
    /// Escrow is disputed.
    DisputeOpened,
    /// The provider wins, all or a part.
    DisputeToProvider,
    /// The payer wins, all or a part.
    DisputeToPayer,
    /// A chargeback takes disputed funds.
    ChargebackLost,
    /// The processor debits us for it.
    ChargebackDebited,
    // Payouts.
    /// An entry is frozen into a batch.
    PayoutInitiate,
    /// The bank funds the batch from our account.
    PayoutSettle,
    /// The bank nets more than the batch takes, and brings money.
    PayoutSettleBrought,
    /// The bank will not carry the entry, or it was never sent.
    PayoutRejected,
    /// The bank will not carry the entry, and it had come back.
    PayoutReturnRejected,
    /// It carries it after all.
    PayoutReturnCarried,
    /// The return file says that the payout came back.
    PayoutReturned,
    /// The bank's line of that return.
    PayoutReturnBankLine,
    /// We dishonored the return and the other bank accepts it.
    PayoutReturnUndone,
    /// The bank's line of that dishonored return.
    PayoutReturnUndoneBankLine,
    // Pulls.
    /// An entry is frozen into a batch; the funds are held.
    PullInitiate,
    /// The bank credits our account with the batch.
    PullSettle,
    /// The bank nets more than the batch brings, and takes money.
    PullSettleTaken,
    /// The bank will not carry the entry, or it was never sent.
    PullRejected,
    /// The same when the funds were available. Amounts: what is left, what is owed, both.
    PullRejectedLate,
    /// The bank will not carry the entry, and it had come back.
    PullReturnRejected,
    /// It carries it after all.
    PullReturnCarried,
    /// The ordinary return window is over; the funds may be spent.
    HoldEnd,
    /// The return file takes back funds that are still held.
    PullReturnedInHold,
    /// The bank's line of a returned pull, held or late.
    PullReturnBankLine,
    /// A return after the hold. Amounts: what is left, what is owed, both.
    LateReturn,
    /// We dishonored the return and the other bank accepts it.
    PullReturnUndone,
    /// The bank's line of that dishonored return.
    PullReturnUndoneBankLine,
    /// The same for a late return. Amounts: both, left, owed.
    LateReturnUndone,
    // Losses.
    /// An originator's new funds pay what is owed.
    Recovery,
    /// We expect to lose it.
    LossProvision,
    /// We have lost it.
    WriteOff,
    // Fees and interest.
    /// We charge an originator for a return.
    ReturnFeeCharged,
    /// A fee the bank will bill: an entry, a return, a notice.
    BankFeeAccrued,
    /// The bank bills accrued fees to our operating account.
    BankFeeBilled,
    /// The bank takes accrued fees from the settlement account.
    BankFeeTaken,
    /// A fee the bank takes from the settlement account, unannounced.
    BankFeeCharged,
    /// A customer has earned interest.
    InterestAccrued,
    /// The interest is paid out to the customer's balance.
    InterestPaid,
    // Suspense.
    /// A bank line brings money nobody can explain.
    UnknownCredit,
    /// It was a returned payout.
    UnknownCreditApplied,
    /// It was a batch of pulls.
    UnknownCreditAppliedToPull,
    /// It was not ours; the bank has taken it back.
    UnknownCreditSentBack,
    /// A bank line takes money nobody can explain.
    UnknownDebit,
    /// It was a returned pull.
    UnknownDebitApplied,
    /// It was a batch of payouts.
    UnknownDebitAppliedToPayout,
    /// It was not ours; the bank has given it back.
    UnknownDebitSentBack,
    /// Nobody will give it back.
    UnknownDebitLost,
    // Reversals.
    /// A batch settled twice. Amounts: the batch, the second time, both.
    PayoutSettleTwice,
    /// We pull back what was sent twice.
    ReversalSent,
    /// The reversing pull settled.
    ReversalSettled,
    /// The reversing pull will not settle.
    ReversalReturned,
    /// We pull back a payout sent in error, for its originator.
    PayoutReversalSent,
    /// That reversing pull will not settle.
    PayoutReversalUndone,
    /// We pay back a pull made in error.
    PullReversalSent,
    /// The reversing payout settled.
    PullReversalSettled,
    /// That reversing payout will not settle.
    PullReversalUndone,
    // Differences that explain themselves.
    /// The bank took its fee with the batch.
    FeeNettedOnPayout,
    /// The bank kept its fee from the batch.
    FeeNettedOnPull,
    /// The bank took a few cents more.
    RoundingShortOnPayout,
    /// The bank took a few cents less.
    RoundingOverOnPayout,
    /// The bank brought a few cents less.
    RoundingShortOnPull,
    /// The bank brought a few cents more.
    RoundingOverOnPull,
    /// The bank billed a cent more than its prices make.
    RoundingShortOnFee,
    /// The bank billed a cent less than its prices make.
    RoundingOverOnFee,
    /// Receipts out of suspense, and what they answer: its lines are the allocation's.
    Allocated,
    /// What was on our account before the first statement that was booked.
    Opening,
    /// The same, where the account was overdrawn.
    OpeningOverdrawn,
    /// An originator's wire that was announced.
    Funding,
    /// An originator takes money out, as announced.
    FundingTaken,
    /// Our own wire that was announced.
    OwnFunding,
    /// We take our own money out, as announced.
    OwnFundingTaken,
}

/// A posting, its name in the journal, its legs.
pub type PostingRow = (Posting, &'static str, &'static [Leg]);

use Leg::{Credit as C, Debit as D};
use Posting as P;

/// Every posting, in the order of [`Posting`].
#[rustfmt::skip]
pub const POSTINGS: &[PostingRow] = &[
    // Card and escrow.
    (P::CardAuthorized, "card_authorized",
        &[D(Holds), C(HoldsContra)]),
    (P::CardReleased, "card_released",
        &[D(HoldsContra), C(Holds)]),
    (P::CardCaptured, "card_captured",
        &[D(CardReceivable), C(Escrow)]),
    (P::CardDeposit, "card_deposit",
        &[D(BankFbo), D(ProcessorFees), C(CardReceivable)]),
    (P::EscrowHold, "escrow_hold",
        &[D(CustomerAvailable), C(Escrow)]),
    (P::EscrowRefund, "escrow_refund",
        &[D(Escrow), C(CustomerAvailable)]),
    (P::EscrowRelease, "escrow_release",
        &[D(Escrow), C(CustomerAvailable), C(PlatformFees)]),
    (P::DisputeOpened, "dispute_opened",
        &[D(Escrow), C(Disputed)]),
    (P::DisputeToProvider, "dispute_to_provider",
        &[D(Disputed), C(CustomerAvailable)]),
    (P::DisputeToPayer, "dispute_to_payer",
        &[D(Disputed), C(CustomerAvailable)]),
    (P::ChargebackLost, "chargeback_lost",
        &[D(Disputed), C(CardReceivable)]),
    (P::ChargebackDebited, "chargeback_debited",
        &[D(CardReceivable), C(BankFbo)]),
    // Payouts.
    (P::PayoutInitiate, "payout_initiate",
        &[D(CustomerAvailable), C(CreditsInTransit)]),
    (P::PayoutSettle, "payout_settle",
        &[D(CreditsInTransit), C(BankFbo)]),
    (P::PayoutSettleBrought, "payout_settle_brought",
        &[D(BankFbo), C(CreditsInTransit)]),
    (P::PayoutRejected, "payout_rejected",
        &[D(CreditsInTransit), C(CustomerAvailable)]),
    (P::PayoutReturnRejected, "payout_return_rejected",
        &[D(CreditsInTransit), C(ReturnsClearing)]),
    (P::PayoutReturnCarried, "payout_return_carried",
        &[D(ReturnsClearing), C(CreditsInTransit)]),
    (P::PayoutReturned, "payout_returned",
        &[D(ReturnsClearing), C(CustomerAvailable)]),
    (P::PayoutReturnBankLine, "payout_return_bank_line",
        &[D(BankFbo), C(ReturnsClearing)]),
    (P::PayoutReturnUndone, "payout_return_undone",
        &[D(CustomerAvailable), C(ReturnsClearing)]),
    (P::PayoutReturnUndoneBankLine, "payout_return_undone_bank_line",
        &[D(ReturnsClearing), C(BankFbo)]),
    // Pulls.
    (P::PullInitiate, "pull_initiate",
        &[D(DebitsInTransit), C(CustomerHeld)]),
    (P::PullSettle, "pull_settle",
        &[D(BankFbo), C(DebitsInTransit)]),
    (P::PullSettleTaken, "pull_settle_taken",
        &[D(DebitsInTransit), C(BankFbo)]),
    (P::PullRejected, "pull_rejected",
        &[D(CustomerHeld), C(DebitsInTransit)]),
    (P::PullRejectedLate, "pull_rejected_late",
        &[D(CustomerAvailable), D(ReturnedItems), C(DebitsInTransit)]),
    (P::PullReturnRejected, "pull_return_rejected",
        &[D(ReturnsClearing), C(DebitsInTransit)]),
    (P::PullReturnCarried, "pull_return_carried",
        &[D(DebitsInTransit), C(ReturnsClearing)]),
    (P::HoldEnd, "hold_end",
        &[D(CustomerHeld), C(CustomerAvailable)]),
    (P::PullReturnedInHold, "pull_returned_in_hold",
        &[D(CustomerHeld), C(ReturnsClearing)]),
    (P::PullReturnBankLine, "pull_return_bank_line",
        &[D(ReturnsClearing), C(BankFbo)]),
    (P::LateReturn, "late_return",
        &[D(CustomerAvailable), D(ReturnedItems), C(ReturnsClearing)]),
    (P::PullReturnUndone, "pull_return_undone",
        &[D(ReturnsClearing), C(CustomerHeld)]),
    (P::PullReturnUndoneBankLine, "pull_return_undone_bank_line",
        &[D(BankFbo), C(ReturnsClearing)]),
    (P::LateReturnUndone, "late_return_undone",
        &[D(ReturnsClearing), C(CustomerAvailable), C(ReturnedItems)]),
    // Losses.
    (P::Recovery, "recovery",
        &[D(CustomerAvailable), C(ReturnedItems)]),
    (P::LossProvision, "loss_provision",
        &[D(ReturnLosses), C(Allowance)]),
    (P::WriteOff, "write_off",
        &[D(Allowance), C(ReturnedItems)]),
    // Fees and interest.
    (P::ReturnFeeCharged, "return_fee_charged",
        &[D(CustomerAvailable), C(ReturnFees)]),
    (P::BankFeeAccrued, "bank_fee_accrued",
        &[D(BankFees), C(FeesClearing)]),
    (P::BankFeeBilled, "bank_fee_billed",
        &[D(FeesClearing), C(BankOperating)]),
    (P::BankFeeTaken, "bank_fee_taken",
        &[D(FeesClearing), C(BankFbo)]),
    (P::BankFeeCharged, "bank_fee_charged",
        &[D(BankFees), C(BankFbo)]),
    (P::InterestAccrued, "interest_accrued",
        &[D(Interest), C(InterestPayable)]),
    (P::InterestPaid, "interest_paid",
        &[D(InterestPayable), C(CustomerAvailable)]),
    // Suspense.
    (P::UnknownCredit, "unknown_credit",
        &[D(BankFbo), C(SuspenseReceipts)]),
    (P::UnknownCreditApplied, "unknown_credit_applied",
        &[D(SuspenseReceipts), C(ReturnsClearing)]),
    (P::UnknownCreditAppliedToPull, "unknown_credit_applied_to_pull",
        &[D(SuspenseReceipts), C(DebitsInTransit)]),
    (P::UnknownCreditSentBack, "unknown_credit_sent_back",
        &[D(SuspenseReceipts), C(BankFbo)]),
    (P::UnknownDebit, "unknown_debit",
        &[D(SuspenseDebits), C(BankFbo)]),
    (P::UnknownDebitApplied, "unknown_debit_applied",
        &[D(ReturnsClearing), C(SuspenseDebits)]),
    (P::UnknownDebitAppliedToPayout, "unknown_debit_applied_to_payout",
        &[D(CreditsInTransit), C(SuspenseDebits)]),
    (P::UnknownDebitSentBack, "unknown_debit_sent_back",
        &[D(BankFbo), C(SuspenseDebits)]),
    (P::UnknownDebitLost, "unknown_debit_lost",
        &[D(ReturnLosses), C(SuspenseDebits)]),
    // Reversals.
    (P::PayoutSettleTwice, "payout_settle_twice",
        &[D(CreditsInTransit), D(SuspenseDebits), C(BankFbo)]),
    (P::ReversalSent, "reversal_sent",
        &[D(ReversalsInTransit), C(SuspenseDebits)]),
    (P::ReversalSettled, "reversal_settled",
        &[D(BankFbo), C(ReversalsInTransit)]),
    (P::ReversalReturned, "reversal_returned",
        &[D(SuspenseDebits), C(ReversalsInTransit)]),
    (P::PayoutReversalSent, "payout_reversal_sent",
        &[D(ReversalsInTransit), C(CustomerHeld)]),
    (P::PayoutReversalUndone, "payout_reversal_undone",
        &[D(CustomerHeld), C(ReversalsInTransit)]),
    (P::PullReversalSent, "pull_reversal_sent",
        &[D(CustomerAvailable), C(ReversalsInTransit)]),
    (P::PullReversalSettled, "pull_reversal_settled",
        &[D(ReversalsInTransit), C(BankFbo)]),
    (P::PullReversalUndone, "pull_reversal_undone",
        &[D(ReversalsInTransit), C(CustomerAvailable)]),
    // Differences that explain themselves.
    (P::FeeNettedOnPayout, "fee_netted_on_payout",
        &[D(BankFees), C(CreditsInTransit)]),
    (P::FeeNettedOnPull, "fee_netted_on_pull",
        &[D(BankFees), C(DebitsInTransit)]),
    (P::RoundingShortOnPayout, "rounding_short_on_payout",
        &[D(OverShort), C(CreditsInTransit)]),
    (P::RoundingOverOnPayout, "rounding_over_on_payout",
        &[D(CreditsInTransit), C(OverShort)]),
    (P::RoundingShortOnPull, "rounding_short_on_pull",
        &[D(OverShort), C(DebitsInTransit)]),
    (P::RoundingOverOnPull, "rounding_over_on_pull",
        &[D(DebitsInTransit), C(OverShort)]),
    (P::RoundingShortOnFee, "rounding_short_on_fee",
        &[D(OverShort), C(FeesClearing)]),
    (P::RoundingOverOnFee, "rounding_over_on_fee",
        &[D(FeesClearing), C(OverShort)]),
    (P::Allocated, "allocated", &[]),
    (P::Opening, "opening",
        &[D(BankFbo), C(OwnFunds)]),
    (P::OpeningOverdrawn, "opening_overdrawn",
        &[D(OwnFunds), C(BankFbo)]),
    (P::Funding, "funding",
        &[D(BankFbo), C(CustomerAvailable)]),
    (P::FundingTaken, "funding_taken",
        &[D(CustomerAvailable), C(BankFbo)]),
    (P::OwnFunding, "own_funding",
        &[D(BankFbo), C(OwnFunds)]),
    (P::OwnFundingTaken, "own_funding_taken",
        &[D(OwnFunds), C(BankFbo)]),
];

impl Posting {
    /// Every posting.
    pub fn all() -> impl Iterator<Item = Posting> {
        POSTINGS.iter().map(|row| row.0)
    }

    /// The name of the posting in the journal.
    pub const fn as_str(self) -> &'static str {
        POSTINGS[self as usize].1
    }

    /// The legs of the posting.
    pub const fn legs(self) -> &'static [Leg] {
        POSTINGS[self as usize].2
    }
}

impl fmt::Display for Posting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text is not the name of a posting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("posting: there is none of this name")]
pub struct UnknownPosting;

impl FromStr for Posting {
    type Err = UnknownPosting;
    fn from_str(text: &str) -> Result<Posting, UnknownPosting> {
        let row = POSTINGS.iter().find(|row| row.1 == text);
        row.map(|row| row.0).ok_or(UnknownPosting)
    }
}
