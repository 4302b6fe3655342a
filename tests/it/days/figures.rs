//! Weeks of banks that take back what they settled: whole figures, and settlements that they had
//! never taken back; and of banks that do one odd thing more.

use crate::days::whole::by;
use crate::tree::scratch;
use jobs::demo::Verdict;
use sandbox::bank::{Naming, Ways};
use settlement::bank::shape::{By, Returns, Shape};

fn week(ways: &Ways, seed: u64) -> Verdict {
    let dir = scratch();
    let verdict = by(dir.path(), ways, |options| {
        (options.payments, options.days, options.seed) = (60, 3, seed);
        options.second_thoughts = ways.second_thoughts;
    });
    assert!(verdict.summary.tied_out, "{ways:?}: {:#?}", verdict.reasons);
    verdict
}

/// How many breaks of a kind were found, and how many of them are open at the end.
fn of(verdict: &Verdict, kind: &str) -> (usize, usize) {
    let found = verdict.summary.breaks.found.iter();
    let open = verdict.report.breaks.open.kinds.iter();
    let open = open.filter(|of| of.name == kind);
    let open = open.map(|of| of.breaks.len()).sum();
    (found.filter(|one| one.kind == kind).count(), open)
}

fn thoughtful(shape: Shape, naming: Naming) -> Ways {
    let mut ways = Ways::plain(shape);
    (ways.habits.naming, ways.habits.cures) = (naming, true);
    ways.second_thoughts = true;
    ways
}

#[test]
fn a_figure_that_is_taken_back_waits_with_all_that_it_answered_and_settles_anew() {
    let shape = |by: By, net: bool, returns: Returns| Shape {
        by,
        net,
        returns,
        ..Shape::default()
    };
    for (shape, naming) in [
        (shape(By::File, false, Returns::File), Naming::File),
        (shape(By::File, true, Returns::Each), Naming::Nothing),
        (
            shape(By::CompanyClass, false, Returns::Each),
            Naming::Company,
        ),
        (shape(By::Company, false, Returns::Each), Naming::Company),
        (shape(By::Company, true, Returns::Netted), Naming::Text),
        (shape(By::Day, false, Returns::Day), Naming::Text),
        (shape(By::Day, true, Returns::Netted), Naming::Nothing),
    ] {
        let verdict = week(&thoughtful(shape, naming), 7);
        let (found, open) = of(&verdict, "SETTLEMENT_UNDONE");
        assert!(
            found > 1 && open == 0,
            "{shape:?}: {found} found, {open} open"
        );
    }
    // A bank that cures nothing leaves one of them so.
    let mut ways = thoughtful(shape(By::Day, true, Returns::Netted), Naming::Text);
    ways.habits.cures = false;
    let (found, open) = of(&week(&ways, 7), "SETTLEMENT_UNDONE");
    assert!(found > open && open > 0, "{found} found, {open} open");
}

#[test]
fn a_settlement_that_was_taken_back_by_mistake_stands_again() {
    for by in [By::Batch, By::Company, By::Day] {
        let shape = Shape {
            by,
            ..Shape::default()
        };
        let mut ways = Ways::plain(shape);
        (ways.telling.wrong_reversals, ways.telling.corrections) = (true, by == By::Day);
        let mut all = 0;
        // On some days only: not each seed brings one.
        for seed in 1..=3 {
            let verdict = week(&ways, seed);
            let (found, open) = of(&verdict, "SETTLEMENT_UNDONE");
            assert_eq!((open, of(&verdict, "DATE").1), (0, 0), "{by:?} {seed}");
            all += found;
        }
        assert!(all > 0, "{by:?}");
    }
}

#[test]
fn two_lost_entries_that_make_the_fee_are_no_fee() {
    let mut ways = thoughtful(Shape::default(), Naming::Batch);
    (ways.coincidences, ways.habits.look_alikes) = (true, true);
    let mut lost = 0;
    for seed in 1..=4 {
        let (found, open) = of(&week(&ways, seed), "AMBIGUOUS");
        assert_eq!(open, 0, "seed {seed}");
        lost += found;
    }
    assert!(lost > 0, "no seed loses two of these amounts");
}

#[test]
fn what_a_bank_does_that_is_no_fault_is_found_as_none() {
    let mut odd = vec![Ways::plain(Shape::default()); 5];
    odd[0].habits.answers_at_once = true;
    odd[1].habits.money_later = true;
    (odd[2].habits.recurring, odd[2].habits.corrects) = (true, true);
    (odd[3].telling.strangers, odd[3].telling.numbered) = (true, true);
    (odd[4].telling.both_formats, odd[4].habits.recurring) = (true, true);
    for ways in odd {
        week(&ways, 5);
    }
}
