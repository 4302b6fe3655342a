//! What is kept of one key: sparse rings of time buckets, whom it met, when it was first seen.

use crate::codes::returns::{Bucket as Rate, ReturnCode};
use crate::exact::Exact;
use crate::ids::Direction;
use crate::money::Cents;
use crate::risk::key::Key;
use crate::risk::place::Place;

/// Partners that are remembered of a key, the latest: sixteen strangers say all that more would.
pub const PARTNERS: usize = 16;

/// Why an entry came back, as far as risk tells it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Returned {
    /// For want of funds: R01, R09, and what else the customer may mend.
    Funds,
    /// The account is closed, wrong or none: the codes of the administrative return rate.
    Account,
    /// Its holder says that nobody was to touch it: the codes of the unauthorized return rate.
    Unauthorized,
}

impl Returned {
    /// Each, in the order of its number.
    pub const ALL: &[Returned] = &[Returned::Funds, Returned::Account, Returned::Unauthorized];

    /// The class of a return code; one that no table knows counts as want of funds, the mildest.
    pub fn of(code: ReturnCode) -> Returned {
        match code.reason().map(|reason| reason.bucket) {
            Some(Rate::Unauthorized) => Returned::Unauthorized,
            Some(Rate::Administrative) => Returned::Account,
            _ => Returned::Funds,
        }
    }
}

/// What is counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Series {
    /// Pulls.
    Debits,
    /// Payouts.
    Credits,
    /// What came back.
    BackFunds,
    BackAccount,
    BackUnauthorized,
}

impl Series {
    pub const fn of(direction: Direction) -> Series {
        match direction {
            Direction::Debit => Series::Debits,
            Direction::Credit => Series::Credits,
        }
    }

    pub const fn back(why: Returned) -> Series {
        match why {
            Returned::Funds => Series::BackFunds,
            Returned::Account => Series::BackAccount,
            Returned::Unauthorized => Series::BackUnauthorized,
        }
    }

    const fn is_back(self) -> bool {
        !matches!(self, Series::Debits | Series::Credits)
    }
}

/// How wide the buckets of a ring are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Minute,
    Hour,
    Day,
}

impl Level {
    const ALL: [Level; 3] = [Level::Minute, Level::Hour, Level::Day];

    pub const fn seconds(self) -> i64 {
        match self {
            Level::Minute => 60,
            Level::Hour => 3_600,
            Level::Day => 86_400,
        }
    }

    /// Buckets of the ring: its longest window.
    const fn ring(self) -> i64 {
        match self {
            Level::Minute => 60,
            Level::Hour => 24,
            Level::Day => 90,
        }
    }

    /// The bucket of a moment.
    pub const fn bucket(self, at: i64) -> i64 {
        at.div_euclid(self.seconds())
    }
}

/// How far back a sum goes: so many buckets of a level, the one of now the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    TenMinutes,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
}

impl Window {
    pub const fn level(self) -> Level {
        match self {
            Window::TenMinutes | Window::Hour => Level::Minute,
            Window::Day => Level::Hour,
            Window::Week | Window::Month | Window::Quarter => Level::Day,
        }
    }

    pub const fn buckets(self) -> i64 {
        match self {
            Window::TenMinutes => 10,
            Window::Hour => 60,
            Window::Day => 24,
            Window::Week => 7,
            Window::Month => 30,
            Window::Quarter => 90,
        }
    }

    /// Whether a bucket of the window's level is in it at `now`.
    fn holds(self, bucket: i64, now: i64) -> bool {
        let last = self.level().bucket(now);
        last.less(self.buckets()) < bucket && bucket <= last
    }
}

/// How many, how much, and the largest of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Requests or returns.
    pub count: u32,
    /// Cents of them.
    pub cents: Cents,
    /// The largest.
    pub largest: Cents,
}

impl Sum {
    fn plus(self, other: Sum) -> Sum {
        // saturates: at four thousand million requests of one key there is nothing left to tell
        let count = self.count.saturating_add(other.count);
        let cents = self.cents.get().saturating_add(other.cents.get()); // saturates: as above
        Sum {
            count,
            cents: Cents::new(cents),
            largest: self.largest.max(other.largest),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bucket {
    series: Series,
    level: Level,
    at: i64,
    sum: Sum,
}

/// Which of its partners are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// Accounts.
    Account,
    /// Devices of a customer, customers of an account.
    Other,
}

/// All of one key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Track {
    /// In the order of series, level, time; none older than its ring.
    buckets: Vec<Bucket>,
    /// The latest [`PARTNERS`], each with its last time, the latest first.
    met: [Vec<(i64, Key)>; 2],
    first: Option<i64>,
    last: Option<i64>,
    place: Option<(i64, Place)>,
}

impl Track {
    /// It asked for something.
    pub fn saw(&mut self, at: i64) {
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        self.last = self.last.max(Some(at));
    }

    pub const fn first(&self) -> Option<i64> {
        self.first
    }

    pub const fn last(&self) -> Option<i64> {
        self.last
    }

    pub const fn place(&self) -> Option<(i64, Place)> {
        self.place
    }

    /// It was there; of two places at one moment the greater counts, in whichever order they came.
    pub fn was_at(&mut self, at: i64, place: Place) {
        if place != Place::default() {
            self.place = self.place.max(Some((at, place)));
        }
    }

    /// Counts one more in each ring that the series has.
    pub fn add(&mut self, series: Series, at: i64, cents: u64) {
        let one = Sum {
            count: 1,
            cents: Cents::new(cents),
            largest: Cents::new(cents),
        };
        for level in Level::ALL {
            // Returns are asked for by the quarter alone.
            if level == Level::Day || !series.is_back() {
                self.count(series, level, level.bucket(at), one);
            }
        }
    }

    fn count(&mut self, series: Series, level: Level, at: i64, one: Sum) {
        let start = self.start(series, level);
        let end = start.plus(self.length(start, series, level));
        let newest = self.buckets[start..end].last().map_or(at, |b| b.at.max(at));
        let oldest = newest.less(level.ring());
        if at <= oldest {
            return;
        }
        let within = self.buckets[start..end].binary_search_by_key(&at, |bucket| bucket.at);
        match within {
            Ok(place) => {
                let bucket = &mut self.buckets[start.plus(place)];
                bucket.sum = bucket.sum.plus(one);
            }
            Err(place) => {
                let sum = one;
                let bucket = Bucket {
                    series,
                    level,
                    at,
                    sum,
                };
                self.buckets.insert(start.plus(place), bucket);
                let ring = &self.buckets[start..];
                let gone = ring
                    .iter()
                    .take_while(|b| b.is(series, level) && b.at <= oldest);
                let gone = gone.count();
                self.buckets.drain(start..start.plus(gone));
            }
        }
    }

    fn start(&self, series: Series, level: Level) -> usize {
        let key = (series, level);
        self.buckets.partition_point(|b| (b.series, b.level) < key)
    }

    fn length(&self, start: usize, series: Series, level: Level) -> usize {
        self.buckets[start..].partition_point(|b| b.is(series, level))
    }

    /// The sum of a series over a window that ends now.
    pub fn sum(&self, series: Series, window: Window, now: i64) -> Sum {
        let level = window.level();
        let ring = self.buckets[self.start(series, level)..].iter();
        let ring = ring.take_while(|bucket| bucket.is(series, level));
        let within = ring.filter(|bucket| window.holds(bucket.at, now));
        within.fold(Sum::default(), |sum, bucket| sum.plus(bucket.sum))
    }

    /// Requests either way.
    pub fn asked(&self, window: Window, now: i64) -> Sum {
        let debits = self.sum(Series::Debits, window, now);
        debits.plus(self.sum(Series::Credits, window, now))
    }

    /// What came back within a quarter, in the order of [`Returned::ALL`].
    pub fn returned(&self, now: i64) -> [u32; 3] {
        [Returned::Funds, Returned::Account, Returned::Unauthorized]
            .map(|why| self.sum(Series::back(why), Window::Quarter, now).count)
    }

    /// It had to do with `whom`.
    pub fn meet(&mut self, met: Met, whom: Key, at: i64) {
        let all = &mut self.met[met as usize];
        let before = all.iter().position(|(_, key)| *key == whom);
        let at = match before {
            Some(place) => at.max(all.remove(place).0),
            None => at,
        };
        let newer = all.partition_point(|other| *other > (at, whom));
        all.insert(newer, (at, whom));
        all.truncate(PARTNERS);
    }

    /// Partners within a window, apart from `but`.
    pub fn met(&self, met: Met, but: Key, window: Window, now: i64) -> u32 {
        let all = self.met[met as usize].iter();
        let within =
            all.filter(|(at, key)| *key != but && window.holds(window.level().bucket(*at), now));
        u32::try_from(within.count()).unwrap_or(0)
    }
}

impl Bucket {
    fn is(&self, series: Series, level: Level) -> bool {
        self.series == series && self.level == level
    }
}
