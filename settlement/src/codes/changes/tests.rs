use super::*;
use proptest::prelude::*;

fn code(text: &str) -> ChangeCode {
    text.parse().unwrap()
}

#[test]
fn codes_stand_in_their_order_and_their_parts_fit() {
    assert!(CHANGE_CODES.windows(2).all(|w| w[0].code < w[1].code));
    for row in CHANGE_CODES {
        assert_eq!(row.code.row(), Some(row));
        let mut last = 0;
        for (_, from, to) in row.parts {
            assert!(
                last < *from && from <= to && *to <= INTERNATIONAL_COLUMNS,
                "{}",
                row.code
            );
            last = *to;
        }
    }
    assert!("c01".parse::<ChangeCode>().is_err());
}

#[test]
fn the_reference_table_of_change_codes_agrees() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/reference/tables/noc_change_codes.tsv"
    );
    let Ok(table) = std::fs::read_to_string(path) else {
        return;
    };
    let lines: Vec<Vec<&str>> = table
        .lines()
        .skip(1)
        .map(|l| l.split('\t').collect())
        .collect();
    assert_eq!(lines.len(), CHANGE_CODES.len());
    for (row, line) in CHANGE_CODES.iter().zip(lines) {
        assert_eq!(row.code.as_str(), line[0]);
        assert_eq!(
            row.standing == Standing::Retired,
            line[1] == "retired",
            "{}",
            line[0]
        );
        assert_eq!(
            row.standing == Standing::Refuses,
            line[3] == "ODFI",
            "{}",
            line[0]
        );
        for (part, from, to) in row.parts.iter().filter(|(part, ..)| *part != Part::Remark) {
            let columns = format!("{from}-{to} ");
            assert!(line[4].contains(&columns), "{}: {}", line[0], part.as_str());
        }
    }
}

#[test]
fn right_aligned_data_mean_the_same() {
    let read = |text, data| {
        let read = decode(code(text), data).unwrap();
        let account = read
            .account
            .map(|it| it.expose().to_owned())
            .unwrap_or_default();
        (
            read.routing.map(|it| it.get()),
            account,
            read.transaction.map(|it| it.get()),
        )
    };
    let routing = Some(76_401_251);
    let by_rule = "076401251   1918171614";
    let aligned = "076401251          1918171614";
    assert_eq!(read("C03", by_rule), (routing, "1918171614".into(), None));
    assert_eq!(read("C03", aligned), read("C03", by_rule));
    let by_rule = "1918171614          22";
    let aligned = "1918171614                 22";
    assert_eq!(read("C06", by_rule), (None, "1918171614".into(), Some(22)));
    assert_eq!(read("C06", aligned), read("C06", by_rule));
    let by_rule = "0764012511918171614       32";
    let aligned = "076401251       1918171614 32";
    assert_eq!(
        read("C07", by_rule),
        (routing, "1918171614".into(), Some(32))
    );
    assert_eq!(read("C07", aligned), read("C07", by_rule));
    assert_eq!(read("C01", "                   1918171614").1, "1918171614");
}

#[test]
fn what_is_malformed_says_where_and_does_not_repeat_it() {
    for (text, data) in [
        ("C01", ""),
        ("C02", "076401252"),
        ("C03", "076401251"),
        ("C05", "99"),
        ("C06", "1918171614 XX"),
        ("C07", "0764012511918171614"),
        ("C07", "076401251123456789012345678 22"),
        ("C02", "0764012\u{df}1"),
    ] {
        let error = decode(code(text), data).unwrap_err().to_string();
        assert!(error.contains("columns"), "{text}: {error}");
        assert!(data.is_empty() || !error.contains(data), "{text}");
    }
    let error = decode(code("C02"), "076401252").unwrap_err();
    assert_eq!(
        error.to_string(),
        "change code C02: columns 1-9 of the corrected data must be a routing number; \
         refuse the notification with C65"
    );
    assert_eq!(
        decode(code("C61"), "X"),
        Err(ChangeError::NoLayout(code("C61")))
    );
    assert_eq!(
        decode(code("C99"), "X"),
        Err(ChangeError::Unknown(code("C99")))
    );
    let corrections = decode(code("C01"), "1918171614").unwrap();
    assert!(!format!("{corrections:?}").contains("1918"));
}

proptest! {
    #[test]
    fn corrections_survive_their_columns(
        row in 0..CHANGE_CODES.len(),
        account in "[0-9A-Z]([0-9A-Z -]{0,15}[0-9A-Z])?",
        words in "[A-Z0-9]([A-Z0-9 .]{0,20}[A-Z0-9])?",
        bank in 0u32..100_000_000,
        savings: bool,
    ) {
        let row = &CHANGE_CODES[row];
        prop_assume!(!row.parts.is_empty());
        let all = Corrections {
            routing: crate::ids::DfiId::new(bank).ok().map(|dfi| dfi.routing_number()),
            account: AccountNumber::new(&account),
            transaction: TransactionCode::new(if savings { 37 } else { 22 }),
            name: Some(words.clone()),
            individual_id: Some(words.clone()),
            receiving_bank: Some(words.clone()),
            sec: Some(SecCode::Iat),
            remark: Some(words),
        };
        let data = encode(row.code, &all).unwrap();
        prop_assert_eq!(data.len(), CORRECTED_COLUMNS);
        let read = decode(row.code, &data).unwrap();
        for (part, ..) in row.parts {
            prop_assert_eq!(read.get(*part), all.get(*part));
        }
        prop_assert_eq!(encode(row.code, &read), Ok(data));
    }

    #[test]
    fn any_text_is_read_or_refused(row in 0..CHANGE_CODES.len(), text in "\\PC{0,40}") {
        let _ = decode(CHANGE_CODES[row].code, &text);
    }
}
