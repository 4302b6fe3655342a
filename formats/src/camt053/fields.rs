//! Amounts and dates, as elements have them.

use crate::camt053::elements::Element;
use crate::finding::Severity;
use crate::statement::Findings;
use jiff::Timestamp;
use jiff::civil::Date;
use settlement::exact::Exact;
use settlement::money::SignedCents;
use settlement::windows::eastern_date;

/// An amount with its indicator; both come separately and in any version's order.
#[derive(Default)]
pub(super) struct Signed {
    amount: Option<i64>,
    credit: Option<bool>,
}

impl Signed {
    pub(super) fn set_amount(&mut self, element: &Element, findings: &mut Findings) {
        self.amount = amount(element, findings);
    }

    pub(super) fn set_indicator(&mut self, element: &Element, findings: &mut Findings) {
        self.credit = match element.text {
            "CRDT" => Some(true),
            "DBIT" => Some(false),
            _ => {
                bad(element, findings, "CdtDbtInd", "must be CRDT or DBIT");
                None
            }
        };
    }

    /// Whether it raises the account, where that is known.
    pub(super) const fn is_credit(&self) -> Option<bool> {
        self.credit
    }

    pub(super) const fn has_amount(&self) -> bool {
        self.amount.is_some()
    }

    /// The same, on this side where it says none.
    pub(super) const fn or(self, credit: Option<bool>) -> Signed {
        match self.credit {
            Some(_) => self,
            None => Signed { credit, ..self },
        }
    }

    /// The amount with its sign; `None` where either is missing. As it was read it has none, so
    /// it can be turned around.
    pub(super) fn get(&self) -> Option<SignedCents> {
        let amount = self.amount?;
        Some(SignedCents::new(if self.credit? {
            amount
        } else {
            0i64.less(amount)
        }))
    }
}

fn bad(element: &Element, findings: &mut Findings, field: &'static str, why: &str) {
    findings.add(element.place.finding("FIELD", Severity::Error, field, why));
}

/// Digits, a point, decimals. More than two decimals are refused unless they are zeros.
pub(super) fn amount(element: &Element, findings: &mut Findings) -> Option<i64> {
    let (whole, cents) = element.text.split_once('.').unwrap_or((element.text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (two, rest) = cents.split_at_checked(2).unwrap_or((cents, ""));
    let good = digits(whole) && digits(two) && rest.bytes().all(|byte| byte == b'0');
    let value = format!("{whole}{two:0<2}").parse::<i64>().ok();
    let value = value.filter(|value| good && !whole.is_empty() && *value < 10i64.pow(18));
    if value.is_none() {
        bad(
            element,
            findings,
            "Amt",
            "must be an amount without sign and with two decimals",
        );
    }
    value
}

/// The date of a date, or of a date and time: as written, which is the bank's zone, or, where it
/// names a zone of its own, the day that it is at that moment where the bank is.
pub(super) fn date(element: &Element, findings: &mut Findings) -> Option<Date> {
    let date = match element.text.parse::<Timestamp>() {
        Ok(moment) => Some(eastern_date(moment)),
        Err(_) => element.text.get(..10).and_then(|date| date.parse().ok()),
    };
    if date.is_none() {
        bad(element, findings, "Dt", "must be a date as YYYY-MM-DD");
    }
    date
}
