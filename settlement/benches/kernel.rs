//! The matching kernel alone, on a million rows a side: taking rows in, and matching them.
//!
//! The whole way, from Parquet and beside DuckDB, is `bench/reconcile.py`.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use settlement::reconcile::kernel::{Options, Partitioner, Partitions, RUN_ROWS, reconcile};
use std::hint::black_box;

const ROWS: i64 = 1_000_000;

/// A prime, so that stepping by it visits every row once, far from the one before.
const STRIDE: i64 = 7_919;

/// Traces and cents, in the order of the file or in the bank's; one amount in a hundred differs.
fn rows(of_bank: bool) -> (Vec<i64>, Vec<i64>) {
    (0..ROWS)
        .map(|at| {
            let row = if of_bank { at * STRIDE % ROWS } else { at };
            let error = i64::from(of_bank && row % 100 == 0);
            (91_000_010_000_000 + row, row * 37 % 500_000 + error)
        })
        .unzip()
}

fn side((keys, cents): &(Vec<i64>, Vec<i64>)) -> Partitioner {
    let mut side = Partitioner::new(Partitions::for_rows(ROWS.unsigned_abs()));
    let mut base = 0;
    for (keys, cents) in keys.chunks(RUN_ROWS).zip(cents.chunks(RUN_ROWS)) {
        side.push(keys, cents, base).expect("a million rows fit");
        base += keys.len() as u32;
    }
    side
}

fn kernel(c: &mut Criterion) {
    let (ledger, bank) = (rows(false), rows(true));
    let mut group = c.benchmark_group("kernel");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(2 * ROWS.unsigned_abs()));
    group.bench_function("partition", |b| {
        b.iter(|| (black_box(side(&ledger)), black_box(side(&bank))))
    });
    let one = Options {
        threads: 1,
        ..Options::default()
    };
    group.bench_function("match, one thread", |b| {
        let sides = || (side(&ledger), side(&bank));
        let run = |(ledger, bank)| reconcile(ledger, bank, one);
        b.iter_batched(sides, run, BatchSize::LargeInput)
    });
    group.finish();
}

criterion_group!(benches, kernel);
criterion_main!(benches);
