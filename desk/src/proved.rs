//! Objects of any size, which are in memory only once it is proved that they are what is meant.
//!
//! Somebody may have put something else under an object's name, larger than any memory. What is
//! small is read and then proved; what is not is read twice, the first time for its hash alone.

use crate::failure::{Failure, Result};
use bytes::Bytes;
use connectors::{BELIEVED_BYTES, Error, Name, ObjectStore};
use settlement::archive::{Hash256, Sha256};
use std::fs::File;
use std::io::Write;

/// The bytes of the object called `name`, `None` where there is none; `hold` says whether their
/// hash is the one that they must have.
///
/// # Errors
/// What `hold` says, and where the object cannot be read.
pub async fn whole(
    objects: &dyn ObjectStore,
    name: &Name,
    hold: impl Fn(Hash256) -> Result<()>,
) -> Result<Option<Bytes>> {
    let Some(size) = objects.size(name).await? else {
        return Ok(None);
    };
    if size > BELIEVED_BYTES {
        let Some(meta) = objects.head(name).await? else {
            return Ok(None);
        };
        hold(Hash256::from_bytes(meta.sha256))?;
    }
    let object = match objects.get_large(name).await {
        Err(Error::NotFound { .. }) => return Ok(None),
        object => object?,
    };
    hold(Hash256::from_bytes(object.sha256))?;
    Ok(Some(object.body))
}

/// What of an object is in memory while it goes elsewhere.
const PIECE_BYTES: u64 = 4 << 20;

/// The bytes of the object called `name` as a local file without a name, `None` where there is
/// none: what is read of it afterwards is what was proved, whatever becomes of the object. As
/// [`whole`], for what would fill the memory.
///
/// # Errors
/// As [`whole`], and where there is no room for temporary files.
pub async fn file(
    objects: &dyn ObjectStore,
    name: &Name,
    hold: impl Fn(Hash256) -> Result<()>,
) -> Result<Option<File>> {
    let Some(size) = objects.size(name).await? else {
        return Ok(None);
    };
    let mut file = tempfile::tempfile().map_err(no_room)?;
    let take = |piece: &[u8]| file.write_all(piece).map_err(no_room);
    let there = pieces(objects, name, size, &hold, take).await?;
    Ok(there.then_some(file))
}

/// Hands the bytes of an object on, piece by piece, and holds the hash of all of them at the end:
/// what was taken is believed by nobody before that. Answers whether the object is there.
///
/// # Errors
/// What `hold` and `take` say, and where the object cannot be read or has not this size any more.
pub async fn pieces(
    objects: &dyn ObjectStore,
    name: &Name,
    size: u64,
    hold: impl Fn(Hash256) -> Result<()>,
    mut take: impl FnMut(&[u8]) -> Result<()>,
) -> Result<bool> {
    if size > BELIEVED_BYTES {
        let Some(meta) = objects.head(name).await? else {
            return Ok(false);
        };
        hold(Hash256::from_bytes(meta.sha256))?;
    }
    let (mut hash, mut at) = (Sha256::new(), 0);
    while at < size {
        // saturates: the end of the object is less
        let end = at.saturating_add(PIECE_BYTES).min(size);
        let piece = match objects.get_range(name, at..end).await {
            Err(Error::NotFound { .. }) => return Ok(false),
            piece => piece?,
        };
        hash.update(&piece);
        take(&piece)?;
        at = end;
    }
    hold(hash.finish())?;
    Ok(true)
}

fn no_room(error: std::io::Error) -> Failure {
    let kept = "nothing was read of it; make room there or set TMPDIR, then run the same again";
    Failure::of_file(&std::env::temp_dir(), kept)(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use connectors_embedded::objects::FolderObjects;
    use std::io::{Read, Seek};

    #[tokio::test]
    async fn what_is_large_is_in_memory_only_where_it_is_what_is_meant() {
        let dir = tempfile::tempdir().unwrap();
        let store = FolderObjects::open(dir.path()).unwrap();
        let name = Name::parse("large").unwrap();
        let file = File::create(dir.path().join("large")).unwrap();
        file.set_len(BELIEVED_BYTES + 1).unwrap();
        let other = |_| Err(Failure::damaged("another"));
        let refused = whole(&store, &name, other).await.unwrap_err();
        assert_eq!(refused.message, "another");
        let ours = whole(&store, &name, |_| Ok(())).await.unwrap();
        assert_eq!(ours.unwrap().len() as u64, BELIEVED_BYTES + 1);
        let gone = whole(&store, &Name::parse("gone").unwrap(), |_| Ok(())).await;
        assert_eq!(gone.unwrap(), None);
    }

    #[tokio::test]
    async fn what_comes_as_a_file_is_what_was_proved() {
        let dir = tempfile::tempdir().unwrap();
        let store = FolderObjects::open(dir.path()).unwrap();
        let name = Name::parse("part").unwrap();
        let length = usize::try_from(2 * PIECE_BYTES).unwrap() + 7;
        let body: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
        store.put_new(&name, body.clone().into()).await.unwrap();
        let ours = settlement::archive::sha256(&body);
        let hold = |found| match found == ours {
            true => Ok(()),
            false => Err(Failure::damaged("another")),
        };
        let mut found = file(&store, &name, hold).await.unwrap().unwrap();
        std::fs::write(dir.path().join("part"), "another").unwrap();
        let mut read = Vec::new();
        found.rewind().unwrap();
        found.read_to_end(&mut read).unwrap();
        assert!(read == body, "what was proved stays");
        let refused = file(&store, &name, hold).await.unwrap_err();
        assert_eq!(refused.message, "another");
        let gone = file(&store, &Name::parse("gone").unwrap(), hold).await;
        assert!(gone.unwrap().is_none());
    }
}
