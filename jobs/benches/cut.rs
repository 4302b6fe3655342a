//! Cutting 100,000 waiting payments into files on the embedded store: claim, freeze, render.
//!
//! `cargo bench --workspace --bench cut --profile dev` measures what people run;
//! `TIEOUT_BENCH_PAYMENTS` changes the number.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use desk::Desk;
use desk::config::Config;
use jiff::civil::date;
use jobs::demo::intake;
use settlement::windows::Window;
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn payments() -> u64 {
    std::env::var("TIEOUT_BENCH_PAYMENTS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(100_000)
}

fn desk(dir: &std::path::Path) -> Desk {
    let mut config = Config::read(None).unwrap();
    config.addresses = connectors::Addresses::in_dir(dir);
    jobs::open::make(config, None).unwrap()
}

fn cut(c: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (day, count) = (date(2026, 11, 24), payments());
    let mut group = c.benchmark_group("cut");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(count));
    group.measurement_time(Duration::from_secs(30));
    group.bench_function("waiting payments into files", |b| {
        b.iter_custom(|times| {
            let mut total = Duration::ZERO;
            for _ in 0..times {
                let dir = tempfile::tempdir().unwrap();
                let desk = desk(dir.path());
                let all = sandbox::customers::payments(7, &desk.bank, day, count);
                // Every payment waits for the one window that is measured.
                let waiting = all.map(|mut request| {
                    request.payment.order.speed = settlement::payment::Speed::Standard;
                    request
                });
                runtime.block_on(intake::run(&desk, waiting)).unwrap();
                let started = Instant::now();
                let cut = jobs::cut::run(&desk, day, Window::Standard);
                let tally = runtime.block_on(cut).unwrap();
                total += started.elapsed();
                assert!(tally.ties_out() && tally.taken.records > count * 9 / 10);
            }
            total
        });
    });
    group.finish();
}

criterion_group!(benches, cut);
criterion_main!(benches);
