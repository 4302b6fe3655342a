//! What the writer takes, the reader finds no error in, and both count the same.

#![no_main]

use formats::nacha::generate::{Plan, generate};
use formats::nacha::{LineEnd, WriterOptions, ops, validate};
use libfuzzer_sys::fuzz_target;
use settlement::codes::sec::SecCode;

fuzz_target!(|input: (u8, u8, u8, u64, bool, u8)| {
    let (class, entries, batch, seed, returns, end) = input;
    let sec = SecCode::ALL[usize::from(class) % SecCode::ALL.len()];
    let plan = Plan {
        sec,
        entries: u64::from(entries),
        batch: u64::from(batch),
        seed,
        returns: returns && !matches!(sec, SecCode::Iat | SecCode::Adv | SecCode::Cor),
        options: WriterOptions {
            line_end: [LineEnd::Lf, LineEnd::CrLf, LineEnd::None][usize::from(end) % 3],
        },
        ..Plan::of(sec, 0)
    };
    let (bytes, wrote) = generate(Vec::new(), &plan).expect("a small plan fits");
    let report = validate(&bytes[..]).expect("memory can be read");
    assert_eq!(report.findings.errors(), 0);
    assert_eq!(
        (report.totals.entries, report.totals.addenda, report.totals.debit, report.totals.credit),
        (wrote.entries, wrote.addenda, wrote.debit, wrote.credit)
    );
    for by in [ops::By::Direction, ops::By::Batch, ops::By::Sec] {
        let mut entries = 0;
        let done = |_: &str, part: Vec<u8>, _| {
            let report = validate(&part[..])?;
            assert_eq!(report.findings.errors(), 0);
            entries += report.totals.entries;
            Ok(())
        };
        ops::split(&bytes[..], by, |_| Ok(Vec::new()), done).expect("a good file is split");
        assert_eq!(entries, wrote.entries);
    }
});
