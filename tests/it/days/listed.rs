//! Weeks of banks whose lines name little and list what they are made of, or name something else
//! than a batch: every payment ends where it would have.

use crate::days::whole::by;
use crate::tree::scratch;
use jobs::demo::Verdict;
use jobs::demo::options::Settles;
use sandbox::bank::{Habits, Listed, Naming, Ways};
use settlement::bank::StatementFormat::{Bai2, Camt053};
use settlement::bank::shape::{By, Returns, Shape};

fn week(ways: &Ways, no_faults: bool) -> Verdict {
    let dir = scratch();
    let verdict = by(dir.path(), ways, |options| {
        (options.payments, options.days) = (60, 3);
        options.no_faults = no_faults;
    });
    assert!(verdict.summary.tied_out, "{ways:?}: {:#?}", verdict.reasons);
    verdict
}

/// A bank that settles so, in lines that name and list this.
fn ways(shape: Shape, naming: Naming, listed: Listed) -> Ways {
    let mut ways = Ways::plain(shape);
    ways.habits = Habits {
        naming,
        listed,
        ..Habits::default()
    };
    ways.format = Some(match listed {
        Listed::Nothing => Bai2,
        _ => Camt053,
    });
    ways
}

fn shape(by: By, returns: Returns) -> Shape {
    Shape {
        by,
        returns,
        ..Shape::default()
    }
}

#[test]
fn what_a_line_names_or_lists_makes_no_difference() {
    let plain = week(&Settles::Batch.ways(7), true).summary.payments;
    let net = Shape {
        net: true,
        ..shape(By::Day, Returns::Netted)
    };
    let several = |by: By| Shape {
        several: true,
        ..shape(by, Returns::Each)
    };
    let mut all = vec![
        ways(
            shape(By::Day, Returns::Day),
            Naming::Nothing,
            Listed::Entries,
        ),
        ways(
            shape(By::Batch, Returns::Each),
            Naming::Nothing,
            Listed::Ids,
        ),
        ways(
            shape(By::Batch, Returns::File),
            Naming::File,
            Listed::Nothing,
        ),
        ways(
            shape(By::File, Returns::File),
            Naming::Nothing,
            Listed::Nothing,
        ),
        ways(
            shape(By::Company, Returns::Each),
            Naming::Company,
            Listed::Nothing,
        ),
        ways(net, Naming::Text, Listed::Batches),
        ways(several(By::Day), Naming::Text, Listed::Entries),
        ways(several(By::Batch), Naming::Batch, Listed::Nothing),
    ];
    for ways in &mut all {
        ways.habits.spreads = ways.shape.several;
        assert_eq!(week(ways, true).summary.payments, plain, "{ways:?}");
    }
}

#[test]
fn an_entry_that_is_not_listed_is_the_one_that_is_missing() {
    for by in [By::Batch, By::Day] {
        let ways = ways(shape(by, Returns::Each), Naming::Nothing, Listed::Entries);
        let verdict = week(&ways, false);
        let found = verdict.report.breaks.open.kinds.iter();
        let missing = found.filter(|kind| kind.name == "MISSING_AT_BANK");
        let missing: Vec<_> = missing.flat_map(|kind| &kind.breaks).collect();
        assert!(!missing.is_empty(), "{by:?}");
        for one in missing {
            assert!(one.explanation.contains("camt detail") || one.explanation.contains("wait"));
        }
    }
}

#[test]
fn money_that_comes_a_day_before_its_file_waits_for_it() {
    for returns in [Returns::Each, Returns::Day, Returns::File] {
        let mut ways = ways(shape(By::Batch, returns), Naming::Batch, Listed::Nothing);
        ways.habits.money_first = true;
        week(&ways, true);
    }
}
