//! What to do about a break, one line a kind; docs/operations.md says more of each.

use settlement::reconcile::legs::BreakKind;

/// One row a kind, in the order of the taxonomy.
#[rustfmt::skip]
const REMEDIES: &[(BreakKind, &str)] = &[
    (BreakKind::Timing, "nothing yet: it is inside its time"),
    (BreakKind::MissingAtBank, "ask the bank, with trace and amount"),
    (BreakKind::MissingInFile, "stop, change nothing, and look at the cut before anything is sent"),
    (BreakKind::MissingInLedger, "stop, change nothing, and look at the books of its date"),
    (BreakKind::UnexpectedAtBank, "ask the bank what it is; the money is in suspense by its key"),
    (BreakKind::DupEntry, "ask the bank; it was booked once. An entry of ours: stop sending"),
    (BreakKind::DupFile, "nothing; the second was not booked"),
    (BreakKind::DupStatement, "ask the bank to take the second back; its money is in suspense"),
    (BreakKind::Amount, "compare with the bank's own count of the batch; its payments wait"),
    (BreakKind::Rounding, "nothing; the next posting books it"),
    (BreakKind::FeeNetted, "nothing; if the fee repeats, check the contract"),
    (BreakKind::Date, "nothing; if it repeats, ask the bank"),
    (BreakKind::WindowMiss, "ask the bank why its window was missed"),
    (BreakKind::Direction, "stop sending: a batch or mapping of the profile is wrong"),
    (BreakKind::Currency, "ask the bank for the account's own statement; this one was not booked"),
    (BreakKind::Status, "compare with the bank what it believes; nothing was changed"),
    (BreakKind::SettlementUndone, "ask the bank why, and whether it settles again"),
    (BreakKind::SplitIncomplete, "ask the bank for the part that is not there"),
    (BreakKind::Ambiguous, "decide by hand, never by guess"),
    (BreakKind::ReturnUnmatched, "ask the returning bank for the original, or dishonor it"),
    (BreakKind::ReturnLate, "dishonor it (R68) within five banking days, or accept it"),
    (BreakKind::ReturnAmount, "ask the returning bank, or dishonor it"),
    (BreakKind::NocUnapplied, "correct the receiver's data before the next entry"),
    (BreakKind::ControlTotal, "ask the bank for the whole file; nothing of this one was booked"),
    (BreakKind::BalanceAssertion, "ask the bank for the statement again"),
    (BreakKind::SequenceGap, "ask the bank for the statement between"),
    (BreakKind::FileStatus, "ask the bank what it means; nothing of it was booked"),
    (BreakKind::ClearingResidue, "find the lines of this key in the journal and the bank's lines"),
    (BreakKind::FundingMissing, "ask whoever announced it; withdraw it where it will not come"),
    (BreakKind::Overdrawn, "ask the originator for money, or stop its payouts"),
];

fn kind_of(name: &str) -> Option<BreakKind> {
    let mut all = BreakKind::ALL.iter().copied();
    all.find(|kind| kind.as_str() == name)
}

/// What a kind means, in a line; empty for one that the taxonomy does not have.
pub fn meaning(name: &str) -> &'static str {
    kind_of(name).map_or("", BreakKind::meaning)
}

/// What to do about a kind, in a line.
pub fn remedy(name: &str) -> &'static str {
    let row = kind_of(name).and_then(|kind| REMEDIES.iter().find(|(of, _)| *of == kind));
    row.map_or("read what happened, and ask the bank", |(_, remedy)| remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_remedy_in_the_order_of_the_taxonomy() {
        let kinds: Vec<BreakKind> = REMEDIES.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, BreakKind::ALL);
        for kind in BreakKind::ALL {
            assert!(!meaning(kind.as_str()).is_empty());
            assert!(remedy(kind.as_str()).len() < 80, "{kind}: say it in a line");
        }
    }
}
