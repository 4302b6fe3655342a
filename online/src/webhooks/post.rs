//! One attempt: an event signed at this moment, posted, and what became of it.

use super::address;
use super::deliveries::Attempt;
use super::endpoints::Endpoint;
use super::schedule;
use super::sender::{Answered, KEPT_BYTES, Outgoing, Sender, Unsent};
use super::sign::{self, Secret};
use crate::app::App;
use crate::wire::problem::Result;
use bytes::Bytes;
use http::{Uri, header};
use jiff::{SignedDuration, Timestamp};
use settlement::foreign;
use std::time::Instant;

/// What became of one attempt.
pub struct Attempted {
    /// The attempt.
    pub attempt: Attempt,
    /// The beginning of what was answered.
    pub answer: Option<String>,
    /// For how long the endpoint wants to be left alone.
    pub wanted: Option<SignedDuration>,
}

/// What became of attempts.
#[derive(Default)]
pub struct Tried {
    /// That arrived.
    pub arrived: usize,
    /// That did not.
    pub failed: usize,
    /// When something of the same pages is attempted next.
    pub due: Option<Timestamp>,
}

impl Tried {
    /// Counts one.
    pub fn count(&mut self, arrived: bool) {
        let counted = match arrived {
            true => &mut self.arrived,
            false => &mut self.failed,
        };
        *counted = counted.saturating_add(1); // saturates: some hundred at a time
    }
}

/// Posts one event, signed at this moment.
pub async fn posted(
    app: &App,
    sender: &dyn Sender,
    url: Uri,
    secrets: &[Secret],
    event: String,
    body: String,
) -> Attempted {
    let (at, started) = (app.wall(), Instant::now());
    let signature = sign::signatures(secrets, &event, at, body.as_bytes());
    let request = Outgoing {
        url,
        headers: [
            (header::CONTENT_TYPE.as_str(), "application/json".to_owned()),
            (sign::ID, event),
            (sign::TIMESTAMP, at.as_second().to_string()),
            (sign::SIGNATURE, signature),
        ],
        body: Bytes::from(body),
    };
    let answered = sender.send(request).await;
    let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    attempted(answered, at, ms)
}

fn attempted(answered: std::result::Result<Answered, Unsent>, at: Timestamp, ms: u64) -> Attempted {
    let (status, fault) = match &answered {
        Ok(answered) => (Some(answered.status), None),
        Err(unsent) => (None, Some(unsent.as_str().to_owned())),
    };
    let attempt = Attempt {
        at,
        status,
        fault,
        ms,
    };
    let answered = answered.ok();
    Attempted {
        attempt,
        wanted: answered.as_ref().and_then(|answered| {
            let text = answered.retry_after.as_deref()?;
            schedule::retry_after(text, at)
        }),
        answer: answered.map(|answered| shown(&answered.beginning)),
    }
}

/// The beginning of an answer as text that harms nobody who looks at it.
fn shown(beginning: &[u8]) -> String {
    let text = String::from_utf8_lossy(beginning);
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let text: String = plain.take(KEPT_BYTES).collect();
    let text = foreign::cell(&text).into_owned();
    text.chars().take(KEPT_BYTES).collect()
}

/// Posts something to an endpoint at once, on nobody's account: to try it.
///
/// # Errors
/// Where the vault does not answer.
pub async fn tried(
    app: &App,
    endpoint: &Endpoint,
    sender: &dyn Sender,
    event: String,
    body: String,
) -> Result<(Attempt, Option<String>)> {
    let secrets = endpoint.secrets(app, app.wall()).await?;
    let url = address::url(&endpoint.url, sender.is_local()).unwrap_or_default();
    let done = posted(app, sender, url, &secrets, event, body).await;
    Ok((done.attempt, done.answer))
}
