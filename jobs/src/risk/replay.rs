//! A history as features: each request sees what was known before it, and nothing else.

use sandbox::history::{Fraud, Happening};
use settlement::ids::Direction;
use settlement::risk::blocklist::Blocklist;
use settlement::risk::feature::Features;
use settlement::risk::key::Key;
use settlement::risk::known;
use settlement::risk::velocity::{Returned, Velocity};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A request as a model is trained on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// When it was asked for: seconds since 1970, UTC.
    pub at: i64,
    /// Which way its money goes.
    pub direction: Direction,
    /// What was known of it then.
    pub features: Features,
    /// Whether it is known to be a fraud now.
    pub fraud: bool,
    /// Which kind was planted, where that is known; no model sees it.
    pub kind: Option<Fraud>,
}

/// A return that has not come yet.
type Waiting = Reverse<(i64, usize)>;

/// The rows of a history, which is in the order of time. A return is known from the moment at
/// which it came; a fraud counts in the velocity as what it was then, an ordinary request.
pub fn rows(history: &[Happening]) -> Vec<Row> {
    let (mut velocity, nobody) = (Velocity::new(history.len()), Blocklist::default());
    let mut waiting = BinaryHeap::<Waiting>::new();
    let mut rows = Vec::with_capacity(history.len());
    for (place, happening) in history.iter().enumerate() {
        let asked = &happening.asked;
        let now = asked.at.as_second();
        while let Some(Reverse((at, earlier))) = waiting.peek().copied()
            && at <= now
        {
            waiting.pop();
            tell(&mut velocity, &history[earlier]);
        }
        let features = known::features(asked, &velocity.read(asked), nobody.hits(asked));
        rows.push(Row {
            at: now,
            direction: asked.direction,
            features,
            fraud: happening.reported,
            kind: happening.fraud,
        });
        velocity.record(asked);
        if let Some((at, _)) = happening.back {
            waiting.push(Reverse((at.as_second(), place)));
        }
    }
    rows
}

fn tell(velocity: &mut Velocity, happening: &Happening) {
    let (customer, account): (Key, Key) = (happening.asked.customer, happening.asked.account);
    if let Some((at, why)) = happening.back {
        let why: Returned = why;
        velocity.record_return(customer, account, why, at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sandbox::history::history;
    use settlement::risk::feature::Feature;

    #[test]
    fn what_came_later_changes_nothing_before_it() {
        let all = history(7, 4_000);
        let half = all.len() / 2;
        let (whole, first) = (rows(&all), rows(&all[..half]));
        assert_eq!(whole[..half], first);
    }

    #[test]
    fn returns_are_known_from_the_day_they_came() {
        let all = history(7, 8_000);
        let came = |row: &&Row| {
            let count = row.features.get(Feature::CustomerReturnedUnauthorized);
            count.is_some_and(|count| count > 0)
        };
        let rows = rows(&all);
        let first = all.iter().filter_map(|one| match one.back {
            Some((at, Returned::Unauthorized)) => Some(at.as_second()),
            _ => None,
        });
        let first = first.min().expect("one came back");
        assert!(rows.iter().filter(came).count() > 5);
        assert!(rows.iter().filter(came).all(|row| row.at >= first));
    }
}
