//! What ports take and give, as it goes over a socket.
//!
//! Payments, events and facts go in the bytes in which the store keeps them, so that there is one
//! form of each; what the store does not keep has a form here.

use crate::payments::records::{self, EventForm, PaymentRecord};
use connectors::{Change, Document, Error, Happened, NewRecord, Result, Telling};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use settlement::ids::PaymentId;
use settlement::payment::{Event, Numbered, Payment, PaymentEvent, Side};

/// A payment: what changes of it, and what does not.
#[derive(Serialize, Deserialize)]
pub struct PaymentForm(Vec<u8>, Vec<u8>);

impl PaymentForm {
    /// The form of a payment.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn of(payment: Payment) -> Result<PaymentForm> {
        let record = PaymentRecord::new(payment);
        let order = record.order_bytes()?.unwrap_or_default();
        Ok(PaymentForm(record.bytes()?, order))
    }

    /// How many bytes it has.
    pub const fn bytes(&self) -> usize {
        self.0.len() + self.1.len()
    }

    /// The payment.
    ///
    /// # Errors
    /// Where it is none.
    pub fn read(self) -> Result<Payment> {
        let PaymentForm(changing, order) = self;
        Ok(PaymentRecord::read(&changing, || Ok(Some(order)))?.payment)
    }
}

/// A payment to be created.
#[derive(Serialize, Deserialize)]
pub struct NewForm {
    payment: PaymentForm,
    idempotency_key: String,
    request_hash: [u8; 32],
    date: Date,
}

impl NewForm {
    /// The form of a payment to be created.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn of(new: &NewRecord) -> Result<NewForm> {
        Ok(NewForm {
            payment: PaymentForm::of(new.payment.clone())?,
            idempotency_key: new.idempotency_key.clone(),
            request_hash: new.request_hash,
            date: new.date,
        })
    }

    /// The payment to be created.
    ///
    /// # Errors
    /// Where it is none.
    pub fn read(self) -> Result<NewRecord> {
        Ok(NewRecord {
            payment: self.payment.read()?,
            idempotency_key: self.idempotency_key,
            request_hash: self.request_hash,
            date: self.date,
        })
    }
}

/// An event that is to happen to a payment.
#[derive(Serialize, Deserialize)]
pub struct ChangeForm {
    payment: PaymentId,
    expected_version: Option<u32>,
    #[serde(with = "EventForm")]
    event: Event,
    date: Date,
    #[serde(with = "jiff::fmt::serde::timestamp::nanosecond::required")]
    at: Timestamp,
}

impl ChangeForm {
    /// The form of a change.
    pub fn of(change: &Change) -> ChangeForm {
        ChangeForm {
            payment: change.payment,
            expected_version: change.expected_version,
            event: change.event.clone(),
            date: change.date,
            at: change.at,
        }
    }

    /// The change.
    pub fn read(self) -> Change {
        Change {
            payment: self.payment,
            expected_version: self.expected_version,
            event: self.event,
            date: self.date,
            at: self.at,
        }
    }
}

/// A fact of a side, and what number it has or is to have.
#[derive(Serialize, Deserialize)]
pub struct FactForm {
    side: Side,
    number: u32,
    fact: Vec<u8>,
}

impl FactForm {
    /// The form of a fact that is to be told.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn telling(telling: &Telling) -> Result<FactForm> {
        Ok(FactForm {
            side: telling.side,
            number: 0,
            fact: records::of_fact(&telling.fact)?,
        })
    }

    /// The form of a fact that was told.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn told(side: Side, told: &Numbered) -> Result<FactForm> {
        Ok(FactForm {
            side,
            number: told.number,
            fact: records::of_fact(&told.fact)?,
        })
    }

    /// The side, and the fact under its number.
    ///
    /// # Errors
    /// Where it is none.
    pub fn read(self) -> Result<(Side, Numbered)> {
        let (number, fact) = (self.number, records::fact(&self.fact)?);
        Ok((self.side, Numbered { number, fact }))
    }
}

/// An event that happened.
#[derive(Serialize, Deserialize)]
pub struct EventOfForm {
    payment: PaymentId,
    version: u32,
    date: Date,
    fact: Option<u32>,
    event: Vec<u8>,
}

impl EventOfForm {
    /// The form of an event.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn of(event: PaymentEvent) -> Result<EventOfForm> {
        Ok(EventOfForm {
            payment: event.payment,
            version: event.version,
            date: event.date,
            fact: event.fact,
            event: records::of_event(event)?,
        })
    }

    /// The event.
    ///
    /// # Errors
    /// Where it is none.
    pub fn read(self) -> Result<PaymentEvent> {
        let read = records::event(self.date, self.payment, self.version, &self.event)?;
        Ok(PaymentEvent {
            fact: self.fact,
            ..read
        })
    }
}

/// What the feed tells.
#[derive(Serialize, Deserialize)]
pub enum FedForm {
    /// An event of a payment.
    Event(EventOfForm),
    /// A fact of a side at a bank.
    Fact(String, FactForm),
}

impl FedForm {
    /// The form of what happened.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn of(happened: Happened) -> Result<FedForm> {
        Ok(match happened {
            Happened::Event(event) => FedForm::Event(EventOfForm::of(event)?),
            Happened::Fact { bank, side, fact } => {
                FedForm::Fact(bank, FactForm::told(side, &fact)?)
            }
        })
    }

    /// What happened.
    ///
    /// # Errors
    /// Where it is none.
    pub fn read(self) -> Result<Happened> {
        Ok(match self {
            FedForm::Event(event) => Happened::Event(event.read()?),
            FedForm::Fact(bank, fact) => {
                let (side, fact) = fact.read()?;
                Happened::Fact { bank, side, fact }
            }
        })
    }
}

/// A document.
#[derive(Serialize, Deserialize)]
pub struct DocumentForm(String, u64, Vec<u8>);

impl DocumentForm {
    /// The form of a document.
    pub fn of(document: Document) -> DocumentForm {
        DocumentForm(document.name, document.version, document.body.into())
    }

    /// The document.
    pub fn read(self) -> Document {
        Document {
            name: self.0,
            version: self.1,
            body: self.2.into(),
        }
    }
}

/// Why a port did not do what it was asked.
#[derive(Clone, Serialize, Deserialize)]
pub enum ErrorForm {
    /// [`Error::NotFound`].
    NotFound(String),
    /// [`Error::Conflict`].
    Conflict(String, String),
    /// [`Error::Denied`].
    Denied(String, String),
    /// [`Error::Unavailable`].
    Unavailable(String, String),
    /// [`Error::Corrupt`].
    Corrupt(String, String),
    /// [`Error::Full`].
    Full(String),
    /// [`Error::Invalid`].
    Invalid(String, String),
}

impl ErrorForm {
    /// The form of an error.
    pub fn of(error: Error) -> ErrorForm {
        match error {
            Error::NotFound { what } => ErrorForm::NotFound(what),
            Error::Conflict { what, why } => ErrorForm::Conflict(what, why),
            Error::Denied { what, why } => ErrorForm::Denied(what, why),
            Error::Unavailable { what, source } => ErrorForm::Unavailable(what, source.to_string()),
            Error::Corrupt { what, why } => ErrorForm::Corrupt(what, why),
            Error::Full { what } => ErrorForm::Full(what),
            Error::Invalid { what, why } => ErrorForm::Invalid(what, why),
        }
    }

    /// The error.
    pub fn read(self) -> Error {
        match self {
            ErrorForm::NotFound(what) => Error::NotFound { what },
            ErrorForm::Conflict(what, why) => Error::Conflict { what, why },
            ErrorForm::Denied(what, why) => Error::Denied { what, why },
            ErrorForm::Unavailable(what, source) => Error::unavailable(what, source),
            ErrorForm::Corrupt(what, why) => Error::Corrupt { what, why },
            ErrorForm::Full(what) => Error::Full { what },
            ErrorForm::Invalid(what, why) => Error::Invalid { what, why },
        }
    }
}
