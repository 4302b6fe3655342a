//! What a bank profile must be before anybody works with it.
//!
//! A profile is written by hand, and what is wrong in it would move money or stop a day half-way:
//! so every field is held against the record it goes to, every price and limit against what it
//! can be, and every cutoff against the operator's, before the first payment is looked at.

use super::{BankProfile, Inbound, MAX_ENTRY, MAX_TOTAL, Originator, Prices, ProfileError, micros};
use crate::codes::sec::Directions;
use crate::money::Cents;
use crate::windows::Window;
use rust_decimal::{Decimal, prelude::ToPrimitive};

/// A difference of more than a dollar is no rounding: it is a break, not an expense.
const MOST_ROUNDING: Cents = Cents::new(100);

/// A difference of a settlement is never rounding above this, whatever the reason.
const MOST_SETTLEMENT_ROUNDING: Cents = Cents::new(5);

/// A settlement that is later than this is not late but lost.
const MOST_DAYS: u32 = 10;

/// A file that has to rest for longer than an hour comes too late for what it says.
const MOST_SETTLING: u32 = 3_600;

impl BankProfile {
    pub(super) fn check(&self) -> Result<(), ProfileError> {
        fits(
            "immediate_destination_name",
            &self.immediate_destination_name,
            23,
        )?;
        for (name, dfi) in [
            ("odfi", self.odfi),
            ("immediate_destination", self.immediate_destination.dfi()),
            ("account.routing", self.account.routing.dfi()),
        ] {
            ensure(dfi.is_a_bank(), name, "must be a bank's: it is zeros")?;
        }
        fits("immediate_origin_name", &self.immediate_origin_name, 23)?;
        fits("immediate_origin", &self.immediate_origin, 10)?;
        ensure(
            self.immediate_origin.len() == 10 && !self.immediate_origin.trim().is_empty(),
            "immediate_origin",
            "must be ten characters, blanks included",
        )?;
        fits("account.holder", &self.account.holder, 22)?;
        fits("account.number", &self.account.number, 17)?;
        ensure(
            self.account
                .number
                .bytes()
                .any(|b| b.is_ascii_alphanumeric() && b != b'0'),
            "account.number",
            "must be the number of the account where batches settle",
        )?;
        let unexplained = |habit: &super::dialect::Habit| habit.because.trim().is_empty();
        ensure(
            !self.dialect.iter().any(unexplained),
            "dialect",
            "each arm needs to say because of what",
        )?;
        self.check_limits()?;
        self.check_cutoffs()?;
        self.prices.check()?;
        self.inbound.check()?;
        self.originators.values().try_for_each(Originator::check)?;
        self.check_balanced()
    }

    fn check_limits(&self) -> Result<(), ProfileError> {
        ensure(
            self.batch.max_entries >= 2 && self.file.max_entries >= self.batch.max_entries,
            "batch.max_entries",
            "must be at least 2, at most the file's",
        )?;
        ensure(
            self.max_entry_cents > Cents::ZERO && self.max_entry_cents <= MAX_ENTRY,
            "max_entry_cents",
            "must be from 1 to what ten digits hold, 9999999999",
        )?;
        ensure(
            self.file.max_cents >= self.max_entry_cents && self.file.max_cents <= MAX_TOTAL,
            "file.max_cents",
            "must hold the largest entry, and be at most what twelve digits hold",
        )?;
        ensure(
            self.tolerance.rounding_cents <= MOST_ROUNDING,
            "tolerance.rounding_cents",
            "must be at most 100: a larger difference is a break and no rounding",
        )?;
        ensure(
            self.tolerance.settlement_cents.is_zero()
                || self.tolerance.settlement_cents <= MOST_SETTLEMENT_ROUNDING
                    && !self.tolerance.settlement_reason.trim().is_empty(),
            "tolerance.settlement_cents",
            "must be at most 5, with a settlement_reason: ACH does not round",
        )?;
        self.check_shapes()?;
        ensure(
            self.tolerance.settlement_days <= MOST_DAYS,
            "tolerance.settlement_days",
            "must be at most 10 banking days",
        )?;
        ensure(
            self.netted_fees
                .iter()
                .all(|fee| !fee.fee().cents.is_zero()),
            "netted_fees",
            "a fee that is netted is more than nothing",
        )
    }

    /// Shapes that say one thing, each from a day of its own.
    fn check_shapes(&self) -> Result<(), ProfileError> {
        let mut days = std::collections::BTreeSet::new();
        for (at, one) in (1..).zip(&self.settlement) {
            let wrong = |why: &str| {
                let why = format!("number {at}, {}: {why}", one.shape.in_words());
                Err(ProfileError::Field("settlement", why))
            };
            if let Some(why) = one.shape.contradiction() {
                return wrong(why);
            }
            if !days.insert(one.from) {
                return wrong("another one holds from the same day");
            }
        }
        Ok(())
    }

    /// In order, and none after the operator's: what is cut later would be dated for a window
    /// that has passed.
    fn check_cutoffs(&self) -> Result<(), ProfileError> {
        let c = &self.cutoffs;
        ensure(
            c.sd1 < c.sd2 && c.sd2 < c.sd3 && c.sd3 < c.standard,
            "cutoffs",
            "must ascend: sd1, sd2, sd3, standard",
        )?;
        let own = [c.sd1, c.sd2, c.sd3, c.standard];
        for (cutoff, window) in own.into_iter().zip(Window::ALL) {
            let last = window.slot().deadline;
            if cutoff > last {
                let why = format!("{window} must be at {last} or before: the operator's deadline");
                return Err(ProfileError::Field("cutoffs", why));
            }
        }
        Ok(())
    }

    /// An offset entry goes the other way than its batch, so each class must take both.
    fn check_balanced(&self) -> Result<(), ProfileError> {
        let mut classes = self.originators.values().flat_map(|o| o.classes.keys());
        ensure(
            !self.batch.balanced || classes.all(|c| c.rule().directions == Directions::Both),
            "batch.balanced",
            "an originator's class takes entries of one direction only",
        )
    }
}

impl Inbound {
    fn check(&self) -> Result<(), ProfileError> {
        ensure(
            self.settle_seconds <= MOST_SETTLING,
            "inbound.settle_seconds",
            "must be at most 3600",
        )?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let suffix = self.done_suffix.as_deref();
        ensure(
            suffix.is_none_or(|s| (1..=16).contains(&s.len()) && s.chars().all(plain)),
            "inbound.done_suffix",
            "must have 1 to 16 letters, digits, dots, hyphens or underscores, such as .done",
        )
    }
}

impl Originator {
    /// How far what it may spend may stand below zero.
    pub fn limit(&self) -> Cents {
        let cents = self.limit.checked_mul(Decimal::ONE_HUNDRED);
        Cents::new(cents.and_then(|cents| cents.to_u64()).unwrap_or(0))
    }

    fn check(&self) -> Result<(), ProfileError> {
        let most = Decimal::from(MAX_TOTAL.get());
        let cents = self.limit.checked_mul(Decimal::ONE_HUNDRED);
        ensure(
            cents.is_some_and(|c| c.fract().is_zero() && !c.is_sign_negative() && c <= most),
            "originator limit",
            "must be dollars and whole cents, at least 0.00 and at most what twelve digits hold",
        )?;
        fits("originator company_name", &self.company_name, 16)?;
        fits("originator company_id", &self.company_id, 10)?;
        fits(
            "originator discretionary_data",
            &self.discretionary_data,
            20,
        )?;
        let blank = |text: &str| text.bytes().all(|b| matches!(b, b' ' | b'0'));
        ensure(
            self.company_id.len() == 10 && !blank(&self.company_id) && !blank(&self.company_name),
            "originator",
            "needs a name and a company_id of ten characters, not all blanks or zeros",
        )?;
        for description in self.classes.values() {
            fits("originator description", description, 10)?;
            ensure(
                !blank(description),
                "originator description",
                "must not be all blanks or zeros",
            )?;
        }
        Ok(())
    }
}

impl Prices {
    /// A bank pays nobody for an entry, and no price is beyond what a sum of costs holds.
    fn check(&self) -> Result<(), ProfileError> {
        for (name, price) in [
            ("prices.per_file", self.per_file),
            ("prices.per_batch", self.per_batch),
            ("prices.per_item", self.per_item),
            ("prices.same_day", self.same_day),
            ("prices.return_item", self.return_item),
            ("prices.noc", self.noc),
            ("prices.monthly_minimum", self.monthly_minimum),
        ] {
            let most = Decimal::from(1_000_000);
            ensure(
                price >= Decimal::ZERO && price <= most && micros(price).is_some(),
                name,
                "must be from 0 to 1000000 dollars",
            )?;
        }
        Ok(())
    }
}

fn ensure(holds: bool, name: &'static str, why: &str) -> Result<(), ProfileError> {
    if holds {
        return Ok(());
    }
    Err(ProfileError::Field(name, why.to_owned()))
}

fn fits(name: &'static str, text: &str, width: usize) -> Result<(), ProfileError> {
    let plain = text.bytes().all(|b| (0x20..0x7f).contains(&b));
    let why = format!("must be at most {width} plain ASCII characters");
    ensure(plain && text.len() <= width, name, &why)
}

#[cfg(test)]
mod tests {
    use super::super::BankProfile;
    use crate::money::Cents;

    const SANDBOX: &str = include_str!("../../../data/banks/sandbox.toml");

    #[test]
    fn a_field_that_cannot_be_is_refused_by_name() {
        for (from, to, name) in [
            (
                "company_name = \"",
                "company_name = \"A VERY LONG NAME ",
                "company_name",
            ),
            (
                "per_item = \"0.03\"",
                "per_item = \"-5.00\"",
                "prices.per_item",
            ),
            ("noc = \"0.50\"", "noc = \"99999999\"", "prices.noc"),
            (
                "rounding_cents = 1",
                "rounding_cents = 101",
                "rounding_cents",
            ),
            (
                "settlement_days = 1",
                "settlement_days = 11",
                "settlement_days",
            ),
            (
                "max_entry_cents = 9999999999",
                "max_entry_cents = 0",
                "max_entry_cents",
            ),
            (
                "max_cents = 900000000000",
                "max_cents = 0",
                "file.max_cents",
            ),
            (
                "max_entries = 2500 ",
                "max_entries = 1 ",
                "batch.max_entries",
            ),
            ("number = \"0012345678\"", "number = \"\"", "account.number"),
            (
                "company_id = \"1900000001\"",
                "company_id = \"          \"",
                "company_id",
            ),
            ("PPD = \"PAYROLL\"", "PPD = \"\"", "originator description"),
            ("odfi = \"07640125\"", "odfi = \"00000000\"", "odfi"),
            (
                "immediate_destination = \"076401251\"",
                "immediate_destination = \"000000000\"",
                "immediate_destination",
            ),
            ("sd3 = \"16:15\"", "sd3 = \"19:30\"", "sd3 must be at 16:45"),
            (
                "standard = \"20:00\"",
                "standard = \"23:00\"",
                "standard must be at 22:45",
            ),
            ("sd2 = \"14:15\"", "sd2 = \"09:15\"", "must ascend"),
            ("netted_fees = [2500]", "netted_fees = [0]", "netted_fees"),
            ("balanced = false", "balanced = true", "batch.balanced"),
        ] {
            let text = SANDBOX.replacen(from, to, 1);
            assert_ne!(text, SANDBOX, "{from}");
            let error = BankProfile::parse(&text).unwrap_err().to_string();
            assert!(error.contains(name), "{name}: {error}");
        }
    }

    #[test]
    fn a_limit_is_dollars_and_whole_cents_and_nothing_where_nothing_is_said() {
        let with = |limit: &str| {
            let named = format!("[originators.payroll]\nlimit = {limit}");
            BankProfile::parse(&SANDBOX.replacen("[originators.payroll]", &named, 1))
        };
        for (limit, cents) in [
            ("\"250000.00\"", 25_000_000),
            ("\"0.01\"", 1),
            ("\"5\"", 500),
        ] {
            let bank = with(limit).unwrap();
            assert_eq!(bank.originators["payroll"].limit(), Cents::new(cents));
            assert_eq!(bank.originators["market"].limit(), Cents::ZERO);
        }
        for odd in [
            "\"-1.00\"",
            "\"1.001\"",
            "\"99999999999.00\"",
            "\"much\"",
            "\"\"",
        ] {
            assert!(with(odd).is_err(), "{odd}");
        }
        let most = "\"79228162514264337593543950335\"";
        assert!(
            with(most)
                .unwrap_err()
                .to_string()
                .contains("originator limit")
        );
    }

    #[test]
    fn a_shape_that_contradicts_itself_is_refused_with_what_to_write() {
        for (shape, says) in [
            ("by = \"batch\"\nnet = true", "leave net out"),
            ("by = \"day\"\nreturns = \"netted\"", "say net = true"),
            ("by = \"batch\"\nnet = true\nreturns = \"netted\"", "say by"),
        ] {
            let text = format!("{SANDBOX}\n[[settlement]]\n{shape}\n");
            let error = BankProfile::parse(&text).unwrap_err().to_string();
            assert!(
                error.contains("number 1") && error.contains(says),
                "{error}"
            );
        }
        let good = "[[settlement]]\nby = \"day\"\nnet = true\nreturns = \"netted\"\n";
        assert!(BankProfile::parse(&format!("{SANDBOX}\n{good}")).is_ok());
    }

    #[test]
    fn a_file_rests_for_an_hour_at_most_and_its_marker_is_a_name() {
        for (to, name) in [
            ("settle_seconds = 3601", "inbound.settle_seconds"),
            ("done_suffix = \"\"", "inbound.done_suffix"),
            ("done_suffix = \"a/b\"", "inbound.done_suffix"),
        ] {
            let text = SANDBOX.replacen("settle_seconds = 0", to, 1);
            let error = BankProfile::parse(&text).unwrap_err().to_string();
            assert!(error.contains(name), "{name}: {error}");
        }
        let marked = SANDBOX.replacen("settle_seconds = 0", "done_suffix = \".done\"", 1);
        let inbound = BankProfile::parse(&marked).unwrap().inbound;
        assert_eq!(inbound.done_suffix.as_deref(), Some(".done"));
    }
}
