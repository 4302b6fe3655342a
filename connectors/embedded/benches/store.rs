//! The embedded payment store at the volume of one day's cut.
//!
//! `cargo bench -p connectors-embedded --profile dev` prints the time of 100,000 payments
//! created and claimed; the dev profile optimises what matters here and reuses the tests' build.

use connectors::{Change, Index, NewRecord, PaymentStore};
use connectors_conformance as conformance;
use connectors_embedded::{database, payments::EmbeddedPayments};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use settlement::ids::{CutId, PaymentId};
use settlement::payment::Event;
use tokio::runtime::Runtime;

const PAYMENTS: u32 = 100_000;
const CALL: usize = 2_500;

fn store(dir: &tempfile::TempDir) -> EmbeddedPayments {
    let db = database::make(dir.path()).expect("a database");
    EmbeddedPayments::new(db).expect("a store")
}

fn claims(ids: &[PaymentId]) -> Vec<Change> {
    let cut = CutId("2026-11-25/standard/09100001".to_owned());
    let claim = |id: &PaymentId| Change {
        payment: *id,
        expected_version: Some(1),
        event: Event::Claimed { cut: cut.clone() },
        date: jiff::civil::date(2026, 11, 25),
        at: jiff::Timestamp::UNIX_EPOCH,
    };
    ids.iter().map(claim).collect()
}

async fn create(store: &EmbeddedPayments, new: Vec<NewRecord>) {
    for call in new.chunks(CALL) {
        store.create(call.to_vec()).await.expect("create");
    }
}

async fn claim(store: &EmbeddedPayments, ids: &[PaymentId]) {
    for call in ids.chunks(CALL) {
        store.apply(claims(call)).await.expect("apply");
    }
}

fn payments(c: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let new: Vec<NewRecord> = (0..PAYMENTS).map(conformance::record).collect();
    let ids: Vec<PaymentId> = new.iter().map(|n| n.payment.id).collect();
    let mut group = c.benchmark_group("payments");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(u64::from(PAYMENTS)));
    group.bench_function("create 100,000", |b| {
        b.iter_batched(
            || {
                let dir = tempfile::tempdir().expect("a folder");
                (store(&dir), dir, new.clone())
            },
            |(store, dir, new)| {
                runtime.block_on(create(&store, new));
                (store, dir)
            },
            BatchSize::PerIteration,
        );
    });
    let filled = || {
        let dir = tempfile::tempdir().expect("a folder");
        let store = store(&dir);
        runtime.block_on(create(&store, new.clone()));
        (store, dir)
    };
    group.bench_function("claim 100,000 in calls of 2,500", |b| {
        b.iter_batched(
            filled,
            |(store, dir)| {
                runtime.block_on(claim(&store, &ids));
                (store, dir)
            },
            BatchSize::PerIteration,
        );
    });
    let (full, _dir) = filled();
    group.bench_function("page through 100,000 ready", |b| {
        b.iter(|| {
            runtime.block_on(async {
                let (mut after, mut seen) = (None, 0);
                loop {
                    let page = full.page(READY, after, CALL).await.expect("page");
                    let Some(last) = page.last() else { break seen };
                    (after, seen) = (Some(last.id), seen + page.len());
                }
            })
        });
    });
    group.finish();
}

const READY: Index = Index::Ready {
    speed: None,
    until: None,
};

criterion_group!(benches, payments);
criterion_main!(benches);
