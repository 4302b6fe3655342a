//! Which day a file of the bank is of, by its own first record.
//!
//! Files that have waited for days are each read on the day they were made for. The name of a
//! file says nothing; every format but the acknowledgement's says in its header when it was made.

use crate::detect::{HEAD, Kind, detect};
use crate::nacha::{Event, Reader};
use jiff::Timestamp;
use jiff::civil::Date;
use settlement::windows::eastern_date;

/// The day on which a file says that it was made; `None` where it does not say, or not a day.
///
/// ```
/// use formats::own_date::own_date;
/// use jiff::civil::date;
/// let statement = b"01,076401251,560050750,261127,0500,1,,,2/\n";
/// assert_eq!(own_date(statement), Some(date(2026, 11, 27)));
/// assert_eq!(own_date(b"file,sha256,status,entries,debit_cents,credit_cents,reason\n"), None);
/// ```
pub fn own_date(body: &[u8]) -> Option<Date> {
    match detect(body) {
        Kind::Nacha => of_nacha(body),
        Kind::Bai2 => of_bai2(body),
        Kind::Camt053 | Kind::Camt052 | Kind::Camt054 => of_camt(body),
        Kind::Ack | Kind::Unknown => None,
    }
}

/// The creation date of the file header.
fn of_nacha(body: &[u8]) -> Option<Date> {
    let mut reader = Reader::new(body);
    match reader.next() {
        Ok(Some(Event::FileHeader(header, _))) => header.creation_date(),
        _ => None,
    }
}

/// The creation date of the 01 record, its fourth field.
fn of_bai2(body: &[u8]) -> Option<Date> {
    let head = body.get(..HEAD).unwrap_or(body);
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let line = head
        .trim_ascii_start()
        .split(|b| matches!(b, b'\n' | b'\r'));
    let field = line.into_iter().next()?.split(|b| *b == b',').nth(3)?;
    let field = field.trim_ascii();
    let digits = field.len() == 6 && field.iter().all(u8::is_ascii_digit);
    digits.then(|| crate::nacha::date(field)).flatten()
}

/// The first `CreDtTm`, which is that of the message; a moment with its zone is a day in the
/// East, whatever day it is where the bank's computer stands.
fn of_camt(body: &[u8]) -> Option<Date> {
    const ELEMENT: &[u8] = b"CreDtTm>";
    let head = body.get(..HEAD).unwrap_or(body);
    let from = memchr::memmem::find(head, ELEMENT)?.checked_add(ELEMENT.len())?;
    let text = head.get(from..)?.split(|b| *b == b'<').next()?;
    let text = std::str::from_utf8(text).ok()?.trim();
    match text.parse::<Timestamp>() {
        Ok(moment) => Some(eastern_date(moment)),
        Err(_) => text.get(..10)?.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn camt(created: &str) -> Option<Date> {
        let head = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">";
        own_date(format!("{head}<n:CreDtTm>{created}</n:CreDtTm>").as_bytes())
    }

    #[test]
    fn a_file_says_its_day_in_its_first_record() {
        let nacha = "101 076401251 1210428822611270630A094101SOME BANK              \
                     SAMPLE CO                     \n";
        let day = Some(date(2026, 11, 27));
        assert_eq!(own_date(nacha.as_bytes()), day);
        assert_eq!(own_date(b"\r\n01,1,2, 261127 ,0500,1,,,2/"), day);
        assert_eq!(camt("2026-11-27T05:00:00"), day);
        assert_eq!(
            camt("2026-11-28T03:00:00Z"),
            day,
            "ten in the evening in the East"
        );
        assert_eq!(camt("2026-11-27T22:00:00-05:00"), day);
    }

    #[test]
    fn what_says_no_day_has_none() {
        for odd in [
            "01,1,2",
            "01,1,2,261327,",
            "01,1,2,2611,",
            "01,1,2,+61127,",
            "letter",
            "",
        ] {
            assert_eq!(own_date(odd.as_bytes()), None, "{odd}");
        }
        for odd in ["", "soon", "2026-13-01T00:00:00"] {
            assert_eq!(camt(odd), None, "{odd}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_have_a_day_or_none(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = own_date(&bytes);
            let _ = own_date(&[b"01,", &bytes[..]].concat());
        }
    }
}
