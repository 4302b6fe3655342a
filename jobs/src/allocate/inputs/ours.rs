//! What a line says of ours: batches, traces, files, companies and fundings, in any of its fields.

use super::super::details::Part;
use desk::Desk;
use desk::failure::{Failure, Result};
use formats::tables::BankLine;
use settlement::allocate::{Detail, Done, Expectation, Kind, Name, Receipt};
use settlement::bank::LineRole;
use settlement::funding::{is_said, our_own, something};
use settlement::ids::{BatchKey, TraceNumber};
use settlement::money::SignedCents;
use settlement::reconcile::receipt::reference;
use std::collections::BTreeSet;

/// What is ours, to be found in any field of a line.
pub struct Ours {
    companies: BTreeSet<String>,
    files: BTreeSet<String>,
    /// Fundings by their ids.
    fundings: Vec<String>,
    /// Company names, and the companies.
    called: Vec<(String, String)>,
    /// Names and numbers of ours that stand on many lines.
    known: Vec<String>,
}

/// Words by which a bank says that a line takes back an earlier one.
const REVERSALS: [&str; 3] = ["REVERS", "CORRECTION", "CANCELLED"];

impl Ours {
    /// From the profile, and from what waits or came lately.
    pub fn of(desk: &Desk, expectations: &[Expectation], done: &[Done]) -> Ours {
        let all = expectations
            .iter()
            .chain(done.iter().map(|done| &done.expectation));
        let fundings = all.clone().filter(|one| one.is_funding());
        let fundings = fundings.map(|one| one.id.clone()).collect();
        let files = all
            .map(|one| one.file.clone())
            .filter(|file| !file.is_empty());
        let companies = desk.bank.originators.values();
        Ours {
            companies: companies
                .map(|one| one.company_id.trim().to_owned())
                .collect(),
            files: files.collect(),
            fundings,
            called: companies_by_name(desk),
            known: our_own(&desk.bank),
        }
    }

    /// A line as a receipt.
    ///
    /// # Errors
    /// Where a row is none of those that ingestion writes.
    pub fn receipt(&self, row: &BankLine<'_>) -> Result<Receipt> {
        let wrong = |e| Failure::damaged(format!("bank_lines, {}: {e}", row.line_id));
        let text = row.text.to_string();
        let upper = text.to_ascii_uppercase();
        Ok(Receipt {
            id: row.line_id.to_string(),
            account: row.account_last4.to_string(),
            role: row.role.parse().map_err(wrong)?,
            cents: row.amount,
            remainder: row.amount,
            value: row.value_date,
            names: self.names(row)?,
            reference: row.bank_reference.to_string(),
            reverses: REVERSALS.iter().any(|word| upper.contains(word)),
            text,
            details: Vec::new(),
            found: None,
        })
    }

    /// Adds the parts of a line, where they add up to it. What names the only part names the line.
    pub fn add(&self, parts: &[Part], receipt: &mut Receipt) {
        let names = |part: &Part| {
            let fields = part.fields.iter().flat_map(|field| self.named_in(field));
            let names: BTreeSet<Name> = fields.chain(part.trace.map(Name::Trace)).collect();
            names
        };
        let detail = |part: &Part| {
            let names = names(part).into_iter().collect();
            part.cents.map(|cents| Detail { cents, names })
        };
        let all: Option<Vec<Detail>> = parts.iter().map(detail).collect();
        let sum = SignedCents::sum(parts.iter().filter_map(|part| part.cents));
        if let Some(all) = all.filter(|_| sum == Some(receipt.cents)) {
            receipt.details = all;
        }
        if let [only] = parts {
            let known = names(only);
            if !known.is_empty() {
                receipt.names.retain(|name| !matches!(name, Name::Else(_)));
            }
            receipt.names.extend(known);
            receipt.names.sort();
            receipt.names.dedup();
        }
    }

    /// All that any field names, sorted and each once.
    fn names(&self, row: &BankLine<'_>) -> Result<Vec<Name>> {
        let mut names = BTreeSet::new();
        if let Some(trace) = row.trace.and_then(|trace| u64::try_from(trace).ok()) {
            names.extend(TraceNumber::from_number(trace).ok().map(Name::Trace));
        }
        let reference = reference(&row.customer_reference);
        for field in [reference, &row.text] {
            names.extend(self.named_in(field));
        }
        if names.is_empty() && !reference.is_empty() {
            names.insert(Name::Else(reference.to_owned()));
        }
        let wrong = |e| Failure::damaged(format!("bank_lines, {}: {e}", row.line_id));
        if may_fund(row.role.parse().map_err(wrong)?) {
            names.extend(self.funded(&[reference, &row.bank_reference, &row.text]));
        }
        if names.is_empty() && row.role == LineRole::Funding.as_str() {
            names.extend(self.told(&row.text, &row.bank_reference));
        }
        Ok(names.into_iter().collect())
    }

    /// The fundings whose references stand in one of these.
    fn funded(&self, fields: &[&str]) -> impl Iterator<Item = Name> {
        let said = |id: &&String| {
            let reference = Kind::funded(id).map(|(_, reference)| reference);
            reference.is_some_and(|one| fields.iter().any(|field| is_said(one, field)))
        };
        let names = self.fundings.iter().filter(said);
        names
            .map(|id| Name::Funding(id.clone()))
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// What the text of a wire says that names nothing else: something that is none of ours, or a
    /// company of ours.
    fn told(&self, text: &str, by_bank: &str) -> Vec<Name> {
        let mut known = self.known.clone();
        known.extend(Some(by_bank.trim().to_owned()).filter(|text| !text.is_empty()));
        if let Some(other) = something(text, &known) {
            return vec![Name::Else(other.to_owned())];
        }
        let called = self.called.iter().filter(|(name, _)| is_said(name, text));
        called.map(|(_, id)| Name::Company(id.clone())).collect()
    }

    /// Adds what a line of a day before says of what was announced since.
    pub fn say_again(&self, receipt: &mut Receipt) {
        if !may_fund(receipt.role) {
            return;
        }
        let unknown = receipt.names.iter().filter_map(|name| match name {
            Name::Else(text) => Some(text.as_str()),
            _ => None,
        });
        let mut fields: Vec<&str> = unknown.collect();
        fields.extend([receipt.reference.as_str(), receipt.text.as_str()]);
        let more: Vec<Name> = self.funded(&fields).collect();
        receipt.names.extend(more);
        if receipt.names.is_empty() && receipt.role == LineRole::Funding {
            receipt.names = self.told(&receipt.text, &receipt.reference);
        }
        receipt.names.sort();
        receipt.names.dedup();
    }

    /// What a field names of ours.
    fn named_in<'s>(&'s self, field: &'s str) -> impl Iterator<Item = Name> + 's {
        let files = self.files.iter();
        let files = files.filter(move |file| field.contains(file.as_str()));
        let words = field.split(|c: char| !c.is_ascii_alphanumeric());
        let files = files.map(|file| Name::File(file.clone()));
        files.chain(words.filter_map(|word| self.name(word)))
    }

    /// What one word names.
    fn name(&self, word: &str) -> Option<Name> {
        if let Ok(key) = word.parse::<BatchKey>() {
            return Some(Name::Batch(key));
        }
        if word.len() == 15 && word.bytes().all(|b| b.is_ascii_digit()) {
            let trace = TraceNumber::from_number(word.parse().ok()?);
            return trace.ok().map(Name::Trace);
        }
        self.companies
            .contains(word)
            .then(|| Name::Company(word.to_owned()))
    }
}

fn companies_by_name(desk: &Desk) -> Vec<(String, String)> {
    let all = desk.bank.originators.values();
    let all = all.map(|one| (one.company_name.trim(), one.company_id.trim()));
    all.map(|(name, id)| (name.to_owned(), id.to_owned()))
        .collect()
}

/// Whether a line may be a wire: any other has its money from entries or fees, whatever its text.
fn may_fund(role: LineRole) -> bool {
    matches!(role, LineRole::Funding | LineRole::Other)
}
