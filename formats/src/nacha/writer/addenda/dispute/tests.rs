//! Disputed returns, written and read.

use crate::nacha::generate::{Plan, generate};
use crate::nacha::writer::WriteError;
use crate::nacha::{AddendaSpec, Earlier, Event, Reader, Writer, validate};
use jiff::civil::date;
use settlement::codes::returns::ReturnCode;
use settlement::codes::sec::SecCode;

fn code(text: &str) -> ReturnCode {
    text.parse().unwrap()
}

/// The returns of a file with `spec` as their addenda.
fn file(spec: &AddendaSpec<'_>) -> Result<Vec<u8>, WriteError> {
    let plan = Plan {
        returns: true,
        ..Plan::of(SecCode::Ppd, 1)
    };
    let returns = generate(Vec::new(), &plan)?.0;
    let mut reader = Reader::new(&returns[..]);
    let mut writer = None;
    while let Some(event) = reader.next()? {
        match event {
            Event::FileHeader(header, _) => {
                let options = Default::default();
                writer = Some(Writer::like(
                    Vec::new(),
                    header.text(),
                    None,
                    b'A',
                    options,
                )?);
            }
            Event::BatchHeader(header, _) => {
                writer.as_mut().unwrap().begin_like(header.text(), 1)?;
            }
            Event::Entry(entry) => {
                let detail = entry.detail;
                let entry = super::EntrySpec {
                    code: detail.transaction_code().unwrap(),
                    rdfi: detail.rdfi().unwrap().routing_number(),
                    account: "0",
                    amount: detail.amount().unwrap(),
                    id: "",
                    name: "",
                    discretionary: "",
                    trace: detail.trace().unwrap(),
                    addenda: &[*spec],
                };
                writer.as_mut().unwrap().entry_like(&entry, detail.text())?;
            }
            _ => {}
        }
    }
    let mut writer = writer.unwrap();
    writer.end_batch()?;
    Ok(writer.finish()?.0)
}

#[test]
fn what_is_written_of_a_dispute_is_read_again() {
    let trace = |sequence| {
        let bank = "07640125".parse().unwrap();
        settlement::ids::TraceNumber::new(bank, sequence).unwrap()
    };
    let returned = Earlier {
        trace: trace(2),
        settlement_day: 329,
        code: code("R01"),
    };
    let dishonored = Earlier {
        trace: trace(3),
        settlement_day: 331,
        code: code("R61"),
    };
    let (original_trace, original_rdfi) = (trace(1), "05600507".parse().unwrap());
    let dispute = |information, code| AddendaSpec::Dishonored {
        code,
        original_trace,
        original_rdfi,
        returned,
        information,
    };
    let contest = |timely, code| AddendaSpec::Contested {
        code,
        original_trace,
        original_rdfi,
        timely,
        returned,
        dishonored,
    };
    let timely = Some((date(2026, 11, 25), 328));
    for (spec, kind) in [
        (dispute("", code("R61")), "dishonored"),
        (dispute("01*03", code("R69")), "dishonored"),
        (contest(None, code("R75")), "contested"),
        (contest(timely, code("R73")), "contested"),
    ] {
        let bytes = file(&spec).unwrap();
        let report = validate(&bytes[..]).unwrap();
        assert_eq!(report.findings.errors(), 0, "{:?}", report.findings.kept());
        assert_eq!(report.totals.kind(), kind);
        let mut reader = Reader::new(&bytes[..]);
        while let Some(event) = reader.next().unwrap() {
            if let Event::Entry(entry) = event {
                let back = entry.addenda().next().unwrap().as_return().unwrap();
                let earlier = back.earlier.unwrap();
                assert_eq!(back.original_trace, Some(original_trace));
                assert_eq!(back.original_rdfi, Some(original_rdfi));
                assert_eq!(earlier.trace, Some(returned.trace));
                assert_eq!(earlier.settlement_day, Some(329));
                assert_eq!(earlier.code, Some(code("R01")));
            }
        }
    }
    for spec in [
        dispute("", code("R69")),
        dispute("", code("R71")),
        contest(None, code("R73")),
        contest(None, code("R61")),
    ] {
        assert!(file(&spec).is_err());
    }
}
