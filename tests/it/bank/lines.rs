//! Days on which the bank tells its lines in ways of its own: what is booked is what reconciliation
//! finds, and what rests anywhere has a break that says why.

use crate::days::world::{self, World, block, desk};
use crate::tree::scratch;
use desk::Desk;
use desk::names;
use formats::bai2;
use formats::statement::{Line, Statement};
use formats::tables::{self, Balances};
use jiff::civil::{Date, date};
use jobs::records;
use jobs::records::breaks::BreakRecord;
use jobs::records::posted::PostedDay;
use jobs::records::reconciled::Reconciled;
use sandbox::bank::{FaultPlan, OutFile};
use settlement::calendar::next_banking_day;
use settlement::money::SignedCents;

/// A Tuesday; the days after it hold a holiday and a weekend.
const FIRST: Date = date(2026, 11, 24);

/// Days that are run, and how many of them have payments.
const DAYS: (u32, u32) = (8, 2);

const PAYMENTS: u64 = 60;

/// What the last day left: breaks of all days by their last state, and balances not at zero.
struct End {
    breaks: Vec<BreakRecord>,
    /// Account, key, cents.
    balances: Vec<(String, String, i64)>,
    /// Payments in SUCCESS or FINAL.
    settled: u64,
}

impl End {
    fn of(&self, kind: &str) -> Vec<&BreakRecord> {
        let named = self.breaks.iter().filter(|b| b.kind.as_str() == kind);
        named.collect()
    }

    fn on(&self, accounts: &[&str]) -> Vec<&(String, String, i64)> {
        let mine = |b: &&(String, String, i64)| accounts.contains(&b.0.as_str());
        self.balances.iter().filter(mine).collect()
    }
}

const CLEARING: &[&str] = &["1110", "2110", "2120", "2130"];
const SUSPENSE: &[&str] = &["1900", "2900"];

/// Runs days with a bank without faults, whose statement of each day is told as `tell` has it.
fn days(mut tell: impl FnMut(Date, &mut Vec<Line>)) -> End {
    let dir = scratch();
    let mut world = World::new(FaultPlan::none());
    let (mut day, mut balance) = (FIRST, None);
    for number in 0..DAYS.0 {
        let desk = desk(dir.path());
        let files = world.files(day);
        let files = files
            .into_iter()
            .map(|file| told(file, &mut balance, &mut tell));
        world::put_out(dir.path(), files.collect());
        let payments = if number < DAYS.1 { PAYMENTS } else { 0 };
        block(async {
            world::ask(&desk, day, payments).await;
            jobs::day::run(&desk, day).await.expect("a day");
        });
        drop(desk);
        world.evening(dir.path(), day);
        if number + 1 < DAYS.0 {
            day = next_banking_day(day);
        }
    }
    let desk = desk(dir.path());
    block(end(&desk, day))
}

/// A file of the bank with its lines told anew, and balances that agree with them.
fn told(
    file: OutFile,
    balance: &mut Option<SignedCents>,
    tell: &mut impl FnMut(Date, &mut Vec<Line>),
) -> OutFile {
    if !file.name.ends_with(".bai") {
        return file;
    }
    let mut document = bai2::read(&file.bytes);
    let mut statement = document.statements.remove(0);
    tell(statement.as_of.expect("a date"), &mut statement.lines);
    let opening = balance.or(statement.opening).expect("a balance");
    let movement = statement.movement().expect("a sum");
    let closing = opening.checked_add(movement);
    *balance = closing;
    let statement = Statement {
        opening: Some(opening),
        closing,
        summaries: Vec::new(),
        ..statement
    };
    document
        .statements
        .push(statement.with_totals().expect("totals"));
    let bytes = bai2::write(&document).expect("a statement");
    OutFile { bytes, ..file }
}

async fn end(desk: &Desk, last: Date) -> End {
    let objects = &*desk.ports.objects;
    let records = records::all::<Reconciled>(objects, names::RECONCILED_PREFIX);
    let mut breaks = std::collections::BTreeMap::new();
    for record in records.await.expect("records") {
        breaks.extend(record.record.breaks.into_iter().map(|b| (b.id.clone(), b)));
    }
    let posted = records::get::<PostedDay>(objects, &names::posted(last)).await;
    let part = posted
        .expect("a record")
        .expect("posted")
        .balances
        .expect("balances");
    let body = objects.get(&part.name).await.expect("a table").body;
    let rows = tables::read::<Balances>(body, &part.name).expect("rows");
    let plain = |row: tables::Balance<'_>| {
        (
            row.account.to_string(),
            row.key.to_string(),
            row.balance.get(),
        )
    };
    let counts = desk.ports.payments.counts().await.expect("counts");
    let settled = counts.iter().filter(|(state, _)| {
        use settlement::payment::State::{Final, Success};
        matches!(state, Success | Final)
    });
    End {
        breaks: breaks.into_values().collect(),
        balances: rows.map(|row| plain(row.expect("a row"))).collect(),
        settled: settled.map(|(_, (count, _))| *count).sum(),
    }
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
    assert_eq!(suspense[0].1, "SECOND");
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
