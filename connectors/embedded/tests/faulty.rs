//! The wrapper that breaks ports on purpose, over a store that works.

use bytes::Bytes;
use connectors::faulty::{Faults, Faulty, When};
use connectors::{Name, ObjectStore};
use connectors_embedded::objects::FolderObjects;
use std::sync::Arc;

#[tokio::test]
async fn the_nth_change_fails_on_the_side_it_should() {
    for (when, there) in [(When::Before, false), (When::After, true)] {
        let dir = tempfile::tempdir().unwrap();
        let folder: Arc<dyn ObjectStore> = Arc::new(FolderObjects::open(dir.path()).unwrap());
        let faults = Faults::at(2, when);
        let store = Faulty::new(folder, &faults);
        store
            .put_new(&Name::parse("a").unwrap(), Bytes::new())
            .await
            .unwrap();
        assert!(!faults.struck());
        store
            .put_new(&Name::parse("b").unwrap(), Bytes::new())
            .await
            .unwrap_err();
        assert_eq!(
            store
                .head(&Name::parse("b").unwrap())
                .await
                .unwrap()
                .is_some(),
            there,
            "{when:?}"
        );
        store
            .put_new(&Name::parse("c").unwrap(), Bytes::new())
            .await
            .unwrap();
        assert_eq!((faults.counted(), faults.struck()), (3, true));
    }
}
