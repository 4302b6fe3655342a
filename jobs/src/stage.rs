//! How far the job of this task is: what it does now, and how many rows of it are done.
//!
//! Rows pass through functions that several jobs share, and none of them should know who watches.
//! So the count belongs to the task. A command says who is told ([`told`]), a job is counted from
//! its beginning to its end ([`counted`]), names what it does next ([`next`]) and says what it
//! did ([`did`]). Where nobody watches, and on other threads, the last two do nothing.
//!
//! Only a person at a terminal is told: a log has the lines of [`crate::watch`].

use crate::progress::{Progress, Shown, Unit};
use std::cell::RefCell;
use std::future::Future;

tokio::task_local! {
    static SHOWN: Shown;
    static WORK: Work;
}

/// A job under way.
struct Work {
    job: String,
    shown: Shown,
    stage: RefCell<Progress>,
}

/// Runs a command; `shown` is told how far its jobs are.
pub async fn told<T>(shown: Shown, command: impl Future<Output = T>) -> T {
    SHOWN.scope(shown, command).await
}

/// Runs a job, of which everything is counted that this task does.
pub async fn counted<T>(job: String, work: impl Future<Output = T>) -> T {
    let shown = match SHOWN.try_with(|shown| *shown) {
        Ok(Shown::Bar) => Shown::Bar,
        _ => Shown::Nothing,
    };
    let stage = RefCell::new(Progress::begin(shown, &job, Unit::Rows, None));
    WORK.scope(Work { job, shown, stage }, work).await
}

/// Begins the next stage of the job: `total` is how many rows it has, where that is known.
pub fn next(stage: &str, total: Option<u64>) {
    let _ = WORK.try_with(|work| {
        let what = format!("{}: {stage}", work.job);
        // The one before leaves the screen as it is dropped.
        work.stage
            .replace(Progress::begin(work.shown, &what, Unit::Rows, total));
    });
}

/// Counts rows that the job has done.
pub fn did(rows: usize) {
    let _ = WORK.try_with(|work| work.stage.borrow().add(rows as u64));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done() -> Option<u64> {
        WORK.try_with(|work| work.stage.borrow().done()).ok()
    }

    #[tokio::test]
    async fn a_job_counts_by_stage_and_nothing_outside_of_one() {
        did(5);
        next("claim", None);
        assert_eq!(done(), None);
        let job = counted("cut 2026-11-24".to_owned(), async {
            did(2);
            did(3);
            let before = done();
            next("render", Some(7));
            did(7);
            (before, done())
        });
        assert_eq!(told(Shown::Nothing, job).await, (Some(5), Some(7)));
        assert_eq!(done(), None);
    }

    #[tokio::test]
    async fn only_a_terminal_has_bars() {
        for (told_to, shown) in [
            (Shown::Bar, Shown::Bar),
            (Shown::Lines, Shown::Nothing),
            (Shown::Nothing, Shown::Nothing),
        ] {
            let job = counted("post".to_owned(), async { WORK.with(|work| work.shown) });
            assert_eq!(told(told_to, job).await, shown);
        }
        let unwatched = counted("post".to_owned(), async { WORK.with(|work| work.shown) });
        assert_eq!(unwatched.await, Shown::Nothing);
    }
}
