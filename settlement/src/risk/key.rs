//! Names that say nothing: what a customer, an account, a device or an address is counted under.
//!
//! A key is the first half of a SHA-256, so that nobody can choose two names that count as one, and
//! a copy of memory holds no address of anybody. It is no secret: whoever guesses a name can
//! compute its key, so an account is named by its token, never by its number.

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a key is the name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    /// Who asks.
    Customer,
    /// The account that is paid or pulled from, by its token.
    Account,
    /// What the customer asks with.
    Device,
    /// From which address.
    Ip,
    /// A customer and an account together.
    Payee,
    /// A customer and a device together.
    OwnDevice,
}

impl Kind {
    /// Every one, in the order of its number.
    pub const ALL: &[Kind] = &[
        Kind::Customer,
        Kind::Account,
        Kind::Device,
        Kind::Ip,
        Kind::Payee,
        Kind::OwnDevice,
    ];

    /// Its name in a blocklist; two together are on none.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Customer => "customer",
            Kind::Account => "account",
            Kind::Device => "device",
            Kind::Ip => "ip",
            Kind::Payee => "payee",
            Kind::OwnDevice => "own_device",
        }
    }
}

/// A name of a kind, as 128 bits of its hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key([u8; 16]);

impl Key {
    /// The key of a name.
    ///
    /// ```
    /// use settlement::risk::key::{Key, Kind};
    ///
    /// assert_ne!(Key::of(Kind::Customer, "7"), Key::of(Kind::Device, "7"));
    /// ```
    pub fn of(kind: Kind, name: &str) -> Key {
        Key::hash(&[&[kind as u8], name.as_bytes()])
    }

    /// The key of two together; each half has one length, so no two pairs read alike.
    pub fn pair(kind: Kind, one: Key, other: Key) -> Key {
        Key::hash(&[&[kind as u8], &one.0, &other.0])
    }

    fn hash(parts: &[&[u8]]) -> Key {
        let hash = digest(&SHA256, &parts.concat());
        let mut half = [0; 16];
        half.copy_from_slice(&hash.as_ref()[..16]);
        Key(half)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..4].iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}
