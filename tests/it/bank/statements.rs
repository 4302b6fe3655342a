//! Statements that the staged day meets one by one: two formats that disagree, gaps that net to
//! zero, strangers, garbled figures, and a settlement that is corrected once it is booked.

use crate::days::stage::stage;
use crate::days::world::{block, carried_by, desk, files_in};
use crate::tree::{self, scratch};
use desk::names;
use formats::statement::{AccountNumber, Document, Line, Page, Purpose, Statement};
use formats::tables::{Balances, Journal};
use formats::{bai2, camt053};
use jiff::civil::{Date, date};
use jobs::records::allocated::Allocated;
use jobs::records::ingested::{Ingested, Outcome};
use jobs::records::posted::PostedDay;
use jobs::records::reconciled::Reconciled;
use jobs::{day, ingest, parts, records};
use settlement::money::{Cents, SignedCents};
use settlement::payment::State;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

/// The staged day, the one after it, and the day that its waiting statement is of.
pub const DAY: Date = date(2026, 11, 27);
pub const NEXT: Date = date(2026, 11, 30);
pub const OF: Date = date(2026, 11, 25);

pub struct Staged {
    _dir: TempDir,
    pub at: PathBuf,
    /// The statement of the 25th, which was taken out of the drop box.
    pub statement: Document,
}

impl Staged {
    pub fn new() -> Staged {
        let dir = scratch();
        let at = dir.path().join("copy");
        tree::copy(&stage().before("ingest"), &at);
        let mut paths = files_in(&at.join("bank/from-bank"));
        paths.retain(|path| path.to_string_lossy().contains("-statement-"));
        paths.sort();
        let statement = bai2::read(&fs::read(&paths[0]).expect("a statement"));
        paths
            .iter()
            .for_each(|path| fs::remove_file(path).expect("taken out"));
        Staged {
            _dir: dir,
            at,
            statement,
        }
    }

    pub fn put(&self, name: &str, document: &Document) {
        let bytes = match name.ends_with(".xml") {
            true => camt053::write(document),
            false => bai2::write(document).expect("written"),
        };
        fs::write(self.at.join("bank/from-bank").join(name), bytes).expect("put out");
    }

    pub fn ingest(&self, date: Date) {
        block(ingest::run(&desk(&self.at), date)).expect("ingest");
    }

    pub fn day(&self, date: Date) {
        block(day::run(&desk(&self.at), date)).expect("a day");
    }

    pub fn record(&self, date: Date, name: &str) -> Ingested {
        let desk = desk(&self.at);
        let prefix = names::ingested_prefix(date);
        let all = block(records::all::<Ingested>(&*desk.ports.objects, &prefix)).expect("records");
        let mut all = all.into_iter().map(|read| read.record);
        all.find(|file| file.name == name)
            .unwrap_or_else(|| panic!("no record of {name}"))
    }

    fn is_quarantined(&self, name: &str, kind: &str) -> bool {
        let file = self.record(DAY, name);
        let found = file
            .break_kind
            .map_or("CONTROL_TOTAL", |kind| kind.as_str());
        file.outcome == Outcome::Quarantined && found == kind
    }

    pub fn reconciled(&self, date: Date) -> Reconciled {
        let desk = desk(&self.at);
        let done = block(records::get(&*desk.ports.objects, &names::reconciled(date)));
        done.expect("read").expect("reconciled")
    }

    fn allocated(&self, date: Date) -> Allocated {
        let desk = desk(&self.at);
        let done = block(records::get(&*desk.ports.objects, &names::allocated(date)));
        done.expect("read").expect("allocated")
    }

    pub fn posted(&self, date: Date) -> PostedDay {
        let desk = desk(&self.at);
        let done = block(records::get(&*desk.ports.objects, &names::posted(date)));
        done.expect("read").expect("posted")
    }

    /// What rests on an account under a key.
    pub fn rests(&self, date: Date, account: &str, key: &str) -> i64 {
        let part = self.posted(date).balances.expect("balances");
        let desk = desk(&self.at);
        let rows = parts::rows_of::<Balances>(&*desk.ports.objects, &part);
        let rows = block(rows).expect("rows").into_iter();
        let mine = rows.filter(|row| row.account == account && row.key == key);
        mine.map(|row| row.balance.get()).sum()
    }
}

/// The same with its lines changed, and balances and totals that agree with them.
pub fn changed(document: &Document, change: impl FnOnce(&mut Vec<Line>)) -> Document {
    let mut other = document.clone();
    let mut statement = other.statements.remove(0);
    change(&mut statement.lines);
    statement.summaries.clear();
    let movement = statement.movement().expect("a sum");
    statement.closing = statement
        .opening
        .and_then(|opening| opening.checked_add(movement));
    other
        .statements
        .push(statement.with_totals().expect("totals"));
    other.file_id.push('7');
    other
}

/// The statement of `as_of` that follows.
pub fn following(document: &Document, as_of: Date, cents: &[i64]) -> Document {
    let before = document.statements[0].clone();
    let lines = cents.iter().map(|cents| Line {
        type_code: if *cents < 0 { "455" } else { "142" }.to_owned(),
        amount: SignedCents::new(*cents),
        bank_reference: format!("SB{as_of}{cents}").replace('-', ""),
        ..Line::default()
    });
    let statement = Statement {
        as_of: Some(as_of),
        opening: before.closing,
        lines: lines.collect(),
        ..before
    };
    let next = Document {
        file_id: as_of.strftime("%m%d").to_string(),
        statements: vec![statement],
        ..document.clone()
    };
    changed(&next, |_| {})
}

#[test]
fn two_formats_of_a_day_are_one_statement_and_must_agree() {
    let staged = Staged::new();
    let other = changed(&staged.statement, |lines| {
        let cents = lines[0].amount.get();
        (lines[0].amount, lines[1].amount) = (
            SignedCents::new(cents - 1),
            SignedCents::new(lines[1].amount.get() + 1),
        );
    });
    staged.put("a.bai", &staged.statement);
    staged.put("b.xml", &staged.statement);
    staged.put("c.xml", &other);
    staged.ingest(DAY);
    let again = staged.record(DAY, "b.xml");
    assert!(
        again.outcome == Outcome::Taken && again.parts.is_empty(),
        "{again:#?}"
    );
    assert!(staged.is_quarantined("c.xml", "FILE_STATUS"));
}

#[test]
fn a_missing_statement_is_missed_though_its_lines_net_to_zero() {
    let staged = Staged::new();
    let friday = following(&staged.statement, DAY, &[500, -500]);
    let monday = following(&friday, NEXT, &[300]);
    staged.put("25.bai", &staged.statement);
    staged.day(DAY);
    staged.put("30.bai", &monday);
    staged.day(NEXT);
    let gap = |done: &Reconciled| {
        let mut found = done.breaks.iter();
        let found = found.find(|found| found.kind.as_str() == "SEQUENCE_GAP");
        found.map(|found| found.status.as_str())
    };
    assert_eq!(gap(&staged.reconciled(NEXT)), Some("OPEN"));
    assert_eq!(staged.reconciled(NEXT).waiting.len(), 1);
    staged.put("27.bai", &friday);
    let tuesday = date(2026, 12, 1);
    staged.day(tuesday);
    let healed = staged.reconciled(tuesday);
    assert_eq!(gap(&healed), Some("AUTO_CLEARED"));
    assert_eq!(
        (healed.waiting.len(), healed.closing["5678"].date),
        (0, NEXT)
    );
    assert_eq!(
        Some(healed.closing["5678"].cents),
        monday.statements[0].closing
    );
}

#[test]
fn a_strangers_account_that_is_wrong_keeps_nobody_out() {
    for first in [true, false] {
        let staged = Staged::new();
        let mut document = staged.statement.clone();
        let wrong = Statement {
            account: AccountNumber::new("0099887766"),
            closing: Some(SignedCents::new(1)),
            ..following(&document, OF, &[90_000_000_000_000_000]).statements[0].clone()
        };
        let at = if first { 0 } else { 1 };
        document.statements.insert(at, wrong);
        for name in ["a.bai", "b.xml"] {
            staged.put(name, &document);
        }
        staged.ingest(DAY);
        let ours = staged.record(DAY, "a.bai");
        assert!(ours.taken() && ours.statements.len() == 1, "{ours:#?}");
        assert_eq!(
            ours.left_out.cents,
            SignedCents::ZERO,
            "figures that nobody believes"
        );
        let again = staged.record(DAY, "b.xml");
        assert!(again.taken() && again.statements.is_empty(), "{again:#?}");
    }
}

#[test]
fn garbled_figures_are_quarantined_and_the_day_is_sealed() {
    let staged = Staged::new();
    staged.put("good.bai", &staged.statement);
    let most = 999_999_999_999_999_999;
    for (name, cents) in [
        ("a", most),
        ("b", most),
        ("c", -most),
        ("d", 1_000_000_000_000_000),
    ] {
        let garbled = following(&staged.statement, DAY, &[cents]);
        staged.put(&format!("{name}.bai"), &garbled);
        let turned = following(&staged.statement, DAY, &[cents, -cents]);
        staged.put(&format!("{name}-turned.xml"), &turned);
    }
    staged.day(DAY);
    for name in [
        "a.bai",
        "b.bai",
        "c.bai",
        "d.bai",
        "a-turned.xml",
        "d-turned.xml",
    ] {
        assert!(staged.is_quarantined(name, "CONTROL_TOTAL"), "{name}");
    }
    assert!(staged.record(DAY, "good.bai").taken());
    assert!(
        staged
            .at
            .join("objects/archive/date=2026-11-27/manifest.json")
            .exists()
    );
}

#[test]
fn a_settlement_that_is_corrected_settles_its_batch_anew() {
    let staged = Staged::new();
    let mut batch = String::new();
    // The last one: the bank nets a fee from the first.
    let wrong = changed(&staged.statement, |lines| {
        let mut lines = lines.iter_mut().rev();
        let line =
            lines.find(|line| line.customer_reference.len() == 14 && line.amount.get() > 7_777);
        let line = line.expect("a settlement");
        batch.clone_from(&line.customer_reference);
        line.amount = SignedCents::new(line.amount.get() - 7_777);
    });
    staged.put("wrong.bai", &wrong);
    staged.day(DAY);
    let odd = |date: Date| {
        let breaks = staged.reconciled(date).breaks.into_iter();
        let mut about = breaks.filter(|found| found.key.starts_with(&batch));
        about
            .next()
            .map(|found| (found.kind.to_string(), found.is_open()))
    };
    let rests =
        |date: Date| staged.rests(date, "1110", &batch) + staged.rests(date, "2110", &batch);
    assert_eq!(odd(DAY), Some(("AMOUNT".to_owned(), true)));
    assert_eq!(rests(DAY).abs(), 7_777);
    let mut right = staged.statement.clone();
    right.statements[0].purpose = Purpose::Correction;
    staged.put("right.bai", &right);
    staged.day(NEXT);
    assert_eq!(odd(NEXT), Some(("AMOUNT".to_owned(), false)));
    assert_eq!(rests(NEXT), 0);
    let done = staged.reconciled(NEXT);
    let allocated = staged.allocated(NEXT);
    let mut windows = allocated.windows.iter();
    assert!(windows.any(|side| side.key.to_string() == batch));
    let closing = done.closing["5678"];
    assert_eq!(Some(closing.cents), staged.statement.statements[0].closing);
    assert_eq!(
        closing.opened.checked_add(closing.posted),
        Some(closing.cents)
    );
    let part = staged.posted(NEXT).journal.expect("a journal");
    let desk = desk(&staged.at);
    let rows = block(parts::rows_of::<Journal>(&*desk.ports.objects, &part)).expect("rows");
    let back = rows.iter().filter(|row| row.corrects.is_some());
    assert!(back.count() >= 2, "the journal says what it corrects");
    drop(desk);
    // The first version once more changes nothing: it is known.
    let tuesday = date(2026, 12, 1);
    let mut renumbered = wrong.clone();
    renumbered.file_id.push('1');
    staged.put("wrong-again.bai", &renumbered);
    staged.ingest(tuesday);
    assert!(staged.record(tuesday, "wrong-again.bai").parts.is_empty());
}

/// Another version of a statement of which the bank says that it corrects the one before.
pub fn corrected(document: &Document, change: impl FnOnce(&mut Vec<Line>)) -> Document {
    let mut other = changed(document, change);
    other.statements[0].purpose = Purpose::Correction;
    other
}

#[test]
fn a_settlement_that_a_correction_drops_waits_until_it_comes() {
    let staged = Staged::new();
    staged.put("25.bai", &staged.statement);
    staged.day(DAY);
    let settles = |line: &&Line| line.customer_reference.len() == 14 && line.amount.get() > 7_777;
    let lines = &staged.statement.statements[0].lines;
    let line = lines
        .iter()
        .rev()
        .find(settles)
        .expect("a settlement")
        .clone();
    let batch = line.customer_reference.clone();
    let states = || {
        let desk = desk(&staged.at);
        let page = block(carried_by(&desk, batch.parse().expect("a batch")));
        let mut states: Vec<State> = page.iter().map(|one| one.state).collect();
        states.sort_unstable();
        states.dedup();
        states
    };
    assert!(states().contains(&State::Success), "{:?}", states());
    let without = corrected(&staged.statement, |lines| lines.retain(|one| *one != line));
    staged.put("25-again.bai", &without);
    staged.day(NEXT);
    assert!(states().contains(&State::Pending), "{:?}", states());
    assert!(!states().contains(&State::Success), "{:?}", states());
    let undone = |date: Date| {
        let breaks = staged.reconciled(date).breaks.into_iter();
        let mut of = breaks.filter(|one| one.kind.as_str() == "SETTLEMENT_UNDONE");
        of.next().map(|one| (one.is_open(), one.cents, one.key))
    };
    let key = format!("{batch}/debit");
    assert_eq!(undone(NEXT), Some((true, line.amount, key.clone())));
    let rests = |date: Date| staged.rests(date, "1110", &batch);
    assert_eq!(rests(NEXT), line.amount.get());
    let friday = changed(&following(&without, DAY, &[]), |lines| {
        lines.push(line.clone())
    });
    staged.put("27.bai", &friday);
    let tuesday = date(2026, 12, 1);
    staged.day(tuesday);
    assert_eq!(undone(tuesday), Some((false, line.amount, key)));
    assert_eq!(rests(tuesday), 0);
    assert!(states().contains(&State::Success) && !states().contains(&State::Pending));
}

#[test]
fn a_fee_line_that_is_corrected_leaves_its_days_to_the_right_one() {
    let staged = Staged::new();
    staged.put("25.bai", &staged.statement);
    staged.day(DAY);
    let billed = |date: Date| staged.posted(date).billed.len();
    assert!(billed(DAY) > 0, "the bank bills each day");
    let odd = |date: Date| {
        let breaks = staged.reconciled(date).breaks.into_iter();
        let mut fees = breaks.filter(|one| one.explanation.contains("prices of the profile"));
        fees.any(|one| one.is_open())
    };
    assert!(!odd(DAY));
    let bank = desk(&staged.at).bank.name.clone();
    let before = staged.rests(DAY, "2130", &bank);
    let other = corrected(&staged.statement, |lines| {
        for line in lines.iter_mut().filter(|line| line.type_code == "698") {
            line.bank_reference = "FEE7".to_owned();
        }
    });
    staged.put("25-again.bai", &other);
    staged.day(NEXT);
    assert!(
        !odd(NEXT) && billed(NEXT) > 0,
        "the right line finds its days"
    );
    let fees = staged.posted(NEXT).fees;
    let due = Cents::sum(fees.days.iter().map(|day| day.cents)).expect("a sum");
    let after = staged.rests(NEXT, "2130", &bank);
    assert_eq!(
        -after,
        due.signed().expect("cents").get(),
        "what is accrued and not billed"
    );
    assert!(
        after <= before,
        "nothing is billed twice: {after} and {before}"
    );
}

#[test]
fn pages_that_prove_nothing_alone_are_booked_together() {
    let staged = Staged::new();
    let whole = staged.statement.statements[0].clone();
    let (first, second) = whole.lines.split_at(2);
    let page = |number: u32, lines: &[Line]| {
        let page = Statement {
            page: Some(Page {
                number,
                last: number == 2,
            }),
            lines: lines.to_vec(),
            summaries: Vec::new(),
            ..whole.clone()
        };
        Document {
            file_id: number.to_string(),
            statements: vec![page],
            ..staged.statement.clone()
        }
    };
    // Both have the balances of the whole day.
    staged.put("b.xml", &page(2, second));
    staged.ingest(DAY);
    assert_eq!(staged.record(DAY, "b.xml").waiting.len(), 1);
    staged.put("a.xml", &page(1, first));
    staged.ingest(DAY);
    let joined = staged.record(DAY, "a.xml");
    assert_eq!(
        (joined.statements.len(), joined.healed.len()),
        (1, 1),
        "{joined:#?}"
    );
    assert_eq!(joined.statements[0].lines, whole.lines.len() as u64);
    staged.day(DAY);
    let gap = |found: &jobs::records::breaks::BreakRecord| found.kind.as_str() == "SEQUENCE_GAP";
    assert!(!staged.reconciled(DAY).breaks.iter().any(gap));
}
