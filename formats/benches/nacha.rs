//! ACH files: written, read with every rule and total checked, turned into JSON and back.
//!
//! The file is 200,000 PPD entries in batches of 2,500 (19 MB) and half as many returns. The
//! yardstick between machines is `sha256sum` of the same bytes; what is aimed at is a third of
//! its time for reading and two thirds for writing.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use formats::nacha::generate::{Plan, generate};
use formats::nacha::json::{read_json, write_json};
use formats::nacha::{Event, Reader, ops, validate};
use settlement::codes::sec::SecCode;
use std::hint::black_box;
use std::io::sink;

const ENTRIES: u64 = 200_000;

fn nacha(c: &mut Criterion) {
    let forward = Plan::of(SecCode::Ppd, ENTRIES);
    let returns = Plan {
        returns: true,
        ..Plan::of(SecCode::Ppd, ENTRIES / 2)
    };
    let (file, _) = generate(Vec::new(), &forward).expect("the plan fits a file");
    let (returned, _) = generate(Vec::new(), &returns).expect("the plan fits a file");
    let mut json = Vec::new();
    write_json(&file[..], &mut json).expect("memory can be written");

    let mut group = c.benchmark_group("nacha");
    group.sample_size(10);
    group.throughput(Throughput::Bytes(file.len() as u64));
    group.bench_function("write", |b| {
        b.iter(|| generate(sink(), &forward).map(|w| w.1))
    });
    group.bench_function("write returns", |b| {
        b.iter(|| generate(sink(), &returns).map(|w| w.1))
    });
    group.bench_function("validate", |b| b.iter(|| validate(black_box(&file[..]))));
    group.bench_function("validate returns", |b| {
        b.iter(|| validate(black_box(&returned[..])))
    });
    group.bench_function("entries", |b| b.iter(|| entries(&file)));
    group.bench_function("to json", |b| b.iter(|| write_json(&file[..], sink())));
    group.bench_function("from json", |b| b.iter(|| read_json(&json[..], sink())));
    group.bench_function("mask", |b| {
        b.iter(|| ops::mask(&file[..], sink(), &[7; 16]))
    });
    group.finish();
}

/// The sum of all amounts, entry by entry.
fn entries(file: &[u8]) -> u64 {
    let mut reader = Reader::new(file);
    let mut sum = 0u64;
    while let Ok(Some(event)) = reader.next() {
        if let Event::Entry(entry) = event {
            sum = sum.saturating_add(entry.detail.amount().map_or(0, |a| a.get()));
        }
    }
    sum
}

criterion_group!(benches, nacha);
criterion_main!(benches);
