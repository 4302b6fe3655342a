//! The parts of an entry: its movements (`TxDtls`), and batches told without any (`Btch`).
//!
//! What is kept is bounded: banks list the entries of a batch, and a hostile file lists what it
//! likes. An entry with more parts than [`MOST`] is taken whole, and a finding says so.

use crate::camt053::elements::Element;
use crate::camt053::fields::Signed;
use crate::finding::{Place, Severity};
use crate::statement::{Detail, Findings};
use settlement::exact::Exact;
use settlement::money::SignedCents;

/// Parts kept of one entry: as many as forty batches have entries.
pub(super) const MOST: usize = 100_000;
/// References kept of one part: the schema has twelve, and remittances have more.
const MOST_REFERENCES: usize = 12;
/// Characters kept of a reference: the schema allows 35.
const LONGEST_REFERENCE: usize = 70;
/// Bytes kept of a part's text: the schema allows 140 a time.
const LONGEST_TEXT: usize = 500;

/// A movement that is being read.
#[derive(Default)]
struct Open {
    detail: Detail,
    signed: Signed,
}

/// A block of details (`NtryDtls`) that is being read.
#[derive(Default)]
struct Block {
    /// What names the batch that it is about.
    references: Vec<String>,
    /// Whether the message that brought it is named, which no field of the entry says.
    message: bool,
    signed: Signed,
    /// How many movements the bank says it has.
    said: Option<u64>,
    listed: u64,
}

/// All parts of one entry.
#[derive(Default)]
pub(super) struct Details {
    /// The movements.
    parts: Vec<Detail>,
    /// Batches of which no movement is listed.
    batches: Vec<Detail>,
    block: Block,
    open: Option<Open>,
    /// Whether there were more than are kept.
    too_many: bool,
}

impl Details {
    /// An element that starts inside the entry.
    pub(super) fn open(&mut self, path: &[&str]) {
        match path {
            ["NtryDtls"] => self.block = Block::default(),
            ["NtryDtls", "TxDtls"] => self.open = Some(Open::default()),
            _ => {}
        }
    }

    /// An element that ends inside `NtryDtls`; its path is from there on. `entry` is what is known
    /// of the entry: whether it is a credit, and its currency.
    pub(super) fn close(
        &mut self,
        path: &[&str],
        element: &Element,
        entry: (Option<bool>, &str),
        findings: &mut Findings,
    ) {
        match path {
            [] => self.close_block(element.place, entry.0, findings),
            ["Btch", name @ ("MsgId" | "PmtInfId")] => {
                self.block.message |= *name == "MsgId";
                keep(&mut self.block.references, element.text);
            }
            ["Btch", "NbOfTxs"] => self.block.said = element.text.parse().ok(),
            ["Btch", "TtlAmt"] if is_of(element, entry.1) => {
                self.block.signed.set_amount(element, findings);
            }
            ["Btch", "CdtDbtInd"] => self.block.signed.set_indicator(element, findings),
            ["TxDtls"] => self.close_detail(element.place, entry.0, findings),
            ["TxDtls", inside @ ..] => {
                if let Some(open) = &mut self.open {
                    open.close(inside, element, entry.1, findings);
                }
            }
            _ => {}
        }
    }

    fn close_detail(&mut self, place: Place, credit: Option<bool>, findings: &mut Findings) {
        let Some(Open { mut detail, signed }) = self.open.take() else {
            return;
        };
        // A movement without an indicator goes the way of its entry.
        detail.amount = signed.or(credit).get();
        for reference in &self.block.references {
            keep(&mut detail.references, reference);
        }
        self.block.listed = self.block.listed.plus(1);
        if self.too_many {
            return;
        }
        self.parts.push(detail);
        if self.parts.len() > MOST {
            (self.parts, self.too_many) = (Vec::new(), true);
            let why = format!("more than {MOST} movements in one entry: it is taken whole");
            findings.add(place.finding("DETAIL_TOTAL", Severity::Warning, "TxDtls", why));
        }
    }

    fn close_block(&mut self, place: Place, credit: Option<bool>, findings: &mut Findings) {
        let block = std::mem::take(&mut self.block);
        let Block { said, listed, .. } = block;
        if listed > 1 && said.is_some_and(|said| said != listed) {
            let why = format!("is not the number of movements listed, {listed}");
            findings.add(place.finding("DETAIL_TOTAL", Severity::Warning, "NbOfTxs", why));
        }
        // Without a sum or a message of its own it says no more than the entry.
        let more = block.message || block.signed.has_amount();
        let named = listed == 0 && more && !block.references.is_empty();
        if named && self.batches.len() < MOST {
            self.batches.push(Detail {
                amount: block.signed.or(credit).get(),
                reference: block.references.first().cloned().unwrap_or_default(),
                references: block.references,
                ..Detail::default()
            });
        }
    }

    /// The only movement, where there is one.
    pub(super) fn single(&self) -> Option<&Detail> {
        match self.parts.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// The parts of an entry of `amount`, and what is wrong with them together.
    pub(super) fn finish(
        self,
        amount: SignedCents,
        place: Place,
        findings: &mut Findings,
    ) -> Vec<Detail> {
        if self.too_many {
            return Vec::new();
        }
        let mut parts = self.parts;
        parts.extend(self.batches);
        if let [only] = parts.as_mut_slice() {
            only.amount = only.amount.or(Some(amount));
        }
        let mut note = |why: &str| {
            findings.add(place.finding("DETAIL_TOTAL", Severity::Warning, "TxDtls", why));
        };
        let known = parts.iter().filter(|part| part.amount.is_some()).count();
        let mut amounts = parts.iter().filter_map(|part| part.amount);
        let sum = amounts.try_fold(SignedCents::ZERO, SignedCents::checked_add);
        if known < parts.len() {
            if known > 0 {
                note("some of the movements inside have no amount: the entry counts");
            }
        } else if known > 0 && sum != Some(amount) {
            note("the movements inside do not add up to the entry: the entry counts");
        }
        parts
    }
}

impl Open {
    fn close(&mut self, path: &[&str], element: &Element, currency: &str, findings: &mut Findings) {
        let detail = &mut self.detail;
        match path {
            // An amount in another currency is no movement of the account.
            ["Amt"] | ["AmtDtls", "TxAmt", "Amt"] if !is_of(element, currency) => {}
            ["Amt"] => self.signed.set_amount(element, findings),
            ["AmtDtls", "TxAmt", "Amt"] if !self.signed.has_amount() => {
                self.signed.set_amount(element, findings);
            }
            ["CdtDbtInd"] => self.signed.set_indicator(element, findings),
            ["Refs", "Prtry", "Ref"]
            | ["RmtInf", "Strd", "CdtrRefInf", "Ref"]
            | ["RmtInf", "Strd", "RfrdDocInf", "Nb"] => {
                keep(&mut detail.references, element.text);
            }
            ["Refs", name] => {
                keep(&mut detail.references, element.text);
                // The clearing reference is the trace number; it is worth more than the others.
                let first = detail.reference.is_empty() && element.text != "NOTPROVIDED";
                if *name == "ClrSysRef" || first && OURS.contains(name) {
                    detail.reference = element.text.to_owned();
                }
            }
            ["RtrInf", "Rsn", "Cd" | "Prtry"] => detail.return_reason = element.text.to_owned(),
            ["RmtInf", "Ustrd"]
            | ["RmtInf", "Strd", "AddtlRmtInf"]
            | ["AddtlTxInf"]
            | ["RtrInf", "AddtlInf"] => say(&mut detail.text, element.text),
            _ => {}
        }
    }
}

/// References that are ours to begin with.
const OURS: [&str; 3] = ["EndToEndId", "InstrId", "TxId"];

/// Whether an amount is in the currency of its entry, as far as both say one.
fn is_of(element: &Element, currency: &str) -> bool {
    currency.is_empty() || element.currency.is_empty() || element.currency == currency
}

/// Keeps a reference, each once and within bounds.
fn keep(references: &mut Vec<String>, reference: &str) {
    let kept: String = reference.chars().take(LONGEST_REFERENCE).collect();
    let none = kept.is_empty() || kept == "NOTPROVIDED";
    if !none && references.len() < MOST_REFERENCES && !references.contains(&kept) {
        references.push(kept);
    }
}

/// Adds to a text within bounds.
fn say(text: &mut String, more: &str) {
    // saturates: a text that is full takes no more
    let room = LONGEST_TEXT.saturating_sub(text.len());
    if room > more.len() {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(more);
    }
}
