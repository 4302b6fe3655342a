//! The two lines before the writer: changes that come one at a time, and pieces of long calls.
//!
//! Whoever asks for one change waits for its answer while a person does; a cut that claims a
//! hundred thousand payments waits for all of them. So single changes are all taken into the next
//! group, and pieces fill it up: to the brim where nothing else comes, and with a few otherwise.

use super::keys::Bank;
use connectors::{Applied, Change, Created, NewRecord, Result, Telling, Told};
use settlement::ids::PaymentId;
use std::collections::VecDeque;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

/// Payments in one group; a group is one batch and one fsync.
const GROUP_RECORDS: usize = 8_192;

/// Changes of long calls in one group while single ones come as well: some milliseconds of work,
/// which the single ones wait for.
const BESIDE_SINGLES: usize = 512;

/// For how long after a single change more of them are expected.
const MORE_SINGLES: Duration = Duration::from_secs(1);

/// Who waits for an answer.
pub type Answer<T> = oneshot::Sender<Result<Vec<T>>>;

/// What a caller asks of the writer.
pub enum Command {
    /// [`connectors::PaymentStore::create`].
    Create(Vec<NewRecord>, Answer<Created>),
    /// [`connectors::PaymentStore::apply`].
    Apply(Vec<Change>, Answer<Applied>),
    /// [`connectors::PaymentStore::tell`], of one bank.
    Tell(Bank, Vec<Telling>, Answer<Told>),
    /// [`connectors::PaymentStore::forget`]: of each whether it was not forgotten before.
    Forget(Vec<PaymentId>, Answer<bool>),
}

/// A command on its way to the writer.
pub struct Asked {
    /// What is asked.
    pub command: Command,
    /// The turn of a piece of a long call, given back once it is worked on; none for a single
    /// change.
    pub turn: Option<OwnedSemaphorePermit>,
}

impl Command {
    /// Changes in it.
    fn records(&self) -> usize {
        match self {
            Command::Create(new, _) => new.len(),
            Command::Apply(changes, _) => changes.len(),
            Command::Tell(_, facts, _) => facts.len(),
            Command::Forget(payments, _) => payments.len(),
        }
    }
}

/// What waits for the writer.
pub struct Lines {
    waiting: mpsc::Receiver<Asked>,
    /// Bounded by the turns that they hold.
    pieces: VecDeque<Asked>,
    /// Until when single changes are expected.
    singles_until: Option<Instant>,
}

impl Lines {
    /// The lines of what comes by a channel.
    pub fn new(waiting: mpsc::Receiver<Asked>) -> Lines {
        Lines {
            waiting,
            pieces: VecDeque::new(),
            singles_until: None,
        }
    }

    /// The next group; none once nobody is left who could ask, and all is worked on.
    pub fn next(&mut self) -> Option<Vec<Command>> {
        let mut group = Vec::new();
        if self.pieces.is_empty() {
            let first = self.waiting.blocking_recv()?;
            self.sort(first, &mut group);
        }
        while group.len() < GROUP_RECORDS {
            let Ok(next) = self.waiting.try_recv() else {
                break;
            };
            self.sort(next, &mut group);
        }
        let now = Instant::now();
        if !group.is_empty() {
            self.singles_until = now.checked_add(MORE_SINGLES);
        }
        let beside = self.singles_until.is_some_and(|until| now < until);
        self.fill_up(
            &mut group,
            if beside {
                BESIDE_SINGLES
            } else {
                GROUP_RECORDS
            },
        );
        Some(group)
    }

    /// Puts what was asked into the group, or at the end of the line of pieces.
    fn sort(&mut self, asked: Asked, group: &mut Vec<Command>) {
        match asked.turn {
            None => group.push(asked.command),
            Some(_) => self.pieces.push_back(asked),
        }
    }

    /// Adds pieces of at most `most` changes together, and at least one piece.
    fn fill_up(&mut self, group: &mut Vec<Command>, most: usize) {
        let mut changes = 0;
        while let Some(piece) = self.pieces.front() {
            let more = piece.command.records();
            if changes > 0 && changes + more > most {
                break;
            }
            changes += more;
            group.extend(self.pieces.pop_front().map(|piece| piece.command));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tokio::sync::Semaphore;

    fn forget(count: usize, turns: Option<&Arc<Semaphore>>) -> Asked {
        let at = jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(400_000);
        let ids = (0..count).map(|n| PaymentId::new(at, u32::try_from(n).unwrap()).unwrap());
        let (answer, _) = oneshot::channel();
        Asked {
            command: Command::Forget(ids.collect(), answer),
            turn: turns.map(|turns| Arc::clone(turns).try_acquire_owned().unwrap()),
        }
    }

    #[test]
    fn single_changes_do_not_wait_for_what_came_before_in_pieces() {
        let (ask, waiting) = mpsc::channel(100);
        let turns = Arc::new(Semaphore::new(40));
        for _ in 0..40 {
            ask.try_send(forget(512, Some(&turns))).ok().unwrap();
        }
        let mut lines = Lines::new(waiting);
        let sizes = |group: Option<Vec<Command>>| {
            let group = group.unwrap();
            group.iter().map(Command::records).collect::<Vec<_>>()
        };
        assert_eq!(sizes(lines.next()), vec![512; 16], "to the brim");
        assert_eq!(
            turns.available_permits(),
            16,
            "and their turns are given back"
        );
        for _ in 0..3 {
            ask.try_send(forget(1, None)).ok().unwrap();
        }
        assert_eq!(sizes(lines.next()), [1, 1, 1, 512]);
        assert_eq!(sizes(lines.next()), [512], "more may come");
        drop(ask);
        let mut left = 0;
        while let Some(group) = lines.next() {
            left += group.iter().map(Command::records).sum::<usize>();
        }
        assert_eq!(left, 22 * 512, "what waits is worked on to its end");
    }
}
