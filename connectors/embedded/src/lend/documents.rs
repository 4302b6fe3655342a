//! Documents of a store that is open here, or lent.
//!
//! Where a lender is gone before it answers, a change may have been made. Asked again it is then
//! refused, because the document has another version; it was ours where the document is what we
//! meant it to be.

use super::ask::{Answer, Ask, MESSAGES, unreadable};
use super::asking::{Answered, put, question};
use super::node::Node;
use async_trait::async_trait;
use bytes::Bytes;
use connectors::{Document, Documents, Error, Result};
use std::sync::Arc;

/// [`Documents`] in a store that is open here, or lent.
pub struct LentDocuments {
    node: Arc<Node>,
}

impl LentDocuments {
    /// Documents of the store of `node`.
    pub const fn over(node: Arc<Node>) -> LentDocuments {
        LentDocuments { node }
    }

    /// Asks for a change; answers what became of it, and whether it was asked before.
    async fn change(&self, ask: Ask) -> Result<(Result<u64>, bool)> {
        let Answered { answer, again } = put(&self.node, &question("", ask)?).await?;
        match answer {
            Answer::Changed(changed) => Ok((changed.map_err(|e| e.read()), again)),
            _ => Err(unreadable()),
        }
    }

    async fn some(&self, ask: Ask) -> Result<Vec<Document>> {
        match put(&self.node, &question("", ask)?).await?.answer {
            Answer::Documents(all) => Ok(all.into_iter().map(|form| form.read()).collect()),
            _ => Err(unreadable()),
        }
    }
}

#[async_trait]
impl Documents for LentDocuments {
    async fn put(&self, collection: &str, name: &str, seen: u64, body: Bytes) -> Result<u64> {
        if let Some(store) = self.node.own() {
            return store.documents().put(collection, name, seen, body).await;
        }
        let ask = Ask::PutDocument(
            collection.to_owned(),
            name.to_owned(),
            seen,
            body.clone().into(),
        );
        match self.change(ask).await? {
            (Err(refused @ Error::Conflict { .. }), true) => {
                let there = self.get(collection, name).await?;
                let ours = there.filter(|one| one.version > seen && one.body == body);
                ours.map(|one| one.version).ok_or(refused)
            }
            (changed, _) => changed,
        }
    }

    async fn get(&self, collection: &str, name: &str) -> Result<Option<Document>> {
        if let Some(store) = self.node.own() {
            return store.documents().get(collection, name).await;
        }
        let ask = Ask::GetDocument(collection.to_owned(), name.to_owned());
        Ok(self.some(ask).await?.pop())
    }

    async fn list(
        &self,
        collection: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>> {
        if let Some(store) = self.node.own() {
            return store
                .documents()
                .list(collection, prefix, after, limit)
                .await;
        }
        let (mut all, mut after): (Vec<Document>, _) = (Vec::new(), after.map(str::to_owned));
        while all.len() < limit {
            let some = (limit - all.len()).min(MESSAGES);
            let (collection, prefix) = (collection.to_owned(), prefix.to_owned());
            let ask = Ask::ListDocuments(collection, prefix, after.clone(), some);
            let page = self.some(ask).await?;
            let count = page.len();
            all.extend(page);
            after = all.last().map(|one| one.name.clone()).or(after);
            if count < some {
                break;
            }
        }
        Ok(all)
    }

    async fn remove(&self, collection: &str, name: &str, seen: u64) -> Result<()> {
        if let Some(store) = self.node.own() {
            return store.documents().remove(collection, name, seen).await;
        }
        let ask = Ask::RemoveDocument(collection.to_owned(), name.to_owned(), seen);
        match self.change(ask).await? {
            (Err(refused @ Error::Conflict { .. }), true) => {
                match self.get(collection, name).await? {
                    None => Ok(()),
                    Some(_) => Err(refused),
                }
            }
            (changed, _) => changed.map(drop),
        }
    }
}
