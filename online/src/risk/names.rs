//! What a request and a payment are counted under: names of one merchant are never another's, and
//! an account is named by its token.
//!
//! A payment that was made gives the same names again: so what was counted is found in the store
//! after a restart. A blocklist names them alike: `customer MERCHANT/NAME`, `device MERCHANT/NAME`,
//! `account TOKEN`, `ip ADDRESS`.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use settlement::ids::{AccountToken, Direction};
use settlement::money::Cents;
use settlement::payment::{CameFrom, Payment};
use settlement::risk::key::{Key, Kind};
use settlement::risk::place::{Country, Place};
use settlement::risk::velocity::Asked;
use std::net::IpAddr;

/// Where a request comes from, as far as the merchant says so.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The merchant.
    pub merchant: String,
    /// The merchant's name for its customer.
    pub customer: Option<String>,
    /// The merchant's name for the device.
    pub device: Option<String>,
    /// The address that asked the merchant.
    pub ip: Option<String>,
}

impl Origin {
    /// The address, where it is one.
    pub fn address(&self) -> Option<IpAddr> {
        let address: IpAddr = self.ip.as_deref()?.trim().parse().ok()?;
        Some(address.to_canonical())
    }

    /// What is kept of it with a payment: names that say nothing, and where the address is.
    pub fn kept(&self, place: Place) -> CameFrom {
        let device = self.device.as_deref();
        CameFrom {
            device: device.map(|name| own(Kind::Device, &self.merchant, name)),
            ip: self.ip.as_deref().map(|text| match self.address() {
                Some(address) => Key::of(Kind::Ip, &address.to_string()),
                None => Key::of(Kind::Ip, text),
            }),
            place,
        }
    }
}

/// A name that is a merchant's own. No merchant's name has a slash.
fn own(kind: Kind, merchant: &str, name: &str) -> Key {
    Key::of(kind, &format!("{merchant}/{name}"))
}

/// Who asks; who is not named is known by the account.
fn customer(merchant: &str, name: Option<&str>, token: &AccountToken) -> Key {
    match name {
        Some(name) => own(Kind::Customer, merchant, name),
        None => own(Kind::Customer, merchant, &format!("/{}", token.token)),
    }
}

fn account(token: &AccountToken) -> Key {
    Key::of(Kind::Account, &token.token)
}

/// What is asked for, by whom and to or from which account.
pub fn asked(
    (direction, amount): (Direction, Cents),
    token: &AccountToken,
    (merchant, name): (&str, Option<&str>),
    from: CameFrom,
    at: Timestamp,
) -> Asked {
    Asked {
        at,
        direction,
        amount,
        customer: customer(merchant, name, token),
        account: account(token),
        device: from.device,
        ip: from.ip,
        place: from.place,
        account_country: Country::UNITED_STATES,
        utc_offset_minutes: 0,
        customer_since: None,
    }
}

/// What a payment was when it was asked for; none where nobody asked online, and of what only
/// gives another back, which is no request of a customer.
pub fn of_payment(payment: &Payment) -> Option<Asked> {
    let accepted = payment.accepted.as_ref();
    let accepted = accepted.filter(|accepted| accepted.refunds.is_none())?;
    Some(asked(
        (payment.order.direction, payment.order.amount),
        &payment.receiver.token,
        (&accepted.merchant, accepted.customer.as_deref()),
        accepted.from,
        payment.created_at,
    ))
}

/// The moment that a return counts from: the beginning of its day.
pub fn came_back(received_on: Date) -> Option<Timestamp> {
    let begins = received_on.to_zoned(TimeZone::UTC).ok()?;
    Some(begins.timestamp())
}
