//! What people type for an option, read the same wherever it is asked.

use jiff::civil::Date;

/// A day: `YYYY-MM-DD`, and nothing beside it. A time of day, or a zone, would be ignored.
///
/// # Errors
/// What is wrong, for whoever typed it.
pub fn day(text: &str) -> Result<Date, String> {
    let date: Result<Date, _> = text.parse();
    match date {
        Ok(date) if date.to_string() == text => Ok(date),
        Ok(_) => Err("not a day alone: write it as YYYY-MM-DD, such as 2026-11-24".to_owned()),
        Err(_) => Err("no day: write it as YYYY-MM-DD, such as 2026-11-24".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_a_day_alone() {
        assert_eq!(day("2026-11-24"), Ok(jiff::civil::date(2026, 11, 24)));
        for text in [
            "",
            "2026-11-24T10:00",
            "2026-11-24T23:59:59-05[America/New_York]",
            "20261124",
            "+002026-11-24",
            "2026-02-30",
            " 2026-11-24",
        ] {
            assert!(day(text).is_err(), "{text}");
        }
    }
}
