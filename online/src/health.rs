//! Whether requests can be done. Reading is not enough: a store whose disk was full once answers
//! reads and takes no write until it is opened again.

pub mod doubt;

use crate::app::App;
use crate::route::Reply;
use crate::wire::problem::{Problem, Result};
use bytes::Bytes;
use connectors::Error;
use serde_json::json;
use std::sync::Arc;

/// The collection of the one document that is written to see whether anything can be.
const PLACE: &str = "ready";

/// Answers whether requests can be done.
///
/// # Errors
/// `unavailable` where the store does not answer, or takes no writes.
pub async fn ready(app: Arc<App>) -> Result<Reply> {
    app.ports().payments.get(&[]).await?;
    if app.doubt.is_there() {
        written(&app).await.map_err(|error| {
            let why = "the store takes no writes, and this server is not ready: see that there is \
                       space, and start it again";
            tracing::error!(%error, "{why}");
            Problem::new("unavailable", "the store takes no writes").after(1)
        })?;
        app.doubt.is_over();
    } else {
        app.ports().documents.list(PLACE, "", None, 1).await?;
    }
    Ok(Reply::json(200, &json!({ "ready": true })))
}

/// Writes something. Where another server was faster, the store takes writes.
async fn written(app: &App) -> connectors::Result<()> {
    let documents = &app.ports().documents;
    let before = documents.get(PLACE, PLACE).await?;
    let seen = before.map_or(0, |document| document.version);
    let put = documents.put(PLACE, PLACE, seen, Bytes::from_static(b"{}"));
    match put.await {
        Ok(_) | Err(Error::Conflict { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}
