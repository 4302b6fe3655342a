//! Funding: money that an originator brings to the account, or takes out of it, by wire.
//!
//! A wire says who sent it in a text that anybody can write. So an originator announces it before:
//! how much, on which day, under which reference. What was announced is an expectation like a
//! batch (`allocate`), and a wire that nobody announced is a break that a person resolves. Our own
//! money is announced the same way.
//!
//! The reference is what tells one wire from another, wherever the bank puts it. So it must be one
//! that any bank carries, long enough not to stand in a text by chance, no name of something else
//! of ours, and in no other one that is still waited for. What banks write everywhere, or where
//! they have no reference, is none (`said.rs`).

mod said;

pub use said::{our_own, something};

use crate::bank::{BankProfile, MAX_TOTAL};
use crate::calendar::{add_banking_days, is_banking_day};
use crate::foreign;
use crate::ids::BatchKey;
use crate::money::{Cents, SignedCents};
use crate::reconcile::receipt;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Characters of a reference: fewer stand in a text by chance, more fit no field of camt.
pub const REFERENCE: std::ops::RangeInclusive<usize> = 4..=35;

/// Banking days from the open books on within which money may be announced.
pub const MOST_AHEAD: u16 = 60;

/// What our own funds are called where an originator's name would stand.
pub const OWN: &str = "our own";

/// Money that is announced.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Funding {
    /// Whose it is, by the profile's name; nobody's but ours where there is none.
    pub originator: Option<String>,
    /// What it moves on our account, in cents: positive brings money.
    pub cents: SignedCents,
    /// The banking day on which the bank moves it.
    pub on: Date,
    /// What the wire says.
    pub reference: String,
}

/// Why something cannot be announced. Never repeats a reference that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} {why}")]
pub struct BadFunding {
    /// The part of it that is wrong.
    pub what: &'static str,
    /// What it must be.
    pub why: String,
}

fn bad(what: &'static str, why: impl Into<String>) -> Result<(), BadFunding> {
    let why = why.into();
    Err(BadFunding { what, why })
}

impl Funding {
    /// Holds it against the profile, the first date whose books are `open` (none where no date's
    /// were closed yet), and all `others` that wait or came lately.
    ///
    /// # Errors
    /// The first part of it that is wrong.
    pub fn check<'a>(
        &self,
        bank: &BankProfile,
        open: Option<Date>,
        others: impl IntoIterator<Item = &'a Funding>,
    ) -> Result<(), BadFunding> {
        self.check_originator(bank)?;
        if self.cents.is_zero() || self.cents.magnitude() > MAX_TOTAL {
            return bad(
                "amount",
                format!("must be of a cent at least, and at most {MAX_TOTAL} either way"),
            );
        }
        self.check_date(open)?;
        self.check_reference(bank)?;
        let mut others = others.into_iter();
        let same = |one: &&Funding| {
            is_said(&self.reference, &one.reference) || is_said(&one.reference, &self.reference)
        };
        match others.find(same) {
            None => Ok(()),
            Some(one) => {
                let Funding {
                    reference, cents, ..
                } = one;
                let why = format!(
                    "is in that of another one, or has it: {reference}, of {cents} on {}",
                    one.on
                );
                bad("reference", why)
            }
        }
    }

    fn check_originator(&self, bank: &BankProfile) -> Result<(), BadFunding> {
        let Some(name) = &self.originator else {
            return Ok(());
        };
        if !bank.originators.contains_key(name) {
            let names: Vec<&str> = bank.originators.keys().map(String::as_str).collect();
            let names = names.join(", ");
            let why = format!("is none of the profile's: {}", foreign::line(&names));
            return bad("originator", why);
        }
        if name.is_empty() || name.contains('/') {
            let why = "has a name with a slash, or none: give it another one";
            return bad("originator", why);
        }
        match name == OWN {
            true => bad(
                "originator",
                "is called as our own funds are: give it another name",
            ),
            false => Ok(()),
        }
    }

    fn check_date(&self, open: Option<Date>) -> Result<(), BadFunding> {
        if !is_banking_day(self.on) {
            return bad("date", format!("{} is not a banking day", self.on));
        }
        let Some(open) = open else { return Ok(()) };
        let last = add_banking_days(open, MOST_AHEAD);
        match self.on < open || self.on > last {
            true => bad("date", format!("must be from {open} to {last}")),
            false => Ok(()),
        }
    }

    fn check_reference(&self, bank: &BankProfile) -> Result<(), BadFunding> {
        let text = self.reference.as_str();
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':' | '+' | ' ');
        let (first, last) = (REFERENCE.start(), REFERENCE.end());
        let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        if !REFERENCE.contains(&text.len())
            || !text.chars().all(fits)
            || !ends(text.chars().next())
            || !ends(text.chars().next_back())
            || text.contains("  ")
        {
            let why = format!(
                "must have {first} to {last} letters, digits, single blanks and - . : + between \
                 them: what any bank carries"
            );
            return bad("reference", why);
        }
        let trace = text.len() == 15 && text.bytes().all(|b| b.is_ascii_digit());
        let mut companies = bank.originators.values();
        if trace
            || text.parse::<BatchKey>().is_ok()
            || companies.any(|one| is_said(one.company_id.trim(), text))
        {
            return bad("reference", "names a batch, a trace or a company of ours");
        }
        let ours = our_own(bank);
        let account = ours
            .iter()
            .any(|one| is_said(one, text) && one.parse::<u64>().is_ok());
        let named = ours.iter().any(|one| is_said(text, one));
        if account || named || receipt::reference(text).is_empty() || said::is_common(text, &ours) {
            let why = "is none: what stands on many wires (NONREF, zeros, WIRE IN, a name or a \
                       number of ours) tells none of them; agree on one with whoever sends it";
            return bad("reference", why);
        }
        Ok(())
    }

    /// Whether it may be announced beside one of the same reference that has come: the rest of what
    /// came in parts. Of the same amount it would take a wire that is told twice for another one.
    pub fn may_follow(&self, came: &Funding) -> bool {
        self.reference.eq_ignore_ascii_case(&came.reference)
            && self.originator == came.originator
            && self.cents != came.cents
    }
}

/// Whether `text` says `reference`: whole, not as a part of a longer word, in capitals or not.
pub fn is_said(reference: &str, text: &str) -> bool {
    let (reference, text) = (reference.to_ascii_uppercase(), text.to_ascii_uppercase());
    if reference.is_empty() {
        return false;
    }
    said::said_at(&reference, &text).next().is_some()
}

/// An amount in dollars as people write it: `25000`, `25,000.00`, `-12.50`. `None` where it is
/// none, or has more than fourteen digits.
pub fn dollars(text: &str) -> Option<SignedCents> {
    let (negative, plain) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, part) = plain.split_once('.').unwrap_or((plain, "00"));
    let groups: Vec<&str> = whole.split(',').collect();
    let grouped = groups.iter().skip(1).all(|group| group.len() == 3)
        && groups
            .first()
            .is_some_and(|first| groups.len() == 1 || (1..=3).contains(&first.len()));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let whole = groups.concat();
    if !grouped || !digits(&whole) || !digits(part) || part.len() != 2 || whole.len() > 12 {
        return None;
    }
    let cents: u64 = format!("{whole}{part}").parse().ok()?;
    let cents = Cents::new(cents).signed()?;
    match negative {
        true => cents.checked_neg(),
        false => Some(cents),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const OPEN: Date = date(2026, 11, 24);

    fn bank() -> BankProfile {
        BankProfile::parse(include_str!("../../data/banks/sandbox.toml")).unwrap()
    }

    fn funding(reference: &str) -> Funding {
        Funding {
            originator: Some("payroll".into()),
            cents: SignedCents::new(2_500_000),
            on: OPEN,
            reference: reference.into(),
        }
    }

    fn refused(one: &Funding, others: &[Funding]) -> &'static str {
        let checked = one.check(&bank(), Some(OPEN), others);
        checked.map_or_else(|bad| bad.what, |()| "")
    }

    #[test]
    fn what_cannot_be_announced_is_refused_by_its_part() {
        assert_eq!(refused(&funding("WIRE 4711"), &[]), "");
        let own = Funding {
            originator: None,
            cents: SignedCents::new(-1),
            ..funding("OWN-1")
        };
        assert_eq!(refused(&own, &[]), "");
        for name in ["", "nobody", "payroll ", "a/b", "own", OWN] {
            let one = Funding {
                originator: Some(name.into()),
                ..funding("WIRE 4711")
            };
            assert_eq!(refused(&one, &[]), "originator", "{name}");
        }
        for cents in [0, 1_000_000_000_000, i64::MIN, i64::MAX] {
            let one = Funding {
                cents: SignedCents::new(cents),
                ..funding("WIRE 4711")
            };
            assert_eq!(refused(&one, &[]), "amount", "{cents}");
        }
        for on in [
            date(2026, 11, 23),
            date(2026, 11, 26),
            date(2026, 11, 28),
            date(2027, 11, 26),
            date(1, 1, 1),
        ] {
            let one = Funding {
                on,
                ..funding("WIRE 4711")
            };
            assert_eq!(refused(&one, &[]), "date", "{on}");
        }
    }

    #[test]
    fn a_reference_is_one_that_any_bank_carries_and_nothing_else_of_ours() {
        let long = "R".repeat(36);
        for odd in [
            "",
            "ABC",
            &long,
            "a\nbcd",
            "a\u{1b}[2J",
            "A/B/C",
            "A,BC",
            " ABCD",
            "ABCD ",
            "AB  CD",
            "-ABC",
            "Überweisung",
            "261124A0000001",
            "076401250000001",
            "1900000001",
            "FOR 1900000001 NOV",
            "NONREF",
            "notprovided",
            "NOT PROVIDED",
            "0000",
            "WIRE IN",
            "WIRE",
            "Demo Payroll",
            "PAYROLL",
            "0012345678",
            "12345678",
            "ACCT 12345678",
            "076401251",
            "07640125",
            "056005075",
        ] {
            assert_eq!(refused(&funding(odd), &[]), "reference", "{odd:?}");
        }
        let others = [funding("WIRE 4711")];
        for same in [
            "WIRE 4711",
            "wire 4711",
            "4711",
            "THE WIRE 4711 OF NOVEMBER",
        ] {
            assert_eq!(refused(&funding(same), &others), "reference", "{same}");
        }
        for other in ["WIRE 47110", "WIRE 471", "WIRE-4711"] {
            assert_eq!(refused(&funding(other), &others), "", "{other}");
        }
    }

    #[test]
    fn what_is_called_as_our_own_funds_are_cannot_bring_any() {
        let mut bank = bank();
        let one = bank.originators.get("payroll").unwrap().clone();
        for name in [OWN, "own"] {
            bank.originators.insert(name.to_owned(), one.clone());
            let one = Funding {
                originator: Some(name.to_owned()),
                ..funding("WIRE 4711")
            };
            let checked = one.check(&bank, Some(OPEN), []);
            assert_eq!(checked.is_ok(), name != OWN, "{name}");
        }
    }

    #[test]
    fn the_rest_of_a_wire_that_came_in_parts_may_be_announced_under_its_reference() {
        let came = funding("WIRE 4711");
        let rest = |cents| Funding {
            cents: SignedCents::new(cents),
            reference: "wire 4711".into(),
            ..funding("")
        };
        assert!(rest(100).may_follow(&came));
        assert!(!rest(2_500_000).may_follow(&came), "told twice");
        let mut other = rest(100);
        other.originator = None;
        assert!(!other.may_follow(&came) && !funding("WIRE 4711 B").may_follow(&came));
    }

    #[test]
    fn a_reference_is_said_whole() {
        for text in ["PAY-7 ", "wire pay-7", "REF:PAY-7/ACME", "XPAY-7 PAY-7"] {
            assert!(is_said("PAY-7", text), "{text}");
        }
        for text in ["", "PAY-70", "XPAY-7", "PAY 7", "PAY"] {
            assert!(!is_said("PAY-7", text), "{text}");
        }
    }

    #[test]
    fn dollars_are_read_as_people_write_them() {
        for (text, cents) in [
            ("25000", 2_500_000),
            ("25,000.00", 2_500_000),
            ("0.01", 1),
            ("-1,234,567.89", -123_456_789),
            ("999999999999.99", 99_999_999_999_999),
        ] {
            assert_eq!(dollars(text), Some(SignedCents::new(cents)), "{text}");
        }
        for odd in [
            "",
            "-",
            "--1",
            "1.",
            ".50",
            "1.5",
            "1.500",
            "1e3",
            "1,00",
            "1000,000",
            ",100",
            "1000000000000",
            "٣",
            "+1",
            " 1",
            "$1",
        ] {
            assert_eq!(dollars(odd), None, "{odd:?}");
        }
    }
}
