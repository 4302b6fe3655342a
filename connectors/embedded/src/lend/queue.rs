//! Queues of a store that is open here, or lent.
//!
//! Where a lender is gone before it answers, a message may have been sent, and is sent again: it
//! then comes twice, as any message may. What was received and not answered comes back when its
//! hold is over.

use super::ask::{Answer, Ask, MESSAGES, unreadable};
use super::asking::{put, question};
use super::node::Node;
use async_trait::async_trait;
use bytes::Bytes;
use connectors::{DeadLetter, Message, Queue, Receipt, Result};
use std::sync::Arc;
use std::time::Duration;

/// A [`Queue`] in a store that is open here, or lent.
pub struct LentQueue {
    node: Arc<Node>,
}

impl LentQueue {
    /// Queues of the store of `node`.
    pub const fn over(node: Arc<Node>) -> LentQueue {
        LentQueue { node }
    }

    async fn ask(&self, ask: Ask) -> Result<Answer> {
        Ok(put(&self.node, &question("", ask)?).await?.answer)
    }
}

#[async_trait]
impl Queue for LentQueue {
    async fn send(&self, queue: &str, body: Bytes) -> Result<u64> {
        if let Some(store) = self.node.own() {
            return store.queue().send(queue, body).await;
        }
        match self.ask(Ask::Send(queue.to_owned(), body.into())).await? {
            Answer::Sent(number) => Ok(number),
            _ => Err(unreadable()),
        }
    }

    async fn receive(&self, queue: &str, limit: usize, hold: Duration) -> Result<Vec<Message>> {
        if let Some(store) = self.node.own() {
            return store.queue().receive(queue, limit, hold).await;
        }
        let ask = Ask::Receive(queue.to_owned(), limit, hold);
        let Answer::Messages(messages) = self.ask(ask).await? else {
            return Err(unreadable());
        };
        let message = |(receipt, body): (Receipt, Vec<u8>)| Message {
            receipt,
            body: body.into(),
        };
        Ok(messages.into_iter().map(message).collect())
    }

    async fn ack(&self, queue: &str, receipt: &Receipt) -> Result<()> {
        if let Some(store) = self.node.own() {
            return store.queue().ack(queue, receipt).await;
        }
        let ask = Ask::Ack(queue.to_owned(), receipt.clone());
        self.ask(ask).await.map(drop)
    }

    async fn extend(&self, queue: &str, receipt: &Receipt, hold: Duration) -> Result<()> {
        if let Some(store) = self.node.own() {
            return store.queue().extend(queue, receipt, hold).await;
        }
        let ask = Ask::Extend(queue.to_owned(), receipt.clone(), hold);
        self.ask(ask).await.map(drop)
    }

    async fn dead_letters(
        &self,
        queue: &str,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<DeadLetter>> {
        if let Some(store) = self.node.own() {
            return store.queue().dead_letters(queue, after, limit).await;
        }
        let (mut all, mut after) = (Vec::new(), after);
        while all.len() < limit {
            let some = (limit - all.len()).min(MESSAGES);
            let ask = Ask::DeadLetters(queue.to_owned(), after, some);
            let Answer::Letters(letters) = self.ask(ask).await? else {
                return Err(unreadable());
            };
            let count = letters.len();
            all.extend(letters.into_iter().map(|(message, body)| DeadLetter {
                message,
                body: body.into(),
            }));
            after = all.last().map(|letter| letter.message).or(after);
            if count < some {
                break;
            }
        }
        Ok(all)
    }
}
