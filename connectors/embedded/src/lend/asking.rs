//! Asking a store that is open here, or lent, or changes hands meanwhile.

use super::ask::{self, ASKED_BYTES, Answer, Ask, Question};
use super::link::Lost;
use super::node::{Access, Node};
use super::serve;
use connectors::{Error, Result};

/// How many lenders may be gone during one call: more than are killed by whoever tests it.
const LENDERS: usize = 100;

/// An answer.
pub struct Answered {
    /// What it says.
    pub answer: Answer,
    /// Whether a lender that was asked before may have done it already.
    pub again: bool,
}

/// A question, ready to be asked.
pub struct Asked {
    bytes: Vec<u8>,
    writes: bool,
}

/// The question `ask` about what is seen from `bank`.
///
/// # Errors
/// Where it is too long.
pub fn question(bank: &str, ask: Ask) -> Result<Asked> {
    let writes = serve::writes(&ask);
    let bank = bank.to_owned();
    let bytes = ask::bytes(&Question { bank, ask })?;
    match bytes.len() <= ASKED_BYTES {
        true => Ok(Asked { bytes, writes }),
        false => {
            let why = format!("{} bytes in one record, at most {ASKED_BYTES}", bytes.len());
            Err(Error::invalid("lent store", why))
        }
    }
}

/// Asks for as many of the first of `all` as fit into one question; answers how many they are.
///
/// # Errors
/// Where one alone does not fit.
pub fn piece<T>(
    bank: &str,
    all: &[T],
    ask: impl Fn(&[T]) -> Result<Ask>,
) -> Result<(usize, Asked)> {
    let mut count = all.len().min(ask::RECORDS);
    loop {
        let first = all.get(..count).unwrap_or(all);
        match question(bank, ask(first)?) {
            Ok(asked) => return Ok((count, asked)),
            Err(_) if count > 1 => count /= 2,
            Err(error) => return Err(error),
        }
    }
}

/// Asks until somebody answers.
///
/// # Errors
/// What the store says, and where nobody answers.
pub async fn put(node: &Node, asked: &Asked) -> Result<Answered> {
    let mut again = false;
    for _ in 0..LENDERS {
        let answer = match node.access().await? {
            Access::Own(store) => serve::answer(&store, ask::read(&asked.bytes)?).await,
            Access::Link(_) if asked.writes && node.only_looks() => return Err(only_looks()),
            Access::Link(link) => match link.ask(&asked.bytes).await {
                Ok(bytes) => ask::read(&bytes)?,
                Err(Lost::NotAsked) => continue,
                Err(Lost::Unknown) => {
                    again = true;
                    continue;
                }
                Err(Lost::Silent(error)) => return Err(error),
            },
        };
        return match answer {
            Answer::Failed(error) => Err(error.read()),
            answer => Ok(Answered { answer, again }),
        };
    }
    let why = "one process after the other that had it open has ended; run the same again";
    Err(Error::unavailable("lent store", why))
}

fn only_looks() -> Error {
    Error::Denied {
        what: "store".to_owned(),
        why: "who only looks at a store that another process has open writes nothing".to_owned(),
    }
}
