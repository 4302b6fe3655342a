//! L1, L2 and L4: one test for each kind of break, and the laws on random rows.

use super::*;
use crate::ids::{BatchKey, DfiId, PaymentId, TraceNumber};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use std::collections::BTreeMap;

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
    let none = BTreeMap::new();
    let of =
        |l: &[(i64, i64)], r: &[(i64, i64)]| l1::reconcile(&claims(l), &sent(r), &none).unwrap();
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

#[test]
fn l1_names_what_another_cut_has_sent_already() {
    let before = [(payment(2), "2026-11-20/standard/07640125".to_owned())].into();
    let both = [(1, 5), (2, -6)];
    let outcome = l1::reconcile(&claims(&both), &sent(&both), &before).unwrap();
    assert_eq!(kinds(&outcome), ["DUP_ENTRY"]);
    let [found] = &outcome.breaks[..] else {
        panic!("{:?}", outcome.breaks);
    };
    assert_eq!(
        (&found.key, found.cents.get()),
        (&payment(2).to_string(), -6)
    );
    let named = found.explanation.contains("2026-11-20/standard/07640125");
    assert!(
        named && found.kind.status() == BreakStatus::Open,
        "{found:?}"
    );
    assert_eq!(outcome.matches.len(), 1);
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
        direction: crate::ids::Direction::Credit,
        sec: None,
        sent,
        settles: sent,
        account_last4: "1614".to_owned(),
    }
}

fn answer(id: &str, t: u64, cents: i64) -> l2::Answer {
    l2::Answer {
        id: id.to_owned(),
        kind: l2::AnswerKind::Return,
        code: "R03".to_owned(),
        by: trace(900),
        original_trace: trace(t),
        original_rdfi: DfiId::new(7_640_125).unwrap(),
        company: "1234567890".to_owned(),
        payment: None,
        cents: SignedCents::new(cents),
        settled: date(2026, 11, 24),
        received: date(2026, 11, 24),
        account_last4: None,
    }
}

/// Ingestion that has taken each answer for this payment.
fn took(answers: &[l2::Answer], payment: PaymentId) -> l2::Ingested {
    let payments = answers.iter().map(|answer| (answer.id.clone(), payment));
    l2::Ingested {
        payments: payments.collect(),
        ..l2::Ingested::default()
    }
}

#[test]
fn l2_finds_the_one_entry_a_return_answers() {
    let day = date(2026, 11, 20);
    let by = |n| move |a: &[l2::Answer], e: &[l2::Entry]| l2::reconcile(a, e, &took(a, payment(n)));
    let of = by(2);
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
    let old = [entry(2, 1, -5, date(2024, 9, 1))];
    assert_eq!(of(&[answer("a", 1, -5)], &old).matches.len(), 1);
    let first = [answer("a", 1, -5)];
    let late = l2::Ingested {
        late: [first[0].id.clone()].into(),
        ..took(&first, payment(1))
    };
    let late = l2::reconcile(&first, &entries, &late);
    assert_eq!((kinds(&late), late.matches.len()), (vec!["RETURN_LATE"], 1));
    let noc = l2::Answer {
        kind: l2::AnswerKind::Notice,
        ..answer("n", 1, 0)
    };
    let both = [noc, answer("a", 1, -5)];
    assert_eq!(by(1)(&both, &entries).matches.len(), 2);
}

#[test]
fn l2_picks_among_recurring_traces_only_by_the_individual_id() {
    let entries = [
        entry(1, 1, -5, date(2026, 11, 20)),
        entry(2, 1, -5, date(2026, 11, 20)),
    ];
    let of = |a: l2::Answer| {
        let answers = [a];
        l2::reconcile(&answers, &entries, &took(&answers, payment(2)))
    };
    assert_eq!(kinds(&of(answer("a", 1, -5))), ["AMBIGUOUS"]);
    let named = l2::Answer {
        payment: Some(payment(2)),
        ..answer("a", 1, -5)
    };
    assert_eq!(of(named).matches, [Match { left: 0, right: 1 }]);
}

#[test]
fn l2_comes_to_its_own_answer_and_a_disagreement_with_ingestion_is_a_break() {
    let day = date(2026, 11, 20);
    let entries = [entry(1, 1, -5, day), entry(2, 2, -5, day)];
    let answers = [answer("a", 1, -5)];
    let found = |ingested: &l2::Ingested| {
        let outcome = l2::reconcile(&answers, &entries, ingested);
        let said = outcome.breaks.iter().map(|b| b.explanation.clone());
        (
            kinds(&outcome),
            said.collect::<String>(),
            outcome.matches.len(),
        )
    };
    assert_eq!(
        found(&took(&answers, payment(1))),
        (vec![], String::new(), 1)
    );
    let (kind, said, matches) = found(&took(&answers, payment(2)));
    assert_eq!((kind, matches), (vec!["STATUS"], 0));
    let named = [payment(1), payment(2)].map(|id| said.contains(&id.to_string()));
    assert_eq!(named, [true, true], "{said}");
    let (kind, said, _) = found(&l2::Ingested::default());
    assert_eq!(kind, ["STATUS"]);
    assert!(said.contains("found no payment"), "{said}");
    // What ingestion knew does not make one of several entries the right one.
    let twins = [entry(1, 1, -5, day), entry(2, 1, -5, day)];
    let outcome = l2::reconcile(&answers, &twins, &took(&answers, payment(2)));
    assert_eq!(kinds(&outcome), ["AMBIGUOUS"]);
    let outcome = l2::reconcile(&answers, &[], &took(&answers, payment(2)));
    assert_eq!(kinds(&outcome), ["RETURN_UNMATCHED"]);
    assert!(
        outcome.breaks[0]
            .explanation
            .contains(&payment(2).to_string())
    );
}

#[test]
fn l2_says_once_what_is_told_twice_and_takes_what_is_new() {
    let entries = [entry(1, 1, -5, date(2026, 11, 20))];
    let first = answer("a", 1, -5);
    let before = |told: &[&l2::Answer], answers: &[l2::Answer]| {
        let told = told.iter();
        let ingested = l2::Ingested {
            told: told
                .map(|a| crate::returns::Told::of(a, Some(payment(1))))
                .collect(),
            ..took(answers, payment(1))
        };
        l2::reconcile(answers, &entries, &ingested)
    };
    let again = before(&[&first], &[answer("b", 1, -5)]);
    assert_eq!((kinds(&again), again.matches.len()), (vec!["DUP_ENTRY"], 0));
    let with = |kind, code: &str, by| l2::Answer {
        kind,
        code: code.to_owned(),
        by: trace(by),
        ..answer(code, 1, -5)
    };
    use l2::AnswerKind::{Contested, Dishonored, Notice, Return};
    let others = [
        with(Return, "R10", 901),
        with(Dishonored, "R68", 902),
        with(Contested, "R73", 903),
        with(Notice, "C01", 904),
        with(Notice, "C01", 905),
    ];
    let taken = before(&[&first], &others);
    assert_eq!((kinds(&taken), taken.matches.len()), (vec![], 5));
    assert_eq!(
        kinds(&before(&[&first, &others[4]], &others)),
        ["DUP_ENTRY"]
    );
}

#[test]
fn l2_takes_the_corrected_one_of_two_returns() {
    let entries = [entry(1, 1, -5, date(2026, 11, 20))];
    let wrong = answer("a", 2, -5);
    let right = answer("b", 1, -5);
    let both = [wrong.clone(), right];
    let found = l2::reconcile(&both, &entries, &took(&both[1..], payment(1)));
    assert_eq!((kinds(&found), found.matches.len()), (vec![], 1));
    let twice = [
        wrong.clone(),
        l2::Answer {
            id: "c".to_owned(),
            ..wrong
        },
    ];
    let found = l2::reconcile(&twice, &entries, &l2::Ingested::default());
    assert_eq!(kinds(&found), ["DUP_ENTRY", "RETURN_UNMATCHED"]);
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
    fn a_leg_in_two_runs_finds_what_one_run_finds(left in rows(), right in rows(), at in 0i64..7) {
        let (claims, entries, none) = (claims(&left), sent(&right), BTreeMap::new());
        let whole = l1::reconcile(&claims, &entries, &none).unwrap().without_matches();
        let run = |below: bool| {
            let ours = |payment: PaymentId| (payment.key() < at) == below;
            let claims: Vec<_> = claims.iter().copied().filter(|c| ours(c.payment)).collect();
            let sent: Vec<_> = entries.iter().copied().filter(|s| ours(s.payment)).collect();
            l1::reconcile(&claims, &sent, &none).unwrap()
        };
        prop_assert_eq!(run(true).joined(run(false)), whole);
    }

    #[test]
    fn conservation_holds_and_order_does_not_matter(left in rows(), right in rows()) {
        let (claims, entries) = (claims(&left), sent(&right));
        let one = l1::reconcile(&claims, &entries, &BTreeMap::new()).unwrap();
        let two = l1::reconcile(&turned(&claims), &turned(&entries), &BTreeMap::new()).unwrap();
        let (bank, books) = (cash(&left), cash(&right));
        let three = l4::reconcile(&bank, &books, &[]).unwrap();
        let four = l4::reconcile(&turned(&bank), &turned(&books), &[]).unwrap();
        let day = |n: i64| date(2026, 11, [20, 21, 22][usize::try_from(n % 3).unwrap()]);
        let answers: Vec<_> = left.iter().zip(0..)
            .map(|((t, c), n)| answer(&format!("{n}"), *t as u64, *c)).collect();
        let sent: Vec<_> = right.iter().zip(0..)
            .map(|((t, c), n)| entry(n, *t as u64, *c, day(n))).collect();
        let ingested = l2::Ingested {
            late: answers.iter().filter(|a| a.cents.get() > 0).map(|a| a.id.clone()).collect(),
            ..took(&answers, payment(1))
        };
        let five = l2::reconcile(&answers, &sent, &ingested);
        let six = l2::reconcile(&turned(&answers), &turned(&sent), &ingested);
        for (a, b) in [(one, two), (three, four), (five, six)] {
            prop_assert!(a.conservation.holds(), "{}", a.conservation);
            prop_assert_eq!(a.breaks, b.breaks);
            prop_assert_eq!(a.conservation, b.conservation);
        }
    }
}

#[test]
fn l4_says_how_far_off_a_statement_is_even_where_its_sums_do_not_fit() {
    let most = SignedCents::new(i64::MAX);
    let statement = l4::StatementBalance {
        account: "1010".to_owned(),
        date: date(2026, 11, 24),
        opening: most,
        lines: most,
        closing: SignedCents::new(5),
    };
    let outcome = l4::reconcile(&[], &[], &[statement]).unwrap();
    assert_eq!(kinds(&outcome), ["BALANCE_ASSERTION"]);
    assert_eq!(outcome.breaks[0].cents, SignedCents::new(i64::MIN));
}

#[test]
fn what_names_a_break_reads_back_as_it_is_written() {
    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Named {
        kind: BreakKind,
        leg: Leg,
        status: BreakStatus,
    }
    for kind in BreakKind::ALL {
        for leg in Leg::ALL {
            let status = kind.status();
            let named = Named {
                kind: *kind,
                leg: *leg,
                status,
            };
            let text = toml::to_string(&named).unwrap();
            let expected = format!("kind = \"{kind}\"\nleg = \"{leg}\"\nstatus = \"{status}\"\n");
            assert_eq!(text, expected);
            assert_eq!(toml::from_str::<Named>(&text).unwrap(), named);
            assert_eq!(
                (kind.as_str().parse(), leg.as_str().parse()),
                (Ok(*kind), Ok(*leg))
            );
            assert_eq!(status.as_str().parse(), Ok(status));
        }
    }
    assert!(Leg::ALL.is_sorted_by_key(|leg| leg.as_str()));
    let error = "L9".parse::<Leg>().unwrap_err().to_string();
    assert!(error.starts_with("leg: \"L9\" is none"), "{error}");
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
    assert_eq!(names.len(), 30);
}
