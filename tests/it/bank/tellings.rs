//! Weeks whose days the bank tells in ways of its own: in pages, in both formats, late, again,
//! wrong at first, without line ends or references. What moved is the same, so the books are.

use crate::days::world::{World, block, counts, desk};
use crate::tree::scratch;
use desk::names;
use formats::tables::Balances;
use jiff::civil::{Date, date};
use jobs::parts;
use jobs::records;
use jobs::records::ingested::{Ingested, Outcome};
use jobs::records::posted::PostedDay;
use jobs::records::reconciled::Reconciled;
use sandbox::bank::Telling;
use settlement::bank::StatementFormat::{self, Bai2, Camt053};
use settlement::calendar::next_banking_day;
use settlement::payment::State;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// A Tuesday; the days after it hold a holiday and a weekend.
const FIRST: Date = date(2026, 11, 24);

/// Days that are run, and how many of them have payments.
const DAYS: (u32, u32) = (8, 2);

const PAYMENTS: u64 = 40;

/// What a week left.
struct End {
    /// Kind and key of each break of all days, and whether it is open at the end.
    breaks: Vec<(String, String, bool)>,
    /// Account and key, with cents.
    balances: BTreeMap<(String, String), i64>,
    /// Payments by state.
    states: BTreeMap<State, u64>,
    /// Statements booked, left out because they are known, and files in quarantine.
    files: Vec<Ingested>,
    /// Rows of each day's statement.
    rows: u64,
}

const SUSPENSE: [&str; 2] = ["1900", "2900"];

impl End {
    fn open(&self) -> Vec<(&str, &str)> {
        let open = self.breaks.iter().filter(|found| found.2);
        open.map(|found| (found.0.as_str(), found.1.as_str()))
            .collect()
    }

    fn cleared(&self, kind: &str) -> usize {
        self.breaks
            .iter()
            .filter(|found| found.0 == kind && !found.2)
            .count()
    }

    /// The books and the payments are those of a bank that tells each day in one file.
    #[track_caller]
    fn is_plain(&self) {
        let plain = plain();
        assert_eq!(self.open(), [], "open breaks");
        assert_eq!(self.balances, plain.balances);
        assert_eq!(self.states, plain.states);
        let odd = self
            .files
            .iter()
            .find(|file| file.outcome != Outcome::Taken);
        assert!(odd.is_none(), "{odd:#?}");
    }
}

fn plain() -> &'static End {
    static PLAIN: OnceLock<End> = OnceLock::new();
    PLAIN.get_or_init(|| {
        let plain = week(Bai2, Telling::default());
        assert_eq!(plain.breaks, []);
        plain
    })
}

fn week(format: StatementFormat, telling: Telling) -> End {
    let dir = scratch();
    let mut world = World::telling(format, telling);
    let mut day = FIRST;
    for number in 0..DAYS.0 {
        let desk = desk(dir.path());
        let payments = if number < DAYS.1 { PAYMENTS } else { 0 };
        block(async {
            world.morning(dir.path(), &desk, day, payments).await;
            jobs::day::run(&desk, day).await.expect("a day");
        });
        drop(desk);
        world.evening(dir.path(), day);
        if number + 1 < DAYS.0 {
            day = next_banking_day(day);
        }
    }
    let end = block(end(&desk(dir.path()), day));
    let cash: i64 = end
        .balances
        .iter()
        .filter(|(of, _)| of.0 == "1010")
        .map(|(_, c)| c)
        .sum();
    assert_eq!(cash, world.balance().get(), "the bank's own figure");
    end
}

async fn end(desk: &desk::Desk, last: Date) -> End {
    let objects = &*desk.ports.objects;
    let all = records::all::<Reconciled>(objects, names::RECONCILED_PREFIX);
    let mut breaks = BTreeMap::new();
    for record in all.await.expect("records") {
        let found = record.record.breaks.into_iter();
        breaks.extend(found.map(|b| {
            let what = (b.kind.to_string(), b.key.clone(), b.is_open());
            (b.id, what)
        }));
    }
    let posted: Option<PostedDay> = records::get(objects, &names::posted(last))
        .await
        .expect("read");
    let part = posted.expect("posted").balances.expect("balances");
    let rows = parts::rows_of::<Balances>(objects, &part)
        .await
        .expect("rows");
    let balances = rows.into_iter().map(|row| {
        let key = (row.account.into_owned(), row.key.into_owned());
        (key, row.balance.get())
    });
    let files = records::all::<Ingested>(objects, names::INGESTED_PREFIX)
        .await
        .expect("files");
    let files: Vec<Ingested> = files.into_iter().map(|read| read.record).collect();
    let lines = files.iter().flat_map(|file| &file.parts);
    let lines = lines
        .filter(|part| part.table == "bank_lines")
        .map(|part| part.rows);
    let counts = counts(desk).await;
    End {
        breaks: breaks.into_values().collect(),
        balances: balances.collect(),
        states: counts
            .into_iter()
            .map(|(state, (count, _))| (state, count))
            .collect(),
        rows: lines.sum(),
        files,
    }
}

#[test]
fn many_entries_on_one_line_are_many_entries() {
    let end = week(
        Camt053,
        Telling {
            one_line: true,
            ..Telling::default()
        },
    );
    end.is_plain();
    assert_eq!((end.breaks.len(), end.rows), (0, plain().rows));
}

#[test]
fn pages_are_one_statement_also_where_one_comes_a_day_later() {
    for format in [Bai2, Camt053] {
        let end = week(
            format,
            Telling {
                pages: true,
                ..Telling::default()
            },
        );
        end.is_plain();
        assert_eq!(end.rows, plain().rows, "{format:?}");
        if format == Camt053 {
            assert!(
                end.cleared("SEQUENCE_GAP") > 0,
                "the bank says that more comes"
            );
        }
    }
}

#[test]
fn a_correction_takes_back_what_it_drops_and_books_what_it_adds() {
    for format in [Bai2, Camt053] {
        let end = week(
            format,
            Telling {
                corrections: true,
                ..Telling::default()
            },
        );
        end.is_plain();
        let corrected = end.files.iter().flat_map(|file| &file.statements);
        let corrected = corrected.filter(|head| head.corrects).count() as u64;
        assert!(corrected > 0, "a day was corrected");
        // The credit that was none came and went.
        assert_eq!(end.rows, plain().rows + 2 * corrected, "{format:?}");
        assert_eq!(end.cleared("UNEXPECTED_AT_BANK") as u64, corrected);
    }
}

#[test]
fn a_late_statement_heals_the_gap_and_what_waited_is_booked() {
    let end = week(
        Bai2,
        Telling {
            late: true,
            ..Telling::default()
        },
    );
    end.is_plain();
    assert_eq!(end.rows, plain().rows);
    assert!(end.cleared("SEQUENCE_GAP") > 0, "{:?}", end.breaks);
    assert!(end.files.iter().any(|file| !file.healed.is_empty()));
}

#[test]
fn what_is_told_again_is_left_out_without_a_word() {
    for telling in [
        Telling {
            overlaps: true,
            ..Telling::default()
        },
        Telling {
            both_formats: true,
            ..Telling::default()
        },
    ] {
        let end = week(Bai2, telling);
        end.is_plain();
        assert_eq!(
            (end.breaks.len(), end.rows),
            (0, plain().rows),
            "{telling:?}"
        );
        assert!(end.files.iter().any(|file| file.left_out.records > 0));
    }
}

#[test]
fn deposits_that_nothing_tells_apart_are_as_many_as_they_are() {
    let end = week(
        Bai2,
        Telling {
            no_references: true,
            ..Telling::default()
        },
    );
    let days = u64::from(DAYS.0 - 1); // the day before the first is not the bank's
    let open = end.open();
    assert!(
        open.iter().all(|found| found.0 == "UNEXPECTED_AT_BANK"),
        "{open:?}"
    );
    assert_eq!(
        (open.len(), end.breaks.len()),
        (2 * days as usize, 2 * days as usize)
    );
    assert_eq!(end.rows, plain().rows + 2 * days);
    let suspense = |end: &End| {
        let all = end
            .balances
            .iter()
            .filter(|(of, _)| SUSPENSE.contains(&of.0.as_str()));
        all.map(|(_, cents)| *cents).collect::<Vec<_>>()
    };
    assert_eq!(suspense(&end), vec![-5_000; 2 * days as usize]);
    assert_eq!(end.states, plain().states);
}
