//! What every place must do with its mark.

use connectors::{Error, Identity, Mark, Strangers};

/// An identity stands only in the place of the one that was seen.
pub async fn identities_change_only_from_what_was_seen(mark: &dyn Mark) {
    let identity = |epoch| Identity {
        id: "0123456789abcdef0123456789abcdef".to_owned(),
        epoch,
    };
    assert_eq!(mark.read().await.unwrap(), None);
    let holds = mark.holds().await.unwrap();
    mark.write(None, &identity(1)).await.unwrap();
    assert_eq!(mark.read().await.unwrap(), Some(identity(1)));
    assert_eq!(
        mark.holds().await.unwrap(),
        holds,
        "a mark is nothing that is kept"
    );
    for seen in [None, Some(&identity(2))] {
        let refused = mark.write(seen, &identity(3)).await.unwrap_err();
        assert!(matches!(refused, Error::Conflict { .. }), "{refused:?}");
    }
    let strangers = mark.strangers().await.unwrap();
    assert_eq!(strangers, Strangers::default(), "a mark is no stranger");
    mark.write(Some(&identity(1)), &identity(2)).await.unwrap();
    assert_eq!(mark.read().await.unwrap(), Some(identity(2)));
}
