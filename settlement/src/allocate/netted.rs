//! What is left of a batch and the return of one of its entries, where they are one and the same.
//!
//! A bank that nets a return out of a batch's figure moves no money for it apart. Where the figure
//! came before the file that explains it, the batch was short, by just the entry that came back.
//! And where the bank had debited the return as well and has given that back, the return waits
//! again. Either way money that is missing from a batch and a return that nothing has moved are the
//! same cents: they answer each other, without a line.

use super::allocation::Pass;
use super::item::{Expectation, Kind};
use super::work::Work;
use crate::exact::Exact;

/// Lets batches that are short and returns of their entries answer each other: where the return was
/// given back, or its time is over, and no other is of that amount.
pub(super) fn netted(work: &mut Work<'_>) {
    let short = |one: &Expectation| one.is_side() && one.found.is_some();
    let sides = work.open().filter(|(_, one)| short(one));
    let sides: Vec<usize> = sides.map(|(at, _)| at).collect();
    for side in sides {
        if let Some(back) = the_return(work, side) {
            let evidence = "the return of an entry of it is what the bank kept".to_owned();
            work.meet(Pass::Cause, evidence, &[], &[side, back]);
        }
    }
}

/// The only return of an entry of a side that is what the side is short of.
fn the_return(work: &Work<'_>, side: usize) -> Option<usize> {
    let short = work.expected.get(side)?;
    let of_it = |one: &Expectation| match (short.kind, one.kind) {
        (Kind::Side(key, way), Kind::Return(trace, of)) => {
            // Where the entries that may be missing are known, it is one of them.
            let waits = short.waits.is_empty() || short.waits.contains(&trace);
            one.batch == Some(key) && of == way && waits
        }
        _ => false,
    };
    let over = |one: &Expectation| {
        let given_back = one.undone.is_some() || work.undone.contains_key(&one.id);
        given_back || !work.in_time(one.due)
    };
    let whole = |one: &Expectation| one.remainder == one.cents && one.account == short.account;
    let cents = work.expects(side);
    let mut found = work.open().filter(|(at, one)| {
        whole(one) && of_it(one) && over(one) && work.expects(*at).plus(cents) == 0
    });
    match (found.next(), found.next()) {
        (Some((at, _)), None) => Some(at),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)] // small known numbers
mod tests {
    use crate::allocate::displaced::then;
    use crate::allocate::tests::{Case, left, line, pull, returned, settles, trace};
    use crate::allocate::{Expectation, Name, Outcome, Pass, Receipt};
    use crate::bank::LineRole;
    use jiff::civil::date;

    const OF: &str = "261124A0000001/debit";

    /// The return of the first entry, of 70.
    fn back() -> Expectation {
        Expectation {
            batch: Some("261124A0000001".parse().unwrap()),
            ..returned(1, -70)
        }
    }

    fn money(id: &str, role: LineRole, cents: i64) -> Receipt {
        line(id, role, vec![Name::Trace(trace(1))], cents)
    }

    fn next(case: &Case, before: &[&Outcome], lines: Vec<Receipt>) -> Case {
        let mut next = then(before[before.len() - 1]);
        next.members.clone_from(&case.members);
        for other in &before[..before.len() - 1] {
            next.earlier.extend(then(other).earlier);
        }
        next.receipts.extend(lines);
        next
    }

    fn short() -> Case {
        let short = vec![settles("a", 1, 930)];
        Case::new(vec![pull(1, 1_000), back()], short).entries(OF, &[70, 430, 500])
    }

    #[test]
    fn a_return_that_was_netted_and_debited_apart_ends_even_once_it_is_given_back() {
        let case = short();
        let first = case.run();
        assert_eq!(left(&first), (0, 0, vec![]));
        let apart = money("b", LineRole::DebitReturned, -70);
        let second = next(&case, &[&first], vec![apart]).run();
        assert_eq!(left(&second), (0, -70, vec!["DUP_STATEMENT"]));
        for (role, says) in [
            (LineRole::CreditReturned, ""),
            (LineRole::Other, "REVERSAL"),
            (LineRole::DebitReturned, "RETURN REVERSED"),
        ] {
            let mut given = money("c", role, 70);
            (given.text, given.reverses) = (says.into(), !says.is_empty());
            let third = next(&case, &[&first, &second], vec![given]).run();
            assert_eq!(left(&third), (0, 0, vec![]), "{role:?}");
        }
    }

    #[test]
    fn a_return_that_was_debited_and_then_netted_ends_even_once_it_is_given_back() {
        let mut case = short();
        case.receipts.push(money("b", LineRole::DebitReturned, -70));
        let first = case.run();
        assert_eq!(left(&first), (70, 0, vec!["MISSING_AT_BANK"]));
        for (role, says) in [
            (LineRole::CreditReturned, ""),
            (LineRole::Other, "REVERSAL"),
            (LineRole::DebitSettlement, "CORRECTION"),
        ] {
            let mut given = money("c", role, 70);
            (given.text, given.reverses) = (says.into(), !says.is_empty());
            let second = next(&case, &[&first], vec![given]).run();
            assert_eq!(left(&second), (0, 0, vec![]), "{role:?}");
            assert_eq!(second.settled[0].only, [trace(1)], "{role:?}");
            assert!(second.unsettled.is_empty());
        }
    }

    #[test]
    fn a_batch_that_was_short_is_explained_by_a_return_whose_money_never_moves() {
        let case = Case::new(vec![pull(1, 1_000)], vec![settles("a", 1, 930)]);
        let case = case.entries(OF, &[70, 430, 500]);
        let first = case.run();
        assert_eq!(left(&first), (70, 0, vec!["MISSING_AT_BANK"]));
        let mut told = next(&case, &[&first], Vec::new());
        told.expectations.push(back());
        // Inside its time it may still come apart.
        told.today(date(2026, 11, 25));
        assert_eq!(left(&told.run()).2, ["TIMING", "MISSING_AT_BANK"]);
        told.today(date(2026, 12, 1));
        assert_eq!(left(&told.run()), (0, 0, vec![]));
        // One of another entry is none.
        let other = Expectation {
            batch: back().batch,
            ..returned(2, -70)
        };
        let mut told = next(&case, &[&first], Vec::new());
        told.expectations.push(other);
        told.today(date(2026, 12, 1));
        assert_eq!(left(&told.run()).0, 0, "both wait: 70 and -70");
        assert!(told.run().allocations.is_empty());
    }

    /// A return of an entry of another batch, of 70.
    fn strange(number: u64) -> Expectation {
        Expectation {
            batch: Some("261123A0000009".parse().unwrap()),
            ..returned(number, -70)
        }
    }

    #[test]
    fn a_return_of_an_entry_of_the_batch_is_a_cause_and_a_strange_one_is_a_coincidence() {
        let short = |returns: Vec<Expectation>| {
            let all = [vec![pull(1, 1_000)], returns].concat();
            let case = Case::new(all, vec![settles("a", 1, 930)]);
            case.entries(OF, &[70, 430, 500])
        };
        let kinds = |returns| left(&short(returns).run()).2;
        assert_eq!(kinds(vec![back()]), Vec::<&str>::new());
        assert_eq!(kinds(vec![back(), strange(9)]), ["TIMING"]);
        // The entry of 70 may be lost, and the return of 70 may be what is missing.
        let outcome = short(vec![strange(9)]).run();
        assert_eq!(left(&outcome), (0, 0, vec!["TIMING", "AMBIGUOUS"]));
        assert_eq!(outcome.expectations[0].waits, [trace(1)]);
        assert!(kinds(vec![strange(8), strange(9)]).contains(&"AMBIGUOUS"));
        let second = Expectation {
            id: "return/again".into(),
            ..back()
        };
        let two = kinds(vec![back(), second]);
        assert!(two.contains(&"AMBIGUOUS"), "either of two is neither");
        // Its own line comes, and says that it was not netted.
        let mut case = next(&short(vec![]), &[&outcome], Vec::new());
        let names = vec![Name::Trace(trace(9))];
        case.receipts
            .push(line("b", LineRole::DebitReturned, names, -70));
        let later = case.run();
        assert_eq!(left(&later), (70, 0, vec!["AMBIGUOUS"]));
        assert!(later.settled.is_empty() && later.unsettled.is_empty());
    }

    #[test]
    fn a_strange_return_that_nothing_else_fits_gives_way_to_its_own_line() {
        let all = vec![pull(1, 1_000), strange(9)];
        let case = Case::new(all, vec![settles("a", 1, 930)]).entries(OF, &[90, 410, 500]);
        let first = case.run();
        assert_eq!(left(&first), (0, 0, vec![]));
        assert_eq!(first.settled.len(), 1);
        let names = vec![Name::Trace(trace(9))];
        let own = line("b", LineRole::DebitReturned, names, -70);
        let second = next(&case, &[&first], vec![own]).run();
        assert_eq!(left(&second), (70, 0, vec!["AMOUNT"]));
        assert_eq!(second.allocations[0].pass, Pass::Displaced);
        assert_eq!(second.unsettled.len(), 1, "nobody knows who is short");
        // What was missing comes after all.
        let third = next(&case, &[&first, &second], vec![settles("c", 1, 70)]).run();
        assert_eq!(left(&third), (0, 0, vec![]));
        assert_eq!(third.settled.len(), 1);
    }
}
