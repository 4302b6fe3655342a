//! Files with the accounts of several, one of them ours: whose figures are wrong is told apart; and
//! statements of ours that the bank has numbered.

use crate::bank::statements::{DAY, OF, Staged, following};
use formats::bai2;
use formats::statement::{AccountNumber, Document, Statement};
use settlement::reconcile::numbers::Numbers;
use std::fs;

/// A file with a stranger's account before ours whose trailer says more than its lines make, and so
/// do those after it: by `of_group`, by the group's and the file's.
fn with_wrong_totals(document: &Document, of_group: i64) -> Vec<u8> {
    let mut document = document.clone();
    let stranger = Statement {
        account: AccountNumber::new("0099887766"),
        ..following(&document, OF, &[700]).statements[0].clone()
    };
    document.statements.insert(0, stranger);
    let text = String::from_utf8(bai2::write(&document).expect("written")).expect("a text");
    let mut more = [("49,", 500), ("98,", of_group), ("99,", of_group)].into_iter();
    let mut next = more.next();
    let lines = text.lines().map(|line| match next {
        Some((code, cents)) if line.starts_with(code) => {
            next = more.next();
            let mut fields: Vec<String> = line.split(',').map(str::to_owned).collect();
            fields[1] = (fields[1].parse::<i64>().expect("a total") + cents).to_string();
            fields.join(",") + "\n"
        }
        _ => line.to_owned() + "\n",
    });
    lines.collect::<String>().into_bytes()
}

#[test]
fn a_strangers_wrong_total_keeps_nobody_out_unless_it_may_be_of_ours() {
    // The totals of all are of what was read, or repeat what the stranger's trailer says.
    for (of_group, booked) in [(0, true), (500, true), (300, false)] {
        let staged = Staged::new();
        let bytes = with_wrong_totals(&staged.statement, of_group);
        fs::write(staged.at.join("bank/from-bank/a.bai"), bytes).expect("put out");
        staged.ingest(DAY);
        let file = staged.record(DAY, "a.bai");
        assert_eq!(file.taken(), booked, "{of_group}: {:#?}", file.findings);
        assert_eq!(file.statements.len(), usize::from(booked));
        let said = "...7766 is not the account of the bank profile, and contradicts itself";
        let said = file.findings.iter().filter(|why| why.contains(said));
        assert_eq!(said.count(), usize::from(booked), "{:#?}", file.findings);
    }
}

/// The same, numbered by the bank.
fn numbered(document: &Document, number: u64) -> Document {
    let mut document = document.clone();
    document.statements[0].numbers = Numbers {
        electronic: Some(number),
        legal: None,
    };
    document
}

#[test]
fn a_number_that_has_not_come_is_asked_about_and_stops_nothing() {
    for (number, said) in [
        (6, None),
        (7, Some("number 6 has not come")),
        (9, Some("numbers 6 to 8 have not come")),
        (5, Some("number 5, which that has too")),
        (3, Some("goes back from 5 to 3")),
        (1, None),
    ] {
        let staged = Staged::new();
        staged.put("25.xml", &numbered(&staged.statement, 5));
        let friday = following(&staged.statement, DAY, &[500, -200]);
        staged.put("27.xml", &numbered(&friday, number));
        staged.ingest(DAY);
        let file = staged.record(DAY, "27.xml");
        assert!(file.taken() && file.statements.len() == 1, "{file:#?}");
        let odd = file
            .findings
            .iter()
            .find(|why| why.contains("the bank's number"));
        assert_eq!(odd.is_some(), said.is_some(), "{number}: {odd:?}");
        assert!(
            said.is_none_or(|said| odd.is_some_and(|odd| odd.contains(said))),
            "{odd:?}"
        );
    }
}

#[test]
fn a_number_that_comes_again_is_a_version_and_no_page() {
    for (again, corrects) in [(6, true), (7, false)] {
        let staged = Staged::new();
        staged.put("25.xml", &numbered(&staged.statement, 5));
        // Its lines come to nothing: what opens where it ends opens where it began too.
        let friday = following(&staged.statement, DAY, &[500, -500]);
        staged.put("27-a.xml", &numbered(&friday, 6));
        staged.ingest(DAY);
        let other = following(&staged.statement, DAY, &[300]);
        staged.put("27-b.xml", &numbered(&other, again));
        staged.ingest(DAY);
        let file = staged.record(DAY, "27-b.xml");
        assert_eq!(file.statements[0].corrects, corrects, "{file:#?}");
    }
}
