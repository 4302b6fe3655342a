//! Where somebody is, and how far that is from somewhere else, in whole numbers.
//!
//! Geography says little on its own and much beside a habit: a customer who paid from Ohio an hour
//! ago does not ask from Lagos now. The distance is that of the chord, straight through the Earth:
//! below 1,000 km it is less than 0.2 % short of the way along the surface, it grows with it
//! everywhere, and it needs no inverse cosine.

use crate::exact::Exact;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A country by its two letters of ISO 3166-1, upper case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

/// No country: it must be two letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a country is two letters of ISO 3166-1")]
pub struct BadCountry;

impl Country {
    /// Where receivers of ACH entries other than IAT have their accounts.
    pub const UNITED_STATES: Country = Country(*b"US");

    /// Its two letters.
    pub fn as_str(&self) -> &str {
        // Two letters of ASCII: that is what parsing lets through.
        std::str::from_utf8(&self.0).unwrap_or("??")
    }
}

impl std::str::FromStr for Country {
    type Err = BadCountry;
    fn from_str(text: &str) -> Result<Country, BadCountry> {
        match text.as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                Ok(Country([a.to_ascii_uppercase(), b.to_ascii_uppercase()]))
            }
            _ => Err(BadCountry),
        }
    }
}

impl TryFrom<String> for Country {
    type Error = BadCountry;
    fn try_from(text: String) -> Result<Country, BadCountry> {
        text.parse()
    }
}

impl From<Country> for String {
    fn from(country: Country) -> String {
        country.as_str().to_owned()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A point of the Earth in thousandths of a degree: 111 m, finer than any database of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Point {
    latitude: i32,
    longitude: i32,
}

/// Thousandths of a degree from the equator to a pole.
const POLE: i32 = 90_000;

impl Point {
    /// The point at these thousandths of a degree, north and east; `None` where there is none.
    pub fn new(latitude: i32, longitude: i32) -> Option<Point> {
        let there = (-POLE..=POLE).contains(&latitude) && (-180_000..=180_000).contains(&longitude);
        there.then_some(Point {
            latitude,
            longitude,
        })
    }

    /// Kilometres to `other` along the chord.
    ///
    /// ```
    /// use settlement::risk::place::Point;
    ///
    /// let columbus = Point::new(39_961, -82_999).unwrap();
    /// let lagos = Point::new(6_455, 3_394).unwrap();
    /// assert_eq!(columbus.km(columbus), 0);
    /// assert_eq!(columbus.km(lagos), 8_451); // 9,240 along the surface
    /// ```
    pub fn km(self, other: Point) -> i64 {
        let (a, b) = (self.vector(), other.vector());
        let squares = a.iter().zip(&b).map(|(a, b)| a.less(*b).times(a.less(*b)));
        // Three squares of at most two million each: 1.2e13.
        let chord = squares.fold(0i64, Exact::plus).unsigned_abs().isqrt();
        let km = chord.times(EARTH_KM) / CHORDS;
        i64::try_from(km).unwrap_or(0)
    }

    /// The point on a sphere whose radius is [`RADIUS`].
    fn vector(self) -> [i64; 3] {
        let (high, flat) = (sine(self.latitude), cosine(self.latitude));
        let east = flat.times(cosine(self.longitude)) / RADIUS;
        let north = flat.times(sine(self.longitude)) / RADIUS;
        [east, north, high]
    }
}

/// Where an address is, as far as a database knows.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Place {
    /// The country.
    pub country: Option<Country>,
    /// The point, for some.
    pub point: Option<Point>,
}

/// The mean radius.
const EARTH_KM: u64 = 6_371;

/// The sine of a right angle in the table, and the radius of the sphere: millionths.
const RADIUS: i64 = 1_000_000;

/// The same, of chords, which have no sign.
const CHORDS: u64 = 1_000_000;

/// Sines of whole degrees. Between two of them the chord of the curve is taken, which is at most
/// 38 millionths, 240 m, below it.
const SINES: [i32; 91] = [
    0, 17_452, 34_899, 52_336, 69_756, 87_156, 104_528, 121_869, 139_173, 156_434, 173_648,
    190_809, 207_912, 224_951, 241_922, 258_819, 275_637, 292_372, 309_017, 325_568, 342_020,
    358_368, 374_607, 390_731, 406_737, 422_618, 438_371, 453_990, 469_472, 484_810, 500_000,
    515_038, 529_919, 544_639, 559_193, 573_576, 587_785, 601_815, 615_661, 629_320, 642_788,
    656_059, 669_131, 681_998, 694_658, 707_107, 719_340, 731_354, 743_145, 754_710, 766_044,
    777_146, 788_011, 798_636, 809_017, 819_152, 829_038, 838_671, 848_048, 857_167, 866_025,
    874_620, 882_948, 891_007, 898_794, 906_308, 913_545, 920_505, 927_184, 933_580, 939_693,
    945_519, 951_057, 956_305, 961_262, 965_926, 970_296, 974_370, 978_148, 981_627, 984_808,
    987_688, 990_268, 992_546, 994_522, 996_195, 997_564, 998_630, 999_391, 999_848, 1_000_000,
];

/// Millionths of the sine of `angle` thousandths of a degree, at most 180 degrees either way.
fn sine(angle: i32) -> i64 {
    let size = angle.unsigned_abs();
    // The sine rises to 90 degrees and falls as it rose.
    let up = size.min(180_000u32.less(size.min(180_000)));
    let at = (up / 1_000) as usize;
    let (low, part) = (SINES[at], i64::from(up % 1_000));
    let high = SINES[at.plus(1).min(90)];
    let between = i64::from(high.less(low)).times(part) / 1_000;
    i64::from(angle.signum()).times(i64::from(low).plus(between))
}

fn cosine(angle: i32) -> i64 {
    let size = i32::try_from(angle.unsigned_abs()).unwrap_or(0);
    sine(POLE.less(size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn point() -> impl Strategy<Value = Point> {
        (-90_000i32..=90_000, -180_000i32..=180_000)
            .prop_map(|(latitude, longitude)| Point::new(latitude, longitude).unwrap())
    }

    #[test]
    fn known_distances_are_right() {
        let at = |latitude, longitude| Point::new(latitude, longitude).unwrap();
        // Straight through: pole to pole, a quarter of the equator, a degree of latitude.
        assert_eq!(at(90_000, 0).km(at(-90_000, 0)), 12_742);
        assert_eq!(at(0, 0).km(at(0, 90_000)), 9_009);
        assert_eq!(at(0, 0).km(at(1_000, 0)), 111);
        assert_eq!(at(0, 180_000).km(at(0, -180_000)), 0);
    }

    #[test]
    fn what_is_no_country_or_point_is_refused() {
        for text in ["", "U", "USA", "U1", "é", "  "] {
            assert!(text.parse::<Country>().is_err(), "{text:?}");
        }
        assert_eq!("de".parse::<Country>().unwrap().as_str(), "DE");
        assert_eq!(Point::new(90_001, 0), None);
        assert_eq!(Point::new(0, -180_001), None);
        assert_eq!(Point::new(i32::MIN, i32::MAX), None);
    }

    proptest! {
        #[test]
        fn distances_go_both_ways_and_round_the_earth(a in point(), b in point()) {
            prop_assert_eq!(a.km(b), b.km(a));
            prop_assert!((0..=12_743).contains(&a.km(b)));
            prop_assert_eq!(a.km(a), 0);
        }
    }
}
