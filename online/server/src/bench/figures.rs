//! What a load came to, in figures.

use crate::load::{Load, Phase, Sent};
use serde_json::{Value, json};

/// What the machine was busy with before: processes that run or wait for the disk, on average over
/// the last minute.
pub fn busy() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/loadavg").ok()?;
    text.split(' ').next()?.parse().ok()
}

/// The figures of a load, for which the server used `ticks` hundredths of a second.
pub fn of(load: &Load, phase: &Phase, ticks: u64) -> Value {
    let is_accepted = |status| status == 201;
    let accepted = micros(load, is_accepted, |one| one.micros);
    let of_server = micros(load, is_accepted, |one| one.of_server);
    let refused = micros(load, |status| matches!(status, 429 | 503), |one| one.micros);
    let errors = load.sent.len() - accepted.len() - refused.len();
    let seconds = load.took.as_secs_f64();
    let rate = |count: usize| (count as f64 / seconds).round() as u64;
    let per_payment = ticks as f64 * 10_000.0 / accepted.len().max(1) as f64;
    json!({
        "asked_per_second": phase.rate,
        "sent_per_second": rate(load.sent.len()),
        "connections": phase.connections,
        "seconds": (seconds * 100.0).round() / 100.0,
        "accepted": accepted.len(),
        "accepted_per_second": rate(accepted.len()),
        "refused": refused.len(),
        "errors": errors,
        "p50_micros": part(&accepted, 500),
        "p95_micros": part(&accepted, 950),
        "p99_micros": part(&accepted, 990),
        "p999_micros": part(&accepted, 999),
        "max_micros": accepted.last(),
        "p99_micros_from_sent": part(&of_server, 990),
        "refused_p99_micros": part(&refused, 990),
        "server_cpu_micros_per_payment": per_payment.round(),
    })
}

fn micros(load: &Load, wanted: fn(u16) -> bool, of: fn(&Sent) -> u32) -> Vec<u32> {
    let these = load.sent.iter().filter(|one| wanted(one.status));
    let mut all: Vec<u32> = these.map(of).collect();
    all.sort_unstable();
    all
}

fn part(sorted: &[u32], thousandths: usize) -> Option<u32> {
    let at = (sorted.len() * thousandths / 1_000).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied()
}

/// The figures for people, a line each.
pub fn text(found: &Value) -> String {
    let mut lines = Vec::new();
    flat(found, "", &mut lines);
    lines.join("\n")
}

fn flat(value: &Value, name: &str, lines: &mut Vec<String>) {
    let under = |part: &str| match name {
        "" => part.to_owned(),
        name => format!("{name} {part}"),
    };
    match value {
        Value::Object(members) => {
            for (part, value) in members {
                flat(value, &under(part), lines);
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                flat(value, &under(&at.to_string()), lines);
            }
        }
        other => lines.push(format!("{name:60} {other}")),
    }
}
