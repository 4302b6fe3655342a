//! The keys of one kind, of which a bounded number is kept.

use super::track::Track;
use crate::exact::Exact;
use crate::risk::key::Key;
use std::collections::BTreeSet;
use std::collections::HashMap; // order never reaches bytes

/// Seconds to which it matters who was seen longest ago: finer would move a key in the order of
/// all with each request.
const HOUR: i64 = 3_600;

#[derive(Clone, Debug)]
struct Kept {
    hour: i64,
    track: Track,
}

/// At most so many keys.
#[derive(Clone, Debug)]
pub struct Shelf {
    kept: HashMap<Key, Kept>, // order never reaches bytes
    /// The hour in which each was last seen.
    seen: BTreeSet<(i64, Key)>,
    most: usize,
    forgotten: u64,
}

impl Shelf {
    pub fn new(most: usize) -> Shelf {
        Shelf {
            kept: HashMap::new(), // order never reaches bytes
            seen: BTreeSet::new(),
            most,
            forgotten: 0,
        }
    }

    pub fn len(&self) -> usize {
        self.kept.len()
    }

    pub const fn forgotten(&self) -> u64 {
        self.forgotten
    }

    pub fn get(&self, key: Key) -> Option<&Track> {
        self.kept.get(&key).map(|kept| &kept.track)
    }

    /// The track of `key`, which is seen now; for a new one room is made.
    pub fn change(&mut self, key: Key, at: i64) -> &mut Track {
        let hour = at.div_euclid(HOUR);
        if !self.kept.contains_key(&key) {
            self.make_room();
            self.seen.insert((hour, key));
        }
        let kept = self.kept.entry(key).or_insert_with(|| Kept {
            hour,
            track: Track::default(),
        });
        if kept.hour < hour {
            self.seen.remove(&(kept.hour, key));
            self.seen.insert((hour, key));
            kept.hour = hour;
        }
        &mut kept.track
    }

    fn make_room(&mut self) {
        while self.kept.len() >= self.most {
            let Some((_, longest)) = self.seen.pop_first() else {
                return;
            };
            self.kept.remove(&longest);
            self.forgotten = self.forgotten.plus(1);
        }
    }
}
