//! L1, L2 and L4: one test for each kind of break, and the laws on random rows.

use super::*;
use crate::ids::{BatchKey, DfiId, PaymentId, TraceNumber};
use jiff::civil::{Date, date};
use proptest::prelude::*;

fn payment(n: i64) -> PaymentId {
    PaymentId::from_key(n).unwrap()
}

fn trace(n: u64) -> TraceNumber {
    TraceNumber::from_number(n).unwrap()
}

fn kinds(outcome: &Outcome) -> Vec<&'static str> {
    assert!(outcome.conservation.holds(), "{}", outcome.conservation);
    outcome.breaks.iter().map(|b| b.kind.as_str()).collect()
}

// --------------------------------------------------------------------------------------- L1

fn claims(rows: &[(i64, i64)]) -> Vec<l1::Claimed> {
    let claim = |(p, c): &(i64, i64)| l1::Claimed {
        payment: payment(*p),
        cents: SignedCents::new(*c),
    };
    rows.iter().map(claim).collect()
}

fn sent(rows: &[(i64, i64)]) -> Vec<l1::Sent> {
    let batch = BatchKey::new(date(2026, 11, 24), b'A', 1).unwrap();
    let entry = |((p, c), n): (&(i64, i64), u64)| {
        let (payment, cents) = (payment(*p), SignedCents::new(*c));
        l1::Sent {
            payment,
            cents,
            batch,
            trace: trace(n),
        }
    };
    rows.iter().zip(1..).map(entry).collect()
}

#[test]
fn l1_names_what_the_files_did_to_the_payments() {
    let of = |l: &[(i64, i64)], r: &[(i64, i64)]| l1::reconcile(&claims(l), &sent(r)).unwrap();
    assert_eq!(of(&[(1, 5), (2, 6)], &[(2, 6), (1, 5)]).matches.len(), 2);
    assert_eq!(kinds(&of(&[(1, 5)], &[])), ["MISSING_IN_FILE"]);
    assert_eq!(kinds(&of(&[], &[(1, 5)])), ["MISSING_IN_LEDGER"]);
    assert_eq!(kinds(&of(&[(1, 5)], &[(1, 6)])), ["AMOUNT"]);
    assert_eq!(kinds(&of(&[(1, 5)], &[(1, -5)])), ["DIRECTION"]);
    assert_eq!(kinds(&of(&[(1, 5)], &[(1, 5), (1, 5)])), ["DUP_ENTRY"]);
    assert_eq!(kinds(&of(&[(1, 5)], &[(1, 7), (1, 8)])), ["AMBIGUOUS"; 3]);
    let text = of(&[(1, 5)], &[]).conservation.to_string();
    let line = "L1 1 claimed payments 0.05 = 1 in breaks 0.05; 0 entries in files 0.00; ties out";
    assert_eq!(text, line);
}

// --------------------------------------------------------------------------------------- L2

fn entry(p: i64, t: u64, cents: i64, sent: Date) -> l2::Entry {
    let rdfi = DfiId::new(7_640_125).unwrap();
    let (company, cents) = ("1234567890".to_owned(), SignedCents::new(cents));
    l2::Entry {
        payment: payment(p),
        trace: trace(t),
        rdfi,
        company,
        cents,
        sent,
    }
}

fn answer(id: &str, t: u64, cents: i64) -> l2::Answer {
    l2::Answer {
        id: id.to_owned(),
        kind: l2::AnswerKind::Return,
        original_trace: trace(t),
        original_rdfi: DfiId::new(7_640_125).unwrap(),
        company: "1234567890".to_owned(),
        payment: None,
        cents: SignedCents::new(cents),
        received: date(2026, 11, 24),
    }
}

#[test]
fn l2_finds_the_one_entry_a_return_answers() {
    let day = date(2026, 11, 20);
    let of = |a: &[l2::Answer], e: &[l2::Entry]| l2::reconcile(a, e, |_, _| false);
    let entries = [entry(1, 1, -5, day), entry(2, 2, -6, day)];
    assert_eq!(
        of(&[answer("a", 2, -6)], &entries).matches,
        [Match { left: 0, right: 1 }]
    );
    assert_eq!(
        kinds(&of(&[answer("a", 3, -6)], &entries)),
        ["RETURN_UNMATCHED"]
    );
    assert_eq!(
        kinds(&of(&[answer("a", 2, -7)], &entries)),
        ["RETURN_AMOUNT"]
    );
    assert_eq!(
        kinds(&of(&[answer("a", 2, -6), answer("b", 2, -6)], &entries)),
        ["DUP_ENTRY"]
    );
    let old = [entry(1, 1, -5, date(2026, 9, 1))];
    assert_eq!(
        kinds(&of(&[answer("a", 1, -5)], &old)),
        ["RETURN_UNMATCHED"]
    );
    let late = l2::reconcile(&[answer("a", 1, -5)], &entries, |_, _| true);
    assert_eq!((kinds(&late), late.matches.len()), (vec!["RETURN_LATE"], 1));
    let noc = l2::Answer {
        kind: l2::AnswerKind::Noc,
        ..answer("n", 1, 0)
    };
    assert_eq!(of(&[noc, answer("a", 1, -5)], &entries).matches.len(), 2);
}

#[test]
fn l2_picks_among_recurring_traces_only_by_the_individual_id() {
    let entries = [
        entry(1, 1, -5, date(2026, 11, 19)),
        entry(2, 1, -5, date(2026, 11, 20)),
    ];
    let of = |a: l2::Answer| l2::reconcile(&[a], &entries, |_, _| false);
    assert_eq!(kinds(&of(answer("a", 1, -5))), ["AMBIGUOUS"]);
    let named = l2::Answer {
        payment: Some(payment(2)),
        ..answer("a", 1, -5)
    };
    assert_eq!(of(named).matches, [Match { left: 0, right: 1 }]);
}

// --------------------------------------------------------------------------------------- L4

fn cash(rows: &[(i64, i64)]) -> Vec<l4::CashLine> {
    let line = |(id, c): &(i64, i64)| l4::CashLine {
        bank_line: format!("line-{id}"),
        cents: SignedCents::new(*c),
        reference: format!("ref-{id}"),
    };
    rows.iter().map(line).collect()
}

#[test]
fn l4_holds_the_books_against_the_statement() {
    let of = |l: &[(i64, i64)], r: &[(i64, i64)]| l4::reconcile(&cash(l), &cash(r), &[]).unwrap();
    assert_eq!(of(&[(1, 5), (2, 6)], &[(2, 6), (1, 5)]).matches.len(), 2);
    assert_eq!(kinds(&of(&[(1, 5)], &[])), ["MISSING_IN_LEDGER"]);
    assert_eq!(kinds(&of(&[], &[(1, 5)])), ["MISSING_AT_BANK"]);
    assert_eq!(kinds(&of(&[(1, 5)], &[(1, 6)])), ["AMOUNT"]);
    assert_eq!(kinds(&of(&[(1, 5), (1, 5)], &[(1, 5)])), ["DUP_STATEMENT"]);
    assert_eq!(kinds(&of(&[(1, 5)], &[(1, 5), (1, 5)])), ["DUP_ENTRY"]);
}

#[test]
fn l4_holds_a_statement_against_itself_and_the_one_before() {
    let statement = |day: i8, opening: i64, lines: i64, closing: i64| l4::StatementBalance {
        account: "1010".to_owned(),
        date: date(2026, 11, day),
        opening: SignedCents::new(opening),
        lines: SignedCents::new(lines),
        closing: SignedCents::new(closing),
    };
    let of = |s: &[l4::StatementBalance]| l4::reconcile(&[], &[], s).unwrap();
    assert_eq!(
        kinds(&of(&[statement(24, 15, -3, 12), statement(23, 10, 5, 15)])),
        [""; 0]
    );
    assert_eq!(
        kinds(&of(&[statement(24, 10, 5, 16)])),
        ["BALANCE_ASSERTION"]
    );
    assert_eq!(
        kinds(&of(&[statement(23, 10, 5, 15), statement(24, 14, 0, 14)])),
        ["SEQUENCE_GAP"]
    );
}

// ------------------------------------------------------------------------------------- laws

fn rows() -> impl Strategy<Value = Vec<(i64, i64)>> {
    prop::collection::vec((0i64..6, -3i64..4), 0..20)
}

fn turned<T: Clone>(rows: &[T]) -> Vec<T> {
    rows.iter().rev().cloned().collect()
}

proptest! {
    #[test]
    fn conservation_holds_and_order_does_not_matter(left in rows(), right in rows()) {
        let (claims, entries) = (claims(&left), sent(&right));
        let one = l1::reconcile(&claims, &entries).unwrap();
        let two = l1::reconcile(&turned(&claims), &turned(&entries)).unwrap();
        let (bank, books) = (cash(&left), cash(&right));
        let three = l4::reconcile(&bank, &books, &[]).unwrap();
        let four = l4::reconcile(&turned(&bank), &turned(&books), &[]).unwrap();
        let day = |n: i64| date(2026, 11, [20, 21, 22][usize::try_from(n % 3).unwrap()]);
        let answers: Vec<_> = left.iter().zip(0..)
            .map(|((t, c), n)| answer(&format!("{n}"), *t as u64, *c)).collect();
        let sent: Vec<_> = right.iter().zip(0..)
            .map(|((t, c), n)| entry(n, *t as u64, *c, day(n))).collect();
        let five = l2::reconcile(&answers, &sent, |a, _| a.cents.get() > 0);
        let six = l2::reconcile(&turned(&answers), &turned(&sent), |a, _| a.cents.get() > 0);
        for (a, b) in [(one, two), (three, four), (five, six)] {
            prop_assert!(a.conservation.holds(), "{}", a.conservation);
            prop_assert_eq!(a.breaks, b.breaks);
            prop_assert_eq!(a.conservation, b.conservation);
        }
    }
}

#[test]
fn kinds_are_written_in_capitals_and_once() {
    let mut names: Vec<_> = BreakKind::ALL.iter().map(|k| k.as_str()).collect();
    assert!(
        names
            .iter()
            .all(|n| n.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'))
    );
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 27);
}
