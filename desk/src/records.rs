//! Records: small JSON documents on the object store, written once and read for years.
//!
//! Each kind of record has a version, which stands first in the document; one without is of
//! version 1. A reader brings an older form forward in memory, step by step, and refuses one that
//! it does not know: it was written by a newer program. What was written stays as it is, in the
//! store and in the sealed days that hold its hash
//! (docs/adr/0016-versions-of-records.md).
//!
//! Nothing is believed unproved. A record carries a checksum of itself ([`checksum`]); one of a
//! version that had none yet is held against the hash that the upgrade took of it ([`witness`]).
//! A record names what it started from by the hash of its bytes ([`Source`]), so that the days
//! form a chain before they are sealed.

pub mod checksum;
mod source;
pub mod witness;

use crate::failure::{Failure, Result};
use crate::names;
use checksum::Checksum;
use connectors::{Error, Name, ObjectStore, Put};
use jiff::civil::Date;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use settlement::archive::{Hash256, Head, Manifest};

pub use crate::failure::RESTORE;
pub use source::{Read, Source, prove};

/// A kind of record.
pub trait Record: Serialize + DeserializeOwned + PartialEq + Send + Sync {
    /// The version that is written.
    const VERSION: u32;

    /// The first version that carries a checksum of itself.
    const CHECKED_FROM: u32;

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

impl Record for Head {
    const VERSION: u32 = settlement::archive::HEAD_VERSION;
    const CHECKED_FROM: u32 = 2;
    const STAMPED: bool = false;
}

/// A manifest carries no checksum: the chain of sealed days names it by its hash, and whoever
/// reads it holds it against that.
impl Record for Manifest {
    const VERSION: u32 = settlement::archive::SCHEMA_VERSION;
    const CHECKED_FROM: u32 = u32::MAX;
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
    let bytes = bytes.map_err(|e| unreadable(name, &e))?;
    match version >= T::CHECKED_FROM {
        true => Ok(checksum::insert(&bytes)),
        false => Ok(bytes),
    }
}

/// The record behind a document of any version that was ever written, and whether its own
/// checksum proves it: one of an older version may have none.
///
/// # Errors
/// Where it is no record of this kind, one of a version that is not known, or not as it was
/// written.
pub fn from_bytes<T: Record>(name: &str, body: &[u8]) -> Result<(T, Checksum)> {
    let checksum = checksum::check(body);
    if checksum == Checksum::Wrong {
        return Err(damaged(name, "its checksum is not that of its bytes"));
    }
    let found = version_of(name, body)?;
    if found >= T::CHECKED_FROM && checksum == Checksum::Absent {
        return Err(damaged(name, "its checksum is gone"));
    }
    Ok((parsed(name, body, found)?, checksum))
}

fn parsed<T: Record>(name: &str, body: &[u8], version: u32) -> Result<T> {
    if version == T::VERSION {
        return serde_json::from_slice(body).map_err(|e| unreadable(name, &e));
    }
    if version == 0 || version > T::VERSION {
        return Err(Failure::could_not(format!(
            "{name}: of version {version}, and this program knows up to {}",
            T::VERSION
        ))
        .remedy("use the newer tieout that wrote it"));
    }
    let mut document: Value = serde_json::from_slice(body).map_err(|e| unreadable(name, &e))?;
    if !document.is_object() {
        return Err(damaged(name, "not a record, but a list"));
    }
    (version..T::VERSION).for_each(|from| T::forward(from, &mut document));
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

/// The record called `name`, proved, `None` where there is none.
///
/// # Errors
/// Where it is not a record of this kind, one of a version that is not known, or not as it was
/// written.
pub async fn get<T: Record>(objects: &dyn ObjectStore, name: &Name) -> Result<Option<T>> {
    Ok(read(objects, name).await?.map(|read| read.record))
}

/// As [`get`], with the hash of the bytes that it was read from.
///
/// # Errors
/// As [`get`].
pub async fn read<T: Record>(objects: &dyn ObjectStore, name: &Name) -> Result<Option<Read<T>>> {
    let object = match objects.get(name).await {
        Ok(object) => object,
        Err(Error::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let sha256 = Hash256::from_bytes(object.sha256);
    let (record, checksum) = from_bytes(name, &object.body)?;
    if checksum == Checksum::Absent && T::CHECKED_FROM != u32::MAX {
        witness::hold(objects, name, sha256).await?;
    }
    let name = name.clone();
    Ok(Some(Read {
        record,
        source: Source { name, sha256 },
    }))
}

/// The newest record below `prefix` that is older than `date`.
///
/// # Errors
/// As [`get`].
pub async fn newest_before<T: Record>(
    objects: &dyn ObjectStore,
    prefix: &str,
    date: Date,
) -> Result<Option<Read<T>>> {
    let names = objects.list(prefix).await?;
    let older = names
        .iter()
        .filter(|n| names::date_of(n).is_some_and(|d| d < date));
    match older.max() {
        Some(name) => read(objects, name).await,
        None => Ok(None),
    }
}

/// Every record below `prefix`, by name.
///
/// # Errors
/// As [`get`].
pub async fn all<T: Record>(objects: &dyn ObjectStore, prefix: &str) -> Result<Vec<Read<T>>> {
    let mut records = Vec::new();
    for name in objects.list(prefix).await? {
        records.extend(read(objects, &name).await?);
    }
    Ok(records)
}

fn damaged(name: &str, why: &str) -> Failure {
    Failure::damaged(format!("{name}: {why}: it is not as it was written"))
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
        const CHECKED_FROM: u32 = 3;

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
        let read =
            |text: &str| Ok::<_, Failure>(from_bytes::<Weighed>("scales.json", text.as_bytes())?.0);
        assert_eq!(read("{\"kilograms\":2}").unwrap(), Weighed { grams: 2_001 });
        let second = read("{\"version\":2,\"grams\":5}");
        assert_eq!(second.unwrap(), Weighed { grams: 6 });
        let written = to_bytes("scales.json", &Weighed { grams: 7 }).unwrap();
        assert!(written.starts_with(b"{\n  \"version\": 3,"));
        assert_eq!(
            from_bytes::<Weighed>("x", &written).unwrap(),
            (Weighed { grams: 7 }, Checksum::Right)
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

    #[test]
    fn a_record_that_lost_its_checksum_is_refused() {
        let written = to_bytes("scales.json", &Weighed { grams: 7 }).unwrap();
        let text = String::from_utf8(written).unwrap();
        let without: Vec<&str> = text.split_inclusive('\n').collect();
        let without = [&without[..2], &without[3..]].concat().concat();
        for odd in [without, text.replace("7", "8"), text.replacen("3", "2", 1)] {
            let refused = from_bytes::<Weighed>("scales.json", odd.as_bytes()).unwrap_err();
            assert!(refused.message.starts_with("scales.json: "), "{refused}");
            assert_eq!(refused.remedy, RESTORE);
        }
    }

    #[tokio::test]
    async fn what_an_older_program_wrote_is_the_same_record_where_it_says_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let store = FolderObjects::open(dir.path()).unwrap();
        let name = Name::parse("scales.json").unwrap();
        let old = b"{\"kilograms\":2}".to_vec();
        store.put_new(&name, old.clone().into()).await.unwrap();
        let unseen = get::<Weighed>(&store, &name).await.unwrap_err();
        assert!(unseen.remedy.contains("tieout upgrade"), "{unseen}");
        witness::take(&store, &name, &old).await.unwrap();
        let put = |grams| {
            let (store, name) = (&store, &name);
            async move { super::put(store, name, &Weighed { grams }).await }
        };
        assert_eq!(put(2_001).await.unwrap(), Put::Same);
        assert!(put(2_002).await.is_err());
        assert_eq!(store.get(&name).await.unwrap().body, old);
    }
}
