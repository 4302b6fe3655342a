//! What the bank says is believed only where it agrees with what is known: a file that does not
//! is kept, booked not at all, and surfaces by its name, with its reason, as a break.

use crate::days::stage::stage;
use crate::days::world::{block, counts, desk, files_in, with_ports};
use crate::tree::{self, assert_same, bytes, scratch};
use connectors::faulty::{Faults, When};
use desk::names;
use formats::acks::{self, Ack, Status};
use formats::bai2;
use formats::statement::{AccountNumber, Document, Line, Purpose, Statement};
use formats::tables::BankLines;
use jiff::civil::{Date, date};
use jobs::ingest;
use jobs::records::ingested::{Ingested, Outcome};
use jobs::records::reconciled::Reconciled;
use jobs::tally::Tally;
use jobs::{allocate, day, parts, post, reconcile, records};
use settlement::money::SignedCents;
use settlement::payment::State;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The staged day, and the day its waiting statement is of.
const DAY: Date = date(2026, 11, 27);
const OF: Date = date(2026, 11, 25);

/// The staged installation before `ingest`, with the bank's files waiting.
struct Desk27 {
    _dir: TempDir,
    at: PathBuf,
}

impl Desk27 {
    fn new() -> Desk27 {
        let dir = scratch();
        let at = dir.path().join("copy");
        tree::copy(&stage().before("ingest"), &at);
        Desk27 { _dir: dir, at }
    }

    fn waiting(&self, with: &str) -> PathBuf {
        let mut paths = files_in(&self.at.join("bank/from-bank"));
        paths.sort();
        let name = |path: &PathBuf| {
            path.file_name()
                .expect("name")
                .to_string_lossy()
                .into_owned()
        };
        let found = paths.into_iter().find(|path| name(path).contains(with));
        found.unwrap_or_else(|| panic!("no {with} waits"))
    }

    /// The day's statement, taken out of the drop box; it comes twice there.
    fn statement(&self) -> Document {
        let first = fs::read(self.waiting("-0500-statement-")).expect("a statement");
        for path in files_in(&self.at.join("bank/from-bank")) {
            if path.to_string_lossy().contains("-statement-") {
                fs::remove_file(path).expect("taken out");
            }
        }
        let document = bai2::read(&first);
        assert!(document.is_ok() && document.statements[0].as_of == Some(OF));
        assert!(document.statements[0].lines.len() > 3);
        document
    }

    fn put(&self, name: &str, body: &[u8]) {
        fs::write(self.at.join("bank/from-bank").join(name), body).expect("put out");
    }

    fn put_statement(&self, name: &str, document: &Document) {
        self.put(name, &bai2::write(document).expect("written"));
    }

    fn ingest(&self) -> Tally {
        let desk = desk(&self.at);
        let tally = block(ingest::run(&desk, DAY)).expect("ingest");
        assert_eq!(
            files_in(&self.at.join("bank/from-bank")),
            [] as [PathBuf; 0]
        );
        tally
    }

    fn record(&self, name: &str) -> Ingested {
        let desk = desk(&self.at);
        let prefix = names::ingested_prefix(DAY);
        let all = block(records::all::<Ingested>(&*desk.ports.objects, &prefix)).expect("records");
        let mut all = all.into_iter().map(|read| read.record);
        all.find(|file| file.name == name)
            .unwrap_or_else(|| panic!("{name} has no record"))
    }

    /// The file is in quarantine as `kind`, and the tally says so in a line of its own.
    #[track_caller]
    fn quarantined(&self, tally: &Tally, name: &str, kind: &str) {
        let file = self.record(name);
        assert_eq!(file.outcome, Outcome::Quarantined, "{file:#?}");
        assert!(file.parts.is_empty() && file.statements.is_empty());
        let says = format!("{name}: quarantined, {kind}: ");
        let said = tally.proofs.iter().any(|line| line.starts_with(&says));
        assert!(said, "{says:?} is not in {:#?}", tally.proofs);
    }

    fn lines(&self) -> usize {
        let desk = desk(&self.at);
        let lines = block(jobs::statement_lines::lines(&desk, DAY)).expect("lines");
        lines.fresh.len()
    }

    /// Posts and reconciles; the breaks.
    fn breaks(&self) -> Vec<(String, String)> {
        let desk = desk(&self.at);
        block(allocate::run(&desk, DAY)).expect("allocate");
        block(post::run(&desk, DAY)).expect("post");
        block(reconcile::run(&desk, DAY)).expect("reconcile");
        let name = names::reconciled(DAY);
        let done = block(records::get::<Reconciled>(&*desk.ports.objects, &name)).expect("read");
        let breaks = done.expect("reconciled").breaks.into_iter();
        let named = breaks.map(|found| (found.kind.to_string(), found.key));
        named.collect()
    }
}

fn has(breaks: &[(String, String)], kind: &str, key: &str) -> bool {
    breaks
        .iter()
        .any(|found| (found.0.as_str(), found.1.as_str()) == (kind, key))
}

/// The same statement under another file id: other bytes, the same money.
fn renumbered(document: &Document) -> Document {
    let file_id = format!("{}9", document.file_id);
    Document {
        file_id,
        ..document.clone()
    }
}

fn meant(document: &Document, purpose: Purpose) -> Document {
    let mut other = renumbered(document);
    other
        .statements
        .iter_mut()
        .for_each(|one| one.purpose = purpose);
    other
}

/// A statement of `as_of` that follows `document` with one credit of 5.00.
fn following(document: &Document, as_of: Date) -> Document {
    let before = &document.statements[0];
    let line = Line {
        type_code: "165".to_owned(),
        amount: SignedCents::new(500),
        bank_reference: "SBNEXT".to_owned(),
        ..Line::default()
    };
    let opening = before.closing.expect("a closing balance");
    let statement = Statement {
        as_of: Some(as_of),
        opening: Some(opening),
        closing: opening.checked_add(line.amount),
        summaries: Vec::new(),
        lines: vec![line],
        ..before.clone()
    };
    Document {
        file_id: "next".to_owned(),
        statements: vec![statement],
        ..document.clone()
    }
}

#[test]
fn an_acknowledgement_that_contradicts_what_was_sent_changes_nothing() {
    let counts = |desk: &desk::Desk| block(counts(desk));
    let forge: [fn(&mut Ack); 4] = [
        |ack| ack.sha256 = "0".repeat(64),
        |ack| ack.entries += 1,
        |ack| (ack.status, ack.entries) = (Status::Rejected, 1),
        |ack| ack.file = format!("x{}", ack.file),
    ];
    for (number, forge) in forge.into_iter().enumerate() {
        let stage = Desk27::new();
        let path = stage.waiting("-ack-");
        let name = path
            .file_name()
            .expect("name")
            .to_string_lossy()
            .into_owned();
        for other in files_in(&stage.at.join("bank/from-bank")) {
            if other != path {
                fs::remove_file(other).expect("removed");
            }
        }
        let read = acks::read(&fs::read(&path).expect("an ack"));
        let mut all: Vec<Ack> = read.into_iter().map(|ack| ack.expect("sound")).collect();
        forge(&mut all[0]);
        fs::write(&path, acks::write(&all)).expect("forged");
        let before = counts(&desk(&stage.at));
        let tally = stage.ingest();
        assert_eq!(before, counts(&desk(&stage.at)), "forgery {number}");
        assert_eq!(tally.findings, 1, "{tally}");
        let said = format!("{name}: 1 put aside, the first: line 2, ");
        assert!(tally.proofs[0].starts_with(&said), "{tally}");
        let key = format!("{name}:2");
        assert!(has(&stage.breaks(), "CONTROL_TOTAL", &key), "{number}");
    }
}

#[test]
fn a_rejected_file_is_named_with_its_reason() {
    let stage = Desk27::new();
    let path = stage.waiting("-ack-");
    let read = acks::read(&fs::read(&path).expect("an ack"));
    let mut ack = read[0].clone().expect("sound");
    (ack.status, ack.reason) = (Status::Rejected, "no such company".to_owned());
    fs::write(&path, acks::write(std::slice::from_ref(&ack))).expect("written");
    let failed = |at: &Path| {
        let counts = block(counts(&desk(at)));
        counts.get(&State::Failed).map_or(0, |(count, _)| *count)
    };
    let before = failed(&stage.at);
    let tally = stage.ingest();
    assert!(failed(&stage.at) >= before + ack.entries);
    let said = format!("the bank rejects {}: no such company", ack.file);
    assert!(
        tally.proofs.iter().any(|line| line.ends_with(&said)),
        "{tally}"
    );
}

#[test]
fn what_is_a_test_or_a_deletion_is_not_booked() {
    for purpose in [Purpose::Test, Purpose::Deletion, Purpose::Unknown] {
        let stage = Desk27::new();
        let document = stage.statement();
        stage.put_statement("odd.bai", &meant(&document, purpose));
        let tally = stage.ingest();
        stage.quarantined(&tally, "odd.bai", "FILE_STATUS");
        assert_eq!(stage.lines(), 0, "{purpose:?}");
        assert!(has(&stage.breaks(), "FILE_STATUS", "odd.bai"));
    }
}

#[test]
fn a_day_is_booked_once_whatever_the_file_is_called_or_numbered() {
    let stage = Desk27::new();
    let document = stage.statement();
    let lines = document.statements[0].lines.len();
    stage.put_statement("a.bai", &document);
    stage.put_statement("b.bai", &renumbered(&document));
    stage.put_statement("c.bai", &meant(&document, Purpose::Correction));
    let mut turned = renumbered(&document);
    turned.statements[0].lines.reverse();
    stage.put_statement("d.bai", &turned);
    let tally = stage.ingest();
    for name in ["b.bai", "c.bai", "d.bai"] {
        let again = stage.record(name);
        assert!(again.taken() && again.parts.is_empty(), "{again:#?}");
        assert_eq!(again.left_out, again.records);
        assert!(!tally.proofs.iter().any(|line| line.starts_with(name)));
    }
    assert_eq!((stage.lines(), tally.findings), (lines, 0));
    let breaks = stage.breaks();
    let odd = |found: &&(String, String)| found.1.ends_with(".bai") || found.0 == "DUP_STATEMENT";
    assert_eq!(breaks.iter().find(odd), None);
}

#[test]
fn an_interim_report_is_kept_and_the_final_statement_booked() {
    let stage = Desk27::new();
    let document = stage.statement();
    stage.put_statement("a.bai", &meant(&document, Purpose::Intraday));
    stage.put_statement("b.bai", &document);
    let tally = stage.ingest();
    let interim = stage.record("a.bai");
    assert!(interim.taken() && interim.parts.is_empty() && interim.statements.is_empty());
    assert_eq!(interim.left_out, interim.records);
    assert_eq!(stage.lines(), document.statements[0].lines.len());
    let left = tally.given.iter().find(|given| given.name == "not booked");
    assert_eq!(left.map(|given| given.sum), Some(interim.left_out));
}

#[test]
fn a_corrected_statement_takes_the_place_of_one_that_was_torn() {
    let stage = Desk27::new();
    let document = stage.statement();
    let whole = bai2::write(&document).expect("written");
    stage.put("a.bai", &whole[..whole.len() / 2]);
    stage.put_statement("b.bai", &meant(&document, Purpose::Correction));
    let tally = stage.ingest();
    stage.quarantined(&tally, "a.bai", "CONTROL_TOTAL");
    assert!(stage.record("b.bai").taken());
    assert_eq!(stage.lines(), document.statements[0].lines.len());
}

#[test]
fn statements_that_wait_together_are_taken_in_the_order_of_their_days() {
    let stage = Desk27::new();
    let document = stage.statement();
    stage.put_statement("a-later.bai", &following(&document, date(2026, 11, 26)));
    stage.put_statement("z-first.bai", &document);
    stage.ingest();
    assert!(stage.record("a-later.bai").taken() && stage.record("z-first.bai").taken());
}

#[test]
fn after_a_gap_the_missing_statement_comes_and_the_kept_one_is_booked_with_it() {
    let stage = Desk27::new();
    let document = stage.statement();
    let next = following(&document, date(2026, 11, 26));
    stage.put_statement("next.bai", &next);
    let tally = stage.ingest();
    let said = |line: &String| line.starts_with("next.bai: waits, SEQUENCE_GAP: ");
    assert!(
        tally.proofs.iter().any(said) && tally.findings == 1,
        "{tally}"
    );
    assert!(tally.ties_out() && stage.record("next.bai").taken());
    assert_eq!(stage.lines(), 0);
    stage.put_statement("missing.bai", &document);
    let tally = stage.ingest();
    assert!(
        !tally.proofs.iter().any(said) && tally.ties_out(),
        "{tally}"
    );
    assert_eq!(stage.lines(), document.statements[0].lines.len() + 1);
    let healing = stage.record("missing.bai");
    assert_eq!((healing.statements.len(), healing.healed.len()), (2, 1));
    let breaks = stage.breaks();
    let gap = |found: &&(String, String)| {
        matches!(found.0.as_str(), "SEQUENCE_GAP" | "BALANCE_ASSERTION")
    };
    assert_eq!(breaks.iter().find(gap), None);
}

#[test]
fn dates_and_balances_that_prove_nothing_keep_a_statement_out() {
    let without = |document: &Document| {
        let mut other = document.clone();
        (other.statements[0].opening, other.statements[0].closing) = (None, None);
        other
    };
    let future = |document: &Document| {
        let mut other = document.clone();
        other.statements[0].as_of = Some(date(2031, 11, 24));
        other
    };
    type Change<'a> = (&'a dyn Fn(&Document) -> Document, &'a str);
    let cases: [Change<'_>; 2] = [(&without, "BALANCE_ASSERTION"), (&future, "CONTROL_TOTAL")];
    for (change, kind) in cases {
        let stage = Desk27::new();
        let document = stage.statement();
        stage.put_statement("a.bai", &change(&document));
        stage.put_statement("b.bai", &document);
        let tally = stage.ingest();
        stage.quarantined(&tally, "a.bai", kind);
        assert!(
            stage.record("b.bai").taken(),
            "{kind}: the good one has its place"
        );
    }
    let stage = Desk27::new();
    let mut document = stage.statement();
    document.statements[0].opening = None;
    stage.put_statement("a.bai", &document);
    stage.ingest();
    let file = stage.record("a.bai");
    assert!(file.taken() && file.statements[0].opening.is_some());
}

#[test]
fn other_accounts_of_a_statement_are_left_out_and_ours_is_booked() {
    let stage = Desk27::new();
    let mut document = stage.statement();
    let lines = document.statements[0].lines.len();
    let foreign = Statement {
        account: AccountNumber::new("0099887766"),
        purpose: Purpose::Final,
        ..following(&document, OF).statements[0].clone()
    };
    document.statements.insert(0, foreign);
    stage.put_statement("a.bai", &document);
    let tally = stage.ingest();
    assert!(tally.ties_out());
    let file = stage.record("a.bai");
    assert!(file.taken() && file.statements.len() == 1 && file.left_out.records == 1);
    assert!(
        file.findings.iter().any(|f| f.contains("...7766")),
        "{file:#?}"
    );
    assert_eq!(stage.lines(), lines);
    let of_table = |table: &str| {
        let parts = file.parts.iter().filter(|part| part.table == table);
        parts.map(|part| part.rows).sum::<u64>()
    };
    assert_eq!(of_table("bank_lines"), lines as u64);
    assert_eq!(of_table("bank_balances"), 1);
    let desk = desk(&stage.at);
    let rows = parts::rows_of::<BankLines>(&*desk.ports.objects, &file.parts[0]);
    let rows = block(rows).expect("rows");
    assert!(rows.iter().all(|row| row.account_last4 == "5678"));
}

#[test]
fn oddly_named_files_are_taken_like_any_other() {
    let stage = Desk27::new();
    let document = stage.statement();
    let long = format!("{}.bai", "n".repeat(245));
    stage.put_statement("a\\b\t.bai", &document);
    stage.put(&long, b"Dear customer,");
    let tally = stage.ingest();
    assert!(stage.record("a\\b\t.bai").taken());
    stage.quarantined(&tally, &long, "CONTROL_TOTAL");
    let desk = desk(&stage.at);
    block(day::run(&desk, DAY)).expect("the day goes on and is sealed");
}

#[test]
fn a_crash_among_files_that_depend_on_each_other_is_healed_by_a_rerun() {
    let stage = Desk27::new();
    let document = stage.statement();
    let whole = bai2::write(&document).expect("written");
    stage.put("a.bai", &whole[..whole.len() / 2]);
    stage.put_statement("b.bai", &meant(&document, Purpose::Test));
    stage.put_statement("c.bai", &document);
    stage.put_statement("d.bai", &renumbered(&document));
    stage.put_statement("e.bai", &document);
    stage.put_statement("0-later.bai", &following(&document, date(2026, 11, 26)));
    let products = ["objects", "bank"];
    let copy = |to: &TempDir| {
        let copy = to.path().join("copy");
        tree::copy(&stage.at, &copy);
        copy
    };
    let undisturbed = scratch();
    let at = copy(&undisturbed);
    block(ingest::run(&desk(&at), DAY)).expect("ingest");
    let expected = bytes(&at, &products);
    for when in [When::Before, When::After] {
        for nth in 1.. {
            let (dir, faults) = (scratch(), Faults::at(nth, when));
            let at = copy(&dir);
            let sound = desk(&at);
            let failing = with_ports(&at, faults.around(&sound.ports));
            let ended = block(ingest::run(&failing, DAY));
            drop(failing);
            if !faults.struck() {
                ended.expect("no fault");
                assert!(nth > 20, "{nth}");
                break;
            }
            block(ingest::run(&sound, DAY)).expect("again");
            drop(sound);
            let what = format!("fault {when:?} change {nth}");
            assert_same(&what, &expected, &bytes(&at, &products));
        }
    }
}
