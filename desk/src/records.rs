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
mod record;
mod source;
pub mod witness;

use crate::failure::{Failure, Result};
use crate::names;
use checksum::Checksum;
use connectors::{BELIEVED_BYTES, Error, Name, ObjectStore, Put};
use jiff::civil::Date;
use serde_json::Value;
use settlement::archive::Hash256;

pub use crate::failure::RESTORE;
pub use record::{Record, from_bytes, to_bytes, version_of};
pub use source::{Read, Source, prove};

/// The list called `field` of a document, to be brought forward; empty where there is none.
pub fn list<'a>(document: &'a mut Value, field: &str) -> impl Iterator<Item = &'a mut Value> {
    let list = document.get_mut(field).and_then(Value::as_array_mut);
    list.into_iter().flatten()
}

/// Writes a record under a name that must be free or hold the same record. One that an older
/// program wrote in its own form is the same where it says the same.
///
/// # Errors
/// Where another record has the name: two runs of one job disagree, and neither may win.
pub async fn put<T: Record>(objects: &dyn ObjectStore, name: &Name, record: &T) -> Result<Put> {
    let body = to_bytes(name, record)?;
    if body.len() as u64 > BELIEVED_BYTES {
        let why = format!("{name}: more than {BELIEVED_BYTES} bytes, which no record may have");
        return Err(Failure::could_not(why).remedy("find out what the day has too much of"));
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use connectors_embedded::objects::FolderObjects;
    use serde::{Deserialize, Serialize};

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

    #[test]
    fn a_record_in_another_form_than_it_is_written_in_is_refused_whatever_its_checksum() {
        let written = to_bytes("scales.json", &Weighed { grams: 7 }).unwrap();
        let text = String::from_utf8(written).unwrap();
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let plain = [&lines[..2], &lines[3..]].concat().concat();
        for odd in [
            plain.replace(": 7", ":  7"),
            plain.replace(": 7", ": 7,\n  \"ounces\": 1"),
            format!("{plain}\n"),
            plain.replace("\n", "\r\n"),
        ] {
            let odd = checksum::insert(odd.as_bytes());
            let refused = from_bytes::<Weighed>("scales.json", &odd).unwrap_err();
            assert!(refused.message.starts_with("scales.json: "), "{refused}");
        }
        let same = checksum::insert(plain.as_bytes());
        assert!(from_bytes::<Weighed>("scales.json", &same).is_ok());
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
