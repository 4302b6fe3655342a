//! What the log says of a job: that it began, for which date, and how it ended. At a terminal, how
//! far it is.

use crate::stage::counted;
use crate::tally::Tally;
use desk::failure::Result;
use jiff::civil::Date;
use std::future::Future;
use tracing::Instrument;

/// Runs a job's work within a span of its own, an event at its start and one at its end with
/// the figures of its tally.
///
/// # Errors
/// The job's own.
pub async fn watched(
    job: &str,
    date: Date,
    work: impl Future<Output = Result<Tally>>,
) -> Result<Tally> {
    let span = tracing::info_span!("job", job, %date);
    let events = async {
        tracing::info!("job begins");
        // A job holds much at once: on the heap, so that one within a demo fits any stack.
        let ended = counted(format!("{job} {date}"), Box::pin(work)).await;
        match &ended {
            Ok(tally) => says_tally(tally),
            Err(failure) => {
                tracing::error!(status = failure.status.as_str(), %failure, "job failed");
            }
        }
        ended
    };
    events.instrument(span).await
}

fn says_tally(tally: &Tally) {
    let (taken, out) = (tally.taken, tally.out());
    tracing::info!(
        tally = tally.job,
        records_in = taken.records,
        cents_in = taken.cents.get(),
        records_out = out.map(|out| out.records),
        cents_out = out.map(|out| out.cents.get()),
        findings = tally.findings,
        "job ends"
    );
    if tally.findings > 0 {
        tracing::warn!(findings = tally.findings, "somebody must look");
    }
}
