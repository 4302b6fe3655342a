//! Records: small JSON documents on the object store, written once and read for years.
//!
//! Each kind of record has a version, which stands first in the document; one without is of
//! version 1. A reader brings an older form forward in memory, step by step, and refuses one that
//! it does not know: it was written by a newer program. What was written stays as it is, in the
//! store and in the sealed days that hold its hash
//! (docs/adr/0016-versions-of-records.md).

use crate::failure::{Failure, Result};
use crate::names;
use connectors::{Error, Name, ObjectStore, Put};
use jiff::civil::Date;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use settlement::archive::{Head, Manifest};

/// A kind of record.
pub trait Record: Serialize + DeserializeOwned + PartialEq + Send + Sync {
    /// The version that is written.
    const VERSION: u32;

    /// Whether the version is written beside the record's own fields. The others carry it
    /// themselves.
    const STAMPED: bool = true;

    /// Brings a document of version `from` to the form of `from + 1`; what it does not know it
    /// leaves, and the reader then says what is missing.
    fn forward(from: u32, document: &mut Value) {
        let _ = (from, document);
    }
}

/// A record as it is written.
#[derive(Serialize)]
struct Stamped<'a, T> {
    version: u32,
    #[serde(flatten)]
    record: &'a T,
}

/// What a document says of its version.
#[derive(Deserialize)]
struct Stamp {
    version: Option<u32>,
    schema_version: Option<u32>,
}

impl Record for Manifest {
    const VERSION: u32 = settlement::archive::SCHEMA_VERSION;
    const STAMPED: bool = false;
}

impl Record for Head {
    const VERSION: u32 = settlement::archive::SCHEMA_VERSION;
    const STAMPED: bool = false;
}

/// The bytes that a record is written as.
///
/// # Errors
/// Where it cannot be JSON.
pub fn to_bytes<T: Record>(name: &str, record: &T) -> Result<Vec<u8>> {
    let version = T::VERSION;
    let bytes = match T::STAMPED {
        true => serde_json::to_vec_pretty(&Stamped { version, record }),
        false => serde_json::to_vec_pretty(record),
    };
    bytes.map_err(|e| unreadable(name, &e))
}

/// The record behind a document of any version that was ever written.
///
/// # Errors
/// Where it is no record of this kind, or one of a version that is not known.
pub fn from_bytes<T: Record>(name: &str, body: &[u8]) -> Result<T> {
    let found = version_of(name, body)?;
    if found == T::VERSION {
        return serde_json::from_slice(body).map_err(|e| unreadable(name, &e));
    }
    if found == 0 || found > T::VERSION {
        return Err(Failure::could_not(format!(
            "{name}: of version {found}, and this program knows up to {}",
            T::VERSION
        ))
        .remedy("use the newer tieout that wrote it"));
    }
    let mut document: Value = serde_json::from_slice(body).map_err(|e| unreadable(name, &e))?;
    if !document.is_object() {
        return Err(Failure::damaged(format!("{name}: not a record")));
    }
    (found..T::VERSION).for_each(|from| T::forward(from, &mut document));
    serde_json::from_value(document).map_err(|e| unreadable(name, &e))
}

/// The list called `field` of a document, to be brought forward; empty where there is none.
pub fn list<'a>(document: &'a mut Value, field: &str) -> impl Iterator<Item = &'a mut Value> {
    let list = document.get_mut(field).and_then(Value::as_array_mut);
    list.into_iter().flatten()
}

/// The version of a document.
///
/// # Errors
/// Where it is not a JSON object.
pub fn version_of(name: &str, body: &[u8]) -> Result<u32> {
    let stamp: Stamp = serde_json::from_slice(body).map_err(|e| unreadable(name, &e))?;
    Ok(stamp.version.or(stamp.schema_version).unwrap_or(1))
}

/// Writes a record under a name that must be free or hold the same record. One that an older
/// program wrote in its own form is the same where it says the same.
///
/// # Errors
/// Where another record has the name: two runs of one job disagree, and neither may win.
pub async fn put<T: Record>(objects: &dyn ObjectStore, name: &Name, record: &T) -> Result<Put> {
    let body = to_bytes(name, record)?;
    match objects.put_new(name, body.into()).await {
        Err(Error::Conflict { what, why }) => match get::<T>(objects, name).await? {
            Some(there) if there == *record => Ok(Put::Same),
            _ => Err(Error::Conflict { what, why }.into()),
        },
        answer => Ok(answer?),
    }
}

/// The record called `name`, `None` where there is none.
///
/// # Errors
/// Where it is not a record of this kind, or one of a version that is not known.
pub async fn get<T: Record>(objects: &dyn ObjectStore, name: &Name) -> Result<Option<T>> {
    match objects.get(name).await {
        Ok(object) => from_bytes(name, &object.body).map(Some),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The newest record below `prefix` that is older than `date`.
///
/// # Errors
/// As [`get`].
pub async fn newest_before<T: Record>(
    objects: &dyn ObjectStore,
    prefix: &str,
    date: Date,
) -> Result<Option<T>> {
    let names = objects.list(prefix).await?;
    let older = names
        .iter()
        .filter(|n| names::date_of(n).is_some_and(|d| d < date));
    match older.max() {
        Some(name) => get(objects, name).await,
        None => Ok(None),
    }
}

/// Every record below `prefix`, by name.
///
/// # Errors
/// As [`get`].
pub async fn all<T: Record>(objects: &dyn ObjectStore, prefix: &str) -> Result<Vec<(Name, T)>> {
    let mut records = Vec::new();
    for name in objects.list(prefix).await? {
        if let Some(record) = get(objects, &name).await? {
            records.push((name, record));
        }
    }
    Ok(records)
}

fn unreadable(name: &str, error: &serde_json::Error) -> Failure {
    Failure::damaged(format!(
        "{name}: not a record this version writes ({error})"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use connectors_embedded::objects::FolderObjects;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Weighed {
        grams: u64,
    }

    impl Record for Weighed {
        const VERSION: u32 = 3;

        fn forward(from: u32, document: &mut Value) {
            match from {
                1 => {
                    document["grams"] = (document["kilograms"].as_u64().unwrap_or(0) * 1_000).into()
                }
                _ => document["grams"] = (document["grams"].as_u64().unwrap_or(0) + 1).into(),
            }
        }
    }

    #[test]
    fn an_older_form_is_brought_forward_step_by_step_and_a_newer_one_refused() {
        let read = |text: &str| from_bytes::<Weighed>("scales.json", text.as_bytes());
        assert_eq!(read("{\"kilograms\":2}").unwrap(), Weighed { grams: 2_001 });
        let second = read("{\"version\":2,\"grams\":5}");
        assert_eq!(second.unwrap(), Weighed { grams: 6 });
        let written = to_bytes("scales.json", &Weighed { grams: 7 }).unwrap();
        assert!(written.starts_with(b"{\n  \"version\": 3,"));
        assert_eq!(
            from_bytes::<Weighed>("x", &written).unwrap(),
            Weighed { grams: 7 }
        );
        for odd in ["{\"version\":4,\"grams\":5}", "{\"version\":0,\"grams\":5}"] {
            let refused = read(odd).unwrap_err();
            assert!(
                refused.remedy.contains("newer tieout"),
                "{}",
                refused.message
            );
        }
        for odd in [
            "",
            "[]",
            "[1, 1]",
            "[null, null]",
            "{\"version\":\"3\"}",
            "{\"version\":3}",
            "{\"version\":-1}",
        ] {
            let refused = read(odd).unwrap_err();
            assert!(
                refused.message.contains("scales.json"),
                "{}",
                refused.message
            );
        }
    }

    #[tokio::test]
    async fn what_an_older_program_wrote_is_the_same_record_where_it_says_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let store = FolderObjects::open(dir.path()).unwrap();
        let name = Name::parse("scales.json").unwrap();
        let old = b"{\"kilograms\":2}".to_vec();
        store.put_new(&name, old.clone().into()).await.unwrap();
        let put = |grams| {
            let (store, name) = (&store, &name);
            async move { super::put(store, name, &Weighed { grams }).await }
        };
        assert_eq!(put(2_001).await.unwrap(), Put::Same);
        assert!(put(2_002).await.is_err());
        assert_eq!(store.get(&name).await.unwrap().body, old);
    }
}
