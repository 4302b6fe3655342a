//! Statements that are corrected twice, or of which a correction drops what had taken a settlement
//! back: the books follow the money, whichever of the lines is gone.

use crate::bank::statements::{DAY, NEXT, OF, Staged, changed, corrected, following};
use crate::days::world::{block, carried_by, desk};
use formats::statement::{Document, Line};
use formats::tables::Balances;
use jiff::civil::{Date, date};
use jobs::parts;
use settlement::money::SignedCents;
use settlement::payment::State;

const TUESDAY: Date = date(2026, 12, 1);
const WEDNESDAY: Date = date(2026, 12, 2);

/// The line that settles a batch of debits of the 25th.
fn settlement(staged: &Staged) -> Line {
    let mut lines = staged.statement.statements[0].lines.iter().rev();
    let settles = |line: &&Line| line.customer_reference.len() == 14 && line.amount.get() > 7_777;
    lines.find(settles).expect("a settlement").clone()
}

/// The same line the other way, in the bank's words.
fn back(line: &Line) -> Line {
    Line {
        type_code: "455".to_owned(),
        amount: SignedCents::new(-line.amount.get()),
        text: "REVERSAL".to_owned(),
        ..line.clone()
    }
}

fn without(document: &Document, line: &Line) -> Document {
    corrected(document, |lines| lines.retain(|one| one != line))
}

/// Whether payments of a batch have settled, and whether some wait.
fn stand(staged: &Staged, line: &Line) -> (bool, bool) {
    let desk = desk(&staged.at);
    let of = line.customer_reference.parse().expect("a batch");
    let page = block(carried_by(&desk, of));
    let any = |state: State| page.iter().any(|one| one.state == state);
    (any(State::Success), any(State::Pending))
}

/// What rests on accounts whatever the key.
fn on(staged: &Staged, date: Date, accounts: &[&str]) -> i64 {
    let part = staged.posted(date).balances.expect("balances");
    let desk = desk(&staged.at);
    let rows = block(parts::rows_of::<Balances>(&*desk.ports.objects, &part)).expect("rows");
    let mine = rows.iter().filter(|row| accounts.contains(&&*row.account));
    mine.map(|row| row.balance.get()).sum()
}

/// What is open of settlements, of lines that take them back, and of what rests without a reason.
fn open(staged: &Staged, date: Date) -> Vec<(String, i64)> {
    let breaks = staged.reconciled(date).breaks.into_iter();
    let about = [
        "DIRECTION",
        "SETTLEMENT_UNDONE",
        "CLEARING_RESIDUE",
        "DUP_STATEMENT",
    ];
    let open = breaks.filter(|one| one.is_open() && about.contains(&one.kind.as_str()));
    open.map(|one| (one.kind.to_string(), one.cents.get()))
        .collect()
}

#[test]
fn where_a_taking_back_or_what_it_took_back_is_corrected_away_the_books_follow_the_money() {
    for (line_goes, back_goes) in [(true, true), (false, true), (true, false)] {
        let staged = Staged::new();
        let (line, first) = (settlement(&staged), &staged.statement);
        let (cents, batch) = (line.amount.get(), line.customer_reference.clone());
        staged.put("25.bai", first);
        staged.day(DAY);
        let before = open(&staged, DAY);
        let friday = changed(&following(first, DAY, &[]), |lines| lines.push(back(&line)));
        staged.put("27.bai", &friday);
        staged.day(NEXT);
        assert_eq!(stand(&staged, &line), (false, true));
        let mut first = first.clone();
        if line_goes {
            first = without(&first, &line);
            staged.put("25-again.bai", &first);
        }
        let second = corrected(&following(&first, DAY, &[]), |lines| {
            lines.extend((!back_goes).then(|| back(&line)));
        });
        staged.put("27-again.bai", &second);
        staged.day(TUESDAY);
        let settled = !line_goes;
        let case = format!("{line_goes} {back_goes}");
        assert_eq!(stand(&staged, &line), (settled, !settled), "{case}");
        let waits = if settled { 0 } else { cents };
        assert_eq!(staged.rests(TUESDAY, "1110", &batch), waits, "{case}");
        let unknown = if back_goes { 0 } else { cents };
        let suspense = |date: Date| on(&staged, date, &["1900", "2900"]);
        assert_eq!(suspense(TUESDAY) - suspense(DAY), unknown, "{case}");
        let mut found = open(&staged, TUESDAY);
        found.retain(|one| !before.contains(one));
        let mut expected = Vec::new();
        expected.extend((!back_goes).then(|| ("DIRECTION".to_owned(), -cents)));
        expected.extend((!settled).then(|| ("SETTLEMENT_UNDONE".to_owned(), cents)));
        assert_eq!(found, expected, "{case}");
    }
}

#[test]
fn a_correction_that_goes_back_is_a_version_and_an_old_download_is_none() {
    let staged = Staged::new();
    let (line, right) = (settlement(&staged), staged.statement.clone());
    staged.put("25.bai", &right);
    staged.day(DAY);
    let mut fewer = without(&right, &line);
    fewer.created = Some(NEXT);
    staged.put("fewer.bai", &fewer);
    staged.day(NEXT);
    assert_eq!(stand(&staged, &line), (false, true));
    let mut old = right.clone();
    old.file_id.push('8');
    staged.put("old.bai", &old);
    let mut again = corrected(&right, |_| {});
    (again.created, again.file_id) = (Some(TUESDAY), "79".to_owned());
    staged.put("right.bai", &again);
    staged.day(TUESDAY);
    assert!(staged.record(TUESDAY, "old.bai").parts.is_empty());
    assert!(!staged.record(TUESDAY, "right.bai").parts.is_empty());
    assert_eq!(stand(&staged, &line), (true, false));
    let batch = &line.customer_reference;
    assert_eq!(staged.rests(TUESDAY, "1110", batch), 0);
    // The correction of Monday is downloaded once more: it is older than what stands.
    fewer.file_id.push('3');
    staged.put("fewer-again.bai", &fewer);
    staged.day(WEDNESDAY);
    assert!(staged.record(WEDNESDAY, "fewer-again.bai").parts.is_empty());
    assert_eq!(stand(&staged, &line), (true, false));
}

#[test]
fn a_camt_that_was_made_later_is_a_version_and_one_of_the_same_day_is_told() {
    let staged = Staged::new();
    let (line, mut right) = (settlement(&staged), staged.statement.clone());
    right.created = Some(OF);
    staged.put("25.xml", &right);
    staged.day(DAY);
    let mut fewer = without(&right, &line);
    fewer.created = Some(NEXT);
    staged.put("fewer.xml", &fewer);
    staged.day(NEXT);
    assert_eq!(stand(&staged, &line), (false, true));
    let of = |created: Date, id: &str| {
        let mut other = right.clone();
        (other.created, other.file_id) = (Some(created), id.to_owned());
        other
    };
    staged.put("same-day.xml", &of(NEXT, "S7"));
    staged.put("older.xml", &of(DAY, "S8"));
    staged.ingest(TUESDAY);
    let told = staged.record(TUESDAY, "same-day.xml");
    assert_eq!(
        told.break_kind.map(|kind| kind.as_str()),
        Some("DUP_STATEMENT")
    );
    let known = staged.record(TUESDAY, "older.xml");
    assert!(known.taken() && known.parts.is_empty(), "{known:#?}");
    staged.put("later.xml", &of(TUESDAY, "S9"));
    staged.day(TUESDAY);
    assert!(!staged.record(TUESDAY, "later.xml").parts.is_empty());
    assert_eq!(stand(&staged, &line), (true, false));
}
