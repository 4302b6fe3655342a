//! Returns, notifications of change and reversals, made and read again.

use super::*;
use crate::nacha::generate::{Plan, generate};
use crate::nacha::{Report, validate};
use jiff::civil::{date, time};
use settlement::codes::sec::SecCode;

const NEW: Creation = Creation {
    date: date(2026, 11, 25),
    time: time(6, 0, 0, 0),
    modifier: b'B',
};
const NUMBERING: Numbering = Numbering {
    first_sequence: 1,
    settlement_day: 329,
};

fn forward(sec: SecCode, entries: u64) -> String {
    String::from_utf8(generate(Vec::new(), &Plan::of(sec, entries)).unwrap().0).unwrap()
}

fn back(code: &str, information: &str) -> Answer {
    Answer::Return {
        code: code.parse().unwrap(),
        information: information.to_owned(),
    }
}

fn change(code: &str, corrected_data: &str) -> Answer {
    Answer::Change {
        code: code.to_owned(),
        corrected_data: corrected_data.to_owned(),
    }
}

/// The file in which every entry is answered so.
fn answered(file: &[u8], with: &Answer) -> Result<Vec<u8>, OpError> {
    let made = answer(file, Vec::new(), NEW, NUMBERING, |_| Some(with.clone()));
    made.map(|made| made.expect("an answer").0)
}

fn taken_back(file: &[u8]) -> Result<Reversed<Vec<u8>>, OpError> {
    let made = reverse(file, Vec::new(), NEW, date(2026, 11, 27), 1);
    made.map(|made| made.expect("an entry"))
}

fn sound(sec: SecCode, bytes: &[u8]) -> Report {
    let report = validate(bytes).unwrap();
    let kept = report.findings.kept();
    assert_eq!(report.findings.errors(), 0, "{sec} {kept:?}");
    report
}

/// The columns of each line that begins so.
fn columns(text: &[u8], start: &str, from: usize, to: usize) -> Vec<Vec<u8>> {
    let lines = text.split(|b| *b == b'\n');
    let lines = lines.filter(|line| line.starts_with(start.as_bytes()));
    lines.map(|line| line[from - 1..to].to_vec()).collect()
}

#[test]
fn returns_and_changes_make_a_file_without_an_error() {
    for sec in SecCode::ALL {
        if matches!(sec, SecCode::Adv | SecCode::Cor) {
            continue;
        }
        let file = forward(*sec, 9);
        let mut count = 0;
        let made = answer(file.as_bytes(), Vec::new(), NEW, NUMBERING, |_| {
            count += 1;
            match count % 3 {
                0 => None,
                1 => Some(back("R02", "")),
                _ => Some(change("C01", "1918171614")),
            }
        });
        let (bytes, wrote) = made.unwrap().unwrap();
        let report = sound(*sec, &bytes);
        assert_eq!((wrote.entries, report.totals.entries), (6, 6));
    }
}

#[test]
fn a_reversal_turns_every_entry_around_and_keeps_the_money_and_the_addenda() {
    for sec in SecCode::ALL {
        let (bytes, before) = generate(Vec::new(), &Plan::of(*sec, 9)).unwrap();
        let live = validate(&bytes[..]).unwrap().totals;
        let made = reverse(&bytes[..], Vec::new(), NEW, date(2026, 11, 27), 1).unwrap();
        let moves = sec.rule().limit_cents > 0 && *sec != SecCode::Adv;
        assert_eq!(made.is_some(), moves, "{sec}");
        let Some(made) = made else { continue };
        let (turned, after) = ((before.debit, before.credit), made.totals);
        assert_eq!(turned, (after.credit, after.debit), "{sec}");
        assert_eq!((after.entries, after.addenda), (9, live.addenda), "{sec}");
        sound(*sec, &made.sink);
        assert_eq!(made.again, None);
        let words = |text: &[u8]| columns(text, "705", 4, 83);
        assert_eq!(words(&made.sink), words(&bytes), "{sec}");
        let again = taken_back(&made.sink).unwrap();
        assert_eq!(
            again.again,
            Some(3),
            "{sec}: a reversal of a reversal is named"
        );
    }
}

/// Moov's library gives a reversed loan debit the class of debits, and leaves IAT out.
#[test]
fn a_reversed_loan_debit_is_a_credit_in_a_batch_of_credits() {
    let loans = forward(SecCode::Tel, 2)
        .replace("\n627", "\n655")
        .replacen("INVOICE ", "REVERSAL", 1);
    assert!(validate(loans.as_bytes()).unwrap().findings.ok());
    let text = String::from_utf8(taken_back(loans.as_bytes()).unwrap().sink).unwrap();
    let starts: Vec<_> = text.lines().map(|line| &line[..4]).collect();
    assert_eq!(starts[1], "5220");
    assert!(starts[2].starts_with("652"));
    assert!(validate(text.as_bytes()).unwrap().findings.ok());
}

#[test]
fn an_international_return_has_the_seven_addenda_and_its_own() {
    let file = forward(SecCode::Iat, 1);
    let made = answered(file.as_bytes(), &back("R03", "NO ACCOUNT")).unwrap();
    let text = String::from_utf8(made).unwrap();
    let kinds: String = text
        .lines()
        .map(|line| format!("{} ", &line[..3]))
        .collect();
    assert!(kinds.starts_with("101 522 621 710 711 712 713 714 715 716 799 822 900"));
    let lines: Vec<&str> = text.lines().collect();
    let forward: Vec<&str> = file.lines().collect();
    assert_eq!(
        &lines[10][35..45],
        &forward[2][29..39],
        "the forward amount"
    );
    assert_eq!(
        &lines[2][3..12],
        "076401251",
        "back to the originating bank"
    );
    assert!(lines[3].ends_with("0000001") && lines[10].ends_with("0000001"));
}

#[test]
fn two_files_in_one_are_not_answered_nor_taken_back() {
    let mut two = forward(SecCode::Ppd, 1);
    two.push_str(&two.clone());
    for made in [
        answered(two.as_bytes(), &back("R02", "")).map(drop),
        taken_back(two.as_bytes()).map(drop),
    ] {
        let error = made.unwrap_err().to_string();
        assert!(error.contains("a second file begins"), "{error}");
    }
}

/// What the rules let an originator write there comes back intact.
#[test]
fn headers_of_answers_keep_every_column_that_is_not_the_answers_own() {
    let mut file = forward(SecCode::Ccd, 2).into_bytes();
    let company = 95..190;
    let header = &mut file[company];
    header[4..20].copy_from_slice(b"CAF\xC9 SAMPLE     ");
    header[20..40].copy_from_slice(b"         RIGHT  1234");
    header[40..50].copy_from_slice(b" 123456789");
    header[63..69].copy_from_slice(b" NOV26");
    header[78] = b'2';
    let control = 95 * 6;
    assert_eq!(file[control], b'8');
    file[control + 44..control + 54].copy_from_slice(b" 123456789");
    let kept = |text: &[u8], from, to| columns(text, "5", from, to)[0].clone();
    let returned = answered(&file, &back("R02", "")).unwrap();
    for (from, to) in [(2, 75), (5, 50)] {
        assert_eq!(kept(&returned, from, to), kept(&file, from, to));
    }
    assert_eq!(kept(&returned, 76, 79), b"3291");
    let noticed = answered(&file, &change("C01", "12345")).unwrap();
    assert_eq!(kept(&noticed, 51, 53), b"COR");
    assert_eq!(kept(&noticed, 54, 75), kept(&file, 54, 75));
    let reversed = taken_back(&file).unwrap().sink;
    assert_eq!(kept(&reversed, 5, 53), kept(&file, 5, 53));
    assert_eq!(kept(&reversed, 64, 69), kept(&file, 64, 69));
    assert_eq!(kept(&reversed, 54, 63), b"REVERSAL  ");
    assert_eq!(kept(&reversed, 70, 79), b"261127   2");
    let enrolled = forward(SecCode::Enr, 1);
    let refused = answered(enrolled.as_bytes(), &back("R44", "")).unwrap();
    assert_eq!(kept(&refused, 70, 75), b"      ", "no date is invented");
}

#[test]
fn answers_of_one_bank_to_one_batch_are_one_batch() {
    let (one, other) = ("056005075", "076401251");
    let mut lines: Vec<String> = forward(SecCode::Ppd, 9)
        .lines()
        .map(str::to_owned)
        .collect();
    let entries = lines.iter_mut().filter(|line| line.starts_with('6'));
    for (place, line) in entries.enumerate() {
        line.replace_range(3..12, if place % 2 == 0 { one } else { other });
        line.replace_range(79..94, &format!("07640125{:07}", place + 1));
    }
    let file = lines.join("\n");
    let mut count = 0;
    let made = answer(file.as_bytes(), Vec::new(), NEW, NUMBERING, |entry| {
        count += 1;
        // The batch's totals and hash are no longer right, the entries are.
        assert_eq!(entry.errors, 0);
        Some(if count == 9 {
            change("C05", "32")
        } else {
            back("R02", "")
        })
    });
    let (bytes, _) = made.unwrap().unwrap();
    sound(SecCode::Ppd, &bytes);
    let batches = columns(&bytes, "5", 51, 53);
    assert_eq!(batches, [b"PPD", b"PPD", b"COR"]);
    let banks = columns(&bytes, "5", 80, 87);
    assert_eq!(banks, [b"05600507", b"07640125", b"05600507"]);
    let of_first = columns(&bytes, "799", 20, 21);
    let of_first: Vec<_> = of_first.iter().map(|text| text[1] - b'0').collect();
    assert_eq!(of_first, [1, 3, 5, 7, 2, 4, 6, 8]);
}

#[test]
fn answers_that_no_rule_knows_are_refused_by_name() {
    let file = forward(SecCode::Ppd, 1);
    let refused = |file: &str, with: &Answer| match answered(file.as_bytes(), with) {
        Ok(_) => panic!("made {with:?}"),
        Err(error) => error.to_string(),
    };
    for (code, why) in [
        ("R61", "dispute a return"),
        ("R77", "dispute a return"),
        ("R90", "not in force"),
        ("R99", "not in the table"),
    ] {
        let error = refused(&file, &back(code, "01"));
        assert!(error.contains(why), "{code}: {error}");
    }
    for (code, data, why) in [
        ("C61", "1", "refuse a notification"),
        ("C69", "1", "refuse a notification"),
        ("C04", "NEW NAME", "no longer in use"),
        ("C10", "NEW NAME", "no longer in use"),
        ("C02", "123", "must be a routing number"),
        ("C02", "056005076", "must be a routing number"),
        ("C05", "99", "must be a transaction code"),
        ("C01", "123456789012345678", "must be a account number"),
        ("C03", "056005075", "must be a account number"),
        ("C08", "FOREIGN", "international"),
        ("C14", "PPD", "IAT"),
        ("C99", "1", "not in the table"),
    ] {
        let error = refused(&file, &change(code, data));
        assert!(error.contains(why), "{code}: {error}");
        assert!(!error.contains("12345678"), "{error}");
    }
    let broken = file.replacen("\n622", "\n62X", 1);
    let error = refused(&broken, &back("R02", ""));
    assert!(error.contains("the entry has errors"), "{error}");
    let at = file.find("\n622").unwrap() + 1;
    let mut broken = file.into_bytes();
    broken[at + 34] = b'X';
    let broken = String::from_utf8(broken).unwrap();
    let error = refused(&broken, &back("R02", ""));
    assert!(error.contains("the entry has errors"), "{error}");
    assert!(taken_back(broken.as_bytes()).is_err());
}

/// Right-aligned, as some software writes them, corrected data go out at their columns.
#[test]
fn corrected_data_stand_at_their_columns() {
    let file = forward(SecCode::Ppd, 1);
    let data = |with: &Answer| {
        let made = answered(file.as_bytes(), with).unwrap();
        columns(&made, "798", 36, 64).remove(0)
    };
    let right = data(&change("C03", "056005075          1918171614"));
    assert_eq!(right, b"056005075   1918171614       ");
    assert_eq!(
        data(&change("C06", "123 27")),
        b"123                 27       "
    );
}
