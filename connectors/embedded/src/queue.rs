//! Queues in the embedded database, beside the payments.
//!
//! A message's key is its queue and number; its value says until when somebody holds it and how
//! often it has been received. All work is done under one lock and fsynced before the answer.

use super::{database, files};
use async_trait::async_trait;
use bytes::Bytes;
use connectors::{Clock, DeadLetter, Error, Message, Queue, Receipt, Result};
use fjall::{Database, Keyspace, OwnedWriteBatch, PersistMode};
use std::ops::Bound;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A message received this often without an ack becomes a dead letter at the next receipt.
pub const RECEIPTS: u32 = 5;

/// The largest message: what the queue of the cloud adapter takes.
const BODY_BYTES: usize = 256 << 10;

/// The longest queue name.
const NAME_BYTES: usize = 80;

const STORE: &str = "queue";

/// A key that no queue has: a name has at least one byte.
const NO_QUEUE: [u8; 1] = [0];

/// A [`Queue`] in an embedded database.
#[derive(Clone)]
pub struct EmbeddedQueue {
    inner: Arc<Inner>,
}

struct Inner {
    db: Database,
    /// queue, number -> held until (microseconds), received, body.
    messages: Keyspace,
    /// queue, number -> body.
    dead: Keyspace,
    /// queue -> last number.
    numbers: Keyspace,
    clock: Arc<dyn Clock>,
    turn: Mutex<()>,
}

impl EmbeddedQueue {
    /// Queues in `db`; `clock` says when a hold is over.
    ///
    /// # Errors
    /// What stands in the way of the database.
    pub fn new(db: Database, clock: Arc<dyn Clock>) -> Result<EmbeddedQueue> {
        let messages = database::keyspace(&db, "queue_messages")?;
        let dead = database::keyspace(&db, "queue_dead")?;
        let numbers = database::keyspace(&db, "queue_numbers")?;
        let inner = Inner {
            db,
            messages,
            dead,
            numbers,
            clock,
            turn: Mutex::new(()),
        };
        Ok(EmbeddedQueue {
            inner: Arc::new(inner),
        })
    }

    async fn run<T: Send + 'static>(
        &self,
        queue: &str,
        work: impl FnOnce(&Inner, Vec<u8>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if queue.is_empty() || queue.len() > NAME_BYTES || queue.contains('\0') {
            let why = "a name has 1 to 80 bytes, none of them zero";
            return Err(Error::invalid(format!("queue {queue:?}"), why));
        }
        let (inner, mut prefix) = (Arc::clone(&self.inner), queue.as_bytes().to_vec());
        prefix.push(0);
        files::blocking(move || {
            let _turn = inner.turn.lock().unwrap_or_else(PoisonError::into_inner);
            work(&inner, prefix)
        })
        .await
    }
}

/// A message as it is kept.
struct Kept {
    held_until: i64,
    received: u32,
    body: Bytes,
}

impl Kept {
    fn read(bytes: &[u8]) -> Result<Kept> {
        let damaged = || Error::corrupt(STORE, "a message has the wrong shape");
        let (held_until, rest) = bytes.split_first_chunk().ok_or_else(damaged)?;
        let (received, body) = rest.split_first_chunk().ok_or_else(damaged)?;
        Ok(Kept {
            held_until: i64::from_be_bytes(*held_until),
            received: u32::from_be_bytes(*received),
            body: Bytes::copy_from_slice(body),
        })
    }

    fn bytes(&self) -> Vec<u8> {
        let (held_until, received) = (self.held_until.to_be_bytes(), self.received.to_be_bytes());
        [&held_until[..], &received[..], &self.body[..]].concat()
    }
}

fn key(prefix: &[u8], number: u64) -> Vec<u8> {
    [prefix, &number.to_be_bytes()[..]].concat()
}

fn number_of(key: &[u8]) -> Result<u64> {
    let number = key
        .last_chunk()
        .ok_or_else(|| Error::corrupt(STORE, "a key is too short"))?;
    Ok(u64::from_be_bytes(*number))
}

fn unwritten(error: fjall::Error) -> Error {
    database::unwritten(STORE, &error)
}

fn failed(error: fjall::Error) -> Error {
    database::error(STORE, &error)
}

impl Inner {
    fn batch(&self) -> OwnedWriteBatch {
        self.db.batch().durability(Some(PersistMode::SyncAll))
    }

    /// A batch that only removes still writes something that stays: the numbers of batches go
    /// upwards (see [`crate::journal`]), and those of removals are forgotten with what they
    /// removed.
    fn removing(&self) -> OwnedWriteBatch {
        let mut batch = self.batch();
        batch.insert(&self.numbers, NO_QUEUE, []);
        batch
    }

    fn until(&self, hold: Duration) -> i64 {
        // saturates: what is held for so long is held for ever
        let micros = i64::try_from(hold.as_micros()).unwrap_or(i64::MAX);
        // saturates: the same
        self.clock.now().as_microsecond().saturating_add(micros)
    }

    fn send(&self, prefix: &[u8], body: &Bytes) -> Result<u64> {
        let last = self.numbers.get(prefix).map_err(failed)?;
        let number = last
            .map(|bytes| number_of(&bytes))
            .transpose()?
            .unwrap_or(0)
            + 1;
        let kept = Kept {
            held_until: i64::MIN,
            received: 0,
            body: body.clone(),
        };
        let mut batch = self.batch();
        batch.insert(&self.numbers, prefix, number.to_be_bytes());
        batch.insert(&self.messages, key(prefix, number), kept.bytes());
        batch.commit().map_err(unwritten)?;
        Ok(number)
    }

    fn receive(&self, prefix: &[u8], limit: usize, hold: Duration) -> Result<Vec<Message>> {
        let (now, until) = (self.clock.now().as_microsecond(), self.until(hold));
        let mut batch = self.batch();
        let mut taken = Vec::new();
        for row in self.messages.prefix(prefix) {
            if taken.len() >= limit {
                break;
            }
            let (key, value) = row.into_inner().map_err(failed)?;
            let mut kept = Kept::read(&value)?;
            if kept.held_until > now {
                continue;
            }
            if kept.received >= RECEIPTS {
                batch.remove(&self.messages, key.clone());
                batch.insert(&self.dead, key, &kept.body[..]);
                continue;
            }
            (kept.held_until, kept.received) = (until, kept.received + 1);
            let receipt = Receipt {
                message: number_of(&key)?,
                received: kept.received,
            };
            batch.insert(&self.messages, key, kept.bytes());
            taken.push(Message {
                receipt,
                body: kept.body,
            });
        }
        batch.commit().map_err(unwritten)?;
        Ok(taken)
    }

    /// The message of a receipt that nobody has received since.
    fn held(&self, prefix: &[u8], receipt: &Receipt) -> Result<Option<Kept>> {
        let found = self
            .messages
            .get(key(prefix, receipt.message))
            .map_err(failed)?;
        let Some(kept) = found.map(|bytes| Kept::read(&bytes)).transpose()? else {
            return Ok(None);
        };
        if kept.received != receipt.received {
            let what = format!("message {}", receipt.message);
            return Err(Error::conflict(
                what,
                "its hold ended and somebody else received it",
            ));
        }
        Ok(Some(kept))
    }
}

#[async_trait]
impl Queue for EmbeddedQueue {
    async fn send(&self, queue: &str, body: Bytes) -> Result<u64> {
        if body.len() > BODY_BYTES {
            let why =
                "a message has at most 256 KiB; put the rest into an object and send its name";
            return Err(Error::invalid(format!("queue {queue}"), why));
        }
        self.run(queue, move |inner, prefix| inner.send(&prefix, &body))
            .await
    }

    async fn receive(&self, queue: &str, limit: usize, hold: Duration) -> Result<Vec<Message>> {
        self.run(queue, move |inner, prefix| {
            inner.receive(&prefix, limit, hold)
        })
        .await
    }

    async fn ack(&self, queue: &str, receipt: &Receipt) -> Result<()> {
        let receipt = receipt.clone();
        self.run(queue, move |inner, prefix| {
            if inner.held(&prefix, &receipt)?.is_none() {
                return Ok(());
            }
            let mut batch = inner.removing();
            batch.remove(&inner.messages, key(&prefix, receipt.message));
            batch.commit().map_err(unwritten)
        })
        .await
    }

    async fn extend(&self, queue: &str, receipt: &Receipt, hold: Duration) -> Result<()> {
        let receipt = receipt.clone();
        self.run(queue, move |inner, prefix| {
            let gone = || Error::not_found(format!("message {}", receipt.message));
            let mut kept = inner.held(&prefix, &receipt)?.ok_or_else(gone)?;
            kept.held_until = inner.until(hold);
            let mut batch = inner.batch();
            batch.insert(&inner.messages, key(&prefix, receipt.message), kept.bytes());
            batch.commit().map_err(unwritten)
        })
        .await
    }

    async fn dead_letters(
        &self,
        queue: &str,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<DeadLetter>> {
        self.run(queue, move |inner, prefix| {
            let from = match after {
                Some(number) => Bound::Excluded(key(&prefix, number)),
                None => Bound::Included(prefix.clone()),
            };
            let rows = inner
                .dead
                .range((from, Bound::Included(key(&prefix, u64::MAX))));
            rows.take(limit)
                .map(|row| {
                    let (key, body) = row.into_inner().map_err(failed)?;
                    let body = Bytes::copy_from_slice(&body);
                    Ok(DeadLetter {
                        message: number_of(&key)?,
                        body,
                    })
                })
                .collect()
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use connectors_conformance as conformance;
    use connectors_conformance::HandClock;

    #[tokio::test]
    async fn it_is_a_queue() {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(HandClock::default());
        let db = database::make(dir.path()).unwrap();
        let queue = EmbeddedQueue::new(db, clock.clone()).unwrap();
        conformance::messages_are_delivered_until_acknowledged(&queue, &clock).await;
        conformance::hopeless_messages_are_set_aside(&queue, &clock).await;
    }
}
