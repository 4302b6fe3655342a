//! A journal as it is posted: what it is for, and by what each of its accounts is kept.

use crate::journal::{Account, Journal, JournalError, JournalLine, Posting};
use crate::money::{Cents, SignedCents};
use jiff::civil::Date;

/// The journals of a fact.
pub(super) type Journals = Result<Vec<Posted>, PostingError>;

/// A journal with what it was made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The record it was posted for.
    pub source: String,
    /// The day from which it counts.
    pub effective: Date,
    /// The rule that made it.
    pub posting: Posting,
    /// Account, key, signed cents (debits positive), in the posting's order.
    pub lines: Vec<PostedLine>,
    /// The journal that it takes back.
    pub corrects: Option<String>,
}

impl Posted {
    /// The same journal the other way, for the record `source`, effective when this one was.
    ///
    /// # Errors
    /// Where an amount has no opposite.
    pub(super) fn reversed(&self, source: &str, name: &str) -> Result<Posted, PostingError> {
        let other = |line: &PostedLine| {
            let cents = line.cents.checked_neg();
            let too_large = || PostingError::TooLarge {
                account: line.account.number(),
                key: line.key.clone(),
            };
            Ok(PostedLine {
                cents: cents.ok_or_else(too_large)?,
                ..line.clone()
            })
        };
        Ok(Posted {
            source: source.to_owned(),
            lines: self
                .lines
                .iter()
                .map(other)
                .collect::<Result<_, PostingError>>()?,
            corrects: Some(name.to_owned()),
            ..self.clone()
        })
    }
}

/// One line of a [`Posted`] journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostedLine {
    /// The account.
    pub account: Account,
    /// What the account is kept by.
    pub key: String,
    /// Positive for a debit.
    pub cents: SignedCents,
}

/// Why a fact cannot be posted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostingError {
    /// The posting's legs do not balance: the rule is wrong.
    #[error("{source_of}: {error}")]
    Journal {
        /// The record it was to be posted for.
        source_of: String,
        /// What is wrong with it.
        error: JournalError,
    },
    /// A balance would exceed 63 bits of cents.
    #[error("account {account}, key {key:?}: the balance does not fit; correct what is posted")]
    TooLarge {
        /// The account's number.
        account: u16,
        /// The key of the balance.
        key: String,
    },
    /// An allocation names something that the books do not know.
    #[error(
        "allocation: {0:?} is no batch, no return and no funding; restore the record that says so"
    )]
    Unknown(String),
}

/// What each account is kept by in one journal; empty where it is kept by nothing.
#[derive(Clone, Copy, Default)]
pub(super) struct Keys<'a> {
    /// Customers' accounts: whose money.
    pub originator: &'a str,
    /// Accounts in transit: which batch.
    pub batch: &'a str,
    /// Returns, fees and suspense: a trace, a bank, or what names a line best.
    pub matter: &'a str,
}

impl Keys<'_> {
    fn key_of(&self, account: Account) -> &str {
        match account {
            Account::CustomerAvailable | Account::CustomerHeld | Account::ReturnedItems => {
                self.originator
            }
            Account::DebitsInTransit | Account::CreditsInTransit => self.batch,
            Account::ReturnsClearing | Account::FeesClearing => self.matter,
            Account::SuspenseDebits | Account::SuspenseReceipts => self.matter,
            _ => "",
        }
    }
}

/// The journal of `posting`, for the record `source`: one amount for all of its legs, or one for
/// each.
pub(super) fn journal_of(
    posting: Posting,
    amounts: &[Cents],
    keys: &Keys<'_>,
    source: &str,
    effective: Date,
) -> Result<Posted, PostingError> {
    let wrong = |error| PostingError::Journal {
        source_of: source.to_owned(),
        error,
    };
    let journal: Journal = posting.journal(amounts).map_err(wrong)?;
    let line = |line: &JournalLine| {
        let key = keys.key_of(line.account).to_owned();
        let too_large = || PostingError::TooLarge {
            account: line.account.number(),
            key: key.clone(),
        };
        Ok(PostedLine {
            account: line.account,
            cents: line.signed().ok_or_else(too_large)?,
            key,
        })
    };
    let lines = journal.lines().iter().map(line);
    let lines = lines.collect::<Result<Vec<_>, PostingError>>()?;
    let sum: i128 = lines.iter().map(|line| i128::from(line.cents.get())).sum();
    assert!(
        sum == 0,
        "posting {posting} of {source}: its lines do not sum to zero"
    );
    assert!(
        lines.iter().all(|line| !line.cents.is_zero()),
        "posting {posting}: a line of nothing"
    );
    Ok(Posted {
        source: source.to_owned(),
        effective,
        posting,
        lines,
        corrects: None,
    })
}
