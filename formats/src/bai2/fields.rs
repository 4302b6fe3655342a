//! Records to fields: one by one across continuations, each with its place.

use crate::bai2::records::Record;
use crate::finding::{Place, Severity};
use crate::statement::{Findings, Funds};
use jiff::civil::Date;
use settlement::exact::Exact;
use settlement::money::SignedCents;

/// The longest text kept of a line: longer than any bank's, short enough for every table.
pub(super) const MAX_TEXT: usize = 4_000;

/// Parts of a funds type `D`: no bank spreads a payment over more days.
const MAX_SPREAD: u64 = 999;

/// One field and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'r> {
    pub text: &'r str,
    pub place: Place,
}

/// The fields of a record and its continuations.
pub(super) struct Fields<'r, 'f> {
    parts: &'r [Record<'r>],
    /// Where the next field starts in the first part's body; beyond its end: in the next part.
    at: usize,
    pub findings: &'f mut Findings,
}

impl<'r, 'f> Fields<'r, 'f> {
    pub(super) fn new(parts: &'r [Record<'r>], findings: &'f mut Findings) -> Fields<'r, 'f> {
        Fields {
            parts,
            at: 0,
            findings,
        }
    }

    /// The place of the next field.
    pub(super) fn place(&self) -> Place {
        let part = self.parts.first();
        part.map_or(Place::default(), |part| {
            part.body_place().after(self.at.min(part.body.len()))
        })
    }

    /// The next field as it stands, without blanks around it; `None` at the record's end.
    pub(super) fn next(&mut self) -> Option<Field<'r>> {
        loop {
            let part = self.parts.first()?;
            let Some(rest) = part.body.get(self.at..) else {
                self.parts = self.parts.get(1..).unwrap_or_default();
                self.at = 0;
                continue;
            };
            let length = memchr::memchr(b',', rest.as_bytes()).unwrap_or(rest.len());
            let place = part.body_place().after(self.at);
            self.at = self.at.plus(length).plus(1);
            return Some(Field {
                text: rest.get(..length).unwrap_or("").trim(),
                place,
            });
        }
    }

    /// The next field; empty at the record's end.
    pub(super) fn text(&mut self) -> Field<'r> {
        let place = self.place();
        self.next().unwrap_or(Field { text: "", place })
    }

    /// Everything that is left, continuations joined by a blank.
    pub(super) fn rest(&mut self) -> String {
        let place = self.place();
        let mut text = String::new();
        for part in std::mem::take(&mut self.parts) {
            let piece = part.body.get(self.at..).unwrap_or("").trim();
            self.at = 0;
            if !text.is_empty() && !piece.is_empty() {
                text.push(' ');
            }
            text.push_str(piece);
        }
        if text.len() > MAX_TEXT {
            let cut = (0..=MAX_TEXT)
                .rev()
                .find(|at| text.is_char_boundary(*at))
                .unwrap_or(0);
            text.truncate(cut);
            let why = format!("the text is longer than {MAX_TEXT} bytes: the rest is left out");
            self.findings
                .add(place.finding("TEXT", Severity::Warning, "text", why));
        }
        text
    }

    pub(super) fn bad(&mut self, place: Place, field: &'static str, message: String) {
        self.findings
            .add(place.finding("FIELD", Severity::Error, field, message));
    }

    /// An amount in cents, signed as written; `None` where it is empty or no number.
    pub(super) fn amount(&mut self, name: &'static str) -> Option<SignedCents> {
        let field = self.text();
        if field.text.is_empty() {
            return None;
        }
        let amount = signed(field.text);
        if amount.is_none() {
            let found = shown(field.text);
            let why = format!("must be at most 18 digits, with a sign or without; found {found}");
            self.bad(field.place, name, why);
        }
        amount.map(SignedCents::new)
    }

    /// A count; `None` where it is empty or no number.
    pub(super) fn count(&mut self, name: &'static str) -> Option<u64> {
        let field = self.text();
        if field.text.is_empty() {
            return None;
        }
        let count = signed(field.text).and_then(|count| u64::try_from(count).ok());
        if count.is_none() {
            let why = format!("must be a number; found {}", shown(field.text));
            self.bad(field.place, name, why);
        }
        count
    }

    /// A date `YYMMDD`; `None` where it is empty or no date.
    pub(super) fn date(&mut self, name: &'static str) -> Option<Date> {
        let field = self.text();
        if field.text.is_empty() {
            return None;
        }
        let date = date(field.text);
        if date.is_none() {
            let why = format!("must be a date as YYMMDD; found {}", shown(field.text));
            self.bad(field.place, name, why);
        }
        date
    }

    /// A funds type and the fields it brings along.
    pub(super) fn funds(&mut self) -> Funds {
        let field = self.text();
        match field.text {
            "" | "Z" | "z" => Funds::Unknown,
            "0" => Funds::Immediate,
            "1" => Funds::OneDay,
            "2" => Funds::TwoDays,
            "S" | "s" => {
                let mut part = || self.amount("funds amount").unwrap_or(SignedCents::ZERO);
                Funds::Split([part(), part(), part()])
            }
            "V" | "v" => {
                let date = self.date("value date");
                self.text(); // the time, which is seldom given and nowhere used
                date.map_or(Funds::Unknown, Funds::Dated)
            }
            "D" | "d" => self.spread(),
            other => {
                let why = format!(
                    "must be 0, 1, 2, S, V, D, Z or empty; found {}",
                    shown(other)
                );
                self.bad(field.place, "funds type", why);
                Funds::Unknown
            }
        }
    }

    fn spread(&mut self) -> Funds {
        let place = self.place();
        let parts = self.count("funds distributions").unwrap_or(0);
        if parts > MAX_SPREAD {
            self.bad(
                place,
                "funds distributions",
                format!("at most {MAX_SPREAD}"),
            );
            return Funds::Unknown;
        }
        let mut spread = Vec::new();
        for _ in 0..parts {
            if self.parts.is_empty() {
                break;
            }
            let days = self
                .count("funds days")
                .and_then(|days| u32::try_from(days).ok());
            let amount = self.amount("funds amount").unwrap_or(SignedCents::ZERO);
            spread.push((days.unwrap_or(0), amount));
        }
        Funds::Spread(spread)
    }
}

/// Digits with a sign or without, at most 18 of them after leading zeros.
fn signed(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    // Eighteen digits fit 63 bits.
    let digits = digits.get(zeros..).filter(|digits| digits.len() <= 18)?;
    let value = digits.iter().fold(0i64, |value, digit| {
        value.times(10).plus(i64::from(digit & 15))
    });
    Some(if negative { 0i64.less(value) } else { value })
}

/// `YYMMDD`; years from 80 on are of the last century.
fn date(text: &str) -> Option<Date> {
    if text.len() != 6 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize| text.get(from..from.plus(2))?.parse::<i8>().ok();
    let year = i16::from(part(0)?);
    let year = year.plus(if year < 80 { 2000 } else { 1900 });
    Date::new(year, part(2)?, part(4)?).ok()
}

/// A field for a message. What may be an account number, because commas are missing or doubled,
/// is only counted.
pub(super) fn shown(text: &str) -> String {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let length = text.chars().count();
    if digits > 4 || length > 20 {
        format!("{length} characters")
    } else {
        format!("{text:?}")
    }
}
