//! What borrowers ask of a lender, and what it answers.

use super::wire::{
    ChangeForm, DocumentForm, ErrorForm, EventOfForm, FactForm, FedForm, NewForm, PaymentForm,
};
use connectors::{Applied, Created, Error, Identity, Index, Receipt, Request, Result, Told};
use jiff::civil::Date;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use settlement::ids::PaymentId;
use settlement::payment::{Side, State};
use std::time::Duration;

/// What this release speaks. Whoever speaks another is refused: both are to be of one release.
pub const PROTOCOL: u32 = 1;

/// The longest question.
pub const ASKED_BYTES: usize = 4 << 20;

/// The longest answer.
pub const ANSWER_BYTES: usize = 64 << 20;

/// Records of one question or answer; whoever asks for more asks again.
pub const RECORDS: usize = 2_048;

/// Payments of one answer, by their bytes; one payment may be larger.
pub const PAYMENTS_BYTES: usize = 8 << 20;

/// Messages of one answer: each has at most 256 KiB.
pub const MESSAGES: usize = 128;

/// The first words of a borrower. Its first number is the protocol's, in every release.
#[derive(Debug, Serialize, Deserialize)]
pub struct Hello {
    /// What it speaks.
    pub protocol: u32,
    /// Whose store it has come for, where that says so by now.
    pub installation: Option<Identity>,
}

/// The first words of a lender, in every release.
#[derive(Debug, Serialize, Deserialize)]
pub enum Welcome {
    /// Ask.
    Come {
        /// Which opening of the store this is.
        epoch: u64,
    },
    /// Why not, for a person.
    Go(String),
}

/// A question about what is seen from a bank.
#[derive(Serialize, Deserialize)]
pub struct Question {
    /// The bank; empty for the home bank.
    pub bank: String,
    /// What is asked.
    pub ask: Ask,
}

/// What is asked: a call of a port.
#[allow(missing_docs)] // each is a call of a port, and its arguments
#[derive(Serialize, Deserialize)]
pub enum Ask {
    Create(Vec<NewForm>),
    Get(Vec<PaymentId>),
    Apply(Vec<ChangeForm>),
    Tell(Vec<FactForm>),
    Forget(Vec<PaymentId>),
    Facts(Side),
    FactsOf(Date),
    Page(Index, Option<PaymentId>, usize),
    Events(Date, Option<(PaymentId, u32)>, usize),
    UnusualEvents(Date, Option<(PaymentId, u32)>, usize),
    Standings(Vec<PaymentId>),
    History(PaymentId),
    Requests(Option<[u8; 32]>, usize),
    Request([u8; 32]),
    Recent(String, Option<PaymentId>, usize),
    Feed(u64, usize),
    PutDocument(String, String, u64, Vec<u8>),
    RemoveDocument(String, String, u64),
    GetDocument(String, String),
    ListDocuments(String, String, Option<String>, usize),
    Send(String, Vec<u8>),
    Receive(String, usize, Duration),
    Ack(String, Receipt),
    Extend(String, Receipt, Duration),
    DeadLetters(String, Option<u64>, usize),
}

/// What is answered.
#[allow(missing_docs)] // each is what a port gives
#[derive(Serialize, Deserialize)]
pub enum Answer {
    Failed(ErrorForm),
    Created(Vec<Created>),
    /// And whether there are more than one answer holds.
    Payments(Vec<Option<PaymentForm>>, bool),
    Applied(Vec<Applied>),
    Told(Vec<Told>),
    Forgotten(u64),
    Facts(Vec<FactForm>),
    Events(Vec<EventOfForm>),
    Standings(Vec<Option<State>>),
    Requests(Vec<Request>),
    Fed(Vec<(u64, FedForm)>),
    Documents(Vec<DocumentForm>),
    /// The version of a document that was changed, or why it was not.
    Changed(std::result::Result<u64, ErrorForm>),
    Sent(u64),
    Messages(Vec<(Receipt, Vec<u8>)>),
    Letters(Vec<(u64, Vec<u8>)>),
    Done,
}

/// The bytes of a question or an answer.
///
/// # Errors
/// Where it cannot be written.
pub fn bytes<T: Serialize>(what: &T) -> Result<Vec<u8>> {
    let wrong = |e| Error::invalid("lent store", format!("a message cannot be written: {e}"));
    postcard::to_allocvec(what).map_err(wrong)
}

/// The question or answer of bytes, which are nothing else.
///
/// # Errors
/// Where they are none.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    match postcard::take_from_bytes(bytes) {
        Ok((read, [])) => Ok(read),
        _ => Err(unreadable()),
    }
}

/// What came over a socket is not what belongs there.
pub fn unreadable() -> Error {
    let why = "what came over its socket is no message of this release; end the other process and \
               run the same again";
    Error::unavailable("lent store", why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_words_are_these_in_every_release() {
        let hello = Hello {
            protocol: 1,
            installation: None,
        };
        assert_eq!(bytes(&hello).unwrap(), [1, 0]);
        assert_eq!(bytes(&Welcome::Come { epoch: 3 }).unwrap(), [0, 3]);
        let go = Welcome::Go("no".to_owned());
        assert_eq!(bytes(&go).unwrap(), [1, 2, b'n', b'o']);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_question_or_refused(body in prop::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(question) = read::<Question>(&body) {
                // What is no payment, or no fact, is refused when it is looked at.
                match question.ask {
                    Ask::Create(new) => new.into_iter().for_each(|new| drop(new.read())),
                    Ask::Tell(facts) => facts.into_iter().for_each(|fact| drop(fact.read())),
                    _ => {}
                }
            }
            let _ = read::<Answer>(&body).is_ok();
        }
    }
}
