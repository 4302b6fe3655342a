#![allow(clippy::arithmetic_side_effects)] // small known numbers
use super::*;
use crate::statement::{
    AccountNumber, Document, Findings, Funds, Line, MAX_FINDINGS, Purpose, Statement, Summary,
};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use settlement::money::SignedCents;

const SAMPLE: &str = "\
01,056005075,SAMPLECO,261126,0500,1,,,2/
02,SAMPLECO,056005075,1,261125,2400,USD,2/
03,0012345678,USD,010,1000000,,,015,775935,,,100,250000,1,,400,474065,3,/
16,447,223765,0,BANKREF1,261125A0000001,ACH PAYROLL, SAMPLE CO 22/03
16,166,250000,V,261126,,BANKREF2,261125A0000002,ACH COLLECTION CCD
16,557,250000,S,100000,100000,50000,BANKREF3,076401250000003,ACH RETURN R29
88,ORIG TRACE 076401250000003
16,698,300,,BANKREF4,,/
49,3224065,7/
98,3224065,1,9/
99,3224065,1,11/
";

fn rules(document: &Document) -> Vec<(&'static str, u64, u64)> {
    document
        .findings
        .iter()
        .map(|f| (f.rule, f.line, f.column))
        .collect()
}

#[test]
fn a_statement_is_read_with_signs_funds_texts_and_places() {
    let document = read(SAMPLE.as_bytes());
    assert_eq!(rules(&document), []);
    assert_eq!(
        (document.sender.as_str(), document.file_id.as_str()),
        ("056005075", "1")
    );
    let statement = &document.statements[0];
    assert_eq!(statement.as_of, Some(date(2026, 11, 25)));
    assert_eq!(statement.opening, Some(SignedCents::new(1_000_000)));
    assert_eq!(statement.closing, Some(SignedCents::new(775_935)));
    assert_eq!(statement.summary("400"), Some(SignedCents::new(474_065)));
    let lines = &statement.lines;
    let amounts: Vec<i64> = lines.iter().map(|line| line.amount.get()).collect();
    assert_eq!(amounts, [-223_765, 250_000, -250_000, -300]);
    assert_eq!(lines[0].text, "ACH PAYROLL, SAMPLE CO 22/03");
    assert_eq!(lines[1].value_date, Some(date(2026, 11, 26)));
    assert_eq!(lines[1].customer_reference, "261125A0000002");
    assert!(matches!(lines[2].funds, Funds::Split([_, _, last]) if last.get() == 50_000));
    assert_eq!(lines[2].text, "ACH RETURN R29 ORIG TRACE 076401250000003");
    assert_eq!((lines[3].line, lines[3].text.as_str()), (8, ""));
}

#[test]
fn an_account_number_is_never_shown() {
    let document = read(SAMPLE.as_bytes());
    let debug = format!("{document:?}");
    let json = serde_json::to_string(&document).unwrap();
    for shown in [debug, json, document.describe()] {
        assert!(shown.contains("...5678") && !shown.contains("0012345678"));
    }
}

#[test]
fn a_total_that_repeats_what_an_account_says_wrong_is_about_no_other() {
    let other = "03,0099887766,USD,010,0,,,015,500,,/\n16,142,500,0,X,,/\n49,1000,3/\n";
    let more = |of: &str, file: &str| {
        let text = SAMPLE.replace("98,3224065,1,9/", &format!("{other}98,{of},2,{file}/"));
        let records: u64 = file.parse().unwrap();
        let text = text.replace("99,3224065,1,11/", &format!("99,{of},1,{}/", records + 2));
        read(text.as_bytes())
    };
    assert!(more("3225065", "12").is_ok());
    // A line of it is lost, and the totals know of it.
    let lost = |document: &str| document.replace("16,142,500,0,X,,/\n", "");
    let torn = |of: &str, records: &str| {
        let text = SAMPLE.replace("98,3224065,1,9/", &format!("{other}98,{of},2,{records}/"));
        let count = records.parse::<u64>().unwrap() + 2;
        let text = lost(&text).replace("99,3224065,1,11/", &format!("99,{of},1,{count}/"));
        read(text.as_bytes())
    };
    let known = torn("3225065", "12");
    assert!(
        !known.is_ok() && known.holds_together(),
        "{:?}",
        known.findings
    );
    assert_eq!(known.statements[0].errors, 0);
    assert_eq!(known.repeated, 4, "sum and count of group and file");
    // They know of something else: nobody can say whose it is.
    for (of, records) in [("3225064", "12"), ("3225065", "13")] {
        assert!(!torn(of, records).holds_together());
    }
}

#[test]
fn a_lost_line_is_noticed_three_times_over() {
    let torn = SAMPLE.replace("16,698,300,,BANKREF4,,/\n", "");
    let found = rules(&read(torn.as_bytes()));
    assert!(found.contains(&("BALANCE_ASSERTION", 8, 1)));
    let totals = found
        .iter()
        .filter(|(rule, ..)| *rule == "CONTROL_TOTAL")
        .count();
    assert_eq!(
        totals, 6,
        "a sum and a count for the account, the group and the file"
    );
}

#[test]
fn a_torn_file_says_what_is_missing() {
    let torn = &SAMPLE.as_bytes()[..SAMPLE.find("49,").unwrap()];
    let document = read(torn);
    assert_eq!(
        document.statements[0].lines.len(),
        4,
        "what is there is read"
    );
    assert_eq!(
        rules(&document)
            .iter()
            .filter(|(r, ..)| *r == "NO_TRAILER")
            .count(),
        3
    );
    assert!(!read(b"").is_ok());
}

#[test]
fn line_ends_padding_and_blanks_do_not_matter() {
    let plain = read(SAMPLE.as_bytes());
    let padded: String = SAMPLE
        .lines()
        .map(|line| format!("{line:<90}\r\n"))
        .collect();
    let same = |other: &Document| {
        assert!(other.is_ok(), "{:?}", other.findings);
        let lines = |d: &Document| {
            d.statements[0]
                .lines
                .iter()
                .map(|l| l.text.clone())
                .collect()
        };
        let (a, b): (Vec<_>, Vec<_>) = (lines(&plain), lines(other));
        assert_eq!(a, b);
    };
    same(&read(padded.as_bytes()));
    same(&read(format!("\u{feff}{SAMPLE}\n\n\u{1a}").as_bytes()));
    // No line ends at all: the header says how long a record is.
    let fixed = SAMPLE.replace("0500,1,,,2/", "0500,1,90,1,2/");
    let fixed: String = fixed.lines().map(|line| format!("{line:<90}")).collect();
    same(&read(fixed.as_bytes()));
    // Lines that end by a return alone.
    same(&read(SAMPLE.replace('\n', "\r").as_bytes()));
    same(&read(SAMPLE.replace('\n', "\r\r\n").as_bytes()));
    // No line ends and no lengths: a record follows its `/` at once, so each has to have one.
    let each: Vec<String> = SAMPLE
        .lines()
        .map(|line| format!("{}/", line.trim_end_matches('/')))
        .collect();
    for between in ["", " ", "   "] {
        let one = each.join(between);
        same(&read(one.as_bytes()));
        same(&read(format!("{one}\r\n").as_bytes()));
    }
}

#[test]
fn findings_have_line_column_and_no_secrets() {
    let wrong = SAMPLE
        .replace("16,698,300,", "16,698,12345678X,")
        .replace("015,", "15,");
    let document = read(wrong.as_bytes());
    let code = document
        .findings
        .iter()
        .find(|f| f.field == "type code")
        .unwrap();
    assert_eq!((code.line, code.column), (3, 33));
    let amount = document
        .findings
        .iter()
        .find(|f| f.field == "amount")
        .unwrap();
    assert_eq!((amount.line, amount.column), (8, 8));
    assert_eq!(
        &wrong.as_bytes()[usize::try_from(amount.byte).unwrap()..][..4],
        b"1234"
    );
    assert!(amount.message.contains("found 9 characters"));
}

#[test]
fn a_blank_trailer_amount_is_not_checked() {
    let file = "01,1111,co,210101,0101,0,,,2/\n02,co,1111,1,210101,2359,,2/\n03,12345,/\n\
                49,,2/\n03,54321,/\n49,,2/\n98,0,2,6/\n99,0,1,8/\n";
    let document = read(file.as_bytes());
    assert_eq!(rules(&document), []);
    assert_eq!(document.statements.len(), 2);
}

#[test]
fn no_flood_of_warnings_hides_that_a_file_is_torn() {
    let torn = &SAMPLE[..SAMPLE.find("49,").unwrap()];
    let flood = "16,890,1,,,,/\n".repeat(MAX_FINDINGS + 1);
    let document = read(format!("{torn}{flood}").as_bytes());
    assert!(!document.is_ok());
    let first = document.findings.first_error().map(|f| f.rule);
    assert_eq!(first, Some("NO_TRAILER"));
    assert_eq!(document.findings.left_out(), 1);
}

#[test]
fn a_group_says_what_it_is_meant_to_be() {
    let purpose = |status: &str, modifier: &str| {
        let group = format!(",{status},261125,2400,USD,{modifier}/");
        let file = SAMPLE.replace(",1,261125,2400,USD,2/", &group);
        let document = read(file.as_bytes());
        assert!(document.is_ok(), "{:?}", document.findings);
        (document.statements[0].purpose, document.findings.len())
    };
    assert_eq!(purpose("1", "2"), (Purpose::Final, 0));
    assert_eq!(purpose("1", ""), (Purpose::Final, 0));
    assert_eq!(purpose("1", "4"), (Purpose::Final, 0));
    assert_eq!(purpose("1", "3"), (Purpose::Intraday, 0));
    assert_eq!(purpose("1", "1"), (Purpose::Intraday, 0));
    assert_eq!(purpose("2", "2"), (Purpose::Deletion, 1));
    assert_eq!(purpose("3", "2"), (Purpose::Correction, 1));
    assert_eq!(purpose("4", "2"), (Purpose::Test, 1));
    assert_eq!(purpose("T", "2"), (Purpose::Unknown, 1));
}

#[test]
fn a_group_without_its_day_is_an_error() {
    let file = SAMPLE.replace(",1,261125,2400,USD,2/", ",1,,2400,USD,2/");
    assert_eq!(rules(&read(file.as_bytes())), [("NO_DATE", 2, 25)]);
}

/// Every file of the corpus gives statements or findings, and those known to be right are right.
#[test]
fn the_corpus_is_read() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared");
    let mut folders = vec![format!("{root}/corpus/statements/bai2")];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let path = entry.path().display().to_string();
            if entry.path().is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = std::fs::read(&path) {
                let document = read(&bytes);
                assert!(
                    !document.statements.is_empty() || !document.is_ok(),
                    "{path}"
                );
                let right = ["svb_us", "sample1.txt", "blank_example"];
                if right.iter().any(|name| path.contains(name)) {
                    assert!(document.is_ok(), "{path}: {}", document.describe());
                }
            }
        }
    }
}

fn day() -> impl Strategy<Value = Date> {
    (2000i16..2079, 1i8..=12, 1i8..=28).prop_map(|(y, m, d)| date(y, m, d))
}

fn cents() -> impl Strategy<Value = SignedCents> {
    (-1_000_000_000_000i64..1_000_000_000_000).prop_map(SignedCents::new)
}

fn funds() -> impl Strategy<Value = Funds> {
    prop_oneof![
        Just(Funds::Unknown),
        Just(Funds::Immediate),
        Just(Funds::TwoDays),
        day().prop_map(Funds::Dated),
        [cents(), cents(), cents()].prop_map(Funds::Split),
        prop::collection::vec((0u32..99, cents()), 0..4).prop_map(Funds::Spread),
    ]
}

fn line() -> impl Strategy<Value = Line> {
    let codes = prop::sample::select(vec!["447", "166", "557", "257", "698", "921", "999"]);
    let reference = "[A-Z0-9]{0,16}";
    (
        codes,
        0i64..1_000_000_000,
        funds(),
        reference,
        reference,
        "[ -~é]{0,300}",
    )
        .prop_map(|(code, amount, funds, bank, customer, text)| {
            let sign = if codes::direction(code) == Some(codes::Direction::Debit) {
                -1
            } else {
                1
            };
            Line {
                type_code: code.to_owned(),
                amount: SignedCents::new(amount * sign),
                value_date: if let Funds::Dated(date) = funds {
                    Some(date)
                } else {
                    None
                },
                funds,
                bank_reference: bank,
                customer_reference: customer,
                text: writer::clean(&text),
                ..Line::default()
            }
        })
}

fn statement() -> impl Strategy<Value = Statement> {
    let lines = prop::collection::vec(line(), 0..6);
    let purposes = [
        Purpose::Final,
        Purpose::Intraday,
        Purpose::Correction,
        Purpose::Test,
    ];
    let purpose = prop::sample::select(purposes.to_vec());
    (day(), "[0-9]{6,17}", cents(), lines, funds(), purpose).prop_map(
        |(as_of, number, opening, lines, f, purpose)| {
            let code = "100".to_owned();
            let summary = Summary {
                code,
                amount: Some(SignedCents::new(7)),
                count: Some(2),
                funds: f,
            };
            let mut statement = Statement {
                purpose,
                account: AccountNumber::new(number),
                currency: "USD".to_owned(),
                as_of: Some(as_of),
                opening: Some(opening),
                summaries: vec![summary],
                lines,
                ..Statement::default()
            };
            statement.closing = opening.checked_add(statement.movement().unwrap());
            statement
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read(statements in prop::collection::vec(statement(), 0..4)) {
        let document = Document {
            format: "bai2".to_owned(),
            sender: "BANK".to_owned(),
            file_id: "7".to_owned(),
            created: Some(date(2026, 11, 26)),
            statements,
            ..Document::default()
        };
        let mut back = read(&write(&document).unwrap());
        prop_assert!(back.is_ok());
        for statement in &mut back.statements {
            statement.line = 0;
            statement.lines.iter_mut().for_each(|line| line.line = 0);
        }
        // That a group is no plain statement is said in a warning.
        back.findings = Findings::default();
        prop_assert_eq!(back, document);
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(!read(&bytes).is_ok());
    }

    #[test]
    fn a_damaged_file_is_read(
        at in 0..SAMPLE.len(), byte in any::<u8>(), cut in 0..SAMPLE.len(), wild in "[0-9,/ SDV\n]*"
    ) {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        bytes[at] = byte;
        let _ = read(&bytes);
        let _ = read(&bytes[..cut]);
        let _ = read([&bytes[..cut], wild.as_bytes(), &bytes[cut..]].concat().as_slice());
    }
}
