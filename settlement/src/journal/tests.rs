#![allow(clippy::arithmetic_side_effects)] // small numbers, checked by the compiler's profile

use super::*;
use Posting as P;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Balances of every account, debits positive.
#[derive(Default)]
struct Ledger(BTreeMap<Account, i64>);

impl Ledger {
    fn post(&mut self, posting: Posting, amounts: &[u64]) {
        let amounts: Vec<Cents> = amounts.iter().copied().map(Cents::new).collect();
        for line in posting.journal(&amounts).unwrap().lines() {
            *self.0.entry(line.account).or_default() += line.signed().unwrap().get();
        }
    }

    fn of(&self, account: Account) -> i64 {
        self.0.get(&account).copied().unwrap_or(0)
    }

    /// Everything balances, clearing accounts are at zero, and nothing is left unexplained.
    fn assert_ends(&self, name: &str) {
        assert_eq!(self.0.values().sum::<i64>(), 0, "{name}");
        for (account, balance) in &self.0 {
            let suspense = [Account::SuspenseDebits, Account::SuspenseReceipts].contains(account);
            assert!(
                *balance == 0 || !(account.is_clearing() || suspense),
                "{name}: {account}"
            );
        }
    }
}

type Step = (Posting, &'static [u64]);
type Scenario = (&'static str, &'static [Step]);

/// The nineteen scenarios of the reference, each a whole life.
const SCENARIOS: &[Scenario] = &[
    (
        "card auth, capture to escrow, netted deposit",
        &[
            (P::CardAuthorized, &[100]),
            (P::CardReleased, &[100]),
            (P::CardCaptured, &[100]),
            (P::CardDeposit, &[97, 3, 100]),
        ],
    ),
    (
        "auth void/expiry",
        &[(P::CardAuthorized, &[100]), (P::CardReleased, &[100])],
    ),
    (
        "escrow hold, release with fee, ACH payout",
        &[
            (P::EscrowHold, &[100]),
            (P::EscrowRelease, &[100, 97, 3]),
            (P::PayoutInitiate, &[97]),
            (P::PayoutSettle, &[97]),
        ],
    ),
    (
        "escrow refund",
        &[(P::EscrowHold, &[100]), (P::EscrowRefund, &[100])],
    ),
    (
        "escrow dispute: provider wins / payer wins half",
        &[
            (P::EscrowHold, &[100]),
            (P::DisputeOpened, &[100]),
            (P::DisputeToProvider, &[50]),
            (P::DisputeToPayer, &[50]),
        ],
    ),
    (
        "card chargeback lost on escrowed funds",
        &[
            (P::CardCaptured, &[100]),
            (P::CardDeposit, &[100, 0, 100]),
            (P::DisputeOpened, &[100]),
            (P::ChargebackLost, &[100]),
            (P::ChargebackDebited, &[100]),
        ],
    ),
    (
        "payout settled",
        &[(P::PayoutInitiate, &[100]), (P::PayoutSettle, &[100])],
    ),
    (
        "payout rejected by ODFI before settlement",
        &[(P::PayoutInitiate, &[100]), (P::PayoutRejected, &[100])],
    ),
    (
        "payout settled then returned R03",
        &[
            (P::PayoutInitiate, &[100]),
            (P::PayoutSettle, &[100]),
            (P::PayoutReturned, &[100]),
            (P::PayoutReturnBankLine, &[100]),
        ],
    ),
    (
        "pull settled, hold released",
        &[
            (P::PullInitiate, &[100]),
            (P::PullSettle, &[100]),
            (P::HoldEnd, &[100]),
        ],
    ),
    (
        "pull returned R01 inside hold",
        &[
            (P::PullInitiate, &[100]),
            (P::PullSettle, &[100]),
            (P::PullReturnedInHold, &[100]),
            (P::PullReturnBankLine, &[100]),
        ],
    ),
    (
        "pull late return R10, 60 spent, 40 left, write-off",
        &[
            (P::PullInitiate, &[100]),
            (P::PullSettle, &[100]),
            (P::HoldEnd, &[100]),
            (P::PayoutInitiate, &[60]),
            (P::PayoutSettle, &[60]),
            (P::LateReturn, &[40, 60, 100]),
            (P::PullReturnBankLine, &[100]),
            (P::LossProvision, &[60]),
            (P::WriteOff, &[60]),
        ],
    ),
    (
        "dishonored return accepted (R6x), then contested",
        &[
            (P::PullInitiate, &[100]),
            (P::PullSettle, &[100]),
            (P::PullReturnedInHold, &[100]),
            (P::PullReturnBankLine, &[100]),
            (P::PullReturnUndone, &[100]),
            (P::PullReturnUndoneBankLine, &[100]),
            (P::PullReturnedInHold, &[100]),
            (P::PullReturnBankLine, &[100]),
        ],
    ),
    (
        "return fee charged + bank return fee accrued/billed",
        &[
            (P::ReturnFeeCharged, &[25]),
            (P::BankFeeAccrued, &[4]),
            (P::BankFeeBilled, &[4]),
        ],
    ),
    (
        "duplicate entry in file -> suspense -> reversal",
        &[
            (P::PayoutInitiate, &[100]),
            (P::PayoutSettleTwice, &[100, 100, 200]),
            (P::ReversalSent, &[100]),
            (P::ReversalSettled, &[100]),
        ],
    ),
    (
        "unknown credit -> suspense -> applied to pull",
        &[
            (P::PullInitiate, &[100]),
            (P::UnknownCredit, &[100]),
            (P::UnknownCreditAppliedToPull, &[100]),
        ],
    ),
    (
        "1-cent bank difference within tolerance",
        &[
            (P::PullInitiate, &[100]),
            (P::PullSettle, &[99]),
            (P::RoundingShortOnPull, &[1]),
        ],
    ),
    (
        "interest accrue + pay",
        &[(P::InterestAccrued, &[7]), (P::InterestPaid, &[7])],
    ),
    (
        "NOC fee (NOC itself posts nothing)",
        &[(P::BankFeeAccrued, &[1]), (P::BankFeeBilled, &[1])],
    ),
];

#[test]
fn the_nineteen_scenarios_balance_and_clear() {
    assert_eq!(SCENARIOS.len(), 19);
    for (name, steps) in SCENARIOS {
        let mut ledger = Ledger::default();
        for (posting, amounts) in *steps {
            ledger.post(*posting, amounts);
        }
        ledger.assert_ends(name);
    }
}

#[test]
fn the_scenarios_carry_the_names_of_the_reference() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/reference/postings_check.py"
    );
    let Ok(text) = std::fs::read_to_string(path) else {
        return;
    };
    let named = text
        .lines()
        .filter_map(|l| l.strip_prefix("@S('")?.strip_suffix("')"));
    let ours: Vec<&str> = SCENARIOS.iter().map(|s| s.0).collect();
    assert_eq!(named.collect::<Vec<_>>(), ours);
}

#[test]
fn the_chart_and_the_postings_stand_in_their_order() {
    assert!(CHART.windows(2).all(|w| w[0].number < w[1].number));
    for (at, row) in CHART.iter().enumerate() {
        assert_eq!(row.account as usize, at);
        assert_eq!(
            Account::from_number(&row.number.to_string()),
            Some(row.account)
        );
        let class = [
            Class::Asset,
            Class::Liability,
            Class::Equity,
            Class::Income,
            Class::Expense,
        ];
        let digit = usize::from(row.number / 1000);
        let first = if digit == 9 {
            Class::Memo
        } else {
            class[digit - 1]
        };
        assert_eq!(row.class, first, "{}", row.account);
    }
    let clearing: Vec<u16> = CHART
        .iter()
        .filter(|row| row.clearing)
        .map(|row| row.number)
        .collect();
    assert_eq!(clearing, [1110, 1120, 1150, 2110, 2120, 2130]);
    for (at, (posting, name, _)) in POSTINGS.iter().enumerate() {
        assert_eq!(*posting as usize, at);
        assert_eq!(name.parse(), Ok(*posting));
    }
}

#[test]
fn every_posting_moves_money_between_different_accounts() {
    // An allocation brings its own lines.
    for (posting, name, legs) in POSTINGS.iter().filter(|row| row.0 != P::Allocated) {
        let of = |side| legs.iter().filter(move |leg| leg.side() == side).count();
        assert!(of(Side::Debit) > 0 && of(Side::Credit) > 0, "{name}");
        assert!(
            of(Side::Debit) == 1 || of(Side::Credit) == 1,
            "{name}: a split has one whole"
        );
        let memo = legs
            .iter()
            .filter(|leg| leg.account().class() == Class::Memo)
            .count();
        assert!(
            memo == 0 || memo == legs.len(),
            "{name}: memo accounts stay among themselves"
        );
        let mut accounts: Vec<Account> = legs.iter().map(|leg| leg.account()).collect();
        accounts.sort_unstable();
        accounts.dedup();
        assert_eq!(accounts.len(), legs.len(), "{name}");
        assert!(posting.journal(&[]).is_err(), "{name}");
    }
}

#[test]
fn an_unbalanced_split_is_refused_with_both_sums() {
    let cents = |c: &[u64]| -> Vec<Cents> { c.iter().copied().map(Cents::new).collect() };
    let error = P::LateReturn.journal(&cents(&[40, 61, 100])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "posting late_return: debits 1.01 and credits 1.00 differ; check the split"
    );
    assert!(matches!(
        P::LateReturn.journal(&cents(&[5])),
        Err(JournalError::Unbalanced { .. })
    ));
    assert_eq!(
        P::HoldEnd.journal(&cents(&[0])),
        Err(JournalError::Nothing(P::HoldEnd))
    );
    let huge = cents(&[u64::MAX, 1, u64::MAX]);
    assert_eq!(
        P::LateReturn.journal(&huge),
        Err(JournalError::TooLarge(P::LateReturn))
    );
    // Nothing left: the whole is owed, and no line says zero.
    let journal = P::LateReturn.journal(&cents(&[0, 100, 100])).unwrap();
    assert_eq!(journal.lines().len(), 2);
}

/// A whole life drawn at random: which of the lives, an amount, and how a part of it is split.
type Life = (usize, u64, u64);
type Steps = Vec<(Posting, Vec<u64>)>;

const LIVES: usize = 16;

/// The steps of one life of `whole` cents, of which `part` is what a split takes first.
fn life(which: usize, whole: u64, part: u64) -> Steps {
    let rest = whole - part;
    let one = |posting| (posting, vec![whole]);
    let payout = || vec![one(P::PayoutInitiate), one(P::PayoutSettle)];
    let pull = || vec![one(P::PullInitiate), one(P::PullSettle)];
    let and = |mut steps: Steps, more: Steps| {
        steps.extend(more);
        steps
    };
    match which {
        0 => payout(),
        1 => vec![one(P::PayoutInitiate), one(P::PayoutRejected)],
        2 => and(
            payout(),
            vec![one(P::PayoutReturned), one(P::PayoutReturnBankLine)],
        ),
        3 => vec![
            one(P::PayoutInitiate),
            (P::PayoutSettle, vec![whole + part]),
            (P::FeeNettedOnPayout, vec![part]),
        ],
        4 => vec![
            one(P::PayoutInitiate),
            (P::PayoutSettle, vec![rest]),
            (P::RoundingOverOnPayout, vec![part]),
        ],
        5 => and(pull(), vec![one(P::HoldEnd)]),
        6 => vec![one(P::PullInitiate), one(P::PullRejected)],
        7 => and(
            pull(),
            vec![one(P::PullReturnedInHold), one(P::PullReturnBankLine)],
        ),
        8 => {
            let late = (P::LateReturn, vec![part, rest, whole]);
            let undone = (P::LateReturnUndone, vec![whole, part, rest]);
            let back = vec![one(P::HoldEnd), late.clone(), one(P::PullReturnBankLine)];
            let refused = vec![undone, one(P::PullReturnUndoneBankLine)];
            and(
                and(pull(), back),
                and(refused, vec![late, one(P::PullReturnBankLine)]),
            )
        }
        _ => stranger_life(which, whole, part),
    }
}

/// The lives from the ninth on: fees and roundings on pulls, lines that nobody knew, reversals,
/// cards.
fn stranger_life(which: usize, whole: u64, part: u64) -> Steps {
    let rest = whole - part;
    let one = |posting| (posting, vec![whole]);
    let payout = || vec![one(P::PayoutInitiate), one(P::PayoutSettle)];
    let pull = || vec![one(P::PullInitiate), one(P::PullSettle)];
    let and = |mut steps: Steps, more: Steps| {
        steps.extend(more);
        steps
    };
    match which {
        9 => vec![
            one(P::PullInitiate),
            (P::PullSettle, vec![rest]),
            (P::FeeNettedOnPull, vec![part]),
        ],
        10 => vec![
            one(P::PullInitiate),
            (P::PullSettle, vec![whole + part]),
            (P::RoundingOverOnPull, vec![part]),
        ],
        11 => and(
            payout(),
            vec![
                one(P::UnknownCredit),
                one(P::PayoutReturned),
                one(P::UnknownCreditApplied),
            ],
        ),
        12 => and(
            pull(),
            vec![
                one(P::UnknownDebit),
                one(P::PullReturnedInHold),
                one(P::UnknownDebitApplied),
            ],
        ),
        13 => and(
            payout(),
            vec![one(P::PayoutReversalSent), one(P::ReversalSettled)],
        ),
        14 => and(
            and(pull(), vec![one(P::HoldEnd)]),
            vec![one(P::PullReversalSent), one(P::PullReversalSettled)],
        ),
        _ => vec![
            one(P::CardCaptured),
            (P::CardDeposit, vec![rest, part, whole]),
            (P::EscrowRelease, vec![whole, rest, part]),
        ],
    }
}

fn any_life() -> impl Strategy<Value = Life> {
    (0..LIVES, 2u64..9_999_999_999)
        .prop_flat_map(|(which, whole)| (Just(which), Just(whole), 1..whole))
}

proptest! {
    #[test]
    fn any_number_of_lives_interleaved_in_any_way_balances_and_clears(
        lives in prop::collection::vec(any_life(), 1..30),
        turns in prop::collection::vec(0usize..1000, 0..300),
    ) {
        let life = |(which, whole, part): &(_, _, _)| life(*which, *whole, *part).into_iter();
        let mut open: Vec<_> = lives.iter().map(life).collect();
        let mut ledger = Ledger::default();
        let mut turn = |open: &mut Vec<std::vec::IntoIter<_>>, at: usize| {
            if let Some((posting, amounts)) = open[at].next() {
                let amounts: Vec<u64> = amounts;
                ledger.post(posting, &amounts);
            }
        };
        for at in turns {
            let at = at % open.len();
            turn(&mut open, at);
        }
        for at in 0..open.len() {
            for _ in 0..10 {
                turn(&mut open, at);
            }
        }
        ledger.assert_ends("random lives");
    }

    #[test]
    fn cash_is_what_customers_losses_and_fees_leave(whole in 2u64..1_000_000, part in 1u64..2) {
        let mut ledger = Ledger::default();
        for (posting, amounts) in life(8, whole, part) {
            ledger.post(posting, &amounts);
        }
        prop_assert_eq!(ledger.of(Account::BankFbo), 0);
        prop_assert_eq!(ledger.of(Account::ReturnedItems), i64::try_from(whole - part).unwrap());
    }
}
