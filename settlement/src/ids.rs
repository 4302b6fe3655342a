//! The names of things: payments, traces, routing numbers, batches, account tokens.
//!
//! Every name is checked where it is made, so that whoever holds one never asks again. The ones
//! that join tables also have an `i64` form: the matching kernel works on integers.

mod bad;
mod batch;
mod direction;

pub use bad::BadId;
pub use batch::{BatchKey, FILE_ID_MODIFIERS};
pub use direction::Direction;

use crate::exact::Exact;
use bad::bad;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

// ---------------------------------------------------------------------------------- payment id

/// A payment's id: 42 bits of milliseconds since 2020, then 21 bits of chance.
///
/// Written as 13 digits of Crockford's base 32, so that it fits the 15 columns of the NACHA
/// individual identification number and sorts by time as text and as `i64` alike
/// (docs/adr/0002).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct PaymentId(u64);

/// 2020-01-01T00:00:00Z in Unix milliseconds.
const PAYMENT_EPOCH_MS: i64 = 1_577_836_800_000;
const CHANCE_BITS: u32 = 21;
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const PAYMENT_DIGITS: usize = 13;

/// What is no digit of an id.
const NO_DIGIT: u8 = u8::MAX;

/// The value of each byte as a digit of an id.
#[allow(clippy::arithmetic_side_effects, reason = "worked out while compiling")]
const DIGIT: [u8; 256] = {
    let (mut values, mut at) = ([NO_DIGIT; 256], 0u8);
    while (at as usize) < CROCKFORD.len() {
        values[CROCKFORD[at as usize] as usize] = at;
        at += 1;
    }
    values
};

impl PaymentId {
    /// The id of a payment created at `at`; of `chance` the low 21 bits are used.
    ///
    /// # Errors
    /// Where `at` is before 2020 or after 2159.
    pub fn new(at: Timestamp, chance: u32) -> Result<PaymentId, BadId> {
        // No timestamp is near the end of 64 bits of milliseconds.
        let ms = at.as_millisecond().less(PAYMENT_EPOCH_MS);
        let ms = u64::try_from(ms).map_err(|_| bad("payment id", "created before 2020"))?;
        if ms >= 1 << 42 {
            return Err(bad("payment id", "created after 2159"));
        }
        let chance = u64::from(chance) & ((1 << CHANCE_BITS) - 1);
        Ok(PaymentId(ms << CHANCE_BITS | chance))
    }

    /// The last id that a payment created at `at` can have.
    ///
    /// # Errors
    /// As [`PaymentId::new`].
    pub fn last_of(at: Timestamp) -> Result<PaymentId, BadId> {
        PaymentId::new(at, u32::MAX)
    }

    /// The moment at which it was created, to the millisecond.
    pub fn created_at(self) -> Timestamp {
        let ms = i64::try_from(self.0 >> CHANCE_BITS).expect("42 bits of milliseconds");
        let at = Timestamp::from_millisecond(ms.plus(PAYMENT_EPOCH_MS));
        at.unwrap_or(Timestamp::MAX) // saturates: 42 bits of milliseconds end in 2159
    }

    /// The id as a table key; always positive.
    pub const fn key(self) -> i64 {
        assert!(self.0 <= i64::MAX as u64, "a payment id of 64 bits");
        self.0 as i64
    }

    /// The id behind a table key.
    ///
    /// # Errors
    /// Where the key is negative.
    pub fn from_key(key: i64) -> Result<PaymentId, BadId> {
        u64::try_from(key)
            .map(PaymentId)
            .map_err(|_| bad("payment id", "negative key"))
    }
}

impl TryFrom<u64> for PaymentId {
    type Error = BadId;
    fn try_from(number: u64) -> Result<PaymentId, BadId> {
        match i64::try_from(number) {
            Ok(_) => Ok(PaymentId(number)),
            Err(_) => Err(bad("payment id", "too large")),
        }
    }
}

impl From<PaymentId> for u64 {
    fn from(id: PaymentId) -> u64 {
        id.0
    }
}

impl fmt::Display for PaymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [b'0'; PAYMENT_DIGITS];
        let mut rest = self.0;
        for digit in digits.iter_mut().rev() {
            *digit = CROCKFORD[usize::try_from(rest & 31).unwrap_or(0)];
            rest >>= 5;
        }
        f.pad(std::str::from_utf8(&digits).unwrap_or(""))
    }
}

impl fmt::Debug for PaymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for PaymentId {
    type Err = BadId;

    fn from_str(text: &str) -> Result<PaymentId, BadId> {
        let shape = bad("payment id", "must be 13 digits of Crockford's base 32");
        if text.len() != PAYMENT_DIGITS {
            return Err(shape);
        }
        let mut value: u64 = 0;
        for byte in text.bytes() {
            let digit = DIGIT[usize::from(byte)];
            if digit == NO_DIGIT {
                return Err(shape);
            }
            if value >> 58 != 0 {
                return Err(bad("payment id", "too large"));
            }
            value = value << 5 | u64::from(digit);
        }
        Ok(PaymentId(value))
    }
}

// ------------------------------------------------------------------------------ routing numbers

/// A routing number of nine digits whose check digit holds. Nacha Rules 2013 OR104.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RoutingNumber(u32);

/// The first eight digits of a routing number: how NACHA names a bank.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DfiId(u32);

const CHECK_WEIGHTS: [u32; 8] = [3, 7, 1, 3, 7, 1, 3, 7];

/// The check digit of the eight digits of `dfi` (weights 3 7 1, modulo 10).
///
/// ```
/// assert_eq!(settlement::ids::check_digit(7640125), 1);
/// ```
pub fn check_digit(dfi: u32) -> u32 {
    let mut rest = dfi;
    let mut sum = 0u32;
    for weight in CHECK_WEIGHTS.iter().rev() {
        // Eight digits of at most 9 with weights of at most 7: no more than 504.
        sum = sum.plus((rest % 10).times(*weight));
        rest /= 10;
    }
    10u32.less(sum % 10) % 10
}

impl RoutingNumber {
    /// The routing number of `number`'s nine digits.
    ///
    /// # Errors
    /// Where there are more than nine digits or the check digit is another.
    pub fn new(number: u32) -> Result<RoutingNumber, BadId> {
        if number > 999_999_999 {
            return Err(bad("routing number", "must be nine digits"));
        }
        if check_digit(number / 10) != number % 10 {
            return Err(bad(
                "routing number",
                "the check digit does not fit the first eight",
            ));
        }
        Ok(RoutingNumber(number))
    }

    /// The nine digits as a number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The bank's eight digits.
    pub const fn dfi(self) -> DfiId {
        DfiId(self.0 / 10)
    }
}

impl DfiId {
    /// The bank of `number`'s eight digits.
    ///
    /// # Errors
    /// Where there are more than eight digits.
    pub fn new(number: u32) -> Result<DfiId, BadId> {
        if number > 99_999_999 {
            return Err(bad("DFI identification", "must be eight digits"));
        }
        Ok(DfiId(number))
    }

    /// The eight digits as a number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Whether it can be a bank's: zeros are nobody's, and no file with them may be sent. Asked
    /// where a number comes in; what is read, from a file or a store, says what it says.
    pub const fn is_a_bank(self) -> bool {
        self.0 != 0
    }

    /// The routing number of this bank, its check digit computed.
    pub fn routing_number(self) -> RoutingNumber {
        // Nine digits fit 32 bits.
        RoutingNumber(self.0.times(10).plus(check_digit(self.0)))
    }
}

fn digits(what: &'static str, text: &str, width: usize) -> Result<u32, BadId> {
    if text.len() != width || !text.bytes().all(|b| b.is_ascii_digit()) {
        let why = if width == 9 {
            "must be nine digits"
        } else {
            "must be eight digits"
        };
        return Err(bad(what, why));
    }
    text.parse().map_err(|_| bad(what, "too large"))
}

impl FromStr for RoutingNumber {
    type Err = BadId;
    fn from_str(text: &str) -> Result<RoutingNumber, BadId> {
        RoutingNumber::new(digits("routing number", text, 9)?)
    }
}

impl FromStr for DfiId {
    type Err = BadId;
    fn from_str(text: &str) -> Result<DfiId, BadId> {
        DfiId::new(digits("DFI identification", text, 8)?)
    }
}

impl fmt::Display for RoutingNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:09}", self.0)
    }
}

impl fmt::Display for DfiId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08}", self.0)
    }
}

macro_rules! text_form {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{self}")
            }
        }
        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(text: String) -> Result<$name, BadId> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_string()
            }
        }
    )*};
}
text_form!(RoutingNumber, DfiId);

// ------------------------------------------------------------------------------------ traces

/// A trace number: the ODFI's eight digits, then a sequence of seven. Nacha Rules 2013
/// Appendix Three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct TraceNumber(u64);

/// The largest trace: fifteen nines.
const TRACE_MAX: u64 = 999_999_999_999_999;

/// The largest trace sequence; after it the sequence starts again at 1.
pub const TRACE_SEQUENCE_MAX: u32 = 9_999_999;

impl TryFrom<u64> for TraceNumber {
    type Error = BadId;
    fn try_from(number: u64) -> Result<TraceNumber, BadId> {
        TraceNumber::from_number(number)
    }
}

impl From<TraceNumber> for u64 {
    fn from(trace: TraceNumber) -> u64 {
        trace.0
    }
}

impl TraceNumber {
    /// The trace of `sequence` at `odfi`.
    ///
    /// # Errors
    /// Where the sequence has more than seven digits.
    pub fn new(odfi: DfiId, sequence: u32) -> Result<TraceNumber, BadId> {
        if sequence > TRACE_SEQUENCE_MAX {
            return Err(bad(
                "trace number",
                "the sequence has more than seven digits",
            ));
        }
        // Eight digits and seven are fifteen.
        let odfi = u64::from(odfi.get()).times(10_000_000);
        Ok(TraceNumber(odfi.plus(u64::from(sequence))))
    }

    /// The trace behind fifteen digits.
    ///
    /// # Errors
    /// Where there are more than fifteen digits.
    pub fn from_number(number: u64) -> Result<TraceNumber, BadId> {
        if number > TRACE_MAX {
            return Err(bad("trace number", "must be fifteen digits"));
        }
        Ok(TraceNumber(number))
    }

    /// The trace so many places on, of the same bank.
    pub fn onwards(self, places: usize) -> TraceNumber {
        let on = TraceNumber(self.0.plus(places as u64));
        assert!(
            on.odfi() == self.odfi(),
            "a sequence of more than seven digits"
        );
        on
    }

    /// The fifteen digits as a number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The trace as a table key.
    pub const fn key(self) -> i64 {
        assert!(self.0 <= TRACE_MAX, "a trace of more than fifteen digits");
        self.0 as i64
    }

    /// The last seven digits.
    pub const fn sequence(self) -> u32 {
        (self.0 % 10_000_000) as u32
    }

    /// The bank that assigned the trace.
    pub fn odfi(self) -> DfiId {
        DfiId(u32::try_from(self.0 / 10_000_000).unwrap_or(0))
    }
}

impl fmt::Display for TraceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:015}", self.0)
    }
}

// --------------------------------------------------------------------------- cuts and tokens

/// The cut that claims a payment: `2026-11-25/standard/09100001`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CutId(pub String);

/// What stands for an account number in tables and logs: a keyed hash, and the last four digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AccountToken {
    /// 24 lower-case hexadecimal digits of an HMAC of routing number and account number.
    pub token: String,
    /// The last four characters of the account number, fewer where it is shorter than eight.
    pub last4: String,
}

#[cfg(test)]
mod tests;
