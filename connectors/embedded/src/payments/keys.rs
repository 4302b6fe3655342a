//! Keys: fixed-width big-endian parts, so that the order of bytes is the order of meaning.

use jiff::civil::Date;
use settlement::ids::{BatchKey, CutId, Direction, PaymentId};
use settlement::payment::{Side, Speed};
use std::ops::Bound;

/// What stands before every key that is one bank's. The home bank's have nothing before them, as
/// those of a version that knew one bank. Another bank's begin with a byte that begins none of the
/// home bank's, its name and a zero.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bank(Vec<u8>);

/// Begins no cut (a text), no batch and no fact (of this millennium), no date and no state.
const OTHER: u8 = 0xFF;

impl Bank {
    /// The bank of a name; empty is the home bank.
    pub fn named(name: &str) -> Bank {
        match name {
            "" => Bank(Vec::new()),
            name => Bank([&[OTHER], name.as_bytes(), &[0]].concat()),
        }
    }

    /// A key of this bank.
    pub fn before(&self, rest: &[u8]) -> Vec<u8> {
        [&self.0[..], rest].concat()
    }

    /// A key without what says whose it is; `None` where it is another bank's.
    pub fn after<'k>(&self, key: &'k [u8]) -> Option<&'k [u8]> {
        key.strip_prefix(&self.0[..])
    }

    /// The bank's name and what stands behind it, of a key of any bank.
    pub fn split(key: &[u8]) -> Option<(String, &[u8])> {
        let Some(other) = key.strip_prefix(&[OTHER]) else {
            return Some((String::new(), key));
        };
        let end = other.iter().position(|byte| *byte == 0)?;
        let name = std::str::from_utf8(other.get(..end)?).ok()?;
        Some((name.to_owned(), other.get(end + 1..)?))
    }

    /// All keys of this bank.
    pub fn all(&self) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
        let mut end = self.0.clone();
        match end.last_mut() {
            Some(zero) => *zero = 1,
            None => end.push(OTHER),
        }
        (Bound::Included(self.0.clone()), Bound::Excluded(end))
    }
}

/// Bytes of a payment id in a key.
pub const ID_BYTES: usize = 8;

/// Bytes of a payment id and a version.
pub const STEP_BYTES: usize = 12;

/// Bytes of a date.
const DATE_BYTES: usize = 4;

/// A payment id.
pub fn id(id: PaymentId) -> [u8; ID_BYTES] {
    id.key().to_be_bytes()
}

/// The payment id that an index key ends with.
pub fn trailing_id(key: &[u8]) -> Option<PaymentId> {
    PaymentId::from_key(i64::from_be_bytes(*key.last_chunk()?)).ok()
}

/// One step of one payment.
pub fn step(payment: PaymentId, version: u32) -> [u8; STEP_BYTES] {
    let mut key = [0; STEP_BYTES];
    key[..ID_BYTES].copy_from_slice(&id(payment));
    key[ID_BYTES..].copy_from_slice(&version.to_be_bytes());
    key
}

/// A date; years before 0 do not occur in books.
pub fn date(date: Date) -> Vec<u8> {
    let year = u16::try_from(date.year()).unwrap_or(0).to_be_bytes();
    vec![
        year[0],
        year[1],
        date.month().unsigned_abs(),
        date.day().unsigned_abs(),
    ]
}

/// An event: date, payment, version.
pub fn event(on: Date, payment: PaymentId, version: u32) -> Vec<u8> {
    let mut key = date(on);
    key.extend_from_slice(&step(payment, version));
    key
}

/// The parts of an [`event`] key.
pub fn event_parts(key: &[u8]) -> Option<(Date, PaymentId, u32)> {
    let (date, rest) = key.split_first_chunk::<DATE_BYTES>()?;
    let (id, rest) = rest.split_first_chunk::<ID_BYTES>()?;
    let version = u32::from_be_bytes(*rest.first_chunk()?);
    let year = i16::try_from(u16::from_be_bytes([date[0], date[1]])).ok()?;
    let date = Date::new(
        year,
        i8::try_from(date[2]).ok()?,
        i8::try_from(date[3]).ok()?,
    )
    .ok()?;
    Some((
        date,
        PaymentId::from_key(i64::from_be_bytes(*id)).ok()?,
        version,
    ))
}

/// What stands before the payments in state INIT: the place that a version before gave the state.
pub const INIT: [u8; 1] = [0];

/// A speed.
pub fn speed(speed: Speed) -> [u8; 1] {
    match speed {
        Speed::Standard => [0],
        Speed::SameDay => [1],
    }
}

/// A cut; ends with a zero so that no cut's key starts another's.
pub fn cut(cut: &CutId) -> Vec<u8> {
    let mut key = cut.0.as_bytes().to_vec();
    key.push(0);
    key
}

/// A batch.
pub fn batch(batch: BatchKey) -> Vec<u8> {
    batch.key().to_be_bytes().to_vec()
}

/// Bytes of a side and the number of a fact.
pub const FACT_BYTES: usize = 19;

/// Bytes of the number of a fact.
pub const NUMBER_BYTES: usize = 4;

/// A side: its batch as people write it, which is in the order of time, and its direction.
pub fn side(side: Side) -> Vec<u8> {
    let mut key = side.batch.to_string().into_bytes();
    key.push(match side.direction {
        Direction::Credit => b'C',
        Direction::Debit => b'D',
    });
    key
}

/// A fact: its side and its number.
pub fn fact(of: Side, number: u32) -> Vec<u8> {
    let mut key = side(of);
    key.extend_from_slice(&number.to_be_bytes());
    key
}

/// The side and the number that a key ends with.
pub fn trailing_fact(key: &[u8]) -> Option<(Side, u32)> {
    let key: &[u8; FACT_BYTES] = key.last_chunk()?;
    let (batch, rest) = key.split_first_chunk::<14>()?;
    let (direction, number) = rest.split_first()?;
    let direction = match direction {
        b'C' => Direction::Credit,
        b'D' => Direction::Debit,
        _ => return None,
    };
    let batch = std::str::from_utf8(batch).ok()?.parse().ok()?;
    let number = u32::from_be_bytes(*number.first_chunk()?);
    Some((Side { batch, direction }, number))
}

/// `prefix` and a payment.
pub fn indexed(mut prefix: Vec<u8>, payment: PaymentId) -> Vec<u8> {
    prefix.extend_from_slice(&id(payment));
    prefix
}

/// What a merchant's payments are under; no merchant's name holds a zero.
pub fn merchant(merchant: &str) -> Vec<u8> {
    let mut key = merchant.as_bytes().to_vec();
    key.push(0);
    key
}

/// A place in the feed: which keyspace, and the key there.
pub fn fed(kind: Fed, key: &[u8]) -> Vec<u8> {
    [&[kind as u8], key].concat()
}

/// What a place in the feed is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fed {
    /// An event of a payment.
    Event = 0,
    /// A fact of a side.
    Fact = 1,
}

/// Where a page that continues after `after` starts.
pub fn after<const N: usize>(prefix: &[u8], after: Option<[u8; N]>) -> Bound<Vec<u8>> {
    match after {
        Some(rest) => Bound::Excluded([prefix, &rest[..]].concat()),
        None => Bound::Included(prefix.to_vec()),
    }
}

/// The last key that `prefix` and `width` more bytes can make.
pub fn last(prefix: &[u8], width: usize) -> Vec<u8> {
    let mut key = prefix.to_vec();
    key.resize(prefix.len() + width, u8::MAX);
    key
}
