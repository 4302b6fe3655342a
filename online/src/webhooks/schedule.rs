//! When an event is sent again, and when it is given up.

use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};

/// Seconds before each attempt, counted from the one before: the standard's own example. The tenth
/// comes 75 hours, 35 minutes and 5 seconds after the first, jitter apart; then it is given up.
pub const DELAYS: [i64; 10] = [
    0,
    5,
    5 * 60,
    30 * 60,
    2 * 3_600,
    5 * 3_600,
    10 * 3_600,
    14 * 3_600,
    20 * 3_600,
    24 * 3_600,
];

/// The longest that an endpoint may ask us to wait: the longest of our own delays.
const MOST_SECONDS: i64 = 24 * 3_600;

/// How much longer than said it may take, in hundredths: many that failed together do not all come
/// back together.
const JITTER: i64 = 10;

/// For how long an endpoint that says it has too much is left alone where it does not say.
const REST_SECONDS: i64 = 30;

/// The moment of the next attempt after `tried` of them, the last at `now`; `None` where that was
/// the last. `chance` is any number, `wanted` what the endpoint asked for.
pub fn next(
    tried: usize,
    now: Timestamp,
    chance: u8,
    wanted: Option<SignedDuration>,
) -> Option<Timestamp> {
    let delay = DELAYS.get(tried)?;
    let more = delay
        .checked_mul(JITTER)?
        .checked_mul(i64::from(chance))?
        .checked_div(100 * i64::from(u8::MAX))?;
    let own = SignedDuration::from_secs(delay.checked_add(more)?);
    let wait = wanted.map_or(own, |wanted| wanted.max(own));
    now.checked_add(wait).ok()
}

/// What the header `Retry-After` asks for: seconds, or a date of HTTP. Bounded; nothing where it
/// is neither, or over.
pub fn retry_after(text: &str, now: Timestamp) -> Option<SignedDuration> {
    let text = text.trim();
    let wait = match text.bytes().all(|c| c.is_ascii_digit()) {
        true => SignedDuration::from_secs(text.parse().ok()?),
        false => {
            let until = rfc2822::parse(text).ok()?.timestamp();
            until.duration_since(now)
        }
    };
    let most = SignedDuration::from_secs(MOST_SECONDS);
    wait.is_positive().then_some(wait.min(most))
}

/// For how long an endpoint that answered so is left alone: none where it did not say that it has
/// too much.
pub fn rest(status: Option<u16>, wanted: Option<SignedDuration>) -> Option<SignedDuration> {
    let usual = SignedDuration::from_secs(REST_SECONDS);
    match status {
        Some(429 | 502 | 503 | 504) => Some(wanted.unwrap_or(usual)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn ten_attempts_are_those_of_the_standard() {
        let (mut now, mut tried) = (at(0), 0);
        while let Some(due) = next(tried, now, 0, None) {
            (now, tried) = (due, tried + 1);
        }
        assert_eq!((now, tried), (at(75 * 3_600 + 35 * 60 + 5), 10));
        assert_eq!(next(10, at(0), 255, None), None);
    }

    #[test]
    fn what_the_endpoint_asks_for_is_honoured_within_bounds() {
        let now = at(1_700_000_000);
        let seconds = |text: &str| retry_after(text, now).map(|wait| wait.as_secs());
        assert_eq!(seconds("120"), Some(120));
        assert_eq!(seconds("Tue, 14 Nov 2023 22:15:20 GMT"), Some(120));
        assert_eq!(seconds("99999999"), Some(24 * 3_600));
        for text in [
            "",
            "0",
            "-5",
            "soon",
            "99999999999999999999",
            "Tue, 14 Nov 2023 22:00:00 GMT",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
        let asked = Some(SignedDuration::from_secs(120));
        assert_eq!(next(1, now, 0, asked), Some(at(1_700_000_120)));
        assert_eq!(next(2, now, 0, asked), Some(at(1_700_000_300)));
        assert_eq!(rest(Some(429), asked), asked);
        assert!(rest(Some(503), None).is_some());
        assert_eq!(rest(Some(500), asked), None);
    }

    proptest! {
        #[test]
        fn jitter_is_a_tenth_at_most(tried in 0_usize..10, chance: u8) {
            let due = next(tried, at(0), chance, None).unwrap().as_second();
            let delay = DELAYS[tried];
            prop_assert!((delay..=delay + delay / 10).contains(&due));
        }

        #[test]
        fn no_header_makes_it_panic(text in "\\PC{0,40}") {
            let _ = retry_after(&text, at(0));
        }
    }
}
