//! Authorize: from a request to a payment that waits for its cut.
//!
//! A payment that a bank would reject tomorrow is cheaper to refuse now, while its sender is
//! listening. [`NewPayment::check`] holds a request against the rules of its class and against the
//! agreement with the bank, and names **every** field that is wrong, not only the first. What it
//! lets through is a [`Checked`] request, the only thing a [`Payment`] can be made from; nothing
//! else makes one.
//!
//! The account number is lent for the check and kept nowhere: the payment gets its sealed form
//! and its token from the caller. No fault repeats a value, so faults may be logged.
//!
//! Source: Nacha Rules 2013 Appendix Three; the same-day limit's own rule.

use crate::bank::{BankProfile, MAX_ENTRY};
use crate::codes::descriptions::{
    ACCOUNT_VERIFY, DESCRIPTIONS, Description, RETRY, RETURN_FEE, REVERSAL,
};
use crate::codes::sec::{Directions, SecCode};
use crate::ids::{AccountToken, Direction, PaymentId, RoutingNumber};
use crate::money::{Cents, Currency};
use crate::payment::{AccountKind, Order, Payment, Receiver, Sealed, Speed};
use crate::windows::{same_day_eligible, same_day_limit};
use jiff::{Span, Timestamp, civil::Date};
use std::collections::BTreeMap;
use std::fmt;

/// The entry classes that can be requested: those whose every field a request has. The others
/// carry a check, a terminal, a foreign bank or no money.
pub const REQUESTABLE: &[SecCode] = &[
    SecCode::Ccd,
    SecCode::Ctx,
    SecCode::Ppd,
    SecCode::Tel,
    SecCode::Web,
];

/// Columns of an account number in an entry. Entry detail, positions 13-29.
pub const ACCOUNT_COLUMNS: usize = 17;

/// Columns of payment related information in an addenda 05, positions 4-83.
pub const REMITTANCE_COLUMNS: usize = 80;

/// Characters of a client's own name for a payment.
pub const REFERENCE_CHARACTERS: usize = 40;

/// Keys of what a client wants kept with a payment.
pub const METADATA_KEYS: usize = 20;

/// Characters of such a key.
pub const METADATA_KEY_CHARACTERS: usize = 40;

/// Characters of what stands under it.
pub const METADATA_VALUE_CHARACTERS: usize = 500;

/// Columns of a company entry description. Batch header, positions 54-63.
pub const DESCRIPTION_COLUMNS: usize = 10;

/// A payment may wait this many days for its effective entry date: further ahead it is a
/// schedule, which belongs to the sender.
pub const DAYS_AHEAD: i64 = 366;

/// Micro-entries are less than this. Nacha's micro-entry rule, 2022-09-16.
const MICRO_ENTRY: Cents = Cents::new(100);

/// What a client asks for, as far as types can check it. The account number is not part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPayment {
    /// What is ordered.
    pub order: Order,
    /// The receiver's bank.
    pub routing: RoutingNumber,
    /// The kind of account there.
    pub account: AccountKind,
    /// The receiver's name.
    pub name: String,
    /// Payment related information for an addenda.
    pub remittance: Option<String>,
    /// The client's own name for the payment; no entry carries it.
    pub reference: Option<String>,
    /// What else the client wants kept with it, by key; no entry carries it.
    pub metadata: BTreeMap<String, String>,
}

/// What is wrong with one field of a request, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum Fault {
    #[error("amount: must be more than 0.00")]
    NoAmount,
    #[error("amount: at most {limit} for {sec}; split what is owed only where it is owed in parts")]
    AmountTooLarge { sec: SecCode, limit: Cents },
    #[error("amount: a micro-entry is less than 1.00; use another description")]
    NotMicro,
    #[error("sec: {0} cannot be requested; use CCD, CTX, PPD, TEL or WEB")]
    Class(SecCode),
    #[error(
        "direction: {sec} carries no {way}s; use another entry class",
        way = .direction.as_str()
    )]
    Direction { sec: SecCode, direction: Direction },
    #[error("originator: missing; name the originator as the bank profile does")]
    NoOriginator,
    #[error("originator: the bank profile has none of this name; ask for it to be set up")]
    UnknownOriginator,
    #[error("sec: the originator has no agreement for {0}; use one of its entry classes")]
    NotAgreed(SecCode),
    #[error("amount: the bank takes at most {0} in one entry")]
    OverBankLimit(Cents),
    #[error("name: missing; the receiver's bank may return an entry without it")]
    NoName,
    #[error("name: at most {0} characters; shorten it as the receiver would")]
    LongName(usize),
    #[error("{0}: has a character that no NACHA record can carry; use printable ASCII")]
    Characters(&'static str),
    #[error("description: 1 to 10 characters, neither blank nor all zeros")]
    DescriptionShape,
    #[error("description: {0} is a reserved word and must be in upper case")]
    ReservedCase(&'static str),
    #[error("description: {word} is reserved for {scope}; use another description")]
    Reserved {
        word: &'static str,
        scope: &'static str,
    },
    #[error("remittance: {0} carries none; leave it out")]
    NoRemittance(SecCode),
    #[error("remittance: 1 to 80 characters; leave it out or shorten it")]
    RemittanceShape,
    #[error("originator: no bank is configured for it; ask for it to be set up")]
    NoBank,
    #[error("currency: no bank of the originator's keeps {0}; use another currency")]
    NoBankOfCurrency(Currency),
    #[error("reference: 1 to 40 printable ASCII characters, first a letter or digit; shorten it")]
    ReferenceShape,
    #[error("metadata: at most 20 keys; leave some out")]
    MetadataKeys,
    #[error("metadata: a key has 1 to 40 letters, digits, dots, hyphens or underscores")]
    MetadataKeyShape,
    #[error("metadata: a value has at most 500 characters, none of them a control character")]
    MetadataValueShape,
    #[error("account number: 1 to 17 letters, digits, hyphens or inner blanks, not all zeros")]
    AccountShape,
    #[error("account routing: zeros are no bank's; look at it again")]
    NoReceivingBank,
    #[error("account kind: a loan account takes credits only; reversals are not requested here")]
    LoanDebit,
    #[error("speed: {0} never settles on the same day; request standard")]
    SameDayClass(SecCode),
    #[error("speed: at most {0} settles on the same day; request standard")]
    SameDayLimit(Cents),
    #[error("effective: a same-day payment is dated on its day; leave it out or request standard")]
    SameDayDate,
    #[error("effective: {0} is past; leave it out for the earliest date")]
    PastDate(Date),
    #[error("effective: more than 366 days ahead; send the request nearer to its date")]
    FarDate,
}

/// Everything that is wrong with a request: never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.0.iter().enumerate() {
            let between = if at == 0 { "" } else { "\n" };
            write!(f, "{between}{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// A request that no rule known here refuses, and that the bank has agreed to take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked(NewPayment);

impl NewPayment {
    /// Checks the request on the business date `today`, with the account number in clear, for the
    /// bank of `profile`.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn check(
        self,
        account_number: &str,
        profile: &BankProfile,
        today: Date,
    ) -> Result<Checked, Faults> {
        let faults = self.faults(account_number, profile, today);
        self.checked(faults)
    }

    /// Checks the reversal of a payment, as [`check`](NewPayment::check) does. It may go against
    /// the direction of its class, take a loan's credit back, and say REVERSAL, which nothing else
    /// may.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn check_reversal(
        self,
        account_number: &str,
        profile: &BankProfile,
        today: Date,
    ) -> Result<Checked, Faults> {
        let mut faults = self.faults(account_number, profile, today);
        faults.retain(|fault| {
            let is_its_own = matches!(fault, Fault::Reserved { word: REVERSAL, .. });
            !is_its_own && !matches!(fault, Fault::Direction { .. } | Fault::LoanDebit)
        });
        self.checked(faults)
    }

    fn checked(self, faults: Vec<Fault>) -> Result<Checked, Faults> {
        match faults.is_empty() {
            true => Ok(Checked(self)),
            false => Err(Faults(faults)),
        }
    }

    fn faults(&self, account_number: &str, profile: &BankProfile, today: Date) -> Vec<Fault> {
        let mut faults = Vec::new();
        self.order.check_amount(&mut faults);
        self.order.check_agreement(profile, &mut faults);
        self.order.check_class(&mut faults);
        self.check_receiver(account_number, &mut faults);
        self.order.check_description(today, &mut faults);
        self.check_remittance(&mut faults);
        self.check_kept(&mut faults);
        self.order.check_dates(today, &mut faults);
        faults
    }

    fn check_receiver(&self, account_number: &str, faults: &mut Vec<Fault>) {
        let columns = name_columns(self.order.sec);
        if self.name.trim().is_empty() {
            faults.push(Fault::NoName);
        }
        if !printable(&self.name) {
            faults.push(Fault::Characters("name"));
        } else if self.name.len() > columns {
            faults.push(Fault::LongName(columns));
        }
        if !self.routing.dfi().is_a_bank() {
            faults.push(Fault::NoReceivingBank);
        }
        if !is_account_number(account_number) {
            faults.push(Fault::AccountShape);
        }
        if self.account == AccountKind::Loan && self.order.direction == Direction::Debit {
            faults.push(Fault::LoanDebit);
        }
    }

    fn check_remittance(&self, faults: &mut Vec<Fault>) {
        let Some(text) = &self.remittance else { return };
        if self.order.sec.rule().addenda_type != "05" {
            faults.push(Fault::NoRemittance(self.order.sec));
        }
        if !printable(text) {
            faults.push(Fault::Characters("remittance"));
        } else if text.trim().is_empty() || text.len() > REMITTANCE_COLUMNS {
            faults.push(Fault::RemittanceShape);
        }
    }

    /// What is kept for the client and goes nowhere. A reference is a cell of tables and lists: so
    /// it begins as nothing that a spreadsheet would compute.
    fn check_kept(&self, faults: &mut Vec<Fault>) {
        let is_reference = |text: &String| text.len() <= REFERENCE_CHARACTERS && is_own_name(text);
        if !self.reference.as_ref().is_none_or(is_reference) {
            faults.push(Fault::ReferenceShape);
        }
        if self.metadata.len() > METADATA_KEYS {
            faults.push(Fault::MetadataKeys);
        }
        let of_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let is_key = |key: &String| {
            (1..=METADATA_KEY_CHARACTERS).contains(&key.len()) && key.chars().all(of_key)
        };
        if !self.metadata.keys().all(is_key) {
            faults.push(Fault::MetadataKeyShape);
        }
        let is_value = |value: &String| {
            value.chars().count() <= METADATA_VALUE_CHARACTERS
                && !value.chars().any(char::is_control)
        };
        if !self.metadata.values().all(is_value) {
            faults.push(Fault::MetadataValueShape);
        }
    }
}

/// What the rules and the bank have against what is ordered, whoever receives it.
impl Order {
    /// What the agreement with the bank has against the request. An amount that no entry at any
    /// bank can have, and an originator that is not named at all, are said already.
    fn check_agreement(&self, profile: &BankProfile, faults: &mut Vec<Fault>) {
        match profile.originators.get(&self.originator) {
            None if self.originator.trim().is_empty() => {}
            None => faults.push(Fault::UnknownOriginator),
            Some(agreed) if !agreed.classes.contains_key(&self.sec) => {
                faults.push(Fault::NotAgreed(self.sec));
            }
            Some(_) => {}
        }
        if self.amount > profile.max_entry_cents && self.amount <= MAX_ENTRY {
            faults.push(Fault::OverBankLimit(profile.max_entry_cents));
        }
    }

    fn check_amount(&self, faults: &mut Vec<Fault>) {
        let limit = MAX_ENTRY.min(Cents::new(self.sec.rule().limit_cents));
        if self.amount.is_zero() {
            faults.push(Fault::NoAmount);
        }
        if REQUESTABLE.contains(&self.sec) && self.amount > limit {
            faults.push(Fault::AmountTooLarge {
                sec: self.sec,
                limit,
            });
        }
        if self.originator.trim().is_empty() {
            faults.push(Fault::NoOriginator);
        }
    }

    fn check_class(&self, faults: &mut Vec<Fault>) {
        let (sec, direction) = (self.sec, self.direction);
        if !REQUESTABLE.contains(&sec) {
            faults.push(Fault::Class(sec));
            return;
        }
        let carries = match sec.rule().directions {
            Directions::Both => true,
            Directions::Credits => direction == Direction::Credit,
            Directions::Debits | Directions::Adjusted => direction == Direction::Debit,
            _ => false,
        };
        if !carries {
            faults.push(Fault::Direction { sec, direction });
        }
    }

    fn check_description(&self, today: Date, faults: &mut Vec<Fault>) {
        let text = self.description.as_str();
        if !printable(text) {
            faults.push(Fault::Characters("description"));
            return;
        }
        let says_nothing = text.bytes().all(|b| b == b' ' || b == b'0');
        if text.len() > DESCRIPTION_COLUMNS || says_nothing {
            faults.push(Fault::DescriptionShape);
            return;
        }
        let upper = text.to_ascii_uppercase();
        let in_force = |word: &&Description| word.since.is_none_or(|since| since <= today);
        let mut words = DESCRIPTIONS.iter().filter(in_force);
        let Some(reserved) = words.find(|word| word.matches(upper.as_bytes())) else {
            return;
        };
        if !reserved.matches(text.as_bytes()) {
            faults.push(Fault::ReservedCase(reserved.word));
        }
        if let Some(scope) = self.outside_scope(reserved) {
            faults.push(Fault::Reserved {
                word: reserved.word,
                scope,
            });
        }
        if reserved.word == ACCOUNT_VERIFY && self.amount >= MICRO_ENTRY {
            faults.push(Fault::NotMicro);
        }
    }

    /// What a reserved word is for, where this request is something else.
    fn outside_scope(&self, reserved: &Description) -> Option<&'static str> {
        let credit = self.direction == Direction::Credit;
        let consumer = [SecCode::Ppd, SecCode::Tel, SecCode::Web].contains(&self.sec);
        let (scope, fits) = match reserved.word {
            REVERSAL => (
                "reversing entries; reverse the payment that was wrong",
                false,
            ),
            "RECLAIM" => ("reclamations of a federal agency", false),
            "NONSETTLED" => ("the operator", false),
            "PAYROLL" => ("PPD credits of wages", credit && self.sec == SecCode::Ppd),
            "PURCHASE" => (
                "consumer debits for goods bought online",
                !credit && consumer,
            ),
            "HCCLAIMPMT" => (
                "CCD credits of health care claims",
                credit && self.sec == SecCode::Ccd,
            ),
            RETRY => ("debits sent again after a return", !credit),
            RETURN_FEE => ("debits of return fees", !credit),
            _ => (
                "another entry class",
                reserved.sec.is_none_or(|sec| sec == self.sec),
            ),
        };
        (!fits).then_some(scope)
    }

    fn check_dates(&self, today: Date, faults: &mut Vec<Fault>) {
        if let Some(wished) = self.effective {
            // saturates: at the end of the calendar the horizon is its last day
            let horizon = today.saturating_add(Span::new().days(DAYS_AHEAD));
            if wished < today {
                faults.push(Fault::PastDate(wished));
            } else if wished > horizon {
                faults.push(Fault::FarDate);
            }
        }
        if self.speed != Speed::SameDay {
            return;
        }
        if self.effective.is_some_and(|wished| wished > today) {
            faults.push(Fault::SameDayDate);
        }
        if !same_day_eligible(self.sec, Cents::ZERO, today) {
            faults.push(Fault::SameDayClass(self.sec));
        } else if !same_day_eligible(self.sec, self.amount, today) {
            // A class that settles on the same day has a limit on that day.
            faults.push(Fault::SameDayLimit(
                same_day_limit(today).unwrap_or(Cents::ZERO),
            ));
        }
    }
}

/// Columns of a receiver's name. CTX gives six of them to the number of addenda.
const fn name_columns(sec: SecCode) -> usize {
    match sec {
        SecCode::Ctx => 16,
        _ => 22,
    }
}

fn printable(text: &str) -> bool {
    text.bytes().all(|b| (0x20..=0x7E).contains(&b))
}

/// Whether `text` can be a client's own name for something, as a reference: printable ASCII that no
/// spreadsheet would compute, without blanks around it.
pub fn is_own_name(text: &str) -> bool {
    printable(text)
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.trim_end() == text
}

/// Whether `text` has the shape of an account number that fits an entry.
pub fn is_account_number(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b' ';
    (1..=ACCOUNT_COLUMNS).contains(&text.len())
        && text.bytes().all(allowed)
        && text.trim() == text
        && text.bytes().any(|b| b.is_ascii_alphanumeric() && b != b'0')
}

impl Checked {
    /// The request.
    pub const fn request(&self) -> &NewPayment {
        &self.0
    }

    /// The payment that waits for its cut, at the home bank: `token` and `sealed` stand for the
    /// account number that was checked.
    pub fn into_payment(
        self,
        id: PaymentId,
        created_at: Timestamp,
        token: AccountToken,
        sealed: Sealed,
    ) -> Payment {
        let request = self.0;
        let receiver = Receiver {
            routing: request.routing,
            account: request.account,
            token,
            sealed,
            name: request.name,
        };
        Payment {
            reference: request.reference,
            metadata: request.metadata,
            ..Payment::new(id, request.order, receiver, request.remittance, created_at)
        }
    }
}

#[cfg(test)]
mod tests;
