//! What is kept no longer: old pages, and everything of an endpoint that is removed.

use super::deliveries::{DONE, PLACES, Page, WAITING, days, is_kept};
use super::endpoints::{ENDPOINTS, Endpoint, Standing};
use crate::app::App;
use crate::kept::{self, Seen};
use crate::wire::problem::Result;
use jiff::Timestamp;

/// Pages that are looked at in one go: the next one comes soon.
const PAGES: usize = 200;

/// Pages that are read at a time.
const AT_A_TIME: usize = 20;

/// Removes some of what is old of an endpoint; whether nothing is left to be removed.
///
/// # Errors
/// Where the store does not answer.
pub async fn old(app: &App, endpoint: &Endpoint, now: Timestamp) -> Result<bool> {
    let (mut looked, documents) = (0_usize, &*app.ports().documents);
    // The oldest day first.
    let mut all: Vec<_> = days(now).collect();
    all.reverse();
    for day in all {
        let prefix = format!("{}/{day}/", endpoint.id);
        let mut after: Option<String> = None;
        loop {
            let pages: Vec<Seen<Page>> =
                kept::list(documents, DONE, &prefix, after.as_deref(), AT_A_TIME).await?;
            let Some(last) = pages.last() else { break };
            after = Some(last.name.clone());
            for page in &pages {
                if !is_kept(&page.value, now, endpoint.standing) {
                    kept::remove(documents, DONE, &page.name, page.version).await?;
                }
            }
            // Those of a day are of one age, but for what was given up.
            let young = |page: &Seen<Page>| {
                is_kept(&page.value, now, endpoint.standing) && !page.value.has_failed()
            };
            if pages.iter().any(young) {
                return Ok(true);
            }
            looked = looked.saturating_add(pages.len()); // saturates: a count of pages read
            if looked >= PAGES {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Removes everything of an endpoint that is removed, and it last; what is left the next go does.
///
/// # Errors
/// Where the store does not answer.
pub async fn removed(app: &App, endpoint: &Seen<Endpoint>, now: Timestamp) -> Result<()> {
    debug_assert_eq!(endpoint.value.standing, Standing::Removed);
    let documents = &*app.ports().documents;
    if !old(app, &endpoint.value, now).await? {
        return Ok(());
    }
    let prefix = format!("{}/", endpoint.value.id);
    let waiting = documents.list(WAITING, &prefix, None, PAGES).await?;
    for page in &waiting {
        kept::remove(documents, WAITING, &page.name, page.version).await?;
    }
    if waiting.len() == PAGES {
        return Ok(());
    }
    if let Some(place) = documents.get(PLACES, &endpoint.value.id).await? {
        kept::remove(documents, PLACES, &place.name, place.version).await?;
    }
    kept::remove(documents, ENDPOINTS, &endpoint.name, endpoint.version).await
}
