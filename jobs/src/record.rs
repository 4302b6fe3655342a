//! Small JSON records on the object store, written once.

use crate::failure::{Failure, Result};
use connectors::{Error, ObjectStore, Put};
use jiff::civil::Date;
use serde::{Serialize, de::DeserializeOwned};

/// Writes a record under a name that must be free or hold the same bytes.
///
/// # Errors
/// Where other bytes have the name: two runs of one job disagree, and neither may win.
pub async fn put<T: Serialize>(objects: &dyn ObjectStore, name: &str, record: &T) -> Result<Put> {
    let body = serde_json::to_vec_pretty(record).map_err(|e| unreadable(name, &e))?;
    Ok(objects.put_new(name, body.into()).await?)
}

/// The record called `name`, `None` where there is none.
///
/// # Errors
/// Where it is not a record of this kind.
pub async fn get<T: DeserializeOwned>(objects: &dyn ObjectStore, name: &str) -> Result<Option<T>> {
    match objects.get(name).await {
        Ok(object) => {
            let record = serde_json::from_slice(&object.body);
            record.map(Some).map_err(|e| unreadable(name, &e))
        }
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The newest record below `prefix` that is older than `date`.
///
/// # Errors
/// Where it is not a record of this kind.
pub async fn newest_before<T: DeserializeOwned>(
    objects: &dyn ObjectStore,
    prefix: &str,
    date: Date,
) -> Result<Option<T>> {
    let names = objects.list(prefix).await?;
    let older = names
        .iter()
        .filter(|n| crate::names::date_of(n).is_some_and(|d| d < date));
    match older.max() {
        Some(name) => get(objects, name).await,
        None => Ok(None),
    }
}

/// Every record below `prefix`, by name.
///
/// # Errors
/// Where one is not a record of this kind.
pub async fn all<T: DeserializeOwned>(
    objects: &dyn ObjectStore,
    prefix: &str,
) -> Result<Vec<(String, T)>> {
    let mut records = Vec::new();
    for name in objects.list(prefix).await? {
        if let Some(record) = get(objects, &name).await? {
            records.push((name, record));
        }
    }
    Ok(records)
}

fn unreadable(name: &str, error: &serde_json::Error) -> Failure {
    Failure::findings(format!(
        "{name}: not a record this version writes ({error})"
    ))
    .remedy("restore it from the archive")
}
