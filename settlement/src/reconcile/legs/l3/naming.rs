//! How breaks of this leg name a batch, a return and a line.

use super::rows::{Batch, Line, Returned};
use crate::reconcile::legs::Details;

/// A break about a batch is keyed by the batch and its direction.
pub(super) fn about_batch(batch: &Batch, why: &str) -> Details {
    let name = format!("{}/{}", batch.key, batch.direction.as_str());
    let (cents, explanation) = (batch.cents, why.to_owned());
    Details {
        key: name.clone(),
        cents,
        left: Some(name),
        right: None,
        explanation,
    }
}

/// A break about a return is keyed by the trace of the entry that came back.
pub(super) fn about_return(returned: &Returned, why: &str) -> Details {
    let (key, cents) = (returned.trace.to_string(), returned.cents);
    Details {
        left: Some(key.clone()),
        key,
        cents,
        right: None,
        explanation: why.to_owned(),
    }
}

/// A break about a line is keyed by what the line names, or else by the line itself.
pub(super) fn about_line(line: &Line, why: &str) -> Details {
    let batch = line.batch.zip(line.role.side());
    let batch = batch.map(|(key, direction)| format!("{key}/{}", direction.as_str()));
    let key = batch
        .or(line.trace.map(|t| t.to_string()))
        .unwrap_or_else(|| line.id.clone());
    let right = Some(line.id.clone());
    Details {
        key,
        cents: line.cents,
        left: None,
        right,
        explanation: why.to_owned(),
    }
}
