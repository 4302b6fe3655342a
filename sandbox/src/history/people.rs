//! Who there is before anything happens.

use super::dice::Dice;
use super::happening::{DAY, DAYS, START};
use jiff::Timestamp;
use settlement::ids::Direction;
use settlement::money::Cents;
use settlement::risk::key::{Key, Kind};
use settlement::risk::place::{Country, Place, Point};
use settlement::risk::velocity::Asked;

/// Towns of customers: thousandths of a degree north and east, minutes before UTC.
const TOWNS: [(i32, i32, i16); 10] = [
    (40_713, -74_006, -240),
    (42_360, -71_059, -240),
    (39_961, -82_999, -240),
    (33_749, -84_388, -240),
    (41_878, -87_630, -300),
    (29_760, -95_370, -300),
    (32_777, -96_797, -300),
    (39_739, -104_990, -360),
    (34_052, -118_244, -420),
    (47_606, -122_332, -420),
];

/// Places abroad, where people travel and from where others act.
const ABROAD: [(&str, i32, i32); 6] = [
    ("CA", 43_651, -79_347),
    ("GB", 51_507, -127),
    ("MX", 19_432, -99_133),
    ("NG", 6_455, 3_394),
    ("RO", 44_426, 26_102),
    ("VN", 10_823, 106_629),
];

/// A customer.
#[derive(Clone, Debug)]
pub struct Person {
    pub number: u64,
    /// Day of the history on which it came; below zero where it was there before.
    pub since: i64,
    pub town: (i32, i32, i16),
    /// What it uses; the first most of all.
    pub devices: Vec<u64>,
    pub ip: u64,
    /// Accounts that it deals with.
    pub accounts: Vec<u64>,
    /// Cents of a usual request.
    pub usual: u64,
    /// Whether it mostly pays or mostly pulls.
    pub way: Direction,
    /// A company: many accounts at once.
    pub is_company: bool,
}

/// All of them.
pub struct People {
    pub all: Vec<Person>,
}

/// Numbers of devices, addresses and accounts below which nothing of a person stands.
const OWN: u64 = 1_000_000;

/// Numbers from which on the things of frauds stand.
pub const STRANGE: u64 = 1_000_000_000;

impl People {
    /// A customer for each fifteen requests.
    pub fn new(dice: &mut Dice, requests: u64) -> People {
        let count = (requests / 15).max(20);
        // Accounts that many pay: landlords, utilities.
        let popular: Vec<u64> = (0..(count / 60).max(3)).collect();
        let all = (0..count).map(|number| person(dice, number, &popular));
        People { all: all.collect() }
    }
}

impl People {
    /// Somebody who is there on that day: each as often as any other of that day.
    pub fn of(&self, dice: &mut Dice, day: i64) -> &Person {
        /// Draws before anybody will do; two thirds are there from the start.
        const TRIES: usize = 20;
        let mut person = dice.one_of(&self.all);
        for _ in 0..TRIES {
            if person.since <= day {
                break;
            }
            person = dice.one_of(&self.all);
        }
        person
    }
}

fn person(dice: &mut Dice, number: u64, popular: &[u64]) -> Person {
    let is_company = dice.in_a_thousand(60);
    // A third comes while the history goes on.
    let since = match dice.below(3) {
        0 => dice.among(0, DAYS - 1),
        _ => dice.among(-900, -1),
    };
    let of_own = |at: u64| OWN + number * 64 + at;
    let accounts = if is_company {
        dice.among(8, 40)
    } else {
        dice.among(1, 6)
    };
    let mut accounts: Vec<u64> = (0..accounts.unsigned_abs()).map(of_own).collect();
    if !is_company && dice.in_a_thousand(500) {
        accounts.push(*dice.one_of(popular));
    }
    let octave = dice.below(8);
    let base = if is_company { 20_000 } else { 800 };
    let shared = dice.in_a_thousand(150);
    Person {
        number,
        since,
        town: *dice.one_of(&TOWNS),
        devices: (0..=dice.below(2)).map(of_own).collect(),
        // Some sit behind one address: an office, a college, a carrier.
        ip: if shared { number % 40 } else { of_own(0) },
        accounts,
        usual: (base << octave) / 2 + dice.below(base),
        way: if dice.in_a_thousand(450) {
            Direction::Credit
        } else {
            Direction::Debit
        },
        is_company,
    }
}

/// A key of a numbered thing.
pub fn key(kind: Kind, number: u64) -> Key {
    Key::of(kind, &number.to_string())
}

fn place(country: &str, latitude: i32, longitude: i32) -> Place {
    Place {
        country: country.parse().ok(),
        point: Point::new(latitude, longitude),
    }
}

/// Somewhere abroad.
pub fn abroad(dice: &mut Dice) -> Place {
    let (country, latitude, longitude) = *dice.one_of(&ABROAD);
    place(country, latitude, longitude)
}

/// Somewhere in the country, not at home.
pub fn elsewhere(dice: &mut Dice) -> Place {
    let (latitude, longitude, _) = *dice.one_of(&TOWNS);
    place("US", latitude, longitude)
}

impl Person {
    /// At home, give or take 20 km; databases know no better.
    pub fn home(&self, dice: &mut Dice) -> Place {
        let (latitude, longitude, _) = self.town;
        let off = |dice: &mut Dice| i32::try_from(dice.among(-180, 180)).unwrap_or(0);
        place("US", latitude + off(dice), longitude + off(dice))
    }

    /// A usual request at `at`, seconds from the start of the history.
    pub fn usually(&self, dice: &mut Dice, at: i64) -> Asked {
        let device = match dice.in_a_thousand(850) {
            true => self.devices[0],
            false => *dice.one_of(&self.devices),
        };
        let turned = dice.in_a_thousand(120);
        Asked {
            at: moment(at),
            direction: if turned {
                self.way.opposite()
            } else {
                self.way
            },
            amount: Cents::new(dice.about(self.usual)),
            customer: key(Kind::Customer, self.number),
            account: key(Kind::Account, *dice.one_of(&self.accounts)),
            device: Some(key(Kind::Device, device)),
            ip: Some(key(Kind::Ip, self.ip)),
            place: self.home(dice),
            account_country: Country::UNITED_STATES,
            utc_offset_minutes: self.town.2,
            customer_since: Some(moment(self.since * DAY)),
        }
    }

    /// A second of one of the given days of the history, by day where the customer is; one
    /// request in fifty comes at night.
    pub fn waking(&self, dice: &mut Dice, first: i64, last: i64) -> i64 {
        let day = dice.among(first, last);
        let hour = match dice.in_a_thousand(20) {
            true => dice.among(0, 5),
            false => (dice.among(7, 22) + dice.among(7, 22)) / 2,
        };
        let local = day * DAY + hour * 3_600 + dice.among(0, 3_599);
        (local - i64::from(self.town.2) * 60).max(self.since * DAY)
    }
}

/// A moment by its seconds from the start.
pub fn moment(at: i64) -> Timestamp {
    Timestamp::from_second(START + at).unwrap_or(Timestamp::UNIX_EPOCH)
}
