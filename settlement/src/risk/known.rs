//! From a request, and what was there before it, to its features.

use crate::exact::Exact;
use crate::ids::Direction;
use crate::money::Cents;
use crate::risk::blocklist::Hits;
use crate::risk::feature::{Feature, Features};
use crate::risk::velocity::{Asked, Habits, Used};

/// Requests of a customer this way before a mean of them says anything.
const MEAN_OF: u32 = 3;

/// Weeks of a quarter, by which the usual week is told.
const WEEKS: u64 = 13;

/// Days of history before a week can be held against the usual one.
const USUAL_DAYS: i64 = 14;

/// Kilometres below which no speed is told: two addresses of one town.
const NEAR_KM: i64 = 100;

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// Seconds of a week.
const WEEK: i64 = 7 * 86_400;

/// The features of a request.
pub fn features(asked: &Asked, habits: &Habits, hits: Hits) -> Features {
    let mut told = Features::default();
    let now = asked.at.as_second();
    amounts(&mut told, asked, habits, now);
    counts(&mut told, asked, habits);
    ages(&mut told, asked, habits, now);
    geography(&mut told, asked, habits, now);
    returns(&mut told, habits);
    let flag = |hit: bool| i64::from(hit);
    told.set(Feature::BlockedCustomer, flag(hits.customer));
    told.set(Feature::BlockedAccount, flag(hits.account));
    if asked.device.is_some() {
        told.set(Feature::BlockedDevice, flag(hits.device));
    }
    if asked.ip.is_some() {
        told.set(Feature::BlockedIp, flag(hits.ip));
    }
    told
}

fn number(cents: Cents) -> i64 {
    // saturates: beyond the end of the feature, where it says no more
    i64::try_from(cents.get()).unwrap_or(i64::MAX)
}

/// `part` of `whole` in hundredths; `None` where there is no whole.
fn percent(part: u64, whole: u64) -> Option<i64> {
    let hundredths = u128::from(part).times(100).checked_div(u128::from(whole))?;
    // saturates: beyond the end of the feature, where it says no more
    Some(i64::try_from(hundredths).unwrap_or(i64::MAX))
}

fn amounts(told: &mut Features, asked: &Asked, habits: &Habits, now: i64) {
    let amount = asked.amount.get();
    told.set(Feature::AmountCents, number(asked.amount));
    let same = habits.customer_same_way;
    if same.count >= MEAN_OF {
        let scaled = amount.checked_mul(u64::from(same.count));
        if let Some(pct) = scaled.and_then(|scaled| percent(scaled, same.cents.get())) {
            told.set(Feature::AmountToMean, pct);
        }
    }
    if let Some(pct) = percent(amount, same.largest.get()) {
        told.set(Feature::AmountToLargest, pct);
    }
    let first = habits.payee_first.unwrap_or(now);
    let is_new = now.less(first) < DAY;
    let to_new = if is_new { number(asked.amount) } else { 0 };
    told.set(Feature::AmountToNewPayee, to_new);
    // saturates: beyond the end of the feature, where it says no more
    let with_this = |cents: Cents| cents.get().saturating_add(amount);
    let day = with_this(habits.customer_1d.cents);
    told.set(Feature::CustomerCents1d, number(Cents::new(day)));
    let known = now.less(habits.customer_first.unwrap_or(now));
    if known >= USUAL_DAYS.times(DAY) {
        let weeks = u64::try_from(known / WEEK).unwrap_or(0).min(WEEKS);
        let usual = habits.customer_90d.cents.get().checked_div(weeks);
        let week = with_this(habits.customer_7d.cents);
        if let Some(pct) = usual.and_then(|usual| percent(week, usual)) {
            told.set(Feature::CustomerWeek, pct);
        }
    }
}

fn counts(told: &mut Features, asked: &Asked, habits: &Habits) {
    // This request counts too: in each sum, and as one partner of each.
    let mut with_this = |feature, before: u32| told.set(feature, i64::from(before).plus(1));
    with_this(Feature::Customer10m, habits.customer_10m.count);
    with_this(Feature::Customer1h, habits.customer_1h.count);
    with_this(Feature::Customer1d, habits.customer_1d.count);
    with_this(Feature::Customer30d, habits.customer_30d.count);
    with_this(Feature::CustomerAccounts1d, habits.customer_accounts);
    with_this(Feature::Account10m, habits.account_10m.count);
    with_this(Feature::Account1h, habits.account_1h.count);
    with_this(Feature::Account1d, habits.account_1d.count);
    with_this(Feature::AccountCustomers30d, habits.account_customers);
    if asked.device.is_some() {
        with_this(Feature::CustomerDevices30d, habits.customer_devices);
    }
    if let Some(Used {
        in_10m,
        in_1h,
        accounts,
    }) = habits.device
    {
        with_this(Feature::Device10m, in_10m.count);
        with_this(Feature::Device1h, in_1h.count);
        with_this(Feature::DeviceAccounts1d, accounts);
    }
    if let Some(Used {
        in_10m,
        in_1h,
        accounts,
    }) = habits.ip
    {
        with_this(Feature::Ip10m, in_10m.count);
        with_this(Feature::Ip1h, in_1h.count);
        with_this(Feature::IpAccounts1d, accounts);
    }
    let (this, amount) = match asked.direction {
        Direction::Credit => (1, asked.amount.get()),
        Direction::Debit => (0, 0),
    };
    let credits = |before: u32| i64::from(before).plus(this);
    told.set(
        Feature::AccountCredits1d,
        credits(habits.account_credits_1d.count),
    );
    told.set(
        Feature::AccountCredits7d,
        credits(habits.account_credits_7d.count),
    );
    let paid = habits.account_credits_7d.cents.get();
    let paid = paid.saturating_add(amount); // saturates: beyond the end of the feature
    told.set(Feature::AccountCreditCents7d, number(Cents::new(paid)));
}

fn ages(told: &mut Features, asked: &Asked, habits: &Habits, now: i64) {
    let since = asked.customer_since.map(|at| at.as_second());
    let since = since.or(habits.customer_first).unwrap_or(now);
    let age = |first: Option<i64>, unit: i64| now.less(first.unwrap_or(now)).div_euclid(unit);
    told.set(Feature::CustomerAge, age(Some(since), DAY));
    told.set(Feature::AccountAge, age(habits.account_first, DAY));
    told.set(Feature::PayeeAge, age(habits.payee_first, HOUR));
    if asked.device.is_some() {
        told.set(Feature::DeviceAge, age(habits.device_first, HOUR));
    }
    if let Some(last) = habits.customer_last {
        told.set(Feature::CustomerIdle, age(Some(last), DAY));
    }
    let local = now.plus(i64::from(asked.utc_offset_minutes).times(60));
    told.set(Feature::LocalHour, local.rem_euclid(DAY) / HOUR);
}

fn geography(told: &mut Features, asked: &Asked, habits: &Habits, now: i64) {
    let here = asked.place;
    let before = habits.customer_place.map(|(_, place)| place);
    let mut changed = false;
    if let Some(country) = here.country {
        let abroad = country != asked.account_country;
        told.set(Feature::CountryMismatch, i64::from(abroad));
        if let Some(last) = before.and_then(|place| place.country) {
            changed = last != country;
            told.set(Feature::CountryChanged, i64::from(changed));
        }
    }
    if let (Some(point), Some((at, place))) = (here.point, habits.customer_place)
        && let Some(last) = place.point
    {
        let km = point.km(last);
        told.set(Feature::KmFromLast, km);
        // Within a minute of each other counts as a minute apart.
        let seconds = now.less(at).max(60);
        let speed = km.times(HOUR).checked_div(seconds).unwrap_or(0);
        told.set(Feature::Speed, if km < NEAR_KM { 0 } else { speed });
    }
    let new = [
        habits.payee_first.is_none(),
        asked.device.is_some() && habits.device_first.is_none(),
        changed,
    ];
    let new = new.iter().filter(|new| **new).count();
    told.set(Feature::NewThings, i64::try_from(new).unwrap_or(0));
}

fn returns(told: &mut Features, habits: &Habits) {
    let [funds, account, unauthorized] = habits.customer_returned;
    told.set(Feature::CustomerReturnedFunds, funds.into());
    told.set(Feature::CustomerReturnedAccount, account.into());
    told.set(Feature::CustomerReturnedUnauthorized, unauthorized.into());
    let debits = habits.customer_debits.count;
    if let Some(rate) = percent(unauthorized.into(), debits.into()) {
        told.set(Feature::CustomerUnauthorizedRate, rate);
    }
    let [funds, account, unauthorized] = habits.account_returned;
    told.set(Feature::AccountReturnedFunds, funds.into());
    told.set(Feature::AccountReturnedAccount, account.into());
    told.set(Feature::AccountReturnedUnauthorized, unauthorized.into());
}
