//! Lines and what they answer: each life ends with its clearing account and suspense at zero.

use super::*;
use crate::bank::LineRole;
use crate::fees::Bill;
use crate::ids::TraceNumber;
use crate::reconcile::legs::l3::{self, Batch, Fate, Line, Returned};
use jiff::civil::date;

const DAY: Date = date(2026, 11, 27);

fn key() -> BatchKey {
    BatchKey::new(date(2026, 11, 25), b'A', 4).unwrap()
}

fn initiated(direction: Direction, cents: u64) -> Fact {
    Fact::Initiated {
        payment: PaymentId::from_key(7).unwrap(),
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
    for (direction, role, cents, bank) in [
        (Direction::Debit, LineRole::DebitSettlement, 932, -1_568),
        (Direction::Credit, LineRole::CreditSettlement, 932, -3_432),
    ] {
        let fate = Fate::Settles;
        let line = line(role, bank);
        let settled = Fact::BankLine { line, fate };
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
fn a_line_that_answers_nothing_is_in_suspense_whatever_is_open_on_its_batch() {
    let role = LineRole::DebitSettlement;
    let first = Fact::BankLine {
        line: line(role, 90),
        fate: Fate::Settles,
    };
    for fate in [Fate::Again, Fate::Aside] {
        let line = line(role, 90);
        let second = Fact::BankLine { line, fate };
        let balances = book(&[initiated(Direction::Debit, 100), first.clone(), second]);
        assert_eq!(of(Account::DebitsInTransit, &balances), 10);
        assert!(
            balances.contains(&(2900, "SB1".to_owned(), -90)),
            "{balances:?}"
        );
    }
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
    for fate in [Fate::Aside, Fate::Again] {
        let line = fee.clone();
        let balances = book(&[accrued.clone(), Fact::BankLine { line, fate }]);
        assert_eq!(of(Account::SuspenseDebits, &balances), 451);
        assert_eq!(of(Account::FeesClearing, &balances), -450);
    }
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
            let unknown = Fact::BankLine {
                line: line.clone(),
                fate: Fate::Aside,
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
fn posting_books_each_line_where_reconciliation_looks_for_it() {
    let trace = TraceNumber::from_number(9).unwrap();
    let cents = SignedCents::new;
    let batches = [Batch {
        key: key(),
        direction: Direction::Debit,
        cents: cents(100),
        settles_on: DAY,
        entries: 1,
    }];
    let returns = [Returned {
        trace,
        cents: cents(-30),
        received: DAY,
    }];
    let waiting = l3::Waiting {
        batches: &batches,
        returns: &returns,
    };
    let pull = |id: &str, cents: i64| Line {
        id: id.to_owned(),
        reference: id.to_owned(),
        ..line(LineRole::DebitSettlement, cents)
    };
    let back = |cents: i64| Line {
        batch: None,
        trace: Some(trace),
        ..line(LineRole::DebitReturned, cents)
    };
    let fates = |lines: &[Line]| l3::fates(waiting, lines, &[]).unwrap();
    use Fate::*;
    assert_eq!(fates(&[pull("a", 90), pull("b", 100)]), [Aside, Settles]);
    assert_eq!(fates(&[pull("a", 100), pull("b", 100)]), [Settles, Again]);
    assert_eq!(fates(&[pull("a", -5)]), [Settles]);
    assert_eq!(fates(&[pull("a", 90), pull("b", 80)]), [Aside, Aside]);
    assert_eq!(
        fates(&[pull("a", 0), back(-30), back(-30)]),
        [Nothing, Returns, Again]
    );
    assert_eq!(fates(&[back(30)]), [Aside]);
    let payout = line(LineRole::CreditSettlement, 100);
    assert_eq!(fates(&[payout]), [Aside]);
    let earlier = [pull("a", 90)];
    let later = l3::fates(waiting, &[pull("b", 90)], &earlier).unwrap();
    assert_eq!(later, [Again]);
}

#[test]
fn a_line_that_cannot_be_what_it_is_said_to_be_is_an_error_that_names_it() {
    let mut book = Book::default();
    for (fate, role) in [
        (Fate::Settles, LineRole::Fee),
        (Fate::Settles, LineRole::DebitReturned),
        (Fate::Returns, LineRole::DebitSettlement),
        (Fate::Returns, LineRole::Other),
    ] {
        let line = line(role, -5);
        let error = book.post(&Fact::BankLine { line, fate }, DAY).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("line-1") && text.contains(role.as_str()),
            "{text}"
        );
    }
    assert_eq!(book.balances().count(), 0);
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
    let line = line(LineRole::DebitSettlement, 5);
    let fate = Fate::Settles;
    let error = book.post(&Fact::BankLine { line, fate }, DAY).unwrap_err();
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
    let settled = Fact::BankLine {
        line: line(LineRole::DebitSettlement, 200),
        fate: Fate::Settles,
    };
    book.post(&settled, second).unwrap();
    book.post(&initiated(Direction::Debit, 7), second).unwrap();
    let key = (Account::DebitsInTransit, key().to_string());
    let transit = book.balances().find(|(name, _)| **name == key);
    assert_eq!(transit.map(|(_, b)| b.since), Some(second));
}

#[test]
fn a_line_taken_back_leaves_the_books_as_if_it_had_never_come() {
    let line = Line {
        id: "2026-11-25-5678-00ff-1".to_owned(),
        role: LineRole::Other,
        batch: None,
        trace: None,
        cents: SignedCents::new(5_000),
        value_date: DAY,
        reference: "SB1".to_owned(),
    };
    let mut book = Book::default();
    let fate = Fate::Aside;
    let posted = book.post(&Fact::BankLine { line, fate }, DAY).unwrap();
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
