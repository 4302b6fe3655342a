//! How often and how much: what was asked for lately, by customer, account, device and address.
//!
//! [`Velocity::record`] takes each request when it was accepted, [`Velocity::record_return`] what
//! came back, [`Velocity::read`] says what was there before a request. Time is cut into buckets at
//! fixed places (a minute, an hour, a day of UTC), and a window is a number of whole buckets that
//! ends with the one of now; so an hour is between 59 and 60 minutes, and the order of recording
//! does not matter: **the same events in any order leave the same state**, as long as no key was
//! forgotten, and a reading at or after the newest event counts exactly.
//!
//! Memory is bounded. A key has at most 378 buckets of 32 bytes for requests and 270 for returns,
//! and most have three; of each kind at most `most` keys are kept, and beyond that **who was seen
//! longest ago, to the hour, is forgotten first**. A customer who was forgotten looks new, which
//! raises its score and never lowers it below what a new one has. The online path rebuilds this at
//! start from the last 90 days of its store.

mod shelf;
mod track;

pub use track::{PARTNERS, Returned};

use crate::exact::Exact;
use crate::ids::Direction;
use crate::money::Cents;
use crate::risk::key::{Key, Kind};
use crate::risk::place::{Country, Place};
use jiff::Timestamp;
use shelf::Shelf;
use track::{Met, Series, Sum, Track, Window};

/// Keys of a kind that are kept where nobody says otherwise: about 100 MB for all kinds at three
/// buckets each.
pub const MOST_KEYS: usize = 200_000;

/// What is asked for and by whom, as far as risk looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// When.
    pub at: Timestamp,
    /// Which way.
    pub direction: Direction,
    /// How much.
    pub amount: Cents,
    /// Who asks.
    pub customer: Key,
    /// The account that is paid or pulled from.
    pub account: Key,
    /// What the customer asks with, where that is known.
    pub device: Option<Key>,
    /// From which address, where that is known.
    pub ip: Option<Key>,
    /// Where that address is.
    pub place: Place,
    /// Where the account is kept.
    pub account_country: Country,
    /// Minutes that the customer's clock is before UTC's.
    pub utc_offset_minutes: i16,
    /// Since when the customer is known to the house; where it does not say, since we saw it.
    pub customer_since: Option<Timestamp>,
}

impl Asked {
    fn payee(&self) -> Key {
        Key::pair(Kind::Payee, self.customer, self.account)
    }

    fn own_device(&self) -> Option<Key> {
        let pair = |device| Key::pair(Kind::OwnDevice, self.customer, device);
        self.device.map(pair)
    }
}

/// A sum over a window, of what was before.
pub type Lately = Sum;

/// What was there before a request. Times are seconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Habits {
    pub customer_10m: Lately,
    pub customer_1h: Lately,
    pub customer_1d: Lately,
    pub customer_7d: Lately,
    pub customer_30d: Lately,
    pub customer_90d: Lately,
    /// The same way as the request, over 90 days.
    pub customer_same_way: Lately,
    pub customer_debits: Lately,
    pub customer_returned: [u32; 3],
    pub customer_accounts: u32,
    pub customer_devices: u32,
    pub customer_first: Option<i64>,
    pub customer_last: Option<i64>,
    pub customer_place: Option<(i64, Place)>,
    pub account_10m: Lately,
    pub account_1h: Lately,
    pub account_1d: Lately,
    pub account_credits_1d: Lately,
    pub account_credits_7d: Lately,
    pub account_returned: [u32; 3],
    pub account_customers: u32,
    pub account_first: Option<i64>,
    pub payee_first: Option<i64>,
    pub device: Option<Used>,
    pub ip: Option<Used>,
    pub device_first: Option<i64>,
}

/// What a device or an address did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Used {
    pub in_10m: Lately,
    pub in_1h: Lately,
    pub accounts: u32,
}

/// What is kept of everybody.
#[derive(Clone, Debug)]
pub struct Velocity {
    shelves: [Shelf; Kind::ALL.len()],
}

impl Default for Velocity {
    fn default() -> Velocity {
        Velocity::new(MOST_KEYS)
    }
}

impl Velocity {
    /// Nothing yet; of each kind at most `most` keys will be kept, and at least one.
    pub fn new(most: usize) -> Velocity {
        Velocity {
            shelves: std::array::from_fn(|_| Shelf::new(most.max(1))),
        }
    }

    /// Keys that are kept now, of all kinds.
    pub fn keys(&self) -> usize {
        let kept = self.shelves.iter().map(Shelf::len);
        kept.fold(0, Exact::plus)
    }

    /// How many keys were forgotten for want of room: if it grows fast, give more.
    pub fn forgotten(&self) -> u64 {
        let gone = self.shelves.iter().map(Shelf::forgotten);
        gone.fold(0, Exact::plus)
    }

    /// Counts a request that was accepted.
    pub fn record(&mut self, asked: &Asked) {
        let at = asked.at.as_second();
        let series = Series::of(asked.direction);
        let amount = asked.amount.get();
        let customer = self.change(Kind::Customer, asked.customer, at);
        customer.saw(at);
        customer.add(series, at, amount);
        customer.meet(Met::Account, asked.account, at);
        customer.was_at(at, asked.place);
        if let Some(device) = asked.device {
            customer.meet(Met::Other, device, at);
        }
        let account = self.change(Kind::Account, asked.account, at);
        account.saw(at);
        account.add(series, at, amount);
        account.meet(Met::Other, asked.customer, at);
        for (kind, key) in [(Kind::Device, asked.device), (Kind::Ip, asked.ip)] {
            let Some(key) = key else { continue };
            let track = self.change(kind, key, at);
            track.saw(at);
            track.add(series, at, amount);
            track.meet(Met::Account, asked.account, at);
        }
        self.change(Kind::Payee, asked.payee(), at).saw(at);
        if let Some(own) = asked.own_device() {
            self.change(Kind::OwnDevice, own, at).saw(at);
        }
    }

    /// Counts an entry that came back, when it came.
    pub fn record_return(&mut self, customer: Key, account: Key, why: Returned, at: Timestamp) {
        let at = at.as_second();
        for (kind, key) in [(Kind::Customer, customer), (Kind::Account, account)] {
            self.change(kind, key, at).add(Series::back(why), at, 0);
        }
    }

    fn change(&mut self, kind: Kind, key: Key, at: i64) -> &mut Track {
        self.shelves[kind as usize].change(key, at)
    }

    fn track(&self, kind: Kind, key: Key) -> Option<&Track> {
        self.shelves[kind as usize].get(key)
    }

    /// What was there before `asked`, which need not be recorded, and is not by this.
    pub fn read(&self, asked: &Asked) -> Habits {
        let now = asked.at.as_second();
        let mut habits = Habits::default();
        if let Some(customer) = self.track(Kind::Customer, asked.customer) {
            habits.of_customer(customer, asked, now);
        }
        if let Some(account) = self.track(Kind::Account, asked.account) {
            habits.of_account(account, asked, now);
        }
        let used = |kind, key: Option<Key>| {
            let track = key.map(|key| self.track(kind, key))?;
            let used = track.map(|track| Used::of(track, asked.account, now));
            Some(used.unwrap_or_default())
        };
        habits.device = used(Kind::Device, asked.device);
        habits.ip = used(Kind::Ip, asked.ip);
        let first = |kind, key| self.track(kind, key).and_then(Track::first);
        habits.payee_first = first(Kind::Payee, asked.payee());
        habits.device_first = asked
            .own_device()
            .and_then(|own| first(Kind::OwnDevice, own));
        habits
    }
}

impl Habits {
    fn of_customer(&mut self, track: &Track, asked: &Asked, now: i64) {
        let both = |window| track.asked(window, now);
        self.customer_10m = both(Window::TenMinutes);
        self.customer_1h = both(Window::Hour);
        self.customer_1d = both(Window::Day);
        self.customer_7d = both(Window::Week);
        self.customer_30d = both(Window::Month);
        self.customer_90d = both(Window::Quarter);
        let way = Series::of(asked.direction);
        self.customer_same_way = track.sum(way, Window::Quarter, now);
        self.customer_debits = track.sum(Series::Debits, Window::Quarter, now);
        self.customer_returned = track.returned(now);
        self.customer_accounts = track.met(Met::Account, asked.account, Window::Day, now);
        if let Some(device) = asked.device {
            self.customer_devices = track.met(Met::Other, device, Window::Month, now);
        }
        self.customer_first = track.first();
        self.customer_last = track.last();
        self.customer_place = track.place();
    }

    fn of_account(&mut self, track: &Track, asked: &Asked, now: i64) {
        let both = |window| track.asked(window, now);
        self.account_10m = both(Window::TenMinutes);
        self.account_1h = both(Window::Hour);
        self.account_1d = both(Window::Day);
        self.account_credits_1d = track.sum(Series::Credits, Window::Day, now);
        self.account_credits_7d = track.sum(Series::Credits, Window::Week, now);
        self.account_returned = track.returned(now);
        self.account_customers = track.met(Met::Other, asked.customer, Window::Month, now);
        self.account_first = track.first();
    }
}

impl Used {
    fn of(track: &Track, account: Key, now: i64) -> Used {
        Used {
            in_10m: track.asked(Window::TenMinutes, now),
            in_1h: track.asked(Window::Hour, now),
            accounts: track.met(Met::Account, account, Window::Day, now),
        }
    }
}

#[cfg(test)]
mod tests;
