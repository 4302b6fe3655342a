//! Days on which the bank tells its lines in ways of its own: what is booked is what reconciliation
//! finds, and what rests anywhere has a break that says why.

use crate::bank::week::{CLEARING, End, SUSPENSE, Week};
use formats::statement::Line;
use jiff::civil::{Date, date};
use settlement::money::SignedCents;

/// A Tuesday; the days after it hold a holiday and a weekend.
const FIRST: Date = date(2026, 11, 24);

/// Days that are run, and how many of them have payments.
const DAYS: (u32, u32) = (8, 2);

const PAYMENTS: u64 = 60;

/// Runs days with a bank without faults, whose statement of each day is told as `tell` has it.
fn days(mut tell: impl FnMut(Date, &mut Vec<Line>)) -> End {
    let mut week = Week::new(FIRST);
    for number in 0..DAYS.0 {
        let payments = if number < DAYS.1 { PAYMENTS } else { 0 };
        week.day(payments, Vec::new(), &mut tell);
    }
    week.end()
}

fn is_settlement(line: &Line) -> bool {
    line.customer_reference.len() == 14
}

#[test]
fn lines_that_name_no_batch_are_settled_and_leave_nothing_in_suspense() {
    let plain = days(|_, _| {});
    assert!(plain.settled > PAYMENTS, "{}", plain.settled);
    let end = days(|_, lines| {
        for line in lines.iter_mut().filter(|line| is_settlement(line)) {
            line.customer_reference.clear();
            line.bank_reference = "000000".to_owned();
        }
    });
    assert_eq!(end.settled, plain.settled, "every batch settles");
    assert_eq!(end.breaks, []);
    assert_eq!(
        end.on(CLEARING).len() + end.on(SUSPENSE).len(),
        0,
        "{:?}",
        end.balances
    );
}

#[test]
fn a_second_settlement_is_in_suspense_even_where_the_first_was_short() {
    let mut victim: Option<Line> = None;
    let end = days(|day, lines| {
        if let Some(line) = victim.take_if(|_| day == date(2026, 11, 27)) {
            lines.push(line); // again on the next statement
        }
        if day == date(2026, 11, 25) {
            let line = lines
                .iter_mut()
                .find(|line| is_settlement(line))
                .expect("a batch");
            let cents = line.amount.get();
            line.amount = SignedCents::new(cents - cents.signum() * 7);
            victim = Some(Line {
                bank_reference: "SECOND".to_owned(),
                ..line.clone()
            });
        }
    });
    let short = end.of("AMOUNT");
    let [short] = short.as_slice() else {
        panic!("{:#?}", end.breaks);
    };
    assert_eq!(
        (short.cents.get().abs(), short.status.as_str()),
        (7, "OPEN")
    );
    let clearing = end.on(CLEARING);
    assert_eq!(clearing.len(), 1, "{clearing:?}");
    assert_eq!(clearing[0].2, -short.cents.get());
    let twice = end.of("DUP_STATEMENT");
    assert_eq!(twice.len(), 1, "{:#?}", end.breaks);
    assert_eq!(end.breaks.len(), 2, "{:#?}", end.breaks);
    let suspense = end.on(SUSPENSE);
    assert_eq!(suspense.len(), 1, "{suspense:?}");
    assert_eq!(suspense[0].2, -twice[0].cents.get());
}

#[test]
fn lines_of_no_amount_and_fees_under_one_reference_are_no_breaks() {
    let end = days(|_, lines| {
        lines.push(Line {
            type_code: "890".to_owned(),
            text: "BALANCE INCLUDES HOLDS".to_owned(),
            ..Line::default()
        });
        for line in lines.iter_mut().filter(|line| line.type_code == "698") {
            line.bank_reference = "SVCCHG".to_owned();
        }
    });
    assert_eq!(end.breaks, []);
}

#[test]
fn a_fee_that_the_prices_do_not_make_is_a_break_and_no_expense() {
    let mut billed = 0;
    let end = days(|day, lines| {
        let fee = lines.iter_mut().find(|line| line.type_code == "698");
        let Some(line) = fee else { return };
        billed += line.amount.get();
        if day == date(2026, 11, 25) {
            billed -= line.amount.get();
            line.amount = SignedCents::new(-100_000_000);
        }
        let back = Line {
            amount: SignedCents::new(5),
            ..line.clone()
        };
        if day == date(2026, 11, 24) {
            lines.push(back); // a fee given back, for which we have no reason either
        }
    });
    let odd = end.of("UNEXPECTED_AT_BANK");
    let mut cents: Vec<i64> = odd.iter().map(|b| b.cents.get()).collect();
    cents.sort_unstable();
    assert_eq!(cents, [-100_000_000, 5]);
    assert_eq!(end.breaks.len(), 2, "{:#?}", end.breaks);
    let mut suspense: Vec<i64> = end.on(SUSPENSE).iter().map(|b| b.2).collect();
    suspense.sort_unstable();
    assert_eq!(suspense, [-5, 100_000_000]);
    let unbilled: i64 = end.on(&["2130"]).iter().map(|b| -b.2).sum();
    let expense: i64 = end.on(&["5010"]).iter().map(|b| b.2).sum();
    assert!(
        unbilled > 0,
        "what the wrong bill should have taken still waits"
    );
    assert_eq!(expense, unbilled - billed);
}

#[test]
fn a_return_whose_money_is_late_is_missing_until_it_comes() {
    let mut kept = Vec::new();
    let end = days(|day, lines| {
        if day == date(2026, 12, 3) {
            lines.append(&mut kept);
        } else {
            let returned = |line: &Line| line.customer_reference.len() == 15;
            kept.extend(lines.extract_if(.., |line| returned(line)));
        }
    });
    let missing = end.of("MISSING_AT_BANK");
    assert!(!missing.is_empty(), "no return came in these days");
    assert!(missing.iter().all(|b| !b.is_open()), "{missing:#?}");
    assert_eq!(missing.len(), end.breaks.len(), "{:#?}", end.breaks);
    assert_eq!(
        end.on(CLEARING).len() + end.on(SUSPENSE).len(),
        0,
        "{:?}",
        end.balances
    );
}
