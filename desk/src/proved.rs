//! Objects of any size, which are in memory only once it is proved that they are what is meant.
//!
//! Somebody may have put something else under an object's name, larger than any memory. What is
//! small is read and then proved; what is not is read twice, the first time for its hash alone.

use crate::failure::Result;
use bytes::Bytes;
use connectors::{BELIEVED_BYTES, Error, Name, ObjectStore};
use settlement::archive::Hash256;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Failure;
    use connectors_embedded::objects::FolderObjects;
    use std::fs::File;

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
}
