//! One entry (`Ntry`) and what is inside it, element by element.

use crate::camt053::detail::Details;
use crate::camt053::elements::Element;
use crate::camt053::fields::{Signed, date};
use crate::finding::{Place, Severity};
use crate::statement::{Findings, Line};
use jiff::civil::Date;
use settlement::money::SignedCents;

/// An entry that is being read.
#[derive(Default)]
pub(super) struct Entry {
    place: Place,
    signed: Signed,
    pub currency: String,
    status: String,
    /// Whether it takes an earlier one back.
    reverses: bool,
    booked: Option<Date>,
    value_date: Option<Date>,
    reference: String,
    servicer_reference: String,
    domain: [String; 3],
    proprietary: String,
    text: String,
    batch: String,
    details: Details,
}

impl Entry {
    pub(super) fn new(place: Place) -> Entry {
        Entry {
            place,
            ..Entry::default()
        }
    }

    /// An element that starts inside the entry.
    pub(super) fn open(&mut self, path: &[&str]) {
        self.details.open(path);
    }

    /// An element that ends inside the entry; its path is from the entry on.
    pub(super) fn close(&mut self, path: &[&str], element: &Element, findings: &mut Findings) {
        let text = || element.text.to_owned();
        match path {
            ["Amt"] => {
                self.signed.set_amount(element, findings);
                self.currency = element.currency.to_owned();
            }
            ["CdtDbtInd"] => self.signed.set_indicator(element, findings),
            ["Sts"] | ["Sts", "Cd" | "Prtry"] if !element.text.is_empty() => self.status = text(),
            ["RvslInd"] => self.reverses = matches!(element.text, "true" | "1"),
            ["BookgDt", "Dt" | "DtTm"] => self.booked = date(element, findings),
            ["ValDt", "Dt" | "DtTm"] => self.value_date = date(element, findings),
            ["NtryRef"] => self.reference = text(),
            ["AcctSvcrRef"] => self.servicer_reference = text(),
            ["BkTxCd", "Domn", "Cd"] => self.domain[0] = text(),
            ["BkTxCd", "Domn", "Fmly", "Cd"] => self.domain[1] = text(),
            ["BkTxCd", "Domn", "Fmly", "SubFmlyCd"] => self.domain[2] = text(),
            ["BkTxCd", "Prtry", "Cd"] => self.proprietary = text(),
            ["AddtlNtryInf"] => self.text = text(),
            ["NtryDtls", inside @ ..] => {
                if let ["Btch", "PmtInfId"] = inside {
                    self.batch = text();
                }
                let entry = (self.signed.is_credit(), self.currency.as_str());
                self.details.close(inside, element, entry, findings);
            }
            _ => {}
        }
    }

    /// Whether the entry is money on the account.
    fn is_booked(&self) -> bool {
        matches!(self.status.as_str(), "BOOK" | "")
    }

    /// The amount as the summary counts it.
    pub(super) fn amount(&self) -> Option<SignedCents> {
        self.signed.get()
    }

    /// The line; `None` where the entry is not booked or has no amount, which is a finding.
    pub(super) fn finish(mut self, findings: &mut Findings) -> Option<Line> {
        let place = self.place;
        let mut note = |rule, severity, field, why: &str| {
            findings.add(place.finding(rule, severity, field, why));
        };
        if !self.is_booked() {
            note(
                "STATUS",
                Severity::Warning,
                "Sts",
                "the entry is not booked: it is left out",
            );
            return None;
        }
        let Some(amount) = self.signed.get() else {
            let why = "the entry has no amount or no indicator: it is left out; ask the bank";
            note("FIELD", Severity::Error, "Ntry", why);
            return None;
        };
        let type_code = self.type_code();
        if type_code.is_empty() {
            note(
                "TYPE_CODE",
                Severity::Warning,
                "BkTxCd",
                "the entry has no transaction code",
            );
        }
        let single = self.details.single();
        let customer_reference = match single {
            _ if !self.batch.is_empty() => std::mem::take(&mut self.batch),
            Some(detail) => detail.reference.clone(),
            None => String::new(),
        };
        let text = match single {
            Some(detail) if self.text.is_empty() => {
                format!("{} {}", detail.return_reason, detail.text)
                    .trim()
                    .to_owned()
            }
            _ => std::mem::take(&mut self.text),
        };
        // The indicator in a word, as other formats have it.
        let text = match self.reverses && !text.to_ascii_uppercase().contains("REVERS") {
            true => format!("{text} REVERSAL").trim().to_owned(),
            false => text,
        };
        Some(Line {
            line: place.line,
            type_code,
            amount,
            value_date: self.value_date,
            booked: self.booked,
            bank_reference: if self.servicer_reference.is_empty() {
                self.reference
            } else {
                self.servicer_reference
            },
            customer_reference,
            text,
            details: self.details.finish(amount, place, findings),
            ..Line::default()
        })
    }

    /// The BAI2 code where the bank gives it; otherwise the domain's codes; otherwise its own.
    fn type_code(&self) -> String {
        let three = self.proprietary.len() == 3;
        let is_bai = three && self.proprietary.bytes().all(|byte| byte.is_ascii_digit());
        if is_bai || self.domain[0].is_empty() {
            return self.proprietary.clone();
        }
        let parts: Vec<&str> = self.domain.iter().map(String::as_str).collect();
        parts.join("-").trim_end_matches('-').to_owned()
    }
}
