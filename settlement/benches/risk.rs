//! Scores on given features, and with the look-up of velocity before them.
//!
//! `cargo bench -p settlement --bench risk`; what it gave stands in docs/risk.md. The floor is
//! 100,000 scores a second a core on given features.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jiff::{Timestamp, civil::date};
use settlement::ids::Direction;
use settlement::money::Cents;
use settlement::risk::blocklist::Blocklist;
use settlement::risk::feature::Features;
use settlement::risk::judge::Judge;
use settlement::risk::key::{Key, Kind};
use settlement::risk::known;
use settlement::risk::model::Model;
use settlement::risk::place::{Country, Place, Point};
use settlement::risk::rules::RuleSet;
use settlement::risk::velocity::{Asked, Velocity};
use std::hint::black_box;

const RULES: &str = include_str!("../../data/risk/rules.toml");
const MODEL: &str = include_str!("../../data/risk/model.toml");

/// Requests in memory before anything is measured.
const BEFORE: i64 = 200_000;

/// Requests that are scored in turn.
const ASKED: usize = 1_000;

/// A request of one of 20,000 customers; one in 300 comes from a device that names many accounts.
fn asked(number: i64) -> Asked {
    let burst = number % 300 == 0;
    let who = number * 7_919 % 20_000;
    let name = |kind, number: i64| Key::of(kind, &number.to_string());
    let device = if burst { 1 } else { who };
    Asked {
        at: Timestamp::from_second(1_795_000_000 + number * 4).expect("a time"),
        direction: [Direction::Debit, Direction::Credit][usize::from(number % 2 == 0)],
        amount: Cents::new((number * 37 % 500_000 + 1).unsigned_abs()),
        customer: name(Kind::Customer, who),
        account: name(
            Kind::Account,
            if burst { number } else { who * 2 + number % 3 },
        ),
        device: Some(name(Kind::Device, device)),
        ip: Some(name(Kind::Ip, device / 3)),
        place: Place {
            country: Some(Country::UNITED_STATES),
            point: Point::new(39_961, -82_999),
        },
        account_country: Country::UNITED_STATES,
        utc_offset_minutes: -300,
        customer_since: None,
    }
}

fn judge() -> Judge {
    let rules = RuleSet::parse(RULES).expect("the rules that ship");
    Judge::new(
        rules,
        Some(Model::parse(MODEL).expect("the model that ships")),
    )
}

fn risk(c: &mut Criterion) {
    let (judge, day, list) = (judge(), date(2026, 11, 27), Blocklist::default());
    let mut velocity = Velocity::default();
    (0..BEFORE).for_each(|number| velocity.record(&asked(number)));
    let requests: Vec<Asked> = (BEFORE..).take(ASKED).map(asked).collect();
    let told = |asked: &Asked, velocity: &Velocity| {
        known::features(asked, &velocity.read(asked), list.hits(asked))
    };
    let given: Vec<(Features, Direction)> = requests
        .iter()
        .map(|a| (told(a, &velocity), a.direction))
        .collect();
    let mut group = c.benchmark_group("risk");
    group.throughput(Throughput::Elements(ASKED as u64));
    let alone = Judge::new(judge.rules().clone(), None);
    for (name, judge) in [
        ("score, rules alone", &alone),
        ("score, rules and model", &judge),
    ] {
        group.bench_function(name, |b| {
            b.iter(|| {
                for (features, direction) in &given {
                    black_box(judge.score(features, *direction, day));
                }
            })
        });
    }
    group.bench_function("assess with reasons", |b| {
        b.iter(|| {
            for (features, direction) in &given {
                black_box(judge.assess(features, *direction, day));
            }
        })
    });
    group.bench_function("look up velocity, then score", |b| {
        b.iter(|| {
            for asked in &requests {
                let features = told(asked, &velocity);
                black_box(judge.score(&features, asked.direction, day));
            }
        })
    });
    group.bench_function("look up velocity, score, record", |b| {
        b.iter(|| {
            for asked in &requests {
                let features = told(asked, &velocity);
                black_box(judge.score(&features, asked.direction, day));
                velocity.record(asked);
            }
        })
    });
    group.finish();
}

criterion_group!(benches, risk);
criterion_main!(benches);
