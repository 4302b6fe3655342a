//! Customers: the payment requests of one business date, from a seed.
//!
//! A business date's payments arrive between the standard cutoff of the banking day before and
//! its own, so that Monday's stream holds the weekend's requests and the stream after a holiday
//! holds the holiday's. Each date has a generator of its own: days are independent, and a day
//! can be drawn again without drawing the days before it. Payments come in the order of their
//! creation, and no more than one of them is in memory at a time.
//!
//! Amounts are drawn by octave (a power of two, then evenly inside it), which is how payment
//! amounts lie in practice: many small, few large. No float is involved.

mod hours;

use crate::names;
use hours::{Stretch, opening_hours};
use jiff::{Timestamp, civil::Date};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use settlement::{
    authorize::NewPayment,
    bank::BankProfile,
    codes::sec::SecCode,
    ids::{BadId, Direction, PaymentId},
    money::Cents,
    payment::{AccountKind, Order, Speed},
};
use std::{collections::BTreeMap, fmt};

/// An account number in clear, on its way into a vault. Its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountNumber(String);

impl AccountNumber {
    /// The number itself, at most 17 characters.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountNumber({} digits)", self.0.len())
    }
}

/// What a customer asks for: everything a [`settlement::payment::Payment`] is made of, before
/// the account number is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Unique within the stream of a date, and the same in every draw.
    pub idempotency_key: String,
    /// When the request arrived. Two requests may share a millisecond.
    pub created_at: Timestamp,
    /// The low 21 bits of the payment's id; no two requests of a millisecond share them.
    pub chance: u32,
    /// What is asked for; a same-day request may exceed the same-day limit.
    pub payment: NewPayment,
    /// The account number, in clear.
    pub account_number: AccountNumber,
}

impl Request {
    /// The id of the payment this request becomes.
    ///
    /// # Errors
    /// Where the request's moment is before 2020 or after 2159.
    pub fn id(&self) -> Result<PaymentId, BadId> {
        PaymentId::new(self.created_at, self.chance)
    }
}

/// One kind of entry an originator sends.
#[derive(Clone, Debug)]
struct Lane {
    originator: String,
    sec: SecCode,
    description: String,
    direction: Direction,
    weight: u32,
}

impl Lane {
    /// What an originator orders in this lane, as soon as possible.
    fn order(self, amount: Cents, speed: Speed) -> Order {
        Order {
            direction: self.direction,
            amount,
            originator: self.originator,
            sec: self.sec,
            description: self.description,
            speed,
            effective: None,
        }
    }
}

/// Company entry descriptions that only ever pay, and those that only ever pull.
const PAYS: [&str; 5] = ["PAYROLL", "PAYOUT", "VENDOR PAY", "REMITTANCE", "REFUND"];
const PULLS: [&str; 4] = ["PURCHASE", "BILL PAY", "COLLECTION", "DUES"];

/// How often each entry class is used, in parts; classes not named are not used.
const MIX: [(SecCode, u32); 5] = [
    (SecCode::Ppd, 46),
    (SecCode::Web, 30),
    (SecCode::Ccd, 16),
    (SecCode::Tel, 5),
    (SecCode::Ctx, 7),
];

/// Credits among a hundred requests.
const CREDITS: u32 = 45;

/// Same-day requests among a hundred.
const SAME_DAY: u32 = 10;

/// Of this many company requests one is above the same-day limit.
const LARGE_ONE_IN: u32 = 400;

/// The same-day limit, in cents since 2022-03-18; here only to aim above it.
const SAME_DAY_LIMIT: u64 = 100_000_000;

/// The `n` payment requests of business date `date`, in the order of their creation.
///
/// The originators, their entry classes and the cutoff are the profile's. A profile without
/// originators has no requests.
///
/// ```
/// use sandbox::customers::payments;
/// use settlement::bank::BankProfile;
/// let profile = BankProfile::parse(include_str!("../../data/banks/sandbox.toml")).unwrap();
/// let day = jiff::civil::date(2026, 11, 30);
/// assert_eq!(payments(7, &profile, day, 100).count(), 100);
/// ```
pub fn payments(
    seed: u64,
    profile: &BankProfile,
    date: Date,
    n: u64,
) -> impl Iterator<Item = Request> + use<> {
    let lanes = lanes(profile);
    let stretches = opening_hours(date, profile.cutoffs.standard);
    let whole = stretches
        .iter()
        .map(|s| s.length.unsigned_abs() * s.weight)
        .sum();
    Payments {
        rng: ChaCha8Rng::from_seed(day_seed(seed, date)),
        seed,
        date,
        n: if lanes.is_empty() { 0 } else { n },
        next: 0,
        lanes,
        stretches,
        whole,
        at_stretch: 0,
        before: 0,
        last_ms: i64::MIN,
        in_ms: 0,
    }
}

struct Payments {
    rng: ChaCha8Rng,
    seed: u64,
    date: Date,
    n: u64,
    next: u64,
    lanes: Vec<Lane>,
    stretches: Vec<Stretch>,
    /// The weight of the whole day.
    whole: u64,
    /// The stretch the last payment fell into, and the weight before it.
    at_stretch: usize,
    before: u64,
    /// The last payment's millisecond, and how many payments it has seen.
    last_ms: i64,
    in_ms: u32,
}

/// Bits of a payment id's chance that count the payments of one millisecond.
const COUNTER_BITS: u32 = 8;

impl Iterator for Payments {
    type Item = Request;

    fn next(&mut self) -> Option<Request> {
        if self.next >= self.n {
            return None;
        }
        let ms = self.moment();
        let chance = self.chance(ms);
        let direction = if self.below(100) < CREDITS {
            Direction::Credit
        } else {
            Direction::Debit
        };
        let lane = self.lane(direction);
        let amount = self.amount(lane.sec);
        let speed = if self.below(100) < SAME_DAY {
            Speed::SameDay
        } else {
            Speed::Standard
        };
        // Drawn in this order since the first demonstration: another one gives other days.
        let routing = names::bank(self.rng.next_u32());
        let account = self.account_kind(lane.sec);
        let account_number = self.account_number();
        let name = self.name(lane.sec);
        let remittance = self.remittance(lane.sec, amount);
        let order = lane.order(amount, speed);
        let request = Request {
            idempotency_key: format!("demo-{}-{}-{:08}", self.seed, self.date, self.next),
            created_at: Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH),
            chance,
            payment: NewPayment {
                order,
                routing,
                account,
                name,
                remittance,
                reference: self.reference(),
                metadata: self.metadata(),
            },
            account_number,
        };
        self.next += 1;
        Some(request)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // saturates: a hint of how much comes
        let rest = usize::try_from(self.n - self.next).unwrap_or(usize::MAX);
        (rest, Some(rest))
    }
}

impl Payments {
    /// Every third customer names a payment by a number of its own. Nothing is drawn for it: the
    /// rest of the day stays as it is.
    fn reference(&self) -> Option<String> {
        let named = self.next.is_multiple_of(3);
        named.then(|| format!("{}-{:06}", self.date, self.next))
    }

    /// Every ninth keeps something with it.
    fn metadata(&self) -> BTreeMap<String, String> {
        let kept = self.next.is_multiple_of(9);
        let kept = kept.then(|| ("channel".to_owned(), "portal".to_owned()));
        kept.into_iter().collect()
    }

    /// A number below `bound`, which is small: the bias of the remainder does not matter here.
    fn below(&mut self, bound: u32) -> u32 {
        self.rng.next_u32() % bound.max(1)
    }

    /// The millisecond of the next payment: the day's weight is cut into `n` equal parts and
    /// each payment falls somewhere in its own, so the stream needs no sorting.
    fn moment(&mut self) -> i64 {
        let inside = u128::from(self.rng.next_u64() % self.whole.max(1));
        let target = (u128::from(self.next) * u128::from(self.whole) + inside) / u128::from(self.n);
        let target = u64::try_from(target).expect("less than the whole");
        while self.at_stretch + 1 < self.stretches.len() {
            let s = self.stretches[self.at_stretch];
            let after = self.before + s.length.unsigned_abs() * s.weight;
            if target < after {
                break;
            }
            (self.before, self.at_stretch) = (after, self.at_stretch + 1);
        }
        let s = self.stretches[self.at_stretch];
        let into = (target - self.before) / s.weight;
        s.from + i64::try_from(into).unwrap_or(0).min(s.length - 1)
    }

    /// Random bits, then a counter of the payments of this millisecond: ids never collide.
    fn chance(&mut self, ms: i64) -> u32 {
        self.in_ms = if ms == self.last_ms {
            self.in_ms + 1
        } else {
            0
        };
        self.last_ms = ms;
        ((self.rng.next_u32() << COUNTER_BITS) | (self.in_ms % (1 << COUNTER_BITS))) & 0x1f_ffff
    }

    fn lane(&mut self, direction: Direction) -> Lane {
        let here = |lane: &&Lane| lane.direction == direction;
        let total: u32 = self.lanes.iter().filter(here).map(|l| l.weight).sum();
        let mut ticket = self.below(total);
        let lanes = self.lanes.iter().filter(here);
        for lane in lanes {
            if ticket < lane.weight {
                return lane.clone();
            }
            ticket -= lane.weight;
        }
        // No lane goes this way: the profile's first one does, whichever way that is.
        self.lanes[0].clone()
    }

    fn amount(&mut self, sec: SecCode) -> Cents {
        let company = matches!(sec, SecCode::Ccd | SecCode::Ctx);
        if company && self.below(LARGE_ONE_IN) == 0 {
            let above = 1 + u64::from(self.rng.next_u32()) % (SAME_DAY_LIMIT + SAME_DAY_LIMIT / 2);
            return Cents::new(SAME_DAY_LIMIT + above);
        }
        let (first, octaves) = if company { (11, 13) } else { (8, 11) };
        let floor = 1u64 << (first + self.below(octaves));
        Cents::new(floor + self.rng.next_u64() % floor)
    }

    fn account_kind(&mut self, sec: SecCode) -> AccountKind {
        let consumer = matches!(sec, SecCode::Ppd | SecCode::Web | SecCode::Tel);
        let savings = if consumer { 18 } else { 4 };
        if self.below(100) < savings {
            AccountKind::Savings
        } else {
            AccountKind::Checking
        }
    }

    fn account_number(&mut self) -> AccountNumber {
        const LENGTHS: [usize; 8] = [8, 9, 10, 10, 10, 12, 13, 17];
        let length = LENGTHS[self.below(8) as usize];
        AccountNumber(names::account(self.rng.next_u64(), length))
    }

    fn name(&mut self, sec: SecCode) -> String {
        let chance = self.rng.next_u32();
        match sec {
            SecCode::Ccd => names::company(chance),
            // A CTX entry keeps 16 columns for the name.
            SecCode::Ctx => names::company(chance).chars().take(16).collect(),
            _ => names::person(chance),
        }
    }

    fn remittance(&mut self, sec: SecCode, amount: Cents) -> Option<String> {
        let share = match sec {
            SecCode::Ctx => 100,
            SecCode::Ccd => 30,
            SecCode::Ppd | SecCode::Web => 4,
            _ => 0,
        };
        let invoice = self.rng.next_u32() % 1_000_000;
        let (dollars, cents) = (amount.get() / 100, amount.get() % 100);
        (self.below(100) < share).then(|| format!("RMR*IV*INV{invoice:06}**{dollars}.{cents:02}\\"))
    }
}

/// The entry kinds of a profile, in the order of its names.
fn lanes(profile: &BankProfile) -> Vec<Lane> {
    let mut lanes = Vec::new();
    for (key, originator) in &profile.originators {
        for (sec, description) in &originator.classes {
            let Some((_, weight)) = MIX.iter().find(|(class, _)| class == sec) else {
                continue;
            };
            for direction in [Direction::Credit, Direction::Debit] {
                if goes(*sec, description, direction) {
                    lanes.push(Lane {
                        originator: key.clone(),
                        sec: *sec,
                        description: description.clone(),
                        direction,
                        weight: *weight,
                    });
                }
            }
        }
    }
    lanes
}

/// Whether entries of this class and description go this way. TEL only pulls.
fn goes(sec: SecCode, description: &str, direction: Direction) -> bool {
    match direction {
        Direction::Credit => sec != SecCode::Tel && !PULLS.contains(&description),
        Direction::Debit => !PAYS.contains(&description),
    }
}

fn day_seed(seed: u64, date: Date) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..10].copy_from_slice(&date.year().to_le_bytes());
    bytes[10..12].copy_from_slice(&[date.month().unsigned_abs(), date.day().unsigned_abs()]);
    bytes[12..].copy_from_slice(b"tieout sandbox, day\0");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use std::collections::BTreeSet;

    fn profile() -> BankProfile {
        BankProfile::parse(include_str!("../../data/banks/sandbox.toml")).unwrap()
    }

    fn draw(date: Date, n: u64) -> Vec<Request> {
        payments(7, &profile(), date, n).collect()
    }

    #[test]
    fn a_day_is_the_same_in_every_draw_and_unlike_its_neighbour() {
        let monday = date(2026, 11, 30);
        assert_eq!(draw(monday, 500), draw(monday, 500));
        let tuesday = draw(date(2026, 12, 1), 500);
        assert!(draw(monday, 500).iter().zip(&tuesday).all(|(a, b)| a != b));
    }

    #[test]
    fn ids_and_keys_are_unique_across_days_and_times_ascend() {
        let (mut ids, mut keys) = (BTreeSet::new(), BTreeSet::new());
        for day in [date(2026, 11, 25), date(2026, 11, 27), date(2026, 11, 30)] {
            let requests = draw(day, 20_000);
            assert!(requests.is_sorted_by_key(|r| r.created_at));
            for request in &requests {
                assert!(ids.insert(request.id().unwrap()), "an id twice");
                assert!(keys.insert(request.idempotency_key.clone()));
            }
        }
    }

    #[test]
    fn monday_holds_the_weekend_and_ends_at_its_cutoff() {
        let requests = draw(date(2026, 11, 30), 10_000);
        let first: Timestamp = "2026-11-28T01:00:00Z".parse().unwrap(); // Friday 20:00 Eastern
        let last: Timestamp = "2026-12-01T01:00:00Z".parse().unwrap();
        assert!(
            requests
                .iter()
                .all(|r| first <= r.created_at && r.created_at < last)
        );
        let sunday = "2026-11-29T12:00:00Z".parse::<Timestamp>().unwrap();
        let weekend = requests.iter().filter(|r| r.created_at < sunday).count();
        assert!(
            (1_000..5_000).contains(&weekend),
            "{weekend} before Sunday noon"
        );
    }

    #[test]
    fn the_mix_is_as_planned_and_every_field_fits() {
        let requests = draw(date(2026, 11, 24), 20_000);
        let credits = requests
            .iter()
            .filter(|r| r.payment.order.direction == Direction::Credit)
            .count();
        assert!((8_700..9_300).contains(&credits), "{credits} credits");
        let orders = requests.iter().map(|r| &r.payment.order);
        let same_day = orders.clone().filter(|o| o.speed == Speed::SameDay);
        assert!((1_800..2_200).contains(&same_day.clone().count()));
        let large = |order: &Order| order.amount.get() > SAME_DAY_LIMIT;
        assert!(same_day.clone().any(large), "one above the limit");
        for (sec, _) in MIX {
            assert!(orders.clone().any(|o| o.sec == sec), "no {sec}");
        }
        for request in &requests {
            let NewPayment {
                order,
                name,
                remittance,
                ..
            } = &request.payment;
            assert!(name.len() <= 22 && request.account_number.reveal().len() <= 17);
            assert!(remittance.as_ref().is_none_or(|text| text.len() <= 80));
            assert!(order.sec != SecCode::Tel || order.direction == Direction::Debit);
        }
    }

    #[test]
    fn a_debug_text_hides_the_account_number() {
        let request = draw(date(2026, 11, 24), 1).remove(0);
        assert!(!format!("{request:?}").contains(request.account_number.reveal()));
    }
}
