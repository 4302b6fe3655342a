//! How fast the tables are written and read: the widest one, 200,000 rows.

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use formats::tables::{AchEntries, AchEntry, TableError, Writer, read, read_columns};
use jiff::civil::date;
use settlement::money::SignedCents;
use std::hint::black_box;

const ROWS: i64 = 200_000;

fn file() -> Result<Vec<u8>, TableError> {
    let mut writer = Writer::<AchEntries, _>::new(Vec::new())?;
    for at in 0..ROWS {
        let payment = format!("0{:012X}", at.wrapping_mul(7_919));
        let token = format!("{:024x}", at.wrapping_mul(0x9E37_79B9_7F4A));
        let last4 = format!("{:04}", at % 10_000);
        let name = format!("RECEIVER {at}");
        writer.push(&AchEntry {
            cut_date: date(2026, 11, 25),
            cut_id: "2026-11-25/standard/09100001".into(),
            file: "outbound/odfi=09100001/date=2026-11-25/window=standard/A.ach".into(),
            window: "standard".into(),
            batch: "261125A0000001".into(),
            batch_key: 261_125_000_000_000 + at / 2_500,
            trace: 91_000_010_000_000 + at,
            payment_id: payment.as_str().into(),
            payment_key: at * 7_919,
            direction: "credit".into(),
            transaction_code: 22,
            routing: 76_401_251,
            account_token: token.as_str().into(),
            account_last4: last4.as_str().into(),
            amount: SignedCents::new(at * 37 % 500_000),
            sec: "PPD".into(),
            company_id: "1234567890".into(),
            company_name: "SAMPLE CO".into(),
            description: "PAYROLL".into(),
            individual_name: name.as_str().into(),
            effective_date: date(2026, 11, 27),
            settles_on: date(2026, 11, 27),
            originator: "sample".into(),
            remittance: None,
            last_return_day: Some(date(2027, 1, 28)),
            currency: Some("USD".into()),
            reference: None,
            name_commitment: None,
        })?;
    }
    Ok(writer.finish_into()?.1)
}

fn tables(c: &mut Criterion) {
    let bytes = Bytes::from(file().expect("a Vec takes every byte"));
    println!("ach_entries: {ROWS} rows, {} bytes", bytes.len());
    let mut group = c.benchmark_group("ach_entries");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(ROWS.unsigned_abs()));
    group.bench_function("write", |b| b.iter(|| black_box(file())));
    group.bench_function("read rows", |b| {
        b.iter(|| read::<AchEntries>(bytes.clone(), "bench").map(|rows| rows.count()))
    });
    group.bench_function("read three columns", |b| {
        let columns = ["trace", "payment_key", "amount_cents"];
        b.iter(|| read_columns(bytes.clone(), "bench", &columns).map(|rows| rows.count()))
    });
    group.finish();
}

criterion_group!(benches, tables);
criterion_main!(benches);
