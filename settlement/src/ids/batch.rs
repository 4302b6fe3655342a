//! The name of a batch, which stands in every entry and event: it is read and written without
//! anything on the heap.

use super::bad::{BadId, bad};
use crate::exact::Exact;
use jiff::civil::Date;
use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// Names one batch of one file we sent: file creation date, file id modifier, batch number.
///
/// Written `YYMMDD`, the modifier, seven digits: 14 columns, which is what a bank repeats as the
/// customer reference of a settlement line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchKey {
    date: Date,
    modifier: u8,
    number: u32,
}

/// The file id modifiers in the order they are used: 36 files a day and origin.
pub const FILE_ID_MODIFIERS: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// Columns of a batch's name.
const COLUMNS: usize = 14;

impl BatchKey {
    /// The batch `number` of the file with `modifier` created on `date`.
    ///
    /// # Errors
    /// Where the modifier is not A-Z or 0-9, the number has more than seven digits, or the year
    /// is not in this century.
    pub fn new(date: Date, modifier: u8, number: u32) -> Result<BatchKey, BadId> {
        if !FILE_ID_MODIFIERS.contains(&modifier) {
            return Err(bad("batch", "the file id modifier must be A-Z or 0-9"));
        }
        if number > 9_999_999 {
            return Err(bad("batch", "the batch number has more than seven digits"));
        }
        if !(2000..=2099).contains(&date.year()) {
            return Err(bad("batch", "the file date is not in this century"));
        }
        Ok(BatchKey {
            date,
            modifier,
            number,
        })
    }

    /// The file creation date.
    pub const fn date(self) -> Date {
        self.date
    }

    /// The file id modifier, as its ASCII byte.
    pub const fn modifier(self) -> u8 {
        self.modifier
    }

    /// The batch number.
    pub const fn number(self) -> u32 {
        self.number
    }

    /// The key as a positive integer, in the order of date, modifier, number.
    pub fn key(self) -> i64 {
        let place = FILE_ID_MODIFIERS
            .iter()
            .position(|m| *m == self.modifier)
            .expect("a modifier that was found when the key was made");
        // Fifteen digits at most: a century of dates, 36 modifiers, seven digits.
        let date = i64::from(self.date.year() % 100)
            .times(10_000)
            .plus(i64::from(self.date.month()).times(100))
            .plus(i64::from(self.date.day()));
        date.times(36)
            .plus(place as i64)
            .times(10_000_000)
            .plus(i64::from(self.number))
    }

    /// It as it is written.
    fn text(self) -> [u8; COLUMNS] {
        let mut text = [0; COLUMNS];
        let year = u32::from(self.date.year().unsigned_abs()) % 100;
        let [month, day] = [self.date.month(), self.date.day()].map(i8::unsigned_abs);
        digits(&mut text[0..2], year);
        digits(&mut text[2..4], u32::from(month));
        digits(&mut text[4..6], u32::from(day));
        text[6] = self.modifier;
        digits(&mut text[7..], self.number);
        text
    }
}

/// Writes a number, its last digit into the last column.
fn digits(columns: &mut [u8], mut number: u32) {
    for column in columns.iter_mut().rev() {
        *column = b'0'.plus((number % 10).to_le_bytes()[0]);
        number /= 10;
    }
}

impl fmt::Display for BatchKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(std::str::from_utf8(&self.text()).unwrap_or_default())
    }
}

impl fmt::Debug for BatchKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for BatchKey {
    type Err = BadId;

    fn from_str(text: &str) -> Result<BatchKey, BadId> {
        let shape = || bad("batch", "must be YYMMDD, a modifier and seven digits");
        let text: &[u8; COLUMNS] = text.as_bytes().try_into().map_err(|_| shape())?;
        let number = |part: &[u8]| {
            part.iter().try_fold(0u32, |sum, digit| match digit {
                b'0'..=b'9' => Ok(sum.times(10).plus(u32::from(digit.less(b'0')))),
                _ => Err(shape()),
            })
        };
        let year = i16::try_from(number(&text[0..2])?).map_err(|_| shape())?;
        let month = i8::try_from(number(&text[2..4])?).map_err(|_| shape())?;
        let day = i8::try_from(number(&text[4..6])?).map_err(|_| shape())?;
        let date = Date::new(year.plus(2000), month, day).map_err(|_| shape())?;
        BatchKey::new(date, text[6], number(&text[7..])?)
    }
}

impl Serialize for BatchKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(std::str::from_utf8(&self.text()).unwrap_or_default())
    }
}

impl<'de> Deserialize<'de> for BatchKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<BatchKey, D::Error> {
        deserializer.deserialize_str(Text)
    }
}

/// Reads a batch's name out of any text.
struct Text;

impl Visitor<'_> for Text {
    type Value = BatchKey;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a batch")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<BatchKey, E> {
        text.parse().map_err(E::custom)
    }
}
