//! The door: how many requests are let in at a time, by how long those inside take.
//!
//! A count alone is either too small for a fast machine or too large for a slow one: what waits
//! longest is answered when its client has given up. So the door holds the time that a request
//! takes to `WANTED`: where more than a tenth of the payments of the last moments took longer,
//! fewer are let in, and where it is full and they did not, more. Who is refused is refused at the
//! door, before anything was read or looked up, and costs next to nothing.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a payment may take, most of the time: enough below the tenth of a second that is
/// promised under overload for what the network and the queues of the system add.
const WANTED: Duration = Duration::from_millis(30);

/// How often it is looked at how long payments took.
const WINDOW: Duration = Duration::from_millis(50);

/// Payments that are looked at, at least: the time of one says nothing.
const LEAST_SEEN: u32 = 16;

/// Requests that are let in at the start: at eight thousand a second they take [`WANTED`].
const FIRST: usize = 256;

/// Requests that are always let in: below that, what is slow is not slow because of them.
const LEAST: usize = 64;

/// The door of a server.
#[derive(Debug)]
pub struct Door {
    most: usize,
    allowed: AtomicUsize,
    inside: AtomicUsize,
    /// Whether somebody was refused since it was last looked at.
    was_full: AtomicBool,
    seen: Mutex<Seen>,
}

/// How long payments took since it was last looked at.
#[derive(Debug)]
struct Seen {
    since: Instant,
    all: u32,
    slow: u32,
}

/// Somebody who was let in; dropped when they leave.
#[derive(Debug)]
pub struct Inside(Arc<Door>);

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.inside.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Door {
    /// A door that lets in `most` at a time, whatever happens.
    pub fn new(most: usize, now: Instant) -> Door {
        Door {
            most,
            allowed: AtomicUsize::new(FIRST.min(most)),
            inside: AtomicUsize::new(0),
            was_full: AtomicBool::new(false),
            seen: Mutex::new(Seen {
                since: now,
                all: 0,
                slow: 0,
            }),
        }
    }

    /// Lets somebody in, unless it is full.
    pub fn enter(self: &Arc<Door>) -> Option<Inside> {
        let inside = self.inside.fetch_add(1, Ordering::AcqRel);
        let entered = Inside(Arc::clone(self));
        if inside < self.allowed() {
            return Some(entered);
        }
        self.was_full.store(true, Ordering::Relaxed);
        None
    }

    /// How many are let in at a time now.
    pub fn allowed(&self) -> usize {
        self.allowed.load(Ordering::Relaxed)
    }

    /// A payment took so long.
    pub fn took(&self, time: Duration, now: Instant) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.all += 1;
        seen.slow += u32::from(time > WANTED);
        let passed = now.saturating_duration_since(seen.since);
        if passed < WINDOW || seen.all < LEAST_SEEN {
            return;
        }
        let is_slow = seen.slow > seen.all / 10;
        *seen = Seen {
            since: now,
            all: 0,
            slow: 0,
        };
        let was_full = self.was_full.swap(false, Ordering::Relaxed);
        let allowed = self.allowed();
        let next = match (is_slow, was_full) {
            (true, _) => (allowed / 10 * 8).max(LEAST),
            (false, true) => allowed + allowed / 16 + 1,
            (false, false) => allowed,
        };
        self.allowed.store(next.min(self.most), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(door: &Arc<Door>, took: Duration, now: &mut Instant) {
        *now += WINDOW;
        for _ in 0..LEAST_SEEN {
            door.took(took, *now);
        }
    }

    #[test]
    fn it_lets_in_fewer_while_they_take_long_and_more_once_it_is_full_and_they_do_not() {
        let mut now = Instant::now();
        let door = Arc::new(Door::new(2_048, now));
        for _ in 0..100 {
            look(&door, WANTED * 3, &mut now);
        }
        assert_eq!(door.allowed(), LEAST);
        look(&door, WANTED / 2, &mut now);
        assert_eq!(door.allowed(), LEAST, "nobody was refused");
        for _ in 0..200 {
            let all: Vec<_> = (0..2_100).map(|_| door.enter()).collect();
            let entered = all.iter().flatten().count();
            assert_eq!(entered, door.allowed());
            drop(all);
            look(&door, WANTED / 2, &mut now);
        }
        assert_eq!(door.allowed(), 2_048, "and never more than that");
        assert!(door.enter().is_some(), "who was refused takes no place");
    }

    #[test]
    fn a_small_server_has_a_small_door() {
        let now = Instant::now();
        let door = Arc::new(Door::new(1, now));
        let first = door.enter();
        assert!(first.is_some() && door.enter().is_none());
        drop(first);
        assert!(door.enter().is_some());
    }
}
