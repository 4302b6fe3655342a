//! What Prometheus reads: requests by route and status, and how long they took.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper ends of the buckets of times, in microseconds.
const ENDS: [u64; 12] = [
    500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000,
    5_000_000,
];

#[derive(Default)]
struct Times {
    in_bucket: [u64; ENDS.len() + 1],
    sum_micros: u64,
}

/// Counts since the start. A row for each route and status there is, so that nobody outside can
/// make it grow.
#[derive(Default)]
pub struct Metrics(Mutex<BTreeMap<(&'static str, u16), Times>>);

impl Metrics {
    /// A request of a route was answered.
    pub fn answered(&self, route: &'static str, status: u16, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let times = all.entry((route, status)).or_default();
        let bucket = ENDS.iter().position(|end| micros <= *end);
        times.in_bucket[bucket.unwrap_or(ENDS.len())] += 1;
        times.sum_micros = times.sum_micros.saturating_add(micros);
    }

    /// The text that Prometheus reads.
    pub fn text(&self) -> String {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::from(
            "# HELP tieout_request_seconds How long requests took.\n\
             # TYPE tieout_request_seconds histogram\n",
        );
        for ((route, status), times) in all.iter() {
            let labels = format!("route=\"{route}\",status=\"{status}\"");
            let mut sum = 0;
            for (count, end) in times.in_bucket.iter().zip(ENDS) {
                sum += count;
                let le = seconds(end);
                // Writing into a string cannot fail.
                let _ = writeln!(
                    text,
                    "tieout_request_seconds_bucket{{{labels},le=\"{le}\"}} {sum}"
                );
            }
            sum += times.in_bucket[ENDS.len()];
            let took = seconds(times.sum_micros);
            let _ = writeln!(
                text,
                "tieout_request_seconds_bucket{{{labels},le=\"+Inf\"}} {sum}\n\
                 tieout_request_seconds_sum{{{labels}}} {took}\n\
                 tieout_request_seconds_count{{{labels}}} {sum}"
            );
        }
        text
    }
}

/// Microseconds as seconds with six digits.
fn seconds(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_answered_is_counted_in_its_bucket_and_all_above() {
        let metrics = Metrics::default();
        for micros in [400, 1_500, 9_000_000] {
            metrics.answered("/v1/payments", 201, Duration::from_micros(micros));
        }
        let text = metrics.text();
        let bucket = |le: &str| {
            let wanted = format!("status=\"201\",le=\"{le}\"}} ");
            let line = text.lines().find(|line| line.contains(&wanted)).unwrap();
            line.rsplit(' ').next().unwrap().to_owned()
        };
        assert_eq!(bucket("0.000500"), "1");
        assert_eq!(bucket("0.001000"), "1");
        assert_eq!(bucket("0.002000"), "2");
        assert_eq!(bucket("5.000000"), "2");
        assert_eq!(bucket("+Inf"), "3");
        assert!(text.contains(
            "tieout_request_seconds_sum{route=\"/v1/payments\",status=\"201\"} 9.001900"
        ));
    }
}
