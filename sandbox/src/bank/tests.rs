//! Whole weeks at the bank, with files written by hand so that the bank's own reader and writer
//! do not vouch for each other.

mod outbound;

use super::*;
use formats::{
    acks, bai2, camt053, nacha,
    statement::{Line, Statement},
};
use jiff::civil::date;
use outbound::files;
use settlement::bank::StatementFormat;
use settlement::calendar::{add_banking_days, next_banking_day};
use std::collections::{BTreeMap, BTreeSet};

fn profile() -> BankProfile {
    BankProfile::parse(include_str!("../../../data/banks/sandbox.toml")).unwrap()
}

/// The Wednesday before Thanksgiving 2026: the holiday and the weekend lie inside the run.
const FIRST: Date = date(2026, 11, 25);
const DAYS: u32 = 6;
const DRAIN: u32 = 5;

/// Everything a bank gave in a run, and what it was given.
#[derive(Default)]
struct Week {
    acks: Vec<OutFile>,
    out: Vec<(Date, OutFile)>,
    planted: Vec<Planted>,
    rejected: Vec<String>,
    balance: i64,
    sent: BTreeMap<String, Vec<u8>>,
}

fn week(n: u64, plan: FaultPlan, backwards: bool, restart: bool) -> Week {
    week_at(Bank::new(11, &profile(), plan), n, backwards, restart)
}

fn week_at(mut bank: Bank, n: u64, backwards: bool, restart: bool) -> Week {
    let (mut week, mut day, mut sequence) = (Week::default(), FIRST, 0);
    for number in 0..DAYS + DRAIN + 1 {
        for file in bank.morning(day).unwrap() {
            week.out.push((day, file));
        }
        if number < DAYS {
            let mut files = files(day, n, &mut sequence);
            if backwards {
                files.reverse();
            }
            for (name, bytes) in files {
                week.acks.extend(bank.receive(day, &name, &bytes));
                assert!(bank.receive(day, &name, &bytes).is_empty(), "told twice");
                week.sent.insert(name, bytes);
            }
        }
        if restart {
            let text = serde_json::to_string(&bank).unwrap();
            bank = serde_json::from_str(&text).unwrap();
        }
        day = next_banking_day(day);
    }
    week.acks.sort_by(|a, b| a.name.cmp(&b.name));
    week.planted = bank.planted();
    week.rejected = bank.rejected().to_vec();
    week.balance = bank.balance().get();
    week
}

impl Week {
    /// The good statements, one a day, read by our reader.
    fn statements(&self) -> Vec<Statement> {
        let mut seen = BTreeSet::new();
        let files = self
            .out
            .iter()
            .filter(|(_, f)| f.name.contains("-statement-"));
        let whole = files.filter_map(|(_, f)| {
            let document = bai2::read(&f.bytes);
            let new = document.is_ok() && seen.insert(f.bytes.clone());
            new.then(|| document.statements[0].clone())
        });
        whole.collect()
    }

    fn find(&self, kind: Fault) -> &Planted {
        self.planted
            .iter()
            .find(|p| p.kind == kind)
            .unwrap_or_else(|| panic!("no {kind:?}"))
    }

    fn file(&self, name: &str) -> &OutFile {
        &self.out.iter().find(|(_, f)| f.name == name).unwrap().1
    }

    /// The lines of all statements with this customer reference: date and cents.
    fn lines(&self, reference: &str) -> Vec<(Date, i64)> {
        let mut found = Vec::new();
        for statement in self.statements() {
            let lines = statement
                .lines
                .iter()
                .filter(|l| l.customer_reference == reference);
            found.extend(lines.map(|l| (statement.as_of.unwrap(), l.amount.get())));
        }
        found
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_whatever_the_order_of_arrival() {
    let plan = FaultPlan::standard(DAYS);
    let (a, b) = (
        week(2_000, plan.clone(), false, false),
        week(2_000, plan, true, true),
    );
    assert_eq!(a.out, b.out);
    assert_eq!(a.acks, b.acks);
    assert_eq!(a.planted, b.planted);
}

#[test]
fn every_statement_adds_up_and_leads_to_the_balance() {
    for plan in [FaultPlan::none(), FaultPlan::standard(DAYS)] {
        let week = week(1_000, plan, false, false);
        let statements = week.statements();
        assert_eq!(statements.len() as u32, DAYS + DRAIN + 1);
        let mut balance = 0;
        for statement in statements {
            assert_eq!(statement.opening.unwrap().get(), balance);
            assert_eq!(statement.check_balance(), Ok(()));
            balance = statement.closing.unwrap().get();
        }
        assert_eq!(balance, week.balance);
    }
}

#[test]
fn a_bank_without_faults_settles_and_returns_every_cent() {
    let week = week(3_000, FaultPlan::none(), false, false);
    assert!(week.planted.is_empty() && week.rejected.is_empty());
    let mut sent = BTreeMap::new();
    for bytes in week.sent.values() {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let mut lines = text.lines();
        let header = lines.next().unwrap().to_owned();
        for control in lines.filter(|l| l.starts_with('8')) {
            let key = format!("{}{}{}", &header[23..29], &header[33..34], &control[87..94]);
            let side = |from: usize| control[from..from + 12].parse::<i64>().unwrap();
            sent.insert(key, side(20) - side(32));
        }
    }
    let mut returned = 0;
    for statement in week.statements() {
        for line in &statement.lines {
            match line.customer_reference.len() {
                14 => assert_eq!(
                    sent.remove(&line.customer_reference),
                    Some(line.amount.get())
                ),
                15 => returned += 1,
                _ => assert_eq!(line.type_code, "698"),
            }
        }
    }
    assert!(sent.is_empty(), "not settled: {sent:?}");
    assert!(
        (30..150).contains(&returned),
        "{returned} returns of 15,000 entries"
    );
}

#[test]
fn a_bank_that_writes_camt_says_the_same() {
    let mut profile = profile();
    profile.statement_format = StatementFormat::Camt053;
    let camt = week_at(
        Bank::new(11, &profile, FaultPlan::none()),
        500,
        false,
        false,
    );
    let bai = week(500, FaultPlan::none(), false, false);
    let files = camt.out.iter().filter(|(_, f)| f.name.ends_with(".xml"));
    for ((_, file), bai) in files.zip(bai.statements()) {
        let document = camt053::read(&file.bytes);
        assert!(document.is_ok(), "{}: {:?}", file.name, document.findings);
        let camt = &document.statements[0];
        assert_eq!((camt.opening, camt.closing), (bai.opening, bai.closing));
        assert_eq!(
            camt.as_of.or(camt.lines.first().and_then(|l| l.booked)),
            bai.as_of
        );
        let told = |s: &Statement| -> Vec<_> {
            let line = |l: &Line| {
                (
                    l.amount,
                    l.bank_reference.clone(),
                    l.customer_reference.clone(),
                )
            };
            s.lines.iter().map(line).collect()
        };
        assert_eq!(told(camt), told(&bai));
    }
}

#[test]
fn everything_has_surfaced_five_days_after_the_last() {
    for plan in [FaultPlan::none(), FaultPlan::standard(DAYS)] {
        let week = week(4_000, plan, false, false);
        assert!(week.statements().last().unwrap().lines.is_empty());
    }
}

#[test]
fn our_reader_finds_nothing_wrong_with_the_files_sent_and_returned() {
    let week = week(3_000, FaultPlan::none(), false, false);
    let returned = week.out.iter().map(|(_, f)| (&f.name, &f.bytes));
    let files = returned.filter(|(name, _)| name.ends_with(".ach"));
    for (name, bytes) in files.chain(&week.sent) {
        let report = nacha::validate(bytes.as_slice()).unwrap();
        let found: Vec<_> = report
            .findings
            .kept()
            .iter()
            .map(|f| f.to_string())
            .collect();
        assert!(report.findings.ok(), "{name}: {found:?}");
    }
}

#[test]
fn every_planted_fault_is_in_the_bytes() {
    let week = week(4_000, FaultPlan::standard(DAYS), false, false);
    let kinds: BTreeSet<_> = week.planted.iter().map(|p| p.kind).collect();
    // One is no break, eight are asked for, and six befall wires, of which there are none.
    assert_eq!(kinds.len(), Fault::ALL.len() - 15, "{kinds:?}");
    let keys: BTreeSet<_> = week.planted.iter().map(|p| &p.key).collect();
    assert_eq!(keys.len(), week.planted.len(), "a key with two faults");
    let last = add_banking_days(FIRST, (DAYS - 1 + DRAIN) as u16);
    assert!(
        week.planted.iter().all(|p| p.date <= last),
        "a fault surfaces too late"
    );

    let dup = week.find(Fault::DupStatement);
    let lines = week.lines(batch(&dup.key));
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|l| *l == (lines[0].0, dup.cents)));

    let late = week.find(Fault::Date);
    let (on, cents) = week.lines(batch(&late.key))[0];
    assert_eq!((next_banking_day(on), cents), (late.date, late.cents));

    let unexpected = week.find(Fault::UnexpectedAtBank);
    let all: Vec<_> = week
        .statements()
        .into_iter()
        .flat_map(|s| s.lines)
        .collect();
    let line = all
        .iter()
        .find(|l| l.bank_reference == unexpected.key)
        .unwrap();
    assert_eq!(
        (line.amount.get(), line.type_code.as_str()),
        (unexpected.cents, "142")
    );

    for kind in [Fault::ReturnLate, Fault::DupEntry, Fault::ReturnUnmatched] {
        let planted = week.find(kind);
        let lines = week.lines(&planted.key);
        assert_eq!(
            lines,
            [(planted.date, -planted.cents)],
            "{kind:?} has one money line"
        );
        let told = week.out.iter().filter(|(_, f)| f.name.ends_with(".ach"));
        let told = told.filter(|(_, f)| nacha::validate(&f.bytes[..]).unwrap().findings.ok());
        let told = told.filter(|(_, f)| {
            let text = String::from_utf8_lossy(&f.bytes);
            text.lines()
                .any(|l| l.starts_with("799R") && l[6..21] == planted.key)
        });
        assert_eq!(told.count(), if kind == Fault::DupEntry { 2 } else { 1 });
    }
    assert!(week.lines(&week.find(Fault::MissingAtBank).key).is_empty());
}

#[test]
fn torn_doubled_and_rejected_files_are_where_they_are_said_to_be() {
    let week = week(4_000, FaultPlan::standard(DAYS), false, false);
    let torn = week
        .planted
        .iter()
        .filter(|p| p.kind == Fault::ControlTotal);
    for name in torn.clone().map(|p| &p.key) {
        let (bytes, return_file) = (&week.file(name).bytes, name.ends_with(".ach"));
        let whole = name.replace("-0500-", "-0600-").replace("-0630-", "-0730-");
        assert!(week.file(&whole).bytes.starts_with(bytes));
        let ok = if return_file {
            nacha::validate(bytes.as_slice()).unwrap().findings.ok()
        } else {
            bai2::read(bytes).is_ok()
        };
        assert!(!ok, "{name} is torn");
    }
    assert_eq!(torn.count(), 2, "a statement and a return file");
    let second = week.file(&week.find(Fault::DupFile).key);
    assert_eq!(
        week.out
            .iter()
            .filter(|(_, f)| f.bytes == second.bytes)
            .count(),
        2
    );

    assert_eq!(week.rejected.len(), 1);
    let rejected = &week.rejected[0];
    let ack = week
        .acks
        .iter()
        .find(|a| a.name.contains(rejected.as_str()))
        .unwrap();
    assert_eq!(status(ack), acks::Status::Rejected);
}

/// The batch of a key `batch/direction`.
fn batch(key: &str) -> &str {
    key.split_once('/').unwrap().0
}

fn status(ack: &OutFile) -> acks::Status {
    acks::read(&ack.bytes)[0].as_ref().unwrap().status
}

#[test]
fn a_short_line_is_short_by_exactly_its_fault() {
    let week = week(4_000, FaultPlan::standard(DAYS), false, false);
    let sent = |key: &str| -> i64 {
        let name = format!(
            "20{}-{}-{}{}.ach",
            &key[..2],
            &key[2..4],
            &key[4..6],
            &key[6..7]
        );
        let text = String::from_utf8(week.sent[&name].clone()).unwrap();
        let control = text
            .lines()
            .find(|l| l.starts_with('8') && l[87..94] == key[7..])
            .unwrap();
        let side = |from: usize| control[from..from + 12].parse::<i64>().unwrap();
        side(20) - side(32)
    };
    let fee = week.find(Fault::FeeNetted);
    assert_eq!(fee.cents, -2_500);
    assert_eq!(
        week.lines(batch(&fee.key))[0].1,
        sent(batch(&fee.key)) - 2_500
    );

    let lost = week.find(Fault::MissingAtBank);
    let statements = week.statements();
    let short = statements.iter().flat_map(|s| s.lines.clone()).filter(|l| {
        let named = l.customer_reference.len() == 14 && l.customer_reference != batch(&fee.key);
        named && l.amount.get() - lost.cents == sent(&l.customer_reference)
    });
    assert_eq!(short.count(), 1);
}

#[test]
fn a_file_with_an_error_is_rejected_and_moves_no_money() {
    let mut bank = Bank::new(11, &profile(), FaultPlan::none());
    let mut sequence = 0;
    let (name, bytes) = files(FIRST, 50, &mut sequence).remove(1);
    let torn = &bytes[..bytes.len() / 2];
    let ack = bank.receive(FIRST, &name, torn);
    assert_eq!(status(&ack[0]), acks::Status::Rejected);
    bank.morning(next_banking_day(FIRST)).unwrap();
    bank.morning(add_banking_days(FIRST, 2)).unwrap();
    assert_eq!(bank.balance(), SignedCents::ZERO);
    assert!(
        !bank.receive(FIRST, &name, &bytes).is_empty(),
        "the whole file is taken"
    );
}

#[test]
fn a_hundred_thousand_payments_take_seconds_and_no_weekend_has_a_morning() {
    let mut bank = Bank::new(11, &profile(), FaultPlan::standard(3));
    assert!(
        bank.morning(date(2026, 11, 26)).unwrap().is_empty(),
        "Thanksgiving"
    );
    let mut sequence = 0;
    for (name, bytes) in files(FIRST, 100_000, &mut sequence) {
        bank.receive(FIRST, &name, &bytes);
    }
    let returns = bank.morning(add_banking_days(FIRST, 3)).unwrap();
    assert!(returns.iter().map(|f| f.bytes.len()).sum::<usize>() > 100_000);
}

/// Each day two wires are announced; what is planted of them is what the statements lack.
#[test]
fn wires_come_as_they_were_announced_but_for_those_that_are_planted() {
    for plan in [FaultPlan::none(), FaultPlan::standard(DAYS)] {
        let faults = plan != FaultPlan::none();
        let (mut bank, mut week, mut day) =
            (Bank::new(11, &profile(), plan), Week::default(), FIRST);
        for number in 0..DAYS + DRAIN {
            let files = bank.morning(day).unwrap();
            week.out.extend(files.into_iter().map(|file| (day, file)));
            let wire = |name: &str| Wire {
                originator: name.to_owned(),
                reference: format!("{name}-{number}"),
                cents: 100_000 * i64::from(number + 1),
                on: day,
                came: None,
                gone: None,
            };
            if number < DAYS {
                bank.wire(day, vec![wire("payroll"), wire("market")]);
            }
            day = next_banking_day(day);
        }
        let mut kinds = BTreeSet::new();
        for planted in bank.planted().iter().filter(|one| one.key.contains('/')) {
            kinds.insert(planted.kind);
        }
        let unannounced = bank.planted();
        let unannounced = unannounced
            .iter()
            .filter(|one| one.kind == Fault::WireUnannounced);
        assert_eq!(
            (kinds.len(), unannounced.count() > 0),
            (3 * usize::from(faults), faults)
        );
        let lines: Vec<Line> = week
            .statements()
            .into_iter()
            .flat_map(|s| s.lines)
            .collect();
        for wire in bank.wires() {
            let of = lines
                .iter()
                .filter(|l| l.customer_reference == wire.reference);
            let sum: i64 = of.map(|line| line.amount.get()).sum();
            let silent = lines.iter().any(|line| {
                let code = line.type_code == "195" && line.customer_reference.is_empty();
                code && line.amount.get() == wire.cents
            });
            match wire.went_wrong() {
                false => assert!(sum == wire.cents || silent, "{wire:?}"),
                true => assert!(faults && sum != wire.cents, "{wire:?}"),
            }
        }
    }
}
