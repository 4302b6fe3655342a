//! What is taken at most: bytes, seconds, requests at a time and a second.

use std::collections::HashMap; // order never reaches bytes
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Bytes of a body: a payment with all of its metadata is a third of it.
pub const BODY_BYTES: usize = 64 << 10;

/// Headers of a request.
pub const HEADERS: usize = 64;

/// Callers of whom is remembered how much they asked: the oldest is forgotten for a new one.
const MOST_CALLERS: usize = 10_000;

/// What a server takes at most.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Requests at a time; more are refused at once.
    pub at_a_time: usize,
    /// For how long a request may take.
    pub request: Duration,
    /// Requests a second of a caller whose merchant has no limit of its own.
    pub per_second: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            at_a_time: 2_048,
            request: Duration::from_secs(10),
            per_second: 10_000,
        }
    }
}

/// Routes that may take longer, each with what comes to the others' time: whoever asks for events
/// may wait for one, a try of a webhook waits for somebody else's server, and a day's jobs run in
/// one request of a sandbox. A body comes as fast there as everywhere.
const SLOW: &[(&str, Duration)] = &[
    ("listEvents", Duration::from_secs(30)),
    ("testWebhook", Duration::from_secs(15)),
    ("runDay", Duration::from_secs(290)),
    ("returnPayment", Duration::from_secs(50)),
    ("changePayment", Duration::from_secs(50)),
];

/// Whether requests of the route of this name wait for something, and may take longer.
pub fn is_slow(route: &str) -> bool {
    SLOW.iter().any(|(name, _)| *name == route)
}

/// For how long a request of the route of this name may take.
pub fn patience(route: &str, usual: Duration) -> Duration {
    let more = SLOW.iter().find(|(name, _)| *name == route);
    usual.saturating_add(more.map_or(Duration::ZERO, |(_, more)| *more))
}

/// What a caller may still ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// Requests that are left now.
    pub requests: u32,
    /// Requests a second.
    pub limit: u32,
    /// Whether this one is taken.
    pub taken: bool,
}

/// How much each caller has asked for: a bucket that holds a second's requests and is filled as
/// time goes.
#[derive(Default)]
pub struct Buckets(Mutex<Callers>);

type Callers = HashMap<String, Bucket>; // order never reaches bytes

/// A request, in what a bucket is filled with.
const REQUEST: u128 = 1_000_000_000;

struct Bucket {
    /// Billionths of a request: what a nanosecond fills for each that is agreed.
    filled: u128,
    at: Instant,
}

impl Buckets {
    /// Takes a request of `caller`, who may ask `limit` times a second.
    pub fn take(&self, caller: &str, limit: u32, now: Instant) -> Left {
        let full = u128::from(limit) * REQUEST;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.contains_key(caller) {
            make_room(&mut all);
        }
        let (filled, at) = (full, now);
        let bucket = match all.get_mut(caller) {
            Some(bucket) => bucket,
            None => all
                .entry(caller.to_owned())
                .or_insert(Bucket { filled, at }),
        };
        let passed = now.saturating_duration_since(bucket.at);
        let since = passed.as_nanos().saturating_mul(u128::from(limit));
        (bucket.filled, bucket.at) = (bucket.filled.saturating_add(since).min(full), now);
        let taken = bucket.filled >= REQUEST;
        if taken {
            bucket.filled -= REQUEST;
        }
        Left {
            requests: u32::try_from(bucket.filled / REQUEST).unwrap_or(u32::MAX),
            limit,
            taken,
        }
    }
}

/// Forgets who asked the longest ago, where no more are remembered.
fn make_room(all: &mut Callers) {
    if all.len() < MOST_CALLERS {
        return;
    }
    let oldest = all.iter().min_by_key(|(_, bucket)| bucket.at);
    if let Some(oldest) = oldest.map(|(name, _)| name.clone()) {
        all.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_gets_what_was_agreed_and_no_more() {
        let (buckets, start) = (Buckets::default(), Instant::now());
        let at = |ms| start + Duration::from_millis(ms);
        let taken = |ms, many| {
            let all = (0..many).map(|_| buckets.take("one", 10, at(ms)).taken);
            all.filter(|taken| *taken).count()
        };
        assert_eq!(taken(0, 30), 10);
        assert_eq!(taken(500, 30), 5);
        assert_eq!(taken(60_000, 30), 10, "no more than a second's is saved up");
        assert!(buckets.take("other", 10, at(60_000)).taken);
        assert!(!buckets.take("none", 0, at(60_000)).taken);
    }

    #[test]
    fn polling_often_does_not_lose_what_is_due() {
        let (buckets, start) = (Buckets::default(), Instant::now());
        let taken = (0..100_000u64)
            .filter(|n| {
                buckets
                    .take("one", 7, start + Duration::from_micros(n * 100))
                    .taken
            })
            .count();
        // Ten seconds of seven, and the seven of the start.
        assert!((76..=77).contains(&taken), "{taken}");
    }

    #[test]
    fn callers_that_are_remembered_are_bounded() {
        let (buckets, start) = (Buckets::default(), Instant::now());
        for n in 0..MOST_CALLERS + 50 {
            buckets.take(&n.to_string(), 1, start);
        }
        assert_eq!(buckets.0.lock().unwrap().len(), MOST_CALLERS);
    }
}
