use super::*;
use crate::windows::{extended_return_deadline, ordinary_return_deadline};
use jiff::civil::date;

fn code(text: &str) -> ReturnCode {
    text.parse().unwrap()
}

#[test]
fn codes_stand_in_their_order_and_are_found() {
    assert!(RETURN_REASONS.windows(2).all(|w| w[0].code < w[1].code));
    for row in RETURN_REASONS {
        assert_eq!(row.code.reason(), Some(row));
        assert!(!row.title.is_empty() && !row.action.is_empty());
    }
    assert_eq!(code("R99").reason(), None);
    assert!("r01".parse::<ReturnCode>().is_err() && "R1".parse::<ReturnCode>().is_err());
}

#[test]
fn codes_go_with_the_entries_they_are_for() {
    for classes in [table::CLASSES, table::OTHER_CLASSES] {
        assert!(classes.windows(2).all(|w| w[0].0 < w[1].0));
    }
    for (text, _) in table::CLASSES.iter().chain(table::OTHER_CLASSES) {
        assert!(code(text).reason().is_some(), "{text}");
    }
    let fits = |text, sec, direction| code(text).reason().unwrap().fits(sec, direction);
    assert!(fits("R01", SecCode::Ppd, Direction::Debit));
    assert!(!fits("R01", SecCode::Ppd, Direction::Credit));
    assert!(fits("R05", SecCode::Ctx, Direction::Debit));
    assert!(!fits("R05", SecCode::Ppd, Direction::Debit));
    assert!(!fits("R33", SecCode::Ppd, Direction::Debit));
    assert!(fits("R33", SecCode::Xck, Direction::Debit));
    assert!(fits("R85", SecCode::Ccd, Direction::Credit));
    assert!(fits("R10", SecCode::Web, Direction::Debit));
    assert!(
        !fits("R10", SecCode::Ccd, Direction::Debit),
        "companies say R29"
    );
    assert!(!fits("R10", SecCode::Ppd, Direction::Credit));
    assert!(!fits("R07", SecCode::Arc, Direction::Debit));
}

#[test]
fn rates_count_the_codes_of_their_rule() {
    let of = |bucket| {
        let rows = RETURN_REASONS
            .iter()
            .filter(move |row| row.bucket == bucket);
        rows.map(|row| row.code.to_string())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(of(Bucket::Unauthorized), "R05 R07 R10 R11 R29 R51");
    assert_eq!(of(Bucket::Administrative), "R02 R03 R04");
    assert!(code("R10").is_unauthorized() && !code("R10").is_administrative());
}

#[test]
fn a_code_means_what_it_meant_on_the_day() {
    let truncation = code("R11").reason_on(date(2020, 3, 31)).unwrap();
    assert_eq!(
        (truncation.bucket, truncation.window),
        (Bucket::Check, BANKING_DAYS_2)
    );
    assert!(
        code("R11")
            .reason_on(date(2020, 4, 1))
            .unwrap()
            .written_statement
    );
}

const BANKING_DAYS_2: ReturnWindow = ReturnWindow::BankingDays(2);

#[test]
fn windows_end_with_the_deadlines_of_the_calendar() {
    for day in [date(2026, 11, 25), date(2026, 12, 24), date(2027, 7, 2)] {
        let ends = |text| code(text).reason().unwrap().window.deadline(day);
        assert_eq!(ends("R01"), Some(ordinary_return_deadline(day)));
        assert_eq!(ends("R10"), Some(extended_return_deadline(day)));
        assert_eq!(ends("R23"), None);
    }
}

fn window_name(window: ReturnWindow) -> &'static [&'static str] {
    match window {
        ReturnWindow::BankingDays(2) => &["BD2"],
        ReturnWindow::CalendarDays(60) => &["CD60"],
        ReturnWindow::Agreed => &["AGREED"],
        ReturnWindow::NextFile => &["NEXT_FILE"],
        ReturnWindow::AfterRefusal(2) => &["BD2_FROM_REFUSAL"],
        ReturnWindow::AfterReturn(5) => &["BD5_FROM_RETURN_SETTLEMENT"],
        ReturnWindow::AfterDishonor(2) => &["BD2_FROM_DISHONOR_SETTLEMENT"],
        ReturnWindow::Unlimited => &["NA", "SPECIAL"],
        _ => &[],
    }
}

fn again_name(again: Reinitiate) -> &'static str {
    match again {
        Reinitiate::Twice => "2x_180d",
        Reinitiate::Corrected => "after_correction",
        Reinitiate::Authorized => "with_new_authorization",
        Reinitiate::Within60 => "corrected_within_60d",
        Reinitiate::Never => "no",
    }
}

#[test]
fn the_reference_table_of_return_codes_agrees() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/reference/tables/return_reason_codes.tsv"
    );
    let Ok(table) = std::fs::read_to_string(path) else {
        return;
    };
    let mut seen = 0;
    for line in table.lines().skip(1) {
        let column: Vec<&str> = line.split('\t').collect();
        let text = column[0].trim_end_matches("-old");
        let rows = if ["R11-old", "R62-old"].contains(&column[0]) {
            EARLIER_REASONS
        } else {
            RETURN_REASONS
        };
        let row = rows
            .iter()
            .find(|row| row.code == code(text))
            .expect(column[0]);
        assert_eq!(row.until.is_some(), column[1] == "retired", "{text}");
        let by = match row.initiator {
            Initiator::Rdfi => "RDFI",
            Initiator::Operator => "ACH operator",
            Initiator::Odfi => "ODFI",
            Initiator::Gateway => "Gateway",
            Initiator::Agency => "Federal agency",
        };
        assert!(column[4].contains(by), "{text}: {}", column[4]);
        assert!(
            window_name(row.window).contains(&column[8]),
            "{text}: {}",
            column[8]
        );
        assert_eq!(row.written_statement, column[9] == "yes", "{text}");
        assert_eq!(
            row.bucket == Bucket::Unauthorized,
            column[11] == "yes",
            "{text}"
        );
        assert_eq!(
            row.bucket == Bucket::Administrative,
            column[12] == "yes",
            "{text}"
        );
        assert_eq!(again_name(row.again), column[13], "{text}");
        if let (Some(since), true) = (row.since, column[15].len() > 9) {
            assert_eq!(since.to_string(), column[15][..10], "{text}");
        }
        let debits = column[7].starts_with("debit");
        assert_eq!(row.side == Side::Debits, debits, "{text}: {}", column[7]);
        seen += 1;
    }
    assert_eq!(seen, RETURN_REASONS.len() + EARLIER_REASONS.len());
}
