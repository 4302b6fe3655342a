//! Changes to payments, applied in pieces, with one policy for what the store answers.
//!
//! *Done*, and *already so*: that is how a run again finds what the run before it did. A payment
//! that the store does not have stops the job; what was applied stays so, and the same command
//! finds it. What is left is for the job to judge, and it gets it to judge: a change that the
//! payment's list of steps does not have, or that was asked of a version which is not the newest
//! any more. A job for which none of that can be right says so with [`all_taken`].

use crate::stage::did;
use connectors::{Applied, Change, Telling, Told};
use desk::failure::{Failure, Result};
use desk::{CHUNK, Desk};
use settlement::ids::PaymentId;
use settlement::payment::{EventKind, Refusal, Side, State};
use std::fmt;

/// Changes that are handed to the store at a time: enough that it can commit some while others are
/// on their way to it, and a few megabytes.
const IN_HAND: usize = 4 * CHUNK;

/// A change that its payment did not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotTaken {
    /// Its place among the changes asked for.
    pub at: usize,
    /// The payment.
    pub payment: PaymentId,
    /// Why not.
    pub why: Why,
}

/// Why a payment does not take a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Its list of steps has no such step.
    NotAStep {
        /// The state it is in.
        state: State,
        /// The event it was to take.
        event: EventKind,
    },
    /// Somebody else has changed it since it was read. Only a change that names a version can be
    /// answered so.
    NotTheNewest,
}

impl fmt::Display for NotTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let payment = self.payment;
        match self.why {
            Why::NotAStep { state, event } => {
                let (event, state) = (event.as_str(), state.as_str());
                write!(
                    f,
                    "{event} cannot happen to payment {payment} in state {state}"
                )
            }
            Why::NotTheNewest => write!(f, "payment {payment} was changed by somebody else"),
        }
    }
}

/// Applies `changes` in their order, a piece at a time; answers with those that were not taken.
/// `about` names in an error what they are of.
///
/// # Errors
/// Where the store does not answer, or has no such payment.
pub async fn apply_all(
    desk: &Desk,
    about: &str,
    changes: impl IntoIterator<Item = Result<Change>>,
) -> Result<Vec<NotTaken>> {
    let (mut changes, mut before) = (changes.into_iter(), 0usize);
    let mut all = Vec::new();
    loop {
        let piece: Vec<Change> = changes.by_ref().take(IN_HAND).collect::<Result<_>>()?;
        if piece.is_empty() {
            return Ok(all);
        }
        let payments: Vec<PaymentId> = piece.iter().map(|change| change.payment).collect();
        let answers = desk.ports.payments.apply(piece).await?;
        all.extend(judge(about, before, &payments, answers)?);
        did(payments.len());
        before += payments.len();
    }
}

/// Nothing, where every change was taken.
///
/// # Errors
/// Where one was not: the first is named, and what to do.
pub fn all_taken(about: &str, not_taken: &[NotTaken]) -> Result<()> {
    match not_taken {
        [] => Ok(()),
        [first, others @ ..] => {
            let more = match others.len() {
                0 => String::new(),
                more => format!(", and {more} more were not taken"),
            };
            let found = Failure::findings(format!("{about}: {first}{more}"));
            Err(found.remedy("find out who else works on these payments, then run the same again"))
        }
    }
}

/// Tells facts of sides, in their order.
///
/// # Errors
/// Where the store does not answer, or knows one of them of other entries: then the record that
/// says it now is not the one of which it was told.
pub async fn tell_all(desk: &Desk, facts: Vec<Telling>) -> Result<()> {
    let sides: Vec<Side> = facts.iter().map(|one| one.side).collect();
    let answers = desk.ports.payments.tell(facts).await?;
    for (side, answer) in sides.iter().zip(answers) {
        if let Told::Differs(number) = answer {
            return Err(told_otherwise(*side, number));
        }
    }
    Ok(())
}

fn told_otherwise(side: Side, number: u32) -> Failure {
    let found = Failure::findings(format!(
        "fact {number} of {side}: it was told before with other entries left out, and stays so"
    ));
    found.remedy(
        "a record of this date is not the one that told it: run tieout check, and restore \
         payments and records of one moment",
    )
}

/// What a piece's answers mean.
fn judge(
    about: &str,
    before: usize,
    payments: &[PaymentId],
    answers: Vec<Applied>,
) -> Result<Vec<NotTaken>> {
    if answers.len() != payments.len() {
        let (asked, answered) = (payments.len(), answers.len());
        return Err(Failure::could_not(format!(
            "{about}: the store answered {answered} of {asked} changes"
        ))
        .remedy("run the same again"));
    }
    let mut all = Vec::new();
    for ((payment, answer), at) in payments.iter().zip(answers).zip(before..) {
        let why = match answer {
            Applied::Done { .. } | Applied::Exists | Applied::Refused(Refusal::Exists) => continue,
            Applied::Refused(Refusal::NotAStep { state, event }) => Why::NotAStep { state, event },
            Applied::Stale { .. } => Why::NotTheNewest,
            Applied::NotFound => {
                return Err(Failure::findings(format!(
                    "{about}: payment {payment} is not in the store"
                ))
                .remedy("restore the store, then run the same again"));
            }
        };
        let payment = *payment;
        all.push(NotTaken { at, payment, why });
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payments() -> Vec<PaymentId> {
        let ids = [7, 8].map(|key| PaymentId::from_key(key).unwrap());
        ids.to_vec()
    }

    fn not_a_step() -> Applied {
        Applied::Refused(Refusal::NotAStep {
            state: State::Failed,
            event: EventKind::HoldEnded,
        })
    }

    #[test]
    fn no_answer_of_the_store_is_passed_over() {
        let done = || Applied::Done { version: 2 };
        let again = Applied::Refused(Refusal::Exists);
        let fine = judge("x", 0, &payments(), vec![Applied::Exists, again]);
        assert_eq!(fine.unwrap(), []);
        let found = judge("x", 512, &payments(), vec![done(), not_a_step()]).unwrap();
        assert_eq!(
            (found.len(), found[0].at, found[0].payment),
            (1, 513, payments()[1])
        );
        let stale = vec![Applied::Stale { version: 3 }, done()];
        let stale = judge("x", 0, &payments(), stale).unwrap();
        assert_eq!(stale[0].why, Why::NotTheNewest);
        for answers in [vec![done(), Applied::NotFound], vec![done()]] {
            assert!(judge("x", 0, &payments(), answers).is_err());
        }
    }

    #[test]
    fn a_hold_that_does_not_end_is_an_error_that_names_its_payment() {
        let found = judge("holds", 0, &payments(), vec![not_a_step(), not_a_step()]).unwrap();
        let error = all_taken("holds of 261124D0000002", &found).unwrap_err();
        let says = [&payments()[0].to_string(), "1 more", "261124D0000002"];
        for part in says {
            assert!(error.message.contains(part), "{}", error.message);
        }
        assert!(all_taken("holds", &[]).is_ok());
    }
}
