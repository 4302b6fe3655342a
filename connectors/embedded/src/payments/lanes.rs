//! Two lanes to the one writer: calls that somebody waits for go before those of jobs.
//!
//! A call of a few records takes the quick lane. A longer one is a job's; it is cut into pieces,
//! and while quick calls come a group has so many of them as are written in [`SHORT`], by what the
//! groups before took: on a busy machine or a slow disk they are fewer. So a quick call waits for
//! the group that is being written, and then for its own, and neither is long; and a job, of which
//! every group has a piece, never stands still. Where nobody calls quickly, a job has whole groups
//! to itself.
//!
//! All pieces of a call take the same lane, one behind the other: its changes stay in order.

use super::command::{Answer, Command};
use super::keyspaces::STORE;
use connectors::{Error, Result};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// The longest call of the quick lane: more than a request of somebody who waits is about.
const QUICK_RECORDS: usize = 64;

/// One piece of a longer call: what a group has at least. It takes a millisecond or two.
const PIECE_RECORDS: usize = 64;

/// Records of jobs that go with quick calls at most: some ten milliseconds of one core.
const BESIDE_RECORDS: usize = 512;

/// How long a group with quick calls is to take. Two of them, and what the disk takes for both,
/// are less than half of what a quick call may wait.
const SHORT: Duration = Duration::from_millis(5);

/// Payments in one group; a group is one batch and one fsync.
const GROUP_RECORDS: usize = 8_192;

/// Commands that may wait in the quick lane; more callers wait at the door.
const WAITING_COMMANDS: usize = 64;

/// Pieces that may wait in the jobs' lane: two groups of them.
const WAITING_PIECES: usize = 2 * GROUP_RECORDS / PIECE_RECORDS;

/// For how long after a quick call the next one is expected.
const QUICK_AGAIN: Duration = Duration::from_secs(1);

/// The callers' ends of both lanes.
pub struct Lanes {
    quick: mpsc::Sender<Command>,
    jobs: mpsc::Sender<Command>,
}

/// The writer's ends of both lanes.
pub struct Waiting {
    quick: mpsc::Receiver<Command>,
    jobs: mpsc::Receiver<Command>,
    /// When the last quick call was taken.
    last_quick: Option<Instant>,
    /// When the group before was handed out, if it had records of jobs.
    last_jobs: Option<Instant>,
    /// Records of jobs that go with quick calls.
    beside: usize,
}

/// Both ends of both lanes.
pub fn open() -> (Lanes, Waiting) {
    let (quick, quick_end) = mpsc::channel(WAITING_COMMANDS);
    let (jobs, jobs_end) = mpsc::channel(WAITING_PIECES);
    let waiting = Waiting {
        quick: quick_end,
        jobs: jobs_end,
        last_quick: None,
        last_jobs: None,
        beside: PIECE_RECORDS,
    };
    (Lanes { quick, jobs }, waiting)
}

impl Lanes {
    /// Hands `work` to the writer, a long call piece by piece, and gathers the answers in order.
    ///
    /// # Errors
    /// What the writer says of any piece.
    pub async fn hand_over<T, A>(
        &self,
        work: Vec<T>,
        command: impl Fn(Vec<T>, Answer<A>) -> Command,
    ) -> Result<Vec<A>> {
        let gone = || Error::unavailable(STORE, "the writer has stopped; start again");
        let lane = match work.len() <= QUICK_RECORDS {
            true => &self.quick,
            false => &self.jobs,
        };
        let mut answers = Vec::with_capacity(work.len());
        let mut promised = Vec::with_capacity(work.len() / PIECE_RECORDS + 1);
        let mut work = work.into_iter();
        loop {
            let mut piece = Vec::with_capacity(work.len().min(PIECE_RECORDS));
            piece.extend(work.by_ref().take(PIECE_RECORDS));
            if piece.is_empty() {
                break;
            }
            let (answer, promise) = oneshot::channel();
            let handed = lane.send(command(piece, answer)).await;
            handed.map_err(|_| gone())?;
            promised.push(promise);
        }
        for promise in promised {
            answers.append(&mut promise.await.map_err(|_| gone())??);
        }
        Ok(answers)
    }
}

impl Waiting {
    /// The commands of the next group, the quick ones first; nothing when nobody is left who could
    /// ask.
    pub async fn group(&mut self) -> Option<Vec<Command>> {
        if let Some(since) = self.last_jobs.take() {
            self.learn(since.elapsed());
        }
        let mut group = Vec::new();
        let mut piece = None;
        tokio::select! {
            biased;
            Some(command) = self.quick.recv() => group.push(command),
            Some(command) = self.jobs.recv() => piece = Some(command),
            else => return None,
        }
        let mut records: usize = group.iter().map(Command::records).sum();
        while records < GROUP_RECORDS {
            let Ok(next) = self.quick.try_recv() else {
                break;
            };
            records += next.records();
            group.push(next);
        }
        if !group.is_empty() {
            self.last_quick = Some(Instant::now());
        }
        let mut of_jobs = 0;
        while let Some(next) = piece.take().or_else(|| self.jobs.try_recv().ok()) {
            of_jobs += next.records();
            group.push(next);
            if of_jobs >= self.room_for_jobs(records) {
                break;
            }
        }
        self.last_jobs = (of_jobs > 0).then(Instant::now);
        Some(group)
    }

    /// Makes room for more, or for less, by how long a group took.
    fn learn(&mut self, took: Duration) {
        self.beside = match took > SHORT {
            true => (self.beside / 2).max(PIECE_RECORDS),
            false => (self.beside + PIECE_RECORDS).min(BESIDE_RECORDS),
        };
    }

    /// How many records of jobs go with a group that has so many others.
    fn room_for_jobs(&self, others: usize) -> usize {
        match self.last_quick {
            Some(at) if at.elapsed() < QUICK_AGAIN => self.beside,
            // saturates: a group that is full of others takes one piece all the same
            _ => GROUP_RECORDS.saturating_sub(others),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use settlement::ids::PaymentId;

    fn forget(count: usize) -> Vec<PaymentId> {
        let ids = (1..).map(|key| PaymentId::from_key(key).unwrap());
        ids.take(count).collect()
    }

    fn sizes(group: &[Command]) -> Vec<usize> {
        group.iter().map(Command::records).collect()
    }

    /// Calls that wait, each with its task.
    async fn called(lanes: &std::sync::Arc<Lanes>, sizes: &[usize]) {
        for size in sizes {
            let (lanes, work) = (std::sync::Arc::clone(lanes), forget(*size));
            tokio::spawn(async move {
                let _ = lanes.hand_over(work, Command::Forget).await;
            });
        }
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn who_waits_goes_first_and_a_job_goes_on() {
        let (lanes, mut waiting) = open();
        let lanes = std::sync::Arc::new(lanes);
        called(&lanes, &[20 * PIECE_RECORDS, 1, 2]).await;
        let group = waiting.group().await.unwrap();
        assert_eq!(sizes(&group), [1, 2, PIECE_RECORDS]);
        called(&lanes, &[QUICK_RECORDS]).await;
        let group = waiting.group().await.unwrap();
        assert_eq!(sizes(&group)[..2], [QUICK_RECORDS, PIECE_RECORDS]);
        assert!(!waiting.group().await.unwrap().is_empty());
    }

    #[test]
    fn a_group_beside_quick_calls_is_as_long_as_it_may_be_and_no_longer() {
        let (_lanes, mut waiting) = open();
        for _ in 0..20 {
            waiting.learn(Duration::from_millis(1));
        }
        assert_eq!(waiting.beside, BESIDE_RECORDS);
        for _ in 0..20 {
            waiting.learn(Duration::from_millis(50));
        }
        assert_eq!(waiting.beside, PIECE_RECORDS);
    }

    #[tokio::test]
    async fn a_job_alone_has_whole_groups() {
        let (lanes, mut waiting) = open();
        let lanes = std::sync::Arc::new(lanes);
        called(&lanes, &[2 * GROUP_RECORDS]).await;
        let records = |group: Vec<Command>| sizes(&group).iter().sum::<usize>();
        assert_eq!(records(waiting.group().await.unwrap()), GROUP_RECORDS);
        assert_eq!(records(waiting.group().await.unwrap()), GROUP_RECORDS);
        drop(lanes);
        tokio::task::yield_now().await;
    }

    #[tokio::test]
    async fn nobody_left_is_the_end() {
        let (lanes, mut waiting) = open();
        drop(lanes);
        assert!(waiting.group().await.is_none());
    }
}
