//! Names that can be forgotten: what commits to them, and when they may be.
//!
//! Tables that are sealed have no name of a receiver and no remittance text. They have a hash of
//! both and of a salt, and so commit to them; names and salts stand in a table of their own. Once
//! the salt is destroyed with the name, nobody can try names against the hash any more.
//!
//! A customer is an account as one originator knows it: the originator and the account's token.

use crate::archive::{Hash256, Sha256};
use crate::ids::{Direction, PaymentId};
use crate::payment::{Payment, Sealed, State};
use crate::windows::{
    contest_deadline, dishonor_deadline, extended_return_deadline, ordinary_return_deadline,
};
use jiff::civil::Date;
use jiff::{Span, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// Days for which names are kept after the last settlement, where a profile says nothing: seven
/// years.
pub const KEPT_DAYS: u16 = 2_557;

/// The longest originator or token that is taken, in bytes.
const LONGEST: usize = 64;

/// Bytes of a salt.
pub const SALT_BYTES: usize = 16;

/// What tells the hash of a salt from all others.
const OF_SALT: &[u8] = b"tieout salt of a name 1";

/// What tells a commitment from all other hashes.
const OF_NAME: &[u8] = b"tieout name 1";

/// A customer: an account as one originator knows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Customer {
    /// Key of the originator in the bank profile.
    pub originator: String,
    /// The token of the account.
    pub token: String,
}

/// What is no customer's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCustomer {
    /// The originator cannot be one.
    #[error("--originator: 1 to 64 letters, digits and - _ .")]
    Originator,
    /// The token cannot be one.
    #[error("--token: 1 to 64 letters, digits and - _ ., as account_token in the tables has it")]
    Token,
}

impl Customer {
    /// The customer of an originator and a token that somebody gave.
    ///
    /// # Errors
    /// Where one of them cannot be one.
    pub fn given(originator: &str, token: &str) -> Result<Customer, NoCustomer> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let is_one = |text: &str| (1..=LONGEST).contains(&text.len()) && text.chars().all(plain);
        match (is_one(originator), is_one(token)) {
            (false, _) => Err(NoCustomer::Originator),
            (_, false) => Err(NoCustomer::Token),
            _ => Ok(Customer {
                originator: originator.to_owned(),
                token: token.to_owned(),
            }),
        }
    }

    /// Whether a payment is this customer's.
    pub fn has(&self, payment: &Payment) -> bool {
        self.originator == payment.order.originator && self.token == payment.receiver.token.token
    }
}

/// The salt of a payment's name: a hash of its sealed account number, in which the vault's random
/// bytes are. So it is drawn once, with the payment, is the same whenever a cut runs again, and
/// is destroyed where the sealed number is.
pub fn salt(payment: PaymentId, sealed: &Sealed) -> [u8; SALT_BYTES] {
    let mut hash = Sha256::new();
    hash.update(OF_SALT);
    hash.update(&payment.key().to_be_bytes());
    for part in [&sealed.wrapped_key, &sealed.nonce, &sealed.ciphertext] {
        hash.update(&(part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut salt = [0; SALT_BYTES];
    salt.iter_mut()
        .zip(hash.finish().as_bytes())
        .for_each(|(to, from)| *to = *from);
    salt
}

/// What a sealed table has in place of a name and a remittance text: the hash of both, of the
/// payment and of the salt, each after its length.
pub fn commitment(
    payment: PaymentId,
    salt: &[u8],
    name: &str,
    remittance: Option<&str>,
) -> Hash256 {
    let mut hash = Sha256::new();
    hash.update(OF_NAME);
    hash.update(&payment.key().to_be_bytes());
    hash.update(&[u8::from(remittance.is_some())]);
    for part in [salt, name.as_bytes(), remittance.unwrap_or("").as_bytes()] {
        hash.update(&(part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finish()
}

/// Why the name of a payment may not be forgotten yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is open: it has not come to an end.
    Open(State),
    /// Up to this day it may come back, or names must be kept.
    Until(Date),
}

/// Whether the name of a payment must be kept when the books of `closed` are the last that are
/// closed, and why; `days` is how long names are kept after the last that moved money.
pub fn kept(payment: &Payment, closed: Date, days: u16) -> Option<Kept> {
    if payment.is_forgotten() {
        return None;
    }
    if !has_ended(payment.state) {
        return Some(Kept::Open(payment.state));
    }
    let until = keeps_until(payment, days);
    (until >= closed).then_some(Kept::Until(until))
}

/// Whether nothing more is expected to happen in a state.
const fn has_ended(state: State) -> bool {
    match state {
        State::Canceled
        | State::Failed
        | State::Final
        | State::Returned
        | State::Dishonored
        | State::Contested
        | State::Reversed
        | State::ReversalReturned => true,
        State::Init
        | State::Review
        | State::Batched
        | State::Unknown
        | State::SentToBank
        | State::Pending
        | State::Success
        | State::ReversalPending => false,
    }
}

/// The last day on which the bank may say anything of it that needs it, or on which its name must
/// be kept.
fn keeps_until(payment: &Payment, days: u16) -> Date {
    let asked = payment.created_at.to_zoned(TimeZone::UTC).date();
    let entry = payment.entry.map(|entry| entry.settles_on);
    let settled = entry.into_iter().chain(payment.settled_on).max();
    let returned = payment.returned.map(|of| of.received_on);
    let last = settled.into_iter().chain(returned).fold(asked, Date::max);
    let retention = last.checked_add(Span::new().days(i64::from(days)));
    // saturates: what must be kept for longer than the calendar lasts is kept
    let retention = retention.unwrap_or(Date::MAX);
    let window = settled.map(|on| match payment.order.direction {
        Direction::Credit => ordinary_return_deadline(on),
        Direction::Debit => extended_return_deadline(on),
    });
    let dispute = returned.map(|on| contest_deadline(dishonor_deadline(on)));
    let others = window.into_iter().chain(dispute);
    others.fold(retention, Date::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sealed(bytes: &[u8]) -> Sealed {
        Sealed {
            wrapped_key: vec![1],
            nonce: vec![2],
            ciphertext: bytes.to_vec(),
        }
    }

    fn id(key: i64) -> PaymentId {
        PaymentId::from_key(key).unwrap()
    }

    #[test]
    fn a_salt_is_of_one_payment_and_one_sealing() {
        let one = salt(id(1), &sealed(b"x"));
        assert_eq!(one, salt(id(1), &sealed(b"x")));
        assert_ne!(one, salt(id(2), &sealed(b"x")));
        assert_ne!(one, salt(id(1), &sealed(b"y")));
    }

    #[test]
    fn a_customer_is_given_in_plain_words() {
        assert!(Customer::given("billing", "0a1b2c").is_ok());
        for odd in ["", "a b", "a\n", "../x", "ü", "a'b", &"x".repeat(65)] {
            assert_eq!(Customer::given(odd, "0a"), Err(NoCustomer::Originator));
            assert_eq!(Customer::given("billing", odd), Err(NoCustomer::Token));
        }
    }

    proptest! {
        #[test]
        fn a_commitment_is_of_each_of_its_parts(
            salt in "[a-c]{0,3}", name in "[a-c]{0,3}",
            text in prop::option::of("[a-c]{0,3}"),
            salt_2 in "[a-c]{0,3}", name_2 in "[a-c]{0,3}",
            text_2 in prop::option::of("[a-c]{0,3}"),
        ) {
            let of = |salt: &str, name: &str, text: &Option<String>| {
                commitment(id(1), salt.as_bytes(), name, text.as_deref())
            };
            let same = (&salt, &name, &text) == (&salt_2, &name_2, &text_2);
            prop_assert_eq!(of(&salt, &name, &text) == of(&salt_2, &name_2, &text_2), same);
            prop_assert_ne!(
                commitment(id(1), salt.as_bytes(), &name, None),
                commitment(id(2), salt.as_bytes(), &name, None)
            );
        }
    }
}
