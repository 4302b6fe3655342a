#![allow(clippy::arithmetic_side_effects)] // small known numbers
use super::*;
use crate::statement::{AccountNumber, Detail, Document, Line, Page, Statement};
use jiff::civil::date;
use proptest::prelude::*;
use settlement::money::SignedCents;
use settlement::reconcile::numbers::Numbers;

/// A statement in version `version`; `status` is written as that version does.
fn sample(version: &str, status: &str, closing: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <n:Document xmlns:n=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}\">\n\
         <n:BkToCstmrStmt><n:GrpHdr><n:MsgId>M1</n:MsgId>\n\
         <n:CreDtTm>2026-11-26T05:00:00-05:00</n:CreDtTm></n:GrpHdr>\n\
         <n:Stmt><n:Id>x</n:Id><n:Acct><n:Id><n:Othr><n:Id>0012345678</n:Id></n:Othr></n:Id>\
         <n:Ccy>USD</n:Ccy></n:Acct>\n\
         <n:Bal><n:Tp><n:CdOrPrtry><n:Cd>OPBD</n:Cd></n:CdOrPrtry></n:Tp>\
         <n:Amt Ccy=\"USD\">100.00</n:Amt><n:CdtDbtInd>CRDT</n:CdtDbtInd>\
         <n:Dt><n:Dt>2026-11-24</n:Dt></n:Dt></n:Bal>\n\
         <n:Bal><n:Tp><n:CdOrPrtry><n:Cd>CLBD</n:Cd></n:CdOrPrtry></n:Tp>\
         <n:Amt Ccy=\"USD\">{closing}</n:Amt><n:CdtDbtInd>CRDT</n:CdtDbtInd>\
         <n:Dt><n:Dt>2026-11-25</n:Dt></n:Dt></n:Bal>\n\
         <n:Ntry><n:Amt Ccy=\"USD\">25</n:Amt><n:CdtDbtInd>DBIT</n:CdtDbtInd>{status}\
         <n:AcctSvcrRef>B&amp;1</n:AcctSvcrRef><n:BkTxCd><n:Domn><n:Cd>PMNT</n:Cd><n:Fmly>\
         <n:Cd>IDDT</n:Cd><n:SubFmlyCd>ARET</n:SubFmlyCd></n:Fmly></n:Domn></n:BkTxCd>\
         <n:NtryDtls><n:TxDtls><n:Refs><n:EndToEndId>INV-42</n:EndToEndId>\
         <n:ClrSysRef>076401250000003</n:ClrSysRef></n:Refs><n:RtrInf><n:Rsn>\
         <n:Prtry>R29</n:Prtry></n:Rsn></n:RtrInf></n:TxDtls></n:NtryDtls></n:Ntry>\n\
         </n:Stmt></n:BkToCstmrStmt></n:Document>\n"
    )
}

#[test]
fn every_version_is_read() {
    let old = sample("02", "<n:Sts>BOOK</n:Sts>", "75.00");
    let new = sample("08", "<n:Sts><n:Cd>BOOK</n:Cd></n:Sts>", "75.00");
    for (file, format) in [(old, "camt.053.001.02"), (new, "camt.053.001.08")] {
        let document = read(file.as_bytes());
        assert!(document.findings.is_empty(), "{}", document.describe());
        assert_eq!(
            (document.format.as_str(), document.file_id.as_str()),
            (format, "M1")
        );
        let statement = &document.statements[0];
        assert_eq!(statement.as_of, Some(date(2026, 11, 25)));
        assert_eq!(statement.account.last4(), "5678");
        let line = &statement.lines[0];
        assert_eq!((line.amount, line.line), (SignedCents::new(-2_500), 8));
        assert_eq!(line.type_code, "PMNT-IDDT-ARET");
        assert_eq!(line.bank_reference, "B&1");
        assert_eq!(
            (line.customer_reference.as_str(), line.text.as_str()),
            ("076401250000003", "R29")
        );
        assert!(!format!("{document:?}").contains("0012345678"));
    }
}

/// The only entry of a statement, of 30.00 and with these details.
fn entry(details: &str) -> (Line, Vec<String>) {
    let file = sample("08", "</n:Ntry><n:Ntry>", "75.00");
    let from = file.find("<n:Ntry><n:AcctSvcrRef>").unwrap();
    let to = file.rfind("</n:Ntry>").unwrap();
    let entry =
        format!("<n:Ntry><n:Amt Ccy=\"USD\">30</n:Amt><n:CdtDbtInd>CRDT</n:CdtDbtInd>{details}");
    let file = format!("{}{entry}{}", &file[..from], &file[to..]);
    let document = read(file.replace("n:", "").as_bytes());
    let found = document.findings.iter().map(|one| one.rule.to_owned());
    let found = found.filter(|rule| rule == "DETAIL_TOTAL").collect();
    (document.statements[0].lines.last().unwrap().clone(), found)
}

#[test]
fn each_part_of_an_entry_keeps_all_that_names_it() {
    let (line, found) = entry(
        "<NtryDtls><Btch><MsgId>F1</MsgId><PmtInfId>B1</PmtInfId><NbOfTxs>2</NbOfTxs></Btch>\
         <TxDtls><Refs><MsgId>M</MsgId><AcctSvcrRef>S</AcctSvcrRef><EndToEndId>E</EndToEndId>\
         <TxId>T</TxId><ClrSysRef>C</ClrSysRef><Prtry><Ref>P</Ref></Prtry></Refs>\
         <Amt Ccy=\"USD\">40</Amt><RmtInf><Ustrd>INV 7</Ustrd><Strd><RfrdDocInf><Nb>D</Nb>\
         </RfrdDocInf><CdtrRefInf><Ref>R</Ref></CdtrRefInf></Strd></RmtInf></TxDtls>\
         <TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><Amt Ccy=\"USD\">10</Amt>\
         <CdtDbtInd>DBIT</CdtDbtInd><RtrInf><Rsn><Cd>R01</Cd></Rsn><AddtlInf>NO FUNDS</AddtlInf>\
         </RtrInf></TxDtls></NtryDtls>",
    );
    assert_eq!(found, [""; 0]);
    let [first, second] = line.details.as_slice() else {
        panic!("{line:?}");
    };
    let all = ["M", "S", "E", "T", "C", "P", "D", "R", "F1", "B1"];
    assert_eq!(first.references, all);
    assert_eq!(
        (first.reference.as_str(), first.text.as_str()),
        ("C", "INV 7")
    );
    assert_eq!(second.amount, Some(SignedCents::new(-1_000)));
    assert_eq!(second.references, ["F1", "B1"]);
    assert_eq!(
        (second.return_reason.as_str(), second.text.as_str()),
        ("R01", "NO FUNDS")
    );
    // The name of the line is what it was.
    assert_eq!(line.customer_reference, "B1");
}

#[test]
fn batches_without_movements_are_parts_and_what_does_not_add_up_is_said() {
    let batch = |id: &str, rest: &str| {
        format!("<NtryDtls><Btch><PmtInfId>{id}</PmtInfId>{rest}</Btch></NtryDtls>")
    };
    let sum = |cents: &str| format!("<TtlAmt Ccy=\"USD\">{cents}</TtlAmt>");
    let (line, found) = entry(&(batch("B1", &sum("10")) + &batch("B2", &sum("20"))));
    assert_eq!((line.details.len(), found.len()), (2, 0));
    assert_eq!(line.details[1].reference, "B2");
    let (line, found) = entry(&(batch("B1", &sum("10")) + &batch("B2", &sum("25"))));
    assert_eq!(
        (line.details.len(), found),
        (2, vec!["DETAIL_TOTAL".to_owned()])
    );
    // A batch that the line names already is no part of it; an amount of another currency is none.
    assert_eq!(entry(&batch("B1", "")).0.details, []);
    let (line, found) = entry(&(batch("B1", &sum("30")) + &batch("B2", "<MsgId>M</MsgId>")));
    assert_eq!(
        (line.details.len(), found),
        (2, vec!["DETAIL_TOTAL".to_owned()])
    );
    let (line, _) = entry("<NtryDtls><TxDtls><Amt Ccy=\"EUR\">27</Amt></TxDtls></NtryDtls>");
    assert_eq!(line.details[0].amount, Some(SignedCents::new(3_000)));
}

#[test]
fn an_entry_with_too_many_parts_is_taken_whole() {
    let part = "<TxDtls><Amt Ccy=\"USD\">0.01</Amt></TxDtls>";
    for (parts, kept, findings) in [(3_000, 3_000, 0), (100_002, 0, 1)] {
        let (line, found) = entry(&format!("<NtryDtls>{}</NtryDtls>", part.repeat(parts)));
        assert_eq!(
            (line.details.len(), found.len()),
            (kept, findings),
            "{parts}"
        );
    }
}

#[test]
fn what_does_not_add_up_or_is_not_booked_is_found() {
    let rules = |file: String| -> Vec<_> {
        read(file.as_bytes())
            .findings
            .iter()
            .map(|finding| (finding.rule, finding.line))
            .collect()
    };
    assert_eq!(
        rules(sample("04", "<n:Sts>BOOK</n:Sts>", "74.99")),
        [("BALANCE_ASSERTION", 5)]
    );
    let pending = rules(sample("04", "<n:Sts>PDNG</n:Sts>", "100.00"));
    assert_eq!(pending, [("STATUS", 8)]);
    let cents = rules(sample("04", "<n:Sts>BOOK</n:Sts>", "75.001"));
    assert_eq!(cents, [("FIELD", 7), ("FIELD", 7)]);
}

#[test]
fn a_moment_with_a_zone_is_a_day_where_the_bank_is() {
    // Half past one in the night of the 26th in London is the evening of the 25th in New York.
    let day = |closing: &str| {
        let file = sample("08", "", "75.00").replace(
            "<n:Dt>2026-11-25</n:Dt>",
            &format!("<n:DtTm>{closing}</n:DtTm>"),
        );
        read(file.as_bytes()).statements[0].as_of
    };
    for moment in [
        "2026-11-26T01:30:00Z",
        "2026-11-25T20:30:00-05:00",
        "2026-11-25T23:59:59",
    ] {
        assert_eq!(day(moment), Some(date(2026, 11, 25)), "{moment}");
    }
    assert_eq!(day("2026-11-26T05:00:00+00:00"), Some(date(2026, 11, 26)));
}

#[test]
fn pages_are_known_by_their_numbers_and_their_interim_balances() {
    let pages = |number: &str, last: &str| {
        let pages = format!(
            "<n:StmtPgntn><n:PgNb>{number}</n:PgNb><n:LastPgInd>{last}</n:LastPgInd></n:StmtPgntn>"
        );
        sample("08", "", "75.00").replace("<n:Id>x</n:Id>", &format!("<n:Id>x</n:Id>{pages}"))
    };
    let first = read(pages("1", "false").replace("CLBD", "ITBD").as_bytes());
    let one = &first.statements[0];
    assert!(first.is_ok(), "{}", first.describe());
    assert_eq!(
        (one.page, one.more),
        (
            Some(Page {
                number: 1,
                last: false
            }),
            true
        )
    );
    assert_eq!(one.closing, Some(SignedCents::new(7_500)));
    assert_eq!(
        one.as_of,
        Some(date(2026, 11, 25)),
        "the day of its interim balance"
    );
    let second = read(pages("2", "true").replace("OPBD", "ITBD").as_bytes());
    let two = &second.statements[0];
    assert_eq!(
        (two.page, two.more),
        (
            Some(Page {
                number: 2,
                last: true
            }),
            false
        )
    );
    assert_eq!(two.opening, Some(SignedCents::new(10_000)));
    let only = read(pages("1", "true").as_bytes());
    assert_eq!(
        (only.statements[0].page, only.statements[0].more),
        (None, false)
    );
    let between = pages("2", "false")
        .replace("OPBD", "ITBD")
        .replace("CLBD", "ITBD");
    let between = &read(between.as_bytes()).statements[0];
    assert_eq!(between.opening, Some(SignedCents::new(10_000)));
    assert!(between.more && between.closing == Some(SignedCents::new(7_500)));
}

#[test]
fn what_is_wrong_with_one_statement_is_its_own() {
    let good = sample("08", "", "75.00");
    let bad = sample("08", "", "74.00");
    let inside = |file: &str| {
        let from = file.find("<n:Stmt>").unwrap();
        file[from..file.find("</n:BkToCstmrStmt>").unwrap()].to_owned()
    };
    let both = good.replace("</n:BkToCstmrStmt>", &(inside(&bad) + "</n:BkToCstmrStmt>"));
    let document = read(both.as_bytes());
    let errors: Vec<u64> = document.statements.iter().map(|one| one.errors).collect();
    assert_eq!(errors, [0, 1]);
    assert!(document.holds_together() && !document.is_ok());
    let torn = read(both.split("</n:Document>").next().unwrap().as_bytes());
    assert!(!torn.holds_together());
    let torn = read(bad.split("</n:Stmt>").next().unwrap().as_bytes());
    assert!(!torn.holds_together());
}

#[test]
fn a_hostile_file_costs_what_its_bytes_cost() {
    let last = |bytes: &[u8]| {
        read(bytes)
            .findings
            .iter()
            .map(|f| f.rule)
            .collect::<Vec<_>>()
    };
    let bomb = b"<!DOCTYPE a [<!ENTITY b \"&c;&c;\"><!ENTITY c \"xxxx\">]><a>&b;</a>";
    assert_eq!(last(bomb), ["XML", "NO_STATEMENT"]);
    assert_eq!(last(b"<a>&b;</a>"), ["XML", "NO_STATEMENT"]);
    assert_eq!(
        last("<a>".repeat(1_000).as_bytes()),
        ["XML", "NO_STATEMENT"]
    );
    assert_eq!(last(b""), ["NO_STATEMENT"]);
    let torn = sample("08", "", "75.00");
    let document = read(torn.split("</n:Stmt>").next().unwrap().as_bytes());
    assert_eq!(
        document.statements[0].lines.len(),
        1,
        "what is there is read"
    );
    assert!(
        document
            .findings
            .iter()
            .any(|finding| finding.rule == "XML")
    );
}

/// Every file of the corpus gives statements or findings; those that carry one currency add up
/// or say that they do not.
#[test]
fn the_corpus_is_read() {
    let root = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/corpus/statements/camt053"
    );
    for folder in ["genkgo", "xsd"] {
        let Ok(entries) = std::fs::read_dir(format!("{root}/{folder}")) else {
            continue;
        };
        for entry in entries.flatten() {
            let Ok(bytes) = std::fs::read(entry.path()) else {
                continue;
            };
            let document = read(&bytes);
            let path = entry.path().display().to_string();
            let statement = path.contains("genkgo/camt05") && !path.contains("wrong");
            assert_eq!(!document.statements.is_empty(), statement, "{path}");
            assert!(statement || !document.is_ok(), "{path}");
            for statement in &document.statements {
                assert!(!statement.account.expose().is_empty(), "{path}");
            }
        }
    }
}

fn cents() -> impl Strategy<Value = SignedCents> {
    (-1_000_000_000_000i64..1_000_000_000_000).prop_map(SignedCents::new)
}

const TEXT: &str = "([!-~é]([ -~]{0,60}[!-~])?)?";

fn line() -> impl Strategy<Value = Line> {
    let code = prop::sample::select(vec!["447", "166", "PMNT-ICDT-ASET"]);
    let day = (1i8..=28).prop_map(|day| date(2026, 11, day));
    let detail = (
        cents(),
        "[0-9]{15}",
        "R[0-9]{2}",
        TEXT,
        prop::option::of("[A-Z]{13}"),
    )
        .prop_map(|(amount, reference, r, text, other)| Detail {
            amount: Some(amount),
            references: other.into_iter().chain([reference.clone()]).collect(),
            reference,
            return_reason: r,
            text,
        });
    let details = prop::collection::vec(detail, 2..4);
    (
        code,
        cents(),
        day,
        "[A-Z0-9]{1,16}",
        "[A-Z0-9]{1,16}",
        TEXT,
        prop::option::of(details),
    )
        .prop_map(|(code, mut amount, day, bank, customer, text, details)| {
            let mut details = details.unwrap_or_default();
            for detail in &mut details {
                detail.references.push(customer.clone()); // what names their batch names them
            }
            if !details.is_empty() {
                amount = SignedCents::new(details.iter().map(|d| d.amount.unwrap().get()).sum());
            }
            Line {
                type_code: code.to_owned(),
                amount,
                value_date: Some(day),
                booked: Some(day),
                bank_reference: bank,
                customer_reference: customer,
                text,
                details,
                ..Line::default()
            }
        })
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        lines in prop::collection::vec(line(), 0..5), opening in cents(), number in "[0-9]{6,17}",
        electronic in any::<Option<u64>>(), legal in any::<Option<u64>>()
    ) {
        let mut statement = Statement {
            account: AccountNumber::new(number),
            currency: "USD".to_owned(),
            as_of: Some(date(2026, 11, 25)),
            opening: Some(opening),
            lines,
            numbers: Numbers { electronic, legal },
            ..Statement::default()
        };
        statement.closing = opening.checked_add(statement.movement().unwrap());
        let document = Document {
            format: "camt.053.001.08".to_owned(),
            sender: "BANK & CO".to_owned(),
            receiver: "<SAMPLE>".to_owned(),
            file_id: "7".to_owned(),
            created: Some(date(2026, 11, 26)),
            statements: vec![statement.clone(), statement],
            ..Document::default()
        };
        let mut back = read(&write(&document));
        for statement in &mut back.statements {
            statement.line = 0;
            statement.lines.iter_mut().for_each(|line| line.line = 0);
        }
        prop_assert_eq!(back, document);
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(!read(&bytes).is_ok());
    }

    #[test]
    fn a_damaged_file_is_read(at in 0usize..1_500, byte in any::<u8>(), wild in "[<>/&;A-z\"= ]*") {
        let file = sample("08", "<n:Sts><n:Cd>BOOK</n:Cd></n:Sts>", "75.00").into_bytes();
        let at = at % file.len();
        let mut bytes = file.clone();
        bytes[at] = byte;
        let _ = read(&bytes);
        let _ = read(&[&file[..at], wild.as_bytes(), &file[at..]].concat());
        prop_assert!(!read(&file[..at.min(file.len() - 2)]).is_ok());
    }
}
