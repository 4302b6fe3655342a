//! Lines and what they answer: each life ends with its clearing account and suspense at zero.

use super::*;
use crate::allocate::{Allocation, Item, Kind, Pass, Share};
use crate::bank::LineRole;
use crate::fees::Bill;
use crate::ids::TraceNumber;
use crate::reconcile::legs::l3::Line;
use jiff::civil::date;

const DAY: Date = date(2026, 11, 27);

fn key() -> BatchKey {
    BatchKey::new(date(2026, 11, 25), b'A', 4).unwrap()
}

fn initiated(direction: Direction, cents: u64) -> Fact {
    Fact::Initiated {
        originator: "billing".to_owned(),
        batch: key(),
        direction,
        amount: Cents::new(cents),
    }
}

fn line(role: LineRole, cents: i64) -> Line {
    Line {
        id: "line-1".to_owned(),
        role,
        batch: Some(key()),
        trace: None,
        cents: SignedCents::new(cents),
        value_date: DAY,
        reference: "SB1".to_owned(),
    }
}

/// A line of the bank's that answers this.
fn answers(cents: i64, answers: Option<Kind>) -> Fact {
    Fact::BankLine {
        id: "line-1".to_owned(),
        cents: SignedCents::new(cents),
        value: DAY,
        answers,
    }
}

fn difference(direction: Direction, residue: i64) -> Fact {
    Fact::Difference {
        found_by: "L3/FEE_NETTED".to_owned(),
        batch: key(),
        direction,
        residue: SignedCents::new(residue),
        fee: true,
    }
}

/// Posts facts to a new book, and answers with every balance that is not zero.
fn book(facts: &[Fact]) -> Vec<(u16, String, i64)> {
    let mut book = Book::default();
    for fact in facts {
        book.post(fact, DAY).unwrap();
    }
    let balances = book.balances();
    let plain = balances.map(|((a, key), b)| (a.number(), key.clone(), b.cents.get()));
    plain.collect()
}

fn of(account: Account, balances: &[(u16, String, i64)]) -> i64 {
    let mine = balances.iter().filter(|b| b.0 == account.number());
    mine.map(|b| b.2).sum()
}

#[test]
fn a_fee_larger_than_its_batch_leaves_nothing_on_the_clearing_account() {
    for (direction, cents, bank) in [
        (Direction::Debit, 932, -1_568),
        (Direction::Credit, 932, -3_432),
    ] {
        let settled = answers(bank, Some(Kind::Side(key(), direction)));
        let all = [
            initiated(direction, cents),
            settled,
            difference(direction, 2_500),
        ];
        let balances = book(&all);
        for account in [
            Account::DebitsInTransit,
            Account::CreditsInTransit,
            Account::SuspenseDebits,
            Account::SuspenseReceipts,
        ] {
            assert_eq!(of(account, &balances), 0, "{direction:?}: {balances:?}");
        }
        assert_eq!(of(Account::BankFees, &balances), 2_500);
        assert_eq!(of(Account::BankFbo, &balances), bank);
    }
}

#[test]
fn a_line_that_answers_nothing_is_in_suspense_under_its_own_name() {
    let side = Some(Kind::Side(key(), Direction::Debit));
    let balances = book(&[
        initiated(Direction::Debit, 100),
        answers(90, side),
        answers(90, None),
    ]);
    assert_eq!(of(Account::DebitsInTransit, &balances), 10);
    assert!(
        balances.contains(&(2900, "line-1".to_owned(), -90)),
        "{balances:?}"
    );
}

#[test]
fn an_allocation_takes_money_out_of_suspense_to_all_that_it_names() {
    let share = |item: Item, cents: i64| Share {
        item,
        cents: SignedCents::new(cents),
    };
    let id = Kind::side_id(key(), Direction::Debit);
    let shares = vec![
        share(Item::Receipt("line-1".into()), 75),
        share(Item::NettedFee(id.clone()), 25),
        share(Item::Expectation(id.clone()), -100),
    ];
    let made = Allocation::new(DAY, Pass::Cause, "it says so".into(), shares);
    let balances = book(&[
        initiated(Direction::Debit, 100),
        answers(75, None),
        Fact::Allocated(made),
    ]);
    for account in [Account::DebitsInTransit, Account::SuspenseReceipts] {
        assert_eq!(of(account, &balances), 0, "{balances:?}");
    }
    assert_eq!(
        (
            of(Account::BankFees, &balances),
            of(Account::BankFbo, &balances)
        ),
        (25, 75)
    );
    let strange = vec![
        share(Item::Receipt("a".into()), 5),
        share(Item::Expectation("b".into()), -5),
    ];
    let strange = Allocation::new(DAY, Pass::Named, String::new(), strange);
    let error = Book::default()
        .post(&Fact::Allocated(strange), DAY)
        .unwrap_err();
    assert!(error.to_string().contains("\"b\""), "{error}");
}

#[test]
fn a_bill_takes_what_was_accrued_and_no_other_fee_is_booked() {
    let bank = || "sandbox".to_owned();
    let fee = Line {
        batch: None,
        ..line(LineRole::Fee, -451)
    };
    let accrued = Fact::FeesAccrued {
        bank: bank(),
        amount: Cents::new(450),
    };
    let billed = |accrued, minimum, rounding| Fact::FeeBilled {
        line: fee.clone(),
        bank: bank(),
        bill: Bill {
            accrued: Cents::new(accrued),
            minimum: Cents::new(minimum),
            rounding: SignedCents::new(rounding),
        },
    };
    for (bill, expense, over) in [(billed(450, 0, 1), 450, 1), (billed(450, 1, 0), 451, 0)] {
        let balances = book(&[accrued.clone(), bill]);
        assert_eq!(of(Account::FeesClearing, &balances), 0, "{balances:?}");
        assert_eq!(of(Account::BankFees, &balances), expense);
        assert_eq!(of(Account::OverShort, &balances), over);
        assert_eq!(of(Account::BankFbo, &balances), -451);
    }
    let balances = book(&[accrued, answers(-451, None)]);
    assert_eq!(of(Account::SuspenseDebits, &balances), 451);
    assert_eq!(of(Account::FeesClearing, &balances), -450);
}

#[test]
fn a_line_without_a_name_leaves_suspense_when_its_batch_is_known() {
    for (direction, role, cents) in [
        (Direction::Debit, LineRole::DebitSettlement, 700),
        (Direction::Credit, LineRole::CreditSettlement, -700),
    ] {
        // Without a reference the line's own name is the key.
        for reference in ["", "000000"] {
            let line = Line {
                batch: None,
                reference: reference.to_owned(),
                ..line(role, cents)
            };
            // It went there under the name that the version before gave it.
            let name = if reference.is_empty() {
                &line.id
            } else {
                &line.reference
            };
            let unknown = Fact::BankLine {
                id: name.clone(),
                cents: line.cents,
                value: DAY,
                answers: None,
            };
            let batch = key();
            let applied = Fact::Applied {
                line,
                batch,
                direction,
            };
            let balances = book(&[initiated(direction, 700), unknown, applied]);
            let cash = of(Account::BankFbo, &balances);
            let customer =
                of(Account::CustomerAvailable, &balances) + of(Account::CustomerHeld, &balances);
            assert_eq!(
                (cash, customer, balances.len()),
                (cents, -cents, 2),
                "{balances:?}"
            );
        }
    }
}

#[test]
fn a_fact_is_posted_whole_or_not_at_all() {
    let most = Balance {
        cents: SignedCents::new(i64::MAX),
        since: DAY,
    };
    // The bank's cash is the second line of the journal: the first one must not stay.
    let full = (Account::BankFbo, String::new());
    let mut book = Book::open([(full, most)]);
    let line = answers(5, Some(Kind::Side(key(), Direction::Debit)));
    let error = book.post(&line, DAY).unwrap_err();
    assert!(
        matches!(error, PostingError::TooLarge { account: 1010, .. }),
        "{error}"
    );
    assert_eq!(
        book.balances().count(),
        1,
        "nothing of the fact is in the book"
    );
}

#[test]
fn a_balance_is_as_old_as_its_last_day_at_zero() {
    let (first, second) = (DAY, date(2026, 11, 30));
    let mut book = Book::default();
    book.post(&initiated(Direction::Debit, 100), first).unwrap();
    book.post(&initiated(Direction::Debit, 100), second)
        .unwrap();
    let since = |book: &Book| book.balances().map(|(_, b)| b.since).max();
    assert_eq!(
        since(&book),
        Some(first),
        "it has not been at zero in between"
    );
    let settled = answers(200, Some(Kind::Side(key(), Direction::Debit)));
    book.post(&settled, second).unwrap();
    book.post(&initiated(Direction::Debit, 7), second).unwrap();
    let key = (Account::DebitsInTransit, key().to_string());
    let transit = book.balances().find(|(name, _)| **name == key);
    assert_eq!(transit.map(|(_, b)| b.since), Some(second));
}

#[test]
fn a_line_taken_back_leaves_the_books_as_if_it_had_never_come() {
    let mut book = Book::default();
    let line = Fact::BankLine {
        id: "2026-11-25-5678-00ff-1".to_owned(),
        cents: SignedCents::new(5_000),
        value: DAY,
        answers: None,
    };
    let posted = book.post(&line, DAY).unwrap();
    assert_eq!(book.balances().count(), 2);
    let journals = posted
        .into_iter()
        .map(|posted| ("the journal".to_owned(), posted));
    let taken_back = Fact::Reversed {
        line: "2026-11-25-5678-00ff-1-reversed".to_owned(),
        journals: journals.collect(),
    };
    let back = book.post(&taken_back, DAY).unwrap();
    assert_eq!(book.balances().count(), 0);
    assert_eq!(back[0].corrects.as_deref(), Some("the journal"));
    assert_eq!(back[0].source, "2026-11-25-5678-00ff-1-reversed");
}

/// Straight from its line, or out of suspense a day later, a wire comes to the same; what the bank
/// takes back leaves nothing.
#[test]
fn a_wire_is_its_originators_or_ours_whichever_way_it_is_booked() {
    for (originator, account, key) in [
        (Some("payroll"), Account::CustomerAvailable, "payroll"),
        (None, Account::OwnFunds, ""),
    ] {
        for cents in [700, -700] {
            let id = Kind::funding_id(12, originator, "WIRE 12");
            let direct = book(&[Fact::Funded {
                id: "line-1".to_owned(),
                cents: SignedCents::new(cents),
                value: DAY,
                originator: originator.map(str::to_owned),
            }]);
            let share = |item, cents| Share {
                item,
                cents: SignedCents::new(cents),
            };
            let made = |sign: i64, line: &str| {
                let shares = vec![
                    share(Item::Receipt(line.to_owned()), sign * cents),
                    share(Item::Expectation(id.clone()), -sign * cents),
                ];
                Fact::Allocated(Allocation::new(DAY, Pass::Named, String::new(), shares))
            };
            let later = [answers(cents, None), made(1, "line-1")];
            assert_eq!(book(&later), direct);
            let expected = [
                (1010, String::new(), cents),
                (account.number(), key.to_owned(), -cents),
            ];
            assert_eq!(direct, expected);
            let back = [answers(-cents, None), made(-1, "line-1")];
            assert_eq!(book(&[&later[..], &back[..]].concat()), []);
        }
    }
}

#[test]
fn what_is_rejected_leaves_nothing_and_what_settles_all_the_same_is_as_if_it_never_was() {
    for direction in [Direction::Debit, Direction::Credit] {
        for hold_had_ended in [false, true] {
            let (payment, originator) = (PaymentId::from_key(7).unwrap(), "billing".to_owned());
            let amount = Cents::new(500);
            let undone = Fact::Undone {
                payment,
                originator: originator.clone(),
                batch: key(),
                direction,
                amount,
                hold_had_ended,
            };
            let carried = Fact::Carried {
                payment,
                originator: originator.clone(),
                batch: key(),
                direction,
                amount,
                hold_had_ended,
            };
            let mut facts = vec![initiated(direction, 500)];
            if hold_had_ended && direction == Direction::Debit {
                facts.push(Fact::HoldEnded {
                    of: payment.to_string(),
                    originator,
                    amount,
                });
            }
            let before = book(&facts);
            facts.push(undone);
            assert_eq!(book(&facts), [], "{direction:?}");
            facts.push(carried);
            assert_eq!(book(&facts), before, "{direction:?}");
        }
    }
}

#[test]
fn what_came_back_leaves_with_its_return_and_comes_with_it() {
    let payment = PaymentId::from_key(7).unwrap();
    let trace = TraceNumber::from_number(76_401_250_000_007).unwrap();
    for direction in [Direction::Debit, Direction::Credit] {
        let back = Fact::Returned {
            payment,
            originator: "billing".to_owned(),
            trace,
            direction,
            amount: Cents::new(500),
            hold_had_ended: false,
        };
        let of = |carried| Fact::ReturnCarried {
            payment,
            batch: key(),
            trace,
            direction,
            amount: Cents::new(500),
            carried,
        };
        let mut facts = vec![initiated(direction, 500), back];
        let before = book(&facts);
        assert_eq!(before.len(), 2, "{before:?}");
        facts.push(of(false));
        assert_eq!(book(&facts), []);
        facts.push(of(true));
        assert_eq!(book(&facts), before);
    }
}

#[test]
fn what_gives_way_goes_back_to_suspense_under_its_own_name() {
    let side = Kind::Side(key(), Direction::Debit);
    let id = Kind::side_id(key(), Direction::Debit);
    let share = |item, cents| Share {
        item,
        cents: SignedCents::new(cents),
    };
    let shares = vec![
        share(Item::Receipt("line-1".to_owned()), 500),
        share(Item::Expectation(id), -500),
    ];
    let made = Allocation::new(DAY, Pass::Group, "supposed".to_owned(), shares);
    let back = made.taken_back(DAY, Pass::Displaced, "named".to_owned());
    let balances = book(&[
        initiated(Direction::Debit, 500),
        answers(500, Some(side)),
        Fact::Allocated(back),
    ]);
    assert!(
        balances.contains(&(2900, "line-1".to_owned(), -500)),
        "{balances:?}"
    );
    assert_eq!(of(Account::DebitsInTransit, &balances), 500);
}
