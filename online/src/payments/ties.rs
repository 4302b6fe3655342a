//! Whether a payment ties out: what the newest reconciliation says of it, leg by leg.
//!
//! A leg is *matched* where its two records were found to agree, *waiting* where one of them is not
//! there yet, or nothing was reconciled since, *none* where there never was an entry and will be
//! none, so that there is nothing to tie out, and otherwise the kind of the break that names it.
//! "Settled" alone says that a line of the bank was allocated; this says that it was proved.

use super::newest::Reconciled;
use crate::app::App;
use crate::wire::problem::Result;
use desk::{Desk, names};
use jiff::civil::Date;
use serde_json::{Value, json};
use settlement::payment::{Payment, State};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// For how long a reconciliation is believed to be the newest.
const BELIEVED: Duration = Duration::from_secs(5);

/// The newest reconciliation at a bank; none where nothing was reconciled.
///
/// # Errors
/// Where the store does not answer, or the record is none.
pub async fn newest(app: &App, desk: &Desk) -> Result<Option<Arc<Reconciled>>> {
    let now = Instant::now();
    let lock = || app.newest.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((at, known)) = lock().get(&desk.place)
        && now.saturating_duration_since(*at) < BELIEVED
    {
        return Ok(known.clone());
    }
    let objects = &desk.ports.objects;
    let names = objects.list(names::RECONCILED_PREFIX).await?;
    let last = names
        .iter()
        .max_by_key(|name| names::date_of(name.as_str()));
    let read = match last {
        None => None,
        Some(name) => {
            let object = objects.get(name).await?;
            let read = serde_json::from_slice(&object.body);
            let read: Reconciled =
                read.map_err(|e| connectors::Error::corrupt(name.to_string(), e.to_string()))?;
            Some(Arc::new(read))
        }
    };
    lock().insert(desk.place.clone(), (now, read.clone()));
    Ok(read)
}

/// What it says of a payment, of which the jobs of the date `told` said that it had settled.
pub fn tied_out(of: &Payment, told: Option<Date>, newest: Option<&Reconciled>) -> Value {
    if of.entry.is_none() && matches!(of.state, State::Canceled | State::Failed) {
        return json!({ "l1": "none", "l3": "none" });
    }
    let (Some(entry), Some(newest)) = (of.entry, newest) else {
        return json!({ "l1": "waiting", "l3": "waiting" });
    };
    let id = of.id.to_string();
    let trace = entry.trace.to_string();
    let batch = entry.batch.to_string();
    let broken = |leg: &str| {
        let named = |key: &str| key == id || key == trace || key.starts_with(&batch);
        let mut open = newest.breaks.iter().filter(|one| one.status == "OPEN");
        let found = open.find(|one| one.leg == leg && named(&one.key));
        found.map(|one| one.kind.clone())
    };
    let leg = |leg: &str, is_in: bool| match (is_in, broken(leg)) {
        (false, None) => "waiting".to_owned(),
        (true, None) => "matched".to_owned(),
        (_, Some(kind)) => kind,
    };
    let cut = entry.batch.date() <= newest.date;
    let settled = told.is_some_and(|date| date <= newest.date);
    let mut legs = json!({
        "as_of": newest.date,
        "l1": leg("L1", cut),
        "l3": leg("L3", settled),
    });
    if let Some(returned) = of.returned {
        legs["l2"] = json!(leg("L2", returned.received_on <= newest.date));
    }
    legs
}
